//! The products of a tenant file, with their seats and subscriptions.

use toml::Table;
use toml::Value;

use crate::domain::sku::Sku;
use crate::domain::subscription::Subscription;
use crate::rehearse::text::Unsaid;
use crate::rehearse::text::Writer;
use crate::rehearse::toml_text::table;
use crate::rehearse::toml_text::texts;

/// The words for a subscription that the simulator has (Microsoft Graph, "companySubscription resource type").
const STATUSES: [&str; 5] = ["Enabled", "Warning", "Suspended", "Deleted", "LockedOut"];

impl Writer<'_> {
    pub(super) fn sku(&mut self, sku: &Sku) {
        let many = |count: i64| i64::from(u32::try_from(count.max(0)).unwrap_or(u32::MAX));
        let holders = self.copy.users.iter().filter(|user| user.facts.holds(sku.id)).count();
        let elsewhere = sku.consumed.max(0).saturating_sub(i64::try_from(holders).unwrap_or(i64::MAX));
        self.out.element("sku");
        self.out.key("part", sku.part_number.as_str());
        self.out.key("id", sku.id.to_string());
        self.out.key("seats", many(sku.prepaid.enabled));
        for (key, count) in [
            ("warning", sku.prepaid.warning),
            ("suspended", sku.prepaid.suspended),
            ("locked_out", sku.prepaid.locked_out),
            ("held_elsewhere", elsewhere),
        ] {
            self.out.key_if(count > 0, key, many(count));
        }
        self.out.key_if(!sku.for_users, "company", true);
        if let Some(status) = self.status(&sku.capability) {
            self.out.key("status", status);
        }
        let plans = sku.plans.iter().filter_map(|plan| self.plans.get(&plan.id).cloned());
        let plans = texts(plans.collect::<Vec<_>>());
        self.out.key("plans", plans);
        if let Some(all) = &self.copy.subscriptions {
            let own: Vec<Table> =
                all.iter().filter(|one| one.sku == sku.id).map(|one| self.subscription(one)).collect();
            self.out.rows("subscriptions", own);
        }
    }

    fn subscription(&mut self, one: &Subscription) -> Table {
        table([
            ("total", one.seats.map(|seats| i64::from(u32::try_from(seats).unwrap_or_default()).into())),
            ("trial", one.trial.then_some(true.into())),
            ("status", self.status(&one.status).map(Value::from)),
            ("ends", one.next_state.map(|at| at.to_string().into())),
        ])
    }

    /// Graph's word, if the simulator has it.
    fn status(&mut self, word: &str) -> Option<&'static str> {
        let known = STATUSES.into_iter().find(|known| known.eq_ignore_ascii_case(word));
        if known.is_none() && !word.is_empty() {
            self.note(Unsaid::Word(word.to_owned()));
        }
        known
    }
}
