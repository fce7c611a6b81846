//! Paths in all the ways in which clients write them.
use super::*;

#[test]
fn keys_may_stand_in_parentheses() {
    let user = |path| route(&Method::GET, path, None);
    assert_eq!(user("/users('$x@y.com')"), Ok(Op::GetUser("$x@y.com".into())));
    assert_eq!(user("/users('o''brien@y.com')"), Ok(Op::GetUser("o'brien@y.com".into())));
    assert_eq!(user("/users/a_b%23EXT%23@y.com/licenseDetails"), Ok(Op::LicenseDetails("a_b#EXT#@y.com".into())));
    assert_eq!(user("/users/o'brien@y.com"), Ok(Op::GetUser("o'brien@y.com".into())));
    assert_eq!(user("/users('delta')"), Ok(Op::GetUser("delta".into())));
}

#[test]
fn a_name_with_a_dollar_needs_them() {
    // Microsoft Learn, "Get a user": a principal name that begins with $ violates the convention for URLs.
    let refused = route(&Method::GET, "/users/$x@y.com", None).unwrap_err();
    assert_eq!((refused.status.as_u16(), refused.code.as_ref()), (400, "BadRequest"));
}

#[test]
fn words_are_known_in_letters_of_any_size() {
    let members = Members { cast: Some(Kind::User), count: true, ..Members::default() };
    let expected = Op::ListMembers { group: "g".into(), members };
    assert_eq!(route(&Method::GET, "/Groups/g/Members/Microsoft.Graph.User/$Count", None), Ok(expected));
    let restore = route(&Method::POST, "/directory/deleteditems/x/microsoft.graph.restore", None);
    assert_eq!(restore, Ok(Op::Restore("x".into())));
    assert_eq!(route(&Method::GET, "/users/microsoft.graph.delta()", None), Ok(Op::Delta(Kind::User)));
}

#[test]
fn a_member_url_without_ref_means_the_object_itself() {
    let path = "/groups/g/members/u";
    let member = Op::DeleteThroughMembers { group: "g".into(), member: "u".into() };
    assert_eq!(route(&Method::DELETE, path, None), Ok(member));
    assert!(matches!(route(&Method::DELETE, "/groups/g/members/u/$ref", None), Ok(Op::RemoveMember { .. })));
    assert_eq!(route(&Method::PATCH, "/groups/g/members/$ref", None).unwrap_err().status, 400);
}

#[test]
fn me_needs_a_user() {
    assert_eq!(route(&Method::GET, "/me", Some("u")), Ok(Op::GetUser("u".into())));
    assert_eq!(route(&Method::GET, "/me", None).unwrap_err().status, 400);
    assert_eq!(route(&Method::PUT, "/users/u", None).unwrap_err().status, 405);
    let lost = route(&Method::GET, "/gruops", None).unwrap_err();
    assert_eq!((lost.status.as_u16(), lost.message.as_str()), (400, "Resource not found for the segment 'gruops'."));
    let lost = route(&Method::GET, "/users/u/lisenseDetails", None).unwrap_err();
    assert_eq!(lost.message, "Resource not found for the segment 'lisenseDetails'.");
}
