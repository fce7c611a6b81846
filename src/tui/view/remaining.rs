//! How long users still wait for licensing.

use crate::domain::latency::MostDone;
use crate::domain::latency::Remaining;
use crate::domain::latency::SlowestDone;
use crate::domain::time::SignedDuration;
use crate::tui::format::lasting;
use crate::words::phrase;
use crate::words::say;

/// `95 % in 1 min · slowest 4 up to 6 min`; what is not known is not told.
pub(super) fn remaining(left: &Remaining) -> String {
    if left.is_unknown() {
        return phrase("wait-left-unknown");
    }
    let most = match left.most {
        MostDone::In(length) => Some(say("wait-left-most", &[("length", lasting(rough(length)).into())])),
        MostDone::Already | MostDone::Unknown => None,
    };
    let slowest = match left.slowest_done {
        SlowestDone::Within(length, _) => {
            let length = lasting(rough(length));
            say("wait-left-slowest", &[("count", left.slowest.into()), ("length", length.into())])
        }
        SlowestDone::LongerThanAnybody => say("wait-left-slowest-longer", &[("count", left.slowest.into())]),
        SlowestDone::Unknown => say("wait-left-slowest-unknown", &[("count", left.slowest.into())]),
    };
    let longer = match left.slowest_done {
        SlowestDone::Within(_, longer @ 1..) => Some(say("wait-left-longer", &[("count", longer.into())])),
        _ => None,
    };
    most.into_iter().chain([slowest]).chain(longer).collect::<Vec<_>>().join(" · ")
}

/// An estimate is not given to the second, and never shorter.
fn rough(length: SignedDuration) -> SignedDuration {
    let seconds = length.as_secs();
    let step = if seconds < 60 { 10 } else { 60 };
    SignedDuration::from_secs((seconds + step - 1) / step * step)
}
