//! The safety rules as properties: worlds by chance are played over HTTP and judged from outside.
//!
//! A world (`world`, `script`) is a tenant with delays, lags and faults, other administrators, and an operator who
//! approves, mistypes, leaves, halts, excludes, quits, is killed and resumed. `play` lets it run to its end and records
//! what an outsider sees: every request as it came, with the journal as it was on the disk at that moment, and what
//! everybody was truly licensed for at all times. `laws` judges that. Every world is judged by every law; each property
//! draws worlds that provoke its own rule, and fails when the situation never came. Ask for more worlds with
//! `PROPTEST_CASES`; the number of a world and its focus, which a failure tells, bring it back.
//!
//! What each property was seen to catch, by changing the program so and running it:
//!
//! | rule | property | change |
//! |---|---|---|
//! | 1 | `rules_1_and_2_…` | a resume leaves what was approved before it approved |
//! | 2 | `rules_1_and_2_…` | the number of a question is not compared, so that an old answer counts; nor are its users |
//! | 2 | `rules_1_and_2_…` | any number that is typed approves; a permit leaves its user in the approval |
//! | 3 | `rule_3_…` | an order may leave however old its proof is, or two seconds too late; an unsafe standing is proof |
//! | 3 | `rule_3_…` | two looks need not agree; one look counts for both |
//! | 3, 6 | `rule_3_…`, `pending_orders::…` | what is read of a user whose removal waits to be sent again counts for nothing |
//! | 3 | `guards::an_order_whose_proof_…` | the same, without chance |
//! | 3 | `guards::a_look_that_was_made_…` | a look that was made before a halt counts for the approval after it |
//! | 3 | `each_condition_of_rule_3_is_needed` (unit) | a look may begin before the addition, or be of somebody else |
//! | 2, 3 | `rules_2_and_3_…` | a reprocess or a direct license needs no approval; one look at it is enough |
//! | 3 | `guards::a_direct_license_stays_…` | any standing proves a direct license spare; the user need not be a member |
//! | 3 | `guards::nobody_is_taken_out_…` | users are excluded while their direct license is being taken off |
//! | 4 | `rule_4_…` | too few seats are enough; they are not read again; they are counted for one order only |
//! | 4 | `canary_seats::who_has_left_…` | who left and was not seen since takes no seat; nor does who was taken out since |
//! | 5 | `rule_5_…` | nobody waits for the canary, or for all of it; it has one user more; the breaker never trips |
//! | 5 | `rule_5_…` | the breaker bears one more; it counts the batch under way and not the run |
//! | 6 | `rule_6_…` | no alarm is raised; it halts nothing; the grace never ends; earlier seconds are forgotten |
//! | 6 | `rule_6_…` | removals go on while a user switches over |
//! | 5 | `negative_reads::a_removal_that_…` | who may have left by a removal that reading back does not show has no place in the canary |
//! | 5, 6 | `alarms::…` | the breaker forgets who came free again; lifting a halt ends its alarm |
//! | 6 | `guards::no_direct_license_goes_…` | the same for a direct license |
//! | 7 | `rule_7_…` | the removal's path loses its `/$ref`; an addition takes users of other batches along |
//! | 7 | `rule_7_…` | a removal names one user of the order for all, or another group; an addition takes the group along |
//! | 7 | `rules_2_and_3_…` | the license is assigned directly instead of taken off |
//! | 8 | `rule_8_…` | an intent is not kept; an unclear answer counts as a refusal; a resume forgets what was open |
//! | 8 | `what_may_have_happened_before_…` (unit) | an absent member counts as removed without being read back |
//! | 8 | `partial_results::members_already_there_…` | a member already there counts as added without being read back |
//! | 8 | `rule_8_…` | writes go on beside a lost one |
//! | 8, 9 | `rule_8_…` | one read is enough to believe that a lost write is not in effect |
//! | 3, 9 | `stale_reads::who_is_once_…` | a last look believes one read that somebody is not in the group |
//! | 6, 9 | `stale_reads::who_only_a_list_…` | that somebody has no license is believed of a list |
//! | 9, 11 | `remedies::one_stale_read_…` | one read is enough to believe that somebody else has moved a user |
//! | 9 | `rule_9_…` | both guards off: the engine and the run take readings from before a write for news |
//! | 9 | `guards::what_was_read_while_…`, `guards::a_run_takes_no_reading_…` | each of the two guards by itself |
//! | 9 | `guards::a_run_takes_no_reading_amid_…` | readings from while a write is open are news |
//! | 10 | `rule_10_…` | a halt is noted, and what was approved goes on |
//! | 10 | `a_halt_stops_the_client_…` (unit) | what waits for its turn in the client leaves after a halt |
//! | 10 | `safety::a_halt_is_lifted_…` | a lift holds for a reason that came after it was shown |
//! | 10 | `an_order_of_an_ended_approval_…` (unit) | what had left before a halt may be sent again by the next approval |
//! | 10 | `guards::an_order_of_an_ended_…` | an approval is begun while what had left before the halt is on its way |
//! | 11 | `rule_11_…` | users who were added are added again; who is found in the group counts as gone; no lock is taken |
//! | 11 | `pty::a_second_sitting_…` | a session without the lock may write |
//! | 12 | `rule_12_…` | the token is not masked in what the service says; what steers is not taken out; plain http anywhere |
//! | 12 | `links_stay_on_their_origin` (unit) | the next page may lie on another host |
//! | 12 | `a_token_does_not_show_itself` (unit) | `Debug` of a token shows it |
//! | 13 | `rule_13_…` | the ends are not turned on the way back, or for its last look, or for where it is made |
//! | 13 | `rule_13_…` | any standing proves who is on the way back safe |
//! | 13 | `rollback::an_old_proof_…` | an old proof of the way back is renewed by the measure of the way there |
//! | 13 | `rule_13_…` | the way back needs no approval of its own; who had left needs no addition |
//!
//! Chance seldom makes some of these worlds: of twelve each, six of the changes lived. `mutants.toml` has each change as it is
//! made, with a test without chance that fails then, and how to make them all.

pub(crate) mod clock;
mod laws;
mod lead;
mod mutants;
mod play;
mod record;
mod script;
mod tally;
mod truth;
mod world;

use std::collections::BTreeMap;
use std::env;
use std::net::IpAddr;

use futures_util::StreamExt;
use futures_util::stream;
use proptest::collection::vec;
use proptest::prelude::*;
use skuferry::domain::id::GroupId;
use skuferry::graph::Endpoints;
use skuferry::journal::RunLock;
use uuid::Uuid;

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
    match laws::classifier(&record) {
        wrong if wrong.is_empty() => Ok(Tally::of(&record)),
        wrong => {
            let tale: Vec<String> = record.events.iter().map(|(at, event)| crate::driver::line(*at, event)).collect();
            Err(format!("{}\n{told}\n{}", wrong.join("\n"), tale.join("\n")))
        }
    }
}

/// Tries worlds, the number of them from `PROPTEST_CASES` if that is set, and sees that these situations came in them.
///
/// Where a number was asked for, what came in so many worlds is printed; `--nocapture` shows it.
#[expect(clippy::print_stdout, reason = "whoever asks for more worlds wants to know what came in them")]
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
    if asked.is_some() {
        println!("{focus:?}, {worlds} worlds: {tally:?}");
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
    property(Focus::Proof, &["last looks failed"]);
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

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rule_11_one_run_at_a_time_for_two_groups_on_a_machine(steps in vec((0..4_u128, 0..4_u128, any::<bool>()), 1..20)) {
        let folder = tempfile::tempdir().unwrap();
        let group = |id| GroupId(Uuid::from_u128(id));
        let mut held = BTreeMap::new();
        for (one, other, takes) in steps {
            let pair = (one.min(other), one.max(other));
            if takes {
                let lock = RunLock::take(folder.path(), group(one), group(other));
                prop_assert_eq!(lock.is_ok(), !held.contains_key(&pair), "{:?}", pair);
                held.extend(lock.ok().map(|lock| (pair, lock)));
            } else {
                held.remove(&pair);
            }
        }
    }

    #[test]
    fn rule_12_plain_http_is_spoken_to_this_machine_only(host in "[a-z0-9.:\\[\\]-]{1,24}", port in 1..u16::MAX) {
        let url = format!("http://{host}:{port}");
        if Endpoints::custom(&url, "https://login.example").is_ok() {
            let bare = host.trim_start_matches('[').trim_end_matches(']');
            let ours = bare == "localhost" || bare.parse().is_ok_and(|address: IpAddr| address.is_loopback())
                || host.starts_with("127.");
            prop_assert!(ours, "{}", url);
        }
    }
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
fn rules_2_and_3_hold_for_users_own_licenses_too() {
    property(Focus::Licenses, &["reprocessed", "direct licenses taken off"]);
}

#[test]
fn all_rules_hold_for_batches_side_by_side() {
    let situations = [
        "batches side by side",
        "approvals side by side",
        "resumes amid batches",
        "halts amid batches",
        "rollbacks beside batches",
        "runs complete",
    ];
    property(Focus::Overlap, &situations);
}

#[test]
fn all_rules_a_bit_of_everything() {
    property(Focus::Mild, &["runs complete"]);
}
