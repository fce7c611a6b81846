//! How the tenant behaves: delays, lags, quotas, faults, events. One text sets it, at the start or while it runs.
use serde::Deserialize;

use crate::sim::event::{EventText, Planned};
use crate::sim::fault::{Fault, FaultText, Faults};
use crate::sim::length::Length;
use crate::sim::oauth::{AppText, SignInText};
use crate::sim::rules::RetryOrder;
use crate::sim::spot::Wrong;
use crate::sim::world::World;

/// What `PUT /_sim/faults` takes. Faults and events replace those before; a section that is left out stays as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Behaviour {
    /// Group-based licensing.
    #[serde(default)]
    pub(crate) licensing: Option<Licensing>,
    /// How far reads lag.
    #[serde(default)]
    pub(crate) lag: Option<LagText>,
    /// Quotas.
    #[serde(default)]
    pub(crate) throttle: Option<ThrottleText>,
    /// Who signs in, and how it ends.
    #[serde(default)]
    pub(crate) sign_in: Option<SignInText>,
    /// Applications that are known.
    #[serde(default)]
    pub(crate) app: Vec<AppText>,
    /// What goes wrong with requests.
    #[serde(default)]
    pub(crate) fault: Vec<FaultText>,
    /// What others do.
    #[serde(default)]
    pub(crate) event: Vec<EventText>,
}

/// `[licensing]`, in tenant time.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Licensing {
    #[serde(default)]
    least: Option<Length>,
    #[serde(default)]
    typical: Option<Length>,
    #[serde(default)]
    most: Option<Length>,
    #[serde(default)]
    gap: Option<Length>,
    #[serde(default)]
    reprocess_refuses: Option<bool>,
    #[serde(default)]
    member_lists_show_licenses: Option<bool>,
    #[serde(default)]
    retry_order: Option<RetryOrder>,
    #[serde(default)]
    first_failure_only: Option<bool>,
}

/// `[lag]`, in tenant time.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LagText {
    #[serde(default)]
    lists: Option<Length>,
    #[serde(default)]
    index: Option<Length>,
    #[serde(default)]
    points: Option<Length>,
    #[serde(default)]
    memberships: Option<Length>,
    #[serde(default)]
    creation: Option<Length>,
    #[serde(default)]
    flap: Option<bool>,
    #[serde(default)]
    memory: Option<Length>,
}

/// `[throttle]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ThrottleText {
    #[serde(default)]
    on: Option<bool>,
    #[serde(default)]
    resource_units: Option<u32>,
    #[serde(default)]
    writes: Option<u32>,
    #[serde(default)]
    tenant_writes: Option<u32>,
    #[serde(default)]
    write_takes: Option<Length>,
}

impl Behaviour {
    /// Reads TOML, or JSON if it begins like it.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        if text.trim_start().starts_with('{') {
            return serde_json::from_str(text).map_err(|error| error.to_string());
        }
        toml::from_str(text).map_err(|error| error.to_string())
    }
}

impl World {
    /// Behaves differently from now on; all of it, or nothing if something in it is wrong.
    pub(crate) fn behave(&mut self, wish: &Behaviour) -> Result<(), Wrong> {
        let at = |section: &'static str, place: usize| move |(key, why)| Wrong { section, place, key, why };
        let faults = wish.fault.iter().enumerate();
        let faults = faults.map(|(place, fault)| Fault::new(fault).map_err(at("fault", place)));
        let faults = faults.collect::<Result<Vec<_>, Wrong>>()?;
        let events = wish.event.iter().enumerate();
        let events = events.map(|(place, text)| {
            let event = text.compile(&self.tenant).map_err(at("event", place))?;
            Ok(Planned { at: text.at(), after_add: text.waits(), event })
        });
        let events = events.collect::<Result<Vec<_>, Wrong>>()?;
        let user = wish.sign_in.as_ref().and_then(|sign_in| sign_in.user.as_deref());
        if let Some(key) = user {
            let missing = || at("sign_in", 0)(("user", format!("there is no user `{key}` to sign in")));
            self.sign_in.user = Some(self.tenant.find_user(key).ok_or_else(missing)?);
        }
        if let Some(sign_in) = &wish.sign_in {
            self.sign_in.set(sign_in);
        }
        self.sign_in.know(&wish.app);
        if let Some(licensing) = &wish.licensing {
            set(&mut self.delays.least, licensing.least);
            set(&mut self.delays.typical, licensing.typical);
            set(&mut self.delays.most, licensing.most);
            set(&mut self.gap, licensing.gap);
            self.reprocess_refuses = licensing.reprocess_refuses.unwrap_or(self.reprocess_refuses);
            let rules = &mut self.tenant.rules;
            rules.retry_order = licensing.retry_order.unwrap_or(rules.retry_order);
            rules.first_failure_only = licensing.first_failure_only.unwrap_or(rules.first_failure_only);
            self.lists_show_licenses = licensing.member_lists_show_licenses.unwrap_or(self.lists_show_licenses);
        }
        if let Some(lag) = &wish.lag {
            set(&mut self.lag.lists, lag.lists);
            set(&mut self.lag.index, lag.index);
            set(&mut self.lag.points, lag.points);
            set(&mut self.lag.memberships, lag.memberships);
            set(&mut self.lag.creation, lag.creation);
            set(&mut self.lag.memory, lag.memory);
            self.lag.flap = lag.flap.unwrap_or(self.lag.flap);
        }
        if let Some(throttle) = &wish.throttle {
            let quotas = &mut self.quotas;
            quotas.on = throttle.on.unwrap_or(quotas.on);
            quotas.units = throttle.resource_units.or(quotas.units);
            quotas.writes = throttle.writes.unwrap_or(quotas.writes);
            quotas.tenant_writes = throttle.tenant_writes.unwrap_or(quotas.tenant_writes);
            set(&mut self.write_takes, throttle.write_takes);
        }
        let now = self.clock.now();
        self.faults = Faults::new(faults, now);
        self.schedule(events);
        self.remember_enough();
        self.catch_up();
        Ok(())
    }
}

fn set(what: &mut std::time::Duration, wish: Option<Length>) {
    if let Some(Length(length)) = wish {
        *what = length;
    }
}
