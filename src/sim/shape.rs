//! What Graph shows of an object: which properties exist, which come by themselves, what they hold.
mod filterable;
mod group;
mod sku;
mod user;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

pub(crate) use filterable::{filterable, sortable};
pub(crate) use group::group_property;
pub(crate) use sku::{domains, license_detail, organization, subscribed_sku, subscription};
pub(crate) use user::{ALL as USER_PROPERTIES, user_property};

use crate::sim::answer::Refusal;
use crate::sim::expand::Expand;
use crate::sim::query::Options;
use crate::sim::route::Kind;
use crate::sim::tenant::{License, Member, Tenant};

/// Which properties of which objects to show, and as of when.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    user: Vec<&'static str>,
    group: Vec<&'static str>,
    expand: Option<Expand>,
    /// The time whose truth is shown; a lagging read shows the past.
    pub(crate) at: Timestamp,
    /// Whether each object says what kind it is, as in mixed collections.
    pub(crate) typed: bool,
}

impl Shape {
    /// The shape that `$select` and `$expand` ask for. `kind` is none in a mixed collection, where a property of any kind may be named.
    pub(crate) fn new(options: &Options, kind: Option<Kind>, at: Timestamp) -> Result<Self, Refusal> {
        // A star stands for what would be shown without it.
        let (user, group) = match options.select.as_ref().filter(|names| names.iter().all(|name| name != "*")) {
            None => (user::DEFAULT.to_vec(), group::DEFAULT.to_vec()),
            Some(names) => {
                for name in names {
                    allowed(name, kind)?;
                }
                (known(names, user::ALL), known(names, group::ALL))
            }
        };
        let expand = match (options.expand.as_deref(), kind) {
            (None, _) => None,
            (Some(text), Some(kind)) => Some(Expand::read(text, kind)?),
            (Some(_), None) => return Err(Refusal::query("Unsupported Query.")),
        };
        Ok(Self { user, group, expand, at, typed: kind.is_none() })
    }

    /// Leaves all properties out that are not named, but for the id.
    pub(crate) fn narrow(&self, to: &[&str]) -> Self {
        let kept = |name: &&&str| **name == "id" || to.contains(*name);
        let (user, group) = (self.user.iter().filter(kept).copied(), self.group.iter().filter(kept).copied());
        Self { user: user.collect(), group: group.collect(), ..self.clone() }
    }

    /// Leaves out what tells of licenses.
    pub(crate) fn hide_licenses(&mut self) {
        self.user.retain(|name| !["assignedLicenses", "assignedPlans", "licenseAssignmentStates"].contains(name));
    }

    /// An object in this shape.
    pub(crate) fn show(&self, tenant: &Tenant, object: Member) -> Value {
        let mut shown = Map::new();
        match object {
            Member::User(ix) => {
                for name in &self.user {
                    shown.insert((*name).to_owned(), user_property(tenant, ix, name, self.at));
                }
            }
            Member::Group(ix) => {
                for name in &self.group {
                    shown.insert((*name).to_owned(), group_property(tenant, ix, name));
                }
            }
        }
        if let Some((expand, related)) = self.expand.as_ref().and_then(|one| Some((one, one.show(tenant, object)?))) {
            shown.insert(expand.name.to_owned(), related);
        }
        if self.typed {
            let kind = match object {
                Member::User(_) => "#microsoft.graph.user",
                Member::Group(_) => "#microsoft.graph.group",
            };
            shown.insert("@odata.type".into(), kind.into());
        }
        Value::Object(shown)
    }

    /// The same as the whole answer, with its context.
    pub(crate) fn entity(&self, tenant: &Tenant, object: Member, context: &str) -> Value {
        let mut shown = self.show(tenant, object);
        shown["@odata.context"] = crate::sim::page::context_url(context).into();
        shown
    }
}

/// The context fragment of an entity set, such as `users(id,displayName)`.
pub(crate) fn context(set: &str, options: &Options) -> String {
    let expanded = options.expand.as_ref().map(|text| format!("{}()", text.split('(').next().unwrap_or_default()));
    let mut names: Vec<&str> = Vec::new();
    for given in options.select.iter().flatten() {
        let known = user::ALL.iter().chain(group::ALL).find(|known| known.eq_ignore_ascii_case(given));
        let name = known.map_or(given.as_str(), |known| *known);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.extend(expanded.as_deref());
    if names.is_empty() { set.to_owned() } else { format!("{set}({})", names.join(",")) }
}

fn allowed(name: &str, kind: Option<Kind>) -> Result<(), Refusal> {
    let of_user = || user::ALL.iter().any(|known| known.eq_ignore_ascii_case(name));
    let of_group = || group::ALL.iter().any(|known| known.eq_ignore_ascii_case(name));
    let known = match kind {
        Some(Kind::User) => of_user(),
        Some(Kind::Group) => of_group(),
        None => of_user() || of_group(),
    };
    if known {
        return Ok(());
    }
    let kind = match kind {
        Some(Kind::User) => "user",
        Some(Kind::Group) => "group",
        None => "directoryObject",
    };
    let message = format!(
        "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type \
         'microsoft.graph.{kind}'."
    );
    Err(Refusal::new(400, "BadRequest", message))
}

fn known(names: &[String], all: &[&'static str]) -> Vec<&'static str> {
    all.iter().copied().filter(|known| names.iter().any(|name| name.eq_ignore_ascii_case(known))).collect()
}

/// `assignedLicenses` of a group, or one source of it.
fn assigned(tenant: &Tenant, licenses: &[License]) -> Value {
    let one = |license: &License| json!({ "skuId": tenant.sku(license.sku).id, "disabledPlans": license.disabled });
    licenses.iter().map(one).collect()
}
