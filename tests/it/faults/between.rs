//! Rows: the network, a proxy, the name service or the machine's clock stands in the way.

use skuferry::domain::phase::Phase;

use super::Cell;
use super::Do;
use super::MOVED;
use super::Reach;
use super::Row;
use super::UNNOTICED;
use super::WRITTEN;
use super::ends;
use crate::middlebox::Spoil;
use crate::middlebox::Which;

/// The request that the phase lives by.
fn its(phase: Phase) -> Which {
    match phase {
        Phase::Preflight => ("GET", "/groups/", ""),
        Phase::AddToTarget => ("PATCH", "/groups/", ""),
        Phase::RemoveFromSource => ("POST", "/$batch", "DELETE"),
        Phase::VerifyAdded | Phase::VerifyMigrated | Phase::Complete => ("GET", "/members", ""),
    }
}

/// The reads of users that the phase lives by.
fn users(phase: Phase) -> Which {
    match phase {
        Phase::Preflight | Phase::AddToTarget => ("POST", "/$batch", ""),
        // The last look, and the verify passes after it, so that what was seen stands for more than a moment.
        Phase::RemoveFromSource => ("", "", ""),
        Phase::VerifyAdded | Phase::VerifyMigrated | Phase::Complete => ("GET", "/members", ""),
    }
}

const PORTAL: &str = "<html><head><title>Welcome</title></head><body>Please pay for the hotel's network.</body></html>";
const NOWHERE: &str = "https://a-name-longer-than-the-sixty-three-letters-that-name-servers-allow.example";
/// A name that nobody will ever have (RFC 2606).
const UNKNOWN: &str = "https://graph.invalid";
const OVER: &[Do] = &[Do::Spoil(its, Spoil::Nothing)];

pub(super) static ROWS: &[Row] = &[
    Row {
        fault: "offline",
        reach: Reach::Through,
        strike: &[Do::Unplug],
        heal: &[Do::Plug],
        takes_licenses: false,
        cells: [ends("no answer: no answer came: error sending request: client error (Connect)", WRITTEN, MOVED); 5],
    },
    Row {
        fault: "Graph's name cannot be looked up",
        reach: Reach::Straight,
        strike: &[Do::Move(NOWHERE)],
        heal: &[Do::Return],
        takes_licenses: false,
        cells: [ends(
            "no answer: no answer came: error sending request: client error (Connect): invalid dns name",
            WRITTEN,
            MOVED,
        ); 5],
    },
    Row {
        fault: "no name server knows Graph's name",
        reach: Reach::Straight,
        strike: &[Do::Move(UNKNOWN)],
        heal: &[Do::Return],
        takes_licenses: false,
        cells: [ends(
            "no answer: no answer came: error sending request: client error (Connect): dns error",
            WRITTEN,
            MOVED,
        ); 5],
    },
    Row {
        fault: "the clock is set an hour ahead",
        reach: Reach::OnItsClock,
        strike: &[Do::Clock(3_600)],
        heal: &[],
        takes_licenses: false,
        cells: [UNNOTICED, UNNOTICED, ends("4 late", WRITTEN, MOVED), UNNOTICED, ends("4 late", WRITTEN, MOVED)],
    },
    Row {
        fault: "the clock is set an hour back",
        reach: Reach::OnItsClock,
        strike: &[Do::Clock(-3_600)],
        heal: &[],
        takes_licenses: false,
        cells: [UNNOTICED; 5],
    },
    Row {
        fault: "JSON that ends too early",
        reach: Reach::Through,
        strike: &[Do::Spoil(its, Spoil::Answer("application/json", "{\"value\": ["))],
        heal: OVER,
        takes_licenses: false,
        cells: [
            ends("a read failed: Graph's answer makes no sense: EOF", WRITTEN, MOVED),
            ends("again, as not every addition was made", "add 4: 204, remove 4: 204 · 3 yes", MOVED),
            ends("a read failed: Graph's answer makes no sense: EOF", WRITTEN, MOVED),
            ends("is still in", "add 4: 204, remove 4: 204 · 3 yes", MOVED),
            ends("a read failed: Graph's answer makes no sense: EOF", WRITTEN, MOVED),
        ],
    },
    Row {
        fault: "a hotel's page in Graph's place",
        reach: Reach::Through,
        strike: &[Do::Spoil(its, Spoil::Answer("text/html", PORTAL))],
        heal: OVER,
        takes_licenses: false,
        cells: [
            ends("a proxy may have given it: \"Welcome Please pay for the hotel's network.\"", WRITTEN, MOVED),
            ends("again, as not every addition was made", "add 4: 204, remove 4: 204 · 3 yes", MOVED),
            ends("a proxy may have given it: \"Welcome Please pay for the hotel's network.\"", WRITTEN, MOVED),
            ends("is still in", "add 4: 204, remove 4: 204 · 3 yes", MOVED),
            ends("a proxy may have given it: \"Welcome Please pay for the hotel's network.\"", WRITTEN, MOVED),
        ],
    },
    Row {
        fault: "an answer of four gigabytes",
        reach: Reach::Through,
        strike: &[Do::Spoil(its, Spoil::Enormous)],
        heal: OVER,
        takes_licenses: false,
        cells: [
            ends("the answer is larger than 64 MiB", WRITTEN, MOVED),
            ends("again, as not every addition was made", "add 4: 204, remove 4: 204 · 3 yes", MOVED),
            ends("the answer is larger than 64 MiB", WRITTEN, MOVED),
            ends("is still in", "add 4: 204, remove 4: 204 · 3 yes", MOVED),
            ends("the answer is larger than 64 MiB", WRITTEN, MOVED),
        ],
    },
    Row {
        fault: "a state that nobody knows",
        reach: Reach::Through,
        strike: &[Do::Spoil(users, Spoil::Word("\"Active\"", "\"Thriving\""))],
        heal: OVER,
        takes_licenses: false,
        cells: [
            ends("Thriving", WRITTEN, MOVED),
            Cell::Moot("no user is read while adding"),
            ends("Thriving", WRITTEN, MOVED),
            ends("Thriving", "add 4: 204, remove 4: 204 · 3 yes", MOVED),
            ends("Thriving", WRITTEN, MOVED),
        ],
    },
    Row {
        fault: "an error that nobody knows",
        reach: Reach::Through,
        strike: &[Do::Spoil(users, Spoil::Word("MutuallyExclusiveViolation", "NovelViolation"))],
        heal: OVER,
        takes_licenses: false,
        cells: [
            Cell::Moot("nobody is in error yet"),
            Cell::Moot("no user is read while adding"),
            ends("NovelViolation", WRITTEN, MOVED),
            ends("NovelViolation", "add 4: 204, remove 4: 204 · 3 yes", MOVED),
            ends("NovelViolation", WRITTEN, MOVED),
        ],
    },
];
