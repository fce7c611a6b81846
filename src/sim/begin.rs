//! How a world begins: a tenant by chance or from a file, with its clock and all that goes on in it.
use std::collections::HashMap;
use std::time::Duration;

use fastrand::Rng;
use jiff::Timestamp;

use crate::sim::audit::Audit;
use crate::sim::clock::SimClock;
use crate::sim::fault::Faults;
use crate::sim::file::{TenantFile, build};
use crate::sim::log::Log;
use crate::sim::oauth::SignIn;
use crate::sim::options::Options;
use crate::sim::seed::{Seeded, seed};
use crate::sim::throttle::{Quotas, Throttle};
use crate::sim::work::{Delays, Queue};
use crate::sim::world::{Lag, MigrationTask, World};

impl World {
    /// The world that some options ask for, and what is to be done in it.
    pub(crate) fn new(options: &Options) -> Result<(Self, MigrationTask), String> {
        let clock = SimClock::new(options.speed);
        let (made, behaviour) = match &options.tenant {
            None => (seed(options.scenario, options.users, options.seed, clock.now()), None),
            Some(text) => {
                let file = TenantFile::read(text)?;
                let made = build(&file, text, options.seed, clock.now())?;
                (made, Some(file.behaviour()))
            }
        };
        let Seeded { tenant, listed, admin, migration, pending } = made;
        let lag = Lag { lists: Duration::from_secs(2), index: Duration::from_secs(15), ..Lag::default() };
        let delays = Delays {
            least: Duration::from_secs(30),
            typical: Duration::from_mins(2),
            most: Duration::from_mins(8),
            seed: options.seed,
        };
        let now = clock.now();
        let mut world = Self {
            // Not the seed itself, which has made the tenant: its ids must not come again.
            dice: Rng::with_seed(options.seed.wrapping_add(0x9e37_79b9_7f4a_7c15)),
            clock,
            tenant,
            queue: Queue::default(),
            after_add: Vec::new(),
            delays,
            lag,
            gap: Duration::ZERO,
            reprocess_refuses: true,
            lists_show_licenses: true,
            quotas: Quotas::default(),
            throttle: Throttle::default(),
            write_takes: Duration::ZERO,
            busy: HashMap::new(),
            faults: Faults::new(Vec::new(), now),
            sign_in: SignIn::new(Some(admin)),
            tokens_since: Timestamp::MIN,
            log: Log::default(),
            audit: Audit::default(),
        };
        world.tenant.rules.luck = options.seed;
        world.remember_enough();
        world.tenant.forget_changes();
        if let Some(behaviour) = behaviour {
            let text = options.tenant.as_deref().unwrap_or_default();
            world.behave(&behaviour).map_err(|wrong| wrong.tell(text))?;
        }
        for (user, group, joined) in pending {
            world.membership_changed(user, group, joined, now);
        }
        Ok((world, MigrationTask { listed, migration }))
    }
}
