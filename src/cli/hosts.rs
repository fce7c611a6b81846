//! Addresses that are no cloud's and not this machine: named, and asked about once before any secret leaves.

use std::fs;
use std::io;
use std::io::BufRead;
use std::io::IsTerminal;
use std::io::Read;
use std::io::Write;
use std::path::Path;

use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::cli::sign_in;
use crate::config::Config;
use crate::graph::Endpoints;
use crate::graph::cloud::Service;
use crate::graph::cloud::UnknownHost;
use crate::journal::disk;
use crate::words::error::causes;
use crate::words::phrase;
use crate::words::say;

/// The largest list of hosts that is read, in bytes.
const LARGEST: u64 = 64 << 10;

/// Addresses that a secret may be sent to. Signing in takes nothing else, so that no command can forget to ask.
pub(super) struct Confirmed(Endpoints);

impl Confirmed {
    /// Graph's address, without the version.
    pub(super) fn graph_root(&self) -> &str {
        self.0.graph_root()
    }

    /// The addresses, to be signed in at.
    pub(super) fn into_endpoints(self) -> Endpoints {
        self.0
    }
}

/// Asks about every host of the configuration's addresses that nobody vouches for. `allowed` are those that the command line
/// names, for this time; what is answered at the terminal is remembered in the data folder.
pub(super) fn confirm(data: &Path, config: &Config, allowed: &[String]) -> Result<Confirmed, Failure> {
    let endpoints = sign_in::endpoints(config)?;
    confirm_by(data, &endpoints, allowed, at_the_terminal)?;
    Ok(Confirmed(endpoints))
}

/// Why addresses are not confirmed.
pub(super) enum Unconfirmed {
    /// Nobody vouches for a host yet.
    Asks {
        /// The host.
        host: String,
        /// The key of the address.
        key: &'static str,
        /// What would be sent there.
        secret: String,
    },
    /// Something failed.
    Failed(Failure),
}

/// Where the name of a host was typed, for one purpose.
pub(super) fn typed_line(key: &str, host: &str) -> String {
    format!("{key} {host}")
}

/// The same where answers are typed on a page: `typed` has each that was given so far, as a [`typed_line`].
pub(super) fn confirm_typed(data: &Path, config: &Config, typed: &[String]) -> Result<Confirmed, Unconfirmed> {
    let endpoints = sign_in::endpoints(config).map_err(Unconfirmed::Failed)?;
    let mut asks = None;
    let answer = |unknown: &UnknownHost| {
        let is_typed = typed.contains(&line(unknown));
        if !is_typed {
            let (host, key) = (unknown.host.clone(), key(unknown.service));
            asks = Some(Unconfirmed::Asks { host, key, secret: secret(unknown.service) });
        }
        is_typed.then(|| unknown.host.clone())
    };
    match confirm_by(data, &endpoints, &[], answer) {
        Ok(()) => Ok(Confirmed(endpoints)),
        Err(failure) => Err(asks.unwrap_or(Unconfirmed::Failed(failure))),
    }
}

fn confirm_by(
    data: &Path,
    endpoints: &Endpoints,
    allowed: &[String],
    mut ask: impl FnMut(&UnknownHost) -> Option<String>,
) -> Result<(), Failure> {
    let path = data.join("hosts").join("known");
    let known = remembered(&path)?;
    for unknown in endpoints.unknown_hosts() {
        let line = line(&unknown);
        if known.contains(&line) || allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(&unknown.host)) {
            continue;
        }
        let answer = ask(&unknown).ok_or_else(|| refused(&unknown, "nobody"))?;
        if !answer.trim().eq_ignore_ascii_case(&unknown.host) {
            return Err(refused(&unknown, "other"));
        }
        remember(&path, &line).map_err(|error| {
            let what = say("error-cli-not-written", &[("path", path.display().to_string().into())]);
            Failure::machine(what, &error)
        })?;
    }
    Ok(())
}

/// The key that the configuration gives the address in.
fn key(service: Service) -> &'static str {
    match service {
        Service::Graph => "graph_url",
        Service::SignIn => "login_url",
    }
}

/// What is sent there.
fn secret(service: Service) -> String {
    match service {
        Service::Graph => phrase("error-cli-host-gets-tokens"),
        Service::SignIn => phrase("error-cli-host-gets-secret"),
    }
}

fn line(unknown: &UnknownHost) -> String {
    typed_line(key(unknown.service), &unknown.host)
}

/// Nothing goes there; `answer` is `nobody` where none could be asked for.
fn refused(unknown: &UnknownHost, answer: &'static str) -> Failure {
    let (key, host) = (key(unknown.service), unknown.host.as_str());
    let secret = secret(unknown.service).into();
    Failure::new(
        Exit::Usage,
        say("error-cli-host", &[("host", host.into())]),
        say(
            "error-cli-host-why",
            &[("key", key.into()), ("host", host.into()), ("secret", secret), ("answer", answer.into())],
        ),
        say("error-cli-host-action", &[("key", key.into()), ("host", host.into())]),
    )
}

/// Asks on standard error, so that standard output stays the command's; `None` where nobody sits.
fn at_the_terminal(unknown: &UnknownHost) -> Option<String> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return None;
    }
    let (key, host) = (key(unknown.service), unknown.host.as_str());
    let secret = secret(unknown.service).into();
    let question = say("cli-host-question", &[("key", key.into()), ("host", host.into()), ("secret", secret)]) + " ";
    io::stderr().write_all(question.as_bytes()).ok()?;
    let mut answer = String::new();
    io::stdin().lock().take(1024).read_line(&mut answer).ok()?;
    Some(answer)
}

/// The hosts that were confirmed, a line each.
fn remembered(path: &Path) -> Result<Vec<String>, Failure> {
    let read = || {
        let file = disk::open_to_read(path)?;
        disk::check_own(&file)?; // whoever else may write it could confirm a host
        let mut text = String::new();
        file.take(LARGEST).read_to_string(&mut text)?;
        Ok(text.lines().map(ToOwned::to_owned).collect())
    };
    read().or_else(|error: io::Error| {
        if error.kind() == io::ErrorKind::NotFound {
            return Ok(Vec::new());
        }
        let what = say("error-cli-hosts-not-read", &[("path", path.display().to_string().into())]);
        Err(Failure::new(Exit::Usage, what, causes(&error), phrase("error-cli-hosts-not-read-action")))
    })
}

fn remember(path: &Path, line: &str) -> io::Result<()> {
    path.parent().map_or(Ok(()), disk::make_folder)?;
    let mut file: fs::File = disk::private().append(true).create(true).open(path)?;
    writeln!(file, "{line}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strange() -> Endpoints {
        Endpoints::custom("https://graph.example:8443/x", "https://login.example").unwrap()
    }

    #[test]
    fn a_host_is_asked_about_once_for_each_purpose() {
        let data = tempfile::tempdir().unwrap();
        let mut asked = Vec::new();
        let mut honest = |unknown: &UnknownHost| {
            asked.push(unknown.host.clone());
            Some(format!("{}\n", unknown.host))
        };
        confirm_by(data.path(), &strange(), &[], &mut honest).unwrap();
        confirm_by(data.path(), &strange(), &[], &mut honest).unwrap();
        assert_eq!(asked, ["graph.example:8443", "login.example"]);
        // Who may get tokens may not get the secret for that.
        let other = Endpoints::custom("https://login.example", "https://graph.example:8443").unwrap();
        assert!(confirm_by(data.path(), &other, &[], |_| None).is_err());
        // Another data folder knows of nothing.
        let another = tempfile::tempdir().unwrap();
        assert!(confirm_by(another.path(), &strange(), &[], |_| None).is_err());
    }

    #[test]
    fn what_is_typed_on_a_page_counts_for_its_purpose_alone() {
        let data = tempfile::tempdir().unwrap();
        let text = crate::setup::config_text::config_text(
            &crate::setup::config_text::only_sign_in(crate::setup::draft::SignInDraft {
                method: crate::config::AuthMethod::AccessToken,
                tenant: "contoso.com".into(),
                cloud: None,
                graph_url: "https://one.example".into(),
                login_url: "https://one.example".into(),
                client_id: None,
                certificate: None,
                ca_file: None,
            }),
            Path::new(""),
        );
        let config = Config::parse(&text, Path::new("config.toml")).unwrap();
        let asked = |typed: &[String]| match confirm_typed(data.path(), &config, typed) {
            Err(Unconfirmed::Asks { host, key, .. }) => Some((host, key)),
            Err(Unconfirmed::Failed(failure)) => panic!("{failure}"),
            Ok(_) => None,
        };
        let (first, host) = (asked(&[]).unwrap(), "one.example");
        assert_eq!(first, (host.to_owned(), "graph_url"));
        let graph = typed_line("graph_url", host);
        assert_eq!(asked(std::slice::from_ref(&graph)), Some((host.to_owned(), "login_url")), "asked for each purpose");
        assert_eq!(asked(&[typed_line("login_url", host)]), None, "the first answer is remembered");
    }

    #[test]
    fn anything_but_the_name_is_a_no_and_is_asked_again() {
        let data = tempfile::tempdir().unwrap();
        for answer in ["", "\n", "y\n", "yes\n", "graph.example\n", "graph.example:8443 login.example\n"] {
            let refused = confirm_by(data.path(), &strange(), &[], |_| Some(answer.to_owned())).unwrap_err();
            assert!(refused.exit == Exit::Usage && refused.why.contains("graph.example:8443"), "{refused}");
        }
        assert!(!data.path().join("hosts").exists());
    }

    #[test]
    fn the_command_line_allows_for_this_time_and_clouds_are_not_asked_about() {
        let data = tempfile::tempdir().unwrap();
        let both = ["graph.example:8443".to_owned(), "LOGIN.example".to_owned()];
        confirm_by(data.path(), &strange(), &both, |_| None).unwrap();
        let refused = confirm_by(data.path(), &strange(), &both[..1], |_| None).unwrap_err();
        assert!(refused.action.contains("--allow-host login.example"), "{refused}");
        let cloud = Endpoints::of(crate::domain::cloud::Cloud::China).unwrap();
        confirm_by(data.path(), &cloud, &[], |_| None).unwrap();
        let here = Endpoints::custom("http://127.0.0.1:8080", "http://localhost:8080").unwrap();
        confirm_by(data.path(), &here, &[], |_| None).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_list_that_others_may_write_is_not_believed() {
        use std::os::unix::fs::PermissionsExt;
        let data = tempfile::tempdir().unwrap();
        confirm_by(data.path(), &strange(), &[], |unknown| Some(unknown.host.clone())).unwrap();
        let path = data.path().join("hosts/known");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
        let refused = confirm_by(data.path(), &strange(), &[], |_| None).unwrap_err();
        assert!(refused.why.contains("others may write it"), "{refused}");
    }
}
