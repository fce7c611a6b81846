//! The `config.toml` and `users.csv` of a client that is to migrate this tenant.
use std::time::Duration;

use crate::sim::seed::Migration;
use crate::sim::tenant::{Tenant, UserIx};

/// A client's config for a tenant at a URL.
///
/// Lengths of time are the client's, so they shrink as the tenant's speed grows.
pub(crate) fn config_toml(migration: &Migration, tenant: &Tenant, speed: f64, url: &str, users: usize) -> String {
    let Migration { name, source: (source_group, source), target: (target_group, target), .. } = migration;
    // A tenant's first domain has letters and digits of ASCII alone, whatever its name is written in.
    let letters: String = tenant.name.chars().filter(char::is_ascii_alphanumeric).take(27).collect();
    let organization = if letters.is_empty() { "tenant".to_owned() } else { letters.to_ascii_lowercase() };
    let name = toml::Value::from(name.as_str());
    let batch_size = if users < 100 { users.div_ceil(3) } else { users.div_ceil(5) }.max(1);
    let canary = if users < 100 { 3 } else { 5 };
    let interval = if speed >= 10.0 { "1s" } else { "30s" };
    let stuck_after = shrunk(Duration::from_mins(30), speed, Duration::from_secs(10));
    let grace = shrunk(Duration::from_mins(2), speed, Duration::from_secs(5));
    format!(
        r#"# A simulated tenant. Any secret will do: SKUFERRY_CLIENT_SECRET=anything
[tenant]
id = "{organization}.onmicrosoft.com"
graph_url = "{url}"
login_url = "{url}"

[auth]
method = "client-secret"
client_id = "5f1d3a64-2f0a-4c5e-9d6b-0c8f3d1b7a42"

[migration]
name = {name}
scenario = "auto"
users = "users.csv"
batch_size = {batch_size}
canary = {canary}
max_stuck = 3

[migration.source]
group = "{source_group}"
sku = "{source}"

[migration.target]
group = "{target_group}"
sku = "{target}"

[polling]
interval = "{interval}"
stuck_after = "{stuck_after}s"
unlicensed_grace = "{grace}s"
"#
    )
}

/// The users to be migrated, one a line, by principal name or by object id.
pub(crate) fn users_csv(tenant: &Tenant, listed: &[UserIx]) -> String {
    let mut lines = String::new();
    for (place, ix) in listed.iter().enumerate() {
        let user = tenant.user(*ix);
        // Real lists are pasted together from several sources, so both kinds of name are here.
        if place % 4 == 3 {
            lines.push_str(&user.id.to_string());
        } else {
            lines.push_str(&user.upn);
        }
        lines.push('\n');
    }
    lines
}

fn shrunk(length: Duration, speed: f64, least: Duration) -> u64 {
    crate::sim::clock::scale(length, speed.recip()).max(least).as_secs()
}
