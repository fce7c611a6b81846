//! Taking a user out, and leaving the program.

use crate::domain::count;
use crate::domain::id::UserId;
use crate::domain::phase::Phase;
use crate::domain::route::Direction;
use crate::domain::standing::Standing;
use crate::domain::user::User;
use crate::tui::dialog::approval::yes_no;
use crate::tui::dialog::frame::Page;
use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::view::PageBuilder;
use crate::words::batches;
use crate::words::standing;

pub(super) fn exclude<'a>(model: &Model, id: &'a UserId, width: usize) -> Page<'a> {
    let run = &model.snapshot.run;
    let user = run.user(*id);
    let mut page = PageBuilder::new(model.theme, width);
    page.para(
        Role::Strong,
        format!("Exclude {} from the batch?", user.map_or_else(|| id.to_string(), |user| user.upn.clone())),
    );
    if let Some(stands) = user.and_then(|user| standing::stands(user)) {
        page.fact("stands", Role::Text, stands);
    }
    page.fact("what stays", Role::Text, user.map_or_else(String::new, |user| stays(model, user)));
    let later = if user.is_some_and(|user| user.add.is_done()) { ", unless R rolls them back" } else { "" };
    let then = format!(
        "The batch goes on with the rest: it no longer waits for this user, and nothing more is written for them in this \
         run{later}."
    );
    page.fact("then", Role::Text, then);
    Page {
        title: "Exclude a user".into(),
        role: Role::Warn,
        facts: page.into_lines(),
        users: &[],
        answer: vec![yes_no(model, "excludes")],
    }
}

fn stays(model: &Model, user: &User) -> String {
    let route = model.snapshot.run.route_direction(user.direction);
    let (old, from, to) = (route.source.short(), &route.source.group_name, &route.target.group_name);
    match (user.add.is_done(), user.remove.is_done()) {
        // What somebody has who is deleted, or cannot sign in, is not for this run to say.
        _ if user.standing == Some(Standing::Missing) => "Nothing is changed about the account, if it is there.".into(),
        (true, false) if user.direction == Direction::Rollback => {
            format!("They are in both {from} and {to}, and stay in both.")
        }
        (false, false) if user.direction == Direction::Rollback => format!("They stay in {from}; {to} is not touched."),
        (_, true) => format!("They have left {from} and remain in {to}."),
        (true, false) => format!("They keep {old} from {from} and remain in {to}, to which they were added."),
        (false, false) => format!("They keep {old} from {from}; {to} is not touched."),
    }
}

pub(super) fn quit(model: &Model, width: usize) -> Page<'static> {
    let run = &model.snapshot.run;
    let mut page = PageBuilder::new(model.theme, width);
    let here = match run.phase() {
        Phase::Preflight | Phase::Complete => "Something is being written".to_owned(),
        phase => {
            format!("{} is under way in {}", batches::phase(phase, run.direction()), batches::title(run, run.current))
        }
    };
    page.para(Role::Strong, format!("Quit? {here}."));
    let between = model.summary.counts;
    page.fact(
        "users",
        Role::Text,
        format!(
            "{} of {} {} done with this phase; all stay where they are",
            between.done,
            count::users(between.active),
            count::agreeing(between.done, "is", "are")
        ),
    );
    page.fact("writes", Role::Text, "What is in flight is awaited and recorded; nothing more leaves.");
    match &model.again {
        Some(command) => page.fact("later", Role::Text, command),
        None => page.fact("later", Role::Text, "The simulated tenant ends too: this run cannot be taken up again."),
    }
    Page {
        title: "Quit".into(),
        role: Role::Focus,
        facts: page.into_lines(),
        users: &[],
        answer: vec![yes_no(model, "quits")],
    }
}
