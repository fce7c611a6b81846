//! A proxy from the environment that wants a login, opens TLS, and has an authority of its own in `ca_file`.

use std::sync::Arc;
use std::sync::Mutex;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::CertifiedIssuer;
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::AsyncRead;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::sign_in::whoami::skuferry;

const GRAPH: &str = "graph.skuferry.test";
const LOGIN: &str = "login.skuferry.test";
const USER: &str = "corp user";
const PASSWORD: &str = "pr0xy-pass";

/// Reads up to the end of a head, and the body that it announces.
async fn request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut text = Vec::new();
    loop {
        let so_far = String::from_utf8_lossy(&text).into_owned();
        if let Some((head, body)) = so_far.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0_usize) {
                return Some(so_far);
            }
        }
        match stream.read_buf(&mut text).await {
            Ok(1..) => {}
            Ok(0) | Err(_) => return None,
        }
    }
}

/// A proxy, its address, the authority to trust, and what it was asked.
async fn proxy() -> (std::net::SocketAddr, String, Arc<Mutex<Vec<String>>>) {
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, rcgen::KeyPair::generate().unwrap()).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let server =
        rcgen::CertificateParams::new([GRAPH, LOGIN].map(str::to_owned)).unwrap().signed_by(&key, &authority).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![server.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .unwrap();
    let (tls, seen) = (TlsAcceptor::from(Arc::new(config)), Arc::new(Mutex::new(Vec::new())));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, kept) = (listener.local_addr().unwrap(), Arc::clone(&seen));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (tls, seen) = (tls.clone(), Arc::clone(&kept));
            tokio::spawn(async move {
                let asked = request(&mut stream).await?;
                let login = format!("Basic {}", STANDARD.encode(format!("{USER}:{PASSWORD}")));
                let good = asked.lines().any(|line| {
                    line.split_once(": ")
                        .is_some_and(|(name, value)| name.eq_ignore_ascii_case("proxy-authorization") && value == login)
                });
                seen.lock().unwrap().push(asked.lines().next().unwrap_or_default().to_owned());
                if !good {
                    stream
                        .write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n")
                        .await
                        .ok()?;
                    return None;
                }
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.ok()?;
                let mut stream = tls.accept(stream).await.ok()?;
                let asked = request(&mut stream).await?;
                seen.lock().unwrap().push(asked.lines().next().unwrap_or_default().to_owned());
                let body = if asked.starts_with("POST ") {
                    r#"{"token_type":"Bearer","expires_in":3599,"access_token":"opaque"}"#
                } else {
                    r#"{"value":[{"id":"00000000-0000-0000-0000-000000000001","displayName":"Contoso behind a proxy"}]}"#
                };
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                    body.len()
                );
                stream.write_all(format!("{head}{body}").as_bytes()).await.ok()?;
                stream.shutdown().await.ok()
            });
        }
    });
    (address, authority.pem(), seen)
}

fn config(ca: &str) -> String {
    format!(
        "[tenant]\nid = \"contoso.com\"\ngraph_url = \"https://{GRAPH}\"\nlogin_url = \"https://{LOGIN}\"\n{ca}\n[auth]\n\
         method = \"client-secret\"\nclient_id = \"app\"\n[migration]\nusers = \"source-group\"\n[migration.source]\n\
         group = \"b82c04f0-ce30-4ff1-bac7-735d92d83036\"\nsku = \"A\"\n[migration.target]\n\
         group = \"bcf279d1-5ad5-46a5-b469-4b8a552aa2fe\"\nsku = \"B\"\n"
    )
}

#[tokio::test]
async fn everything_goes_through_a_proxy_with_a_login_and_its_own_authority() {
    let (address, ca, seen) = proxy().await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("corp-ca.pem"), ca).unwrap();
    std::fs::write(folder.path().join("config.toml"), config("ca_file = \"corp-ca.pem\"")).unwrap();
    std::fs::write(folder.path().join("without.toml"), config("")).unwrap();
    std::fs::write(folder.path().join("empty.toml"), config("ca_file = \"config.toml\"")).unwrap();
    let run = |config: &str, proxy: String, not_for: &str| {
        let not_for = not_for.to_owned();
        let mut command = skuferry(folder.path());
        for name in ["NO_PROXY", "no_proxy", "https_proxy", "ALL_PROXY", "all_proxy"] {
            command.env_remove(name);
        }
        command
            .args(["whoami", "--json", "--allow-host", GRAPH, "--allow-host", LOGIN, "--config", config])
            .env("SKUFERRY_CLIENT_SECRET", "x")
            .env("HTTPS_PROXY", proxy);
        if !not_for.is_empty() {
            command.env("NO_PROXY", not_for);
        }
        async move {
            let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            (output.status.code(), text(&output.stdout), text(&output.stderr))
        }
    };
    let with = |password: &str| format!("http://corp%20user:{password}@{address}");
    let (code, out, err) = run("config.toml", with(PASSWORD), "").await;
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("Contoso behind a proxy"), "{out}");
    let asked = std::mem::take(&mut *seen.lock().unwrap());
    let first = [format!("CONNECT {LOGIN}:443 HTTP/1.1"), "POST /contoso.com/oauth2/v2.0/token HTTP/1.1".to_owned()];
    assert_eq!(asked[..2], first);
    assert_eq!(asked[2], format!("CONNECT {GRAPH}:443 HTTP/1.1"));

    let (code, _, err) = run("without.toml", with(PASSWORD), "").await;
    assert!(code == Some(4) && err.contains("ca_file"), "an authority that nobody named is not trusted: {err}");
    let (code, _, err) = run("empty.toml", with(PASSWORD), "").await;
    assert!(code == Some(2) && err.contains("holds no certificate"), "{err}");
    let (code, out, err) = run("config.toml", with("wr0ng-pass"), "").await;
    assert!(code == Some(4) && err.contains("the proxy wants a login"), "{err}");
    assert!(!format!("{out}{err}").contains("wr0ng-pass"), "{err}");

    // Whatever NO_PROXY names is asked without the proxy, and nothing else is; these hosts are nowhere but behind it.
    seen.lock().unwrap().clear();
    let (code, _, err) = run("config.toml", with(PASSWORD), &format!("intranet.test,{GRAPH}")).await;
    let asked = std::mem::take(&mut *seen.lock().unwrap());
    assert!(code == Some(4) && err.contains("reach"), "{err}");
    assert!(asked.iter().any(|line| line.starts_with(&format!("CONNECT {LOGIN}:"))), "{asked:?}");
    assert!(!asked.iter().any(|line| line.contains(GRAPH)), "{asked:?}");
    let (code, _, err) = run("config.toml", with(PASSWORD), ".skuferry.test").await;
    assert!(code != Some(0) && seen.lock().unwrap().is_empty(), "a domain covers all below it: {err}");
    let (code, _, err) = run("config.toml", with(PASSWORD), "ferry.test,intranet.test").await;
    assert_eq!(code, Some(0), "and no name that only ends alike: {err}");
}
