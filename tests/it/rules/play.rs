//! Plays a world to its end over HTTP and records all that an outsider can see of it.

mod hands;
mod moment;
mod screen;
mod whim;

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::sync::OnceLock;
use std::time::Duration;
use std::time::Instant;

use skuferry::clock::Clock;
use skuferry::clock::SteadyClock;
use skuferry::domain::phase::Phase;
use skuferry::domain::questions;
use skuferry::domain::standing::Standing;
use skuferry::domain::time::SignedDuration;
use skuferry::engine::handle::Command;
use skuferry::engine::handle::Notice;
use skuferry::engine::snapshot::Snapshot;
use skuferry::sim::Options;
use skuferry::sim::Sim;

use crate::driver::Rig;
use crate::driver::SPEED;
use crate::rules::clock::Jumpy;
use crate::rules::clock::ear;
use crate::rules::play::moment::usual;
use crate::rules::record::Answer;
use crate::rules::record::Moved;
use crate::rules::record::Record;
use crate::rules::record::Seats;
use crate::rules::world::World;

/// The most questions that are answered after the script.
const PATIENCE: usize = 40;

/// A world being played.
struct Play {
    world: World,
    rig: Rig,
    jumpy: Jumpy,
    token: String,
    listed: Vec<String>,
    answers: Vec<Answer>,
    seats: Vec<Seats>,
    moved: Vec<Moved>,
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
        settings.batches_under_way = world.under_way;
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
    let (answers, seats, moved, screens, debugs, broken) = Default::default();
    let mut play = Play { world, rig, jumpy, token, listed, answers, seats, moved, screens, debugs, broken };
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
        let gone = async { while onlooker.snapshots.changed().await.is_ok() {} };
        tokio::time::timeout(Duration::from_mins(2), gone).await.expect("the onlooker never ended");
        while let Ok(notice) = onlooker.notices.try_recv() {
            if matches!(notice, Notice::Question(_)) {
                play.broken.push("rule 11: a sitting that only reads was asked a question".into());
            }
        }
    }
    play.look_at_the_screen();
    let end = play.rig.quit().await;
    let Play { world, rig, listed, answers, seats, moved, screens, debugs, broken, token, .. } = play;
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
        moved,
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

impl Play {
    /// A patient operator: says yes to all, takes out who cannot be moved, and stops when nothing moves any more.
    async fn see_out(&mut self) {
        let quiet = Duration::from_millis(self.world.grace.unsigned_abs() + 300);
        let (mut answers, mut moved, mut tried) = (0, (0, Instant::now(), self.heard()), 0);
        while answers < PATIENCE {
            let shot = self.rig.snapshot();
            if shot.run.complete || shot.read_only.is_some() {
                break;
            }
            if shot.paused {
                self.rig.send(Command::TogglePolling);
            }
            if questions::pending_question(&shot.run).is_ok() {
                answers += usize::from(self.answer().await);
            } else {
                let hopeless = |user: &skuferry::domain::user::User| matches!(user.standing, Some(Standing::Stuck(_)));
                self.exclude(&shot, hopeless);
            }
            self.wait(Duration::from_millis(50), |new| new.revision != shot.revision).await;
            let kept = fs::metadata(self.rig.journal_path()).unwrap().len();
            if moved.0 != kept {
                moved = (kept, Instant::now(), self.heard());
            }
            // Preflight on a tenant that misbehaves takes a while, and leaves nothing in the journal meanwhile.
            // Where all must arrive, a slow machine is waited for.
            let slow = shot.run.phase() == Phase::Preflight || self.world.is_peaceful();
            let quiet = if slow { quiet * 3 } else { quiet };
            let busy = self.heard() < moved.2 + usual(quiet) && moved.1.elapsed() < quiet * 6;
            if moved.1.elapsed() > quiet && (shot.paused || !busy) {
                match tried {
                    0 => self.rig.send(Command::PollNow),
                    1 => self.exclude(&shot, |user| !user.is_migrated()),
                    _ => break,
                }
                (tried, moved.1, moved.2) = (tried + 1, Instant::now(), self.heard());
            }
        }
    }

    fn exclude(&self, shot: &Snapshot, which: impl Fn(&skuferry::domain::user::User) -> bool) {
        let waited_for = shot.run.under_way_batches().into_iter().flat_map(|batch| shot.run.active_in(batch));
        for user in waited_for.filter(|user| which(user)).filter_map(|user| user.id) {
            self.rig.send(Command::Exclude(user));
        }
    }
}
