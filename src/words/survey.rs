//! The forms in which a verify pass asks.

use crate::domain::read::SurveyForm;
use crate::words::phrase;

/// A few words for the screen.
pub fn form(form: SurveyForm) -> String {
    match form {
        SurveyForm::MemberPages => phrase("fact-form-member-pages"),
        SurveyForm::IdFilters => phrase("fact-form-id-filters"),
        SurveyForm::PointReads => phrase("fact-form-point-reads"),
    }
}
