//! The order of users by name.

use std::sync::Arc;

use imbl::Vector;

use crate::domain::user::User;

/// Of each user which one they are by name. Mostly the beginning of a name tells.
pub(super) fn ranks(users: &Vector<Arc<User>>) -> Vec<i64> {
    let mut begin: Vec<(u128, usize)> = users.iter().map(|user| beginning(&user.upn)).zip(0..).collect();
    let name = |place: usize| users[place].upn.to_lowercase();
    begin.sort_unstable_by(|(one, first), (other, second)| {
        one.cmp(other).then_with(|| name(*first).cmp(&name(*second))).then(first.cmp(second))
    });
    let mut ranks = vec![0; begin.len()];
    for (rank, (_, place)) in (0..).zip(begin) {
        ranks[place] = rank;
    }
    ranks
}

/// The first bytes of a name in lower case, as a number in the same order.
fn beginning(name: &str) -> u128 {
    let mut bytes = [0; size_of::<u128>()];
    let lower = |one: char| one.to_lowercase();
    let mut buffer = [0; 4];
    let mut at = 0;
    for one in name.chars().flat_map(lower) {
        for byte in one.encode_utf8(&mut buffer).bytes() {
            let Some(free) = bytes.get_mut(at) else { return u128::from_be_bytes(bytes) };
            *free = byte;
            at += 1;
        }
    }
    u128::from_be_bytes(bytes)
}
