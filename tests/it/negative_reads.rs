//! Removals that nobody has answered for, and that reading back does not show though they were made.

use std::collections::HashSet;

use skuferry::domain::automatic::follow;
use skuferry::domain::event::Event;
use skuferry::domain::fault::Fault;
use skuferry::domain::fault::FaultKind;
use skuferry::domain::id::UserId;
use skuferry::domain::migration::canary;
use skuferry::domain::outcome::Outcome;
use skuferry::domain::questions::PendingQuestion;
use skuferry::domain::questions::pending_question;
use skuferry::domain::read_back::ReadBack;
use skuferry::domain::standing::Standing;
use skuferry::engine::snapshot::Activity;
use skuferry::engine::snapshot::Snapshot;
use skuferry::sim::Options;
use skuferry::sim::Scenario;

use crate::driver::Direction;
use crate::driver::Rig;
use crate::middlebox::Middlebox;
use crate::middlebox::Spoil;
use crate::middlebox::Which;
use crate::scene;
use crate::scene::Scene;
use crate::stale_reads::groups_left_out;
use crate::witness;
use skuferry::domain::user_history::Happened;

const CANARY: usize = 2;

/// The removals of the canary are made and answered by a 504.
const DOUBTFUL: &str = "[[fault]]\non = \"DELETE /groups/**\"\nfirst = 2\nanswer = 504\ncommit = true\n";

/// What a replica says of two users that has heard of no removal.
const BOTH: &str =
    r#"{"value":[{"id":"b82c04f0-ce30-4ff1-bac7-735d92d83036"},{"id":"bcf279d1-5ad5-46a5-b469-4b8a552aa2fe"}]}"#;
const STALE: Which = ("POST", "/$batch", "/memberOf");

/// The users whose removal was begun before as many as the canary holds had arrived.
fn begun_as_canary(rig: &Rig) -> HashSet<UserId> {
    let (mut begun, mut arrived) = (HashSet::new(), HashSet::new());
    for (_, event) in rig.journal() {
        match event {
            Event::RemoveIntended { users, .. } => begun.extend(users),
            Event::Observed { users, .. } => {
                arrived.extend(users.into_iter().filter(|(_, now)| *now == Standing::Migrated).map(|(user, _)| user));
                if begun.intersection(&arrived).count() >= CANARY {
                    return begun;
                }
            }
            _ => {}
        }
    }
    panic!("the canary never arrived:\n{}", rig.tale());
}

/// Licensing may be switching over because of a removal that reading back has not shown yet.
#[test]
fn a_user_whose_removal_is_doubted_may_be_switching_over() {
    let mut scene = Scene::checked(scene::preflight((0..3).map(scene::ready).collect()));
    let users = scene.active();
    scene.added().later(60).observed(&users, &Standing::ExpectedConflict);
    let (by, seen) = ("megan.bowen@contoso.com".to_owned(), scene.seen());
    scene.event(Event::RemoveApproved { batch: 0, users: users.clone(), by, seen });
    scene.event(Event::RemoveIntended { batch: 0, users: users.clone() }).later(1);
    let outcome = Outcome::Lost(Fault::new(FaultKind::Service, "the service answered 504"));
    scene.event(Event::RemoveSettled { batch: 0, users: users.clone(), outcome }).later(5);
    scene.event(Event::RemoveReadBack { user: users[0], found: ReadBack::NotInEffect });
    scene.observed(&users[..1], &Standing::Unlicensed);
    assert_eq!(follow(&scene.snapshot.run, scene.now), None);
    let grace = scene.snapshot.run.run.settings.unlicensed_grace;
    let late = follow(&scene.snapshot.run, scene.now + grace);
    assert_eq!(late, Some(Event::AlarmRaised { users: users[..1].to_vec() }));
    scene.observed(&users[..1], &Standing::Migrated);
    let last = scene.snapshot.run.user(users[0]).unwrap().history.last().unwrap().what.clone();
    assert!(matches!(last, Happened::Seen { standing: Standing::Migrated, by_others: false, .. }), "{last:?}");
}

/// A removal waits because the service asked for it, and meanwhile somebody else takes the user's new license away.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_whose_user_is_seen_not_to_be_safe_while_it_waits_does_not_leave_on_its_old_proof() {
    let options = Options { users: 1, seed: 5, scenario: Scenario::NonConflicting, ..Options::default() };
    let mut rig = Rig::open(options, |_| {}).await;
    rig.operate("a removal waits", |shot| pending_question(&shot.run) == Ok(PendingQuestion::Remove(1))).await;
    let (user, group) = (rig.planned()[0], rig.run.route.target.group);
    let upn = rig.snapshot().run.user(user).unwrap().upn.clone();
    let held = "[[fault]]\non = \"DELETE /groups/**\"\nfirst = 1\nanswer = 429\nretry_after = 2\n";
    rig.sim.set_faults(held).unwrap();
    let question = rig.ask().await.unwrap();
    rig.yes(question);
    rig.wait("held", |shot| matches!(shot.activity, Activity::Holding { .. })).await;
    rig.sim.set_faults(&format!("[[event]]\nremove = {{ user = \"{upn}\", group = \"{group}\" }}\n")).unwrap();
    rig.wait("not proven", |shot| shot.run.user(user).is_some_and(|user| user.seldom.not_proven.is_some())).await;
    let left = rig.sim.log().into_iter().filter(|entry| entry.method == "DELETE").count();
    assert_eq!(left, 1, "{}", rig.tale());
}

/// Nobody tells who is in a group: neither the user nor the group itself.
const UNTOLD: &str = "[[fault]]\non = \"GET /users/*/memberOf\"\nanswer = 403\n\
                      [[fault]]\non = \"GET /groups/*/members\"\nanswer = 403\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_cannot_be_looked_for_in_the_group_is_told_so() {
    let mut rig = Rig::open(Options { users: 1, seed: 5, ..Options::default() }, |_| {}).await;
    rig.operate("a removal waits", |shot| pending_question(&shot.run) == Ok(PendingQuestion::Remove(1))).await;
    rig.sim.set_faults(&(groups_left_out(&rig, rig.planned()[0]) + UNTOLD)).unwrap();
    let question = rig.ask().await.unwrap();
    rig.yes(question);
    let shot = rig.wait("not proven", |shot| shot.run.users.iter().any(|user| user.seldom.not_proven.is_some())).await;
    let why = shot.run.users.iter().find_map(|user| user.seldom.not_proven.clone()).unwrap();
    let why = skuferry::words::proof::not_proven(&why, skuferry::domain::route::Direction::Forward);
    assert!(why.starts_with("it cannot be read whether they are in the group that they went to:"), "{why}");
    assert!(why.contains("Needed: GroupMember.Read.All"), "{why}");
}

/// Whoever may have left keeps the place, so that of a canary of five four others may go and no more.
#[test]
fn a_removal_that_reading_back_does_not_show_keeps_its_place_in_the_canary() {
    let mut scene = Scene::checked(scene::preflight((0..9).map(scene::ready).collect()));
    let users = scene.active();
    scene.added().later(60).observed(&users, &Standing::ExpectedConflict);
    let most = canary::room_in(&scene.snapshot.run, 0);
    let (by, seen, one) = ("megan.bowen@contoso.com".to_owned(), scene.seen(), users[4]);
    scene.event(Event::RemoveApproved { batch: 0, users, by, seen });
    scene.event(Event::RemoveIntended { batch: 0, users: vec![one] }).later(1);
    let outcome = Outcome::Lost(Fault::new(FaultKind::Service, "the service answered 504"));
    scene.event(Event::RemoveSettled { batch: 0, users: vec![one], outcome }).later(5);
    scene.event(Event::RemoveReadBack { user: one, found: ReadBack::NotInEffect });
    assert!(scene.snapshot.run.user(one).unwrap().has_canary_place());
    assert_eq!(canary::room_in(&scene.snapshot.run, 0), most - 1);
    assert!(scene.snapshot.run.approved_pending.is_empty(), "the others were to follow a canary");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_canary_does_not_grow_by_removals_that_reading_back_does_not_show() {
    let stale =
        format!(r#"{{"responses":[{{"id":"0","status":200,"body":{BOTH}}},{{"id":"1","status":200,"body":{BOTH}}}]}}"#);
    let options = Options { users: 9, seed: 5, ..Options::default() };
    let mut between = None;
    let mut rig = Rig::open_by(
        options,
        |settings| settings.canary = CANARY,
        async |sim, _| {
            let url = between.insert(Middlebox::before(sim).await).url();
            Direction { url: Some(url), ..Direction::default() }
        },
    )
    .await;
    let between = between.unwrap();
    rig.operate("a removal waits", |shot| pending_question(&shot.run) == Ok(PendingQuestion::Remove(9))).await;
    rig.sim.set_faults(DOUBTFUL).unwrap();
    between.spoil(STALE, Spoil::Answer("application/json", stale.leak()));
    let doubts =
        |shot: &Snapshot| shot.run.users.iter().filter(|user| user.seldom.removal_unconfirmed_at.is_some()).count();
    rig.operate("doubts", |shot| doubts(shot) == CANARY).await;
    assert_eq!(rig.snapshot().run.approved_pending.len(), 0, "what was approved to follow waits for another approval");
    rig.operate("another approval", |shot| !shot.run.approved_pending.is_empty()).await;
    rig.operate("doubts again", |shot| shot.run.approved_pending.is_empty()).await;
    between.spoil(STALE, Spoil::Nothing);
    let shot = rig.finish().await;
    assert!(shot.run.users.iter().all(|user| user.is_migrated()));
    assert_eq!(doubts(&shot), 0);
    assert_eq!(begun_as_canary(&rig).len(), CANARY, "{}", rig.tale());
    witness::check(&rig);
}
