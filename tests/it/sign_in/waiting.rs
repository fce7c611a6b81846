//! A run whose sign-in ends under it: it waits, writes nothing, and goes on where it was.

use std::path::PathBuf;
use std::sync::Arc;

use skuferry::domain::event::Event;
use skuferry::domain::questions::PendingQuestion;
use skuferry::engine::handle::Command;
use skuferry::graph::SignInState;
use skuferry::graph::TokenSource;
use skuferry::graph::auth::UserSignIn;
use skuferry::graph::auth::Way;
use skuferry::sim::Options;
use skuferry::sim::Sim;

use crate::driver::Direction;
use crate::driver::Rig;
use crate::sign_in::APP;
use crate::sign_in::AT_ONCE;
use crate::sign_in::TENANT;
use crate::sign_in::clock;
use crate::sign_in::endpoints;

/// Tokens that are to be renewed after a second, as they are replaced five minutes before their end.
const SHORT: &str = "token_lifetime = \"301s\"\n";

async fn signs_in(sim: &Arc<Sim>, _: PathBuf) -> Direction {
    sim.set_faults(&format!("{AT_ONCE}{SHORT}")).unwrap();
    let tokens = UserSignIn::new(&endpoints(sim), TENANT, APP, Way::DeviceCode, clock()).unwrap();
    tokens.sign_in(&|_| {}).await.unwrap();
    let tokens: Arc<dyn TokenSource> = Arc::new(tokens);
    Direction { tokens: Some(Box::new(move |_, _| Arc::clone(&tokens))), ..Direction::default() }
}

fn writes(sim: &Sim) -> usize {
    sim.log()
        .iter()
        .filter(|entry| ["PATCH", "DELETE"].contains(&entry.method.as_str()) && entry.outer.is_none())
        .count()
}

#[tokio::test]
async fn it_writes_nothing_until_somebody_signs_in_and_goes_on_where_it_was() {
    let options = Options { users: 8, seed: 5, ..Options::default() };
    let mut rig = Rig::open_by(options, |settings| settings.canary = 2, signs_in).await;
    rig.wait_for(PendingQuestion::Add(8)).await;
    rig.sim.set_faults("[sign_in]\nrefuse = 50173\nrefuse_at = \"refresh\"").unwrap();
    let signed_out = rig.wait("signed out", |shot| matches!(shot.sign_in, SignInState::Needed(_))).await;
    assert!(matches!(&signed_out.sign_in, SignInState::Needed(why) if why.contains("AADSTS50173")));

    let question = rig.ask().await.unwrap();
    assert_eq!(rig.yes(question), 8);
    rig.wait("delayed", |shot| shot.events.iter().any(|(_, event)| matches!(**event, Event::Delayed { .. }))).await;
    assert_eq!(writes(&rig.sim), 0, "nothing is written while nobody is signed in");

    rig.sim.set_faults(&format!("{AT_ONCE}{SHORT}refuse = 0\n")).unwrap();
    rig.send(Command::SignIn);
    let back = rig.wait("signed in", |shot| shot.sign_in == SignInState::Good).await;
    assert!(!back.run.complete);
    let done = rig.finish().await;
    assert!(done.run.users.iter().all(|user| user.remove.is_done()));
    let events = rig.journal();
    let approvals = events.iter().filter(|(_, event)| matches!(event, Event::AddApproved { .. })).count();
    assert_eq!(approvals, 1, "what was approved is not asked again");
    rig.quit().await;
}

#[tokio::test]
async fn a_sign_in_can_be_given_up_and_the_run_waits_on() {
    let options = Options { users: 4, seed: 5, ..Options::default() };
    let mut rig = Rig::open_by(options, |settings| settings.canary = 2, signs_in).await;
    rig.wait_for(PendingQuestion::Add(4)).await;
    rig.sim.set_faults("[sign_in]\nrefuse = 50173\nrefuse_at = \"refresh\"\ndevice_outcome = \"never\"").unwrap();
    rig.wait("signed out", |shot| matches!(shot.sign_in, SignInState::Needed(_))).await;
    rig.send(Command::SignIn);
    rig.wait("asked", |shot| matches!(shot.sign_in, SignInState::Asking(Some(_)))).await;
    rig.send(Command::CancelSignIn);
    rig.wait("given up", |shot| matches!(shot.sign_in, SignInState::Needed(_))).await;
    rig.sim.set_faults(&format!("{AT_ONCE}{SHORT}refuse = 0\ndevice_outcome = \"approve\"\n")).unwrap();
    rig.send(Command::SignIn);
    rig.finish().await;
    rig.quit().await;
}
