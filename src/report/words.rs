//! The words of the report, in one place: what its values are called.

use crate::domain::fault::FaultKind;
use crate::domain::route::Direction;
use crate::domain::standing::StandingCode;
use crate::domain::standing::Written;
use crate::domain::write::WriteKind;
use crate::report::content::Ended;
use crate::report::content::Report;
use crate::report::content::State;
use crate::report::content::Status;
use crate::report::content::Totals;
use crate::report::content::UserOutcome;
pub use crate::words::numbers::thousands;
use crate::words::phrase;
use crate::words::say;
use crate::words::standing;

/// What is said where a journal does not have it.
pub fn not_recorded() -> String {
    phrase("report-not-recorded")
}

/// The kind of a fault, as the journal has it.
pub fn fault_kind(kind: FaultKind) -> String {
    serde_json::to_value(kind).ok().and_then(|kind| kind.as_str().map(ToOwned::to_owned)).unwrap_or_default()
}

/// Which way a batch or a user goes.
pub fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Forward => "forward",
        Direction::Rollback => "rollback",
    }
}

/// What became of a user, as people read it.
pub fn outcome(outcome: UserOutcome) -> String {
    match outcome {
        UserOutcome::Unlicensed => phrase("report-outcome-unlicensed"),
        UserOutcome::Unknown => phrase("report-outcome-unknown"),
        UserOutcome::Migrated => phrase("report-outcome-migrated"),
        UserOutcome::RolledBack => phrase("report-outcome-rolled-back"),
        UserOutcome::Excluded => phrase("report-outcome-excluded"),
        UserOutcome::Blocked => phrase("report-outcome-blocked"),
        UserOutcome::Missing => phrase("report-outcome-missing"),
        UserOutcome::Stuck => phrase("report-outcome-stuck"),
        UserOutcome::UnderWay => phrase("report-outcome-under-way"),
        UserOutcome::NotBegun => phrase("report-outcome-not-begun"),
    }
}

/// What a write is called, as people read it.
pub fn shown_kind(kind: WriteKind) -> String {
    match kind {
        WriteKind::Add => phrase("report-kind-add"),
        WriteKind::Remove => phrase("report-kind-remove"),
        WriteKind::Reprocess => phrase("report-kind-reprocess"),
        WriteKind::Direct => phrase("report-kind-remove-direct"),
    }
}

/// A standing as people read it.
pub fn shown_standing(code: StandingCode) -> String {
    standing::short(code, Direction::Forward, Written::Nothing)
}

/// The first line of every rendering.
pub fn first_line(status: &Status, begun: bool) -> String {
    let state = match (status.state, &status.halted) {
        _ if !begun => phrase("report-not-begun"),
        (State::Complete, _) => phrase("report-complete"),
        (State::UnderWay, None) => phrase("report-under-way"),
        (State::UnderWay, Some(why)) => say("report-under-way-halted", &[("why", why.as_str().into())]),
        (State::Halted, Some(why)) => say("report-halted", &[("why", why.as_str().into())]),
        (State::Halted, None) => phrase("report-halted-unrecorded"),
        (State::Stopped, _) => phrase("report-stopped"),
    };
    match &status.journal {
        Ended::Whole => state,
        Ended::Cut => say("report-journal-cut", &[("state", state.into()), ("count", status.records.into())]),
        Ended::Damaged { line, why } => {
            let (line, why) = ((*line).into(), why.as_str().into());
            say("report-journal-damaged", &[("state", state.into()), ("line", line), ("why", why)])
        }
    }
}

/// The first line of a rehearsal's report.
pub fn of_rehearsal(line: &str) -> String {
    say("report-rehearsal", &[("state", line.into())])
}

/// The sum in one sentence.
pub fn summary(totals: &Totals) -> String {
    let (done, of) = (thousands(totals.migrated as u64), thousands(totals.in_batches as u64));
    let (done, of, unlicensed) = (done.into(), of.into(), seconds(totals.seconds_unlicensed).into());
    match totals.rolled_back {
        0 => say("report-summary", &[("done", done), ("of", of), ("unlicensed", unlicensed)]),
        back => {
            let back = thousands(back as u64).into();
            say("report-summary-back", &[("done", done), ("of", of), ("back", back), ("unlicensed", unlicensed)])
        }
    }
}

/// A length in seconds with its noun.
pub fn seconds(seconds: u64) -> String {
    say("report-seconds", &[("count", seconds.into()), ("shown", thousands(seconds).into())])
}

/// Why somebody was not removed.
pub fn not_removed(why: &str) -> String {
    say("report-not-removed", &[("why", why.into())])
}

/// What the report was made from, and how its seconds are meant.
pub fn made_from(report: &Report) -> String {
    let records = report.status.records;
    say(
        "report-made-from",
        &[
            ("count", records.into()),
            ("records", records.to_string().into()),
            ("schema", report.schema.to_string().into()),
        ],
    )
}

/// How many are not named.
pub fn and_more(count: usize) -> String {
    say("report-and-more", &[("count", count.into())])
}

/// A length of time in short: `45 s`, `3 min 20 s`, `2 h 5 min`.
pub fn brief(seconds: u64) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes, rest) {
        (0, 0, rest) => say("screen-seconds", &[("seconds", rest.into())]),
        (0, minutes, 0) => say("screen-minutes", &[("minutes", minutes.into())]),
        (0, minutes, rest) => say("screen-minutes-seconds", &[("minutes", minutes.into()), ("seconds", rest.into())]),
        (hours, 0, _) => say("screen-hours", &[("hours", hours.into())]),
        (hours, minutes, _) => say("screen-hours-minutes", &[("hours", hours.into()), ("minutes", minutes.into())]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_lengths_are_told_as_people_write_them() {
        assert_eq!(
            [thousands(0), thousands(999), thousands(1197), thousands(100_000)],
            ["0", "999", "1,197", "100,000"]
        );
        assert_eq!([seconds(0), seconds(1), seconds(1200)], ["0 seconds", "1 second", "1,200 seconds"]);
        assert_eq!(
            [brief(5), brief(60), brief(200), brief(7500), brief(7200)],
            ["5 s", "1 min", "3 min 20 s", "2 h 5 min", "2 h"]
        );
    }
}
