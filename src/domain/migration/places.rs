//! Where each user of a run stands in the list, by id.

use std::sync::Arc;

use crate::domain::id::UserId;

/// The places of users, in the order of their ids: 20 bytes a user, where a map takes more than 30.
#[derive(Clone, Debug, Default)]
pub(super) struct Places(Arc<[(UserId, u32)]>);

impl Places {
    /// The place of a user; of one who is listed twice that of the first line.
    pub(super) fn get(&self, user: UserId) -> Option<usize> {
        let at = self.0.binary_search_by_key(&user, |(id, _)| *id).ok()?;
        usize::try_from(self.0[at].1).ok()
    }
}

impl FromIterator<Option<UserId>> for Places {
    fn from_iter<T: IntoIterator<Item = Option<UserId>>>(users: T) -> Self {
        let mut all: Vec<(UserId, u32)> = (0..).zip(users).filter_map(|(place, user)| Some((user?, place))).collect();
        all.sort_unstable();
        all.dedup_by_key(|(user, _)| *user);
        Self(all.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing;

    #[test]
    fn of_a_user_who_is_listed_twice_the_first_line_stands() {
        let [one, other] = [2, 1].map(testing::user_id);
        let places: Places = [None, Some(one), Some(other), Some(one)].into_iter().collect();
        assert_eq!([one, other, testing::user_id(3)].map(|user| places.get(user)), [Some(1), Some(2), None]);
    }
}
