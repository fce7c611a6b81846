//! How far the phase has come: a bar, a sparkline, the next poll, seats and the time it still takes.

use ratatui::text::Line;
use ratatui::text::Span;

use crate::domain::latency::Goal;
use crate::domain::phase::Phase;
use crate::domain::route::Direction;
use crate::domain::time::SignedDuration;
use crate::domain::time::since;
use crate::engine::snapshot::Activity;
use crate::tui::format;
use crate::tui::glyph;
use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::view::remaining;
use crate::words::phrase;
use crate::words::say;

/// A shorter bar says nothing.
const LEAST_BAR: usize = 8;

pub(super) fn line(model: &Model, width: usize) -> Line<'static> {
    let (theme, counts) = (model.theme, &model.summary.counts);
    let (run, phase) = (&model.snapshot.run, model.snapshot.run.phase());
    let word = done_word(phase, if run.complete { Direction::Forward } else { run.direction() });
    // Before the approval nothing is done yet, however many are ready.
    let (counted, active) =
        if model.snapshot.run.complete { whole(model) } else { (counts.done.min(counts.active), counts.active) };
    let (done, tally) = match &word {
        Some(word) => (counted, format!("{counted} / {active} {word}")),
        None if model.snapshot.run.preflight.is_some() => {
            (0, say("screen-progress-ready", &[("count", counts.done.into())]))
        }
        None => (0, String::new()),
    };
    let mut parts = vec![(0, Role::Strong, tally)];
    if word.is_some() && !model.snapshot.run.complete {
        parts.push((3, Role::Busy, sparks(model)));
    }
    parts.push((0, Role::Text, doing(model)));
    if let Some(free) = model.snapshot.free_seats {
        let run = &model.snapshot.run;
        parts.push((
            2,
            Role::Text,
            match run.direction() {
                Direction::Forward => say("screen-progress-seats", &[("free", free.into())]),
                Direction::Rollback => {
                    let product = run.route.target.short();
                    say("screen-progress-seats-of", &[("free", free.into()), ("product", product.into())])
                }
            },
        ));
    }
    // Where nobody looks, nothing is known of when it will be seen.
    let watches = model.snapshot.run.halted.is_none() && !model.snapshot.paused;
    if let Some(left) = model.summary.remaining.filter(|_| watches) {
        // That nothing is known is the first to go; a time stays longest.
        let goes = if left.is_unknown() { 4 } else { 1 };
        parts.push((goes, Role::Text, remaining::remaining(&left)));
    }
    parts.retain(|(_, _, text)| !text.is_empty());
    let needed = |parts: &[(u8, Role, String)]| parts.iter().map(|(_, _, text)| format::width(text) + 2).sum::<usize>();
    for goes in [4, 3, 2, 1] {
        if needed(&parts) + LEAST_BAR + 2 > width {
            parts.retain(|(one, _, _)| *one != goes);
        }
    }
    let bar = width.saturating_sub(needed(&parts) + 2).min(48);
    let full = (bar * done).checked_div(active).unwrap_or(0);
    let mut spans = vec![
        Span::raw(" "),
        theme.span(Role::Good, glyph::FULL.repeat(full)),
        theme.span(Role::Rest, glyph::EMPTY.repeat(bar - full)),
    ];
    for (_, role, text) in parts {
        spans.push(Span::raw("  "));
        spans.push(theme.span(role, text));
    }
    Line::from(spans)
}

/// Migrated users of all batches, and those that could be.
fn whole(model: &Model) -> (usize, usize) {
    let batches = &model.summary.batches;
    let forward = batches.iter().filter(|batch| batch.direction == Direction::Forward);
    (forward.map(|batch| batch.arrived).sum(), batches.iter().map(|batch| batch.users).sum())
}

/// What a user is for whom the phase is done.
fn done_word(phase: Phase, direction: Direction) -> Option<String> {
    match phase {
        Phase::Preflight => None,
        Phase::AddToTarget => Some(phrase("screen-progress-added")),
        Phase::VerifyAdded => Some(phrase("screen-progress-safe")),
        Phase::RemoveFromSource => Some(phrase("screen-progress-removed")),
        Phase::VerifyMigrated | Phase::Complete => Some(match direction {
            Direction::Forward => phrase("screen-progress-migrated"),
            Direction::Rollback => phrase("screen-progress-rolled-back"),
        }),
    }
}

fn doing(model: &Model) -> String {
    let snapshot = &model.snapshot;
    match &snapshot.activity {
        Activity::Connecting => phrase("screen-connecting"),
        Activity::Checking => phrase("screen-doing-checking"),
        Activity::Polling => format::pad(&phrase("screen-doing-reading"), poll_width()),
        Activity::Adding => phrase("screen-doing-adding"),
        Activity::LookingLast => phrase("screen-doing-last-look"),
        Activity::Naming => phrase("screen-doing-naming"),
        Activity::Removing => phrase("screen-doing-removing"),
        Activity::Reprocessing => phrase("screen-doing-reprocessing"),
        Activity::RemovingDirect => phrase("screen-doing-direct"),
        Activity::AwaitingCanary => format!("{}{}", phrase("screen-doing-canary"), poll(model, " · ")),
        Activity::AwaitingSeats => format!("{}{}", phrase("screen-doing-seats"), poll(model, " · ")),
        Activity::AwaitingDisk => phrase("screen-doing-disk"),
        Activity::ReadingBack => phrase("screen-doing-reading-back"),
        Activity::Holding { until } => {
            say("screen-doing-holding", &[("length", format::lasting(since(model.now, *until)).into())])
        }
        Activity::Idle => poll(model, ""),
    }
}

fn poll(model: &Model, before: &str) -> String {
    let snapshot = &model.snapshot;
    if snapshot.paused {
        return format!("{before}{}", phrase("screen-polling-paused"));
    }
    let next = match snapshot.next_poll {
        Some(at) if at <= model.now => phrase("screen-next-poll-due"),
        Some(at) => next_poll(whole_seconds(since(model.now, at))),
        None => return String::new(),
    };
    // Longer intervals take more room, and change once a minute.
    format!("{before}{}", format::pad(&next, poll_width().max(format::width(&next))))
}

/// A length up to the next second: what is still to come is never told as nothing.
fn whole_seconds(length: SignedDuration) -> SignedDuration {
    SignedDuration::from_secs(length.as_secs() + i64::from(length.subsec_nanos() > 0))
}

fn next_poll(length: SignedDuration) -> String {
    say("screen-next-poll", &[("length", format::lasting(length).into())])
}

/// How wide it is said when the next poll comes, so that nothing moves while the seconds go by.
fn poll_width() -> usize {
    let said =
        [next_poll(SignedDuration::from_secs(59)), phrase("screen-next-poll-due"), phrase("screen-doing-reading")];
    format::widest(0, said)
}

/// How long users waited for what the batch waits for now, over the whole run: the columns of a histogram, the shortest
/// waits first.
fn sparks(model: &Model) -> String {
    let run = &model.snapshot.run;
    let goal = match run.phase() {
        Phase::Preflight | Phase::AddToTarget | Phase::VerifyAdded => Goal::Ready,
        Phase::RemoveFromSource | Phase::VerifyMigrated | Phase::Complete => Goal::Migrated,
    };
    glyph::sparks(model.summary.estimates.get(run.direction(), goal).histogram())
}
