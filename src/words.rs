//! The words: every sentence that people read is made here, from values, by the message catalog of one language.
//!
//! Below this layer there are only values. Above it, the terminal, the report and the command line ask a function of one of
//! the modules here, or [`say`] with the id of a message. The messages are in `assets/lang`, in the form of Project Fluent;
//! `tests/it/catalog.rs` finds messages that are missing or not used, arguments that do not fit, and sentences elsewhere.
//! `domain::language` has the languages; another one is one `.ftl` file and one line there.

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
pub mod moved;
pub mod notice;
pub mod numbers;
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
pub mod times;
pub mod worklist;

use std::cell::Cell;
use std::sync::OnceLock;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use fluent_bundle::FluentArgs;
use fluent_bundle::FluentResource;
use fluent_bundle::FluentValue;
use fluent_bundle::concurrent::FluentBundle;

use crate::domain::language;
use crate::domain::language::Language;

/// A language's messages, ready to be filled in.
type Messages = FluentBundle<FluentResource>;

/// Those that were needed so far, each in its language's place.
static CATALOGS: [OnceLock<Messages>; language::COUNT] = [const { OnceLock::new() }; language::COUNT];
/// The place of the language that this process speaks.
static CHOSEN: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// The language that this thread speaks instead, for as long as [`in_language`] goes on.
    static ON_THIS_THREAD: Cell<Option<Language>> = const { Cell::new(None) };
}

/// Chooses the language of this process: once from the environment, before anything is said, and once more when the
/// configuration is read, which counts before it.
pub fn choose(language: Language) {
    CHOSEN.store(language.place(), Relaxed);
}

/// The language that is spoken.
pub fn language() -> Language {
    let here = ON_THIS_THREAD.get();
    here.unwrap_or_else(|| Language::all().nth(CHOSEN.load(Relaxed)).unwrap_or_default())
}

/// Speaks a language on this thread alone while `work` goes on. Tests see the screens of each language with it, beside one
/// another.
pub fn in_language<T>(language: Language, work: impl FnOnce() -> T) -> T {
    /// Puts back what was spoken before, also when the work panics.
    struct Before(Option<Language>);
    impl Drop for Before {
        fn drop(&mut self) {
            ON_THIS_THREAD.set(self.0);
        }
    }
    let _before = Before(ON_THIS_THREAD.replace(Some(language)));
    work()
}

/// A message with its arguments filled in. A count is given as a number, which picks the plural.
///
/// A message that no language has shows its id: a wrong word never stops a migration, and a test finds it.
pub fn say(id: &str, arguments: &[(&str, FluentValue<'_>)]) -> String {
    let chosen = filled_in(catalog(language()), id, arguments);
    chosen.or_else(|| filled_in(catalog(Language::ENGLISH), id, arguments)).unwrap_or_else(|| id.to_owned())
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

fn catalog(language: Language) -> &'static Messages {
    CATALOGS[language.place()].get_or_init(|| messages(language))
}

fn messages(language: Language) -> Messages {
    let mut messages = FluentBundle::new_concurrent(language.tag().parse().into_iter().collect());
    // Marks around what is filled in are for right-to-left scripts, and a terminal shows them as boxes.
    messages.set_use_isolating(false);
    messages.set_formatter(Some(number));
    // What cannot be read is left out, and a test finds it.
    let text = language.messages().to_owned();
    let resource = FluentResource::try_new(text).unwrap_or_else(|(readable, _)| readable);
    messages.add_resource_overriding(resource);
    messages
}

/// Numbers look everywhere as the one formatter of numbers has them.
fn number<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    match value {
        FluentValue::Number(number) => Some(numbers::number(number.value)),
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
    fn a_thread_may_speak_another_language_for_a_while() {
        let portuguese = Language::of("pt-PT").unwrap();
        let inside = in_language(portuguese, || (language(), in_language(Language::ENGLISH, language), language()));
        assert_eq!(inside, (portuguese, Language::ENGLISH, portuguese));
        assert_eq!(language(), Language::ENGLISH);
        let broken = std::panic::catch_unwind(|| in_language(portuguese, || panic!("as a test of a screen may")));
        assert!(broken.is_err() && language() == Language::ENGLISH);
    }
}
