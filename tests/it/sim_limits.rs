//! What each operation of the simulated tenant costs, needs and takes at most (sections 2 and 3.1 of the licensing reference).
use serde_json::{Value, json};
use skuferry::sim::Options;

use crate::sim_kit::Kit;

const GROUP: &str = "/v1.0/groups/b82c04f0-ce30-4ff1-bac7-735d92d83036";
const USER: &str = "/v1.0/users/6d325baf-22b7-46fa-a2fc-a2500613ca15";

/// Every operation, its cost in resource units, and a permission that is enough for it.
const OPERATIONS: &[(&str, &str, &str)] = &[
    ("GET /v1.0/users", "2", "User.Read.All"),
    ("GET /v1.0/users?$select=id", "1", "User.ReadBasic.All"),
    ("GET /v1.0/users?$select=id&$top=5", "1", "User.Read.All"),
    ("GET {user}", "1", "User.Read.All"),
    ("GET {user}?$expand=memberOf", "2", "User.Read.All"),
    ("GET {user}/licenseDetails", "2", "LicenseAssignment.Read.All"),
    ("GET {user}/memberOf", "2", "GroupMember.Read.All"),
    ("GET {user}/transitiveMemberOf", "2", "GroupMember.Read.All"),
    ("POST {user}/checkMemberGroups", "4", "GroupMember.Read.All"),
    ("POST {user}/getMemberGroups", "2", "GroupMember.Read.All"),
    ("GET {user}/directReports", "1", "User.Read.All"),
    ("GET {user}/ownedObjects", "2", "User.Read.All"),
    ("GET {group}/owners", "1", "GroupMember.Read.All"),
    ("GET {group}/memberOf", "2", "GroupMember.Read.All"),
    ("GET {group}/members/$ref", "1", "GroupMember.Read.All"),
    ("GET /v1.0/domains", "1", "Domain.Read.All"),
    ("GET /v1.0/users/delta", "1", "User.Read.All"),
    ("GET /v1.0/directory/deletedItems/microsoft.graph.user", "1", "User.Read.All"),
    ("GET /v1.0/groups", "1", "Group.ReadBasic.All"),
    ("GET {group}", "1", "GroupMember.Read.All"),
    ("GET {group}/members", "3", "GroupMember.ReadBasic.All"),
    ("GET {group}/members?$select=id&$top=999", "2", "GroupMember.Read.All"),
    ("GET {group}/transitiveMembers", "5", "GroupMember.Read.All"),
    ("GET {group}/membersWithLicenseErrors", "1", "Group.Read.All"),
    ("GET /v1.0/groups/delta", "1", "Group.ReadBasic.All"),
    ("GET /v1.0/subscribedSkus", "3", "LicenseAssignment.Read.All"),
    ("GET /v1.0/subscribedSkus?$select=skuId", "2", "Organization.Read.All"),
    ("GET /v1.0/organization", "1", "Organization.Read.All"),
    ("POST /v1.0/directoryObjects/getByIds", "5", "Directory.Read.All"),
    ("POST /v1.0/directoryObjects/getByIds?$select=id", "2", "Directory.Read.All"),
    ("PATCH {user}", "1", "User.ReadWrite.All"),
    ("POST {user}/assignLicense", "1", "LicenseAssignment.ReadWrite.All"),
    ("POST {user}/reprocessLicenseAssignment", "1", "User.ReadWrite.All"),
    ("PATCH {group}", "1", "GroupMember.ReadWrite.All"),
    ("POST {group}/assignLicense", "1", "LicenseAssignment.ReadWrite.All"),
    ("DELETE {group}/members/{id}/$ref", "1", "GroupMember.ReadWrite.All"),
    ("GET /v1.0/auditLogs/directoryAudits", "", "AuditLog.Read.All"),
];

fn body(ask: &str) -> Option<Value> {
    let licenses = json!({ "addLicenses": [], "removeLicenses": [] });
    match ask.rsplit('/').next()?.split('?').next()? {
        "assignLicense" => Some(licenses),
        "getMemberGroups" => Some(json!({ "securityEnabledOnly": false })),
        "checkMemberGroups" => Some(json!({ "groupIds": [] })),
        "getByIds" => Some(json!({ "ids": [] })),
        _ if ask.starts_with("PATCH") => Some(json!({ "displayName": "Other" })),
        _ => None,
    }
}

/// A token of an application with one permission.
async fn token(kit: &Kit, permission: &str) -> String {
    tokens(kit, &[permission]).await
}

/// The same with several.
async fn tokens(kit: &Kit, permissions: &[&str]) -> String {
    let app = json!({ "app": [{ "client_id": "app", "permissions": permissions }] });
    kit.sim.set_faults(&app.to_string()).unwrap();
    let fields =
        "grant_type=client_credentials&client_id=app&client_secret=x&scope=https://graph.microsoft.com/.default";
    let heard = kit.form("/contoso.com/oauth2/v2.0/token", fields).await;
    format!("Bearer {}", heard.body["access_token"].as_str().unwrap())
}

#[tokio::test]
async fn every_operation_has_its_cost_and_its_permission() {
    let kit = Kit::example().await;
    let other = token(&kit, "Mail.Read").await;
    for (ask, cost, permission) in OPERATIONS {
        let ask = ask.replace("{user}", USER).replace("{group}", GROUP).replace("{id}", &USER[12..]);
        let refused = kit.ask(&ask, &[("authorization", &other)], body(&ask).as_ref()).await;
        let code = &refused.body["error"]["code"];
        assert_eq!((refused.status, code), (403, &json!("Authorization_RequestDenied")), "{ask}");
        let enough = token(&kit, permission).await;
        let heard = kit.ask(&ask, &[("authorization", &enough)], body(&ask).as_ref()).await;
        assert!(heard.status < 300, "{ask}: {}", heard.body);
        assert_eq!(heard.headers.get("x-ms-resource-unit").map_or("", String::as_str), *cost, "{ask}");
    }
}

#[tokio::test]
async fn reprocessing_needs_more_than_assigning() {
    let kit = Kit::example().await;
    let assigns = token(&kit, "LicenseAssignment.ReadWrite.All").await;
    let ask = format!("POST {USER}/reprocessLicenseAssignment");
    assert_eq!(kit.ask(&ask, &[("authorization", &assigns)], None).await.status, 403);
    let reads = token(&kit, "GroupMember.ReadWrite.All").await;
    let slip = format!("DELETE {GROUP}/members/{}", &USER[12..]);
    assert_eq!(kit.ask(&slip, &[("authorization", &reads)], None).await.status, 403, "it may not delete users");
}

#[tokio::test]
async fn a_role_assignable_group_needs_its_own_permission() {
    let kit = Kit::example().await;
    let bind = json!({ "@odata.id": format!("https://graph.microsoft.com/v1.0/users/{}", &USER[12..]) });
    let ask = format!("POST /v1.0/groups/{}/members/$ref", kit.group("Role holders"));
    for (permissions, status) in [
        (["GroupMember.ReadWrite.All", "User.Read.All"], 403),
        (["GroupMember.ReadWrite.All", "RoleManagement.ReadWrite.Directory"], 204),
    ] {
        let bearer = tokens(&kit, &permissions).await;
        let heard = kit.ask(&ask, &[("authorization", &bearer)], Some(&bind)).await;
        assert_eq!(heard.status, status, "{permissions:?}: {}", heard.body);
    }
}

#[tokio::test]
async fn basic_profiles_tell_nothing_of_licenses() {
    let kit = Kit::example().await;
    let basic = token(&kit, "User.ReadBasic.All").await;
    for (ask, status) in [
        (USER.to_owned(), 200),
        (format!("{USER}?$select=displayName,mail"), 200),
        (format!("{USER}?$select=id,licenseAssignmentStates"), 403),
        ("/v1.0/users?$select=AssignedLicenses".to_owned(), 403),
    ] {
        assert_eq!(kit.ask(&format!("GET {ask}"), &[("authorization", &basic)], None).await.status, status, "{ask}");
    }
}

#[tokio::test]
async fn whoever_signs_in_may_read_their_own() {
    let kit = Kit::example().await;
    let begun = kit.form("/contoso.com/oauth2/v2.0/devicecode", "client_id=app&scope=User.Read").await;
    kit.sim.advance(std::time::Duration::from_secs(10));
    let code = begun.body["device_code"].as_str().unwrap();
    let fields = format!("grant_type=device_code&client_id=app&device_code={code}");
    let signed_in = kit.form("/contoso.com/oauth2/v2.0/token", &fields).await;
    let bearer = format!("Bearer {}", signed_in.body["access_token"].as_str().unwrap());
    for (ask, status) in [
        ("/v1.0/me", 200),
        ("/v1.0/me?$select=id,assignedLicenses", 200),
        ("/v1.0/me/memberOf", 200),
        ("/v1.0/me/licenseDetails", 200),
        ("/v1.0/users/admin@contoso.com", 200),
        ("/v1.0/users/adelev@contoso.com", 403),
        ("/v1.0/users", 403),
    ] {
        assert_eq!(kit.ask(&format!("GET {ask}"), &[("authorization", &bearer)], None).await.status, status, "{ask}");
    }
}

#[tokio::test]
async fn lists_in_a_body_have_their_limits() {
    let kit = Kit::example().await;
    let id = "6d325baf-22b7-46fa-a2fc-a2500613ca15";
    let by_ids = "POST /v1.0/directoryObjects/getByIds";
    assert_eq!(kit.ask(by_ids, &[], Some(&json!({ "ids": vec![id; 1000] }))).await.status, 200);
    assert_eq!(kit.ask(by_ids, &[], Some(&json!({ "ids": vec![id; 1001] }))).await.status, 400);
    let member_of = format!("POST {USER}/checkMemberGroups");
    assert_eq!(kit.ask(&member_of, &[], Some(&json!({ "groupIds": vec![id; 20] }))).await.status, 200);
    assert_eq!(kit.ask(&member_of, &[], Some(&json!({ "groupIds": vec![id; 21] }))).await.status, 400);
    let delta =
        |count: usize| format!("GET /v1.0/users/delta?$filter={}", vec![format!("id eq '{id}'"); count].join(" or "));
    assert_eq!(kit.ask(&delta(50), &[], None).await.status, 200);
    assert_eq!(kit.ask(&delta(51), &[], None).await.status, 400);
    let long = format!("GET /v1.0/users?$filter=displayName eq '{}'", "x".repeat(121));
    assert_eq!(kit.ask(&long, &[], None).await.status, 400);
}

#[tokio::test]
async fn mail_groups_are_not_managed_through_graph() {
    let tenant =
        include_str!("../../assets/sim/tenant-hostile.toml").split("# How long licensing takes").next().unwrap();
    let kit = Kit::start(Options { tenant: Some(tenant.to_owned()), ..Options::default() }).await;
    let user = kit.user("double@fabrikam.com");
    for group in ["Announcements", "Doormen"] {
        let bind = json!({ "@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{user}") });
        let ask = format!("POST /v1.0/groups/{}/members/$ref", kit.group(group));
        let refused = kit.ask(&ask, &[], Some(&bind)).await;
        assert_eq!(
            (refused.status, &refused.body["error"]["code"]),
            (403, &json!("Authorization_RequestDenied")),
            "{group}"
        );
    }
}
