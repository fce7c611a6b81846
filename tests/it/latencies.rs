//! What is told of how long licensing takes, against a tenant of which it is known: no user is reached before 30 s, half are
//! by 92 s, 95 % by 300 s, all by 480 s. A read shows it up to 30 s later, as often as the tenant is read.

use std::cell::Cell;
use std::cell::RefCell;
use std::time::Duration;

use skuferry::domain::event::Event;
use skuferry::domain::id::UserId;
use skuferry::domain::latency::Goal;
use skuferry::domain::latency::MostDone;
use skuferry::domain::latency::Remaining;
use skuferry::domain::latency::SlowestDone;
use skuferry::domain::migration::Fact;
use skuferry::domain::outcome::Outcome;
use skuferry::domain::phase::Phase;
use skuferry::domain::remaining::Estimates;
use skuferry::domain::route::Direction;
use skuferry::domain::standing::Standing;
use skuferry::domain::time::SignedDuration;
use skuferry::sim::Scenario;
use skuferry::tui::keys::Cmd;

use crate::scene;
use crate::scene::Scene;
use crate::screens::frame;
use crate::screens::text;
use crate::tempo::Tempo;

const USERS: usize = 200;

/// What was told at one time of the second batch, in seconds of the tenant.
struct Told {
    at: f64,
    most: f64,
    slowest: Option<f64>,
    /// What a line through the past would have told of the same users.
    line: f64,
}

#[expect(clippy::cast_precision_loss, reason = "a few hundred users")]
#[tokio::test(start_paused = true)]
async fn what_is_told_of_the_time_is_what_the_tenant_takes() {
    let mut run =
        Tempo::open_in_batches(Scenario::Conflicting, 2 * USERS, Duration::from_millis(50), 50, USERS, 1).await;
    let (clock, start) = (run.clock.clone(), run.clock.now());
    let told: RefCell<Vec<Told>> = RefCell::default();
    let steps: RefCell<Vec<(f64, usize)>> = RefCell::default();
    let (began, first_unknown) = (Cell::new(0.0), Cell::new(false));
    let shot = run
        .operate(|shot| {
            let (now, run) = (clock.now(), &shot.run);
            let at = now.duration_since(start).as_secs_f64();
            if run.phase_of(0) == Phase::VerifyAdded && run.count(0, Fact::Safe) == 0 {
                let left = Estimates::of(run, now).remaining_in(run, 0, now);
                first_unknown.set(left.is_some_and(|left| left.is_unknown()));
            }
            if run.phase_of(1) != Phase::VerifyAdded {
                began.set(at);
                return false;
            }
            let (done, waiting) = (run.count(1, Fact::Safe), run.count(1, Fact::Waiting));
            steps.borrow_mut().push((at, done));
            let left = Estimates::of(run, now).remaining_in(run, 1, now);
            if let Some(Remaining { most: MostDone::In(most), slowest_done, .. }) = left
                && (USERS / 4..USERS * 3 / 4).contains(&done)
            {
                let line = ((done + waiting) as f64 * 0.95 - done as f64) * (at - began.get()) / done as f64;
                let slowest = match slowest_done {
                    SlowestDone::Within(length, _) => Some(length.as_secs_f64()),
                    SlowestDone::LongerThanAnybody | SlowestDone::Unknown => None,
                };
                told.borrow_mut().push(Told { at, most: most.as_secs_f64(), slowest, line });
            }
            left.is_none() && done > 0
        })
        .await;
    assert!(first_unknown.get(), "of the first users nothing is known before any is done");
    let steps = steps.into_inner();
    let all = steps.last().unwrap().1;
    assert!(all > USERS * 3 / 4, "{all}");
    let reached = |count: usize| steps.iter().find(|(_, done)| *done >= count).unwrap().0;
    let (most_at, all_at) = (reached((all * 95).div_ceil(100)), reached(all));

    // Every time while a quarter to three quarters were done.
    let told = told.into_inner();
    assert!(told.len() > 20, "{}", told.len());
    // A pass is made each 30 s, and the 95th percentile of 200 users drawn from this tail has a standard error of 28 s.
    let fits = |told: f64, took: f64| told <= took * 1.35 + 60.0 && took <= told * 1.35 + 60.0;
    for one in &told {
        let (took, all) = (most_at - one.at, all_at - one.at);
        assert!(fits(one.most, took), "95 % in {} s were told, and it took {took} s", one.most);
        let slowest = one.slowest.unwrap_or_else(|| panic!("{all} s took the slowest, and nothing was told"));
        assert!(all <= slowest * 1.35 + 30.0 && slowest <= 510.0, "up to {slowest} s were told, and it took {all} s");
    }
    assert!(
        told.iter().any(|one| !fits(one.line, most_at - one.at)),
        "a line through the past must not pass: it was wrong by a factor of three"
    );

    let now = clock.now();
    let estimate = Estimates::of(&shot.run, now);
    for (goal, most) in [(Goal::Ready, 2 * USERS), (Goal::Migrated, USERS)] {
        let estimate = estimate.get(Direction::Forward, goal);
        let told = |percent| estimate.percentile(percent).unwrap().as_secs_f64();
        let users = estimate.measured();
        assert!((most * 3 / 4..=most).contains(&users), "{goal:?}: {users}");
        assert!((80.0..135.0).contains(&told(50)), "{goal:?}: half wait {} s", told(50));
        assert!((255.0..370.0).contains(&told(95)), "{goal:?}: 95 % wait {} s", told(95));
        assert!(estimate.longest().unwrap().as_secs_f64() <= 530.0);
        assert_eq!(estimate.histogram().iter().sum::<usize>(), users);
        let quick: usize = estimate.histogram()[..4].iter().sum();
        assert!(quick > users * 3 / 4, "the tail is long: {:?}", estimate.histogram());
    }
}

fn lengths(scene: &Scene, goal: Goal) -> (usize, Option<SignedDuration>) {
    let estimate = Estimates::of(&scene.snapshot.run, scene.now);
    let estimate = estimate.get(Direction::Forward, goal);
    (estimate.measured(), estimate.longest())
}

#[test]
fn measured_is_who_was_written_with_an_answer_and_waited_for_licensing_alone() {
    let mut scene = Scene::preflighted(44);
    let users = scene.active();
    let (batch, seen, by) = (0, scene.seen(), "ana".to_owned());
    scene.later(9).event(Event::AddApproved { batch, users: users.clone(), by, seen });
    scene.event(Event::AddIntended { batch, users: users.clone() }).later(5);
    let (answered, unanswered) = users.split_at(users.len() - 2);
    scene.event(Event::AddSettled { batch, users: answered.to_vec(), outcome: Outcome::Done });
    for user in unanswered {
        let found = skuferry::domain::read_back::ReadBack::InEffect;
        scene.event(Event::AddReadBack { user: *user, found });
    }
    scene.event(Event::AddsAcknowledged { batch });
    assert_eq!(scene.snapshot.run.batches[0].began, Some(scene.now - SignedDuration::from_secs(5)));
    scene.later(59).observed(&users[..3], &Standing::ExpectedConflict);
    assert_eq!(lengths(&scene, Goal::Ready), (3, Some(SignedDuration::from_secs(60))));
    scene.observed(unanswered, &Standing::ExpectedConflict);
    scene.observed(&users[3..4], &scene::standing_stuck());
    scene.observed(&users[3..4], &Standing::ExpectedConflict);
    assert_eq!(lengths(&scene, Goal::Ready).0, 3, "who was not answered, and who was stuck, is not measured");
    scene.observed(&users[..1], &Standing::OnSource).later(60).observed(&users[..1], &Standing::ExpectedConflict);
    assert_eq!(lengths(&scene, Goal::Ready).0, 3, "nobody is measured twice");
    // The program was not there for a night: nobody took that long.
    scene.later(9 * 3600).event(Event::Resumed { by: "ana".into() });
    scene.observed(&users[4..9], &Standing::ExpectedConflict);
    assert_eq!(lengths(&scene, Goal::Ready).0, 3);
}

/// The first batch took a minute, but for one; of the second, one waits longer than that.
fn second_batch() -> Scene {
    let mut scene = Scene::checked(scene::preflight((0..44).map(scene::ready).collect()));
    for batch in 0..2 {
        scene.snapshot.run.show(batch);
        if batch == 1 {
            let seats = scene.snapshot.run.seats();
            scene.event(Event::BatchChecked { batch, problems: vec![], seats, products: vec![], reasons: vec![] });
            scene.snapshot.run.show(batch);
        }
        scene.later(9).added().later(29);
        let users: Vec<UserId> = scene.snapshot.run.members(batch).filter_map(|user| user.id).collect();
        scene.observed(&users[..10], &Standing::ExpectedConflict).later(29);
        scene.observed(&users[10..19], &Standing::ExpectedConflict);
        if batch == 0 {
            scene.later(200);
            scene.observed(&users[19..], &Standing::ExpectedConflict).later(9).removed().later(29);
            scene.observed(&users, &Standing::Migrated).event(Event::BatchComplete { batch });
        }
    }
    scene.later(20);
    scene
}

#[test]
fn who_is_slower_than_95_percent_is_marked_in_the_list_and_on_their_page() {
    let mut model = second_batch().model();
    let drawn = text(&frame(&mut model, 120, 40).0);
    assert_eq!(drawn.matches("slower than 95 %").count(), 1, "{drawn}");
    assert!(drawn.contains("19 / 20 safe") && drawn.contains("slowest 1 up to "), "{drawn}");
    model.choose(19);
    let _ = skuferry::tui::update::update(&mut model, skuferry::tui::action::Action::Cmd(Cmd::Inspect));
    let drawn = text(&frame(&mut model, 100, 30).0);
    assert!(drawn.contains("Slower than 95 % of the users of this run: they waited no longer than 1 min"), "{drawn}");
}
