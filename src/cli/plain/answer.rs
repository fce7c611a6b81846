//! What is typed or piped in as an answer: one line, one meaning.

/// What a gate asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Add,
    Remove,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Nothing.
    Empty,
    /// Yes to so many users of the gate that waits, or of the batch that is named, counted from 1.
    Approve { kind: Kind, count: usize, batch: Option<usize>, reason: Option<String> },
    /// All is left as it is.
    No,
    /// Nothing more is written.
    Halt,
    /// Writing may go on.
    LiftHalt,
    /// The alarm was seen.
    AcknowledgeAlarm,
    /// Take this user out.
    Exclude(String),
    /// Read now.
    Poll,
    /// Sign in again.
    SignIn,
    /// End in order.
    Quit,
    /// None of these.
    Unknown,
}

/// The longest reason, in characters.
const LONGEST_REASON: usize = 500;

/// Reads a line. A number is a number, and nothing may stand behind what is known: half an answer approves nothing.
pub(super) fn read(line: &str) -> Answer {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        [] => Answer::Empty,
        ["approve", kind, count, rest @ ..] => approve(kind, count, rest).unwrap_or(Answer::Unknown),
        ["no"] => Answer::No,
        ["halt"] => Answer::Halt,
        ["lift", "halt"] => Answer::LiftHalt,
        ["acknowledge", "alarm"] => Answer::AcknowledgeAlarm,
        ["exclude", user] => Answer::Exclude((*user).to_owned()),
        ["poll"] => Answer::Poll,
        ["sign", "in"] => Answer::SignIn,
        ["quit"] => Answer::Quit,
        _ => Answer::Unknown,
    }
}

fn approve(kind: &str, count: &str, rest: &[&str]) -> Option<Answer> {
    let kind = match kind {
        "add" => Kind::Add,
        "remove" => Kind::Remove,
        _ => return None,
    };
    let (batch, rest) = match rest {
        ["batch", batch, rest @ ..] => (Some(number(batch)?.checked_sub(1)?), rest),
        rest => (None, rest),
    };
    let reason = match rest {
        [] => None,
        ["reason", words @ ..] if !words.is_empty() => {
            Some(words.join(" ").chars().take(LONGEST_REASON).collect::<String>())
        }
        _ => return None,
    };
    Some(Answer::Approve { kind, count: number(count)?, batch, reason })
}

fn number(text: &str) -> Option<usize> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_or_none() {
        let yes = |kind, count, batch, reason: Option<&str>| Answer::Approve {
            kind,
            count,
            batch,
            reason: reason.map(ToOwned::to_owned),
        };
        assert_eq!(read("approve add 20"), yes(Kind::Add, 20, None, None));
        assert_eq!(read(" approve  remove 19 batch 2 \r"), yes(Kind::Remove, 19, Some(1), None));
        let with_reason = yes(Kind::Add, 3, Some(0), Some("CHG 12"));
        assert_eq!(read("approve add 3 batch 1 reason CHG 12"), with_reason);
        for half in [
            "approve",
            "approve add",
            "approve 20",
            "approve add twenty",
            "approve add +20",
            "approve add -20",
            "approve add 20.0",
            "approve add 20 users",
            "approve add 20 batch",
            "approve add 20 batch two",
            "approve add 20 batch 0",
            "approve add 20 reason",
            "approve ad 20",
            "Approve add 20",
            "halt now",
            "yes",
            "20",
            "approve add 99999999999999999999999",
        ] {
            assert_eq!(read(half), Answer::Unknown, "{half}");
        }
        assert_eq!((read(""), read("no"), read("halt")), (Answer::Empty, Answer::No, Answer::Halt));
    }
}
