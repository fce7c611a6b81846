//! Pure: in which form a verify pass asks, by what earlier passes taught about this tenant.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;

use crate::domain::fault::FaultKind;
use crate::domain::id::GroupId;
use crate::domain::read::NotUsed;
use crate::domain::read::SurveyForm;
use crate::graph::error::GraphError;
use crate::graph::url;

/// What earlier passes taught.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FormsTried {
    /// Forms that this tenant does not answer.
    unanswered: BTreeMap<SurveyForm, NotUsed>,
    /// The form that the last pass was answered in.
    in_use: Option<SurveyForm>,
    /// How many pages a pass took, or at least would have taken.
    pages: HashMap<GroupId, usize>,
}

/// What a pass is about, as far as the choice goes by it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Task {
    /// Whose members are read.
    pub(super) group: GroupId,
    /// How many users are asked about.
    pub(super) users: usize,
    /// How many reads go in one request.
    pub(super) items: usize,
}

impl Task {
    fn requests(self, form: SurveyForm, tried_forms: &FormsTried) -> usize {
        match form {
            // Nobody knows how many members a group has before the first pass.
            SurveyForm::MemberPages | SurveyForm::CastPages => tried_forms.pages.get(&self.group).copied().unwrap_or(1),
            SurveyForm::IdFilters => self.users.div_ceil(self.items * url::MOST_VALUES),
            SurveyForm::PointReads => self.users.div_ceil(self.items),
        }
    }
}

impl FormsTried {
    /// The form with the fewest HTTP requests of those that are answered and were not tried; of two that are even the
    /// earlier one, as it costs fewer resource units.
    pub(super) fn next(&self, task: Task, tried: &BTreeSet<SurveyForm>) -> Option<SurveyForm> {
        self.open(tried).min_by_key(|form| (task.requests(*form, self), *form))
    }

    /// How many pages are read at most: no more than the other forms cost in requests.
    pub(super) fn most_pages(&self, task: Task, tried: &BTreeSet<SurveyForm>) -> usize {
        let others = self.open(tried).filter(|form| !form.is_pages());
        others.map(|form| task.requests(form, self)).min().unwrap_or(usize::MAX)
    }

    fn open<'a>(&'a self, tried: &'a BTreeSet<SurveyForm>) -> impl Iterator<Item = SurveyForm> + 'a {
        let may = |form: &SurveyForm| !self.unanswered.contains_key(form) && !tried.contains(form);
        SurveyForm::ALL.into_iter().filter(may)
    }

    /// A pass took so many pages, or would have taken more than were read.
    pub(super) fn took_pages(&mut self, group: GroupId, pages: usize) {
        self.pages.insert(group, pages.max(1));
    }

    /// The tenant answers in this form.
    pub(super) fn answered(&mut self, form: SurveyForm) {
        self.in_use = Some(form);
    }

    /// The tenant does not answer in this form. Where it did so far, what was true of the others need not be so any more, and
    /// the choice is made anew among all that this pass has not tried yet.
    pub(super) fn not_answered(&mut self, form: SurveyForm, why: NotUsed, tried: &BTreeSet<SurveyForm>) {
        if self.in_use == Some(form) {
            self.unanswered.retain(|other, _| tried.contains(other));
            self.in_use = None;
        }
        // There is nothing to turn to after point reads.
        if form != SurveyForm::PointReads {
            self.unanswered.insert(form, why);
        }
    }

    /// A new pass: a group that was not found may be there again, and asking for its members costs one request.
    pub(super) fn begin(&mut self) {
        self.unanswered.retain(|_, why| *why != NotUsed::NotFound);
    }

    /// A pass failed in all these forms: it is the service, the network or the permission that is amiss, and nothing was
    /// learnt of the forms.
    pub(super) fn forget(&mut self, tried: &BTreeSet<SurveyForm>) {
        self.unanswered.retain(|form, _| !tried.contains(form));
    }

    /// Why other forms than this one are not used: those that are not answered, and pages that are too many.
    pub(super) fn not_used(&self, form: SurveyForm, task: Task) -> Vec<(SurveyForm, NotUsed)> {
        let mut all = Vec::new();
        let mut too_many = None;
        for other in SurveyForm::ALL.into_iter().filter(|other| *other < form) {
            match self.unanswered.get(&other) {
                Some(why) => all.push((other, *why)),
                // Both kinds of pages are equally many.
                None if other.is_pages() && too_many.is_none() => {
                    let requests = task.requests(other, self);
                    if requests > task.requests(form, self) {
                        too_many = Some(other);
                        all.push((other, NotUsed::MoreRequests(requests)));
                    }
                }
                None => {}
            }
        }
        all
    }
}

/// Why a form counts as not answered, when it failed like this; `None` for what has nothing to do with the form.
pub(super) fn why_not(error: &GraphError) -> Option<NotUsed> {
    match error.kind() {
        FaultKind::Refused | FaultKind::AlreadyMember | FaultKind::Concurrent => {
            Some(NotUsed::Refused(error.fault().status))
        }
        FaultKind::Forbidden => Some(NotUsed::NotPermitted),
        FaultKind::NotFound => Some(NotUsed::NotFound),
        FaultKind::Service | FaultKind::Malformed => Some(NotUsed::Trouble),
        FaultKind::Unreachable | FaultKind::SignIn | FaultKind::Throttled | FaultKind::NotSent => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const GROUP: GroupId = GroupId(Uuid::from_u128(1));
    const REFUSED: NotUsed = NotUsed::Refused(Some(400));

    fn with(pages: usize) -> FormsTried {
        let mut tried_forms = FormsTried::default();
        tried_forms.took_pages(GROUP, pages);
        tried_forms
    }

    fn without(mut tried_forms: FormsTried, forms: &[SurveyForm]) -> FormsTried {
        for form in forms {
            tried_forms.not_answered(*form, REFUSED, &BTreeSet::new());
        }
        tried_forms
    }

    fn task(users: usize) -> Task {
        Task { group: GROUP, users, items: 20 }
    }

    /// The form that comes first, and how many pages it may read.
    fn first(tried_forms: &FormsTried, users: usize) -> (SurveyForm, usize) {
        let none = BTreeSet::new();
        (tried_forms.next(task(users), &none).unwrap(), tried_forms.most_pages(task(users), &none))
    }

    #[test]
    fn the_form_with_the_fewest_requests_wins() {
        assert_eq!(first(&with(11), 10_000), (SurveyForm::MemberPages, 34));
        assert_eq!(first(&with(11), 200).0, SurveyForm::IdFilters);
        assert_eq!(first(&with(1), 200), (SurveyForm::MemberPages, 1));
        assert_eq!(first(&with(2), 300).0, SurveyForm::IdFilters);
        assert_eq!(first(&with(2), 301), (SurveyForm::MemberPages, 2));
        assert_eq!(first(&with(2), 20).0, SurveyForm::IdFilters, "which cost fewer units than point reads");
    }

    #[test]
    fn the_first_pass_tries_pages_and_bounds_them() {
        assert_eq!(first(&FormsTried::default(), 200), (SurveyForm::MemberPages, 1));
        assert_eq!(first(&FormsTried::default(), 3_000), (SurveyForm::MemberPages, 10));
        assert_eq!(first(&FormsTried::default(), 0).0, SurveyForm::IdFilters);
    }

    #[test]
    fn without_batches_pages_are_cheaper_still() {
        let alone = Task { items: 1, ..task(40) };
        assert_eq!(with(3).next(alone, &BTreeSet::new()), Some(SurveyForm::MemberPages));
        assert_eq!(with(4).next(alone, &BTreeSet::new()), Some(SurveyForm::IdFilters));
    }

    #[test]
    fn what_is_not_answered_is_not_tried_again() {
        use SurveyForm::*;
        assert_eq!(first(&without(with(1), &[MemberPages]), 10_000).0, CastPages);
        assert_eq!(first(&without(with(1), &[MemberPages, CastPages]), 10_000).0, IdFilters);
        assert_eq!(first(&without(with(1), &[MemberPages, CastPages, IdFilters]), 10_000).0, PointReads);
        let pages_only = without(with(11), &[IdFilters]);
        assert_eq!(first(&pages_only, 200).0, PointReads);
        assert_eq!(first(&pages_only, 10_000), (MemberPages, 500));
    }

    #[test]
    fn a_group_that_is_not_found_is_looked_for_in_the_next_pass() {
        let mut tried_forms = with(1);
        tried_forms.not_answered(SurveyForm::MemberPages, NotUsed::NotFound, &BTreeSet::new());
        assert_eq!(first(&tried_forms, 10_000).0, SurveyForm::CastPages);
        tried_forms.begin();
        assert_eq!(first(&tried_forms, 10_000).0, SurveyForm::MemberPages);
    }

    #[test]
    fn a_pass_that_failed_in_every_form_teaches_nothing() {
        let mut tried_forms = without(with(1), &SurveyForm::ALL);
        assert_eq!(first(&tried_forms, 10_000).0, SurveyForm::PointReads, "which are never given up");
        tried_forms.forget(&BTreeSet::from(SurveyForm::ALL));
        assert_eq!(first(&tried_forms, 10_000).0, SurveyForm::MemberPages);
    }

    #[test]
    fn the_choice_is_made_anew_when_the_form_in_use_stops_answering() {
        use SurveyForm::*;
        let mut tried_forms = without(with(1), &[MemberPages, CastPages]);
        tried_forms.answered(IdFilters);
        let tried = BTreeSet::from([IdFilters]);
        tried_forms.not_answered(IdFilters, NotUsed::NullStates, &tried);
        assert_eq!(tried_forms.next(task(10_000), &tried), Some(MemberPages), "pages may be answered by now");
        // A form that was not in use so far teaches nothing about the others.
        let tried = BTreeSet::from([MemberPages]);
        tried_forms.not_answered(MemberPages, REFUSED, &tried);
        assert_eq!(tried_forms.next(task(10_000), &tried), Some(CastPages));
        assert!(tried_forms.not_used(PointReads, task(10_000)).contains(&(IdFilters, NotUsed::NullStates)));
    }

    #[test]
    fn the_reasons_name_what_is_not_answered_and_what_takes_more_requests() {
        use SurveyForm::*;
        assert_eq!(with(1).not_used(MemberPages, task(200)), []);
        assert_eq!(with(11).not_used(IdFilters, task(200)), [(MemberPages, NotUsed::MoreRequests(11))]);
        let tried_forms = without(with(11), &[MemberPages]);
        let both = [(MemberPages, REFUSED), (CastPages, NotUsed::MoreRequests(11))];
        assert_eq!(tried_forms.not_used(IdFilters, task(200)), both);
        assert_eq!(tried_forms.not_used(CastPages, task(200)), [(MemberPages, REFUSED)]);
    }
}
