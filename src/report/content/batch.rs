//! A batch as a report has it, with its canary and its exceptions.

use serde::Serialize;

use crate::domain::id::UserId;
use crate::domain::time::Timestamp;

/// One batch.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchRow {
    /// Its place, from 1.
    pub number: usize,
    /// What it is called.
    pub title: String,
    /// `forward` or `rollback`.
    pub direction: &'static str,
    /// The phase that it is in.
    pub phase: &'static str,
    /// The same in the words of the language.
    #[serde(skip)]
    pub phase_text: String,
    /// How many users it has now.
    pub users: usize,
    /// How many of them have arrived.
    pub arrived: usize,
    /// When it was looked at before its first approval, where that was a look of its own.
    pub checked: Option<Timestamp>,
    /// When adding was approved first.
    pub add_approved: Option<Timestamp>,
    /// When every addition was acknowledged first.
    pub adds_acknowledged: Option<Timestamp>,
    /// When removing was approved first.
    pub remove_approved: Option<Timestamp>,
    /// When every removal was acknowledged last.
    pub removes_acknowledged: Option<Timestamp>,
    /// When it was complete.
    pub completed: Option<Timestamp>,
    /// Who was removed first.
    pub canary: CanaryRow,
    /// Users of the batch who are not where they should be.
    pub exceptions: Vec<ExceptionRow>,
}

/// The canary of a batch.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CanaryRow {
    /// Who was removed first.
    pub users: Vec<UserId>,
    /// When the first of them was about to be removed.
    pub removed: Option<Timestamp>,
    /// When the last of them was seen to have arrived.
    pub arrived: Option<Timestamp>,
}

/// A user who is not where the batch should have taken them.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExceptionRow {
    /// The user.
    pub id: Option<UserId>,
    /// The sign-in name.
    pub user_principal_name: String,
    /// Why: excluded, or where they stand.
    pub why: String,
}
