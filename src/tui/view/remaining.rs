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

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(length: i64) -> SignedDuration {
        SignedDuration::from_secs(length)
    }

    #[test]
    fn what_is_known_is_told_and_nothing_else() {
        let within = |length, longer| SlowestDone::Within(seconds(length), longer);
        let table = [
            (MostDone::In(seconds(60)), 4, within(360, 0), "95 % in 1 min · slowest 4 up to 6 min"),
            // Never shorter than it is: to ten seconds below a minute, to a minute above.
            (MostDone::In(seconds(1)), 1, within(59, 0), "95 % in 10 s · slowest 1 up to 1 min"),
            (MostDone::In(seconds(50)), 1, within(61, 0), "95 % in 50 s · slowest 1 up to 2 min"),
            (MostDone::In(seconds(3_541)), 2, within(3_601, 0), "95 % in 1 h · slowest 2 up to 1 h 1 min"),
            (
                MostDone::In(seconds(90)),
                5,
                within(300, 1),
                "95 % in 2 min · slowest 5 up to 5 min · 1 longer than anybody so far",
            ),
            (
                MostDone::In(seconds(90)),
                5,
                within(300, 3),
                "95 % in 2 min · slowest 5 up to 5 min · 3 longer than anybody so far",
            ),
            (
                MostDone::In(seconds(60)),
                2,
                SlowestDone::LongerThanAnybody,
                "95 % in 1 min · slowest 2 longer than anybody so far",
            ),
            (MostDone::In(seconds(60)), 2, SlowestDone::Unknown, "95 % in 1 min · slowest 2 not known yet"),
            (MostDone::Already, 3, within(120, 0), "slowest 3 up to 2 min"),
            (MostDone::Already, 1, SlowestDone::LongerThanAnybody, "slowest 1 longer than anybody so far"),
            (MostDone::Already, 3, SlowestDone::Unknown, "time left not known yet"),
            (MostDone::Unknown, 3, within(120, 0), "time left not known yet"),
            (MostDone::Unknown, 3, SlowestDone::Unknown, "time left not known yet"),
        ];
        for (most, slowest, slowest_done, told) in table {
            assert_eq!(remaining(&Remaining { most, slowest, slowest_done }), told);
        }
    }
}
