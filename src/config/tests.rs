//! The example loads, and each kind of mistake is told as an admin needs it.

use super::*;
use crate::domain::language::Language;
use crate::domain::route::MovedBy;
use crate::domain::time::SignedDuration;
use crate::words;

const EXAMPLE: &str = include_str!("../../config.example.toml");

const SHORTEST: &str = r#"
[tenant]
id = "contoso.com"
[auth]
method = "access-token"
[migration]
users = "source-group"
[migration.source]
group = "b82c04f0-ce30-4ff1-bac7-735d92d83036"
sku = "STANDARDPACK"
[migration.target]
group = "bcf279d1-5ad5-46a5-b469-4b8a552aa2fe"
sku = "ENTERPRISEPACK"
"#;

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, Path::new("folder/config.toml"))
}

/// Why, and what to do.
fn told_whole(error: &ConfigError) -> String {
    format!("{}\n{}", words::config::why(error), words::config::action(error))
}

/// The message for the shortest good file with one line changed.
fn told(line: &str, instead: &str) -> String {
    assert!(SHORTEST.contains(line));
    let error = parse(&SHORTEST.replacen(line, instead, 1)).unwrap_err();
    told_whole(&error)
}

#[test]
fn the_example_loads_and_shows_the_defaults() {
    let config = parse(EXAMPLE).unwrap();
    assert_eq!(config.settings, Settings::default());
    assert_eq!((config.theme, config.mouse, config.tenant.cloud), (ThemeName::Dark, true, Cloud::Global));
    assert_eq!(config.language, Choice::Auto);
    assert_eq!(config.auth.method, AuthMethod::Browser);
    assert_eq!(config.migration.users, UsersFrom::File("folder/users.csv".into()));
    assert_eq!(words::config::name(&config.migration), "E1 to E3");
}

#[test]
fn the_example_documents_every_key() {
    // What the example leaves out as a comment is switched on; then nothing may be left at a value that it does not name.
    let commented =
        ["graph_url", "login_url", "ca_file", "certificate", "pilot", "moved_by", "writes", "zone", "command"];
    let all = commented
        .iter()
        .fold(EXAMPLE.to_owned(), |text, key| text.replace(&format!("# {key} = "), &format!("{key} = ")));
    let all = all.replace("# [window]", "[window]");
    let config = parse(&all).unwrap();
    assert!(config.tenant.graph_url.is_some() && config.tenant.login_url.is_some());
    assert_eq!(config.tenant.ca_file, Some("folder/corp-ca.pem".into()));
    assert_eq!(config.auth.certificate, Some("folder/skuferry.pem".into()));
    assert_eq!(config.migration.pilot, Some("folder/pilot.csv".into()));
    assert_eq!([config.migration.source.moved_by, config.migration.target.moved_by], [MovedBy::Others; 2]);
    let lisbon = jiff::tz::TimeZone::get("Europe/Lisbon").unwrap();
    assert_eq!(config.window, Window::parse("22:00-05:00", lisbon));
    assert_eq!(config.notify.command, ["notify.sh"]);
    let keys = include_str!("schema.rs").lines().filter_map(|line| {
        let (key, _) = line.strip_prefix("    ")?.split_once(": ")?;
        key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_').then_some(key)
    });
    let keys: Vec<_> = keys.collect();
    assert!(keys.len() > 15, "{keys:?}");
    for key in keys {
        let documented = all.contains(&format!("\n{key} = ")) || all.contains(&format!("[{key}]"));
        assert!(documented || all.contains(&format!(".{key}]")), "{key}");
    }
}

#[test]
fn the_shortest_file_takes_the_rest_from_the_defaults() {
    let config = parse(SHORTEST).unwrap();
    assert_eq!(config.settings, Settings::default());
    assert_eq!(words::config::name(&config.migration), "STANDARDPACK to ENTERPRISEPACK");
    assert_eq!((config.migration.users, config.auth.client_id), (UsersFrom::SourceGroup, None));
}

#[test]
fn losses_are_accepted_by_name() {
    let config =
        parse(&SHORTEST.replacen("[migration]\n", "[migration]\naccept_losses = [\"apps\", \"teams\"]\n", 1)).unwrap();
    assert_eq!(config.migration.accept_losses, [CoreService::Apps, CoreService::Teams]);
    assert!(parse(SHORTEST).unwrap().migration.accept_losses.is_empty());
    for wrong in ["[\"mail\"]", "[\"Apps\"]", "\"apps\"", "[1]"] {
        let told = told("[migration]\n", &format!("[migration]\naccept_losses = {wrong}\n"));
        assert!(told.contains("config.toml:7:") && told.contains("accept_losses"), "{told}");
    }
}

#[test]
fn lengths_of_time_are_friendly_and_bounded() {
    let with = |interval: &str| parse(&format!("{SHORTEST}[polling]\ninterval = {interval}\n"));
    assert_eq!(with("\"1m 30s\"").unwrap().settings.interval, SignedDuration::from_secs(90));
    for bad in ["\"0s\"", "\"999ms\"", "\"-5s\"", "\"5s ago\"", "\"1d\"", "\"9999999h\"", "30", "\"30\"", "\"\""] {
        assert!(with(bad).is_err(), "{bad}");
    }
    assert!(parse(&format!("{SHORTEST}[polling]\nunlicensed_grace = \"0s\"\n")).is_ok());
}

#[test]
fn a_window_and_a_command_that_are_none_are_refused_where_they_stand() {
    let with = |text: &str| told_whole(&parse(&format!("{SHORTEST}{text}")).unwrap_err());
    for (text, expected) in [
        ("[window]\nwrites = \"22:00\"\n", "two times of the day that differ"),
        ("[window]\nwrites = \"22:00-22:00\"\n", "two times of the day that differ"),
        ("[window]\nwrites = \"22:00-05:00\"\nzone = \"Lisbon\"\n", "the name of a time zone"),
        ("[notify]\ncommand = [\"\"]\n", "a program and its arguments"),
        ("[notify]\nbell = \"yes\"\n", "a boolean"),
    ] {
        let told = with(text);
        assert!(told.contains("config.toml:1") && told.contains(expected), "{told}");
    }
    assert!(with("[window]\nzone = \"UTC\"\n").contains("a key is missing: `writes`"));
    let plain = parse(SHORTEST).unwrap();
    assert_eq!((plain.window, plain.notify.bell, plain.notify.desktop), (None, true, false));
}

#[test]
fn a_file_from_windows_loads() {
    assert!(parse(&format!("\u{feff}{}", SHORTEST.replace('\n', "\r\n"))).is_ok());
}

#[test]
fn a_missing_file_is_told_by_name() {
    let error = Config::load(Path::new("nowhere/config.toml")).unwrap_err();
    assert_eq!(words::config::what(&error), "nowhere/config.toml cannot be read");
    assert_eq!(words::config::action(&error), "Create the file, or name another one.");
}

#[test]
fn an_unknown_key_is_shown() {
    insta::assert_snapshot!(told("users =", "user ="), @r##"
    folder/config.toml:7:1: there is no key `user`
      |
    7 | user = "source-group"
      | ^^^^
    Correct the line. Expected: one of `name`, `scenario`, `accept_losses`, `users`, `pilot`, `batch_size`, `batches_under_way`, `canary`, `max_stuck`, `source`, `target`.
    "##);
}

#[test]
fn an_unknown_word_is_shown() {
    insta::assert_snapshot!(told("\"access-token\"", "\"certificate\""), @r##"
    folder/config.toml:5:10: there is no choice `certificate`
      |
    5 | method = "certificate"
      |          ^^^^^^^^^^^^^
    Correct the line. Expected: one of `browser`, `device-code`, `client-secret`, `client-certificate`, `azure-cli`, `access-token`.
    "##);
}

#[test]
fn a_wrong_type_is_shown() {
    insta::assert_snapshot!(told("users =", "batch_size = \"many\"\nusers ="), @r##"
    folder/config.toml:7:14: not the right kind of value: string "many"
      |
    7 | batch_size = "many"
      |              ^^^^^^
    Correct the line. Expected: a whole number from 1 to 1000000.
    "##);
}

#[test]
fn a_number_out_of_range_is_shown() {
    insta::assert_snapshot!(told("users =", "canary = 0\nusers ="), @r##"
    folder/config.toml:7:10: not a good value: integer `0`
      |
    7 | canary = 0
      |          ^
    Correct the line. Expected: a whole number from 1 to 1000000.
    "##);
}

#[test]
fn a_wrong_id_is_shown() {
    insta::assert_snapshot!(told("\"b82c04f0-ce30-4ff1-bac7-735d92d83036\"", "\"Lic-E1\""), @r##"
    folder/config.toml:9:9: not a good value: string "Lic-E1"
      |
    9 | group = "Lic-E1"
      |         ^^^^^^^^
    Correct the line. Expected: the object id of a group, such as "b82c04f0-ce30-4ff1-bac7-735d92d83036".
    "##);
}

#[test]
fn a_missing_key_and_a_missing_table_are_named() {
    insta::assert_snapshot!(told("id = \"contoso.com\"", ""), @r##"
    folder/config.toml:2:1: a key is missing: `id`
      |
    2 | [tenant]
      | ^^^^^^^^
    Correct the line. Expected: the key here; config.example.toml documents every key.
    "##);
    insta::assert_snapshot!(told("[auth]\nmethod = \"access-token\"", ""), @r##"
    folder/config.toml:1:1: a key is missing: `auth`
      |
    1 | 
      | ^
    Correct the line. Expected: the key here; config.example.toml documents every key.
    "##);
}

#[test]
fn broken_toml_is_shown() {
    insta::assert_snapshot!(told("\"contoso.com\"", "contoso.com"), @r##"
    folder/config.toml:3:6: string values must be quoted
      |
    3 | id = contoso.com
      |      ^^^^^^^^^^^
    Correct the line. Expected: text in quotes.
    "##);
}

#[test]
fn plain_http_to_a_far_host_is_refused() {
    insta::assert_snapshot!(told("[auth]", "graph_url = \"http://graph.example.com\"\n[auth]"), @r##"
    folder/config.toml:4:13: "http://graph.example.com" is not an address that skuferry may use: plain http is only allowed to this machine itself (127.0.0.1, [::1] or localhost)
      |
    4 | graph_url = "http://graph.example.com"
      |             ^^^^^^^^^^^^^^^^^^^^^^^^^^
    Correct the line. Expected: an address such as "https://graph.microsoft.com".
    "##);
}

#[test]
fn what_is_quoted_of_the_file_cannot_pass_for_what_was_expected() {
    insta::assert_snapshot!(told("\"STANDARDPACK\"", "\"x, expected value-count:\""), @r##"
    folder/config.toml:10:7: not a good value: string "x, expected value-count:"
       |
    10 | sku = "x, expected value-count:"
       |       ^^^^^^^^^^^^^^^^^^^^^^^^^^
    Correct the line. Expected: a part number such as "STANDARDPACK", TENANT:PART_NUMBER, or a skuId.
    "##);
    let address = told("[auth]", "graph_url = \"https://x, expected value-count\"\n[auth]");
    let why = "\"https://x, expected value-count\" is not an address that skuferry may use: it has a space or one of";
    assert!(address.contains(why), "{address}");
    assert!(address.ends_with("Expected: an address such as \"https://graph.microsoft.com\"."), "{address}");
}

#[test]
fn a_key_that_stands_there_twice_and_a_length_of_time_out_of_range_are_told() {
    let twice = told("users =", "canary = 1\ncanary = 1\nusers =");
    assert!(twice.starts_with("folder/config.toml:8:1: this key stands here twice\n"), "{twice}");
    let interval = parse(&format!("{SHORTEST}[polling]\ninterval = \"200d\"\n")).unwrap_err();
    let interval = told_whole(&interval);
    assert!(interval.starts_with("folder/config.toml:15:12: not a good value: string \"200d\"\n"), "{interval}");
    let right = "Expected: a length of time from 1s to 168h, such as \"30s\", \"2m\" or \"1h 30m\".";
    assert!(interval.ends_with(right), "{interval}");
}

#[test]
fn the_two_ends_must_differ() {
    let group = told("bcf279d1-5ad5-46a5-b469-4b8a552aa2fe", "B82C04F0-CE30-4FF1-BAC7-735D92D83036");
    insta::assert_snapshot!(group, @r##"
    folder/config.toml:12:9: the target group is the source group
       |
    12 | group = "B82C04F0-CE30-4FF1-BAC7-735D92D83036"
       |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    Correct the line. Expected: another group than the source's.
    "##);
    insta::assert_snapshot!(told("ENTERPRISEPACK", "contoso:standardpack"), @r##"
    folder/config.toml:13:7: the target license is the source license
       |
    13 | sku = "contoso:standardpack"
       |       ^^^^^^^^^^^^^^^^^^^^^^
    Correct the line. Expected: another product than the source's.
    "##);
}

#[test]
fn an_app_must_be_named_where_one_signs_in() {
    insta::assert_snapshot!(told("access-token", "client-secret"), @r##"
    folder/config.toml:5:10: this way to sign in needs an app registration
      |
    5 | method = "client-secret"
      |          ^^^^^^^^^^^^^^^
    Correct the line. Expected: a key client_id in [auth], with the application id of your app registration.
    "##);
}

#[test]
fn a_secret_in_the_file_is_refused_and_never_shown() {
    let shown = told("method =", "client_secret = \"s3cr3t\"\nmethod =");
    insta::assert_snapshot!(shown, @r##"
    folder/config.toml:5:1: there is no key `client_secret`
      |
    5 | client_secret = ••••
      | ^^^^^^^^^^^^^
    Correct the line. Expected: secrets outside of this file, a client secret in SKUFERRY_CLIENT_SECRET and a token in SKUFERRY_ACCESS_TOKEN.
    "##);
    for line in [
        "client_secret = \"s3cr3t",
        "client_secret = s3cr3t",
        "access_token = \"s3cr3t\" x",
        "x = { client_secret = \"s3cr3t\" }",
        "x = { client_secret = s3cr3t }",
        "client_secret = \"\"\"\ns3cr3t\n\"\"\"",
        "client_secret = \"\"\"\ns3cr3t\n",
        "private_key = \"\"\"\ns3cr3t=\\q\n\"\"\"",
        "private_key = '''\ns3cr3t\u{7}\n'''",
    ] {
        let error = parse(&SHORTEST.replace("method =", &format!("{line}\nmethod ="))).unwrap_err();
        assert!(!format!("{error} {error:?} {}", told_whole(&error)).contains("s3cr3t"), "{line}: {error}");
    }
}

#[test]
fn a_path_of_windows_in_double_quotes_is_explained() {
    for path in [r#""C:\users\list.csv""#, r#""C:\temp\users.csv""#, r#""C:\temp\new.csv""#, r#""C:\lists\a.csv""#] {
        let told = told("\"source-group\"", path);
        assert!(
            told.contains("a backslash begins an escape in double quotes") && told.contains("users = \"C:"),
            "{told}"
        );
        assert!(
            told.contains(r"Expected: a path in single quotes, such as 'C:\temp\users.csv', or with / in it"),
            "{told}"
        );
    }
    assert!(parse(&SHORTEST.replace("\"source-group\"", r"'C:\temp\users.csv'")).is_ok());
}

#[test]
fn a_password_in_an_address_is_never_echoed() {
    for url in
        ["https://me:s3cr3t@graph.example.com", "https://me:s3@cr3t@graph.example.com", "http://s3cr3t@127.0.0.1"]
    {
        let told = told("[auth]", &format!("graph_url = \"{url}\"\n[auth]"));
        assert!(!told.contains("s3") && !told.contains("cr3t") && told.contains("no password"), "{told}");
    }
}

#[test]
fn a_language_is_one_that_is_spoken_or_auto() {
    let with = |word: &str| parse(&format!("{SHORTEST}[ui]\nlanguage = {word}\n"));
    assert_eq!(with("\"pt-PT\"").unwrap().language, Choice::Named(Language::of("pt-PT").unwrap()));
    assert_eq!(with("\"en\"").unwrap().language, Choice::Named(Language::ENGLISH));
    assert_eq!(with("\"auto\"").unwrap().language, Choice::Auto);
    assert_eq!(parse(SHORTEST).unwrap().language, Choice::Auto);
    for wrong in ["\"tlh\"", "\"pt\"", "\"PT-PT\"", "\"\""] {
        let told = told_whole(&with(wrong).unwrap_err());
        assert!(told.contains("folder/config.toml:15:12: ") && told.contains("^^"), "{told}");
        for choice in ["auto", "en", "pt-PT"] {
            assert!(told.contains(choice), "{told}");
        }
    }
    assert!(with("5").is_err() && with("true").is_err());
}
