//! The rules as an outsider would judge them: each law looks at a record and says what broke it.

mod canary;
mod halt;
mod intent;
mod proof;
mod secrets;
mod unlicensed;

use crate::rules::record::Record;
use crate::rules::record::Written;
use crate::rules::truth::Truth;

/// All that a law looks at.
pub(crate) struct Case<'a> {
    pub(crate) record: &'a Record,
    pub(crate) truth: Truth<'a>,
    pub(crate) writes: Vec<Written>,
}

impl Case<'_> {
    /// Removals from the source group.
    pub(crate) fn removals(&self) -> impl Iterator<Item = &Written> {
        self.writes.iter().filter(|write| !write.added)
    }
}

type Law = fn(&Case) -> Result<(), String>;

const LAWS: [Law; 15] = [
    intent::approved_first,
    intent::answered_by_the_operator,
    proof::proven,
    proof::never_known_to_be_unsafe,
    proof::enough_seats,
    canary::canary_first,
    canary::breaker,
    unlicensed::stopped_and_rung,
    unlicensed::nobody_by_our_hand,
    intent::nobody_else,
    intent::nothing_beside_the_unknown,
    intent::asked_before_again,
    proof::true_in_the_end,
    halt::nothing_leaves,
    secrets::stay_out,
];

/// Everything that was broken, each as a sentence.
pub(crate) fn judge(record: &Record) -> Vec<String> {
    let mut wrong = record.broken.clone();
    match record.writes() {
        Ok(writes) => {
            let case = Case { record, truth: Truth::of(record), writes };
            wrong.extend(LAWS.iter().filter_map(|law| law(&case).err()));
        }
        Err(form) => wrong.push(form),
    }
    wrong
}
