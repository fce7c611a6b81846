//! A verify pass: all users in as few HTTP requests as this tenant allows. It shows, and proves nothing.

mod choice;

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use crate::domain::id::GroupId;
use crate::domain::id::UserId;
use crate::domain::last_reads::LastReads;
use crate::domain::license::LicenseSets;
use crate::domain::license::UserFacts;
use crate::domain::read::HowAsked;
use crate::domain::read::NotUsed;
use crate::domain::read::Survey;
use crate::domain::read::SurveyForm;
use crate::graph::Graph;
use crate::graph::batch::MOST_ITEMS;
use crate::graph::error::GraphError;
use crate::graph::find;
use crate::graph::http::Http;
use crate::graph::http::Priority;
use crate::graph::http::RequestCounter;
use crate::graph::page::Pages;
use crate::graph::rate_limiter::units;
use crate::graph::refusal::Needs;
use crate::graph::survey::choice::FormsTried;
use crate::graph::survey::choice::PassSize;
use crate::graph::survey::choice::why_not;
use crate::graph::url;
use crate::graph::users;
use crate::graph::wire;
use crate::graph::wire::Surveyed;

/// What earlier passes taught about this tenant.
#[derive(Debug, Default)]
pub(in crate::graph) struct KnownForms(Mutex<FormsTried>);

impl KnownForms {
    fn with<T>(&self, act: impl FnOnce(&mut FormsTried) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What became of one form in one pass.
enum Tried {
    /// The tenant answers in it, though perhaps not about everybody.
    Answered,
    /// It does not, and what it said where it said something.
    Not(NotUsed, Option<GraphError>),
}

/// One pass under way.
struct Pass<'a> {
    http: &'a Http,
    forms: &'a KnownForms,
    counter: &'a RequestCounter,
    group: GroupId,
    wanted: HashSet<UserId>,
    facts: HashMap<UserId, Arc<UserFacts>>,
    last_reads: &'a LastReads,
    sets: LicenseSets,
    /// Forms that this pass has done with.
    tried: BTreeSet<SurveyForm>,
}

impl Pass<'_> {
    fn keep(&mut self, mut facts: UserFacts) {
        if self.wanted.remove(&facts.id) {
            self.sets.share(&mut facts);
            self.facts.insert(facts.id, self.last_reads.share(facts));
        }
    }

    /// What the pass has still to ask about.
    fn size(&self) -> PassSize {
        let items = if self.http.batches() { MOST_ITEMS } else { 1 };
        PassSize { group: self.group, users: self.wanted.len(), items }
    }

    /// Asks in one form after another until everybody is found or a form that can ask for each by id has answered. Gives
    /// the form that answered first.
    ///
    /// # Errors
    /// What has nothing to do with the form; otherwise when no form is answered, the last that was said.
    async fn ask(&mut self) -> Result<Option<SurveyForm>, GraphError> {
        self.forms.with(FormsTried::begin);
        let asked = self.ask_in_turn().await;
        if asked.is_err() {
            self.forms.with(|tried_forms| tried_forms.forget(&self.tried));
        }
        asked
    }

    async fn ask_in_turn(&mut self) -> Result<Option<SurveyForm>, GraphError> {
        let (mut first, mut said, mut troubles) = (None, None, 0);
        while !self.wanted.is_empty() {
            let size = self.size();
            let Some(form) = self.forms.with(|tried_forms| tried_forms.next(size, &self.tried)) else { break };
            let tried = match form {
                SurveyForm::MemberPages | SurveyForm::CastPages => self.pages(form).await,
                SurveyForm::IdFilters => self.filters().await,
                SurveyForm::PointReads => self.points().await,
            };
            self.tried.insert(form);
            match tried.or_else(|error| why_not(&error).map(|why| Tried::Not(why, Some(error.clone()))).ok_or(error))? {
                Tried::Answered => {
                    if first.is_none() {
                        self.forms.with(|tried_forms| tried_forms.answered(form));
                    }
                    first = first.or(Some(form));
                    if !form.is_pages() {
                        break;
                    }
                    // The other kind of pages shows the same members.
                    self.tried.extend([SurveyForm::MemberPages, SurveyForm::CastPages]);
                }
                Tried::Not(why, error) => {
                    troubles += usize::from(why == NotUsed::Trouble);
                    said = error.or(said);
                    if troubles > 1 && first.is_none() {
                        break; // it is not the form; the others would wait as long for nothing
                    }
                    self.forms.with(|tried_forms| tried_forms.not_answered(form, why, &self.tried));
                }
            }
        }
        match (first, said) {
            (None, Some(error)) => Err(error),
            (first, _) => Ok(first),
        }
    }

    async fn pages(&mut self, form: SurveyForm) -> Result<Tried, GraphError> {
        let of_users = form == SurveyForm::CastPages;
        let path = if of_users { url::user_members } else { url::members }(self.group, url::USER_SELECT);
        let mut pages = Pages::of(self.http, &path, (units::MEMBERS, Needs::ReadMembers), self.counter)?;
        let at_most = self.forms.with(|tried_forms| tried_forms.most_pages(self.size(), &self.tried));
        let (mut read, mut told) = (0, false);
        while read < at_most && !self.wanted.is_empty() {
            let page = match pages.next().await {
                Ok(Some(page)) => page,
                Ok(None) => break,
                // A later page may be refused for its age alone, and whom it holds can be asked about.
                Err(error) if read > 0 && why_not(&error).is_some() => return Ok(Tried::Answered),
                Err(error) => return Err(error),
            };
            read += 1;
            let mut bare = false;
            for raw in page {
                match wire::surveyed(raw.get(), of_users) {
                    Surveyed::User(facts) => {
                        told = true;
                        self.keep(*facts);
                    }
                    Surveyed::Bare => bare = true,
                    Surveyed::Other => {}
                }
            }
            // Some may be hidden from this sign-in; where all are, it is the form that does not tell.
            if bare && !told {
                return Ok(Tried::Not(NotUsed::NullStates, None));
            }
        }
        // What was not read to the end, with somebody still unseen, takes one page more at least.
        let needed = read + usize::from(pages.has_more() && !self.wanted.is_empty());
        self.forms.with(|tried_forms| tried_forms.took_pages(self.group, needed));
        Ok(Tried::Answered)
    }

    /// Asks by id for whom no page showed.
    async fn filters(&mut self) -> Result<Tried, GraphError> {
        let paths = self.left().chunks(url::MOST_VALUES).map(url::users_by_id).collect();
        let filtered = find::filter(self.http, paths, self.counter).await?;
        let nothing = filtered.facts.is_empty();
        filtered.facts.into_iter().for_each(|facts| self.keep(facts));
        Ok(match filtered.refused {
            Some(error) => Tried::Not(why_not(&error).unwrap_or(NotUsed::Refused(None)), Some(error)),
            None if nothing && filtered.bare > 0 => Tried::Not(NotUsed::NullStates, None),
            None => Tried::Answered,
        })
    }

    async fn points(&mut self) -> Result<Tried, GraphError> {
        let mut failed = None;
        let reads = users::point_reads(self.http, &self.left(), Priority::Normal, self.counter).await;
        let asked = reads.len();
        let mut failures = 0;
        for (_, read) in reads {
            match read {
                Ok(read) => read.facts.into_iter().for_each(|facts| self.keep(facts)),
                Err(error) => {
                    failures += 1;
                    failed = Some(error);
                }
            }
        }
        // One user that cannot be read is not found by this pass; if none can, the pass has failed.
        failed.filter(|_| failures == asked).map_or(Ok(Tried::Answered), Err)
    }

    fn left(&self) -> Vec<UserId> {
        let mut left: Vec<_> = self.wanted.iter().copied().collect();
        left.sort_unstable();
        left
    }
}

impl Graph {
    /// Reads where users stand, in the form that costs this tenant the fewest HTTP requests: pages of the target group's
    /// members, as they are or cast to users, `id in (…)` filters in `$batch`, or point reads in `$batch`. A form that is
    /// refused, or tells nobody's licenses, makes way for the next in the same pass. Whom pages do not show is asked for by
    /// filters; who is missing from the answer was not found by this pass, which says nothing about them. Who is as at the
    /// last read takes no more memory.
    ///
    /// # Errors
    /// When Graph does not answer or refuses every form.
    pub async fn survey(
        &self,
        target: GroupId,
        users: &[UserId],
        last_reads: &LastReads,
    ) -> Result<Survey, GraphError> {
        let (http, forms) = (self.http(), &self.shared.forms);
        let began = http.clock.now();
        let wanted: HashSet<_> = users.iter().copied().collect();
        let counter = RequestCounter::default();
        let facts = HashMap::with_capacity(wanted.len());
        let (sets, tried) = (LicenseSets::default(), BTreeSet::new());
        let mut pass = Pass { http, forms, counter: &counter, group: target, wanted, facts, last_reads, sets, tried };
        let size = pass.size();
        let form = match pass.ask().await? {
            Some(form) => form,
            // There was nobody to ask about.
            None => {
                forms.with(|tried_forms| tried_forms.next(size, &BTreeSet::new())).unwrap_or(SurveyForm::PointReads)
            }
        };
        let not_used = forms.with(|tried_forms| tried_forms.not_used(form, size));
        let asked = HowAsked { form, not_used, requests: counter.count(), units: counter.units() };
        Ok(Survey { began, ended: http.clock.now(), facts: pass.facts, asked })
    }
}
