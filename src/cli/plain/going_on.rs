//! Whether anything goes on without an answer.

use crate::cli::plain::Lines;
use crate::cli::plain::line_text;
use crate::domain::phase::Phase;
use crate::domain::sign_in_prompt::SignInState;
use crate::engine::snapshot::Connection;

impl Lines<'_, '_> {
    /// Whether all that is left needs an answer, which nobody gives any more.
    pub(super) fn nothing_goes_on(&self) -> bool {
        let (snapshot, run) = (&self.snapshot, &self.snapshot.run);
        if snapshot.read_only.is_some() || self.stop.is_some() || matches!(snapshot.sign_in, SignInState::Needed(_)) {
            return true;
        }
        if !self.given.is_empty() {
            return false;
        }
        if run.preflight.is_none() {
            return matches!(snapshot.connection, Connection::Failing { .. });
        }
        let removing = run.under_way_batches().into_iter().any(|batch| {
            matches!(run.phase_of(batch), Phase::RemoveFromSource | Phase::VerifyMigrated)
                && line_text::batch_goes_on(run, batch, (self.now)())
        });
        run.approved_pending.is_empty() && run.open().next().is_none() && !removing
    }
}
