//! What the operator does about users who are stuck: reprocess, a direct license taken off, the way back.

use ratatui::text::Line;

use crate::domain::approval::Direct;
use crate::domain::approval::Reprocess;
use crate::domain::count;
use crate::domain::id::UserId;
use crate::domain::route::Direction;
use crate::tui::dialog::Asked;
use crate::tui::dialog::approval::number;
use crate::tui::dialog::approval::way;
use crate::tui::dialog::approval::yes_no;
use crate::tui::dialog::frame::Page;
use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::view::PageBuilder;

pub(super) fn reprocessing<'a>(model: &Model, asked: &'a Asked<Reprocess>, width: usize) -> Page<'a> {
    let users = asked.proposal.users();
    let mut page = PageBuilder::new(model.theme, width);
    page.para(Role::Strong, format!("Reprocess the license of {}?", count::users(users.len())));
    page.fact(
        "what it does",
        Role::Text,
        "Licensing looks again at everything that groups give them. Nothing is taken away.",
    );
    page.fact(
        "it helps",
        Role::Text,
        "once the cause is mended: seats bought or freed, a usage location set, a clash removed.",
    );
    if let Some(free) = asked.proposal.seen().free_seats {
        let role = if free <= 0 { Role::Warn } else { Role::Text };
        let (_, route) = way(&model.snapshot.run, asked.proposal.batch());
        page.fact("seats", role, format!("{free} of {} free", route.target.short()));
    }
    page.fact("if not", Role::Text, "Graph may answer with one sentence on why not; the user's page shows it.");
    page.heading(&count::users(users.len()));
    dialog_page("Reprocess the license", Role::Focus, page, users, yes_no(model, "reprocesses"))
}

pub(super) fn clearing<'a>(model: &Model, asked: &'a Asked<Direct>, typed: &str, width: usize) -> Page<'a> {
    let proposal = &asked.proposal;
    let (_, route) = way(&model.snapshot.run, proposal.batch());
    let users = proposal.users();
    let (old, new) = (route.source.short(), route.target.short());
    let mut page = PageBuilder::new(model.theme, width);
    page.para(Role::Strong, format!("Take the direct {old} off {}?", count::users(users.len())));
    page.fact("license", Role::Strong, format!("{} · {}", route.source.sku_name, proposal.sku()));
    page.fact(
        "each one",
        Role::Text,
        format!("is read twice more first; only who has {new} from the group loses the direct {old}"),
    );
    page.fact(
        "no way back",
        Role::Warn,
        format!("skuferry gives no direct licenses: the admin center would have to give {old} again."),
    );
    page.heading(&count::users(users.len()));
    dialog_page("Remove a direct license", Role::Warn, page, users, number(model, users.len(), typed, width))
}

pub(super) fn rolling_back<'a>(model: &Model, users: &'a [UserId], left_out: usize, width: usize) -> Page<'a> {
    let run = &model.snapshot.run;
    let route = run.route_direction(Direction::Forward);
    let (from, to) = (&route.source.group_name, &route.target.group_name);
    let mut page = PageBuilder::new(model.theme, width);
    page.para(Role::Strong, format!("Roll back {}, from {to} to {from}?", count::users(users.len())));
    page.fact(
        "the way",
        Role::Text,
        format!("add to {from}, verify, remove from {to}, verify: the same migration turned round"),
    );
    page.fact("now", Role::Text, "This only plans it: nothing is written yet. Each step waits for its own approval.");
    if left_out > 0 {
        let stay = count::agreeing(left_out, "stays", "stay");
        let text =
            format!("{} {stay}: nothing was written for them, or they are on the way back", count::users(left_out));
        page.fact("left out", Role::Warn, text);
    }
    page.fact(
        "the batch",
        Role::Text,
        "They leave their batch for good; the rest of the run goes on once the rollback is complete.",
    );
    page.heading(&count::users(users.len()));
    dialog_page("Roll back", Role::Warn, page, users, yes_no(model, "plans the way back"))
}

fn dialog_page<'a>(title: &str, role: Role, page: PageBuilder, users: &'a [UserId], answer: Line<'static>) -> Page<'a> {
    Page { title: title.into(), role, facts: page.into_lines(), users, answer: vec![answer] }
}
