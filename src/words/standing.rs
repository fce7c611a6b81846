//! Where users stand, in words along the way that they go: on the way back source and target are turned round.

use crate::domain::end_state::Flaw;
use crate::domain::id::SkuId;
use crate::domain::plan_families::CoreService;
use crate::domain::products;
use crate::domain::route::Direction;
use crate::domain::standing::Failure;
use crate::domain::standing::Holder;
use crate::domain::standing::Lost;
use crate::domain::standing::Removal;
use crate::domain::standing::Standing;
use crate::domain::standing::StandingCode;
use crate::domain::standing::Trouble;
use crate::domain::standing::Way;
use crate::domain::user::User;
use crate::words::phrase;
use crate::words::say;

/// Where a user stands, with what keeps them; `None` before a read has shown it.
pub fn stands(user: &User) -> Option<String> {
    user.standing.as_ref().map(|standing| full(standing, user.way()))
}

/// The words for a standing in a narrow column.
pub fn short(code: StandingCode, way: Way) -> String {
    let back = way.direction == Direction::Rollback;
    let left = way.removal == Removal::Sent;
    match code {
        // Acknowledged, and licensing has not acted on it yet.
        StandingCode::OnSource if way.added => phrase("standing-processing"),
        StandingCode::HoldsBoth | StandingCode::ExpectedConflict if left => phrase("standing-processing"),
        StandingCode::OnSource if back => phrase("standing-on-target"),
        StandingCode::OnSource => phrase("standing-on-source"),
        StandingCode::HoldsBoth | StandingCode::ExpectedConflict => phrase("standing-ready"),
        // Who has arrived before the last removal was never away from the source.
        StandingCode::Migrated if back && !left => phrase("standing-on-source"),
        StandingCode::Migrated if back => phrase("standing-rolled-back"),
        StandingCode::Migrated => phrase("standing-migrated"),
        StandingCode::SourceLingers if back => phrase("standing-new-license-stays"),
        StandingCode::SourceLingers => phrase("standing-old-license-stays"),
        StandingCode::Stuck => phrase("standing-stuck"),
        StandingCode::LostPart => phrase("standing-lost-part"),
        StandingCode::Unlicensed => phrase("standing-no-license"),
        StandingCode::Missing => phrase("standing-deleted"),
        StandingCode::NotRead => phrase("standing-not-read"),
    }
}

/// The same with what keeps a stuck user, what was lost, and who holds a license that stays.
pub fn full(standing: &Standing, way: Way) -> String {
    let short = short(standing.code(), way);
    let detail = match standing {
        Standing::Stuck(trouble) => trouble_in_words(trouble, way.direction),
        Standing::LostPart(lost) => lost.iter().map(self::lost).collect::<Vec<_>>().join(", "),
        Standing::SourceLingers(who) => holder(who),
        Standing::ExpectedConflict => phrase("standing-conflict-expected"),
        Standing::OnSource | Standing::HoldsBoth | Standing::Migrated | Standing::Unlicensed | Standing::Missing => {
            return short;
        }
    };
    say("standing-with-detail", &[("standing", short.into()), ("detail", detail.into())])
}

fn holder(holder: &Holder) -> String {
    match holder {
        Holder::NotProcessed => phrase("standing-holder-not-processed"),
        Holder::Dependency => phrase("standing-holder-dependency"),
        Holder::Direct => phrase("standing-holder-direct"),
        Holder::Group(_) => phrase("standing-holder-group"),
        Holder::Unnamed => phrase("standing-holder-unnamed"),
    }
}

/// What keeps a user stuck who goes this way.
pub fn trouble(trouble: &Trouble, direction: Direction) -> String {
    trouble_in_words(trouble, direction)
}

fn trouble_in_words(trouble: &Trouble, direction: Direction) -> String {
    match (direction, trouble) {
        (_, Trouble::Error(failure) | Trouble::State(failure)) => failed(failure),
        (Direction::Forward, Trouble::TargetElsewhere) | (Direction::Rollback, Trouble::SourceElsewhere) => {
            phrase("standing-trouble-target-elsewhere")
        }
        (Direction::Forward, Trouble::SourceElsewhere) | (Direction::Rollback, Trouble::TargetElsewhere) => {
            phrase("standing-trouble-source-elsewhere")
        }
        (_, Trouble::Unexplained) => phrase("standing-trouble-unexplained"),
        (_, Trouble::EndState(flaws)) => flaws.iter().map(flaw).collect::<Vec<_>>().join(", "),
    }
}

/// Graph's own word, which is shown as it came, with the product where it is not the one that the run is called after.
fn failed(failure: &Failure) -> String {
    match failure.product {
        Some(product) => say(
            "standing-trouble-of-product",
            &[("word", failure.word.as_str().into()), ("product", product_name(product).into())],
        ),
        None => failure.word.clone(),
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
        Flaw::FailsElsewhere { error, .. } => {
            say("standing-flaw-fails-elsewhere", &[("product", product.into()), ("error", error.to_string().into())])
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_the_way_back_every_word_says_what_is_so_in_the_tenant() {
        let way = |direction, removal| Way { direction, added: false, removal };
        let back = |standing: &Standing| full(standing, way(Direction::Rollback, Removal::Sent));
        assert_eq!(full(&Standing::Migrated, way(Direction::Rollback, Removal::NotSent)), "on source");
        assert_eq!([Standing::OnSource, Standing::Migrated].map(|one| back(&one)), ["on target", "rolled back"]);
        assert_eq!(back(&Standing::SourceLingers(Holder::Direct)), "new license stays · direct");
        assert_eq!(back(&Standing::Stuck(Trouble::SourceElsewhere)), "stuck · target from elsewhere");
        assert_eq!(back(&Standing::Stuck(Trouble::TargetElsewhere)), "stuck · source from elsewhere");
        let forward = |standing: &Standing| full(standing, way(Direction::Forward, Removal::Sent));
        assert_eq!(forward(&Standing::SourceLingers(Holder::Direct)), "old license stays · direct");
        assert_eq!(forward(&Standing::Stuck(Trouble::SourceElsewhere)), "stuck · source from elsewhere");
        for same in [Standing::Unlicensed, Standing::Missing, Standing::Stuck(Trouble::Error("CountViolation".into()))]
        {
            assert_eq!(back(&same), forward(&same));
        }
    }

    #[test]
    fn a_reading_has_other_words_once_licensing_has_to_act() {
        let ready = |added, removal| {
            let way = Way { direction: Direction::Forward, added, removal };
            [StandingCode::OnSource, StandingCode::HoldsBoth].map(|code| short(code, way))
        };
        assert_eq!(ready(false, Removal::NotSent), ["on source", "ready"]);
        assert_eq!(ready(true, Removal::NotSent), ["processing", "ready"]);
        assert_eq!(ready(true, Removal::Sent), ["processing", "processing"]);
        let expected = full(&Standing::ExpectedConflict, Way::BEGIN);
        assert_eq!(expected, "ready · conflict as expected");
    }
}
