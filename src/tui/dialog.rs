//! Dialogs: what each of them owns. It cannot move under the operator's eyes, and only an answer lets it go.

mod approval;
mod away;
mod figures;
pub mod frame;
mod help;
mod leave;
mod palette;
mod remedies;
mod signing_in;
mod tour;
mod trouble;

pub use tour::TOUR_PAGES;

use std::collections::BTreeMap;
use std::collections::HashSet;
use std::sync::Arc;

use crate::domain::approval::Add;
use crate::domain::approval::Direct;
use crate::domain::approval::Proposal;
use crate::domain::approval::Remove;
use crate::domain::approval::Reprocess;
use crate::domain::halt::HaltReason;
use crate::domain::id::UserId;
use crate::domain::migration::Migration;
use crate::domain::questions::Question;
use crate::domain::route::Direction;
use crate::domain::standing::Standing;
use crate::domain::text::clean;
use crate::domain::user::User;
use crate::tui::away::Away;
pub use crate::tui::dialog::figures::Figures;
use crate::tui::keys::Mode;
use crate::tui::palette::Palette;

/// An approval that is asked for.
#[derive(Debug)]
pub struct Asked<W> {
    /// The question with its users; only an answer takes it out of here.
    pub proposal: Proposal<W>,
    /// Why the others of the batch stay, and how many; as it was when the question was put.
    pub left_out: Vec<(LeftOut, usize)>,
    /// Whom a removal leaves behind, and where they stood when the question was put.
    pub left_behind: Vec<(String, Option<Standing>)>,
    /// Why the operator approves it, or under which ticket.
    pub reason: Reason,
}

/// A reason as it is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reason {
    /// What was typed so far.
    pub text: String,
    /// Whether the keys go to it.
    pub is_open: bool,
}

/// The longest reason, in characters.
const LONGEST_REASON: usize = 200;

impl Reason {
    /// Takes more of it; only one line, and nothing that steers a terminal.
    pub fn extend(&mut self, text: &str) {
        let line = clean(text.lines().next().unwrap_or_default()).into_owned();
        let room = LONGEST_REASON.saturating_sub(self.text.chars().count());
        self.text.extend(line.chars().take(room));
    }

    /// The reason, when there is one.
    pub fn into_text(self) -> Option<String> {
        Some(self.text).filter(|text| !text.trim().is_empty())
    }
}

/// Why somebody of the batch is not asked about, in the order in which they are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftOut {
    /// They were added before.
    AddedAlready,
    /// Preflight is against moving them.
    Blocked,
    /// The operator took them out.
    Excluded,
    /// They never left the group to which they would be added.
    InGroupAlready,
    /// Nobody asked for it for them.
    NotAskedFor,
    /// They are not ready to be added.
    NotReady,
    /// Their standing is not safe.
    NotSafe,
    /// They were removed before.
    RemovedAlready,
}

/// Users between two groups when a halt is to be lifted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Between {
    /// Users whose addition nobody can answer for yet.
    pub open_adds: usize,
    /// Users whose removal nobody can answer for yet.
    pub open_removes: usize,
    /// Users who were added and are not removed, so that they are in both groups.
    pub in_both: usize,
    /// All of these by id, open writes first.
    pub users: Vec<UserId>,
}

/// A dialog.
#[derive(Debug)]
pub enum Dialog {
    /// May these users be added to the target group?
    Adding(Asked<Add>),
    /// May these users be removed from the source group?
    Removing {
        /// The question.
        asked: Asked<Remove>,
        /// What was typed so far.
        typed: String,
    },
    /// May GBL be asked to look again at these users?
    Reprocessing(Asked<Reprocess>),
    /// May a direct license be taken off these users?
    Clearing {
        /// The question.
        asked: Asked<Direct>,
        /// What was typed so far.
        typed: String,
    },
    /// Are these users to be taken back?
    RollingBack {
        /// Who.
        users: Vec<UserId>,
        /// How many of the batch that was meant have nothing to roll back.
        left_out: usize,
    },
    /// These users are without a license.
    Alarm(Vec<UserId>),
    /// May writing go on?
    LiftHalt {
        /// Why writing was halted.
        whys: Vec<HaltReason>,
        /// Who is between two groups.
        between: Between,
    },
    /// Are these users to be taken out?
    Exclude {
        /// Who.
        users: Vec<UserId>,
        /// How many of those that were meant cannot be.
        left_out: usize,
    },
    /// How are batches to be that have not begun?
    Batches(Figures),
    /// End now?
    Quit,
    /// All keys.
    Help,
    /// All commands, to be looked for by a word.
    Palette(Palette),
    /// What matters on this screen, a page at a time, counted from 0; for who sees it for the first time.
    Tour(usize),
    /// What happened while nobody pressed a key.
    Away(Away),
    /// A sign-in waits for the operator.
    SigningIn,
}

impl Dialog {
    /// The dialog that puts a question.
    pub fn of(question: Question, run: &Migration) -> Self {
        match question {
            Question::Add(proposal) => Self::Adding(Asked::new(proposal, run, stays_out_of_adding)),
            Question::Remove(proposal) => {
                let mut asked = Asked::new(proposal, run, stays_out_of_removing);
                asked.left_behind = left_behind(run, &asked.proposal);
                Self::Removing { asked, typed: String::new() }
            }
            Question::Reprocess(proposal) => Self::Reprocessing(Asked::new(proposal, run, |_| LeftOut::NotAskedFor)),
            Question::Direct(proposal) => {
                Self::Clearing { asked: Asked::new(proposal, run, |_| LeftOut::NotAskedFor), typed: String::new() }
            }
            Question::LiftHalt(whys) => Self::LiftHalt { whys, between: Between::of(run) },
            Question::Alarm(users) => Self::Alarm(users),
        }
    }

    /// The reason for what it asks, where one may be given.
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Adding(asked) => Some(&asked.reason),
            Self::Removing { asked, .. } => Some(&asked.reason),
            Self::Reprocessing(asked) => Some(&asked.reason),
            Self::Clearing { asked, .. } => Some(&asked.reason),
            _ => None,
        }
    }

    /// The same, to be typed.
    pub fn reason_mut(&mut self) -> Option<&mut Reason> {
        match self {
            Self::Adding(asked) => Some(&mut asked.reason),
            Self::Removing { asked, .. } => Some(&mut asked.reason),
            Self::Reprocessing(asked) => Some(&mut asked.reason),
            Self::Clearing { asked, .. } => Some(&mut asked.reason),
            _ => None,
        }
    }

    /// Who listens to the keys while it is open.
    pub fn mode(&self) -> Mode {
        match self {
            open if open.reason().is_some_and(|reason| reason.is_open) => Mode::Reason,
            Self::Adding(_)
            | Self::Reprocessing(_)
            | Self::RollingBack { .. }
            | Self::Alarm(_)
            | Self::LiftHalt { .. }
            | Self::Exclude { .. }
            | Self::Quit => Mode::YesNo,
            Self::Removing { .. } | Self::Clearing { .. } => Mode::Number,
            Self::Batches(_) => Mode::Figures,
            Self::Help | Self::Away(_) => Mode::Page,
            Self::Palette(_) => Mode::Palette,
            Self::Tour(_) => Mode::Tour,
            Self::SigningIn => Mode::SignIn,
        }
    }
}

impl Between {
    fn of(run: &Migration) -> Self {
        let ids = |wanted: fn(&User) -> bool| {
            run.users.iter().filter(move |user| wanted(user)).filter_map(|user| user.id).collect::<Vec<_>>()
        };
        let adds = ids(|user| user.add.is_open());
        let removes = ids(|user| user.remove.is_open());
        let both = ids(|user| user.add.is_done() && !user.remove.is_done() && !user.remove.is_open());
        let (open_adds, open_removes, in_both) = (adds.len(), removes.len(), both.len());
        Self { open_adds, open_removes, in_both, users: [adds, removes, both].concat() }
    }
}

impl<W> Asked<W> {
    fn new(proposal: Proposal<W>, run: &Migration, why: fn(&User) -> LeftOut) -> Self {
        let asked: HashSet<UserId> = proposal.users().iter().copied().collect();
        let mut left_out = BTreeMap::new();
        for user in run.members(proposal.batch()).filter(|user| !user.id.is_some_and(|id| asked.contains(&id))) {
            *left_out.entry(why(user)).or_insert(0) += 1;
        }
        Self { proposal, left_out: left_out.into_iter().collect(), left_behind: Vec::new(), reason: Reason::default() }
    }
}

/// Whom the batch waits for and the question does not take along.
fn left_behind(run: &Migration, proposal: &Proposal<Remove>) -> Vec<(String, Option<Standing>)> {
    let asked: HashSet<UserId> = proposal.users().iter().copied().collect();
    let stays = |user: &&Arc<User>| !user.remove.is_done() && !user.id.is_some_and(|id| asked.contains(&id));
    let users = run.active_in(proposal.batch()).filter(stays);
    users.map(|user| (user.upn.to_string(), user.standing.clone())).collect()
}

fn stays_out_of_adding(user: &User) -> LeftOut {
    match user {
        user if user.excluded => LeftOut::Excluded,
        user if user.add.is_done() && user.direction == Direction::Rollback => LeftOut::InGroupAlready,
        user if user.add.is_done() => LeftOut::AddedAlready,
        user if user.is_blocked() => LeftOut::Blocked,
        _ => LeftOut::NotReady,
    }
}

fn stays_out_of_removing(user: &User) -> LeftOut {
    match user {
        user if user.excluded => LeftOut::Excluded,
        user if user.remove.is_done() => LeftOut::RemovedAlready,
        user if !user.is_active() => LeftOut::Blocked,
        _ => LeftOut::NotSafe,
    }
}
