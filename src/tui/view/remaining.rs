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
        return phrase("left-unknown");
    }
    let count = ("count", left.slowest.into());
    let most = match left.most {
        MostDone::In(length) => Some(say("left-most", &[("length", lasting(rough(length)).into())])),
        MostDone::Already | MostDone::Unknown => None,
    };
    let slowest = match left.slowest_done {
        SlowestDone::Within(length, _) => say("left-slowest", &[count, ("length", lasting(rough(length)).into())]),
        SlowestDone::LongerThanAnybody => say("left-slowest-longer", &[count]),
        SlowestDone::Unknown => say("left-slowest-unknown", &[count]),
    };
    let longer = match left.slowest_done {
        SlowestDone::Within(_, longer @ 1..) => Some(say("left-longer", &[("count", longer.into())])),
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
