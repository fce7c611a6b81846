//! The commands that open a tenant or take a run up again, as they can be typed into a shell.

use std::path::Path;

use crate::cli::quote::quoted as quoted_path;
use crate::domain::event::RunInfo;
use crate::domain::id::RunId;
use crate::domain::text::clean;

/// The command that takes this run up again, from any folder where its configuration is known.
pub(super) fn resume_command(run: &RunInfo) -> String {
    let config = run.config.as_ref().map(|file| format!(" --config {}", quoted(file))).unwrap_or_default();
    format!("skuferry run{config} --resume {}", run.id)
}

/// The command that opens a tenant again that was opened with these arguments, as a shell takes it.
pub(super) fn again(config: Option<&Path>, allowed_hosts: &[String]) -> String {
    let named = config.into_iter().map(|file| format!(" --config {}", quoted_path(file.as_os_str())));
    let allowed = allowed_hosts.iter().map(|host| format!(" --allow-host {}", quoted_path(host.as_ref())));
    named.chain(allowed).fold("skuferry run".to_owned(), |command, part| command + &part)
}

/// The command that runs preflight alone on this configuration.
pub(super) fn check(config: &Path) -> String {
    format!("skuferry check --config {}", quoted_path(config.as_os_str()))
}

/// The command that opens a tenant again, with the run that it is to go on with.
pub(super) fn resumed(again: &str, run: RunId) -> String {
    format!("{again} --resume {run}")
}

/// The command that halts a run from another terminal.
pub(super) fn halt_command(run: RunId) -> String {
    format!("skuferry halt {run}")
}

/// A word of a command line that no shell takes apart.
fn quoted(word: &str) -> String {
    let word = clean(word);
    let plain = |one: char| one.is_alphanumeric() || "_-./:@%+=,\\".contains(one);
    if cfg!(windows) {
        return if word.chars().all(plain) { word.into_owned() } else { format!("\"{word}\"") };
    }
    let plain = !word.is_empty() && !word.contains('\\') && word.chars().all(plain);
    if plain { word.into_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_the_path_back_as_it_is() {
        for path in ["/home/a/config.toml", "/with space/c.toml", "/it's/$HOME/`x`;y.toml", r"/back\slash", "/ü/c.toml"]
        {
            let line = format!("printf %s {}", quoted(path));
            let said = std::process::Command::new("sh").args(["-c", &line]).output().unwrap();
            assert_eq!(String::from_utf8(said.stdout).unwrap(), path, "{line}");
        }
        assert_eq!(quoted("/home/a/config.toml"), "/home/a/config.toml");
    }
}
