//! All events of a run for the screen: the latest whole, the others short enough to keep all of them; cheap to share.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::domain::event::Event;
use crate::domain::migration::Migration;
use crate::domain::route::Direction;
use crate::domain::standing::Standing;
use crate::domain::standing::Written;
use crate::domain::time::Timestamp;

/// How many of the latest events are kept whole, at most.
pub(super) const LATEST: usize = 500;
/// How many users they name together, at most: one event may name 100,000.
const LATEST_USERS: usize = 10_000;
/// How many events share one block. A snapshot copies a pointer for each block, and at most one block is made anew for it.
const BLOCK: usize = 256;
/// A sentence names no more users than this; of more it has the number.
pub const NAMED: usize = 2;

/// The events of a run.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    latest: VecDeque<(Timestamp, Arc<Event>)>,
    /// How many users the latest name.
    users: usize,
    older: Older,
}

impl Timeline {
    /// Takes an event in that the run has taken in.
    pub(super) fn push(&mut self, run: &Migration, at: Timestamp, event: Arc<Event>) {
        self.users += listed_in(&event);
        self.latest.push_back((at, event));
        while self.latest.len() > LATEST || self.users > LATEST_USERS {
            let Some((at, oldest)) = self.latest.pop_front() else { return };
            self.users -= listed_in(&oldest);
            self.older.push(run, at, oldest);
        }
    }

    /// The latest events, oldest first.
    pub(super) fn latest(&self) -> &VecDeque<(Timestamp, Arc<Event>)> {
        &self.latest
    }

    /// All events before the latest.
    pub(super) fn older(&self) -> &Older {
        &self.older
    }
}

/// How many users an event has in its lists.
fn listed_in(event: &Event) -> usize {
    match event {
        Event::Checked { preflight } => preflight.users.len(),
        Event::BatchChecked { reasons, .. } => reasons.len(),
        Event::Observed { users, .. } => users.len(),
        _ => named_in(event),
    }
}

/// An event without its long lists. The journal has them.
#[derive(Clone, Debug)]
pub struct Abridged {
    /// When it happened.
    pub at: Timestamp,
    /// The event, with [`NAMED`] users at most in any list.
    pub event: Event,
    /// What was counted before the lists were cut.
    pub counts: Counts,
}

/// How many users an event is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them; of a preflight those that are ready.
    pub users: usize,
    /// Those that preflight, or a later check, blocks.
    pub blocked: usize,
    /// How many were seen where, with the way that they went then and how far.
    pub standings: Vec<(Standing, Direction, Written, usize)>,
}

impl Counts {
    /// Counts the users of an event. Who stands where is told by the way that they went when it happened.
    pub fn of(run: &Migration, at: Timestamp, event: &Event) -> Self {
        let mut counts = Self::default();
        match event {
            Event::Checked { preflight } => (counts.users, counts.blocked) = (preflight.ready(), preflight.blocked()),
            Event::BatchChecked { reasons, .. } => {
                counts.blocked = reasons.iter().filter(|(_, all)| all.iter().any(|one| !one.warning)).count();
            }
            Event::Observed { users, .. } => {
                counts.users = users.len();
                for (user, standing) in users {
                    let way = run.user(*user).map_or((Direction::Forward, Written::Nothing), |user| user.way_at(at));
                    let same = |one: &&mut (Standing, Direction, Written, usize)| {
                        (&one.0, one.1, one.2) == (standing, way.0, way.1)
                    };
                    match counts.standings.iter_mut().find(same) {
                        Some((.., count)) => *count += 1,
                        None => counts.standings.push((standing.clone(), way.0, way.1, 1)),
                    }
                }
            }
            _ => counts.users = named_in(event),
        }
        counts
    }
}

/// How many users an event of many names.
fn named_in(event: &Event) -> usize {
    match event {
        Event::Proven { users, .. } => users.len(),
        Event::AddApproved { users, .. }
        | Event::AddIntended { users, .. }
        | Event::AddSettled { users, .. }
        | Event::RemoveApproved { users, .. }
        | Event::RemoveIntended { users, .. }
        | Event::RemoveSettled { users, .. }
        | Event::ReprocessApproved { users, .. }
        | Event::ReprocessIntended { users, .. }
        | Event::ReprocessSettled { users, .. }
        | Event::DirectApproved { users, .. }
        | Event::DirectIntended { users, .. }
        | Event::DirectSettled { users, .. }
        | Event::RollbackStarted { users, .. }
        | Event::AlarmRaised { users } => users.len(),
        _ => 0,
    }
}

/// All events before the latest, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Older {
    blocks: Vec<Arc<Vec<Abridged>>>,
}

impl Older {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.blocks.last().map_or(0, |last| (self.blocks.len() - 1) * BLOCK + last.len())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// The event at this place, counted from the first.
    pub fn get(&self, place: usize) -> Option<&Abridged> {
        self.blocks.get(place / BLOCK)?.get(place % BLOCK)
    }

    /// Takes an event in, without its long lists.
    pub fn push(&mut self, run: &Migration, at: Timestamp, event: Arc<Event>) {
        let counts = Counts::of(run, at, &event);
        let event = abridged(event);
        let one = Abridged { at, event, counts };
        match self.blocks.last_mut().filter(|last| last.len() < BLOCK) {
            Some(last) => Arc::make_mut(last).push(one),
            None => self.blocks.push(Arc::new(vec![one])),
        }
    }
}

/// The event without its long lists. Who else still has it, as the journal has while it is written, keeps the whole one; of
/// the longest no copy is made to be cut.
fn abridged(event: Arc<Event>) -> Event {
    let event = match Arc::try_unwrap(event) {
        Ok(mut event) => {
            cut(&mut event);
            return event;
        }
        Err(shared) => shared,
    };
    let mut copy = match &*event {
        Event::Checked { preflight } => Event::Checked { preflight: Box::new(preflight.without_users()) },
        Event::Observed { began, users } if users.len() > 1 => Event::Observed { began: *began, users: Vec::new() },
        other => other.clone(),
    };
    cut(&mut copy);
    copy
}

/// Of whom a reprocess was refused stays whole: whether that is good news hangs on each of them, and they are few.
fn cut(event: &mut Event) {
    match event {
        Event::Checked { preflight } => {
            (preflight.users, preflight.held) = (Vec::new(), Vec::new());
            preflight.exclusions = Vec::new();
        }
        Event::BatchChecked { reasons, .. } => *reasons = Vec::new(),
        Event::Observed { users, .. } if users.len() > 1 => *users = Vec::new(),
        Event::Proven { users, keeps, .. } => {
            *keeps = Vec::new();
            shorten(users);
        }
        Event::AddApproved { users, .. }
        | Event::AddIntended { users, .. }
        | Event::AddSettled { users, .. }
        | Event::RemoveApproved { users, .. }
        | Event::RemoveIntended { users, .. }
        | Event::RemoveSettled { users, .. }
        | Event::ReprocessApproved { users, .. }
        | Event::ReprocessIntended { users, .. }
        | Event::DirectApproved { users, .. }
        | Event::DirectIntended { users, .. }
        | Event::DirectSettled { users, .. }
        | Event::RollbackStarted { users, .. }
        | Event::AlarmRaised { users } => shorten(users),
        _ => {}
    }
}

fn shorten<T: Clone>(users: &mut Vec<T>) {
    users.truncate(NAMED);
    users.shrink_to_fit();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::UserId;
    use crate::engine::testing;
    use uuid::Uuid;

    #[test]
    fn an_event_that_names_very_many_is_cut_at_once_and_those_before_it_go_first() {
        let run = Migration::start(Timestamp::UNIX_EPOCH, &testing::begun()).unwrap();
        let mut timeline = Timeline::default();
        let mut push = |users: u128| {
            let users = (0..users).map(|number| UserId(Uuid::from_u128(number))).collect();
            timeline.push(&run, Timestamp::UNIX_EPOCH, Arc::new(Event::AddIntended { batch: 0, users }));
            (timeline.older().len(), timeline.latest().len())
        };
        assert_eq!(push(9_999), (0, 1));
        assert_eq!(push(1), (0, 2));
        assert_eq!(push(1), (1, 2));
        assert_eq!(push(100_000), (4, 0));
        assert_eq!(push(1), (4, 1));
        assert_eq!(timeline.older().get(3).unwrap().counts.users, 100_000);
    }

    #[test]
    fn an_event_that_somebody_else_still_has_is_cut_as_well() {
        let run = Migration::start(Timestamp::UNIX_EPOCH, &testing::begun()).unwrap();
        let users: Vec<UserId> = (0..9).map(|number| UserId(Uuid::from_u128(number))).collect();
        let standings = users.iter().map(|user| (*user, Standing::OnSource)).collect();
        let observed = Event::Observed { began: Timestamp::UNIX_EPOCH, users: standings };
        for event in [testing::preflight(9), observed, Event::AddIntended { batch: 0, users }] {
            let (mut alone, mut shared) = (Older::default(), Older::default());
            alone.push(&run, Timestamp::UNIX_EPOCH, Arc::new(event.clone()));
            let held = Arc::new(event);
            shared.push(&run, Timestamp::UNIX_EPOCH, Arc::clone(&held));
            let [alone, shared] = [&alone, &shared].map(|older| older.get(0).unwrap());
            assert_eq!((&alone.event, &alone.counts), (&shared.event, &shared.counts));
            assert!(*held != shared.event && shared.counts.users == 9);
        }
    }

    #[test]
    fn every_event_stays_in_reach_and_none_keeps_a_long_list() {
        let run = Migration::start(Timestamp::UNIX_EPOCH, &testing::begun()).unwrap();
        let users: Vec<UserId> = (0..5_000).map(|number| UserId(Uuid::from_u128(number))).collect();
        let mut older = Older::default();
        for batch in 0..1_000 {
            let event = Event::AddIntended { batch, users: users.clone() };
            older.push(&run, Timestamp::UNIX_EPOCH, Arc::new(event));
        }
        let shared = older.clone();
        older.push(&run, Timestamp::UNIX_EPOCH, Arc::new(Event::MigrationComplete));
        assert_eq!((shared.len(), older.len()), (1_000, 1_001));
        for place in [0, 255, 256, 999] {
            let one = older.get(place).unwrap();
            assert!(
                matches!(&one.event, Event::AddIntended { batch, users } if *batch == place && users.len() == NAMED)
            );
            assert_eq!(one.counts.users, 5_000);
        }
        assert!(matches!(older.get(1_000).unwrap().event, Event::MigrationComplete) && older.get(1_001).is_none());
        let short =
            |one: &Abridged| matches!(&one.event, Event::AddIntended { users, .. } if users.capacity() <= NAMED);
        assert!((0..1_000).all(|place| older.get(place).is_some_and(short)));
    }
}
