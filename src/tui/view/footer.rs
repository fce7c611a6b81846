//! What waits for the operator and why, the newest notice, faults that last, and the keys.

use ratatui::text::Line;
use ratatui::text::Span;

use crate::domain::progress::Urgency;
use crate::domain::progress::Waiting;
use crate::domain::questions::PendingQuestion;
use crate::domain::requests::Offer;
use crate::domain::requests::available_actions;
use crate::domain::time::since;
use crate::engine::snapshot::Connection;
use crate::graph::SignInState;
use crate::tui::format;
use crate::tui::glyph;
use crate::tui::keys;
use crate::tui::keys::Bind;
use crate::tui::keys::Cmd;
use crate::tui::keys::Mode;
use crate::tui::model::Model;
use crate::tui::model::Tone;
use crate::tui::model::View;
use crate::tui::theme::Role;

/// The sentence, and how urgent it is.
pub(super) fn waiting(model: &Model) -> Waiting {
    if model.ending {
        let text = "ending: what is in flight is awaited and recorded, nothing more leaves".into();
        return Waiting { urgency: Urgency::Trouble, text };
    }
    let mut waiting = model.summary.waiting.clone();
    let (snapshot, calm) = (&model.snapshot, model.summary.question.is_err() && !model.snapshot.run.complete);
    match &snapshot.connection {
        Connection::Failing { since: start, .. } if calm => {
            let length = format::lasting(since(*start, model.now));
            waiting =
                Waiting { urgency: Urgency::Trouble, text: format!("{} · no answer for {length}", waiting.text) };
        }
        _ if calm && snapshot.paused => waiting.text.push_str(" · polling is paused, Space resumes"),
        _ => {}
    }
    match &snapshot.sign_in {
        SignInState::Needed(_) => {
            let text = "signed out: nothing is read or written until somebody signs in · press L";
            if waiting.urgency == Urgency::Alarm {
                waiting.text = format!("{} · {text}", waiting.text);
            } else {
                return Waiting { urgency: Urgency::Trouble, text: format!("{text} · {}", waiting.text) };
            }
        }
        SignInState::Asking(_) => waiting.text.push_str(" · a sign-in is under way"),
        SignInState::Good => {}
    }
    if model.snapshot.read_only.is_some() {
        waiting.text.push_str(" · read-only: nothing can be approved here");
        if waiting.urgency == Urgency::Asks {
            waiting.urgency = Urgency::Calm;
        }
    } else if model.dialog.is_none() {
        waiting.text.push_str(match &model.summary.question {
            Ok(PendingQuestion::Add(_) | PendingQuestion::Remove(_)) => " · press a",
            Ok(PendingQuestion::Alarm) => " · press a to see who",
            Ok(PendingQuestion::LiftHalt) => " · press a to go on",
            Err(_) if model.summary.counts.stuck > 0 => " · Enter inspects, r reprocesses, x excludes",
            // Trouble that is nothing to wait out, such as with users whom somebody else moves.
            Err(_) if model.summary.counts.failed > 0 && model.snapshot.run.approved_pending.is_empty() => {
                " · Enter inspects, x excludes"
            }
            Err(_) => "",
        });
    }
    waiting
}

/// How a sentence looks by its urgency.
pub(super) fn role(urgency: Urgency) -> Role {
    match urgency {
        Urgency::Calm => Role::Strong,
        Urgency::Asks => Role::Ask,
        Urgency::Trouble => Role::Bad,
        Urgency::Alarm => Role::Alarm,
    }
}

/// The sentence in as many lines as it takes: the most visible thing on the screen.
pub(super) fn sentence(model: &Model, width: usize) -> Vec<Line<'static>> {
    let waiting = waiting(model);
    let role = role(waiting.urgency);
    let lines = format::wrap(&waiting.text, width.saturating_sub(4));
    lines.into_iter().take(4).map(|line| model.theme.span(role, format!(" {} {line}", glyph::WAITS)).into()).collect()
}

/// The newest notice, and below it a fault that lasts.
pub(super) fn status(model: &Model, width: usize) -> Vec<Line<'static>> {
    let (theme, mut lines) = (model.theme, Vec::new());
    let mut say = |role, mark: &str, text: String| {
        let wrapped = format::wrap(&text, width.saturating_sub(4));
        let more = wrapped.len() > 2;
        for (place, line) in wrapped.into_iter().take(2).enumerate() {
            let mark = if place == 0 { mark } else { " " };
            let line =
                if more && place == 1 { format!("{}…", format::cut(&line, width.saturating_sub(6))) } else { line };
            lines.push(Line::from(theme.span(role, format!(" {mark} {line}"))));
        }
    };
    if let Some(note) = model.note() {
        let role = match note.tone {
            Tone::Plain => Role::Text,
            Tone::Refused => Role::Warn,
            Tone::Said => Role::Strong,
        };
        say(role, glyph::CURSOR, note.text.clone());
    }
    if let Some(fault) = &model.snapshot.fault {
        let what =
            if matches!(model.snapshot.connection, Connection::Failing { .. }) { "no answer" } else { "a read failed" };
        say(Role::Bad, glyph::BAD, format!("{what}: {fault}"));
    }
    lines
}

/// The keys that matter here, as many as fit; those that do nothing now are dim.
pub(super) fn hints(model: &Model, width: usize) -> Line<'static> {
    let theme = model.theme;
    let mode = model.mode();
    let mut spans = vec![Span::raw(" ")];
    if mode == Mode::Search {
        spans.push(theme.span(Role::Key, "/ "));
        spans.push(theme.span(Role::Strong, format::cut(&model.list.search, width / 2)));
        spans.push(theme.span(Role::Selected, " "));
        spans.push(theme.span(Role::Dim, "  searches the whole run: name, id, cause   "));
    }
    let mut left = width.saturating_sub(spans.iter().map(Span::width).sum());
    let goes_back = model.inspecting || model.list.batch.is_some() || !model.list.search.is_empty();
    let shown = |bind: &&Bind| !bind.hint.is_empty() && (bind.cmd != Cmd::Back || goes_back);
    let binds: Vec<&Bind> = keys::of(mode).chain(keys::of(Mode::Always)).filter(shown).collect();
    let width_of = |bind: &Bind| format::width(&first(bind)) + 1 + format::width(hint(model, bind)) + 2;
    let last: Vec<&Bind> = binds.iter().copied().filter(|bind| matches!(bind.cmd, Cmd::Help | Cmd::Halt)).collect();
    let kept: usize = last.iter().map(|bind| width_of(bind)).sum();
    let front = binds.into_iter().filter(|bind| !matches!(bind.cmd, Cmd::Help | Cmd::Halt));
    for (bind, reserve) in front.map(|bind| (bind, kept)).chain(last.into_iter().map(|bind| (bind, 0))) {
        let needed = width_of(bind);
        if needed + reserve > left + 2 {
            continue;
        }
        left = left.saturating_sub(needed);
        let (key, text) = if idle(model, bind.cmd) { (Role::Dim, Role::Dim) } else { (Role::Key, Role::Text) };
        spans.push(theme.span(key, first(bind)));
        spans.push(theme.span(text, format!(" {}  ", hint(model, bind))));
    }
    Line::from(spans)
}

/// What the key does here, in a word.
fn hint(model: &Model, bind: &Bind) -> &'static str {
    if bind.cmd == Cmd::Inspect && model.view == View::Batches { "open" } else { bind.hint }
}

fn first(bind: &Bind) -> String {
    bind.keys.first().map(|key| key.label()).unwrap_or_default()
}

/// Whether this can be asked for about the selected user.
fn offered(model: &Model, offer: Offer) -> bool {
    let found = model.selected().map(|user| available_actions(&model.snapshot.run, &model.summary.permits, user));
    model.snapshot.read_only.is_none() && found.is_some_and(|found| found.contains(&offer))
}

/// Whether the key would be refused now.
fn idle(model: &Model, cmd: Cmd) -> bool {
    match cmd {
        Cmd::Approve => model.snapshot.read_only.is_some() || model.summary.question.is_err(),
        Cmd::Exclude => model.view != View::Users || !offered(model, Offer::Exclude),
        Cmd::Reprocess if model.view == View::Users => !offered(model, Offer::Reprocess),
        Cmd::Inspect | Cmd::Reprocess => matches!(model.view, View::Events | View::Plan),
        _ => false,
    }
}
