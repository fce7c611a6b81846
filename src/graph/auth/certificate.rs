//! Sign-in of an application with a certificate: an assertion signed by its key, PS256 with `x5t#S256`.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth2::Scope;
use ring::digest::SHA256;
use ring::digest::digest;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::RSA_PSS_SHA256;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::json;
use uuid::Uuid;
use webpki::EndEntityCert;
use webpki::ring::RSA_PSS_2048_8192_SHA256_LEGACY_KEY as PS256;

use crate::clock::Clock;
use crate::domain::fault::CertificateFlaw;
use crate::domain::fault::FaultKind;
use crate::domain::fault::SignInFault;
use crate::domain::time::Timestamp;
use crate::graph::auth::Token;
use crate::graph::auth::TokenFuture;
use crate::graph::auth::TokenSource;
use crate::graph::auth::entra::Entra;
use crate::graph::auth::exchange::Exchange;
use crate::graph::auth::token_cache::TokenCache;
use crate::graph::cloud::Endpoints;
use crate::graph::error::GraphError;

/// How long an assertion is good, in seconds (Microsoft identity platform, "Application authentication certificate
/// credentials": five to ten minutes).
const GOOD_FOR: i64 = 600;
/// What kind of assertion it is (RFC 7523, section 2.2).
const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A certificate and its key. Its `Debug` shows neither.
pub struct Certificate {
    key: KeyPair,
    /// The SHA-256 of the certificate, by which Entra finds it.
    thumbprint: String,
}

impl Certificate {
    /// Reads a PEM text that holds the certificate and its RSA key, PKCS#8 or PKCS#1, in either order.
    ///
    /// # Errors
    /// When one of them is missing or of another kind, or they do not belong together; it quotes nothing of the text.
    pub fn from_pem(text: &[u8]) -> Result<Self, GraphError> {
        let wrong = |why: CertificateFlaw| GraphError::new(FaultKind::SignIn, SignInFault::from(why));
        let has = |label: &str| text.windows(label.len()).any(|window| window == label.as_bytes());
        if !has("-----BEGIN") {
            return Err(wrong(CertificateFlaw::NotPem));
        }
        if has("ENCRYPTED") {
            return Err(wrong(CertificateFlaw::Encrypted));
        }
        let certificate = CertificateDer::from_pem_slice(text).map_err(|_| wrong(CertificateFlaw::NoCertificate))?;
        let key = match PrivateKeyDer::from_pem_slice(text) {
            Ok(PrivateKeyDer::Pkcs8(key)) => KeyPair::from_pkcs8(key.secret_pkcs8_der()),
            Ok(PrivateKeyDer::Pkcs1(key)) => KeyPair::from_der(key.secret_pkcs1_der()),
            Ok(_) => return Err(wrong(CertificateFlaw::NotRsa)),
            Err(_) => return Err(wrong(CertificateFlaw::NoKey)),
        };
        let key = key.map_err(|_| wrong(CertificateFlaw::KeyLength))?;
        let thumbprint = URL_SAFE_NO_PAD.encode(digest(&SHA256, &certificate));
        let made = Self { key, thumbprint };
        let signed = made.sign(b"a test").ok_or_else(|| wrong(CertificateFlaw::DoesNotSign))?;
        let fits = EndEntityCert::try_from(&certificate)
            .is_ok_and(|certificate| certificate.verify_signature(PS256, b"a test", &signed).is_ok());
        if fits { Ok(made) } else { Err(wrong(CertificateFlaw::NotTogether)) }
    }

    fn sign(&self, text: &[u8]) -> Option<Vec<u8>> {
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key.sign(&RSA_PSS_SHA256, &SystemRandom::new(), text, &mut signature).ok()?;
        Some(signature)
    }

    /// The assertion that an application is who it says.
    fn assertion(&self, client_id: &str, audience: &str, now: Timestamp) -> Result<String, GraphError> {
        let now = now.as_second();
        let header = json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": self.thumbprint });
        let claims = json!({
            "aud": audience, "iss": client_id, "sub": client_id, "jti": Uuid::new_v4(),
            "nbf": now, "iat": now, "exp": now + GOOD_FOR,
        });
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(&header), part(&claims));
        let signature =
            self.sign(text.as_bytes()).ok_or_else(|| GraphError::new(FaultKind::SignIn, SignInFault::NoRandomness))?;
        Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").finish_non_exhaustive()
    }
}

/// The client credentials flow with a certificate (Microsoft identity platform, "Application authentication certificate
/// credentials").
pub struct ClientCertificate {
    entra: Entra,
    client_id: String,
    certificate: Certificate,
    cache: TokenCache,
}

impl ClientCertificate {
    /// Prepares the sign-in; nothing is sent yet.
    ///
    /// # Errors
    /// When the tenant is neither a GUID nor a domain name, or no TLS client can be made.
    pub fn new(
        endpoints: &Endpoints,
        tenant: &str,
        client_id: &str,
        certificate: Certificate,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, GraphError> {
        let cache = TokenCache::new(Arc::clone(&clock));
        let entra = Entra::new(endpoints, tenant, client_id, clock)?;
        Ok(Self { entra, client_id: client_id.to_owned(), certificate, cache })
    }

    async fn renew(&self) -> Result<Token, GraphError> {
        let asked = self.entra.now();
        let assertion = self.certificate.assertion(&self.client_id, &self.entra.token_url, asked)?;
        let exchange = Exchange::new(&self.entra.line, &[&assertion]);
        let request = self.entra.client.exchange_client_credentials();
        let request = request.add_scope(Scope::new(self.entra.scope.clone()));
        let request = request
            .add_extra_param("client_assertion_type", KIND)
            .add_extra_param("client_assertion", assertion.as_str());
        let answered = request.request_async(&exchange).await;
        Ok(exchange.grant(answered)?.token(asked))
    }
}

impl TokenSource for ClientCertificate {
    fn token(&self) -> TokenFuture<'_> {
        Box::pin(self.cache.get(|| self.renew()))
    }

    fn forget(&self, refused: &Token) {
        self.cache.forget(refused);
    }
}
