//! Plays one cell of the table: brings a run to a phase, lets the fault strike, and compares screen, log and tenant.

pub(super) mod outcome;
pub(super) mod stage;

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use skuferry::domain::event::Event;
use skuferry::domain::fault::FaultKind;
use skuferry::domain::phase::Phase;
use skuferry::domain::questions;
use skuferry::domain::questions::PendingQuestion;
use skuferry::domain::questions::Question;
use skuferry::domain::settings::Settings;
use skuferry::domain::standing::Standing;
use skuferry::domain::time::SignedDuration;
use skuferry::domain::user::User;
use skuferry::engine::handle::Command;
use skuferry::engine::snapshot::Snapshot;
use skuferry::sim::Options;
use skuferry::tui::Theme;
use skuferry::tui::action::Action;
use skuferry::tui::keys::Cmd;
use skuferry::tui::model::Model;
use skuferry::tui::update::update;
use tokio::time::Instant;

use crate::driver::Rig;
use crate::faults::Cell;
use crate::faults::Row;
use crate::faults::cell::outcome::log;
use crate::faults::cell::outcome::state;
use crate::faults::cell::stage::Stage;
use crate::screens;
use crate::witness;

/// How many users a cell moves, all of them as the canary.
const USERS: usize = 4;
/// Licensing that leaves time for something to happen in between, in tenant time.
const SLOWLY: &str = "[licensing]\nleast = \"15m\"\ntypical = \"18m\"\nmost = \"20m\"\n";

/// The longest that a cell may take for one thing.
const DEADLINE: std::time::Duration = std::time::Duration::from_mins(2);

fn now() -> Instant {
    Instant::now()
}

/// Plays the cell of this row and phase; it panics where anything is otherwise than the table says.
pub(crate) async fn play(row: &Row, phase: Phase) {
    let (sees, written, truth, ends) = match row.cells[column(phase)] {
        Cell::Moot(_) => return,
        Cell::Ends { sees, written, truth } => (sees, written, truth, true),
        Cell::Stays { sees, written, truth } => (sees, written, truth, false),
    };
    let name = format!("`{}` in {}", row.fault, phase.name());
    let mut stage = Stage { row, phase, clock: Arc::default(), between: None };
    let options = Options { users: USERS, seed: 3, ..Options::default() };
    let set = |settings: &mut Settings| settings.canary = USERS;
    let mut rig = Rig::open_by(options, set, async |sim, _: PathBuf| stage.direction(sim).await).await;
    let clock = rig.direction.clock();
    bring_to(&mut rig, &mut stage).await;
    let shown = |shot: &Snapshot| {
        let screen = screen(shot, clock.now());
        sees.split(" … ").all(|part| screen.contains(part))
    };
    let end = now() + DEADLINE;
    while !(sees.is_empty() || shown(&rig.snapshot())) {
        let shot = rig.snapshot();
        assert!(now() < end, "{name}: never seen: {sees}\n{}\n{}", screen(&shot, clock.now()), rig.tale());
        rig.a_while(&shot).await;
    }
    let heal = row.heal;
    stage.strike(&mut rig, heal).await;
    if ends {
        let patience = if heal.is_empty() { 0 } else { passes(&rig) + 3 };
        carry_on(&mut rig, &name, patience).await;
    }
    rig.quit().await;
    rig.sim.advance(std::time::Duration::from_mins(30));
    let (log, reality) = (log(&rig), state(&rig));
    let written = written.split(" or ").find(|one| *one == log).unwrap_or(written);
    assert_eq!((log.as_str(), reality.as_str()), (written, truth), "{name}:\n{}", rig.tale());
    witness::check_writes(&rig);
    let bare = rig.witness.bare();
    let allowed = truth.contains("without a license") || row.takes_licenses;
    assert!(
        allowed || !rig.planned().iter().any(|user| bare.contains(user)),
        "{name}: without a license\n{}",
        rig.tale()
    );
    let failed = rig.journal().iter().filter(|(_, event)| matches!(event, Event::ReadFailed { .. })).count();
    assert!(failed <= 2, "{name}: {failed} lines about failed reads\n{}", rig.tale());
}

/// Where a phase stands in the table.
pub(crate) fn column(phase: Phase) -> usize {
    Phase::SHOWN.iter().position(|one| *one == phase).unwrap()
}

/// Drives the run to the phase; the fault strikes before its first request, and after the operator was asked.
async fn bring_to(rig: &mut Rig, stage: &mut Stage<'_>) {
    let strikes = stage.row.strike;
    if stage.phase == Phase::Preflight {
        rig.witness.ahead = (*stage.clock.0.lock().unwrap()).max(SignedDuration::ZERO);
        return;
    }
    rig.wait_for(PendingQuestion::Add(USERS)).await;
    if stage.phase == Phase::VerifyAdded {
        rig.sim.set_faults(SLOWLY).unwrap();
    }
    let question = rig.ask().await.unwrap();
    if stage.phase == Phase::AddToTarget {
        stage.strike(rig, strikes).await;
    }
    rig.yes(question);
    match stage.phase {
        Phase::AddToTarget => return,
        Phase::VerifyAdded => {
            rig.wait("all are added", |shot| shot.run.phase() == Phase::VerifyAdded).await;
            return stage.strike(rig, strikes).await;
        }
        _ => {}
    }
    rig.wait_for(PendingQuestion::Remove(USERS)).await;
    rig.sim.set_faults(SLOWLY).unwrap();
    // A verify pass in between would make the question grow old.
    rig.send(Command::TogglePolling);
    rig.wait("paused", |shot| shot.paused).await;
    let question = rig.ask().await.unwrap();
    if stage.phase == Phase::RemoveFromSource {
        stage.strike(rig, strikes).await;
    }
    rig.yes(question);
    rig.send(Command::TogglePolling);
    if stage.phase == Phase::VerifyMigrated {
        rig.wait("all are removed", |shot| shot.run.phase() == Phase::VerifyMigrated).await;
        stage.strike(rig, strikes).await;
    }
}

/// An operator who says yes to all that is asked, and takes out who cannot be moved, until the migration is complete.
/// What was healed is read first: nobody is taken out before so many verify passes.
async fn carry_on(rig: &mut Rig, name: &str, patience: usize) {
    let end = now() + DEADLINE;
    loop {
        let shot = rig.snapshot();
        if shot.run.complete {
            return;
        }
        assert!(now() < end, "{name}: never complete:\n{}", rig.tale());
        if shot.run.phase() == Phase::Preflight && questions::pending_question(&shot.run).is_err() {
            rig.send(Command::PollNow);
        }
        let mut hopeless: Vec<_> =
            shot.run.active().filter(|user| is_hopeless(user)).filter_map(|user| user.id).collect();
        if passes(rig) < patience {
            hopeless.clear();
        }
        if hopeless.is_empty()
            && let Ok(waits) = questions::pending_question(&shot.run)
            && let Ok(question) = rig.ask().await
            && is_of(&question, waits)
        {
            rig.yes(question);
        }
        for user in hopeless {
            rig.send(Command::Exclude(user));
        }
        rig.a_while(&shot).await;
    }
}

/// Whether the question that was put is the one that waited: a removal may be asked for before it waits by itself.
fn is_of(question: &Question, waits: PendingQuestion) -> bool {
    match (question, waits) {
        (Question::Alarm(_), PendingQuestion::Alarm) | (Question::LiftHalt(_), PendingQuestion::LiftHalt) => true,
        (Question::Add(proposal), PendingQuestion::Add(users)) => proposal.users().len() == users,
        (Question::Remove(proposal), PendingQuestion::Remove(users)) => proposal.users().len() == users,
        _ => false,
    }
}

/// How many verify passes were made.
fn passes(rig: &Rig) -> usize {
    rig.sim.log().iter().filter(|entry| entry.method == "GET" && entry.path.contains("/members?")).count()
}

fn is_hopeless(user: &User) -> bool {
    let gone = |fault: &skuferry::domain::fault::Fault| fault.kind == FaultKind::NotFound;
    matches!(user.standing, Some(Standing::Stuck(_) | Standing::Missing)) || user.add.fault().is_some_and(gone)
}

/// Everything that stands on the screen: the users and what waits, and the events.
fn screen(shot: &Snapshot, now: Timestamp) -> String {
    let mut model = Model::new(Arc::new(shot.clone()), now, TimeZone::UTC, Theme::Dark);
    let users = screens::text(&screens::frame(&mut model, 300, 16).0);
    let _ = update(&mut model, Action::Cmd(Cmd::View(3)));
    let events = screens::text(&screens::frame(&mut model, 300, 40).0);
    users + &events
}
