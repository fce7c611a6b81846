//! Where users stand, in words along the way that they go: on the way back source and target are turned round.

use crate::domain::flaw::Flaw;
use crate::domain::id::SkuId;
use crate::domain::license::LicenseError;
use crate::domain::plan_families::CoreService;
use crate::domain::products;
use crate::domain::route::Direction;
use crate::domain::standing::Failure;
use crate::domain::standing::Holder;
use crate::domain::standing::Lost;
use crate::domain::standing::Standing;
use crate::domain::standing::StandingCode;
use crate::domain::standing::Trouble;
use crate::domain::standing::Written;
use crate::domain::user::User;
use crate::words::phrase;
use crate::words::say;

/// Where a user stands, with what keeps them; `None` before a read has shown it.
pub fn stands(user: &User) -> Option<String> {
    user.standing.as_ref().map(|standing| full(standing, user.direction, user.written()))
}

/// The word for a standing along the way that a user goes. On the way back source and target are turned round, so that
/// `OnSource` of the rollback is being on the target, and who has arrived before the last removal was never away from the
/// source.
pub fn short(code: StandingCode, direction: Direction, written: Written) -> String {
    match (code, direction) {
        (StandingCode::OnSource, _) if written > Written::Nothing => phrase("standing-processing"),
        (StandingCode::Migrated, Direction::Rollback) if written == Written::Removed => phrase("standing-rolled-back"),
        (StandingCode::OnSource, Direction::Forward) | (StandingCode::Migrated, Direction::Rollback) => {
            phrase("standing-on-source")
        }
        (StandingCode::OnSource, Direction::Rollback) => phrase("standing-on-target"),
        // Seen before the removal, and not read since.
        (StandingCode::HoldsBoth | StandingCode::ExpectedConflict, _) if written == Written::Removed => {
            phrase("standing-processing")
        }
        (StandingCode::HoldsBoth, _) => phrase("standing-ready"),
        (StandingCode::ExpectedConflict, _) => phrase("standing-ready-in-conflict"),
        (StandingCode::Migrated, Direction::Forward) => phrase("standing-migrated"),
        (StandingCode::SourceLingers, Direction::Forward) => phrase("standing-old-license-stays"),
        (StandingCode::SourceLingers, Direction::Rollback) => phrase("standing-new-license-stays"),
        (StandingCode::Stuck, _) => phrase("standing-stuck"),
        (StandingCode::LostPart, _) => phrase("standing-lost-part"),
        (StandingCode::Unlicensed, _) => phrase("standing-no-license"),
        (StandingCode::Missing, _) => phrase("standing-deleted"),
        (StandingCode::NotRead, _) => phrase("standing-not-read"),
    }
}

/// The same, with what keeps a stuck user, what was lost, and who holds a license that stays.
pub fn full(standing: &Standing, direction: Direction, written: Written) -> String {
    let short = short(standing.into(), direction, written);
    let Some(detail) = detail(standing, direction) else { return short };
    say("standing-with-detail", &[("standing", short.into()), ("detail", detail.into())])
}

/// What keeps a stuck user, what was lost, or who holds a license that stays.
pub fn detail(standing: &Standing, direction: Direction) -> Option<String> {
    Some(match standing {
        Standing::Stuck(trouble) => self::trouble(trouble, direction),
        Standing::LostPart(lost) => lost.iter().map(self::lost).collect::<Vec<_>>().join(", "),
        Standing::SourceLingers(who) => holder(who),
        Standing::OnSource
        | Standing::HoldsBoth
        | Standing::ExpectedConflict
        | Standing::Migrated
        | Standing::Unlicensed
        | Standing::Missing => return None,
    })
}

/// Who holds the license that stays.
fn holder(holder: &Holder) -> String {
    match holder {
        Holder::NotProcessed => phrase("standing-holder-not-processed"),
        Holder::Dependency => phrase("standing-holder-dependency"),
        Holder::Direct => phrase("standing-holder-direct"),
        Holder::Group(_) => phrase("standing-holder-group"),
        Holder::Unnamed => phrase("standing-holder-unnamed"),
    }
}

/// What keeps a user stuck who goes this way; Graph's own word stands behind ours.
pub fn trouble(trouble: &Trouble, direction: Direction) -> String {
    match (trouble, direction) {
        (Trouble::Error(failure), _) => match cause(&failure.word) {
            Some(words) => {
                let words = of_product(words, failure);
                say("standing-trouble-cause", &[("cause", words.into()), ("word", failure.word.as_str().into())])
            }
            None => of_product(failure.word.clone(), failure),
        },
        (Trouble::State(failure), _) => {
            of_product(say("standing-trouble-state", &[("word", failure.word.as_str().into())]), failure)
        }
        (Trouble::TargetElsewhere, Direction::Forward) | (Trouble::SourceElsewhere, Direction::Rollback) => {
            phrase("standing-trouble-target-elsewhere")
        }
        (Trouble::SourceElsewhere, Direction::Forward) | (Trouble::TargetElsewhere, Direction::Rollback) => {
            phrase("standing-trouble-source-elsewhere")
        }
        (Trouble::Unexplained, _) => phrase("standing-trouble-unexplained"),
        (Trouble::EndState(flaws), _) => flaws.iter().map(flaw).collect::<Vec<_>>().join(", "),
    }
}

/// Graph's word for an error in words that people use; a word that we do not know stays as it is.
fn cause(word: &str) -> Option<String> {
    Some(match LicenseError::from(word.to_owned()) {
        LicenseError::CountViolation => phrase("standing-cause-no-seat"),
        LicenseError::MutuallyExclusiveViolation => phrase("standing-cause-excluded"),
        LicenseError::DependencyViolation => phrase("standing-cause-dependency"),
        LicenseError::ProhibitedInUsageLocationViolation => phrase("standing-cause-location"),
        LicenseError::UniquenessViolation => phrase("standing-cause-address"),
        LicenseError::Other => phrase("standing-cause-other"),
        LicenseError::Unknown(_) => return None,
    })
}

/// With the product, where it is not the one that the run is called after.
fn of_product(words: String, failure: &Failure) -> String {
    match failure.product {
        Some(product) => {
            say("standing-trouble-of-product", &[("cause", words.into()), ("product", product_name(product).into())])
        }
        None => words,
    }
}

/// What speaks against the state in which a user would be left.
pub fn flaw(flaw: &Flaw) -> String {
    let product = product_name(flaw.product());
    match flaw {
        Flaw::Excluded { by, .. } | Flaw::ExcludedByCompanion { by, .. } => {
            say("standing-flaw-excluded", &[("by", product_name(*by).into()), ("product", product.into())])
        }
        Flaw::ExcludedByWaiting { by, .. } => {
            say("standing-flaw-excluded-by-waiting", &[("by", product_name(*by).into()), ("product", product.into())])
        }
        Flaw::Unexplained { .. } => say("standing-flaw-unexplained", &[("product", product.into())]),
        Flaw::Needs { plan, .. } => {
            let plan = products::plan_name(*plan).map_or_else(|| plan.to_string(), ToOwned::to_owned);
            say("standing-flaw-needs", &[("plan", plan.into()), ("product", product.into())])
        }
        Flaw::NoSeat { .. } => say("standing-flaw-no-seat", &[("product", product.into())]),
        Flaw::UnknownPlans { .. } => say("standing-flaw-unknown-plans", &[("product", product.into())]),
        Flaw::NotUsable { status, .. } => {
            say("standing-flaw-not-usable", &[("product", product.into()), ("status", status.as_str().into())])
        }
        Flaw::NoLongerAssigned { .. } => say("standing-flaw-no-longer-assigned", &[("product", product.into())]),
        Flaw::LosesService { service, .. } => {
            say("standing-flaw-loses-service", &[("service", self::service(*service).into())])
        }
        Flaw::LocationChanged { from, to, .. } => {
            let place = |code: &str| if code.is_empty() { phrase("standing-no-location") } else { code.to_owned() };
            say("standing-flaw-location", &[("from", place(from).into()), ("to", place(to).into())])
        }
        Flaw::FailsElsewhere { error, .. } => {
            say("standing-flaw-fails-elsewhere", &[("product", product.into()), ("error", error.as_str().into())])
        }
    }
}

fn lost(lost: &Lost) -> String {
    match lost {
        Lost::Product(sku) => product_name(*sku),
        Lost::Service(service) => self::service(*service),
    }
}

/// A core service, as people call it.
pub fn service(service: CoreService) -> String {
    match service {
        CoreService::Exchange => phrase("standing-service-exchange"),
        CoreService::Sharepoint => phrase("standing-service-sharepoint"),
        CoreService::Teams => phrase("standing-service-teams"),
        CoreService::Apps => phrase("standing-service-apps"),
    }
}

/// The name that people know of a product; its id for one that is not on Microsoft's list.
fn product_name(sku: SkuId) -> String {
    products::name(sku).map_or_else(|| sku.to_string(), ToOwned::to_owned)
}

/// How many users have a standing, which is told in the same words as that of one.
pub fn counted(count: usize, standing: &str) -> String {
    say("standing-counted", &[("count", count.into()), ("standing", standing.into())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::GroupId;
    use uuid::Uuid;

    #[test]
    fn people_read_the_words_of_the_table_and_never_a_code() {
        let forward = |standing: &Standing, written| full(standing, Direction::Forward, written);
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
        let back = |standing: &Standing, written| full(standing, Direction::Rollback, written);
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
            let forward = full(&same, Direction::Forward, Written::Added);
            assert_eq!(back(&same, Written::Added), forward);
        }
    }
}
