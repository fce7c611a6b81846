//! Graph: one request in, one answer out. The road is: who is it, what is meant, may they, do it, write it down.
pub(crate) mod batch;
mod directory;
mod group_edit;
mod groups;
mod licenses;
mod list;
mod members;
mod permission;
mod users;

use uuid::Uuid;

use crate::sim::answer::{Answer, Content, Refusal};
use crate::sim::ask::Ask;
use crate::sim::log::LogEntry;
use crate::sim::route::{Op, route};
use crate::sim::token::{self, Bad, Caller};
use crate::sim::world::World;

/// Who calls, as far as it is known.
pub(crate) type Identity = Result<Caller, Refusal>;

impl World {
    /// Reads the caller from a request's token.
    pub(crate) fn caller(&self, ask: &Ask) -> Identity {
        let token = ask.header("authorization").and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
        });
        let Some(token) = token.filter(|token| !token.is_empty()) else {
            return Err(Refusal::unauthenticated("Access token is empty."));
        };
        token::read(self.tenant.id, token, self.clock.wall()).map_err(|bad| {
            Refusal::unauthenticated(match bad {
                Bad::Expired => "Lifetime validation failed, the token is expired.",
                Bad::Invalid => "CompactToken parsing failed with error code: 80049217",
                Bad::Foreign => "Access token validation failure. Invalid audience.",
            })
        })
    }

    /// Answers a request; inside a `$batch` with the caller of the whole.
    pub(crate) fn answer(&mut self, ask: &Ask, caller: &Identity) -> Answer {
        self.catch_up();
        let number = self.log.number();
        let request_id = Uuid::new_v4().to_string();
        let sent_id = ask.header("client-request-id").map(str::to_owned);
        let client_id = sent_id.clone().unwrap_or_else(|| request_id.clone());
        let outcome = caller.clone().and_then(|caller| self.perform(ask, &caller, number));
        let date = self.clock.wall().strftime("%Y-%m-%dT%H:%M:%S").to_string();
        let answer = match outcome {
            Ok(answer) => answer,
            Err(refusal) => refusal.into_answer(&date, &request_id, &client_id),
        };
        let answer = answer.with("request-id", request_id.clone()).with("client-request-id", client_id);
        self.log.push(LogEntry {
            number,
            at: self.clock.now(),
            method: ask.method.to_string(),
            path: if ask.item.is_some() { ask.target() } else { format!("/v1.0{}", ask.target()) },
            status: answer.status.as_u16(),
            in_batch: ask.item.is_some(),
            outer: ask.item.as_ref().map(|(outer, _)| *outer),
            item: ask.item.as_ref().map(|(_, id)| id.clone()),
            body: (ask.path != "/$batch").then(|| serde_json::from_slice(&ask.body).ok()).flatten(),
            client_request_id: sent_id,
            request_id,
            app: caller.as_ref().ok().map(|caller| caller.app.clone()),
            resource_units: 1,
            early: false,
            fault: None,
        });
        answer
    }

    fn perform(&mut self, ask: &Ask, caller: &Caller, number: u64) -> Result<Answer, Refusal> {
        let op = route(&ask.method, &ask.path, caller.user.as_deref())?;
        permission::check(&op, caller)?;
        if op == Op::Batch {
            return batch::answer(self, ask, caller, number);
        }
        self.carry_out(&op, ask)
    }

    fn carry_out(&mut self, op: &Op, ask: &Ask) -> Result<Answer, Refusal> {
        match op {
            Op::Organization => Ok(directory::organization(self)),
            Op::SubscribedSkus => directory::subscribed_skus(self, ask),
            Op::SubscribedSku(id) => directory::subscribed_sku(self, id),
            Op::GetByIds => directory::by_ids(self, ask),
            Op::GetObject(id) => directory::object(self, id, ask),
            Op::ListUsers => users::list(self, ask),
            Op::CountUsers => users::count(self, ask),
            Op::GetUser(key) => users::get(self, key, ask),
            Op::UpdateUser(key) => users::update(self, key, ask),
            Op::DeleteUser(key) => users::delete(self, key),
            Op::LicenseDetails(key) => users::license_details(self, key),
            Op::MemberOf { user, members } => users::member_of(self, user, *members, ask),
            Op::CheckMemberGroups(key) => users::check_member_groups(self, key, ask),
            Op::AssignUserLicense(key) => licenses::assign_user(self, key, ask),
            Op::Reprocess(key) => licenses::reprocess(self, key),
            Op::ListGroups => groups::list(self, ask),
            Op::CountGroups => groups::count(self, ask),
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
            // Taken apart before; a batch inside a batch is refused there.
            Op::Batch => Err(Refusal::new(400, "BadRequest", "A batch cannot hold a batch.")),
        }
    }
}

/// Whether a body is JSON, for those who write one inside another.
pub(crate) fn json_body(answer: Answer) -> Option<serde_json::Value> {
    match answer.body {
        Content::Json(value) => Some(value),
        Content::Empty => None,
        Content::Text(text) => Some(text.into()),
    }
}
