//! Operators by chance on tenants by chance: whatever they do, the safety rules hold.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::ready;
use futures_util::stream;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::Config;
use proptest::test_runner::TestRunner;
use skuferry::domain::questions::Question;
use skuferry::engine::handle::Command;
use skuferry::sim::Options;
use skuferry::sim::Scenario;

use crate::driver::Rig;
use crate::witness;

/// How many cases each property is tried on.
const CASES: usize = 16;
/// How many of them are played beside each other; they mostly wait.
const BESIDE: usize = 4;

/// What an operator may come up with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whim {
    Yes,
    WrongNumber,
    Leave,
    OldAnswer,
    Halt,
    Exclude(usize),
    Kill,
    Poll,
    Wait,
}

/// A tenant, what goes wrong on it, and an operator.
#[derive(Clone, Debug)]
struct Case {
    scenario: Scenario,
    users: usize,
    seed: u64,
    batch_size: usize,
    canary: usize,
    faults: Vec<&'static str>,
    whims: Vec<Whim>,
}

const FAULTS: [&str; 10] = [
    "on = \"PATCH /groups/*\"\nfirst = 1\nanswer = 504\ncommit = true",
    "on = \"PATCH /groups/*\"\nfirst = 1\nanswer = 504",
    "on = \"PATCH /groups/*\"\nfirst = 1\nanswer = 429\nretry_after = 1",
    "on = \"PATCH /groups/*\"\nfirst = 1\nanswer = 503",
    "on = \"POST /groups/**\"\nfirst = 1\ndrop = true\ncommit = true",
    "on = \"DELETE /groups/**\"\nevery = 3\nanswer = 504\ncommit = true",
    "on = \"DELETE /groups/**\"\nfirst = 2\nanswer = 503",
    "on = \"DELETE /groups/**\"\nfirst = 1\nanswer = 429\nretry_after = 1",
    "on = \"POST /$batch\"\nevery = 9\ndrop = true",
    "on = \"GET /**\"\nevery = 7\nanswer = 503",
];

fn whim() -> impl Strategy<Value = Whim> {
    prop_oneof![
        6 => Just(Whim::Yes),
        4 => Just(Whim::Wait),
        1 => Just(Whim::WrongNumber),
        1 => Just(Whim::Leave),
        1 => Just(Whim::OldAnswer),
        2 => Just(Whim::Halt),
        1 => (0..8_usize).prop_map(Whim::Exclude),
        2 => Just(Whim::Kill),
        1 => Just(Whim::Poll),
    ]
}

fn case(faults: std::ops::Range<usize>) -> impl Strategy<Value = Case> {
    let scenario = select(vec![Scenario::Conflicting, Scenario::NonConflicting]);
    let sizes = (2..14_usize, 0..1000_u64, 2..9_usize, 1..4_usize);
    (scenario, sizes, vec(select(FAULTS.to_vec()), faults), vec(whim(), 6..24)).prop_map(
        |(scenario, (users, seed, batch_size, canary), faults, whims)| Case {
            scenario,
            users,
            seed,
            batch_size,
            canary,
            faults,
            whims,
        },
    )
}

/// Waits until something happened, but not for long.
async fn a_moment(rig: &mut Rig) {
    let revision = rig.snapshot().revision;
    let _ = tokio::time::timeout(Duration::from_millis(60), rig.wait("moved", |shot| shot.revision != revision)).await;
}

async fn follow(rig: &mut Rig, whim: Whim) {
    match whim {
        Whim::Wait => {}
        Whim::Poll => rig.send(Command::PollNow),
        Whim::Halt => rig.send(Command::Halt),
        Whim::Kill => {
            rig.kill().await;
            let run = rig.resume();
            assert!(run.approved_pending.is_empty(), "an approval came back");
        }
        Whim::Exclude(place) => {
            let user = rig.snapshot().run.users.get(place).and_then(|user| user.id);
            if let Some(user) = user {
                rig.send(Command::Exclude(user));
            }
        }
        Whim::Yes | Whim::Leave => {
            if let (Ok(question), Whim::Yes) = (rig.ask().await, whim) {
                rig.yes(question);
            }
        }
        Whim::WrongNumber => {
            if let Ok(Question::Remove(proposal)) = rig.ask().await {
                let wrong = (proposal.users().len() + 1).to_string();
                assert!(proposal.typed(&wrong).is_err());
            }
        }
        Whim::OldAnswer => {
            if let Ok(question) = rig.ask().await {
                let _newer = rig.ask().await;
                rig.yes(question);
            }
        }
    }
    a_moment(rig).await;
}

async fn play(case: Case) {
    let Case { scenario, users, seed, batch_size, canary, faults, whims } = case;
    let mut rig = Rig::open(Options { scenario, users, seed, ..Options::default() }, |settings| {
        (settings.batch_size, settings.canary) = (batch_size, canary);
    })
    .await;
    let text: Vec<String> = faults.iter().map(|fault| format!("[[fault]]\n{fault}\n")).collect();
    rig.sim.set_faults(&text.concat()).unwrap();
    for whim in whims {
        follow(&mut rig, whim).await;
    }
    let shot = rig.finish().await;
    for user in shot.run.users.iter().filter(|user| !user.is_blocked()) {
        assert!(user.is_migrated() || user.excluded, "{user:?}\n{}", rig.tale());
    }
    witness::check(&rig);
}

/// Plays so many cases by chance, and names every one that broke a rule.
fn played(faults: std::ops::Range<usize>) {
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    let strategy = case(faults);
    let cases: Vec<Case> = (0..CASES).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect();
    let tried = |case: Case| async move { tokio::spawn(play(case.clone())).await.err().map(|why| (why, case)) };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let broken: Vec<_> =
        runtime.block_on(stream::iter(cases).map(tried).buffer_unordered(BESIDE).filter_map(ready).collect());
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn no_operator_can_break_the_rules() {
    played(0..1);
}

#[test]
fn no_operator_can_break_the_rules_on_a_tenant_that_misbehaves() {
    played(1..4);
}
