//! The words of a user's row, and how wide its columns are so that each of them fits.

use std::sync::OnceLock;

use crate::domain::language;
use crate::domain::route::Direction;
use crate::domain::standing::StandingCode;
use crate::domain::standing::Written;
use crate::tui::format;
use crate::words;
use crate::words::phrase;
use crate::words::standing;

/// How wide columns are: as wide as here, and as every word of ours in them.
pub(in crate::tui::view) struct Widths {
    /// Of the state: `ready · conflict as expected` fits.
    pub(in crate::tui::view) state: usize,
    /// Of the state where there is no room for that.
    pub(in crate::tui::view) short_state: usize,
    /// Of what preflight found.
    pub(in crate::tui::view) verdict: usize,
}

/// The widths in the language that is spoken.
pub(in crate::tui::view) fn widths() -> &'static Widths {
    static KNOWN: [OnceLock<Widths>; language::COUNT] = [const { OnceLock::new() }; language::COUNT];
    KNOWN[words::language().place()].get_or_init(measured)
}

fn measured() -> Widths {
    let label = |code: StandingCode| standing::short(code, Direction::Forward, Written::Nothing);
    let (expected, stays) = (label(StandingCode::ExpectedConflict), label(StandingCode::SourceLingers));
    let verdicts = [phrase("view-check-blocked"), phrase("view-check-ready"), phrase("screen-excluded")];
    let bare = label(StandingCode::Unlicensed);
    Widths {
        verdict: format::widest(8, verdicts.iter().chain([&bare])),
        state: format::widest(28, [expected, phrase("view-column-state")]),
        short_state: format::widest(17, Before::ALL.map(Before::word).into_iter().chain([stays]).chain(verdicts)),
    }
}

/// How far somebody is of whom nothing was read yet.
#[derive(Clone, Copy)]
pub(super) enum Before {
    NotAdded,
    Blocked,
    BeingAdded,
    Removed,
    TurnedBack,
    Added,
    NotAddedYet,
}

impl Before {
    const ALL: [Self; 7] = [
        Self::NotAdded,
        Self::Blocked,
        Self::BeingAdded,
        Self::Removed,
        Self::TurnedBack,
        Self::Added,
        Self::NotAddedYet,
    ];

    pub(super) fn word(self) -> String {
        match self {
            Self::NotAdded => phrase("view-state-not-added"),
            Self::Blocked => phrase("view-state-blocked"),
            Self::BeingAdded => phrase("view-state-being-added"),
            Self::Removed => phrase("view-state-removed"),
            Self::TurnedBack => phrase("view-state-turned-back"),
            Self::Added => phrase("view-state-added"),
            Self::NotAddedYet => phrase("view-state-not-added-yet"),
        }
    }
}
