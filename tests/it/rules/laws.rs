//! The rules as an outsider would judge them: each law looks at a record and says what broke it.

mod back;
mod canary;
mod doubt;
mod halt;
mod intent;
mod licenses;
mod patience;
mod proof;
mod seats;
mod secrets;
mod unlicensed;

use skuferry::domain::migration::Migration;
use skuferry::domain::phase::Illegal;
use skuferry::domain::route::Direction;

use uuid::Uuid;

use crate::rules::record::Record;
use crate::rules::record::Written;
use crate::rules::truth::Truth;

/// All that a law looks at.
pub(crate) struct Case<'a> {
    pub(crate) record: &'a Record,
    pub(crate) truth: Truth<'a>,
    pub(crate) writes: Vec<Written>,
    /// The run as each event left it.
    runs: Vec<Migration>,
}

impl<'a> Case<'a> {
    fn of(record: &'a Record) -> Result<Self, String> {
        let broken = |why: Illegal| format!("the run cannot be taken up again: {why}");
        let (at, first) = &record.events[0];
        let mut run = Migration::start(*at, first).map_err(broken)?;
        let mut runs = vec![run.clone()];
        for (at, event) in &record.events[1..] {
            run.apply(*at, event).map_err(broken)?;
            runs.push(run.clone());
        }
        Ok(Self { record, truth: Truth::of(record), writes: record.writes()?, runs })
    }

    /// The run as the journal had it when it had so many events.
    fn run(&self, kept: usize) -> &Migration {
        &self.runs[kept - 1]
    }

    /// Which way the user of a write was going.
    fn direction(&self, write: &Written) -> Direction {
        self.run(write.came.kept).user(write.user).map_or(Direction::Forward, |user| user.direction)
    }

    /// The group that a write has to be to.
    fn group(&self, write: &Written) -> Uuid {
        let route = &self.record.run.route;
        let forth = self.direction(write) == Direction::Forward;
        if write.added == forth { route.target.group.0 } else { route.source.group.0 }
    }

    /// Removals from the group that the user was to leave.
    pub(crate) fn removals(&self) -> impl Iterator<Item = &Written> {
        self.writes.iter().filter(|write| !write.added)
    }
}

type Law = fn(&Case) -> Result<(), String>;

const LAWS: [Law; 23] = [
    intent::approved_first,
    intent::answered_by_the_operator,
    proof::proven,
    proof::never_known_to_be_unsafe,
    seats::enough,
    canary::canary_first,
    canary::first_canary_first,
    canary::breaker,
    doubt::believed_twice,
    unlicensed::stopped_and_rung,
    unlicensed::nobody_by_our_hand,
    intent::nobody_else,
    intent::nothing_beside_the_unknown,
    intent::one_batch_writes,
    intent::acknowledged,
    intent::asked_before_again,
    proof::true_in_the_end,
    licenses::asked_for_by_name,
    licenses::spare_when_taken_off,
    back::all_return,
    halt::nothing_leaves,
    patience::waits_as_asked,
    secrets::stay_out,
];

/// Everything that was broken, each as a sentence.
pub(crate) fn classifier(record: &Record) -> Vec<String> {
    let mut wrong = record.broken.clone();
    match Case::of(record) {
        Ok(case) => wrong.extend(LAWS.iter().filter_map(|law| law(&case).err())),
        Err(why) => wrong.push(why),
    }
    wrong
}
