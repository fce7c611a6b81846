//! The browser way as an admin walks it: the built program, the system's way to open a page, and a real browser.

use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use serde_json::json;

use crate::required;
use crate::sign_in::TENANT;
use crate::sign_in::tenant;
use crate::sign_in::whoami::skuferry;
use crate::sign_in::whoami::written;

/// A process that does not outlive its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A real browser without a window, by the `WebDriver` protocol.
pub(crate) struct Browser {
    driver: String,
    session: String,
    client: reqwest::Client,
    _process: Running,
}

impl Browser {
    /// Starts one; `None` where there is none.
    pub(crate) async fn start(folder: &Path) -> Option<Self> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let binary = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
        let binary = binary.into_iter().find(|path| Path::new(path).exists())?;
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").env("HOME", folder).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = Running(command.spawn().ok()?);
        let mut said = BufReader::new(process.0.stdout.take()?).lines().map_while(Result::ok);
        let port = said.find_map(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse::<u16>().ok()
        })?;
        std::thread::spawn(move || said.for_each(drop)); // so that it never waits for a reader
        let (driver, client) =
            (format!("http://127.0.0.1:{port}"), reqwest::Client::builder().no_proxy().build().ok()?);
        let args = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server"];
        let options = json!({ "binary": binary, "args": args });
        let wish =
            json!({ "capabilities": { "alwaysMatch": { "browserName": "chrome", "goog:chromeOptions": options } } });
        let begun: Value = client.post(format!("{driver}/session")).json(&wish).send().await.ok()?.json().await.ok()?;
        let session = begun["value"]["sessionId"].as_str().unwrap_or_else(|| panic!("{begun}")).to_owned();
        Some(Self { driver, session, client, _process: process })
    }

    async fn tell(&self, what: &str, with: Value) -> Value {
        let url = format!("{}/session/{}/{what}", self.driver, self.session);
        let answer: Value = self.client.post(url).json(&with).send().await.unwrap().json().await.unwrap();
        assert!(answer["value"]["error"].is_null(), "{what}: {answer}");
        answer["value"].clone()
    }

    async fn click(&self, selector: &str) {
        let found = self.tell("element", json!({ "using": "css selector", "value": selector })).await;
        let id = found.as_object().unwrap().values().next().unwrap().as_str().unwrap().to_owned();
        self.tell(&format!("element/{id}/click"), json!({})).await;
    }

    /// What the page says.
    async fn text(&self) -> String {
        let script = json!({ "script": "return document.title + '\\n' + document.body.innerText", "args": [] });
        self.tell("execute/sync", script).await.as_str().unwrap_or_default().to_owned()
    }

    /// Signs in with the first account on the simulated page at this address, and gives back what the last page says.
    pub(crate) async fn sign_in(&self, address: &str) -> String {
        self.tell("url", json!({ "url": address })).await;
        assert!(self.text().await.contains("Pick an account"));
        self.click("#account-0").await;
        // A click is answered before the page has changed.
        let end = tokio::time::Instant::now() + Duration::from_mins(1);
        let mut page = self.text().await;
        while page.contains("Pick an account") && tokio::time::Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(20)).await;
            page = self.text().await;
        }
        page
    }

    pub(crate) async fn end(self) {
        let _ = self.client.delete(format!("{}/session/{}", self.driver, self.session)).send().await;
    }
}

/// Makes what the system opens pages with: a program that leaves the address for the browser of a test.
pub(crate) fn opener(folder: &Path) {
    let (opener, folder) = (folder.join("opener"), folder.display());
    let text = format!("#!/bin/sh\necho \"$1\" >{folder}/address.new && mv {folder}/address.new {folder}/address\n");
    fs::write(&opener, text).unwrap();
    fs::set_permissions(&opener, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The address that was to be opened.
pub(crate) async fn opened(folder: &Path) -> String {
    let address = folder.join("address");
    let end = tokio::time::Instant::now() + Duration::from_mins(1);
    while !address.exists() {
        assert!(tokio::time::Instant::now() < end, "no page was opened");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    fs::read_to_string(address).unwrap().trim().to_owned()
}

#[tokio::test]
async fn a_real_browser_signs_in_and_says_that_it_can_be_closed() {
    let sim = tenant().await;
    let folder = tempfile::tempdir().unwrap();
    let Some(browser) = required::found("chromium", Browser::start(folder.path()).await) else { return };
    written(folder.path(), &sim, &format!("id = \"{TENANT}\""), "method = \"browser\"");
    opener(folder.path());
    let mut command = skuferry(folder.path());
    command
        .args(["whoami", "--json"])
        .env("BROWSER", folder.path().join("opener"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let page = browser.sign_in(&opened(folder.path()).await).await;
    assert!(page.starts_with("skuferry: Signed in") && page.contains("You can close this page"), "{page}");
    let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
    browser.end().await;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.contains("a browser was opened"), "{told}");
    let who: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&who["account"], &who["kind"]), (&json!("admin@contoso.com"), &json!("delegated")));
}
