//! Text from the service, made fit for a journal: words that decide something, messages of one line, excerpts of pages.

use crate::domain::text::clean;
use crate::domain::text::steers;

use crate::graph::limits;

/// How much of a message is kept.
const LONGEST: usize = 500;

/// A name, cut where it is longer than any name may be.
pub(in crate::graph) fn plain(text: &str) -> String {
    clean(text).chars().take(limits::NAME).collect()
}

/// A word that decides something, such as a state. What steers is replaced and not dropped: otherwise `Act\u{7}ive`
/// would turn into a word that we trust, and an error of control characters alone into no error.
pub(in crate::graph) fn word(text: &str) -> String {
    let cut = if text.chars().nth(limits::NAME).is_some() { "…" } else { "" };
    let kept = text.chars().take(limits::NAME).map(|char| if steers(char) { '\u{fffd}' } else { char });
    kept.chain(cut.chars()).collect()
}

/// A message on one line, cut at 500 characters.
pub(in crate::graph) fn message(text: &str) -> String {
    let clean = clean(text);
    let clean = clean.trim();
    if clean.chars().count() <= LONGEST {
        return clean.to_owned();
    }
    clean.chars().take(LONGEST - 1).chain(['…']).collect()
}

/// How much of an answer that is not Graph's is shown.
const EXCERPT: usize = 100;
/// How much of it is looked at for that.
const LOOKED_AT: usize = 20_000;

/// The first words of an answer that is not Graph's, without the tags of a page: enough to tell which proxy or portal
/// spoke. `None` when there is nothing to read.
pub(in crate::graph) fn excerpt(body: &str) -> Option<String> {
    let (mut words, mut rest): (String, &str) = (String::new(), body.get(..LOOKED_AT).unwrap_or(body));
    while let Some((before, tag)) = rest.split_once('<') {
        words.push_str(before);
        words.push(' ');
        let name = tag.get(..6).unwrap_or(tag).to_ascii_lowercase();
        let hidden = ["script", "style"].into_iter().find(|hidden| name.starts_with(hidden));
        let behind = match hidden {
            Some(hidden) => tag.find(&format!("</{hidden}")).and_then(|end| tag.get(end + 1..)),
            None => Some(tag),
        };
        rest = behind.and_then(|tag| tag.split_once('>')).map_or("", |(_, rest)| rest);
    }
    words.push_str(rest);
    let words = message(&words.split_whitespace().collect::<Vec<_>>().join(" "));
    let short: String = words.chars().take(EXCERPT).collect();
    let end = if short.len() < words.len() { "…" } else { "" };
    (!short.is_empty()).then(|| short + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_never_turns_into_another_word() {
        assert_eq!(word("Act\u{7}ive"), "Act\u{fffd}ive");
        assert_eq!(word("\u{0}"), "\u{fffd}");
        assert_eq!(word("Active"), "Active");
    }

    #[test]
    fn messages_are_one_line_and_end_somewhere() {
        assert_eq!(message(" a\r\nb\u{1b} "), "a b");
        assert_eq!(message(&"é".repeat(900)).chars().count(), 500);
    }
}
