//! What each operation costs (Microsoft Learn, "Microsoft Graph service-specific throttling limits", identity and access).
use crate::sim::ask::Ask;
use crate::sim::query::Options;
use crate::sim::route::{Belonging, Op};
use crate::sim::throttle::Cost;

/// The cost of a request: a base, less one for `$select` and for a small `$top`, more one for `$expand`, at least one.
pub(crate) fn cost(op: &Op, ask: &Ask) -> Cost {
    let options = Options::of(ask).unwrap_or_default();
    match charge(op, &options) {
        Charge::Fixed(cost) => cost,
        Charge::Read(base) => {
            let less = u32::from(options.select.is_some()) + u32::from(options.top.is_some_and(|top| top < 20));
            let more = u32::from(options.expand.is_some());
            Cost::identity((base + more).saturating_sub(less).max(1), 0)
        }
    }
}

/// What an operation is charged with.
enum Charge {
    /// So much, whatever is asked for.
    Fixed(Cost),
    /// A read, from this base.
    Read(u32),
}

fn charge(op: &Op, options: &Options) -> Charge {
    match op {
        // The items are charged each by itself, and the model is nobody's data.
        Op::Batch | Op::Metadata => Charge::Fixed(Cost::identity(0, 0)),
        Op::ListMembers { members, .. } if members.transitive => Charge::Read(5),
        Op::ListMembers { .. } | Op::SubscribedSkus => Charge::Read(3),
        Op::ListUsers
        | Op::LicenseDetails(_)
        | Op::MemberOf { .. }
        | Op::OwnedObjects(..)
        | Op::MemberGroups(_, Belonging::All) => Charge::Read(2),
        Op::MemberGroups(_, Belonging::Check) => Charge::Read(4),
        Op::GetByIds if options.select.is_some() => Charge::Read(3),
        Op::GetByIds => Charge::Read(5),
        Op::Organizations
        | Op::Organization(_)
        | Op::Domains
        | Op::Domain(_)
        | Op::LicenseDetail { .. }
        | Op::Manager { .. }
        | Op::DirectReports(..)
        | Op::MemberRefs(_)
        | Op::GetMember { .. }
        | Op::Owners(..)
        | Op::SubscribedSku(_)
        | Op::Subscriptions
        | Op::Subscription(_)
        | Op::ListDeleted(_)
        | Op::GetDeleted(_)
        | Op::CountUsers
        | Op::GetUser(_)
        | Op::ListGroups
        | Op::CountGroups
        | Op::GetGroup(_)
        | Op::MembersWithErrors(..)
        | Op::Delta(_)
        | Op::GetObject(_) => Charge::Read(1),
        // Of another service, with a quota of its own.
        Op::Audits | Op::Audit(_) => Charge::Fixed(Cost { units: 0, writes: 0, reports: 1 }),
        Op::Restore(_)
        | Op::Purge(_)
        | Op::CreateUser
        | Op::UpdateUser(_)
        | Op::SetManager(_)
        | Op::RemoveManager(_)
        | Op::AddOwner(_)
        | Op::RemoveOwner { .. }
        | Op::DeleteUser(_)
        | Op::AssignUserLicense(_)
        | Op::Reprocess(_)
        | Op::CreateGroup
        | Op::UpdateGroup(_)
        | Op::DeleteGroup(_)
        | Op::AddMember(_)
        | Op::RemoveMember { .. }
        | Op::DeleteThroughMembers { .. }
        | Op::AssignGroupLicense(_) => Charge::Fixed(Cost::identity(1, 1)),
    }
}
