//! The page of the report and its script: what they say, and which of their words stand in them as they are.

use std::fs;
use std::path::Path;

use crate::catalog::sources::Said;
use crate::catalog::sources::Source;
use crate::catalog::sources::is_sentence;

/// The script of a page: it says what the page gives it, and has no words of its own.
pub(super) fn script(path: &str) -> Source {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let mut sentences = texts_of_script(&text);
    sentences.retain(|(_, text)| is_sentence(text));
    Source { path: path.to_owned(), said: Vec::new(), sentences, says: false }
}

/// The texts of a script with their lines, in whichever quotes; neither its comments nor what makes it strict.
fn texts_of_script(script: &str) -> Vec<(usize, String)> {
    let mut texts = Vec::new();
    for (line_number, line) in (1..).zip(script.lines()) {
        let mut rest = line.strip_prefix("\"use strict\";").unwrap_or(line);
        while let Some(at) = rest.find(['"', '\'', '`', '/']) {
            let quote = &rest[at..=at];
            rest = &rest[at + 1..];
            if quote == "/" {
                if rest.starts_with('/') {
                    break;
                }
                continue;
            }
            let Some((text, behind)) = rest.split_once(quote) else { break };
            texts.push((line_number, text.to_owned()));
            rest = behind;
        }
    }
    texts
}

#[test]
fn texts_of_a_script_are_told_from_its_comments() {
    let script = "\"use strict\"; // not \"this\"\nsay(\"a b\", 'c', `d`, /\\s+/); // nor 'that'\nx = a / b + \"e\";";
    assert_eq!(texts_of_script(script), [(2, "a b".into()), (2, "c".into()), (2, "d".into()), (3, "e".into())]);
}

/// A page that is filled in: what it says, and the words that stand in it as they are.
pub(super) fn template(path: &str) -> Source {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let mut source = Source { path: path.to_owned(), said: Vec::new(), sentences: Vec::new(), says: true };
    for (line_number, line) in (1..).zip(text.lines()) {
        for said in line.split("words::phrase(\"").skip(1) {
            let id = said.split('"').next().map(ToOwned::to_owned);
            source.said.push(Said { line: line_number, id, arguments: Vec::new() });
        }
        let words = Some(shown(line)).filter(|words| words.contains(char::is_alphabetic));
        source.sentences.extend(words.map(|words| (line_number, words)));
    }
    source
}

/// What a line shows of its own: neither tags nor what is filled in. The name is the same in every language.
fn shown(line: &str) -> String {
    let mut rest = line.replace(">skuferry<", "><");
    for (from, to) in [("{%", "%}"), ("{{", "}}"), ("<", ">")] {
        while let Some(begin) = rest.find(from)
            && let Some(length) = rest[begin..].find(to)
        {
            rest.replace_range(begin..begin + length + to.len(), " ");
        }
    }
    rest.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn words_of_a_page_are_told_from_what_is_filled_in() {
    assert_eq!(shown("<th scope=\"col\">{{ a.b(\"c\") }}</th>{% if d %}, e{% endif %}"), ", e");
}
