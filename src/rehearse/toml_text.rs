//! TOML as a person would write it: sections, and one key a line.

use toml::Table;
use toml::Value;

use crate::domain::text::clean;

/// A text that grows.
#[derive(Default)]
pub(super) struct TomlText(pub(super) String);

impl TomlText {
    /// An empty line.
    pub(super) fn gap(&mut self) {
        self.0.push('\n');
    }

    /// A line for people. What steers a terminal, or would end the line, is taken out.
    pub(super) fn comment(&mut self, text: &str) {
        let text = format!("# {}", clean(text));
        self.0.push_str(text.trim_end());
        self.0.push('\n');
    }

    /// Begins a section.
    pub(super) fn section(&mut self, name: &str) {
        self.0.extend(["\n[", name, "]\n"]);
    }

    /// Begins one of several sections of a name.
    pub(super) fn element(&mut self, name: &str) {
        self.0.extend(["\n[[", name, "]]\n"]);
    }

    /// A key with its value.
    pub(super) fn key(&mut self, key: &str, value: impl Into<Value>) {
        let value: Value = value.into();
        self.0.extend([key, " = ", &value.to_string(), "\n"]);
    }

    /// A key that is left out where it says what is so without it.
    pub(super) fn key_if(&mut self, said: bool, key: &str, value: impl Into<Value>) {
        if said {
            self.key(key, value);
        }
    }

    /// A key with a list of tables, one a line.
    pub(super) fn rows(&mut self, key: &str, rows: Vec<Table>) {
        if rows.is_empty() {
            self.key(key, Vec::<Value>::new());
            return;
        }
        self.0.extend([key, " = [\n"]);
        for row in rows {
            self.0.extend(["    ", &Value::Table(row).to_string(), ",\n"]);
        }
        self.0.push_str("]\n");
    }
}

/// A table of these pairs.
pub(super) fn table<const N: usize>(pairs: [(&str, Option<Value>); N]) -> Table {
    pairs.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

/// Texts as a list.
pub(super) fn texts(texts: impl IntoIterator<Item = String>) -> Value {
    Value::Array(texts.into_iter().map(Value::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whatever_a_tenant_calls_things_is_read_back_as_it_is(name: String, other: String) {
            let mut text = TomlText::default();
            text.comment(&name);
            text.section("a");
            text.key("b", name.as_str());
            text.rows("c", vec![table([("d", Some(other.as_str().into())), ("e", None)])]);
            let read: Table = text.0.parse().unwrap();
            prop_assert_eq!(read["a"]["b"].as_str().unwrap(), name);
            prop_assert_eq!(read["a"]["c"][0]["d"].as_str().unwrap(), other);
        }
    }
}
