//! Rule 4 after the canary: whoever has left and was not seen since may take a seat yet.

use skuferry::domain::migration::Fact;
use skuferry::domain::order::MOST_PER_ORDER;
use skuferry::domain::questions;
use skuferry::domain::questions::PendingQuestion;
use skuferry::domain::time::Timestamp;
use skuferry::engine::handle::Command;
use skuferry::engine::snapshot::Activity;
use skuferry::engine::snapshot::Snapshot;
use skuferry::sim::Options;

use crate::driver::Rig;
use crate::guards::asked;
use crate::guards::say_yes;

/// Licensing does not look any more, and the first removal from now on is long on its way.
const ASLEEP: &str = "[licensing]\nleast = \"50h\"\ntypical = \"50h\"\nmost = \"50h\"\n\
                      [[fault]]\non = \"DELETE /groups/**\"\nnth = 1\ndelay = \"300ms\"\n";

pub(crate) fn removed(shot: &Snapshot) -> usize {
    shot.run.users.iter().filter(|user| user.remove.is_done()).count()
}

/// So many seats are free, by what is shown.
pub(crate) fn leave_seats(rig: &Rig, free: usize) {
    let part = &rig.run.route.target.part_number;
    let state = rig.sim.state();
    let sku = state["skus"].as_array().unwrap().iter().find(|sku| sku["skuPartNumber"] == **part).unwrap();
    let enabled = sku["consumed"].as_u64().unwrap() + u64::try_from(free).unwrap();
    rig.sim.set_faults(&format!("[[event]]\nseats = {{ sku = \"{part}\", enabled = {enabled} }}\n")).unwrap();
}

/// A canary and an order have left, and seats went to others: what is free is enough for who is left, and not for those
/// who have left as well.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_left_takes_a_seat_yet_even_when_taken_out_of_the_batch_since() {
    let options = Options { users: 30, seed: 5, ..Options::default() };
    let mut rig = Rig::open(options, |settings| (settings.canary, settings.max_stuck) = (1, 30)).await;
    let ready = |shot: &Snapshot| matches!(questions::pending_question(&shot.run), Ok(PendingQuestion::Remove(_)));
    let all = rig.operate("a removal waits", ready).await.run.count(0, Fact::Removable);
    let gone = 1 + MOST_PER_ORDER;
    let left = all.checked_sub(gone).unwrap();
    assert!(left > 0, "{all}");
    say_yes(&mut rig).await;
    rig.wait("the canary left", |shot| removed(shot) == 1).await;
    rig.sim.set_faults(ASLEEP).unwrap();
    rig.until("an order left", |rig| asked(rig, "DELETE", "/members/").len() >= 2).await;
    rig.send(Command::Halt);
    rig.wait("it left", |shot| removed(shot) == gone).await;
    leave_seats(&rig, left + 1);
    rig.send(Command::LiftHalt(Timestamp::MAX));
    rig.wait_for(PendingQuestion::Remove(left)).await;
    say_yes(&mut rig).await;
    let shot = rig.wait("decided", |shot| shot.activity == Activity::AwaitingSeats || removed(shot) > gone).await;
    assert_eq!(removed(&shot), gone, "{}", rig.tale());
    for user in shot.run.active().filter(|user| user.remove.is_done() && !user.is_migrated()) {
        rig.send(Command::Exclude(user.id.unwrap()));
    }
    let out = |shot: &Snapshot| shot.run.users.iter().filter(|user| user.excluded && user.remove.is_done()).count();
    rig.wait("they are out", |shot| out(shot) == MOST_PER_ORDER).await;
    let looks = |rig: &Rig| rig.sim.log().iter().filter(|entry| entry.path.contains("/subscribedSkus")).count();
    rig.poll_until(6, looks, |shot| removed(shot) == gone).await;
    // With a seat for everybody they go.
    leave_seats(&rig, all);
    rig.wait("the others left", |shot| removed(shot) == all).await;
}
