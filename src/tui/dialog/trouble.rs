//! The alarm and the end of a halt.

use crate::domain::count;
use crate::domain::event::HaltReason;
use crate::domain::id::UserId;
use crate::domain::progress::halt_now;
use crate::domain::route::Direction;
use crate::tui::dialog::Between;
use crate::tui::dialog::approval::yes_no;
use crate::tui::dialog::frame::Page;
use crate::tui::format;
use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::view::PageBuilder;

pub(super) fn alarm<'a>(model: &Model, users: &'a [UserId], width: usize) -> Page<'a> {
    let run = &model.snapshot.run;
    let route = run.route_direction(Direction::Forward);
    let (old, new) = (route.source.short(), route.target.short());
    let mut page = PageBuilder::new(model.theme, width);
    let still = users.iter().filter(|id| run.user(**id).is_some_and(|user| user.is_unlicensed())).count();
    if still > 0 {
        let others =
            if still < users.len() { format!(" {} had none for a while.", users.len() - still) } else { String::new() };
        let text = format!("{} without a license: neither {old} nor {new} is active.{others}", count::users(still));
        page.para(Role::Bad, text);
    } else {
        let last = users.iter().filter_map(|id| run.user(*id)?.since).max();
        let since = last.map_or_else(String::new, |at| format!(" since {}", format::clock(at, &model.zone)));
        let were = count::agreeing(users.len(), "was", "were");
        page.para(
            Role::Strong,
            format!("The alarm is over{since}: {} {were} without a license.", count::users(users.len())),
        );
    }
    page.para(
        Role::Text,
        "Nothing is written, and acknowledging writes nothing either: the run stays halted until you lift the halt.",
    );
    let goes_back = |id: &UserId| run.user(*id).is_some_and(|user| user.direction == Direction::Rollback);
    if !users.iter().all(goes_back) {
        let from = &route.source.group_name;
        let back = format!("select the user (1), press R, lift the halt (a) and approve adding them to {from}");
        page.fact("way back", Role::Strong, back);
    }
    let again = "if only a seat was missing and is free now: lift the halt (a), then r has licensing look again";
    page.fact("or", Role::Text, again);
    page.heading(&count::users(users.len()));
    Page {
        title: "alarm".into(),
        role: Role::Alarm,
        facts: page.into_lines(),
        users,
        answer: vec![yes_no(model, "acknowledges")],
    }
}

pub(super) fn lift<'a>(model: &Model, why: &HaltReason, between: &'a Between, width: usize) -> Page<'a> {
    let run = &model.snapshot.run;
    let (from, to) = (&run.route.source.group_name, &run.route.target.group_name);
    let (old, new) = (run.route.source.short(), run.route.target.short());
    let mut page = PageBuilder::new(model.theme, width);
    page.para(Role::Strong, "Lift the halt, so that writing may go on?");
    page.fact("halted", Role::Bad, halt_now(run, why, model.now));
    let unlicensed = run.users.iter().filter(|user| user.is_unlicensed()).count();
    if unlicensed > 0 {
        let text = format!("{} without a license still: neither {} nor {}", count::users(unlicensed), old, new);
        page.fact("unlicensed", Role::Bad, text);
    }
    let lines = [
        (between.open_adds, format!("whose addition to {to} nobody can answer for yet")),
        (between.open_removes, format!("whose removal from {from} nobody can answer for yet")),
        (between.in_both, format!("in both {from} and {to}")),
    ];
    for (count, text) in lines.iter().filter(|(count, _)| *count > 0) {
        page.fact("in between", Role::Warn, format!("{} {text}", count::users(*count)));
    }
    if between.users.is_empty() {
        page.fact("in between", Role::Good, "nobody");
    }
    page.fact("then", Role::Text, "What was approved before the halt is approved no more: it is asked again.");
    if !between.users.is_empty() {
        page.heading(&format!("{} in between", count::users(between.users.len())));
    }
    Page {
        title: "halted".into(),
        role: Role::Warn,
        facts: page.into_lines(),
        users: &between.users,
        answer: vec![yes_no(model, "lifts the halt")],
    }
}
