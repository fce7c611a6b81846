//! What reads answers of the service, in one function for the fuzzer.

use jiff::Timestamp;

use crate::graph::auth::Identity;
use crate::graph::auth::Token;
use crate::graph::batch::Items;
use crate::graph::refusal;
use crate::graph::refusal::Needs;
use crate::graph::retry;
use crate::graph::skus;
use crate::graph::text;
use crate::graph::wire;

/// Reads a body by each reader that may meet it.
#[doc(hidden)]
pub fn fuzz_answer(status: u16, body: &str) {
    drop(wire::user(body));
    drop(wire::group(body));
    drop(wire::member(body));
    drop(wire::id(body));
    drop(skus::sku(body));
    let _ = (wire::surveyed(body, false), wire::surveyed(body, true));
    if let Ok(page) = wire::parse::<wire::Page>(body) {
        page.value.iter().for_each(|raw| drop(wire::surveyed(raw.get(), true)));
    }
    if let Ok(mut items) = Items::parse(body)
        && let Ok(item) = items.take("0")
    {
        let _ = item.headers();
        let _ = item.fault(Needs::ReadUsers, Timestamp::UNIX_EPOCH);
    }
    let fault = refusal::read(status, None, body, Needs::ReadUsers);
    assert!(!fault.message.for_log().chars().any(crate::domain::text::steers), "{:?}", fault.message);
    drop(text::excerpt(body));
    let wait = retry::retry_after(body, Timestamp::UNIX_EPOCH);
    drop(refusal::with_wait(fault, wait));
    drop(Identity::of(&Token::new(body.to_owned().into(), None)));
}
