//! What went wrong with a request.

use fluent_bundle::FluentValue;

use crate::domain::fault::ConnectionRemedy;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultMessage;
use crate::domain::fault::Needs;
use crate::domain::fault::Silence;
use crate::domain::time::SignedDuration;
use crate::domain::work::Work;
use crate::words::moved;
use crate::words::phrase;
use crate::words::preflight;
use crate::words::proof;
use crate::words::say;
use crate::words::sign_in;

/// A failed request with what Microsoft's support asks for: the status, Graph's code and the id of the request.
pub fn fault(fault: &Fault) -> String {
    let message = message(&fault.message);
    let mut details = Vec::new();
    details.extend(fault.status.map(|status| status.to_string()));
    details.extend(fault.code.clone());
    details.extend(fault.request_id.as_ref().map(|id| format!("request-id {id}")));
    match details.as_slice() {
        [] => message,
        details => {
            let details = details.join(", ");
            say("error-with-details", &[("message", message.into()), ("details", details.into())])
        }
    }
}

/// What was said of it: Graph's own words as they came, or ours.
pub fn message(message: &FaultMessage) -> String {
    match message {
        FaultMessage::Told(words) => words.clone(),
        FaultMessage::Undone { what, direction } => moved::undone(*what, *direction),
        FaultMessage::NotInEffect => phrase("error-not-in-effect"),
        FaultMessage::SaidTwoThings => phrase("error-said-two-things"),
        FaultMessage::NotMentioned => phrase("error-not-mentioned"),
        FaultMessage::NotProven { why, direction } => proof::not_proven(why, *direction),
        FaultMessage::HaltedBeforeSent => phrase("error-halted-before-sent"),
        FaultMessage::GroupWrong(problem) => {
            say("error-group-wrong", &[("problem", preflight::problem(problem).into())])
        }
        FaultMessage::CanaryFirst => phrase("error-canary-first"),
        FaultMessage::SignInFailed(said) => say("error-sign-in-failed", &[("said", self::message(said).into())]),
        FaultMessage::NoAnswer => phrase("error-no-answer"),
        FaultMessage::Missing { said, needs } => say(
            "error-missing-permission",
            &[("said", self::message(said).into()), ("permission", permission(*needs).into())],
        ),
        FaultMessage::AndWait { said, asked, left } => {
            let wait = long_wait(*asked, *left);
            say("error-and-wait", &[("said", self::message(said).into()), ("wait", wait.into())])
        }
        FaultMessage::LongWait { asked, left } => long_wait(*asked, *left),
        FaultMessage::TooLongWait => phrase("error-too-long-wait"),
        FaultMessage::OneUser(said) => say("error-one-user", &[("said", self::message(said).into())]),
        FaultMessage::AboutUser { user, said } => {
            say("error-about-user", &[("user", user.as_str().into()), ("said", self::message(said).into())])
        }
        FaultMessage::WouldDeleteUser => phrase("error-would-delete-user"),
        FaultMessage::Halted => phrase("error-halted"),
        FaultMessage::ProofTooOld => phrase("error-proof-too-old"),
        FaultMessage::UnknownBefore => phrase("error-unknown-before"),
        // Answers that cannot be read, or never came.
        FaultMessage::NotGraphsPage { status, excerpt } => {
            say("error-not-graphs-page", &[("status", (*status).into()), ("excerpt", excerpt.as_str().into())])
        }
        FaultMessage::SilentAnswer { status } => say("error-silent-answer", &[("status", (*status).into())]),
        FaultMessage::NoUrl(why) => say("error-no-url", &[("why", why.as_str().into())]),
        FaultMessage::NoAnswerCame { why, client_request_id } => {
            with_id(say("error-no-answer-came", &[("why", silence(why).into())]), client_request_id.as_deref())
        }
        FaultMessage::CutOff { why, client_request_id } => {
            with_id(say("error-cut-off", &[("why", silence(why).into())]), client_request_id.as_deref())
        }
        FaultMessage::TooLarge { most, client_request_id } => {
            with_id(say("error-too-large", &[("most", size(*most).into())]), client_request_id.as_deref())
        }
        FaultMessage::NoTls(why) => say("error-no-tls", &[("why", silence(why).into())]),
        FaultMessage::OtherGroup => phrase("error-other-group"),
        FaultMessage::OtherUser => phrase("error-other-user"),
        FaultMessage::Circle => phrase("error-circle"),
        FaultMessage::Endless { entries, pages } => {
            say("error-endless", &[("entries", (*entries).into()), ("pages", (*pages).into())])
        }
        FaultMessage::ForeignPage => phrase("error-foreign-page"),
        FaultMessage::LongLink { most } => say("error-long-link", &[("most", size(*most).into())]),
        FaultMessage::NotGraphs { excerpt } => say("error-not-graphs", &[("excerpt", excerpt.as_str().into())]),
        FaultMessage::TooDeep => phrase("error-too-deep"),
        FaultMessage::NoSense(why) => say("error-no-sense", &[("why", why.as_str().into())]),
        FaultMessage::Lacks { user, property } => {
            say("error-lacks", &[("user", user.as_str().into()), ("property", property.as_str().into())])
        }
        FaultMessage::BadSeats { product, count, what } => say(
            "error-bad-seats",
            &[("product", product.as_str().into()), ("count", (*count).into()), ("what", what.as_str().into())],
        ),
        FaultMessage::BatchTwice => phrase("error-batch-twice"),
        FaultMessage::BatchSilent => phrase("error-batch-silent"),
        FaultMessage::BatchWithoutItems => phrase("error-batch-without-items"),
        FaultMessage::OtherStatus { status, expected } => {
            say("error-other-status", &[("status", (*status).into()), ("expected", (*expected).into())])
        }
        // Addresses and the sign-in.
        FaultMessage::BadToken => phrase("error-bad-token"),
        FaultMessage::PlainHttp(url) => say("error-plain-http", &[("url", url.as_str().into())]),
        FaultMessage::NotHttps(scheme) => say("error-not-https", &[("scheme", scheme.as_str().into())]),
        FaultMessage::NotAUrl(why) => say("error-not-a-url", &[("why", why.as_str().into())]),
        FaultMessage::EndpointParts => phrase("error-endpoint-parts"),
        FaultMessage::BadTenant => phrase("error-bad-tenant"),
        FaultMessage::SignInTooLong => phrase("error-sign-in-too-long"),
        FaultMessage::SignInGivenUp => phrase("error-sign-in-given-up"),
        FaultMessage::SignInUnreachable(why) => sign_in_unreachable(why),
        FaultMessage::NoToken => phrase("error-no-token"),
        FaultMessage::SignIn(fault) => sign_in::fault(fault),
        FaultMessage::NoAuthority => phrase("error-no-authority"),
        FaultMessage::AuthoritiesNotPem => phrase("error-authorities-not-pem"),
    }
}

/// Our own id of the request, behind what is said of it.
fn with_id(message: String, id: Option<&str>) -> String {
    match id {
        Some(id) => format!("{message} (client-request-id {id})"),
        None => message,
    }
}

fn sign_in_unreachable(why: &Silence) -> String {
    let said: FluentValue<'_> = silence(why).into();
    match why.remedy() {
        None => say("error-sign-in-unreachable", &[("why", said)]),
        Some(ConnectionRemedy::NameAuthority) => say("error-sign-in-unreachable-authority", &[("why", said)]),
        Some(ConnectionRemedy::LogInToProxy) => say("error-sign-in-unreachable-proxy", &[("why", said)]),
    }
}

fn silence(why: &Silence) -> String {
    match why {
        Silence::TookTooLong => phrase("error-took-too-long"),
        Silence::Told(words) => words.clone(),
    }
}

fn long_wait(asked: i64, left: i64) -> String {
    let lasting = |seconds: i64| format!("{:#}", SignedDuration::from_secs(seconds));
    say("error-long-wait", &[("asked", lasting(asked).into()), ("left", lasting(left).into())])
}

/// A size as people say it; all limits are whole.
fn size(bytes: usize) -> String {
    if bytes >= 1 << 20 { format!("{} MiB", bytes >> 20) } else { format!("{} KiB", bytes >> 10) }
}

/// The permission, and the role where one is needed besides.
pub fn permission(needs: Needs) -> String {
    match needs {
        Needs::ReadUsers => "User.Read.All".to_owned(),
        Needs::ReadGroups => alternatives("Group.Read.All", "GroupMember.Read.All"),
        Needs::ReadMembers => both("GroupMember.Read.All", "User.Read.All"),
        Needs::ReadSkus => alternatives("LicenseAssignment.Read.All", "Organization.Read.All"),
        Needs::ReadOrganization => "Organization.Read.All".to_owned(),
        Needs::ReadAudits => "AuditLog.Read.All".to_owned(),
        Needs::Reprocess => say("error-permission-and-license-role", &[("permission", "User.ReadWrite.All".into())]),
        Needs::AssignLicenses => {
            say("error-permission-and-license-role", &[("permission", "LicenseAssignment.ReadWrite.All".into())])
        }
        Needs::WriteMembers => {
            say("error-permission-and-group-role", &[("permission", "GroupMember.ReadWrite.All".into())])
        }
    }
}

fn alternatives(one: &str, other: &str) -> String {
    [one, other].join(&phrase("word-or"))
}

fn both(one: &str, other: &str) -> String {
    [one, other].join(&phrase("word-and"))
}

/// What was read or written, where it failed or has to wait.
pub fn work(work: &Work) -> String {
    match work {
        Work::Preflight => phrase("wait-preflight"),
        Work::BatchPreflight => phrase("wait-batch-preflight"),
        Work::GroupsAndSkus => phrase("wait-groups-and-skus"),
        Work::VerifyPass => phrase("wait-verify-pass"),
        Work::User => phrase("wait-user"),
        Work::Group => phrase("wait-group"),
        Work::Membership => phrase("wait-membership"),
        Work::Groups => phrase("wait-groups"),
        Work::LastLook => phrase("wait-last-look"),
        Work::Addition => phrase("wait-addition"),
        Work::Removal => phrase("wait-removal"),
        Work::Reprocess => phrase("wait-reprocess"),
        Work::DirectLicense => phrase("wait-direct-license"),
        Work::Told(words) => words.clone(),
    }
}
