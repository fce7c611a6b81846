//! The write path, second: an order leaves, whose type says that its intent is durable.

use crate::domain::approval::Add;
use crate::domain::approval::Direct;
use crate::domain::approval::Remove;
use crate::domain::approval::Reprocess;
use crate::domain::order::Order;
use crate::domain::time::Timestamp;
use crate::domain::write::WriteKind;
use crate::engine::run::Engine;
use crate::engine::run::tasks::TaskResult;
use crate::engine::snapshot::Activity;
use crate::engine::write_queue::OneJob;
use crate::engine::write_queue::Queued;
use crate::graph::Graph;

impl Engine {
    /// Sends the order of a batch that waits first, of whatever kind.
    pub(super) fn send_first(&mut self, batch: usize, now: Timestamp) {
        match self.queue.job(batch).map(OneJob::kind) {
            Some(WriteKind::Add) => self.send_next::<Add>(batch, now),
            Some(WriteKind::Remove) => self.send_next::<Remove>(batch, now),
            Some(WriteKind::Reprocess) => self.send_next::<Reprocess>(batch, now),
            Some(WriteKind::Direct) => self.send_next::<Direct>(batch, now),
            None => {}
        }
    }

    fn send_next<W: Sent>(&mut self, batch: usize, now: Timestamp) {
        if let Some(order) = self.queue.of_kind::<W>(batch).and_then(|job| job.next_order(now)) {
            self.jobs.spawn(W::ACTIVITY, W::send(self.graph.clone(), order));
        }
    }
}

/// A kind of write as it is sent.
trait Sent: Queued {
    /// What the screen says meanwhile.
    const ACTIVITY: Activity;
    /// Sends the order, and brings its answer back.
    fn send(graph: Graph, order: Order<Self>) -> impl Future<Output = TaskResult> + Send + 'static;
}

impl Sent for Add {
    const ACTIVITY: Activity = Activity::Adding;

    async fn send(graph: Graph, order: Order<Self>) -> TaskResult {
        TaskResult::Added(graph.add(order).await)
    }
}

impl Sent for Remove {
    const ACTIVITY: Activity = Activity::Removing;

    async fn send(graph: Graph, order: Order<Self>) -> TaskResult {
        TaskResult::Removed(graph.remove(order).await)
    }
}

impl Sent for Reprocess {
    const ACTIVITY: Activity = Activity::Reprocessing;

    async fn send(graph: Graph, order: Order<Self>) -> TaskResult {
        TaskResult::Reprocessed(graph.reprocess(order).await)
    }
}

impl Sent for Direct {
    const ACTIVITY: Activity = Activity::RemovingDirect;

    async fn send(graph: Graph, order: Order<Self>) -> TaskResult {
        TaskResult::DirectRemoved(graph.remove_direct(order).await)
    }
}
