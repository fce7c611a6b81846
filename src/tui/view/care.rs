//! A user's trouble in Graph's own words, what was tried about it, and the keys that help now.

use crate::domain::ask::Offer;
use crate::domain::ask::Rest;
use crate::domain::ask::offers;
use crate::domain::explain::explain;
use crate::domain::standing::Holder;
use crate::domain::standing::Standing;
use crate::domain::user::User;
use crate::domain::user::Write;
use crate::tui::format;
use crate::tui::keys;
use crate::tui::keys::Cmd;
use crate::tui::keys::Mode;
use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::view::sheet::Sheet;
use crate::tui::words;

pub(super) fn tell(model: &Model, user: &User, sheet: &mut Sheet) {
    let snapshot = &model.snapshot;
    if let Some(why) = user.why.as_ref().filter(|_| !user.has_arrived()) {
        sheet.fact("Graph says", Role::Bad, explain(why, &snapshot.skus));
    }
    let route = snapshot.run.route_along(user.way);
    tried(model, user, "reprocess", &user.reprocess, "licensing looks again", sheet);
    let direct = format!("direct {}", route.source.short());
    tried(model, user, &direct, &user.direct, "taken off", sheet);
    let keys = keys(model, user, model.digest.rest);
    if !keys.is_empty() {
        sheet.fact("keys now", Role::Key, keys.join(" · "));
    }
    // Whom the canary waits for in vain is only helped once the rest of the removal is called off.
    let time_helps = user.standing == Some(Standing::SourceLingers(Holder::NotProcessed));
    let advised = !words::meaning(snapshot, user, model.now).1.is_empty();
    if advised && !time_helps && !snapshot.run.granted.is_empty() {
        let mut later = self::keys(model, user, Rest::quiet());
        later.retain(|key| !keys.contains(key));
        if !later.is_empty() {
            sheet.fact("after H, a", Role::Key, later.join(" · "));
        }
    }
}

fn tried(model: &Model, user: &User, what: &str, write: &Write, done: &str, sheet: &mut Sheet) {
    let Some(at) = write.at() else { return };
    let at = format::clock(at, &model.zone);
    let told = |text: &str| explain(text, &model.snapshot.skus);
    match write {
        Write::None => {}
        Write::Intended(_) => sheet.fact(what, Role::Text, format!("{at} asked for, not answered yet")),
        Write::Done(_) => sheet.fact(what, Role::Text, format!("{at} {done}")),
        Write::Failed(_, fault) if user.why.as_ref() == Some(&fault.message) => {
            sheet.fact(what, Role::Bad, format!("{at} refused: Graph says why, above"));
        }
        Write::Failed(_, fault) => sheet.fact(what, Role::Bad, format!("{at} not done: {}", told(&fault.message))),
        Write::Lost(_, fault) => {
            let fault = told(&fault.to_string());
            sheet.fact(what, Role::Bad, format!("{at} perhaps {done}; it may be asked for again: {fault}"));
        }
    }
}

/// The keys that would not be refused when the run allows so much, with what they do.
fn keys(model: &Model, user: &User, rest: Rest) -> Vec<String> {
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
    offers(run, rest, user).into_iter().map(named).collect()
}
