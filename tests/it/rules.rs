//! The safety rules as properties: worlds by chance are played over HTTP and judged from outside.

mod laws;
pub(crate) mod play;
mod record;
mod script;
mod tally;
mod truth;
mod world;

use std::env;

use futures_util::StreamExt;
use futures_util::stream;

use crate::rules::tally::Tally;
use crate::rules::world::Focus;
use crate::rules::world::World;

/// How many worlds are played beside each other; they mostly wait.
const BESIDE: usize = 10;
/// How many worlds each property is tried on.
const WORLDS: u32 = 12;

/// Plays one world and says what it came to, or what it broke.
async fn tried(focus: Focus, number: u32) -> Result<Tally, String> {
    let world = World::draw(focus, number);
    let told = format!("world {number} of {focus:?}: {world:#?}");
    let record = tokio::spawn(play::play(world)).await.map_err(|died| format!("{died}\n{told}"))?;
    match laws::judge(&record) {
        wrong if wrong.is_empty() => Ok(Tally::of(&record)),
        wrong => {
            let tale: Vec<String> = record.events.iter().map(|(at, event)| crate::driver::line(*at, event)).collect();
            Err(format!("{}\n{told}\n{}", wrong.join("\n"), tale.join("\n")))
        }
    }
}

/// Tries worlds, the number of them from `PROPTEST_CASES` if that is set, and sees that these situations came in them.
fn property(focus: Focus, situations: &[&str]) {
    let asked: Option<u32> = env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let worlds = asked.unwrap_or(WORLDS);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let results = runtime.block_on(async {
        stream::iter(0..worlds).map(|number| tried(focus, number)).buffer_unordered(BESIDE).collect::<Vec<_>>().await
    });
    let mut tally = Tally::default();
    let mut broken = Vec::new();
    for result in results {
        match result {
            Ok(counts) => tally.merge(&counts),
            Err(wrong) => broken.push(wrong),
        }
    }
    assert!(broken.is_empty(), "{} of {worlds} worlds broke a rule\n\n{}", broken.len(), broken.join("\n\n"));
    if worlds >= WORLDS {
        for situation in situations {
            assert!(tally.count(situation) > 0, "{situation}: never came in {worlds} worlds: {tally:#?}");
        }
    }
}

#[test]
fn rules_1_and_2_nothing_is_written_that_was_not_approved_by_name() {
    property(Focus::Approval, &["approvals ended by a resume"]);
}

#[test]
fn rule_3_nobody_is_removed_without_fresh_proof() {
    property(Focus::Proof, &["last looks failed", "proofs too old"]);
}

#[test]
fn rule_4_nobody_is_removed_without_a_seat() {
    property(Focus::Seats, &["seats short"]);
}

#[test]
fn rule_5_a_canary_goes_first_and_the_breaker_trips() {
    property(Focus::Canary, &["breaker tripped", "removed and not migrated in the end"]);
}

#[test]
fn rule_6_whoever_loses_a_license_stops_everything() {
    property(Focus::Unlicensed, &["alarms", "graces passed without alarm"]);
}

#[test]
fn rule_7_nobody_outside_of_the_batch_is_touched() {
    property(Focus::Outsiders, &["faults met"]);
}

#[test]
fn rule_8_an_intent_is_on_the_disk_before_its_write() {
    property(Focus::Intent, &["resumes amid writes", "found in effect", "found not in effect", "writes lost"]);
}

#[test]
fn rule_9_stale_reads_prove_nothing() {
    property(Focus::Stale, &["faults met"]);
}

#[test]
fn rule_10_a_halt_wins_at_any_moment() {
    property(Focus::Halt, &["halts amid writes", "halts of an approval at work", "orders not sent"]);
}

#[test]
fn rule_11_other_hands_are_never_fought_over() {
    property(Focus::Hands, &["found in effect"]);
}

#[test]
fn rule_12_secrets_stay_out() {
    property(Focus::Secrets, &["faults met"]);
}

#[test]
fn rule_13_the_way_back_is_proven_like_the_way_there() {
    property(Focus::Back, &["rollbacks", "rolled back in the end"]);
}

#[test]
fn all_rules_a_bit_of_everything() {
    property(Focus::Mild, &["runs complete"]);
}
