//! What is said of a copy: why there is none, what it does not have, and what stands at the head of its file.

use jiff::tz::TimeZone;

use crate::domain::fault::Fault;
use crate::domain::route::EndName;
use crate::rehearse::NoCopy;
use crate::rehearse::TenantCopy;
use crate::rehearse::Unread;
use crate::words::fault::fault;
use crate::words::phrase;
use crate::words::say;
use crate::words::times;

/// Why there is no copy, except where Graph refused, which says why itself.
pub fn no_copy(why: &NoCopy) -> String {
    let word = |end: &EndName| match end {
        EndName::Source => "source",
        EndName::Target => "target",
    };
    match why {
        NoCopy::Refused(why) => fault(why),
        NoCopy::NoGroup(end, group) => {
            say("cli-rehearse-no-group", &[("end", word(end).into()), ("group", group.to_string().into())])
        }
        NoCopy::NoProduct(end, part) => {
            say("cli-rehearse-no-product", &[("end", word(end).into()), ("product", part.as_str().into())])
        }
        NoCopy::Nobody => phrase("cli-rehearse-nobody"),
    }
}

/// What the copy does not have, with Graph's own words for why.
pub fn unread(one: &Unread) -> String {
    told(one, &fault)
}

/// The same without the words of the service, which may hold names of the tenant.
pub(super) fn unread_in_file(one: &Unread) -> String {
    told(one, &|why: &Fault| {
        let status = why.status.map(|status| status.to_string());
        let code = why.code.clone().filter(|code| code.chars().all(|one| one.is_ascii_alphanumeric() || one == '_'));
        status.into_iter().chain(code).collect::<Vec<_>>().join(" ")
    })
}

fn told(one: &Unread, fault: &dyn Fn(&Fault) -> String) -> String {
    let why = |why: &Option<Fault>| match why {
        Some(why) => fault(why),
        None => phrase("cli-rehearse-not-asked"),
    };
    match one {
        Unread::Organization(reason) => say("cli-rehearse-unread-tenant", &[("why", why(reason).into())]),
        Unread::Subscriptions => phrase("cli-rehearse-unread-subscriptions"),
        Unread::Group(group, Some(reason)) => {
            say("cli-rehearse-unread-group", &[("group", group.to_string().into()), ("why", fault(reason).into())])
        }
        Unread::Group(group, None) => say("cli-rehearse-missing-group", &[("group", group.to_string().into())]),
        Unread::Members(group, reason) => {
            say("cli-rehearse-unread-members", &[("group", group.to_string().into()), ("why", why(reason).into())])
        }
        Unread::User(user, reason) => {
            say("cli-rehearse-unread-user", &[("user", user.as_str().into()), ("why", fault(reason).into())])
        }
        Unread::Word(word, count) => {
            say("cli-rehearse-unsaid-word", &[("word", word.as_str().into()), ("count", (*count).into())])
        }
        Unread::Sku(sku, count) => {
            say("cli-rehearse-unsaid-product", &[("product", sku.to_string().into()), ("count", (*count).into())])
        }
        Unread::Unexplained(count) => say("cli-rehearse-unsaid-license", &[("count", (*count).into())]),
        Unread::Names(count) => say("cli-rehearse-unsaid-names", &[("count", (*count).into())]),
    }
}

/// What stands at the head of the file, a line each.
pub(super) fn head(copy: &TenantCopy) -> Vec<String> {
    let at = times::day_and_second(&copy.read_at.to_zoned(TimeZone::UTC)) + "Z";
    let mut lines = vec![
        say("cli-rehearse-file", &[("version", env!("CARGO_PKG_VERSION").into()), ("at", at.into())]),
        phrase("cli-rehearse-file-use"),
        if copy.anonymous { phrase("cli-rehearse-file-anonymous") } else { phrase("cli-rehearse-file-names") },
    ];
    if let Some(one) = &copy.latencies {
        lines.push(say("cli-rehearse-file-latencies", &[("count", one.measured.into())]));
    }
    lines.push(phrase("cli-rehearse-file-limits"));
    lines
}
