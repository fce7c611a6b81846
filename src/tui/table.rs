//! What any long list needs: which rows are in sight, and in which order.

pub mod index;
pub mod order;
pub mod search;
pub mod window;
