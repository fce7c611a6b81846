//! Graph's JSON as it comes: unknown fields ignored, unknown words kept, and nothing malformed passed over in silence.

use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::domain::advice::DeletedUser;
use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
use crate::domain::group::Group;
use crate::domain::group::GroupLicense;
use crate::domain::id::GroupId;
use crate::domain::id::PlanId;
use crate::domain::id::SkuId;
use crate::domain::id::UserId;
use crate::domain::license::Assignment;
use crate::domain::license::AssignmentState;
use crate::domain::license::ChangeTimes;
use crate::domain::license::LicenseError;
use crate::domain::license::Licenses;
use crate::domain::license::UserFacts;
use crate::domain::shared_text::SharedText;
use crate::domain::time::Timestamp;
use crate::graph::error::GraphError;
use crate::graph::json_list;
use crate::graph::limits;
use crate::graph::text;

/// One page of a collection, its elements unread yet, so that one bad element does not hide the others.
#[derive(Deserialize)]
pub(in crate::graph) struct Page {
    #[serde(deserialize_with = "json_list::at_most::<{ limits::PAGE }, _, _>")]
    pub(in crate::graph) value: Vec<Box<RawValue>>,
    #[serde(rename = "@odata.nextLink")]
    pub(in crate::graph) next: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireUser {
    id: Uuid,
    user_principal_name: Option<String>,
    display_name: Option<String>,
    account_enabled: Option<bool>,
    user_type: Option<String>,
    usage_location: Option<String>,
    assigned_licenses: Option<Vec<WireLicense>>,
    license_assignment_states: Option<Vec<WireState>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireLicense {
    sku_id: Uuid,
    disabled_plans: Option<Vec<Uuid>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireState {
    sku_id: Uuid,
    disabled_plans: Option<Vec<Uuid>>,
    assigned_by_group: Option<Uuid>,
    state: Option<String>,
    error: Option<String>,
    last_updated_date_time: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireGroup {
    id: Uuid,
    display_name: Option<String>,
    group_types: Option<Vec<String>>,
    mail_enabled: Option<bool>,
    security_enabled: Option<bool>,
    on_premises_sync_enabled: Option<bool>,
    is_assignable_to_role: Option<bool>,
    is_management_restricted: Option<bool>,
    assigned_licenses: Option<Vec<WireLicense>>,
}

/// A member of a group, of which only users matter.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireMember {
    #[serde(rename = "@odata.type")]
    kind: Option<String>,
    id: Uuid,
    user_principal_name: Option<String>,
}

/// A member of a group, of which only groups matter.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireNested {
    #[serde(rename = "@odata.type")]
    kind: Option<String>,
    id: Uuid,
    display_name: Option<String>,
}

/// Anything with an id.
#[derive(Deserialize)]
struct WireEntity {
    id: Uuid,
}

/// The groups that are shown with a user; those that are left out are left out without a word.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireGroupsOfUser {
    #[serde(deserialize_with = "json_list::at_most::<{ limits::PAGE }, _, _>")]
    member_of: Vec<Box<RawValue>>,
}

/// Whether a member's answer holds what a verify pass needs.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireServed {
    #[serde(rename = "@odata.type")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "said")]
    license_assignment_states: Option<Box<RawValue>>,
}

/// What is said, `null` being nothing.
fn said<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Box<RawValue>>, D::Error> {
    let raw = Option::<Box<RawValue>>::deserialize(from)?;
    Ok(raw.filter(|raw| raw.get() != "null"))
}

/// The groups that are shown with a user, none of them read yet.
pub(in crate::graph) fn groups_of_user(json: &str) -> Result<Vec<Box<RawValue>>, GraphError> {
    parse::<WireGroupsOfUser>(json).map(|user| user.member_of)
}

/// Reads an answer, or says that it is not Graph's.
pub(in crate::graph) fn parse<T: DeserializeOwned>(json: &str) -> Result<T, GraphError> {
    serde_json::from_str(json).map_err(|why| {
        let said = text::excerpt(json).filter(|_| !json.trim_start().starts_with(['{', '[']));
        let why = match said {
            Some(excerpt) => FaultMessage::NotGraphs { excerpt },
            None if why.to_string().starts_with("recursion limit") => FaultMessage::TooDeep,
            None => FaultMessage::NoSense(text::message(&why.to_string())),
        };
        GraphError::new(FaultKind::Malformed, why)
    })
}

/// Reads a user. Both properties of licenses have to be there: without them a user would look unlicensed, or free of
/// products that stand in the way.
pub(in crate::graph) fn user(json: &str) -> Result<UserFacts, GraphError> {
    let user: WireUser = parse(json)?;
    let missing = |name: &str| {
        let why = FaultMessage::Lacks { user: user.id.to_string(), property: name.to_owned() };
        GraphError::new(FaultKind::Malformed, why)
    };
    let assigned = user.assigned_licenses.as_ref().ok_or_else(|| missing("assignedLicenses"))?;
    let states = user.license_assignment_states.as_ref().ok_or_else(|| missing("licenseAssignmentStates"))?;
    let name = user.display_name.as_deref().map(text::plain).filter(|name| !name.is_empty());
    let place = user.usage_location.as_deref().map(text::plain);
    let licenses = Licenses {
        enabled: user.account_enabled,
        guest: user.user_type.map(|kind| kind.eq_ignore_ascii_case("guest")),
        usage_location: place.filter(|place| !place.is_empty()).map(SharedText::from),
        assigned: assigned.iter().map(|license| SkuId(license.sku_id)).collect(),
        states: states.iter().map(state).collect(),
    };
    Ok(UserFacts {
        id: UserId(user.id),
        upn: text::plain(user.user_principal_name.as_deref().unwrap_or_default()).into(),
        display_name: name.map(SharedText::from),
        changed: ChangeTimes::new(states.iter().map(changed)),
        licenses: Arc::new(licenses),
    })
}

fn changed(wire: &WireState) -> Option<Timestamp> {
    wire.last_updated_date_time.as_deref().and_then(|time| time.parse().ok())
}

fn state(wire: &WireState) -> Assignment {
    Assignment {
        sku: SkuId(wire.sku_id),
        group: wire.assigned_by_group.map(GroupId),
        state: AssignmentState::from(text::word(wire.state.as_deref().unwrap_or_default())),
        error: LicenseError::parse(wire.error.as_deref().map(text::word).as_deref()),
        disabled_plans: plans(wire.disabled_plans.as_deref()),
    }
}

fn plans(ids: Option<&[Uuid]>) -> Vec<PlanId> {
    ids.unwrap_or_default().iter().copied().map(PlanId).collect()
}

/// What is asked of a group beside what every read of one asks.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireRule {
    membership_rule: Option<String>,
}

/// Who is in a group, where a rule decides that, as it came.
pub(in crate::graph) fn membership_rule(json: &str) -> Result<Option<String>, GraphError> {
    parse::<WireRule>(json).map(|group| group.membership_rule)
}

/// Reads a group.
pub(in crate::graph) fn group(json: &str) -> Result<Group, GraphError> {
    let group: WireGroup = parse(json)?;
    let license = |one: &WireLicense| GroupLicense {
        sku: SkuId(one.sku_id),
        disabled_plans: plans(one.disabled_plans.as_deref()),
    };
    Ok(Group {
        id: GroupId(group.id),
        name: text::plain(group.display_name.as_deref().unwrap_or_default()),
        types: group.group_types.unwrap_or_default().iter().map(|kind| text::plain(kind)).collect(),
        mail_enabled: group.mail_enabled == Some(true),
        security_enabled: group.security_enabled == Some(true),
        synced: group.on_premises_sync_enabled == Some(true),
        role_assignable: group.is_assignable_to_role == Some(true),
        restricted: group.is_management_restricted == Some(true),
        licenses: group.assigned_licenses.unwrap_or_default().iter().map(license).collect(),
    })
}

/// Reads a member: its id and sign-in name when it is a user, and nothing when it is a group or a device.
pub(in crate::graph) fn member(json: &str) -> Result<Option<(UserId, String)>, GraphError> {
    let member: WireMember = parse(json)?;
    let user = is_user(member.kind.as_deref(), member.user_principal_name.is_some());
    Ok(user.then(|| (UserId(member.id), text::plain(member.user_principal_name.as_deref().unwrap_or_default()))))
}

/// Whether a member is a user. Where the type is left out, only a user has what was asked for.
fn is_user(kind: Option<&str>, has_property: bool) -> bool {
    kind.map_or(has_property, |kind| kind.trim_start_matches('#').eq_ignore_ascii_case("microsoft.graph.user"))
}

/// What an element of a page is to a verify pass.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::graph) enum Surveyed {
    /// A user with all that was asked for.
    User(Box<UserFacts>),
    /// A user without `licenseAssignmentStates`, or with null: they are not told in this form.
    Bare,
    /// No user, or one that cannot be read.
    Other,
}

/// Reads an element of a page. Of a page of mixed kinds an element that does not say what it is may be anything, unless it
/// has what only users have; one `of_users` holds nothing else.
pub(in crate::graph) fn surveyed(json: &str, of_users: bool) -> Surveyed {
    let Ok(served) = parse::<WireServed>(json) else { return Surveyed::Other };
    let has_states = served.license_assignment_states.is_some();
    if !is_user(served.kind.as_deref(), has_states || of_users) {
        return Surveyed::Other;
    }
    if !has_states {
        return Surveyed::Bare;
    }
    user(json).map_or(Surveyed::Other, |facts| Surveyed::User(Box::new(facts)))
}

/// Reads a member that is a group: its name, or its id where it has none.
pub(in crate::graph) fn nested_group(json: &str) -> Result<Option<String>, GraphError> {
    let member: WireNested = parse(json)?;
    if member.kind.is_some_and(|kind| !kind.trim_start_matches('#').eq_ignore_ascii_case("microsoft.graph.group")) {
        return Ok(None);
    }
    let name = member.display_name.as_deref().map(text::plain).filter(|name| !name.is_empty());
    Ok(Some(name.unwrap_or_else(|| member.id.to_string())))
}

/// Reads a deleted user. Entra puts the id, without its dashes, before the sign-in name, which is free for others then.
pub(in crate::graph) fn deleted_user(json: &str) -> Result<DeletedUser, GraphError> {
    let user: WireMember = parse(json)?;
    let upn = user.user_principal_name.unwrap_or_default();
    let id = user.id.simple().to_string();
    let upn = upn.get(..id.len()).filter(|start| start.eq_ignore_ascii_case(&id)).map_or(&*upn, |_| &upn[id.len()..]);
    Ok(DeletedUser { id: UserId(user.id), upn: text::plain(upn) })
}

/// Reads the id of whatever it is.
pub(in crate::graph) fn id(json: &str) -> Result<Uuid, GraphError> {
    parse::<WireEntity>(json).map(|entity| entity.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SKU: &str = "18181A46-0D4E-45CD-891E-60AABD171B4E";
    const GROUP: &str = "B82C04F0-CE30-4FF1-BAC7-735D92D83036";

    fn with(states: &str) -> Result<UserFacts, GraphError> {
        user(&format!(
            r#"{{"@odata.context":"x","id":"6D325BAF-22B7-46FA-A2FC-A2500613CA15","userPrincipalName":"c@c.com\u001b[2J",
            "displayName":null,"accountEnabled":null,"usageLocation":"","extra":{{"a":[1]}},
            "assignedLicenses":[{{"disabledPlans":[],"skuId":"{SKU}"}}],"licenseAssignmentStates":{states}}}"#
        ))
    }

    fn with_one(fields: &str) -> Result<UserFacts, GraphError> {
        with(&format!(r#"[{{"skuId":"{SKU}","assignedByGroup":"{GROUP}",{fields}}}]"#))
    }

    fn one(fields: &str) -> Result<Assignment, GraphError> {
        with_one(fields).map(|mut facts| facts.states.remove(0))
    }

    #[test]
    fn ids_are_read_in_either_case_and_names_lose_control_characters() {
        let facts = with("[]").expect("a user");
        assert_eq!(facts.id.to_string(), "6d325baf-22b7-46fa-a2fc-a2500613ca15");
        assert_eq!(facts.upn, "c@c.com[2J");
        assert_eq!((&facts.display_name, facts.enabled, &facts.usage_location), (&None, None, &None));
        let dated = with_one(r#""state":"Active","error":"None","lastUpdatedDateTime":"2025-02-27T10:11:12.9Z""#);
        let dated = dated.expect("one");
        assert_eq!(dated.changed.get(0).map(|at| at.to_string()).as_deref(), Some("2025-02-27T10:11:12Z"));
        assert_eq!(dated.changed.get(1), None);
        let state = &dated.states[0];
        assert_eq!(state.sku.to_string(), SKU.to_lowercase());
        assert_eq!(state.group.map(|group| group.to_string()), Some(GROUP.to_lowercase()));
        assert!(state.is_sound());
    }

    #[test]
    fn no_error_is_written_in_three_ways() {
        for error in ["null", r#""""#, r#""None""#] {
            assert!(one(&format!(r#""state":"Active","error":{error}"#)).expect("one").is_sound(), "{error}");
        }
        assert!(one(r#""state":"Active""#).expect("one").is_sound());
    }

    #[test]
    fn unknown_words_are_kept_and_never_sound() {
        let state = one(r#""state":"Shiny","error":"NewViolation""#).expect("one");
        assert_eq!(state.state, AssignmentState::Unknown("Shiny".into()));
        assert_eq!(state.error, Some(LicenseError::Unknown("NewViolation".into())));
        for fields in [r#""state":"Act\u0007ive""#, r#""state":null"#, r#""state":"Active","error":"\u0007""#] {
            assert!(!one(fields).expect("one").is_sound(), "{fields}");
        }
        assert!(one(r#""state":"active","error":"none""#).expect("one").is_sound(), "letter case does not matter");
        assert_eq!(one(r#""state":"Error","error":"Others""#).expect("one").error, Some(LicenseError::Other));
    }

    #[test]
    fn what_is_malformed_never_vanishes() {
        let bad = [
            "null",
            "{}",
            r#"[{"skuId":"not a guid","state":"Active"}]"#,
            r#"[{"skuId":null,"state":"Error"}]"#,
            r#"[{"state":"Active"}]"#,
            r#"[{"skuId":"18181a46-0d4e-45cd-891e-60aabd171b4e","assignedByGroup":"","state":"Active"}]"#,
            r#"[{"skuId":"18181a46-0d4e-45cd-891e-60aabd171b4e","state":7}]"#,
            r#"[{"skuId":"18181a46-0d4e-45cd-891e-60aabd171b4e","state":"Active","error":{}}]"#,
            r#"[{"skuId":"18181a46-0d4e-45cd-891e-60aabd171b4e","state":"Active","state":"Error"}]"#,
            r#"[{"skuId":"18181a46-0d4e-45cd-891e-60aabd171b4e","disabledPlans":["x"],"state":"Active"}]"#,
        ];
        for states in bad {
            assert_eq!(with(states).expect_err(states).kind(), FaultKind::Malformed);
        }
        let nothing = r#"{"id":"6d325baf-22b7-46fa-a2fc-a2500613ca15","assignedLicenses":[]}"#;
        assert!(matches!(*user(nothing).expect_err("no states").fault().message, FaultMessage::Lacks { .. }));
    }

    #[test]
    fn members_are_users_or_nothing() {
        let of = |kind: &str| {
            format!(r#"{{{kind}"id":"6d325baf-22b7-46fa-a2fc-a2500613ca15","userPrincipalName":"a@c.com"}}"#)
        };
        assert!(member(&of(r##""@odata.type":"#microsoft.graph.user","##)).expect("readable").is_some());
        assert!(member(&of(r##""@odata.type":"#microsoft.graph.group","##)).expect("readable").is_none());
        assert!(member(&of("")).expect("readable").is_some());
        for of_users in [false, true] {
            assert_eq!(surveyed(&of(r##""@odata.type":"#microsoft.graph.user","##), of_users), Surveyed::Bare);
            assert_eq!(surveyed(&of(r##""@odata.type":"#microsoft.graph.device","##), of_users), Surveyed::Other);
            assert_eq!(surveyed("7", of_users), Surveyed::Other);
        }
    }

    #[test]
    fn a_deleted_user_has_the_name_from_before() {
        let of = |upn: &str| {
            let json = format!(r#"{{"id":"6d325baf-22b7-46fa-a2fc-a2500613ca15","userPrincipalName":{upn}}}"#);
            deleted_user(&json).expect("a user").upn
        };
        assert_eq!(of(r#""6D325baf22b746faa2fca2500613ca15a@c.com""#), "a@c.com");
        assert_eq!(of(r#""a@c.com""#), "a@c.com");
        assert_eq!(of(r#""ééééééééééééééééé@c.com""#), "ééééééééééééééééé@c.com");
        assert_eq!(of("null"), "");
    }

    #[test]
    fn null_states_are_as_good_as_none() {
        for states in ["", r#","licenseAssignmentStates":null"#, r#","licenseAssignmentStates": null "#] {
            let of = |kind: &str| format!(r#"{{{kind}"id":"6d325baf-22b7-46fa-a2fc-a2500613ca15"{states}}}"#);
            assert_eq!(surveyed(&of(r##""@odata.type":"#microsoft.graph.user","##), false), Surveyed::Bare);
            assert_eq!(surveyed(&of(""), true), Surveyed::Bare);
            assert_eq!(surveyed(&of(""), false), Surveyed::Other, "of mixed kinds it may be a device");
        }
    }
}
