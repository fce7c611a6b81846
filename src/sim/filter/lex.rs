//! The words and signs of a `$filter`.
use crate::sim::answer::Refusal;

/// A piece of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A name, path, operator or bare literal.
    Word(String),
    /// A literal in quotes, undone.
    Text(String),
    /// A parenthesis, comma or colon.
    Sign(char),
}

/// Cuts a filter into pieces; within quotes, a doubled quote is one.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Refusal> {
    let mut tokens = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(next) = chars.next() {
        match next {
            ' ' => {}
            '(' | ')' | ',' | ':' => tokens.push(Token::Sign(next)),
            '\'' => {
                let mut literal = String::new();
                loop {
                    match chars.next() {
                        Some('\'') if chars.next_if_eq(&'\'').is_some() => literal.push('\''),
                        Some('\'') => break,
                        Some(other) => literal.push(other),
                        None => {
                            let message = "There is an unterminated string literal at the end of the filter.";
                            return Err(Refusal::new(400, "BadRequest", message));
                        }
                    }
                }
                tokens.push(Token::Text(literal));
            }
            _ => {
                let mut word = String::from(next);
                // A time has colons, and no name begins with a digit.
                let ends = if next.is_ascii_digit() { " (),'" } else { " (),:'" };
                while let Some(more) = chars.next_if(|c| !ends.contains(*c)) {
                    word.push(more);
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    Ok(tokens)
}
