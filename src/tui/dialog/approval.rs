//! The two approvals: who, how many, which group, what was seen, what cannot be undone.

use ratatui::text::Line;

use crate::domain::approval::Add;
use crate::domain::approval::Proposal;
use crate::domain::approval::Remove;
use crate::domain::id::UserId;
use crate::domain::migration::Migration;
use crate::domain::migration::canary;
use crate::domain::phase::Phase;
use crate::domain::route::Direction;
use crate::domain::route::Route;
use crate::domain::route::Scenario;
use crate::domain::settings::BatchSettings;
use crate::domain::sku::Sku;
use crate::domain::standing::Standing;
use crate::domain::standing::StandingCode;
use crate::domain::standing::Written;
use crate::tui::dialog::Asked;
use crate::tui::dialog::LeftOut;
use crate::tui::dialog::Reason;
use crate::tui::dialog::figures::set_by;
use crate::tui::dialog::frame::Page;
use crate::tui::format;
use crate::tui::glyph;
use crate::tui::keys;
use crate::tui::keys::Cmd;
use crate::tui::keys::Mode;
use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::view::PageBuilder;
use crate::words;
use crate::words::batches;
use crate::words::counts;
use crate::words::phrase;
use crate::words::say;

/// So many of those who stay behind are named; a dialog is laid out anew for each frame.
const MOST_NAMED: usize = 100;

pub(super) fn adding<'a>(model: &Model, asked: &'a Asked<Add>, width: usize) -> Page<'a> {
    let run = &model.snapshot.run;
    let proposal = &asked.proposal;
    let (direction, route) = way(run, proposal.batch());
    let count = proposal.users().len();
    let mut page = PageBuilder::new(model.theme, width);
    let by_others = route.target.moved_by.is_others();
    let group = proposal.seen().group_name.as_str();
    let asks = if by_others {
        say("dialog-list-add", &[("count", count.into()), ("group", group.into())])
    } else {
        say("dialog-add", &[("count", count.into()), ("group", group.into())])
    };
    page.para(Role::Strong, asks);
    facts(model, asked, (count, false), &mut page);
    let (old, new) = (route.source.short(), route.target.short());
    let bare = standing(model, proposal.users(), &Standing::Unlicensed);
    let then = match run.scenario {
        _ if bare == count => say("dialog-add-brings-back", &[("new", new.into())]),
        Scenario::Conflicting => match direction {
            Direction::Forward => say("dialog-add-conflict", &[("old", old.into()), ("new", new.into())]),
            Direction::Rollback => say("dialog-add-back-conflict", &[("old", old.into()), ("new", new.into())]),
        },
        Scenario::NonConflicting => match direction {
            Direction::Forward => say("dialog-add-beside", &[("old", old.into()), ("new", new.into())]),
            Direction::Rollback => say("dialog-add-back-beside", &[("new", new.into())]),
        },
    };
    if by_others {
        page.fact(&phrase("dialog-by-others"), Role::Text, phrase("dialog-list-add-how"));
    }
    page.fact(&phrase("dialog-then"), Role::Text, then);
    page.heading(&counts::users(count));
    Page {
        title: batches::phase(Phase::AddToTarget, direction),
        role: Role::Focus,
        facts: page.into_lines(),
        users: proposal.users(),
        answer: vec![yes_no(model, &phrase("dialog-yes-approves"))],
    }
}

pub(super) fn removing<'a>(model: &Model, asked: &'a Asked<Remove>, typed: &str, width: usize) -> Page<'a> {
    let run = &model.snapshot.run;
    let proposal = &asked.proposal;
    let (direction, route) = way(run, proposal.batch());
    let count = proposal.users().len();
    let set = run.batches.get(proposal.batch()).map_or(run.batch_settings.canary, |batch| batch.canary);
    let canary = set.min(count);
    let (old, new) = (route.source.short(), route.target.short());
    let mut page = PageBuilder::new(model.theme, width);
    let by_others = route.source.moved_by.is_others();
    let group = proposal.seen().group_name.as_str();
    let asks = if by_others {
        say("dialog-list-remove", &[("count", count.into()), ("group", group.into())])
    } else {
        say("dialog-remove", &[("count", count.into()), ("group", group.into())])
    };
    page.para(Role::Strong, asks);
    // Who holds the license already takes no seat when the other goes.
    let takers = standing(model, proposal.users(), &Standing::ExpectedConflict);
    facts(model, asked, (takers, true), &mut page);
    if canary < count {
        let arrived = words::standing::short(StandingCode::Migrated, direction, Written::Removed);
        let text = say("dialog-canary-first", &[("count", canary.into()), ("arrived", arrived.into())]);
        let first = canary::room_in(run, proposal.batch()).min(count);
        let names: Vec<String> = proposal.users().iter().take(first).map(|user| named(run, *user)).collect();
        let text = if names.is_empty() { text } else { format!("{text}: {}", names.join(", ")) };
        page.fact(&phrase("dialog-canary"), Role::Text, text);
    }
    page.fact(&phrase("dialog-each-one"), Role::Text, phrase("dialog-each-one-read-twice"));
    if by_others {
        page.fact(&phrase("dialog-by-others"), Role::Warn, phrase("dialog-list-remove-how"));
    }
    let grace = format::lasting(run.run.settings.unlicensed_grace);
    let then = match run.scenario {
        Scenario::Conflicting if takers > 0 => {
            say("dialog-remove-switches", &[("old", old.into()), ("new", new.into()), ("grace", grace.into())])
        }
        Scenario::Conflicting | Scenario::NonConflicting => {
            say("dialog-remove-beside", &[("old", old.into()), ("new", new.into())])
        }
    };
    page.fact(&phrase("dialog-then"), Role::Text, then);
    let back = match direction {
        Direction::Forward => say("dialog-way-back-by-key", &[("old", old.into())]),
        Direction::Rollback => say("dialog-way-back-anew", &[("old", old.into())]),
    };
    page.fact(&phrase("dialog-way-back"), Role::Text, back);
    stay_behind(asked, direction, &mut page);
    page.heading(&counts::users(count));
    let prompt = number(model, count, typed, width);
    Page {
        title: batches::phase(Phase::RemoveFromSource, direction),
        role: Role::Warn,
        facts: page.into_lines(),
        users: proposal.users(),
        answer: vec![prompt],
    }
}

/// Who is left behind, each with the reason: they keep the old license, and are asked about once they are safe.
fn stay_behind(asked: &Asked<Remove>, direction: Direction, page: &mut PageBuilder) {
    if asked.left_behind.is_empty() {
        return;
    }
    page.heading(&say("dialog-stay-behind", &[("count", asked.left_behind.len().into())]));
    for (name, standing) in asked.left_behind.iter().take(MOST_NAMED) {
        let stands = match standing {
            Some(standing) => words::standing::full(standing, direction, Written::Added),
            None => phrase("standing-not-read"),
        };
        let text = say("dialog-stays-behind", &[("user", name.as_str().into()), ("why", stands.into())]);
        page.item(glyph::BAD, Role::Warn, Role::Text, text);
    }
    let more = asked.left_behind.len().saturating_sub(MOST_NAMED);
    if more > 0 {
        page.para(Role::Text, say("dialog-stay-behind-more", &[("count", more.into())]));
    }
}

fn named(run: &Migration, user: UserId) -> String {
    run.user(user).map_or_else(|| user.to_string(), |user| user.upn.to_string())
}

/// Which way a batch goes, and the two ends as it goes: another batch may be on the screen.
pub(super) fn way(run: &Migration, batch: usize) -> (Direction, Route) {
    let direction = run.direction_of(batch);
    (direction, run.route_direction(direction))
}

/// The line of a dialog that wants a number.
pub(super) fn number(model: &Model, count: usize, typed: &str, width: usize) -> Line<'static> {
    let theme = model.theme;
    let key = keys::label(Mode::Number, Cmd::Submit);
    let asked = say("dialog-type-number", &[("count", count.to_string().into()), ("key", key.into())]);
    let mut spans = theme.spans_with_keys(&asked);
    spans.extend([
        theme.span(Role::Text, "   "),
        theme.span(Role::Strong, format!("> {}", format::cut(typed, width / 3))),
        theme.span(Role::Selected, " "),
        theme.span(Role::Text, "   "),
    ]);
    let key = keys::label(Mode::Number, Cmd::No);
    spans.extend(theme.spans_with_keys(&say("dialog-key-leaves", &[("key", key.into())])));
    Line::from(spans)
}

/// The line of a dialog that wants a `y`, which `does` this.
pub(super) fn yes_no(model: &Model, does: &str) -> Line<'static> {
    let theme = model.theme;
    let mut spans =
        vec![theme.span(Role::Key, keys::label(Mode::YesNo, Cmd::Yes)), theme.span(Role::Text, format!(" {does} · "))];
    let key = keys::label(Mode::YesNo, Cmd::No);
    spans.extend(theme.spans_with_keys(&say("dialog-key-leaves-all", &[("key", key.into())])));
    Line::from(spans)
}

/// The line of the reason: what was typed, and the key that leads to it or away from it.
pub(super) fn reason(model: &Model, reason: &Reason, width: usize) -> Line<'static> {
    let theme = model.theme;
    let label = phrase("dialog-reason");
    let room = width.saturating_sub(format::width(&label) + 4);
    if reason.is_open {
        let leaves = say("dialog-reason-leaves", &[("key", keys::label(Mode::Reason, Cmd::Submit).into())]);
        let room = room.saturating_sub(format::width(&leaves) + 3);
        let typed = reason.text.chars().count().saturating_sub(room);
        let seen: String = reason.text.chars().skip(typed).collect();
        let mut spans = vec![theme.span(Role::Strong, format!("{label} > {seen}")), theme.span(Role::Selected, " ")];
        spans.push(theme.span(Role::Text, "   "));
        spans.extend(theme.spans_with_keys(&leaves));
        return Line::from(spans);
    }
    let key = keys::label(Mode::YesNo, Cmd::Reason);
    if reason.text.trim().is_empty() {
        return Line::from(theme.spans_with_keys(&say("dialog-reason-none", &[("key", key.into())])));
    }
    let text = format::cut(&reason.text, room);
    Line::from(theme.spans_with_keys(&say("dialog-reason-is", &[("reason", text.into()), ("key", key.into())])))
}

/// How many stay for this reason.
fn left_out(why: LeftOut, count: usize) -> String {
    match why {
        LeftOut::AddedAlready => say("dialog-left-out-added", &[("count", count.into())]),
        LeftOut::Blocked => say("dialog-left-out-blocked", &[("count", count.into())]),
        LeftOut::Excluded => say("dialog-left-out-excluded", &[("count", count.into())]),
        LeftOut::InGroupAlready => say("dialog-left-out-in-group", &[("count", count.into())]),
        LeftOut::NotAskedFor => say("dialog-left-out-not-asked-for", &[("count", count.into())]),
        LeftOut::NotReady => say("dialog-left-out-not-ready", &[("count", count.into())]),
        LeftOut::NotSafe => say("dialog-left-out-not-safe", &[("count", count.into())]),
        LeftOut::RemovedAlready => say("dialog-left-out-removed", &[("count", count.into())]),
    }
}

/// How many of these users stand there.
fn standing(model: &Model, users: &[UserId], wanted: &Standing) -> usize {
    let stands =
        |id: &&UserId| model.snapshot.run.user(**id).is_some_and(|user| user.standing.as_ref() == Some(wanted));
    users.iter().filter(stands).count()
}

/// Free seats of the other products of the target group, as they were read last.
fn companions(model: &Model, batch: usize, takers: usize, page: &mut PageBuilder) {
    let run = &model.snapshot.run;
    let direction = run.direction_of(batch);
    let route = run.route_direction(direction);
    // A check of an older journal names none; the first one's are those of the way forward.
    let forward = direction == Direction::Forward;
    let first = run.preflight.iter().flat_map(|preflight| &preflight.products).filter(|_| forward);
    let checked = run.products_of(batch);
    let products: Vec<_> = if checked.is_empty() { first.collect() } else { checked.iter().collect() };
    for one in products.into_iter().filter(|one| one.sku != route.target.sku) {
        let Some(free) = model.snapshot.skus.get(one.sku).map(Sku::free_seats) else { continue };
        let few = free < i64::try_from(takers).unwrap_or(i64::MAX);
        let role = if few { Role::Warn } else { Role::Text };
        let product = one.name.as_str();
        let text = if few {
            say(
                "dialog-seats-for-at-most",
                &[("free", free.into()), ("product", product.into()), ("count", takers.into())],
            )
        } else {
            say("dialog-seats-free", &[("free", free.into()), ("product", product.into())])
        };
        page.fact("", role, text);
    }
}

/// What both questions tell; `takers` of the users take a seat, and they were `added` already.
fn facts<W>(model: &Model, asked: &Asked<W>, (takers, added): (usize, bool), page: &mut PageBuilder) {
    let run = &model.snapshot.run;
    let proposal: &Proposal<W> = &asked.proposal;
    let (direction, route) = way(run, proposal.batch());
    let seen = proposal.seen();
    page.fact(&phrase("dialog-group"), Role::Strong, format!("{} · {}", seen.group_name, proposal.group()));
    let batch = match direction {
        Direction::Forward => {
            let (number, all) = (proposal.batch() + 1, run.forward_batches());
            say("dialog-batch-of", &[("number", number.into()), ("all", all.into())])
        }
        Direction::Rollback => batches::title(run, proposal.batch()),
    };
    page.fact(&phrase("dialog-batch"), Role::Text, batch);
    // What the configuration says needs no telling; what was set otherwise does.
    let canary = run.batches.get(proposal.batch()).map_or(run.batch_settings.canary, |batch| batch.canary);
    if let Some(text) = set_by(model, BatchSettings { canary, ..run.batch_settings }) {
        page.fact(&phrase("dialog-figures-now"), Role::Text, text);
    }
    let target = route.target.short();
    let (role, seats) = match seen.free_seats {
        Some(free) if free < i64::try_from(takers).unwrap_or(i64::MAX) => (
            Role::Warn,
            say("dialog-seats-for", &[("free", free.into()), ("product", target.into()), ("count", takers.into())]),
        ),
        Some(free) => (Role::Text, say("dialog-seats-free", &[("free", free.into()), ("product", target.into())])),
        None => (Role::Warn, phrase("dialog-seats-not-read")),
    };
    page.fact(&phrase("dialog-seats"), role, seats);
    companions(model, proposal.batch(), takers, page);
    // Nobody is asked about whose removal was sent, and only who was added is removed.
    let written = if added { Written::Added } else { Written::Nothing };
    let word = |code: StandingCode| words::standing::short(code, direction, written);
    let standings: Vec<String> =
        seen.standings.iter().map(|(code, count)| words::standing::counted(*count, &word(*code))).collect();
    let source = route.source.short();
    let means = match seen.standings.as_slice() {
        // Preflight looked at the licenses of users whose standing was not read since.
        [(StandingCode::NotRead, _)] => phrase("dialog-standings-found-ready"),
        [(StandingCode::OnSource, _)] => {
            say("dialog-standings-on-source", &[("old", source.into()), ("new", target.into())])
        }
        _ => String::new(),
    };
    page.fact(&phrase("dialog-standings"), Role::Text, standings.join(" · ") + &means);
    if seen.left_out > 0 {
        let why: Vec<String> = asked.left_out.iter().map(|(why, count)| left_out(*why, *count)).collect();
        let text = say("dialog-left-out-why", &[("count", seen.left_out.into()), ("why", why.join(" · ").into())]);
        page.fact(&phrase("dialog-left-out"), Role::Warn, text);
    }
    let back = proposal.users().iter().filter(|id| run.user(**id).is_some_and(|user| user.went_back)).count();
    if back > 0 {
        page.item(glyph::WARN, Role::Warn, Role::Warn, say("dialog-went-back-since", &[("count", back.into())]));
    }
}
