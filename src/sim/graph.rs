//! Graph: one request in, one answer out. `serve` is the road of a request; here is what carries out each operation.
mod audits;
pub(crate) mod batch;
mod cost;
mod deleted;
mod delta;
mod directory;
mod group_edit;
mod groups;
mod licenses;
mod list;
mod members;
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
            Op::Organizations => directory::organizations(self, ask),
            Op::Organization(id) => directory::organization(self, id, ask),
            Op::SubscribedSkus => directory::subscribed_skus(self, ask),
            Op::SubscribedSku(id) => directory::subscribed_sku(self, id, ask),
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
            Op::MemberOf { user, members } => users::member_of(self, user, *members, ask),
            Op::CheckMemberGroups(key) => users::check_member_groups(self, key, ask),
            Op::AssignUserLicense(key) => licenses::assign_user(self, key, ask),
            Op::Reprocess(key) => licenses::reprocess(self, key),
            Op::ListGroups | Op::CountGroups => groups::list(self, ask),
            Op::GetGroup(key) => groups::get(self, key, ask),
            Op::CreateGroup => group_edit::create(self, ask),
            Op::UpdateGroup(key) => group_edit::update(self, key, ask),
            Op::DeleteGroup(key) => group_edit::delete(self, key),
            Op::ListMembers { group, members } => members::list(self, group, *members, ask),
            Op::MembersWithErrors(key) => members::with_errors(self, key, ask),
            Op::AddMember(group) => members::add(self, group, ask),
            Op::RemoveMember { group, member } => members::remove(self, group, member),
            Op::DeleteThroughMembers { group, member } => members::delete_object(self, group, member),
            Op::AssignGroupLicense(key) => licenses::assign_group(self, key, ask),
            Op::Delta(kind) => delta::answer(self, ask, *kind),
            Op::Audits => audits::list(self, ask),
            // Taken apart before; a batch inside a batch is refused there.
            Op::Batch => Err(Refusal::new(400, "BadRequest", "A batch cannot hold a batch.")),
        }
    }
}

/// A body as JSON, for those who write one inside another.
pub(crate) fn json_body(answer: Answer) -> Option<serde_json::Value> {
    match answer.body {
        Content::Json(value) => Some(value),
        Content::Empty => None,
        Content::Text(text) | Content::Html(text) => Some(text.into()),
    }
}
