//! The page of a sign-in: it opens when there is something to do for it, and closes when the sign-in ends.

use crate::engine::handle::Command;
use crate::graph::SignInState;
use crate::tui::action::Effect;
use crate::tui::dialog::Dialog;
use crate::tui::model::Model;
use crate::tui::model::Tone;
use crate::tui::update::open;

/// The operator wants to sign in.
pub(super) fn begin(model: &mut Model) -> Vec<Effect> {
    model.signing_in = true;
    model.tell(Tone::Plain, "signing in");
    follow(model);
    vec![Effect::Send(Command::SignIn)]
}

/// Opens or closes the page as the sign-in goes. It opens only for who asked for it, and over no question.
pub(super) fn follow(model: &mut Model) {
    let open_now = matches!(model.dialog, Some(Dialog::SigningIn));
    match &model.snapshot.sign_in {
        SignInState::Asking(Some(_)) if model.signing_in && model.dialog.is_none() && !model.ending => {
            open(model, Dialog::SigningIn);
        }
        SignInState::Good | SignInState::Needed(_) if open_now => {
            (model.dialog, model.signing_in) = (None, false);
        }
        SignInState::Asking(_) | SignInState::Good | SignInState::Needed(_) => {}
    }
}

/// Copies the address of the page; the page stays.
pub(super) fn copy(model: &mut Model) -> Vec<Effect> {
    let SignInState::Asking(Some(prompt)) = &model.snapshot.sign_in else { return Vec::new() };
    let address = prompt.address().to_owned();
    model.dialog = Some(Dialog::SigningIn);
    model.tell(Tone::Plain, "copied: the address to sign in at");
    vec![Effect::Copy(address)]
}

/// Gives the sign-in up.
pub(super) fn give_up(model: &mut Model) -> Vec<Effect> {
    model.signing_in = false;
    model.tell(Tone::Plain, "the sign-in was given up: L begins it anew");
    vec![Effect::Send(Command::CancelSignIn)]
}
