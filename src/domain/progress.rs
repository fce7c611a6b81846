//! Counts of a run and the one sentence that says what it waits for.

use std::sync::Arc;

use crate::domain::automatic::in_grace;
use crate::domain::count;
use crate::domain::event::HaltReason;
use crate::domain::migration::Fact;
use crate::domain::migration::Migration;
use crate::domain::phase::Phase;
use crate::domain::questions::PendingQuestion;
use crate::domain::questions::gates;
use crate::domain::questions::pending_question;
use crate::domain::route::Direction;
use crate::domain::seat_ledger::told_fits;
use crate::domain::standing::Holder;
use crate::domain::standing::Standing;
use crate::domain::time::Timestamp;
use crate::domain::user::User;

/// How many users of the batch under way stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All users of the batch.
    pub total: usize,
    /// Those the batch waits for: neither blocked nor excluded.
    pub active: usize,
    /// Active users for whom the phase under way is done.
    pub done: usize,
    /// Users that GBL has still to act on.
    pub waiting: usize,
    /// Waiting users past `stuck_after`.
    pub late: usize,
    /// Active users that are stuck or missing.
    pub stuck: usize,
    /// Users without a license.
    pub unlicensed: usize,
    /// Users whose last step was backwards.
    pub went_back: usize,
    /// Users that the operator took out.
    pub excluded: usize,
    /// Users that preflight blocked in this batch.
    pub blocked: usize,
    /// Users that hold both licenses.
    pub holds_both: usize,
    /// Users in the expected conflict.
    pub in_conflict: usize,
    /// Users whose write failed.
    pub failed: usize,
}

/// Counts the batch on the screen.
pub fn counts(run: &Migration, now: Timestamp) -> Counts {
    counts_of(run, run.current, now)
}

/// Counts one batch.
pub fn counts_of(run: &Migration, batch: usize, now: Timestamp) -> Counts {
    let count = |fact| run.count(batch, fact);
    let done = match run.phase_of(batch) {
        Phase::Preflight => Fact::Ready,
        Phase::AddToTarget => Fact::Added,
        Phase::VerifyAdded => Fact::Safe,
        Phase::RemoveFromSource => Fact::Removed,
        Phase::VerifyMigrated | Phase::Complete => Fact::Arrived,
    };
    Counts {
        total: count(Fact::Member),
        active: count(Fact::Active),
        done: count(done),
        waiting: count(Fact::Waiting),
        late: run.late_in(batch, now),
        stuck: count(Fact::Stuck),
        unlicensed: count(Fact::Unlicensed),
        went_back: count(Fact::WentBack),
        excluded: count(Fact::Excluded),
        blocked: count(Fact::Blocked),
        holds_both: count(Fact::HoldsBoth),
        in_conflict: count(Fact::InConflict),
        failed: count(Fact::Failed),
    }
}

/// How urgent the sentence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// Nothing is asked of the operator.
    Calm,
    /// The operator is asked for an answer.
    Asks,
    /// Something is wrong.
    Trouble,
    /// Users are without a license.
    Alarm,
}

/// What the run waits for, said in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// How urgent it is.
    pub urgency: Urgency,
    /// The sentence.
    pub text: String,
}

/// Says what the run waits for, and why nothing can be approved when nothing can.
pub fn waiting(run: &Migration, now: Timestamp) -> Waiting {
    let say = |urgency, text: String| Waiting { urgency, text };
    if let Some(alarm) = run.alarm.as_ref().filter(|alarm| !alarm.acknowledged) {
        return match still_unlicensed(run, now) {
            0 => {
                let (users, were) =
                    (count::users(alarm.users.len()), count::agreeing(alarm.users.len(), "was", "were"));
                let text =
                    format!("alarm is over: {users} {were} without a license, nobody is now · nothing is written");
                say(Urgency::Trouble, text)
            }
            still => {
                say(Urgency::Alarm, format!("alarm: {} without a license · nothing is written", count::users(still)))
            }
        };
    }
    if let Some(halt) = &run.halted {
        return say(Urgency::Trouble, format!("halted: {}", halt_now(run, &halt.why, now)));
    }
    if run.complete {
        return complete(run);
    }
    let gates = gates(run);
    let batch = gates.first().map_or(run.current, |gate| gate.batch);
    let (phase, route) = (run.phase_of(batch), run.route_direction(run.direction_of(batch)));
    let before = match run.direction_of(batch) {
        Direction::Forward => run.completed().map(|what| what + " · ").unwrap_or_default(),
        Direction::Rollback => run.title(batch) + " · ",
    };
    let counts = counts_of(run, batch, now);
    let others = beside(run, batch, &counts, now) + &more_gates(gates.len());
    match pending_question(run) {
        Ok(PendingQuestion::Add(users)) => {
            let group = &route.target.group_name;
            let rest = match phase {
                Phase::AddToTarget => " · again, as not every addition was made",
                Phase::VerifyAdded => " · again, as somebody else took them out",
                _ => "",
            };
            say(
                Urgency::Asks,
                format!("{before}waiting for approval: add {} to {group}{rest}{others}", count::users(users)),
            )
        }
        Ok(PendingQuestion::Remove(users)) => {
            let (group, outcomes) = (&route.source.group_name, outcomes(&counts));
            let rest = match (phase, run.count(batch, Fact::Removed)) {
                (Phase::RemoveFromSource, removed @ 1..) => {
                    let were = count::agreeing(removed, "was", "were");
                    format!(" · the rest, as {removed} {were} removed already")
                }
                (Phase::VerifyMigrated, _) => " · again, as somebody else put them back".to_owned(),
                _ => String::new(),
            };
            let users = count::users(users);
            say(
                Urgency::Asks,
                format!("{before}waiting for approval: remove {users} from {group}{rest}{outcomes}{others}"),
            )
        }
        Ok(PendingQuestion::Alarm | PendingQuestion::LiftHalt) => say(Urgency::Trouble, "halted".into()),
        Err(why) => {
            let trouble = counts.stuck + counts.unlicensed + counts.failed > 0 || run.batches.is_empty();
            let urgency = if trouble && run.preflight.is_some() { Urgency::Trouble } else { Urgency::Calm };
            if run.group_problem().is_some() && run.approved_pending.is_empty() && phase != Phase::Preflight {
                return say(Urgency::Trouble, before + &why.0);
            }
            say(urgency, before + &still(run, batch, &counts, now).unwrap_or(why.0 + &others))
        }
    }
}

/// Approvals that wait besides the one that is told.
fn more_gates(all: usize) -> String {
    match all.saturating_sub(1) {
        0 => String::new(),
        1 => " · 1 more approval waits".to_owned(),
        more => format!(" · {more} more approvals wait"),
    }
}

/// Users of a batch who have neither arrived nor gone back: excluded, stuck, without a part, blocked since the batches were cut.
pub fn exceptions<'a>(users: impl Iterator<Item = &'a User>) -> usize {
    users.filter(|user| user.batch.is_some() && !user.is_migrated() && !user.is_rolled_back()).count()
}

/// That the migration is complete, with how many exceptions: `migration complete, 2 exceptions`.
pub fn completion(run: &Migration) -> String {
    format!("migration complete{}", with_exceptions(exceptions(run.users.iter().map(AsRef::as_ref))))
}

/// `, 2 exceptions`, or nothing when there is none.
pub fn with_exceptions(exceptions: usize) -> String {
    if exceptions == 0 { String::new() } else { format!(", {}", count::counted(exceptions, "exception", "exceptions")) }
}

/// How it ended for everybody who was listed. Who was never moved may have lost their license by another hand.
fn complete(run: &Migration) -> Waiting {
    let (mut migrated, mut back, mut excluded, mut blocked) = (0, 0, 0, 0);
    let unlicensed = run.users.iter().filter(|user| user.standing == Some(Standing::Unlicensed)).count();
    // Nobody is counted twice: that somebody is without a license, or lost a part, is said instead of how they came there.
    let is_told_below = |user: &User| matches!(user.standing, Some(Standing::Unlicensed | Standing::LostPart(_)));
    for user in run.users.iter().filter(|user| !is_told_below(user)) {
        match user {
            user if user.is_migrated() => migrated += 1,
            user if user.is_rolled_back() => back += 1,
            user if user.excluded => excluded += 1,
            _ => blocked += 1,
        }
    }
    let lost = run.users.iter().filter(|user| matches!(user.standing, Some(Standing::LostPart(_)))).count();
    let urgency = match (unlicensed, lost) {
        (1.., _) => Urgency::Alarm,
        (0, 1..) => Urgency::Trouble,
        (0, 0) => Urgency::Calm,
    };
    let others = [
        (back, "rolled back"),
        (excluded, "excluded"),
        (blocked, "never moved"),
        (lost, "lost a part"),
        (unlicensed, "without a license"),
    ];
    let others = others.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!(" · {count} {word}"));
    Waiting { urgency, text: format!("{}: {migrated} migrated{}", completion(run), others.collect::<String>()) }
}

fn still(run: &Migration, batch: usize, counts: &Counts, now: Timestamp) -> Option<String> {
    if !matches!(run.phase_of(batch), Phase::VerifyAdded | Phase::VerifyMigrated | Phase::RemoveFromSource) {
        return None;
    }
    // An open write without an approval has outlived its process: that it is asked about comes before all else.
    let unknown = |user: &Arc<User>| user.id.is_some_and(|id| !run.approved_pending.contains(&id));
    if run.open().any(unknown) {
        return None;
    }
    let grace = run.run.settings.unlicensed_grace;
    let switching = run.unlicensed().filter(|user| user.batch == Some(batch) && in_grace(user, now, grace)).count();
    let Waiters { processing, holding, late, went_back } = waiters(run, batch, now);
    let source = run.route_direction(run.direction_of(batch)).source;
    let parts: Vec<String> = [
        (processing, "processing".to_owned()),
        (holding, format!("still holding {}", source.short())),
        (late, "late".into()),
        (counts.stuck, "stuck".into()),
        (switching, "switching over, without a license for now".into()),
        (counts.unlicensed.saturating_sub(switching), "without a license".into()),
        (went_back, "went back".into()),
    ]
    .iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| format!("{count} {word}"))
    .collect();
    let next = match run.approved_pending.left_in(batch) {
        0 => "nothing to approve yet".to_owned(),
        1 => "1 more follows, as approved".to_owned(),
        left => format!("{left} more follow, as approved"),
    };
    (!parts.is_empty()).then(|| format!("waiting: {} · {next}", parts.join(" · ")))
}

/// Whom a batch waits for who is neither stuck nor without a license; each of them is told of once.
#[derive(Default)]
struct Waiters {
    processing: usize,
    /// GBL has acted, and somebody else holds the license that they leave.
    holding: usize,
    late: usize,
    went_back: usize,
}

fn waiters(run: &Migration, batch: usize, now: Timestamp) -> Waiters {
    let mut waiters = Waiters::default();
    for user in run.active_in(batch) {
        let (late, waits) = (user.is_late(now, run.run.settings.stuck_after), user.is_waiting());
        match &user.standing {
            _ if user.is_stuck() => {}
            Some(Standing::Unlicensed) => {}
            _ if late => waiters.late += 1,
            _ if user.went_back => waiters.went_back += 1,
            Some(Standing::SourceLingers(holder)) if waits && *holder != Holder::NotProcessed => waiters.holding += 1,
            _ if waits => waiters.processing += 1,
            _ => {}
        }
    }
    waiters
}

/// Who needs the operator besides: an approval that waits does nothing for them, and a canary may wait for them.
fn beside(run: &Migration, batch: usize, counts: &Counts, now: Timestamp) -> String {
    let Waiters { holding, late, .. } = waiters(run, batch, now);
    let holds = format!("still holding {}", run.route_direction(run.direction_of(batch)).source.short());
    let parts = [(holding, holds.as_str()), (late, "late"), (counts.stuck, "stuck")];
    let told = parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!(" · {count} {word}"));
    told.collect::<String>()
}

fn outcomes(counts: &Counts) -> String {
    match (counts.in_conflict, counts.holds_both) {
        (0, _) | (_, 0) => String::new(),
        (conflict, both) => {
            let hold = count::agreeing(both, "holds", "hold");
            format!(" · mixed: {conflict} in the expected conflict, {both} {hold} both")
        }
    }
}

/// Whether something waits for the operator's answer.
pub fn waiting_for_operator(run: &Migration) -> bool {
    pending_question(run).is_ok()
}

/// Who is without a license now and no switch-over explains it.
fn still_unlicensed(run: &Migration, now: Timestamp) -> usize {
    let grace = run.run.settings.unlicensed_grace;
    run.users.iter().filter(|user| user.is_unlicensed() && !in_grace(user, now, grace)).count()
}

/// A halt's reason as things stand now: what was counted when it came may be over, or more.
pub fn halt_now(run: &Migration, why: &HaltReason, now: Timestamp) -> String {
    match why {
        HaltReason::TooManyStuck { stuck, most } => {
            let ours = |user: &&User| user.is_stuck() && user.is_ours();
            let still = run.users.iter().map(AsRef::as_ref).filter(ours).count() + run.overdue(now);
            let are = count::agreeing(still, "is", "are");
            if still == *stuck {
                return format!("{} {are} stuck, more than {most}", count::users(still));
            }
            let were = count::agreeing(*stuck, "was", "were");
            format!(
                "{} {are} stuck now · when it halted {stuck} {were} or had been, more than {most}",
                count::users(still)
            )
        }
        HaltReason::Unlicensed => match still_unlicensed(run, now) {
            0 => "users were without a license, nobody is now".into(),
            still => format!("{} {} without a license", count::users(still), count::agreeing(still, "is", "are")),
        },
        HaltReason::Operator | HaltReason::Seats(_) | HaltReason::Write(_) => halt_reason(why),
    }
}

/// A halt's reason in a few words, as it was when the halt came.
pub fn halt_reason(why: &HaltReason) -> String {
    match why {
        HaltReason::Operator => "by the operator".into(),
        HaltReason::Unlicensed => "users are without a license".into(),
        HaltReason::TooManyStuck { stuck, most } => {
            let (users, are) = (count::users(*stuck), count::agreeing(*stuck, "is or was", "are or were"));
            format!("{users} {are} stuck, more than {most}")
        }
        HaltReason::Seats(seats) => {
            let (available, needed, later, seats_fit) = (seats.available, seats.needed, seats.later, seats.fits);
            let of = seats.product.as_ref().map_or_else(String::new, |product| format!(" of {product}"));
            let (seats, are) = (count::counted(available, "seat", "seats"), |of| count::agreeing(of, "is", "are"));
            let fits = seats_fit.map_or_else(String::new, |fits| format!("; {}", told_fits(fits)));
            let later = match later {
                0 => String::new(),
                1 => ", and 1 more for who comes later".to_owned(),
                more => format!(", and {more} more for who comes later"),
            };
            format!("{seats}{of} {} free, {needed} {} needed{later}{fits}", are(available), are(needed))
        }
        HaltReason::Write(fault) => format!("a write failed: {fault}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::seat_ledger::Shortage;

    #[test]
    fn the_reason_of_a_halt_agrees_with_its_counts() {
        let stuck = |stuck, most| halt_reason(&HaltReason::TooManyStuck { stuck, most });
        assert_eq!(stuck(1, 0), "1 user is or was stuck, more than 0");
        assert_eq!(stuck(4, 3), "4 users are or were stuck, more than 3");
        let seats =
            |available, needed| halt_reason(&HaltReason::Seats(Shortage { available, needed, ..Shortage::default() }));
        assert_eq!(seats(1, 2), "1 seat is free, 2 are needed");
        assert_eq!(seats(0, 1), "0 seats are free, 1 is needed");
        let short = Shortage { available: 2, needed: 9, product: Some("E3".into()), fits: Some(2), later: 30 };
        assert_eq!(
            halt_reason(&HaltReason::Seats(short)),
            "2 seats of E3 are free, 9 are needed, and 30 more for who comes later; the first 2 users fit"
        );
    }
}
