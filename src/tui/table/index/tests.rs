//! A list that follows is the list made anew, and costs as much as changed.

use super::*;
use crate::domain::migration::Waiters;
use crate::domain::migration::tests::random;
use crate::domain::standing::Holder;
use crate::domain::standing::Standing;
use crate::domain::user::Write;
use crate::engine::testing;
use crate::tui::problems::Cause;
use crate::tui::table::order::rank;
use crate::words::standing;

const SORTS: [Sort; 8] =
    [Sort::List, Sort::Name, Sort::Trouble, Sort::Longest, Sort::Batch, Sort::State, Sort::Cause, Sort::Latest];

/// The list as its words say, from all users.
fn plain(run: &Migration, recipe: Recipe<'_>) -> Vec<usize> {
    let has = |text: &str| text.to_lowercase().contains(recipe.search);
    let fits = |user: &User| {
        let caused = recipe.cause.is_none_or(|cause| Cause::of(user, run, recipe.now).as_ref() == Some(cause));
        let stands = standing::stands(user).is_some_and(|stands| has(&stands));
        let reasons = user.reasons.iter().any(|reason| has(&crate::words::reason::reason(&reason.detail)));
        let codes = user.reasons.iter().any(|reason| has(reason.code.word()));
        let named = has(&user.upn) || has(&user.listed.given) || user.id.is_some_and(|id| has(&id.to_string()));
        let why = user.seldom.why.as_ref().is_some_and(|why| has(&crate::words::fault::message(why)));
        caused && (named || stands || reasons || codes || why)
    };
    let of_batch = |place: &usize| match recipe.scope {
        Scope::Everyone => true,
        Scope::Batch(number) => run.batches.get(number).is_some_and(|batch| batch.users.contains(place)),
    };
    let keeps = |place: &usize| recipe.filter.keeps(&run.users[*place], run, recipe.now);
    let in_scope = || (0..run.users.len()).filter(of_batch);
    let (mut search, mut texts) = (Near::new(recipe.search), Texts::default());
    let mut places: Vec<usize> = in_scope().filter(|place| fits(&run.users[*place])).collect();
    let is_near = places.is_empty() && !recipe.search.is_empty();
    if is_near {
        places = in_scope().filter(|place| search.fit(&run.users[*place], &mut texts).is_some()).collect();
    }
    places.retain(keeps);
    places.sort_by_key(|place| {
        let user = &run.users[*place];
        match recipe.sort {
            Sort::List if recipe.search.is_empty() => (0, String::new()),
            Sort::List if is_near => match search.fit(user, &mut texts) {
                Some(Fit::Near(key)) => (key.into(), String::new()),
                other => panic!("{other:?}"),
            },
            Sort::List => {
                let order = [Fit::Whole, Fit::Begins, Fit::Has];
                let fit = exact(user, recipe.search, &mut texts).unwrap();
                (order.iter().position(|one| *one == fit).unwrap().try_into().unwrap(), String::new())
            }
            Sort::Name => (0, user.upn.to_lowercase()),
            Sort::Trouble => (rank(user, run, recipe.now).into(), String::new()),
            Sort::Longest => (user.since.map_or(i64::MAX, Timestamp::as_microsecond), String::new()),
            Sort::Batch => (user.batch.map_or(i64::MAX, |batch| batch.try_into().unwrap()), String::new()),
            Sort::State => standing::stands(user).map_or((1, String::new()), |state| (0, state)),
            Sort::Cause => {
                // Causes stand in an order of their own.
                let mut causes: Vec<_> = run.users.iter().filter_map(|user| Cause::of(user, run, recipe.now)).collect();
                causes.sort();
                causes.dedup();
                let at = Cause::of(user, run, recipe.now).and_then(|cause| causes.binary_search(&cause).ok());
                (at.map_or(i64::MAX, |at| at.try_into().unwrap()), String::new())
            }
            Sort::Latest => {
                (user.since.max(user.written_at()).map_or(i64::MAX, |at| -at.as_microsecond()), String::new())
            }
        }
    });
    if recipe.turned {
        places.reverse();
    }
    places
}

/// Whom a batch waits for, from all its users.
fn plain_waiters(run: &Migration, batch: usize, now: Timestamp) -> Waiters {
    let mut counts = Waiters::default();
    for user in run.active_in(batch) {
        let (late, waits) = (user.is_late(now, run.run.settings.stuck_after), user.is_waiting());
        match &user.standing {
            _ if user.is_stuck() => {}
            Some(Standing::Unlicensed) => {}
            _ if late => counts.late += 1,
            _ if user.went_back => counts.went_back += 1,
            Some(Standing::SourceLingers(holder)) if waits && *holder != Holder::NotProcessed => counts.holding += 1,
            _ if waits => counts.processing += 1,
            _ => {}
        }
    }
    counts
}

#[test]
fn a_list_that_follows_random_events_is_the_one_made_from_all_users() {
    let (mut lists, mut moved, mut late) = (0, 0, 0);
    for seed in 0..40 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut now = Timestamp::UNIX_EPOCH;
        let mut run = Migration::start(now, &random::started()).unwrap();
        let mut kept: Vec<(Index, Listed)> = vec![(Index::default(), Listed::default()); SORTS.len() * 4];
        let cause = Cause::Late;
        for _ in 0..200 {
            now += SignedDuration::from_secs(if random.u8(0..12) == 0 { 700 } else { random.i64(0..3) });
            let event = random::event(&mut random, &run, now);
            if run.apply(now, &event).is_err() {
                continue;
            }
            for batch in 0..run.batches.len() {
                assert_eq!(run.waiters_in(batch, now), plain_waiters(&run, batch, now), "seed {seed}: {event:?}");
                late += run.waiters_in(batch, now).late;
            }
            for (number, (index, listed)) in kept.iter_mut().enumerate() {
                let filters = [Filter::All, Filter::Stuck, Filter::Waiting, Filter::Migrated];
                // The operator asks for other filters and orders now and then.
                let keys = if random.u8(0..4) == 0 { random.usize(..) } else { number };
                let recipe = Recipe {
                    cause: (number == 7).then_some(&cause),
                    turned: keys % 3 == 0,
                    filter: filters[keys / SORTS.len() % filters.len()],
                    sort: SORTS[keys % SORTS.len()],
                    search: ["", "", "", "ready", "1", "rdy"][number % 6],
                    scope: if number % 2 == 0 { Scope::Everyone } else { Scope::Batch(run.current) },
                    now,
                };
                let before = listed.order.clone();
                index.follow(&run, recipe, listed);
                let mut anew = Listed::default();
                Index::default().follow(&run, recipe, &mut anew);
                assert_eq!(*listed, anew, "seed {seed}, list {number}: {event:?}");
                assert_eq!(listed.order, plain(&run, recipe), "seed {seed}, list {number}: {event:?}");
                for (row, place) in listed.order.iter().enumerate() {
                    assert_eq!(index.row_of(*place, &listed.order), Some(row));
                }
                lists += 1;
                moved += usize::from(before != listed.order);
            }
        }
    }
    assert!(lists > 50_000 && moved > 2_000 && late > 100, "{lists} lists, {moved} moved, {late} late");
}

/// A list of 100,000 is filtered and sorted on a key press: what is known of the users holds on.
#[test]
fn another_filter_or_order_looks_at_nobody_again() {
    let mut run = Migration::start(Timestamp::UNIX_EPOCH, &random::started()).unwrap();
    run.apply(Timestamp::UNIX_EPOCH, &testing::preflight(500)).unwrap();
    let now = Timestamp::UNIX_EPOCH;
    let (mut index, mut listed) = (Index::default(), Listed::default());
    for (turned, filter, sort) in [false, true].into_iter().flat_map(|turned| {
        Filter::ALL.into_iter().flat_map(move |filter| SORTS.into_iter().map(move |sort| (turned, filter, sort)))
    }) {
        let recipe = Recipe { cause: None, turned, filter, sort, search: "", scope: Scope::Everyone, now };
        index.follow(&run, recipe, &mut listed);
        let mut anew = Listed::default();
        Index::default().follow(&run, recipe, &mut anew);
        assert_eq!(listed, anew, "{turned} {filter:?} {sort:?}");
    }
    assert_eq!(index.looked_at(), 500);
}

#[test]
fn of_a_snapshot_only_the_users_are_looked_at_who_changed_and_a_longer_text_only_where_the_shorter_was_found() {
    let mut run = Migration::start(Timestamp::UNIX_EPOCH, &random::started()).unwrap();
    run.apply(Timestamp::UNIX_EPOCH, &testing::preflight(5_000)).unwrap();
    let recipe = |search, now| Recipe {
        cause: None,
        turned: false,
        filter: Filter::All,
        sort: Sort::Trouble,
        search,
        scope: Scope::Everyone,
        now,
    };
    let (mut index, mut listed, mut now) = (Index::default(), Listed::default(), Timestamp::UNIX_EPOCH);
    index.follow(&run, recipe("", now), &mut listed);
    assert_eq!(index.looked_at(), 5_000);
    for user in run.users.iter_mut().take(3_000).step_by(1_000) {
        Arc::make_mut(user).add = Write::Done(now);
    }
    now += SignedDuration::from_secs(1);
    index.follow(&run, recipe("", now), &mut listed);
    assert_eq!(index.looked_at(), 5_003, "who did not change was looked at again");
    now += SignedDuration::from_mins(40);
    index.follow(&run, recipe("", now), &mut listed);
    assert_eq!((index.looked_at(), listed.counts[Filter::Stuck as usize]), (5_006, 3), "time makes late");
    assert_eq!(listed.order[..4], [0, 1_000, 2_000, 1]);
    let name = run.users[1_234].upn.clone();
    index.follow(&run, recipe(&name[..5], now), &mut listed);
    let found = listed.order.len();
    assert_eq!(index.looked_at(), 10_006);
    index.follow(&run, recipe(&name, now), &mut listed);
    assert_eq!(index.looked_at(), 10_006 + found);
    assert_eq!(listed.order, [1_234]);
}
