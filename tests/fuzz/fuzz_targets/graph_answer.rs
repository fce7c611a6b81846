//! An answer of the service, by every reader that may meet it. The first two bytes are the status.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some((status, body)) = bytes.split_first_chunk::<2>()
        && let Ok(body) = str::from_utf8(body)
    {
        skuferry::graph::fuzz_answer(200 + u16::from_be_bytes(*status) % 400, body);
    }
});
