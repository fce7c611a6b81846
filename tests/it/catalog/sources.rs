//! Our sources as tokens: which messages they say, and which of their literals are sentences.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use proc_macro2::Delimiter;
use proc_macro2::Group;
use proc_macro2::Literal;
use proc_macro2::TokenStream;
use proc_macro2::TokenTree;

use crate::catalog::pages;

/// Macros whose texts are for whoever maintains the program: they stop it, or go into its log.
const FOR_MAINTAINERS: &[&str] = &[
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "panic",
    "unreachable",
    "todo",
    "trace",
    "debug",
    "info",
    "warn",
    "error",
];
/// Attributes whose texts are no sentences of ours, or are help that clap makes from them.
const ATTRIBUTES: &[&str] =
    &["doc", "command", "arg", "value", "clap", "serde", "expect", "allow", "cfg_attr", "must_use"];

/// One call of `say` or `phrase`.
pub(super) struct Said {
    pub(super) line: usize,
    /// The message, when it is written out.
    pub(super) id: Option<String>,
    /// The names of its arguments.
    pub(super) arguments: Vec<String>,
}

/// What one file has.
pub(super) struct Source {
    /// From the root of the project, such as `src/cli.rs`.
    pub(super) path: String,
    pub(super) said: Vec<Said>,
    /// Literals that read like sentences, with their lines.
    pub(super) sentences: Vec<(usize, String)>,
    pub(super) says: bool,
}

impl Source {
    /// Whether its literals may be for people who use the program: the simulated tenant is the other side of the wire.
    pub(super) fn is_for_people(&self) -> bool {
        !self.path.starts_with("src/sim/") && self.path != "src/sim.rs"
    }

    fn read(path: &Path) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let text = fs::read_to_string(path).unwrap();
        let tokens: TokenStream = text.parse().unwrap_or_else(|wrong| panic!("{}: {wrong}", path.display()));
        let path = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        let says = text.contains("words::say;") || text.contains("words::phrase;");
        let mut source = Self { path, said: Vec::new(), sentences: Vec::new(), says };
        source.walk(tokens, true);
        source
    }

    /// Goes through tokens of the program; in those that are for maintainers, sentences do not count.
    fn walk(&mut self, tokens: TokenStream, for_people: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            at += 1;
            match token {
                TokenTree::Punct(sign) if sign.as_char() == '#' => {
                    if is_sign(tokens.get(at), '!') {
                        at += 1;
                    }
                    if let Some(TokenTree::Group(attribute)) = tokens.get(at) {
                        at += 1;
                        let condition = attribute.stream().to_string().replace(' ', "");
                        if condition == "cfg(test)" || condition.starts_with("cfg(all(test,") {
                            at = end_of_item(&tokens, at);
                        } else if !ATTRIBUTES.contains(&first_word(attribute).as_str()) {
                            self.walk(attribute.stream(), for_people);
                        }
                    }
                }
                TokenTree::Ident(name) if is_sign(tokens.get(at), '!') => {
                    if let Some(TokenTree::Group(group)) = tokens.get(at + 1) {
                        at += 2;
                        self.walk(group.stream(), for_people && !FOR_MAINTAINERS.contains(&name.to_string().as_str()));
                    }
                }
                TokenTree::Ident(name) => {
                    if let Some(TokenTree::Group(group)) = tokens.get(at)
                        && group.delimiter() == Delimiter::Parenthesis
                    {
                        let before = at.checked_sub(2).and_then(|before| tokens.get(before));
                        let free = !is_sign(before, '.') && !is_word(before, "fn");
                        if self.says && free && (name == "say" || name == "phrase") {
                            self.said.push(Said::read(name.span().start().line, group));
                        }
                        at += 1;
                        self.walk(group.stream(), for_people && name != "expect");
                    }
                }
                TokenTree::Literal(literal) => {
                    let text = text_of(literal);
                    if let Some(text) = text.filter(|text| for_people && is_sentence(text)) {
                        self.sentences.push((literal.span().start().line, text));
                    }
                }
                TokenTree::Group(group) => self.walk(group.stream(), for_people),
                TokenTree::Punct(_) => {}
            }
        }
    }
}

impl Said {
    fn read(line: usize, group: &Group) -> Self {
        let mut tokens = group.stream().into_iter();
        let id = match tokens.next() {
            Some(TokenTree::Literal(literal)) => text_of(&literal),
            _ => None,
        };
        let mut arguments = Vec::new();
        for token in tokens {
            if let TokenTree::Group(list) = token {
                for one in list.stream() {
                    if let TokenTree::Group(pair) = one
                        && let Some(TokenTree::Literal(name)) = pair.stream().into_iter().next()
                    {
                        arguments.extend(text_of(&name));
                    }
                }
            }
        }
        Self { line, id, arguments }
    }
}

/// Every file of the program, tests left out.
pub(super) fn all() -> Vec<Source> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let test = path.file_stem().is_some_and(|stem| stem == "tests" || stem == "testing");
            if path.is_dir() && !test {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") && !test {
                files.push(path);
            }
        }
    }
    files.sort();
    let page = [pages::template("assets/report/report.html"), pages::script("assets/report/report.js")];
    files.iter().map(|file| Source::read(file)).chain(page).collect()
}

fn is_sign(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

fn is_word(token: Option<&TokenTree>, word: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(ident)) if ident == word)
}

fn first_word(group: &Group) -> String {
    group.stream().into_iter().next().map_or_else(String::new, |token| token.to_string())
}

/// Behind the item that begins here: behind its braces, or its semicolon.
fn end_of_item(tokens: &[TokenTree], from: usize) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(sign) => sign.as_char() == ';',
        _ => false,
    };
    tokens[from..].iter().position(ends).map_or(tokens.len(), |length| from + length + 1)
}

/// What a literal says, when it is text; a line that goes on in the next one is put together.
fn text_of(literal: &Literal) -> Option<String> {
    let code = literal.to_string();
    let inner = code.strip_prefix('"').or_else(|| code.strip_prefix("r#\"")).or_else(|| code.strip_prefix("r\""))?;
    let inner = inner.trim_end_matches('#').strip_suffix('"')?;
    let lines: Vec<&str> = inner.split("\\\n").collect();
    Some(lines.iter().enumerate().map(|(at, line)| if at == 0 { line } else { line.trim_start() }).collect())
}

/// Whether a text has two words in a row, or one beside what is filled in: `no seat`, `{free} seats`. The tags of a picture
/// are none.
pub(super) fn is_sentence(text: &str) -> bool {
    let text = if text.starts_with('<') { &outside_tags(text) } else { text };
    let mut shown = String::new();
    let mut depth = 0;
    for one in text.chars() {
        match one {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ if depth > 0 => {}
            one => shown.push(one),
        }
    }
    let is_word = |word: &str| {
        let word = word.trim_matches(|one: char| !one.is_alphanumeric());
        word.chars().count() > 1 && word.chars().all(|one| one.is_alphabetic() || one == '\'')
    };
    let words = shown.split_whitespace().filter(|word| is_word(word)).count();
    words > 1 || (words == 1 && shown.trim() != shown)
}

fn outside_tags(text: &str) -> String {
    text.split('<').map(|part| part.split_once('>').map_or("", |(_, behind)| behind)).collect()
}

#[test]
fn sentences_are_told_from_what_looks_like_them() {
    for sentence in ["no seat", "{free} seats", " · direct", "<text x=\"1\">no seat</text>", "line {line}: not a user"]
    {
        assert!(is_sentence(sentence), "{sentence}");
    }
    for other in [
        "user-not-found",
        "{a} {b}",
        "<rect class=\"a\" width=\"2\"/>",
        "/users/{id}?$select=id",
        "application/json",
        "x",
        "",
        "GET",
    ] {
        assert!(!is_sentence(other), "{other}");
    }
}

#[test]
fn tests_attributes_and_texts_for_maintainers_are_passed_over() {
    let text = r#"
        /// No sentence.
        #[command(about = "no sentence here")]
        struct A;
        #[error("a first sentence")]
        struct B;
        #[cfg(test)]
        mod tests { const C: &str = "no sentence here"; }
        fn d() { tracing::info!("no sentence here"); e().expect("no sentence here"); f("a second sentence"); }
    "#;
    let mut source = Source { path: String::new(), said: Vec::new(), sentences: Vec::new(), says: true };
    source.walk(text.parse().unwrap(), true);
    let found: Vec<&str> = source.sentences.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(found, ["a first sentence", "a second sentence"]);
}

#[test]
fn what_is_said_is_read_with_its_arguments() {
    let text = r#"fn say() { say("a-b", &[("count", f(&[("x", 1)]).into()), ("name", name.into())]); phrase("c"); a.phrase(); say(id) }"#;
    let mut source = Source { path: String::new(), said: Vec::new(), sentences: Vec::new(), says: true };
    source.walk(text.parse().unwrap(), true);
    let said: Vec<_> = source.said.iter().map(|said| (said.id.as_deref(), said.arguments.join(" "))).collect();
    assert_eq!(said, [(Some("a-b"), "count name".into()), (Some("c"), String::new()), (None, String::new())]);
}
