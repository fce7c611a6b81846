//! When to read what: the verify pass, the tries after a fault, the reading back, the groups.

use std::collections::BTreeSet;

use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;

/// The shortest interval between two verify passes.
const FASTEST: SignedDuration = SignedDuration::from_secs(1);
/// The longest one.
const SLOWEST: SignedDuration = SignedDuration::from_mins(30);

/// The least time without a look after which nobody watches whom others move.
const UNWATCHED_AFTER: SignedDuration = SignedDuration::from_mins(2);

/// When to read next.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each says one thing, and none follows from another")]
pub(super) struct Schedule {
    /// How long between two verify passes.
    interval: SignedDuration,
    /// What the configuration asks for, which the operator may not undercut below a second.
    configured: SignedDuration,
    paused: bool,
    /// Whether the operator asked for one pass although polling is paused.
    once: bool,
    next_poll: Option<Timestamp>,
    /// Whether a removal waits for the next pass, to know which seats are taken.
    awaits_seats: bool,
    /// Whether the operator asked for preflight of the run to be made again.
    check_asked: bool,
    /// Batches whose preflight the operator asked for.
    checks_asked: BTreeSet<usize>,
    /// Not before then is preflight tried again after a fault.
    check_after: Option<Timestamp>,
    /// Not before then are open writes read back.
    read_back_after: Option<Timestamp>,
    /// Not before then are the groups read again after a fault.
    groups_after: Option<Timestamp>,
    /// Not before then is it looked whom others have moved.
    others_after: Option<Timestamp>,
    others_looked_at: Option<Timestamp>,
    /// Whether the latest job was a verify pass.
    polled_last: bool,
}

impl Schedule {
    pub(super) fn new(interval: SignedDuration) -> Self {
        Self {
            interval,
            configured: interval,
            paused: false,
            once: false,
            next_poll: None,
            awaits_seats: false,
            check_asked: false,
            checks_asked: BTreeSet::new(),
            check_after: None,
            read_back_after: None,
            groups_after: None,
            others_after: None,
            others_looked_at: None,
            polled_last: false,
        }
    }

    pub(super) fn interval(&self) -> SignedDuration {
        self.interval
    }

    pub(super) fn is_paused(&self) -> bool {
        self.paused
    }

    pub(super) fn toggle_pause(&mut self) {
        self.paused = !self.paused;
    }

    /// Polls less often.
    pub(super) fn slower(&mut self, now: Timestamp) {
        self.set_interval(self.interval.saturating_mul(2), now);
    }

    /// Polls more often.
    pub(super) fn faster(&mut self, now: Timestamp) {
        self.set_interval(self.interval / 2, now);
    }

    /// Polls so often from now on, as if the configuration said so.
    pub(super) fn configure(&mut self, interval: SignedDuration, now: Timestamp) {
        self.configured = interval;
        self.set_interval(interval, now);
    }

    fn set_interval(&mut self, interval: SignedDuration, now: Timestamp) {
        self.interval = interval.clamp(FASTEST.min(self.configured), SLOWEST);
        let next = now + self.interval;
        self.next_poll = self.next_poll.map(|planned| planned.min(next));
    }

    /// Everything is due at once; preflight too, where it may be made again.
    pub(super) fn everything_now(&mut self, now: Timestamp, in_preflight: bool, batches: impl Iterator<Item = usize>) {
        self.next_poll = Some(now);
        self.once = self.paused;
        (self.check_after, self.read_back_after, self.groups_after) = (None, None, None);
        self.others_after = None;
        self.check_asked = in_preflight;
        self.checks_asked = batches.collect();
    }

    /// When the next verify pass is due; with none planned it is due now.
    pub(super) fn next_poll(&self) -> Option<Timestamp> {
        self.next_poll
    }

    pub(super) fn poll_due(&self, now: Timestamp) -> bool {
        (!self.paused || self.once) && self.next_poll.is_none_or(|next| next <= now)
    }

    /// A verify pass is due from now on.
    pub(super) fn poll_now(&mut self, now: Timestamp) {
        self.next_poll = Some(now);
    }

    /// A pass was made: the next is due an interval later, and who took a seat is known.
    pub(super) fn polled(&mut self, now: Timestamp) {
        self.next_poll = Some(now + self.interval);
        (self.awaits_seats, self.once) = (false, false);
    }

    /// A pass is made by then, as little is waited for and much may follow from it. Who has slowed the passes down has their
    /// way.
    pub(super) fn hurry(&mut self, by: Timestamp) {
        if self.interval <= self.configured {
            self.poll_by(by);
        }
    }

    /// A removal waits until a pass has told who took a seat: it is made by then.
    pub(super) fn await_seats(&mut self, by: Timestamp) {
        self.poll_by(by);
        self.awaits_seats = true;
    }

    /// A pass is made by then at the latest.
    pub(super) fn poll_by(&mut self, by: Timestamp) {
        self.next_poll = Some(self.next_poll.map_or(by, |next| next.min(by)));
    }

    pub(super) fn awaits_seats(&self) -> bool {
        self.awaits_seats
    }

    /// Whether passes have had their turn, so that another goes first.
    pub(super) fn polled_last(&self) -> bool {
        self.polled_last
    }

    /// Which kind of turn was taken.
    pub(super) fn took_turn(&mut self, polled: bool) {
        self.polled_last = polled;
    }

    pub(super) fn check_asked(&self) -> bool {
        self.check_asked
    }

    /// Whether the operator asked for this batch's preflight to be made again.
    pub(super) fn check_asked_of(&self, batch: usize) -> bool {
        self.checks_asked.contains(&batch)
    }

    /// Preflight of a batch has begun.
    pub(super) fn batch_check_started(&mut self, batch: usize) {
        self.checks_asked.remove(&batch);
    }

    pub(super) fn check_due(&self, now: Timestamp) -> bool {
        self.check_after.is_none_or(|due| due <= now)
    }

    /// Preflight of the run has begun, and with it that of every batch.
    pub(super) fn check_started(&mut self) {
        self.check_asked = false;
        self.checks_asked.clear();
    }

    /// Preflight was read well.
    pub(super) fn checked(&mut self) {
        self.check_after = None;
    }

    /// A read failed: the next try is an interval away.
    pub(super) fn read_failed(&mut self, now: Timestamp) {
        let later = now + self.interval;
        self.once = false;
        (self.check_after, self.next_poll) = (Some(later), Some(later));
    }

    pub(super) fn read_back_due(&self, now: Timestamp) -> bool {
        self.read_back_after.is_none_or(|due| due <= now)
    }

    /// A write was lost: what became of it is asked at once.
    pub(super) fn read_back_now(&mut self) {
        self.read_back_after = None;
    }

    /// Asks again after this long, or an interval if that is shorter.
    pub(super) fn read_back_within(&mut self, now: Timestamp, wait: SignedDuration) {
        self.read_back_after = Some(now + wait.min(self.interval));
    }

    /// Whether it is to be looked now whom others have moved.
    pub(super) fn others_due(&self, now: Timestamp) -> bool {
        (!self.paused || self.once) && self.others_after.is_none_or(|due| due <= now)
    }

    /// When it was looked last whom others have moved.
    pub(super) fn others_looked_at(&self) -> Option<Timestamp> {
        self.others_looked_at
    }

    /// After so long without a look, a worklist to remove is not in force any more: somebody may have been removed, and nobody knows.
    pub(super) fn unwatched_after(&self) -> SignedDuration {
        (self.interval * 3).max(UNWATCHED_AFTER)
    }

    /// It was looked whom others have moved; the next look is an interval away.
    pub(super) fn others_seen(&mut self, now: Timestamp) {
        (self.others_after, self.others_looked_at) = (Some(now + self.interval), Some(now));
    }

    pub(super) fn groups_due(&self, now: Timestamp) -> bool {
        self.groups_after.is_none_or(|due| due <= now)
    }

    /// When the groups are tried again after a fault.
    pub(super) fn groups_after(&self) -> Option<Timestamp> {
        self.groups_after
    }

    pub(super) fn groups_failed(&mut self, now: Timestamp) {
        self.groups_after = Some(now + self.interval);
    }

    pub(super) fn groups_read(&mut self) {
        self.groups_after = None;
    }

    /// The next time at which something is due by itself, after now.
    pub(super) fn next_due(&self, now: Timestamp) -> Option<Timestamp> {
        let due = [
            self.next_poll.filter(|_| !self.paused || self.once),
            self.check_after,
            self.read_back_after,
            self.groups_after,
            self.others_after.filter(|_| !self.paused || self.once),
        ];
        due.into_iter().flatten().filter(|at| *at > now).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;
    const MINUTE: SignedDuration = SignedDuration::from_mins(1);

    fn seconds(seconds: i64) -> Timestamp {
        NOW + SignedDuration::from_secs(seconds)
    }

    #[test]
    fn the_first_pass_is_due_at_once_and_the_next_an_interval_later() {
        let mut schedule = Schedule::new(MINUTE);
        assert!(schedule.poll_due(NOW));
        schedule.polled(NOW);
        assert!(!schedule.poll_due(seconds(59)) && schedule.poll_due(seconds(60)));
        schedule.toggle_pause();
        assert!(!schedule.poll_due(seconds(60)), "paused");
        assert_eq!(schedule.next_due(NOW), None);
    }

    #[test]
    fn while_polling_is_paused_the_operator_gets_one_pass_and_no_other() {
        let mut schedule = Schedule::new(MINUTE);
        schedule.toggle_pause();
        schedule.polled(NOW);
        schedule.everything_now(seconds(1), false, [].into_iter());
        assert!(schedule.poll_due(seconds(1)), "asked for");
        schedule.polled(seconds(2));
        assert!(!schedule.poll_due(seconds(600)) && schedule.is_paused(), "it stays paused");
        schedule.everything_now(seconds(601), false, [].into_iter());
        schedule.read_failed(seconds(602));
        assert!(!schedule.poll_due(seconds(900)), "one that fails was one, too");
    }

    #[test]
    fn the_interval_stays_between_a_second_and_half_an_hour_and_brings_the_next_pass_forward() {
        let mut schedule = Schedule::new(MINUTE);
        schedule.polled(NOW);
        schedule.faster(NOW);
        assert_eq!(schedule.next_poll(), Some(seconds(30)));
        (0..20).for_each(|_| schedule.faster(NOW));
        assert_eq!(schedule.interval(), FASTEST);
        (0..20).for_each(|_| schedule.slower(NOW));
        assert_eq!(schedule.interval(), SLOWEST);
        assert_eq!(schedule.next_poll(), Some(seconds(1)), "a pass that was near does not move away");
        let mut quick = Schedule::new(SignedDuration::from_millis(40));
        quick.faster(NOW);
        assert_eq!(
            quick.interval(),
            SignedDuration::from_millis(40),
            "nor does one that is quicker by its configuration"
        );
    }

    #[test]
    fn a_pass_for_the_last_few_comes_sooner_unless_the_operator_has_slowed_passes_down() {
        let mut schedule = Schedule::new(MINUTE);
        schedule.polled(NOW);
        schedule.hurry(seconds(10));
        assert_eq!(schedule.next_poll(), Some(seconds(10)));
        schedule.slower(NOW);
        schedule.polled(NOW);
        schedule.hurry(seconds(10));
        assert_eq!(schedule.next_poll(), Some(seconds(120)));
    }

    #[test]
    fn a_removal_that_waits_for_seats_brings_a_pass_and_ends_with_it() {
        let mut schedule = Schedule::new(MINUTE);
        schedule.polled(NOW);
        schedule.await_seats(seconds(2));
        assert!(schedule.awaits_seats() && !schedule.poll_due(NOW) && schedule.poll_due(seconds(2)));
        schedule.polled(seconds(2));
        assert!(!schedule.awaits_seats());
    }

    #[test]
    fn each_try_after_a_fault_waits_and_all_are_due_when_the_operator_asks() {
        let mut schedule = Schedule::new(MINUTE);
        schedule.read_failed(NOW);
        schedule.groups_failed(NOW);
        schedule.read_back_within(NOW, SignedDuration::from_secs(5));
        assert!(!schedule.check_due(NOW) && !schedule.poll_due(NOW) && !schedule.groups_due(NOW));
        assert!(!schedule.read_back_due(seconds(4)) && schedule.read_back_due(seconds(5)));
        assert_eq!(schedule.next_due(NOW), Some(seconds(5)));
        assert_eq!(schedule.next_due(seconds(5)), Some(seconds(60)));
        schedule.everything_now(NOW, true, [1, 2].into_iter());
        assert!(schedule.check_due(NOW) && schedule.poll_due(NOW) && schedule.groups_due(NOW));
        assert!(schedule.read_back_due(NOW) && schedule.check_asked());
        schedule.batch_check_started(1);
        assert!(!schedule.check_asked_of(1) && schedule.check_asked_of(2) && schedule.check_asked());
        schedule.check_started();
        assert!(!schedule.check_asked() && !schedule.check_asked_of(2));
    }
}
