//! The certificate way: the assertion is checked by the OpenSSL program, which shares nothing with what signed it.

use std::fs;
use std::path::Path;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use serde_json::json;
use skuferry::graph::auth::Certificate;

use crate::required;
use crate::sign_in::APP;
use crate::sign_in::TENANT;
use crate::sign_in::pem;
use crate::sign_in::tenant;
use crate::sign_in::with_certificate;

/// Runs OpenSSL; `None` when there is none.
pub(super) fn openssl(folder: &Path, args: &[&str]) -> Option<(bool, String)> {
    let ran = Command::new("openssl").args(args).current_dir(folder).output().ok();
    let ran = required::found("openssl", ran)?;
    Some((ran.status.success(), String::from_utf8_lossy(&ran.stdout).into_owned()))
}

#[tokio::test]
async fn the_assertion_is_what_entra_documents_and_openssl_finds_its_signature_good() {
    let (both, alone) = pem();
    let sim = tenant().await;
    sim.set_faults(&json!({ "app": [{ "client_id": APP, "certificate": alone }] }).to_string()).unwrap();
    let graph = with_certificate(&sim, &both);
    let who = graph.identity().await.unwrap().unwrap();
    assert!(who.app_only && who.object_id.as_deref() == Some(APP));
    assert!(graph.skus().await.is_ok());

    let by_ps256 = URL_SAFE_NO_PAD.encode("{\"alg\":\"PS256\"");
    let assertion = sim.issued_secrets().into_iter().find(|one| one.starts_with(&by_ps256)).unwrap();
    let parts: Vec<&str> = assertion.split('.').collect();
    let read = |part: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    let (header, claims) = (read(parts[0]), read(parts[1]));
    assert_eq!((&header["alg"], &header["typ"]), (&json!("PS256"), &json!("JWT")));
    assert_eq!((&claims["iss"], &claims["sub"]), (&json!(APP), &json!(APP)));
    assert_eq!(claims["aud"], json!(format!("{}/{TENANT}/oauth2/v2.0/token", sim.url())));
    let life = claims["exp"].as_i64().unwrap() - claims["nbf"].as_i64().unwrap();
    assert!((300..=600).contains(&life), "{life}");
    assert!(uuid::Uuid::parse_str(claims["jti"].as_str().unwrap()).is_ok());

    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(at.join("certificate.pem"), &alone).unwrap();
    let Some((good, public)) = openssl(at, &["x509", "-in", "certificate.pem", "-noout", "-pubkey"]) else { return };
    assert!(good, "{public}");
    fs::write(at.join("public.pem"), public).unwrap();
    fs::write(at.join("text"), format!("{}.{}", parts[0], parts[1])).unwrap();
    fs::write(at.join("signature"), URL_SAFE_NO_PAD.decode(parts[2]).unwrap()).unwrap();
    let verify = ["dgst", "-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"];
    let with = ["-verify", "public.pem", "-signature", "signature", "text"];
    let (good, said) = openssl(at, &[verify.as_slice(), &with].concat()).unwrap();
    assert!(good && said.contains("Verified OK"), "{said}");
    fs::write(at.join("text"), "another text").unwrap();
    assert!(!openssl(at, &[verify.as_slice(), &with].concat()).unwrap().0);
    let (_, print) = openssl(at, &["x509", "-in", "certificate.pem", "-noout", "-fingerprint", "-sha256"]).unwrap();
    let print: Vec<u8> =
        print.trim().rsplit('=').next().unwrap().split(':').map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect();
    let named = URL_SAFE_NO_PAD.decode(header["x5t#S256"].as_str().unwrap()).unwrap();
    assert_eq!(named, print);
}

#[tokio::test]
async fn a_certificate_that_is_not_the_applications_is_refused_by_name() {
    let (both, _) = pem();
    let other = rcgen::generate_simple_self_signed(vec!["other.test".to_owned()]).unwrap();
    let sim = tenant().await;
    sim.set_faults(&json!({ "app": [{ "client_id": APP, "certificate": other.cert.pem() }] }).to_string()).unwrap();
    let error = skuferry::words::error::causes(&with_certificate(&sim, &both).identity().await.unwrap_err());
    assert!(error.starts_with("the certificate is not one of the app registration"), "{error}");
    assert!(error.contains("AADSTS700027"), "{error}");
}

#[test]
fn both_kinds_of_pem_are_read_and_what_is_wrong_with_others_is_said() {
    let (both, alone) = pem();
    let key = both.strip_prefix(&alone).unwrap();
    assert!(Certificate::from_pem(both.as_bytes()).is_ok());
    assert!(Certificate::from_pem(format!("{key}{alone}").as_bytes()).is_ok(), "in either order");
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("key.pem"), key).unwrap();
    if let Some((good, old)) = openssl(folder.path(), &["rsa", "-in", "key.pem", "-traditional"]) {
        assert!(good, "{old}");
        assert!(old.contains("BEGIN RSA PRIVATE KEY"), "{old}");
        assert!(Certificate::from_pem(format!("{alone}{old}").as_bytes()).is_ok(), "PKCS#1 is as good as PKCS#8");
    }
    let elliptic = rcgen::generate_simple_self_signed(vec!["x.test".to_owned()]).unwrap();
    for (text, why) in [
        (alone.clone(), "holds no private key"),
        (key.to_owned(), "holds no certificate"),
        ("\u{30}\u{82}binary".to_owned(), "openssl pkcs12"),
        (
            key.replace("BEGIN PRIVATE", "BEGIN ENCRYPTED PRIVATE").replace("END PRIVATE", "END ENCRYPTED PRIVATE"),
            "is encrypted",
        ),
        (format!("{}{key}", elliptic.cert.pem()), "do not belong together"),
        (format!("{}{}", elliptic.cert.pem(), elliptic.signing_key.serialize_pem()), "not RSA"),
        (format!("{alone}-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), "not RSA"),
    ] {
        let error = skuferry::words::error::causes(&Certificate::from_pem(text.as_bytes()).unwrap_err());
        assert!(error.contains(why), "{why}: {error}");
        assert!(!error.contains("MII") && !error.contains("AAAA"), "it quotes the file: {error}");
    }
    assert_eq!(format!("{:?}", Certificate::from_pem(both.as_bytes()).unwrap()), "Certificate { .. }");
}
