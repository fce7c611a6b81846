//! Reads of users, kept apart by what they can prove: a point read may prove a standing, a page never does.

use std::collections::HashMap;
use std::sync::Arc;

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

/// A form in which a verify pass may ask, in the order in which those of equal cost are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SurveyForm {
    /// Pages of the target group's members, of whatever kind they are.
    MemberPages,
    /// Pages of the target group's members, cast to users.
    CastPages,
    /// `id in (…)` filters of 15, packed into `$batch`.
    IdFilters,
    /// Point reads packed into `$batch`.
    PointReads,
}

impl SurveyForm {
    /// All of them, in their order.
    pub const ALL: [Self; 4] = [Self::MemberPages, Self::CastPages, Self::IdFilters, Self::PointReads];

    /// Whether it reads pages of the target group's members.
    pub fn is_pages(self) -> bool {
        matches!(self, Self::MemberPages | Self::CastPages)
    }
}

/// Why a verify pass does not ask in a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotUsed {
    /// Graph refuses it, with this HTTP status.
    Refused(Option<u16>),
    /// The sign-in may not (403).
    NotPermitted,
    /// Graph does not find what the form asks for (404).
    NotFound,
    /// `licenseAssignmentStates` comes as null, or not at all, for everybody: it may not be read in this form (Microsoft
    /// Learn, "List group members", limited information).
    NullStates,
    /// Graph answered with trouble of its own, or with what cannot be read, while another form is answered.
    Trouble,
    /// It takes this many HTTP requests, which is more than the form in use takes.
    MoreRequests(usize),
}

/// How a verify pass asked, and what that cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HowAsked {
    /// The form that the tenant answered.
    pub form: SurveyForm,
    /// Forms of no higher cost, or tried before it, that are not used, each with why.
    pub not_used: Vec<(SurveyForm, NotUsed)>,
    /// HTTP requests, repetitions included.
    pub requests: u32,
    /// Resource units of them (Microsoft Graph, "Service-specific throttling limits").
    pub units: u32,
}

/// One verify pass over many users. It shows standings; it proves nothing, because an index may lag.
#[derive(Clone, Debug)]
pub struct Survey {
    /// When the first request of the pass left.
    pub began: Timestamp,
    /// When the last answer was here.
    pub ended: Timestamp,
    /// Who was found, with what Graph said. Who is not here was not found *by this pass*.
    pub facts: HashMap<UserId, Arc<UserFacts>>,
    /// How it was asked, and what it cost.
    pub asked: HowAsked,
}
