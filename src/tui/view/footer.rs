//! What waits for the operator and why, the newest notice, faults that last, and the keys.

use ratatui::text::Line;
use ratatui::text::Span;

use crate::domain::progress::Urgency;
use crate::domain::questions::PendingQuestion;
use crate::domain::requests::Offer;
use crate::domain::requests::available_actions;
use crate::domain::sign_in_prompt::SignInState;
use crate::domain::time::since;
use crate::engine::snapshot::Connection;
use crate::tui::dialog::Dialog;
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
use crate::words::fault;
use crate::words::notice;
use crate::words::phrase;
use crate::words::progress;
use crate::words::say;

/// What the run waits for in a sentence, and how urgent it is.
pub(super) struct Sentence {
    pub(super) urgency: Urgency,
    pub(super) text: String,
}

/// What the run waits for, with what the operator can do about it.
pub(super) fn waiting(model: &Model) -> Sentence {
    if model.ending {
        let text = phrase("screen-ending");
        return Sentence { urgency: Urgency::Trouble, text };
    }
    let urgency = model.summary.waiting.urgency;
    let mut waiting = Sentence { urgency, text: progress::waiting(&model.summary.waiting, &model.snapshot.run) };
    let (snapshot, calm) = (&model.snapshot, model.summary.question.is_err() && !model.snapshot.run.complete);
    match &snapshot.connection {
        Connection::Failing { since: start, .. } if calm => {
            let length = format::lasting(since(*start, model.now));
            let text = say("screen-no-answer-for", &[("length", length.into())]);
            waiting = Sentence { urgency: Urgency::Trouble, text: format!("{} · {text}", waiting.text) };
        }
        _ if calm && snapshot.paused => also(&mut waiting.text, &phrase("screen-paused-resumes")),
        _ => {}
    }
    match &snapshot.sign_in {
        SignInState::Needed(_) => {
            let text = phrase("screen-signed-out-press");
            if waiting.urgency == Urgency::Alarm {
                waiting.text = format!("{} · {text}", waiting.text);
            } else {
                return Sentence { urgency: Urgency::Trouble, text: format!("{text} · {}", waiting.text) };
            }
        }
        SignInState::Asking(_) => also(&mut waiting.text, &phrase("screen-sign-in-under-way")),
        SignInState::Good => {}
    }
    if model.snapshot.read_only.is_some() {
        also(&mut waiting.text, &phrase("screen-read-only-no-approval"));
        if waiting.urgency == Urgency::Asks {
            waiting.urgency = Urgency::Calm;
        }
    } else if model.dialog.is_none() {
        let asks = matches!(model.summary.question, Ok(PendingQuestion::Add(_) | PendingQuestion::Remove(_)));
        if let Some(opens) = model.snapshot.window_opens.as_ref().filter(|_| asks) {
            also(&mut waiting.text, &notice::outside_window(opens));
            waiting.urgency = Urgency::Calm;
            return waiting;
        }
        let keys = match &model.summary.question {
            Ok(PendingQuestion::Add(_) | PendingQuestion::Remove(_)) => phrase("screen-press-approve"),
            Ok(PendingQuestion::Alarm) => phrase("screen-press-alarm"),
            Ok(PendingQuestion::LiftHalt) => phrase("screen-press-halt"),
            Err(_) if model.summary.counts.stuck > 0 => phrase("screen-press-stuck"),
            // Trouble that is nothing to wait out, such as with users whom somebody else moves.
            Err(_) if model.summary.counts.failed > 0 && model.snapshot.run.approved_pending.is_empty() => {
                phrase("screen-press-failed")
            }
            Err(_) => return waiting,
        };
        also(&mut waiting.text, &keys);
    }
    waiting
}

/// Says this behind a sentence.
fn also(sentence: &mut String, text: &str) {
    sentence.push_str(" · ");
    sentence.push_str(text);
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
    let mut waiting = waiting(model);
    // What needs the operator says so, and since when: nothing routine is louder.
    let needs = waiting.urgency != Urgency::Calm && model.snapshot.read_only.is_none() && !model.ending;
    if let Some(began) = model.need_began().filter(|_| needs) {
        let age = format::brief_to_the_minute(since(began, model.now));
        waiting.text = say("screen-needs-you", &[("age", age.into()), ("what", waiting.text.into())]);
        if model.dialog.is_none() {
            also(&mut waiting.text, &phrase("screen-press-next"));
        }
    }
    let role = role(waiting.urgency);
    let lines = format::wrap(&waiting.text, width.saturating_sub(4));
    lines.into_iter().take(4).map(|line| model.theme.span(role, format!(" {} {line}", glyph::WAITS)).into()).collect()
}

/// The newest notice, and below it a fault that lasts.
pub(super) fn status(model: &Model, width: usize) -> Vec<Line<'static>> {
    let (theme, mut lines) = (model.theme, Vec::new());
    let mut tell = |role, mark: &str, text: String| {
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
        tell(role, glyph::CURSOR, note.text.clone());
    }
    if let Some(fault) = &model.snapshot.fault {
        let fault = fault::fault(fault);
        let text = if matches!(model.snapshot.connection, Connection::Failing { .. }) {
            say("screen-fault-no-answer", &[("fault", fault.into())])
        } else {
            say("screen-fault-read-failed", &[("fault", fault.into())])
        };
        tell(Role::Bad, glyph::BAD, text);
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
        spans.push(theme.span(Role::Dim, format!("  {}   ", phrase("screen-search-hint"))));
    }
    if let Some(Dialog::Palette(palette)) = &model.dialog {
        spans.push(theme.span(Role::Key, keys::label(Mode::Views, Cmd::Palette)));
        spans.push(theme.span(Role::Strong, format!(" {}", format::cut(&palette.typed, width / 2))));
        spans.push(theme.span(Role::Selected, " "));
        spans.push(theme.span(Role::Dim, format!("  {}   ", phrase("dialog-palette-hint"))));
    }
    let mut left = width.saturating_sub(spans.iter().map(Span::width).sum());
    let users = &model.list;
    let opened = users.batch.is_some() || users.cause.is_some() || !users.marks.is_empty();
    let goes_back = model.inspecting || opened || !users.search.is_empty();
    let shown = |bind: &&Bind| bind.cmd != Cmd::Back || goes_back;
    let binds = keys::of(mode).chain(keys::of(Mode::Always)).filter(shown);
    let hinted = binds.filter_map(|bind| Some((bind, first(bind), hint(model, bind)?)));
    let width_of = |key: &str, hint: &str| format::width(key) + 1 + format::width(hint) + 2;
    // Halt and help are never left out.
    let (last, front): (Vec<_>, Vec<_>) = hinted.partition(|(bind, ..)| matches!(bind.cmd, Cmd::Help | Cmd::Halt));
    let kept: usize = last.iter().map(|(_, key, hint)| width_of(key, hint)).sum();
    let reserves = std::iter::repeat_n(kept, front.len()).chain(std::iter::repeat(0));
    for ((bind, name, hint), reserve) in front.into_iter().chain(last).zip(reserves) {
        let needed = width_of(&name, &hint);
        if needed + reserve > left + 2 {
            continue;
        }
        left = left.saturating_sub(needed);
        let (key, text) = if idle(model, bind.cmd) { (Role::Dim, Role::Dim) } else { (Role::Key, Role::Text) };
        spans.push(theme.span(key, name));
        spans.push(theme.span(text, format!(" {hint}  ")));
    }
    Line::from(spans)
}

/// What the key does here, in a word.
fn hint(model: &Model, bind: &Bind) -> Option<String> {
    let opens = bind.cmd == Cmd::Inspect && matches!(model.view, View::Batches | View::Problems);
    if opens { Some(phrase("key-hint-open")) } else { bind.hint() }
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
        Cmd::Approve => model.snapshot.read_only.is_some() || !model.summary.may_ask,
        Cmd::Next => model.needs.is_empty(),
        Cmd::Exclude | Cmd::Reprocess if !model.list.marks.is_empty() || model.view == View::Problems => false,
        Cmd::Exclude => model.view != View::Users || !offered(model, Offer::Exclude),
        Cmd::Reprocess if model.view == View::Users => !offered(model, Offer::Reprocess),
        Cmd::Inspect | Cmd::Reprocess | Cmd::Mark => matches!(model.view, View::Events | View::Plan),
        _ => false,
    }
}
