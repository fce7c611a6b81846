//! Why a command would be refused just now: the same reasons as its key gives, as values, and their words.

use jiff::Zoned;

use crate::domain::questions::PendingQuestion;
use crate::domain::questions::question_now;
use crate::domain::refusal::Refusal;
use crate::engine::ReadOnly;
use crate::tui::keys::Cmd;
use crate::tui::model::Model;
use crate::tui::model::View;
use crate::tui::update::asks;
use crate::tui::update::copied;
use crate::words::batches;
use crate::words::notice;
use crate::words::phrase;
use crate::words::refusal;
use crate::words::say;

/// Why a command is off.
#[derive(Clone, Debug)]
pub enum Off {
    /// Nothing can be written in this session.
    ReadOnly(ReadOnly),
    /// Nothing is written in this session, so there is nothing to halt.
    NothingToHalt(ReadOnly),
    /// The run does not allow it, or nothing waits.
    ByRun(Refusal),
    /// The window for writes is closed, and when it opens.
    OutsideWindow(Zoned),
    /// No user is selected.
    NoUser,
    /// Neither a user nor a batch is selected.
    NothingSelected,
    /// The selected line names nobody.
    Nobody,
    /// Users are excluded where they are listed.
    ExcludeElsewhere,
    /// Users are marked where they are listed.
    MarkElsewhere,
    /// This view has no rows that could be opened.
    NothingToOpen,
    /// Nobody in this batch, counted from 0, is stuck or late.
    NobodyInTrouble(usize),
    /// Nothing needs the operator.
    NothingNeeds,
    /// One batch is the least.
    OneBatch,
    /// The report is being written already.
    Exporting,
    /// Nothing is kept of which a report could be made.
    NothingKept,
    /// `NO_COLOR` is set.
    NoColor,
    /// Nothing is open that could be left.
    NothingOpen,
    /// No event has the id of a request.
    NoRequests,
}

impl Off {
    /// In words.
    pub fn words(&self, model: &Model) -> String {
        match self {
            Self::ReadOnly(why) => notice::read_only_because(why),
            Self::NothingToHalt(why) => say("screen-nothing-to-halt", &[("why", notice::read_only(why).into())]),
            Self::ByRun(why) => refusal::refusal(why),
            Self::OutsideWindow(opens) => notice::outside_window(opens),
            Self::NoUser => phrase("screen-no-user-selected"),
            Self::NothingSelected => phrase("screen-select-first"),
            Self::Nobody => phrase("screen-exclude-nobody"),
            Self::ExcludeElsewhere => phrase("screen-exclude-where"),
            Self::MarkElsewhere => phrase("screen-mark-where"),
            Self::NothingToOpen => phrase("screen-nothing-to-open"),
            Self::NobodyInTrouble(batch) => {
                let title = batches::title(&model.snapshot.run, *batch);
                say("screen-reprocess-nobody", &[("batch", title.into())])
            }
            Self::NothingNeeds => phrase("screen-nothing-needs-you"),
            Self::OneBatch => phrase("screen-one-batch-at-least"),
            Self::Exporting => phrase("screen-report-under-way"),
            Self::NothingKept => phrase("screen-nothing-kept"),
            Self::NoColor => phrase("screen-no-color"),
            Self::NothingOpen => phrase("screen-nothing-open"),
            Self::NoRequests => phrase("screen-no-requests"),
        }
    }
}

/// Why the key of this command would be refused now; `None` where it would not.
///
/// It names every command, so that a new one does not compile before somebody has said when it is off.
pub fn why(model: &Model, cmd: Cmd) -> Option<Off> {
    let read_only = || model.snapshot.read_only.clone();
    match cmd {
        Cmd::Approve => read_only().map(Off::ReadOnly).or_else(|| no_approval(model)),
        Cmd::Next => model.needs.is_empty().then_some(Off::NothingNeeds),
        // Who reads along without a tenant has nothing to poll, and nobody to sign in.
        Cmd::Poll | Cmd::Pause | Cmd::Slower | Cmd::Faster | Cmd::SignIn => {
            read_only().filter(|why| matches!(why, ReadOnly::Watches)).map(Off::ReadOnly)
        }
        Cmd::Inspect => nothing_to_inspect(model),
        Cmd::Back => (!asks::goes_back(model)).then_some(Off::NothingOpen),
        Cmd::Mark | Cmd::MarkAll => no_marks(model),
        Cmd::MarkRange => no_marks(model).or_else(|| {
            let nobody = model.view == View::Users && model.selected().is_none();
            nobody.then_some(Off::NoUser)
        }),
        Cmd::FewerBatches if model.snapshot.read_only.is_none() => {
            (model.snapshot.run.batches_under_way <= 1).then_some(Off::OneBatch)
        }
        Cmd::FewerBatches | Cmd::MoreBatches | Cmd::BatchSettings => read_only().map(Off::ReadOnly),
        Cmd::Exclude => asks::exclude(model).err(),
        Cmd::Reprocess => asks::no_reprocess(model),
        Cmd::Direct => asks::no_direct(model),
        Cmd::RollBack => asks::roll_back(model).err(),
        Cmd::Export if model.exporting => Some(Off::Exporting),
        Cmd::Export => (!model.exports).then_some(Off::NothingKept),
        Cmd::Copy => copied::what(model).err(),
        Cmd::Theme => model.no_color.then_some(Off::NoColor),
        Cmd::Halt => read_only().map(Off::NothingToHalt),
        Cmd::View(_)
        | Cmd::Down
        | Cmd::Up
        | Cmd::PageDown
        | Cmd::PageUp
        | Cmd::First
        | Cmd::Last
        | Cmd::Search
        | Cmd::Filter
        | Cmd::FilterBack
        | Cmd::Sort
        | Cmd::SortTurn
        | Cmd::Whole
        | Cmd::Follow
        | Cmd::Mouse
        | Cmd::Palette
        | Cmd::Help
        | Cmd::Quit
        | Cmd::End
        // The rest are keys of dialogs alone, and no command.
        | Cmd::Reason
        | Cmd::NextField
        | Cmd::Yes
        | Cmd::No
        | Cmd::Submit
        | Cmd::Erase
        | Cmd::Type => None,
    }
}

/// Why no approval can be opened.
fn no_approval(model: &Model) -> Option<Off> {
    match (question_now(&model.snapshot.run, asks::batch_to_ask(model)), &model.snapshot.window_opens) {
        (Err(why), _) => Some(Off::ByRun(why)),
        (Ok(PendingQuestion::Add(_) | PendingQuestion::Remove(_)), Some(opens)) => {
            Some(Off::OutsideWindow(opens.clone()))
        }
        (Ok(_), _) => None,
    }
}

fn nothing_to_inspect(model: &Model) -> Option<Off> {
    match model.view {
        View::Users => model.selected().is_none().then_some(Off::NoUser),
        View::Batches => model.summary.batches.is_empty().then_some(Off::NothingToOpen),
        View::Problems => model.problems.is_empty().then_some(Off::NothingToOpen),
        View::Events | View::Plan => Some(Off::NothingToOpen),
    }
}

fn no_marks(model: &Model) -> Option<Off> {
    matches!(model.view, View::Events | View::Plan).then_some(Off::MarkElsewhere)
}
