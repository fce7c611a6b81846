//! What of the configuration a rehearsal keeps, and how its lengths of time shrink.

use super::*;
use crate::config::ThemeName;
use crate::config::UsersFrom;
use crate::domain::group::Group;
use crate::domain::id::GroupId;
use crate::domain::id::SkuId;
use crate::domain::language::CHOICES;
use crate::domain::language::Choice;
use crate::domain::plan_families::CoreService;
use crate::domain::route::MovedBy;
use crate::domain::route::Route;
use crate::domain::route::ScenarioChoice;
use crate::domain::route::Side;
use crate::engine::plan::Plan;
use crate::engine::plan::Users;
use crate::rehearse::CopiedGroup;

#[test]
fn lengths_of_time_shrink_with_the_clock_and_stay_long_enough_to_be_read() {
    let secs = |length: SignedDuration| length.as_secs_f64();
    let half_hour = SignedDuration::from_mins(30);
    assert!((secs(shrunk(half_hour, 60.0, 10)) - 30.0).abs() < 0.01);
    assert!((secs(shrunk(half_hour, 1000.0, 10)) - 10.0).abs() < 0.01);
    assert_eq!(shrunk(half_hour, 1.0, 10), half_hour);
    assert_eq!(
        shrunk(SignedDuration::from_secs(3), 60.0, 10),
        SignedDuration::from_secs(3),
        "never longer than it was"
    );
    assert!((secs(shrunk(half_hour, 0.5, 10)) - 3600.0).abs() < 0.01, "a slow clock makes it longer");
}

const URL: &str = "http://127.0.0.1:4711";

/// A configuration in which every key has another value than its default.
fn unusual() -> Config {
    let text = format!(
        r#"
[tenant]
id = "11111111-2222-4333-8444-555555555555"
cloud = "china"
graph_url = "https://graph.example.org"
login_url = "https://login.example.org"
ca_file = "proxy.pem"
[auth]
method = "client-certificate"
client_id = "6f1e3a0c-0000-4000-8000-000000000001"
certificate = "app.pem"
[migration]
name = "The move of the north"
scenario = "non-conflicting"
accept_losses = ["teams", "apps"]
users = "north.csv"
pilot = "pilot.csv"
batch_size = 17
batches_under_way = 2
canary = 4
max_stuck = 9
[migration.source]
group = "b82c04f0-ce30-4ff1-bac7-735d92d83036"
sku = "STANDARDPACK"
moved_by = "others"
[migration.target]
group = "bcf279d1-5ad5-46a5-b469-4b8a552aa2fe"
sku = "ENTERPRISEPACK"
moved_by = "others"
[polling]
interval = "90s"
stuck_after = "50m"
unlicensed_grace = "10m"
[window]
writes = "22:00-05:00"
zone = "Europe/Lisbon"
[notify]
bell = false
title = false
desktop = true
command = ["/usr/bin/tell", "me"]
[ui]
theme = "light"
mouse = false
language = "{}"
"#,
        CHOICES.last().unwrap()
    );
    Config::parse(&text, Path::new("folder/config.toml")).unwrap()
}

/// A copy with these two groups and nobody in them.
fn copy_of(groups: [GroupId; 2], anonymous: bool) -> TenantCopy {
    let side = |group: GroupId| Side {
        group,
        group_name: group.to_string(),
        sku: SkuId(uuid::Uuid::from_u128(3)),
        sku_name: String::new(),
        part_number: String::new(),
        moved_by: MovedBy::Skuferry,
    };
    let copied = |id| CopiedGroup {
        group: Group {
            id,
            name: "Lic".to_owned(),
            types: Vec::new(),
            mail_enabled: false,
            security_enabled: true,
            synced: false,
            role_assignable: false,
            restricted: false,
            licenses: Vec::new(),
        },
        rule: None,
    };
    TenantCopy {
        read_at: "2026-11-27T09:00:00Z".parse().unwrap(),
        id: Some(uuid::Uuid::from_u128(7)),
        name: "tenant".to_owned(),
        domain: "tenant.example".to_owned(),
        country: None,
        migration: None,
        plan: Plan {
            route: Route { source: side(groups[0]), target: side(groups[1]) },
            choice: ScenarioChoice::Auto,
            accept_losses: Vec::new(),
            users: Users::SourceGroup,
            passed_over: Vec::new(),
            pilot: Vec::new(),
        },
        skus: Vec::new(),
        subscriptions: None,
        groups: groups.map(copied).into(),
        users: Vec::new(),
        unread: Vec::new(),
        latencies: None,
        trouble: Trouble::default(),
        stuck: std::collections::HashSet::new(),
        anonymous,
    }
}

/// What may differ, and nothing else: where the tenant is, how to sign in there, lengths of time, and the window, which may
/// leave no write all day. The pilot of the copy comes from its plan.
fn expected(config: &Config, speed: f64) -> Config {
    let mut expected = config.clone();
    expected.tenant.cloud = Cloud::Global;
    expected.tenant.graph_url = Some(URL.to_owned());
    expected.tenant.login_url = Some(URL.to_owned());
    expected.tenant.ca_file = None;
    expected.auth = Auth { method: AuthMethod::ClientSecret, client_id: Some(CLIENT.to_owned()), certificate: None };
    expected.migration.pilot = None;
    expected.window = None;
    let shorter = |length: &mut SignedDuration, least: i64| {
        *length = SignedDuration::from_secs_f64(length.as_secs_f64() / speed).max(SignedDuration::from_secs(least));
    };
    shorter(&mut expected.settings.interval, 1);
    shorter(&mut expected.settings.stuck_after, 10);
    shorter(&mut expected.settings.unlicensed_grace, 5);
    expected
}

#[test]
fn every_key_of_the_configuration_is_unusual() {
    // A new key of the configuration does not compile here before somebody has thought of what a rehearsal does with it.
    let Config { tenant, auth, migration, settings, window, notify, theme, mouse, language } = unusual();
    let crate::config::Tenant { id: _, cloud, graph_url, login_url, ca_file } = tenant;
    assert!(cloud != Cloud::default() && graph_url.is_some() && login_url.is_some() && ca_file.is_some());
    let Auth { method, client_id, certificate } = auth;
    assert!(method == AuthMethod::ClientCertificate && client_id.is_some() && certificate.is_some());
    let crate::config::Migration { name, scenario, accept_losses, users, pilot, source, target } = migration;
    assert!(name.is_some() && pilot.is_some() && matches!(users, UsersFrom::File(_)));
    assert_eq!(scenario, ScenarioChoice::NonConflicting);
    assert_eq!(accept_losses, [CoreService::Teams, CoreService::Apps]);
    assert!([source, target].iter().all(|end| end.moved_by == MovedBy::Others));
    let usual = Settings::default();
    let Settings { batch_size, batches_under_way, canary, max_stuck, interval, stuck_after, unlicensed_grace } =
        settings;
    assert_eq!((batch_size, batches_under_way, canary, max_stuck), (17, 2, 4, 9));
    assert!(batch_size != usual.batch_size && batches_under_way != usual.batches_under_way);
    assert!(canary != usual.canary && max_stuck != usual.max_stuck);
    assert!(interval != usual.interval && stuck_after != usual.stuck_after);
    assert!(unlicensed_grace != usual.unlicensed_grace && window.is_some());
    let crate::config::Notify { bell, title, desktop, command } = notify;
    assert!(!bell && !title && desktop && command.len() == 2 && !mouse);
    assert!(theme != ThemeName::default() && language != Choice::default());
}

#[test]
fn a_rehearsal_goes_by_the_very_configuration_but_for_where_the_tenant_is_and_its_lengths_of_time() {
    let config = unusual();
    let groups = [config.migration.source.group, config.migration.target.group];
    for speed in [1.0, 60.0, 1000.0] {
        assert_eq!(on_copy(&config, &copy_of(groups, false), URL, speed), expected(&config, speed), "{speed}");
    }
    let Settings { interval, stuck_after, unlicensed_grace, .. } =
        on_copy(&config, &copy_of(groups, false), URL, 60.0).settings;
    assert_eq!(
        [interval, stuck_after, unlicensed_grace],
        [SignedDuration::from_millis(1500), SignedDuration::from_secs(50), SignedDuration::from_secs(10)]
    );
}

#[test]
fn an_anonymous_copy_has_ids_of_its_own_and_no_name_of_the_migration() {
    let config = unusual();
    let groups = [1, 2].map(|one| GroupId(uuid::Uuid::from_u128(one)));
    let mut wanted = expected(&config, 60.0);
    (wanted.migration.source.group, wanted.migration.target.group) = (groups[0], groups[1]);
    wanted.migration.name = None;
    wanted.tenant.id = uuid::Uuid::from_u128(7).to_string();
    assert_eq!(on_copy(&config, &copy_of(groups, true), URL, 60.0), wanted);
}
