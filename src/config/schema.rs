//! The keys of the file as types, unknown ones refused, and the rules that hold between keys.

use std::ops::Range;
use std::path::Path;

use jiff::tz::TimeZone;
use serde::Deserialize;
use toml::Spanned;

use crate::config::Auth;
use crate::config::Config;
use crate::config::End;
use crate::config::Migration;
use crate::config::Notify;
use crate::config::Tenant;
use crate::config::UsersFrom;
use crate::config::explain::Expected;
use crate::config::explain::Fault;
use crate::config::explain::Wrong;
use crate::config::keys;
use crate::config::value::AuthMethod;
use crate::config::value::SkuName;
use crate::config::value::ThemeName;
use crate::domain::cloud::Cloud;
use crate::domain::id::GroupId;
use crate::domain::language::Choice;
use crate::domain::plan_families::CoreService;
use crate::domain::route::MovedBy;
use crate::domain::route::ScenarioChoice;
use crate::domain::settings::Settings;
use crate::domain::time::SignedDuration;
use crate::domain::window::Window;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    tenant: TenantKeys,
    auth: AuthKeys,
    migration: MigrationKeys,
    #[serde(default)]
    polling: PollingKeys,
    window: Option<WindowKeys>,
    #[serde(default)]
    notify: NotifyKeys,
    #[serde(default)]
    ui: UiKeys,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TenantKeys {
    #[serde(deserialize_with = "keys::tenant")]
    id: String,
    #[serde(default)]
    cloud: Cloud,
    #[serde(default, deserialize_with = "keys::url")]
    graph_url: Option<String>,
    #[serde(default, deserialize_with = "keys::url")]
    login_url: Option<String>,
    #[serde(default, deserialize_with = "keys::maybe_text")]
    ca_file: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AuthKeys {
    method: Spanned<AuthMethod>,
    #[serde(default, deserialize_with = "keys::maybe_text")]
    client_id: Option<String>,
    #[serde(default, deserialize_with = "keys::maybe_text")]
    certificate: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MigrationKeys {
    #[serde(default, deserialize_with = "keys::maybe_text")]
    name: Option<String>,
    #[serde(default)]
    scenario: ScenarioChoice,
    #[serde(default)]
    accept_losses: Vec<CoreService>,
    #[serde(deserialize_with = "keys::text")]
    users: String,
    #[serde(default, deserialize_with = "keys::maybe_text")]
    pilot: Option<String>,
    #[serde(default = "batch_size", deserialize_with = "keys::count")]
    batch_size: usize,
    #[serde(default = "batches_under_way", deserialize_with = "keys::count")]
    batches_under_way: usize,
    #[serde(default = "canary", deserialize_with = "keys::count")]
    canary: usize,
    #[serde(default = "max_stuck", deserialize_with = "keys::count_or_none")]
    max_stuck: usize,
    source: EndKeys,
    target: EndKeys,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EndKeys {
    group: Spanned<GroupKey>,
    sku: Spanned<SkuKey>,
    #[serde(default)]
    moved_by: MovedBy,
}

#[derive(Deserialize)]
struct GroupKey(#[serde(deserialize_with = "keys::group")] GroupId);

#[derive(Deserialize)]
struct SkuKey(#[serde(deserialize_with = "keys::sku")] SkuName);

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PollingKeys {
    #[serde(deserialize_with = "keys::interval")]
    interval: SignedDuration,
    #[serde(deserialize_with = "keys::length")]
    stuck_after: SignedDuration,
    #[serde(deserialize_with = "keys::length")]
    unlicensed_grace: SignedDuration,
}

impl Default for PollingKeys {
    fn default() -> Self {
        let Settings { interval, stuck_after, unlicensed_grace, .. } = Settings::default();
        Self { interval, stuck_after, unlicensed_grace }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WindowKeys {
    #[serde(deserialize_with = "keys::window")]
    writes: String,
    #[serde(default, deserialize_with = "keys::zone")]
    zone: Option<TimeZone>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct NotifyKeys {
    bell: bool,
    title: bool,
    desktop: bool,
    command: Spanned<Vec<String>>,
}

impl Default for NotifyKeys {
    fn default() -> Self {
        Self { bell: true, title: true, desktop: false, command: Spanned::new(0..0, Vec::new()) }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct UiKeys {
    theme: ThemeName,
    mouse: bool,
    #[serde(deserialize_with = "keys::language")]
    language: Choice,
}

impl Default for UiKeys {
    fn default() -> Self {
        Self { theme: ThemeName::default(), mouse: true, language: Choice::default() }
    }
}

fn batch_size() -> usize {
    Settings::default().batch_size
}

fn batches_under_way() -> usize {
    Settings::default().batches_under_way
}

fn canary() -> usize {
    Settings::default().canary
}

fn max_stuck() -> usize {
    Settings::default().max_stuck
}

/// Reads the file's text. `folder` is what relative paths in it are relative to.
pub(super) fn read(text: &str, folder: &Path) -> Result<Config, Fault> {
    let File { tenant, auth, migration, polling, window, notify, ui } =
        toml::from_str(text).map_err(|error| Fault::of_toml(&error))?;
    check_ends(&migration)?;
    check_sign_in(&auth)?;
    check_command(&notify)?;
    let (source, target) = (end(migration.source), end(migration.target));
    let users = match migration.users.as_str() {
        "source-group" => UsersFrom::SourceGroup,
        file => UsersFrom::File(folder.join(file)),
    };
    Ok(Config {
        tenant: Tenant {
            id: tenant.id,
            cloud: tenant.cloud,
            graph_url: tenant.graph_url,
            login_url: tenant.login_url,
            ca_file: tenant.ca_file.map(|file| folder.join(file)),
        },
        auth: Auth {
            method: auth.method.into_inner(),
            client_id: auth.client_id,
            certificate: auth.certificate.map(|file| folder.join(file)),
        },
        migration: Migration {
            name: migration.name,
            scenario: migration.scenario,
            accept_losses: migration.accept_losses,
            users,
            pilot: migration.pilot.map(|file| folder.join(file)),
            source,
            target,
        },
        settings: Settings {
            batch_size: migration.batch_size,
            batches_under_way: migration.batches_under_way,
            canary: migration.canary,
            max_stuck: migration.max_stuck,
            interval: polling.interval,
            stuck_after: polling.stuck_after,
            unlicensed_grace: polling.unlicensed_grace,
        },
        window: window.and_then(|window| {
            // What is no span was refused above. Without a zone it is the machine's own.
            Window::parse(&window.writes, window.zone.unwrap_or_else(TimeZone::system))
        }),
        notify: Notify {
            bell: notify.bell,
            title: notify.title,
            desktop: notify.desktop,
            command: command(notify.command.into_inner(), folder),
        },
        theme: ui.theme,
        mouse: ui.mouse,
        language: ui.language,
    })
}

fn end(keys: EndKeys) -> End {
    End { group: keys.group.into_inner().0, sku: keys.sku.into_inner().0, moved_by: keys.moved_by }
}

/// The program is seen from the folder of the configuration where it has a folder in its name; else it is looked for where
/// the system looks for programs, and in that folder when it is there.
fn command(mut command: Vec<String>, folder: &Path) -> Vec<String> {
    if let Some(program) = command.first_mut() {
        let beside = folder.join(&*program);
        let named = Path::new(program.as_str()).components().count() > 1;
        if let Some(path) = beside.to_str().filter(|_| named || beside.is_file()) {
            path.clone_into(program);
        }
    }
    command
}

fn check_command(notify: &NotifyKeys) -> Result<(), Fault> {
    let command = notify.command.get_ref();
    let is_bad = command.first().is_some_and(|program| program.trim().is_empty())
        || command.iter().any(|part| part.chars().any(char::is_control));
    if is_bad { fault(notify.command.span(), Wrong::NoCommand, Expected::Command) } else { Ok(()) }
}

fn check_ends(migration: &MigrationKeys) -> Result<(), Fault> {
    let (source, target) = (&migration.source, &migration.target);
    if source.group.get_ref().0 == target.group.get_ref().0 {
        return fault(target.group.span(), Wrong::SameGroup, Expected::OtherGroup);
    }
    if source.sku.get_ref().0.is_same_as(&target.sku.get_ref().0) {
        return fault(target.sku.span(), Wrong::SameLicense, Expected::OtherProduct);
    }
    Ok(())
}

fn check_sign_in(auth: &AuthKeys) -> Result<(), Fault> {
    if auth.method.get_ref().needs_client_id() && auth.client_id.is_none() {
        return fault(auth.method.span(), Wrong::NeedsClientId, Expected::ClientId);
    }
    if *auth.method.get_ref() == AuthMethod::ClientCertificate && auth.certificate.is_none() {
        return fault(auth.method.span(), Wrong::NeedsCertificate, Expected::Certificate);
    }
    Ok(())
}

fn fault(span: Range<usize>, what: Wrong, expected: Expected) -> Result<(), Fault> {
    Err(Fault { span: Some(span), what, expected: Some(expected) })
}
