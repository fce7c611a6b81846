//! How the terminal is to look, from the configuration and the environment.

use std::env;

use crate::config::Config;
use crate::config::ThemeName;
use crate::tui::Theme;

/// The theme of the configuration.
pub(super) fn configured(config: &Config) -> Theme {
    match config.theme {
        ThemeName::Dark => Theme::Dark,
        ThemeName::Light => Theme::Light,
        ThemeName::Ansi => Theme::Ansi,
        ThemeName::None => Theme::None,
    }
}

/// Whether `NO_COLOR` is set (<https://no-color.org>).
pub(super) fn no_color() -> bool {
    env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// The theme of the configuration, unless `NO_COLOR` forbids colours.
pub(super) fn theme(config: &Config) -> Theme {
    if no_color() { Theme::None } else { configured(config) }
}

/// Whether the terminal can show more than ASCII: by its locale, and by its font. The console of Linux has a font of 256
/// letters with hardly one of the marks, and draws a box in the place of the others. Without any word of either, a terminal
/// of today can.
pub(super) fn shows_marks(env: impl Fn(&str) -> Option<String>) -> bool {
    let terminal = env("TERM").unwrap_or_default();
    if ["linux", "dumb", "vt100", "vt220"]
        .iter()
        .any(|plain| terminal == *plain || terminal.starts_with(&format!("{plain}-")))
    {
        return false;
    }
    let set = |name: &&str| env(name).filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set);
    locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_gets_marks_that_its_font_and_its_locale_have() {
        let shows = |vars: &[(&str, &str)]| {
            shows_marks(|name| vars.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned()))
        };
        assert!(shows(&[]) && shows(&[("TERM", "xterm-256color"), ("LANG", "pt_PT.UTF-8")]));
        assert!(!shows(&[("TERM", "xterm-256color"), ("LC_ALL", "C"), ("LANG", "pt_PT.UTF-8")]));
        for console in ["linux", "linux-16color", "vt100"] {
            assert!(!shows(&[("TERM", console), ("LANG", "en_US.UTF-8")]), "{console}");
        }
    }
}
