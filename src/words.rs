//! The words: every sentence that people read is made here, from values, by the message catalog of one language.
//!
//! Below this layer there are only values. Above it, the terminal, the report and the command line ask a function of one of
//! the modules here, or [`say`] with the id of a message. The messages are in `assets/lang`, in the form of Project Fluent;
//! `tests/it/catalog.rs` finds messages that are missing or not used, arguments that do not fit, and sentences elsewhere.
//! Another language is one `.ftl` file and one line of `LANGUAGES`.

pub mod advice;
pub mod batches;
pub mod config;
pub mod counts;
pub mod error;
pub mod exclusion;
pub mod explain;
pub mod fault;
pub mod halt;
pub mod history;
pub mod journal;
pub mod notice;
pub mod permission;
pub mod preflight;
pub mod progress;
pub mod proof;
pub mod reason;
pub mod refusal;
pub mod remedy;
pub mod scenario;
pub mod sign_in;
pub mod standing;
pub mod survey;
pub mod worklist;

use std::sync::LazyLock;
use std::sync::OnceLock;

use fluent_bundle::FluentArgs;
use fluent_bundle::FluentResource;
use fluent_bundle::FluentValue;
use fluent_bundle::concurrent::FluentBundle;

use crate::domain::count;

/// Every language: its tag as in BCP 47, and its messages. The first has every message; the others fall back on it.
const LANGUAGES: &[(&str, &str)] = &[("en", include_str!("../assets/lang/en.ftl"))];

/// A language's messages, ready to be filled in.
type Messages = FluentBundle<FluentResource>;

/// Those of the first language, which are never missing.
static FIRST: LazyLock<Messages> = LazyLock::new(|| messages(LANGUAGES[0]));
/// The language that was chosen, when it is another, and its messages.
static CHOSEN: OnceLock<(&str, Messages)> = OnceLock::new();

/// The tags of all languages, such as `en`, the first one first.
pub fn languages() -> impl Iterator<Item = &'static str> {
    LANGUAGES.iter().map(|(tag, _)| *tag)
}

/// Chooses the language of this process, once and before anything is said. Says whether it is spoken and was not chosen
/// before; otherwise all stays as it is, and English where nothing was chosen.
pub fn choose(tag: &str) -> bool {
    let language = LANGUAGES.iter().find(|(known, _)| known.eq_ignore_ascii_case(tag));
    language.is_some_and(|language| CHOSEN.set((language.0, messages(*language))).is_ok())
}

/// The tag of the language that is spoken, as in BCP 47.
pub fn language() -> &'static str {
    CHOSEN.get().map_or(LANGUAGES[0].0, |(tag, _)| *tag)
}

/// A message with its arguments filled in. A count is given as a number, which picks the plural.
///
/// A message that no language has shows its id: a wrong word never stops a migration, and a test finds it.
pub fn say(id: &str, arguments: &[(&str, FluentValue<'_>)]) -> String {
    let chosen = CHOSEN.get().and_then(|(_, messages)| filled_in(messages, id, arguments));
    chosen.or_else(|| filled_in(&FIRST, id, arguments)).unwrap_or_else(|| id.to_owned())
}

/// A message without arguments.
pub fn phrase(id: &str) -> String {
    say(id, &[])
}

fn filled_in(messages: &Messages, id: &str, arguments: &[(&str, FluentValue<'_>)]) -> Option<String> {
    let pattern = messages.get_message(id)?.value()?;
    let arguments: FluentArgs<'_> = arguments.iter().map(|(name, value)| (*name, value.clone())).collect();
    Some(messages.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned())
}

fn messages((tag, text): (&str, &str)) -> Messages {
    let mut messages = FluentBundle::new_concurrent(tag.parse().into_iter().collect());
    // Marks around what is filled in are for right-to-left scripts, and a terminal shows them as boxes.
    messages.set_use_isolating(false);
    messages.set_formatter(Some(number));
    // What cannot be read is left out, and a test finds it.
    let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(readable, _)| readable);
    messages.add_resource_overriding(resource);
    messages
}

/// Numbers look everywhere as the one formatter of counts has them.
fn number<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    match value {
        FluentValue::Number(number) => Some(count::number(number.value)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_is_missing_shows_its_id() {
        assert_eq!(phrase("nobody-wrote-this"), "nobody-wrote-this");
    }

    #[test]
    fn a_language_that_is_not_spoken_is_not_chosen() {
        assert!(!choose("tlh") && languages().eq(["en"]));
    }
}
