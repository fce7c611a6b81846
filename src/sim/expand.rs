//! `$expand`: an object together with what it is related to, as far as Graph's directory goes.
use serde_json::Value;

use crate::sim::answer::Refusal;
use crate::sim::query::Options;
use crate::sim::route::Kind;
use crate::sim::shape::Shape;
use crate::sim::tenant::{Member, Tenant};

/// The most related objects that are shown; the rest is left out without a word (Microsoft Learn, "Customize responses with
/// query parameters").
const MOST_SHOWN: usize = 20;

/// What is to be shown with an object.
#[derive(Debug, Clone)]
pub(crate) struct Expand {
    /// The relationship's name.
    pub(crate) name: &'static str,
    relation: Relation,
    shape: Box<Shape>,
}

/// A relationship.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    MemberOf,
    TransitiveMemberOf,
    Members,
    TransitiveMembers,
    Owners,
    OwnedObjects,
    DirectReports,
    /// A single object; Graph leaves it out if there is none.
    Manager,
    /// A collection that is empty in this tenant.
    Empty,
}

const OF_USERS: &[(&str, Relation)] = &[
    ("directReports", Relation::DirectReports),
    ("manager", Relation::Manager),
    ("memberOf", Relation::MemberOf),
    ("ownedDevices", Relation::Empty),
    ("ownedObjects", Relation::OwnedObjects),
    ("registeredDevices", Relation::Empty),
    ("transitiveMemberOf", Relation::TransitiveMemberOf),
];

const OF_GROUPS: &[(&str, Relation)] = &[
    ("memberOf", Relation::MemberOf),
    ("members", Relation::Members),
    ("owners", Relation::Owners),
    ("transitiveMemberOf", Relation::TransitiveMemberOf),
    ("transitiveMembers", Relation::TransitiveMembers),
];

impl Expand {
    /// Reads a relationship of a kind of object, such as `members` or `members($select=id)`. Only one can be expanded.
    pub(crate) fn read(text: &str, kind: Kind) -> Result<Self, Refusal> {
        let (asked, inner) = match text.split_once('(') {
            Some((asked, inner)) => (asked.trim(), inner.strip_suffix(')').ok_or_else(|| malformed(text))?),
            None => (text.trim(), ""),
        };
        if text.split('(').next().is_some_and(|names| names.contains(',')) || inner.contains("),") {
            return Err(Refusal::query("Only one navigation property can be expanded in a request."));
        }
        let (of, resource) = match kind {
            Kind::User => (OF_USERS, "user"),
            Kind::Group => (OF_GROUPS, "group"),
        };
        let (name, relation) = *of.iter().find(|(name, _)| *name == asked).ok_or_else(|| {
            let message = format!(
                "Parsing OData Select and Expand failed: Could not find a property named '{asked}' on type \
                 'microsoft.graph.{resource}'."
            );
            Refusal::new(400, "BadRequest", message)
        })?;
        let mut options = Options::default();
        for option in inner.split(';').map(str::trim).filter(|option| !option.is_empty()) {
            match option.split_once('=') {
                Some(("$select", names)) => {
                    options.select = Some(names.split(',').map(|name| name.trim().to_owned()).collect());
                }
                Some(("$levels", _)) if relation == Relation::Manager => {}
                // Whatever else might narrow the related objects is for their own collection.
                _ => return Err(Refusal::query("Unsupported Query.")),
            }
        }
        Ok(Self { name, relation, shape: Box::new(Shape::new(&options, None, jiff::Timestamp::MAX)?) })
    }

    /// What is related to an object; none if it is not to be shown at all.
    pub(crate) fn show(&self, tenant: &Tenant, object: Member) -> Option<Value> {
        let groups = |direct: bool| match (object, direct) {
            (Member::User(ix), true) => tenant.user(ix).groups.clone(),
            (Member::Group(ix), true) => tenant.group(ix).parents.clone(),
            (_, false) => tenant.groups_of(object),
        };
        let related: Vec<Member> = match (self.relation, object) {
            (Relation::Manager, Member::User(ix)) => {
                let manager = tenant.user(ix).manager.filter(|ix| tenant.user(*ix).exists())?;
                return Some(self.shape.show(tenant, Member::User(manager)));
            }
            (Relation::Owners, Member::Group(ix)) => {
                tenant.group(ix).owners.iter().copied().map(Member::User).filter(|one| tenant.exists(*one)).collect()
            }
            (Relation::OwnedObjects, Member::User(ix)) => tenant.owned_by(ix).take(MOST_SHOWN).collect(),
            (Relation::DirectReports, Member::User(ix)) => tenant.reports_to(ix).take(MOST_SHOWN).collect(),
            (Relation::MemberOf, _) => groups(true).into_iter().map(Member::Group).collect(),
            (Relation::TransitiveMemberOf, _) => groups(false).into_iter().map(Member::Group).collect(),
            (Relation::Members, Member::Group(ix)) => tenant.group(ix).members().take(MOST_SHOWN).collect(),
            (Relation::TransitiveMembers, Member::Group(ix)) => tenant.all_members(ix, jiff::Timestamp::MAX),
            _ => Vec::new(),
        };
        Some(related.into_iter().take(MOST_SHOWN).map(|one| self.shape.show(tenant, one)).collect())
    }
}

fn malformed(text: &str) -> Refusal {
    Refusal::new(400, "BadRequest", format!("Parsing OData Select and Expand failed: Syntax error in '{text}'."))
}
