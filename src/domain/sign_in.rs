//! Why Microsoft Entra refuses a sign-in, by its number, and what an admin can do about it.

/// A refusal that has a cause an admin can act on (Microsoft Entra, "authentication and authorization error codes").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

    /// What it means.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Policy => "a conditional access policy of the tenant blocks this sign-in",
            Self::Device => {
                "a conditional access policy of the tenant wants a device that it manages, or that complies"
            }
            Self::Consent => "nobody has consented to the permissions of the application yet",
            Self::NoTenant => "Microsoft Entra finds no such tenant in this cloud",
            Self::OtherTenant => "the account is not one of this tenant",
            Self::PublicClient => "the app registration does not let people sign in: public client flows are off",
            Self::Redirect => "the app registration does not name the address http://localhost to come back to",
            Self::NoApplication => "the tenant knows no application with this client_id",
            Self::SecretExpired => "the client secret has expired",
            Self::SecretWrong => "the client secret is wrong",
            Self::Certificate => "the certificate is not one of the app registration, or did not sign this request",
            Self::Clock => "the clock of this machine and Microsoft's differ too much for a certificate sign-in",
            Self::Mfa => "the account has to prove itself once more, as by multifactor authentication",
            Self::Ended => "the sign-in has ended, or was taken back",
            Self::Account => "the account may not sign in: locked, disabled, or its password is wrong or has expired",
            Self::NotAssigned => "the application is only for those it is assigned to, and the account is not",
            Self::Declined => "the sign-in was declined",
            Self::CodeExpired => "nobody entered the code in time",
        }
    }

    /// What to do about it.
    pub fn action(self) -> &'static str {
        match self {
            Self::Policy => {
                "Look at the sign-in log in Entra (Conditional Access tab) for the policy's name. Many tenants block device \
                 code flow (the policy \"Block device code flow\"): use method = \"browser\" on this machine, \"azure-cli\", \
                 or an application with \"client-certificate\"; or have the policy exclude this account or place."
            }
            Self::Device => {
                "Sign in on a managed device with method = \"browser\", or use \"azure-cli\" there, or an application with \
                 \"client-certificate\"; or have the policy exclude this account."
            }
            Self::Consent => {
                "Have a Privileged Role Administrator or Cloud Application Administrator open the app registration, API \
                 permissions, and choose \"Grant admin consent\"."
            }
            Self::NoTenant => "Check id and cloud in [tenant]: a tenant of another cloud is not found here.",
            Self::OtherTenant => "Sign in with an account of the tenant in [tenant], or correct id there.",
            Self::PublicClient => {
                "In the app registration, Authentication: set \"Allow public client flows\" to Yes, or use \"client-secret\" \
                 or \"client-certificate\"."
            }
            Self::Redirect => {
                "In the app registration, Authentication: add the platform \"Mobile and desktop applications\" with the \
                 redirect URI http://localhost."
            }
            Self::NoApplication => {
                "Check client_id and id in the configuration: the registration must be in this tenant."
            }
            Self::SecretExpired => {
                "In the app registration, Certificates & secrets: make a new client secret and set SKUFERRY_CLIENT_SECRET to \
                 its value."
            }
            Self::SecretWrong => {
                "Set SKUFERRY_CLIENT_SECRET to the secret's Value, not its Secret ID; Entra shows the value once, when it is \
                 made."
            }
            Self::Certificate => {
                "Upload the certificate (without its key) to the app registration, Certificates & secrets, and name the same \
                 one in [auth]."
            }
            Self::Clock => "Set this machine's clock, with time zone, then try again.",
            Self::Mfa => {
                "Sign in with method = \"browser\", where the other proof can be asked for; az needs `az login` anew."
            }
            Self::Ended => "Sign in again: L on the screen, `az login` for azure-cli.",
            Self::Account => "Have the account unlocked or its password set, or sign in with another one.",
            Self::NotAssigned => {
                "In Entra, Enterprise applications, Users and groups: assign the account to the application."
            }
            Self::Declined => "Sign in again, and agree.",
            Self::CodeExpired => "Sign in again, and enter the code in time.",
        }
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
