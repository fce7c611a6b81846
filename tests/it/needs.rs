//! What needs the operator: one answer for the screen, the lines, the notifications and `status`.

use proptest::prelude::*;
use skuferry::domain::event::Event;
use skuferry::domain::halt::HaltReason;
use skuferry::domain::needs;
use skuferry::domain::needs::Need;
use skuferry::domain::needs::Wait;
use skuferry::domain::progress::Awaited;
use skuferry::domain::progress::waiting;
use skuferry::domain::questions::Gate;
use skuferry::domain::questions::PendingQuestion;
use skuferry::domain::questions::Question;
use skuferry::domain::questions::question_of;
use skuferry::domain::standing::Standing;
use skuferry::tui::summary::Summary;

use crate::scene;
use crate::scene::Scene;

fn all(scene: &Scene) -> Vec<Need> {
    needs::all(&scene.snapshot.run, scene.now)
}

/// A batch of three, added a minute ago.
fn added() -> Scene {
    let mut scene = Scene::checked(scene::preflight((0..3).map(scene::ready).collect()));
    scene.later(60).added().later(60);
    scene
}

#[test]
fn who_is_late_is_waited_for_no_longer_by_anybody() {
    let mut scene = added();
    let users = scene.active();
    scene.observed(&users[..2], &Standing::ExpectedConflict).observed(&users[2..], &Standing::OnSource);
    assert_eq!(all(&scene), []);
    scene.later(3600);
    assert_eq!(all(&scene), [Need::LookAtStuck, Need::ApproveRemove(0)]);
    assert_eq!(needs::first(&all(&scene)), Some(Need::ApproveRemove(0)), "one late user holds up nobody");
    let gate = Gate { batch: 0, question: PendingQuestion::Remove(2) };
    assert_eq!(needs::open_gates(&scene.snapshot.run, scene.now), [gate]);
    scene.event(Event::Halted { why: HaltReason::Operator });
    assert_eq!(all(&scene), [Need::LiftHalt, Need::LookAtStuck]);
    assert_eq!(needs::first(&all(&scene)), Some(Need::LiftHalt));
}

#[test]
fn what_is_louder_comes_first() {
    let mut scene = added();
    let users = scene.active();
    scene.observed(&users, &Standing::ExpectedConflict);
    assert_eq!(all(&scene), [Need::ApproveRemove(0)]);
    scene.observed(&users[2..], &scene::standing_stuck());
    assert_eq!(all(&scene), [Need::LookAtStuck, Need::ApproveRemove(0)]);
    scene.event(Event::AlarmRaised { users: users[..1].to_vec() });
    assert_eq!(all(&scene), [Need::AcknowledgeAlarm, Need::LiftHalt, Need::LookAtStuck]);
    assert_eq!(needs::first(&all(&scene)), Some(Need::AcknowledgeAlarm));
}

/// What may happen to a batch that was added.
fn any_turn() -> impl Strategy<Value = (usize, u8, i64)> {
    (0..3_usize, 0..9_u8, 1..1200_i64)
}

fn turn(scene: &mut Scene, (user, what, seconds): (usize, u8, i64)) {
    let users = scene.active();
    let Some(user) = users.get(user).copied() else { return };
    let seen = |standing: Standing| Event::Observed { began: scene.now, users: vec![(user, standing)] };
    let event = match what {
        0 => seen(Standing::OnSource),
        1 => seen(Standing::HoldsBoth),
        2 | 3 => seen(Standing::ExpectedConflict),
        4 => seen(scene::standing_stuck()),
        5 => Event::Halted { why: HaltReason::Operator },
        6 => Event::HaltLifted { by: "x".to_owned() },
        7 => Event::AlarmRaised { users: vec![user] },
        _ => Event::AlarmAcknowledged { by: "x".to_owned() },
    };
    // What cannot follow does not happen.
    scene.later(seconds);
    let _ = scene.snapshot.run.apply(scene.now, &event);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn everybody_names_the_same_need(turns in prop::collection::vec(any_turn(), 1..12)) {
        let mut scene = added();
        for one in turns {
            turn(&mut scene, one);
            let (run, all) = (&scene.snapshot.run, all(&scene));
            // The screen, and `status`, which folds the journal.
            prop_assert_eq!(&Summary::of(&scene.snapshot, scene.now).needs, &all);
            let mut wait = Wait::default();
            wait.note(run, scene.now);
            let first = wait.need().map(|(need, _)| need);
            prop_assert_eq!(first, needs::first(&all));
            // The sentence of what is waited for says the same.
            let said = waiting(run, scene.now).what;
            let fits = match first {
                Some(Need::AcknowledgeAlarm) => matches!(said, Awaited::Alarm(_) | Awaited::AlarmIsOver(_)),
                Some(Need::LiftHalt) => matches!(said, Awaited::Halted(_)),
                Some(Need::ApproveAdd(_)) => matches!(said, Awaited::Add { .. }),
                Some(Need::ApproveRemove(_)) => matches!(said, Awaited::Remove { .. }),
                Some(Need::LookAtStuck | Need::Resume) | None => {
                    !matches!(said, Awaited::Alarm(_) | Awaited::Halted(_) | Awaited::Add { .. } | Awaited::Remove { .. })
                }
            };
            prop_assert!(fits, "{:?}: {:?}", first, said);
            // The lines and the notifications go by the gates, and each of them can be asked for.
            let open = needs::open_gates(run, scene.now);
            prop_assert_eq!(open.iter().map(|gate| gate.batch).collect::<Vec<_>>(), all.iter().filter_map(|need| need.batch()).collect::<Vec<_>>());
            for gate in open {
                let asked = question_of(run, gate.batch, 1, None);
                let users = match (&asked, gate.question) {
                    (Ok(Question::Add(asked)), PendingQuestion::Add(users)) => (asked.users().len(), users),
                    (Ok(Question::Remove(asked)), PendingQuestion::Remove(users)) => (asked.users().len(), users),
                    _ => return Err(TestCaseError::fail(format!("{gate:?}: {asked:?}"))),
                };
                prop_assert_eq!(users.0, users.1);
            }
        }
    }
}
