//! What an operator may come up with, when, and what other hands do meanwhile.

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
    /// More of the batch were removed than the canary.
    Going,
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
    /// Moves a user back to where it is.
    BringBack(usize),
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
    let seats = (0..9_u32).prop_map(Hand::LeaveSeats);
    let cruel = prop_oneof![3 => user().prop_map(Hand::Curse), 1 => user().prop_map(Hand::Strip)];
    match focus {
        Focus::Seats => seats.boxed(),
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

pub(super) fn whim(focus: Focus) -> BoxedStrategy<Whim> {
    let place = || 0..40_usize;
    let weight = |about: &[Focus], more: u32| if about.contains(&focus) { more } else { 0 };
    let hands =
        weight(&[Focus::Hands, Focus::Seats, Focus::Canary, Focus::Unlicensed, Focus::Proof, Focus::Licenses], 3);
    let kills = 1 + weight(&[Focus::Intent, Focus::Approval], 3) + weight(&[Focus::Overlap], 1);
    let halts = 1 + weight(&[Focus::Halt], 4) + weight(&[Focus::Overlap], 1);
    let mistakes = 1 + weight(&[Focus::Approval], 3);
    let backs = weight(&[Focus::Back, Focus::Mild, Focus::Overlap], 2);
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
