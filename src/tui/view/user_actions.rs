//! A user's trouble in Graph's own words, what was tried about it, and the keys that help now.

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
use crate::words::explain::explain;
use crate::words::fault;
use crate::words::phrase;
use crate::words::say;

pub(super) fn tell(model: &Model, user: &User, page: &mut PageBuilder) {
    let snapshot = &model.snapshot;
    if let Some(why) = user.seldom.why.as_ref().filter(|_| !user.has_arrived()) {
        let why = fault::message(why);
        let expected = user.id.is_some_and(|id| advice::refusal::is_expected(snapshot, &[id], model.now, &why));
        let said = explain(&why, &snapshot.skus);
        if expected {
            let said = say("view-graph-says-expected", &[("said", said.into())]);
            page.fact(&phrase("view-graph-says"), Role::Good, said);
        } else {
            page.fact(&phrase("view-graph-says"), Role::Bad, said);
        }
    }
    let route = snapshot.run.route_direction(user.direction);
    tried(model, user, &phrase("view-label-reprocess"), Tried::Reprocess, page);
    let direct = say("view-label-direct", &[("product", route.source.short().into())]);
    tried(model, user, &direct, Tried::Direct, page);
    let keys = keys(model, user, &model.summary.permits);
    if !keys.is_empty() {
        page.fact(&phrase("view-keys-now"), Role::Key, keys.join(" · "));
    }
    // Whom the canary waits for in vain is only helped once the rest of the removal is called off.
    let time_helps = user.standing == Some(Standing::SourceLingers(Holder::NotProcessed));
    let advised = !advice::meaning(snapshot, user, model.now).1.is_empty();
    if advised && !time_helps && !snapshot.run.approved_pending.is_empty() {
        let mut later = self::keys(model, user, &RunPermits::quiet());
        later.retain(|key| !keys.contains(key));
        if !later.is_empty() {
            page.fact(&phrase("view-keys-after-halt"), Role::Key, later.join(" · "));
        }
    }
}

/// What is tried about a user who is stuck.
#[derive(Clone, Copy)]
enum Tried {
    Reprocess,
    Direct,
}

impl Tried {
    fn of(self, user: &User) -> &Write {
        match self {
            Self::Reprocess => &user.seldom.reprocess,
            Self::Direct => &user.seldom.direct,
        }
    }

    fn done(self, at: String) -> String {
        match self {
            Self::Reprocess => say("view-tried-reprocessed", &[("at", at.into())]),
            Self::Direct => say("view-tried-taken-off", &[("at", at.into())]),
        }
    }

    fn perhaps(self, at: String, fault: String) -> String {
        match self {
            Self::Reprocess => say("view-tried-perhaps-reprocessed", &[("at", at.into()), ("fault", fault.into())]),
            Self::Direct => say("view-tried-perhaps-taken-off", &[("at", at.into()), ("fault", fault.into())]),
        }
    }
}

fn tried(model: &Model, user: &User, what: &str, tried: Tried, page: &mut PageBuilder) {
    let write = tried.of(user);
    let Some(at) = write.at() else { return };
    let (asked, at) = (at, format::clock(at, &model.zone));
    let describe = |text: &str| explain(text, &model.snapshot.skus);
    match write {
        Write::None | Write::Listed(_) | Write::Delisted(_) => {}
        Write::Intended(_) => page.fact(what, Role::Text, say("view-tried-not-answered", &[("at", at.into())])),
        Write::Done(_) => page.fact(what, Role::Text, tried.done(at)),
        Write::Failed(_, fault) if user.seldom.why.as_ref() == Some(&fault.message) => {
            let why = fault::message(&fault.message);
            let expected = user.id.is_some_and(|id| advice::refusal::is_expected(&model.snapshot, &[id], asked, &why));
            if expected {
                page.fact(what, Role::Good, say("view-tried-expected", &[("at", at.into())]));
                return;
            }
            page.fact(what, Role::Bad, say("view-tried-refused", &[("at", at.into())]));
        }
        Write::Failed(_, fault) => {
            let fault = describe(&fault::message(&fault.message));
            page.fact(what, Role::Bad, say("view-tried-not-done", &[("at", at.into()), ("fault", fault.into())]));
        }
        Write::Lost(_, fault) => {
            let fault = describe(&fault::fault(fault));
            page.fact(what, Role::Bad, tried.perhaps(at, fault));
        }
    }
}

/// The keys that would not be refused when the run allows so much, with what they do.
pub(super) fn keys(model: &Model, user: &User, permits: &RunPermits) -> Vec<String> {
    if model.snapshot.read_only.is_some() {
        return Vec::new();
    }
    let run = &model.snapshot.run;
    let named = |offer| {
        let (cmd, does) = match offer {
            Offer::Direct => (Cmd::Direct, phrase("key-offer-direct")),
            Offer::Reprocess => (Cmd::Reprocess, phrase("key-hint-reprocess")),
            Offer::RollBack => (Cmd::RollBack, phrase("key-offer-roll-back")),
            Offer::Exclude => (Cmd::Exclude, phrase("key-hint-exclude")),
        };
        format!("{} {does}", keys::label(Mode::Views, cmd))
    };
    available_actions(run, permits, user).into_iter().map(named).collect()
}
