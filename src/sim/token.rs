//! Access tokens: JWTs, signed so that this tenant knows its own and others can check them.
mod sign;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

#[cfg(test)]
pub(crate) use sign::pkcs8;
pub(crate) use sign::{Certificate, key_set};

/// Who is calling, from the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The application's id.
    pub(crate) app: String,
    /// The object id of the signed-in user, if there is one.
    pub(crate) user: Option<String>,
    /// The permissions: roles of the application, or scopes of the user.
    pub(crate) grants: Vec<String>,
}

/// Why a token is no good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bad {
    /// Not a token at all, or not signed by this tenant.
    Invalid,
    /// Of another tenant.
    Foreign,
    /// Too old.
    Expired,
}

/// Every permission that the simulator knows.
pub(crate) const ALL_PERMISSIONS: &[&str] = &[
    "AuditLog.Read.All",
    "Directory.Read.All",
    "Group.Create",
    "Group.ReadWrite.All",
    "GroupMember.ReadWrite.All",
    "LicenseAssignment.ReadWrite.All",
    "Organization.Read.All",
    "User.Read.All",
    "User.ReadWrite.All",
];

/// What every application is called here, whatever its id: the simulator takes any.
const APP_NAME: &str = "the simulated application";

/// Makes a token for a caller; a user with the principal name and the directory roles.
pub(crate) fn issue(
    tenant: Uuid,
    caller: &Caller,
    user: Option<(&str, &[&str])>,
    now: Timestamp,
    seconds: i64,
) -> String {
    let issued = now.as_second();
    let mut claims = json!({
        "aud": "https://graph.microsoft.com",
        "iss": format!("https://sts.windows.net/{tenant}/"),
        "iat": issued, "nbf": issued, "exp": issued + seconds,
        "appid": caller.app, "tid": tenant, "ver": "1.0",
        "oid": caller.user.as_deref().unwrap_or(&caller.app),
        "uti": now.as_nanosecond().to_string(),
    });
    if caller.user.is_some() {
        claims["idtyp"] = "user".into();
        claims["scp"] = caller.grants.join(" ").into();
        let (upn, roles) = user.unwrap_or_default();
        claims["upn"] = upn.into();
        claims["unique_name"] = upn.into();
        claims["wids"] = json!(roles);
    } else {
        claims["idtyp"] = "app".into();
        claims["app_displayname"] = APP_NAME.into();
        claims["roles"] = json!(caller.grants);
    }
    seal(&claims)
}

/// Signs claims.
pub(crate) fn seal(claims: &Value) -> String {
    let header = json!({ "typ": "JWT", "alg": "RS256", "kid": sign::KEY_ID });
    let body = format!("{}.{}", part(&header), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(sign::sign(&body));
    format!("{body}.{signature}")
}

/// Reads a token back, if it is this tenant's, still good and not from before `since`.
pub(crate) fn read(tenant: Uuid, token: &str, now: Timestamp, since: Timestamp) -> Result<Caller, Bad> {
    let claims = open(token).ok_or(Bad::Invalid)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
    if text("tid") != Some(tenant.to_string()) {
        return Err(Bad::Foreign);
    }
    let (body, signature) = token.rsplit_once('.').ok_or(Bad::Invalid)?;
    if !URL_SAFE_NO_PAD.decode(signature).is_ok_and(|signature| sign::signed(body, &signature)) {
        return Err(Bad::Invalid);
    }
    if claims.get("exp").and_then(Value::as_i64).is_none_or(|exp| exp <= now.as_second()) {
        return Err(Bad::Expired);
    }
    let issued: Option<i128> = text("uti").and_then(|text| text.parse().ok());
    if issued.is_none_or(|issued| issued < since.as_nanosecond()) {
        return Err(Bad::Expired);
    }
    let user = text("scp").and(text("oid"));
    let grants = match text("scp") {
        Some(scopes) => scopes.split(' ').map(str::to_owned).collect(),
        None => serde_json::from_value(claims["roles"].clone()).unwrap_or_default(),
    };
    Ok(Caller { app: text("appid").unwrap_or_default(), user, grants })
}

/// The claims of a token, unchecked.
pub(crate) fn open(token: &str) -> Option<Value> {
    let mut parts = token.split('.');
    let claims = parts.nth(1)?;
    parts.next()?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
}

/// The header of a token, unchecked.
pub(crate) fn header(token: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?).ok()
}

/// JSON the way it stands in a token.
pub(crate) fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_tells_who_calls_until_it_expires() {
        let (tenant, now) = (Uuid::from_u128(7), Timestamp::from_second(1_000).unwrap());
        let caller = Caller { app: "app".into(), user: None, grants: vec!["User.Read.All".into()] };
        let token = issue(tenant, &caller, None, now, 60);
        let check = |tenant, token: &str, now| read(tenant, token, now, Timestamp::MIN);
        assert_eq!(check(tenant, &token, now), Ok(caller));
        assert_eq!(check(tenant, &token, Timestamp::from_second(1_060).unwrap()), Err(Bad::Expired));
        assert_eq!(check(Uuid::nil(), &token, now), Err(Bad::Foreign));
        assert_eq!(check(tenant, &format!("{token}AA"), now), Err(Bad::Invalid));
        assert_eq!(check(tenant, "nonsense", now), Err(Bad::Invalid));
        let revoked = read(tenant, &token, now, now + jiff::SignedDuration::from_nanos(1));
        assert_eq!(revoked, Err(Bad::Expired));
    }
}
