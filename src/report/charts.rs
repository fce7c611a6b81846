//! Pictures of a run as SVG inside the page: numbers and our own words alone, nothing from outside.

use std::fmt::Write;

use crate::domain::time::Timestamp;
use crate::domain::time::since;
use crate::report::content::BatchRow;
use crate::report::content::ProgressPoint;
use crate::report::content::UserRow;
use crate::report::rows;
use crate::report::words;
use crate::words::phrase;
use crate::words::say;

/// The width of every picture.
const WIDTH: f64 = 720.0;
/// Where the picture proper begins, beside its labels.
const LEFT: f64 = 60.0;
/// How many batches the picture of them has.
pub(super) const BATCHES: usize = 60;

/// Upper ends of the columns of the histogram, in seconds; a last column has what took longer.
const BOUNDS: [u64; 10] = [10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200];

/// Words as they stand in a picture, whatever signs a language has in them.
fn safe(words: &str) -> String {
    words.replace('&', "&amp;").replace('<', "&lt;")
}

fn open(height: f64, title: &str, text: &str) -> String {
    let (title, text) = (safe(title), safe(text));
    format!("<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\"><title>{title}</title><desc>{text}</desc>")
}

/// Where a number stands between two ends of the picture.
#[expect(clippy::cast_precision_loss, reason = "it is a picture")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn seconds(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(since(from, to).as_millis()).unwrap_or_default()
}

/// How many users had come how far over time.
pub(super) fn progress(points: &[ProgressPoint]) -> String {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return nothing(&phrase("report-chart-progress"));
    };
    let most = last.added.max(last.removed).max(last.migrated).max(1) as u64;
    let (height, bottom, top) = (230.0, 190.0, 14.0);
    let whole = seconds(first.at, last.at);
    let text = say(
        "report-chart-progress-end",
        &[("added", last.added.into()), ("removed", last.removed.into()), ("migrated", last.migrated.into())],
    );
    let mut svg = open(height, &phrase("report-chart-progress"), &text);
    let x = |at: Timestamp| LEFT + share(seconds(first.at, at), whole) * (WIDTH - LEFT - 10.0);
    let y = |count: usize| bottom - share(count as u64, most) * (bottom - top);
    axes(&mut svg, bottom, top, most);
    for (class, of) in [
        ("s1", (|point| point.added) as fn(&ProgressPoint) -> usize),
        ("s2", |point| point.removed),
        ("s3", |point| point.migrated),
    ] {
        let path: Vec<String> = points.iter().map(|point| format!("{:.1},{:.1}", x(point.at), y(of(point)))).collect();
        // Writing to a String does not fail.
        let _ = write!(svg, "<polyline class=\"line {class}\" points=\"{}\"/>", path.join(" "));
    }
    ends(&mut svg, bottom, first.at, last.at);
    let names = [
        ("s1", phrase("report-chart-added")),
        ("s2", phrase("report-chart-removed")),
        ("s3", phrase("report-chart-migrated")),
    ];
    for (place, (class, name)) in names.into_iter().enumerate() {
        let name = safe(&name);
        let at = LEFT + 110.0 * f64::from(u32::try_from(place).unwrap_or_default());
        let _ = write!(
            svg,
            "<line class=\"line {class}\" x1=\"{at}\" x2=\"{}\" y1=\"222\" y2=\"222\"/><text x=\"{}\" y=\"226\">{name}</text>",
            at + 30.0,
            at + 36.0
        );
    }
    svg + "</svg>"
}

/// How long licensing took, from the addition until ready and from the removal until migrated.
pub(super) fn latencies(users: &[UserRow]) -> String {
    let (ready, migrated) =
        (histogram(users, |user| user.seconds_to_ready), histogram(users, |user| user.seconds_to_migrated));
    let most = ready.iter().chain(&migrated).copied().max().unwrap_or_default().max(1);
    let (bottom, top) = (150.0, 14.0);
    let mut svg = open(200.0, &phrase("report-chart-latencies"), &latency_text(users));
    axes(&mut svg, bottom, top, most);
    let step = (WIDTH - LEFT - 10.0) / 11.0;
    let names = BOUNDS.iter().map(|bound| words::brief(*bound)).chain([over(7200)]);
    for (column, name) in names.enumerate() {
        let name = safe(&name);
        let at = LEFT + step * f64::from(u32::try_from(column).unwrap_or_default());
        for (class, count, shift) in [("f1", ready[column], 4.0), ("f2", migrated[column], step / 2.0)] {
            let tall = share(count, most) * (bottom - top);
            let _ = write!(
                svg,
                "<rect class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{tall:.1}\"><title>{count}</title></rect>",
                at + shift,
                bottom - tall,
                step / 2.0 - 6.0
            );
        }
        let _ = write!(svg, "<text x=\"{:.1}\" y=\"166\" text-anchor=\"middle\">{name}</text>", at + step / 2.0);
    }
    let _ = write!(
        svg,
        "<rect class=\"f1\" x=\"{LEFT}\" y=\"182\" width=\"12\" height=\"10\"/><text x=\"{}\" y=\"191\">{}</text>\
         <rect class=\"f2\" x=\"{}\" y=\"182\" width=\"12\" height=\"10\"/><text x=\"{}\" y=\"191\">{}</text>",
        LEFT + 18.0,
        safe(&phrase("report-chart-to-ready")),
        LEFT + 180.0,
        LEFT + 198.0,
        safe(&phrase("report-chart-to-migrated"))
    );
    svg + "</svg>"
}

fn over(seconds: u64) -> String {
    say("report-chart-over", &[("length", words::brief(seconds).into())])
}

fn histogram(users: &[UserRow], of: fn(&UserRow) -> Option<u64>) -> [u64; BOUNDS.len() + 1] {
    let mut counts = [0; BOUNDS.len() + 1];
    for seconds in users.iter().filter_map(of) {
        counts[BOUNDS.partition_point(|bound| *bound < seconds)] += 1;
    }
    counts
}

/// The middle and the slow end of both times, in words.
pub(super) fn latency_text(users: &[UserRow]) -> String {
    let told = |name: String, of: fn(&UserRow) -> Option<u64>| {
        let mut all: Vec<u64> = users.iter().filter_map(of).collect();
        all.sort_unstable();
        let at = |percent: usize| all.get((all.len() * percent).div_ceil(100).saturating_sub(1)).copied();
        match (at(50), at(95), all.last()) {
            (Some(middle), Some(slow), Some(last)) => {
                let (middle, slow, last) = (words::brief(middle), words::brief(slow), words::brief(*last));
                say(
                    "report-chart-latency",
                    &[("name", name.into()), ("middle", middle.into()), ("slow", slow.into()), ("last", last.into())],
                )
            }
            _ => say("report-chart-nobody", &[("name", name.into())]),
        }
    };
    let ready = told(phrase("report-chart-to-ready"), |user| user.seconds_to_ready);
    format!("{ready}; {}", told(phrase("report-chart-to-migrated"), |user| user.seconds_to_migrated))
}

/// When each batch was in which phase.
pub(super) fn gantt(batches: &[BatchRow], last: Option<Timestamp>) -> String {
    let begun: Vec<&BatchRow> = batches.iter().filter(|batch| batch.add_approved.is_some()).take(BATCHES).collect();
    let from = begun.iter().filter_map(|batch| batch.add_approved).min();
    let (Some(from), Some(last)) = (from, last) else { return nothing(&phrase("report-chart-batches")) };
    let whole = seconds(from, last);
    let row = 18.0;
    let bottom = 10.0 + row * f64::from(u32::try_from(begun.len()).unwrap_or_default());
    let text = say("report-chart-batch-rows", &[("count", begun.len().into())]);
    let mut svg = open(bottom + 50.0, &phrase("report-chart-batches"), &text);
    let left = LEFT + 40.0;
    let x = |at: Timestamp| left + share(seconds(from, at), whole) * (WIDTH - left - 10.0);
    for (place, batch) in begun.iter().enumerate() {
        let y = 10.0 + row * f64::from(u32::try_from(place).unwrap_or_default());
        let _ =
            write!(svg, "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>", left - 6.0, y + 11.0, batch.number);
        let end = batch.completed.unwrap_or(last);
        let removed = batch.removes_acknowledged.unwrap_or(end);
        let removing = batch.remove_approved.unwrap_or(end);
        let added = batch.adds_acknowledged.unwrap_or(removing);
        let parts = [
            (batch.add_approved, added),
            (batch.adds_acknowledged, removing),
            (batch.remove_approved, removed),
            (batch.removes_acknowledged, end),
        ];
        for ((class, name), (since, until)) in phases().into_iter().zip(parts) {
            let Some(since) = since else { continue };
            let wide = (x(until) - x(since)).max(1.0);
            let lasted = words::brief(seconds(since, until) / 1000).into();
            let told = say(
                "report-chart-phase",
                &[("batch", batch.number.to_string().into()), ("phase", name.into()), ("length", lasted)],
            );
            let _ = write!(
                svg,
                "<rect class=\"{class}\" x=\"{:.1}\" y=\"{y:.1}\" width=\"{wide:.1}\" height=\"12\"><title>{}</title></rect>",
                x(since),
                safe(&told)
            );
        }
    }
    let _ = write!(svg, "<line class=\"axis\" x1=\"{left}\" x2=\"{}\" y1=\"{bottom}\" y2=\"{bottom}\"/>", WIDTH - 10.0);
    ends(&mut svg, bottom, from, last);
    for (place, (class, name)) in phases().into_iter().enumerate() {
        let name = safe(&name);
        let at = left + 150.0 * f64::from(u32::try_from(place).unwrap_or_default());
        let y = bottom + 32.0;
        let _ = write!(
            svg,
            "<rect class=\"{class}\" x=\"{at}\" y=\"{y}\" width=\"12\" height=\"10\"/><text x=\"{}\" y=\"{}\">{name}</text>",
            at + 18.0,
            y + 9.0
        );
    }
    svg + "</svg>"
}

/// The phases of a batch and their colours, in their order.
fn phases() -> [(&'static str, String); 4] {
    [
        ("f1", phrase("report-chart-add")),
        ("f2", phrase("report-chart-verify-added")),
        ("f3", phrase("report-chart-remove")),
        ("f4", phrase("report-chart-verify-migrated")),
    ]
}

fn axes(svg: &mut String, bottom: f64, top: f64, most: u64) {
    let label = LEFT - 6.0;
    let _ = write!(
        svg,
        "<line class=\"axis\" x1=\"{LEFT}\" x2=\"{}\" y1=\"{bottom}\" y2=\"{bottom}\"/>\
         <line class=\"axis\" x1=\"{LEFT}\" x2=\"{LEFT}\" y1=\"{top}\" y2=\"{bottom}\"/>\
         <text x=\"{label}\" y=\"{}\" text-anchor=\"end\">{}</text><text x=\"{label}\" y=\"{bottom}\" text-anchor=\"end\">0</text>",
        WIDTH - 10.0,
        top + 4.0,
        words::thousands(most),
    );
}

fn ends(svg: &mut String, bottom: f64, from: Timestamp, to: Timestamp) {
    let (left, right) = (rows::time(from), rows::time(to));
    let y = bottom + 16.0;
    let _ = write!(
        svg,
        "<text x=\"{LEFT}\" y=\"{y}\">{left}</text><text x=\"{}\" y=\"{y}\" text-anchor=\"end\">{right}</text>",
        WIDTH - 10.0
    );
}

/// What stands where there is nothing to draw yet.
fn nothing(title: &str) -> String {
    let text = safe(&say("report-chart-nothing", &[("title", title.into())]));
    open(30.0, title, &phrase("report-chart-nothing-written")) + &format!("<text x=\"0\" y=\"20\">{text}</text></svg>")
}
