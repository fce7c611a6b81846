//! Arguments as a shell takes them back, on one line and without what steers a terminal.
//!
//! Crates that quote leave control characters as they are, and the filter for terminals would take them out: the command
//! would name another file. So they are written as `$'\x1b'`, which bash, zsh and ksh read.

use std::ffi::OsStr;

#[cfg(unix)]
use crate::domain::text::steers;

/// The argument as it is typed in a shell.
#[cfg(unix)]
pub(super) fn quoted(argument: &OsStr) -> String {
    use std::os::unix::ffi::OsStrExt;
    let plain = |char: char| char.is_alphanumeric() || "/._-+=:,@%".contains(char);
    match argument.to_str() {
        Some(text) if !text.is_empty() && text.chars().all(plain) => text.to_owned(),
        Some(text) if !text.chars().any(steers) => format!("'{}'", text.replace('\'', r"'\''")),
        _ => {
            let byte = |byte: &u8| match byte {
                b'\'' | b'\\' => format!("\\{}", char::from(*byte)),
                b' '..=b'~' => char::from(*byte).to_string(),
                _ => format!("\\x{byte:02x}"),
            };
            format!("$'{}'", argument.as_bytes().iter().map(byte).collect::<String>())
        }
    }
}

/// As the command prompt of Windows takes it; a file's name has no quotation mark there.
#[cfg(not(unix))]
pub(super) fn quoted(argument: &OsStr) -> String {
    let text = argument.to_string_lossy();
    let plain = |char: char| char.is_alphanumeric() || r"\/._-+=:,@".contains(char);
    if !text.is_empty() && text.chars().all(plain) { text.into_owned() } else { format!("\"{text}\"") }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    use std::process::Command;

    #[test]
    fn what_a_shell_would_read_otherwise_is_quoted() {
        for (given, typed) in [
            ("config.toml", "config.toml"),
            ("/home/zoë/E1 to E3.toml", "'/home/zoë/E1 to E3.toml'"),
            ("a;rm -rf ~.toml", "'a;rm -rf ~.toml'"),
            ("$(id)`id`", "'$(id)`id`'"),
            ("it's.toml", r"'it'\''s.toml'"),
            ("", "''"),
            ("a\nb\u{1b}[2J", r"$'a\x0ab\x1b[2J'"),
            ("~/x", "'~/x'"),
        ] {
            assert_eq!(quoted(given.as_ref()), typed);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))] // each starts a shell
        #[test]
        fn bash_gives_back_what_was_quoted(bytes in proptest::collection::vec(1_u8..=255, 0..40)) {
            let given = OsString::from_vec(bytes);
            let quoted = quoted(&given);
            prop_assert!(!quoted.chars().any(steers));
            if let Ok(answer) = Command::new("bash").arg("-c").arg(format!("printf %s {quoted}")).output() {
                prop_assert_eq!(OsString::from_vec(answer.stdout), given);
            }
        }
    }
}
