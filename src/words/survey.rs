//! The forms in which a verify pass asks, and why.

use crate::domain::read::HowAsked;
use crate::domain::read::NotUsed;
use crate::domain::read::SurveyForm;
use crate::words::phrase;
use crate::words::say;

/// A few words for the screen.
pub fn form(form: SurveyForm) -> String {
    match form {
        SurveyForm::MemberPages => phrase("fact-form-member-pages"),
        SurveyForm::CastPages => phrase("fact-form-cast-pages"),
        SurveyForm::IdFilters => phrase("fact-form-id-filters"),
        SurveyForm::PointReads => phrase("fact-form-point-reads"),
    }
}

/// How the last pass asked, and what it cost.
pub fn cost(asked: &HowAsked) -> String {
    let units = say("fact-pass-units", &[("count", asked.units.into())]);
    say(
        "view-plan-last-pass",
        &[("form", form(asked.form).into()), ("count", asked.requests.into()), ("units", units.into())],
    )
}

/// Why another form is not used.
pub fn not_used(other: SurveyForm, why: NotUsed) -> String {
    let form = form(other).into();
    match why {
        NotUsed::Refused(Some(status)) => {
            say("fact-form-refused", &[("form", form), ("status", status.to_string().into())])
        }
        NotUsed::Refused(None) => say("fact-form-refused-silently", &[("form", form)]),
        NotUsed::NotPermitted => say("fact-form-not-permitted", &[("form", form)]),
        NotUsed::NotFound => say("fact-form-not-found", &[("form", form)]),
        NotUsed::NullStates => say("fact-form-null-states", &[("form", form)]),
        NotUsed::Trouble => say("fact-form-trouble", &[("form", form)]),
        NotUsed::MoreRequests(count) => say("fact-form-more-requests", &[("form", form), ("count", count.into())]),
    }
}
