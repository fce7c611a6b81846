//! What an operator does about stuck users: reprocess, the sentence on why, a direct license taken off, other hands.

use serde_json::json;
use skuferry::domain::event::Event;
use skuferry::domain::external_change::ExternalChange;
use skuferry::domain::id::UserId;
use skuferry::domain::phase::Phase;
use skuferry::domain::questions;
use skuferry::domain::questions::PendingQuestion;
use skuferry::domain::questions::Question;
use skuferry::domain::standing::Holder;
use skuferry::domain::standing::Standing;
use skuferry::domain::time::SignedDuration;
use skuferry::engine::handle::Command;
use skuferry::engine::snapshot::Snapshot;
use skuferry::sim::LogEntry;
use skuferry::sim::Options;
use skuferry::sim::Scenario;

use crate::driver::Rig;
use crate::witness;
use skuferry::domain::user_history::Happened;
use skuferry::words::fault::message;
use skuferry::words::notice;

async fn three(scenario: Scenario) -> (Rig, Vec<UserId>) {
    let mut rig = Rig::open(Options { scenario, users: 3, seed: 5, ..Options::default() }, |settings| {
        (settings.max_stuck, settings.stuck_after) = (10, SignedDuration::from_millis(400));
    })
    .await;
    rig.wait_for(PendingQuestion::Add(3)).await;
    let users = rig.planned();
    (rig, users)
}

/// Three users who were added when the last seat was gone.
pub(crate) async fn stuck_for_seats() -> (Rig, Vec<UserId>) {
    let (mut rig, users) = three(Scenario::NonConflicting).await;
    let sku = rig.run.route.target.part_number.clone();
    rig.sim.set_faults(&format!("[[event]]\ndrain = \"{sku}\"\n")).unwrap();
    let question = rig.ask().await.unwrap();
    rig.yes(question);
    rig.wait("all stuck", |shot| users.iter().all(|user| stuck(shot, *user))).await;
    (rig, users)
}

fn stands(shot: &Snapshot, user: UserId, standing: &Standing) -> bool {
    shot.run.user(user).is_some_and(|user| user.standing.as_ref() == Some(standing))
}

fn stuck(shot: &Snapshot, user: UserId) -> bool {
    shot.run.user(user).is_some_and(|user| matches!(user.standing, Some(Standing::Stuck(_))))
}

fn posts(rig: &Rig, end: &str) -> Vec<LogEntry> {
    rig.sim.log().into_iter().filter(|entry| entry.method == "POST" && entry.path.ends_with(end)).collect()
}

async fn reprocess(rig: &mut Rig, users: &[UserId]) {
    let question = rig.put(Command::AskReprocess(users.to_vec())).await.unwrap();
    let Question::Reprocess(proposal) = &question else { panic!("{question:?}") };
    assert_eq!(proposal.users(), users);
    rig.yes(question);
}

/// Somebody else's hand, by another client.
async fn by_hand(rig: &Rig, user: UserId, add: &[String], remove: &[String]) {
    let add: Vec<_> = add.iter().map(|sku| json!({ "skuId": sku, "disabledPlans": [] })).collect();
    let request = reqwest::Client::new()
        .post(format!("{}/v1.0/users/{user}/assignLicense", rig.sim.url()))
        .bearer_auth(rig.sim.access_token())
        .header("Content-Type", "application/json")
        .body(json!({ "addLicenses": add, "removeLicenses": remove }).to_string());
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200, "{:?}", answer.text().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reprocess_says_why_not_and_helps_once_there_are_seats() {
    let (mut rig, users) = stuck_for_seats().await;

    reprocess(&mut rig, &users[..2]).await;
    let why =
        |shot: &Snapshot, user: UserId| shot.run.user(user).and_then(|user| Some(message(user.seldom.why.as_ref()?)));
    let shot = rig.wait("told why", |shot| users[..2].iter().all(|user| why(shot, *user).is_some())).await;
    assert!(
        why(&shot, users[0]).unwrap().contains("does not have any available licenses"),
        "{:?}",
        why(&shot, users[0])
    );
    assert_eq!(why(&shot, users[2]), None);
    assert!(shot.run.halted.is_none(), "a refusal is news about the user, not about the run");
    assert_eq!(posts(&rig, "/reprocessLicenseAssignment").len(), 2);

    let sku = rig.run.route.target.part_number.clone();
    rig.sim.set_faults(&format!("[[event]]\nseats = {{ sku = \"{sku}\", enabled = 5000 }}\n")).unwrap();
    // Freed seats alone change nothing: GBL has to be asked.
    for _ in 0..5 {
        let revision = rig.snapshot().revision;
        rig.send(Command::PollNow);
        rig.wait("another pass", |shot| shot.revision > revision + 1).await;
    }
    assert!(stuck(&rig.snapshot(), users[2]), "{}", rig.tale());
    // Whom GBL has looked at again by now is left out: nothing is wrong with their licenses.
    let question = rig.put(Command::AskReprocess(users.clone())).await.unwrap();
    rig.yes(question);
    let shot = rig.wait_for(PendingQuestion::Remove(3)).await;
    assert!(users.iter().all(|user| stands(&shot, *user, &Standing::HoldsBoth) && why(&shot, *user).is_none()));
    rig.finish().await;
    witness::check(&rig);
    let journal = rig.journal();
    let of = |name: &str| journal.iter().filter(|(_, event)| event.name() == name).count();
    assert_eq!((of("reprocess-approved"), of("reprocess-intended")), (2, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_to_an_older_question_reprocesses_nobody() {
    let (mut rig, users) = stuck_for_seats().await;
    let older = rig.put(Command::AskReprocess(users[..1].to_vec())).await.unwrap();
    let newer = rig.put(Command::AskReprocess(users[..2].to_vec())).await.unwrap();
    let Question::Reprocess(proposal) = older else { panic!("{older:?}") };
    let why = notice::refused(&rig.put(Command::Reprocess(proposal.yes())).await.map(drop).unwrap_err());
    assert!(why.starts_with("the question has grown old"), "{why}");
    assert!(posts(&rig, "/reprocessLicenseAssignment").is_empty());
    rig.yes(newer);
    rig.wait("told why", |shot| shot.run.user(users[1]).unwrap().seldom.why.is_some()).await;
    assert_eq!(posts(&rig, "/reprocessLicenseAssignment").len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_audit_log_says_why_when_a_user_is_looked_at() {
    let (mut rig, users) = stuck_for_seats().await;
    rig.send(Command::Inspect(users[1]));
    let shot = rig.wait("explained", |shot| shot.run.user(users[1]).unwrap().seldom.why.is_some()).await;
    let why = message(shot.run.user(users[1]).unwrap().seldom.why.as_ref().unwrap());
    assert!(why.contains("Not enough licenses"), "{why}");
    assert!(shot.run.user(users[0]).unwrap().seldom.why.is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_direct_license_goes_only_after_the_removal_its_number_and_its_proof() {
    let (mut rig, users) = three(Scenario::NonConflicting).await;
    let source = rig.run.route.source.sku.to_string();
    let one = users[1];
    rig.operate("a removal waits", |shot| {
        matches!(questions::pending_question(&shot.run), Ok(PendingQuestion::Remove(3)))
    })
    .await;
    by_hand(&rig, one, std::slice::from_ref(&source), &[]).await;
    assert!(rig.put(Command::AskDirect(vec![one])).await.is_err(), "not before the removal");
    let question = rig.ask().await.unwrap();
    rig.yes(question);
    let lingers = Standing::SourceLingers(Holder::Direct);
    rig.wait("a direct license lingers", |shot| stands(shot, one, &lingers)).await;

    let Ok(Question::Direct(proposal)) = rig.put(Command::AskDirect(users.clone())).await else { panic!("it waits") };
    assert_eq!((proposal.users(), proposal.sku()), (&[one][..], rig.run.route.source.sku), "nobody else has one");
    let proposal = proposal.typed("3").unwrap_err();
    let before = rig.sim.log().len();
    rig.send(Command::Direct(proposal.typed("1").unwrap()));
    let shot = rig.wait("complete", |shot| shot.run.complete).await;
    assert!(shot.run.users.iter().all(|user| user.is_migrated()));
    let log = rig.sim.log();
    let write = log[before..].iter().position(|entry| entry.path.ends_with("/assignLicense")).unwrap() + before;
    assert_eq!(log[write].path, format!("/v1.0/users/{one}/assignLicense"));
    assert_eq!(log[write].body, Some(json!({ "addLicenses": [], "removeLicenses": [source] })));
    let looked = |entry: &&LogEntry| entry.method == "GET" && entry.path.contains(&format!("/users/{one}?"));
    assert!(log[before..write].iter().filter(looked).count() >= 2, "two last looks");
    witness::check(&rig);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_direct_license_that_is_all_a_user_has_is_not_taken() {
    let (mut rig, users) = three(Scenario::NonConflicting).await;
    let (source, target) = (rig.run.route.source.sku.to_string(), rig.run.route.target.group);
    let one = users[0];
    rig.operate("a removal waits", |shot| {
        matches!(questions::pending_question(&shot.run), Ok(PendingQuestion::Remove(3)))
    })
    .await;
    by_hand(&rig, one, std::slice::from_ref(&source), &[]).await;
    let question = rig.ask().await.unwrap();
    rig.yes(question);
    rig.wait("it lingers", |shot| stands(shot, one, &Standing::SourceLingers(Holder::Direct))).await;
    let question = rig.put(Command::AskDirect(vec![one])).await.unwrap();
    // Between the question and the answer somebody else takes the target away; the last look sees it.
    let upn = rig.truth(one)["userPrincipalName"].as_str().unwrap().to_owned();
    let taken = format!("[[event]]\nremove = {{ user = \"{upn}\", group = \"{target}\" }}\n");
    rig.send(Command::TogglePolling);
    rig.sim.set_faults(&taken).unwrap();
    let held = |rig: &Rig| rig.truth(one)["skus"].as_array().unwrap().len();
    rig.until("taken away", |rig| held(rig) <= 1).await;
    rig.yes(question);
    let not_proven = |shot: &Snapshot| shot.run.user(one).is_some_and(|user| user.seldom.not_proven.is_some());
    rig.wait("not proven or refused", |shot| {
        not_proven(shot) || !stands(shot, one, &Standing::SourceLingers(Holder::Direct))
    })
    .await;
    assert_eq!(held(&rig), 1, "the direct license is still there");
    let ours = |entry: &&LogEntry| entry.body.as_ref().is_some_and(|body| body["removeLicenses"][0] == source);
    assert_eq!(posts(&rig, "/assignLicense").iter().filter(ours).count(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whom_somebody_else_takes_out_again_is_held_and_asked_about() {
    let (mut rig, users) = three(Scenario::NonConflicting).await;
    let one = users[2];
    rig.operate("a removal waits", |shot| {
        matches!(questions::pending_question(&shot.run), Ok(PendingQuestion::Remove(3)))
    })
    .await;
    let upn = rig.truth(one)["userPrincipalName"].as_str().unwrap().to_owned();
    let group = rig.run.route.target.group;
    rig.sim.set_faults(&format!("[[event]]\nremove = {{ user = \"{upn}\", group = \"{group}\" }}\n")).unwrap();
    rig.wait_for(PendingQuestion::Add(1)).await;
    let meddled =
        |event: &Event| matches!(event, Event::ExternalChange { user, what: ExternalChange::TakenOut } if *user == one);
    assert!(rig.journal().iter().any(|(_, event)| meddled(event)));
    assert_eq!(witness::writes(&rig).iter().filter(|write| write.user == one).count(), 1, "never fought over");
    let Ok(Question::Add(proposal)) = rig.ask().await else { panic!("it is asked") };
    assert_eq!(proposal.users(), [one]);
    // The operator lets them go; the rest proceeds.
    rig.send(Command::Exclude(one));
    rig.wait_for(PendingQuestion::Remove(2)).await;
    rig.finish().await;
    witness::check(&rig);
}

/// Rule 9: a replica that has not heard of the addition shows a user outside the group once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_stale_read_is_no_proof_that_somebody_else_took_a_user_out() {
    let (mut rig, _) = three(Scenario::NonConflicting).await;
    let slow = "[licensing]\nleast = \"50h\"\ntypical = \"50h\"\nmost = \"50h\"\n";
    let stale = "[[fault]]\non = \"GET /users/*/memberOf\"\nfirst = 1\nstale = \"10h\"\n";
    rig.sim.set_faults(&[slow, stale].concat()).unwrap();
    let question = rig.ask().await.unwrap();
    rig.yes(question);
    // Licensing takes so long that it is asked again and again whether they are still in the group.
    let asked =
        |rig: &Rig| rig.sim.log().into_iter().filter(|entry| entry.path.contains("/memberOf")).collect::<Vec<_>>();
    rig.until("asked again", |rig| asked(rig).len() >= 12).await;
    assert_eq!(asked(&rig).iter().filter(|entry| entry.fault.is_some()).count(), 1, "one of them was stale");
    let moved = |event: &Event| matches!(event, Event::ExternalChange { .. });
    assert!(!rig.journal().iter().any(|(_, event)| moved(event)), "{}", rig.tale());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whom_somebody_else_puts_back_is_held_and_asked_about() {
    let (mut rig, users) = three(Scenario::NonConflicting).await;
    let one = users[0];
    let upn = rig.truth(one)["userPrincipalName"].as_str().unwrap().to_owned();
    let group = rig.run.route.source.group;
    rig.operate("removed", |shot| shot.run.user(one).is_some_and(|user| user.remove.is_done())).await;
    rig.sim.set_faults(&format!("[[event]]\nadd = {{ user = \"{upn}\", group = \"{group}\" }}\n")).unwrap();
    rig.wait("held", |shot| {
        matches!(shot.run.phase_of(0), Phase::VerifyMigrated | Phase::Complete)
            && questions::pending_question(&shot.run) == Ok(PendingQuestion::Remove(1))
    })
    .await;
    let meddled =
        |event: &Event| matches!(event, Event::ExternalChange { user, what: ExternalChange::PutBack } if *user == one);
    assert!(rig.journal().iter().any(|(_, event)| meddled(event)));
    let gone = |shot: &Snapshot| shot.run.complete && shot.run.user(one).is_some_and(|user| user.is_migrated());
    let shot = rig.operate("all are moved", gone).await;
    assert!(shot.run.user(one).unwrap().is_migrated());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whom_somebody_else_has_moved_is_taken_as_they_are() {
    let (mut rig, users) = three(Scenario::NonConflicting).await;
    let one = users[1];
    let upn = rig.truth(one)["userPrincipalName"].as_str().unwrap().to_owned();
    let group = rig.run.route.source.group;
    rig.operate("a removal waits", |shot| {
        matches!(questions::pending_question(&shot.run), Ok(PendingQuestion::Remove(3)))
    })
    .await;
    rig.sim.set_faults(&format!("[[event]]\nremove = {{ user = \"{upn}\", group = \"{group}\" }}\n")).unwrap();
    rig.wait("moved", |shot| stands(shot, one, &Standing::Migrated)).await;
    let shot = rig.finish().await;
    let user = shot.run.user(one).unwrap();
    assert!(
        user.is_migrated()
            && user.history.iter().any(|moment| matches!(moment.what, Happened::Seen { by_others: true, .. }))
    );
    let ours: Vec<u16> = witness::writes(&rig)
        .iter()
        .filter(|write| !write.added && write.user == one)
        .map(|write| write.status)
        .collect();
    assert_eq!(ours, [404], "once, and read back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_reprocessed_while_halted_or_without_need() {
    let (mut rig, users) = three(Scenario::Conflicting).await;
    let refused = async |rig: &mut Rig, command| notice::refused(&rig.put(command).await.map(drop).unwrap_err());
    let why = refused(&mut rig, Command::AskReprocess(users.clone())).await;
    assert!(why.ends_with("is not in the batch under way"), "{why}");
    rig.operate("a removal waits", |shot| {
        matches!(questions::pending_question(&shot.run), Ok(PendingQuestion::Remove(3)))
    })
    .await;
    let why = refused(&mut rig, Command::AskReprocess(users.clone())).await;
    assert!(why.starts_with("nothing is wrong with the licenses of "), "{why}");
    let why = refused(&mut rig, Command::AskDirect(users.clone())).await;
    assert!(why.starts_with("no direct "), "{why}");
    rig.send(Command::Halt);
    rig.wait("halted", |shot| shot.run.halted.is_some()).await;
    let why = refused(&mut rig, Command::AskReprocess(users)).await;
    assert!(why.starts_with("the run is halted"), "{why}");
    assert!(posts(&rig, "/reprocessLicenseAssignment").is_empty());
}
