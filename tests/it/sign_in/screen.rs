//! What the terminal shows of a sign-in in the midst of a run, and its keys.

use std::sync::Arc;

use jiff::SignedDuration;
use skuferry::engine::handle::Command;
use skuferry::engine::snapshot::Snapshot;
use skuferry::graph::SignInState;
use skuferry::graph::auth::Prompt;
use skuferry::tui::action::Action;
use skuferry::tui::action::Effect;
use skuferry::tui::dialog::Dialog;
use skuferry::tui::keys::Cmd;
use skuferry::tui::model::Model;
use skuferry::tui::update::update;

use crate::scene::Scene;
use crate::screens::frame;
use crate::screens::in_each_other_language;
use crate::screens::text;

const NEEDED: &str = "the sign-in has ended, or was taken back. AADSTS50173: The provided grant has expired.";

fn told(model: &mut Model, scene: &Scene, state: SignInState) {
    let revision = model.snapshot.revision + 1;
    let snapshot = Snapshot { revision, sign_in: state, ..scene.snapshot.clone() };
    let _ = update(model, Action::Snapshot(Arc::new(snapshot)));
}

fn code(scene: &Scene) -> SignInState {
    SignInState::Asking(Some(Prompt::DeviceCode {
        code: "FRWQDE7YL".into(),
        page: "https://microsoft.com/devicelogin".into(),
        until: scene.now + SignedDuration::from_secs(14 * 60 + 50),
    }))
}

fn page_of_a_browser() -> SignInState {
    let address = "https://login.microsoftonline.com/contoso.onmicrosoft.com/oauth2/v2.0/authorize?response_type=code&client_id=x";
    SignInState::Asking(Some(Prompt::Browser { address: address.into(), port: 40_123, opened: false }))
}

fn signed_out() -> (Scene, Model) {
    let scene = Scene::preflighted(20);
    let mut model = scene.model();
    told(&mut model, &scene, SignInState::Needed(NEEDED.into()));
    (scene, model)
}

/// What a key leads to.
fn press(model: &mut Model, cmd: Cmd) -> Vec<Effect> {
    let _ = frame(model, 80, 24);
    update(model, Action::Cmd(cmd))
}

#[test]
fn being_signed_out_is_the_most_visible_thing() {
    let (_, mut model) = signed_out();
    for (width, height) in [(80, 24), (120, 40)] {
        let screen = text(&frame(&mut model, width, height).0);
        let words = screen.replace('▌', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("signed out: nothing is read or written until somebody signs in · press L"), "{screen}");
    }
    insta::assert_snapshot!(text(&frame(&mut model, 80, 24).0));
    in_each_other_language(|tag| {
        insta::assert_snapshot!(format!("signed_out_{tag}"), text(&frame(&mut model, 80, 24).0));
    });
}

#[test]
fn the_page_opens_for_who_asked_for_it_and_copies_and_gives_up() {
    let (scene, mut model) = signed_out();
    told(&mut model, &scene, code(&scene));
    assert!(model.dialog.is_none(), "nobody asked for it");
    assert!(matches!(press(&mut model, Cmd::SignIn).as_slice(), [Effect::Send(Command::SignIn)]));
    assert!(matches!(model.dialog, Some(Dialog::SigningIn)));
    insta::assert_snapshot!(text(&frame(&mut model, 80, 24).0));
    in_each_other_language(|tag| {
        insta::assert_snapshot!(format!("code_{tag}"), text(&frame(&mut model, 80, 24).0));
    });
    let copied = press(&mut model, Cmd::Copy);
    assert!(matches!(copied.as_slice(), [Effect::Copy(address)] if address == "https://microsoft.com/devicelogin"));
    assert!(matches!(model.dialog, Some(Dialog::SigningIn)), "the page stays");
    assert!(matches!(press(&mut model, Cmd::Halt).as_slice(), [Effect::Send(Command::Halt)]), "H is heard");
    assert!(matches!(press(&mut model, Cmd::No).as_slice(), [Effect::Send(Command::CancelSignIn)]));
    assert!(model.dialog.is_none());
    told(&mut model, &scene, page_of_a_browser());
    assert!(model.dialog.is_none(), "it was given up");
    let _ = press(&mut model, Cmd::SignIn);
    insta::assert_snapshot!(text(&frame(&mut model, 80, 24).0));
    in_each_other_language(|tag| {
        insta::assert_snapshot!(format!("browser_{tag}"), text(&frame(&mut model, 80, 24).0));
    });
    let SignInState::Asking(Some(Prompt::Browser { address: page, .. })) = page_of_a_browser() else { panic!() };
    let copied = press(&mut model, Cmd::Copy);
    assert!(matches!(copied.as_slice(), [Effect::Copy(address)] if *address == page), "{copied:?}");
    assert!(matches!(model.dialog, Some(Dialog::SigningIn)), "the page stays");
    told(&mut model, &scene, SignInState::Good);
    assert!(model.dialog.is_none(), "it closes when somebody has signed in");
}

#[test]
fn a_question_is_not_covered_and_ascii_shows_the_code_too() {
    let (scene, mut model) = signed_out();
    let _ = press(&mut model, Cmd::Help);
    let _ = press(&mut model, Cmd::SignIn);
    told(&mut model, &scene, code(&scene));
    assert!(matches!(model.dialog, Some(Dialog::Help)));
    let _ = press(&mut model, Cmd::No);
    let _ = press(&mut model, Cmd::SignIn);
    model.ascii = true;
    let screen = text(&frame(&mut model, 80, 24).0);
    assert!(screen.contains("FRWQDE7YL") && screen.is_ascii(), "{screen}");
}
