//! Which language is spoken: that of the configuration, else that of `SKUFERRY_LANG`, else that of the system's locale.

use std::env;
use std::path::Path;

use crate::cli::dirs::Dirs;
use crate::config::Config;
use crate::config::ConfigError;
use crate::domain::language::Choice;
use crate::domain::language::Language;
use crate::words;

/// Names the language where the configuration does not.
const VARIABLE: &str = "SKUFERRY_LANG";

/// Where a system of POSIX keeps the locale of messages, in the order in which they count.
const LOCALE: [&str; 3] = ["LC_ALL", "LC_MESSAGES", "LANG"];

/// Speaks what the environment asks for, until the configuration is read.
pub fn by_environment() {
    speak(Choice::Auto);
}

/// Reads a configuration and speaks as it asks for. What is wrong with it is told as the environment asks for.
pub(super) fn load(path: &Path) -> Result<Config, ConfigError> {
    let config = Config::load(path)?;
    speak(config.language);
    Ok(config)
}

/// Speaks as the configuration of this account asks for, in a command that needs none: where there is none, or one that
/// cannot be read, that is no matter here.
pub(super) fn by_configuration(dirs: &Dirs) {
    if let Ok(config) = Config::load(&dirs.config_file(None)) {
        speak(config.language);
    }
}

fn speak(configured: Choice) {
    let variable = |name: &str| env::var_os(name).and_then(|value| value.into_string().ok());
    words::choose(Language::asked_for(configured, variable(VARIABLE).as_deref(), locales(variable)));
}

/// The locales of the account, the dearest first: that of the variables, else those of the system.
fn locales(variable: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let set = |name: &&str| variable(name).filter(|value| !value.is_empty());
    LOCALE.iter().find_map(set).map_or_else(|| sys_locale::get_locales().collect(), |locale| vec![locale])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_is_set_names_the_locale() {
        let locales = |vars: &[(&str, &str)]| {
            locales(|name| vars.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned()))
        };
        let (all, messages, lang) = (("LC_ALL", "C"), ("LC_MESSAGES", "pt_PT.UTF-8"), ("LANG", "de_DE.UTF-8"));
        assert_eq!(locales(&[lang, messages, all]), ["C"]);
        assert_eq!(locales(&[lang, messages, ("LC_ALL", "")]), ["pt_PT.UTF-8"]);
        assert_eq!(locales(&[lang]), ["de_DE.UTF-8"]);
    }
}
