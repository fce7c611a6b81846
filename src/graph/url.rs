//! The paths of Graph that this client asks for, and how names are written into them.

use crate::domain::id::GroupId;
use crate::domain::id::SkuId;
use crate::domain::id::UserId;
use crate::graph::UserKey;

/// What is asked of a user.
pub(in crate::graph) const USER_SELECT: &str =
    "id,userPrincipalName,displayName,accountEnabled,userType,usageLocation,assignedLicenses,licenseAssignmentStates";

/// What is asked of a group.
pub(in crate::graph) const GROUP_SELECT: &str = "id,displayName,groupTypes,mailEnabled,securityEnabled,\
onPremisesSyncEnabled,isAssignableToRole,isManagementRestricted,assignedLicenses";

/// `GET` the groups with a member for whom licensing failed. The header of advanced queries would have it refused.
pub(in crate::graph) const GROUPS_WITH_ERRORS: &str =
    "/groups?$filter=hasMembersWithLicenseErrors%20eq%20true&$select=id&$top=999";

/// `GET` all products of the tenant.
pub(in crate::graph) const SKUS: &str =
    "/subscribedSkus?$select=skuId,skuPartNumber,appliesTo,capabilityStatus,consumedUnits,prepaidUnits,servicePlans";

/// How many values an `in` may name (Microsoft Graph, "Known issues", query parameters).
pub(in crate::graph) const MOST_VALUES: usize = 15;

/// The largest page of a directory collection.
pub(in crate::graph) const PAGE: usize = 999;

/// Percent-encodes all but the unreserved characters of RFC 3986.
pub(in crate::graph) fn encode(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// A literal of `OData`, quotes doubled, percent-encoded but for the quotes round it (Microsoft Graph, "Use query
/// parameters", escaping single quotes).
fn literal(text: &str) -> String {
    format!("'{}'", encode(&text.replace('\'', "''")))
}

/// `GET` one user. A UPN may begin with `$` or hold `#` and quotes, which only the form with parentheses carries.
pub(in crate::graph) fn user(key: &UserKey) -> String {
    let plain = |upn: &str| upn.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.@".contains(&byte));
    match key {
        UserKey::Upn(upn) if upn.contains('@') && plain(upn) => format!("/users/{upn}?$select={USER_SELECT}"),
        UserKey::Id(id) => format!("/users/{id}?$select={USER_SELECT}"),
        UserKey::Upn(upn) => format!("/users({})?$select={USER_SELECT}", literal(upn)),
    }
}

/// `GET` one user with the groups that they are in directly: 20 of them at most are shown (Microsoft Graph, "Customize
/// responses with query parameters", `$expand`).
pub(in crate::graph) fn user_in_groups(id: UserId) -> String {
    format!("/users/{id}?$select={USER_SELECT}&$expand=memberOf($select=id)")
}

/// `GET` users by their ids; at most [`MOST_VALUES`].
pub(in crate::graph) fn users_by_id(ids: &[UserId]) -> String {
    let values: Vec<_> = ids.iter().map(|id| literal(&id.to_string())).collect();
    format!("/users?$filter=id%20in%20({})&$select={USER_SELECT}", values.join(","))
}

/// `GET` users by their sign-in names; at most [`MOST_VALUES`].
pub(in crate::graph) fn users_by_upn(upns: &[&str]) -> String {
    let values: Vec<_> = upns.iter().map(|upn| literal(upn)).collect();
    format!("/users?$filter=userPrincipalName%20in%20({})&$select={USER_SELECT}", values.join(","))
}

/// `GET` a group.
pub(in crate::graph) fn group(id: GroupId) -> String {
    format!("/groups/{id}?$select={GROUP_SELECT}")
}

/// `GET` all groups that assign a product, an advanced query.
pub(in crate::graph) fn licensed_groups() -> String {
    let filter = "assignedLicenses/$count%20ne%200";
    format!("/groups?$filter={filter}&$count=true&$select={GROUP_SELECT},membershipRule&$top={PAGE}")
}

/// `GET` the groups that assign this product.
pub(in crate::graph) fn groups_licensed_for(sku: SkuId) -> String {
    let filter = format!("assignedLicenses/any(x:x/skuId%20eq%20{sku})");
    format!("/groups?$filter={filter}&$select={GROUP_SELECT},membershipRule&$top={PAGE}")
}

/// `GET` how many users are direct members of a group, an advanced query; the page itself is as short as it can be.
pub(in crate::graph) fn count_members(id: GroupId) -> String {
    format!("/groups/{id}/members/microsoft.graph.user?$count=true&$top=1&$select=id")
}

/// Whether this is an advanced query, which Graph answers only with the header `ConsistencyLevel: eventual`: those of ours
/// all ask for a count, also in the link to their next page (Microsoft Graph, "Advanced query capabilities").
pub(in crate::graph) fn is_advanced(query: Option<&str>) -> bool {
    query.is_some_and(|query| query.split('&').any(|option| matches!(option, "$count=true" | "%24count=true")))
}

/// `GET` a group with when it was made and its rule.
pub(in crate::graph) fn dated_group(id: GroupId) -> String {
    format!("/groups/{id}?$select={GROUP_SELECT},createdDateTime,membershipRule")
}

/// `GET` a group's members, as the plain query that no lagging index answers.
pub(in crate::graph) fn members(id: GroupId, select: &str) -> String {
    format!("/groups/{id}/members?$select={select}&$top={PAGE}")
}

/// `GET` those of a group's members that are users. Of direct members the cast alone is no advanced query (Microsoft Learn,
/// "Advanced query capabilities", names casts of transitive members only).
pub(in crate::graph) fn user_members(id: GroupId, select: &str) -> String {
    format!("/groups/{id}/members/microsoft.graph.user?$select={select}&$top={PAGE}")
}

/// `GET` those of a group's members that are groups.
pub(in crate::graph) fn nested_groups(id: GroupId) -> String {
    format!("/groups/{id}/members/microsoft.graph.group?$select=id,displayName&$top={PAGE}")
}

/// `GET` the users who were deleted and can be restored.
pub(in crate::graph) fn deleted_users() -> String {
    format!("/directory/deletedItems/microsoft.graph.user?$select=id,userPrincipalName&$top={PAGE}")
}

/// `GET` the groups of a user.
pub(in crate::graph) fn member_of(id: UserId) -> String {
    format!("/users/{id}/memberOf?$select=id&$top={PAGE}")
}

/// `GET` a user's names here and on premises.
pub(in crate::graph) fn user_names(id: UserId) -> String {
    format!(
        "/users/{id}?$select=id,userPrincipalName,onPremisesSamAccountName,onPremisesDistinguishedName,onPremisesDomainName"
    )
}

/// `GET` a group's names here and on premises, and its rule.
pub(in crate::graph) fn group_names(id: GroupId) -> String {
    format!(
        "/groups/{id}?$select=id,displayName,onPremisesSyncEnabled,onPremisesSamAccountName,onPremisesDomainName,membershipRule"
    )
}

/// `PATCH` here adds up to 20 members.
pub(in crate::graph) fn add_members(id: GroupId) -> String {
    format!("/groups/{id}")
}

/// `POST` here adds one member.
pub(in crate::graph) fn add_member(id: GroupId) -> String {
    format!("/groups/{id}/members/$ref")
}

/// `DELETE` here takes a user out of a group. This is the one place that builds it: without the `/$ref` at its end Graph
/// would delete the *user* (Microsoft Graph, "Remove member").
pub(in crate::graph) fn remove_member(group: GroupId, user: UserId) -> String {
    format!("/groups/{group}/members/{user}/$ref")
}

/// `POST` here has GBL look again at a user's licenses ("user: reprocessLicenseAssignment").
pub(in crate::graph) fn reprocess(user: UserId) -> String {
    format!("/users/{user}/reprocessLicenseAssignment")
}

/// `POST` here changes the licenses that a user has directly ("user: assignLicense").
pub(in crate::graph) fn assign_license(user: UserId) -> String {
    format!("/users/{user}/assignLicense")
}

/// `GET` the newest records of changes to a user's licenses.
pub(in crate::graph) fn license_audits(user: UserId) -> String {
    let filter = format!(
        "activityDisplayName eq {} and targetResources/any(t:t/id eq {})",
        literal("Change user license"),
        literal(&user.to_string())
    );
    format!("/auditLogs/directoryAudits?$filter={}&$top=1", filter.replace(' ', "%20"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    proptest! {
        #[test]
        fn a_removal_always_ends_in_ref(group: u128, user: u128) {
            let (group, user) = (Uuid::from_u128(group), Uuid::from_u128(user));
            let path = remove_member(GroupId(group), UserId(user));
            prop_assert_eq!(path, format!("/groups/{group}/members/{user}/$ref"));
        }
    }

    #[test]
    fn sign_in_names_are_quoted_and_encoded() {
        let of = |upn: &str| user(&UserKey::Upn(upn.to_owned().into()));
        assert!(of("a.b-c_d@y.com").starts_with("/users/a.b-c_d@y.com?$select=id,"));
        assert!(of("..").starts_with("/users('..')?"));
        assert!(of("$x@y.com").starts_with("/users('%24x%40y.com')?$select=id,"));
        assert!(of("o'brien@c.com").starts_with("/users('o%27%27brien%40c.com')?"));
        assert!(of("a_b.com#EXT#@c.com").starts_with("/users('a_b.com%23EXT%23%40c.com')?"));
        assert!(of("../groups/1?x&y").starts_with("/users('..%2Fgroups%2F1%3Fx%26y')?"));
        assert!(of("zoë@c.com").starts_with("/users('zo%C3%AB%40c.com')?"));
    }

    #[test]
    fn what_asks_for_a_count_is_an_advanced_query() {
        let of = |path: &str| is_advanced(path.split_once('?').map(|(_, query)| query));
        assert!(of(&licensed_groups()) && of(&count_members(GroupId(Uuid::nil()))));
        assert!(of("/groups?%24count=true&%24skiptoken=x"));
        for plain in [GROUPS_WITH_ERRORS, &groups_licensed_for(SkuId(Uuid::nil())), &group(GroupId(Uuid::nil()))] {
            assert!(!of(plain), "{plain}");
        }
    }

    #[test]
    fn filters_list_their_values() {
        let id = UserId(Uuid::from_u128(1));
        let one = "'00000000-0000-0000-0000-000000000001'";
        assert!(users_by_id(&[id, id]).starts_with(&format!("/users?$filter=id%20in%20({one},{one})&$select=id,")));
        let filter = users_by_upn(&["o'b@c.com", "a@c.com"]);
        assert!(
            filter.starts_with("/users?$filter=userPrincipalName%20in%20('o%27%27b%40c.com','a%40c.com')&$select=")
        );
    }
}
