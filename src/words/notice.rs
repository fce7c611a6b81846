//! What the engine tells the operator beside its snapshots.

use jiff::Zoned;

use crate::domain::text::clean;
use crate::engine::ReadOnly;
use crate::engine::handle::Notice;
use crate::engine::handle::Refused;
use crate::words::error;
use crate::words::fault;
use crate::words::phrase;
use crate::words::refusal;
use crate::words::say;
use crate::words::times;

/// A notice in a sentence; `None` for a question, which is more than one.
pub fn told(notice: &Notice) -> Option<String> {
    Some(match notice {
        Notice::Question(_) => return None,
        Notice::Refused(why) => refused(why),
        Notice::OlderRules(0) => phrase("notice-older-rules"),
        Notice::OlderRules(_) => phrase("notice-older-rules-places"),
        Notice::CannotFollow(why) => say("notice-cannot-follow", &[("why", error::causes(why.as_ref()).into())]),
        Notice::Stopped(why) => say("notice-stopped", &[("why", error::causes(why.as_ref()).into())]),
        Notice::SignedIn => phrase("notice-signed-in"),
        Notice::NotSignedIn(why) => say("notice-not-signed-in", &[("why", fault::message(&why.message).into())]),
        Notice::CallFailed(why) => say("notice-call-failed", &[("why", clean(why).into())]),
        Notice::NotReprocessed(why) => say("notice-not-reprocessed", &[("fault", fault::fault(why).into())]),
        Notice::WorklistNotReplaced(file) => say("notice-worklist-not-replaced", &[("file", clean(file).into())]),
        Notice::NotTakenOff(why) => say("notice-not-taken-off", &[("fault", fault::fault(why).into())]),
    })
}

/// Why something that was asked for is not done.
pub fn refused(why: &Refused) -> String {
    match why {
        Refused::ByRun(why) => refusal::refusal(why),
        Refused::ReadOnly(why) => read_only_because(why),
        Refused::OutsideWindow(opens) => outside_window(opens),
        Refused::Checking => phrase("refusal-checking"),
        Refused::OnItsWay => phrase("refusal-on-its-way"),
    }
}

/// That the window for writes is closed, and until when.
pub fn outside_window(opens: &Zoned) -> String {
    let at = format!("{} {}", times::day_and_minute(opens), opens.strftime("%Z"));
    say("refusal-outside-window", &[("at", at.into())])
}

/// Why nothing can be written in a session, behind the word for it.
pub fn read_only_because(why: &ReadOnly) -> String {
    say("notice-read-only", &[("why", read_only(why).into())])
}

/// Why nothing can be written in a session.
pub fn read_only(why: &ReadOnly) -> String {
    match why {
        ReadOnly::Asked => phrase("notice-read-only-asked"),
        ReadOnly::AtWork { process: Some(process) } => {
            say("notice-read-only-process", &[("process", process.to_string().into())])
        }
        ReadOnly::AtWork { process: None } => phrase("notice-read-only-at-work"),
        ReadOnly::Lacks { permission } => say("notice-read-only-lacks", &[("permission", permission.as_str().into())]),
        ReadOnly::Watches => phrase("notice-read-only-watches"),
        ReadOnly::NotKept => phrase("notice-read-only-not-kept"),
        ReadOnly::Stopped(why) => error::causes(why.as_ref()),
    }
}
