//! Size, canary and interval of batches that have not begun, set while the engine is at work.

use skuferry::clock::Clock;
use skuferry::clock::SystemClock;
use skuferry::domain::event::Event;
use skuferry::domain::questions::PendingQuestion;
use skuferry::domain::questions::Question;
use skuferry::domain::refusal::Refusal;
use skuferry::domain::settings::BatchSettings;
use skuferry::domain::time::SignedDuration;
use skuferry::engine::handle::Command;
use skuferry::engine::handle::Notice;
use skuferry::engine::handle::Refused;
use skuferry::engine::snapshot::Activity;
use skuferry::engine::snapshot::Snapshot;
use skuferry::sim::Scenario;

use crate::driver::Rig;
use crate::overlap::three_batches;

const SET: BatchSettings = BatchSettings { batch_size: 3, canary: 2, interval: SignedDuration::from_secs(60) };

fn are_set(shot: &Snapshot) -> bool {
    shot.run.batch_settings == SET
}

fn sizes(shot: &Snapshot) -> Vec<usize> {
    shot.run.batches.iter().map(|batch| batch.users.len()).collect()
}

/// Who set what, by the journal.
fn kept(rig: &Rig) -> Vec<(BatchSettings, String)> {
    let told = |(_, event)| match event {
        Event::BatchSettingsSet { settings, by } => Some((settings, by)),
        _ => None,
    };
    rig.journal().into_iter().filter_map(told).collect()
}

/// How far away the next verify pass is.
fn gap(shot: &Snapshot) -> Option<SignedDuration> {
    Some(shot.next_poll?.duration_since(SystemClock.now()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_of_before_is_stale_and_the_journal_names_who_set_it() {
    let mut rig = three_batches(Scenario::Conflicting, 1).await;
    rig.wait_for(PendingQuestion::Add(2)).await;
    // Though the users of the batch stay, its canary does not: what was read in the dialog is not so any more.
    let canary_alone = BatchSettings { batch_size: 2, ..SET };
    for (settings, cut) in [(canary_alone, vec![2, 2, 2]), (SET, vec![3, 3])] {
        let Ok(Question::Add(of_before)) = rig.ask().await else { panic!("an addition waits") };
        rig.send(Command::SetBatches(settings));
        let shot = rig.wait("set", |shot| shot.run.batch_settings == settings).await;
        assert_eq!((sizes(&shot), shot.interval), (cut, SET.interval));
        let refused = rig.put(Command::Add(of_before.yes())).await;
        assert!(matches!(refused, Err(Refused::ByRun(Refusal::Stale))), "{refused:?}");
        assert!(rig.snapshot().run.approved_pending.is_empty(), "{}", rig.tale());
    }
    // The same once more changes nothing, and leaves a question open.
    let Ok(Question::Add(anew)) = rig.ask().await else { panic!("an addition waits") };
    assert_eq!(anew.users().len(), 3);
    rig.send(Command::SetBatches(SET));
    rig.send(Command::Add(anew.yes()));
    rig.wait("begun", |shot| {
        !shot.run.approved_pending.is_empty() || shot.run.users.iter().any(|user| user.add.is_done())
    })
    .await;
    assert_eq!(kept(&rig), [canary_alone, SET].map(|settings| (settings, "test".to_owned())));
    let written = std::fs::read_to_string(rig.journal_path()).unwrap();
    assert_eq!(written.matches("batch-settings-set").count(), 2, "{written}");
    // Another engine on the same journal goes by what was set.
    rig.wait_for(PendingQuestion::Remove(3)).await;
    rig.kill().await;
    let run = rig.resume();
    assert_eq!((run.batch_settings, run.batch_settings_by.map(|(_, by)| by.to_string())), (SET, Some("test".into())));
    let shot = rig.wait_for(PendingQuestion::Remove(3)).await;
    assert_eq!((sizes(&shot), shot.interval), (vec![3, 3], SET.interval));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_pass_is_as_far_away_as_was_set() {
    let mut rig = three_batches(Scenario::NonConflicting, 1).await;
    rig.wait_for(PendingQuestion::Add(2)).await;
    let question = rig.ask().await.unwrap();
    rig.yes(question);
    // Nobody waits for licensing any more, which would bring the next pass nearer.
    rig.wait_for(PendingQuestion::Remove(2)).await;
    rig.send(Command::SetBatches(SET));
    let long = |shot: &Snapshot| are_set(shot) && gap(shot).is_some_and(|gap| gap > SignedDuration::from_secs(30));
    let shot = rig.wait("a long gap", long).await;
    assert!(gap(&shot).unwrap() <= SET.interval, "{:?}", gap(&shot));
    let shorter = BatchSettings { interval: SignedDuration::from_secs(9), ..SET };
    rig.send(Command::SetBatches(shorter));
    let shot = rig.wait("set", |shot| shot.run.batch_settings == shorter).await;
    let gap = gap(&shot).unwrap();
    assert!(gap <= shorter.interval, "what was planned is made nearer: {gap:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_refused_while_preflight_reads_and_where_nothing_is_written() {
    let mut rig = three_batches(Scenario::Conflicting, 1).await;
    rig.wait_for(PendingQuestion::Add(2)).await;
    let mut onlooker = rig.onlooker();
    onlooker.commands.send(Command::SetBatches(SET)).unwrap();
    let refused = loop {
        let notice = tokio::time::timeout(std::time::Duration::from_mins(1), onlooker.notices.recv()).await;
        if let Notice::Refused(refused) = notice.unwrap().unwrap() {
            break refused;
        }
    };
    assert!(matches!(refused, Refused::ReadOnly(_)), "{refused:?}");

    rig.sim.set_faults("[[fault]]\non = \"GET /**\"\ndelay = \"5s\"\n").unwrap();
    rig.send(Command::PollNow);
    rig.wait("checking", |shot| shot.activity == Activity::Checking).await;
    let refused = rig.put(Command::SetBatches(SET)).await;
    assert!(matches!(refused, Err(Refused::Checking)), "{refused:?}");
    assert_eq!(kept(&rig), []);
    assert_eq!(sizes(&rig.snapshot()), [2, 2, 2]);
}
