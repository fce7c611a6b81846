//! Which of Graph's limits throttles us.

/// A limit of Microsoft Graph on one app in one tenant ("Service-specific throttling limits", identity and access).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Resource units, which reads cost.
    Reads,
    /// Writes.
    Writes,
    /// Both of them.
    Both,
}
