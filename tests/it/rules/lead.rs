//! The steps that lead to the situation in which a rule counts.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::rules::script::Hand;
use crate::rules::script::Step;
use crate::rules::script::When;
use crate::rules::script::Whim;
use crate::rules::script::hand;
use crate::rules::script::whim;
use crate::rules::world::Focus;

/// The steps that lead to the situation in which the rule counts; random ones follow.
pub(crate) fn lead(focus: Focus) -> BoxedStrategy<Vec<Step>> {
    let at = |when, whim| Step { when, whim };
    let add = at(When::AskedToAdd, Whim::Yes);
    let remove = at(When::AskedToRemove, Whim::Yes);
    let some = |strategy: BoxedStrategy<Whim>, build: fn(Whim) -> Vec<Step>| strategy.prop_map(build).boxed();
    match focus {
        // Before the removal, or between two orders of it.
        Focus::Seats => (hand(focus), 3..9_u32, any::<bool>())
            .prop_map(move |(hand, some, before)| {
                let hand = |when| at(when, Whim::Hand(hand));
                if before {
                    vec![add, hand(When::AskedToRemove), remove]
                } else {
                    vec![add, remove, at(When::Going, Whim::Hand(Hand::LeaveSeats(some)))]
                }
            })
            .boxed(),
        Focus::Canary => prop_oneof![2 => to_stuck_users(focus), 1 => to_stuck_users_who_recover()].boxed(),
        Focus::Unlicensed => hand(focus)
            .prop_map(move |hand| {
                vec![add, at(When::AskedToRemove, Whim::Hand(hand)), remove, at(When::Bare, Whim::Wait)]
            })
            .boxed(),
        Focus::Proof => to_stale_proofs(focus),
        Focus::Halt => {
            select(vec![When::AskedToAdd, When::Writing, When::Looking, When::Removed, When::Holding, When::Holding])
                .prop_map(move |when| match when {
                    When::AskedToAdd => vec![add, at(When::Writing, Whim::Halt)],
                    _ => vec![add, remove, at(when, Whim::Halt)],
                })
                .boxed()
        }
        Focus::Intent => some(select(vec![Whim::Kill, Whim::KillTorn, Whim::Quit]).boxed(), |end| {
            let at = |when, whim| Step { when, whim };
            vec![
                at(When::AskedToAdd, Whim::Yes),
                at(When::Writing, end),
                at(When::AskedToRemove, Whim::Yes),
                at(When::Writing, end),
            ]
        }),
        Focus::Hands => (hand(focus), hand(focus))
            .prop_map(move |(one, two)| {
                vec![at(When::AskedToAdd, Whim::Hand(one)), add, at(When::AskedToRemove, Whim::Hand(two)), remove]
            })
            .boxed(),
        Focus::Approval => (select(vec![Whim::Kill, Whim::KillTorn, Whim::Quit]), unsound_answer(focus))
            .prop_map(move |(end, other)| {
                vec![
                    at(When::AskedToAdd, other),
                    add,
                    at(When::Soon, end),
                    at(When::AskedToRemove, other),
                    remove,
                    at(When::Soon, end),
                ]
            })
            .boxed(),
        Focus::Back => to_the_way_back(),
        // Looks at a user that begin while a write of theirs is on its way, and end after it.
        Focus::Stale => (0..4_usize, 0..4_usize)
            .prop_map(move |(one, other)| {
                vec![
                    add,
                    at(When::Writing, Whim::Inspect(one)),
                    remove,
                    at(When::Writing, Whim::Inspect(one)),
                    at(When::Now, Whim::Inspect(other)),
                ]
            })
            .boxed(),
        Focus::Licenses => to_licenses(focus),
        // Two batches are added, and something comes while the one waits and the other is at work.
        Focus::Overlap => {
            let end = select(vec![Whim::Kill, Whim::KillTorn, Whim::Quit, Whim::Halt, Whim::RollBackBatch, Whim::Wait]);
            let when = select(vec![When::Now, When::Soon, When::Writing, When::Looking, When::Removed]);
            (end, when, 0..3_u8)
                .prop_map(move |(end, when, kind)| {
                    let lift = at(When::Soon, Whim::Lift);
                    match kind {
                        0 => vec![add, add, at(when, end), lift, remove],
                        1 => vec![add, add, remove, at(when, end), lift],
                        _ => vec![add, add, at(When::AskedToRemove, Whim::RollBackBatch), at(when, end), lift, remove],
                    }
                })
                .boxed()
        }
        Focus::Mild | Focus::Outsiders | Focus::Secrets => Just(Vec::new()).boxed(),
    }
}

/// What an operator may do instead of answering as asked, or anything at all.
fn unsound_answer(focus: Focus) -> BoxedStrategy<Whim> {
    prop_oneof![1 => (0..4_usize).prop_map(Whim::LateYes), 3 => whim(focus)].boxed()
}

/// Steps to the way back, from where users hold both or have left, and to its last look. Before that, what somebody was
/// to come back to may be lost.
fn to_the_way_back() -> BoxedStrategy<Vec<Step>> {
    let at = |when, whim| Step { when, whim };
    let add = at(When::AskedToAdd, Whim::Yes);
    let remove = at(When::AskedToRemove, Whim::Yes);
    let when = select(vec![When::AskedToRemove, When::Holding, When::Removed, When::Removed]);
    let back = select(vec![Whim::RollBack(0), Whim::RollBack(1), Whim::RollBackBatch, Whim::RollBackBatch]);
    let lost = [0, 1].map(|user| at(When::AskedToRemove, Whim::Hand(Hand::LoseSource(user)))).to_vec();
    let lost = select(vec![Vec::new(), lost]);
    (when, back, lost)
        .prop_map(move |(when, back, lost)| {
            let there = if when == When::AskedToRemove {
                vec![add, at(when, back), add]
            } else {
                vec![add, remove, at(when, Whim::Halt), at(When::Soon, back), at(When::Soon, Whim::Lift), add]
            };
            there.into_iter().chain(lost).chain([remove]).collect()
        })
        .boxed()
}

/// How often each kind of the following steps comes.
const KINDS: [u8; 16] = [0, 1, 2, 2, 2, 3, 4, 4, 4, 4, 5, 5, 6, 7, 7, 7];

/// Steps between a last look and its removal: other hands, and a clock that jumps.
fn to_stale_proofs(focus: Focus) -> BoxedStrategy<Vec<Step>> {
    let at = |when, whim| Step { when, whim };
    let add = at(When::AskedToAdd, Whim::Yes);
    let remove = at(When::AskedToRemove, Whim::Yes);
    (hand(focus), hand(focus), select(vec![58_i64, 59, 61, 90]), select(KINDS.to_vec()))
        .prop_map(move |(hand, other, jump, kind)| match kind {
            // While the canary is awaited, licensing takes in what others did to those who come after it.
            5 => vec![add, remove, at(When::Removed, Whim::Hand(hand)), at(When::Now, Whim::Hand(other))],
            3 => vec![add, remove, at(When::Holding, Whim::Hand(hand))],
            // The first to be removed, whose order waits, or whom somebody takes out of the group once they are asked about.
            2 => vec![add, remove, at(When::Holding, Whim::Hand(Hand::Strip(0)))],
            7 => vec![add, at(When::AskedToRemove, Whim::Hand(Hand::RemoveFromTarget(0))), remove],
            4 => vec![add, remove, at(When::Holding, Whim::Jump(jump))],
            0 => vec![add, remove, at(When::Looking, Whim::Hand(hand))],
            1 => vec![add, remove, at(When::Looking, Whim::Jump(jump))],
            _ => vec![add, at(When::AskedToRemove, Whim::Hand(hand)), remove, at(When::Writing, Whim::Jump(jump))],
        })
        .boxed()
}

/// Steps to users who are stuck for want of seats, or in whose way a direct license stands.
fn to_licenses(focus: Focus) -> BoxedStrategy<Vec<Step>> {
    let at = |when, whim| Step { when, whim };
    let add = at(When::AskedToAdd, Whim::Yes);
    let remove = at(When::AskedToRemove, Whim::Yes);
    let given = vec(0..40_usize, 1..4);
    // Between the answer and the write: nothing, somebody else's hand, or what an operator may do then.
    let amid = prop_oneof![
        2 => Just(Whim::Wait),
        2 => hand(focus).prop_map(Whim::Hand),
        1 => (0..40_usize).prop_map(Whim::Exclude),
        1 => select(vec![Whim::Halt, Whim::Kill, Whim::Quit, Whim::Jump(61)]),
    ];
    let when = select(vec![When::Now, When::Holding, When::Looking]);
    (given, hand(focus), amid, when, 0..3_u8)
        .prop_map(move |(given, hand, amid, when, kind)| {
            let give = given.into_iter().map(|user| at(When::AskedToRemove, Whim::Hand(Hand::GiveDirect(user))));
            let direct =
                [remove, at(When::Direct, Whim::TakeDirect), at(when, amid), at(When::Direct, Whim::TakeDirect)];
            match kind {
                0 => [
                    at(When::AskedToAdd, Whim::Hand(Hand::LeaveSeats(0))),
                    add,
                    at(When::Stuck, Whim::ReprocessAll),
                    at(when, amid),
                    at(When::Now, Whim::Hand(Hand::LeaveSeats(50))),
                    at(When::Soon, Whim::ReprocessAll),
                ]
                .to_vec(),
                1 => [add].into_iter().chain(give).chain(direct).chain([at(When::Soon, Whim::Hand(hand))]).collect(),
                // Somebody takes licenses away before the question, so that what it is about is no more as it was.
                _ => [add]
                    .into_iter()
                    .chain(give)
                    .chain([remove, at(When::Direct, Whim::Hand(hand))])
                    .chain(direct)
                    .collect(),
            }
        })
        .boxed()
}

/// Steps to users who cannot be moved, before they are added or before they are removed.
fn to_stuck_users(focus: Focus) -> BoxedStrategy<Vec<Step>> {
    let at = |when, whim| Step { when, whim };
    let add = at(When::AskedToAdd, Whim::Yes);
    let remove = at(When::AskedToRemove, Whim::Yes);
    (hand(focus), hand(focus), hand(focus), any::<bool>())
        .prop_map(move |(one, two, three, early)| {
            let hand = |hand| at(if early { When::AskedToAdd } else { When::AskedToRemove }, Whim::Hand(hand));
            vec![add, remove]
                .into_iter()
                .enumerate()
                .flat_map(|(turn, step)| {
                    let hands = if (turn == 0) == early { vec![hand(one), hand(two), hand(three)] } else { vec![] };
                    hands.into_iter().chain([step])
                })
                .collect()
        })
        .boxed()
}

/// Steps to somebody who is stuck and comes free again, and to others after them: the breaker counts them all.
fn to_stuck_users_who_recover() -> BoxedStrategy<Vec<Step>> {
    let at = |when, whim| Step { when, whim };
    let hand = move |when, hand| at(when, Whim::Hand(hand));
    (0..4_usize, vec(0..14_usize, 1..4))
        .prop_map(move |(one, others)| {
            let add = at(When::AskedToAdd, Whim::Yes);
            let free = [hand(When::Stuck, Hand::BringBack(one)), at(When::Now, Whim::ReprocessAll)];
            let others = others.into_iter().map(|other| hand(When::Now, Hand::SendAway(other)));
            let away = hand(When::AskedToAdd, Hand::SendAway(one));
            [away, add].into_iter().chain(free).chain(others).chain([at(When::AskedToRemove, Whim::Yes)]).collect()
        })
        .boxed()
}
