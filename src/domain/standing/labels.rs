//! Standings in words: the one place that makes them. Codes ([`Standing::code`]) are for the journal, JSON and the log.
//!
//! A word depends on how far the run has gone with the user and on the way that they go: on the way back source and target
//! are turned round.

use std::fmt;

use crate::domain::end_state::Flaw;
use crate::domain::id::SkuId;
use crate::domain::license::LicenseError;
use crate::domain::products;
use crate::domain::route::Direction;
use crate::domain::standing::Failure;
use crate::domain::standing::Holder;
use crate::domain::standing::Lost;
use crate::domain::standing::Standing;
use crate::domain::standing::Trouble;

/// How far the run has gone with a user; the word for a standing depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Written {
    /// Nothing is acknowledged.
    Nothing,
    /// They were added to the group that they go to.
    Added,
    /// Their removal from the group that they leave was sent.
    Removed,
}

impl Standing {
    /// The word on screen for a user who goes this way. A user on the way back is judged by the turned route, so that
    /// `OnSource` of the rollback is being on the target, and who has arrived before the last removal was never away
    /// from the source.
    pub fn label(&self, direction: Direction, written: Written) -> &'static str {
        match (self, direction) {
            (Self::OnSource, _) if written > Written::Nothing => "processing",
            (Self::Migrated, Direction::Rollback) if written == Written::Removed => "rolled back",
            // Who has arrived before the last removal was never away from the source.
            (Self::OnSource, Direction::Forward) | (Self::Migrated, Direction::Rollback) => "on source",
            (Self::OnSource, Direction::Rollback) => "on target",
            // Seen before the removal, and not read since.
            (Self::HoldsBoth | Self::ExpectedConflict, _) if written == Written::Removed => "processing",
            (Self::HoldsBoth, _) => "ready",
            (Self::ExpectedConflict, _) => "ready · conflict as expected",
            (Self::Migrated, Direction::Forward) => "migrated",
            (Self::SourceLingers(_), Direction::Forward) => "old license stays",
            (Self::SourceLingers(_), Direction::Rollback) => "new license stays",
            (Self::Stuck(_), _) => "stuck",
            (Self::LostPart(_), _) => "lost a part",
            (Self::Unlicensed, _) => "NO LICENSE",
            (Self::Missing, _) => "deleted",
        }
    }

    /// The same, with what keeps a stuck user, what was lost, and who holds a license that stays.
    pub fn detailed_label(&self, direction: Direction, written: Written) -> String {
        let label = self.label(direction, written);
        match self {
            Self::Stuck(trouble) => format!("{label} · {}", trouble.label(direction)),
            Self::LostPart(lost) => {
                let lost: Vec<String> = lost.iter().map(Lost::to_string).collect();
                format!("{label} · {}", lost.join(", "))
            }
            Self::SourceLingers(holder) => format!("{label} · {}", holder.label()),
            _ => label.to_owned(),
        }
    }
}

impl Holder {
    /// Who holds the license that stays.
    fn label(&self) -> &'static str {
        match self {
            Self::NotProcessed => "not processed yet",
            Self::Dependency => "another product needs it",
            Self::Direct => "assigned directly",
            Self::Group(_) => "from another group",
            Self::Unnamed => "no source named",
        }
    }
}

impl Trouble {
    /// What keeps a user stuck who goes this way, in words; Graph's own word stands behind them.
    pub fn label(&self, direction: Direction) -> String {
        match (self, direction) {
            (Self::Error(failure), _) => {
                let product = of_product(failure);
                match cause(&failure.word) {
                    Some(words) => format!("{words}{product} ({failure})"),
                    None => format!("{failure}{product}"),
                }
            }
            (Self::State(failure), _) => format!("in the state {failure}{}", of_product(failure)),
            (Self::TargetElsewhere, Direction::Rollback) => Self::SourceElsewhere.to_string(),
            (Self::SourceElsewhere, Direction::Rollback) => Self::TargetElsewhere.to_string(),
            (Self::TargetElsewhere | Self::SourceElsewhere | Self::Unexplained | Self::EndState(_), _) => {
                self.to_string()
            }
        }
    }
}

/// Graph's word for an error in words that people use; a word that we do not know stays as it is.
fn cause(word: &str) -> Option<&'static str> {
    match LicenseError::from(word.to_owned()) {
        LicenseError::CountViolation => Some("no free seat"),
        LicenseError::MutuallyExclusiveViolation => Some("another license excludes it"),
        LicenseError::DependencyViolation => Some("another product needs it or is needed"),
        LicenseError::ProhibitedInUsageLocationViolation => Some("not offered in the user's country"),
        LicenseError::UniquenessViolation => Some("mail address already in use"),
        LicenseError::Other => Some("no cause named"),
        LicenseError::Unknown(_) => None,
    }
}

fn of_product(failure: &Failure) -> String {
    failure.product.map_or_else(String::new, |product| format!(" of {}", product_name(product)))
}

/// The code, and with it Graph's word: for tests and faults, not for the screen.
impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stuck(trouble) => write!(f, "{} · {trouble}", self.code()),
            Self::LostPart(lost) => {
                let lost: Vec<String> = lost.iter().map(Lost::to_string).collect();
                write!(f, "{} · {}", self.code(), lost.join(", "))
            }
            _ => f.write_str(self.code()),
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
    use crate::domain::id::GroupId;
    use uuid::Uuid;

    #[test]
    fn people_read_the_words_of_the_table_and_never_a_code() {
        let forward = |standing: &Standing, written| standing.detailed_label(Direction::Forward, written);
        let stuck = |word: &str| Standing::Stuck(Trouble::Error(word.into()));
        for (standing, written, words) in [
            (Standing::OnSource, Written::Nothing, "on source"),
            (Standing::OnSource, Written::Added, "processing"),
            (Standing::HoldsBoth, Written::Added, "ready"),
            (Standing::HoldsBoth, Written::Removed, "processing"),
            (Standing::ExpectedConflict, Written::Added, "ready · conflict as expected"),
            (Standing::ExpectedConflict, Written::Removed, "processing"),
            (Standing::Migrated, Written::Removed, "migrated"),
            (Standing::SourceLingers(Holder::NotProcessed), Written::Removed, "old license stays · not processed yet"),
            (Standing::SourceLingers(Holder::Direct), Written::Removed, "old license stays · assigned directly"),
            (stuck("CountViolation"), Written::Added, "stuck · no free seat (CountViolation)"),
            (stuck("Novelty"), Written::Added, "stuck · Novelty"),
            (Standing::LostPart(vec![]), Written::Removed, "lost a part · "),
            (Standing::Unlicensed, Written::Removed, "NO LICENSE"),
            (Standing::Missing, Written::Added, "deleted"),
        ] {
            assert_eq!(forward(&standing, written), words);
            let group = Standing::SourceLingers(Holder::Group(GroupId(Uuid::nil())));
            for code in [&standing, &group].map(Standing::code) {
                assert!(!forward(&standing, written).contains(code), "{code} is not for people");
            }
        }
    }

    #[test]
    fn on_the_way_back_every_word_says_what_is_so_in_the_tenant() {
        let lingers = Standing::SourceLingers(Holder::Direct);
        let back = |standing: &Standing, written| standing.detailed_label(Direction::Rollback, written);
        assert_eq!(back(&lingers, Written::Removed), "new license stays · assigned directly");
        assert_eq!(back(&Standing::Migrated, Written::Added), "on source");
        assert_eq!(back(&Standing::Migrated, Written::Removed), "rolled back");
        assert_eq!(back(&Standing::OnSource, Written::Nothing), "on target");
        assert_eq!(back(&Standing::OnSource, Written::Added), "processing");
        let stuck = |trouble| back(&Standing::Stuck(trouble), Written::Added);
        assert_eq!(stuck(Trouble::SourceElsewhere), "stuck · target from elsewhere");
        assert_eq!(stuck(Trouble::TargetElsewhere), "stuck · source from elsewhere");
        for same in [
            Standing::HoldsBoth,
            Standing::ExpectedConflict,
            Standing::Unlicensed,
            Standing::Missing,
            Standing::Stuck(Trouble::Error("CountViolation".into())),
        ] {
            let forward = same.detailed_label(Direction::Forward, Written::Added);
            assert_eq!(back(&same, Written::Added), forward);
        }
    }
}
