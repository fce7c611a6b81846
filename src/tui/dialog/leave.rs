//! Taking a user out, and leaving the program.

use crate::domain::id::UserId;
use crate::domain::route::Direction;
use crate::domain::standing::Standing;
use crate::domain::user::User;
use crate::tui::dialog::approval::yes_no;
use crate::tui::dialog::frame::Page;
use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::update::asks;
use crate::tui::view::PageBuilder;
use crate::words::batches;
use crate::words::counts;
use crate::words::phrase;
use crate::words::say;
use crate::words::standing;

/// Whoever is to be taken out is named: one user with all there is to say, several each in a line.
pub(super) fn exclude<'a>(model: &Model, users: &'a [UserId], left_out: usize, width: usize) -> Page<'a> {
    let [id] = users else { return exclude_all(model, users, left_out, width) };
    let run = &model.snapshot.run;
    let user = run.user(*id);
    let mut page = PageBuilder::new(model.theme, width);
    let name = user.map_or_else(|| id.to_string(), |user| user.upn.to_string());
    page.para(Role::Strong, say("dialog-exclude", &[("user", name.into())]));
    if let Some(stands) = user.and_then(|user| standing::stands(user)) {
        page.fact(&phrase("dialog-stands"), Role::Text, stands);
    }
    let stays = user.map_or_else(String::new, |user| stays(model, user));
    page.fact(&phrase("dialog-what-stays"), Role::Text, stays);
    let can_go_back = user.is_some_and(|user| user.add.is_done());
    let then = if can_go_back { phrase("dialog-exclude-then-or-back") } else { phrase("dialog-exclude-then") };
    page.fact(&phrase("dialog-then"), Role::Text, then);
    Page {
        title: phrase("dialog-exclude-title"),
        role: Role::Warn,
        facts: page.into_lines(),
        users: &[],
        answer: vec![yes_no(model, &phrase("dialog-yes-excludes"))],
    }
}

fn exclude_all<'a>(model: &Model, users: &'a [UserId], left_out: usize, width: usize) -> Page<'a> {
    let mut page = PageBuilder::new(model.theme, width);
    page.para(Role::Strong, say("dialog-exclude-all", &[("count", users.len().into())]));
    page.fact(&phrase("dialog-what-stays"), Role::Text, phrase("dialog-exclude-all-stays"));
    page.fact(&phrase("dialog-then"), Role::Text, phrase("dialog-exclude-all-then"));
    if left_out > 0 {
        let text = say("dialog-exclude-all-left-out", &[("count", left_out.into())]);
        page.fact(&phrase("dialog-left-out"), Role::Warn, text);
    }
    page.heading(&counts::users(users.len()));
    Page {
        title: phrase("dialog-exclude-all-title"),
        role: Role::Warn,
        facts: page.into_lines(),
        users,
        answer: vec![yes_no(model, &phrase("dialog-yes-excludes"))],
    }
}

fn stays(model: &Model, user: &User) -> String {
    let route = model.snapshot.run.route_direction(user.direction);
    let (old, from, to) = (route.source.short(), route.source.group_name.as_str(), route.target.group_name.as_str());
    match (user.add.is_done(), user.remove.is_done()) {
        // What somebody has who is deleted, or cannot sign in, is not for this run to say.
        _ if user.standing == Some(Standing::Missing) => phrase("dialog-stays-missing"),
        (true, false) if user.direction == Direction::Rollback => {
            say("dialog-stays-in-both", &[("from", from.into()), ("to", to.into())])
        }
        (false, false) if user.direction == Direction::Rollback => {
            say("dialog-stays-in-one", &[("from", from.into()), ("to", to.into())])
        }
        (_, true) => say("dialog-stays-in-target", &[("from", from.into()), ("to", to.into())]),
        (true, false) => say("dialog-stays-added", &[("old", old.into()), ("from", from.into()), ("to", to.into())]),
        (false, false) => {
            say("dialog-stays-with-old", &[("old", old.into()), ("from", from.into()), ("to", to.into())])
        }
    }
}

pub(super) fn quit(model: &Model, width: usize) -> Page<'static> {
    let run = &model.snapshot.run;
    let mut page = PageBuilder::new(model.theme, width);
    let phase = |batch: usize| batches::phase(run.phase_of(batch), run.direction_of(batch));
    let done = |batch: usize| {
        let counts = model.summary.batches.get(batch);
        let (done, active) = counts.map_or((0, 0), |counts| (counts.done, counts.active));
        say("dialog-quit-done", &[("done", done.into()), ("count", active.into())])
    };
    match asks::between_phases(model).as_slice() {
        [] => {
            page.para(Role::Strong, phrase("dialog-quit-while-writing"));
            page.fact(&phrase("dialog-users"), Role::Text, done(run.current));
        }
        [batch] => {
            let (phase, title) = (phase(*batch), batches::title(run, *batch));
            page.para(Role::Strong, say("dialog-quit-in-phase", &[("phase", phase.into()), ("batch", title.into())]));
            page.fact(&phrase("dialog-users"), Role::Text, done(*batch));
        }
        several => {
            page.para(Role::Strong, say("dialog-quit-in-phases", &[("count", several.len().into())]));
            for batch in several {
                page.fact(&batches::title(run, *batch), Role::Text, format!("{} · {}", phase(*batch), done(*batch)));
            }
        }
    }
    page.fact(&phrase("dialog-writes"), Role::Text, phrase("dialog-quit-in-flight"));
    let later = model.again.clone().unwrap_or_else(|| phrase("dialog-quit-simulated"));
    page.fact(&phrase("dialog-later"), Role::Text, later);
    Page {
        title: phrase("dialog-quit-title"),
        role: Role::Focus,
        facts: page.into_lines(),
        users: &[],
        answer: vec![yes_no(model, &phrase("dialog-yes-quits"))],
    }
}
