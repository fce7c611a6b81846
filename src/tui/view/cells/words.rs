//! The words of a user's row, and how wide its columns are so that each of them fits.

use std::sync::LazyLock;

use crate::domain::route::Direction;
use crate::domain::standing::StandingCode;
use crate::domain::standing::Written;
use crate::tui::format;
use crate::words::phrase;
use crate::words::standing;

/// How wide columns are: as wide as here, and as every word of ours in them.
pub(in crate::tui::view) struct Widths {
    /// Of what is seen of the source.
    pub(in crate::tui::view) source: usize,
    /// Of what is seen of the target.
    pub(in crate::tui::view) target: usize,
    /// Of the state: `ready · conflict as expected` fits.
    pub(in crate::tui::view) state: usize,
    /// Of the state where there is no room for that.
    pub(in crate::tui::view) short_state: usize,
    /// Of how long they have stood there.
    pub(in crate::tui::view) lasting: usize,
    /// Of what preflight found.
    pub(in crate::tui::view) check: usize,
}

/// The widths in the language of the process.
pub(in crate::tui::view) static WIDTHS: LazyLock<Widths> = LazyLock::new(|| {
    let label = |code: StandingCode| standing::short(code, Direction::Forward, Written::Nothing);
    let (expected, stays) = (label(StandingCode::ExpectedConflict), label(StandingCode::SourceLingers));
    let unusual = WriteTrouble::ALL.map(WriteTrouble::word);
    let flags = [phrase("screen-excluded"), phrase("screen-went-back"), phrase("view-column-for")];
    let verdicts = [phrase("view-check-blocked"), phrase("view-check-ready"), phrase("view-column-check")];
    Widths {
        source: format::widest(12, Seen::ALL.map(Seen::word).into_iter().chain([phrase("view-column-source")])),
        target: format::widest(14, Seen::ALL.map(Seen::word).into_iter().chain([phrase("view-column-target")])),
        state: format::widest(28, [expected, phrase("view-column-state")]),
        short_state: format::widest(17, Before::ALL.map(Before::word).into_iter().chain([stays])),
        lasting: format::widest(9, unusual.into_iter().chain(flags)),
        check: format::widest(8, verdicts.into_iter().chain([phrase("screen-excluded")])),
    }
});

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

/// What is seen of a license.
#[derive(Clone, Copy)]
pub(super) enum Seen {
    Active,
    Error,
    Direct,
    Other,
    Held,
    ExpectedConflict,
    NotRead,
}

impl Seen {
    const ALL: [Self; 7] =
        [Self::Active, Self::Error, Self::Direct, Self::Other, Self::Held, Self::ExpectedConflict, Self::NotRead];

    pub(super) fn word(self) -> String {
        match self {
            Self::Active => phrase("view-seen-active"),
            Self::Error => phrase("view-seen-error"),
            Self::Direct => phrase("view-seen-direct"),
            Self::Other => phrase("view-seen-other"),
            Self::Held => phrase("view-seen-held"),
            Self::ExpectedConflict => phrase("view-seen-conflict"),
            Self::NotRead => phrase("view-seen-not-read"),
        }
    }
}

/// What went wrong with a write for a user.
#[derive(Clone, Copy)]
pub(super) enum WriteTrouble {
    Unknown,
    Failed,
    NotSafe,
}

impl WriteTrouble {
    const ALL: [Self; 3] = [Self::Unknown, Self::Failed, Self::NotSafe];

    pub(super) fn word(self) -> String {
        match self {
            Self::Unknown => phrase("view-write-unknown"),
            Self::Failed => phrase("view-write-failed"),
            Self::NotSafe => phrase("view-write-not-safe"),
        }
    }
}
