//! The world around the run of a cell: what lies in between, a clock that somebody sets, and how a fault strikes.

use std::sync::Arc;
use std::sync::Mutex;

use jiff::Timestamp;
use skuferry::clock::Clock;
use skuferry::clock::SteadyClock;
use skuferry::clock::SystemClock;
use skuferry::domain::phase::Phase;
use skuferry::domain::time::SignedDuration;
use skuferry::sim::Sim;

use crate::driver::APP;
use crate::driver::Direction;
use crate::driver::Rig;
use crate::faults::Do;
use crate::faults::Reach;
use crate::faults::Row;
use crate::faults::cell::outcome::listed;
use crate::faults::cell::outcome::state_of;
use crate::middlebox::Middlebox;
use crate::sim_kit;
use crate::witness;

/// Licensing that is done before anybody looks.
const AT_ONCE: &str = "[licensing]\nleast = \"1ms\"\ntypical = \"1ms\"\nmost = \"1ms\"\n";

/// A clock that somebody sets.
#[derive(Default)]
pub(in crate::faults) struct SetClock(pub(in crate::faults) Mutex<SignedDuration>);

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        SystemClock.now() + *self.0.lock().unwrap()
    }
}

/// The world around one run.
pub(super) struct Stage<'a> {
    pub(super) row: &'a Row,
    pub(super) phase: Phase,
    pub(super) clock: Arc<SetClock>,
    pub(super) between: Option<Middlebox>,
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
            // A pass goes on by another form where only one is not answered.
            Phase::VerifyAdded | Phase::VerifyMigrated | Phase::Complete => "GET /groups/*/**",
            Phase::RemoveFromSource => "POST /$batch",
        };
        text.replace("{request}", request)
            .replace("{read}", read)
            .replace("{user}", state_of(&state, &listed(sim)[1])["id"].as_str().unwrap())
            .replace("{source}", "b82c04f0-ce30-4ff1-bac7-735d92d83036")
            .replace("{target}", "bcf279d1-5ad5-46a5-b469-4b8a552aa2fe")
            .replace("{source-sku}", &of_sku("STANDARDPACK"))
            .replace("{target-sku}", &of_sku("ENTERPRISEPACK"))
            .replace("{companion-sku}", &of_sku("EMS"))
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
    pub(super) async fn strike(&mut self, rig: &mut Rig, what: &[Do]) {
        let sim = rig.sim.clone();
        self.happen(&sim, what).await;
        for one in what {
            match one {
                Do::Move(url) => {
                    rig.kill().await;
                    rig.direction.url = Some((*url).to_owned());
                    rig.resume();
                }
                Do::Return => {
                    rig.kill().await;
                    rig.direction.url = None;
                    rig.resume();
                }
                Do::Clock(seconds) if *seconds > 0 => rig.witness.ahead = SignedDuration::from_secs(*seconds),
                _ => {}
            }
        }
    }

    pub(super) async fn direction(&mut self, sim: &Arc<Sim>) -> Direction {
        let mut direction = Direction::default();
        match self.row.reach {
            Reach::Straight => {}
            Reach::SignedIn => direction.signs_in = true,
            Reach::Through => {
                let between = Middlebox::before(sim).await;
                direction.url = Some(between.url());
                self.between = Some(between);
            }
            Reach::OnItsClock => direction.clock = Some(Arc::new(SteadyClock::new(self.clock.clone()))),
        }
        if self.phase == Phase::Preflight {
            // Preflight is to see what licensing made of it, and does not wait.
            sim.set_faults(AT_ONCE).unwrap();
            self.happen(sim, self.row.strike).await;
            for one in self.row.strike {
                if let Do::Move(url) = one {
                    direction.url = Some((*url).to_owned());
                }
            }
        }
        direction
    }
}
