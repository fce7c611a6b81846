//! The queue by itself: nothing is sent, and time is handed in.

use uuid::Uuid;

use super::*;
use crate::domain::approval::test_approval;
use crate::domain::id::GroupId;
use crate::domain::order::test_order;
use crate::domain::time::SignedDuration;
use crate::engine::write_queue::job::FIRST_WAIT;
use crate::engine::write_queue::job::TRIES;

const GROUP: GroupId = GroupId(Uuid::nil());
/// The batch of the orders here.
const BATCH: usize = 0;

fn user(number: u128) -> UserId {
    UserId(Uuid::from_u128(number))
}

fn users(numbers: std::ops::Range<u128>) -> Vec<UserId> {
    numbers.map(user).collect()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

/// A queue at work on users 1 to 4.
fn at_work<W: Queued>() -> WriteQueue {
    let mut queue = WriteQueue::default();
    queue.begin(test_approval::<W>(7, BATCH, users(1..5)));
    queue
}

#[test]
fn it_holds_an_approval_and_permits_each_user_once() {
    let mut queue = at_work::<Add>();
    assert!(queue.writes_in(BATCH, WriteKind::Add) && !queue.writes_in(1, WriteKind::Add));
    assert_eq!(queue.answers::<Add>(7), Some(BATCH));
    assert_eq!((queue.answers::<Add>(8), queue.answers::<Remove>(7)), (None, None));
    assert!(queue.of_kind::<Remove>(BATCH).is_none(), "a job of another kind");
    let job = queue.of_kind::<Add>(BATCH).unwrap();
    assert!(job.permit(user(1)).is_some());
    assert!(job.permit(user(1)).is_none(), "a second permit");
    queue.withdraw(user(2));
    let job = queue.of_kind::<Add>(BATCH).unwrap();
    assert!(job.permit(user(2)).is_none(), "a permit of who was withdrawn");
    assert_eq!(job.left(), [user(3), user(4)]);
}

#[test]
fn what_was_not_sent_is_told_when_it_ends() {
    let mut queue = at_work::<Remove>();
    queue.of_kind::<Remove>(BATCH).unwrap().push(test_order::<Remove>(GROUP, users(1..3), Some(at(60))));
    queue.of_kind::<Remove>(BATCH).unwrap().push(test_order::<Remove>(GROUP, users(3..4), Some(at(60))));
    queue.job_mut(BATCH).unwrap().set_aside();
    let ended = queue.end(BATCH).unwrap();
    let mut unsent = ended.unsent().to_vec();
    unsent.sort_unstable();
    assert_eq!((ended.kind(), ended.batch(), unsent), (WriteKind::Remove, BATCH, users(1..4)));
    assert!(queue.is_idle() && queue.end(BATCH).is_none());
    assert!(queue.again(test_order::<Remove>(GROUP, users(1..2), None), FaultKind::Throttled, at(0), None).is_err());
}

#[test]
fn an_order_of_an_ended_approval_does_not_wait_behind_the_next_one() {
    let mut queue = at_work::<Direct>();
    queue.end(BATCH).unwrap();
    queue.begin(test_approval::<Remove>(8, BATCH, users(1..5)));
    let late = test_order::<Direct>(GROUP, users(1..2), None);
    let back = queue.again(late, FaultKind::Throttled, at(0), None).unwrap_err();
    assert_eq!((back.users(), queue.held_until()), (&users(1..2)[..], None));
    assert!(queue.job(BATCH).unwrap().unsent_users().is_empty());
}

#[test]
fn a_removal_leaves_only_on_a_fresh_proof_that_nothing_contradicts() {
    let mut queue = at_work::<Remove>();
    queue.of_kind::<Remove>(BATCH).unwrap().push(test_order::<Remove>(GROUP, users(1..3), Some(at(60))));
    assert!(queue.proof_waits(at(0)) && queue.is_pending(Some(user(1))));
    assert_eq!(queue.waits_on_proof(user(1)).map(OneJob::kind), Some(WriteKind::Remove));
    assert!(queue.of_kind::<Remove>(BATCH).unwrap().next_order(at(61)).is_none(), "the proof is too old");
    let job = queue.job_mut(BATCH).unwrap();
    assert_eq!(job.first(), Some(&users(1..3)[..]));
    job.contradict();
    assert!(queue.of_kind::<Remove>(BATCH).unwrap().next_order(at(1)).is_none(), "they were seen otherwise");
    queue.job_mut(BATCH).unwrap().set_aside();
    assert!(queue.job(BATCH).unwrap().first().is_none() && queue.is_pending(Some(user(1))), "it waits aside");
    let job = queue.of_kind::<Remove>(BATCH).unwrap();
    let aside = job.take_aside().unwrap();
    job.renew(aside, &[]);
    assert!(!queue.is_pending(Some(user(1))), "nobody was proven again");
}

#[test]
fn who_is_left_out_is_in_no_order_any_more() {
    let mut queue = at_work::<Direct>();
    queue.of_kind::<Direct>(BATCH).unwrap().push(test_order::<Direct>(GROUP, users(1..3), Some(at(60))));
    queue.job_mut(BATCH).unwrap().leave_out(user(1));
    assert!(queue.waits_on_proof(user(1)).is_none());
    assert_eq!(
        queue.of_kind::<Direct>(BATCH).unwrap().next_order(at(99)).unwrap().users(),
        [user(2)],
        "the client tells what is too old"
    );
}

#[test]
fn what_is_read_back_is_what_changes_a_group_and_does_not_wait_here() {
    let mut queue = at_work::<Reprocess>();
    queue.of_kind::<Reprocess>(BATCH).unwrap().push(test_order::<Reprocess>(GROUP, users(1..3), None));
    assert!(!queue.is_pending(Some(user(1))) && queue.waits_on_proof(user(1)).is_none() && !queue.proof_waits(at(0)));
    let mut queue = at_work::<Add>();
    queue.of_kind::<Add>(BATCH).unwrap().push(test_order::<Add>(GROUP, users(1..3), None));
    assert!(queue.is_pending(Some(user(1))) && !queue.is_pending(Some(user(3))) && !queue.is_pending(None));
}

#[test]
fn it_waits_longer_each_time_and_asks_the_operator_in_the_end() {
    let mut queue = at_work::<Add>();
    queue.chance = || 1.0;
    let mut order = test_order::<Add>(GROUP, users(1..3), None);
    for round in 0..TRIES {
        assert!(!queue.job(BATCH).unwrap().is_tired());
        queue.again(order, FaultKind::Concurrent, at(0), None).unwrap();
        let wait = FIRST_WAIT.saturating_mul(1 << round.min(5));
        assert_eq!(queue.held_until(), Some(at(0) + wait));
        assert!(queue.held(at(0) + wait).is_none() && queue.held(at(1)).is_some());
        order = queue.of_kind::<Add>(BATCH).unwrap().next_order(at(0)).unwrap();
    }
    assert!(queue.job(BATCH).unwrap().is_tired());
    let order = queue.again(order, FaultKind::Concurrent, at(0), None).unwrap_err();
    // What passes by itself is waited for as long as it takes, and as long as the service has asked for.
    let asked = Some(at(0) + SignedDuration::from_mins(10));
    queue.again(order, FaultKind::Throttled, at(0), asked).unwrap();
    assert_eq!(queue.held_until(), asked);
    queue.retry_now();
    assert!(queue.held(at(0)).is_none());
    queue.answered(BATCH);
    assert!(!queue.job(BATCH).unwrap().is_tired());
}

/// Two tools that met at one group (409) must not meet there again at the same moment.
#[test]
fn a_wait_of_its_own_is_partly_left_to_chance_and_one_that_was_asked_for_is_not() {
    for (chance, first, second) in [((|| 0.0) as fn() -> f64, 1000, 2000), (|| 0.5, 1500, 3000), (|| 1.0, 2000, 4000)] {
        let mut queue = at_work::<Add>();
        queue.chance = chance;
        for wait in [first, second] {
            queue.again(test_order::<Add>(GROUP, users(1..3), None), FaultKind::Concurrent, at(0), None).unwrap();
            assert_eq!(queue.held_until(), Some(at(0) + SignedDuration::from_millis(wait)));
        }
        let asked = Some(at(7));
        queue.again(test_order::<Add>(GROUP, users(1..3), None), FaultKind::Throttled, at(0), asked).unwrap();
        assert_eq!(queue.held_until(), asked);
    }
    let waits = || {
        let mut queue = at_work::<Add>();
        queue.again(test_order::<Add>(GROUP, users(1..3), None), FaultKind::Concurrent, at(0), None).unwrap();
        queue.held_until()
    };
    assert!((0..50).any(|_| waits() != waits()), "fifty pairs alike are no chance");
}

#[test]
fn halves_of_a_refused_order_go_first_and_in_their_order() {
    let mut queue = at_work::<Add>();
    queue.of_kind::<Add>(BATCH).unwrap().push(test_order::<Add>(GROUP, users(5..6), None));
    let (left, right) = test_order::<Add>(GROUP, users(1..5), None).split().unwrap();
    queue.push_first([left, right].into_iter());
    let sent: Vec<UserId> = std::iter::from_fn(|| queue.of_kind::<Add>(BATCH).unwrap().next_order(at(0)))
        .flat_map(|order| order.users().to_vec())
        .collect();
    assert_eq!(sent, users(1..6));
}

/// A queue at work on users 1 to 4 of one batch and on 11 to 14 of another.
fn two_at_work() -> WriteQueue {
    let mut queue = at_work::<Remove>();
    queue.begin(test_approval::<Add>(8, 1, users(11..15)));
    queue
}

#[test]
fn each_batch_has_an_approval_of_its_own_and_one_goes_in_front() {
    let mut queue = two_at_work();
    assert_eq!(queue.jobs().map(OneJob::batch).collect::<Vec<_>>(), [BATCH, 1]);
    assert_eq!((queue.answers::<Remove>(7), queue.answers::<Add>(8)), (Some(BATCH), Some(1)));
    assert!(queue.in_front().is_none(), "nothing has been intended");
    queue.of_kind::<Remove>(BATCH).unwrap().push(test_order::<Remove>(GROUP, users(1..3), Some(at(60))));
    assert_eq!(queue.in_front().map(OneJob::batch), Some(BATCH));
    queue.job_mut(BATCH).unwrap().set_aside();
    assert_eq!(queue.in_front().map(OneJob::batch), Some(BATCH), "what is looked at again has been intended too");
    queue.withdraw(user(11));
    assert_eq!(queue.job(1).unwrap().left(), users(12..15));
    queue.begin(test_approval::<Remove>(9, 1, users(12..15)));
    assert!(queue.answers::<Add>(8).is_none() && queue.writes_in(1, WriteKind::Remove), "one a batch");
}

#[test]
fn what_is_asked_of_one_batch_is_asked_of_all_and_tries_are_each_its_own() {
    let mut queue = two_at_work();
    assert!((0..TRIES).all(|_| queue.wait(1, FaultKind::Concurrent, at(0), None)));
    assert!(queue.job(1).unwrap().is_tired() && !queue.job(BATCH).unwrap().is_tired());
    queue.wait(BATCH, FaultKind::Throttled, at(0), Some(at(600)));
    assert_eq!(queue.held(at(1)), Some(at(600)));
    assert_eq!(queue.end(1).map(|ended| ended.kind()), Some(WriteKind::Add));
    assert_eq!(queue.held(at(1)), Some(at(600)), "the other still waits");
    assert_eq!(queue.end_all().len(), 1);
    assert!(queue.is_idle() && queue.held_until().is_none());
    assert!(!queue.wait(BATCH, FaultKind::Throttled, at(0), None), "nothing waits for another try");
}
