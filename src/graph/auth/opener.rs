//! Whether a page can be opened in a browser of this machine, and opening it.

use std::ffi::OsString;
use std::process::Command;
use std::process::Stdio;

use crate::graph::auth::without_secrets;

/// Whether whoever sits here would see a browser of this machine. Over ssh it would open where nobody looks.
pub fn can_open_browser(env: impl Fn(&str) -> Option<OsString>) -> bool {
    let set = |name: &str| env(name).is_some_and(|value| !value.is_empty());
    if set("BROWSER") {
        return true;
    }
    if set("SSH_CONNECTION") || set("SSH_TTY") || set("SSH_CLIENT") {
        return false;
    }
    cfg!(any(windows, target_os = "macos")) || set("DISPLAY") || set("WAYLAND_DISPLAY") || set("WSL_DISTRO_NAME")
}

/// Has a browser open the page, where there is one. Gives whether one was told to.
pub fn open_browser(address: &str) -> bool {
    if !can_open_browser(|name| std::env::var_os(name)) {
        return false;
    }
    // Whoever names one, or several to try, wants it; nobody waits until it is closed.
    let named = std::env::var_os("BROWSER").unwrap_or_default();
    let named: Vec<Command> = std::env::split_paths(&named)
        .filter(|name| !name.as_os_str().is_empty())
        .map(|name| {
            let mut command = Command::new(name);
            command.arg(address);
            command
        })
        .collect();
    named.into_iter().chain(open::commands(address)).any(|command| quietly(command).spawn().is_ok())
}

/// The command as it is started: it says nothing on our terminal, and is told none of our secrets.
fn quietly(mut command: Command) -> Command {
    without_secrets(&mut command);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::auth::secret_variables::SECRET_VARIABLES;

    #[test]
    fn a_browser_is_told_no_secret() {
        let command = quietly(Command::new("x"));
        let told: Vec<_> = command.get_envs().collect();
        for secret in SECRET_VARIABLES {
            assert!(told.contains(&(secret.as_ref(), None)), "{secret}: {told:?}");
        }
    }

    #[test]
    fn no_browser_opens_where_nobody_looks() {
        let with = |names: &'static [&'static str]| {
            can_open_browser(|name| names.contains(&name).then(|| OsString::from("x")))
        };
        assert!(!with(&["SSH_CONNECTION", "DISPLAY"]));
        assert!(!with(&["SSH_TTY"]));
        assert!(with(&["BROWSER", "SSH_TTY"]), "whoever names one wants it");
        assert!(with(&["DISPLAY"]) && with(&["WAYLAND_DISPLAY"]));
        assert_eq!(with(&[]), cfg!(any(windows, target_os = "macos")));
    }
}
