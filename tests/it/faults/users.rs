//! Rows: other administrators delete, rename and move our users.

use super::Cell;
use super::Do;
use super::MOVED;
use super::Reach;
use super::Row;
use super::UNNOTICED;
use super::WRITTEN;
use super::ends;
use super::stays;

const THE_USER: &str = "{\"@odata.id\":\"https://graph.microsoft.com/v1.0/directoryObjects/{user}\"}";
const INTO_TARGET: Do = Do::Admin("POST", "/groups/{target}/members/$ref", THE_USER);
const NOT_YET: Cell = Cell::Moot("nobody is in the target group yet");
const THERE: Cell = Cell::Moot("the user is there already");

pub(super) static ROWS: &[Row] = &[
    Row {
        fault: "a user is deleted",
        reach: Reach::Straight,
        strike: &[Do::Admin("DELETE", "/users/{user}", "")],
        heal: &[],
        takes_licenses: false,
        cells: [
            ends("blocked", "add 3: 204, remove 3: 204 · 2 yes", "3 moved, 1 deleted"),
            ends(
                "again, as not every addition was made … not added",
                "add 4: 404, add 2: 404, add 1: 204, add 1: 404, add 2: 204, remove 3: 204 · 2 yes",
                "3 moved, 1 deleted",
            ),
            ends("deleted", "add 4: 204, remove 3: 204 · 2 yes", "3 moved, 1 deleted"),
            ends("is not removed: \"deleted\" is not safe", "add 4: 204, remove 3: 204 · 2 yes", "3 moved, 1 deleted"),
            ends("deleted", WRITTEN, "3 moved, 1 deleted"),
        ],
    },
    Row {
        fault: "a user is renamed",
        reach: Reach::Straight,
        strike: &[Do::Admin("PATCH", "/users/{user}", "{\"userPrincipalName\":\"new.name@contoso.com\"}")],
        heal: &[],
        takes_licenses: false,
        cells: [
            ends("blocked", "add 3: 204, remove 3: 204 · 2 yes", "3 moved, 1 stayed"),
            UNNOTICED,
            UNNOTICED,
            UNNOTICED,
            UNNOTICED,
        ],
    },
    Row {
        fault: "another administrator adds a user to the target group",
        reach: Reach::Straight,
        strike: &[INTO_TARGET],
        heal: &[],
        takes_licenses: false,
        cells: [
            ends("", "add 3: 204, remove 3: 204 · 2 yes", "3 moved, 1 in both groups"),
            ends(
                "read back",
                "add 4: 400, add 2: 400, add 1: 204, add 1: 400, add 2: 204, remove 4: 204 · 2 yes",
                MOVED,
            ),
            THERE,
            THERE,
            THERE,
        ],
    },
    Row {
        fault: "another administrator takes a user out of the target group, and puts them back",
        reach: Reach::Straight,
        strike: &[Do::Admin("DELETE", "/groups/{target}/members/{user}/$ref", "")],
        heal: &[INTO_TARGET],
        takes_licenses: true,
        cells: [
            NOT_YET,
            NOT_YET,
            // Whether it is noticed before they are back is up to the next reading.
            ends("late", "add 4: 204, remove 4: 204 · 2 yes or add 4: 204, add 1: 400, remove 4: 204 · 3 yes", MOVED),
            stays(
                "is not removed … removed from \"LIC - Office 365 E1\": 3 users",
                "add 4: 204, remove 3: 204 · 2 yes",
                "3 moved, 1 in both groups; waits",
            ),
            ends("NO LICENSE", WRITTEN, MOVED),
        ],
    },
    Row {
        fault: "another administrator takes a user out of the source group",
        reach: Reach::Straight,
        strike: &[Do::Admin("DELETE", "/groups/{source}/members/{user}/$ref", "")],
        heal: &[],
        takes_licenses: true,
        cells: [
            ends("", "add 3: 204, remove 3: 204 · 2 yes", "3 moved, 1 elsewhere, 1 without a license"),
            ends("  migrated  ", "add 4: 204, remove 1: 204, remove 1: 404, remove 2: 204 · 2 yes", MOVED),
            ends("  migrated  ", "add 4: 204, remove 1: 204, remove 1: 404, remove 2: 204 · 2 yes", MOVED),
            ends("  migrated  ", "add 4: 204, remove 1: 204, remove 1: 404, remove 2: 204 · 2 yes", MOVED),
            Cell::Moot("the user is out already"),
        ],
    },
    Row {
        fault: "another administrator puts a user back into the source group",
        reach: Reach::Straight,
        strike: &[Do::Admin("POST", "/groups/{source}/members/$ref", THE_USER)],
        heal: &[],
        takes_licenses: false,
        cells: [THERE, THERE, THERE, THERE, stays("conflict as expected", WRITTEN, "3 moved, 1 in both groups; waits")],
    },
];
