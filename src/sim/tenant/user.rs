//! A user and what the user was licensed for a moment ago.
use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::sim::tenant::license::held;
use crate::sim::tenant::{Assignment, Bin, GroupIx, SkuIx, UserIx};

/// A user of the tenant.
#[expect(clippy::struct_excessive_bools, reason = "independent facts about a user, as Graph has them")]
#[derive(Debug, Clone)]
pub(crate) struct User {
    /// Object id.
    pub(crate) id: Uuid,
    /// User principal name, as it is written.
    pub(crate) upn: String,
    /// Name on screens.
    pub(crate) display: String,
    /// First name.
    pub(crate) given: String,
    /// Family name.
    pub(crate) surname: String,
    /// Job title.
    pub(crate) title: &'static str,
    /// Department.
    pub(crate) department: &'static str,
    /// Two letters of ISO 3166, if known.
    pub(crate) location: Option<String>,
    /// Whether the user may sign in.
    pub(crate) enabled: bool,
    /// A guest rather than a member.
    pub(crate) guest: bool,
    /// Groups that the user is in directly.
    pub(crate) groups: Vec<GroupIx>,
    /// What the user is licensed for.
    pub(crate) assignments: Vec<Assignment>,
    /// When the user was created.
    pub(crate) created: Timestamp,
    /// When the user was deleted, and what comes back with it.
    pub(crate) deleted: Option<Bin>,
    /// The change that the user was last part of.
    pub(crate) revision: u64,
    /// Set by a fault: licensing never gives this user anything again once a source is gone.
    pub(crate) cursed: bool,
    /// Set by a fault or the tenant file: the user's mail address belongs to somebody else as well.
    pub(crate) address_taken: bool,
    /// Set by the tenant file: whoever adds this user to a group is refused.
    pub(crate) add_refused: bool,
    /// Set by the tenant file: products that are not offered where this user is, whatever holds for others there.
    pub(crate) not_offered: Vec<SkuIx>,
    /// Whom the user reports to.
    pub(crate) manager: Option<UserIx>,
    /// What was written that means nothing to the tenant; most users have nothing of it.
    kept: BTreeMap<&'static str, Value>,
    past: VecDeque<(Timestamp, Vec<Assignment>)>,
    /// Since when the user has had no license.
    bare_since: Option<Timestamp>,
    /// When the user was last given a license after a time without one.
    bare_until: Option<Timestamp>,
    /// Which properties changed when; `*` for all of them.
    pub(super) touched: Vec<(u64, &'static str)>,
}

impl User {
    /// A user with nothing but a name.
    pub(crate) fn new(id: Uuid, upn: &str, created: Timestamp) -> Self {
        Self {
            id,
            upn: upn.to_owned(),
            display: String::new(),
            given: String::new(),
            surname: String::new(),
            title: "",
            department: "",
            location: Some("US".to_owned()),
            enabled: true,
            guest: false,
            groups: Vec::new(),
            assignments: Vec::new(),
            created,
            deleted: None,
            revision: 0,
            cursed: false,
            address_taken: false,
            add_refused: false,
            not_offered: Vec::new(),
            manager: None,
            kept: BTreeMap::new(),
            past: VecDeque::new(),
            bare_since: Some(created),
            bare_until: None,
            touched: Vec::new(),
        }
    }

    /// Whether the user is still there.
    pub(crate) fn exists(&self) -> bool {
        self.deleted.is_none()
    }

    /// Keeps a property only to show it.
    pub(crate) fn keep(&mut self, name: &'static str, value: Value) {
        self.kept.insert(name, value);
    }

    /// A property that is only kept.
    pub(crate) fn kept(&self, name: &str) -> Option<&Value> {
        self.kept.get(name)
    }

    /// The products that the user has, each once.
    pub(crate) fn skus(&self) -> Vec<SkuIx> {
        held(&self.assignments)
    }

    /// What the user was licensed for at a time, as far back as the tenant remembers.
    pub(crate) fn assignments_at(&self, time: Timestamp) -> &[Assignment] {
        self.past.iter().find(|(until, _)| *until > time).map_or(&self.assignments, |(_, then)| then)
    }

    /// When the user's licenses changed, as far back as the tenant remembers.
    pub(crate) fn changes(&self) -> impl Iterator<Item = Timestamp> {
        self.past.iter().map(|(until, _)| *until)
    }

    /// Notes whether the user has a license now. What changes twice at the same moment left no time without one.
    pub(super) fn note_licensed(&mut self, now: Timestamp) {
        match (self.bare_since, self.skus().is_empty()) {
            (None, true) => self.bare_since = Some(now),
            (Some(from), false) => {
                self.bare_since = None;
                if from < now {
                    self.bare_until = Some(now);
                }
            }
            _ => {}
        }
    }

    /// The user is back from the bin, without a license: the time there counts for nothing, that before and after it does.
    pub(super) fn note_restored(&mut self, now: Timestamp, deleted: Timestamp) {
        if self.bare_since.is_some_and(|from| from < deleted) {
            self.bare_until = Some(deleted);
        }
        self.bare_since = Some(now);
    }

    /// Whether the user had no license at any time after this one. Who is deleted needs none from then on.
    pub(crate) fn was_without_license(&self, after: Timestamp) -> bool {
        let still = match &self.deleted {
            None => self.skus().is_empty(),
            Some(bin) => self.bare_since.is_some_and(|from| from < bin.at && bin.at > after),
        };
        still || self.bare_until.is_some_and(|until| until > after)
    }

    /// Keeps what has just been replaced, and forgets what nobody asks for any more.
    pub(super) fn remember(&mut self, before: Vec<Assignment>, until: Timestamp, horizon: Timestamp) {
        while self.past.front().is_some_and(|(until, _)| *until <= horizon) {
            self.past.pop_front();
        }
        self.past.push_back((until, before));
    }
}
