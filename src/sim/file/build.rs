//! From a tenant file to a tenant.
use std::collections::HashSet;
use std::time::Duration;

use fastrand::Rng;
use jiff::Timestamp;

use crate::sim::catalog::{CATALOG, Plan};
use crate::sim::clock::{earlier, later};
use crate::sim::dice::guid;
use crate::sim::event::country;
use crate::sim::file::names::{at, is_domain};
use crate::sim::file::{EndText, GroupKind, GroupText, Name, SkuText, TenantFile, UserText};
use crate::sim::gbl::{self, direct};
use crate::sim::length::Length;
use crate::sim::rules::Rules;
use crate::sim::seed::{Crowd, Migration, Seeded, free_id};
use crate::sim::tenant::{Group, GroupIx, License, Member, Processing, Sku, Subscription, Tenant, User, UserIx};

/// Makes the tenant of a file. What the file leaves to chance (ids, names of crowds) comes from the seed.
pub(crate) fn build(file: &TenantFile, text: &str, seed: u64, now: Timestamp) -> Result<Seeded, String> {
    let mut rng = Rng::with_seed(seed);
    let about = &file.tenant;
    let mut rules = Rules::new(about.exclusive_plans, about.sharepoint_plans_stack);
    rules.teams_beside_suites = about.teams_beside_suites.unwrap_or(rules.teams_beside_suites);
    let created = earlier(now, Duration::from_hours(24 * 900));
    let id = about.id.unwrap_or_else(|| guid(&mut rng));
    let mut tenant = Tenant::new(id, about.name.get_ref(), about.domain.get_ref(), created, rules);
    if let Some(code) = &about.country {
        tenant.country = country(code.get_ref()).map_err(|why| at(text, code, &why))?;
    }
    for (name, fits) in
        [(&about.name, !about.name.get_ref().trim().is_empty()), (&about.domain, is_domain(&about.domain))]
    {
        if !fits {
            return Err(at(text, name, &format!("`{}` is no name for a tenant and no domain of it", name.get_ref())));
        }
    }
    let (listed, pending, as_read) = (Vec::new(), Vec::new(), HashSet::new());
    let mut builder = Builder { file, text, rng, now, tenant, listed, pending, as_read };
    builder.rules()?;
    for sku in &file.sku {
        builder.sku(sku)?;
    }
    for rule in &file.prohibited {
        let sku = builder.find_sku(&rule.sku)?;
        let id = builder.tenant.sku(sku).id;
        for code in &rule.countries {
            let country = country(code.get_ref()).map_err(|why| at(text, code, &why))?;
            builder.tenant.rules.prohibit(id, &country);
        }
    }
    for group in &file.group {
        builder.group(group)?;
    }
    builder.nest()?;
    for user in &file.user {
        builder.user(user)?;
    }
    builder.crowds()?;
    let admin = builder.admin();
    builder.settle();
    let migration = builder.migration()?;
    let Builder { tenant, listed, pending, .. } = builder;
    Ok(Seeded { tenant, listed, admin, migration, pending })
}

/// A tenant in the making.
pub(super) struct Builder<'a> {
    pub(super) file: &'a TenantFile,
    pub(super) text: &'a str,
    pub(super) rng: Rng,
    now: Timestamp,
    pub(super) tenant: Tenant,
    listed: Vec<UserIx>,
    /// Users whose licenses were not made out but said, where their groups have not reached them yet.
    pub(super) pending: Vec<(UserIx, GroupIx, bool)>,
    /// Users whose licenses were said.
    pub(super) as_read: HashSet<UserIx>,
}

impl Builder<'_> {
    fn rules(&mut self) -> Result<(), String> {
        for rule in &self.file.exclusive {
            let plans = self.plan_ids(&rule.plans)?;
            self.tenant.rules.exclude(&plans);
        }
        for rule in &self.file.compatible {
            let plans = self.plan_ids(&rule.plans)?;
            self.tenant.rules.let_stand(&plans);
        }
        for rule in &self.file.dependency {
            let (plan, any_of) = (self.plan(&rule.plan)?.id, self.plan_ids(&rule.needs_one_of)?);
            self.tenant.rules.require(plan, any_of);
        }
        Ok(())
    }

    fn sku(&mut self, text: &SkuText) -> Result<(), String> {
        let known = CATALOG.product(text.part.get_ref());
        let own = text.plans.as_ref().map(|plans| plans.iter().map(|plan| self.plan(plan)).collect()).transpose()?;
        let id = text.id.or(known.map(|known| known.id));
        let plans: Option<Vec<Plan>> = own.or_else(|| known.map(|known| known.plans.clone()));
        let (Some(id), Some(plans)) = (id, plans) else {
            return Err(
                self.at(&text.part, "is no product of Microsoft's table, so it needs an id and plans of its own")
            );
        };
        if self.tenant.find_sku(id).is_some() {
            return Err(self.at(&text.part, "is the part of two products, which need ids of their own"));
        }
        let part = known.map_or_else(|| text.part.get_ref().clone(), |known| known.part.clone());
        let name = text.name.clone().or_else(|| known.map(|known| known.name.clone()));
        let sku = Sku {
            id,
            name: name.unwrap_or_else(|| part.clone()),
            part,
            subscription: Subscription {
                trial: text.trial,
                status: text.status,
                next: text.next_lifecycle.map(|Length(after)| later(self.now, after)),
                ..Subscription::new(guid(&mut self.rng))
            },
            several: self.several(text.subscriptions.as_deref()),
            company: text.company,
            plans,
            enabled: text.seats,
            warning: text.warning,
            suspended: text.suspended,
            locked_out: text.locked_out,
            consumed: text.held_elsewhere,
        };
        self.tenant.add_sku(sku);
        Ok(())
    }

    fn group(&mut self, text: &GroupText) -> Result<(), String> {
        if text.name.get_ref().trim().is_empty() {
            return Err(self.at(&text.name, "is no name for a group"));
        }
        let id = self.id(text.id.as_ref())?;
        // One after the other, so that Graph tells the order in which the tenant has them.
        let after = Duration::from_secs(self.tenant.groups_from(None).count() as u64);
        let mut group = Group::new(id, text.name.get_ref(), later(self.tenant.created, after));
        (group.mail, group.security) = match text.kind {
            GroupKind::Security => (false, true),
            GroupKind::MailSecurity | GroupKind::Microsoft365 => (true, true),
            GroupKind::Distribution => (true, false),
        };
        if text.kind == GroupKind::Microsoft365 {
            group.types.push("Unified".to_owned());
        }
        if text.rule.is_some() {
            group.types.push("DynamicMembership".to_owned());
        }
        group.rule.clone_from(&text.rule);
        group.synced = text.synced;
        group.role_assignable = text.role_assignable;
        group.restricted = text.restricted;
        group.licenses = self.licenses(&text.licenses, &text.plans_off)?;
        for more in &text.assigns {
            let license = self.licenses(std::slice::from_ref(&more.sku), &more.plans_off)?;
            group.licenses.extend(license);
        }
        group.processing = (!group.licenses.is_empty()).then_some(Processing::Complete);
        self.tenant.add_group(group);
        Ok(())
    }

    fn nest(&mut self) -> Result<(), String> {
        for (ix, text) in (0_u32..).map(GroupIx).zip(&self.file.group) {
            for nested in &text.nested {
                let nested = self.find_group(nested)?;
                self.tenant.join(ix, Member::Group(nested), self.tenant.created);
            }
        }
        Ok(())
    }

    fn user(&mut self, text: &UserText) -> Result<(), String> {
        let given = text.upn.get_ref();
        let upn = if given.contains('@') { given.clone() } else { format!("{given}@{}", self.tenant.domain) };
        if self.tenant.find_user(&upn).is_some() {
            return Err(self.at(&text.upn, "is the name of two users"));
        }
        if upn.split('@').any(str::is_empty) || upn.contains(char::is_whitespace) {
            return Err(self.at(&text.upn, "is no principal name"));
        }
        let mut user = User::new(self.id(text.id.as_ref())?, &upn, self.tenant.created);
        user.display = text.name.clone().unwrap_or_else(|| given.split('@').next().unwrap_or_default().to_owned());
        if let Some((first, last)) = user.display.clone().rsplit_once(' ') {
            (user.given, user.surname) = (first.to_owned(), last.to_owned());
        }
        user.location = self.location(text.location.as_ref())?;
        user.enabled = !text.disabled;
        user.guest = text.guest;
        user.not_offered = text.not_offered.iter().map(|sku| self.find_sku(sku)).collect::<Result<_, _>>()?;
        let user = self.tenant.add_user(user);
        match &text.states {
            None => self.license(user, &text.groups, &text.direct, &text.plans_off)?,
            Some(states) => self.as_read(user, text, states)?,
        }
        let found = self.tenant.user_mut(user);
        (found.address_taken, found.cursed) = (text.address_taken, text.cursed);
        found.add_refused = text.add_refused;
        self.listed.extend(text.listed.then_some(user));
        Ok(())
    }

    fn crowds(&mut self) -> Result<(), String> {
        let mut crowd = Crowd::default();
        for text in &self.file.users {
            for _ in 0..text.count {
                let user = crowd.user(&mut self.rng, &mut self.tenant, None, self.now);
                if text.location.is_some() {
                    self.tenant.user_mut(user).location = self.location(text.location.as_ref())?;
                }
                self.license(user, &text.groups, &text.direct, &[])?;
                self.listed.extend(text.listed.then_some(user));
            }
        }
        Ok(())
    }

    fn license(&mut self, user: UserIx, groups: &[Name], direct: &[Name], off: &[Name]) -> Result<(), String> {
        let then = self.tenant.created;
        for name in groups {
            let group = self.find_group(name)?;
            self.tenant.join(group, Member::User(user), then);
        }
        for license in self.licenses(direct, off)? {
            let license = [license];
            let first = direct::assign(&mut self.tenant, user, &license, &[], then);
            // What an add-on needs may come from a group; what excludes a group's product must be there before it.
            let denied = first.or_else(|_| {
                let groups = gbl::concerned(&self.tenant, user);
                gbl::settle(&mut self.tenant, user, &groups, then);
                direct::assign(&mut self.tenant, user, &license, &[], then)
            });
            denied.map_err(|denied| {
                let (upn, part) = (&self.tenant.user(user).upn, &self.tenant.sku(license[0].sku).part);
                format!("{upn} cannot have {part} directly: {}", denied.sentence(&self.tenant))
            })?;
        }
        Ok(())
    }

    fn admin(&mut self) -> UserIx {
        let upn = format!("admin@{}", self.tenant.domain);
        if let Some(user) = self.tenant.find_user(&upn) {
            return user;
        }
        let mut admin = User::new(free_id(&mut self.rng, &self.tenant), &upn, self.tenant.created);
        "Administrator".clone_into(&mut admin.display);
        self.tenant.add_user(admin)
    }

    /// When licensing last reached everybody.
    pub(super) fn long_ago(&self) -> Timestamp {
        earlier(self.now, Duration::from_hours(24 * 30))
    }

    /// Lets licensing reach everybody once, long ago.
    fn settle(&mut self) {
        let then = self.long_ago();
        for user in self.tenant.users_from(None).map(|(ix, _)| ix).collect::<Vec<_>>() {
            if self.as_read.contains(&user) {
                continue;
            }
            let groups = gbl::concerned(&self.tenant, user);
            gbl::settle(&mut self.tenant, user, &groups, then);
        }
    }

    fn migration(&self) -> Result<Migration, String> {
        let end = |text: &EndText| {
            let (group, sku) = (self.find_group(&text.group)?, self.find_sku(&text.sku)?);
            Ok::<_, String>((self.tenant.group(group).id, self.tenant.sku(sku).part.clone()))
        };
        let migration = &self.file.migration;
        let (source, target) = (end(&migration.source)?, end(&migration.target)?);
        let name = migration.name.clone().unwrap_or_else(|| format!("{} to {}", source.1, target.1));
        Ok(Migration { name, source, target, users: migration.users.clone() })
    }

    pub(super) fn licenses(&self, skus: &[Name], off: &[Name]) -> Result<Vec<License>, String> {
        let off = self.plan_ids(off)?;
        skus.iter()
            .map(|name| {
                let sku = self.find_sku(name)?;
                let plans = &self.tenant.sku(sku).plans;
                let disabled = off.iter().copied().filter(|id| plans.iter().any(|plan| plan.id == *id)).collect();
                Ok(License { sku, disabled })
            })
            .collect()
    }
}
