//! The requests that an order to add takes: one, or as many as it takes to find out whom a 403 is about.

use crate::domain::approval::Add;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::id::UserId;
use crate::domain::order::Order;
use crate::domain::outcome::Outcome;
use crate::graph::granted;
use crate::graph::granted::Granted;
use crate::graph::granted::Written;
use crate::graph::http::Http;
use crate::graph::http::Sent;
use crate::graph::member_write::addition;
use crate::graph::member_write::kind;
use crate::graph::per_user;
use crate::graph::per_user::Kind;

/// The additions of one order.
pub(super) struct Additions<'a> {
    http: &'a Http,
    order: &'a Order<Add>,
    kind: Kind,
    outcomes: Vec<(UserId, Outcome)>,
    /// How many requests ended otherwise than well, but for those that were halved.
    failed: usize,
    /// Why nothing more is sent.
    unsent: Option<Fault>,
}

/// What is still to be done.
enum Step<'a> {
    /// Add these. `clean` is how many had failed before those to their left were tried: when none has since, one of these
    /// is refused, and they need not be tried together.
    Try { users: &'a [UserId], clean: Option<usize> },
    /// All parts of a request that was refused were tried. When no more than these have failed, the form of the request
    /// was refused and no user.
    End { failed: usize },
}

impl<'a> Additions<'a> {
    pub(super) fn new(http: &'a Http, order: &'a Order<Add>) -> Self {
        let outcomes = Vec::with_capacity(order.users().len());
        Self { http, order, kind: kind(order.group()), outcomes, failed: 0, unsent: None }
    }

    fn granted(&self) -> &'a Granted {
        &self.http.granted
    }

    fn what(&self) -> Written {
        self.kind.what
    }

    /// Makes them, and gives what became of each user.
    pub(super) async fn make(mut self) -> Vec<(UserId, Outcome)> {
        let users = self.order.users();
        match users {
            _ if self.granted().alone_only(self.what()) => self.find(users, None).await,
            [one] => {
                self.alone(*one).await;
            }
            many => {
                let outcome = self.together(many).await;
                if is_forbidden(&outcome) {
                    self.search(many).await;
                } else {
                    self.note(many, &outcome);
                }
            }
        }
        self.granted().judge(self.what(), self.kind.needs, self.outcomes)
    }

    /// Finds out whom the refusal of these is about. As long as nothing was let through, it may be about everybody: then
    /// single users are tried until one is, as a permission may cover them alone (Microsoft Graph permissions reference).
    async fn search(&mut self, users: &'a [UserId]) {
        let mut left = users;
        while let Some((one, others)) = left.split_first()
            && !self.granted().one(self.what())
        {
            left = others;
            if self.alone(*one).await {
                break;
            }
        }
        let clean = (self.failed == 0).then_some(0);
        self.find(left, clean).await;
    }

    /// Adds these, halving what is refused.
    async fn find(&mut self, users: &'a [UserId], clean: Option<usize>) {
        let mut steps = vec![Step::End { failed: self.failed }, Step::Try { users, clean }];
        if clean.is_none() {
            steps.remove(0); // nothing is known of these yet
        }
        while let Some(step) = steps.pop() {
            let (users, clean) = match step {
                Step::Try { users, clean } => (users, clean),
                Step::End { failed } => {
                    if self.failed == failed && self.unsent.is_none() {
                        self.granted().let_only_single_through(self.what());
                    }
                    continue;
                }
            };
            if users.len() < 2 {
                if let [one] = users {
                    self.alone(*one).await;
                }
                continue;
            }
            if self.granted().alone_only(self.what()) {
                steps.extend(users.chunks(1).rev().map(|users| Step::Try { users, clean: None }));
                continue;
            }
            if clean != Some(self.failed) {
                let outcome = self.together(users).await;
                if !is_forbidden(&outcome) {
                    self.note(users, &outcome);
                    continue;
                }
                steps.push(Step::End { failed: self.failed });
            }
            let (left, right) = users.split_at(users.len().div_ceil(2));
            let after = Step::Try { users: right, clean: Some(self.failed) };
            steps.extend([after, Step::Try { users: left, clean: None }]);
        }
    }

    /// Adds one user; whether that was let through.
    async fn alone(&mut self, user: UserId) -> bool {
        let outcome = self.together(&[user]).await;
        self.note(&[user], &outcome);
        granted::passed(&outcome)
    }

    fn note(&mut self, users: &[UserId], outcome: &Outcome) {
        if granted::passed(outcome) {
            self.granted().let_through(self.what(), users.len());
        } else {
            self.failed += 1;
        }
        self.outcomes.extend(users.iter().map(|user| (*user, outcome.clone())));
    }

    /// Sends one request for these users, unless one before it has to wait or be asked about.
    async fn together(&mut self, users: &[UserId]) -> Outcome {
        if let Some(fault) = &self.unsent {
            return Outcome::Failed(fault.clone());
        }
        let sent = match addition(self.http, self.order.group(), users) {
            Ok(write) => self.http.write(&write, |now| self.order.may_leave(now)).await,
            Err(error) => Sent::Not(error.into_fault()),
        };
        let outcome = per_user::whole(sent, &self.kind);
        self.unsent = per_user::stops(&outcome);
        outcome
    }
}

fn is_forbidden(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Failed(fault) if fault.kind == FaultKind::Forbidden)
}
