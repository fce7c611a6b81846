//! Ids and chance.
use fastrand::Rng;
use uuid::Uuid;

/// An id by chance.
pub(crate) fn guid(rng: &mut Rng) -> Uuid {
    uuid::Builder::from_random_bytes(rng.u128(..).to_be_bytes()).into_uuid()
}

/// An id as a seed.
pub(crate) fn mix(id: Uuid) -> u64 {
    let (high, low) = id.as_u64_pair();
    high.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ low
}
