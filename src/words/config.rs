//! What is wrong with a configuration or a list of users, why, and what to do.

use std::io;

use crate::config::AddressFlaw;
use crate::config::ConfigError;
use crate::config::Expected;
use crate::config::Migration;
use crate::config::Mistake;
use crate::config::Unreadable;
use crate::config::ValueKind;
use crate::config::Wrong;
use crate::config::users::ListError;
use crate::words::error::causes;
use crate::words::phrase;
use crate::words::say;

/// What a migration is called: by its operator, or after its two products.
pub fn name(migration: &Migration) -> String {
    let (source, target) = (migration.source.sku.as_str().into(), migration.target.sku.as_str().into());
    let unnamed = || say("config-name", &[("source", source), ("target", target)]);
    migration.name.clone().unwrap_or_else(unnamed)
}

/// What happened, in one line.
pub fn what(error: &ConfigError) -> String {
    match error {
        ConfigError::Unreadable { path, .. } => {
            say("error-config-unreadable", &[("path", path.display().to_string().into())])
        }
        ConfigError::Wrong(mistake) => {
            say("error-config-not-usable", &[("path", mistake.path.display().to_string().into())])
        }
    }
}

/// Why, in one or more lines.
pub fn why(error: &ConfigError) -> String {
    match error {
        ConfigError::Unreadable { why: Unreadable::System(error), .. } => causes(error),
        ConfigError::Unreadable { why: Unreadable::NoFile, .. } => phrase("error-config-no-file"),
        ConfigError::Unreadable { why: Unreadable::TooLarge { most }, .. } => {
            say("error-config-too-large", &[("most", (*most).into())])
        }
        ConfigError::Unreadable { why: Unreadable::NoText, .. } => phrase("error-config-no-text"),
        ConfigError::Wrong(mistake) => shown(mistake),
    }
}

/// What to do about it.
pub fn action(error: &ConfigError) -> String {
    match error {
        ConfigError::Unreadable { why: Unreadable::System(error), .. } if error.kind() == io::ErrorKind::NotFound => {
            phrase("error-config-unreadable-create")
        }
        ConfigError::Unreadable { .. } => phrase("error-config-unreadable-action"),
        ConfigError::Wrong(mistake) => match &mistake.expected {
            Some(right) => say("error-config-expected", &[("expected", expected(right).into())]),
            None => phrase("error-config-correct"),
        },
    }
}

/// What is wrong alone, where nobody has seen the file that it would be pointed out in.
pub fn what_alone(error: &ConfigError) -> String {
    match error {
        ConfigError::Unreadable { .. } => why(error),
        ConfigError::Wrong(mistake) => wrong(&mistake.what),
    }
}

/// A mistake with its line, and a mark under what is meant.
fn shown(mistake: &Mistake) -> String {
    let Mistake { path, line, column, shown, width, .. } = mistake;
    let margin = " ".repeat(line.to_string().len());
    let before: String = shown.chars().take(column - 1).map(|c| if c == '\t' { c } else { ' ' }).collect();
    let mark = "^".repeat((*width).max(1));
    let what = wrong(&mistake.what);
    format!("{}:{line}:{column}: {what}\n{margin} |\n{line} | {shown}\n{margin} | {before}{mark}", path.display())
}

fn wrong(wrong: &Wrong) -> String {
    match wrong {
        Wrong::Parser(said) => said.clone(),
        Wrong::NoKey(key) => say("config-wrong-no-key", &[("key", key.as_str().into())]),
        Wrong::MissingKey(key) => say("config-wrong-missing-key", &[("key", key.as_str().into())]),
        Wrong::KeyTwice => phrase("config-wrong-key-twice"),
        Wrong::NoChoice(choice) => say("config-wrong-no-choice", &[("choice", choice.as_str().into())]),
        Wrong::OtherKind(value) => say("config-wrong-other-kind", &[("value", value.as_str().into())]),
        Wrong::BadValue(value) => say("config-wrong-bad-value", &[("value", value.as_str().into())]),
        Wrong::Address { given, why } => {
            say("config-wrong-address", &[("given", given.as_str().into()), ("why", address(*why).into())])
        }
        Wrong::Backslash => phrase("config-wrong-backslash"),
        Wrong::NameInAddress => phrase("config-wrong-name-in-address"),
        Wrong::LongText => phrase("config-wrong-long-text"),
        Wrong::SecretValue => phrase("config-wrong-value"),
        Wrong::SameGroup => phrase("config-wrong-same-group"),
        Wrong::SameLicense => phrase("config-wrong-same-license"),
        Wrong::NeedsClientId => phrase("config-wrong-no-client-id"),
        Wrong::NeedsCertificate => phrase("config-wrong-no-certificate"),
        Wrong::NoCommand => phrase("config-wrong-no-command"),
        Wrong::List(why) => list(*why),
    }
}

fn address(why: AddressFlaw) -> String {
    match why {
        AddressFlaw::Scheme => phrase("config-address-scheme"),
        AddressFlaw::Characters => phrase("config-address-characters"),
        AddressFlaw::Host => phrase("config-address-host"),
        AddressFlaw::Version => phrase("config-address-version"),
        AddressFlaw::PlainHttp => phrase("config-address-plain-http"),
    }
}

fn value(kind: ValueKind) -> String {
    match kind {
        ValueKind::Text => phrase("config-value-text"),
        ValueKind::Tenant => phrase("config-value-tenant"),
        ValueKind::Group => phrase("config-value-group"),
        ValueKind::Product => phrase("config-value-product"),
        ValueKind::Window => phrase("config-value-window"),
        ValueKind::Zone => phrase("config-value-zone"),
        ValueKind::Address => phrase("config-value-address"),
        ValueKind::Whole { least, most } => {
            say("config-value-whole", &[("least", least.into()), ("most", most.into())])
        }
        ValueKind::Length { shortest, longest } => say(
            "config-value-length",
            &[("shortest", format!("{shortest:#}").into()), ("longest", format!("{longest:#}").into())],
        ),
    }
}

/// Why a text is not a list of users.
pub fn list(why: ListError) -> String {
    match why {
        ListError::NoColumn { line } => say("config-list-no-column", &[("line", line.into())]),
        ListError::SeveralUsers { line } => say("config-list-several-users", &[("line", line.into())]),
        ListError::OpenQuote { line } => say("config-list-open-quote", &[("line", line.into())]),
        ListError::Row { .. } => phrase("config-list-row"),
    }
}

/// What was expected in the place of a mistake.
pub fn expected(expected: &Expected) -> String {
    match expected {
        Expected::Parser(said) => said.clone(),
        Expected::Value(kind) => value(*kind),
        Expected::Quotes => phrase("config-expected-quotes"),
        Expected::Key => phrase("config-expected-key"),
        Expected::Path => phrase("config-expected-path"),
        Expected::NoSecret => phrase("config-expected-no-secret"),
        Expected::OtherGroup => phrase("config-expected-other-group"),
        Expected::OtherProduct => phrase("config-expected-other-product"),
        Expected::ClientId => phrase("config-expected-client-id"),
        Expected::Certificate => phrase("config-expected-certificate"),
        Expected::Command => phrase("config-expected-command"),
        Expected::ListOfUsers => phrase("config-expected-list"),
    }
}
