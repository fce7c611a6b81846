//! A service that takes requests and never answers. Time is tokio's, and goes on where nothing else does.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::time::Instant;

use super::Numbered;
use crate::clock::ManualClock;
use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
use crate::domain::fault::Silence;
use crate::domain::time::Timestamp;
use crate::graph::Endpoints;
use crate::graph::Graph;
use crate::graph::GraphError;
use crate::graph::TokenSource;
use crate::graph::auth::ClientSecret;
use crate::graph::auth::UserSignIn;
use crate::graph::auth::Way;
use crate::words::fault::fault;

/// Longer than all attempts together may take.
const FOR_EVER: Duration = Duration::from_hours(1);

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH))
}

/// Reads whatever comes, and says nothing.
async fn mute() -> Endpoints {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move { while stream.read(&mut [0; 4_096]).await.is_ok_and(|read| read > 0) {} });
        }
    });
    Endpoints::custom(&url, &url).expect("endpoints")
}

/// How an attempt ends that nobody answers, and after how long.
async fn end<T>(attempt: impl Future<Output = Result<T, GraphError>>) -> (GraphError, Duration) {
    let began = Instant::now();
    let ended = tokio::time::timeout(FOR_EVER, attempt).await.expect("it waits for ever");
    (ended.err().expect("an answer came from nowhere"), began.elapsed())
}

#[tokio::test(start_paused = true)]
async fn a_read_that_is_never_answered_ends_with_words_for_it() {
    let tokens: Arc<dyn TokenSource> = Arc::new(Numbered::default());
    let graph = Graph::new(mute().await, tokens, clock()).expect("a client");
    let (error, after) = end(graph.skus()).await;
    assert_eq!(error.kind(), FaultKind::Unreachable);
    let message = &*error.fault().message;
    assert!(matches!(message, FaultMessage::NoAnswerCame { why: Silence::TookTooLong, .. }), "{message:?}");
    assert!(fault(error.fault()).contains("no answer came: it took too long"), "{}", fault(error.fault()));
    assert!(after >= Duration::from_mins(1), "a slow service has a minute: {after:?}");
}

#[tokio::test(start_paused = true)]
async fn a_sign_in_that_is_never_answered_ends_with_words_for_it() {
    let secret = ClientSecret::new(&mute().await, "contoso.com", "an-app", "s3cret".into(), clock()).expect("a client");
    let device = UserSignIn::new(&mute().await, "contoso.com", "an-app", Way::DeviceCode, clock()).expect("a client");
    for (error, after) in [end(secret.token()).await, end(device.sign_in(&|_| {})).await] {
        assert_eq!(error.kind(), FaultKind::Unreachable);
        assert_eq!(*error.fault().message, FaultMessage::SignInUnreachable(Silence::TookTooLong));
        let told = fault(error.fault());
        assert!(told.contains("the sign-in could not be reached: it took too long"), "{told}");
        assert!(after >= Duration::from_secs(30), "a slow service has half a minute: {after:?}");
    }
}
