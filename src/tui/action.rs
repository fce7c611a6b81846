//! What can happen to the screen, and all that the screen can cause.

use std::sync::Arc;

use crate::domain::time::Timestamp;
use crate::engine::handle::Command;
use crate::engine::handle::Notice;
use crate::engine::snapshot::Snapshot;
use crate::tui::keys::Cmd;
use crate::tui::view::Measured;

/// Something happened.
#[derive(Debug)]
pub enum Action {
    /// A key asked for something.
    Cmd(Cmd),
    /// A character of a text was typed.
    Typed(char),
    /// The mouse was used. It is never an answer, and opens none.
    Mouse(Mouse),
    /// Text was pasted. It is never an answer.
    Pasted(String),
    /// A key that means nothing here was pressed.
    Unbound,
    /// Something that is no concern of ours, such as a key let go.
    Ignored,
    /// The terminal has another size, or has to be drawn again.
    Resized,
    /// The engine published a snapshot.
    Snapshot(Arc<Snapshot>),
    /// The engine has something to tell.
    Noticed(Notice),
    /// The report was written into this folder, or why it was not.
    Exported(Result<String, String>),
    /// A second went by.
    Tick(Timestamp),
    /// All that is there stands on the screen now; what was pressed before could not have been an answer to it.
    Drawn(Measured),
    /// A signal, or the end of the terminal: end in order.
    End,
}

/// What is heard of the mouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mouse {
    /// The wheel was turned up.
    WheelUp,
    /// The wheel was turned down.
    WheelDown,
    /// The left button was pressed on this cell, counted from the upper left corner.
    Click {
        /// The column.
        column: u16,
        /// The row.
        row: u16,
    },
}

/// Something to be done outside.
#[derive(Debug)]
pub enum Effect {
    /// Tell the engine.
    Send(Command),
    /// Put the text on the clipboard.
    Copy(String),
    /// Take the mouse, or leave it to the terminal.
    Mouse(bool),
    /// Write the report of the run into files.
    Export,
}
