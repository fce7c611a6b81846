//! Which requests meet which fault.
use axum::body::Bytes;
use axum::http::{HeaderMap, Method};

use super::*;

fn fault(text: &str) -> Result<Fault, String> {
    let text = toml::from_str(text).map_err(|error: toml::de::Error| error.to_string())?;
    Fault::new(&text).map_err(|(_, why)| why)
}

fn ask(path: &str) -> Ask {
    Ask {
        method: Method::GET,
        root: "/v1.0",
        path: path.to_owned(),
        query: String::new(),
        headers: HeaderMap::new(),
        body: Bytes::new(),
        base: String::new(),
        item: None,
        stale: Duration::ZERO,
    }
}

#[test]
fn turns_are_counted_over_matching_requests_only() {
    let now = Timestamp::from_second(100).unwrap();
    let met = |text: &str| {
        let mut faults =
            Faults::new(vec![fault(&format!("on = \"GET /users/*\"\nanswer = 503\n{text}")).unwrap()], now);
        (0..6).filter(|_| faults.meet(&ask("/groups/a"), now).is_some()).for_each(drop);
        (1..=6_u8).filter(|_| faults.meet(&ask("/users/a"), now).is_some()).collect::<Vec<_>>()
    };
    assert_eq!(met(""), [1, 2, 3, 4, 5, 6]);
    assert_eq!(met("nth = 3"), [3]);
    assert_eq!(met("every = 2"), [2, 4, 6]);
    assert_eq!(met("first = 2"), [1, 2]);
}

#[test]
fn a_fault_has_its_time() {
    let at = |second| Timestamp::from_second(second).unwrap();
    let timed = fault("on = \"GET /**\"\ncut = true\nfrom = \"20s\"\nuntil = \"30s\"").unwrap();
    let mut faults = Faults::new(vec![timed], at(100));
    let met = [119, 120, 129, 130].map(|second| faults.meet(&ask("/users"), at(second)).is_some());
    assert_eq!(met, [false, true, true, false]);
}

#[test]
fn a_fault_does_one_thing() {
    for wrong in [
        "",
        "answer = 99",
        "cut = true\ndrop = true",
        "answer = 500\nnth = 1\nevery = 2",
        "answer = 500\nnth = 0",
        "cut = true\nretry_after = 3",
        "answer = 503\nbody = \"html\"\nmessage = \"Later.\"",
        "drop = true\njson = '{}'",
        "answer = 503\nretry_after = -1",
        "answer = 503\nretry_after_date = true",
        "cut = true\nfrom = \"20s\"\nuntil = \"10s\"",
    ] {
        assert!(fault(&format!("on = \"GET /users\"\n{wrong}")).is_err(), "{wrong}");
    }
    assert!(fault("on = \"GET /users\"\nanswer = 200\njson = '{'").unwrap_err().contains("the json of the fault"));
    assert!(fault("on = \"GET /users\"\nansver = 500").unwrap_err().contains("unknown field `ansver`"));
    let answered = fault("on = \"GET /users\"\nanswer = 429\nretry_after = 7")
        .unwrap()
        .answer(Timestamp::UNIX_EPOCH)
        .unwrap()
        .unwrap_err();
    assert_eq!((answered.code.as_ref(), &answered.headers[0].1), ("TooManyRequests", &"7".to_owned()));
}

#[test]
fn a_client_is_told_to_wait_in_every_way_there_is() {
    for (wait, expected) in [
        ("retry_after = 7", "7"),
        ("retry_after = 2.128", "2.128"),
        ("retry_after = 90\nretry_after_date = true", "Thu, 01 Jan 1970 00:01:30 GMT"),
    ] {
        let fault = fault(&format!("on = \"GET /users\"\nanswer = 429\n{wait}")).unwrap();
        let refusal = fault.answer(Timestamp::UNIX_EPOCH).unwrap().unwrap_err();
        assert_eq!(refusal.headers, [("Retry-After", expected.to_owned())]);
    }
}
