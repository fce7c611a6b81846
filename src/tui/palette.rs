//! The palette: every command of the one table of keys, with why it is off just now. It carries out what its key would.

pub mod off;

use crate::tui::keys;
use crate::tui::keys::Bind;
use crate::tui::keys::Cmd;
use crate::tui::keys::Mode;
use crate::tui::model::Model;
use crate::tui::palette::off::Off;

/// A command in the palette.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its line in the table of keys.
    pub bind: &'static Bind,
    /// Why its key would be refused now.
    pub off: Option<Off>,
}

/// The open palette.
#[derive(Clone, Debug, Default)]
pub struct Palette {
    /// What was typed to find a command.
    pub typed: String,
    /// The selected row of those that are listed.
    pub row: usize,
    /// Those that fit what was typed. Their order hangs on that alone, so that no news moves a command under the cursor.
    pub listed: Vec<Entry>,
}

impl Palette {
    /// The palette as it opens.
    pub fn open(model: &Model) -> Self {
        let mut palette = Self::default();
        palette.list(model);
        palette
    }

    /// Lists anew what fits, and why what is off is off.
    pub fn list(&mut self, model: &Model) {
        let mut fitting: Vec<(CommandFit, &'static Bind)> =
            commands().filter_map(|bind| Some((fit(&self.typed, bind)?, bind))).collect();
        fitting.sort_by_key(|(fit, _)| *fit);
        self.listed = fitting.into_iter().map(|(_, bind)| Entry { bind, off: off::why(model, bind.cmd) }).collect();
        self.row = self.row.min(self.listed.len().saturating_sub(1));
    }

    /// The selected command.
    pub fn selected(&self) -> Option<&Entry> {
        self.listed.get(self.row)
    }
}

/// All commands: what the keys of the views do and those that are heard everywhere.
pub fn commands() -> impl Iterator<Item = &'static Bind> {
    keys::of(Mode::Views).chain(keys::of(Mode::Always)).filter(|bind| bind.cmd != Cmd::Palette)
}

/// How well a command fits what was typed, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum CommandFit {
    /// It is the very key.
    Key,
    /// What it does begins so.
    First,
    /// Its words begin so.
    Begins,
    /// It has all that was typed somewhere in it.
    Has,
}

/// Whether a command fits what was typed; the one place that decides it. Each word has to be in it, in any case.
fn fit(typed: &str, bind: &Bind) -> Option<CommandFit> {
    let typed = typed.trim();
    if bind.keys.iter().any(|key| key.label() == typed) {
        return Some(CommandFit::Key);
    }
    let said = format!("{} {}", bind.hint().unwrap_or_default(), bind.help()).to_lowercase();
    let words: Vec<String> = typed.split_whitespace().map(str::to_lowercase).collect();
    let begins = |word: &String| said.split(|one: char| !one.is_alphanumeric()).any(|part| part.starts_with(word));
    match words.iter().all(|word| said.contains(word)) {
        true if !typed.is_empty() && bind.help().to_lowercase().starts_with(&typed.to_lowercase()) => {
            Some(CommandFit::First)
        }
        true if words.iter().all(begins) => Some(CommandFit::Begins),
        true => Some(CommandFit::Has),
        false => None,
    }
}
