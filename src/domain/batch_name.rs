//! What a batch is called by.

/// What a batch is called by. Numbers are counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BatchName {
    /// A batch that goes forward.
    Forward(usize),
    /// A rollback.
    Rollback {
        /// Which rollback of these batches it is.
        nth: usize,
        /// The batches that it takes its users from.
        of: Vec<usize>,
    },
}
