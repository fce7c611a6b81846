//! TLS for clients that refuse plain http: a certificate authority for this machine and one run, and a listener.
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CidrSubnet, DnType, GeneralSubtree, IsCa, KeyPair,
    KeyUsagePurpose, NameConstraints,
};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::task::AbortOnDropHandle;

/// How long a client may take to shake hands.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// A listener for TLS connections. Handshakes run beside each other, so that a slow one keeps nobody waiting.
#[derive(Debug)]
pub(crate) struct TlsLines {
    address: SocketAddr,
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    _accepting: AbortOnDropHandle<()>,
}

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// The certificate could not be made.
    #[error(transparent)]
    Certificate(#[from] rcgen::Error),
    /// The certificate could not be used.
    #[error(transparent)]
    Config(#[from] rustls::Error),
    /// The listener is of no use.
    #[error(transparent)]
    Listener(#[from] io::Error),
}

/// Makes a listener speak TLS. Also gives the certificate that clients must trust, as PEM.
///
/// The authority is made anew each time, may vouch for loopback names alone, and its key is forgotten at once: whoever trusts
/// the certificate trusts nothing but this run.
pub(crate) fn listen(tcp: TcpListener) -> Result<(TlsLines, String), TlsError> {
    let mut authority = CertificateParams::new(Vec::new())?;
    authority.distinguished_name.push(DnType::CommonName, "skuferry simulated tenant");
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    let whole = loopback.map(|ip| CidrSubnet::from_addr_prefix(ip, if ip.is_ipv4() { 32 } else { 128 }));
    let mut names: Vec<GeneralSubtree> = whole.into_iter().map(GeneralSubtree::IpAddress).collect();
    names.push(GeneralSubtree::DnsName("localhost".to_owned()));
    authority.name_constraints = Some(NameConstraints { permitted_subtrees: names, excluded_subtrees: Vec::new() });
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;

    let key = KeyPair::generate()?;
    let mut server = CertificateParams::new(["localhost", "127.0.0.1", "::1"].map(str::to_owned))?;
    server.distinguished_name.push(DnType::CommonName, "localhost");
    server.is_ca = IsCa::ExplicitNoCa;
    server.use_authority_key_identifier_extension = true;
    let certificate = server.signed_by(&key, &authority)?;

    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let chain = vec![certificate.der().clone(), authority.der().clone()];
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    let address = tcp.local_addr()?;
    let (sender, ready) = mpsc::channel(64);
    let accepting = tokio::spawn(accept(tcp, TlsAcceptor::from(Arc::new(config)), sender));
    Ok((TlsLines { address, ready, _accepting: AbortOnDropHandle::new(accepting) }, authority.pem()))
}

async fn accept(mut tcp: TcpListener, tls: TlsAcceptor, sender: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>) {
    loop {
        // axum's own listener waits out what can go wrong with an accept.
        let (stream, address) = Listener::accept(&mut tcp).await;
        let (tls, sender) = (tls.clone(), sender.clone());
        tokio::spawn(async move {
            if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
                // Nobody takes it only if the server has ended.
                let _ = sender.send((stream, address)).await;
            }
        });
    }
}

impl Listener for TlsLines {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(ready) => ready,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(self.address)
    }
}
