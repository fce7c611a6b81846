//! What preflight saw of one user.

use crate::domain::preflight::ReasonDetail;
use crate::words::phrase;
use crate::words::say;

/// A reason or a warning about one user.
pub fn reason(reason: &ReasonDetail) -> String {
    match reason {
        ReasonDetail::Disabled { user } => say("reason-disabled", &[("user", user.as_str().into())]),
        ReasonDetail::NoUsageLocation => phrase("reason-no-usage-location"),
        ReasonDetail::OlderEdition(older) => say("reason-older-edition", &[("reason", self::reason(older).into())]),
        ReasonDetail::SourceInState { product, group, state } => say(
            "reason-source-in-state",
            &[("product", product.as_str().into()), ("group", group.as_str().into()), ("state", state.as_str().into())],
        ),
        ReasonDetail::SourceUnnamed { product } => {
            say("reason-source-unnamed", &[("product", product.as_str().into())])
        }
        ReasonDetail::SourceNotFromGroup { product, group } => say(
            "reason-source-not-from-group",
            &[("product", product.as_str().into()), ("group", group.as_str().into())],
        ),
        ReasonDetail::AlsoDirect { product } => say("reason-also-direct", &[("product", product.as_str().into())]),
        ReasonDetail::AlsoFromGroup { product, group } => {
            say("reason-also-from-group", &[("product", product.as_str().into()), ("group", group.as_str().into())])
        }
        ReasonDetail::HeldAlready { product } => say("reason-held-already", &[("product", product.as_str().into())]),
        ReasonDetail::InErrorAlready { product, word } => {
            say("reason-in-error-already", &[("product", product.as_str().into()), ("word", word.as_str().into())])
        }
        ReasonDetail::NotFound { line, given } => {
            say("reason-not-found", &[("line", (*line).into()), ("given", format!("{given:?}").into())])
        }
        ReasonDetail::Malformed { line, given } => {
            say("reason-malformed", &[("line", (*line).into()), ("given", format!("{given:?}").into())])
        }
        ReasonDetail::Duplicate { line, user, first } => say(
            "reason-duplicate",
            &[("line", (*line).into()), ("user", user.as_str().into()), ("first", (*first).into())],
        ),
        ReasonDetail::Told(sentence) => sentence.clone(),
        // The state in which the user would be left.
        ReasonDetail::Excludes { by, product } => {
            say("reason-excludes", &[("by", by.as_str().into()), ("product", product.as_str().into())])
        }
        ReasonDetail::MayExclude { by, product } => {
            say("reason-may-exclude", &[("by", by.as_str().into()), ("product", product.as_str().into())])
        }
        ReasonDetail::GroupExcludesItself { group, product, by } => say(
            "reason-group-excludes-itself",
            &[("group", group.as_str().into()), ("product", product.as_str().into()), ("by", by.as_str().into())],
        ),
        ReasonDetail::Waits { by, from, product, surely } => {
            let surely = if *surely { "yes" } else { "no" };
            let (by, product, surely) = (by.as_str().into(), product.as_str().into(), surely.into());
            match from {
                Some(group) => say(
                    "reason-waits-from-group",
                    &[("by", by), ("group", group.as_str().into()), ("product", product), ("surely", surely)],
                ),
                None => say("reason-waits-direct", &[("by", by), ("product", product), ("surely", surely)]),
            }
        }
        ReasonDetail::PlansUnknown { product } => say("reason-plans-unknown", &[("product", product.as_str().into())]),
        ReasonDetail::FailsElsewhere { product, error } => {
            say("reason-fails-elsewhere", &[("product", product.as_str().into()), ("error", error.as_str().into())])
        }
        ReasonDetail::NothingBrings { plan, product } => {
            say("reason-nothing-brings", &[("plan", plan.as_str().into()), ("product", product.as_str().into())])
        }
        ReasonDetail::NeedsSource { plan, product, needs } => {
            let needs = needs.join(&phrase("word-or"));
            say(
                "reason-needs-source",
                &[("plan", plan.as_str().into()), ("product", product.as_str().into()), ("needs", needs.into())],
            )
        }
    }
}
