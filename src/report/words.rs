//! The words of the report, in one place: what its values are called.

use crate::domain::count;
use crate::domain::fault::FaultKind;
use crate::domain::route::Direction;
use crate::domain::standing::Standing;
use crate::domain::user::User;
use crate::domain::write::WriteKind;
use crate::report::content::Ended;
use crate::report::content::State;
use crate::report::content::Status;
use crate::report::content::Totals;

/// What is said where a journal does not have it.
pub const NOT_RECORDED: &str = "not recorded";

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

/// What a write is called.
pub fn kind(kind: WriteKind) -> &'static str {
    match kind {
        WriteKind::Add => "add",
        WriteKind::Remove => "remove",
        WriteKind::Reprocess => "reprocess",
        WriteKind::Direct => "remove-direct",
    }
}

/// What became of a user, in one word; what matters most first.
pub fn outcome(user: &User) -> &'static str {
    match &user.standing {
        _ if user.is_unlicensed() => "unlicensed",
        _ if user.is_open() => "unknown",
        _ if user.is_migrated() => "migrated",
        _ if user.is_rolled_back() => "rolled-back",
        _ if user.excluded => "excluded",
        _ if !user.is_active() => "blocked",
        Some(Standing::Missing) => "missing",
        Some(standing) if standing.is_stuck() => "stuck",
        _ if user.remove.is_done() || user.add.is_done() => "under-way",
        _ => "not-begun",
    }
}

/// The first line of every rendering.
pub fn first_line(status: &Status, begun: bool) -> String {
    let end = match &status.journal {
        Ended::Whole => String::new(),
        Ended::Cut => format!(
            "; the journal is cut short: it ends after {}, in the middle of the next",
            count::counted(status.records, "record", "records")
        ),
        Ended::Damaged { line, why } => {
            format!("; the journal ends before line {line}, which cannot be used: {why}")
        }
    };
    if !begun {
        return format!("The run has not begun{end}");
    }
    let state = match (status.state, &status.halted) {
        (State::Complete, _) => "The run is complete".to_owned(),
        (State::UnderWay, None) => "The run is under way: this report tells of it so far".into(),
        (State::UnderWay, Some(why)) => format!("The run is under way and halted: {why}"),
        (State::Halted, why) => format!("The run is halted: {}", why.as_deref().unwrap_or("no reason is recorded")),
        (State::Stopped, _) => "The run was stopped and is not complete".into(),
    };
    state + &end
}

/// The sum in one sentence.
pub fn summary(totals: &Totals) -> String {
    let (done, of) = (thousands(totals.migrated as u64), thousands(totals.in_batches as u64));
    let back = match totals.rolled_back {
        0 => String::new(),
        back => format!(", {} rolled back", thousands(back as u64)),
    };
    format!("{done} of {of} migrated{back}, {} without a license", seconds(totals.seconds_unlicensed))
}

/// A number with its thousands apart.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A length in seconds with its noun.
pub fn seconds(seconds: u64) -> String {
    format!("{} {}", thousands(seconds), count::agreeing(seconds, "second", "seconds"))
}

/// A length of time in short: `45 s`, `3 min 20 s`, `2 h 5 min`.
pub fn brief(seconds: u64) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes, rest) {
        (0, 0, rest) => format!("{rest} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, rest) => format!("{minutes} min {rest} s"),
        (hours, 0, _) => format!("{hours} h"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
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
