//! Plays a world to its end over HTTP and records all that an outsider can see of it.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::OnceLock;
use std::time::Duration;
use std::time::Instant;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;
use skuferry::clock::Clock;
use skuferry::clock::SteadyClock;
use skuferry::clock::SystemClock;
use skuferry::domain::decide;
use skuferry::domain::decide::Question;
use skuferry::domain::decide::Waits;
use skuferry::domain::event::Event;
use skuferry::domain::id::SkuId;
use skuferry::domain::id::UserId;
use skuferry::domain::phase::Phase;
use skuferry::domain::standing::Holder;
use skuferry::domain::standing::Standing;
use skuferry::domain::time::SignedDuration;
use skuferry::engine::handle::Command;
use skuferry::engine::handle::Handle;
use skuferry::engine::handle::Notice;
use skuferry::engine::snapshot::Activity;
use skuferry::engine::snapshot::Snapshot;
use skuferry::sim::LogEntry;
use skuferry::sim::Options;
use skuferry::sim::Sim;
use skuferry::tui::Theme;
use skuferry::tui::model::Model;

use crate::driver::Rig;
use crate::driver::SPEED;
use crate::rules::record::Answer;
use crate::rules::record::Arrival;
use crate::rules::record::Record;
use crate::rules::record::Seats;
use crate::rules::record::To;
use crate::rules::script::Hand;
use crate::rules::script::Step;
use crate::rules::script::When;
use crate::rules::script::Whim;
use crate::rules::world::World;
use crate::screens;
use crate::sim_kit;
use crate::witness;

/// How long a moment that a step waits for may take to come; it may never come.
const MOMENT: Duration = Duration::from_millis(300);
/// The same for a question, which takes the tenant's licensing.
const QUESTION: Duration = Duration::from_millis(1500);
/// The most questions that are answered after the script.
const PATIENCE: usize = 40;

/// The machine's clock, which may be set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Jumpy(Arc<Mutex<Vec<(Instant, SignedDuration)>>>);

impl Jumpy {
    /// Sets it forward, or back when `by` is negative.
    pub(crate) fn jump(&self, by: SignedDuration) {
        let mut jumps = self.0.lock().unwrap();
        let before = jumps.last().map_or(SignedDuration::ZERO, |(_, offset)| *offset);
        jumps.push((Instant::now(), before + by));
    }

    /// How far the clock was ahead at a moment.
    fn ahead(&self, at: Instant) -> SignedDuration {
        let jumps = self.0.lock().unwrap();
        jumps.iter().rev().find(|(since, _)| *since <= at).map_or(SignedDuration::ZERO, |(_, offset)| *offset)
    }
}

impl Clock for Jumpy {
    fn now(&self) -> Timestamp {
        SystemClock.now() + self.ahead(Instant::now())
    }
}

/// How long a request may be on its way on a busy machine, so that a clock that is set meanwhile was set after it left.
const FLIGHT: Duration = Duration::from_secs(1);

/// Hears the requests as they come, with the journal as it is on the disk at that moment.
fn ear(
    jumpy: Jumpy,
    clock: Arc<dyn Clock>,
    journal: Arc<OnceLock<PathBuf>>,
    heard: Arc<Mutex<Vec<Arrival>>>,
) -> impl FnMut(&LogEntry) + Send {
    move |entry| {
        let real = Instant::now();
        let kept = journal.get().map_or(0, |path| lines(path));
        let at = clock.now();
        let then = real.checked_sub(FLIGHT).unwrap_or(real);
        let left = (at - jumpy.ahead(real) + jumpy.ahead(then)).min(at);
        heard.lock().unwrap().push(Arrival { number: entry.number, at, left, kept });
    }
}

fn lines(path: &Path) -> usize {
    fs::read_to_string(path).unwrap_or_default().matches('\n').count()
}

/// A world being played.
struct Play {
    world: World,
    rig: Rig,
    jumpy: Jumpy,
    token: String,
    listed: Vec<String>,
    answers: Vec<Answer>,
    seats: Vec<Seats>,
    screens: Vec<String>,
    debugs: Vec<String>,
    broken: Vec<String>,
}

/// Plays a world.
pub(crate) async fn play(world: World) -> Record {
    let options =
        Options { scenario: world.scenario, users: world.users, seed: world.seed, speed: SPEED, ..Options::default() };
    let sim = Arc::new(Sim::start(options).await.unwrap());
    sim.set_faults(&world.behaviour()).unwrap();
    let (jumpy, journal, heard) = (Jumpy::default(), Arc::new(OnceLock::new()), Arc::default());
    let clock: Arc<dyn Clock> = Arc::new(SteadyClock::new(Arc::new(jumpy.clone())));
    sim.listen(ear(jumpy.clone(), clock.clone(), journal.clone(), Arc::clone(&heard)));
    let before = sim.state();
    let set = |settings: &mut skuferry::domain::settings::Settings| {
        (settings.batch_size, settings.canary, settings.max_stuck) = (world.batch_size, world.canary, world.max_stuck);
        settings.unlicensed_grace = SignedDuration::from_millis(world.grace);
    };
    let rig = Rig::on(sim.clone(), set, |path| {
        journal.set(path).unwrap();
        clock.clone()
    })
    .await;
    let token = rig.token.clone();
    sim.set_faults(&world.faults(&token)).unwrap();
    let listed = sim.users_csv().lines().map(str::to_owned).collect();
    let (answers, seats, screens, debugs, broken) = Default::default();
    let mut play = Play { world, rig, jumpy, token, listed, answers, seats, screens, debugs, broken };
    play.note_seats();
    let onlooker = play.world.watched.then(|| play.rig.onlooker());
    for step in play.world.script.clone() {
        play.follow(step).await;
        if let Some(onlooker) = &onlooker {
            play.meddle(onlooker);
        }
    }
    play.see_out().await;
    if let Some(mut onlooker) = onlooker {
        // What it still reads would come while the record of all that came is being made.
        onlooker.commands.send(Command::Quit).unwrap();
        while onlooker.snapshots.changed().await.is_ok() {}
        while let Ok(notice) = onlooker.notices.try_recv() {
            if matches!(notice, Notice::Question(_)) {
                play.broken.push("rule 11: a sitting that only reads was asked a question".into());
            }
        }
    }
    play.look_at_the_screen();
    let end = play.rig.quit().await;
    let Play { world, rig, listed, answers, seats, screens, debugs, broken, token, .. } = play;
    let mut arrivals = heard.lock().unwrap().clone();
    arrivals.sort_unstable_by_key(|one| one.number); // the envelope of a batch is heard of after its items
    Record {
        run: rig.run.clone(),
        end,
        events: rig.journal(),
        journal: fs::read_to_string(rig.journal_path()).unwrap(),
        log: sim.log(),
        arrivals,
        past: sim.past(),
        listed: listed_ids(&before, &listed),
        before,
        after: sim.state(),
        said: rig.said.clone(),
        world,
        answers,
        seats,
        screens,
        debugs,
        token,
        broken,
    }
}

/// The ids of those on the list.
fn listed_ids(state: &serde_json::Value, listed: &[String]) -> BTreeSet<String> {
    let users = state["users"].as_array().unwrap().iter();
    let text = |user: &serde_json::Value, name: &str| user[name].as_str().unwrap().to_owned();
    let named = users.map(|user| (text(user, "id"), text(user, "userPrincipalName")));
    named.filter(|(id, upn)| listed.contains(id) || listed.contains(upn)).map(|(id, _)| id).collect()
}

/// Somebody whose write was intended in the last sitting, and of whom it said nothing more.
fn in_flight(events: &[(Timestamp, Event)]) -> Option<UserId> {
    let mut open = BTreeSet::new();
    for (_, event) in events {
        match event {
            Event::Resumed { .. } => open.clear(),
            Event::AddIntended { users, .. } | Event::RemoveIntended { users, .. } => {
                open.extend(users.iter().copied());
            }
            Event::AddSettled { users, .. } | Event::RemoveSettled { users, .. } => {
                open.retain(|user| !users.contains(user));
            }
            _ => {}
        }
    }
    open.pop_first()
}

impl Play {
    async fn wait(&mut self, limit: Duration, wanted: impl Fn(&Snapshot) -> bool) {
        // The moment may never come.
        let _ = tokio::time::timeout(limit, self.rig.wait("", wanted)).await;
    }

    async fn moment(&mut self, when: When) {
        let asked = |shot: &Snapshot| decide::waits(&shot.run);
        let revision = self.rig.snapshot().revision;
        match when {
            When::Now => {}
            When::Soon => self.wait(MOMENT / 5, |shot| shot.revision != revision).await,
            When::Asked => self.wait(MOMENT, |shot| asked(shot).is_ok()).await,
            When::AskedToAdd => self.wait(QUESTION, |shot| matches!(asked(shot), Ok(Waits::Add(_)))).await,
            When::AskedToRemove => self.wait(QUESTION, |shot| matches!(asked(shot), Ok(Waits::Remove(_)))).await,
            When::Writing => {
                self.wait(MOMENT * 2, |shot| matches!(shot.activity, Activity::Adding | Activity::Removing)).await;
            }
            When::Holding => self.wait(QUESTION, |shot| matches!(shot.activity, Activity::Holding { .. })).await,
            When::Looking => self.wait(MOMENT, |shot| shot.activity == Activity::LookingLast).await,
            When::Removed => self.wait(MOMENT, |shot| shot.run.active().any(|user| user.remove.is_done())).await,
            When::Stuck | When::Direct => {
                let stands = |standing: &Standing| match when {
                    When::Stuck => matches!(standing, Standing::Stuck(_)),
                    _ => *standing == Standing::SourceLingers(Holder::Direct),
                };
                self.wait(QUESTION, |shot| shot.run.active().any(|user| user.standing.as_ref().is_some_and(stands)))
                    .await;
            }
            When::Bare => {
                let bare =
                    |shot: &Snapshot| shot.run.users.iter().any(|user| user.standing == Some(Standing::Unlicensed));
                self.wait(QUESTION, bare).await;
            }
        }
    }

    async fn follow(&mut self, step: Step) {
        self.moment(step.when).await;
        match step.whim {
            Whim::Wait => {}
            Whim::Yes => drop(self.answer().await),
            Whim::Leave => drop(self.rig.ask().await),
            Whim::Mistype(by) => {
                if let Ok(Question::Remove(proposal)) = self.rig.ask().await {
                    let wrong = i64::try_from(proposal.users().len()).unwrap() + by;
                    if proposal.typed(&wrong.to_string()).is_ok() {
                        self.broken.push(format!("rule 2: the wrong number {wrong} approved"));
                    }
                }
            }
            Whim::OldAnswer => {
                if let Ok(question) = self.rig.ask().await {
                    let _newer = self.rig.ask().await;
                    self.rig.yes(question); // not among the answers: it must not count
                }
            }
            Whim::Lift => self.rig.send(Command::LiftHalt),
            Whim::Acknowledge => self.rig.send(Command::AcknowledgeAlarm),
            Whim::Halt => {
                self.rig.send(Command::Halt);
                let shot = self.rig.wait("halted", |shot| shot.run.halted.is_some() || shot.read_only.is_some()).await;
                if !shot.run.granted.is_empty() {
                    self.broken.push("rule 10: something was still approved when the halt showed".into());
                }
                self.look_at_the_screen();
                // What was in flight is recorded, and what waited to be sent is not sent: long before a held order is due.
                self.wait(QUESTION * 2, |shot| shot.run.open().next().is_none()).await;
            }
            Whim::Exclude(place) => {
                if let Some(user) = self.user(place) {
                    self.rig.send(Command::Exclude(user));
                }
            }
            Whim::Inspect(place) => {
                if let Some(user) = self.user(place) {
                    self.rig.send(Command::Inspect(user));
                }
            }
            Whim::Poll => self.rig.send(Command::PollNow),
            Whim::Pause => self.rig.send(Command::TogglePolling),
            Whim::Kill | Whim::KillTorn => {
                self.rig.kill().await;
                if matches!(step.whim, Whim::KillTorn) {
                    let mut file = fs::OpenOptions::new().append(true).open(self.rig.journal_path()).unwrap();
                    file.write_all(b"{\"sum\":\"0123456789abcdef\",\"v\":1,\"se").unwrap();
                }
                self.resume();
            }
            Whim::Quit => {
                self.rig.quit().await;
                if let Some(user) = in_flight(&self.rig.journal()) {
                    self.broken.push(format!("rule 10: an orderly end left {user} in flight"));
                }
                self.resume();
            }
            Whim::RollBack(place) => {
                if let Some(user) = self.user(place) {
                    self.rig.send(Command::RollBack(vec![user]));
                }
            }
            Whim::RollBackBatch => {
                let run = &self.rig.snapshot().run;
                let users = run.members(run.current).filter_map(|user| user.id).collect();
                self.rig.send(Command::RollBack(users));
            }
            Whim::Jump(by) => self.jumpy.jump(SignedDuration::from_secs(by)),
            Whim::Reprocess(place) => {
                if let Some(user) = self.user(place) {
                    self.ask_for(Command::AskReprocess(vec![user])).await;
                }
            }
            Whim::ReprocessAll => self.ask_for(Command::AskReprocess(self.everybody())).await,
            Whim::TakeDirect => self.ask_for(Command::AskDirect(self.everybody())).await,
            Whim::Hand(Hand::GiveDirect(user)) => self.give_direct(user).await,
            Whim::Hand(hand) => self.let_happen(hand),
        }
        if self.screens.len() < 4 {
            self.look_at_the_screen();
        }
    }

    /// The one who looks on tries all that could lead to a write.
    fn meddle(&self, onlooker: &Handle) {
        let exclude = self.user(0).map(Command::Exclude);
        let all = [Command::Ask, Command::LiftHalt, Command::PollNow, Command::Halt, Command::AcknowledgeAlarm];
        for command in all.into_iter().chain(exclude) {
            onlooker.commands.send(command).unwrap();
        }
    }

    fn resume(&mut self) {
        let run = self.rig.resume();
        if !run.granted.is_empty() {
            self.broken.push("rule 2: an approval came back".into());
        }
    }

    fn user(&self, place: usize) -> Option<UserId> {
        let users = &self.rig.snapshot().run.users;
        users.get(place % users.len().max(1))?.id
    }

    /// Says yes to what is asked. False when nothing is.
    async fn answer(&mut self) -> bool {
        let asked = self.rig.ask().await.ok();
        asked.map(|question| self.yes(question)).is_some()
    }

    /// Puts a question of the operator's own, and says yes to it.
    async fn ask_for(&mut self, command: Command) {
        if let Ok(question) = self.rig.put(command).await {
            self.yes(question);
        }
    }

    fn yes(&mut self, question: Question) {
        let about = match &question {
            Question::Add(proposal) => Some((To::Add, proposal.batch(), proposal.users())),
            Question::Remove(proposal) => Some((To::Remove, proposal.batch(), proposal.users())),
            Question::Reprocess(proposal) => Some((To::Reprocess, proposal.batch(), proposal.users())),
            Question::Direct(proposal) => Some((To::Direct, proposal.batch(), proposal.users())),
            Question::LiftHalt(_) | Question::Alarm(_) => None,
        };
        self.answers.extend(about.map(|(to, batch, users)| Answer::new(to, batch, users)));
        self.rig.yes(question);
    }

    fn everybody(&self) -> Vec<UserId> {
        self.rig.snapshot().run.users.iter().filter_map(|user| user.id).collect()
    }

    /// Somebody else assigns the source directly, now; the tenant may refuse them as it refuses anybody.
    async fn give_direct(&self, place: usize) {
        let user = &self.listed[place % self.listed.len()];
        let sku = self.rig.run.route.source.sku.to_string();
        let body = json!({ "addLicenses": [{ "skuId": sku, "disabledPlans": [] }], "removeLicenses": [] });
        let url = format!("{}/v1.0/users/{user}/assignLicense", self.rig.sim.url());
        let request = sim_kit::client().post(url).bearer_auth(self.rig.sim.access_token());
        let request = request.header("client-request-id", witness::ANOTHER).header("content-type", "application/json");
        let _ = request.body(body.to_string()).send().await;
    }

    /// Somebody else does something, now.
    fn let_happen(&mut self, hand: Hand) {
        let place = |place: usize| self.listed[place % self.listed.len()].clone();
        let route = &self.rig.run.route;
        let moved = |verb: &str, user: usize, group: skuferry::domain::id::GroupId| {
            format!("{verb} = {{ user = \"{}\", group = \"{group}\" }}", place(user))
        };
        let event = match hand {
            Hand::AddToTarget(user) => moved("add", user, route.target.group),
            Hand::RemoveFromTarget(user) => moved("remove", user, route.target.group),
            Hand::RemoveFromSource(user) => moved("remove", user, route.source.group),
            Hand::AddToSource(user) => moved("add", user, route.source.group),
            Hand::Delete(user) => format!("delete_user = \"{}\"", place(user)),
            Hand::Strip(user) => format!("strip = \"{}\"", place(user)),
            Hand::Curse(user) => format!("curse = \"{}\"", place(user)),
            Hand::SendAway(user) => format!("locate = {{ user = \"{}\", country = \"AQ\" }}", place(user)),
            Hand::GiveDirect(_) => return,
            Hand::LeaveSeats(free) => {
                let part = &route.target.part_number;
                let enabled = self.sku(route.target.sku)["consumed"].as_u64().unwrap() + u64::from(free);
                format!("seats = {{ sku = \"{part}\", enabled = {enabled} }}")
            }
        };
        let faults = self.world.faults(&self.token);
        // Whom the event names may have been deleted by an earlier one; then nothing happens.
        let _ = self.rig.sim.set_faults(&format!("{faults}[[event]]\n{event}\n"));
        self.note_seats();
    }

    fn sku(&self, id: SkuId) -> serde_json::Value {
        let state = self.rig.sim.state();
        let skus = state["skus"].as_array().unwrap();
        skus.iter().find(|sku| sku["skuId"] == id.to_string()).unwrap().clone()
    }

    fn note_seats(&mut self) {
        let from = self.rig.sim.log().last().map_or(0, |entry| entry.number);
        let enabled = |id| self.sku(id)["enabled"].as_i64().unwrap();
        let route = &self.rig.run.route;
        let (enabled, enabled_back) = (enabled(route.target.sku), enabled(route.source.sku));
        self.seats.push(Seats { from, enabled, enabled_back });
    }

    /// A patient operator: says yes to all, takes out who cannot be moved, and stops when nothing moves any more.
    async fn see_out(&mut self) {
        let quiet = Duration::from_millis(self.world.grace.unsigned_abs() + 300);
        let (mut answers, mut moved, mut tried) = (0, (0, Instant::now()), 0);
        while answers < PATIENCE {
            let shot = self.rig.snapshot();
            if shot.run.complete || shot.read_only.is_some() {
                break;
            }
            if shot.paused {
                self.rig.send(Command::TogglePolling);
            }
            if decide::waits(&shot.run).is_ok() {
                answers += usize::from(self.answer().await);
            } else {
                let hopeless = |user: &skuferry::domain::user::User| matches!(user.standing, Some(Standing::Stuck(_)));
                self.exclude(&shot, hopeless);
            }
            self.wait(Duration::from_millis(50), |new| new.revision != shot.revision).await;
            let kept = fs::metadata(self.rig.journal_path()).unwrap().len();
            if moved.0 != kept {
                moved = (kept, Instant::now());
            }
            // Preflight on a tenant that misbehaves takes a while, and leaves nothing in the journal meanwhile.
            let quiet = if shot.run.phase() == Phase::Preflight { quiet * 3 } else { quiet };
            if moved.1.elapsed() > quiet {
                match tried {
                    0 => self.rig.send(Command::PollNow),
                    1 => self.exclude(&shot, |user| !user.is_migrated()),
                    _ => break,
                }
                (tried, moved.1) = (tried + 1, Instant::now());
            }
        }
    }

    fn exclude(&self, shot: &Snapshot, which: impl Fn(&skuferry::domain::user::User) -> bool) {
        for user in shot.run.active().filter(|user| which(user)).filter_map(|user| user.id) {
            self.rig.send(Command::Exclude(user));
        }
    }

    /// Draws the screen as it would stand now.
    fn look_at_the_screen(&mut self) {
        let shot = self.rig.snapshot();
        if let Some(why) = &shot.read_only {
            self.broken.push(format!("the engine gave up: {why}"));
        }
        self.debugs.push(format!("{shot:?}"));
        let halted = shot.run.halted.is_some();
        let alarm = shot.run.alarm.as_ref().is_some_and(|alarm| !alarm.acknowledged);
        let mut model = Model::new(shot, SystemClock.now(), TimeZone::UTC, Theme::Dark);
        let (buffer, _) = screens::frame(&mut model, 100, 30);
        if buffer.content.iter().any(|cell| cell.symbol().chars().any(char::is_control)) {
            self.broken.push("rule 12: a control character is on the screen".into());
        }
        let text = screens::text(&buffer);
        if halted && !alarm && !text.contains("halted") {
            self.broken.push(format!("rule 10: a halt does not show\n{text}"));
        }
        if alarm && !text.contains("alarm") {
            self.broken.push(format!("rule 6: an alarm does not show\n{text}"));
        }
        self.screens.push(text);
    }
}
