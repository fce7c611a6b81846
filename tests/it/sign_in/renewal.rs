//! How a token is renewed as long as a run lasts, and what comes of it when that fails.

use std::sync::Arc;

use jiff::SignedDuration;
use skuferry::clock::Clock;
use skuferry::clock::ManualClock;
use skuferry::clock::SystemClock;
use skuferry::domain::fault::FaultKind;
use skuferry::graph::Graph;
use skuferry::graph::SignInState;
use skuferry::graph::auth::UserSignIn;
use skuferry::graph::auth::Way;
use skuferry::sim::Sim;

use crate::sign_in::APP;
use crate::sign_in::AT_ONCE;
use crate::sign_in::TENANT;
use crate::sign_in::endpoints;
use crate::sign_in::in_a_browser;
use crate::sign_in::in_browser;
use crate::sign_in::person;
use crate::sign_in::tenant;

/// Somebody who has signed in by a device, and the clock of their machine.
async fn signed_in(sim: &Sim) -> (Graph, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    let shared: Arc<dyn Clock> = clock.clone();
    let tokens = UserSignIn::new(&endpoints(sim), TENANT, APP, Way::DeviceCode, Arc::clone(&shared)).unwrap();
    let graph = Graph::new(endpoints(sim), Arc::new(tokens), shared).unwrap();
    graph.sign_in(&|_| {}).await.unwrap();
    (graph, clock)
}

fn tokens_asked(sim: &Sim) -> usize {
    sim.log().iter().filter(|entry| entry.path.ends_with("/token")).count()
}

#[tokio::test]
async fn it_is_renewed_shortly_before_its_end_and_again_with_what_came_last() {
    let sim = tenant().await;
    sim.set_faults(AT_ONCE).unwrap();
    let (graph, clock) = signed_in(&sim).await;
    clock.advance(SignedDuration::from_mins(54));
    graph.identity().await.unwrap();
    assert_eq!(tokens_asked(&sim), 1, "it is good for five minutes more");
    for round in 2..5 {
        clock.advance(SignedDuration::from_mins(56));
        graph.identity().await.unwrap();
        assert_eq!(tokens_asked(&sim), round);
    }
    assert_eq!(*graph.sign_in_state().borrow(), SignInState::Good);
}

#[tokio::test]
async fn a_sign_in_that_was_taken_back_is_said_once_and_not_asked_again() {
    let sim = tenant().await;
    sim.set_faults(AT_ONCE).unwrap();
    let (graph, clock) = signed_in(&sim).await;
    sim.set_faults("[sign_in]\nrefuse = 50173\nrefuse_at = \"refresh\"").unwrap();
    clock.advance(SignedDuration::from_mins(56));
    for _ in 0..3 {
        let error = graph.skus().await.unwrap_err();
        assert_eq!(error.kind(), FaultKind::SignIn);
        assert!(skuferry::words::error::causes(&error).contains("the sign-in has ended, or was taken back"), "{error}");
    }
    assert_eq!(tokens_asked(&sim), 2, "a refusal for good is not asked for again");
    assert!(
        matches!(&*graph.sign_in_state().borrow(), SignInState::Needed(why) if why.for_log().contains("AADSTS50173"))
    );
    sim.set_faults(&format!("{AT_ONCE}refuse = 0")).unwrap();
    graph.sign_in(&|_| {}).await.unwrap();
    assert!(graph.skus().await.is_ok());
}

#[tokio::test]
async fn while_entra_is_out_of_reach_a_token_is_used_to_its_end() {
    let sim = tenant().await;
    sim.set_faults(AT_ONCE).unwrap();
    let (graph, clock) = signed_in(&sim).await;
    sim.set_faults("[[fault]]\non = \"POST /*/oauth2/v2.0/token\"\nanswer = 503\nretry_after = 600").unwrap();
    clock.advance(SignedDuration::from_mins(56));
    assert!(graph.skus().await.is_ok(), "it is good for three minutes more");
    assert!(graph.skus().await.is_ok() && tokens_asked(&sim) == 2, "and Entra is left alone meanwhile");
    clock.advance(SignedDuration::from_mins(4));
    let error = graph.identity().await.unwrap_err();
    assert_ne!(error.kind(), FaultKind::SignIn, "nobody has to sign in because Entra is away: {error}");
}

#[tokio::test]
async fn another_account_does_not_go_on_where_the_first_began() {
    let sim = tenant().await;
    let graph = person(&sim, in_browser());
    in_a_browser(&graph, "account-0").await.0.unwrap();
    let error = skuferry::words::error::causes(&in_a_browser(&graph, "account-1").await.0.unwrap_err());
    assert!(error.contains("this session was begun as admin@contoso.com"), "{error}");
    assert!(graph.skus().await.is_err() && graph.identity().await.is_err());
    assert!(matches!(&*graph.sign_in_state().borrow(), SignInState::Needed(_)));
    in_a_browser(&graph, "account-0").await.0.unwrap();
    assert!(graph.skus().await.is_ok());
}
