//! The client against the simulated tenant, which shares no code with it.

use std::sync::Arc;

use crate::clock::SystemClock;
use crate::domain::approval::Add;
use crate::domain::approval::Remove;
use crate::domain::fault::FaultKind;
use crate::domain::id::GroupId;
use crate::domain::id::UserId;
use crate::domain::last_reads::LastReads;
use crate::domain::license::AssignmentState;
use crate::domain::licensed_group::ManagedBy;
use crate::domain::order::test_order;
use crate::domain::outcome::Outcome;
use crate::domain::read::SurveyForm;
use crate::domain::time::Timestamp;
use crate::graph::Endpoints;
use crate::graph::Graph;
use crate::graph::UserKey;
use crate::graph::auth::AccessToken;
use crate::graph::auth::ClientSecret;
use crate::graph::error::GraphError;
use crate::sim::Options;
use crate::sim::Sim;

struct Tenant {
    sim: Sim,
    graph: Graph,
    source: GroupId,
    target: GroupId,
    users: Vec<UserId>,
}

fn client(sim: &Sim, speed: f64) -> Graph {
    let endpoints = Endpoints::custom(&sim.url(), &sim.url()).expect("endpoints");
    let token = Arc::new(AccessToken::new(sim.access_token().into()));
    let graph = Graph::new(endpoints, token, Arc::new(SystemClock)).expect("a client");
    graph.set_speed(speed);
    graph
}

fn keys(sim: &Sim) -> Vec<UserKey> {
    let csv = sim.users_csv();
    let lines = csv.lines().map(str::trim).filter(|line| line.contains('@') || line.parse::<uuid::Uuid>().is_ok());
    lines
        .map(|line| line.parse().map_or_else(|_| UserKey::Upn(line.to_owned().into()), |id| UserKey::Id(UserId(id))))
        .collect()
}

async fn tenant(users: usize) -> Tenant {
    tenant_at(1_000.0, users).await
}

async fn tenant_at(speed: f64, users: usize) -> Tenant {
    let sim = Sim::start(Options { users, speed, ..Options::default() }).await.expect("a tenant");
    let graph = client(&sim, speed);
    let found = graph.find_users(&keys(&sim)).await.expect("users");
    let users = found.into_iter().flatten().map(|facts| facts.id).collect();
    let group = |id: &str| GroupId(id.parse().expect("an id"));
    let source = group("b82c04f0-ce30-4ff1-bac7-735d92d83036");
    let target = group("bcf279d1-5ad5-46a5-b469-4b8a552aa2fe");
    Tenant { sim, graph, source, target, users }
}

impl Tenant {
    async fn add(&self, users: &[UserId]) -> Vec<Outcome> {
        let order = test_order::<Add>(self.target, users.to_vec(), None);
        self.graph.add(order).await.outcomes.into_iter().map(|(_, outcome)| outcome).collect()
    }

    async fn remove(&self, users: &[UserId]) -> Vec<Outcome> {
        let order = test_order::<Remove>(self.source, users.to_vec(), Some(Timestamp::MAX));
        self.graph.remove(order).await.outcomes.into_iter().map(|(_, outcome)| outcome).collect()
    }

    async fn in_group(&self, users: &[UserId], group: GroupId) -> usize {
        let answers = self.graph.memberships(users, group).await;
        answers.into_iter().filter(|(_, answer)| *answer == Ok(true)).count()
    }
}

#[tokio::test]
async fn preflight_reads_what_is_there() {
    let tenant = tenant(50).await;
    let graph = &tenant.graph;
    assert!(tenant.users.len() >= 45, "{}", tenant.users.len());
    assert!(graph.organization_name().await.expect("a name").is_some());
    let (source, target) = (graph.group(tenant.source).await, graph.group(tenant.target).await);
    let (source, target) = (source.expect("read").expect("there"), target.expect("read").expect("there"));
    let skus = graph.skus().await.expect("products");
    for group in [&source, &target] {
        let license = group.licenses.first().expect("a license");
        let sku = skus.get(license.sku).expect("known");
        assert!(!group.is_dynamic() && sku.for_users && !sku.plans.is_empty() && sku.free_seats() > 0);
    }
    assert_eq!(graph.group(GroupId(uuid::Uuid::from_u128(7))).await, Ok(None));
    let members = graph.members(tenant.source).await.expect("members");
    assert!(tenant.users.iter().filter(|id| members.iter().any(|(one, _)| one == *id)).count() > 40);
    let who = graph.identity().await.expect("a token").expect("claims");
    assert!(who.tenant_id.is_some() && !who.name.is_empty());
}

#[tokio::test]
async fn users_are_found_by_either_name() {
    let tenant = tenant(40).await;
    let mut keys = keys(&tenant.sim);
    keys.push(UserKey::Upn("o'nobody#EXT#@contoso.com".into()));
    keys.push(UserKey::Id(UserId(uuid::Uuid::from_u128(7))));
    let found = tenant.graph.find_users(&keys).await.expect("users");
    assert_eq!(found.len(), keys.len());
    assert!(found[keys.len() - 2..].iter().all(Option::is_none));
    for (key, facts) in keys.iter().zip(&found) {
        match (key, facts) {
            (UserKey::Id(id), Some(facts)) => assert_eq!(facts.id, *id),
            (UserKey::Upn(upn), Some(facts)) => assert_eq!(facts.upn.to_lowercase(), upn.to_lowercase()),
            (_, None) => {}
        }
    }
}

#[tokio::test]
async fn users_move_over_the_wire() {
    let tenant = tenant(30).await;
    let (users, alone) = (&tenant.users[..20], &tenant.users[20..21]);
    assert!(tenant.add(users).await.iter().all(|outcome| *outcome == Outcome::Done));
    assert_eq!(tenant.add(alone).await, [Outcome::Done]);
    assert!(matches!(&tenant.add(alone).await[0], Outcome::Failed(fault) if fault.kind == FaultKind::AlreadyMember));
    assert!(
        tenant
            .add(users)
            .await
            .iter()
            .all(|out| matches!(out, Outcome::Failed(fault) if fault.kind == FaultKind::AlreadyMember))
    );
    assert_eq!(tenant.in_group(users, tenant.target).await, 20);
    tenant.sim.advance(std::time::Duration::from_mins(10));

    let survey = tenant.graph.survey(tenant.target, users, &LastReads::default()).await.expect("a survey");
    assert_eq!((survey.asked.form, survey.facts.len(), survey.asked.requests), (SurveyForm::MemberPages, 20, 1));
    let began = SystemClock;
    let before = crate::clock::Clock::now(&began);
    for (id, read) in tenant.graph.point_reads(users).await {
        let read = read.expect("a read");
        assert!(read.began >= before && read.ended >= read.began);
        let facts = read.facts.expect("a user");
        let from_target = facts.states.iter().find(|state| state.group == Some(tenant.target)).expect("processed");
        assert_ne!(from_target.state, AssignmentState::Unknown(String::new()));
        assert_eq!(facts.id, id);
    }

    assert!(tenant.remove(users).await.iter().all(|outcome| *outcome == Outcome::Done));
    assert_eq!(tenant.in_group(users, tenant.source).await, 0);
    assert!(
        tenant
            .remove(&users[..3])
            .await
            .iter()
            .all(|out| matches!(out, Outcome::Failed(f) if f.kind == FaultKind::NotFound))
    );
    assert_eq!(
        tenant
            .graph
            .point_reads(users)
            .await
            .iter()
            .filter(|(_, read)| matches!(read, Ok(r) if r.facts.is_some()))
            .count(),
        20,
        "nobody was deleted"
    );
}

#[tokio::test]
async fn a_504_that_did_commit_is_lost_and_then_found_in_effect() {
    let tenant = tenant(30).await;
    let faults = "[[fault]]\non = \"PATCH /groups/*\"\nnth = 1\nanswer = 504\ncommit = true\n\
                  [[fault]]\non = \"DELETE /groups/*/members/*/$ref\"\nnth = 2\nanswer = 503\ncommit = true\n\
                  [[fault]]\non = \"DELETE /groups/*/members/*/$ref\"\nnth = 3\nanswer = 429\nretry_after = 1\n";
    tenant.sim.set_faults(faults).expect("faults");
    let users = &tenant.users[..4];
    assert!(tenant.add(users).await.iter().all(|outcome| matches!(outcome, Outcome::Lost(_))));
    assert_eq!(tenant.in_group(users, tenant.target).await, 4);
    let outcomes = tenant.remove(users).await;
    assert!(
        matches!(outcomes.as_slice(), [Outcome::Done, Outcome::Lost(_), Outcome::Failed(fault), Outcome::Done] if fault.kind == FaultKind::Throttled),
        "{outcomes:?}"
    );
    assert_eq!(tenant.in_group(users, tenant.source).await, 1);
    // The next write waits for what the item asked for, to the letter.
    assert_eq!(tenant.remove(&users[2..3]).await, [Outcome::Done]);
    assert!(tenant.sim.log().iter().all(|entry| !entry.early || entry.method == "GET"), "a write left too early");
}

#[tokio::test]
async fn reads_survive_what_passes() {
    let tenant = tenant(60).await;
    let faults = "[[fault]]\non = \"GET /users/*\"\nevery = 7\nanswer = 503\n\
                  [[fault]]\non = \"POST /$batch\"\nnth = 1\nanswer = 502\nbody = \"html\"\n\
                  [[fault]]\non = \"POST /$batch\"\nnth = 3\ncut = true\n\
                  [[fault]]\non = \"GET /subscribedSkus\"\nnth = 1\ndrop = true\n\
                  [[fault]]\non = \"GET /subscribedSkus\"\nnth = 2\nanswer = 429\nretry_after = 1\n";
    tenant.sim.set_faults(faults).expect("faults");
    assert!(tenant.graph.skus().await.is_ok());
    let reads = tenant.graph.point_reads(&tenant.users).await;
    let failed: Vec<_> = reads.iter().filter_map(|(_, read)| read.as_ref().err()).collect();
    assert!(failed.is_empty(), "{failed:?}");
    assert!(tenant.sim.log().iter().all(|entry| !entry.early), "something left too early");
}

#[tokio::test]
async fn a_tenant_whose_pages_tell_no_licenses_is_surveyed_by_filters() {
    let tenant = tenant(60).await;
    let cast = "[[fault]]\non = \"GET /groups/*/members/microsoft.graph.user\"\nnull_licenses = true\n";
    tenant.sim.set_faults(&format!("{cast}[licensing]\nmember_lists_show_licenses = false\n")).expect("faults");
    for requests in [3, 1] {
        let survey = tenant.graph.survey(tenant.source, &tenant.users, &LastReads::default()).await.expect("a survey");
        assert_eq!((survey.asked.form, survey.asked.requests), (SurveyForm::IdFilters, requests));
        assert_eq!(survey.facts.len(), tenant.users.len());
    }
}

#[tokio::test]
async fn pages_are_read_to_the_end() {
    let tenant = tenant(1_200).await;
    let survey = tenant.graph.survey(tenant.source, &tenant.users, &LastReads::default()).await.expect("a survey");
    assert_eq!((survey.asked.form, survey.facts.len()), (SurveyForm::MemberPages, tenant.users.len()));
    assert!(survey.asked.requests <= 3, "{}", survey.asked.requests);
}

#[tokio::test]
async fn an_application_signs_in() {
    let tenant = tenant(12).await;
    let endpoints = Endpoints::custom(&tenant.sim.url(), &tenant.sim.url()).expect("endpoints");
    let source =
        ClientSecret::new(&endpoints, "contoso.onmicrosoft.com", "an-app", "s3cret".into(), Arc::new(SystemClock));
    let graph = Graph::new(endpoints, Arc::new(source.expect("a source")), Arc::new(SystemClock)).expect("a client");
    let who = graph.identity().await.expect("a token").expect("claims");
    assert!(who.app_only, "{who:?}");
    assert!(graph.group(tenant.source).await.expect("read").is_some());
    let refused: Result<_, GraphError> = graph.skus().await;
    assert!(refused.is_ok() || refused.is_err_and(|error| error.kind() == FaultKind::Forbidden));
}

#[tokio::test]
async fn a_busy_client_stays_under_the_quotas() {
    let tenant = tenant_at(20.0, 1_500).await;
    tenant.sim.set_faults("[throttle]\non = true\nresource_units = 3500\nwrites = 3000\n").expect("faults");
    for _ in 0..3 {
        assert!(tenant.graph.point_reads(&tenant.users).await.iter().all(|(_, read)| read.is_ok()));
    }
    for some in tenant.users[..400].chunks(20) {
        tenant.remove(some).await;
    }
    let throttled = tenant.sim.log().iter().filter(|entry| entry.status == 429).count();
    assert_eq!(throttled, 0);
    assert_eq!(tenant.graph.connection_status().borrow().throttled, 0);
}

#[tokio::test]
async fn the_groups_that_assign_licenses_are_listed_with_what_an_administrator_picks_by() {
    let tenant = include_str!("../../../assets/sim/tenant-e1-to-e3.toml");
    let sim = Sim::start(Options { tenant: Some(tenant.to_owned()), ..Options::default() }).await.expect("a tenant");
    let graph = client(&sim, 1.0);
    let skus = graph.skus().await.expect("products");
    let groups = graph.licensed_groups(&skus).await.expect("groups");
    let told: Vec<_> = groups.iter().map(|one| (one.group.name.as_str(), one.members, one.has_errors)).collect();
    let expected = [
        ("LIC - Office 365 E1", Some(18), Some(false)),
        ("LIC - Office 365 E3", Some(3), Some(false)),
        ("Marketing E1", Some(1), Some(false)),
    ];
    assert_eq!(told, expected);
    assert!(groups.iter().all(|one| one.group.licenses.len() == 1 && one.managed_by() == ManagedBy::Members));
    // One query for the groups, one for the errors, and the counts in one batch.
    let asked =
        sim.log().iter().filter(|entry| entry.path.contains("/groups") || entry.path.ends_with("$batch")).count();
    assert!(asked <= 6, "{asked}");
}
