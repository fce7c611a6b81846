//! Worlds by chance: a tenant, what goes wrong on it, what others do there, and an operator's script.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::Config;
use proptest::test_runner::RngAlgorithm;
use proptest::test_runner::TestRng;
use proptest::test_runner::TestRunner;
use skuferry::sim::Scenario;

use crate::rules::lead::lead;
use crate::rules::script::Hand;
use crate::rules::script::Step;
use crate::rules::script::Whim;
use crate::rules::script::hand;
use crate::rules::script::step;

/// What a world is made to provoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Focus {
    /// A bit of everything, on a tenant that lets the run be finished.
    Mild,
    /// Rules 1 and 2.
    Approval,
    /// Rule 3.
    Proof,
    /// Rule 4.
    Seats,
    /// Rule 5.
    Canary,
    /// Rule 6.
    Unlicensed,
    /// Rule 7.
    Outsiders,
    /// Rule 8.
    Intent,
    /// Rule 9.
    Stale,
    /// Rule 10.
    Halt,
    /// Rule 11.
    Hands,
    /// Rule 12.
    Secrets,
    /// Rule 13.
    Back,
    /// Rules 2 and 3, for users' own licenses.
    Licenses,
    /// All rules, with several batches under way.
    Overlap,
}

/// One world. Times of the tenant are in its own seconds, of which a thousand are one of ours.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) scenario: Scenario,
    pub(crate) users: usize,
    pub(crate) seed: u64,
    pub(crate) batch_size: usize,
    /// How many batches may be under way at once.
    pub(crate) under_way: usize,
    pub(crate) canary: usize,
    pub(crate) max_stuck: usize,
    /// `unlicensed_grace` in milliseconds of ours.
    pub(crate) grace: i64,
    pub(crate) delays: Delays,
    /// `[[fault]]` tables. `TOKEN` stands for the token in use.
    pub(crate) faults: Vec<&'static str>,
    pub(crate) script: Vec<Step>,
    /// Whether a second session looks on.
    pub(crate) watched: bool,
}

/// How slow and how stale the tenant is, in its own seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delays {
    pub(crate) typical: u32,
    pub(crate) lists: u32,
    pub(crate) points: u32,
    pub(crate) memberships: u32,
    pub(crate) flap: bool,
    pub(crate) gap: u32,
}

impl World {
    /// The world of this number; the same number gives the same world.
    pub(crate) fn draw(focus: Focus, number: u32) -> Self {
        let mut seed = [0; 32];
        seed[0] = focus as u8;
        seed[4..8].copy_from_slice(&number.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let world = world(focus).new_tree(&mut runner).unwrap().current();
        // One after another, and up to four side by side.
        let under_way = number as usize % 4 + 1;
        World { under_way: if focus == Focus::Overlap { under_way.max(2) } else { under_way }, ..world }
    }

    /// What the tenant is told, apart from faults and events.
    pub(crate) fn behaviour(&self) -> String {
        let Delays { typical, lists, points, memberships, flap, gap } = self.delays;
        let least = typical / 4;
        let most = typical * 4;
        format!(
            "[licensing]\nleast = \"{least}s\"\ntypical = \"{typical}s\"\nmost = \"{most}s\"\ngap = \"{gap}s\"\n\
             [lag]\nlists = \"{lists}s\"\npoints = \"{points}s\"\nmemberships = \"{memberships}s\"\nflap = {flap}\n\
             memory = \"100h\"\n"
        )
    }

    /// The faults, with the token that is in use.
    pub(crate) fn faults(&self, token: &str) -> String {
        let tables = self.faults.iter().map(|fault| ["[[fault]]\n", &fault.replace("TOKEN", token), "\n"].concat());
        tables.collect()
    }

    /// Whether only the program itself could leave anybody without a license: nobody else moves users or takes licenses,
    /// and licensing changes them over without a gap.
    pub(crate) fn is_kind(&self) -> bool {
        let others = |step: &Step| matches!(step.whim, Whim::Hand(_));
        self.delays.gap == 0 && !self.script.iter().any(others)
    }

    /// Whether nothing but the operator's own decisions keeps users from arriving.
    pub(crate) fn is_peaceful(&self) -> bool {
        let hinders = |step: &Step| matches!(step.whim, Whim::Exclude(_) | Whim::LateYes(_) | Whim::Jump(_));
        self.users < 10
            && self.faults.is_empty()
            && self.is_kind()
            && self.is_prompt()
            && !self.script.iter().any(hinders)
    }

    /// Whether reads show what is so, but for a moment.
    pub(crate) fn is_prompt(&self) -> bool {
        let Delays { points, memberships, lists, .. } = self.delays;
        points == 0 && memberships == 0 && lists < 10 && !self.faults.iter().any(|fault| fault.contains("stale"))
    }

    /// Whether the clock of the machine is ever set.
    pub(crate) fn has_jumps(&self) -> bool {
        self.script.iter().any(|step| matches!(step.whim, Whim::Jump(_)))
    }
}

const LOST: [&str; 9] = [
    "on = \"PATCH /groups/*\"\nfirst = 1\nanswer = 504\ncommit = true",
    "on = \"PATCH /groups/*\"\nfirst = 1\nanswer = 504",
    "on = \"PATCH /groups/*\"\nnth = 1\ndrop = true",
    "on = \"POST /groups/**\"\nfirst = 1\ndrop = true\ncommit = true",
    "on = \"DELETE /groups/**\"\nevery = 3\nanswer = 504\ncommit = true",
    "on = \"DELETE /groups/**\"\nevery = 2\nanswer = 504",
    "on = \"DELETE /groups/**\"\nfirst = 2\nanswer = 503",
    "on = \"DELETE /groups/**\"\nnth = 1\ndrop = true\ncommit = true",
    "on = \"DELETE /groups/**\"\nfirst = 1\ncut = true",
];

const BUSY: [&str; 6] = [
    "on = \"PATCH /groups/*\"\nfirst = 1\nanswer = 429\nretry_after = 1",
    "on = \"DELETE /groups/**\"\nfirst = 1\nanswer = 429\nretry_after = 1",
    "on = \"DELETE /groups/**\"\nevery = 4\nanswer = 409",
    "on = \"PATCH /groups/*\"\nfirst = 1\nanswer = 503",
    "on = \"POST /$batch\"\nevery = 9\ndrop = true",
    "on = \"GET /**\"\nevery = 7\nanswer = 503",
];

const SLOW: [&str; 3] = [
    "on = \"PATCH /groups/*\"\ndelay = \"60ms\"",
    "on = \"DELETE /groups/**\"\ndelay = \"25ms\"",
    "on = \"GET /users/*\"\nevery = 4\ndelay = \"15ms\"",
];

/// The second order after the canary has to wait, while licensing switches the users of the first one over.
const LATER_HELD: [&str; 2] = [
    "on = \"DELETE /groups/**\"\nnth = 24\nanswer = 429\nretry_after = 1",
    "on = \"DELETE /groups/**\"\nnth = 26\nanswer = 429\nretry_after = 1",
];

/// What becomes of writes to users' own licenses; the first to come may be somebody else's.
const UNANSWERED: [&str; 5] = [
    "on = \"POST /users/*/assignLicense\"\nevery = 2\nanswer = 429\nretry_after = 1",
    "on = \"POST /users/*/assignLicense\"\nnth = 2\nanswer = 504\ncommit = true",
    "on = \"POST /users/*/assignLicense\"\nnth = 2\ndelay = \"60ms\"",
    "on = \"POST /users/*/reprocessLicenseAssignment\"\nfirst = 1\nanswer = 429\nretry_after = 1",
    "on = \"POST /users/*/reprocessLicenseAssignment\"\nfirst = 2\nanswer = 504",
];

/// Looks at users take longer than writes.
const LONG_LOOKS: [&str; 2] =
    ["on = \"GET /users/*\"\ndelay = \"45ms\"", "on = \"DELETE /groups/**\"\ndelay = \"15ms\""];

const OLD_NEWS: [&str; 3] = [
    "on = \"GET /users/*\"\nevery = 2\nstale = \"200s\"",
    "on = \"GET /users/*\"\nevery = 3\nstale = \"200s\"",
    "on = \"GET /groups/*/members\"\nevery = 2\nstale = \"200s\"",
];

/// Answers that name somebody else, or lead elsewhere.
const LIES: [&str; 6] = [
    "on = \"GET /users/*\"\nevery = 5\nanswer = 200\njson = '{\"id\":\"11111111-1111-1111-1111-111111111111\",\"userPrincipalName\":\"x@y\",\"assignedLicenses\":[],\"licenseAssignmentStates\":[]}'",
    "on = \"GET /groups/*/members\"\nevery = 3\nanswer = 200\njson = '{\"value\":[{\"@odata.type\":\"#microsoft.graph.user\",\"id\":\"22222222-2222-2222-2222-222222222222\",\"userPrincipalName\":\"a@b\",\"assignedLicenses\":[],\"licenseAssignmentStates\":[]}]}'",
    "on = \"GET /groups/*/members\"\nevery = 2\nanswer = 200\njson = '{\"value\":[],\"@odata.nextLink\":\"http://127.0.0.1:9/v1.0/users\"}'",
    "on = \"GET /users/*/memberOf\"\nevery = 2\nanswer = 200\njson = '{\"value\":[{\"id\":\"33333333-3333-3333-3333-333333333333\"}]}'",
    "on = \"POST /$batch\"\nevery = 4\nanswer = 200\njson = '{\"responses\":[{\"id\":\"0\",\"status\":204},{\"id\":\"0\",\"status\":200,\"body\":{}},{\"id\":\"x\",\"status\":204}]}'",
    "on = \"GET /users\"\nevery = 3\nanswer = 200\njson = '{\"value\":null}'",
];

/// Answers that repeat the token, with what a terminal would obey.
const ECHOES: [&str; 5] = [
    "on = \"PATCH /groups/*\"\nfirst = 1\nanswer = 403\nmessage = \"\\u001b]0;owned\\u0007 Bearer TOKEN may not\"",
    "on = \"DELETE /groups/**\"\nfirst = 2\nanswer = 504\nmessage = \"\\u001b[31mTOKEN\\u009b2J timed out\"",
    "on = \"GET /users/*\"\nevery = 3\nanswer = 500\ncode = \"TOKEN\"\nmessage = \"\\r\\n=cmd|' /C calc'!A0 TOKEN\"",
    "on = \"GET /**\"\nevery = 6\nanswer = 400\nmessage = \"\\u202eTOKEN\\u0000\"",
    "on = \"POST /$batch\"\nevery = 5\nanswer = 503\nmessage = \"TOKEN\\u001b[2J\"",
];

/// Which faults, and how many of them.
fn faults(focus: Focus) -> BoxedStrategy<Vec<&'static str>> {
    let of = |kinds: &[&[&'static str]], counts: std::ops::Range<usize>| vec(select(kinds.concat()), counts).boxed();
    match focus {
        Focus::Mild | Focus::Overlap => of(&[&LOST, &BUSY], 0..4),
        Focus::Approval | Focus::Hands | Focus::Back => of(&[&LOST, &BUSY, &SLOW], 0..2),
        Focus::Proof => of(&[&SLOW, &OLD_NEWS], 0..2).prop_map(|others| [vec![BUSY[1]], others].concat()).boxed(),
        // Somebody may take seats between two orders, before the second is looked at.
        Focus::Seats => of(&[&SLOW], 0..2).prop_map(|others| [vec![LONG_LOOKS[0]], others].concat()).boxed(),
        Focus::Unlicensed => of(&[&SLOW, &LATER_HELD, &LATER_HELD], 0..2),
        Focus::Canary => of(&[&LOST[4..], &SLOW[1..2]], 0..3),
        Focus::Outsiders => of(&[&LIES, &LIES, &LOST], 1..4),
        Focus::Intent => of(&[&LOST, &LOST, &BUSY, &SLOW], 1..4),
        Focus::Stale => of(&[&OLD_NEWS, &LOST], 0..2).prop_map(|others| [LONG_LOOKS.to_vec(), others].concat()).boxed(),
        Focus::Halt => often_held(of(&[&SLOW, &LOST, &BUSY], 0..3)),
        Focus::Secrets => of(&[&ECHOES], 1..3),
        Focus::Licenses => of(&[&UNANSWERED, &SLOW], 0..3),
    }
}

/// Most often the first removal has to wait as well, so that something may happen between its proof and its leaving.
fn often_held(others: BoxedStrategy<Vec<&'static str>>) -> BoxedStrategy<Vec<&'static str>> {
    let held = select(vec![vec![BUSY[1]], vec![BUSY[1]], vec![BUSY[1]], vec![]]);
    (held, others).prop_map(|(held, others)| [held, others].concat()).boxed()
}

fn delays(focus: Focus) -> impl Strategy<Value = Delays> {
    let stale = focus == Focus::Stale;
    let lists = if stale { prop_oneof![0..20_u32, 100..400_u32].boxed() } else { (0..4_u32).boxed() };
    let points = match focus {
        Focus::Stale => prop_oneof![Just(0), 50..200_u32].boxed(),
        // So that of two looks one shows how the user stood before licensing had looked.
        Focus::Proof => prop_oneof![Just(0), 100..300_u32].boxed(),
        _ => Just(0).boxed(),
    };
    // Within the grace, which is 1500 to 2000 of the tenant's seconds, near its end, or far beyond it.
    let gap = match focus {
        Focus::Unlicensed => {
            prop_oneof![1 => Just(0), 3 => 800..1200_u32, 3 => 1600..1900_u32, 2 => 5000..6000_u32].boxed()
        }
        Focus::Canary | Focus::Halt => prop_oneof![3 => Just(0), 1 => 200..900_u32].boxed(),
        _ => Just(0).boxed(),
    };
    let flap = match focus {
        Focus::Stale => any::<bool>().boxed(),
        Focus::Proof => Just(true).boxed(),
        _ => Just(false).boxed(),
    };
    // What others take away shows for a while yet.
    let typical =
        if focus == Focus::Proof { prop_oneof![8..100_u32, 200..350_u32].boxed() } else { (8..100_u32).boxed() };
    (typical, lists, points, flap, gap).prop_map(|(typical, lists, points, flap, gap)| Delays {
        typical,
        lists,
        points,
        memberships: 0,
        flap,
        gap,
    })
}

/// How far behind it is told who is in a group, and whether replicas disagree about it. A lost write is asked about
/// within a few dozen seconds of the tenant.
fn memberships(focus: Focus) -> BoxedStrategy<(u32, bool)> {
    match focus {
        Focus::Intent | Focus::Stale | Focus::Hands | Focus::Canary => {
            (prop_oneof![1 => Just(0), 2 => 20..200_u32], any::<bool>()).boxed()
        }
        _ => Just((0, false)).boxed(),
    }
}

fn world(focus: Focus) -> impl Strategy<Value = World> {
    let scenario = match focus {
        // Only there a removal takes seats, and switches users over.
        Focus::Seats | Focus::Unlicensed => Just(Scenario::Conflicting).boxed(),
        // Where licenses conflict, a direct source keeps the target from ever coming.
        Focus::Licenses => Just(Scenario::NonConflicting).boxed(),
        _ => select(vec![Scenario::Conflicting, Scenario::Conflicting, Scenario::NonConflicting]).boxed(),
    };
    // Up to nine users come without difficulties; from ten on some have them.
    let users = match focus {
        Focus::Stale => (2..6_usize).boxed(),
        Focus::Canary | Focus::Halt => prop_oneof![2 => 6..14_usize, 1 => 24..=40_usize].boxed(),
        Focus::Proof | Focus::Licenses => (2..10_usize).boxed(),
        Focus::Overlap => prop_oneof![3 => 5..10_usize, 1 => 10..=24_usize].boxed(),
        // Now and then more than the canary and one order.
        Focus::Seats => prop_oneof![1 => 2..10_usize, 1 => 24..=28_usize].boxed(),
        // So many that the canary and one order are not all.
        Focus::Unlicensed => prop_oneof![2 => 2..10_usize, 1 => 28..=40_usize].boxed(),
        _ => prop_oneof![3 => 2..10_usize, 1 => 10..=40_usize].boxed(),
    };
    // Only there anybody is without a license for a time that is neither short nor for ever.
    let grace = if focus == Focus::Unlicensed { 1500..2000_i64 } else { 300..600 };
    let breaker = if matches!(focus, Focus::Canary | Focus::Mild) { 0..4_usize } else { 9..10 };
    let sizes = (users, 0..1000_u64, prop_oneof![2..6_usize, Just(1000)], 1..4_usize, breaker, grace);
    let script = (lead(focus), vec(step(focus), 0..10)).prop_map(|(lead, rest)| [lead, rest].concat());
    let early = if matches!(focus, Focus::Hands | Focus::Canary) {
        vec(hand(focus), 0..2).boxed()
    } else {
        Just(Vec::<Hand>::new()).boxed()
    };
    (scenario, sizes, delays(focus), faults(focus), early, script, memberships(focus)).prop_map(
        move |(scenario, sizes, delays, faults, early, script, (memberships, flap))| {
            let delays = Delays { memberships, flap: delays.flap || (memberships > 0 && flap), ..delays };
            let (users, seed, batch_size, canary, max_stuck, grace) = sizes;
            // Many small batches take long and show nothing new.
            let least = match (focus, users) {
                (Focus::Unlicensed | Focus::Halt, _) | (Focus::Seats, 10..) => users,
                (_, 10..) => 8,
                _ => 1,
            };
            let batch_size = if focus == Focus::Overlap { 2 + users / 6 } else { batch_size.max(least) };
            let script = early.into_iter().map(Step::early).chain(script).collect();
            let watched = focus == Focus::Hands;
            World {
                scenario,
                users,
                seed,
                batch_size,
                under_way: 1,
                canary,
                max_stuck,
                grace,
                delays,
                faults,
                script,
                watched,
            }
        },
    )
}
