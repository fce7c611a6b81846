//! In which view a command is at home: the help of a view begins with what can be done there.

use crate::tui::keys::Cmd;
use crate::tui::model::View;

/// Whether the command acts on what this view shows; the others do the same wherever they are pressed.
///
/// It names every command, so that a new one does not compile before somebody has said where it belongs.
pub fn is_at_home(cmd: Cmd, view: View) -> bool {
    match cmd {
        Cmd::Inspect | Cmd::Mark | Cmd::MarkAll | Cmd::Exclude => {
            matches!(view, View::Users | View::Batches | View::Problems)
        }
        Cmd::Reprocess | Cmd::Direct | Cmd::RollBack => matches!(view, View::Users | View::Batches | View::Problems),
        Cmd::Search | Cmd::Filter | Cmd::FilterBack | Cmd::Sort | Cmd::SortTurn | Cmd::Whole | Cmd::MarkRange | Cmd::Follow => {
            view == View::Users
        }
        Cmd::Copy => matches!(view, View::Users | View::Events),
        Cmd::FewerBatches | Cmd::MoreBatches | Cmd::BatchSettings => view == View::Batches,
        Cmd::Back | Cmd::Down | Cmd::Up | Cmd::PageDown | Cmd::PageUp | Cmd::First | Cmd::Last => true,
        Cmd::Approve
        | Cmd::Next
        | Cmd::Poll
        | Cmd::Pause
        | Cmd::Slower
        | Cmd::Faster
        | Cmd::View(_)
        | Cmd::Export
        | Cmd::SignIn
        | Cmd::Theme
        | Cmd::Mouse
        | Cmd::Palette
        | Cmd::Help
        | Cmd::Quit
        | Cmd::Halt
        | Cmd::End
        // The rest are keys of dialogs alone.
        | Cmd::Reason
        | Cmd::NextField
        | Cmd::Yes
        | Cmd::No
        | Cmd::Submit
        | Cmd::Erase
        | Cmd::Type => false,
    }
}
