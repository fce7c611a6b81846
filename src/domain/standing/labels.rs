//! Standings in words along the way that a user goes: on the way back source and target are turned round.

use crate::domain::route::Direction;
use crate::domain::standing::Holder;
use crate::domain::standing::Removal;
use crate::domain::standing::Standing;
use crate::domain::standing::Trouble;

impl Standing {
    /// The word on screen for a user who goes this way. A user on the way back is judged by the turned route, so that
    /// `OnSource` of the rollback is being on the target, and who has arrived before the last removal was never away
    /// from the source.
    pub fn label(&self, direction: Direction, removal: Removal) -> &'static str {
        match (direction, self) {
            (Direction::Rollback, Self::OnSource) => "OnTarget",
            (Direction::Rollback, Self::Migrated) if removal == Removal::NotSent => "OnSource",
            (Direction::Rollback, Self::Migrated) => "RolledBack",
            (Direction::Rollback, Self::SourceLingers(_)) => "TargetLingers",
            (Direction::Forward, _)
            | (
                Direction::Rollback,
                Self::HoldsBoth | Self::ExpectedConflict | Self::Stuck(_) | Self::Unlicensed | Self::Missing,
            ) => self.word(),
        }
    }

    /// The same, with what keeps a stuck user, and with who holds a license that lingers.
    pub fn detailed_label(&self, direction: Direction, removal: Removal) -> String {
        match self {
            Self::Stuck(trouble) => format!("Stuck · {}", trouble.label(direction)),
            Self::SourceLingers(holder) => format!("{}{}", self.label(direction, removal), holder.note()),
            _ => self.label(direction, removal).to_owned(),
        }
    }
}

impl Holder {
    fn note(&self) -> &'static str {
        match self {
            Self::NotProcessed => "",
            Self::Dependency => " · dependency",
            Self::Direct => " · direct",
            Self::Group(_) => " · another group",
            Self::Unnamed => " · no source named",
        }
    }
}

impl Trouble {
    /// What keeps a user stuck who goes this way.
    pub fn label(&self, direction: Direction) -> String {
        match (direction, self) {
            (Direction::Rollback, Self::TargetElsewhere) => Self::SourceElsewhere.to_string(),
            (Direction::Rollback, Self::SourceElsewhere) => Self::TargetElsewhere.to_string(),
            (Direction::Forward, _) | (Direction::Rollback, Self::Error(_) | Self::State(_) | Self::Unexplained) => {
                self.to_string()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_the_way_back_every_word_says_what_is_so_in_the_tenant() {
        let lingers = Standing::SourceLingers(Holder::NotProcessed);
        assert_eq!(
            Standing::SourceLingers(Holder::Direct).detailed_label(Direction::Rollback, Removal::Sent),
            "TargetLingers · direct"
        );
        let back = |standing: &Standing| standing.detailed_label(Direction::Rollback, Removal::Sent);
        assert_eq!(Standing::Migrated.detailed_label(Direction::Rollback, Removal::NotSent), "OnSource");
        assert_eq!(
            [Standing::OnSource, Standing::Migrated, lingers.clone()].map(|one| back(&one)),
            ["OnTarget", "RolledBack", "TargetLingers"]
        );
        assert_eq!(back(&Standing::Stuck(Trouble::SourceElsewhere)), "Stuck · target from elsewhere");
        assert_eq!(back(&Standing::Stuck(Trouble::TargetElsewhere)), "Stuck · source from elsewhere");
        for same in [
            Standing::HoldsBoth,
            Standing::ExpectedConflict,
            Standing::Unlicensed,
            Standing::Missing,
            Standing::Stuck(Trouble::Error("CountViolation".into())),
        ] {
            assert_eq!(back(&same), same.to_string());
        }
        for forward in [Standing::OnSource, Standing::Migrated, lingers, Standing::Stuck(Trouble::TargetElsewhere)] {
            assert_eq!(forward.detailed_label(Direction::Forward, Removal::Sent), forward.to_string());
        }
    }
}
