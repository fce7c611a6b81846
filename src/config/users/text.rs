//! The text of a list of users, whatever program wrote it and in whichever encoding.

use encoding_rs::Encoding;
use encoding_rs::UTF_16BE;
use encoding_rs::UTF_16LE;
use encoding_rs::WINDOWS_1252;

/// Decodes a file: by its byte order mark; else UTF-16 where every other byte is zero; else UTF-8; else Windows-1252,
/// which Excel writes. `None` when the marked encoding does not hold.
pub(super) fn decode(bytes: &[u8]) -> Option<String> {
    let (encoding, marked) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (encoding, &bytes[length..]),
        None => match unmarked_utf_16(bytes) {
            Some(encoding) => (encoding, bytes),
            None => match str::from_utf8(bytes) {
                Ok(text) => return Some(text.to_owned()),
                Err(_) => (WINDOWS_1252, bytes),
            },
        },
    };
    encoding.decode_without_bom_handling_and_without_replacement(marked).map(std::borrow::Cow::into_owned)
}

/// Addresses are ASCII for the most part, so one half of the bytes of UTF-16 is zero for the most part.
fn unmarked_utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    let zeros = |from: usize| bytes.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, pairs) = (zeros(0), zeros(1), bytes.len() / 2);
    match () {
        () if bytes.len() % 2 == 1 || pairs == 0 => None,
        () if odd * 2 > pairs && even == 0 => Some(UTF_16LE),
        () if even * 2 > pairs && odd == 0 => Some(UTF_16BE),
        () => None,
    }
}

/// The text without byte order marks, wherever joined files left them, and without the colours of PowerShell 7; every
/// line ends with `\n`. All else stays as it is: a name with a control character in it is refused, not mended.
pub(super) fn cleaned(text: &str) -> String {
    let text = text.replace('\u{feff}', "").replace("\r\n", "\n").replace('\r', "\n");
    if !text.contains('\u{1b}') {
        return text;
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find("\u{1b}[") {
        let codes = &rest[at + 2..];
        let length = codes.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b';').count();
        let is_colour = codes.as_bytes().get(length) == Some(&b'm');
        plain.push_str(&rest[..if is_colour { at } else { at + 2 }]);
        rest = if is_colour { &codes[length + 1..] } else { codes };
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_encoding_of_windows_is_read() {
        let text = "jürgen@contoso.com\r\n";
        let wide = |unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
        let (little, big) = (wide(u16::to_le_bytes), wide(u16::to_be_bytes));
        let marked = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
        for bytes in [
            text.as_bytes().to_vec(),
            marked(b"\xef\xbb\xbf", text.as_bytes()),
            marked(b"\xff\xfe", &little),
            marked(b"\xfe\xff", &big),
            little,
            big,
            b"j\xfcrgen@contoso.com\r\n".to_vec(),
        ] {
            assert_eq!(decode(&bytes).as_deref(), Some(text), "{bytes:?}");
        }
        assert_eq!(decode(b"\xff\xfea"), None, "half a character");
        assert_eq!(decode(b"").as_deref(), Some(""));
    }

    #[test]
    fn colours_and_marks_go_and_other_controls_stay() {
        assert_eq!(cleaned("\u{1b}[32;1mUPN \u{1b}[0m\r\n\u{feff}a\rb"), "UPN \na\nb");
        assert_eq!(cleaned("a\u{1b}[2Jb\u{7}\u{1b}"), "a\u{1b}[2Jb\u{7}\u{1b}");
    }
}
