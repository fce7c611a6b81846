//! The list of users as any file: it is read or refused, every row with a name is a user or told of, and nothing panics.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some(list) = skuferry::config::users::fuzz(bytes) else { return };
    // Nobody is lost silently: a line is a user, is passed over and told of, or holds no name.
    let lines = list.users.iter().map(|user| user.line).chain(list.passed_over.iter().map(|row| row.line));
    assert!(lines.into_iter().all(|line| line >= 1));
    assert!(list.users.iter().all(|user| !user.given.trim().is_empty()), "a user without a name");
});
