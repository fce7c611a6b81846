//! Text from elsewhere, made fit for a terminal.

/// The text without control characters, and without the marks that turn the direction of writing: from a tenant, a file
/// or a journal they could rewrite what the operator sees.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !turns_direction(*c)).collect()
}

/// Like [`plain`], for text of several lines.
pub(super) fn plain_lines(text: &str) -> impl Iterator<Item = String> {
    text.lines().map(|line| plain(&line.replace('\t', " ")))
}

fn turns_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_rewrite_the_screen_is_left_out() {
        assert_eq!(plain("a\u{1b}[2Jb\u{9b}c\r\nd\u{202e}e\u{7f} ü→"), "a[2Jbcde ü→");
        assert_eq!(plain_lines("a\tb\nc\u{7}").collect::<Vec<_>>(), ["a b", "c"]);
    }
}
