//! Exit codes, and an error as three parts: what happened, why, and what to do.

use std::error::Error;
use std::fmt;
use std::io;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use crate::config::ConfigError;
use crate::domain::causes::causes;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::sign_in::SignInCause;
use crate::domain::text::clean;
use crate::domain::text::clean_lines;
use crate::journal::JournalError;
use crate::journal::LockError;
use crate::sim::SimError;

/// How the program ends. Scripts rely on the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All is well.
    Fine = 0,
    /// A check found someone or something blocked.
    CheckFailed = 1,
    /// Bad usage or configuration, or this machine refuses something.
    Usage = 2,
    /// Signing in failed.
    SignIn = 3,
    /// The service could not be reached, or refused.
    Service = 4,
    /// A user was left without a license.
    Unlicensed = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command did not do what it was asked for, told to an admin. It never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What happened.
    pub what: String,
    /// Why, in one or more lines.
    pub why: String,
    /// What to do.
    pub action: String,
}

impl Failure {
    /// A failure in three parts.
    pub fn new(exit: Exit, what: impl Into<String>, why: impl Into<String>, action: impl Into<String>) -> Self {
        Self { exit, what: what.into(), why: why.into(), action: action.into() }
    }

    /// Something that this machine refused.
    pub fn machine(what: impl Into<String>, why: &dyn Error) -> Self {
        let action = "See that the file, folder or address can be used by this account, then try again.";
        Self::new(Exit::Usage, what, causes(why), action)
    }

    /// Prints a line to standard error that is no failure.
    pub(super) fn note(line: &str) {
        // When nobody can read standard error, the journal still has it.
        let _ = writeln!(io::stderr(), "{}", clean(line));
    }

    /// Prints the failure to standard error, with the session's log when there is one, and gives the exit code.
    pub fn report(&self, log: Option<&Path>) -> ExitCode {
        let log = log.map(|path| format!("log: {}\n", clean(&path.display().to_string()))).unwrap_or_default();
        // When nobody can read standard error, the exit code still tells.
        let _ = write!(io::stderr(), "{self}{log}");
        self.exit.into()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (label, text) in [("error", &self.what), ("why", &self.why), ("what to do", &self.action)] {
            let text = clean_lines(text);
            let lines: Vec<_> = text.lines().collect();
            match lines.as_slice() {
                [] => {}
                [line] => writeln!(f, "{label}: {line}")?,
                [..] => {
                    writeln!(f, "{label}:")?;
                    lines.iter().try_for_each(|line| writeln!(f, "    {line}"))?;
                }
            }
        }
        Ok(())
    }
}

fn cause(error: &dyn Error, otherwise: &str) -> String {
    error.source().map_or_else(|| otherwise.to_owned(), causes)
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let action = error.action();
        match error {
            ConfigError::Unreadable { .. } => {
                Self::new(Exit::Usage, error.to_string(), cause(&error, "the system does not say"), action)
            }
            ConfigError::Wrong(mistake) => {
                let what = format!("{} cannot be used as it is", mistake.path.display());
                Self::new(Exit::Usage, what, mistake.to_string(), action)
            }
        }
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        let (what, why) = match &error {
            JournalError::Io { .. } | JournalError::Encode { .. } | JournalError::Lost { .. } => {
                (error.to_string(), cause(&error, ""))
            }
            JournalError::Poisoned { .. } => ("the journal cannot go on".into(), error.to_string()),
            JournalError::Damaged { .. } | JournalError::Newer { .. } => {
                ("the journal cannot be used".into(), error.to_string())
            }
        };
        Self::new(Exit::Usage, what, why, error.action())
    }
}

impl From<LockError> for Failure {
    fn from(error: LockError) -> Self {
        match error {
            LockError::Held { .. } => Self::new(
                Exit::Usage,
                "the run cannot be opened for writing",
                error.to_string(),
                "End the other run, or open this one with --read-only.",
            ),
            LockError::Io { .. } => Self::machine(error.to_string(), &error),
        }
    }
}

impl From<SimError> for Failure {
    fn from(error: SimError) -> Self {
        let action = match &error {
            SimError::NotLoopback(_) => "Give an address of this machine, such as --listen 127.0.0.1:0.",
            SimError::Speed(_) => "Give a speed such as --speed 60.",
            SimError::Listen { .. } => "Let it take a free port with --listen 127.0.0.1:0, or free this one.",
            SimError::Text(_) => "Correct the tenant file.",
            SimError::Tls(_) => "Leave --tls out: clients on this machine may speak http.",
            SimError::Write { .. } => "Name a folder that you may write and that has no config.toml or users.csv yet.",
        };
        let why = causes(&error);
        Self::new(Exit::Usage, "the simulated tenant cannot be served", why, action)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        let (exit, what, action) = match fault.kind {
            FaultKind::SignIn => (
                Exit::SignIn,
                "signing in failed",
                SignInCause::in_text(&fault.message).map_or(
                    "Check [auth] in the configuration and the secret or token, then try again.",
                    SignInCause::action,
                ),
            ),
            FaultKind::Unreachable => (
                Exit::Service,
                "Microsoft Graph could not be reached",
                "Check the network, the proxy and the addresses in [tenant], then try again.",
            ),
            FaultKind::Forbidden => (
                Exit::Service,
                "Microsoft Graph refused",
                "Ask an administrator for the permission or role that is named above.",
            ),
            FaultKind::Throttled | FaultKind::Service | FaultKind::Concurrent => {
                (Exit::Service, "Microsoft Graph cannot answer just now", "Wait some minutes and try again.")
            }
            FaultKind::Malformed => (
                Exit::Service,
                "the answer is not Microsoft Graph's",
                "Check the addresses in [tenant], and that no proxy answers in its place.",
            ),
            FaultKind::NotFound | FaultKind::AlreadyMember | FaultKind::Refused | FaultKind::NotSent => (
                Exit::Service,
                "Microsoft Graph refused",
                "Read the reason above; Microsoft's support asks for the request-id.",
            ),
        };
        Self::new(exit, what, fault.to_string(), action)
    }
}
