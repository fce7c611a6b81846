//! What was announced and may be answered. An answer is for one gate, with the users that it was announced with; where more
//! than one could be meant it is for none.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::HashSet;

use crate::cli::plain::answer::Kind;
use crate::domain::id::UserId;

/// A gate as it was announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Announced {
    /// The batch, counted from 0.
    pub(super) batch: usize,
    pub(super) kind: Kind,
    /// The users that would be written, in their order.
    pub(super) users: Vec<UserId>,
}

/// An announced gate.
#[derive(Debug)]
struct Waiting {
    gate: Announced,
    /// Which announcement it was, counted from 1.
    number: u64,
    answered: bool,
}

/// Why an answer approves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unmet {
    /// No such gate waits.
    NoSuchGate,
    /// The answer has to name one of these batches, counted from 0.
    WhichBatch(Vec<usize>),
    /// It was read before the gate of this batch, as it is now, was on the screen.
    BeforeShown(usize),
}

/// The gates that were announced.
#[derive(Debug, Default)]
pub(super) struct AnnouncedGates {
    /// By batch.
    waiting: BTreeMap<usize, Waiting>,
    /// How many announcements were made.
    announced: u64,
    /// The batches for which a gate of this kind and number was announced and never answered: an answer that comes late may
    /// be meant for any of them.
    unanswered: HashMap<(Kind, usize), HashSet<usize>>,
}

impl AnnouncedGates {
    /// Takes in the gates that wait now. Gives those that are new or changed, each with the number of its announcement, and
    /// those that wait no more and were not answered.
    pub(super) fn now(&mut self, gates: Vec<Announced>) -> (Vec<(u64, Announced)>, Vec<Announced>) {
        let still: HashSet<usize> = gates.iter().map(|gate| gate.batch).collect();
        let gone: Vec<usize> = self.waiting.keys().copied().filter(|batch| !still.contains(batch)).collect();
        let gone = gone.into_iter().filter_map(|batch| self.waiting.remove(&batch));
        let gone = gone.filter(|one| !one.answered).map(|one| one.gate).collect();
        let mut news = Vec::new();
        for gate in gates {
            if self.waiting.get(&gate.batch).is_some_and(|known| known.gate == gate) {
                continue;
            }
            self.unanswered.entry((gate.kind, gate.users.len())).or_default().insert(gate.batch);
            self.announced += 1;
            let number = self.announced;
            self.waiting.insert(gate.batch, Waiting { gate: gate.clone(), number, answered: false });
            news.push((number, gate));
        }
        (news, gone)
    }

    /// The gates that wait for an answer.
    pub(super) fn open(&self) -> impl Iterator<Item = &Announced> {
        self.unmet().map(|one| &one.gate)
    }

    fn unmet(&self) -> impl Iterator<Item = &Waiting> {
        self.waiting.values().filter(|one| !one.answered)
    }

    /// Whether an answer to this gate has to name its batch.
    pub(super) fn has_to_be_named(&self, gate: &Announced) -> bool {
        self.unanswered.get(&(gate.kind, gate.users.len())).is_some_and(|batches| batches.len() > 1)
    }

    /// The gate that an answer is for. `shown` is the number of the announcement that was on the screen when the answer was
    /// read: what was announced after it was not what the answer is about, though it may be the same number of users of the
    /// same batch.
    pub(super) fn meant(
        &self,
        kind: Kind,
        count: usize,
        batch: Option<usize>,
        shown: u64,
    ) -> Result<&Announced, Unmet> {
        let fits = |one: &&Waiting| one.gate.kind == kind && one.gate.users.len() == count;
        let fitting: Vec<&Waiting> = self.unmet().filter(fits).collect();
        let one = match (batch, fitting.as_slice()) {
            (Some(batch), all) => all.iter().find(|one| one.gate.batch == batch).copied().ok_or(Unmet::NoSuchGate)?,
            (None, []) => return Err(Unmet::NoSuchGate),
            (None, [one]) if !self.has_to_be_named(&one.gate) => one,
            (None, several) => return Err(Unmet::WhichBatch(several.iter().map(|one| one.gate.batch).collect())),
        };
        if one.number <= shown { Ok(&one.gate) } else { Err(Unmet::BeforeShown(one.gate.batch)) }
    }

    /// Somebody said yes to this gate.
    pub(super) fn answered(&mut self, batch: usize) {
        if let Some(one) = self.waiting.get_mut(&batch) {
            one.answered = true;
            let key = (one.gate.kind, one.gate.users.len());
            let batches = self.unanswered.entry(key).or_default();
            batches.remove(&batch);
        }
    }

    /// What was answered and still waits is to be announced anew: the answer was refused.
    pub(super) fn forget_answered(&mut self) {
        self.waiting.retain(|_, one| !one.answered);
    }

    /// What waits for this batch is to be announced anew.
    pub(super) fn forget(&mut self, batch: usize) {
        self.waiting.remove(&batch);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    /// All that was announced is on the screen.
    const ALL: u64 = u64::MAX;

    fn gate(batch: usize, kind: Kind, users: std::ops::Range<u128>) -> Announced {
        Announced { batch, kind, users: users.map(|id| UserId(Uuid::from_u128(id))).collect() }
    }

    #[test]
    fn a_number_that_two_batches_wait_with_names_its_batch_or_approves_nothing() {
        let mut gates = AnnouncedGates::default();
        let (one, other) = (gate(0, Kind::Add, 0..20), gate(1, Kind::Add, 20..40));
        assert_eq!(gates.now(vec![one.clone()]).0.len(), 1);
        assert_eq!(gates.meant(Kind::Add, 20, None, ALL), Ok(&one));
        let _ = gates.now(vec![one.clone(), other.clone()]);
        assert_eq!(gates.meant(Kind::Add, 20, None, ALL), Err(Unmet::WhichBatch(vec![0, 1])));
        assert_eq!(gates.meant(Kind::Add, 20, Some(1), ALL), Ok(&other));
        for (kind, count, batch) in [(Kind::Add, 19, None), (Kind::Remove, 20, Some(1)), (Kind::Add, 20, Some(2))] {
            assert_eq!(gates.meant(kind, count, batch, ALL), Err(Unmet::NoSuchGate));
        }
    }

    #[test]
    fn a_late_answer_to_a_gate_that_went_away_is_none_to_another_batch() {
        let mut gates = AnnouncedGates::default();
        let (one, other) = (gate(0, Kind::Remove, 0..20), gate(1, Kind::Remove, 20..40));
        let _ = gates.now(vec![one.clone()]);
        assert_eq!(gates.now(vec![other.clone()]).1, [one]);
        assert_eq!(gates.meant(Kind::Remove, 20, None, ALL), Err(Unmet::WhichBatch(vec![1])));
        assert_eq!(gates.meant(Kind::Remove, 20, Some(1), ALL), Ok(&other));
    }

    #[test]
    fn an_answer_counts_once_and_batches_that_were_answered_do_not_stand_in_the_way() {
        let mut gates = AnnouncedGates::default();
        let (one, other) = (gate(0, Kind::Add, 0..20), gate(1, Kind::Add, 20..40));
        let _ = gates.now(vec![one.clone()]);
        gates.answered(0);
        assert_eq!(gates.meant(Kind::Add, 20, None, ALL), Err(Unmet::NoSuchGate));
        assert_eq!(gates.now(vec![one]), (vec![], vec![]), "it is at work");
        let _ = gates.now(vec![other.clone()]);
        assert_eq!(gates.meant(Kind::Add, 20, None, ALL), Ok(&other));
    }

    #[test]
    fn other_users_of_the_same_number_are_announced_anew() {
        let mut gates = AnnouncedGates::default();
        let _ = gates.now(vec![gate(0, Kind::Remove, 0..20)]);
        let changed = gate(0, Kind::Remove, 1..21);
        assert_eq!(gates.now(vec![changed.clone()]).0, [(2, changed)]);
    }

    /// The set changes and its number does not: an answer that was typed for the first is none for the second.
    #[test]
    fn an_answer_that_was_read_before_the_gate_was_on_the_screen_is_none() {
        let mut gates = AnnouncedGates::default();
        let (first, second) = (gate(0, Kind::Remove, 0..2), gate(0, Kind::Remove, 1..3));
        let number = |news: &[(u64, Announced)]| news[0].0;
        let one = number(&gates.now(vec![first.clone()]).0);
        assert_eq!(gates.meant(Kind::Remove, 2, None, one - 1), Err(Unmet::BeforeShown(0)));
        assert_eq!(gates.meant(Kind::Remove, 2, None, one), Ok(&first));
        let two = number(&gates.now(vec![second.clone()]).0);
        for batch in [None, Some(0)] {
            assert_eq!(gates.meant(Kind::Remove, 2, batch, one), Err(Unmet::BeforeShown(0)));
            assert_eq!(gates.meant(Kind::Remove, 2, batch, two), Ok(&second));
        }
        // Another batch that is announced meanwhile does not stand in the way.
        let _ = gates.now(vec![second.clone(), gate(1, Kind::Add, 5..9)]);
        assert_eq!(gates.meant(Kind::Remove, 2, None, two), Ok(&second));
    }
}
