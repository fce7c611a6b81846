//! What the two groups are like, and that no write leaves for one that others have changed.

use crate::domain::event::Event;
use crate::domain::event::Work;
use crate::domain::fault::FaultMessage;
use crate::domain::group::Group;
use crate::domain::order::IntentLog;
use crate::domain::preflight::of_groups;
use crate::domain::preflight::products_of;
use crate::engine::recorder::RecordError;
use crate::engine::run::Engine;
use crate::graph::error::GraphError;

/// The two groups as they were read; `None` is one that does not exist.
pub(super) type Groups = (Option<Group>, Option<Group>);

impl Engine {
    /// Takes in how the groups are. What is wrong with one ends the approval at work before anything more leaves.
    pub(super) fn grouped(&mut self, read: Result<Groups, GraphError>) -> Result<(), RecordError> {
        let now = self.clock.now();
        let (source, target) = match read {
            Ok(groups) => groups,
            Err(error) => {
                self.schedule.groups_failed(now);
                return self.delayed(Work::Groups, error.into_fault());
            }
        };
        self.observations.groups_read(now);
        self.schedule.groups_read();
        self.backoff.read_well();
        let run = self.recorder.run();
        // What the groups assign may be another thing than when the run began, and users are judged by all of it.
        if let (Some(from), Some(to)) = (&source, &target) {
            let ends = [(from, &run.route.source), (to, &run.route.target)];
            let products = ends.map(|(group, side)| products_of(Some(group), side));
            self.observations.use_products(run.direction(), products);
        }
        let found = of_groups(&run.route, run.direction().ends(), (source.as_ref(), target.as_ref()));
        let known = run.problems.iter().filter(|problem| problem.code.is_of_groups());
        if known.eq(found.iter()) {
            return Ok(());
        }
        let why = found.first().map(|problem| problem.detail.clone());
        self.recorder.keep(Event::GroupsChanged { problems: found })?;
        if let Some(why) = why {
            self.drop_approval(FaultMessage::GroupWrong(Box::new(why)))?;
        }
        self.recorder.follow()
    }
}
