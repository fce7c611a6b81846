//! Roles and the styles that a theme gives them. Nobody else names a colour.

use ratatui::style::Color;
use ratatui::style::Modifier;
use ratatui::style::Style;
use ratatui::text::Span;

use crate::domain::text;

/// What a piece of text means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Plain text.
    Text,
    /// Text that matters less.
    Dim,
    /// Text that matters more.
    Strong,
    /// A key that can be pressed.
    Key,
    /// The words in a frame.
    Title,
    /// A frame.
    Border,
    /// The frame that has the keys.
    Focus,
    /// Done and safe.
    Good,
    /// Under way.
    Busy,
    /// Late, or a warning.
    Warn,
    /// Something is wrong.
    Bad,
    /// A user is without a license.
    Alarm,
    /// The operator is asked for an answer.
    Ask,
    /// The selected row.
    Selected,
    /// The rest of a bar.
    Rest,
}

/// How roles look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// For a dark background, 256 colours.
    #[default]
    Dark,
    /// For a light background, 256 colours.
    Light,
    /// The terminal's own 16 colours.
    Ansi,
    /// No colour at all, only bold, dim, underlined and reversed.
    None,
}

impl Theme {
    /// All of them, in the order in which `t` goes through them.
    pub const ALL: [Self; 4] = [Self::Dark, Self::Light, Self::Ansi, Self::None];

    /// The word in the configuration.
    pub fn word(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::Ansi => "ansi",
            Self::None => "none",
        }
    }

    /// The theme of that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.word() == word)
    }

    /// The theme after this one.
    #[must_use]
    pub fn next(self) -> Self {
        let place = Self::ALL.iter().position(|theme| *theme == self).unwrap_or(0);
        Self::ALL[(place + 1) % Self::ALL.len()]
    }

    /// How a role looks.
    pub fn style(self, role: Role) -> Style {
        match self {
            Self::Dark => shades(role, false),
            Self::Light => shades(role, true),
            Self::Ansi => ansi(role),
            Self::None => bare(role),
        }
    }

    /// A piece of text in a role, safe to draw.
    pub fn span(self, role: Role, text: impl AsRef<str>) -> Span<'static> {
        Span::styled(text::clean(text.as_ref()).into_owned(), self.style(role))
    }

    /// A sentence in which keys and what has to be typed stand between backticks.
    pub fn spans_with_keys(self, sentence: &str) -> Vec<Span<'static>> {
        let roles = [Role::Text, Role::Key].into_iter().cycle();
        let pieces = sentence.split('`').zip(roles).filter(|(piece, _)| !piece.is_empty());
        pieces.map(|(piece, role)| self.span(role, piece)).collect()
    }
}

/// A role in 256 colours, where each colour is given for a dark background and for a light one.
fn shades(role: Role, light: bool) -> Style {
    let on = |[dark_ground, light_ground]: [u8; 2]| Color::Indexed(if light { light_ground } else { dark_ground });
    let ink = |shades| Style::new().fg(on(shades));
    match role {
        Role::Text => Style::new(),
        Role::Dim => ink([246, 241]),
        Role::Strong => Style::new().bold(),
        Role::Title => title(),
        Role::Key => ink([117, 25]).bold(),
        Role::Border | Role::Rest => ink([240, 248]),
        Role::Focus => ink([117, 25]),
        Role::Good => ink([114, 28]),
        Role::Busy => ink([111, 26]),
        Role::Warn => ink([221, 130]),
        Role::Bad => ink([210, 160]).bold(),
        Role::Alarm => ink([231, 231]).bg(on([160, 160])).bold(),
        Role::Ask => ink([16, 16]).bg(on([221, 220])).bold(),
        Role::Selected => Style::new().bg(on([237, 253])).bold(),
    }
}

/// The terminal's own ink, whatever the frame around it has.
fn title() -> Style {
    Style::new().fg(Color::Reset).bold()
}

fn ansi(role: Role) -> Style {
    let ink = |colour| Style::new().fg(colour);
    match role {
        Role::Text => Style::new(),
        // Dark grey is hard to read, and on some palettes it is the background itself: for frames alone.
        Role::Border | Role::Rest => ink(Color::DarkGray),
        Role::Dim => ink(Color::Reset).dim(),
        Role::Strong => Style::new().bold(),
        Role::Title => title(),
        Role::Key => ink(Color::Cyan).bold(),
        Role::Focus => ink(Color::Cyan),
        Role::Good => ink(Color::Green),
        Role::Busy => ink(Color::LightBlue),
        Role::Warn => ink(Color::Yellow),
        Role::Bad => ink(Color::Red).bold(),
        Role::Alarm => ink(Color::White).bg(Color::Red).bold(),
        Role::Ask => ink(Color::Black).bg(Color::Yellow),
        Role::Selected => Style::new().add_modifier(Modifier::REVERSED),
    }
}

fn bare(role: Role) -> Style {
    match role {
        Role::Text | Role::Border | Role::Good | Role::Busy | Role::Rest => Style::new(),
        Role::Dim => Style::new().dim(),
        Role::Strong | Role::Title | Role::Key | Role::Warn | Role::Focus => Style::new().bold(),
        Role::Bad => Style::new().bold().underlined(),
        Role::Alarm | Role::Ask => Style::new().bold().reversed(),
        Role::Selected => Style::new().reversed(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colour_no_role_sets_one() {
        let roles = [Role::Text, Role::Dim, Role::Strong, Role::Key, Role::Border, Role::Focus, Role::Good, Role::Busy];
        let more = [Role::Warn, Role::Bad, Role::Alarm, Role::Ask, Role::Selected, Role::Rest, Role::Title];
        for role in roles.into_iter().chain(more) {
            let style = Theme::None.style(role);
            assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
        }
    }

    #[test]
    fn every_theme_is_found_by_its_word_and_reached_by_the_key() {
        assert!(Theme::ALL.into_iter().all(|theme| Theme::named(theme.word()) == Some(theme)));
        assert_eq!(Theme::Dark.next().next().next().next(), Theme::Dark);
    }
}
