//! Roles and the styles that a theme gives them. Nobody else names a colour.

use ratatui::style::Color;
use ratatui::style::Modifier;
use ratatui::style::Style;
use ratatui::text::Span;

use crate::tui::format;

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
            Self::Dark => shades(role, &DARK),
            Self::Light => shades(role, &LIGHT),
            Self::Ansi => ansi(role),
            Self::None => bare(role),
        }
    }

    /// A piece of text in a role, safe to draw.
    pub fn span(self, role: Role, text: impl AsRef<str>) -> Span<'static> {
        Span::styled(format::clean(text.as_ref()).into_owned(), self.style(role))
    }
}

struct Shades {
    dim: u8,
    key: u8,
    border: u8,
    good: u8,
    busy: u8,
    warn: u8,
    bad: u8,
    selected: u8,
    ask: (u8, u8),
    alarm: (u8, u8),
}

const DARK: Shades = Shades {
    dim: 246,
    key: 117,
    border: 240,
    good: 114,
    busy: 111,
    warn: 221,
    bad: 210,
    selected: 237,
    ask: (16, 221),
    alarm: (231, 160),
};

const LIGHT: Shades = Shades {
    dim: 241,
    key: 25,
    border: 248,
    good: 28,
    busy: 26,
    warn: 130,
    bad: 160,
    selected: 253,
    ask: (16, 220),
    alarm: (231, 160),
};

fn shades(role: Role, shades: &Shades) -> Style {
    let ink = |shade| Style::new().fg(Color::Indexed(shade));
    let on = |(ink, ground)| Style::new().fg(Color::Indexed(ink)).bg(Color::Indexed(ground)).bold();
    match role {
        Role::Text => Style::new(),
        Role::Dim => ink(shades.dim),
        Role::Strong => Style::new().bold(),
        Role::Key => ink(shades.key).bold(),
        Role::Border | Role::Rest => ink(shades.border),
        Role::Focus => ink(shades.key),
        Role::Good => ink(shades.good),
        Role::Busy => ink(shades.busy),
        Role::Warn => ink(shades.warn),
        Role::Bad => ink(shades.bad).bold(),
        Role::Alarm => on(shades.alarm),
        Role::Ask => on(shades.ask),
        Role::Selected => Style::new().bg(Color::Indexed(shades.selected)).bold(),
    }
}

fn ansi(role: Role) -> Style {
    let ink = |colour| Style::new().fg(colour);
    match role {
        Role::Text => Style::new(),
        Role::Dim | Role::Border | Role::Rest => ink(Color::DarkGray),
        Role::Strong => Style::new().bold(),
        Role::Key => ink(Color::Cyan).bold(),
        Role::Focus => ink(Color::Cyan),
        Role::Good => ink(Color::Green),
        Role::Busy => ink(Color::Blue),
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
        Role::Strong | Role::Key | Role::Warn | Role::Focus => Style::new().bold(),
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
        let more = [Role::Warn, Role::Bad, Role::Alarm, Role::Ask, Role::Selected, Role::Rest];
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
