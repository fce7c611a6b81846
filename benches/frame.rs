//! A frame at 100, 10,000 and 100,000 users: it must cost the same. Printed beside it: what a new snapshot costs.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

#[path = "../tests/it/scene/base.rs"]
mod scene;

use std::hint::black_box;
use std::time::Duration;
use std::time::Instant;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use skuferry::tui::action::Action;
use skuferry::tui::keys::Cmd;
use skuferry::tui::update::update;
use skuferry::tui::view::Measured;
use skuferry::tui::view::draw;

const ROUNDS: u32 = 200;

fn main() {
    for users in [100, 10_000, 100_000] {
        let scene = scene::Scene::checked(scene::preflight((0..users).map(scene::ready).collect()));
        let mut model = scene.model();
        let _ = update(&mut model, Action::Cmd(Cmd::Last));
        let mut screen = Terminal::new(TestBackend::new(120, 40)).unwrap();
        let mut rows = 0;
        let frame = timed(ROUNDS, || {
            let mut measured = Measured::default();
            screen.draw(|frame| measured = draw(black_box(&model), frame)).unwrap();
            rows = measured.rows;
        });
        let shared = scene.shared();
        let snapshot = timed(20, || drop(update(&mut model, Action::Snapshot(black_box(shared.clone())))));
        println!("{users:>7} users: {frame:>9.1?} a frame ({rows} rows), {snapshot:>9.1?} a snapshot");
    }
}

fn timed(rounds: u32, mut what: impl FnMut()) -> Duration {
    what();
    let start = Instant::now();
    (0..rounds).for_each(|_| what());
    start.elapsed() / rounds
}
