//! All that the screen shows, as facts: no styles, no terminal, no clock.

mod list;
mod note;
mod view;

use std::collections::VecDeque;
use std::mem::Discriminant;
use std::mem::discriminant;
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::domain::id::UserId;
use crate::domain::needs::Need;
use crate::domain::questions::PendingQuestion;
use crate::domain::questions::Question;
use crate::domain::time::Timestamp;
use crate::domain::time::since;
use crate::domain::user::User;
use crate::engine::snapshot::Snapshot;
use crate::tui::dialog::Dialog;
use crate::tui::keys::Mode;
pub use crate::tui::model::list::List;
use crate::tui::model::note::NOTICE_IS_READ;
pub use crate::tui::model::note::Note;
pub use crate::tui::model::note::Tone;
pub use crate::tui::model::view::View;
use crate::tui::needs;
use crate::tui::problems;
use crate::tui::problems::Problem;
use crate::tui::summary::Summary;
use crate::tui::table::order::Listed;
use crate::tui::table::order::Recipe;
use crate::tui::table::order::Scope;
use crate::tui::table::window::Window;
use crate::tui::theme::Theme;
use crate::tui::view::Measured;

/// How many notices the events view still shows.
const NOTICES_KEPT: usize = 200;

/// A kind of question that a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The one that waits: add, remove, the halt or the alarm.
    Waiting,
    /// Reprocessing licenses.
    Reprocess,
    /// Removing a direct license.
    Direct,
}

impl Wanted {
    /// The kind that a question is of.
    pub fn of(question: &Question) -> Self {
        match question {
            Question::Add(_) | Question::Remove(_) | Question::LiftHalt(_) | Question::Alarm(_) => Self::Waiting,
            Question::Reprocess(_) => Self::Reprocess,
            Question::Direct(_) => Self::Direct,
        }
    }
}

/// All that the screen shows.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug)]
pub struct Model {
    /// The engine's newest snapshot.
    pub snapshot: Arc<Snapshot>,
    /// That snapshot, counted.
    pub summary: Summary,
    /// What time it is.
    pub now: Timestamp,
    /// Where the operator sits.
    pub zone: TimeZone,
    /// Which view is open.
    pub view: View,
    /// The list of users.
    pub list: List,
    /// The selected row of the batches.
    pub batches: Window,
    /// The groups of users in trouble; made in `update` alone, while they are shown.
    pub problems: Vec<Problem>,
    /// The selected row of the problems.
    pub problem: Window,
    /// The batch that the operator wants to see, counted from 0; else the one that waits for them is shown.
    pub shown: Option<usize>,
    /// What needs the operator, and since when the screen has known it.
    pub needs: Vec<(Need, Timestamp)>,
    /// Where the key for it went last.
    pub went_to: Option<Need>,
    /// Whether the keys go to the page of the selected user.
    pub inspecting: bool,
    /// How far the open page is scrolled; the events count from the bottom.
    pub scroll: usize,
    /// Whether the search line has the keys.
    pub searching: bool,
    /// The dialog that has the keys.
    pub dialog: Option<Dialog>,
    /// How far the dialog is scrolled.
    pub dialog_scroll: usize,
    /// Whether the dialog stands on the screen; before that no key is an answer to it.
    pub drawn: bool,
    /// Which question the operator waits for: what the last key asked for, and nothing asked for before it.
    pub asked: Option<Wanted>,
    /// Whether the operator asked to sign in, and waits for what that takes.
    pub signing_in: bool,
    /// What was said, oldest first.
    pub notes: VecDeque<Note>,
    /// Whether the newest of them is still to be shown.
    pub note_shown: bool,
    /// Whether the report is being written.
    pub exporting: bool,
    /// When a key was pressed last, or the screen was opened.
    pub touched: Timestamp,
    /// What the last frame measured.
    pub measured: Measured,
    /// The theme.
    pub theme: Theme,
    /// Whether every mark is drawn in ASCII.
    pub ascii: bool,
    /// Whether `NO_COLOR` forbids the themes that have colours.
    pub no_color: bool,
    /// Whether the mouse is ours; else the terminal's own selection works.
    pub mouse: bool,
    /// Whether there is something of which a report can be made.
    pub exports: bool,
    /// The command that takes the run up again, where one can.
    pub again: Option<String>,
    /// Whether the end was asked for; the engine is awaited.
    pub ending: bool,
    /// Whether the screen differs from what was drawn last.
    pub dirty: bool,
}

impl Model {
    /// The screen as it opens on a snapshot.
    pub fn new(snapshot: Arc<Snapshot>, now: Timestamp, zone: TimeZone, theme: Theme) -> Self {
        let summary = Summary::of(&snapshot, now);
        let mut model = Self {
            snapshot,
            summary,
            now,
            zone,
            view: View::default(),
            list: List::default(),
            batches: Window::default(),
            problems: Vec::new(),
            problem: Window::default(),
            shown: None,
            needs: Vec::new(),
            went_to: None,
            inspecting: false,
            scroll: 0,
            searching: false,
            dialog: None,
            dialog_scroll: 0,
            drawn: false,
            asked: None,
            signing_in: false,
            notes: VecDeque::new(),
            exporting: false,
            note_shown: false,
            touched: now,
            measured: Measured::default(),
            theme,
            ascii: false,
            no_color: false,
            mouse: true,
            exports: true,
            again: None,
            ending: false,
            dirty: true,
        };
        model.arrange();
        model.choose(0);
        needs::follow(&mut model);
        model
    }

    /// Who listens to the keys.
    pub fn mode(&self) -> Mode {
        match &self.dialog {
            Some(dialog) => dialog.mode(),
            None if self.searching => Mode::Search,
            None => Mode::Views,
        }
    }

    /// Whose users the list shows.
    pub fn scope(&self) -> Scope {
        let list = &self.list;
        let whole = list.whole || list.cause.is_some();
        Scope::of(&self.snapshot.run, list.filter, list.batch, &list.search, whole)
    }

    /// The selected user.
    pub fn selected(&self) -> Option<&Arc<User>> {
        self.snapshot.run.users.get(*self.list.order.get(self.list.window.row)?)
    }

    /// The notice that is still to be shown. One about a question that no longer waits would contradict the screen.
    pub fn note(&self) -> Option<&Note> {
        let asks = self.asks();
        let holds = |note: &Note| note.about == asks || since(note.at, self.now) < NOTICE_IS_READ;
        self.notes.back().filter(|note| self.note_shown && note.is_fresh(self.now) && holds(note))
    }

    /// Which question waits now.
    fn asks(&self) -> Option<Discriminant<PendingQuestion>> {
        self.summary.question.as_ref().ok().map(discriminant)
    }

    /// Tells the operator something.
    pub fn tell(&mut self, tone: Tone, text: impl Into<String>) {
        self.notes.push_back(Note { at: self.now, tone, text: text.into(), about: self.asks() });
        while self.notes.len() > NOTICES_KEPT {
            self.notes.pop_front();
        }
        self.note_shown = true;
        self.dirty = true;
    }

    /// Makes the list anew and finds the chosen user in it; where they are not listed, the row stays.
    pub fn arrange(&mut self) {
        let search = self.list.search.trim().to_lowercase();
        let recipe = Recipe {
            cause: self.list.cause.as_ref(),
            turned: self.list.turned,
            filter: self.list.filter,
            sort: self.list.sort,
            search: &search,
            scope: self.scope(),
            now: self.now,
        };
        let order = std::mem::take(&mut self.list.order);
        let mut listed = Listed { order, counts: self.list.counts, is_near: self.list.is_near };
        self.list.index.follow(&self.snapshot.run, recipe, &mut listed);
        (self.list.order, self.list.counts, self.list.is_near) = (listed.order, listed.counts, listed.is_near);
        self.find_problems();
        self.list.measure(&self.snapshot.run);
        let run = &self.snapshot.run;
        let place = self.list.chosen.and_then(|(id, place)| id.map_or(Some(place), |id| run.place(id)));
        let row = place.and_then(|place| self.row_of(place));
        let last = self.list.order.len().saturating_sub(1);
        self.list.window.row = row.unwrap_or_else(|| self.list.window.row.min(last));
        if self.list.follows {
            self.choose(0);
        } else if self.list.chosen.is_none() {
            self.choose(self.list.window.row);
        }
        self.batches.row = self.batches.row.min(self.summary.batches.len().saturating_sub(1));
    }

    /// The row of the list in which a user stands, by their place in the run.
    pub fn row_of(&self, place: usize) -> Option<usize> {
        self.list.index.row_of(place, &self.list.order)
    }

    /// Groups the users in trouble anew, while the groups are shown; the selected one stays selected.
    fn find_problems(&mut self) {
        if self.view != View::Problems {
            return;
        }
        let chosen = self.problems.get(self.problem.row).map(|problem| problem.cause.clone());
        self.problems = problems::find(&self.snapshot, self.now);
        let row = chosen.and_then(|cause| self.problems.iter().position(|problem| problem.cause == cause));
        self.problem.row = row.unwrap_or(self.problem.row).min(self.problems.len().saturating_sub(1));
    }

    /// Whom a key is about: the marked, else the selected user, or all of the selected batch or problem.
    pub fn meant(&self) -> Vec<UserId> {
        let run = &self.snapshot.run;
        if !self.list.marks.is_empty() && matches!(self.view, View::Users | View::Batches | View::Problems) {
            let mut marked: Vec<(usize, UserId)> =
                self.list.marks.iter().filter_map(|id| Some((run.place(*id)?, *id))).collect();
            marked.sort_unstable();
            return marked.into_iter().map(|(_, id)| id).collect();
        }
        self.under_cursor()
    }

    /// The selected user, or all users of the selected batch or problem.
    pub fn under_cursor(&self) -> Vec<UserId> {
        let run = &self.snapshot.run;
        match self.view {
            View::Users => self.selected().and_then(|user| user.id).into_iter().collect(),
            View::Batches => run.members(self.batches.row).filter_map(|user| user.id).collect(),
            View::Problems => {
                let users = self.problems.get(self.problem.row).map(|problem| problem.users.as_slice());
                users.into_iter().flatten().filter_map(|place| run.users.get(*place)?.id).collect()
            }
            View::Events | View::Plan => Vec::new(),
        }
    }

    /// Since when something has needed the operator.
    pub fn need_began(&self) -> Option<Timestamp> {
        self.needs.iter().map(|(_, at)| *at).min()
    }

    /// Selects a row of the users.
    pub fn choose(&mut self, row: usize) {
        self.list.window.row = row.min(self.list.order.len().saturating_sub(1));
        let place = self.list.order.get(self.list.window.row).copied();
        self.list.chosen = place.and_then(|place| Some((self.snapshot.run.users.get(place)?.id, place)));
        self.scroll = 0;
    }
}
