//! What `y` copies: the selected user, or in the events what Microsoft's support asks for about requests that failed.

use std::fmt::Write;

use crate::domain::event::Event;
use crate::domain::fault::Fault;
use crate::domain::halt::HaltReason;
use crate::domain::outcome::Outcome;
use crate::domain::sku::Skus;
use crate::domain::text::clean;
use crate::domain::user::User;
use crate::domain::write_event::WriteStage;
use crate::tui::model::Model;
use crate::tui::model::View;
use crate::tui::palette::off::Off;
use crate::words::explain::explain;
use crate::words::fault;
use crate::words::phrase;
use crate::words::reason;
use crate::words::say;
use crate::words::standing;

/// Of more requests the latest are copied: a clipboard by way of the terminal takes no book.
const MOST_REQUESTS: usize = 50;

/// Something for the clipboard.
pub(in crate::tui) struct Copied {
    /// What is said about it.
    pub(in crate::tui) told: String,
    /// The text.
    pub(in crate::tui) text: String,
}

/// What the key copies here.
pub(in crate::tui) fn what(model: &Model) -> Result<Copied, Off> {
    if model.view == View::Events {
        return requests(model);
    }
    let user = model.selected().ok_or(Off::NoUser)?;
    let told = say("screen-copied-user", &[("user", user.upn.as_str().into())]);
    Ok(Copied { told, text: describe(user, &model.snapshot.skus) })
}

/// The requests among the latest events that failed and have an id, oldest first: when, which, and what came of it.
fn requests(model: &Model) -> Result<Copied, Off> {
    let events = model.snapshot.events.iter();
    let mut found: Vec<String> = Vec::new();
    for (at, event) in events {
        let Some(failed) = failed(event) else { continue };
        let Some(id) = failed.request_id.as_deref().or(failed.message.client_request_id()) else { continue };
        let said = clean(&fault::fault(failed)).into_owned();
        found.push(format!("{at}  {}  {said}", clean(id)));
    }
    if found.is_empty() {
        return Err(Off::NoRequests);
    }
    let text = found.split_off(found.len().saturating_sub(MOST_REQUESTS));
    let told = say("screen-copied-requests", &[("count", text.len().into())]);
    Ok(Copied { told, text: text.join("\n") })
}

/// The request of an event that failed.
fn failed(event: &Event) -> Option<&Fault> {
    match event {
        Event::ReadFailed { fault, .. }
        | Event::Delayed { fault, .. }
        | Event::Halted { why: HaltReason::Write(fault) } => Some(fault),
        event => match event.write()?.what {
            WriteStage::Settled { outcome: Outcome::Failed(fault) | Outcome::Lost(fault), .. } => Some(fault),
            _ => None,
        },
    }
}

/// The user as text for a ticket or a chat.
fn describe(user: &User, skus: &Skus) -> String {
    let mut text = user.upn.to_string();
    if let Some(stands) = standing::stands(user) {
        let _ = write!(text, "\n{stands}");
    }
    if user.excluded {
        let _ = write!(text, "\n{}", phrase("screen-excluded"));
    }
    for reason in &user.reasons {
        let mut said = reason::reason(&reason.detail);
        if reason.warning {
            said = say("view-warning", &[("what", said.into())]);
        }
        let _ = write!(text, "\n{said}");
    }
    if let Some(why) = &user.seldom.why {
        let said = say("screen-copy-graph-says", &[("said", explain(&fault::message(why), skus).into())]);
        let _ = write!(text, "\n{said}");
    }
    let writes = [
        (phrase("screen-copy-adding"), &user.add),
        (phrase("screen-copy-removing"), &user.remove),
        (phrase("screen-copy-reprocessing"), &user.seldom.reprocess),
        (phrase("screen-copy-direct"), &user.seldom.direct),
    ];
    for (what, write) in writes {
        if let Some(fault) = write.fault() {
            let _ = write!(text, "\n{what}: {}", fault::fault(fault));
        }
    }
    text
}
