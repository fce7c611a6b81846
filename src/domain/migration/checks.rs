//! What preflights and readings of the groups do to a run: its users and batches, and what is wrong.

use std::sync::Arc;

use imbl::Vector;

use crate::domain::id::UserId;
use crate::domain::migration::Batch;
use crate::domain::migration::Migration;
use crate::domain::preflight::Preflight;
use crate::domain::preflight::Problem;
use crate::domain::preflight::Reason;
use crate::domain::preflight::Seats;
use crate::domain::preflight::UserCheck;
use crate::domain::route::Direction;
use crate::domain::seat_ledger::ProductSeats;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::domain::worklist::WorklistEnd;

impl Migration {
    pub(super) fn checked(&mut self, preflight: &Preflight) {
        self.route_direction_now = Direction::Forward;
        self.route = preflight.route.clone();
        self.scenario = preflight.scenario;
        let problems = &preflight.problems;
        self.group_problems = problems.iter().filter(|problem| problem.code.is_of_groups()).cloned().collect();
        self.last_checked = 0;
        let user = |check: &UserCheck| {
            let mut user = User::new(check.clone());
            // Whom the operator took out stays out, however often everything is checked again.
            if let Some(before) = user.id.and_then(|id| self.user(id)).filter(|before| before.excluded) {
                (user.excluded, user.history) = (true, before.history.clone());
            }
            Arc::new(user)
        };
        let mut users: Vector<Arc<User>> = preflight.users.iter().map(user).collect();
        let ready = (0..users.len()).filter(|place| !users[*place].is_blocked());
        let is_pilot = |place: &usize| users[*place].id.is_some_and(|id| preflight.pilot.contains(&id));
        let (pilot, others): (Vec<usize>, Vec<usize>) = ready.partition(is_pilot);
        let chunks = others.chunks(self.batch_settings.batch_size.max(1));
        // The pilot is batch 1, however many they are.
        let chunks = std::iter::once(pilot.as_slice()).filter(|pilot| !pilot.is_empty()).chain(chunks);
        let canary = self.batch_settings.canary;
        self.batches = chunks.map(|chunk| Batch::new(chunk.into(), Direction::Forward, canary)).collect();
        for (number, batch) in self.batches.iter_mut().enumerate() {
            if number == 0 {
                batch.checked = true;
                (batch.problems, batch.seats) = (problems.clone(), preflight.seats);
                batch.products.clone_from(&preflight.products);
            }
            batch.users.iter().for_each(|place| Arc::make_mut(&mut users[*place]).batch = Some(number));
        }
        self.by_id = users.iter().map(|user| user.id).collect();
        self.users = users;
        let told = preflight.users.iter().filter_map(|user| Some((user.id?, user.usage_location.as_deref()?)));
        self.usage_locations = told.collect();
        self.preflight = Some(Arc::new(preflight.without_users()));
        self.current = 0;
        self.tally = Arc::new(self.recounted());
        self.latencies = Arc::default();
    }

    pub(super) fn batch_checked(
        &mut self,
        number: usize,
        problems: &[Problem],
        (seats, products): (Seats, &[ProductSeats]),
        reasons: &[(UserId, Vec<Reason>)],
    ) {
        let of_groups: Vec<Problem> = problems.iter().filter(|problem| problem.code.is_of_groups()).cloned().collect();
        self.groups_are(of_groups);
        self.last_checked = number;
        if let Some(batch) = self.batches.get_mut(number) {
            batch.checked = true;
            (batch.problems, batch.seats) = (problems.to_vec(), seats);
            batch.products = products.to_vec();
        }
        for (user, reasons) in reasons {
            self.change(*user, |user| user.reasons.clone_from(reasons));
        }
    }

    /// What is wrong with the groups is wrong for every batch.
    fn groups_are(&mut self, problems: Vec<Problem>) {
        for batch in &mut self.batches {
            batch.problems.retain(|problem| !problem.code.is_of_groups());
            batch.problems.extend(problems.iter().cloned());
        }
        self.group_problems = problems;
    }

    pub(super) fn groups_changed(&mut self, at: Timestamp, problems: &[Problem]) {
        self.groups_are(problems.to_vec());
        if self.group_problem().is_some() {
            self.approved_pending.clear();
            self.end_worklists(at, WorklistEnd::Groups, |_| true);
        }
    }
}
