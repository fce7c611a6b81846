//! How long licensing still takes, as it is told of one batch and of all that are under way.

use skuferry::domain::event::Event;
use skuferry::domain::id::UserId;
use skuferry::domain::latency::MostDone;
use skuferry::domain::latency::Remaining;
use skuferry::domain::latency::SlowestDone;
use skuferry::domain::questions::gates;
use skuferry::domain::standing::Standing;
use skuferry::domain::time::SignedDuration;
use skuferry::tui::keys::Cmd;
use skuferry::tui::model::Model;

use crate::problems::run;
use crate::scene::Scene;
use crate::screens::frame;
use crate::screens::press;
use crate::screens::text;

/// The batch is checked and added; gives its users.
fn add(scene: &mut Scene, batch: usize) -> Vec<UserId> {
    scene.snapshot.run.show(batch);
    if batch > 0 {
        let seats = scene.snapshot.run.seats();
        scene.event(Event::BatchChecked { batch, problems: vec![], seats, products: vec![], reasons: vec![] });
        scene.snapshot.run.show(batch);
    }
    scene.added();
    scene.snapshot.run.members(batch).filter_map(|user| user.id).collect()
}

/// Three batches of 40. Of the first 30 took a minute and 10 took five. Of the second half is done, the others have waited for
/// 103 s; of the third nobody is, and all have waited for 40 s.
fn two_under_way() -> Scene {
    let mut scene = run(120, 40, 3);
    let first = add(&mut scene, 0);
    scene.later(59).observed(&first[..30], &Standing::HoldsBoth);
    scene.later(239).observed(&first[30..], &Standing::HoldsBoth).later(20);
    let second = add(&mut scene, 1);
    scene.later(59).observed(&second[..20], &Standing::HoldsBoth);
    add(&mut scene, 2);
    scene.later(40);
    scene.snapshot.run.show(1);
    scene.snapshot.gates = gates(&scene.snapshot.run);
    scene
}

fn drawn(model: &mut Model) -> String {
    text(&frame(model, 120, 40).0)
}

/// The part of a frame that tells of the time left.
fn line<'a>(drawn: &'a str, part: &str) -> &'a str {
    drawn.lines().find(|line| line.contains(part)).unwrap_or_else(|| panic!("no {part:?}:\n{drawn}"))
}

/// Five minutes are kept as 304 s: never shorter, and longer by a 32nd at most.
fn of(most: i64, slowest: usize) -> Remaining {
    let length = SignedDuration::from_secs(most);
    Remaining { most: MostDone::In(length), slowest, slowest_done: SlowestDone::Within(length, 0) }
}

#[test]
fn of_a_batch_that_is_half_done_its_own_time_is_drawn() {
    let mut model = two_under_way().model();
    assert_eq!(model.summary.remaining, Some(of(304 - 103, 2)));
    let drawn = drawn(&mut model);
    let line = line(&drawn, "95 % in");
    assert!(line.contains("20 / 40"), "half of them: {drawn}");
    assert!(line.contains("95 % in 4 min · slowest 2 up to 4 min"), "{drawn}");
}

#[test]
fn of_all_batches_under_way_the_last_that_waits_gives_the_time() {
    let mut model = two_under_way().model();
    // Of 120 users 60 are done and 6 may be late: 15 of the third batch are after a minute, so that all of them count.
    assert_eq!(model.summary.remaining_in_all, Some(of(304 - 40, 6)));
    press(&mut model, &[Cmd::View(2)]);
    let drawn_now = drawn(&mut model);
    let told = "all batches under way: 95 % in 5 min · slowest 6 up to 5 min";
    assert!(line(&drawn_now, "all batches under way").contains(told), "{drawn_now}");
    // Where nothing is read it is not known when anything will be seen.
    let mut scene = two_under_way();
    scene.snapshot.paused = true;
    let mut model = scene.model();
    press(&mut model, &[Cmd::View(2)]);
    let paused = drawn(&mut model);
    assert!(!paused.contains("all batches under way"), "{paused}");
}
