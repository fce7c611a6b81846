//! Counts beside nouns: the noun must be picked by the number, so both stand in a selector.

use fluent_syntax::ast::Entry;
use fluent_syntax::ast::Expression;
use fluent_syntax::ast::InlineExpression;
use fluent_syntax::ast::Pattern;
use fluent_syntax::ast::PatternElement;
use fluent_syntax::parser;

use skuferry::domain::language::Language;

use crate::catalog::messages::text_of;

/// Nouns that are counted.
const NOUNS: &[&str] = &[
    "user",
    "users",
    "seat",
    "seats",
    "batch",
    "batches",
    "line",
    "lines",
    "record",
    "records",
    "request",
    "requests",
    "run",
    "runs",
    "reason",
    "reasons",
    "license",
    "licenses",
    "second",
    "seconds",
    "event",
    "events",
    "plan",
    "plans",
    "row",
    "rows",
    "approval",
    "approvals",
    "problem",
    "problems",
    "group",
    "groups",
    "free",
    "service",
    "rollback",
    "rollbacks",
    "journal",
    "journals",
    "file",
    "files",
    "time",
    "times",
];

/// The counts in a pattern that stand before a noun outside of a selector over that count.
fn bare(pattern: &Pattern<&str>, picked: &[&str], found: &mut Vec<String>) {
    for (at, element) in pattern.elements.iter().enumerate() {
        let PatternElement::Placeable { expression } = element else { continue };
        match expression {
            Expression::Inline(InlineExpression::VariableReference { id }) if id.name == "count" => {
                if let Some(PatternElement::TextElement { value }) = pattern.elements.get(at + 1)
                    && let Some(word) = value.strip_prefix(' ').and_then(|text| text.split(' ').next())
                    && NOUNS.contains(&word.trim_end_matches(|one: char| !one.is_alphabetic()))
                    && !picked.contains(&id.name)
                {
                    found.push(format!("{{ ${} }} {word}", id.name));
                }
            }
            Expression::Inline(_) => {}
            Expression::Select { selector, variants } => {
                let mut picked = picked.to_vec();
                if let InlineExpression::VariableReference { id } = selector {
                    picked.push(id.name);
                }
                for variant in variants {
                    bare(&variant.value, &picked, found);
                }
            }
        }
    }
}

/// Every such count of a catalog, behind the id of its message.
fn bare_counts(text: &str) -> Vec<String> {
    let resource = parser::parse(text).unwrap_or_else(|(readable, _)| readable);
    let mut all = Vec::new();
    for entry in &resource.body {
        let (id, pattern) = match entry {
            Entry::Message(message) => (message.id.name, message.value.as_ref()),
            Entry::Term(term) => (term.id.name, Some(&term.value)),
            _ => continue,
        };
        let mut found = Vec::new();
        if let Some(pattern) = pattern {
            bare(pattern, &[], &mut found);
        }
        all.extend(found.into_iter().map(|one| format!("{id}: {one}")));
    }
    all
}

#[test]
fn no_count_stands_beside_a_noun_outside_of_a_selector() {
    let found: Vec<String> = Language::all().flat_map(|language| bare_counts(&text_of(language.tag()))).collect();
    assert!(found.is_empty(), "pick the noun by the number: {found:#?}");
}

#[test]
fn a_count_beside_a_noun_is_found() {
    let text = "a = { $count } users\nb = { $count ->\n    [one] { $count } user\n   *[other] { $count } users\n}\nc = { $count } more\n";
    assert_eq!(bare_counts(text), ["a: { $count } users"]);
}
