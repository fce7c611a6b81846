//! Refusals that a tenant can be told to give, by Entra's numbers.
use serde::Deserialize;

use crate::sim::oauth::No;

/// Where the sign-in service refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Place {
    /// On the page, so that the browser comes back with it.
    Authorize,
    /// When a device asks for a code.
    DeviceCode,
    /// At the token endpoint, unless it is a refresh.
    #[default]
    Token,
    /// When a token is refreshed.
    Refresh,
}

/// The OAuth error and the words that go with a number (Microsoft Entra, "authentication and authorization error codes").
const KNOWN: &[(u32, &str, &str)] = &[
    (
        50_011,
        "invalid_request",
        "The redirect URI specified in the request does not match the redirect URIs configured for the application.",
    ),
    (
        50_020,
        "invalid_grant",
        "User account from identity provider does not exist in tenant 'Contoso' and cannot access the application.",
    ),
    (50_057, "invalid_grant", "The user account is disabled."),
    (
        50_076,
        "interaction_required",
        "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access '00000003-0000-0000-c000-000000000000'.",
    ),
    (
        50_105,
        "access_denied",
        "Your administrator has configured the application to block users unless they are specifically granted access to the application.",
    ),
    (50_173, "invalid_grant", "The provided grant has expired due to it being revoked, a fresh auth token is needed."),
    (
        53_000,
        "interaction_required",
        "Device is not in required device state: compliant. Conditional Access policy requires a compliant device, and the device is not compliant.",
    ),
    (
        53_003,
        "access_denied",
        "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.",
    ),
    (
        65_001,
        "invalid_grant",
        "The user or administrator has not consented to use the application. Send an interactive authorization request for this user and resource.",
    ),
    (65_004, "access_denied", "User declined to consent to access the app."),
    (
        90_002,
        "invalid_request",
        "Tenant not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.",
    ),
    (
        90_094,
        "access_denied",
        "An administrator of Contoso has set a policy that prevents you from granting the application the permissions it is requesting.",
    ),
    (700_016, "unauthorized_client", "Application with identifier was not found in the directory 'Contoso'."),
    (700_024, "invalid_client", "Client assertion is not within its valid time range."),
    (
        700_027,
        "invalid_client",
        "The certificate with identifier used to sign the client assertion is not registered on application.",
    ),
    (700_082, "invalid_grant", "The refresh token has expired due to inactivity."),
    (
        7_000_215,
        "invalid_client",
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID.",
    ),
    (
        7_000_218,
        "invalid_client",
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    ),
    (
        7_000_222,
        "invalid_client",
        "The provided client secret keys for app are expired. Visit the Azure portal to create new keys for your app.",
    ),
];

/// The refusal of a number; any other number is refused without a word of why.
pub(super) fn by_number(number: u32) -> No {
    let known = KNOWN.iter().find(|(one, _, _)| *one == number);
    let (_, error, text) = known.copied().unwrap_or((number, "invalid_request", "The request is refused."));
    No(error, number, text.to_owned())
}
