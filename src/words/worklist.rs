//! Worklists for those who change the members of a group elsewhere.

use crate::domain::migration::Migration;
use crate::domain::text::clean;
use crate::domain::time::Timestamp;
use crate::domain::time::since;
use crate::domain::worklist::Issued;
use crate::domain::worklist::Worklist;
use crate::domain::worklist::WorklistEnd;
use crate::domain::worklist::WorklistKind;
use crate::words::batches;
use crate::words::phrase;
use crate::words::say;

/// Why a worklist is not in force any more.
pub fn ended(why: WorklistEnd) -> String {
    match why {
        WorklistEnd::Done => phrase("worklist-end-done"),
        WorklistEnd::Stale => phrase("worklist-end-stale"),
        WorklistEnd::NotSafe => phrase("worklist-end-not-safe"),
        WorklistEnd::Halted => phrase("worklist-end-halted"),
        WorklistEnd::Groups => phrase("worklist-end-groups"),
        WorklistEnd::Unwatched => phrase("worklist-end-unwatched"),
        WorklistEnd::NoFile => phrase("worklist-end-no-file"),
    }
}

/// What others are asked for by a worklist, of how many users, and for which group.
pub fn asked(run: &Migration, list: &Worklist) -> String {
    let issued = &list.issued;
    let route = run.route_direction(issued.direction);
    let (batch, count) = (batches::title(run, issued.batch).into(), issued.users.len().into());
    let number = issued.number.into();
    match issued.kind {
        WorklistKind::Add => {
            let group = route.target.group_name.as_str().into();
            say("worklist-to-add", &[("number", number), ("batch", batch), ("count", count), ("group", group)])
        }
        WorklistKind::Remove => {
            let group = route.source.group_name.as_str().into();
            say("worklist-to-remove", &[("number", number), ("batch", batch), ("count", count), ("group", group)])
        }
    }
}

/// How a worklist stands: its age and how many are awaited, or why it is not in force any more.
pub fn stands(run: &Migration, list: &Worklist, now: Timestamp) -> String {
    let left = run.outstanding(list).count();
    match (list.ended, list.written) {
        (Some((_, WorklistEnd::Done)), _) => phrase("worklist-all-seen"),
        (Some((_, why)), _) => say("worklist-ended", &[("why", ended(why).into())]),
        (None, None) => phrase("worklist-being-written"),
        (None, Some(written)) => {
            let minutes = since(written, now).as_mins().into();
            match list.stale_from() {
                Some(stale) => {
                    let good = (since(now, stale).as_secs() + 59) / 60;
                    let (count, good) = (left.into(), good.max(0).into());
                    say("worklist-good-for", &[("count", count), ("minutes", minutes), ("good", good)])
                }
                None => say("worklist-waits", &[("count", left.into()), ("minutes", minutes)]),
            }
        }
    }
}

/// The place of a worklist's file as it was issued.
pub fn path(issued: &Issued) -> String {
    clean(&issued.file).into_owned()
}
