//! Every fault in every phase: what the operator sees, what is written, and what is true afterwards.
//!
//! `tests/faults.md` is this table to be read; it is drawn from the rows, and a test holds it to them. Each of its cells is
//! played: four users are brought to the phase, the fault strikes, and the screen, the tenant's log and the tenant itself are
//! compared with the cell. Beside that, nobody may ever be without a license but by others' doing, nobody outside the
//! batch be touched, nothing be written unasked, and no fault fill the journal.

use std::fmt::Write;
use std::path::Path;

use futures_util::StreamExt;
use futures_util::future::ready;
use futures_util::stream;
use skuferry::domain::phase::Phase;

use crate::middlebox::Spoil;
use crate::middlebox::Which;

mod between;
mod cell;
mod groups;
mod hour;
mod users;
mod wire;

/// A fault, and what comes of it in each phase.
pub(crate) struct Row {
    /// What goes wrong.
    pub(crate) fault: &'static str,
    /// How the engine reaches its tenant.
    pub(crate) reach: Reach,
    /// What happens: before the phase's first request, and after the operator was asked where the phase is gated.
    pub(crate) strike: &'static [Do],
    /// What happens once the operator has seen it.
    pub(crate) heal: &'static [Do],
    /// Whether it is others who take licenses away, so that nobody can help it if users are without one.
    pub(crate) takes_licenses: bool,
    /// The phases in their order.
    pub(crate) cells: [Cell; 5],
}

/// How the engine reaches its tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// As usual.
    Straight,
    /// With a token that ends and has to be asked for again.
    SignedIn,
    /// Through a box that may spoil answers or be gone.
    Through,
    /// With a clock that somebody sets.
    OnItsClock,
}

/// One thing that happens. Gaps such as `{user}`, `{target}` and `{request}` are filled in.
pub(crate) enum Do {
    /// The tenant misbehaves, by the text of its switches.
    Sim(&'static str),
    /// Another administrator asks Graph for something: verb, path, body.
    Admin(&'static str, &'static str, &'static str),
    /// The box in between spoils answers to these requests.
    Spoil(fn(Phase) -> Which, Spoil),
    /// Nobody listens where Graph was.
    Unplug,
    /// Somebody listens again.
    Plug,
    /// The engine's clock is set by so many seconds.
    Clock(i64),
    /// The run is taken up again where Graph has this address.
    Move(&'static str),
    /// The run is taken up again where it was.
    Return,
}

/// What comes of a fault in a phase. ` … ` stands for a gap in what is seen.
#[derive(Clone, Copy)]
pub(crate) enum Cell {
    /// It makes no sense here, and why.
    Moot(&'static str),
    /// The migration is complete in the end.
    Ends { sees: &'static str, written: &'static str, truth: &'static str },
    /// It cannot go on before somebody mends the tenant or decides.
    Stays { sees: &'static str, written: &'static str, truth: &'static str },
}

/// How many cells are played beside each other; they mostly wait.
const BESIDE: usize = 5;

/// Plays all cells of all these rows, and names every one that is otherwise than the table says.
async fn play(rows: &'static [Row]) {
    let cells = rows.iter().flat_map(|row| Phase::SHOWN.map(|phase| (row, phase)));
    let played = cells.map(|(row, phase)| async move {
        let failed = tokio::spawn(cell::play(row, phase)).await.is_err();
        failed.then(|| format!("{} in {}", row.fault, phase.name()))
    });
    let failed: Vec<_> = stream::iter(played).buffer_unordered(BESIDE).filter_map(ready).collect().await;
    assert!(failed.is_empty(), "otherwise than the table says: {failed:#?}");
}

/// What a row says of a phase.
const fn ends(sees: &'static str, written: &'static str, truth: &'static str) -> Cell {
    Cell::Ends { sees, written, truth }
}

const fn stays(sees: &'static str, written: &'static str, truth: &'static str) -> Cell {
    Cell::Stays { sees, written, truth }
}

/// The least that moves four users.
const WRITTEN: &str = "add 4: 204, remove 4: 204 · 2 yes";
const MOVED: &str = "4 moved";
/// Nobody notices, as nothing that the phase needs is touched, or it passes by itself.
const UNNOTICED: Cell = ends("", WRITTEN, MOVED);

/// The table as it stands in `tests/faults.md`.
fn table() -> String {
    let mut text = include_str!("faults/preface.md").to_owned();
    for row in [wire::ROWS, between::ROWS, users::ROWS, groups::ROWS].into_iter().flatten() {
        let _ = write!(text, "\n## {}\n\n| phase | seen | written | true afterwards |\n|---|---|---|---|\n", row.fault);
        for (phase, cell) in Phase::SHOWN.iter().zip(row.cells) {
            let name = phase.name();
            let _ = match cell {
                Cell::Moot(why) => writeln!(text, "| {name} | – | – | makes no sense: {why} |"),
                Cell::Ends { sees, written, truth } | Cell::Stays { sees, written, truth } => {
                    writeln!(text, "| {name} | {} | {written} | {truth} |", told(sees))
                }
            };
        }
    }
    text
}

fn told(sees: &str) -> String {
    if sees.is_empty() { "nothing".to_owned() } else { sees.replace('|', "\\|") }
}

#[test]
fn the_table_to_be_read_is_the_one_that_is_played() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults.md");
    if std::env::var_os("DRAW_FAULTS").is_some() {
        std::fs::write(&path, table()).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert_eq!(kept, table(), "draw it anew with DRAW_FAULTS=1 cargo test --test it faults::the_table");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_wire_misbehaves() {
    play(wire::ROWS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_lies_in_between_misbehaves() {
    play(between::ROWS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_change_users() {
    play(users::ROWS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_change_groups_and_licenses() {
    play(groups::ROWS).await;
}
