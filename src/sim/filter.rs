//! `$filter`: a small reader of OData expressions, with the limits that Graph sets.
mod compare;
mod lex;
mod parse;

use serde_json::Value;

pub(crate) use compare::Side;

use crate::sim::answer::Refusal;
use compare::same;

/// The most values or or-ed clauses in one filter (Microsoft Learn, "Known issues with Microsoft Graph").
const MOST_CLAUSES: usize = 15;

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
        let filter = parse::whole(&tokens)?;
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

#[cfg(test)]
mod tests;
