//! The page of the users.

use ratatui::text::Line;

use crate::setup::state::Setup;
use crate::setup::state::UsersKind;
use crate::setup::view::indented;
use crate::setup::view::row;
use crate::setup::view::text_field;
use crate::tui::format;
use crate::tui::theme::Role;
use crate::tui::theme::Theme;
use crate::words::phrase;
use crate::words::say;

pub(super) fn lines(setup: &Setup, theme: Theme, width: usize, room: usize) -> Vec<Line<'static>> {
    let form = &setup.users;
    let mut lines = Vec::new();
    for kind in UsersKind::ALL {
        let chosen = form.kind == kind;
        let mark = if chosen { "(•) " } else { "( ) " };
        let name = match kind {
            UsersKind::SourceGroup => phrase("setup-users-source-group"),
            UsersKind::File => phrase("setup-users-file"),
            UsersKind::Pilot => phrase("setup-users-pilot"),
        };
        lines.push(row(theme, chosen && !form.in_text, &format!("{mark}{name}"), width));
        let text = match kind {
            UsersKind::SourceGroup => source_group(setup),
            UsersKind::File => phrase("setup-users-file-text"),
            UsersKind::Pilot => phrase("setup-users-pilot-text"),
        };
        lines.extend(indented(theme, &text, width));
        let field = match kind {
            UsersKind::SourceGroup => None,
            UsersKind::File => Some((phrase("setup-field-file"), &form.file)),
            UsersKind::Pilot => Some((phrase("setup-field-user"), &form.entry)),
        };
        if let Some((label, field)) = field.filter(|_| chosen) {
            lines.push(text_field(theme, &label, field, form.in_text, width));
        }
    }
    if form.kind == UsersKind::Pilot {
        let named = say("setup-users-named", &[("count", form.pilot.len().into())]);
        lines.push(Line::from(theme.span(Role::Strong, named)));
        // Who was named last is the one that would be taken back.
        let rows = room.saturating_sub(lines.len());
        let first = form.pilot.len().saturating_sub(rows);
        let shown = form.pilot.iter().enumerate().skip(first);
        lines.extend(shown.map(|(at, user)| {
            let text = format!("  {} {}", format::pad_left(&(at + 1).to_string(), 4), user);
            Line::from(theme.span(Role::Text, format::cut(&text, width)))
        }));
    }
    lines
}

/// The source group and how many members it has.
fn source_group(setup: &Setup) -> String {
    let group = setup.source.group.and_then(|id| setup.tenant.as_ref()?.group(id));
    let Some(one) = group else { return String::new() };
    let name = one.group.name.as_str().into();
    match one.members {
        Some(count) => say("setup-users-members", &[("group", name), ("count", count.into())]),
        None => say("setup-users-members-unknown", &[("group", name)]),
    }
}
