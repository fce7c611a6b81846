//! Plays one cell of the table: brings a run to a phase, lets the fault strike, and compares screen, log and tenant.

use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use skuferry::clock::Clock;
use skuferry::clock::SteadyClock;
use skuferry::clock::SystemClock;
use skuferry::domain::decide;
use skuferry::domain::decide::Waits;
use skuferry::domain::event::Event;
use skuferry::domain::fault::FaultKind;
use skuferry::domain::phase::Phase;
use skuferry::domain::settings::Settings;
use skuferry::domain::standing::Standing;
use skuferry::domain::time::SignedDuration;
use skuferry::domain::user::User;
use skuferry::engine::handle::Command;
use skuferry::engine::snapshot::Snapshot;
use skuferry::sim::LogEntry;
use skuferry::sim::Options;
use skuferry::sim::Sim;
use skuferry::tui::Theme;
use skuferry::tui::action::Action;
use skuferry::tui::keys::Cmd;
use skuferry::tui::model::Model;
use skuferry::tui::update::update;
use tokio::time::Instant;

use crate::driver::APP;
use crate::driver::Rig;
use crate::driver::Way;
use crate::faults::Cell;
use crate::faults::Do;
use crate::faults::Reach;
use crate::faults::Row;
use crate::middlebox::Middlebox;
use crate::screens;
use crate::sim_kit;
use crate::witness;

/// How many users a cell moves, all of them as the canary.
const USERS: usize = 4;
/// Licensing that is done before anybody looks.
const AT_ONCE: &str = "[licensing]\nleast = \"1ms\"\ntypical = \"1ms\"\nmost = \"1ms\"\n";
/// Licensing that leaves time for something to happen in between, in tenant time.
const SLOWLY: &str = "[licensing]\nleast = \"15m\"\ntypical = \"18m\"\nmost = \"20m\"\n";

/// The longest that a cell may take for one thing.
const DEADLINE: std::time::Duration = std::time::Duration::from_secs(40);

fn now() -> Instant {
    Instant::now()
}

/// A clock that somebody sets.
#[derive(Default)]
pub(super) struct SetClock(pub(super) Mutex<SignedDuration>);

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        SystemClock.now() + *self.0.lock().unwrap()
    }
}

/// The world around one run.
struct Stage<'a> {
    row: &'a Row,
    phase: Phase,
    clock: Arc<SetClock>,
    between: Option<Middlebox>,
}

impl Stage<'_> {
    /// A text with its gaps filled: the second user of the list, both ends, and the request that the phase lives by.
    fn filled(&self, text: &str, sim: &Sim) -> String {
        let state = sim.state();
        let of_sku = |part: &str| {
            let skus = state["skus"].as_array().unwrap();
            skus.iter().find(|sku| sku["skuPartNumber"] == part).unwrap()["skuId"].as_str().unwrap().to_owned()
        };
        let request = match self.phase {
            Phase::Preflight => "GET /groups/*",
            Phase::AddToTarget => "PATCH /groups/*",
            Phase::VerifyAdded | Phase::VerifyMigrated | Phase::Complete => "GET /groups/*/members",
            Phase::RemoveFromSource => "DELETE /groups/**",
        };
        let read = match self.phase {
            Phase::Preflight | Phase::AddToTarget => "GET /groups/*",
            Phase::VerifyAdded | Phase::VerifyMigrated | Phase::Complete => "GET /groups/*/members",
            Phase::RemoveFromSource => "POST /$batch",
        };
        text.replace("{request}", request)
            .replace("{read}", read)
            .replace("{user}", state_of(&state, &listed(sim)[1])["id"].as_str().unwrap())
            .replace("{source}", "b82c04f0-ce30-4ff1-bac7-735d92d83036")
            .replace("{target}", "bcf279d1-5ad5-46a5-b469-4b8a552aa2fe")
            .replace("{source-sku}", &of_sku("STANDARDPACK"))
            .replace("{target-sku}", &of_sku("ENTERPRISEPACK"))
            .replace("{app}", APP)
    }

    /// Lets something happen before the engine runs, or while it does.
    async fn happen(&mut self, sim: &Arc<Sim>, what: &[Do]) {
        for one in what {
            match one {
                Do::Sim(text) => sim.set_faults(&self.filled(text, sim)).unwrap(),
                Do::Admin(verb, path, body) => self.administer(sim, verb, path, body).await,
                Do::Spoil(which, spoil) => self.between.as_ref().unwrap().spoil(which(self.phase), *spoil),
                Do::Unplug => self.between.as_mut().unwrap().unplug().await,
                Do::Plug => self.between.as_mut().unwrap().plug().await,
                Do::Clock(seconds) => *self.clock.0.lock().unwrap() += SignedDuration::from_secs(*seconds),
                Do::Move(_) | Do::Return => {}
            }
        }
    }

    async fn administer(&self, sim: &Arc<Sim>, verb: &str, path: &str, body: &str) {
        let url = format!("{}/v1.0{}", sim.url(), self.filled(path, sim));
        let request = sim_kit::client().request(verb.parse().unwrap(), url).bearer_auth(sim.access_token());
        let request = request.header("client-request-id", witness::ANOTHER).header("content-type", "application/json");
        let answer = request.body(self.filled(body, sim)).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
    }

    /// The same for a run: what concerns the engine's own machine is done here.
    async fn strike(&mut self, rig: &mut Rig, what: &[Do]) {
        let sim = rig.sim.clone();
        self.happen(&sim, what).await;
        for one in what {
            match one {
                Do::Move(url) => {
                    rig.kill().await;
                    rig.way.url = Some((*url).to_owned());
                    rig.resume();
                }
                Do::Return => {
                    rig.kill().await;
                    rig.way.url = None;
                    rig.resume();
                }
                Do::Clock(seconds) if *seconds > 0 => rig.witness.ahead = SignedDuration::from_secs(*seconds),
                _ => {}
            }
        }
    }

    async fn way(&mut self, sim: &Arc<Sim>) -> Way {
        let mut way = Way::default();
        match self.row.reach {
            Reach::Straight => {}
            Reach::SignedIn => way.signs_in = true,
            Reach::Through => {
                let between = Middlebox::before(sim).await;
                way.url = Some(between.url());
                self.between = Some(between);
            }
            Reach::OnItsClock => way.clock = Some(Arc::new(SteadyClock::new(self.clock.clone()))),
        }
        if self.phase == Phase::Preflight {
            // Preflight is to see what licensing made of it, and does not wait.
            sim.set_faults(AT_ONCE).unwrap();
            self.happen(sim, self.row.strike).await;
            for one in self.row.strike {
                if let Do::Move(url) = one {
                    way.url = Some((*url).to_owned());
                }
            }
        }
        way
    }
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
    let mut rig = Rig::open_by(options, set, async |sim, _: PathBuf| stage.way(sim).await).await;
    let clock = rig.way.clock();
    bring_to(&mut rig, &mut stage).await;
    let shown = |shot: &Snapshot| {
        let screen = screen(shot, clock.now());
        sees.split(" … ").all(|part| screen.contains(part))
    };
    let end = now() + DEADLINE;
    while !(sees.is_empty() || shown(&rig.snapshot())) {
        assert!(now() < end, "{name}: never seen: {sees}\n{}", rig.tale());
        let shot = rig.snapshot();
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
    let found = (log(&rig), state(&rig));
    assert_eq!((found.0.as_str(), found.1.as_str()), (written, truth), "{name}:\n{}", rig.tale());
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
    rig.wait_for(Waits::Add(USERS)).await;
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
    rig.wait_for(Waits::Remove(USERS)).await;
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
        if shot.run.phase() == Phase::Preflight && decide::waits(&shot.run).is_err() {
            rig.send(Command::PollNow);
        }
        let mut hopeless: Vec<_> =
            shot.run.active().filter(|user| is_hopeless(user)).filter_map(|user| user.id).collect();
        if passes(rig) < patience {
            hopeless.clear();
        }
        if hopeless.is_empty()
            && decide::waits(&shot.run).is_ok()
            && let Ok(question) = rig.ask().await
        {
            rig.yes(question);
        }
        for user in hopeless {
            rig.send(Command::Exclude(user));
        }
        rig.a_while(&shot).await;
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

/// Every write that the tenant met, in order, and how often the operator said yes.
pub(super) fn log(rig: &Rig) -> String {
    let (mut told, mut last): (Vec<(String, usize, u16)>, _) = (Vec::new(), None);
    for write in witness::writes(rig) {
        let entry = rig.sim.log().into_iter().find(|entry| entry.number == write.number).unwrap();
        let (request, what) = (request_of(&entry), if write.added { "add" } else { "remove" });
        match told.last_mut() {
            Some((_, users, status)) if last == Some(request) && *status == write.status => *users += 1,
            _ => told.push((what.to_owned(), 1, write.status)),
        }
        last = Some(request);
    }
    let yes = rig.journal().iter().filter(|(_, event)| is_approval(event)).count();
    let mut text: Vec<String> =
        told.into_iter().map(|(what, users, status)| format!("{what} {users}: {status}")).collect();
    if text.is_empty() {
        text.push("nothing".to_owned());
    }
    format!("{} · {yes} yes", text.join(", "))
}

fn request_of(entry: &LogEntry) -> u64 {
    entry.outer.unwrap_or(entry.number)
}

fn is_approval(event: &Event) -> bool {
    matches!(event, Event::AddApproved { .. } | Event::RemoveApproved { .. })
}

/// Where the listed users truly are, and whether the run knows it is done.
fn state(rig: &Rig) -> String {
    let state = rig.sim.state();
    let mut counts = [("moved", 0), ("stayed", 0), ("in both groups", 0), ("deleted", 0), ("elsewhere", 0)];
    let mut bare = 0;
    for upn in listed(&rig.sim) {
        let user = state_of(&state, &upn);
        let groups = user["groups"].as_array().map(Vec::as_slice).unwrap_or_default();
        let within = |group: String| groups.iter().any(|one| *one == group);
        let ends = [&rig.run.route.source, &rig.run.route.target];
        let place = match ends.map(|end| within(end.group.to_string())) {
            _ if user.is_null() => 3,
            [false, true] => 0,
            [true, false] => 1,
            [true, true] => 2,
            [false, false] => 4,
        };
        counts[place].1 += 1;
        bare += usize::from(user["skus"].as_array().is_some_and(Vec::is_empty));
    }
    let mut text = String::new();
    for (what, count) in counts.iter().filter(|(_, count)| *count > 0) {
        let _ = write!(text, "{}{count} {what}", if text.is_empty() { "" } else { ", " });
    }
    if bare > 0 {
        let _ = write!(text, ", {bare} without a license");
    }
    if rig.journal().iter().any(|(_, event)| *event == Event::MigrationComplete) { text } else { text + "; waits" }
}

/// The users of the list, by the names or ids that stand there.
fn listed(sim: &Sim) -> Vec<String> {
    let names = |line: &&str| line.contains('@') || line.parse::<uuid::Uuid>().is_ok();
    sim.users_csv().lines().map(|line| line.trim().trim_matches('"')).filter(names).map(str::to_owned).collect()
}

fn state_of(state: &Value, key: &str) -> Value {
    let users = state["users"].as_array().unwrap();
    let found = users.iter().find(|user| user["userPrincipalName"] == key || user["id"] == key);
    found.cloned().unwrap_or_default()
}
