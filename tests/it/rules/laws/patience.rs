//! What the service asks for is done to the letter.

use crate::rules::laws::Case;
use crate::rules::script::Whim;
use crate::witness;

/// Nothing is sent again before the time that a `Retry-After` has named. A session that was begun since cannot know of it.
pub(super) fn waits_as_asked(case: &Case) -> Result<(), String> {
    let ends = |whim: &Whim| matches!(whim, Whim::Kill | Whim::KillTorn | Whim::Quit);
    if case.record.world.script.iter().any(|step| ends(&step.whim)) {
        return Ok(());
    }
    match case.record.log.iter().find(|entry| entry.early && !witness::by_another(entry)) {
        Some(entry) => Err(format!("Retry-After: {} {} came too early", entry.method, entry.path)),
        None => Ok(()),
    }
}
