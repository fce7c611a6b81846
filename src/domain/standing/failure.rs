//! Graph's word for what is wrong with a product of a user.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

use crate::domain::id::SkuId;

/// Graph's word, and of which product it says it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Failure {
    /// Graph's word, as it came.
    pub word: String,
    /// The product; `None` is the one that the run is called after.
    pub product: Option<SkuId>,
}

impl From<&str> for Failure {
    fn from(word: &str) -> Self {
        Self { word: word.to_owned(), product: None }
    }
}

impl From<&str> for Box<Failure> {
    fn from(word: &str) -> Self {
        Self::new(word.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.word)
    }
}

/// How a journal has it: the word alone, as older ones do, or with the product.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Word(String),
    OfProduct { word: String, product: SkuId },
}

impl From<Written> for Failure {
    fn from(written: Written) -> Self {
        match written {
            Written::Word(word) => Self { word, product: None },
            Written::OfProduct { word, product } => Self { word, product: Some(product) },
        }
    }
}

impl From<Failure> for Written {
    fn from(failure: Failure) -> Self {
        match failure.product {
            Some(product) => Self::OfProduct { word: failure.word, product },
            None => Self::Word(failure.word),
        }
    }
}
