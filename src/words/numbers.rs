//! Numbers, as the language that is spoken writes them.

use crate::domain::count::NumberStyle;
use crate::words::phrase;

/// A number as it stands in a message.
pub fn number(number: f64) -> String {
    style(phrase("number-gap")).write(number)
}

/// A number of a report, with its thousands apart: `1,197`.
pub fn thousands(number: u64) -> String {
    style(phrase("number-gap-in-reports")).whole(number)
}

fn style(gap: String) -> NumberStyle {
    let gap_from = phrase("number-gap-from-digits").parse().unwrap_or(usize::MAX);
    NumberStyle { gap, gap_from, decimal: phrase("number-decimal") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::language::Language;
    use crate::words::in_language;

    #[test]
    fn each_language_writes_numbers_its_own_way() {
        let shown = || [number(1_197.0), number(20_000.0), number(0.5), thousands(1_197), thousands(20_000)];
        assert_eq!(shown(), ["1197", "20000", "0.5", "1,197", "20,000"]);
        let portuguese = in_language(Language::of("pt-PT").unwrap(), shown);
        assert_eq!(portuguese, ["1197", "20\u{a0}000", "0,5", "1197", "20\u{a0}000"]);
    }
}
