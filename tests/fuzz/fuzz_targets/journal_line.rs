//! A line of a journal whose checksum fits: it is refused, or read as what it would be written as.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|covered: &[u8]| {
    if let Some((record, again)) = skuferry::journal::fuzz_line(covered, 0) {
        assert_eq!(again, Some(record));
    }
});
