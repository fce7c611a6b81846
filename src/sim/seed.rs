//! The tenant that comes without a tenant file: Contoso, seeded, with a few honest difficulties.
mod people;

use std::time::Duration;

use fastrand::Rng;
use jiff::Timestamp;
use uuid::Uuid;

pub(crate) use people::Crowd;

use crate::sim::catalog::CATALOG;
use crate::sim::clock::earlier;
use crate::sim::dice::guid;
use crate::sim::gbl::{self, direct};
use crate::sim::options::Scenario;
use crate::sim::rules::{Edition, Rules};
use crate::sim::tenant::{Group, GroupIx, License, Member, Sku, SkuIx, Tenant, User, UserIx};

/// The source group's id.
pub(crate) const SOURCE_GROUP: Uuid = Uuid::from_u128(0xb82c_04f0_ce30_4ff1_bac7_735d_92d8_3036);
/// The target group's id.
pub(crate) const TARGET_GROUP: Uuid = Uuid::from_u128(0xbcf2_79d1_5ad5_46a5_b469_4b8a_552a_a2fe);
/// Where the target is not offered. Which products Microsoft sells where is not in its documents; this is made up.
const NOT_OFFERED: &str = "AQ";
/// Where the target's companion is not offered. Made up, too.
const NO_COMPANION: &str = "GL";
/// Seats of the target beyond what everybody on the list needs.
const SPARE_SEATS: u32 = 5;
/// The same of its companion, which many have for other reasons.
const SPARE_COMPANIONS: u32 = 200;
/// The fewest users on the list for which difficulties are put among them.
const ENOUGH_FOR_TROUBLE: usize = 10;

/// Which move a client's config is to describe.
#[derive(Debug, Clone)]
pub(crate) struct Migration {
    /// What it is called.
    pub(crate) name: String,
    /// The group that gives the old license, and the license's part number.
    pub(crate) source: (Uuid, String),
    /// The same of the new license.
    pub(crate) target: (Uuid, String),
    /// What the list of users is to say, instead of who is listed.
    pub(crate) users: Option<String>,
}

/// A tenant and who on it is to be migrated.
#[derive(Debug)]
pub(crate) struct Seeded {
    /// The tenant.
    pub(crate) tenant: Tenant,
    /// The users on the list, in its order.
    pub(crate) listed: Vec<UserIx>,
    /// The administrator, who signs in.
    pub(crate) admin: UserIx,
    /// What is to be done.
    pub(crate) migration: Migration,
    /// Users whom a group has yet to reach because they joined it or left it.
    pub(crate) pending: Vec<(UserIx, GroupIx, bool)>,
}

/// A difficulty that a newcomer should meet early.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// Has the source directly as well.
    Direct,
    /// Has the source from a second group as well.
    SecondGroup,
    /// Has the target already.
    HasTarget,
    /// Will get stuck: neither the target nor its companion is offered where this user is.
    Stuck,
    /// No usage location, which is a warning only.
    NoLocation,
    /// Has the companion already, and needs no seat of it.
    HasCompanion,
    /// Will get stuck as well: the target is offered where this user is, its companion is not.
    NoCompanion,
}

impl Trouble {
    /// Who on the list has which trouble.
    fn of(place: usize, users: usize) -> Option<Self> {
        match place {
            _ if users < ENOUGH_FOR_TROUBLE => None,
            1 => Some(Self::Direct),
            3 => Some(Self::SecondGroup),
            4 => Some(Self::NoLocation),
            6 => Some(Self::HasTarget),
            8 => Some(Self::Stuck),
            11 => Some(Self::HasCompanion),
            // In the second batch of the demo, when the first has shown how it goes.
            41 => Some(Self::NoCompanion),
            _ => None,
        }
    }
}

/// Makes the tenant of a scenario with so many users on the list. The same seed makes the same tenant.
pub(crate) fn seed(scenario: Scenario, users: usize, seed: u64, now: Timestamp) -> Seeded {
    let (source, target) = scenario.parts();
    let migration = Migration {
        name: scenario.name().to_owned(),
        source: (SOURCE_GROUP, source.to_owned()),
        target: (TARGET_GROUP, target.to_owned()),
        users: None,
    };
    Builder::new(scenario, seed, now).build(users, migration)
}

struct Builder {
    rng: Rng,
    now: Timestamp,
    tenant: Tenant,
    crowd: Crowd,
    source: SkuIx,
    target: SkuIx,
    companion: SkuIx,
    source_group: GroupIx,
    target_group: GroupIx,
    second_group: GroupIx,
    extras: Vec<SkuIx>,
    teams: Vec<GroupIx>,
}

impl Builder {
    fn new(scenario: Scenario, seed: u64, now: Timestamp) -> Self {
        let mut rng = Rng::with_seed(seed);
        let (source_part, target_part) = scenario.parts();
        let mut rules = Rules::new(Edition::Current, false);
        for (part, country) in
            [(target_part, NOT_OFFERED), (scenario.companion(), NOT_OFFERED), (scenario.companion(), NO_COMPANION)]
        {
            rules.prohibit(CATALOG.product(part).map(|product| product.id).unwrap_or_default(), country);
        }
        let created = earlier(now, Duration::from_hours(24 * 900));
        let mut tenant = Tenant::new(guid(&mut rng), "Contoso", "contoso.com", created, rules);
        let mut sku = |part: &str| subscribe(&mut tenant, &mut rng, part);
        let all = ["STANDARDPACK", "ENTERPRISEPACK", "ENTERPRISEPREMIUM", "AAD_PREMIUM"].map(&mut sku);
        let extras = ["POWER_BI_PRO", "FLOW_FREE", "VISIOCLIENT"].map(&mut sku).to_vec();
        // By dice of its own, so that all else is as it would be without a companion.
        let companion = subscribe(&mut tenant, &mut Rng::with_seed(!seed), scenario.companion());
        let [source, target] = match scenario {
            Scenario::Conflicting => [all[0], all[1]],
            Scenario::NonConflicting => [all[1], all[2]],
        };
        let short = |part: &str| CATALOG.product(part).map(|product| product.name.clone()).unwrap_or_default();
        let (source_name, target_name) = (short(source_part), short(target_part));
        let licensed = |tenant: &mut Tenant, id, name: &str, skus: &[SkuIx]| {
            let mut group = Group::new(id, name, created);
            group.description = Some("Licenses its members".to_owned());
            group.licenses = skus.iter().map(|sku| License { sku: *sku, disabled: Vec::new() }).collect();
            group.processing = Some(crate::sim::tenant::Processing::Complete);
            tenant.add_group(group)
        };
        let source_group = licensed(&mut tenant, SOURCE_GROUP, &format!("LIC - {source_name}"), &[source]);
        // Real groups assign a companion with the suite.
        let both = [target, companion];
        let target_group = licensed(&mut tenant, TARGET_GROUP, &format!("LIC - {target_name}"), &both);
        let plan = source_name.rsplit(' ').next().unwrap_or_default();
        let second_group = licensed(&mut tenant, guid(&mut rng), &format!("Marketing {plan}"), &[source]);
        let teams = ["Sales", "Engineering", "Reading club"]
            .map(|name| tenant.add_group(Group::new(guid(&mut rng), name, created)))
            .to_vec();
        let crowd = Crowd::default();
        Self {
            rng,
            now,
            tenant,
            crowd,
            source,
            target,
            companion,
            source_group,
            target_group,
            second_group,
            extras,
            teams,
        }
    }

    fn build(mut self, users: usize, migration: Migration) -> Seeded {
        let admin = self.admin();
        let few = (users / 20).clamp(2, 50);
        let listed: Vec<UserIx> = (0..users).map(|place| self.listed_user(Trouble::of(place, users), place)).collect();
        let already: Vec<UserIx> = (0..few).map(|_| self.user(None)).collect();
        let staying: Vec<UserIx> = (0..few).map(|_| self.user(None)).collect();
        let mut everyone = Vec::new();
        for (members, group) in
            [(&already, self.target_group), (&staying, self.source_group), (&listed, self.source_group)]
        {
            for user in members {
                self.join(*user, group);
                everyone.push(*user);
            }
        }
        for user in everyone {
            let groups = gbl::concerned(&self.tenant, user);
            let then = earlier(self.now, Duration::from_hours(self.rng.u64(24..24 * 600)));
            gbl::settle(&mut self.tenant, user, &groups, then);
        }
        self.fit_seats(users);
        Seeded { tenant: self.tenant, listed, admin, migration, pending: Vec::new() }
    }

    fn listed_user(&mut self, trouble: Option<Trouble>, place: usize) -> UserIx {
        let user = self.user((place == 2).then_some(("Maeve", "O'Brien")));
        let found = self.tenant.user_mut(user);
        match trouble {
            Some(Trouble::Stuck) => found.location = Some(NOT_OFFERED.to_owned()),
            Some(Trouble::NoLocation) => found.location = None,
            Some(Trouble::Direct) => self.assign(user, self.source),
            Some(Trouble::HasTarget) => self.assign(user, self.target),
            Some(Trouble::SecondGroup) => self.join(user, self.second_group),
            None | Some(Trouble::HasCompanion | Trouble::NoCompanion) if self.rng.u8(0..8) == 0 => {
                let extra = self.extras[self.rng.usize(0..self.extras.len())];
                self.assign(user, extra);
            }
            None | Some(Trouble::HasCompanion | Trouble::NoCompanion) => {}
        }
        match trouble {
            Some(Trouble::HasCompanion) => self.assign(user, self.companion),
            Some(Trouble::NoCompanion) => self.tenant.user_mut(user).location = Some(NO_COMPANION.to_owned()),
            _ => {}
        }
        user
    }

    fn admin(&mut self) -> UserIx {
        let mut admin = User::new(guid(&mut self.rng), &format!("admin@{}", self.tenant.domain), self.tenant.created);
        "MOD Administrator".clone_into(&mut admin.display);
        (admin.given, admin.surname) = ("MOD".to_owned(), "Administrator".to_owned());
        self.tenant.add_user(admin)
    }

    fn user(&mut self, name: Option<(&'static str, &'static str)>) -> UserIx {
        let user = self.crowd.user(&mut self.rng, &mut self.tenant, name, self.now);
        if self.rng.u8(0..6) == 0 {
            let team = self.teams[self.rng.usize(0..self.teams.len())];
            self.join(user, team);
        }
        user
    }

    fn join(&mut self, user: UserIx, group: GroupIx) {
        let then = earlier(self.now, Duration::from_hours(24 * 600));
        self.tenant.join(group, Member::User(user), then);
    }

    fn assign(&mut self, user: UserIx, sku: SkuIx) {
        let license = License { sku, disabled: Vec::new() };
        let then = earlier(self.now, Duration::from_hours(24 * 100));
        // Nobody has anything that could stand against it yet.
        let _ = direct::assign(&mut self.tenant, user, &[license], &[], then);
    }

    /// Seats as an administrator would have bought them: a few spare, and the target for everybody on the list.
    fn fit_seats(&mut self, users: usize) {
        let wanted = u32::try_from(users).unwrap_or(u32::MAX);
        let skus: Vec<SkuIx> = self.tenant.skus().map(|(ix, _)| ix).collect();
        for ix in skus {
            let more = match ix {
                _ if ix == self.target => wanted.saturating_add(SPARE_SEATS),
                _ if ix == self.companion => wanted.saturating_add(SPARE_COMPANIONS),
                _ => 10,
            };
            let sku = self.tenant.sku_mut(ix);
            sku.enabled = if sku.part == "FLOW_FREE" { 10_000 } else { sku.consumed.saturating_add(more) };
        }
    }
}

/// Subscribes a tenant to a product of the catalog, without limit for now.
fn subscribe(tenant: &mut Tenant, rng: &mut Rng, part: &str) -> SkuIx {
    let product = CATALOG.product(part).expect("the seed names products of the table");
    tenant.add_sku(Sku::of(product, guid(rng), u32::MAX))
}

/// An id by chance that nobody has: a file may name ids that the same seed would come to.
pub(crate) fn free_id(rng: &mut Rng, tenant: &Tenant) -> Uuid {
    loop {
        let id = guid(rng);
        if tenant.object(id).is_none() {
            return id;
        }
    }
}

#[cfg(test)]
mod tests;
