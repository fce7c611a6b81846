//! Masking a secret in whatever a service says, in every form in which it may repeat it (rule 12).

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::HashSet;
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::de::IgnoredAny;

use crate::graph::limits;

mod decode;

use decode::Unit;

/// What stands for it.
const MASK: &str = "[masked]";
/// A secret with fewer letters and digits is none: masking the letter `x` everywhere would only spoil an answer.
const SHORTEST: usize = 6;
/// A piece of the secret that is this long is masked as well.
const PIECE: usize = 16;
/// How often an answer may be encoded over (percent signs in JSON in percent signs).
const LAYERS: usize = 12;

/// One secret in the forms that it is looked for in.
pub(in crate::graph) struct SecretMask {
    /// Pieces by their length.
    pieces: HashMap<usize, HashSet<Vec<u8>>>,
    /// How long a text is at least that holds all of it.
    least: usize,
}

impl SecretMask {
    /// Prepares to look for this secret.
    pub(in crate::graph) fn new(secret: &str) -> Self {
        let mut mask = Self { pieces: HashMap::new(), least: usize::MAX };
        let plain = folded(&decode::units(secret));
        let plain: Vec<u8> = plain.into_iter().map(|unit| unit.byte).collect();
        if plain.len() < SHORTEST {
            return mask;
        }
        mask.least = plain.len();
        mask.look_for(&plain);
        let hexadecimal: Vec<u8> = secret.bytes().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect();
        mask.look_for(&hexadecimal);
        for before in 0..3_usize {
            // The digits that also hold bits of what stands before or behind it are left out.
            let padded: Vec<u8> = std::iter::repeat_n(0, before).chain(secret.bytes()).collect();
            let coded = STANDARD_NO_PAD.encode(&padded);
            let (from, to) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
            let coded = folded(&decode::units(&coded[from..to]));
            let coded: Vec<u8> = coded.into_iter().map(|unit| unit.byte).collect();
            mask.look_for(&coded);
        }
        mask
    }

    fn look_for(&mut self, form: &[u8]) {
        if form.len() < SHORTEST {
            return;
        }
        let length = form.len().min(PIECE);
        self.pieces.entry(length).or_default().extend(form.windows(length).map(<[u8]>::to_vec));
    }

    /// The text with the secret masked. Encodings are undone as often as they may be laid over each other, letters count
    /// alike in either case, and white space, control characters and what has no width do not part the secret.
    pub(in crate::graph) fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if text.len() < SHORTEST || self.pieces.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut found: Vec<Range<usize>> = Vec::new();
        let mut units = decode::units(text);
        for _ in 0..LAYERS {
            self.find(&folded(&units), &mut found);
            let Some(decoded) = decode::once(&units) else { break };
            units = decoded;
        }
        if found.is_empty() {
            return Cow::Borrowed(text);
        }
        found.sort_unstable_by_key(|range| range.start);
        let (mut said, mut end) = (String::with_capacity(text.len()), 0);
        for range in found {
            if range.start > end || (range.start == end && end == 0) {
                said.push_str(&text[end..range.start]);
                said.push_str(MASK);
            }
            end = end.max(range.end);
        }
        said.push_str(&text[end..]);
        Cow::Owned(said)
    }

    fn find(&self, units: &[Unit], found: &mut Vec<Range<usize>>) {
        let bytes: Vec<u8> = units.iter().map(|unit| unit.byte).collect();
        for (length, pieces) in &self.pieces {
            for (at, window) in bytes.windows(*length).enumerate() {
                if pieces.contains(window) {
                    found.push(units[at].from..units[at + length - 1].to);
                }
            }
        }
    }

    /// An answer's body with the secret masked, text by text where it is JSON, so that it can still be read.
    pub(in crate::graph) fn body(&self, body: String) -> String {
        if self.pieces.is_empty() {
            return body;
        }
        if !body.trim_start().starts_with(['{', '[', '"']) {
            return self.text(&body).into_owned();
        }
        let (mut masked, mut copied, mut at) = (String::new(), 0, 0);
        while let Some(open) = body[at..].find('"').map(|found| at + found) {
            let end = literal_end(&body, open);
            // What is shorter cannot hold the whole secret.
            if end - open > self.least
                && let Some(other) = self.literal(&body[open..end])
            {
                masked.push_str(&body[copied..open]);
                masked.push_str(&other);
                copied = end;
            }
            at = end;
        }
        let masked = if copied == 0 { body } else { masked + &body[copied..] };
        // What only looks like JSON may be shown as it is.
        let shown = masked.len() <= limits::ERROR && serde_json::from_str::<IgnoredAny>(&masked).is_err();
        if shown { self.text(&masked).into_owned() } else { masked }
    }

    /// A JSON text with the secret masked; `None` when it is not in it.
    fn literal(&self, literal: &str) -> Option<String> {
        let decoded: Cow<'_, str> = match serde_json::from_str::<String>(literal) {
            Ok(decoded) => Cow::Owned(decoded),
            Err(_) => Cow::Borrowed(literal.trim_matches('"')),
        };
        match self.text(&decoded) {
            Cow::Borrowed(_) => None,
            Cow::Owned(masked) => serde_json::to_string(&masked).ok(),
        }
    }
}

/// Where the JSON text that opens here ends, its quotation mark included.
fn literal_end(body: &str, open: usize) -> usize {
    let mut escaped = false;
    for (at, byte) in body.as_bytes().iter().enumerate().skip(open + 1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    body.len()
}

/// Made alike: lower case, the two alphabets of Base64 as one, and without the signs that stand for spaces in forms.
fn folded(units: &[Unit]) -> Vec<Unit> {
    let fold = |unit: &Unit| {
        let byte = match unit.byte {
            b'+' | b'-' => return None,
            b'_' => b'/',
            byte => byte.to_ascii_lowercase(),
        };
        Some(Unit { byte, ..*unit })
    };
    units.iter().filter_map(fold).collect()
}

#[cfg(test)]
mod tests;
