//! Marked users are those that a key asks about, and those that its dialog names, wherever the cursor is.

use skuferry::domain::id::UserId;
use skuferry::engine::handle::Command;
use skuferry::tui::action::Action;
use skuferry::tui::action::Effect;
use skuferry::tui::dialog::Dialog;
use skuferry::tui::keys::Cmd;
use skuferry::tui::model::Model;
use skuferry::tui::update::update;

use crate::problems::two_causes;
use crate::scene;
use crate::scene::Scene;
use crate::screens::frame;
use crate::screens::text;
use crate::stuck;

/// Two users are marked by key, the cursor is on a third, and the view of batches is open: no name is in it.
fn marked(scene: &Scene, two: [UserId; 2]) -> Model {
    let mut model = scene.model();
    for _ in 0..model.list.order.len() {
        if model.selected().and_then(|user| user.id).is_some_and(|user| two.contains(&user)) {
            drop(update(&mut model, Action::Cmd(Cmd::Mark)));
        }
        drop(update(&mut model, Action::Cmd(Cmd::Down)));
    }
    assert_eq!(model.list.marks.iter().copied().collect::<Vec<_>>(), two);
    drop(update(&mut model, Action::Cmd(Cmd::First)));
    assert!(!two.contains(&model.selected().unwrap().id.unwrap()));
    drop(update(&mut model, Action::Cmd(Cmd::View(2))));
    model
}

/// The dialog names these users of the scene and nobody else.
fn names_only(model: &mut Model, scene: &Scene, two: [UserId; 2]) {
    let drawn = text(&frame(model, 120, 40).0);
    for user in scene.snapshot.run.active() {
        let named = drawn.split(|one: char| one.is_whitespace() || one == ',').any(|word| user.upn == word);
        assert_eq!(named, two.contains(&user.id.unwrap()), "{}\n{drawn}", user.upn);
    }
}

#[test]
fn r_asks_about_the_marked_users_and_names_them() {
    let scene = two_causes();
    let two = [scene.active()[30], scene.active()[44]];
    let mut model = marked(&scene, two);
    let effects = update(&mut model, Action::Cmd(Cmd::Reprocess));
    assert!(matches!(effects.as_slice(), [Effect::Send(Command::AskReprocess(users))] if *users == two), "{effects:?}");
    stuck::answer(&mut model, &scene, &effects);
    assert!(matches!(&model.dialog, Some(Dialog::Reprocessing(asked)) if asked.proposal.users() == two));
    names_only(&mut model, &scene, two);
    let effects = update(&mut model, Action::Cmd(Cmd::Yes));
    assert!(matches!(effects.as_slice(), [Effect::Send(Command::Reprocess(yes))] if yes.left() == two), "{effects:?}");
}

#[test]
fn d_asks_about_the_marked_users_and_names_them() {
    let scene = stuck::lingering();
    let two = [scene.active()[3], scene.active()[4]];
    let mut model = marked(&scene, two);
    let effects = update(&mut model, Action::Cmd(Cmd::Direct));
    assert!(matches!(effects.as_slice(), [Effect::Send(Command::AskDirect(users))] if *users == two), "{effects:?}");
    stuck::answer(&mut model, &scene, &effects);
    assert!(matches!(&model.dialog, Some(Dialog::Clearing { asked, .. }) if asked.proposal.users() == two));
    names_only(&mut model, &scene, two);
    drop(update(&mut model, Action::Typed('2')));
    let effects = update(&mut model, Action::Cmd(Cmd::Submit));
    assert!(matches!(effects.as_slice(), [Effect::Send(Command::Direct(yes))] if yes.left() == two), "{effects:?}");
}

#[test]
fn capital_r_asks_about_the_marked_users_and_names_them() {
    let scene = scene::removable();
    let two = [scene.active()[5], scene.active()[9]];
    let mut model = marked(&scene, two);
    assert!(update(&mut model, Action::Cmd(Cmd::RollBack)).is_empty());
    let asked = |model: &Model| match &model.dialog {
        Some(Dialog::RollingBack { users, left_out }) => (users.clone(), *left_out),
        other => panic!("{other:?}"),
    };
    assert_eq!(asked(&model), (two.to_vec(), 0));
    names_only(&mut model, &scene, two);
    let effects = update(&mut model, Action::Cmd(Cmd::Yes));
    assert!(matches!(effects.as_slice(), [Effect::Send(Command::RollBack(users))] if *users == two), "{effects:?}");
}
