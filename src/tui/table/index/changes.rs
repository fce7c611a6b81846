//! Which users changed between two versions of the list.

use std::sync::Arc;

use imbl::Vector;

use crate::domain::user::User;

/// The places whose users are others than before; `None` where the lists cannot be compared. What two versions of a list
/// share is passed over a leaf at a time.
pub(super) fn changed(before: &Vector<Arc<User>>, after: &Vector<Arc<User>>) -> Option<Vec<usize>> {
    let mut changed = Vec::new();
    if before.ptr_eq(after) {
        return Some(changed);
    }
    if before.len() != after.len() {
        return None;
    }
    let (mut one, mut other, mut start) = (before.leaves(), after.leaves(), 0);
    loop {
        match (one.next(), other.next()) {
            (None, None) => return Some(changed),
            (Some(before), Some(after)) if before.len() == after.len() => {
                if !std::ptr::eq(before, after) {
                    let pairs = before.iter().zip(after).enumerate();
                    changed
                        .extend(pairs.filter(|(_, (one, other))| !Arc::ptr_eq(one, other)).map(|(at, _)| start + at));
                }
                start += before.len();
            }
            _ => return None,
        }
    }
}
