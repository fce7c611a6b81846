//! The set-up: from nothing to a configuration, page by page. Pure: [`update`] takes keys and answers and gives effects,
//! [`view`] draws, [`config_text`] writes the file's text. What an effect does (signing in, reading, writing) is the command
//! line's, in `cli::setup`. Start at [`state::Setup`].

pub mod config_text;
pub mod draft;
pub mod field;
pub mod keys;
pub mod state;
pub mod update;
pub mod view;
