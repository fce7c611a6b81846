//! Reads of users, kept apart by what they can prove: a point read may prove a standing, a page never does.

use std::collections::HashMap;

use crate::domain::id::UserId;
use crate::domain::license::UserFacts;
use crate::domain::time::Timestamp;

/// One answer to `GET /users/{id}`, alone or inside `$batch`: the only read that counts as proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PointRead {
    /// Who was asked for.
    pub user: UserId,
    /// When the request left.
    pub began: Timestamp,
    /// When the answer was here.
    pub ended: Timestamp,
    /// What Graph said; `None` when it knows no such user.
    pub facts: Option<UserFacts>,
}

/// The form in which a verify pass asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SurveyForm {
    /// Pages of the target group's members.
    MemberPages,
    /// `id in (…)` filters of 15, packed into `$batch`.
    IdFilters,
    /// Point reads packed into `$batch`.
    PointReads,
}

/// One verify pass over many users. It shows standings; it proves nothing, because an index may lag.
#[derive(Clone, Debug)]
pub struct Survey {
    /// When the first request of the pass left.
    pub began: Timestamp,
    /// When the last answer was here.
    pub ended: Timestamp,
    /// Who was found, with what Graph said. Who is not here was not found *by this pass*.
    pub facts: HashMap<UserId, UserFacts>,
    /// How it was asked.
    pub form: SurveyForm,
    /// What it cost in HTTP requests.
    pub requests: u32,
}
