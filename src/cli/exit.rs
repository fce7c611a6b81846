//! Exit codes, and an error as three parts: what happened, why, and what to do.

use std::error::Error;
use std::fmt;
use std::io;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use crate::config::ConfigError;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::text::clean;
use crate::domain::text::clean_lines;
use crate::journal::JournalError;
use crate::journal::LockError;
use crate::sim::SimError;
use crate::words;
use crate::words::error::causes;
use crate::words::phrase;
use crate::words::say;

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
    pub fn machine(what: impl Into<String>, why: &(dyn Error + 'static)) -> Self {
        let action = phrase("error-cli-machine-action");
        Self::new(Exit::Usage, what, causes(why), action)
    }

    /// Prints a line to standard error that is no failure.
    pub(super) fn note(line: &str) {
        // When nobody can read standard error, the journal still has it.
        let _ = writeln!(io::stderr(), "{}", clean(line));
    }

    /// Prints the failure to standard error, with the session's log when there is one, and gives the exit code.
    pub fn report(&self, log: Option<&Path>) -> ExitCode {
        let log = log.map(|path| format!("{}\n", clean(&log_line(path)))).unwrap_or_default();
        // When nobody can read standard error, the exit code still tells.
        let _ = write!(io::stderr(), "{self}{log}");
        self.exit.into()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let labels = [phrase("error-cli-label-what"), phrase("error-cli-label-why"), phrase("error-cli-label-action")];
        for (label, text) in labels.iter().zip([&self.what, &self.why, &self.action]) {
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

/// Where the log of a session is.
pub(super) fn log_line(path: &Path) -> String {
    say("cli-log", &[("path", path.display().to_string().into())])
}

fn cause(error: &(dyn Error + 'static), otherwise: String) -> String {
    error.source().map_or(otherwise, causes)
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let (what, why) = (words::config::what(&error), words::config::why(&error));
        Self::new(Exit::Usage, what, why, words::config::action(&error))
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        let told = words::journal::error(&error);
        let (what, why) = match &error {
            JournalError::Io { .. } | JournalError::Encode { .. } | JournalError::Lost { .. } => {
                (told, cause(&error, String::new()))
            }
            JournalError::Poisoned { .. } => (phrase("error-cli-journal-stopped"), told),
            JournalError::Damaged { .. } | JournalError::Newer { .. } => (phrase("error-cli-journal-not-usable"), told),
        };
        Self::new(Exit::Usage, what, why, words::journal::action(&error))
    }
}

impl From<LockError> for Failure {
    fn from(error: LockError) -> Self {
        match error {
            LockError::Held { .. } => Self::new(
                Exit::Usage,
                phrase("error-cli-run-held"),
                words::journal::lock(&error),
                phrase("error-cli-run-held-action"),
            ),
            LockError::Io { .. } => Self::machine(words::journal::lock(&error), &error),
        }
    }
}

impl From<SimError> for Failure {
    fn from(error: SimError) -> Self {
        let action = match &error {
            SimError::NotLoopback(_) => phrase("error-cli-sim-action-listen"),
            SimError::Speed(_) => phrase("error-cli-sim-action-speed"),
            SimError::Listen { .. } => phrase("error-cli-sim-action-port"),
            SimError::Text(_) => phrase("error-cli-sim-action-tenant"),
            SimError::Tls(_) => phrase("error-cli-sim-action-tls"),
            SimError::Write { .. } => phrase("error-cli-sim-action-folder"),
        };
        let why = causes(&error);
        Self::new(Exit::Usage, phrase("error-cli-sim"), why, action)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        let (exit, what, action) = match fault.kind {
            FaultKind::SignIn => (
                Exit::SignIn,
                phrase("error-cli-sign-in"),
                fault
                    .message
                    .sign_in_cause()
                    .map_or_else(|| phrase("error-cli-sign-in-action"), words::sign_in::action),
            ),
            FaultKind::Unreachable => {
                (Exit::Service, phrase("error-cli-unreachable"), phrase("error-cli-unreachable-action"))
            }
            FaultKind::Forbidden => (Exit::Service, phrase("error-cli-refused"), phrase("error-cli-forbidden-action")),
            FaultKind::Throttled | FaultKind::Service | FaultKind::Concurrent => {
                (Exit::Service, phrase("error-cli-busy"), phrase("error-cli-busy-action"))
            }
            FaultKind::Malformed => {
                (Exit::Service, phrase("error-cli-malformed"), phrase("error-cli-malformed-action"))
            }
            FaultKind::NotFound | FaultKind::AlreadyMember | FaultKind::Refused | FaultKind::NotSent => {
                (Exit::Service, phrase("error-cli-refused"), phrase("error-cli-refused-action"))
            }
        };
        Self::new(exit, what, words::fault::fault(&fault), action)
    }
}
