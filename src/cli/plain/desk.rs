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

/// Why an answer approves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unmet {
    /// No such gate waits.
    NoSuchGate,
    /// The answer has to name one of these batches, counted from 0.
    WhichBatch(Vec<usize>),
}

/// The gates that were announced.
#[derive(Debug, Default)]
pub(super) struct Desk {
    /// By batch; and whether each was answered.
    waiting: BTreeMap<usize, (Announced, bool)>,
    /// The batches for which a gate of this kind and number was announced and never answered: an answer that comes late may
    /// be meant for any of them.
    unanswered: HashMap<(Kind, usize), HashSet<usize>>,
}

impl Desk {
    /// Takes in the gates that wait now. Gives those that are new or changed, and those that wait no more and were not
    /// answered.
    pub(super) fn now(&mut self, gates: Vec<Announced>) -> (Vec<Announced>, Vec<Announced>) {
        let still: HashSet<usize> = gates.iter().map(|gate| gate.batch).collect();
        let gone: Vec<usize> = self.waiting.keys().copied().filter(|batch| !still.contains(batch)).collect();
        let gone = gone.into_iter().filter_map(|batch| self.waiting.remove(&batch));
        let gone = gone.filter(|(_, answered)| !answered).map(|(gate, _)| gate).collect();
        let mut news = Vec::new();
        for gate in gates {
            if self.waiting.get(&gate.batch).is_some_and(|(known, _)| *known == gate) {
                continue;
            }
            self.unanswered.entry((gate.kind, gate.users.len())).or_default().insert(gate.batch);
            self.waiting.insert(gate.batch, (gate.clone(), false));
            news.push(gate);
        }
        (news, gone)
    }

    /// The gates that wait for an answer.
    pub(super) fn open(&self) -> impl Iterator<Item = &Announced> {
        self.waiting.values().filter(|(_, answered)| !answered).map(|(gate, _)| gate)
    }

    /// Whether an answer to this gate has to name its batch.
    pub(super) fn has_to_be_named(&self, gate: &Announced) -> bool {
        self.unanswered.get(&(gate.kind, gate.users.len())).is_some_and(|batches| batches.len() > 1)
    }

    /// The gate that an answer is for.
    pub(super) fn meant(&self, kind: Kind, count: usize, batch: Option<usize>) -> Result<&Announced, Unmet> {
        let fits = |gate: &&Announced| gate.kind == kind && gate.users.len() == count;
        let fitting: Vec<&Announced> = self.open().filter(fits).collect();
        match (batch, fitting.as_slice()) {
            (Some(batch), all) => all.iter().find(|gate| gate.batch == batch).copied().ok_or(Unmet::NoSuchGate),
            (None, []) => Err(Unmet::NoSuchGate),
            (None, [one]) if !self.has_to_be_named(one) => Ok(one),
            (None, several) => Err(Unmet::WhichBatch(several.iter().map(|gate| gate.batch).collect())),
        }
    }

    /// Somebody said yes to this gate.
    pub(super) fn answered(&mut self, batch: usize) {
        if let Some((gate, answered)) = self.waiting.get_mut(&batch) {
            *answered = true;
            let key = (gate.kind, gate.users.len());
            let batches = self.unanswered.entry(key).or_default();
            batches.remove(&batch);
        }
    }

    /// What was answered and still waits is to be announced anew: the answer was refused.
    pub(super) fn forget_answered(&mut self) {
        self.waiting.retain(|_, (_, answered)| !*answered);
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

    fn gate(batch: usize, kind: Kind, users: std::ops::Range<u128>) -> Announced {
        Announced { batch, kind, users: users.map(|id| UserId(Uuid::from_u128(id))).collect() }
    }

    #[test]
    fn a_number_that_two_batches_wait_with_names_its_batch_or_approves_nothing() {
        let mut desk = Desk::default();
        let (one, other) = (gate(0, Kind::Add, 0..20), gate(1, Kind::Add, 20..40));
        assert_eq!(desk.now(vec![one.clone()]).0.len(), 1);
        assert_eq!(desk.meant(Kind::Add, 20, None), Ok(&one));
        let _ = desk.now(vec![one.clone(), other.clone()]);
        assert_eq!(desk.meant(Kind::Add, 20, None), Err(Unmet::WhichBatch(vec![0, 1])));
        assert_eq!(desk.meant(Kind::Add, 20, Some(1)), Ok(&other));
        for (kind, count, batch) in [(Kind::Add, 19, None), (Kind::Remove, 20, Some(1)), (Kind::Add, 20, Some(2))] {
            assert_eq!(desk.meant(kind, count, batch), Err(Unmet::NoSuchGate));
        }
    }

    #[test]
    fn a_late_answer_to_a_gate_that_went_away_is_none_to_another_batch() {
        let mut desk = Desk::default();
        let (one, other) = (gate(0, Kind::Remove, 0..20), gate(1, Kind::Remove, 20..40));
        let _ = desk.now(vec![one.clone()]);
        assert_eq!(desk.now(vec![other.clone()]).1, [one]);
        assert_eq!(desk.meant(Kind::Remove, 20, None), Err(Unmet::WhichBatch(vec![1])));
        assert_eq!(desk.meant(Kind::Remove, 20, Some(1)), Ok(&other));
    }

    #[test]
    fn an_answer_counts_once_and_batches_that_were_answered_do_not_stand_in_the_way() {
        let mut desk = Desk::default();
        let (one, other) = (gate(0, Kind::Add, 0..20), gate(1, Kind::Add, 20..40));
        let _ = desk.now(vec![one.clone()]);
        desk.answered(0);
        assert_eq!(desk.meant(Kind::Add, 20, None), Err(Unmet::NoSuchGate));
        assert_eq!(desk.now(vec![one]), (vec![], vec![]), "it is at work");
        let _ = desk.now(vec![other.clone()]);
        assert_eq!(desk.meant(Kind::Add, 20, None), Ok(&other));
    }

    #[test]
    fn other_users_of_the_same_number_are_announced_anew() {
        let mut desk = Desk::default();
        let _ = desk.now(vec![gate(0, Kind::Remove, 0..20)]);
        let changed = gate(0, Kind::Remove, 1..21);
        assert_eq!(desk.now(vec![changed.clone()]).0, [changed]);
    }
}
