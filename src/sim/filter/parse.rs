//! From the words of a `$filter` to its expression, by descent: `or` binds the least, then `and`, `not`, a comparison.

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::sim::answer::Refusal;
use crate::sim::filter::Filter;
use crate::sim::filter::Use;
use crate::sim::filter::compare::Side;
use crate::sim::filter::lex::Token;

/// Properties of elements that are GUIDs (Microsoft Learn, "assignedLicense resource type" and "assignedPlan resource type").
const GUIDS: &[&str] = &["disabledPlans", "servicePlanId", "skuId"];
/// The longest value that may be compared.
const LONGEST_VALUE: usize = 120;

/// Reads all of the tokens as one expression.
pub(super) fn whole(tokens: &[Token]) -> Result<Filter, Refusal> {
    let mut reader = Reader { tokens, at: 0, element: None, guid: false };
    let filter = reader.or()?;
    if reader.at < tokens.len() { Err(invalid()) } else { Ok(filter) }
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    /// Within `any`: what the element is called there.
    element: Option<String>,
    /// Whether the property in hand is a GUID, whose values stand bare; ids are text and stand in quotes.
    guid: bool,
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
        self.guid = self.element.is_some() && GUIDS.contains(&name.as_str());
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
            Some(Token::Text(_)) if self.guid => return Err(unequal("Edm.Guid", "Edm.String")),
            Some(Token::Text(text)) => Value::String(text.clone()),
            Some(Token::Word(word)) => match word.as_str() {
                "null" => Value::Null,
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                // Bare GUIDs, as for `skuId`, numbers and times.
                other => match (other.parse::<u64>(), Uuid::try_parse(other), other.parse::<Timestamp>()) {
                    (Ok(number), ..) => Value::from(number),
                    (_, Ok(_), _) if !self.guid => return Err(unequal("Edm.String", "Edm.Guid")),
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

/// A value of another type than the property, in the words of Microsoft's OData library.
fn unequal(wanted: &str, given: &str) -> Refusal {
    let message = format!(
        "Invalid filter clause: A binary operator with incompatible types was detected. Found operand types '{wanted}' and \
         '{given}' for operator kind 'Equal'."
    );
    Refusal::new(400, "BadRequest", message)
}

fn invalid() -> Refusal {
    Refusal::new(400, "BadRequest", "Invalid filter clause")
}
