//! Signing in, each way from end to end against the simulated sign-in service, and each refusal of it.

mod az;
mod browser;
mod certificate;
pub(crate) mod chromium;
mod proxy;
mod refusals;
mod renewal;
mod screen;
mod secrets;
mod too_little;
mod waiting;
mod whoami;

use std::sync::Arc;
use std::sync::Mutex;

use skuferry::clock::Clock;
use skuferry::clock::SystemClock;
use skuferry::graph::Endpoints;
use skuferry::graph::Graph;
use skuferry::graph::GraphError;
use skuferry::graph::TokenSource;
use skuferry::graph::auth::Certificate;
use skuferry::graph::auth::ClientCertificate;
use skuferry::graph::auth::Prompt;
use skuferry::graph::auth::UserSignIn;
use skuferry::graph::auth::Way;
use skuferry::sim::Options;
use skuferry::sim::Sim;

/// The tenant by one of its names.
pub(super) const TENANT: &str = "contoso.onmicrosoft.com";
/// The application.
pub(super) const APP: &str = "5f1d3a64-2f0a-4c5e-9d6b-0c8f3d1b7a42";
/// How the service answers devices in tests: at once.
pub(super) const AT_ONCE: &str = "[sign_in]\ndevice_interval = \"1s\"\ndevice_decided_after = \"0s\"\n";

/// Whether the tests find an openssl to drive.
pub(crate) fn has_openssl() -> bool {
    certificate::openssl(std::path::Path::new("."), &["version"]).is_some()
}

/// Whether the tests find an Azure CLI to drive.
pub(crate) fn has_az() -> bool {
    az::real().is_some()
}

pub(super) async fn tenant() -> Sim {
    // For the clients that play browsers; fails when there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Sim::start(Options { users: 6, ..Options::default() }).await.unwrap()
}

pub(super) fn endpoints(sim: &Sim) -> Endpoints {
    Endpoints::custom(&sim.url(), &sim.url()).unwrap()
}

pub(super) fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

/// A sign-in in a browser that nobody opens but the test.
pub(super) fn in_browser() -> Way {
    Way::Browser { open: |_| false, landing: skuferry::words::sign_in::landing }
}

pub(super) fn person(sim: &Sim, way: Way) -> Graph {
    let tokens = UserSignIn::new(&endpoints(sim), TENANT, APP, way, clock()).unwrap();
    client(sim, Arc::new(tokens))
}

pub(super) fn client(sim: &Sim, tokens: Arc<dyn TokenSource>) -> Graph {
    Graph::new(endpoints(sim), tokens, clock()).unwrap()
}

/// A certificate for tests with its key, as one PEM text, and the certificate alone.
pub(super) fn pem() -> (String, String) {
    let key = include_str!("../../assets/sim/signing-key.pem");
    let pair = rcgen::KeyPair::from_pem(key).unwrap();
    let certificate =
        rcgen::CertificateParams::new(vec!["skuferry.test".to_owned()]).unwrap().self_signed(&pair).unwrap();
    (format!("{}{key}", certificate.pem()), certificate.pem())
}

pub(super) fn with_certificate(sim: &Sim, pem: &str) -> Graph {
    let certificate = Certificate::from_pem(pem.as_bytes()).unwrap();
    client(sim, Arc::new(ClientCertificate::new(&endpoints(sim), TENANT, APP, certificate, clock()).unwrap()))
}

/// Signs in while somebody plays the browser on the page that is shown: picks the account at this place. Gives how it ended
/// and the last page.
pub(super) async fn in_a_browser(graph: &Graph, pick: &'static str) -> (Result<(), GraphError>, String) {
    let (sender, mut shown) = tokio::sync::mpsc::unbounded_channel();
    let show = move |prompt: Prompt| drop(sender.send(prompt.address().to_owned()));
    let plays = async {
        let address = shown.recv().await.unwrap();
        play(&address, pick).await
    };
    tokio::join!(graph.sign_in(&show), plays)
}

/// Plays the browser: reads the page, presses a button of it, goes where it is led, and gives what stands there.
pub(super) async fn play(address: &str, pick: &str) -> String {
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
    let browser = browser.tls_certs_only([]).build().unwrap();
    let page = browser.get(address).send().await.unwrap().text().await.unwrap();
    let button = page.split_once(&format!("id=\"{pick}\" name=\"account\" value=\""));
    let Some((_, rest)) = button else { return page };
    let account = rest.split('"').next().unwrap();
    let led = browser.get(format!("{address}&account={account}")).send().await.unwrap();
    assert_eq!(led.status(), 302);
    let back = led.headers()["location"].to_str().unwrap().to_owned();
    browser.get(back).send().await.unwrap().text().await.unwrap()
}

/// Keeps what is shown.
pub(super) fn keeping(shown: &Mutex<Vec<Prompt>>) -> impl Fn(Prompt) + Send + Sync + '_ {
    |prompt| shown.lock().unwrap().push(prompt)
}

#[tokio::test]
async fn a_device_code_is_shown_with_its_page_and_its_end_and_signs_in() {
    let sim = tenant().await;
    sim.set_faults(AT_ONCE).unwrap();
    let graph = person(&sim, Way::DeviceCode);
    let shown = Mutex::new(Vec::new());
    let before = clock().now();
    assert!(graph.asks_operator() && graph.identity().await.is_err(), "nobody is signed in yet");
    graph.sign_in(&keeping(&shown)).await.unwrap();
    let who = graph.identity().await.unwrap().unwrap();
    assert_eq!((who.name.as_str(), who.app_only), ("admin@contoso.com", false));
    assert!(graph.skus().await.is_ok());
    let shown = shown.into_inner().unwrap();
    let [Prompt::DeviceCode { code, page, until }] = shown.as_slice() else { panic!("{shown:?}") };
    assert_eq!((code.len(), page.as_str()), (9, format!("{}/devicelogin", sim.url()).as_str()));
    let life = until.duration_since(before).as_secs();
    assert!((899..=901).contains(&life), "{life}");
    let debug = format!("{shown:?}");
    assert!(!debug.contains(code.as_str()), "{debug}");
    let polls = sim.log().iter().filter(|entry| entry.path.ends_with("/token")).count();
    assert_eq!(polls, 1, "it is not asked before anybody can have entered the code");
}

#[tokio::test]
async fn a_sign_in_that_is_dropped_is_given_up_and_can_be_begun_anew() {
    use skuferry::graph::SignInState;
    let sim = tenant().await;
    sim.set_faults("[sign_in]\ndevice_interval = \"1s\"\ndevice_outcome = \"never\"\n").unwrap();
    let graph = person(&sim, Way::DeviceCode);
    let state = graph.sign_in_state();
    let asked = tokio::time::timeout(std::time::Duration::from_millis(300), graph.sign_in(&|_| {})).await;
    assert!(asked.is_err(), "nobody entered the code");
    assert_eq!(*state.borrow(), SignInState::Needed(skuferry::domain::fault::FaultMessage::SignInGivenUp));
    sim.set_faults(&format!("{AT_ONCE}device_outcome = \"approve\"")).unwrap();
    graph.sign_in(&|_| {}).await.unwrap();
    assert_eq!(*state.borrow(), SignInState::Good);
}
