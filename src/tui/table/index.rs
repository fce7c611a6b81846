//! The list of users, kept from one snapshot to the next: only users who changed are looked at again.

mod changes;
mod made;
mod names;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use imbl::Vector;

use crate::domain::migration::Fact;
use crate::domain::migration::Migration;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::tui::table::index::changes::changed;
use crate::tui::table::index::made::Made;
use crate::tui::table::index::names::ranks;
use crate::tui::table::order::Filter;
use crate::tui::table::order::Label;
use crate::tui::table::order::Listed;
use crate::tui::table::order::Recipe;
use crate::tui::table::order::Scope;
use crate::tui::table::order::Sort;
use crate::tui::table::order::fits;
use crate::tui::table::order::label;
use crate::tui::table::order::sort_key;
use crate::tui::table::search::Fit;
use crate::tui::table::search::Near;
use crate::tui::table::search::Texts;
use crate::tui::table::search::exact;

/// The bit of a user who is looked at.
const IN_SCOPE: u8 = 1 << Filter::ALL.len();
/// The bit of a user who passes a filter; only of those who are looked at and fit what was searched for.
const fn bit(filter: Filter) -> u8 {
    1 << filter as usize
}

/// What is known of every user of the list.
#[derive(Clone, Debug, Default)]
pub struct Index {
    made: Option<Made>,
    /// The users as they were looked at last; shared with the snapshot.
    users: Vector<Arc<User>>,
    /// The members of the batch, so that nobody else has their address.
    members: Option<Arc<[usize]>>,
    /// Of each user whether they are looked at, and which filters they pass.
    bits: Vec<u8>,
    /// Of each user what they are sorted by; empty while the list stands in its own order.
    keys: Vec<i64>,
    /// The words that users are sorted by, in order, where it is by words; a key is the place of one.
    labels: Vec<Label>,
    /// Whether nobody has the text that is searched, and those are listed who come near it.
    is_near: bool,
    /// Who becomes late when, if nothing happens to them before.
    late_at: BTreeMap<Timestamp, Vec<usize>>,
    /// Whose writes nobody could answer for: whether that is trouble hangs on the run, too.
    open: Vec<usize>,
    /// The last look.
    now: Option<Timestamp>,
    /// How many users were looked at so far.
    looked_at: usize,
}

impl Index {
    /// How many users were looked at so far, over all lists.
    pub fn looked_at(&self) -> usize {
        self.looked_at
    }

    /// Brings a list up to date.
    pub fn follow(&mut self, run: &Migration, recipe: Recipe<'_>, listed: &mut Listed) {
        let made = Made::by(run, recipe);
        // The clock of a computer may be set back: who was late then is not late now.
        let goes_on = self.now.is_some_and(|last| last <= recipe.now);
        let changed =
            (goes_on && self.made.as_ref() == Some(&made)).then(|| changed(&self.users, &run.users)).flatten();
        match changed {
            // Somebody who changed may have the text now that nobody had.
            Some(changed) if changed.is_empty() || !self.is_near => {
                if !self.change(run, recipe, listed, changed) {
                    self.make(run, recipe, listed, made);
                }
            }
            _ => self.make(run, recipe, listed, made),
        }
        self.users = run.users.clone();
        self.now = Some(recipe.now);
        if recipe.scope != Scope::Everyone {
            listed.counts[Filter::Blocked as usize] = run.count_all(Fact::Blocked);
        }
    }

    /// The row of a user.
    pub fn row_of(&self, place: usize, order: &[usize]) -> Option<usize> {
        let turned = self.made.as_ref()?.turned;
        self.find(place, self.key(place), turned, order).ok()
    }

    /// Makes the list anew from all users.
    fn make(&mut self, run: &Migration, recipe: Recipe<'_>, listed: &mut Listed, made: Made) {
        let same_users = self.users.ptr_eq(&run.users) && !self.is_near;
        let narrower = same_users && self.made.as_ref().is_some_and(|before| made.narrows(before));
        self.look_at_all(run, recipe, listed, narrower);
        self.is_near = false;
        let near = if recipe.search.trim().is_empty() || listed.counts[Filter::All as usize] > 0 {
            Vec::new()
        } else {
            self.find_near(run, recipe, listed)
        };
        listed.is_near = self.is_near;
        self.labels = run.users.iter().filter_map(|user| label(user, run, recipe.sort, recipe.now)).collect();
        self.labels.sort_unstable();
        self.labels.dedup();
        self.keys = match recipe.sort {
            Sort::List if self.is_near => near,
            Sort::List if recipe.search.trim().is_empty() => Vec::new(),
            Sort::Name => ranks(&run.users),
            _ => {
                let mut texts = Texts::default();
                let key = |place| self.new_key(place, run, recipe, &mut texts).unwrap_or(i64::MAX);
                (0..run.users.len()).map(key).collect()
            }
        };
        self.put_in_order(recipe, &mut listed.order);
        self.open = run.open_places().collect();
        self.made = Some(made);
    }

    /// Finds who is in scope and which filters each of them passes.
    fn look_at_all(&mut self, run: &Migration, recipe: Recipe<'_>, listed: &mut Listed, narrower: bool) {
        self.members = match recipe.scope {
            Scope::Everyone => None,
            Scope::Batch(number) => run.batches.get(number).map(|batch| Arc::clone(&batch.users)),
        };
        let bits = match (&self.members, recipe.scope) {
            (_, Scope::Everyone) => vec![IN_SCOPE; run.users.len()],
            (None, Scope::Batch(_)) => vec![0; run.users.len()],
            (Some(members), Scope::Batch(_)) => {
                let mut bits = vec![0; run.users.len()];
                members.iter().for_each(|place| bits[*place] = IN_SCOPE);
                bits
            }
        };
        let before = std::mem::replace(&mut self.bits, bits);
        self.late_at.clear();
        listed.counts = [0; Filter::ALL.len()];
        let mut texts = Texts::default();
        for (place, user) in run.users.iter().enumerate() {
            let known_not = narrower && before.get(place).is_some_and(|bits| bits & bit(Filter::All) == 0);
            if self.bits[place] & IN_SCOPE == 0 || known_not {
                continue;
            }
            self.bits[place] = bits_of(user, run, recipe, &mut texts);
            count(&mut listed.counts, self.bits[place], true);
            self.note_due(place, user, recipe.now, run.run.settings.stuck_after);
            self.looked_at += 1;
        }
    }

    /// Lists those who pass the filter by their keys.
    fn put_in_order(&self, recipe: Recipe<'_>, order: &mut Vec<usize>) {
        let wanted = bit(recipe.filter);
        order.clear();
        order.extend((0..self.bits.len()).filter(|place| self.bits[*place] & wanted != 0));
        if !self.keys.is_empty() {
            order.sort_unstable_by_key(|place| (self.keys[*place], *place));
        }
        if recipe.turned {
            order.reverse();
        }
    }

    /// Nobody has the text: those who have its letters in their order are listed, the nearest first.
    fn find_near(&mut self, run: &Migration, recipe: Recipe<'_>, listed: &mut Listed) -> Vec<i64> {
        let (mut search, mut keys) = (Near::new(recipe.search), vec![i64::MAX; run.users.len()]);
        let mut texts = Texts::default();
        let all = Recipe { search: "", ..recipe };
        for (place, user) in run.users.iter().enumerate() {
            if self.bits[place] & IN_SCOPE == 0 {
                continue;
            }
            let Some(Fit::Near(key)) = search.fit(user, &mut texts) else { continue };
            (keys[place], self.is_near) = (key.into(), true);
            self.bits[place] = bits_of(user, run, all, &mut texts);
            count(&mut listed.counts, self.bits[place], true);
        }
        keys
    }

    /// What a user is sorted by now; `None` where it is a word that nobody was sorted by before.
    fn new_key(&self, place: usize, run: &Migration, recipe: Recipe<'_>, texts: &mut Texts) -> Option<i64> {
        let (user, search) = (&run.users[place], recipe.search.trim());
        match recipe.sort {
            // The best found come first, unless another order is asked for.
            Sort::List if !self.is_near && !search.is_empty() => {
                let fit = (self.bits[place] & bit(Filter::All) != 0).then(|| exact(user, search, texts)).flatten();
                Some(fit.map_or(i64::MAX, |fit| match fit {
                    Fit::Whole => 0,
                    Fit::Begins => 1,
                    Fit::Has | Fit::Near(_) => 2,
                }))
            }
            Sort::List | Sort::Name => Some(self.key(place)), // no name changes within a list
            Sort::State | Sort::Cause => {
                let label = label(user, run, recipe.sort, recipe.now)?;
                self.labels.binary_search(&label).ok().and_then(|at| i64::try_from(at).ok())
            }
            Sort::Trouble | Sort::Longest | Sort::Batch | Sort::Latest => {
                Some(sort_key(user, run, recipe.sort, recipe.now))
            }
        }
    }

    /// Looks again at those who changed, those whose time has come, and those whose writes are open. Whether that was enough; else the
    /// list has to be made anew.
    fn change(&mut self, run: &Migration, recipe: Recipe<'_>, listed: &mut Listed, mut places: Vec<usize>) -> bool {
        while let Some(due) = self.late_at.first_entry().filter(|due| *due.key() <= recipe.now) {
            places.extend(due.remove());
        }
        let open: Vec<usize> = run.open_places().collect();
        places.extend(std::mem::replace(&mut self.open, open));
        places.extend(&self.open);
        places.sort_unstable();
        places.dedup();
        places.retain(|place| self.bits[*place] & IN_SCOPE != 0);
        if self.is_near && !places.is_empty() {
            return false;
        }
        let (mut out, mut into, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        let (mut texts, wanted) = (Texts::default(), bit(recipe.filter));
        for place in places {
            let user = &run.users[place];
            let (bits, key) = (bits_of(user, run, recipe, &mut texts), self.key(place));
            let was = std::mem::replace(&mut self.bits[place], bits);
            let Some(new_key) = self.new_key(place, run, recipe, &mut texts) else { return false };
            count(&mut listed.counts, was, false);
            count(&mut listed.counts, bits, true);
            let (was_in, is_in, stays) = (was & wanted != 0, bits & wanted != 0, key == new_key);
            if was_in && !(is_in && stays) {
                // Rows are found by the keys that they were put in by, so these are changed last.
                out.extend(self.find(place, key, recipe.turned, &listed.order));
            }
            if is_in && !(was_in && stays) {
                into.push(place);
            }
            if !stays {
                keys.push((place, new_key));
            }
            if self.users.get(place).is_none_or(|before| !Arc::ptr_eq(before, user)) {
                self.note_due(place, user, recipe.now, run.run.settings.stuck_after);
            }
            self.looked_at += 1;
        }
        for (place, key) in keys {
            self.keys[place] = key;
        }
        if !out.is_empty() || !into.is_empty() {
            out.sort_unstable();
            listed.order = self.moved(&without(&listed.order, &out), into, recipe.turned);
        }
        recipe.search.trim().is_empty() || self.is_near || listed.counts[Filter::All as usize] > 0
    }

    /// An order with more users in it. Nobody else is compared with anybody.
    fn moved(&self, order: &[usize], mut into: Vec<usize>, turned: bool) -> Vec<usize> {
        into.sort_unstable_by_key(|place| (self.key(*place), *place));
        if turned {
            into.reverse();
        }
        let (mut merged, mut from) = (Vec::with_capacity(order.len() + into.len()), 0);
        for place in into {
            let row = from + self.find(place, self.key(place), turned, &order[from..]).unwrap_or_else(|row| row);
            merged.extend_from_slice(&order[from..row]);
            merged.push(place);
            from = row;
        }
        merged.extend_from_slice(&order[from..]);
        merged
    }

    fn key(&self, place: usize) -> i64 {
        self.keys.get(place).copied().unwrap_or(0)
    }

    fn find(&self, place: usize, key: i64, turned: bool, order: &[usize]) -> Result<usize, usize> {
        if turned {
            order.binary_search_by_key(&Reverse((key, place)), |one| Reverse((self.key(*one), *one)))
        } else {
            order.binary_search_by_key(&(key, place), |one| (self.key(*one), *one))
        }
    }

    fn note_due(&mut self, place: usize, user: &User, now: Timestamp, after: SignedDuration) {
        let due = user.written_at().filter(|_| user.is_waiting()).and_then(|at| at.saturating_add(after).ok());
        if let Some(due) = due.filter(|due| *due > now) {
            self.late_at.entry(due).or_default().push(place);
        }
    }
}

/// An order without the rows given, which are in order.
fn without(order: &[usize], rows: &[usize]) -> Vec<usize> {
    let (mut left, mut from) = (Vec::with_capacity(order.len()), 0);
    for row in rows {
        left.extend_from_slice(&order[from..*row]);
        from = row + 1;
    }
    left.extend_from_slice(&order[from..]);
    left
}

fn bits_of(user: &User, run: &Migration, recipe: Recipe<'_>, texts: &mut Texts) -> u8 {
    if !fits(user, run, recipe, texts) {
        return IN_SCOPE;
    }
    let passed = Filter::ALL.into_iter().filter(|filter| filter.keeps(user, run, recipe.now));
    passed.fold(IN_SCOPE, |bits, filter| bits | bit(filter))
}

fn count(counts: &mut [usize; Filter::ALL.len()], bits: u8, more: bool) {
    for (count, filter) in counts.iter_mut().zip(Filter::ALL).filter(|(_, filter)| bits & bit(*filter) != 0) {
        debug_assert!(more || *count > 0, "{filter:?} was never counted");
        *count = if more { *count + 1 } else { count.saturating_sub(1) };
    }
}

#[cfg(test)]
mod tests;
