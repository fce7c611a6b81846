//! `verify`: reads every user of a run anew, and says who is not as its report says. It writes nothing.

use std::fmt::Write;
use std::sync::Arc;

use clap::Args;
use serde_json::Value;
use serde_json::json;

use crate::cli::Context;
use crate::cli::connect;
use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::cli::read_args::ReadArgs;
use crate::cli::sign_in;
use crate::cli::sign_in::Secrets;
use crate::clock::Clock;
use crate::clock::SystemClock;
use crate::domain::classifier::Classifier;
use crate::domain::id::RunId;
use crate::domain::id::UserId;
use crate::domain::migration::Migration;
use crate::domain::preflight;
use crate::domain::read::PointRead;
use crate::domain::route::Direction;
use crate::domain::standing::Standing;
use crate::domain::text::clean;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::engine::plan;
use crate::engine::plan::Users;
use crate::graph::Graph;
use crate::journal;
use crate::journal::Reader;
use crate::report::Ended;
use crate::report::SCHEMA;
use crate::report::event;
use crate::report::read_on;
use crate::words;
use crate::words::phrase;
use crate::words::say;

/// How many users are read before the next are begun.
const CHUNK: usize = 1000;

/// What `verify` is asked for.
#[derive(Args, Debug)]
pub(super) struct VerifyArgs {
    /// The run, as `skuferry runs` lists it
    #[arg(value_name = "RUN_ID", value_parser = super::runs::id)]
    run_id: RunId,
    #[command(flatten)]
    read: ReadArgs,
}

/// What was found.
#[derive(Default)]
struct Findings {
    as_reported: usize,
    /// Users of whom the report says no standing, so that there is nothing to compare.
    not_compared: usize,
    differ: Vec<Difference>,
    unread: Vec<(UserId, String, String)>,
}

/// A user who is not as the report says.
struct Difference {
    id: UserId,
    upn: String,
    reported: &'static str,
    found: &'static str,
    /// What was found, with what is wrong.
    text: String,
}

/// `skuferry verify`: [`Exit::Fine`] when all are as reported, [`Exit::CheckFailed`] when somebody is not.
pub(super) async fn verify(args: VerifyArgs, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let run = fold(context, args.run_id)?;
    let config = args.read.config(context)?;
    let at = args.read.confirm(context, &config)?;
    let other = |why: String| {
        let what = say("error-cli-verify-other", &[("id", args.run_id.to_string().into())]);
        Failure::new(Exit::Usage, what, why, phrase("error-cli-verify-other-action"))
    };
    let (planned, ends) = (&run.run.route, &config.migration);
    if (planned.source.group, planned.target.group) != (ends.source.group, ends.target.group) {
        return Err(other(phrase("error-cli-verify-other-groups")));
    }
    if config.tenant.id != run.run.tenant {
        return Err(other(phrase("error-cli-verify-other-tenants")));
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let nobody = (Users::List(Arc::default()), Vec::new());
    let tenant = connect::connect(&config, at, nobody, Secrets::from_env(), &clock).await?;
    if (tenant.plan.route.source.sku, tenant.plan.route.target.sku) != (planned.source.sku, planned.target.sku) {
        return Err(other(phrase("error-cli-verify-other-products")));
    }
    let facts = plan::gather(&tenant.graph, &tenant.plan, clock.now()).await.map_err(sign_in::refused)?;
    let mut forward = preflight::classifier(&facts);
    forward.scenario = run.scenario;
    if let Some(preflight) = &run.preflight {
        forward.disproved.extend(&preflight.disproved);
    }
    let judges = Judges { back: forward.reversed(), forward };
    let began = clock.now();
    let found = read(&run, &tenant.graph, &judges).await;
    if args.read.json {
        context.print_json(as_json(&run, &found, began), true)?;
    } else {
        context.print(&as_text(&found))?;
    }
    if let Some((_, _, why)) = found.unread.first() {
        let what = say("error-cli-verify-unread", &[("count", found.unread.len().into())]);
        return Err(Failure::new(Exit::Service, what, why.clone(), phrase("error-cli-verify-unread-action")));
    }
    Ok(if found.differ.is_empty() { Exit::Fine } else { Exit::CheckFailed })
}

/// The run as its journal leaves it. One that cannot be read to its end says nothing to hold anybody to.
fn fold(context: &Context<'_>, id: RunId) -> Result<Migration, Failure> {
    let path = journal::file(&context.dirs.data, id);
    let mut reader = Reader::open(&path)?;
    let mut run: Option<Migration> = None;
    let illegal = |why: String| {
        let what = say("error-cli-no-run-told", &[("path", path.display().to_string().into())]);
        Failure::new(Exit::Usage, what, why, phrase("error-cli-verify-damaged-action"))
    };
    let ended = read_on(&mut reader, |record| {
        let taken = match &mut run {
            Some(run) => run.apply(record.at, &record.event),
            None => Migration::start(record.at, &record.event).map(|begun| run = Some(begun)),
        };
        if let Some(run) = &mut run {
            event::forget_histories(run, &record.event);
        }
        taken.map_err(|why| illegal(why.to_string()))
    })?;
    if let Ended::Damaged { line, why } = ended {
        return Err(illegal(say("error-cli-verify-line", &[("line", line.into()), ("why", why.into())])));
    }
    run.ok_or_else(|| illegal(phrase("cli-nothing-written")))
}

/// Who says where users stand: one for each direction.
struct Judges {
    forward: Classifier,
    back: Classifier,
}

impl Judges {
    fn standing(&self, user: &User, read: &PointRead) -> Standing {
        let judge = if user.direction == Direction::Forward { &self.forward } else { &self.back };
        judge.standing_of(read.facts.as_ref(), user.removal(), &user.keeps)
    }
}

/// Reads every user by point reads, and those who differ once more: a difference is told when two reads agree on it.
async fn read(run: &Migration, graph: &Graph, judges: &Judges) -> Findings {
    let mut found = Findings::default();
    let reported: Vec<&User> = run.users.iter().map(AsRef::as_ref).filter(|user| is_told_of(user)).collect();
    found.not_compared = run.users.len() - reported.len();
    for chunk in reported.chunks(CHUNK) {
        let first = seen(run, graph, judges, chunk.iter().filter_map(|user| user.id).collect(), &mut found).await;
        let differ: Vec<_> = first.into_iter().filter(|(user, now)| is_news(user, now)).collect();
        found.as_reported += chunk.len();
        let again = differ.iter().filter_map(|(user, _)| user.id).collect();
        for (user, now) in seen(run, graph, judges, again, &mut found).await {
            if is_news(user, &now) {
                found.differ.extend(difference(user, &now));
            }
        }
    }
    found.as_reported -= found.differ.len() + found.unread.len();
    found
}

/// Whether the report says where a user stands. Of a user whose write is open nobody knows.
fn is_told_of(user: &User) -> bool {
    user.id.is_some() && user.standing.is_some() && !user.is_open()
}

fn is_news(user: &User, now: &Standing) -> bool {
    user.standing.as_ref().map(Standing::code) != Some(now.code())
}

async fn seen<'r>(
    run: &'r Migration,
    graph: &Graph,
    judges: &Judges,
    users: Vec<UserId>,
    found: &mut Findings,
) -> Vec<(&'r User, Standing)> {
    if users.is_empty() {
        return Vec::new();
    }
    let mut seen = Vec::with_capacity(users.len());
    for (id, read) in graph.point_reads(&users).await {
        let Some(user) = run.user(id) else { continue };
        match read {
            Ok(read) => seen.push((user.as_ref(), judges.standing(user, &read))),
            Err(error) => found.unread.push((id, user.upn.to_string(), words::fault::fault(error.fault()))),
        }
    }
    seen
}

fn difference(user: &User, now: &Standing) -> Option<Difference> {
    let (direction, written) = (user.direction, user.written());
    Some(Difference {
        id: user.id?,
        upn: user.upn.to_string(),
        reported: user.standing.as_ref()?.code(),
        found: now.code(),
        text: words::standing::full(now, direction, written),
    })
}

fn as_text(found: &Findings) -> String {
    let mut text = String::new();
    // Writing to a String does not fail.
    for one in &found.differ {
        let (user, now) = (clean(&one.upn).into(), clean(&one.text).into());
        let told = say("cli-verify-differs", &[("user", user), ("reported", one.reported.into()), ("now", now)]);
        let _ = writeln!(text, "{told}");
    }
    for (_, upn, why) in &found.unread {
        let told = say("cli-verify-unread", &[("user", clean(upn).into()), ("why", clean(why).into())]);
        let _ = writeln!(text, "{told}");
    }
    let (same, differ) = (found.as_reported.into(), found.differ.len().into());
    let _ = writeln!(text, "{}", say("cli-verify-sums", &[("same", same), ("differ", differ)]));
    if found.not_compared > 0 {
        let told = say("cli-verify-not-compared", &[("count", found.not_compared.into())]);
        let _ = writeln!(text, "{told}");
    }
    text
}

fn as_json(run: &Migration, found: &Findings, began: Timestamp) -> Value {
    let differ = found.differ.iter().map(|one| {
        json!({
            "id": one.id,
            "userPrincipalName": one.upn,
            "reported": one.reported,
            "found": one.found,
            "text": one.text,
        })
    });
    let unread =
        found.unread.iter().map(|(id, upn, why)| json!({ "id": id, "userPrincipalName": upn, "message": why }));
    json!({
        "schema": SCHEMA,
        "run": run.run.id,
        "readAt": began,
        "asReported": found.as_reported,
        "notCompared": found.not_compared,
        "differ": differ.collect::<Vec<_>>(),
        "unread": unread.collect::<Vec<_>>(),
    })
}
