//! Where each user of a run stands in the list, by id.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::id::UserId;

/// The places of users: each event looks for each of its users several times. A clone is cheap.
#[derive(Clone, Debug, Default)]
pub struct Places(Arc<HashMap<UserId, u32>>);

impl Places {
    /// The place of a user; of one who is listed twice that of the first line.
    pub fn get(&self, user: UserId) -> Option<usize> {
        usize::try_from(*self.0.get(&user)?).ok()
    }
}

impl FromIterator<Option<UserId>> for Places {
    fn from_iter<T: IntoIterator<Item = Option<UserId>>>(users: T) -> Self {
        let mut all = HashMap::new();
        for (place, user) in (0..).zip(users).filter_map(|(place, user)| Some((place, user?))) {
            all.entry(user).or_insert(place);
        }
        all.shrink_to_fit();
        Self(Arc::new(all))
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
