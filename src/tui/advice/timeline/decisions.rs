//! What somebody decided, in a sentence.

use crate::domain::event::RunInfo;
use crate::domain::settings::BatchSettings;
use crate::domain::worklist::Issued;
use crate::tui::advice::timeline::Weight;
use crate::words;
use crate::words::batches;
use crate::words::say;

fn told(text: String) -> (Weight, String) {
    (Weight::Operator, text)
}

pub(super) fn started(run: &RunInfo, by: &str) -> (Weight, String) {
    told(say("event-run-started", &[("by", by.into()), ("name", run.name.as_str().into())]))
}

pub(super) fn add(batch: String, by: &str, users: usize, group: &str) -> (Weight, String) {
    let (batch, by, group) = (batch.into(), by.into(), group.into());
    told(say("event-add-approved", &[("batch", batch), ("by", by), ("count", users.into()), ("group", group)]))
}

pub(super) fn remove(batch: String, by: &str, users: usize, group: &str) -> (Weight, String) {
    let (batch, by, group) = (batch.into(), by.into(), group.into());
    told(say("event-remove-approved", &[("batch", batch), ("by", by), ("count", users.into()), ("group", group)]))
}

pub(super) fn reprocess(who: &str, by: &str) -> (Weight, String) {
    told(say("event-reprocess-approved", &[("by", by.into()), ("who", who.into())]))
}

pub(super) fn direct(who: &str, by: &str, product: &str) -> (Weight, String) {
    told(say("event-direct-approved", &[("by", by.into()), ("product", product.into()), ("who", who.into())]))
}

pub(super) fn excluded(who: &str, by: &str) -> (Weight, String) {
    told(say("event-excluded", &[("by", by.into()), ("user", who.into())]))
}

/// From the first group to the second.
pub(super) fn roll_back(who: &str, by: &str, [from, to]: [&str; 2]) -> (Weight, String) {
    let (from, to) = (from.into(), to.into());
    told(say("event-rollback-started", &[("by", by.into()), ("who", who.into()), ("from", from), ("to", to)]))
}

pub(super) fn batches_under_way(most: usize, by: &str) -> (Weight, String) {
    told(say("event-batches-under-way", &[("by", by.into()), ("count", most.into())]))
}

pub(super) fn batch_settings(settings: BatchSettings, by: &str) -> (Weight, String) {
    let set = batches::settings(settings);
    told(say("event-batch-settings", &[("by", by.into()), ("settings", set.into())]))
}

/// Others are asked to move so many users.
pub(super) fn worklist(list: &Issued, users: usize) -> (Weight, String) {
    let file = words::worklist::path(list).into();
    told(say("event-worklist-issued", &[("number", list.number.into()), ("count", users.into()), ("file", file)]))
}

pub(super) fn halt_lifted(by: &str) -> (Weight, String) {
    told(say("event-halt-lifted", &[("by", by.into())]))
}

pub(super) fn alarm_acknowledged(by: &str) -> (Weight, String) {
    told(say("event-alarm-acknowledged", &[("by", by.into())]))
}
