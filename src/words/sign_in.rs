//! Why a sign-in did not work, and what to do about it.

use crate::domain::fault::AzureCliFault;
use crate::domain::fault::CertificateFlaw;
use crate::domain::fault::EntraRefusal;
use crate::domain::fault::SignInFault;
use crate::domain::sign_in::SignInCause;
use crate::domain::time::SignedDuration;
use crate::graph::auth::Landing;
use crate::graph::auth::LandingPage;
use crate::words::language;
use crate::words::phrase;
use crate::words::say;

/// Why a sign-in did not work.
pub fn fault(fault: &SignInFault) -> String {
    match fault {
        SignInFault::Refused(refusal) => refused(refusal),
        SignInFault::Nobody => phrase("error-sign-in-nobody"),
        SignInFault::TokenEnded => phrase("error-sign-in-token-ended"),
        SignInFault::OtherAccount { now, first } => {
            say("error-sign-in-other-account", &[("now", now.as_str().into()), ("first", first.as_str().into())])
        }
        SignInFault::NoPort(why) => say("error-sign-in-no-port", &[("why", why.as_str().into())]),
        SignInFault::NobodyInTime => phrase("error-sign-in-nobody-in-time"),
        SignInFault::NoBrowser => phrase("error-sign-in-no-browser"),
        SignInFault::CodeExpired => meaning(SignInCause::CodeExpired),
        SignInFault::AzureCli(fault) => azure_cli(fault),
        SignInFault::Certificate(flaw) => say("error-certificate", &[("why", certificate(*flaw).into())]),
        SignInFault::NoRandomness => phrase("error-sign-in-no-randomness"),
    }
}

/// Its cause in our words, then its own, then what Microsoft's support asks for.
fn refused(refusal: &EntraRefusal) -> String {
    let said = match &refusal.said {
        Some(said) => said.clone(),
        None => say("error-sign-in-silent", &[("status", refusal.status.into())]),
    };
    let said = match refusal.cause {
        Some(cause) => {
            let cause = with_clock(meaning(cause), refusal.clock_ahead);
            say("error-sign-in-cause", &[("cause", cause.into()), ("said", said.into())])
        }
        None => said,
    };
    let codes: Vec<String> = refusal.codes.iter().map(ToString::to_string).collect();
    let codes = (!codes.is_empty()).then(|| say("error-codes", &[("codes", codes.join(", ").into())]));
    let id = refusal.correlation_id.as_ref().map(|id| say("error-correlation-id", &[("id", id.as_str().into())]));
    match codes.into_iter().chain(id).collect::<Vec<_>>().join("; ") {
        details if details.is_empty() => said,
        details => say("error-with-details", &[("message", said.into()), ("details", details.into())]),
    }
}

fn with_clock(cause: String, ahead: Option<i64>) -> String {
    let Some(ahead) = ahead else { return cause };
    let length = format!("{:#}", SignedDuration::from_secs(ahead.saturating_abs()));
    if ahead > 0 {
        say("error-sign-in-clock-ahead", &[("cause", cause.into()), ("length", length.into())])
    } else {
        say("error-sign-in-clock-behind", &[("cause", cause.into()), ("length", length.into())])
    }
}

fn azure_cli(fault: &AzureCliFault) -> String {
    match fault {
        AzureCliFault::NotInstalled => phrase("error-azure-cli-not-installed"),
        AzureCliFault::NotRun(why) => say("error-azure-cli-not-run", &[("why", why.as_str().into())]),
        AzureCliFault::NoAnswer => phrase("error-azure-cli-no-answer"),
        AzureCliFault::NoToken => phrase("error-azure-cli-no-token"),
        AzureCliFault::Refused { cause, tenant, said } => say(
            "error-azure-cli-refused",
            &[("cause", meaning(*cause).into()), ("tenant", tenant.as_str().into()), ("said", said.as_str().into())],
        ),
        AzureCliFault::Nobody { tenant, said } => {
            say("error-azure-cli-nobody", &[("tenant", tenant.as_str().into()), ("said", said.as_str().into())])
        }
        AzureCliFault::Told(said) => say("error-azure-cli-told", &[("said", said.as_str().into())]),
    }
}

fn certificate(flaw: CertificateFlaw) -> String {
    match flaw {
        CertificateFlaw::NotPem => phrase("error-certificate-not-pem"),
        CertificateFlaw::Encrypted => phrase("error-certificate-encrypted"),
        CertificateFlaw::NoCertificate => phrase("error-certificate-none"),
        CertificateFlaw::NoKey => phrase("error-certificate-no-key"),
        CertificateFlaw::NotRsa => phrase("error-certificate-not-rsa"),
        CertificateFlaw::KeyLength => phrase("error-certificate-key-length"),
        CertificateFlaw::DoesNotSign => phrase("error-certificate-does-not-sign"),
        CertificateFlaw::NotTogether => phrase("error-certificate-not-together"),
    }
}

/// What the page says to which the browser comes back.
pub fn landing(landing: Landing) -> LandingPage {
    let (title, text) = match landing {
        Landing::SignedIn => (phrase("word-signed-in"), phrase("view-landing-signed-in")),
        Landing::Refused => (phrase("word-not-signed-in"), phrase("view-landing-refused")),
        Landing::NotOurs => (phrase("word-not-signed-in"), phrase("view-landing-not-ours")),
        Landing::NoCode => (phrase("word-not-signed-in"), phrase("view-landing-no-code")),
    };
    LandingPage { language: language().tag(), title, text }
}

/// What a refusal of Microsoft Entra's means.
pub fn meaning(cause: SignInCause) -> String {
    match cause {
        SignInCause::Policy => phrase("error-entra-policy"),
        SignInCause::Device => phrase("error-entra-device"),
        SignInCause::Consent => phrase("error-entra-consent"),
        SignInCause::NoTenant => phrase("error-entra-no-tenant"),
        SignInCause::OtherTenant => phrase("error-entra-other-tenant"),
        SignInCause::PublicClient => phrase("error-entra-public-client"),
        SignInCause::Redirect => phrase("error-entra-redirect"),
        SignInCause::NoApplication => phrase("error-entra-no-application"),
        SignInCause::SecretExpired => phrase("error-entra-secret-expired"),
        SignInCause::SecretWrong => phrase("error-entra-secret-wrong"),
        SignInCause::Certificate => phrase("error-entra-certificate"),
        SignInCause::Clock => phrase("error-entra-clock"),
        SignInCause::Mfa => phrase("error-entra-mfa"),
        SignInCause::Ended => phrase("error-entra-ended"),
        SignInCause::Account => phrase("error-entra-account"),
        SignInCause::NotAssigned => phrase("error-entra-not-assigned"),
        SignInCause::Declined => phrase("error-entra-declined"),
        SignInCause::CodeExpired => phrase("error-entra-code-expired"),
    }
}

/// What to do about it.
pub fn action(cause: SignInCause) -> String {
    match cause {
        SignInCause::Policy => phrase("error-entra-action-policy"),
        SignInCause::Device => phrase("error-entra-action-device"),
        SignInCause::Consent => phrase("error-entra-action-consent"),
        SignInCause::NoTenant => phrase("error-entra-action-no-tenant"),
        SignInCause::OtherTenant => phrase("error-entra-action-other-tenant"),
        SignInCause::PublicClient => phrase("error-entra-action-public-client"),
        SignInCause::Redirect => phrase("error-entra-action-redirect"),
        SignInCause::NoApplication => phrase("error-entra-action-no-application"),
        SignInCause::SecretExpired => phrase("error-entra-action-secret-expired"),
        SignInCause::SecretWrong => phrase("error-entra-action-secret-wrong"),
        SignInCause::Certificate => phrase("error-entra-action-certificate"),
        SignInCause::Clock => phrase("error-entra-action-clock"),
        SignInCause::Mfa => phrase("error-entra-action-mfa"),
        SignInCause::Ended => phrase("error-entra-action-ended"),
        SignInCause::Account => phrase("error-entra-action-account"),
        SignInCause::NotAssigned => phrase("error-entra-action-not-assigned"),
        SignInCause::Declined => phrase("error-entra-action-declined"),
        SignInCause::CodeExpired => phrase("error-entra-action-code-expired"),
    }
}
