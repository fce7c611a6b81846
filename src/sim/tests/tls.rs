//! The tenant over https, as a client sees it that trusts the written certificate and nothing else.
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::*;

#[tokio::test]
async fn https_is_served_with_the_certificate_that_was_written() {
    let path = std::env::temp_dir().join(format!("skuferry-tls-{}.pem", std::process::id()));
    let options = Options { users: 2, tls: Some(path.clone()), ..Options::default() };
    let sim = Sim::start(options).await.unwrap();
    assert!(sim.url().starts_with("https://127.0.0.1:"));
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&path).unwrap()).unwrap();
    std::fs::remove_file(&path).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let connector = TlsConnector::from(Arc::new(config.with_root_certificates(roots).with_no_client_auth()));
    for name in ["localhost", "127.0.0.1"] {
        let tcp = TcpStream::connect(sim.address).await.unwrap();
        let mut stream = connector.connect(ServerName::try_from(name).unwrap(), tcp).await.unwrap();
        let address = sim.address;
        let path = "/contoso.com/v2.0/.well-known/openid-configuration";
        let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).await.unwrap();
        assert!(reply.starts_with("HTTP/1.1 200 OK"), "{reply}");
        assert!(reply.contains(&format!("\"token_endpoint\":\"{}/", sim.url())), "links are https too: {reply}");
    }
    let tcp = TcpStream::connect(sim.address).await.unwrap();
    let elsewhere = connector.connect(ServerName::try_from("example.com").unwrap(), tcp).await;
    assert!(elsewhere.is_err(), "it vouches for this machine only");
}

#[tokio::test]
async fn a_file_of_somebody_else_is_not_replaced_by_the_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let (theirs, ours) = (folder.path().join("theirs.pem"), folder.path().join("ours.pem"));
    std::fs::write(&theirs, "-----BEGIN PRIVATE KEY-----\n").unwrap();
    let start =
        |path: &std::path::PathBuf| Sim::start(Options { users: 2, tls: Some(path.clone()), ..Options::default() });
    assert!(matches!(start(&theirs).await, Err(SimError::Write { .. })));
    assert_eq!(std::fs::read_to_string(&theirs).unwrap(), "-----BEGIN PRIVATE KEY-----\n");
    drop(start(&ours).await.unwrap());
    let first = std::fs::read_to_string(&ours).unwrap();
    drop(start(&ours).await.unwrap());
    assert_ne!(std::fs::read_to_string(&ours).unwrap(), first, "each tenant has an authority of its own");
}
