//! The text of a configuration: the example with its comments, the operator's values in their places, and every other key as
//! a comment, so that its default stays in sight.

use std::path::Path;

use uuid::Uuid;

use crate::domain::id::GroupId;
use crate::domain::route::MovedBy;
use crate::domain::text::clean;
use crate::setup::draft::ConfigDraft;
use crate::setup::draft::EndDraft;
use crate::setup::draft::SignInDraft;
use crate::setup::draft::UsersDraft;
use crate::setup::draft::cloud_word;
use crate::words::phrase;
use crate::words::say;

/// What the file looks like; it documents every key.
const EXAMPLE: &str = include_str!("../../config.example.toml");

/// The file of those who were named here, beside the configuration.
pub const PILOT: &str = "pilot.csv";

/// The text of the configuration for a file in this folder. It never holds a secret: a draft has none.
pub fn config_text(draft: &ConfigDraft, folder: &Path) -> String {
    let mut lines: Vec<String> = phrase("setup-file-head").lines().map(as_comment).collect();
    let mut section = "";
    for line in EXAMPLE.lines().skip_while(|line| !line.is_empty()) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name;
        }
        let said = key_of(line).map(|(key, is_comment)| (key, is_comment, value(draft, folder, section, key)));
        lines.push(match said {
            Some((key, _, Some(value))) => format!("{key} = {value}"),
            Some((_, false, None)) => as_comment(line),
            Some((_, true, None)) | None => line.to_owned(),
        });
    }
    lines.join("\n") + "\n"
}

fn as_comment(line: &str) -> String {
    format!("# {line}")
}

/// The text of the list of those who were named here.
pub fn pilot_text(users: &[String]) -> String {
    users.iter().flat_map(|user| [clean(user), "\n".into()]).collect()
}

/// A draft of which only the sign-in is known yet, so that the sign-in can be checked by the rules of the file.
pub fn only_sign_in(sign_in: SignInDraft) -> ConfigDraft {
    let end = |number: u128, sku: &str| EndDraft {
        group: GroupId(Uuid::from_u128(number)),
        group_name: String::new(),
        sku: sku.to_owned(),
        sku_name: String::new(),
        moved_by: MovedBy::Skuferry,
    };
    ConfigDraft { sign_in, source: end(1, "SOURCE"), target: end(2, "TARGET"), users: UsersDraft::SourceGroup }
}

/// The key of a line, and whether the line is a comment.
fn key_of(line: &str) -> Option<(&str, bool)> {
    let (line, is_comment) = line.strip_prefix("# ").map_or((line, false), |line| (line, true));
    let (key, _) = line.split_once(" = ")?;
    let plain = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    plain.then_some((key, is_comment))
}

/// What the operator has said of a key.
fn value(draft: &ConfigDraft, folder: &Path, section: &str, key: &str) -> Option<String> {
    let ConfigDraft { sign_in, source, target, users } = draft;
    let own = sign_in.cloud.is_none();
    match (section, key) {
        ("tenant", "id") => Some(quoted(&sign_in.tenant)),
        ("tenant", "cloud") => sign_in.cloud.map(|cloud| quoted(cloud_word(cloud))),
        ("tenant", "graph_url") => own.then(|| quoted(&sign_in.graph_url)),
        ("tenant", "login_url") => own.then(|| quoted(&sign_in.login_url)),
        ("tenant", "ca_file") => sign_in.ca_file.as_deref().map(|file| path(file, folder)),
        ("auth", "method") => Some(quoted(sign_in.method.word())),
        ("auth", "client_id") => sign_in.client_id.as_deref().map(quoted),
        ("auth", "certificate") => sign_in.certificate.as_deref().map(|file| path(file, folder)),
        ("migration", "name") => {
            let (from, to) = (source.sku_name.as_str().into(), target.sku_name.as_str().into());
            Some(quoted(&clean(&say("config-name", &[("source", from), ("target", to)]))))
        }
        ("migration", "users") => Some(match users {
            UsersDraft::SourceGroup => quoted("source-group"),
            UsersDraft::File(file) => path(file, folder),
            UsersDraft::Pilot(_) => quoted(PILOT),
        }),
        ("migration.source", "group") => Some(named(&source.group.to_string(), &source.group_name)),
        ("migration.source", "sku") => Some(named(&source.sku, &source.sku_name)),
        ("migration.target", "group") => Some(named(&target.group.to_string(), &target.group_name)),
        ("migration.target", "sku") => Some(named(&target.sku, &target.sku_name)),
        ("migration.source", "moved_by") => source.moved_by.is_others().then(|| quoted("others")),
        ("migration.target", "moved_by") => target.moved_by.is_others().then(|| quoted("others")),
        _ => None,
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A value with what people call it behind it. A name of the tenant's cannot leave its comment.
fn named(value: &str, name: &str) -> String {
    format!("{} # {}", quoted(value), clean(name)).trim_end_matches([' ', '#']).to_owned()
}

/// A path as it is read from this folder.
fn path(file: &Path, folder: &Path) -> String {
    quoted(&file.strip_prefix(folder).unwrap_or(file).display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::AuthMethod;
    use crate::config::Config;
    use crate::config::UsersFrom;
    use crate::domain::cloud::Cloud;
    use crate::domain::settings::Settings;

    fn draft() -> ConfigDraft {
        let sign_in = SignInDraft {
            method: AuthMethod::ClientCertificate,
            tenant: "contoso.onmicrosoft.com".into(),
            cloud: Some(Cloud::UsGov),
            graph_url: String::new(),
            login_url: String::new(),
            client_id: Some("6f1e3a0c-0000-4000-8000-000000000000".into()),
            certificate: Some("/etc/skuferry/app.pem".into()),
            ca_file: None,
        };
        let mut draft = only_sign_in(sign_in);
        draft.source.group_name = "LIC\n[auth]\nmethod = \"access-token\"\u{1b}[2J".into();
        draft.users = UsersDraft::File("/etc/skuferry/lists/wave 1.csv".into());
        draft
    }

    #[test]
    fn the_file_says_what_was_said_and_leaves_all_else_at_its_default() {
        let folder = Path::new("/etc/skuferry");
        let draft = draft();
        let text = config_text(&draft, folder);
        let config = Config::parse(&text, &folder.join("config.toml")).unwrap_or_else(|why| panic!("{why:?}\n{text}"));
        assert_eq!((config.tenant.id.as_str(), config.tenant.cloud), ("contoso.onmicrosoft.com", Cloud::UsGov));
        assert_eq!((config.tenant.graph_url, config.tenant.login_url, config.tenant.ca_file), (None, None, None));
        assert_eq!(config.auth.method, AuthMethod::ClientCertificate, "no name of the tenant's changes the file");
        assert_eq!(config.auth.certificate.as_deref(), Some(Path::new("/etc/skuferry/app.pem")));
        assert_eq!(config.migration.users, UsersFrom::File("/etc/skuferry/lists/wave 1.csv".into()));
        assert_eq!(config.migration.source.group, draft.source.group);
        assert_eq!(config.settings, Settings::default());
        assert!(text.contains("certificate = \"app.pem\"") && text.contains("# batch_size = 200"), "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
        let keys = text.lines().filter(|line| key_of(line).is_some_and(|(_, is_comment)| !is_comment)).count();
        assert_eq!(keys, 11, "{text}");
    }

    #[test]
    fn a_group_that_others_change_is_said_to_be_theirs() {
        let mut draft = draft();
        draft.target.moved_by = MovedBy::Others;
        let text = config_text(&draft, Path::new("/etc/skuferry"));
        let config = Config::parse(&text, Path::new("/etc/skuferry/config.toml")).unwrap();
        let by = [config.migration.source.moved_by, config.migration.target.moved_by];
        assert_eq!(by, [MovedBy::Skuferry, MovedBy::Others]);
    }

    #[test]
    fn own_addresses_stand_in_the_place_of_the_cloud() {
        let mut draft = draft();
        draft.sign_in.cloud = None;
        draft.sign_in.graph_url = "http://127.0.0.1:8080".into();
        draft.sign_in.login_url = "http://127.0.0.1:8081".into();
        draft.users = UsersDraft::Pilot(vec!["adelev@contoso.com".into()]);
        let text = config_text(&draft, Path::new("/etc/skuferry"));
        let config = Config::parse(&text, Path::new("/etc/skuferry/config.toml")).unwrap();
        assert_eq!(config.tenant.graph_url.as_deref(), Some("http://127.0.0.1:8080"));
        assert_eq!(config.tenant.login_url.as_deref(), Some("http://127.0.0.1:8081"));
        assert_eq!(config.migration.users, UsersFrom::File("/etc/skuferry/pilot.csv".into()));
        assert_eq!(pilot_text(&["a@c.com".into(), "b@c.com".into()]), "a@c.com\nb@c.com\n");
    }
}
