//! What it takes to tell of a run of 100,000 users: reading its journal, writing the report, and drawing the page in Chromium.
//! With a folder as its argument the reports stay there.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

#[expect(dead_code, reason = "the screens' kit can do more than a journal needs")]
#[path = "../tests/it/scene/base.rs"]
mod scene;

#[path = "kit/long_run.rs"]
mod long_run;

use std::fs;
use std::fs::File;
use std::io;
use std::io::BufWriter;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;

use skuferry::domain::id::RunId;
use skuferry::journal;
use skuferry::journal::JournalError;
use skuferry::journal::Reader;
use skuferry::report::Builder;
use skuferry::report::Report;
use skuferry::report::csv;
use skuferry::report::csv::Separator;
use skuferry::report::html;
use skuferry::report::json;
use skuferry::report::markdown;
use skuferry::report::read_on;
use uuid::Uuid;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let kept = std::env::args().nth(1).filter(|argument| !argument.starts_with('-'));
    let out = kept.as_ref().map_or(folder.path(), |kept| Path::new(kept));
    let id = RunId(Uuid::from_u128(1));
    let events = long_run::write(folder.path(), id, 200);
    let path = journal::file(folder.path(), id);
    let bytes = fs::metadata(&path).unwrap().len();
    println!("{} users, {events} events, {} MB; memory so far {}", long_run::USERS, bytes / 1_000_000, memory());
    let (reading, report) = timed(|| read(&path));
    assert_eq!(report.totals.migrated, long_run::USERS);
    println!("read in {reading:.2?}, memory at most {}", memory());
    let write = |name: &str, fill: &dyn Fn(&mut BufWriter<File>) -> io::Result<()>| {
        let file = out.join(name);
        let (writing, ()) = timed(|| {
            let mut file = BufWriter::new(File::create(&file).unwrap());
            fill(&mut file).unwrap();
            file.flush().unwrap();
        });
        let megabytes = fs::metadata(&file).unwrap().len() / 1_000_000;
        println!("{name}: {megabytes} MB in {writing:.2?}, memory at most {}", memory());
    };
    write("report.json", &|file| json::write(&report, file));
    write("report.csv", &|file| csv::write_users(&report, file, Separator::Comma));
    write("report.md", &|file| markdown::write(&report, file));
    write("report.html", &|file| html::write(&report, file));
    assert!(fs::metadata(out.join("report.html")).unwrap().len() < 20_000_000, "the page is larger than 20 MB");
    match first_paint(&out.join("report.html"), folder.path()) {
        Some(milliseconds) => println!("Chromium: first paint after {milliseconds} ms"),
        None => println!("Chromium: not measured, none is on this machine"),
    }
}

fn read(path: &Path) -> Report {
    let (mut reader, mut builder) = (Reader::open(path).unwrap(), Builder::default());
    let ended = read_on(&mut reader, |record| -> Result<(), JournalError> {
        builder.take(record.at, &record.event);
        Ok(())
    });
    builder.end(ended.unwrap());
    builder.finish(false)
}

/// What Chromium itself says of the first paint of the page, in milliseconds. The copy that it opens says so in its title,
/// for which it has a script more, and no policy that forbids it.
fn first_paint(page: &Path, folder: &Path) -> Option<String> {
    let asks = "<script>addEventListener('load',()=>setTimeout(()=>{document.title='PAINT '+Math.round(performance.\
                getEntriesByName('first-contentful-paint')[0].startTime)},300));</script></body>";
    let copy = fs::read_to_string(page).unwrap().replacen("http-equiv=\"Content-Security-Policy\"", "name=\"none\"", 1);
    let file = folder.join("paint.html");
    fs::write(&file, copy.replacen("</body>", asks, 1)).unwrap();
    let profile = tempfile::tempdir().unwrap();
    let mut command = Command::new("chromium");
    command.args(["--headless", "--disable-gpu", "--no-sandbox", "--no-first-run", "--disable-background-networking"]);
    command.args(["--disable-component-update", "--disable-sync", "--disable-quic", "--window-size=1280,900"]);
    // So that the page's timer is waited for.
    command.args(["--virtual-time-budget=2000", "--dump-dom"]);
    command.arg(format!("--user-data-dir={}", profile.path().display()));
    command.arg(format!("file://{}", file.display()));
    let dom = String::from_utf8(command.output().ok()?.stdout).ok()?;
    let (_, rest) = dom.split_once("<title>PAINT ")?;
    rest.split_once("</title>").map(|(milliseconds, _)| milliseconds.to_owned())
}

/// The most memory that this process had, where the system tells.
fn memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.map_or_else(|| "unknown".to_owned(), |peak| peak.trim().to_owned())
}

fn timed<T>(what: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let made = what();
    (start.elapsed(), made)
}
