//! Every operation that the tenant knows: verb, path, and what is meant. `{}` stands for a key.
use crate::sim::route::op::{Belonging, Key, Kind, Members, Op};

/// What may stand behind the path of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tail {
    /// Nothing.
    No,
    /// `/$count`.
    Count,
    /// A cast such as `/microsoft.graph.user`.
    Cast,
    /// A cast, `/$count`, or one after the other: users most of all.
    Users,
    /// The same, groups most of all.
    Groups,
}

/// One operation.
pub(super) struct Route {
    /// The verb.
    pub(super) verb: &'static str,
    /// The path, in the letters that Microsoft's documents use.
    pub(super) path: &'static str,
    /// What may stand behind it.
    pub(super) tail: Tail,
    /// What is meant, given the keys in the path and what stood behind it.
    pub(super) op: fn(&[String], Members) -> Op,
}

const fn get(path: &'static str, tail: Tail, op: fn(&[String], Members) -> Op) -> Route {
    Route { verb: "GET", path, tail, op }
}

const fn write(verb: &'static str, path: &'static str, op: fn(&[String], Members) -> Op) -> Route {
    Route { verb, path, tail: Tail::No, op }
}

fn key(keys: &[String], place: usize) -> String {
    keys.get(place).cloned().unwrap_or_default()
}

fn user(keys: &[String]) -> Key {
    Key::User(key(keys, 0))
}

fn group(keys: &[String]) -> Key {
    Key::Group(key(keys, 0))
}

fn object(keys: &[String]) -> Key {
    Key::Object(key(keys, 0))
}

fn deep(members: Members) -> Members {
    Members { transitive: true, ..members }
}

/// The operations. Of two that fit, the earlier is meant.
#[rustfmt::skip]
pub(super) const TABLE: &[Route] = &[
    get("/$metadata", Tail::No, |_, _| Op::Metadata),
    write("POST", "/$batch", |_, _| Op::Batch),
    get("/organization", Tail::No, |_, _| Op::Organizations),
    get("/organization/{}", Tail::No, |k, _| Op::Organization(key(k, 0))),
    get("/domains", Tail::No, |_, _| Op::Domains),
    get("/domains/{}", Tail::No, |k, _| Op::Domain(key(k, 0))),
    get("/subscribedSkus", Tail::No, |_, _| Op::SubscribedSkus),
    get("/subscribedSkus/{}", Tail::No, |k, _| Op::SubscribedSku(key(k, 0))),
    get("/auditLogs/directoryAudits", Tail::No, |_, _| Op::Audits),
    get("/auditLogs/directoryAudits/{}", Tail::No, |k, _| Op::Audit(key(k, 0))),

    get("/users", Tail::Count, |_, tail| if tail.count { Op::CountUsers } else { Op::ListUsers }),
    write("POST", "/users", |_, _| Op::CreateUser),
    get("/users/delta", Tail::No, |_, _| Op::Delta(Kind::User)),
    get("/users/{}", Tail::No, |k, _| Op::GetUser(key(k, 0))),
    write("PATCH", "/users/{}", |k, _| Op::UpdateUser(key(k, 0))),
    write("DELETE", "/users/{}", |k, _| Op::DeleteUser(key(k, 0))),
    get("/users/{}/licenseDetails", Tail::No, |k, _| Op::LicenseDetails(key(k, 0))),
    get("/users/{}/licenseDetails/{}", Tail::No, |k, _| Op::LicenseDetail { user: key(k, 0), id: key(k, 1) }),
    get("/users/{}/manager", Tail::No, |k, _| Op::Manager { user: key(k, 0), reference: false }),
    get("/users/{}/manager/$ref", Tail::No, |k, _| Op::Manager { user: key(k, 0), reference: true }),
    write("PUT", "/users/{}/manager/$ref", |k, _| Op::SetManager(key(k, 0))),
    write("DELETE", "/users/{}/manager/$ref", |k, _| Op::RemoveManager(key(k, 0))),
    get("/users/{}/directReports", Tail::Users, |k, tail| Op::DirectReports(key(k, 0), tail)),
    get("/users/{}/ownedObjects", Tail::Groups, |k, tail| Op::OwnedObjects(key(k, 0), tail)),
    get("/users/{}/memberOf", Tail::Groups, |k, tail| Op::MemberOf { of: user(k), members: tail }),
    get("/users/{}/transitiveMemberOf", Tail::Groups, |k, tail| Op::MemberOf { of: user(k), members: deep(tail) }),
    write("POST", "/users/{}/checkMemberGroups", |k, _| Op::MemberGroups(user(k), Belonging::Check)),
    write("POST", "/users/{}/checkMemberObjects", |k, _| Op::MemberGroups(user(k), Belonging::Check)),
    write("POST", "/users/{}/getMemberGroups", |k, _| Op::MemberGroups(user(k), Belonging::All)),
    write("POST", "/users/{}/getMemberObjects", |k, _| Op::MemberGroups(user(k), Belonging::All)),
    write("POST", "/users/{}/assignLicense", |k, _| Op::AssignUserLicense(key(k, 0))),
    write("POST", "/users/{}/reprocessLicenseAssignment", |k, _| Op::Reprocess(key(k, 0))),

    get("/groups", Tail::Count, |_, tail| if tail.count { Op::CountGroups } else { Op::ListGroups }),
    write("POST", "/groups", |_, _| Op::CreateGroup),
    get("/groups/delta", Tail::No, |_, _| Op::Delta(Kind::Group)),
    get("/groups/{}", Tail::No, |k, _| Op::GetGroup(key(k, 0))),
    write("PATCH", "/groups/{}", |k, _| Op::UpdateGroup(key(k, 0))),
    write("DELETE", "/groups/{}", |k, _| Op::DeleteGroup(key(k, 0))),
    get("/groups/{}/members", Tail::Users, |k, tail| Op::ListMembers { group: key(k, 0), members: tail }),
    get("/groups/{}/members/$ref", Tail::No, |k, _| Op::MemberRefs(key(k, 0))),
    write("POST", "/groups/{}/members/$ref", |k, _| Op::AddMember(key(k, 0))),
    get("/groups/{}/members/{}", Tail::Cast, |k, _| Op::GetMember { group: key(k, 0), member: key(k, 1), reference: false }),
    write("DELETE", "/groups/{}/members/{}", |k, _| Op::DeleteThroughMembers { group: key(k, 0), member: key(k, 1) }),
    get("/groups/{}/members/{}/$ref", Tail::No, |k, _| Op::GetMember { group: key(k, 0), member: key(k, 1), reference: true }),
    write("DELETE", "/groups/{}/members/{}/$ref", |k, _| Op::RemoveMember { group: key(k, 0), member: key(k, 1) }),
    get("/groups/{}/transitiveMembers", Tail::Users, |k, tail| Op::ListMembers { group: key(k, 0), members: deep(tail) }),
    get("/groups/{}/membersWithLicenseErrors", Tail::Users, |k, tail| Op::MembersWithErrors(key(k, 0), tail)),
    get("/groups/{}/owners", Tail::Users, |k, tail| Op::Owners(key(k, 0), tail)),
    write("POST", "/groups/{}/owners/$ref", |k, _| Op::AddOwner(key(k, 0))),
    write("DELETE", "/groups/{}/owners/{}/$ref", |k, _| Op::RemoveOwner { group: key(k, 0), owner: key(k, 1) }),
    get("/groups/{}/memberOf", Tail::Groups, |k, tail| Op::MemberOf { of: group(k), members: tail }),
    get("/groups/{}/transitiveMemberOf", Tail::Groups, |k, tail| Op::MemberOf { of: group(k), members: deep(tail) }),
    write("POST", "/groups/{}/checkMemberGroups", |k, _| Op::MemberGroups(group(k), Belonging::Check)),
    write("POST", "/groups/{}/checkMemberObjects", |k, _| Op::MemberGroups(group(k), Belonging::Check)),
    write("POST", "/groups/{}/getMemberGroups", |k, _| Op::MemberGroups(group(k), Belonging::All)),
    write("POST", "/groups/{}/getMemberObjects", |k, _| Op::MemberGroups(group(k), Belonging::All)),
    write("POST", "/groups/{}/assignLicense", |k, _| Op::AssignGroupLicense(key(k, 0))),

    write("POST", "/directoryObjects/getByIds", |_, _| Op::GetByIds),
    get("/directoryObjects/{}", Tail::No, |k, _| Op::GetObject(key(k, 0))),
    write("POST", "/directoryObjects/{}/checkMemberGroups", |k, _| Op::MemberGroups(object(k), Belonging::Check)),
    write("POST", "/directoryObjects/{}/checkMemberObjects", |k, _| Op::MemberGroups(object(k), Belonging::Check)),
    write("POST", "/directoryObjects/{}/getMemberGroups", |k, _| Op::MemberGroups(object(k), Belonging::All)),
    write("POST", "/directoryObjects/{}/getMemberObjects", |k, _| Op::MemberGroups(object(k), Belonging::All)),
    get("/directory/subscriptions", Tail::No, |_, _| Op::Subscriptions),
    get("/directory/subscriptions/{}", Tail::No, |k, _| Op::Subscription(key(k, 0))),
    get("/directory/deletedItems/microsoft.graph.user", Tail::Count, |_, _| Op::ListDeleted(Kind::User)),
    get("/directory/deletedItems/microsoft.graph.group", Tail::Count, |_, _| Op::ListDeleted(Kind::Group)),
    get("/directory/deletedItems/{}", Tail::Cast, |k, _| Op::GetDeleted(key(k, 0))),
    write("DELETE", "/directory/deletedItems/{}", |k, _| Op::Purge(key(k, 0))),
    write("POST", "/directory/deletedItems/{}/restore", |k, _| Op::Restore(key(k, 0))),
];
