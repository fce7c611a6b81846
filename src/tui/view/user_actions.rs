//! A user's trouble in Graph's own words, what was tried about it, and the keys that help now.

use crate::domain::explain::explain;
use crate::domain::requests::Offer;
use crate::domain::requests::RunPermits;
use crate::domain::requests::available_actions;
use crate::domain::standing::Holder;
use crate::domain::standing::Standing;
use crate::domain::user::User;
use crate::domain::user::Write;
use crate::tui::advice;
use crate::tui::format;
use crate::tui::keys;
use crate::tui::keys::Cmd;
use crate::tui::keys::Mode;
use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::view::page_builder::PageBuilder;

pub(super) fn tell(model: &Model, user: &User, page: &mut PageBuilder) {
    let snapshot = &model.snapshot;
    if let Some(why) = user.why.as_ref().filter(|_| !user.has_arrived()) {
        let expected = user.id.is_some_and(|id| advice::refusal::is_expected(snapshot, &[id], model.now, why));
        let said = explain(why, &snapshot.skus);
        if expected {
            page.fact(
                "Graph says",
                Role::Good,
                format!("the conflict is the expected one, and nothing is wrong: {said}"),
            );
        } else {
            page.fact("Graph says", Role::Bad, said);
        }
    }
    let route = snapshot.run.route_direction(user.direction);
    tried(model, user, "reprocess", &user.reprocess, "licensing looks again", page);
    let direct = format!("direct {}", route.source.short());
    tried(model, user, &direct, &user.direct, "taken off", page);
    let keys = keys(model, user, &model.summary.permits);
    if !keys.is_empty() {
        page.fact("keys now", Role::Key, keys.join(" · "));
    }
    // Whom the canary waits for in vain is only helped once the rest of the removal is called off.
    let time_helps = user.standing == Some(Standing::SourceLingers(Holder::NotProcessed));
    let advised = !advice::meaning(snapshot, user, model.now).1.is_empty();
    if advised && !time_helps && !snapshot.run.approved_pending.is_empty() {
        let mut later = self::keys(model, user, &RunPermits::quiet());
        later.retain(|key| !keys.contains(key));
        if !later.is_empty() {
            page.fact("after H, a", Role::Key, later.join(" · "));
        }
    }
}

fn tried(model: &Model, user: &User, what: &str, write: &Write, done: &str, page: &mut PageBuilder) {
    let Some(at) = write.at() else { return };
    let (asked, at) = (at, format::clock(at, &model.zone));
    let describe = |text: &str| explain(text, &model.snapshot.skus);
    match write {
        Write::None => {}
        Write::Intended(_) => page.fact(what, Role::Text, format!("{at} asked for, not answered yet")),
        Write::Done(_) => page.fact(what, Role::Text, format!("{at} {done}")),
        Write::Failed(_, fault) if user.why.as_ref() == Some(&fault.message) => {
            let expected =
                user.id.is_some_and(|id| advice::refusal::is_expected(&model.snapshot, &[id], asked, &fault.message));
            if expected {
                page.fact(what, Role::Good, format!("{at} looked at again: the conflict is the expected one"));
                return;
            }
            page.fact(what, Role::Bad, format!("{at} refused: Graph says why, above"));
        }
        Write::Failed(_, fault) => page.fact(what, Role::Bad, format!("{at} not done: {}", describe(&fault.message))),
        Write::Lost(_, fault) => {
            let fault = describe(&fault.to_string());
            page.fact(what, Role::Bad, format!("{at} perhaps {done}; it may be asked for again: {fault}"));
        }
    }
}

/// The keys that would not be refused when the run allows so much, with what they do.
fn keys(model: &Model, user: &User, permits: &RunPermits) -> Vec<String> {
    if model.snapshot.read_only.is_some() {
        return Vec::new();
    }
    let run = &model.snapshot.run;
    let named = |offer| {
        let (cmd, does) = match offer {
            Offer::Direct => (Cmd::Direct, "remove the direct license"),
            Offer::Reprocess => (Cmd::Reprocess, "reprocess"),
            Offer::RollBack => (Cmd::RollBack, "roll back"),
            Offer::Exclude => (Cmd::Exclude, "exclude"),
        };
        format!("{} {does}", keys::label(Mode::Views, cmd))
    };
    available_actions(run, permits, user).into_iter().map(named).collect()
}
