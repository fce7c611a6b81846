//! What a sign-in may not read is named, and stands in the way of a copy only where there would be nothing to rehearse.

use skuferry::clock::Clock;
use skuferry::clock::SystemClock;
use skuferry::domain::fault::FaultKind;
use skuferry::domain::preflight;
use skuferry::domain::route::EndName;
use skuferry::engine::plan::Users;
use skuferry::rehearse;
use skuferry::rehearse::NoCopy;
use skuferry::rehearse::Unread;

use crate::rehearse::both::Side;

const TENANT: &str = include_str!("../cases/rival-in-third-group.toml");

fn third_group(side: &Side) -> String {
    let state = side.sim.state();
    let config = side.sim.config_toml();
    let groups = state["groups"].as_array().unwrap();
    let id = |group: &serde_json::Value| group["id"].as_str().unwrap().to_owned();
    groups.iter().map(id).find(|id| !config.contains(id)).unwrap()
}

fn refuse(side: &Side, asks: &[String]) {
    let faults: Vec<String> = asks
        .iter()
        .flat_map(|on| {
            [false, true].map(|inside| format!("[[fault]]\non = \"{on}\"\nanswer = 403\nin_batch = {inside}\n"))
        })
        .collect();
    side.sim.set_faults(&faults.concat()).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_refused_is_named_in_the_file_and_the_copy_has_what_users_show() {
    let side = Side::of(TENANT).await.unwrap();
    let third = third_group(&side);
    let whole = side.copy().await;
    let plan = side.plan().await;
    let asks = ["GET /organization", "GET /directory/subscriptions"].map(ToOwned::to_owned);
    refuse(
        &side,
        &[asks.as_slice(), &[format!("GET /groups/{third}"), format!("GET /groups/{third}/members")]].concat(),
    );
    let copy = rehearse::read(&side.graph, &plan, SystemClock.now()).await.unwrap();
    let kinds: Vec<&str> = copy
        .unread
        .iter()
        .map(|one| match one {
            Unread::Subscriptions => "subscriptions",
            Unread::Organization(Some(_)) => "organization",
            Unread::Group(id, Some(_)) if id.to_string() == third => "group",
            Unread::Members(id, Some(_)) if id.to_string() == third => "members",
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(kinds, ["subscriptions", "organization", "group", "members"]);
    let (text, _) = rehearse::tenant_file(&copy);
    for named in [
        "# Not read: the subscriptions",
        "# Not read: the tenant's name",
        &format!("# Not read: the group \"{third}\" (403"),
    ] {
        assert!(text.contains(named), "{named}\n{text}");
    }
    assert!(rehearse::unread(&copy.unread[2]).contains(&third));
    // What matters of the group is the same all the same.
    let other = Side::seeded(&text, 7).await.unwrap();
    let (one, two) = (whole.preflight(), preflight::check(&other.facts(&copy.plan).await));
    assert_eq!((one.ready(), one.blocked()), (two.ready(), two.blocked()));
    let licenses = |copy: &rehearse::TenantCopy| {
        copy.groups.iter().find(|one| one.group.id.to_string() == third).map(|one| one.group.licenses.clone())
    };
    assert_eq!(licenses(&copy), licenses(&whole));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_groups_products_or_users_there_is_no_copy() {
    let side = Side::of(TENANT).await.unwrap();
    let plan = side.plan().await;
    let read = async |plan| rehearse::read(&side.graph, &plan, SystemClock.now()).await.unwrap_err();
    let mut nobody = plan.clone();
    nobody.users = Users::List(Vec::new().into());
    assert_eq!(read(nobody).await, NoCopy::Nobody);
    let mut nowhere = plan.clone();
    nowhere.route.target.group.0 = uuid::Uuid::from_u128(77);
    assert_eq!(read(nowhere.clone()).await, NoCopy::NoGroup(EndName::Target, nowhere.route.target.group));
    let mut nothing = plan.clone();
    nothing.route.source.sku.0 = uuid::Uuid::from_u128(77);
    assert!(matches!(read(nothing).await, NoCopy::NoProduct(EndName::Source, _)));
    for ask in ["GET /subscribedSkus".to_owned(), format!("GET /groups/{}", plan.route.source.group)] {
        refuse(&side, std::slice::from_ref(&ask));
        let NoCopy::Refused(fault) = read(plan.clone()).await else { panic!("{ask}") };
        assert_eq!(fault.kind, FaultKind::Forbidden);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_who_cannot_be_read_is_named_and_the_others_are_copied() {
    let side = Side::of(TENANT).await.unwrap();
    let plan = side.plan().await;
    let whole = side.copy().await;
    let id = whole.users[0].facts.id;
    let upn = &whole.users[0].facts.upn;
    // A list leaves the user out, and the read of the user alone is no user.
    let faults: Vec<String> = ["GET /users".to_owned(), format!("GET /users/{id}"), format!("GET /users/{upn}")]
        .iter()
        .map(|on| {
            let json = if on.ends_with("users") { "{\"value\":[]}" } else { "{\"id\":7}" };
            format!("[[fault]]\non = \"{on}\"\nanswer = 200\njson = '{json}'\nin_batch = true\n")
        })
        .collect();
    side.sim.set_faults(&faults.concat()).unwrap();
    let copy = rehearse::read(&side.graph, &plan, SystemClock.now()).await.unwrap();
    assert_eq!(copy.users.len() + 1, whole.users.len());
    let named = |one: &Unread| matches!(one, Unread::User(given, _) if *given == id.to_string() || *upn == *given);
    assert!(copy.unread.iter().any(named), "{:?}", copy.unread);
}
