//! The terminal. `model` holds what is shown, `update` changes it, `view` draws it, `run` is the loop around the three.
//!
//! Nothing here writes to the tenant or reads a clock: commands go to the engine through its [`Handle`], snapshots and
//! notices come back, and the time is handed in. Start at [`update::update`].

pub mod action;
pub mod advice;
pub mod away;
pub mod dialog;
pub mod format;
pub mod glyph;
#[cfg(unix)]
pub mod keyboard;
pub mod keys;
pub mod layout;
pub mod model;
pub mod needs;
pub mod output;
pub mod palette;
pub mod problems;
pub mod run;
pub mod sign_in;
pub mod summary;
pub mod table;
pub mod terminal;
pub mod theme;
pub mod update;
pub mod view;

pub use run::Ended;
pub use run::Export;
pub use run::Options;
pub use run::run;
pub use theme::Theme;

#[cfg(doc)]
use crate::engine::handle::Handle;
