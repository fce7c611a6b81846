//! Points in time and lengths of it; nothing here reads a clock.

pub use jiff::SignedDuration;
pub use jiff::Timestamp;

/// How long after `earlier` the point `later` lies; nothing when the clock went backwards.
pub fn since(earlier: Timestamp, later: Timestamp) -> SignedDuration {
    later.duration_since(earlier).max(SignedDuration::ZERO)
}
