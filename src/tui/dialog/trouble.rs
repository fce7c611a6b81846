//! The alarm and the end of a halt.

use std::sync::Arc;

use crate::domain::halt::HaltReason;
use crate::domain::halt_now::reason_now;
use crate::domain::id::UserId;
use crate::domain::route::Direction;
use crate::domain::user::User;
use crate::tui::dialog::Between;
use crate::tui::dialog::approval::yes_no;
use crate::tui::dialog::frame::Page;
use crate::tui::format;
use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::view::PageBuilder;
use crate::words::counts;
use crate::words::halt;
use crate::words::phrase;
use crate::words::say;

pub(super) fn alarm<'a>(model: &Model, users: &'a [UserId], width: usize) -> Page<'a> {
    let run = &model.snapshot.run;
    let route = run.route_direction(Direction::Forward);
    let (old, new) = (route.source.short(), route.target.short());
    let mut page = PageBuilder::new(model.theme, width);
    let still = users.iter().filter(|id| run.user(**id).is_some_and(|user| user.is_unlicensed())).count();
    if still > 0 {
        let mut text = say("dialog-alarm", &[("count", still.into()), ("old", old.into()), ("new", new.into())]);
        if still < users.len() {
            let others = say("dialog-alarm-others", &[("count", (users.len() - still).into())]);
            text = format!("{text} {others}");
        }
        page.para(Role::Bad, text);
    } else {
        let text = match users.iter().filter_map(|id| run.user(*id)?.since).max() {
            Some(last) => {
                let start = format::clock(last, &model.zone);
                say("dialog-alarm-over-since", &[("start", start.into()), ("count", users.len().into())])
            }
            None => say("dialog-alarm-over", &[("count", users.len().into())]),
        };
        page.para(Role::Strong, text);
    }
    page.para(Role::Text, phrase("dialog-alarm-writes-nothing"));
    let goes_back = |id: &UserId| run.user(*id).is_some_and(|user| user.direction == Direction::Rollback);
    if !users.iter().all(goes_back) {
        let from = route.source.group_name.as_str();
        let back = say("dialog-alarm-way-back", &[("group", from.into())]);
        page.fact(&phrase("dialog-way-back"), Role::Strong, back);
    }
    page.fact(&phrase("dialog-or"), Role::Text, phrase("dialog-alarm-look-again"));
    page.heading(&counts::users(users.len()));
    Page {
        title: phrase("screen-alarm"),
        role: Role::Alarm,
        facts: page.into_lines(),
        users,
        answer: vec![yes_no(model, &phrase("dialog-yes-acknowledges"))],
    }
}

pub(super) fn lift<'a>(model: &Model, whys: &[HaltReason], between: &'a Between, width: usize) -> Page<'a> {
    let run = &model.snapshot.run;
    let (from, to) = (run.route.source.group_name.as_str(), run.route.target.group_name.as_str());
    let (old, new) = (run.route.source.short(), run.route.target.short());
    let mut page = PageBuilder::new(model.theme, width);
    page.para(Role::Strong, phrase("dialog-lift"));
    let whys: Vec<_> = whys.iter().map(|why| reason_now(run, why, model.now)).collect();
    page.fact(&phrase("screen-halted"), Role::Bad, halt::all_now(&whys));
    let unlicensed = run.users.iter().filter(|user| user.is_unlicensed()).count();
    if unlicensed > 0 {
        let text =
            say("dialog-lift-unlicensed", &[("count", unlicensed.into()), ("old", old.into()), ("new", new.into())]);
        page.fact(&phrase("dialog-unlicensed"), Role::Bad, text);
    }
    let (adds, removes, both) = (between.open_adds, between.open_removes, between.in_both);
    let lines = [
        (adds, say("dialog-open-adds", &[("count", adds.into()), ("group", to.into())])),
        (removes, say("dialog-open-removes", &[("count", removes.into()), ("group", from.into())])),
        (both, say("dialog-in-both", &[("count", both.into()), ("from", from.into()), ("to", to.into())])),
    ];
    for (_, text) in lines.iter().filter(|(count, _)| *count > 0) {
        page.fact(&phrase("dialog-in-between"), Role::Warn, text);
    }
    let may_act = |user: &&Arc<User>| user.may_be_moved_by_others();
    let copies = run.users.iter().filter(may_act).count();
    if copies > 0 {
        page.fact(&phrase("dialog-by-others"), Role::Warn, say("dialog-lift-copies", &[("count", copies.into())]));
    }
    if between.users.is_empty() && copies == 0 {
        page.fact(&phrase("dialog-in-between"), Role::Good, phrase("dialog-in-between-nobody"));
    }
    page.fact(&phrase("dialog-then"), Role::Text, phrase("dialog-lift-then"));
    if !between.users.is_empty() {
        page.heading(&say("dialog-in-between-users", &[("count", between.users.len().into())]));
    }
    Page {
        title: phrase("screen-halted"),
        role: Role::Warn,
        facts: page.into_lines(),
        users: &between.users,
        answer: vec![yes_no(model, &phrase("dialog-yes-lifts-halt"))],
    }
}
