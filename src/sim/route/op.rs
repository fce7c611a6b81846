//! What can be meant by a request.

/// How a collection of directory objects is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Members {
    /// Through nested groups too.
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

/// An object by the key that the client gave, under the collection that it was looked for in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Key {
    /// Under `users`.
    User(String),
    /// Under `groups`.
    Group(String),
    /// Under `directoryObjects`.
    Object(String),
}

/// Something about who belongs to a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Belonging {
    /// `checkMemberGroups` and `checkMemberObjects`: which of some.
    Check,
    /// `getMemberGroups` and `getMemberObjects`: all of them.
    All,
}

/// An operation of Graph. Keys are as the client gave them, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Op {
    Metadata,
    Organizations,
    Organization(String),
    Domains,
    Domain(String),
    SubscribedSkus,
    SubscribedSku(String),
    Subscriptions,
    Subscription(String),
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
    LicenseDetail {
        user: String,
        id: String,
    },
    Manager {
        user: String,
        /// Only where to find it.
        reference: bool,
    },
    SetManager(String),
    RemoveManager(String),
    DirectReports(String, Members),
    OwnedObjects(String, Members),
    MemberOf {
        of: Key,
        members: Members,
    },
    /// What an object is a member of, nested groups counted.
    MemberGroups(Key, Belonging),
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
    /// Where to find the members.
    MemberRefs(String),
    GetMember {
        group: String,
        member: String,
        /// Only where to find it.
        reference: bool,
    },
    MembersWithErrors(String, Members),
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
    Owners(String, Members),
    AddOwner(String),
    RemoveOwner {
        group: String,
        owner: String,
    },
    AssignGroupLicense(String),
    GetByIds,
    GetObject(String),
    /// `users/delta` or `groups/delta`.
    Delta(Kind),
    Audits,
    Audit(String),
    Batch,
}
