//! Standings in words along the way that a user goes: on the way back source and target are turned round.

use crate::domain::route::Way;
use crate::domain::standing::Holder;
use crate::domain::standing::Removal;
use crate::domain::standing::Standing;
use crate::domain::standing::Trouble;

impl Standing {
    /// The word on screen for a user who goes this way. A user on the way back is judged by the turned route, so that
    /// `OnSource` of the rollback is being on the target, and who has arrived before the last removal was never away
    /// from the source.
    pub fn word_along(&self, way: Way, removal: Removal) -> &'static str {
        match (way, self) {
            (Way::Back, Self::OnSource) => "OnTarget",
            (Way::Back, Self::Migrated) if removal == Removal::NotSent => "OnSource",
            (Way::Back, Self::Migrated) => "RolledBack",
            (Way::Back, Self::SourceLingers(_)) => "TargetLingers",
            (Way::Forward, _)
            | (
                Way::Back,
                Self::HoldsBoth | Self::ExpectedConflict | Self::Stuck(_) | Self::Unlicensed | Self::Missing,
            ) => self.word(),
        }
    }

    /// The same, with what keeps a stuck user, and with who holds a license that lingers.
    pub fn along(&self, way: Way, removal: Removal) -> String {
        match self {
            Self::Stuck(trouble) => format!("Stuck · {}", trouble.along(way)),
            Self::SourceLingers(holder) => format!("{}{}", self.word_along(way, removal), holder.note()),
            _ => self.word_along(way, removal).to_owned(),
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
    pub fn along(&self, way: Way) -> String {
        match (way, self) {
            (Way::Back, Self::TargetElsewhere) => Self::SourceElsewhere.to_string(),
            (Way::Back, Self::SourceElsewhere) => Self::TargetElsewhere.to_string(),
            (Way::Forward, _) | (Way::Back, Self::Error(_) | Self::State(_) | Self::Unexplained) => self.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_the_way_back_every_word_says_what_is_so_in_the_tenant() {
        let lingers = Standing::SourceLingers(Holder::NotProcessed);
        assert_eq!(Standing::SourceLingers(Holder::Direct).along(Way::Back, Removal::Sent), "TargetLingers · direct");
        let back = |standing: &Standing| standing.along(Way::Back, Removal::Sent);
        assert_eq!(Standing::Migrated.along(Way::Back, Removal::NotSent), "OnSource");
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
            assert_eq!(forward.along(Way::Forward, Removal::Sent), forward.to_string());
        }
    }
}
