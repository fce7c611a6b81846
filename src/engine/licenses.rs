//! A direct license is taken off after a last look of its own, as a removal is.

use crate::domain::approval::Direct;
use crate::domain::id::UserId;
use crate::domain::order::MOST_PER_ORDER;
use crate::domain::proof::LastLook;
use crate::domain::user::Write;
use crate::engine::look::in_target;
use crate::engine::look::still_in;
use crate::engine::recorder::RecordError;
use crate::engine::run::Engine;
use crate::engine::snapshot::Activity;
use crate::engine::tasks;
use crate::engine::tasks::Look;
use crate::engine::tasks::Members;

impl Engine {
    /// The next direct licenses to look at, or the order that waits.
    pub(super) fn next_direct(&mut self) -> bool {
        let now = self.clock.now();
        if self.switching(now) {
            return false; // rule 6: no license is taken away while a user is in between
        }
        if self.send_next::<Direct>(now) {
            return true;
        }
        let chunk: Vec<UserId> = self.queue.left().iter().copied().take(MOST_PER_ORDER).collect();
        let Some(number) = self.queue.number().filter(|_| !chunk.is_empty()) else {
            self.queue.end();
            return false;
        };
        let [_, group] = self.ends();
        self.spawn(Activity::LookingLast, tasks::look_at_direct(self.graph.clone(), number, chunk, group));
        true
    }

    /// Rule 3 for a direct license: it goes only from who is seen twice to have the other one from the group, and is a
    /// member of it yet.
    pub(super) fn looked_at_direct(&mut self, look: Look, members: Members) -> Result<(), RecordError> {
        let (number, look, still_in) = (look.number, self.seen(look)?, still_in(members));
        // What was just seen may have halted the run.
        if !self.queue.answers::<Direct>(number) || self.recorder.run.halted.is_some() {
            return self.recorder.follow();
        }
        let proven = self.prove::<Direct>(&look, |classifier, user, first, last, now| match user.remove {
            Write::Done(left) => {
                let proof =
                    LastLook::prove_direct(classifier, first, last, left, now).map_err(|why| why.label(user.direction));
                proof.and_then(|look| in_target(look, &still_in))
            }
            _ => Err("the removal was not acknowledged".to_owned()),
        })?;
        self.keep_order::<Direct>(proven)
    }
}
