//! Rule 13: the way back leads there.

use skuferry::domain::route::Direction;

use crate::rules::laws::Case;

/// Where nobody interferes and nothing goes wrong, whoever was turned back arrives; a way that is never proven is none.
pub(super) fn all_return(case: &Case) -> Result<(), String> {
    if !case.record.world.is_peaceful() {
        return Ok(());
    }
    match case.record.end.users.iter().find(|user| user.direction == Direction::Rollback && !user.is_rolled_back()) {
        Some(user) => Err(format!("rule 13: {} was turned back and never arrived: {:?}", user.upn, user.standing)),
        None => Ok(()),
    }
}
