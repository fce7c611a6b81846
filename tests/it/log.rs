//! The log of a session: every request and every step has its line, and no line a name.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use skuferry::domain::event::Event;
use skuferry::log::Log;
use skuferry::sim::Options;
use skuferry::sim::Sim;
use tracing_subscriber::filter::LevelFilter;

use crate::driver::APP;
use crate::driver::Direction;
use crate::driver::Rig;

/// What the client signs in with.
const SECRET: &str = "s3cret";
/// Answers that name people where a client might keep them: in codes, ids and sentences.
const FAULTS: &str = "[[fault]]\non = \"PATCH /groups/*\"\nfirst = 1\nanswer = 504\ncommit = true\n\
[[fault]]\non = \"DELETE /groups/**\"\nfirst = 2\nanswer = 429\nretry_after = 0\n\
[[fault]]\non = \"GET /users/*\"\nfirst = 1\nanswer = 503\n";

/// A whole migration with a log at this level. The runtime has one thread, which is the one that the log listens to.
async fn migrated(level: LevelFilter) -> (Rig, Vec<(Timestamp, Event)>, String) {
    let data = tempfile::tempdir().unwrap();
    let mut log = Log::open(data.path(), Timestamp::UNIX_EPOCH, level);
    // While a process has one dispatcher only, other threads of the tests, which have none, may settle what it hears.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let listening = tracing::dispatcher::set_default(log.dispatch());
    let options = Options { users: 8, seed: 5, ..Options::default() };
    let signs_in = async |_: &Arc<Sim>, _: PathBuf| Direction { signs_in: true, ..Direction::default() };
    let mut rig = Rig::open_by(options, |settings| settings.canary = 2, signs_in).await;
    rig.sim.set_faults(FAULTS).unwrap();
    rig.finish().await;
    rig.quit().await;
    drop(listening);
    let text = fs::read_to_string(log.close().unwrap()).unwrap();
    let journal = rig.journal();
    (rig, journal, text)
}

/// Every word of the tenant that names somebody or something, and everything secret.
fn names(rig: &Rig) -> Vec<String> {
    let state = rig.sim.state();
    let mut names = vec![SECRET.to_owned(), rig.token.clone(), APP.to_owned(), "test".to_owned(), "Contoso".to_owned()];
    names.extend([rig.run.name.clone(), rig.run.tenant.clone()]);
    for one in ["users", "groups"].into_iter().flat_map(|kind| state[kind].as_array().unwrap()) {
        let fields = ["id", "displayName", "userPrincipalName", "mail", "mailNickname", "givenName", "surname"];
        names.extend(fields.iter().filter_map(|field| one[*field].as_str()).map(str::to_owned));
        names.extend(one["userPrincipalName"].as_str().and_then(|upn| upn.split('@').next()).map(str::to_owned));
    }
    names.retain(|name| name.len() > 2);
    names
}

#[tokio::test]
async fn a_log_tells_every_request_and_every_step_and_names_nobody() {
    let (rig, journal, text) = migrated(LevelFilter::INFO).await;
    names_nobody(&rig, &text);
    tells_every_request(&rig, &text);
    tells_every_step(&journal, &text);
}

fn names_nobody(rig: &Rig, text: &str) {
    let names = names(rig);
    assert!(names.len() > 30, "{names:?}");
    for name in &names {
        assert!(!text.contains(name.as_str()), "{name} is in the log:\n{text}");
    }
    for word in ["Bearer", "client_secret", "@", "eyJ", "odata", "displayName"] {
        assert!(!text.contains(word), "{word} is in the log:\n{text}");
    }
}

fn tells_every_request(rig: &Rig, text: &str) {
    let requests = rig.sim.log();
    assert!(requests.iter().any(|request| request.in_batch) && requests.iter().any(|request| request.status == 504));
    for request in requests {
        let id = format!("request_id=\"{}\"", request.request_id);
        let line = text.lines().find(|line| line.contains(&id));
        let line = line.unwrap_or_else(|| panic!("{request:?} has no line in\n{text}"));
        let said = [format!("method={} ", request.method), format!("status={} ", request.status)];
        assert!(said.iter().all(|said| line.contains(said)), "{line} is not of {request:?}");
        assert!(request.in_batch || line.contains(" ms="), "{line}");
        let cost = format!("cost=\"{}\"", request.resource_units);
        assert!(!line.contains("cost=") || line.contains(&cost), "{line} is not of {request:?}");
    }
    assert!(text.contains("path=\"/v1.0/groups/{id}\"") && text.contains("cost="), "{text}");
    assert!(text.contains("path=\"/{id}/oauth2/v2.0/token\""), "{text}");
}

fn tells_every_step(journal: &[(Timestamp, Event)], text: &str) {
    let told: Vec<_> = text.lines().filter_map(|line| line.split_once("step=\"")?.1.split('"').next()).collect();
    // The first event is written before the engine begins.
    let kept: Vec<_> = journal.iter().skip(1).map(|(_, event)| event.name()).collect();
    assert_eq!(told, kept);
    assert!(text.contains("step=\"add-settled\" batch=1 users=8 why=\"lost\" fault=Service status=504"), "{text}");
}

#[tokio::test]
async fn no_level_tells_secrets() {
    let (rig, _, text) = migrated(LevelFilter::TRACE).await;
    for secret in [SECRET, rig.token.as_str(), "Bearer", "eyJ"] {
        assert!(!text.contains(secret), "{secret} is in the log:\n{text}");
    }
    let user = rig.planned()[0].to_string();
    assert!(text.contains(&user), "debug does not tell ids:\n{text}");
}
