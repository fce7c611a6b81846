//! A line of text that is typed or pasted.

use crate::domain::text::clean;
use crate::domain::text::steers;

/// The longest text that is kept, in characters.
const LONGEST: usize = 1_024;

/// A line of text. Nothing gets in that could steer a terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field(String);

impl Field {
    /// A line with a text in it.
    pub fn of(text: &str) -> Self {
        let mut field = Self::default();
        field.paste(text);
        field
    }

    /// The text as it was typed.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The text without spaces around it.
    pub fn trimmed(&self) -> &str {
        self.0.trim()
    }

    /// Whether it says nothing.
    pub fn is_blank(&self) -> bool {
        self.trimmed().is_empty()
    }

    /// Takes a character that was typed.
    pub fn push(&mut self, one: char) {
        if !steers(one) && self.0.chars().count() < LONGEST {
            self.0.push(one);
        }
    }

    /// Takes pasted text: its first line that says something, as clipboards like to end in a line end.
    pub fn paste(&mut self, text: &str) {
        let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
        clean(line).chars().for_each(|one| self.push(one));
    }

    /// Takes the last character back.
    pub fn erase(&mut self) {
        self.0.pop();
    }

    /// Takes all of it back.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_text_is_one_clean_line_of_a_bounded_length() {
        let mut field = Field::of("con");
        field.paste("\r\n toso.com\u{1b}[2J\r\nsecond line\n");
        assert_eq!(field.text(), "contoso.com[2J");
        field.push('\u{202e}');
        field.erase();
        assert_eq!(field.text(), "contoso.com[2");
        field.paste(&"x".repeat(5_000));
        assert_eq!(field.text().chars().count(), LONGEST);
        field.clear();
        assert!(field.is_blank());
    }
}
