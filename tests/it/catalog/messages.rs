//! The catalog of a language as fluent-syntax reads it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use fluent_syntax::ast::Entry;
use fluent_syntax::ast::Expression;
use fluent_syntax::ast::InlineExpression;
use fluent_syntax::ast::Pattern;
use fluent_syntax::ast::PatternElement;
use skuferry::domain::language::Language;

/// What one message takes and which others it quotes.
#[derive(Default)]
struct Message {
    arguments: BTreeSet<String>,
    quotes: BTreeSet<String>,
}

/// All messages of a language.
pub(super) struct Messages(BTreeMap<String, Message>);

/// The text of a language's file.
pub(super) fn text_of(language: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("assets/lang/{language}.ftl"));
    fs::read_to_string(path).unwrap()
}

impl Messages {
    /// The language that has every message.
    pub(super) fn first() -> Self {
        Self::read(Language::ENGLISH.tag())
    }

    /// Reads a language's file, which has nothing but messages that can be read, each once.
    pub(super) fn read(language: &str) -> Self {
        let text = text_of(language);
        let resource =
            fluent_syntax::parser::parse(text.as_str()).unwrap_or_else(|(_, wrong)| panic!("{language}: {wrong:?}"));
        let mut messages = BTreeMap::new();
        for entry in &resource.body {
            let (id, pattern) = match entry {
                Entry::Message(message) => {
                    assert!(message.attributes.is_empty(), "{language}: {} has attributes", message.id.name);
                    (message.id.name.to_owned(), message.value.as_ref())
                }
                Entry::Term(term) => (format!("-{}", term.id.name), Some(&term.value)),
                Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => continue,
                Entry::Junk { content } => panic!("{language}: cannot be read: {content}"),
            };
            let mut message = Message::default();
            message.look_at(pattern.unwrap_or_else(|| panic!("{language}: {id} says nothing")));
            assert!(messages.insert(id.clone(), message).is_none(), "{language}: {id} is there twice");
        }
        Self(messages)
    }

    /// Every message; none of the terms, which only messages use.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str).filter(|id| !id.starts_with('-'))
    }

    /// Whether there is such a message.
    pub(super) fn has(&self, id: &str) -> bool {
        self.0.contains_key(id)
    }

    /// What a message takes, together with the messages that it quotes; `None` when there is no such message.
    pub(super) fn arguments(&self, id: &str) -> Option<BTreeSet<String>> {
        let message = self.0.get(id)?;
        let quoted = message.quotes.iter().map(|quoted| {
            self.arguments(quoted).unwrap_or_else(|| panic!("{id} quotes {quoted}, which does not exist"))
        });
        Some(quoted.flatten().chain(message.arguments.iter().cloned()).collect())
    }

    /// The messages and terms that are neither said nor quoted by one that is.
    pub(super) fn unused(&self, said: &BTreeSet<&str>) -> Vec<&str> {
        let mut used: BTreeSet<&str> = BTreeSet::new();
        let mut open: Vec<&str> = said.iter().copied().collect();
        while let Some(id) = open.pop() {
            if let Some((id, message)) = self.0.get_key_value(id)
                && used.insert(id)
            {
                open.extend(message.quotes.iter().map(String::as_str));
            }
        }
        self.0.keys().map(String::as_str).filter(|id| !used.contains(id)).collect()
    }
}

impl Message {
    fn look_at(&mut self, pattern: &Pattern<&str>) {
        for element in &pattern.elements {
            if let PatternElement::Placeable { expression } = element {
                self.look_into(expression);
            }
        }
    }

    fn look_into(&mut self, expression: &Expression<&str>) {
        match expression {
            Expression::Inline(inline) => self.look_at_value(inline),
            Expression::Select { selector, variants } => {
                self.look_at_value(selector);
                for variant in variants {
                    self.look_at(&variant.value);
                }
            }
        }
    }

    fn look_at_value(&mut self, value: &InlineExpression<&str>) {
        match value {
            InlineExpression::VariableReference { id } => {
                self.arguments.insert(id.name.to_owned());
            }
            InlineExpression::MessageReference { id, .. } => {
                self.quotes.insert(id.name.to_owned());
            }
            InlineExpression::TermReference { id, .. } => {
                self.quotes.insert(format!("-{}", id.name));
            }
            InlineExpression::Placeable { expression } => self.look_into(expression),
            InlineExpression::FunctionReference { id, .. } => panic!("{} is no function of ours", id.name),
            InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
        }
    }
}
