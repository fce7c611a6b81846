//! `events`: the journal of a run, whole, event by event.

use std::pin::pin;
use std::time::Duration;

use clap::Args;
use clap::builder::PossibleValuesParser;
use jiff::tz::TimeZone;

use crate::cli::Context;
use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::cli::past;
use crate::domain::id::RunId;
use crate::domain::id::UserId;
use crate::domain::migration::Migration;
use crate::journal::Reader;
use crate::journal::Record;
use crate::report::Ended;
use crate::report::event;
use crate::report::event::EventLine;
use crate::report::event::EventUser;
use crate::report::event::KINDS;
use crate::report::json;
use crate::report::read_on;
use crate::words::phrase;
use crate::words::say;
use crate::words::times;

/// How often a journal that is followed is looked at.
const LOOK: Duration = Duration::from_millis(500);
/// From how many bytes on what was gathered is printed.
const PIECE: usize = 1 << 16;
/// Of more users than this the first are named.
const NAMED: usize = 3;

/// What `events` is asked for.
#[derive(Args, Debug)]
pub(super) struct EventsArgs {
    /// The run, one of the demo or a rehearsal too; else the newest of the others
    #[arg(value_parser = super::runs::id)]
    run_id: Option<RunId>,
    /// Print each event as one line of JSON; the README has the schema
    #[arg(long)]
    json: bool,
    /// Go on with what is written from now on, until Ctrl-C
    #[arg(long)]
    follow: bool,
    /// Only events about this user, by user principal name or id
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// Only events of this batch and of its users
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    batch: Option<u32>,
    /// Only events of these kinds
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = PossibleValuesParser::new(KINDS), hide_possible_values = true)]
    kind: Vec<String>,
}

/// `skuferry events`: all events in their order, or those that are asked for.
pub(super) async fn events(args: &EventsArgs, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let mut reader = Reader::open(&past::place(context, args.run_id)?.journal)?;
    let (zone, mut told) = (context.zone.clone(), PrintedSoFar::default());
    // One listener from the beginning: a new one each time would not hear what came while the journal was read.
    let mut interrupted = pin!(tokio::signal::ctrl_c());
    loop {
        let mut reads = true;
        let ended = read_on(&mut reader, |record| -> Result<(), Failure> {
            told.take(args, &zone, &record);
            if told.text.len() >= PIECE && reads {
                reads = context.print_on(&std::mem::take(&mut told.text))?;
            }
            Ok(())
        })?;
        reads = reads && context.print_on(&std::mem::take(&mut told.text))?;
        match ended {
            Ended::Damaged { line, why } => {
                let what = say("error-cli-journal-damaged", &[("line", line.into())]);
                return Err(Failure::new(Exit::Usage, what, why, phrase("error-cli-journal-damaged-action")));
            }
            Ended::Cut if !args.follow => {
                Failure::note(&phrase("cli-events-cut-short"));
                return Ok(Exit::Fine);
            }
            Ended::Cut | Ended::Whole => {}
        }
        if !args.follow || !reads {
            return Ok(Exit::Fine);
        }
        tokio::select! {
            _ = &mut interrupted => return Ok(Exit::Fine),
            () = tokio::time::sleep(LOOK) => reader.go_on()?,
        }
    }
}

/// The run so far, for the names of its users and their batches, and what is not printed yet.
#[derive(Default)]
struct PrintedSoFar {
    run: Option<Migration>,
    text: Vec<u8>,
}

impl PrintedSoFar {
    fn take(&mut self, args: &EventsArgs, zone: &TimeZone, record: &Record) {
        self.fold(record);
        let name = |user: UserId| Some(self.run.as_ref()?.user(user)?.upn.to_string());
        if !args.kind.is_empty() && !args.kind.iter().any(|kind| kind == record.event.name()) {
            return;
        }
        let line = event::line(record.seq, record.at, &record.event, name);
        if !self.is_asked_for(args, &line) {
            return;
        }
        if args.json {
            // Writing to memory does not fail.
            let _ = json::write_event(&line, &mut self.text);
        } else {
            self.text.extend(as_text(&line, zone).into_bytes());
        }
    }

    /// What cannot follow is printed all the same; names and batches are those of what could.
    fn fold(&mut self, record: &Record) {
        match &mut self.run {
            Some(run) => {
                let _ = run.apply(record.at, &record.event);
                run.preflight = None; // what it says of each user the run has besides
                event::forget_histories(run, &record.event);
            }
            None => self.run = Migration::start(record.at, &record.event).ok(),
        }
    }

    fn is_asked_for(&self, args: &EventsArgs, line: &EventLine) -> bool {
        let is_user = |user: &EventUser, wanted: &str| {
            let upn = user.user_principal_name.as_deref();
            user.id.to_string().eq_ignore_ascii_case(wanted)
                || upn.is_some_and(|upn| upn.to_lowercase() == wanted.to_lowercase())
        };
        let in_batch = |user: &EventUser| self.run.as_ref().and_then(|run| run.user(user.id)?.batch);
        let user = args.user.as_deref().is_none_or(|wanted| line.users.iter().any(|user| is_user(user, wanted.trim())));
        let batch = args.batch.is_none_or(|wanted| {
            let wanted = wanted as usize;
            match line.batch {
                Some(batch) => batch == wanted,
                None => line.users.iter().any(|user| in_batch(user).is_some_and(|batch| batch + 1 == wanted)),
            }
        });
        user && batch
    }
}

/// An event as a line for people.
pub(super) fn as_text(line: &EventLine, zone: &TimeZone) -> String {
    let at = times::day_and_second(&line.at.to_zoned(zone.clone()));
    let mut text = line.text.clone();
    if let Some(batch) = line.batch {
        text = say("cli-events-of-batch", &[("batch", batch.into()), ("text", text.into())]);
    }
    if let Some(by) = &line.by {
        text = say("cli-events-by", &[("text", text.into()), ("by", by.as_str().into())]);
    }
    let name = |user: &EventUser| user.user_principal_name.clone().unwrap_or_else(|| user.id.to_string());
    let mut names: Vec<String> = line.users.iter().take(NAMED).map(name).collect();
    let more = line.users.len().saturating_sub(NAMED);
    names.extend((more > 0).then(|| say("cli-and-more", &[("count", more.into())])));
    let users = if names.is_empty() { String::new() } else { format!(" · {}", names.join(", ")) };
    format!("{at}  {:20}  {text}{users}\n", line.kind)
}
