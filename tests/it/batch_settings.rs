//! Size, canary and interval of batches that have not begun: set in a form, kept with who did it, and never for a batch whose
//! approval was given.

use skuferry::domain::event::Event;
use skuferry::domain::id::UserId;
use skuferry::domain::migration::canary;
use skuferry::domain::phase::Phase;
use skuferry::domain::refusal::Refusal;
use skuferry::domain::settings::BatchSettings;
use skuferry::domain::standing::Standing;
use skuferry::domain::time::SignedDuration;
use skuferry::engine::handle::Command;
use skuferry::tui::action::Action;
use skuferry::tui::action::Effect;
use skuferry::tui::dialog::Dialog;
use skuferry::tui::keys::Cmd;
use skuferry::tui::update::update;

use crate::scene;
use crate::scene::Scene;
use crate::screens::frame;
use crate::screens::text;

const SET: BatchSettings = BatchSettings { batch_size: 7, canary: 2, interval: SignedDuration::from_secs(60) };

fn set(scene: &mut Scene, settings: BatchSettings) {
    scene.event(Event::BatchSettingsSet { settings, by: "ana".into() });
}

fn sizes(scene: &Scene) -> Vec<usize> {
    scene.snapshot.run.batches.iter().map(|batch| batch.users.len()).collect()
}

/// The ids of the users of all batches, in their order.
fn everybody(scene: &Scene) -> Vec<UserId> {
    let run = &scene.snapshot.run;
    (0..run.batches.len()).flat_map(|batch| run.members(batch).filter_map(|user| user.id)).collect()
}

#[test]
fn what_has_not_begun_is_cut_anew_and_whose_approval_was_given_stays() {
    let mut scene = Scene::checked(scene::preflight((0..44).map(scene::ready).collect()));
    assert_eq!(sizes(&scene), [20, 20, 4]);
    let before = everybody(&scene);
    scene.later(9).added();
    let first: Vec<UserId> = scene.snapshot.run.members(0).filter_map(|user| user.id).collect();
    set(&mut scene, SET);
    let run = &scene.snapshot.run;
    assert_eq!(sizes(&scene), [20, 7, 7, 7, 3]);
    assert_eq!(everybody(&scene), before, "nobody is lost, added or moved ahead");
    assert_eq!(run.members(0).filter_map(|user| user.id).collect::<Vec<_>>(), first);
    assert_eq!((run.batches[0].canary, run.batches[1].canary), (5, 2), "an approved batch keeps its canary");
    assert!(
        run.batches.iter().skip(1).all(|batch| !batch.checked),
        "and the others are checked before they are approved"
    );
    for (number, batch) in run.batches.iter().enumerate() {
        assert!(batch.users.iter().all(|place| run.users[*place].batch == Some(number)), "batch {number}");
    }
    assert_eq!(run.batch_settings_by.as_ref().map(|(_, by)| &**by), Some("ana"));
    scene.later(60).observed(&first, &Standing::ExpectedConflict);
    assert_eq!(canary::room_in(&scene.snapshot.run, 0), 5);

    // Nothing of it is possible any more once users were taken back, or once all have begun.
    let other = BatchSettings { batch_size: 9, ..SET };
    scene.event(Event::RollbackStarted { batch: 5, users: first[..1].to_vec(), by: "ana".into() });
    assert_eq!(scene.snapshot.run.may_set_batches(other), Err(Refusal::SizeAfterRollback));
    assert_eq!(scene.snapshot.run.may_set_batches(BatchSettings { canary: 3, ..SET }), Ok(()));
    let none = [
        BatchSettings { batch_size: 0, ..SET },
        BatchSettings { canary: 0, ..SET },
        BatchSettings { interval: SignedDuration::ZERO, ..SET },
        BatchSettings { interval: SignedDuration::from_mins(31), ..SET },
    ];
    for settings in none {
        let event = Event::BatchSettingsSet { settings, by: "ana".into() };
        assert_eq!(scene.snapshot.run.may_set_batches(settings), Err(Refusal::NoSuchSettings));
        assert!(scene.snapshot.run.apply(scene.now, &event).is_err());
    }
}

#[test]
fn before_anything_begins_the_first_batch_keeps_the_check_of_the_run_and_the_pilot_stays() {
    let mut scene = Scene::checked(scene::preflight((0..44).map(scene::ready).collect()));
    set(&mut scene, SET);
    assert_eq!(sizes(&scene), [7, 7, 7, 7, 7, 7, 2]);
    assert!(scene.snapshot.run.batches[0].checked && !scene.snapshot.run.batches[1].checked);
    let mut all = scene::preflight((0..44).map(scene::ready).collect());
    all.pilot = vec![scene::id(3), scene::id(9)];
    let mut piloted = Scene::checked(all.clone());
    set(&mut piloted, SET);
    assert_eq!(sizes(&piloted)[..3], [2, 7, 7], "the pilot is batch 1, however many they are");
    // Checked again, it is cut by what was set; and one batch under way leaves none to be set.
    piloted.event(Event::Checked { preflight: Box::new(all) });
    assert_eq!(sizes(&piloted)[..3], [2, 7, 7]);
    let mut one = Scene::checked(scene::preflight((0..9).map(scene::ready).collect()));
    one.added();
    assert_eq!(one.snapshot.run.phase(), Phase::VerifyAdded);
    assert_eq!(one.snapshot.run.may_set_batches(SET), Err(Refusal::AllBatchesBegun));
}

#[test]
fn a_form_sets_it_by_its_own_keys_and_the_approval_tells_who_did() {
    let scene = Scene::checked(scene::preflight((0..44).map(scene::ready).collect()));
    let mut model = scene.model();
    let press = |model: &mut _, cmd| update(model, Action::Cmd(cmd));
    assert!(press(&mut model, Cmd::BatchSettings).is_empty());
    assert!(press(&mut model, Cmd::Submit).is_empty(), "nothing is an answer before it stands on the screen");
    let drawn = text(&frame(&mut model, 80, 24).0);
    assert!(drawn.contains("Batches that have not begun") && drawn.contains("> 20_"), "{drawn}");
    let types = |model: &mut _, text: &str| text.chars().for_each(|one| drop(update(model, Action::Typed(one))));
    drop((press(&mut model, Cmd::Erase), press(&mut model, Cmd::Erase)));
    assert!(press(&mut model, Cmd::Submit).is_empty(), "a figure is missing");
    assert!(matches!(model.dialog, Some(Dialog::Batches(_))), "and stays to be typed");
    types(&mut model, "y7\u{1b}n");
    drop(press(&mut model, Cmd::NextField));
    drop(press(&mut model, Cmd::Erase));
    types(&mut model, "2");
    drop(update(&mut model, Action::Pasted("99".into())));
    let sent = press(&mut model, Cmd::Submit);
    let expected = BatchSettings { interval: SignedDuration::from_secs(30), ..SET };
    assert!(
        matches!(sent.as_slice(), [Effect::Send(Command::SetBatches(settings))] if *settings == expected),
        "{sent:?}"
    );
    assert!(model.dialog.is_none());

    let mut model = scene.model();
    drop(press(&mut model, Cmd::BatchSettings));
    let _ = frame(&mut model, 80, 24);
    assert!(press(&mut model, Cmd::No).is_empty() && model.dialog.is_none(), "leaving it sets nothing");

    let mut scene = scene;
    set(&mut scene, SET);
    let drawn = text(&frame(&mut crate::screens::opened(&scene), 100, 30).0);
    assert!(drawn.contains("batch size 7 · canary 2 · read every 60 s, set by ana at"), "{drawn}");
}
