//! What the two groups are like, and that no write leaves for one that others have changed.

use crate::domain::event::Event;
use crate::domain::fault::FaultMessage;
use crate::domain::order::IntentLog;
use crate::domain::preflight::of_groups;
use crate::domain::preflight::products_of;
use crate::domain::route::Direction;
use crate::domain::work::Work;
use crate::engine::record_error::RecordError;
use crate::engine::run::Engine;
use crate::engine::run::tasks::Groups;
use crate::graph::error::GraphError;

impl Engine {
    /// Takes in how the groups are, read as the ends of a way. What is wrong with one ends every approval at work before
    /// anything more leaves.
    pub(super) fn grouped(&mut self, way: Direction, read: Result<Groups, GraphError>) -> Result<(), RecordError> {
        let now = self.clock.now();
        let (source, target) = match (read, way) {
            (Ok(groups), Direction::Forward) => groups,
            (Ok((from, to)), Direction::Rollback) => (to, from),
            (Err(error), _) => {
                self.schedule.groups_failed(now);
                return self.delayed(Work::Groups, error.into_fault());
            }
        };
        self.observations.groups_read(now);
        self.schedule.groups_read();
        self.backoff.read_well();
        let route = self.recorder.run().route_direction(Direction::Forward);
        // What the groups assign may be another thing than when the run began, and users are judged by all of it.
        if let (Some(from), Some(to)) = (&source, &target) {
            let ends = [(from, &route.source), (to, &route.target)];
            let products = ends.map(|(group, side)| products_of(Some(group), side));
            self.observations.use_products(Direction::Forward, products);
        }
        let found = of_groups(&route, Direction::Forward.ends(), (source.as_ref(), target.as_ref()));
        // The check of a rollback tells them in another order.
        let known = self.recorder.run().group_problems();
        if known.len() == found.len() && found.iter().all(|problem| known.contains(problem)) {
            return Ok(());
        }
        let why = found.iter().find(|problem| !problem.warning).map(|problem| problem.detail.clone());
        self.recorder.keep(Event::GroupsChanged { problems: found })?;
        if let Some(why) = why {
            self.drop_approvals(&FaultMessage::GroupWrong(Box::new(why)))?;
        }
        self.recorder.follow()
    }
}
