//! An error with everything behind it, for an admin to read: a library's first line often hides the cause.

use std::error::Error;

/// The error and its causes, parted by colons. A cause that the sentence before it ends with already is not said twice.
pub fn causes(error: &dyn Error) -> String {
    let mut told = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !told.ends_with(&text) {
            told = format!("{told}: {text}");
        }
        next = cause.source();
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[derive(Debug, thiserror::Error)]
    #[error("{told}")]
    struct Layer {
        told: &'static str,
        source: Option<Box<dyn Error>>,
    }

    #[test]
    fn every_cause_is_told_once() {
        let root = io::Error::other("the disk is full");
        let middle = Layer { told: "cannot write: the disk is full", source: Some(Box::new(root)) };
        let outer = Layer { told: "the run cannot be kept", source: Some(Box::new(middle)) };
        assert_eq!(causes(&outer), "the run cannot be kept: cannot write: the disk is full");
    }
}
