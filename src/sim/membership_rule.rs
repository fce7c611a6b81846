//! Rules of dynamic groups, as far as they compare one text of a user with a value; of any other rule nobody moves.
use jiff::Timestamp;

use crate::sim::shape::user_property;
use crate::sim::tenant::{GroupIx, Member, UserIx};
use crate::sim::world::World;

/// The attribute and the value of `(user.department -eq "Sales")`, in parentheses or not (Microsoft Entra, "Rules for dynamic
/// membership groups").
fn comparison(rule: &str) -> Option<(&str, &str)> {
    let mut rule = rule.trim();
    while let Some(inner) = rule.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        rule = inner.trim();
    }
    let (attribute, rest) = rule.strip_prefix("user.")?.split_once(char::is_whitespace)?;
    let (operator, value) = rest.trim_start().split_once(char::is_whitespace)?;
    let value = value.trim().strip_prefix('"')?.strip_suffix('"')?;
    (operator.eq_ignore_ascii_case("-eq") && !value.contains('"')).then_some((attribute, value))
}

impl World {
    /// Attributes of a user have changed: groups whose rule is about one of them take the user in or let them go, whatever
    /// others there are. A rule that is paused moves nobody.
    pub(crate) fn follow_rules(&mut self, user: UserIx, changed: &[&'static str]) {
        let now = self.clock.now();
        let wanted: Vec<(GroupIx, bool)> = self
            .tenant
            .groups_from(None)
            .filter(|(_, group)| group.is_dynamic() && !group.paused)
            .filter_map(|(ix, group)| {
                let (attribute, value) = comparison(group.rule.as_deref()?)?;
                let name = changed.iter().find(|name| name.eq_ignore_ascii_case(attribute))?;
                let has = user_property(&self.tenant, user, name, Timestamp::MAX);
                Some((ix, has.as_str().is_some_and(|has| has.eq_ignore_ascii_case(value))))
            })
            .collect();
        for (group, fits) in wanted {
            let member = Member::User(user);
            let moved = if fits { self.tenant.join(group, member, now) } else { self.tenant.leave(group, member, now) };
            if moved {
                self.membership_changed(user, group, fits, now);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_comparison_is_read_and_nothing_else() {
        for rule in ["user.department -eq \"Sales\"", "( (user.department  -EQ \"Sales\") )"] {
            assert_eq!(comparison(rule), Some(("department", "Sales")), "{rule}");
        }
        for rule in [
            "user.department -ne \"Sales\"",
            "user.department -eq \"Sales\" -or user.department -eq \"x\"",
            "device.department -eq \"Sales\"",
            "user.accountEnabled -eq true",
        ] {
            assert_eq!(comparison(rule), None, "{rule}");
        }
    }
}
