//! `$filter`: a small reader of OData expressions, with the limits that Graph sets.
mod compare;
mod lex;

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

pub(crate) use compare::Side;

use crate::sim::answer::Refusal;
use compare::same;
use lex::Token;

/// The most values or or-ed clauses in one filter (Microsoft Learn, "Known issues with Microsoft Graph").
const MOST_CLAUSES: usize = 15;
/// The longest value that may be compared.
const LONGEST_VALUE: usize = 120;

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Filter {
    /// `a or b`
    Or(Box<Filter>, Box<Filter>),
    /// `a and b`
    And(Box<Filter>, Box<Filter>),
    /// `not (a)`, an advanced query.
    Not(Box<Filter>),
    /// `property eq value`
    Eq(String, Value),
    /// `property ne value`, an advanced query for most properties.
    Ne(String, Value),
    /// `property in (values)`
    In(String, Vec<Value>),
    /// `property ge value` and its like
    Compare(String, Side, Value),
    /// `startsWith(property, 'text')`
    StartsWith(String, String),
    /// `endsWith(property, 'text')`, an advanced query.
    EndsWith(String, String),
    /// `collection/any(x:x/property eq value)`; within, a property of the element goes by its name, the element itself by none.
    Any(String, Box<Filter>),
    /// `collection/$count eq number`, an advanced query.
    Count(String, bool, usize),
}

/// What a filter does with a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// `eq`, also within `any`.
    Eq,
    /// `ne`
    Ne,
    /// `in`
    In,
    /// `ge`, `gt`, `le`, `lt`
    Compare(Side),
    /// `startsWith`
    StartsWith,
    /// `endsWith`
    EndsWith,
    /// `/$count`
    Count,
}

impl Filter {
    /// Reads an expression and checks its limits.
    pub(crate) fn read(text: &str) -> Result<Self, Refusal> {
        Self::read_up_to(text, MOST_CLAUSES)
    }

    /// The same with another limit on clauses.
    pub(crate) fn read_up_to(text: &str, most: usize) -> Result<Self, Refusal> {
        let tokens = lex::tokens(text)?;
        let mut reader = Reader { tokens: &tokens, at: 0, element: None };
        let filter = reader.or()?;
        if reader.at < tokens.len() {
            return Err(invalid());
        }
        let clauses = filter.or_clauses();
        if clauses > most {
            return Err(Refusal::query(format!(
                "Too many child clauses specified in search filter expression containing 'OR' operators: {clauses}. \
                 Max allowed: {most}."
            )));
        }
        Ok(filter)
    }

    /// Whether Graph answers this only as an advanced query.
    pub(crate) fn advanced(&self) -> bool {
        match self {
            Self::Or(one, other) | Self::And(one, other) => one.advanced() || other.advanced(),
            Self::Not(_) | Self::Ne(..) | Self::EndsWith(..) | Self::Count(..) => true,
            Self::Any(_, inner) => inner.advanced() || matches!(**inner, Self::And(..)),
            Self::Eq(..) | Self::In(..) | Self::Compare(..) | Self::StartsWith(..) => false,
        }
    }

    /// The properties that it names, and what it does with each.
    pub(crate) fn uses(&self) -> Vec<(&str, Use)> {
        match self {
            Self::Or(one, other) | Self::And(one, other) => [one.uses(), other.uses()].concat(),
            Self::Not(inner) => inner.uses(),
            Self::Eq(name, _) => vec![(name, Use::Eq)],
            Self::Ne(name, _) => vec![(name, Use::Ne)],
            Self::In(name, _) => vec![(name, Use::In)],
            Self::Compare(name, side, _) => vec![(name, Use::Compare(*side))],
            Self::StartsWith(name, _) => vec![(name, Use::StartsWith)],
            Self::EndsWith(name, _) => vec![(name, Use::EndsWith)],
            Self::Any(name, inner) => inner.uses().into_iter().map(|(_, way)| (name.as_str(), way)).collect(),
            Self::Count(name, ..) => vec![(name, Use::Count)],
        }
    }

    /// If only objects with certain values of a key can match: those values. Spares a walk over all users.
    pub(crate) fn keys(&self, property: &str) -> Option<Vec<&str>> {
        match self {
            Self::Or(one, other) => Some([one.keys(property)?, other.keys(property)?].concat()),
            Self::And(one, other) => one.keys(property).or_else(|| other.keys(property)),
            Self::Eq(name, value) if name == property => Some(vec![value.as_str()?]),
            Self::In(name, values) if name == property => values.iter().map(Value::as_str).collect(),
            _ => None,
        }
    }

    /// Whether an object matches, given a way to its properties.
    pub(crate) fn matches(&self, get: &dyn Fn(&str) -> Value) -> bool {
        match self {
            Self::Or(one, other) => one.matches(get) || other.matches(get),
            Self::And(one, other) => one.matches(get) && other.matches(get),
            Self::Not(inner) => !inner.matches(get),
            Self::Eq(name, value) => same(&get(name), value),
            Self::Ne(name, value) => !same(&get(name), value),
            Self::In(name, values) => values.iter().any(|value| same(&get(name), value)),
            Self::StartsWith(name, text) => lower(&get(name)).starts_with(&text.to_lowercase()),
            Self::EndsWith(name, text) => lower(&get(name)).ends_with(&text.to_lowercase()),
            Self::Compare(name, side, value) => side.holds(&get(name), value),
            Self::Any(name, inner) => get(name).as_array().is_some_and(|list| {
                let own = |one: &Value, name: &str| {
                    if name.is_empty() { one.clone() } else { one.get(name).cloned().unwrap_or_default() }
                };
                list.iter().any(|one| inner.matches(&|name| own(one, name)))
            }),
            Self::Count(name, equal, count) => (get(name).as_array().map_or(0, Vec::len) == *count) == *equal,
        }
    }

    fn or_clauses(&self) -> usize {
        match self {
            Self::Or(one, other) => one.or_clauses() + other.or_clauses(),
            Self::And(one, other) => one.or_clauses().max(other.or_clauses()),
            Self::Not(inner) => inner.or_clauses(),
            Self::In(_, values) => values.len(),
            _ => 1,
        }
    }
}

fn lower(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_lowercase()
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    /// Within `any`: what the element is called there.
    element: Option<String>,
}

impl Reader<'_> {
    fn or(&mut self) -> Result<Filter, Refusal> {
        let mut left = self.and()?;
        while self.word("or") {
            left = Filter::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Filter, Refusal> {
        let mut left = self.not()?;
        while self.word("and") {
            left = Filter::And(Box::new(left), Box::new(self.not()?));
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Filter, Refusal> {
        if self.word("not") {
            return Ok(Filter::Not(Box::new(self.not()?)));
        }
        if self.sign('(') {
            let inner = self.or()?;
            return if self.sign(')') { Ok(inner) } else { Err(invalid()) };
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Filter, Refusal> {
        let name = self.name()?;
        let function = name.to_ascii_lowercase();
        if (function == "startswith" || function == "endswith") && self.sign('(') {
            let property = self.name().and_then(|name| self.own(name))?;
            let text = if self.sign(',') {
                self.value()?
            } else {
                return Err(invalid());
            };
            let text = text.as_str().ok_or_else(invalid)?.to_owned();
            return match (self.sign(')'), function == "startswith") {
                (true, true) => Ok(Filter::StartsWith(property, text)),
                (true, false) => Ok(Filter::EndsWith(property, text)),
                (false, _) => Err(invalid()),
            };
        }
        if let Some(property) = name.strip_suffix("/any").filter(|_| self.element.is_none()) {
            return self.any(property);
        }
        let name = self.own(name)?;
        if self.word("in") {
            return Ok(Filter::In(name, self.list()?));
        }
        if let Some(side) = Side::ALL.into_iter().find(|side| self.word(side.word())) {
            return Ok(Filter::Compare(name, side, self.value()?));
        }
        let equal = if self.word("eq") {
            true
        } else if self.word("ne") {
            false
        } else {
            return Err(invalid());
        };
        let value = self.value()?;
        match name.strip_suffix("/$count") {
            Some(property) => {
                let count = value.as_u64().and_then(|count| usize::try_from(count).ok()).ok_or_else(invalid)?;
                Ok(Filter::Count(property.to_owned(), equal, count))
            }
            None if equal => Ok(Filter::Eq(name, value)),
            None => Ok(Filter::Ne(name, value)),
        }
    }

    /// `(x:x/property eq value)` or `(x:x eq value)`; Graph knows only `eq` and `startsWith` here, joined by `and` or `or`.
    fn any(&mut self, property: &str) -> Result<Filter, Refusal> {
        let opened = self.sign('(');
        let variable = self.name()?;
        if !opened || !self.sign(':') {
            return Err(invalid());
        }
        self.element = Some(variable);
        let inner = self.or();
        self.element = None;
        let inner = inner?;
        if inner.uses().iter().any(|(_, way)| !matches!(way, Use::Eq | Use::StartsWith)) {
            return Err(Refusal::query("Unsupported Query."));
        }
        if self.sign(')') { Ok(Filter::Any(property.to_owned(), Box::new(inner))) } else { Err(invalid()) }
    }

    /// A property's name; within `any`, that of a property of the element, or nothing for the element itself.
    fn own(&self, name: String) -> Result<String, Refusal> {
        let Some(element) = &self.element else { return Ok(name) };
        match name.split_once('/') {
            Some((first, inner)) if first == element => Ok(inner.to_owned()),
            None if name == *element => Ok(String::new()),
            _ => Err(invalid()),
        }
    }

    fn list(&mut self) -> Result<Vec<Value>, Refusal> {
        if !self.sign('(') {
            return Err(invalid());
        }
        let mut values = vec![self.value()?];
        while self.sign(',') {
            values.push(self.value()?);
        }
        if self.sign(')') { Ok(values) } else { Err(invalid()) }
    }

    fn value(&mut self) -> Result<Value, Refusal> {
        let value = match self.tokens.get(self.at) {
            Some(Token::Text(text)) if text.chars().count() > LONGEST_VALUE => {
                let message = format!("Invalid filter clause: a value is longer than {LONGEST_VALUE} characters.");
                return Err(Refusal::query(message));
            }
            Some(Token::Text(text)) => Value::String(text.clone()),
            Some(Token::Word(word)) => match word.as_str() {
                "null" => Value::Null,
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                // Bare GUIDs, as for `skuId`, numbers and times.
                other => match (other.parse::<u64>(), Uuid::try_parse(other), other.parse::<Timestamp>()) {
                    (Ok(number), ..) => Value::from(number),
                    (_, Ok(id), _) => Value::String(id.to_string()),
                    (.., Ok(_)) => Value::String(other.to_owned()),
                    _ => return Err(invalid()),
                },
            },
            _ => return Err(invalid()),
        };
        self.at += 1;
        Ok(value)
    }

    fn name(&mut self) -> Result<String, Refusal> {
        match self.tokens.get(self.at) {
            Some(Token::Word(word)) => {
                self.at += 1;
                Ok(word.clone())
            }
            _ => Err(invalid()),
        }
    }

    fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Word(found)) if found.eq_ignore_ascii_case(word));
        self.at += usize::from(found);
        found
    }

    fn sign(&mut self, sign: char) -> bool {
        let found = self.tokens.get(self.at) == Some(&Token::Sign(sign));
        self.at += usize::from(found);
        found
    }
}

fn invalid() -> Refusal {
    Refusal::new(400, "BadRequest", "Invalid filter clause")
}

#[cfg(test)]
mod tests;
