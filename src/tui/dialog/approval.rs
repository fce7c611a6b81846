//! The two approvals: who, how many, which group, what was seen, what cannot be undone.

use ratatui::text::Line;

use crate::domain::approval::Add;
use crate::domain::approval::Proposal;
use crate::domain::approval::Remove;
use crate::domain::count;
use crate::domain::id::UserId;
use crate::domain::migration::Migration;
use crate::domain::phase::Phase;
use crate::domain::route::Direction;
use crate::domain::route::Route;
use crate::domain::route::Scenario;
use crate::domain::sku::Sku;
use crate::domain::standing::Standing;
use crate::domain::standing::Written;
use crate::tui::dialog::Asked;
use crate::tui::dialog::frame::Page;
use crate::tui::format;
use crate::tui::glyph;
use crate::tui::keys;
use crate::tui::keys::Cmd;
use crate::tui::keys::Mode;
use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::view::PageBuilder;

pub(super) fn adding<'a>(model: &Model, asked: &'a Asked<Add>, width: usize) -> Page<'a> {
    let run = &model.snapshot.run;
    let proposal = &asked.proposal;
    let (direction, route) = way(run, proposal.batch());
    let count = proposal.users().len();
    let mut page = PageBuilder::new(model.theme, width);
    page.para(Role::Strong, format!("Add {} to {}?", count::users(count), proposal.seen().group_name));
    facts(model, asked, count, &mut page);
    let (old, new) = (route.source.short(), route.target.short());
    let keeps = match direction {
        Direction::Forward => old,
        Direction::Rollback => "what they have",
    };
    let bare = standing(model, proposal.users(), &Standing::Unlicensed);
    let then = match run.scenario {
        _ if bare == count => format!("Nobody of them has a license now: {new} comes back to them and takes a seat."),
        Scenario::Conflicting => {
            format!("Everybody keeps {keeps}. {new} is expected to wait in conflict until {old} is taken away.")
        }
        Scenario::NonConflicting => {
            format!("Everybody keeps {keeps} and gets {new} beside it; {new} takes a seat at once.")
        }
    };
    page.fact("then", Role::Text, then);
    page.heading(&count::users(count));
    Page {
        title: Phase::AddToTarget.label(direction).into(),
        role: Role::Focus,
        facts: page.into_lines(),
        users: proposal.users(),
        answer: vec![yes_no(model, "approves")],
    }
}

pub(super) fn removing<'a>(model: &Model, asked: &'a Asked<Remove>, typed: &str, width: usize) -> Page<'a> {
    let run = &model.snapshot.run;
    let proposal = &asked.proposal;
    let (direction, route) = way(run, proposal.batch());
    let count = proposal.users().len();
    let canary = run.run.settings.canary.min(count);
    let (old, new) = (route.source.short(), route.target.short());
    let mut page = PageBuilder::new(model.theme, width);
    page.para(Role::Strong, format!("Remove {} from {}?", count::users(count), proposal.seen().group_name));
    // Who holds the license already takes no seat when the other goes.
    let takers = standing(model, proposal.users(), &Standing::ExpectedConflict);
    facts(model, asked, takers, &mut page);
    if canary < count {
        let arrived = Standing::Migrated.label(direction, Written::Removed);
        page.fact("canary", Role::Text, format!("{} first; the rest once they are {arrived}", count::users(canary)));
    }
    page.fact("each one", Role::Text, "is read twice more first; who is not safe then stays");
    let grace = format::lasting(run.run.settings.unlicensed_grace);
    let then = match run.scenario {
        Scenario::Conflicting if takers > 0 => format!(
            "{old} goes, and licensing puts {new} in its place. Whoever shows neither meanwhile is waited for, {grace} \
             at most: nobody else is removed then, and after it all writing stops with an alarm."
        ),
        Scenario::Conflicting | Scenario::NonConflicting => {
            format!("{old} goes; {new} is active already and stays.")
        }
    };
    page.fact("then", Role::Text, then);
    let back = match direction {
        Direction::Forward => format!("R takes a user or the batch back to {old}, by the same steps"),
        Direction::Rollback => format!("getting {old} again is a migration of its own"),
    };
    page.fact("way back", Role::Text, back);
    page.heading(&count::users(count));
    let prompt = number(model, count, typed, width);
    Page {
        title: Phase::RemoveFromSource.label(direction).into(),
        role: Role::Warn,
        facts: page.into_lines(),
        users: proposal.users(),
        answer: vec![prompt],
    }
}

/// Which way a batch goes, and the two ends as it goes: another batch may be on the screen.
pub(super) fn way(run: &Migration, batch: usize) -> (Direction, Route) {
    let direction = run.direction_of(batch);
    (direction, run.route_direction(direction))
}

/// The line of a dialog that wants a number.
pub(super) fn number(model: &Model, count: usize, typed: &str, width: usize) -> Line<'static> {
    let theme = model.theme;
    Line::from(vec![
        theme.span(Role::Text, "type "),
        theme.span(Role::Key, count.to_string()),
        theme.span(Role::Text, " and press "),
        theme.span(Role::Key, keys::label(Mode::Number, Cmd::Submit)),
        theme.span(Role::Text, "   "),
        theme.span(Role::Strong, format!("> {}", format::cut(typed, width / 3))),
        theme.span(Role::Selected, " "),
        theme.span(Role::Text, "   "),
        theme.span(Role::Key, keys::label(Mode::Number, Cmd::No)),
        theme.span(Role::Text, " leaves"),
    ])
}

/// The line of a dialog that wants a `y`.
pub(super) fn yes_no(model: &Model, does: &str) -> Line<'static> {
    let theme = model.theme;
    Line::from(vec![
        theme.span(Role::Key, keys::label(Mode::YesNo, Cmd::Yes)),
        theme.span(Role::Text, format!(" {does} · ")),
        theme.span(Role::Key, keys::label(Mode::YesNo, Cmd::No)),
        theme.span(Role::Text, " leaves all as it is"),
    ])
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
        let for_whom = if few { format!(", for at most {}", count::users(takers)) } else { String::new() };
        page.fact("", role, format!("{free} of {} free{for_whom}", one.name));
    }
}

/// What both questions tell; `takers` of the users take a seat.
fn facts<W>(model: &Model, asked: &Asked<W>, takers: usize, page: &mut PageBuilder) {
    let run = &model.snapshot.run;
    let proposal: &Proposal<W> = &asked.proposal;
    let (direction, route) = way(run, proposal.batch());
    let seen = proposal.seen();
    page.fact("group", Role::Strong, format!("{} · {}", seen.group_name, proposal.group()));
    let batch = match direction {
        Direction::Forward => format!("{} of {}", proposal.batch() + 1, run.forward_batches()),
        Direction::Rollback => run.title(proposal.batch()),
    };
    page.fact("batch", Role::Text, batch);
    let target = route.target.short();
    let (role, seats) = match seen.free_seats {
        Some(free) if free < i64::try_from(takers).unwrap_or(i64::MAX) => {
            (Role::Warn, format!("{free} of {target} free, for {}", count::users(takers)))
        }
        Some(free) => (Role::Text, format!("{free} of {target} free")),
        None => (Role::Warn, "not read yet".into()),
    };
    page.fact("seats", role, seats);
    companions(model, proposal.batch(), takers, page);
    let standings: Vec<String> = seen.standings.iter().map(|(word, count)| format!("{count} {word}")).collect();
    let source = route.source.short();
    let means = match seen.standings.as_slice() {
        // Preflight looked at the licenses of users whose standing was not read since.
        [(word, _)] if word == "not read yet" => ": preflight found them ready".to_owned(),
        [(word, _)] if word == Standing::OnSource.label(direction, Written::Nothing) => {
            format!(": hold {source} and nothing of {target}")
        }
        _ => String::new(),
    };
    page.fact("standings", Role::Text, standings.join(" · ") + &means);
    if seen.left_out > 0 {
        let why: Vec<String> = asked.left_out.iter().map(|(why, count)| format!("{count} {why}")).collect();
        page.fact("left out", Role::Warn, format!("{}: {}", count::users(seen.left_out), why.join(" · ")));
    }
    let back = proposal.users().iter().filter(|id| run.user(**id).is_some_and(|user| user.went_back)).count();
    if back > 0 {
        page.item(glyph::WARN, Role::Warn, Role::Warn, format!("{} went back since", count::users(back)));
    }
}
