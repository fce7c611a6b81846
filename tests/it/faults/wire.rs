//! Rows: Graph and the sign-in answer otherwise than they should, or not at all.

use super::Cell;
use super::Do;
use super::MOVED;
use super::Reach;
use super::Row;
use super::UNNOTICED;
use super::WRITTEN;
use super::ends;

const OVER: &[Do] = &[Do::Sim("")];

pub(super) static ROWS: &[Row] = &[
    Row {
        fault: "the token ends, and another is given",
        reach: Reach::SignedIn,
        strike: &[Do::Sim("[[event]]\nrevoke_tokens = true\n")],
        heal: &[],
        takes_licenses: false,
        cells: [UNNOTICED; 5],
    },
    Row {
        fault: "the token ends, and no other is given until the secret is mended",
        reach: Reach::SignedIn,
        strike: &[Do::Sim("[[app]]\nclient_id = \"{app}\"\nsecret = \"another\"\n[[event]]\nrevoke_tokens = true\n")],
        heal: &[Do::Sim("[[app]]\nclient_id = \"{app}\"\nsecret = \"s3cret\"\n")],
        takes_licenses: false,
        cells: [ends(
            "signing in failed; the run waits, and goes on by itself once it works … AADSTS7000215",
            WRITTEN,
            MOVED,
        ); 5],
    },
    Row {
        fault: "401 once",
        reach: Reach::SignedIn,
        strike: &[Do::Sim("[[fault]]\non = \"{request}\"\nfirst = 1\nanswer = 401\n")],
        heal: &[],
        takes_licenses: false,
        cells: [
            UNNOTICED,
            ends("", "add 4: 401, add 4: 204, remove 4: 204 · 2 yes", MOVED),
            UNNOTICED,
            ends(
                "a removal waits and is tried again",
                "add 4: 204, remove 1: 401, remove 3: 204, remove 1: 204 · 2 yes",
                MOVED,
            ),
            UNNOTICED,
        ],
    },
    Row {
        fault: "403 until the permission is given",
        reach: Reach::SignedIn,
        strike: &[Do::Sim(
            "[[fault]]\non = \"{request}\"\nanswer = 403\n\
             [[fault]]\non = \"POST /groups/*/members/$ref\"\nanswer = 403\n",
        )],
        heal: OVER,
        takes_licenses: false,
        cells: [
            ends(
                "Insufficient privileges to complete the operation. Needed: Group.Read.All or GroupMember.Read.All",
                WRITTEN,
                MOVED,
            ),
            ends(
                "halted: a write failed: Insufficient privileges to complete the operation. Needed: GroupMember.ReadWrite.All and a role",
                "add 4: 403, add 1: 403, add 1: 403, add 1: 403, add 1: 403, add 4: 204, remove 4: 204 · 3 yes",
                MOVED,
            ),
            UNNOTICED,
            ends(
                "halted: a write failed: Insufficient privileges to complete the operation. Needed: GroupMember.ReadWrite.All and a role",
                "add 4: 204, remove 4: 403, remove 4: 204 · 3 yes",
                MOVED,
            ),
            UNNOTICED,
        ],
    },
    Row {
        fault: "429 with a Retry-After",
        reach: Reach::Straight,
        strike: &[Do::Sim("[[fault]]\non = \"{request}\"\nfirst = 1\nanswer = 429\nretry_after = 5\n")],
        heal: &[],
        takes_licenses: false,
        cells: [
            ends("throttled until", WRITTEN, MOVED),
            ends(
                "an addition waits and is tried again: Too many requests",
                "add 4: 429, add 4: 204, remove 4: 204 · 2 yes",
                MOVED,
            ),
            ends("throttled until", WRITTEN, MOVED),
            ends(
                "a removal waits and is tried again: Too many requests",
                "add 4: 204, remove 1: 429, remove 3: 204, remove 1: 204 · 2 yes",
                MOVED,
            ),
            ends("throttled until", WRITTEN, MOVED),
        ],
    },
    Row {
        fault: "409",
        reach: Reach::Straight,
        strike: &[Do::Sim("[[fault]]\non = \"{request}\"\nfirst = 1\nanswer = 409\n")],
        heal: &[],
        takes_licenses: false,
        cells: [
            Cell::Moot("Graph answers 409 to writes"),
            ends(
                "an addition waits and is tried again: Error due to concurrent requests",
                "add 4: 409, add 4: 204, remove 4: 204 · 2 yes",
                MOVED,
            ),
            Cell::Moot("Graph answers 409 to writes"),
            ends(
                "a removal waits and is tried again: Error due to concurrent requests",
                "add 4: 204, remove 1: 409, remove 3: 204, remove 1: 204 · 2 yes",
                MOVED,
            ),
            Cell::Moot("Graph answers 409 to writes"),
        ],
    },
    Row {
        fault: "504, and it was done",
        reach: Reach::Straight,
        strike: &[Do::Sim("[[fault]]\non = \"{request}\"\nfirst = 1\nanswer = 504\ncommit = true\n")],
        heal: &[],
        takes_licenses: false,
        cells: [
            UNNOTICED,
            ends("perhaps", "add 4: 504, remove 4: 204 · 2 yes", MOVED),
            UNNOTICED,
            ends("perhaps", "add 4: 204, remove 1: 504, remove 3: 204 · 2 yes", MOVED),
            UNNOTICED,
        ],
    },
    Row {
        fault: "504, and it was not done",
        reach: Reach::Straight,
        strike: &[Do::Sim("[[fault]]\non = \"{request}\"\nfirst = 1\nanswer = 504\n")],
        heal: &[],
        takes_licenses: false,
        cells: [
            UNNOTICED,
            ends("again, as not every addition was made", "add 4: 504, add 4: 204, remove 4: 204 · 3 yes", MOVED),
            UNNOTICED,
            ends("is still in", "add 4: 204, remove 1: 504, remove 3: 204, remove 1: 204 · 3 yes", MOVED),
            UNNOTICED,
        ],
    },
    Row {
        fault: "504 for long",
        reach: Reach::Straight,
        strike: &[Do::Sim("[[fault]]\non = \"{read}\"\nanswer = 504\nbody = \"html\"\n")],
        heal: OVER,
        takes_licenses: false,
        cells: [ends("the answer 504 is not Microsoft Graph's: \"504 504\"", WRITTEN, MOVED); 5],
    },
    Row {
        fault: "the connection breaks, and it was done",
        reach: Reach::Straight,
        strike: &[Do::Sim("[[fault]]\non = \"{request}\"\nfirst = 1\ndrop = true\ncommit = true\n")],
        heal: &[],
        takes_licenses: false,
        cells: [
            UNNOTICED,
            ends("perhaps", "add 4: 204, remove 4: 204 · 2 yes", MOVED),
            UNNOTICED,
            UNNOTICED,
            UNNOTICED,
        ],
    },
    Row {
        fault: "the connection breaks, and it was not done",
        reach: Reach::Straight,
        strike: &[Do::Sim("[[fault]]\non = \"{request}\"\nfirst = 1\ndrop = true\n")],
        heal: &[],
        takes_licenses: false,
        cells: [
            UNNOTICED,
            ends("again, as not every addition was made", "add 4: 500, add 4: 204, remove 4: 204 · 3 yes", MOVED),
            UNNOTICED,
            ends("is still in", "add 4: 204, remove 1: 500, remove 3: 204, remove 1: 204 · 3 yes", MOVED),
            UNNOTICED,
        ],
    },
    Row {
        fault: "answers are cut off in the middle",
        reach: Reach::Straight,
        strike: &[Do::Sim("[[fault]]\non = \"{read}\"\ncut = true\n")],
        heal: OVER,
        takes_licenses: false,
        cells: [ends("the answer was cut off", WRITTEN, MOVED); 5],
    },
];
