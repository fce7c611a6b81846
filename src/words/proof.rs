//! Why a last look proved nothing.

use crate::domain::proof::NotProven;
use crate::domain::route::Direction;
use crate::domain::standing::Standing;
use crate::domain::standing::Written;
use crate::words::fault;
use crate::words::phrase;
use crate::words::say;
use crate::words::standing;

/// The reason in the words of the way that the user goes.
pub fn not_proven(why: &NotProven, direction: Direction) -> String {
    let stands = |standing: &Standing| standing::full(standing, direction, Written::Added);
    match why {
        NotProven::DifferentUsers => phrase("reason-proof-different-users"),
        NotProven::BeforeTheWrite => phrase("reason-proof-before-the-write"),
        NotProven::NotInOrder => phrase("reason-proof-not-in-order"),
        NotProven::Disagree(first, last) => {
            say("reason-proof-disagree", &[("first", stands(first).into()), ("last", stands(last).into())])
        }
        NotProven::NotSafe(standing) => say("reason-proof-not-safe", &[("standing", stands(standing).into())]),
        NotProven::TooOld => phrase("reason-proof-too-old"),
        NotProven::NotLooked => phrase("reason-proof-not-looked"),
        NotProven::NotAdded => phrase("reason-proof-not-added"),
        NotProven::NotRemoved => phrase("reason-proof-not-removed"),
        NotProven::NotInGroup => phrase("reason-proof-not-in-group"),
        NotProven::GroupNotRead(why) => say("reason-proof-group-not-read", &[("fault", fault::fault(why).into())]),
        NotProven::SeenWhileWaiting(standing) => {
            say("reason-proof-seen-while-waiting", &[("standing", stands(standing).into())])
        }
        NotProven::Told(sentence) => sentence.clone(),
    }
}
