//! Undoing encodings while keeping where each byte came from.

/// One byte of what is meant, and the bytes of the text that stand for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) byte: u8,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// Named entities of HTML and XML for the signs of ASCII.
const ENTITIES: [(&[u8], u8); 7] = [
    (b"amp;", b'&'),
    (b"lt;", b'<'),
    (b"gt;", b'>'),
    (b"quot;", b'"'),
    (b"apos;", b'\''),
    (b"sol;", b'/'),
    (b"plus;", b'+'),
];

/// Whether a character is not seen, so that it may stand within a secret and hide it.
fn is_unseen(char: char) -> bool {
    char.is_whitespace()
        || char.is_control()
        || matches!(char,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// The bytes of a text, without what is not seen. Fullwidth signs count as the usual ones.
pub(super) fn units(text: &str) -> Vec<Unit> {
    let mut units = Vec::with_capacity(text.len());
    for (from, char) in text.char_indices() {
        push(&mut units, char, from, from + char.len_utf8());
    }
    units
}

fn push(units: &mut Vec<Unit>, char: char, from: usize, to: usize) {
    if is_unseen(char) {
        return;
    }
    let char = match u32::from(char) {
        wide @ 0xff01..=0xff5e => char::from_u32(wide - 0xfee0).unwrap_or(char),
        _ => char,
    };
    let mut buffer = [0; 4];
    units.extend(char.encode_utf8(&mut buffer).bytes().map(|byte| Unit { byte, from, to }));
}

/// One layer undone, percent signs before backslashes and these before entities, as each may part the later ones; `None`
/// when there was none.
pub(super) fn once(units: &[Unit]) -> Option<Vec<Unit>> {
    [b'%', b'\\', b'&'].into_iter().find_map(|sign| layer(units, sign))
}

/// The escapes that begin with this sign undone; `None` when there was none.
fn layer(units: &[Unit], sign: u8) -> Option<Vec<Unit>> {
    let mut decoded = Vec::with_capacity(units.len());
    let (mut at, mut changed) = (0, false);
    while let Some(unit) = units.get(at) {
        let rest = &units[at..];
        let Some((char, length)) = Some(rest).filter(|_| unit.byte == sign).and_then(escape) else {
            decoded.push(*unit);
            at += 1;
            continue;
        };
        changed = true;
        if let Some(char) = char {
            let to = rest[length - 1].to;
            match char {
                Decoded::Byte(byte) if !byte.is_ascii_control() && byte != b' ' => {
                    decoded.push(Unit { byte, from: unit.from, to });
                }
                Decoded::Byte(_) => {}
                Decoded::Char(char) => push(&mut decoded, char, unit.from, to),
            }
        }
        at += length;
    }
    changed.then_some(decoded)
}

enum Decoded {
    Byte(u8),
    Char(char),
}

/// The escape that begins here: what it stands for, if that is anything to see, and how many units it takes.
fn escape(units: &[Unit]) -> Option<(Option<Decoded>, usize)> {
    let byte = |at: usize| units.get(at).map(|unit| unit.byte);
    match (byte(0)?, byte(1)?) {
        (b'%', b'u' | b'U') => number(units, 2, 4, 16).map(|code| (char::from_u32(code).map(Decoded::Char), 6)),
        (b'%', _) => number(units, 1, 2, 16).map(|code| (u8::try_from(code).ok().map(Decoded::Byte), 3)),
        (b'\\', b'u' | b'U') => {
            let (code, length) = match byte(2) {
                Some(b'{') => braced(units)?,
                _ => (number(units, 2, 4, 16)?, 6),
            };
            Some((char::from_u32(code).map(Decoded::Char), length))
        }
        (b'\\', b'x' | b'X') => number(units, 2, 2, 16).map(|code| (u8::try_from(code).ok().map(Decoded::Byte), 4)),
        (b'\\', b'n' | b'r' | b't' | b'b' | b'f' | b'0') => Some((None, 2)),
        (b'\\', other @ (b'"' | b'\'' | b'\\' | b'/')) => Some((Some(Decoded::Byte(other)), 2)),
        (b'&', b'#') => entity(units),
        (b'&', _) => ENTITIES.iter().find_map(|(name, sign)| {
            let matches = name.iter().enumerate().all(|(at, letter)| byte(at + 1) == Some(*letter));
            matches.then(|| (Some(Decoded::Byte(*sign)), name.len() + 1))
        }),
        _ => None,
    }
}

/// So many digits from here.
fn number(units: &[Unit], from: usize, digits: usize, base: u32) -> Option<u32> {
    let digits = units.get(from..from + digits)?;
    digits.iter().try_fold(0, |sum, unit| Some(sum * base + char::from(unit.byte).to_digit(base)?))
}

/// `\u{...}`.
fn braced(units: &[Unit]) -> Option<(u32, usize)> {
    let digits = units.iter().skip(3).take(8).position(|unit| unit.byte == b'}')?;
    (digits > 0 && digits < 8).then_some(())?;
    Some((number(units, 3, digits, 16)?, digits + 4))
}

/// `&#NN;` or `&#xNN;`, also without the semicolon.
fn entity(units: &[Unit]) -> Option<(Option<Decoded>, usize)> {
    let hexadecimal = matches!(units.get(2)?.byte, b'x' | b'X');
    let (from, base) = if hexadecimal { (3, 16) } else { (2, 10) };
    let digits = units.iter().skip(from).take(7).take_while(|unit| char::from(unit.byte).is_digit(base)).count();
    (digits > 0).then_some(())?;
    let code = number(units, from, digits, base)?;
    let end = from + digits;
    let semicolon = usize::from(units.get(end).is_some_and(|unit| unit.byte == b';'));
    Some((char::from_u32(code).map(Decoded::Char), end + semicolon))
}
