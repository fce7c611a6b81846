//! What an operator may come up with, when, and what other hands do meanwhile.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;

use crate::rules::world::Focus;

/// One step: at what moment, and what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) when: When,
    pub(crate) whim: Whim,
}

/// A moment. If it does not come in a while, the step is made all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    Now,
    /// Something has changed.
    Soon,
    /// Some question waits.
    Asked,
    /// It is asked whether to add.
    AskedToAdd,
    /// It is asked whether to remove.
    AskedToRemove,
    /// A write is on its way.
    Writing,
    /// A last look is being made.
    Looking,
    /// A write waits before it is sent again.
    Holding,
    /// Somebody of the batch was removed.
    Removed,
    /// Somebody is seen without a license.
    Bare,
    /// Somebody is stuck.
    Stuck,
    /// A direct license stands in somebody's way.
    Direct,
}

/// What the operator does, or what happens to the program.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Whim {
    Yes,
    /// Types a number that is wrong by so much.
    Mistype(i64),
    Leave,
    /// Answers a question after a newer one was put.
    OldAnswer,
    /// Takes somebody out between the question and the yes to it.
    LateYes(usize),
    /// Says that writing may go on, asked or not.
    Lift,
    Acknowledge,
    Halt,
    Exclude(usize),
    Inspect(usize),
    Poll,
    Pause,
    Kill,
    /// A kill in the middle of writing the next event down.
    KillTorn,
    Quit,
    /// Takes a user back.
    RollBack(usize),
    /// Takes the batch under way back.
    RollBackBatch,
    /// Has licensing look at a user again.
    Reprocess(usize),
    /// The same for all of the list.
    ReprocessAll,
    /// Takes the direct license off all who have one.
    TakeDirect,
    /// The machine's clock jumps by so many seconds.
    Jump(i64),
    Hand(Hand),
    Wait,
}

/// What another administrator does. Users are places in the list, modulo its length.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Hand {
    AddToTarget(usize),
    RemoveFromTarget(usize),
    RemoveFromSource(usize),
    AddToSource(usize),
    Delete(usize),
    Strip(usize),
    /// The license that the source group gives goes, though the user stays in it.
    LoseSource(usize),
    /// The same, of the target group.
    LoseTarget(usize),
    Curse(usize),
    /// Moves a user to where the target is not offered.
    SendAway(usize),
    /// Leaves so many seats of the target free.
    LeaveSeats(u32),
    /// Assigns the source directly.
    GiveDirect(usize),
}

impl Step {
    /// Something that is done before anybody was asked anything.
    pub(crate) fn early(hand: Hand) -> Self {
        Self { when: When::Soon, whim: Whim::Hand(hand) }
    }
}

/// What others do, of the kind that the focus is about.
pub(crate) fn hand(focus: Focus) -> BoxedStrategy<Hand> {
    let user = || 0..40_usize;
    let moves = prop_oneof![
        user().prop_map(Hand::AddToTarget),
        user().prop_map(Hand::RemoveFromTarget),
        user().prop_map(Hand::RemoveFromSource),
        user().prop_map(Hand::AddToSource),
        user().prop_map(Hand::Delete),
    ];
    let seats = (0..6_u32).prop_map(Hand::LeaveSeats);
    let cruel = prop_oneof![3 => user().prop_map(Hand::Curse), 1 => user().prop_map(Hand::Strip)];
    match focus {
        Focus::Seats => seats.boxed(),
        Focus::Back => (0..4_usize).prop_map(Hand::LoseSource).boxed(),
        Focus::Canary => prop_oneof![2 => user().prop_map(Hand::SendAway), 1 => user().prop_map(Hand::Curse)].boxed(),
        Focus::Unlicensed => cruel.boxed(),
        Focus::Licenses => prop_oneof![
            4 => user().prop_map(Hand::GiveDirect),
            2 => seats,
            1 => user().prop_map(Hand::RemoveFromTarget),
            1 => user().prop_map(Hand::Strip)
        ]
        .boxed(),
        Focus::Proof => prop_oneof![
            2 => user().prop_map(Hand::RemoveFromTarget),
            2 => user().prop_map(Hand::LoseTarget),
            1 => user().prop_map(Hand::Strip),
            1 => user().prop_map(Hand::RemoveFromSource)
        ]
        .boxed(),
        _ => prop_oneof![4 => moves, 1 => seats, 1 => cruel, 1 => user().prop_map(Hand::SendAway)].boxed(),
    }
}

fn whim(focus: Focus) -> BoxedStrategy<Whim> {
    let place = || 0..40_usize;
    let weight = |about: &[Focus], more: u32| if about.contains(&focus) { more } else { 0 };
    let hands =
        weight(&[Focus::Hands, Focus::Seats, Focus::Canary, Focus::Unlicensed, Focus::Proof, Focus::Licenses], 3);
    let kills = 1 + weight(&[Focus::Intent, Focus::Approval], 3);
    let halts = 1 + weight(&[Focus::Halt], 4);
    let mistakes = 1 + weight(&[Focus::Approval], 3);
    let backs = weight(&[Focus::Back, Focus::Mild], 2);
    let jumps = weight(&[Focus::Proof, Focus::Licenses], 2);
    let licenses = weight(&[Focus::Licenses, Focus::Mild], 3);
    let weighted = vec![
        (8, Just(Whim::Yes).boxed()),
        (2, Just(Whim::Wait).boxed()),
        (mistakes, select(vec![-1, 1, 10, -100]).prop_map(Whim::Mistype).boxed()),
        (mistakes, Just(Whim::OldAnswer).boxed()),
        (mistakes, Just(Whim::Lift).boxed()),
        (mistakes, place().prop_map(Whim::LateYes).boxed()),
        (1, Just(Whim::Leave).boxed()),
        (1, Just(Whim::Acknowledge).boxed()),
        (halts, Just(Whim::Halt).boxed()),
        (1, place().prop_map(Whim::Exclude).boxed()),
        (1, place().prop_map(Whim::Inspect).boxed()),
        (1, Just(Whim::Poll).boxed()),
        (1, Just(Whim::Pause).boxed()),
        (kills, Just(Whim::Kill).boxed()),
        (kills, Just(Whim::KillTorn).boxed()),
        (1, Just(Whim::Quit).boxed()),
        (backs, place().prop_map(Whim::RollBack).boxed()),
        (backs, Just(Whim::RollBackBatch).boxed()),
        (jumps, select(vec![59_i64, 61, 90, 3600, -30]).prop_map(Whim::Jump).boxed()),
        (licenses, place().prop_map(Whim::Reprocess).boxed()),
        (licenses, select(vec![Whim::ReprocessAll, Whim::TakeDirect]).boxed()),
        (hands, hand(focus).prop_map(Whim::Hand).boxed()),
    ];
    Union::new_weighted(weighted.into_iter().filter(|(weight, _)| *weight > 0).collect()).boxed()
}

fn when(focus: Focus) -> BoxedStrategy<When> {
    let amid = if matches!(focus, Focus::Halt | Focus::Intent | Focus::Proof) { 4 } else { 1 };
    prop_oneof![
        2 => Just(When::Now),
        3 => Just(When::Soon),
        4 => Just(When::Asked),
        amid => Just(When::Writing),
        amid => Just(When::Looking),
        1 => Just(When::Removed),
    ]
    .boxed()
}

/// Any step.
pub(crate) fn step(focus: Focus) -> impl Strategy<Value = Step> {
    (when(focus), whim(focus)).prop_map(|(when, whim)| Step { when, whim })
}

/// The steps that lead to the situation in which the rule counts; random ones follow.
pub(crate) fn lead(focus: Focus) -> BoxedStrategy<Vec<Step>> {
    let at = |when, whim| Step { when, whim };
    let add = at(When::AskedToAdd, Whim::Yes);
    let remove = at(When::AskedToRemove, Whim::Yes);
    let some = |strategy: BoxedStrategy<Whim>, build: fn(Whim) -> Vec<Step>| strategy.prop_map(build).boxed();
    match focus {
        Focus::Seats => {
            hand(focus).prop_map(move |hand| vec![add, at(When::AskedToRemove, Whim::Hand(hand)), remove]).boxed()
        }
        Focus::Canary => (hand(focus), hand(focus), hand(focus), any::<bool>())
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
            .boxed(),
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
        Focus::Back => to_the_way_back(focus),
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
        Focus::Mild | Focus::Outsiders | Focus::Secrets => Just(Vec::new()).boxed(),
    }
}

/// What an operator may do instead of answering as asked, or anything at all.
fn unsound_answer(focus: Focus) -> BoxedStrategy<Whim> {
    prop_oneof![1 => (0..4_usize).prop_map(Whim::LateYes), 3 => whim(focus)].boxed()
}

/// Steps to the way back, from where users hold both or have left, and to its last look. Before that, what somebody was
/// to come back to may be lost.
fn to_the_way_back(focus: Focus) -> BoxedStrategy<Vec<Step>> {
    let at = |when, whim| Step { when, whim };
    let add = at(When::AskedToAdd, Whim::Yes);
    let remove = at(When::AskedToRemove, Whim::Yes);
    let when = select(vec![When::AskedToRemove, When::Holding, When::Removed, When::Removed]);
    let back = select(vec![Whim::RollBack(0), Whim::RollBack(1), Whim::RollBackBatch, Whim::RollBackBatch]);
    let lost = prop_oneof![
        Just(Vec::new()),
        vec(hand(focus).prop_map(move |hand| at(When::AskedToRemove, Whim::Hand(hand))), 1..3)
    ];
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

/// Steps between a last look and its removal: other hands, and a clock that jumps.
fn to_stale_proofs(focus: Focus) -> BoxedStrategy<Vec<Step>> {
    let at = |when, whim| Step { when, whim };
    let add = at(When::AskedToAdd, Whim::Yes);
    let remove = at(When::AskedToRemove, Whim::Yes);
    (hand(focus), hand(focus), select(vec![58_i64, 59, 61, 90]), select(vec![0, 1, 2, 3, 4, 4, 4, 4, 5, 5]))
        .prop_map(move |(hand, other, jump, kind)| match kind {
            // While the canary is awaited, licensing takes in what others did to those who come after it.
            5 => vec![add, remove, at(When::Removed, Whim::Hand(hand)), at(When::Now, Whim::Hand(other))],
            3 => vec![add, remove, at(When::Holding, Whim::Hand(hand))],
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
