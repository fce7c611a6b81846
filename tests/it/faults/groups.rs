//! Rows: other administrators change the groups, what these license, and the seats.

use super::Cell;
use super::Do;
use super::MOVED;
use super::Reach;
use super::Row;
use super::UNNOTICED;
use super::WRITTEN;
use super::ends;
use super::stays;

const OFF_TARGET: Do =
    Do::Admin("POST", "/groups/{target}/assignLicense", "{\"addLicenses\":[],\"removeLicenses\":[\"{target-sku}\"]}");
const OFF_COMPANION: Do = Do::Admin(
    "POST",
    "/groups/{target}/assignLicense",
    "{\"addLicenses\":[],\"removeLicenses\":[\"{companion-sku}\"]}",
);
const OFF_SOURCE: Do =
    Do::Admin("POST", "/groups/{source}/assignLicense", "{\"addLicenses\":[],\"removeLicenses\":[\"{source-sku}\"]}");
const ON_TARGET: Do = Do::Admin(
    "POST",
    "/groups/{target}/assignLicense",
    "{\"addLicenses\":[{\"skuId\":\"{target-sku}\",\"disabledPlans\":[]}],\"removeLicenses\":[]}",
);

/// Licensing is done with a group before it is deleted.
const AT_ONCE: Do = Do::Sim("[licensing]\nleast = \"1ms\"\ntypical = \"1ms\"\nmost = \"1ms\"\n");

const NOBODY: &str = "no user is ready: mend what preflight found";
const NO_SOURCE: &str = "the tenant has no source group b82c04f0-ce30-4ff1-bac7-735d92d83036: mend it";
const NO_TARGET: &str = "the tenant has no target group bcf279d1-5ad5-46a5-b469-4b8a552aa2fe: mend it";
const UNLICENSED_SOURCE: &str = "the source group \"LIC - Office 365 E1\" does not assign Office 365 E1: mend it";
const UNLICENSED_TARGET: &str = "the target group \"LIC - Office 365 E3\" does not assign Office 365 E3: mend it";
const RULED_SOURCE: &str = "a rule decides who is in the source group \"LIC - Office 365 E1\": mend it";
const RULED_TARGET: &str = "a rule decides who is in the target group \"LIC - Office 365 E3\": mend it";
const COMPLETE: &str = "migration complete";
const ALARM: &str = "without a license · nothing is written";

pub(super) static ROWS: &[Row] = &[
    Row {
        fault: "the target license is taken off its group, and put back",
        reach: Reach::Straight,
        strike: &[AT_ONCE, OFF_TARGET],
        heal: &[ON_TARGET],
        takes_licenses: true,
        cells: [
            ends(UNLICENSED_TARGET, WRITTEN, MOVED),
            ends(UNLICENSED_TARGET, "add 4: 204, remove 4: 204 · 3 yes", MOVED),
            ends(UNLICENSED_TARGET, WRITTEN, MOVED),
            ends(UNLICENSED_TARGET, "add 4: 204, remove 4: 204 · 3 yes", MOVED),
            ends(ALARM, WRITTEN, MOVED),
        ],
    },
    Row {
        fault: "the source license is taken off its group",
        reach: Reach::Straight,
        strike: &[AT_ONCE, OFF_SOURCE],
        heal: &[],
        takes_licenses: true,
        cells: [
            stays(NOBODY, "nothing · 0 yes", "4 stayed, 3 without a license; waits"),
            stays(UNLICENSED_SOURCE, "nothing · 1 yes", "4 stayed, 3 without a license; waits"),
            ends(COMPLETE, "add 4: 204 · 1 yes", "4 in both groups"),
            ends(COMPLETE, "add 4: 204 · 2 yes", "4 in both groups"),
            UNNOTICED,
        ],
    },
    Row {
        fault: "the target group is deleted",
        reach: Reach::Straight,
        strike: &[OFF_TARGET, OFF_COMPANION, Do::Admin("DELETE", "/groups/{target}", "")],
        heal: &[],
        takes_licenses: true,
        cells: [
            stays(NO_TARGET, "nothing · 0 yes", "4 stayed; waits"),
            stays(NO_TARGET, "nothing · 1 yes", "4 stayed; waits"),
            stays(NO_TARGET, "add 4: 204 · 1 yes", "4 stayed; waits"),
            stays(NO_TARGET, "add 4: 204 · 2 yes", "4 stayed; waits"),
            stays(ALARM, WRITTEN, "4 elsewhere, 3 without a license; waits"),
        ],
    },
    Row {
        fault: "the source group is deleted",
        reach: Reach::Straight,
        strike: &[AT_ONCE, OFF_SOURCE, Do::Admin("DELETE", "/groups/{source}", "")],
        heal: &[],
        takes_licenses: true,
        cells: [
            stays(NOBODY, "nothing · 0 yes", "4 elsewhere, 3 without a license; waits"),
            stays(NO_SOURCE, "nothing · 1 yes", "4 elsewhere, 3 without a license; waits"),
            ends(COMPLETE, "add 4: 204 · 1 yes", MOVED),
            ends(COMPLETE, "add 4: 204 · 2 yes", MOVED),
            UNNOTICED,
        ],
    },
    Row {
        fault: "the target group is made dynamic",
        reach: Reach::Straight,
        strike: &[Do::Sim("[[event]]\nmake_dynamic = \"{target}\"\n")],
        heal: &[],
        takes_licenses: true,
        cells: [
            stays(RULED_TARGET, "nothing · 0 yes", "4 stayed; waits"),
            stays(RULED_TARGET, "nothing · 1 yes", "4 stayed; waits"),
            stays(RULED_TARGET, "add 4: 204 · 1 yes", "4 stayed; waits"),
            stays(RULED_TARGET, "add 4: 204 · 2 yes", "4 stayed; waits"),
            stays(ALARM, WRITTEN, "4 elsewhere, 3 without a license; waits"),
        ],
    },
    Row {
        fault: "the source group is made dynamic",
        reach: Reach::Straight,
        strike: &[AT_ONCE, Do::Sim("[[event]]\nmake_dynamic = \"{source}\"\n")],
        heal: &[],
        takes_licenses: true,
        cells: [
            stays(NOBODY, "nothing · 0 yes", "4 elsewhere, 3 without a license; waits"),
            stays(RULED_SOURCE, "nothing · 1 yes", "4 elsewhere, 3 without a license; waits"),
            ends(COMPLETE, "add 4: 204 · 1 yes", MOVED),
            ends(COMPLETE, "add 4: 204 · 2 yes", MOVED),
            UNNOTICED,
        ],
    },
    Row {
        fault: "the seats are gone, and bought again",
        reach: Reach::Straight,
        strike: &[Do::Sim("[[event]]\ndrain = \"ENTERPRISEPACK\"\n")],
        heal: &[Do::Sim("[[event]]\nseats = { sku = \"ENTERPRISEPACK\", enabled = 1000 }\n")],
        takes_licenses: true,
        cells: [
            ends("0 seats of Office 365 E3 are free, 4 are needed", WRITTEN, MOVED),
            Cell::Moot("while the two exclude each other, the target takes no seat before the removal"),
            ends("seats 0 free", WRITTEN, MOVED),
            ends("halted: 0 seats of Office 365 E3 are free, 4 are needed", "add 4: 204, remove 4: 204 · 3 yes", MOVED),
            stays(ALARM, WRITTEN, "4 moved, 3 without a license; waits"),
        ],
    },
];
