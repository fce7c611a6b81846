//! The key that tokens are signed with, and what proves a client's own signature.
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use webpki::EndEntityCert;
use webpki::ring::{RSA_PKCS1_2048_8192_SHA256 as RS256, RSA_PSS_2048_8192_SHA256_LEGACY_KEY as PS256};

/// Everybody's key: the simulator is to be believed by the libraries that check signatures, it guards nothing. One that never
/// changes makes the same run of the same seed, and ring makes no RSA keys.
static KEY: LazyLock<KeyPair> =
    LazyLock::new(|| KeyPair::from_pkcs8(pkcs8().secret_pkcs8_der()).expect("the file holds an RSA key"));

/// The key as its file has it.
pub(crate) fn pkcs8() -> PrivatePkcs8KeyDer<'static> {
    let text = include_bytes!("../../../assets/sim/signing-key.pem");
    PrivatePkcs8KeyDer::from_pem_slice(text).expect("the file holds a PKCS#8 key")
}

/// The name of the key, in tokens and in the key set.
pub(super) const KEY_ID: &str = "c2t1ZmVycnktc2ltdWxhdGVk";

/// The RS256 signature of a text.
pub(super) fn sign(text: &str) -> Vec<u8> {
    let mut signature = vec![0; KEY.public().modulus_len()];
    // It fails only where the system has no randomness; then nobody believes the token.
    let _ = KEY.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature);
    signature
}

/// Whether a signature is that of [`sign`].
pub(super) fn signed(text: &str, signature: &[u8]) -> bool {
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, KEY.public_key());
    public.verify(text.as_bytes(), signature).is_ok()
}

/// The key set by which others can check tokens (RFC 7517).
pub(crate) fn key_set(issuer: &str) -> Value {
    let parts: PublicKeyComponents<Vec<u8>> = KEY.public().into();
    json!({ "keys": [{
        "kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID, "issuer": issuer,
        "n": URL_SAFE_NO_PAD.encode(parts.n), "e": URL_SAFE_NO_PAD.encode(parts.e),
    }] })
}

/// The certificate of an application, which its assertions must be signed with.
#[derive(Debug, Clone)]
pub(crate) struct Certificate(CertificateDer<'static>);

impl Certificate {
    /// Whether the header of an assertion names this certificate, by its SHA-256 or its SHA-1.
    pub(crate) fn is_named_in(&self, header: &Value) -> bool {
        let named = |claim: &str, algorithm| {
            let print = URL_SAFE_NO_PAD.encode(digest(algorithm, &self.0));
            header[claim].as_str().map(|named| named.trim_end_matches('=') == print)
        };
        named("x5t#S256", &SHA256).or_else(|| named("x5t", &SHA1_FOR_LEGACY_USE_ONLY)).unwrap_or(false)
    }

    /// Whether a JWT was signed with it, by RS256 or PS256.
    pub(crate) fn signed(&self, jwt: &str, algorithm: &str) -> bool {
        let Some((text, signature)) = jwt.rsplit_once('.') else { return false };
        let algorithm = if algorithm == "PS256" { PS256 } else { RS256 };
        let signature = URL_SAFE_NO_PAD.decode(signature.trim_end_matches('=')).unwrap_or_default();
        EndEntityCert::try_from(&self.0)
            .is_ok_and(|certificate| certificate.verify_signature(algorithm, text.as_bytes(), &signature).is_ok())
    }
}

impl<'de> Deserialize<'de> for Certificate {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        let text = String::deserialize(source)?;
        let wrong = || D::Error::custom("expected a certificate in PEM, from `-----BEGIN CERTIFICATE-----` on");
        let certificate = CertificateDer::from_pem_slice(text.as_bytes()).map_err(|_| wrong())?;
        EndEntityCert::try_from(&certificate).map_err(|_| wrong())?;
        Ok(Self(certificate))
    }
}
