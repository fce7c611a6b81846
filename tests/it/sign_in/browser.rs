//! The browser way, with an HTTP client that plays the browser.

use std::sync::Mutex;

use skuferry::domain::fault::FaultKind;
use skuferry::domain::sign_in::SignInCause;
use skuferry::graph::SignInState;
use skuferry::graph::auth::Prompt;

use crate::sign_in::in_a_browser;
use crate::sign_in::in_browser;
use crate::sign_in::keeping;
use crate::sign_in::person;
use crate::sign_in::play;
use crate::sign_in::tenant;

fn field(address: &str, name: &str) -> String {
    let value = address.split(['?', '&']).find_map(|pair| pair.strip_prefix(&format!("{name}=")));
    value.unwrap_or_else(|| panic!("{name} is not in {address}")).to_owned()
}

#[tokio::test]
async fn whoever_picks_an_account_is_signed_in_and_told_that_the_page_can_be_closed() {
    let sim = tenant().await;
    let graph = person(&sim, in_browser());
    let (ended, page) = in_a_browser(&graph, "account-0").await;
    ended.unwrap();
    assert!(page.contains("You can close this page") && page.contains("go back to the terminal"), "{page}");
    let who = graph.identity().await.unwrap().unwrap();
    assert_eq!((who.name.as_str(), who.app_only), ("admin@contoso.com", false));
    assert!(who.directory_roles.is_some() && who.expires.is_some());
    assert!(graph.skus().await.is_ok());
}

#[tokio::test]
async fn the_page_is_asked_for_as_entra_wants_it() {
    let sim = tenant().await;
    let graph = person(&sim, in_browser());
    let shown = Mutex::new(Vec::new());
    let show = keeping(&shown);
    let signing = tokio::time::timeout(std::time::Duration::from_millis(300), graph.sign_in(&show)).await;
    assert!(signing.is_err());
    let prompts = shown.lock().unwrap().clone();
    let [Prompt::Browser { address, port, opened: false }] = prompts.as_slice() else { panic!("{prompts:?}") };
    assert!(address.starts_with(&format!("{}/contoso.onmicrosoft.com/oauth2/v2.0/authorize?", sim.url())), "{address}");
    for (name, value) in [
        ("response_type", "code"),
        ("code_challenge_method", "S256"),
        ("prompt", "select_account"),
        ("redirect_uri", format!("http%3A%2F%2Flocalhost%3A{port}").as_str()),
    ] {
        assert_eq!(field(address, name), value, "{address}");
    }
    assert!(field(address, "scope").ends_with("%2F.default+offline_access+openid+profile"), "{address}");
    assert_eq!(field(address, "code_challenge").len(), 43, "{address}");
    assert!(field(address, "state").len() >= 20, "{address}");
    assert!(!format!("{shown:?}").contains("authorize"), "its Debug does not show the address");
    // The listener went with the sign-in.
    assert!(reqwest::get(format!("http://127.0.0.1:{port}/?code=x")).await.is_err());
}

#[tokio::test]
async fn an_answer_with_another_state_or_of_another_page_is_no_answer() {
    let sim = tenant().await;
    let graph = person(&sim, in_browser());
    let (sender, mut shown) = tokio::sync::mpsc::unbounded_channel();
    let show = move |prompt: Prompt| drop(sender.send(prompt));
    let intrudes = async {
        let Some(Prompt::Browser { address, port, .. }) = shown.recv().await else { panic!("no page") };
        let at = format!("http://127.0.0.1:{port}");
        let (browser, good) = (reqwest::Client::new(), field(&address, "state"));
        for (path, host) in [
            ("/?code=stolen".to_owned(), None),
            ("/?code=stolen&state=other".to_owned(), None),
            ("/?error=access_denied&state=other".to_owned(), None),
            (format!("/?state={good}"), None),
            (format!("/?code=stolen&state={good}"), Some("evil.example")),
        ] {
            let mut request = browser.get(format!("{at}{path}"));
            if let Some(host) = host {
                request = request.header("host", host);
            }
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 400, "{path}");
            assert!(answer.text().await.unwrap().contains("Not signed in"), "{path}");
        }
        assert_eq!(browser.get(format!("{at}/favicon.ico")).send().await.unwrap().status(), 404);
        play(&address, "account-0").await
    };
    let (ended, page) = tokio::join!(graph.sign_in(&show), intrudes);
    ended.unwrap();
    assert!(page.contains("Signed in"), "{page}");
}

#[tokio::test]
async fn a_page_says_nothing_that_came_with_the_request() {
    let sim = tenant().await;
    let graph = person(&sim, in_browser());
    let (sender, mut shown) = tokio::sync::mpsc::unbounded_channel();
    let show = move |prompt: Prompt| drop(sender.send(prompt));
    let comes_back = async {
        let Some(Prompt::Browser { address, port, .. }) = shown.recv().await else { panic!("no page") };
        let state = field(&address, "state");
        let path = format!("/?error=access_denied&error_description=%3Cscript%3EAADSTS53003%1b[2J&state={state}");
        reqwest::get(format!("http://127.0.0.1:{port}{path}")).await.unwrap()
    };
    let (ended, page) = tokio::join!(graph.sign_in(&show), comes_back);
    assert_eq!(page.headers()["content-security-policy"], "default-src 'none'");
    let page = page.text().await.unwrap();
    assert!(!page.contains("script>") && page.contains("The terminal says why"), "{page}");
    let error = ended.unwrap_err();
    assert_eq!(error.kind(), FaultKind::SignIn);
    assert!(
        skuferry::words::error::causes(&error)
            .starts_with("a conditional access policy of the tenant blocks this sign-in"),
        "{error}"
    );
    assert!(!skuferry::words::error::causes(&error).contains('\u{1b}'));
    assert!(
        matches!(&*graph.sign_in_state().borrow(), SignInState::Needed(why) if why.sign_in_cause() == Some(SignInCause::Policy))
    );
}

#[tokio::test]
async fn who_cancels_is_told_so() {
    let sim = tenant().await;
    let graph = person(&sim, in_browser());
    let (ended, page) = in_a_browser(&graph, "cancel").await;
    assert!(page.contains("The sign-in was refused"), "{page}");
    let error = skuferry::words::error::causes(&ended.unwrap_err());
    assert!(error.contains("declined"), "{error}");
}

#[tokio::test]
async fn a_code_is_of_no_use_without_the_verifier() {
    let sim = tenant().await;
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"; // RFC 7636, appendix B
    let right = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let address = format!(
        "{}/contoso.com/oauth2/v2.0/authorize?client_id=app&response_type=code&redirect_uri=http://localhost:1&scope=openid%20\
         User.Read.All&state=s&code_challenge={challenge}&code_challenge_method=S256",
        sim.url()
    );
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let page = browser.get(&address).send().await.unwrap().text().await.unwrap();
    let account = page.split("name=\"account\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    for (verifier, status) in [("", 400), ("x", 400), (right, 200)] {
        let led = browser.get(format!("{address}&account={account}")).send().await.unwrap();
        let code = field(led.headers()["location"].to_str().unwrap(), "code");
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", "app"),
            ("redirect_uri", "http://localhost:1"),
            ("code", &code),
            ("code_verifier", verifier),
        ];
        let token = format!("{}/contoso.com/oauth2/v2.0/token", sim.url());
        assert_eq!(browser.post(&token).form(&form).send().await.unwrap().status(), status, "{verifier:?}");
        assert_eq!(browser.post(&token).form(&form).send().await.unwrap().status(), 400, "a code is good once");
    }
}
