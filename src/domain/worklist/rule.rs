//! What a dynamic group's membership rule asks of a user, where the rule is simple enough to be sure.

/// A rule that is one comparison of a user's attribute with a text (Microsoft Entra, "Rules for dynamic membership groups").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The attribute, as the rule writes it, without `user.`.
    pub attribute: String,
    /// The value that makes a member.
    pub value: String,
}

/// What a rule wants, when it is `user.attribute -eq "value"`, in parentheses or not. Of any other rule nothing is
/// claimed: `None`.
pub fn wanted(rule: &str) -> Option<Wanted> {
    let mut rule = rule.trim();
    while let Some(inner) = rule.strip_prefix('(').and_then(|rule| rule.strip_suffix(')')) {
        rule = inner.trim();
    }
    let (attribute, rest) = rule.strip_prefix("user.")?.split_once(char::is_whitespace)?;
    let (operator, value) = rest.trim_start().split_once(char::is_whitespace)?;
    let value = value.trim().strip_prefix('"')?.strip_suffix('"')?;
    let name = !attribute.is_empty() && attribute.bytes().all(|byte| byte.is_ascii_alphanumeric());
    // A quote, a backtick or a line end inside is more than this reading understands.
    let plain = !value.is_empty() && !value.chars().any(|char| char.is_control() || matches!(char, '"' | '`' | '\\'));
    (name && plain && operator.eq_ignore_ascii_case("-eq"))
        .then(|| Wanted { attribute: attribute.to_owned(), value: value.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_plain_comparison_is_understood() {
        let sales = Some(Wanted { attribute: "department".into(), value: "Sales & Co".into() });
        for rule in [
            r#"user.department -eq "Sales & Co""#,
            r#"(user.department -eq "Sales & Co")"#,
            r#" ( (user.department  -EQ  "Sales & Co" ) ) "#,
        ] {
            assert_eq!(wanted(rule), sales, "{rule}");
        }
    }

    #[test]
    fn of_anything_else_nothing_is_claimed() {
        for rule in [
            "",
            "()",
            r#"user.department -ne "Sales""#,
            r#"user.department -eq "Sales" -and user.country -eq "PT""#,
            r#"(user.department -eq "Sales") -or (user.country -eq "PT")"#,
            r#"not (user.department -eq "Sales")"#,
            "user.department -eq null",
            "user.accountEnabled -eq true",
            r#"user.department -eq """#,
            r#"user.department -eq "a`"b""#,
            r#"user.proxyAddresses -any (_ -contains "contoso")"#,
            r#"device.department -eq "Sales""#,
            r#"user.a.b -eq "Sales""#,
            "user.department -eq \"Sa\nles\"",
        ] {
            assert_eq!(wanted(rule), None, "{rule}");
        }
    }
}
