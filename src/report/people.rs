//! What the report follows of each user beside the run itself: when they came how far.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::event::Event;
use crate::domain::id::SkuId;
use crate::domain::migration::Migration;
use crate::domain::outcome::Outcome;
use crate::domain::products;
use crate::domain::read_back::ReadBack;
use crate::domain::route::Direction;
use crate::domain::standing::Standing;
use crate::domain::text::clean;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::domain::time::since;
use crate::domain::user::User;
use crate::domain::worklist::WorklistKind;
use crate::domain::write::WriteKind;
use crate::domain::write_event::WriteStage;
use crate::report::content::ReasonRow;
use crate::report::content::UserOutcome;
use crate::report::content::UserRow;
use crate::report::words;
use crate::words::fault;
use crate::words::proof;
use crate::words::standing;

/// When one user came how far. On the way back only the arrival is kept, so that the way forward stays told.
#[derive(Clone, Debug, Default)]
pub(super) struct Trace {
    pub(super) added: Option<Timestamp>,
    pub(super) ready: Option<Timestamp>,
    pub(super) removed: Option<Timestamp>,
    pub(super) migrated: Option<Timestamp>,
    pub(super) rolled_back: Option<Timestamp>,
    pub(super) approvals: Vec<u32>,
    /// Whether a worklist asked others to add them.
    listed_to_add: bool,
    /// Whether a worklist asked others to remove them, or others did so unasked.
    listed_to_remove: bool,
}

/// The word for whoever changes a group elsewhere.
const OTHERS: &str = "others";

/// Takes in what an event did to users; the run has it already.
pub(super) fn follow(traces: &mut [Trace], run: &Migration, at: Timestamp, event: &Event) {
    if let Event::Observed { users, .. } = event {
        for place in users.iter().filter_map(|(user, _)| run.place(*user)) {
            if let Some(trace) = traces.get_mut(place) {
                trace.seen(run, &run.users[place], at);
            }
        }
        return;
    }
    match event {
        Event::WorklistIssued { worklist } => {
            for place in worklist.users.iter().filter_map(|(user, _)| run.place(*user)) {
                let Some(trace) = traces.get_mut(place) else { continue };
                match worklist.kind {
                    WorklistKind::Add => trace.listed_to_add = true,
                    WorklistKind::Remove => trace.listed_to_remove = true,
                }
            }
        }
        Event::RemovedByOthers { users, .. } => {
            for place in users.iter().filter_map(|user| run.place(*user)) {
                if let Some(trace) = traces.get_mut(place) {
                    (trace.removed, trace.listed_to_remove) = (Some(at), true);
                }
            }
        }
        _ => {}
    }
    let Some(write) = event.write() else { return };
    let (users, done) = match write.what {
        WriteStage::Settled { users, outcome: Outcome::Done, .. } => (users, true),
        WriteStage::ReadBack { ref user, found: ReadBack::InEffect } => (std::slice::from_ref(user), true),
        WriteStage::Undone { ref user, .. } => (std::slice::from_ref(user), false),
        _ => return,
    };
    for place in users.iter().filter_map(|user| run.place(*user)) {
        let (Some(trace), user) = (traces.get_mut(place), &run.users[place]) else { continue };
        match (write.kind, user.direction) {
            (WriteKind::Add, Direction::Forward) => trace.added = done.then_some(at),
            (WriteKind::Remove, Direction::Forward) => trace.removed = done.then_some(at),
            // The read that shows them back may have come before the last removal: then this is when they are back.
            (WriteKind::Remove, Direction::Rollback) if done && user.is_rolled_back() => trace.rolled_back = Some(at),
            _ => {}
        }
    }
}

impl Trace {
    fn seen(&mut self, run: &Migration, user: &User, at: Timestamp) {
        let Some(standing) = &user.standing else { return };
        match user.direction {
            Direction::Forward => {
                let safe = matches!(standing, Standing::HoldsBoth | Standing::ExpectedConflict);
                if safe && standing.is_safe(run.scenario) && user.add.is_done() {
                    self.ready.get_or_insert(at);
                }
                match standing {
                    Standing::Migrated => drop(self.migrated.get_or_insert(at)),
                    _ => self.migrated = None,
                }
            }
            Direction::Rollback if user.is_rolled_back() => drop(self.rolled_back.get_or_insert(at)),
            Direction::Rollback => self.rolled_back = None,
        }
    }
}

/// The row of one user, times that last counted up to `last`.
pub(super) fn row(
    user: &User,
    trace: Trace,
    before: Option<Arc<[String]>>,
    sets: &mut Sets,
    last: Timestamp,
) -> UserRow {
    let stands = user.standing.as_ref();
    let apart = |from: Option<Timestamp>, to: Option<Timestamp>| Some(seconds_up(since(from?, to?)));
    UserRow {
        line: user.listed.line,
        id: user.id,
        user_principal_name: clean(&user.upn).into_owned(),
        display_name: user.display_name.as_deref().map(|name| clean(name).into_owned()),
        batch: user.batch.map(|batch| batch + 1),
        direction: words::direction(user.direction),
        standing: stands.map(Standing::code),
        standing_text: standing::stands(user).map(|text| clean(&text).into_owned()),
        outcome: UserOutcome::of(user),
        products_before: before,
        products_after: after(user, sets),
        seconds_to_ready: apart(trace.added, trace.ready),
        seconds_to_migrated: apart(trace.removed, trace.migrated),
        seconds_unlicensed: if user.is_ours() { seconds_up(user.unlicensed_for(last)) } else { 0 },
        added: trace.added,
        ready: trace.ready,
        removed: trace.removed,
        added_by: trace.added.filter(|_| trace.listed_to_add).map(|_| OTHERS),
        removed_by: trace.removed.filter(|_| trace.listed_to_remove).map(|_| OTHERS),
        migrated: trace.migrated,
        rolled_back: trace.rolled_back,
        approvals: trace.approvals,
        excluded: user.excluded,
        reasons: user.reasons.iter().map(reason).collect(),
        not_proven: user
            .seldom
            .not_proven
            .as_ref()
            .map(|why| clean(&proof::not_proven(why, user.direction)).into_owned()),
        explained: user.seldom.why.as_ref().map(|why| clean(&fault::message(why)).into_owned()),
    }
}

fn reason(reason: &crate::domain::preflight::Reason) -> ReasonRow {
    ReasonRow {
        code: reason.code.word(),
        message: clean(&crate::words::reason::reason(&reason.detail)).into_owned(),
        warning: reason.warning,
    }
}

/// What a user who has arrived holds: what the proof before the removal promised, which reads since did not miss.
fn after(user: &User, sets: &mut Sets) -> Option<Arc<[String]>> {
    let arrived = user.has_arrived() && !user.keeps.targets.is_empty();
    arrived.then(|| sets.named([user.keeps.targets.as_slice(), &user.keeps.products].concat()))
}

/// The names of sets of products, each set kept once: most users hold the same.
#[derive(Default)]
pub(super) struct Sets(HashMap<Vec<SkuId>, Arc<[String]>>);

impl Sets {
    pub(super) fn named(&mut self, mut skus: Vec<SkuId>) -> Arc<[String]> {
        skus.sort_unstable();
        skus.dedup();
        let names = |skus: &Vec<SkuId>| skus.iter().map(|sku| product(*sku)).collect();
        Arc::clone(self.0.entry(skus).or_insert_with_key(names))
    }
}

/// A product by its name in Microsoft's list; by its id when that does not have it.
pub(super) fn product(sku: SkuId) -> String {
    products::name(sku).map_or_else(|| sku.to_string(), ToOwned::to_owned)
}

/// Whole seconds, rounded up: a gap is never told as none.
pub(super) fn seconds_up(length: SignedDuration) -> u64 {
    let whole = length.as_secs() + i64::from(length.subsec_nanos() > 0);
    u64::try_from(whole).unwrap_or_default()
}
