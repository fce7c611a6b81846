//! What was last read of the users of a run, for a verify pass to keep nothing of it twice.

use std::sync::Arc;

use imbl::Vector;

use crate::domain::license::UserFacts;
use crate::domain::migration::Places;

/// What was last read of the users of a run, so that a pass keeps nothing of them twice. A clone is cheap.
#[derive(Clone, Debug, Default)]
pub struct LastReads {
    places: Places,
    facts: Vector<Option<Arc<UserFacts>>>,
}

impl LastReads {
    /// The last reads by the places of the users.
    pub fn new(places: Places, facts: Vector<Option<Arc<UserFacts>>>) -> Self {
        Self { places, facts }
    }

    /// What a new read of a user said, in the memory of the last one as far as both say the same.
    pub fn share(&self, mut facts: UserFacts) -> Arc<UserFacts> {
        match self.places.get(facts.id).and_then(|place| self.facts.get(place)?.as_ref()) {
            Some(last) if **last == facts => Arc::clone(last),
            Some(last) => {
                facts.share_names(&last.upn, last.display_name.as_ref());
                Arc::new(facts)
            }
            None => Arc::new(facts),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing;

    #[test]
    fn who_is_as_at_the_last_read_takes_no_more_memory() {
        let [one, other, third] = [1, 2, 3].map(|number| testing::facts(number, Vec::new()));
        let known = Arc::new(one.clone());
        let places = [one.id, other.id].map(Some).into_iter().collect();
        let last_reads = LastReads::new(places, [Some(Arc::clone(&known)), None].into_iter().collect());
        assert!(Arc::ptr_eq(&last_reads.share(one.clone()), &known));
        let mut changed = one;
        changed.enabled = Some(false);
        let shared = last_reads.share(changed.clone());
        assert!(*shared == changed && !Arc::ptr_eq(&shared, &known) && shared.upn.as_ptr() == known.upn.as_ptr());
        for new in [other, third] {
            assert_eq!(*last_reads.share(new.clone()), new);
        }
    }
}
