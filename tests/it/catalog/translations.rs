//! What a translation needs beside the same messages: nothing left in English, its own plurals, and the terms of its glossary.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use fluent_syntax::ast::Entry;
use fluent_syntax::ast::Expression;
use fluent_syntax::ast::InlineExpression;
use fluent_syntax::ast::Pattern;
use fluent_syntax::ast::PatternElement;
use fluent_syntax::ast::VariantKey;
use fluent_syntax::parser;
use intl_pluralrules::PluralCategory;
use intl_pluralrules::PluralRuleType;
use intl_pluralrules::PluralRules;
use skuferry::domain::language::Language;
use skuferry::words::in_language;

use crate::catalog::messages::text_of;

/// Messages whose words may be the same as in English, with the reason.
const SAME: &[(&str, &[&str])] = &[
    (
        "names of services of Microsoft",
        &["standing-service-exchange", "standing-service-teams", "setup-managed-exchange"],
    ),
    (
        "titles of documents of Microsoft",
        &[
            "advice-source-delicensing",
            "advice-source-disabled",
            "advice-source-group-licensing",
            "advice-source-guests",
            "advice-source-nested",
            "advice-source-phone-numbers",
            "advice-source-subscription",
            "advice-source-swap",
        ],
    ),
    ("what stands on keys", &["key-name-ctrl", "key-name-page-down", "key-name-page-up"]),
    (
        "units of time of the International System",
        &[
            "screen-brief-days",
            "screen-brief-days-hours",
            "screen-brief-hours",
            "screen-brief-hours-minutes",
            "screen-brief-minutes",
            "screen-brief-minutes-seconds",
            "screen-brief-seconds",
            "screen-hours",
            "screen-hours-minutes",
            "screen-minutes",
            "screen-minutes-seconds",
            "screen-seconds",
            "time-clock",
            "time-minute",
        ],
    ),
    (
        "names of properties of Microsoft Graph",
        &["report-head-request-id", "setup-fact-id", "view-label-id", "view-plan-id", "view-plan-sku"],
    ),
    ("the name of the program", &["cli-notify-window-title", "report-page-title"]),
    ("a line that scripts read", &["cli-sim-listening"]),
    ("a word that the field has from English", &["setup-field-cloud"]),
];

/// The messages of a language with their patterns.
fn patterns(text: &str) -> BTreeMap<&str, Pattern<&str>> {
    let resource = parser::parse(text).unwrap_or_else(|(_, wrong)| panic!("{wrong:?}"));
    let message = |entry| match entry {
        Entry::Message(message) => message.value.map(|value| (message.id.name, value)),
        _ => None,
    };
    resource.body.into_iter().filter_map(message).collect()
}

/// The words of a pattern, without what is filled in.
fn words(pattern: &Pattern<&str>) -> String {
    let mut said = String::new();
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => said.push_str(value),
            PatternElement::Placeable { expression: Expression::Select { variants, .. } } => {
                for variant in variants {
                    said.push_str(&words(&variant.value));
                }
            }
            PatternElement::Placeable { .. } => said.push(' '),
        }
    }
    said
}

#[test]
fn no_message_of_another_language_is_english_by_accident() {
    let english = text_of(Language::ENGLISH.tag());
    let english = patterns(&english);
    let excused: BTreeSet<&str> = SAME.iter().flat_map(|(_, ids)| ids.iter().copied()).collect();
    for language in Language::all().skip(1).map(Language::tag) {
        let text = text_of(language);
        let same: BTreeSet<&str> = patterns(&text)
            .into_iter()
            .filter(|(id, pattern)| english.get(id) == Some(pattern) && words(pattern).contains(char::is_alphabetic))
            .map(|(id, _)| id)
            .collect();
        let found: Vec<_> = same.difference(&excused).collect();
        assert!(found.is_empty(), "assets/lang/{language}.ftl still has in English: {found:#?}");
    }
    let idle: Vec<_> = excused.iter().filter(|id| !english.contains_key(**id)).collect();
    assert!(idle.is_empty(), "there is no such message any more: {idle:?}");
}

/// The plural categories that a language has for counts of people, licenses and lines.
fn categories(language: &str) -> BTreeSet<&'static str> {
    let known = PluralRules::get_locales(PluralRuleType::CARDINAL);
    let of = |tag: &str| known.iter().find(|one| one.to_string() == tag);
    let identifier = of(language).or_else(|| of(language.split('-').next()?)).unwrap().clone();
    let rules = PluralRules::create(identifier, PluralRuleType::CARDINAL).unwrap();
    (0_usize..=2_000).map(|count| name(rules.select(count).unwrap())).collect()
}

#[expect(clippy::needless_pass_by_value, reason = "the category is a word")]
fn name(category: PluralCategory) -> &'static str {
    match category {
        PluralCategory::ZERO => "zero",
        PluralCategory::ONE => "one",
        PluralCategory::TWO => "two",
        PluralCategory::FEW => "few",
        PluralCategory::MANY => "many",
        PluralCategory::OTHER => "other",
    }
}

/// The selectors of a pattern by what they pick, each with the names of its variants.
fn selectors<'a>(pattern: &Pattern<&'a str>, found: &mut Vec<(&'a str, BTreeSet<&'a str>)>) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression: Expression::Select { selector, variants } } = element else {
            continue;
        };
        let names = variants.iter().filter_map(|variant| match &variant.key {
            VariantKey::Identifier { name } => Some(*name),
            VariantKey::NumberLiteral { .. } => None,
        });
        if let InlineExpression::VariableReference { id } = selector {
            found.push((id.name, names.collect()));
        }
        for variant in variants {
            selectors(&variant.value, found);
        }
    }
}

/// The selectors that pick a plural and lack a category of the language, or have one that it does not.
fn wrong_plurals(text: &str, needed: &BTreeSet<&str>) -> Vec<String> {
    let any = BTreeSet::from(["zero", "one", "two", "few", "many"]);
    let mut wrong = Vec::new();
    for (id, pattern) in &patterns(text) {
        let mut found = Vec::new();
        selectors(pattern, &mut found);
        for (variable, names) in found {
            if !names.is_disjoint(&any) && names != *needed {
                wrong.push(format!("{id}: ${variable} has {names:?}"));
            }
        }
    }
    wrong
}

#[test]
fn every_plural_has_just_the_forms_that_its_language_has() {
    for language in Language::all().map(Language::tag) {
        let needed = categories(language);
        let wrong = wrong_plurals(&text_of(language), &needed);
        assert!(wrong.is_empty(), "assets/lang/{language}.ftl needs {needed:?}: {wrong:#?}");
    }
    let needed = BTreeSet::from(["one", "other"]);
    let text = "a = { $count ->\n    [one] x\n   *[other] y\n}\nb = { $count ->\n    [few] x\n   *[other] y\n}\nc = { $is ->\n    [yes] x\n   *[no] y\n}\n";
    assert_eq!(wrong_plurals(text, &needed), ["b: $count has {\"few\", \"other\"}"]);
}

#[test]
fn in_portuguese_none_takes_the_plural_and_one_does_not() {
    let shown = in_language(Language::of("pt-PT").unwrap(), || [0, 1, 2, 12_345].map(skuferry::words::counts::users));
    assert_eq!(shown, ["0 utilizadores", "1 utilizador", "2 utilizadores", "12\u{a0}345 utilizadores"]);
}

/// The rows of the glossary: the term in English, the term in Portuguese, words that are not taken, and why.
fn glossary() -> Vec<[String; 4]> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/lang/GLOSSARY.md");
    let text = fs::read_to_string(path).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let cells = rows.map(|row| row.split(" | ").map(|cell| cell.trim().to_owned()).collect::<Vec<_>>());
    cells.skip(1).map(|row| row.try_into().unwrap_or_else(|row| panic!("four cells: {row:?}"))).collect()
}

#[test]
fn the_terms_of_the_glossary_have_a_reason_each_and_are_the_ones_that_are_used() {
    let text = text_of("pt-PT");
    let said: Vec<(&str, String)> =
        patterns(&text).into_iter().map(|(id, pattern)| (id, words(&pattern).to_lowercase())).collect();
    let rows = glossary();
    assert!(rows.len() > 20);
    for [english, term, not, why] in rows {
        assert!(why.ends_with('.') && !english.is_empty(), "{english}: say why");
        let used = term.split(", ").any(|form| said.iter().any(|(_, words)| words.contains(&form.to_lowercase())));
        assert!(used, "{english}: nothing says {term}");
        for word in not.split(", ").filter(|word| !word.is_empty() && *word != "–") {
            let has = |words: &str| words.split(|one: char| !one.is_alphabetic()).any(|one| one == word);
            let found: Vec<_> = said.iter().filter(|(_, words)| has(words)).map(|(id, _)| id).collect();
            assert!(found.is_empty(), "{word} is not said here, {term} is: {found:?}");
        }
    }
}
