//! What the operator does about users who are stuck: reprocess, a direct license taken off, the way back.

use ratatui::text::Line;

use crate::domain::approval::Direct;
use crate::domain::approval::Reprocess;
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
use crate::words::counts;
use crate::words::phrase;
use crate::words::say;

pub(super) fn reprocessing<'a>(model: &Model, asked: &'a Asked<Reprocess>, width: usize) -> Page<'a> {
    let users = asked.proposal.users();
    let mut page = PageBuilder::new(model.theme, width);
    page.para(Role::Strong, say("dialog-reprocess", &[("count", users.len().into())]));
    page.fact(&phrase("dialog-what-it-does"), Role::Text, phrase("dialog-reprocess-does"));
    page.fact(&phrase("dialog-it-helps"), Role::Text, phrase("dialog-reprocess-helps"));
    if let Some(free) = asked.proposal.seen().free_seats {
        let role = if free <= 0 { Role::Warn } else { Role::Text };
        let (_, route) = way(&model.snapshot.run, asked.proposal.batch());
        let product = route.target.short();
        let text = say("dialog-seats-free", &[("free", free.into()), ("product", product.into())]);
        page.fact(&phrase("dialog-seats"), role, text);
    }
    page.fact(&phrase("dialog-if-not"), Role::Text, phrase("dialog-reprocess-refused"));
    page.heading(&counts::users(users.len()));
    let answer = yes_no(model, &phrase("dialog-yes-reprocesses"));
    dialog_page(phrase("dialog-reprocess-title"), Role::Focus, page, users, answer)
}

pub(super) fn clearing<'a>(model: &Model, asked: &'a Asked<Direct>, typed: &str, width: usize) -> Page<'a> {
    let proposal = &asked.proposal;
    let (_, route) = way(&model.snapshot.run, proposal.batch());
    let users = proposal.users();
    let (old, new) = (route.source.short(), route.target.short());
    let mut page = PageBuilder::new(model.theme, width);
    page.para(Role::Strong, say("dialog-direct", &[("old", old.into()), ("count", users.len().into())]));
    page.fact(&phrase("dialog-license"), Role::Strong, format!("{} · {}", route.source.sku_name, proposal.sku()));
    let each = say("dialog-direct-read-twice", &[("old", old.into()), ("new", new.into())]);
    page.fact(&phrase("dialog-each-one"), Role::Text, each);
    let no_way = say("dialog-direct-no-way-back", &[("old", old.into())]);
    page.fact(&phrase("dialog-no-way-back"), Role::Warn, no_way);
    page.heading(&counts::users(users.len()));
    let answer = number(model, users.len(), typed, width);
    dialog_page(phrase("dialog-direct-title"), Role::Warn, page, users, answer)
}

pub(super) fn rolling_back<'a>(model: &Model, users: &'a [UserId], left_out: usize, width: usize) -> Page<'a> {
    let run = &model.snapshot.run;
    let route = run.route_direction(Direction::Forward);
    let (from, to) = (route.source.group_name.as_str(), route.target.group_name.as_str());
    let mut page = PageBuilder::new(model.theme, width);
    page.para(
        Role::Strong,
        say("dialog-roll-back", &[("count", users.len().into()), ("from", from.into()), ("to", to.into())]),
    );
    let way = say("dialog-roll-back-way", &[("from", from.into()), ("to", to.into())]);
    page.fact(&phrase("dialog-the-way"), Role::Text, way);
    page.fact(&phrase("dialog-now"), Role::Text, phrase("dialog-roll-back-now"));
    if left_out > 0 {
        let text = say("dialog-roll-back-left-out", &[("count", left_out.into())]);
        page.fact(&phrase("dialog-left-out"), Role::Warn, text);
    }
    page.fact(&phrase("dialog-the-batch"), Role::Text, phrase("dialog-roll-back-batch"));
    page.heading(&counts::users(users.len()));
    let answer = yes_no(model, &phrase("dialog-yes-plans-way-back"));
    dialog_page(phrase("dialog-roll-back-title"), Role::Warn, page, users, answer)
}

fn dialog_page<'a>(
    title: String,
    role: Role,
    page: PageBuilder,
    users: &'a [UserId],
    answer: Line<'static>,
) -> Page<'a> {
    Page { title, role, facts: page.into_lines(), users, answer: vec![answer] }
}
