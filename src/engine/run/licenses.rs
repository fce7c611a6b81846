//! A direct license is taken off after a last look of its own, as a removal is.

use crate::domain::approval::Direct;
use crate::domain::proof::LastLook;
use crate::domain::proof::NotProven;
use crate::domain::user::Write;
use crate::engine::record_error::RecordError;
use crate::engine::run::Engine;
use crate::engine::run::look::in_target;
use crate::engine::run::look::still_in;
use crate::engine::run::tasks::Look;
use crate::engine::run::tasks::Members;

impl Engine {
    /// Rule 3 for a direct license: it goes only from who is seen twice to have the other one from the group, and is a
    /// member of it yet.
    pub(super) fn looked_at_direct(&mut self, look: Look, members: Members) -> Result<(), RecordError> {
        let (number, look, still_in) = (look.number, self.seen(look)?, still_in(members));
        // What was just seen may have halted the run.
        let batch = self.queue.answers::<Direct>(number).filter(|_| self.recorder.run().halted.is_none());
        let Some(batch) = batch else { return self.recorder.follow() };
        let proven = self.prove::<Direct>(batch, &look, |classifier, user, first, last, now| match user.remove {
            Write::Done(left) => {
                LastLook::prove_direct(classifier, first, last, left, now).and_then(|look| in_target(look, &still_in))
            }
            _ => Err(NotProven::NotRemoved),
        })?;
        self.keep_intent::<Direct>(batch, proven)
    }
}
