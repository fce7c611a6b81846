//! From a verb and a path to the operation that is meant.
use axum::http::Method;

use crate::sim::answer::Refusal;
use crate::sim::ask::decode;

/// How the members of a group are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Members {
    /// Members of nested groups too.
    pub(crate) transitive: bool,
    /// Only this kind of object, by an OData cast.
    pub(crate) cast: Option<Kind>,
    /// Only how many.
    pub(crate) count: bool,
}

/// A kind of directory object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `microsoft.graph.user`.
    User,
    /// `microsoft.graph.group`.
    Group,
}

/// An operation of Graph. Keys are as the client gave them, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Op {
    Organizations,
    Organization(String),
    SubscribedSkus,
    SubscribedSku(String),
    /// The deleted objects of a kind, or how many.
    ListDeleted(Kind),
    GetDeleted(String),
    Restore(String),
    Purge(String),
    ListUsers,
    CountUsers,
    CreateUser,
    GetUser(String),
    UpdateUser(String),
    DeleteUser(String),
    LicenseDetails(String),
    MemberOf {
        user: String,
        members: Members,
    },
    CheckMemberGroups(String),
    AssignUserLicense(String),
    Reprocess(String),
    ListGroups,
    CountGroups,
    CreateGroup,
    GetGroup(String),
    UpdateGroup(String),
    DeleteGroup(String),
    ListMembers {
        group: String,
        members: Members,
    },
    MembersWithErrors(String),
    AddMember(String),
    RemoveMember {
        group: String,
        member: String,
    },
    /// `DELETE …/members/{id}` without `/$ref`: deletes the object itself.
    DeleteThroughMembers {
        group: String,
        member: String,
    },
    AssignGroupLicense(String),
    GetByIds,
    GetObject(String),
    /// `users/delta` or `groups/delta`.
    Delta(Kind),
    Audits,
    Batch,
}

/// Reads a path; `me` stands for the user key given, if the caller is a user.
pub(crate) fn route(method: &Method, path: &str, me: Option<&str>) -> Result<Op, Refusal> {
    let parts = split(path);
    let mut parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    if let (Some(&"me"), Some(me)) = (parts.first(), me) {
        parts.splice(0..1, ["users", me]);
    } else if parts.first() == Some(&"me") {
        let message = "/me request is only valid with delegated authentication flow.";
        return Err(Refusal::new(400, "BadRequest", message));
    }
    read(method, &parts)
}

fn read(method: &Method, parts: &[&str]) -> Result<Op, Refusal> {
    match parts {
        ["users", rest @ ..] => users(method, rest),
        ["groups", rest @ ..] => groups(method, rest),
        ["organization"] => get(method, Op::Organizations),
        ["organization", id] => get(method, Op::Organization((*id).to_owned())),
        ["subscribedSkus"] => get(method, Op::SubscribedSkus),
        ["subscribedSkus", id] => get(method, Op::SubscribedSku((*id).to_owned())),
        ["directoryObjects", "getByIds" | "microsoft.graph.getByIds"] => post(method, Op::GetByIds),
        ["directoryObjects", id] => get(method, Op::GetObject((*id).to_owned())),
        ["directory", "deletedItems", rest @ ..] => deleted(method, rest),
        ["auditLogs", "directoryAudits"] => get(method, Op::Audits),
        ["$batch"] => post(method, Op::Batch),
        _ => Err(no_segment(parts.first().copied().unwrap_or_default())),
    }
}

fn users(method: &Method, rest: &[&str]) -> Result<Op, Refusal> {
    match rest {
        [] => match *method {
            Method::GET => Ok(Op::ListUsers),
            Method::POST => Ok(Op::CreateUser),
            _ => Err(not_allowed()),
        },
        ["$count"] => get(method, Op::CountUsers),
        ["delta" | "delta()" | "microsoft.graph.delta()"] => get(method, Op::Delta(Kind::User)),
        [key] => match *method {
            Method::GET => Ok(Op::GetUser((*key).to_owned())),
            Method::PATCH => Ok(Op::UpdateUser((*key).to_owned())),
            Method::DELETE => Ok(Op::DeleteUser((*key).to_owned())),
            _ => Err(not_allowed()),
        },
        [key, rest @ ..] => {
            let user = (*key).to_owned();
            match rest {
                ["licenseDetails"] => get(method, Op::LicenseDetails(user)),
                ["memberOf", rest @ ..] => get(method, Op::MemberOf { user, members: members(rest, false)? }),
                ["transitiveMemberOf", rest @ ..] => get(method, Op::MemberOf { user, members: members(rest, true)? }),
                ["checkMemberGroups" | "microsoft.graph.checkMemberGroups"] => {
                    post(method, Op::CheckMemberGroups(user))
                }
                ["assignLicense" | "microsoft.graph.assignLicense"] => post(method, Op::AssignUserLicense(user)),
                ["reprocessLicenseAssignment" | "microsoft.graph.reprocessLicenseAssignment"] => {
                    post(method, Op::Reprocess(user))
                }
                _ => Err(no_segment(rest.first().copied().unwrap_or_default())),
            }
        }
    }
}

fn deleted(method: &Method, rest: &[&str]) -> Result<Op, Refusal> {
    match rest {
        ["microsoft.graph.user" | "graph.user"] | ["microsoft.graph.user" | "graph.user", "$count"] => {
            get(method, Op::ListDeleted(Kind::User))
        }
        ["microsoft.graph.group" | "graph.group"] | ["microsoft.graph.group" | "graph.group", "$count"] => {
            get(method, Op::ListDeleted(Kind::Group))
        }
        // Without a cast it would be anything, which Graph does not list.
        [] => Err(Refusal::query("Unsupported Query.")),
        [id] | [id, "microsoft.graph.user" | "microsoft.graph.group" | "graph.user" | "graph.group"] => match *method {
            Method::GET => Ok(Op::GetDeleted((*id).to_owned())),
            Method::DELETE => Ok(Op::Purge((*id).to_owned())),
            _ => Err(not_allowed()),
        },
        [id, "restore" | "microsoft.graph.restore"] => post(method, Op::Restore((*id).to_owned())),
        [_, other, ..] => Err(no_segment(other)),
    }
}

fn groups(method: &Method, rest: &[&str]) -> Result<Op, Refusal> {
    match rest {
        [] => match *method {
            Method::GET => Ok(Op::ListGroups),
            Method::POST => Ok(Op::CreateGroup),
            _ => Err(not_allowed()),
        },
        ["$count"] => get(method, Op::CountGroups),
        ["delta" | "delta()" | "microsoft.graph.delta()"] => get(method, Op::Delta(Kind::Group)),
        [key] => match *method {
            Method::GET => Ok(Op::GetGroup((*key).to_owned())),
            Method::PATCH => Ok(Op::UpdateGroup((*key).to_owned())),
            Method::DELETE => Ok(Op::DeleteGroup((*key).to_owned())),
            _ => Err(not_allowed()),
        },
        [key, rest @ ..] => group(method, (*key).to_owned(), rest),
    }
}

fn group(method: &Method, group: String, rest: &[&str]) -> Result<Op, Refusal> {
    match rest {
        ["members", "$ref"] => match *method {
            Method::POST => Ok(Op::AddMember(group)),
            Method::GET => Ok(Op::ListMembers { group, members: Members::default() }),
            _ => Err(unsupported_target()),
        },
        ["members", member, "$ref"] if *method == Method::DELETE => {
            Ok(Op::RemoveMember { group, member: (*member).to_owned() })
        }
        ["members"] if *method == Method::POST => {
            Err(Refusal::new(400, "BadRequest", "Write requests are only supported on contained entities"))
        }
        ["members", member] if *method == Method::DELETE => {
            Ok(Op::DeleteThroughMembers { group, member: (*member).to_owned() })
        }
        ["members", rest @ ..] => get(method, Op::ListMembers { group, members: members(rest, false)? }),
        ["transitiveMembers", rest @ ..] => get(method, Op::ListMembers { group, members: members(rest, true)? }),
        ["membersWithLicenseErrors"] => get(method, Op::MembersWithErrors(group)),
        ["assignLicense" | "microsoft.graph.assignLicense"] => post(method, Op::AssignGroupLicense(group)),
        _ => Err(no_segment(rest.first().copied().unwrap_or_default())),
    }
}

fn members(rest: &[&str], transitive: bool) -> Result<Members, Refusal> {
    let (cast, rest) = match rest {
        ["microsoft.graph.user" | "graph.user", rest @ ..] => (Some(Kind::User), rest),
        ["microsoft.graph.group" | "graph.group", rest @ ..] => (Some(Kind::Group), rest),
        _ => (None, rest),
    };
    match rest {
        [] => Ok(Members { transitive, cast, count: false }),
        ["$count"] => Ok(Members { transitive, cast, count: true }),
        [other, ..] => Err(no_segment(other)),
    }
}

/// Splits a path into decoded parts; `users('x')` becomes `users`, `x`.
fn split(path: &str) -> Vec<String> {
    let mut parts = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let part = decode(part);
        match part.strip_suffix("')").and_then(|part| part.split_once("('")) {
            Some((name, key)) => parts.extend([name.to_owned(), key.replace("''", "'")]),
            None => parts.push(part),
        }
    }
    parts
}

fn get(method: &Method, op: Op) -> Result<Op, Refusal> {
    if *method == Method::GET { Ok(op) } else { Err(not_allowed()) }
}

fn post(method: &Method, op: Op) -> Result<Op, Refusal> {
    if *method == Method::POST { Ok(op) } else { Err(not_allowed()) }
}

fn not_allowed() -> Refusal {
    Refusal::new(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
}

fn unsupported_target() -> Refusal {
    Refusal::new(400, "BadRequest", "The request is currently not supported on the targeted entity set")
}

fn no_segment(segment: &str) -> Refusal {
    Refusal::new(400, "BadRequest", format!("Resource not found for the segment '{segment}'."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_may_stand_in_parentheses() {
        let user = |path| route(&Method::GET, path, None);
        assert_eq!(user("/users('$x@y.com')"), Ok(Op::GetUser("$x@y.com".into())));
        assert_eq!(user("/users('o''brien@y.com')"), Ok(Op::GetUser("o'brien@y.com".into())));
        assert_eq!(user("/users/a_b%23EXT%23@y.com/licenseDetails"), Ok(Op::LicenseDetails("a_b#EXT#@y.com".into())));
        assert_eq!(user("/users/o'brien@y.com"), Ok(Op::GetUser("o'brien@y.com".into())));
    }

    #[test]
    fn a_member_url_without_ref_means_the_object_itself() {
        let path = "/groups/g/members/u";
        let member = Op::DeleteThroughMembers { group: "g".into(), member: "u".into() };
        assert_eq!(route(&Method::DELETE, path, None), Ok(member));
        assert!(matches!(route(&Method::DELETE, "/groups/g/members/u/$ref", None), Ok(Op::RemoveMember { .. })));
        assert_eq!(route(&Method::PATCH, "/groups/g/members/$ref", None).unwrap_err().status, 400);
    }

    #[test]
    fn me_needs_a_user() {
        assert_eq!(route(&Method::GET, "/me", Some("u")), Ok(Op::GetUser("u".into())));
        assert_eq!(route(&Method::GET, "/me", None).unwrap_err().status, 400);
        assert_eq!(route(&Method::PUT, "/users/u", None).unwrap_err().status, 405);
        assert_eq!(route(&Method::GET, "/gruops", None).unwrap_err().status, 400);
    }
}
