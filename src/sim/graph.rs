//! Graph: one request in, one answer out. `serve` is the road of a request; here is what carries out each operation.
mod audits;
pub(crate) mod batch;
mod belonging;
mod body;
mod cost;
mod deleted;
mod delta;
mod directory;
mod group_edit;
mod groups;
mod licenses;
mod list;
mod members;
mod owners;
mod permission;
mod serve;
mod user_edit;
mod users;

use crate::sim::answer::{Answer, Content, Refusal};
use crate::sim::ask::Ask;
use crate::sim::route::Op;
use crate::sim::world::World;

impl World {
    fn carry_out(&mut self, op: &Op, ask: &Ask) -> Result<Answer, Refusal> {
        match op {
            Op::Metadata => Ok(metadata()),
            Op::Organizations => directory::organizations(self, ask),
            Op::Organization(id) => directory::organization(self, id, ask),
            Op::Domains => directory::domains(self, ask),
            Op::Domain(name) => directory::domain(self, name, ask),
            Op::SubscribedSkus => directory::subscribed_skus(self, ask),
            Op::SubscribedSku(id) => directory::subscribed_sku(self, id, ask),
            Op::Subscriptions => directory::subscriptions(self, ask),
            Op::Subscription(id) => directory::subscription(self, id, ask),
            Op::GetByIds => directory::by_ids(self, ask),
            Op::GetObject(id) => directory::object(self, id, ask),
            Op::ListUsers | Op::CountUsers => users::list(self, ask),
            Op::ListDeleted(kind) => deleted::list(self, *kind, ask),
            Op::GetDeleted(id) => deleted::get(self, id, ask),
            Op::Restore(id) => deleted::restore(self, id),
            Op::Purge(id) => deleted::purge(self, id),
            Op::CreateUser => user_edit::create(self, ask),
            Op::GetUser(key) => users::get(self, key, ask),
            Op::UpdateUser(key) => user_edit::update(self, key, ask),
            Op::DeleteUser(key) => users::delete(self, key),
            Op::LicenseDetails(key) => users::license_details(self, key, ask),
            Op::LicenseDetail { user, id } => users::license_detail_of(self, user, id, ask),
            Op::Manager { user, reference } => belonging::manager(self, user, *reference, ask),
            Op::SetManager(user) => belonging::set_manager(self, user, ask),
            Op::RemoveManager(user) => belonging::remove_manager(self, user),
            Op::DirectReports(user, members) => belonging::direct_reports(self, user, *members, ask),
            Op::OwnedObjects(user, members) => belonging::owned_objects(self, user, *members, ask),
            Op::MemberOf { of, members } => belonging::member_of(self, of, *members, ask),
            Op::MemberGroups(of, way) => belonging::member_groups(self, of, *way, ask),
            Op::AssignUserLicense(key) => licenses::assign_user(self, key, ask),
            Op::Reprocess(key) => licenses::reprocess(self, key),
            Op::ListGroups | Op::CountGroups => groups::list(self, ask),
            Op::GetGroup(key) => groups::get(self, key, ask),
            Op::CreateGroup => group_edit::create(self, ask),
            Op::UpdateGroup(key) => group_edit::update(self, key, ask),
            Op::DeleteGroup(key) => group_edit::delete(self, key),
            Op::ListMembers { group, members } => members::list(self, group, *members, ask),
            Op::MemberRefs(group) => members::references(self, group, ask),
            Op::GetMember { group, member, reference } => members::get(self, group, member, *reference, ask),
            Op::MembersWithErrors(key, members) => members::with_errors(self, key, *members, ask),
            Op::Owners(group, members) => owners::list(self, group, *members, ask),
            Op::AddOwner(group) => owners::add(self, group, ask),
            Op::RemoveOwner { group, owner } => owners::remove(self, group, owner),
            Op::AddMember(group) => members::add(self, group, ask),
            Op::RemoveMember { group, member } => members::remove(self, group, member),
            Op::DeleteThroughMembers { group, member } => members::delete_object(self, group, member),
            Op::AssignGroupLicense(key) => licenses::assign_group(self, key, ask),
            Op::Delta(kind) => delta::answer(self, ask, *kind),
            Op::Audits => audits::list(self, ask),
            Op::Audit(id) => audits::get(self, id, ask),
            // Taken apart before; a batch inside a batch is refused there.
            Op::Batch => Err(Refusal::new(400, "BadRequest", "A batch cannot hold a batch.")),
        }
    }
}

/// `GET /$metadata`: the model of what this tenant knows of Graph. It is everybody's, token or not.
pub(crate) fn metadata() -> Answer {
    Answer::bare(200, Content::Xml(include_str!("../../assets/sim/metadata.xml")))
}

/// A body as JSON, for those who write one inside another.
pub(crate) fn json_body(answer: Answer) -> Option<serde_json::Value> {
    match answer.body {
        Content::Json(value) => Some(value),
        Content::Empty => None,
        Content::Text(text) | Content::Html(text) => Some(text.into()),
        Content::Xml(text) => Some(text.into()),
    }
}
