//! The copy as the text of a tenant file.

mod group;
mod sku;
mod user;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::collections::HashSet;

use toml::Table;
use toml::Value;

use crate::domain::exclusion::Disproved;
use crate::domain::exclusion::Exclusions;
use crate::domain::id::GroupId;
use crate::domain::id::PlanId;
use crate::domain::id::SkuId;
use crate::domain::license::Assignment;
use crate::domain::license::LicenseError;
use crate::domain::sku::Sku;
use crate::domain::sku::Skus;
use crate::engine::plan::Users;
use crate::rehearse::TenantCopy;
use crate::rehearse::Unread;
use crate::rehearse::toml_text::TomlText;
use crate::rehearse::toml_text::table;
use crate::rehearse::toml_text::texts;
use crate::rehearse::words;

/// The tenant file, and what of the copy it cannot say beside what could not be read.
pub fn tenant_file(copy: &TenantCopy) -> (String, Vec<Unread>) {
    let skus: Skus = copy.skus.iter().cloned().collect();
    let mut writer = Writer {
        copy,
        plans: plan_keys(&copy.skus),
        ids: copy.groups.iter().map(|one| one.group.id).collect(),
        skus,
        unsaid: BTreeMap::new(),
        out: TomlText::default(),
    };
    writer.plans();
    writer.tenant();
    writer.migration();
    copy.skus.iter().for_each(|sku| writer.sku(sku));
    writer.rules();
    copy.groups.iter().for_each(|group| writer.group(group));
    copy.users.iter().for_each(|user| writer.user(user));
    writer.behaviour();
    let unsaid = writer.unsaid();
    let mut head = TomlText::default();
    for line in words::head(copy) {
        head.comment(&line);
    }
    for one in copy.unread.iter().chain(&unsaid) {
        head.comment(&words::unread_in_file(one));
    }
    head.gap();
    (head.0 + &writer.out.0, unsaid)
}

/// What the file calls each plan: by its name, unless another has the same.
fn plan_keys(skus: &[Sku]) -> HashMap<PlanId, String> {
    let mut named: HashMap<&str, HashSet<PlanId>> = HashMap::new();
    let all = || skus.iter().flat_map(|sku| &sku.plans);
    for plan in all() {
        named.entry(&plan.name).or_default().insert(plan.id);
    }
    let one = |name: &str| !name.trim().is_empty() && named.get(name).is_some_and(|ids| ids.len() == 1);
    all().map(|plan| (plan.id, if one(&plan.name) { plan.name.clone() } else { plan.id.to_string() })).collect()
}

struct Writer<'a> {
    copy: &'a TenantCopy,
    plans: HashMap<PlanId, String>,
    ids: HashSet<GroupId>,
    skus: Skus,
    /// How often what cannot be said.
    unsaid: BTreeMap<Unsaid, usize>,
    out: TomlText,
}

/// What a tenant file has no word for.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Unsaid {
    Word(String),
    Sku(SkuId),
    Unexplained,
    Name,
}

impl Writer<'_> {
    fn unsaid(&self) -> Vec<Unread> {
        let told = |(what, count): (&Unsaid, &usize)| match what {
            Unsaid::Word(word) => Unread::Word(word.clone(), *count),
            Unsaid::Sku(sku) => Unread::Sku(*sku, *count),
            Unsaid::Unexplained => Unread::Unexplained(*count),
            Unsaid::Name => Unread::Names(*count),
        };
        self.unsaid.iter().map(told).collect()
    }

    fn note(&mut self, what: Unsaid) {
        *self.unsaid.entry(what).or_default() += 1;
    }

    /// Every plan of the tenant's products, as the tenant has it and not as Microsoft's table does.
    fn plans(&mut self) {
        let all: BTreeMap<PlanId, &str> =
            self.copy.skus.iter().flat_map(|sku| &sku.plans).map(|plan| (plan.id, plan.name.as_str())).collect();
        let rows = all.iter().map(|(id, name)| {
            let name = if name.trim().is_empty() { id.to_string() } else { (*name).to_owned() };
            table([("id", Some(id.to_string().into())), ("name", Some(name.into()))])
        });
        let rows: Vec<Table> = rows.collect();
        self.out.rows("plan", rows);
    }

    fn off(&self, sku: SkuId, disabled: &[PlanId]) -> Option<Value> {
        // A plan that the product does not have any more cannot be on either.
        let of: BTreeSet<PlanId> = self.skus.get(sku).map(|sku| sku.enabled_plans(&[])).unwrap_or_default();
        let off = disabled.iter().filter(|plan| of.contains(plan));
        let names: Vec<String> = off.filter_map(|plan| self.plans.get(plan).cloned()).collect();
        (!names.is_empty()).then(|| texts(names))
    }

    fn tenant(&mut self) {
        let copy = self.copy;
        self.out.section("tenant");
        let name = if copy.name.trim().is_empty() { "tenant" } else { &copy.name };
        self.out.key("name", name);
        self.out.key("domain", if is_domain(&copy.domain) { &copy.domain } else { "tenant.example" });
        if let Some(id) = copy.id {
            self.out.key("id", id.to_string());
        }
        if let Some(country) = copy.country.as_deref().and_then(country) {
            self.out.key("country", country);
        }
    }

    fn migration(&mut self) {
        let plan = &self.copy.plan;
        self.out.section("migration");
        if let Some(name) = &self.copy.migration {
            self.out.key("name", name.as_str());
        }
        for (key, side) in [("source", &plan.route.source), ("target", &plan.route.target)] {
            let end =
                table([("group", Some(side.group.to_string().into())), ("sku", Some(side.sku.to_string().into()))]);
            self.out.key(key, Value::Table(end));
        }
        if let Users::List(list) = &plan.users {
            let listed = list.iter().map(|(listed, _)| (listed.line, listed.given.as_str()));
            let passed = plan.passed_over.iter().map(|row| (row.line, row.text.as_str()));
            let rows: BTreeMap<usize, &str> = passed.chain(listed).collect();
            self.out.key("users", list_text(&rows));
        }
    }

    /// What users show of the rules that no read tells: exclusive plans that they hold, and countries without a product.
    fn rules(&mut self) {
        let mut disproved = Disproved::default();
        let mut prohibited: BTreeMap<SkuId, BTreeSet<String>> = BTreeMap::new();
        for user in &self.copy.users {
            disproved.extend(&Exclusions::known().disproved_by(&user.facts, &self.skus));
            let place = user.facts.usage_location.as_deref().or(self.copy.country.as_deref()).and_then(country);
            let refused = |one: &&Assignment| one.error == Some(LicenseError::ProhibitedInUsageLocationViolation);
            for one in user.facts.states.iter().filter(refused).filter(|one| self.skus.get(one.sku).is_some()) {
                prohibited.entry(one.sku).or_default().extend(place.clone());
            }
        }
        for (one, other) in disproved.iter() {
            let names = [one, other].map(|plan| self.plans.get(&plan).cloned().unwrap_or_else(|| plan.to_string()));
            self.out.element("compatible");
            self.out.key("plans", texts(names));
        }
        for (sku, countries) in prohibited.into_iter().filter(|(_, countries)| !countries.is_empty()) {
            self.out.element("prohibited");
            self.out.key("sku", sku.to_string());
            self.out.key("countries", texts(countries));
        }
    }

    /// How fast group-based licensing is, and what is to go wrong.
    fn behaviour(&mut self) {
        let copy = self.copy;
        let seconds = |length: std::time::Duration| format!("{}s", length.as_secs());
        if let Some(one) = copy.latencies {
            self.out.section("licensing");
            self.out.key("least", seconds(one.least));
            self.out.key("typical", seconds(one.typical));
            self.out.key("most", seconds(one.most));
        }
        if copy.trouble.throttled {
            self.out.section("throttle");
            self.out.key("resource_units", 350);
            self.out.key("writes", 300);
            for (on, every) in [("GET /**", 15), ("PATCH /groups/*", 4)] {
                self.out.element("fault");
                self.out.key("on", on);
                self.out.key("every", every);
                self.out.key("answer", 429);
                self.out.key("retry_after", 2);
            }
        }
        if let Some(left) = copy.seats_left().filter(|_| copy.trouble.seats_short > 0) {
            self.out.element("event");
            self.out.key("after_add", true);
            let seats = table([
                ("sku", Some(self.copy.route().target.sku.to_string().into())),
                ("enabled", Some(left.max(0).into())),
            ]);
            self.out.key("seats", Value::Table(seats));
        }
    }
}

/// The list of users as a file has it, each row on its line.
fn list_text(rows: &BTreeMap<usize, &str>) -> String {
    let last = rows.keys().last().copied().unwrap_or_default();
    let mut lines = String::new();
    for line in 1..=last {
        let row = rows.get(&line).copied().unwrap_or_default();
        let plain = !row.contains([',', ';', '"', '\n', '\r', '\t']);
        if plain {
            lines.push_str(row);
        } else {
            lines.extend(["\"", &row.replace('"', "\"\""), "\""]);
        }
        lines.push('\n');
    }
    lines
}

/// Two letters in capitals.
fn country(code: &str) -> Option<String> {
    let fits = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic());
    fits.then(|| code.to_ascii_uppercase())
}

fn is_domain(name: &str) -> bool {
    let part = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    name.contains('.') && name.split('.').all(part)
}
