//! `report`: what a run did, from its journal alone, in four formats.

use std::fs;
use std::fs::File;
use std::io;
use std::io::BufWriter;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use clap::Args;
use clap::ValueEnum;

use crate::cli::Context;
use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::cli::past;
use crate::cli::past::StoredRun;
use crate::cli::past::is_under_way;
use crate::domain::event::Event;
use crate::domain::id::RunId;
use crate::domain::id::UserId;
use crate::domain::text::clean;
use crate::domain::time::Timestamp;
use crate::journal;
use crate::journal::Reader;
use crate::journal::disk;
use crate::report::Builder;
use crate::report::Report;
use crate::report::csv;
use crate::report::csv::Separator;
use crate::report::event;
use crate::report::html;
use crate::report::json;
use crate::report::markdown;
use crate::report::read_on;
use crate::words::say;

/// What `report` is asked for.
#[derive(Args, Debug)]
pub(super) struct ReportArgs {
    /// The run, as `skuferry runs` lists it, or one of the demo or a rehearsal
    #[arg(value_name = "RUN_ID", value_parser = super::runs::id)]
    run_id: RunId,
    /// The form of it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Write it to this file, for you alone to read; csv writes the events beside it, to FILE-events.csv
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// What parts the columns of csv; else what spreadsheets of your region expect
    #[arg(long, value_name = "SEPARATOR", value_enum)]
    separator: Option<SeparatorWord>,
}

/// A form of the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Text for a ticket or a mail
    #[default]
    Md,
    /// One page for a browser, with charts and a table to search in
    Html,
    /// A row a user, and with --output a row an event in a second file
    Csv,
    /// For scripts; the README has the schema
    Json,
}

impl Format {
    fn ending(self) -> &'static str {
        match self {
            Self::Md => "md",
            Self::Html => "html",
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }
}

/// What parts the columns of CSV, as a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SeparatorWord {
    /// A comma
    Comma,
    /// A semicolon
    Semicolon,
}

impl From<SeparatorWord> for Separator {
    fn from(word: SeparatorWord) -> Self {
        match word {
            SeparatorWord::Comma => Self::Comma,
            SeparatorWord::Semicolon => Self::Semicolon,
        }
    }
}

/// `skuferry report`: the report, printed or written to a file.
pub(super) fn report(args: &ReportArgs, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let StoredRun { journal: path, data, .. } = past::place(context, Some(args.run_id))?;
    let report = read(&data, &path)?;
    let separator =
        args.separator.map_or_else(|| Separator::of_region(|name| std::env::var(name).ok()), Separator::from);
    let Some(output) = &args.output else {
        let mut page = Vec::new();
        render(&report, args.format, separator, &mut page).map_err(|why| unwritten(Path::new("-"), &why))?;
        context.print_on(&page)?;
        return Ok(Exit::Fine);
    };
    let mut written = vec![output.clone()];
    into_file(output, |file| render(&report, args.format, separator, file))?;
    if args.format == Format::Csv {
        let events = beside(output);
        write_events(&path, &report, separator, &events)?;
        written.push(events);
    }
    for file in written {
        let path = file.display().to_string();
        context.print(&format!("{}\n", say("cli-report-written", &[("path", clean(&path).into())])))?;
    }
    Ok(Exit::Fine)
}

/// The folder of the exported reports of a run in the data folder.
pub(super) fn exports(data: &Path, run: RunId) -> PathBuf {
    data.join("reports").join(run.to_string())
}

/// Writes the report of a run in all its formats into a new folder of the data folder, and gives it.
pub(super) fn export(data: &Path, run: RunId, now: Timestamp) -> Result<PathBuf, Failure> {
    let folder = exports(data, run).join(now.strftime("%Y%m%dT%H%M%SZ").to_string());
    disk::make_folder(&folder).map_err(|why| unwritten(&folder, &why))?;
    let journal = journal::file(data, run);
    let report = read(data, &journal)?;
    let separator = Separator::of_region(|name| std::env::var(name).ok());
    for format in [Format::Md, Format::Html, Format::Csv, Format::Json] {
        let file = folder.join(format!("report.{}", format.ending()));
        into_file(&file, |file| render(&report, format, separator, file))?;
    }
    write_events(&journal, &report, separator, &beside(&folder.join("report.csv")))?;
    Ok(folder)
}

/// Reads a journal into a report.
pub(super) fn read(data: &Path, path: &Path) -> Result<Report, Failure> {
    let mut reader = Reader::open(path)?;
    let (mut builder, mut info) = (Builder::default(), None);
    let ended = read_on(&mut reader, |record| -> Result<(), Failure> {
        if let Event::RunStarted { run, .. } = &record.event {
            info.get_or_insert_with(|| run.clone());
        }
        builder.take(record.at, &record.event);
        Ok(())
    })?;
    builder.end(ended);
    Ok(builder.finish(info.is_some_and(|info| is_under_way(data, path, &info))))
}

/// Writes the report in one of its forms.
fn render(report: &Report, format: Format, separator: Separator, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Json => json::write(report, out),
        Format::Csv => csv::write_users(report, out, separator),
        Format::Md => markdown::write(report, out),
        Format::Html => html::write(report, out),
    }
}

/// Where the events go when the users go to this file: `FILE-events.csv`, whatever ending FILE has.
fn beside(output: &Path) -> PathBuf {
    let mut name = output.file_name().unwrap_or_default().to_owned();
    name.push("-events.csv");
    output.with_file_name(name)
}

/// Writes the events of a journal, as far as the report goes.
fn write_events(journal: &Path, report: &Report, separator: Separator, to: &Path) -> Result<(), Failure> {
    let mut reader = Reader::open(journal)?;
    let names: std::collections::HashMap<UserId, &str> =
        report.users.iter().rev().filter_map(|user| Some((user.id?, user.user_principal_name.as_str()))).collect();
    into_file(to, |file| {
        let mut table = csv::Events::new(file, separator)?;
        let mut failed = None;
        let read = read_on(&mut reader, |record| -> Result<(), Failure> {
            if record.seq < report.status.records && failed.is_none() {
                let name = |user| names.get(&user).map(|name| (*name).to_owned());
                failed = table.add(&event::line(record.seq, record.at, &record.event, name)).err();
            }
            Ok(())
        });
        failed.map_or(Ok(()), Err)?;
        read.map_err(|failure| io::Error::other(failure.why))?;
        table.finish()
    })
}

/// Makes a file that this user alone can read, and has it filled. What stood in it before is gone.
pub(super) fn into_file(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), Failure> {
    let write = || {
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        make_private(&file)?;
        let mut file = BufWriter::new(file);
        write(&mut file)?;
        file.flush()
    };
    write().map_err(|why| unwritten(path, &why))
}

/// A file that was there before may have been for everybody.
#[cfg(unix)]
fn make_private(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if file.metadata()?.is_file() { file.set_permissions(fs::Permissions::from_mode(0o600)) } else { Ok(()) }
}

/// Elsewhere the folder's rights decide.
#[cfg(not(unix))]
fn make_private(_: &File) -> io::Result<()> {
    Ok(())
}

fn unwritten(path: &Path, why: &io::Error) -> Failure {
    Failure::machine(say("error-cli-not-written", &[("path", path.display().to_string().into())]), why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Writer;
    use uuid::Uuid;

    #[test]
    fn an_export_has_all_formats_for_this_user_alone() {
        let data = tempfile::tempdir().unwrap();
        let id = RunId(Uuid::from_u128(1));
        let mut writer = Writer::create(data.path(), id).unwrap();
        let started = crate::domain::migration::tests::random::started();
        writer.append(Timestamp::UNIX_EPOCH, &started).unwrap();
        let folder = export(data.path(), id, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(folder, exports(data.path(), id).join("19700101T000000Z"));
        let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let names = ["report.csv", "report.csv-events.csv", "report.html", "report.json", "report.md"];
        assert_eq!(files, names.map(|name| folder.join(name)));
        #[cfg(unix)]
        for (path, mode) in files.iter().map(|file| (file, 0o600)).chain([(&folder, 0o700)]) {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, mode, "{}", path.display());
        }
    }
}
