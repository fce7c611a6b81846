//! The sign-in in the midst of a run: what the operator has to do for it.

use ratatui::text::Line;

use crate::graph::SignInState;
use crate::tui::dialog::frame::Page;
use crate::tui::model::Model;
use crate::tui::sign_in;
use crate::tui::theme::Role;

pub(super) fn page(model: &Model, width: usize) -> Page<'static> {
    let facts = match &model.snapshot.sign_in {
        SignInState::Asking(Some(prompt)) => sign_in::lines(prompt, model.now, model.theme, model.ascii, width),
        SignInState::Asking(None) | SignInState::Good | SignInState::Needed(_) => {
            vec![Line::from(model.theme.span(Role::Text, "The sign-in is under way."))]
        }
    };
    Page { title: "Sign in".into(), role: Role::Focus, facts, users: &[], answer: vec![sign_in::keys(model.theme)] }
}
