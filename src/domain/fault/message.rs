//! What went wrong with a request, as a value: Graph's own words as they came, or one of the cases that we tell ourselves.

use std::borrow::Cow;

use serde::Deserialize;
use serde::Serialize;

use crate::domain::external_change::ExternalChange;
use crate::domain::fault::Needs;
use crate::domain::fault::SignInFault;
use crate::domain::fault::Silence;
use crate::domain::preflight::ProblemDetail;
use crate::domain::proof::NotProven;
use crate::domain::route::Direction;
use crate::domain::sign_in::SignInCause;

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultMessage {
    /// Somebody else undid our write.
    Undone {
        /// What they did.
        what: ExternalChange,
        /// Which way the user went.
        direction: Direction,
    },
    /// Reading back shows that a write did not take effect.
    NotInEffect,
    /// The answer said two things of one user.
    SaidTwoThings,
    /// The answer did not mention the user.
    NotMentioned,
    /// The proof that a removal needs was not to be had.
    NotProven {
        /// Why.
        why: Box<NotProven>,
        /// Which way the user goes.
        direction: Direction,
    },
    /// Writing was halted before it was sent.
    HaltedBeforeSent,
    /// A group is not as it should be, so that it was not sent.
    GroupWrong(Box<ProblemDetail>),
    /// A removal of the canary has to be made again first.
    CanaryFirst,
    /// Signing in failed, and the run waits for it.
    SignInFailed(Box<FaultMessage>),
    /// Nothing was heard yet.
    NoAnswer,
    /// An answer that is not Graph's.
    NotGraphsPage {
        /// The HTTP status.
        status: u16,
        /// Its first words.
        excerpt: String,
    },
    /// An answer without a reason.
    SilentAnswer {
        /// The HTTP status.
        status: u16,
    },
    /// A permission is missing.
    Missing {
        /// What the answer says.
        said: Box<FaultMessage>,
        /// What it needs.
        needs: Needs,
    },
    /// The service asks for a wait that is longer than ours.
    AndWait {
        /// What the answer says.
        said: Box<FaultMessage>,
        /// How many seconds it asks for.
        asked: i64,
        /// After how many seconds it is asked again.
        left: i64,
    },
    /// The service asked for a wait that is longer than ours.
    LongWait {
        /// How many seconds it asks for.
        asked: i64,
        /// After how many seconds it is asked again.
        left: i64,
    },
    /// The service asked to be left alone for longer than we wait.
    TooLongWait,
    /// Graph refuses something for one user, and not for others.
    OneUser(Box<FaultMessage>),
    /// What it is about.
    AboutUser {
        /// The user, as given.
        user: String,
        /// What was said.
        said: Box<FaultMessage>,
    },
    /// No URL can be made.
    NoUrl(String),
    /// The access token holds characters that no token has.
    BadToken,
    /// No answer came.
    NoAnswerCame {
        /// Why.
        why: Silence,
        /// Our own id of the request, which Microsoft's support asks for.
        client_request_id: Option<String>,
    },
    /// The answer was cut off.
    CutOff {
        /// Why.
        why: Silence,
        /// Our own id of the request, which Microsoft's support asks for.
        client_request_id: Option<String>,
    },
    /// The answer is too large.
    TooLarge {
        /// How many bytes are read.
        most: usize,
        /// Our own id of the request, which Microsoft's support asks for.
        client_request_id: Option<String>,
    },
    /// No TLS client can be made.
    NoTls(Silence),
    /// A removal without `/$ref` would delete the user.
    WouldDeleteUser,
    /// Writing was halted.
    Halted,
    /// The proof grew too old before the write could leave.
    ProofTooOld,
    /// Graph answered with another group.
    OtherGroup,
    /// Graph answered with another user.
    OtherUser,
    /// Graph's pages go round in a circle.
    Circle,
    /// Graph's pages do not come to an end.
    Endless {
        /// How many entries are read.
        entries: usize,
        /// How many pages are read.
        pages: usize,
    },
    /// Graph's next page lies on another host.
    ForeignPage,
    /// Graph's link to the next page is too long.
    LongLink {
        /// How many bytes it may have.
        most: usize,
    },
    /// The answer is not Graph's.
    NotGraphs {
        /// Its first words.
        excerpt: String,
    },
    /// Graph's answer is nested too deeply.
    TooDeep,
    /// Graph's answer makes no sense.
    NoSense(String),
    /// Graph's answer about a user lacks a property.
    Lacks {
        /// The user's id.
        user: String,
        /// The property.
        property: String,
    },
    /// Graph tells of a number of seats that cannot be.
    BadSeats {
        /// The product's id.
        product: String,
        /// The number.
        count: i64,
        /// Graph's word for these seats.
        what: String,
    },
    /// A batch answered twice for one request.
    BatchTwice,
    /// A batch did not answer for a request.
    BatchSilent,
    /// A batch was answered without its items.
    BatchWithoutItems,
    /// What became of the request before it is not known yet.
    UnknownBefore,
    /// The service answered success with another status than Graph.
    OtherStatus {
        /// The HTTP status.
        status: u16,
        /// That of Graph.
        expected: u16,
    },
    /// An endpoint is plain http to another machine.
    PlainHttp(String),
    /// An endpoint has another scheme than https.
    NotHttps(String),
    /// An endpoint is not a URL.
    NotAUrl(String),
    /// An endpoint has more than scheme and host.
    EndpointParts,
    /// The tenant is neither a GUID nor a domain name.
    BadTenant,
    /// The sign-in asked to be left alone for longer than we wait.
    SignInTooLong,
    /// The sign-in was given up.
    SignInGivenUp,
    /// The sign-in could not be reached.
    SignInUnreachable(Silence),
    /// The sign-in answered with something other than a token.
    NoToken,
    /// The sign-in did not work for a reason of its own.
    SignIn(Box<SignInFault>),
    /// The file of certificate authorities holds none.
    NoAuthority,
    /// The file of certificate authorities is not PEM.
    AuthoritiesNotPem,
    /// Graph's own words, or a sentence of an older journal.
    #[serde(untagged)]
    Told(String),
}

impl FaultMessage {
    /// For the log: Graph's own words, or the name of the case with what is known of it.
    pub fn for_log(&self) -> Cow<'_, str> {
        match self {
            Self::Told(words) => Cow::Borrowed(words),
            ours => Cow::Owned(format!("{ours:?}")),
        }
    }

    /// Why a sign-in was refused, where an admin can act on it.
    pub fn sign_in_cause(&self) -> Option<SignInCause> {
        match self {
            Self::SignIn(fault) => fault.cause(),
            Self::SignInFailed(said) => said.sign_in_cause(),
            Self::Told(words) => SignInCause::in_text(words),
            _ => None,
        }
    }

    /// Our own id of the request, where no answer came that has Graph's.
    pub fn client_request_id(&self) -> Option<&str> {
        match self {
            Self::NoAnswerCame { client_request_id, .. }
            | Self::CutOff { client_request_id, .. }
            | Self::TooLarge { client_request_id, .. } => client_request_id.as_deref(),
            _ => None,
        }
    }

    /// The same with our own id of the request, where no answer came.
    #[must_use]
    pub fn of_request(mut self, id: String) -> Self {
        match &mut self {
            Self::NoAnswerCame { client_request_id, .. }
            | Self::CutOff { client_request_id, .. }
            | Self::TooLarge { client_request_id, .. } => *client_request_id = Some(id),
            _ => {}
        }
        self
    }
}

impl From<SignInFault> for FaultMessage {
    fn from(fault: SignInFault) -> Self {
        Self::SignIn(Box::new(fault))
    }
}

impl From<&str> for FaultMessage {
    fn from(words: &str) -> Self {
        Self::Told(words.to_owned())
    }
}

impl From<String> for FaultMessage {
    fn from(words: String) -> Self {
        Self::Told(words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fault::EntraRefusal;

    #[test]
    fn graphs_words_and_those_of_older_journals_are_plain_text_and_values_come_back() {
        let old: FaultMessage = serde_json::from_str(r#""writing was halted before it was sent""#).unwrap();
        assert_eq!(old, "writing was halted before it was sent".into());
        let missing = FaultMessage::Missing { said: Box::new("No.".into()), needs: Needs::ReadUsers };
        let silent = FaultMessage::NoAnswerCame { why: Silence::TookTooLong, client_request_id: None };
        let refused = EntraRefusal { status: 401, codes: vec![7_000_215], ..EntraRefusal::default() };
        let refused = SignInFault::Refused(refused).into();
        let ended = SignInFault::TokenEnded.into();
        for value in [FaultMessage::HaltedBeforeSent, missing, silent, refused, ended, "No seat is free.".into()] {
            assert_eq!(serde_json::from_str::<FaultMessage>(&serde_json::to_string(&value).unwrap()).unwrap(), value);
        }
    }
}
