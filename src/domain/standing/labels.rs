//! Standings in words along the way that a user goes: on the way back source and target are turned round.

use std::fmt;

use crate::domain::end_state::Flaw;
use crate::domain::id::SkuId;
use crate::domain::products;
use crate::domain::route::Direction;
use crate::domain::standing::Holder;
use crate::domain::standing::Lost;
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
                Self::HoldsBoth
                | Self::ExpectedConflict
                | Self::Stuck(_)
                | Self::LostPart(_)
                | Self::Unlicensed
                | Self::Missing,
            ) => self.word(),
        }
    }

    /// The same, with what keeps a stuck user, and with who holds a license that lingers.
    pub fn detailed_label(&self, direction: Direction, removal: Removal) -> String {
        match self {
            Self::Stuck(trouble) => format!("Stuck · {}", trouble.label(direction)),
            Self::LostPart(lost) => {
                let lost: Vec<String> = lost.iter().map(Lost::to_string).collect();
                format!("{} · {}", self.word(), lost.join(", "))
            }
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
            (Direction::Forward, _)
            | (Direction::Rollback, Self::Error(_) | Self::State(_) | Self::Unexplained | Self::EndState(_)) => {
                self.to_string()
            }
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stuck(trouble) => write!(f, "Stuck · {trouble}"),
            Self::LostPart(_) => f.write_str(&self.detailed_label(Direction::Forward, Removal::Sent)),
            _ => f.write_str(self.word()),
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(failure) | Self::State(failure) => match failure.product {
                Some(product) => write!(f, "{failure} ({})", product_name(product)),
                None => failure.fmt(f),
            },
            Self::TargetElsewhere => f.write_str("target from elsewhere"),
            Self::SourceElsewhere => f.write_str("source from elsewhere"),
            Self::Unexplained => f.write_str("license without a source"),
            Self::EndState(flaws) => {
                let flaws: Vec<String> = flaws.iter().map(Flaw::to_string).collect();
                f.write_str(&flaws.join(", "))
            }
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = product_name(self.product());
        match self {
            Self::Excluded { by, .. } | Self::ExcludedByCompanion { by, .. } => {
                write!(f, "{} excludes {name}", product_name(*by))
            }
            Self::ExcludedByWaiting { by, .. } => write!(f, "{} waits and excludes {name}", product_name(*by)),
            Self::Unexplained { .. } => write!(f, "a conflict of {name} that is not explained"),
            Self::Needs { plan, .. } => {
                let plan = products::plan_name(*plan).map_or_else(|| plan.to_string(), ToOwned::to_owned);
                write!(f, "{plan} of {name} lacks what it needs")
            }
            Self::NoSeat { .. } => write!(f, "no free seat of {name}"),
            Self::UnknownPlans { .. } => write!(f, "the plans of {name} are not known"),
            Self::FailsElsewhere { error, .. } => write!(f, "{name} fails elsewhere: {error}"),
            Self::NotUsable { status, .. } => write!(f, "the subscription of {name} is {status}"),
            Self::NoLongerAssigned { .. } => write!(f, "the target group no longer assigns {name}"),
            Self::LosesService { service, .. } => write!(f, "{} would be lost", service.name()),
            Self::LocationChanged { from, to, .. } => {
                let place = |code: &str| if code.is_empty() { "none".to_owned() } else { code.to_owned() };
                write!(f, "usage location changed from {} to {} since preflight", place(from), place(to))
            }
        }
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Product(sku) => f.write_str(&product_name(*sku)),
            Self::Service(service) => f.write_str(service.name()),
        }
    }
}

fn product_name(sku: SkuId) -> String {
    products::name(sku).map_or_else(|| sku.to_string(), ToOwned::to_owned)
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
