//! A page of text: headings, paragraphs, facts beside their labels, all wrapped to a width.

use ratatui::text::Line;
use ratatui::text::Span;

use crate::tui::format;
use crate::tui::theme::Role;
use crate::tui::theme::Theme;

/// How wide the labels of facts are; a longer one takes what it needs.
const LABEL: usize = 14;

/// Lines under construction.
#[derive(Debug)]
pub struct PageBuilder {
    theme: Theme,
    width: usize,
    lines: Vec<Line<'static>>,
}

impl PageBuilder {
    /// An empty page of this width.
    pub fn new(theme: Theme, width: usize) -> Self {
        Self { theme, width, lines: Vec::new() }
    }

    /// A rule with words in it.
    pub fn heading(&mut self, words: &str) {
        let rest = self.width.saturating_sub(format::width(words) + 4);
        self.lines.push(Line::from(vec![
            self.theme.span(Role::Border, "── "),
            self.theme.span(Role::Strong, words),
            self.theme.span(Role::Border, format!(" {}", "─".repeat(rest))),
        ]));
    }

    /// A paragraph; an empty one leaves nothing.
    pub fn para(&mut self, role: Role, text: impl AsRef<str>) {
        if !text.as_ref().is_empty() {
            let lines = format::wrap(text.as_ref(), self.width);
            self.lines.extend(lines.into_iter().map(|line| Line::from(self.theme.span(role, line))));
        }
    }

    /// A paragraph in which keys stand between backticks.
    pub fn with_keys(&mut self, text: &str) {
        let lines = format::wrap(text, self.width);
        self.lines.extend(lines.iter().map(|line| Line::from(self.theme.spans_with_keys(line))));
    }

    /// A label with what belongs to it.
    pub fn fact(&mut self, label: &str, role: Role, text: impl AsRef<str>) {
        let start =
            self.theme.span(Role::Dim, format::pad(label, LABEL.max(format::width(label) + 1).min(self.width / 3)));
        self.hanging(start, role, text.as_ref());
    }

    /// A line that begins with a mark.
    pub fn item(&mut self, mark: &str, marked: Role, role: Role, text: impl AsRef<str>) {
        let start = self.theme.span(marked, format!("{mark} "));
        self.hanging(start, role, text.as_ref());
    }

    /// A key with what it does.
    pub fn entry(&mut self, key: &str, text: &str) {
        let start = self.theme.span(Role::Key, format::pad(key, LABEL.max(format::width(key) + 1)));
        self.hanging(start, Role::Text, text);
    }

    /// An empty line.
    pub fn blank(&mut self) {
        self.lines.push(Line::default());
    }

    /// The page.
    pub fn into_lines(self) -> Vec<Line<'static>> {
        self.lines
    }

    fn hanging(&mut self, start: Span<'static>, role: Role, text: &str) {
        let indent = start.width();
        let mut first = Some(start);
        for line in format::wrap(text, self.width.saturating_sub(indent)) {
            let start = first.take().unwrap_or_else(|| Span::raw(" ".repeat(indent)));
            self.lines.push(Line::from(vec![start, self.theme.span(role, line)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_that_another_language_makes_longer_is_not_cut() {
        let mut page = PageBuilder::new(Theme::None, 60);
        page.fact("seats", Role::Text, "61 free");
        page.fact("o que permanece", Role::Text, "the license");
        let lines: Vec<String> = page.into_lines().iter().map(ToString::to_string).collect();
        assert_eq!(lines, ["seats         61 free", "o que permanece the license"]);
    }
}
