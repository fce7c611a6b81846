//! A frame at 100, 10,000 and 100,000 users must cost the same. Beside it, each as so many times what it costs at 100 users: a
//! filter, a search, an order and a new snapshot, which look at every user, and the palette, which looks at none.
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
use skuferry::tui::model::Model;
use skuferry::tui::update::update;
use skuferry::tui::view::Measured;
use skuferry::tui::view::draw;

const SIZES: [usize; 3] = [100, 10_000, 100_000];
/// How often something is done that looks at every user, and how often something that does not.
const FEW: u32 = 15;
const MANY: u32 = 200;

const NAMES: [&str; 6] = ["frame", "filter", "search", "order", "snapshot", "palette"];

fn main() {
    let measured = SIZES.map(costs);
    for (users, costs) in SIZES.iter().zip(&measured) {
        let told = NAMES.iter().zip(costs).zip(&measured[0]).map(|((name, cost), least)| {
            format!("{name} {cost:.1?} ({:.1} times)", cost.as_secs_f64() / least.as_secs_f64())
        });
        println!("{users:>7} users: {}", told.collect::<Vec<_>>().join(", "));
    }
}

/// What each of [`NAMES`] costs with so many users.
fn costs(users: usize) -> [Duration; 6] {
    let scene = scene::Scene::checked(scene::preflight((0..users).map(scene::ready).collect()));
    let mut model = scene.model();
    key(&mut model, Cmd::Last);
    let mut screen = Terminal::new(TestBackend::new(120, 40)).unwrap();
    let frame = timed(MANY, || {
        let mut measured = Measured::default();
        screen.draw(|frame| measured = draw(black_box(&model), frame)).unwrap();
        assert!(measured.rows < 40, "what is out of sight was laid out");
    });
    let filter = timed(FEW, || key(&mut model, Cmd::Filter));
    let order = timed(FEW, || key(&mut model, Cmd::Sort));
    key(&mut model, Cmd::Search);
    let search = timed(FEW, || {
        drop(update(&mut model, Action::Typed('a')));
        key(&mut model, Cmd::Erase);
    });
    key(&mut model, Cmd::No);
    let shared = scene.shared();
    let snapshot = timed(FEW, || drop(update(&mut model, Action::Snapshot(black_box(shared.clone())))));
    let palette = timed(MANY, || {
        key(&mut model, Cmd::Palette);
        model.drawn = true;
        key(&mut model, Cmd::No);
    });
    [frame, filter, search, order, snapshot, palette]
}

fn key(model: &mut Model, cmd: Cmd) {
    drop(update(model, Action::Cmd(cmd)));
}

fn timed(rounds: u32, mut what: impl FnMut()) -> Duration {
    what();
    let start = Instant::now();
    (0..rounds).for_each(|_| what());
    start.elapsed() / rounds
}
