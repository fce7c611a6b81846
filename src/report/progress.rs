//! How the run came on: how many users had come how far, over time.

use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::report::content::ProgressPoint;
use crate::report::content::UserRow;

/// How many points there are.
const POINTS: i32 = 120;

/// How many had come how far, at points of time that are evenly apart.
pub(super) fn points(rows: &[UserRow], from: Option<Timestamp>, to: Option<Timestamp>) -> Vec<ProgressPoint> {
    let (Some(from), Some(to)) = (from, to) else { return Vec::new() };
    let sorted = |of: fn(&UserRow) -> Option<Timestamp>| {
        let mut times: Vec<Timestamp> = rows.iter().filter_map(of).collect();
        times.sort_unstable();
        times
    };
    let lists = [sorted(|row| row.added), sorted(|row| row.removed), sorted(|row| row.migrated)];
    if lists[0].is_empty() {
        return Vec::new();
    }
    let step = to.duration_since(from).max(SignedDuration::ZERO) / POINTS;
    let point = |number: i32| {
        let at = if number == POINTS { to } else { from.saturating_add(step * number).unwrap_or(to) };
        let [added, removed, migrated] = [0, 1, 2].map(|list: usize| lists[list].partition_point(|time| *time <= at));
        ProgressPoint { at, added, removed, migrated }
    };
    let mut points: Vec<ProgressPoint> = (0..=POINTS).map(point).collect();
    // Where nothing changes, two points make the line.
    points.dedup_by(|later, earlier| later.at == earlier.at);
    points
}
