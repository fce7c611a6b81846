//! What the steps of the work do, for the table of what each of them needs.

use crate::domain::permission::WorkStep;
use crate::words::phrase;

/// What a step does.
pub fn does(step: WorkStep) -> String {
    match step {
        WorkStep::Read => phrase("fact-step-read"),
        WorkStep::Add => phrase("fact-step-add"),
        WorkStep::Remove => phrase("fact-step-remove"),
        WorkStep::Reprocess => phrase("fact-step-reprocess"),
        WorkStep::Direct => phrase("fact-step-direct"),
        WorkStep::Audit => phrase("fact-step-audit"),
    }
}
