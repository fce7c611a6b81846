//! Who sits at this machine, by the name that the system knows.

use std::env;

use crate::words::phrase;
use crate::words::say;

/// The name of whoever runs this process.
pub(super) fn person() -> String {
    let named = env::var("USER").or_else(|_| env::var("USERNAME")).ok().filter(|name| !name.is_empty());
    named.unwrap_or_else(|| phrase("cli-operator-unnamed"))
}

/// The name of this machine.
#[cfg(unix)]
pub(super) fn host() -> Option<String> {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    (!name.is_empty()).then_some(name)
}

/// The name of this machine, as the system tells every program.
#[cfg(not(unix))]
pub(super) fn host() -> Option<String> {
    env::var("COMPUTERNAME").ok().filter(|name| !name.is_empty())
}

/// Who gives a command, and where.
pub(super) fn here() -> String {
    match host() {
        Some(host) => say("cli-operator-at", &[("person", person().into()), ("host", host.into())]),
        None => person(),
    }
}
