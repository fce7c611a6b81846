//! What an outsider has seen of a run: the requests as they came, the journal at that moment, and what truly was.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;
use skuferry::domain::approval::ShownToOperator;
use skuferry::domain::event::Event;
use skuferry::domain::event::RunInfo;
use skuferry::domain::id::GroupId;
use skuferry::domain::id::UserId;
use skuferry::domain::migration::Migration;
use skuferry::sim::LogEntry;
use uuid::Uuid;

use crate::rules::world::World;
use crate::witness;

/// An answer that the operator gave to the question that stood on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) to: To,
    pub(crate) batch: usize,
    pub(crate) users: Vec<UserId>,
}

/// What a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum To {
    Add,
    Remove,
    Reprocess,
    Direct,
}

impl Answer {
    pub(crate) fn new(to: To, batch: usize, users: &[UserId]) -> Self {
        Self { to, batch, users: users.to_vec() }
    }
}

/// When a request came, by the clock that the program goes by, and how many events its journal had then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    pub(crate) number: u64,
    pub(crate) at: Timestamp,
    /// The same, if the clock was set while the request was on its way: as the clock was before.
    pub(crate) left: Timestamp,
    pub(crate) kept: usize,
}

/// Seats that were paid for after the request of this number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seats {
    pub(crate) from: u64,
    pub(crate) enabled: i64,
    /// Those of the source, for the way back.
    pub(crate) enabled_back: i64,
}

/// Somebody else has put a user into a group or taken them out, before the request after this number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moved {
    pub(crate) number: u64,
    pub(crate) user: UserId,
    pub(crate) group: GroupId,
    pub(crate) joined: bool,
}

/// All of it.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) world: World,
    pub(crate) run: RunInfo,
    /// The run as it stood when it ended.
    pub(crate) end: Migration,
    pub(crate) events: Vec<(Timestamp, Event)>,
    /// The journal as text.
    pub(crate) journal: String,
    pub(crate) log: Vec<LogEntry>,
    /// By their numbers.
    pub(crate) arrivals: Vec<Arrival>,
    /// What every user was licensed for, from the beginning.
    pub(crate) past: Value,
    /// The ids of those on the list.
    pub(crate) listed: BTreeSet<String>,
    pub(crate) before: Value,
    pub(crate) after: Value,
    pub(crate) answers: Vec<Answer>,
    pub(crate) seats: Vec<Seats>,
    pub(crate) moved: Vec<Moved>,
    pub(crate) said: Vec<String>,
    pub(crate) screens: Vec<String>,
    pub(crate) debugs: Vec<String>,
    pub(crate) token: String,
    /// What was seen to be wrong while it was played.
    pub(crate) broken: Vec<String>,
}

/// One write of one user, as it came.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) number: u64,
    /// The request that it was part of.
    pub(crate) outer: u64,
    pub(crate) came: Arrival,
    /// Tenant time.
    pub(crate) tenant: Timestamp,
    pub(crate) added: bool,
    pub(crate) group: Uuid,
    pub(crate) user: UserId,
    pub(crate) status: u16,
    /// Whether anybody who saw the answer would know that nothing was done.
    pub(crate) surely_refused: bool,
}

/// One write of ours to a user's own licenses, as it came.
#[derive(Clone, Debug)]
pub(crate) struct Licensed {
    pub(crate) number: u64,
    pub(crate) came: Arrival,
    pub(crate) to: To,
    pub(crate) user: UserId,
    pub(crate) body: Value,
}

/// A read of one user by itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PointRead {
    pub(crate) number: u64,
    pub(crate) outer: u64,
    pub(crate) came: Arrival,
    pub(crate) tenant: Timestamp,
    /// The time of the tenant whose truth it shows, where it is of a user alone.
    pub(crate) shows: Option<Timestamp>,
}

/// Events and writes in the order in which they came about: a write stands behind the events that were on the disk.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Moment<'a> {
    Event(usize, &'a Event),
    Write(&'a Written),
}

impl Record {
    pub(crate) fn came(&self, number: u64) -> Arrival {
        self.arrivals[self.arrivals.partition_point(|one| one.number < number)]
    }

    /// When a request came, by the tenant's clock.
    pub(crate) fn tenant_time(&self, number: u64) -> Option<Timestamp> {
        self.log.iter().find(|entry| entry.number == number).map(|entry| entry.at)
    }

    /// Every write of every user, in order; a write of any other form is an error.
    pub(crate) fn writes(&self) -> Result<Vec<Written>, String> {
        let mut written = Vec::new();
        for entry in self.ours() {
            let parts: Vec<&str> = witness::path(entry).trim_matches('/').split('/').collect();
            let last = |text: &str| witness::id(text.rsplit('/').next().unwrap());
            let body = entry.body.clone().unwrap_or_default();
            let (group, users, added) = match (entry.method.as_str(), parts.as_slice()) {
                ("PATCH", ["groups", group]) => {
                    let objects = body["members@odata.bind"].as_array().ok_or("rule 7: a PATCH that adds nobody")?;
                    (group, objects.iter().map(|one| last(one.as_str().unwrap())).collect(), true)
                }
                ("POST", ["groups", group, "members", "$ref"]) => {
                    (group, vec![last(body["@odata.id"].as_str().unwrap())], true)
                }
                ("DELETE", ["groups", group, "members", user, "$ref"]) => (group, vec![witness::id(user)], false),
                ("POST", ["users", _, "reprocessLicenseAssignment" | "assignLicense"]) => continue,
                _ => return Err(format!("rule 7: nobody asked for {} {}", entry.method, entry.path)),
            };
            let refused = (400..500).contains(&entry.status) && ![408, 424, 499].contains(&entry.status);
            let unclear =
                entry.fault.as_ref().is_some_and(|fault| ["cut", "drop"].iter().any(|harm| fault.starts_with(harm)));
            let came = self.came(entry.number);
            let group: Uuid = group.parse().unwrap();
            written.extend(users.into_iter().map(|user| Written {
                number: entry.number,
                outer: entry.outer.unwrap_or(entry.number),
                came,
                tenant: entry.at,
                added,
                group,
                user,
                status: entry.status,
                surely_refused: refused && !unclear,
            }));
        }
        Ok(written)
    }

    /// Every write of ours to users' own licenses, in order.
    pub(crate) fn licensed(&self) -> Vec<Licensed> {
        let kind = |entry: &LogEntry| {
            let parts: Vec<&str> = witness::path(entry).trim_matches('/').split('/').collect();
            match (entry.method.as_str(), parts.as_slice()) {
                ("POST", ["users", user, "reprocessLicenseAssignment"]) => Some((To::Reprocess, witness::id(user))),
                ("POST", ["users", user, "assignLicense"]) => Some((To::Direct, witness::id(user))),
                _ => None,
            }
        };
        let all = self.ours().filter_map(|entry| Some((entry, kind(entry)?)));
        all.map(|(entry, (to, user))| Licensed {
            number: entry.number,
            came: self.came(entry.number),
            to,
            user,
            body: entry.body.clone().unwrap_or_default(),
        })
        .collect()
    }

    /// Requests of ours that could change something.
    fn ours(&self) -> impl Iterator<Item = &LogEntry> {
        self.log.iter().filter(|entry| !witness::is_read(entry) && !witness::by_another(entry))
    }

    /// Events and writes, interleaved.
    pub(crate) fn moments<'a>(&'a self, writes: &'a [Written]) -> Vec<Moment<'a>> {
        let mut writes = writes.iter().peekable();
        let mut moments = Vec::new();
        for (place, (_, event)) in self.events.iter().enumerate() {
            while let Some(write) = writes.next_if(|write| write.came.kept <= place) {
                moments.push(Moment::Write(write));
            }
            moments.push(Moment::Event(place, event));
        }
        moments.extend(writes.map(Moment::Write));
        moments
    }

    /// Good answers to reads of a user by itself, in order: each with the truth of some time, and none that a fault made up.
    pub(crate) fn point_reads(&self, user: UserId) -> Vec<PointRead> {
        let path = format!("/users/{user}");
        self.reads(|entry| entry.shows.is_some() && witness::path(entry).split('?').next() == Some(&path))
    }

    /// Reads of a user's groups; that the user is not there any more is an answer too.
    pub(crate) fn membership_reads(&self, user: UserId) -> Vec<PointRead> {
        let path = format!("/users/{user}/memberOf");
        let told = |entry: &LogEntry| [200, 404].contains(&entry.status);
        self.reads(|entry| told(entry) && witness::path(entry).split('?').next() == Some(&path))
    }

    /// Reads of this kind.
    pub(crate) fn reads(&self, which: impl Fn(&LogEntry) -> bool) -> Vec<PointRead> {
        let asked = self.log.iter().filter(|entry| entry.method == "GET" && which(entry));
        asked
            .map(|entry| PointRead {
                number: entry.number,
                outer: entry.outer.unwrap_or(entry.number),
                came: self.came(entry.number),
                tenant: entry.at,
                shows: entry.shows,
            })
            .collect()
    }

    /// Requests for a user's groups, whatever came of them.
    pub(crate) fn asked_for_memberships(&self, user: UserId) -> Vec<PointRead> {
        let path = format!("/users/{user}/memberOf");
        self.reads(|entry| witness::path(entry).split('?').next() == Some(&path))
    }

    /// How many approvals the journal has.
    pub(crate) fn approvals(&self) -> usize {
        self.events.iter().filter(|(_, event)| approved(event).is_some()).count()
    }

    /// Users whom somebody else had a hand in.
    pub(crate) fn touched_by_others(&self) -> BTreeSet<usize> {
        use crate::rules::script::Hand;
        use crate::rules::script::Whim;
        let users = self.world.users;
        let hands = self.world.script.iter().filter_map(|step| match step.whim {
            Whim::Hand(
                Hand::AddToTarget(user)
                | Hand::RemoveFromTarget(user)
                | Hand::RemoveFromSource(user)
                | Hand::AddToSource(user)
                | Hand::Delete(user)
                | Hand::Strip(user)
                | Hand::LoseSource(user)
                | Hand::LoseTarget(user)
                | Hand::Curse(user)
                | Hand::SendAway(user)
                | Hand::BringBack(user)
                | Hand::GiveDirect(user),
            ) => Some(user % users),
            _ => None,
        });
        hands.collect()
    }
}

/// What an event approves: of what kind, in which batch, for whom, by whom, and what stood on the screen.
pub(crate) fn approved(event: &Event) -> Option<(Answer, &str, &ShownToOperator)> {
    let (to, batch, users, by, seen) = match event {
        Event::AddApproved { batch, users, by, seen } => (To::Add, batch, users, by, seen),
        Event::RemoveApproved { batch, users, by, seen } => (To::Remove, batch, users, by, seen),
        Event::ReprocessApproved { batch, users, by, seen } => (To::Reprocess, batch, users, by, seen),
        Event::DirectApproved { batch, users, by, seen } => (To::Direct, batch, users, by, seen),
        _ => return None,
    };
    Some((Answer::new(to, *batch, users), by, seen))
}
