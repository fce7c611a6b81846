//! A path with everything replaced that could name somebody, for the log: what is not a word of the API becomes `{id}`.

/// The words of paths that we ask for, and those of a `nextLink` that Graph may give instead.
const WORDS: &[&str] = &[
    "$batch",
    "$count",
    "$ref",
    "assignLicense",
    "auditLogs",
    "delta",
    "devicecode",
    "directoryAudits",
    "directoryObjects",
    "domains",
    "graph.user",
    "groups",
    "licenseDetails",
    "me",
    "memberOf",
    "members",
    "microsoft.graph.user",
    "oauth2",
    "organization",
    "owners",
    "reprocessLicenseAssignment",
    "servicePrincipals",
    "subscribedSkus",
    "token",
    "transitiveMemberOf",
    "transitiveMembers",
    "users",
    "v1.0",
    "v2.0",
];

/// The options of a query that we use, and those of a `nextLink`.
const OPTIONS: &[&str] =
    &["$count", "$expand", "$filter", "$orderby", "$search", "$select", "$skip", "$skiptoken", "$top"];

/// The template of a path and its query, such as `/users/{id}?$select`. The values of options are left out.
pub(in crate::graph) fn template(path: &str, query: Option<&str>) -> String {
    let mut template = String::with_capacity(path.len());
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        template.push('/');
        template.push_str(&word(segment));
    }
    let options = query.into_iter().flat_map(|query| query.split('&')).filter(|option| !option.is_empty());
    for (at, option) in options.enumerate() {
        let name = option.split('=').next().unwrap_or_default().replace("%24", "$");
        template.push(if at == 0 { '?' } else { '&' });
        template.push_str(known(&name, OPTIONS).unwrap_or("{option}"));
    }
    template
}

/// A segment as it is, `{id}`, or `users({id})` where the key stands in parentheses.
fn word(segment: &str) -> String {
    match segment.split_once('(') {
        None => known(segment, WORDS).unwrap_or("{id}").to_owned(),
        Some((collection, _)) => format!("{}({{id}})", known(collection, WORDS).unwrap_or("{id}")),
    }
}

fn known(text: &str, words: &[&'static str]) -> Option<&'static str> {
    words.iter().copied().find(|word| *word == text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::GroupId;
    use crate::domain::id::UserId;
    use crate::graph::UserKey;
    use crate::graph::url;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn of(path: &str) -> String {
        match path.split_once('?') {
            Some((path, query)) => template(path, Some(query)),
            None => template(path, None),
        }
    }

    #[test]
    fn our_own_paths_stay_readable() {
        let (group, user) = (GroupId(Uuid::from_u128(7)), UserId(Uuid::from_u128(8)));
        let upn = |upn: &str| url::user(&UserKey::Upn(upn.to_owned().into()));
        for (path, expected) in [
            (url::remove_member(group, user), "/groups/{id}/members/{id}/$ref"),
            (url::add_members(group), "/groups/{id}"),
            (url::members(group, "id"), "/groups/{id}/members?$select&$top"),
            (url::user(&UserKey::Id(user)), "/users/{id}?$select"),
            (upn("adele@contoso.com"), "/users/{id}?$select"),
            (upn("o'brien@contoso.com"), "/users({id})?$select"),
            (url::users_by_upn(&["a@contoso.com", "token"]), "/users?$filter&$select"),
            (url::reprocess(user), "/users/{id}/reprocessLicenseAssignment"),
            (url::license_audits(user), "/auditLogs/directoryAudits?$filter&$top"),
            ("/contoso.com/oauth2/v2.0/token".to_owned(), "/{id}/oauth2/v2.0/token"),
            ("/v1.0/users?%24skiptoken=adele&name=adele".to_owned(), "/v1.0/users?$skiptoken&{option}"),
        ] {
            assert_eq!(of(&path), expected, "{path}");
        }
    }

    proptest! {
        #[test]
        fn nothing_of_a_name_is_left(name in "[a-zäöü0-9'%.]{1,8}@[a-z]{1,6}") {
            for path in ["/users/X", "/users(X)", "/users('X')/memberOf", "/v1.0/groups/X/X?$filter=X&X=1&$skiptoken=X"] {
                let template = of(&path.replace('X', &name));
                prop_assert!(!template.contains('@') && !template.contains(&name), "{}", template);
            }
        }
    }
}
