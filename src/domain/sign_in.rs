//! Why Microsoft Entra refuses a sign-in, by its number; `words::sign_in` says what an admin can do about it.

use serde::Deserialize;
use serde::Serialize;

/// A refusal that has a cause an admin can act on (Microsoft Entra, "authentication and authorization error codes").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignInCause {
    /// A conditional access policy does not let this sign-in through.
    Policy,
    /// A policy wants a managed device.
    Device,
    /// Nobody has agreed to the application's permissions.
    Consent,
    /// There is no such tenant in this cloud.
    NoTenant,
    /// The account is of another tenant.
    OtherTenant,
    /// The registration is not set up for people to sign in.
    PublicClient,
    /// The registration has no address to lead the browser back to.
    Redirect,
    /// There is no such application in the tenant.
    NoApplication,
    /// The secret has ended.
    SecretExpired,
    /// The secret is wrong.
    SecretWrong,
    /// The certificate is not the registration's.
    Certificate,
    /// The clocks differ too much.
    Clock,
    /// The account needs another proof than it gave.
    Mfa,
    /// The sign-in has ended, or was taken back.
    Ended,
    /// The account may not sign in.
    Account,
    /// The application may only be used by those it was assigned to.
    NotAssigned,
    /// Whoever was asked said no.
    Declined,
    /// Nobody entered the code in time.
    CodeExpired,
}

impl SignInCause {
    /// The cause behind one of Entra's numbers.
    pub fn of(number: u32) -> Option<Self> {
        Some(match number {
            53_003 | 530_032 | 530_034 => Self::Policy,
            53_000 | 53_001 | 53_002 | 53_009 | 50_097 | 50_129 => Self::Device,
            65_001 | 65_002 | 90_094 | 90_095 | 900_941 | 90_008 => Self::Consent,
            90_002 | 900_023 | 900_382 => Self::NoTenant,
            50_020 | 50_034 | 51_004 | 500_200 => Self::OtherTenant,
            7_000_218 | 70_002 => Self::PublicClient,
            50_011 | 500_113 | 9_002_326 => Self::Redirect,
            700_016 | 700_038 => Self::NoApplication,
            7_000_222 => Self::SecretExpired,
            7_000_215 | 7_000_216 => Self::SecretWrong,
            700_027 | 7_000_214 | 700_030 => Self::Certificate,
            700_024 | 50_027 => Self::Clock,
            50_074 | 50_076 | 50_072 | 50_079 | 50_158 | 50_203 => Self::Mfa,
            70_000 | 50_058 | 700_082 | 70_008 | 70_043 | 50_173 | 50_133 | 9_002_313 | 700_084 | 54_005 | 50_078
            | 700_003 => Self::Ended,
            50_053 | 50_055 | 50_057 | 50_126 | 50_144 => Self::Account,
            50_105 => Self::NotAssigned,
            65_004 => Self::Declined,
            70_019 | 70_020 => Self::CodeExpired,
            _ => return None,
        })
    }

    /// The cause of a refusal that quotes Entra, such as `AADSTS53003: Access has been blocked …`.
    pub fn in_text(text: &str) -> Option<Self> {
        text.split("AADSTS").skip(1).find_map(|rest| {
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            Self::of(digits.parse().ok()?)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_in_a_refusal_tells_its_cause() {
        let of = SignInCause::in_text;
        assert_eq!(of("AADSTS53003: Access has been blocked."), Some(SignInCause::Policy));
        assert_eq!(of("AADSTS1: x AADSTS7000222: y"), Some(SignInCause::SecretExpired), "the first that is known");
        assert_eq!(of("AADSTS: x"), None);
        assert_eq!(of("53003"), None);
        assert_eq!(of("AADSTS99999999999999999999"), None);
    }
}
