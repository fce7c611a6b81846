//! No encoding brings a secret through.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::graph::refusal;
use crate::graph::refusal::Needs;
use crate::graph::wire;

const SECRET: &str = "Zq8Q~kV.x_3pL-w9TfB~uYr2mN.hJ4dS7aGcE1";

/// As a form carries it.
fn form(text: &str) -> String {
    let url = reqwest::Url::parse_with_params("http://localhost/", [("x", text)]).expect("a URL");
    url.query().unwrap_or_default().trim_start_matches("x=").to_owned()
}

/// A way to write a text, and what it is called.
type Encoding = (&'static str, fn(&str) -> String);

/// Ways in which a service may write a secret.
fn encodings() -> Vec<Encoding> {
    fn each(text: &str, write: impl Fn(char) -> String) -> String {
        text.chars().map(write).collect()
    }
    fn broken(text: &str, by: &str) -> String {
        let chars: Vec<String> = text.chars().map(String::from).collect();
        chars.chunks(3).map(<[String]>::concat).collect::<Vec<_>>().join(by)
    }
    vec![
        ("as it is", str::to_owned),
        ("upper case", str::to_uppercase),
        ("lower case", str::to_lowercase),
        ("form", form),
        ("percent, upper case", |text| each(text, |char| format!("%{:02X}", u32::from(char)))),
        ("percent, lower case", |text| each(text, |char| format!("%{:02x}", u32::from(char)))),
        ("percent twice", |text| each(text, |char| format!("%25{:02x}", u32::from(char)))),
        ("percent where it must be", |text| {
            each(text, |char| if char.is_alphanumeric() { char.into() } else { format!("%{:02x}", u32::from(char)) })
        }),
        ("escapes", |text| each(text, |char| format!("\\u{:04x}", u32::from(char)))),
        ("escapes, upper case", |text| each(text, |char| format!("\\u{:04X}", u32::from(char)))),
        ("escapes twice", |text| each(text, |char| format!("\\\\u{:04x}", u32::from(char)))),
        ("bytes", |text| each(text, |char| format!("\\x{:02x}", u32::from(char)))),
        ("entities", |text| each(text, |char| format!("&#{};", u32::from(char)))),
        ("entities in hexadecimal", |text| each(text, |char| format!("&#x{:X};", u32::from(char)))),
        ("hexadecimal", |text| each(text, |char| format!("{:02x}", u32::from(char)))),
        ("Base64", |text| STANDARD.encode(text)),
        ("Base64 with something before it", |text| STANDARD.encode(format!("u:{text}:p"))),
        ("Base64 for URLs", |text| URL_SAFE_NO_PAD.encode(format!("x{text}"))),
        ("lines", |text| broken(text, "\r\n")),
        ("tabs and spaces", |text| broken(text, "\t ")),
        ("control characters", |text| broken(text, "\u{1b}\u{7}\u{0}")),
        ("what has no width", |text| broken(text, "\u{200b}\u{2060}\u{ad}")),
        ("written line ends", |text| broken(text, "\\r\\n")),
        ("percent line ends", |text| broken(text, "%0d%0A")),
        ("turned round", |text| format!("\u{202e}{}", broken(text, "\u{202c}"))),
        ("fullwidth", |text| {
            each(text, |char| char::from_u32(u32::from(char) + 0xfee0).map(String::from).unwrap_or_default())
        }),
    ]
}

/// A text as it is read: without what is not seen, in one case.
fn bare(text: &str) -> String {
    text.chars().filter(|char| !char.is_whitespace() && !char.is_control()).collect::<String>().to_lowercase()
}

/// What a reader must not find in it: any three neighbouring pieces of the secret as it was written.
fn holds(said: &str, written: &str) -> bool {
    let (said, written) = (bare(said), bare(written));
    let chars: Vec<char> = written.chars().collect();
    let length = (chars.len() / 2).max(12).min(chars.len());
    chars.windows(length).any(|window| said.contains(&window.iter().collect::<String>()))
}

#[test]
fn every_encoding_is_masked_and_what_stands_round_it_stays() {
    let mask = SecretMask::new(SECRET);
    for (name, encode) in encodings() {
        let said = mask.text(&format!("before {} after", encode(SECRET))).into_owned();
        assert!(said.starts_with("before ") && said.contains(MASK) && said.ends_with(" after"), "{name}: {said}");
        // Of Base64 of more than the secret, the digits are left that hold nothing or little of it.
        assert!(said.len() <= "before [masked] after".len() + 8, "{name}: {said}");
    }
    assert_eq!(mask.text("Invalid client secret provided."), "Invalid client secret provided.");
    assert_eq!(mask.text(&SECRET[4..30]), MASK, "a piece of it");
    assert_eq!(mask.text(&SECRET[4..14]), &SECRET[4..14], "too little to be of use");
}

#[test]
fn what_is_too_short_to_be_a_secret_spoils_nothing() {
    for secret in ["", "x", "abc", "a-b_c"] {
        assert_eq!(SecretMask::new(secret).text("abc x a-b_c"), "abc x a-b_c");
        assert_eq!(SecretMask::new(secret).body(r#"{"x":"abc"}"#.to_owned()), r#"{"x":"abc"}"#);
    }
    assert_eq!(SecretMask::new("token-0").text("the token-0 is bad"), "the [masked] is bad");
}

#[test]
fn json_stays_json_and_keeps_all_else() {
    let mask = SecretMask::new(SECRET);
    let body = json!({ "a": [1, "é\n\"", { SECRET: format!("x{SECRET}\u{1b}y") }], "b": "c" }).to_string();
    let masked: serde_json::Value = serde_json::from_str(&mask.body(body)).expect("JSON");
    assert_eq!(masked, json!({ "a": [1, "é\n\"", { "[masked]": "x[masked]\u{1b}y" }], "b": "c" }));
    for odd in ["{\"", "[\"\\", "\"\\\"", "{", "", "[\"\\u12\"]"] {
        assert_eq!(mask.body(odd.to_owned()), odd);
    }
    let cut = format!("{{\"error\":\"{SECRET}");
    assert!(!mask.body(cut).contains(SECRET));
}

#[test]
fn a_long_text_is_read_in_one_go() {
    let mask = SecretMask::new(&"0123456789abcdef".repeat(128));
    let text = "%25%25%25&#x\\u00".repeat(4_096);
    assert_eq!(mask.text(&text).len(), text.len());
}

proptest! {
    #[test]
    fn no_fault_holds_the_secret(
        secret in "[A-Za-z0-9_.~-]{24,60}",
        first in prop::sample::select(encodings()),
        second in prop::sample::select(encodings()),
        before in "[ a-z%&\\\\\"<]{0,12}",
        status in prop::sample::select(vec![200_u16, 400, 401, 403, 429, 500, 503]),
    ) {
        let mask = SecretMask::new(&secret);
        let once = (first.1)(&secret);
        // What stands in JSON or percent signs is written so once more; the other forms are not laid over each other.
        let twice = if second.0.starts_with("percent") || second.0.starts_with("esc") || second.0 == "form" {
            if once.is_ascii() { (second.1)(&once) } else { once.clone() }
        } else {
            once.clone()
        };
        for written in [once, twice] {
            let text = format!("{before}{written} trailing");
            let bodies = [
                json!({ "error": { "code": text, "message": text, "innerError": { "request-id": text } } }).to_string(),
                json!({ "odata.error": { "code": text, "message": { "value": text } } }).to_string(),
                json!({ "error": { "code": "x", "message": json!({ "inner": text }).to_string() } }).to_string(),
                json!({ "value": [{ "id": text, "displayName": text }] }).to_string(),
                format!("<html><title>{text}</title></html>"),
                text.clone(),
            ];
            for body in bodies {
                let header = mask.text(&text).into_owned();
                let body = mask.body(body);
                let fault = refusal::read(status, Some(&header), &body, Needs::WriteMembers);
                for said in [crate::words::fault::fault(&fault), format!("{fault:?}"), body.clone()] {
                    prop_assert!(!holds(&said, &secret) && !holds(&said, &written), "{} {}: {}", first.0, second.0, said);
                }
                if let Err(error) = wire::parse::<Vec<u8>>(&body) {
                    prop_assert!(!holds(&error.to_string(), &secret) && !holds(&error.to_string(), &written));
                }
            }
        }
    }
}
