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

/// Whether the locale can show more than ASCII; without any word of it, a terminal of today can.
pub(super) fn speaks_utf8(env: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name: &&str| env(name).filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set);
    locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}
