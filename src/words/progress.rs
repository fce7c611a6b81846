//! The one sentence that says what a run waits for.

use crate::domain::migration::Fact;
use crate::domain::migration::Migration;
use crate::domain::migration::Waiters;
use crate::domain::progress::Again;
use crate::domain::progress::Awaited;
use crate::domain::progress::Before;
use crate::domain::progress::Besides;
use crate::domain::progress::CurrentWait;
use crate::domain::progress::Ended;
use crate::domain::refusal::Refusal;
use crate::domain::route::Route;
use crate::words::batches;
use crate::words::halt;
use crate::words::phrase;
use crate::words::refusal;
use crate::words::say;
use crate::words::worklist;

/// Between the parts of a line.
const AND: &str = " · ";

/// What the run waits for, and why nothing can be approved when nothing can.
pub fn waiting(waiting: &CurrentWait, run: &Migration) -> String {
    let before = waiting.before.map(|before| match before {
        Before::Completed(number) => batches::completion(run, number),
        Before::Batch(number) => batches::title(run, number),
    });
    let mut parts: Vec<String> = stuck_beside(&waiting.what).into_iter().chain(before).collect();
    let route = &run.route_direction(run.direction_of(waiting.batch));
    let more = (waiting.more > 0).then(|| say("wait-more-approvals", &[("count", waiting.more.into())]));
    match &waiting.what {
        Awaited::Alarm(users) => parts.push(say("alarm-waits", &[("count", (*users).into())])),
        Awaited::AlarmIsOver(users) => parts.push(say("alarm-is-over", &[("count", (*users).into())])),
        Awaited::Halted(whys) => parts.push(say("halt-because", &[("why", halt::all_now(whys).into())])),
        Awaited::Complete(ended) => parts.extend(complete(*ended)),
        Awaited::Add { users, again, besides } => {
            let group = route.target.group_name.as_str();
            parts.push(say("wait-approval-add", &[("count", (*users).into()), ("group", group.into())]));
            parts.extend(again.map(self::again));
            parts.extend(beside(Besides { stuck: 0, ..*besides }, route));
            parts.extend(more);
        }
        Awaited::Remove { users, behind, again, mixed, besides } => {
            let group = route.source.group_name.as_str();
            parts.push(say("wait-approval-remove", &[("count", (*users).into()), ("group", group.into())]));
            parts.extend((*behind > 0).then(|| say("wait-stay-behind", &[("count", (*behind).into())])));
            parts.extend(again.map(self::again));
            parts.extend(
                mixed.map(|(conflict, both)| {
                    say("wait-mixed", &[("conflict", conflict.into()), ("count", both.into())])
                }),
            );
            parts.extend(beside(Besides { stuck: 0, ..*besides }, route));
            parts.extend(more);
        }
        Awaited::Nothing { why, besides } => {
            parts.push(refusal::refusal(why));
            parts.extend(beside(*besides, route));
        }
        Awaited::Users(waiters) => parts.push(users(*waiters, route)),
    }
    let told = matches!(
        waiting.what,
        Awaited::Nothing { why: Refusal::OthersToAdd(_) | Refusal::OthersToRemove(_), .. } | Awaited::Halted(_)
    );
    let listed = run.count_all(Fact::ListedToAdd) + run.count_all(Fact::ListedToRemove);
    parts.extend((listed > 0 && !told).then(|| say("wait-others", &[("count", listed.into())])));
    parts.join(AND)
}

/// Who is stuck stands before a gate: no gate is louder.
fn stuck_beside(what: &Awaited) -> Option<String> {
    let (Awaited::Add { besides, .. } | Awaited::Remove { besides, .. }) = what else { return None };
    (besides.stuck > 0).then(|| say("wait-stuck", &[("count", besides.stuck.into())]))
}

fn again(again: Again) -> String {
    match again {
        Again::NotAllAdded => phrase("wait-again-not-all-added"),
        Again::TakenOut => phrase("wait-again-taken-out"),
        Again::Rest(removed) => say("wait-again-rest", &[("count", removed.into())]),
        Again::Worklist { number, why } => {
            say("wait-again-worklist", &[("number", number.into()), ("why", worklist::ended(why).into())])
        }
        Again::PutBack => phrase("wait-again-put-back"),
    }
}

fn beside(besides: Besides, route: &Route) -> Vec<String> {
    told(&[
        (besides.holding, &|count| holding(count, route)),
        (besides.late, &|count| say("wait-late", &[("count", count.into())])),
        (besides.stuck, &|count| say("wait-stuck", &[("count", count.into())])),
    ])
}

fn users(waiters: Waiters, route: &Route) -> String {
    let parts = told(&[
        (waiters.processing, &|count| say("wait-processing", &[("count", count.into())])),
        (waiters.holding, &|count| holding(count, route)),
        (waiters.late, &|count| say("wait-late", &[("count", count.into())])),
        (waiters.stuck, &|count| say("wait-stuck", &[("count", count.into())])),
        (waiters.switching, &|count| say("wait-switching", &[("count", count.into())])),
        (waiters.unlicensed, &|count| say("wait-unlicensed", &[("count", count.into())])),
        (waiters.went_back, &|count| say("wait-went-back", &[("count", count.into())])),
    ]);
    let next = say("wait-next", &[("count", waiters.approved.into())]);
    say("wait-users", &[("users", parts.join(AND).into()), ("next", next.into())])
}

fn holding(count: usize, route: &Route) -> String {
    say("wait-holding", &[("count", count.into()), ("license", route.source.short().into())])
}

fn complete(ended: Ended) -> Vec<String> {
    let others = told(&[
        (ended.back, &|count| say("wait-rolled-back", &[("count", count.into())])),
        (ended.excluded, &|count| say("wait-excluded", &[("count", count.into())])),
        (ended.blocked, &|count| say("wait-never-moved", &[("count", count.into())])),
        (ended.left_behind, &|count| say("wait-stay-behind", &[("count", count.into())])),
        (ended.lost, &|count| say("wait-lost-part", &[("count", count.into())])),
        (ended.unlicensed, &|count| say("wait-unlicensed", &[("count", count.into())])),
    ]);
    let complete = batches::migration_complete(ended.exceptions);
    let complete = say("wait-migration-complete", &[("complete", complete.into()), ("count", ended.migrated.into())]);
    std::iter::once(complete).chain(others).collect()
}

/// The counts that are not zero.
fn told(counts: &[(usize, &dyn Fn(usize) -> String)]) -> Vec<String> {
    counts.iter().filter(|(count, _)| *count > 0).map(|(count, told)| told(*count)).collect()
}
