//! The screen at 100, 10,000 and 100,000 users while 100,000 changes a minute arrive: how long a key has to wait for its
//! frame when news comes with it, what a snapshot costs, how many bytes go to the terminal, and how long a search takes.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

#[expect(dead_code, reason = "the screens' kit can do more than the load needs")]
#[path = "../tests/it/scene/base.rs"]
mod scene;

use std::cell::Cell;
use std::io;
use std::io::Write;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use ratatui::Terminal;
use ratatui::TerminalOptions;
use ratatui::Viewport;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use skuferry::domain::approval::ShownToOperator;
use skuferry::domain::event::Event;
use skuferry::domain::id::UserId;
use skuferry::domain::outcome::Outcome;
use skuferry::domain::standing::Standing;
use skuferry::tui::action::Action;
use skuferry::tui::keys::Cmd;
use skuferry::tui::model::Model;
use skuferry::tui::run::NEWS;
use skuferry::tui::update::update;
use skuferry::tui::view::Measured;
use skuferry::tui::view::draw;

/// Changes a second, that is 100,000 a minute.
const CHANGES: usize = 1_667;
/// Snapshots a second.
const FRAMES: usize = 30;
/// For how long it is measured.
const SECONDS: usize = 20;

/// Counts what is written to it.
#[derive(Clone, Default)]
struct Counter(Rc<Cell<usize>>);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.set(self.0.get() + bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn main() {
    println!(
        "| users | snapshot p50 | snapshot p99 | key to frame p50 | key to frame p99 | first letter of a search, next filter, next \
         sort: most | kB a minute, busy | kB a minute, idle | kB a minute, idle for a quarter hour |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for users in [100, 10_000, 100_000] {
        measure(users);
    }
}

fn measure(users: usize) {
    let mut scene = added(users);
    let mut model = scene.model();
    let bytes = Counter::default();
    let fixed = TerminalOptions { viewport: Viewport::Fixed(Rect::new(0, 0, 120, 40)) };
    let mut screen = Terminal::with_options(CrosstermBackend::new(bytes.clone()), fixed).unwrap();
    let mut frame = |model: &mut Model| {
        let mut measured = Measured::default();
        screen.draw(|frame| measured = draw(model, frame)).unwrap();
        let _ = update(model, Action::Drawn(measured));
    };
    frame(&mut model);
    let (mut snapshots, mut keys, mut place) = (Vec::new(), Vec::new(), 0);
    for second in 0..SECONDS {
        let _ = update(&mut model, Action::Tick(scene.later(1).now));
        for number in 0..FRAMES {
            let changed = change(&mut scene, &mut place, users);
            // The key is pressed just when the news comes, and has to wait for it.
            let start = Instant::now();
            let _ = update(&mut model, Action::Snapshot(changed));
            frame(&mut model);
            snapshots.push(start.elapsed());
            let cmd = if (second + number) % 2 == 0 { Cmd::Down } else { Cmd::Up };
            let _ = update(&mut model, Action::Cmd(cmd));
            frame(&mut model);
            keys.push(start.elapsed());
        }
    }
    // What makes the list anew.
    let most = [Action::Cmd(Cmd::Search), Action::Typed('j'), Action::Typed('o'), Action::Cmd(Cmd::No)]
        .into_iter()
        .chain((0..7).map(|_| Action::Cmd(Cmd::Filter)))
        .chain((0..5).map(|_| Action::Cmd(Cmd::Sort)))
        .map(|action| {
            let start = Instant::now();
            let _ = update(&mut model, action);
            frame(&mut model);
            start.elapsed()
        })
        .max()
        .unwrap();
    // As the loop paces it, while nobody presses a key.
    let before = bytes.0.get();
    for _ in 0..SECONDS {
        let _ = update(&mut model, Action::Tick(scene.later(1).now));
        frame(&mut model);
        for number in 0..FRAMES {
            let changed = change(&mut scene, &mut place, users);
            if number % (FRAMES * usize::try_from(NEWS.as_millis()).unwrap() / 1_000) == 0 {
                let _ = update(&mut model, Action::Snapshot(changed));
                frame(&mut model);
            }
        }
    }
    let busy = bytes.0.get() - before;
    let mut idle = |wait: i64| {
        let _ = update(&mut model, Action::Tick(scene.later(wait).now));
        frame(&mut model);
        let before = bytes.0.get();
        for _ in 0..SECONDS {
            let _ = update(&mut model, Action::Tick(scene.later(1).now));
            frame(&mut model);
        }
        bytes.0.get() - before
    };
    let (idle, later) = (idle(1), idle(900));
    let minute = |bytes: usize| bytes * 60 / SECONDS / 1_000;
    println!(
        "| {users} | {:.2?} | {:.2?} | {:.2?} | {:.2?} | {most:.2?} | {} | {} | {} |",
        percentile(&mut snapshots, 50),
        percentile(&mut snapshots, 99),
        percentile(&mut keys, 50),
        percentile(&mut keys, 99),
        minute(busy),
        minute(idle),
        minute(later),
    );
}

/// Everybody was added and licensing is at work.
fn added(users: usize) -> scene::Scene {
    let mut scene = scene::Scene::begun();
    scene.snapshot.run.run.settings.batch_size = users;
    let checked = scene::preflight((0..users).map(scene::ready).collect());
    scene.event(Event::Checked { preflight: Box::new(checked) });
    let all: Vec<UserId> = (0..users).map(scene::id).collect();
    let seen = ShownToOperator {
        group_name: "Lic-E3".into(),
        free_seats: None,
        standings: Vec::new(),
        left_out: 0,
        reason: None,
    };
    scene.event(Event::AddApproved { batch: 0, users: all.clone(), by: "test".into(), seen });
    scene.event(Event::AddIntended { batch: 0, users: all.clone() });
    scene.event(Event::AddSettled { batch: 0, users: all, outcome: Outcome::Done });
    scene.event(Event::AddsAcknowledged { batch: 0 });
    scene.later(30);
    scene.snapshot.events.clear();
    scene
}

/// So many users change as fall into one frame.
fn change(scene: &mut scene::Scene, place: &mut usize, users: usize) -> Arc<skuferry::engine::snapshot::Snapshot> {
    let rounds = [Standing::OnSource, Standing::ExpectedConflict];
    let changed = (*place..*place + CHANGES / FRAMES)
        .map(|one| (scene::id(one % users), rounds[(one / users + 1) % rounds.len()].clone()));
    let changed: Vec<(UserId, Standing)> = changed.collect();
    *place += CHANGES / FRAMES;
    let began = scene.now;
    scene.later(0).event(Event::Observed { began, users: changed });
    while scene.snapshot.events.len() > 500 {
        scene.snapshot.events.pop_front();
    }
    scene.shared()
}

fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() - 1) * percent / 100]
}
