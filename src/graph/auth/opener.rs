//! Whether a page can be opened in a browser of this machine, and opening it.

use std::ffi::OsString;

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
    can_open_browser(|name| std::env::var_os(name)) && webbrowser::open(address).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

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
