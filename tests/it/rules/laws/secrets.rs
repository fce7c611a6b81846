//! Rule 12: no secret is anywhere that anybody could read.

use crate::rules::laws::Case;

/// How much of the token is enough to count as seen.
const SNIPPET: usize = 24;

/// The token is nowhere: journal, notices, screens, `Debug`.
pub(super) fn stay_out(case: &Case) -> Result<(), String> {
    let record = case.record;
    let token = &record.token;
    let snippets = [1, 2, 3].map(|part| &token[token.len() * part / 4..][..SNIPPET.min(token.len() / 4)]);
    let leaks = |text: &String| snippets.iter().any(|snippet| text.contains(snippet));
    let places = [
        ("journal", std::slice::from_ref(&record.journal)),
        ("notices", &record.said),
        ("screens", &record.screens),
        ("Debug of a snapshot", &record.debugs),
    ];
    for (place, texts) in places {
        if texts.iter().any(leaks) {
            return Err(format!("rule 12: the token is in the {place}"));
        }
    }
    // The journal is JSON, which escapes what steers.
    let steers = |text: &String| text.contains(|char: char| char.is_control() && char != '\n');
    if record.said.iter().any(steers) || record.journal.contains("\\u00") {
        return Err("rule 12: text from the tenant steers whatever shows the notices or the journal".into());
    }
    Ok(())
}
