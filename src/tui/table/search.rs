//! Whom a search finds: who has the text in a name, the id or a cause; and only where nobody has, who has its letters in
//! their order. A list of whoever comes near would be marked and acted on as if it were asked for.

use std::borrow::Cow;

use nucleo_matcher::Config;
use nucleo_matcher::Matcher;
use nucleo_matcher::Utf32Str;
use nucleo_matcher::pattern::AtomKind;
use nucleo_matcher::pattern::CaseMatching;
use nucleo_matcher::pattern::Normalization;
use nucleo_matcher::pattern::Pattern;
use uuid::Uuid;

use crate::domain::route::Direction;
use crate::domain::standing::Standing;
use crate::domain::standing::Written;
use crate::domain::user::User;
use crate::words;
use crate::words::standing;

/// So many ways to say where users stand are remembered.
const MOST_WORDS: usize = 64;

/// How well a text fits; less is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// It is the whole name or id.
    Whole,
    /// A name, the id or a cause begins with it.
    Begins,
    /// It is somewhere in them.
    Has,
    /// Its letters are in them in their order; the more, the less well.
    Near(u32),
}

/// Whether a user has a text, which is in lower case.
pub(super) fn has(user: &User, search: &str, texts: &mut Texts) -> bool {
    texts.any(user, |text| is_in(search, text))
}

/// How well a user fits who has the text, which is in lower case, as it is.
pub fn exact(user: &User, search: &str, texts: &mut Texts) -> Option<Fit> {
    let mut best = None;
    texts.any(user, |text| {
        let lower = if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) };
        let text = &*lower;
        let begins = begins(search, text);
        let fit = match () {
            () if begins && text.len() == search.len() => Some(Fit::Whole),
            () if begins => Some(Fit::Begins),
            () if best.is_none() && is_in(search, text) => Some(Fit::Has),
            () => None,
        };
        best = best.into_iter().chain(fit).min();
        best == Some(Fit::Whole)
    });
    best
}

/// A text whose letters are looked for.
pub struct Near {
    pattern: Pattern,
    matcher: Matcher,
}

impl Near {
    /// Looks for the letters of this text, whatever their case.
    pub fn new(text: &str) -> Self {
        let pattern = Pattern::new(text.trim(), CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy);
        Self { pattern, matcher: Matcher::new(Config::DEFAULT) }
    }

    /// How well a user fits who has no more than its letters, in their order.
    pub fn fit(&mut self, user: &User, texts: &mut Texts) -> Option<Fit> {
        let Self { pattern, matcher } = self;
        let (mut best, mut letters) = (None, Vec::new());
        texts.any(user, |text| {
            best = best.max(pattern.score(Utf32Str::new(text, &mut letters), matcher));
            false
        });
        best.map(|score| Fit::Near(u32::MAX - score))
    }
}

/// Whatever of users is searched, with the words for where they stand, as most stand in a few places.
#[derive(Debug, Default)]
pub struct Texts(Vec<(Standing, Direction, Written, String)>);

impl Texts {
    /// Whether a text of a user is one that is looked for: names, what the list gave, the id, where they stand, and causes.
    /// None is made once one is.
    fn any(&mut self, user: &User, mut look: impl FnMut(&str) -> bool) -> bool {
        look(&user.upn)
            || user.display_name.as_deref().is_some_and(&mut look)
            || (user.listed.given != user.upn && look(&user.listed.given))
            || user.id.is_some_and(|id| look(id.0.hyphenated().encode_lower(&mut Uuid::encode_buffer())))
            || self.stands(user).is_some_and(|stands| look(&stands))
            || user.reasons.iter().any(|one| look(&words::reason::reason(&one.detail)) || look(one.code.word()))
            || user.seldom.why.as_ref().is_some_and(|why| look(&words::fault::message(why)))
    }

    /// Where a user stands, in words.
    pub(super) fn stands(&mut self, user: &User) -> Option<Cow<'_, str>> {
        let standing = user.standing.as_ref()?;
        let key = (standing, user.direction, user.written());
        let known = self.0.iter().position(|(standing, direction, written, _)| (standing, *direction, *written) == key);
        if known.is_none() && self.0.len() == MOST_WORDS {
            return standing::stands(user).map(Cow::Owned);
        }
        let at = if let Some(at) = known {
            at
        } else {
            self.0.push((standing.clone(), user.direction, user.written(), standing::stands(user)?));
            self.0.len() - 1
        };
        Some(Cow::Borrowed(&self.0[at].3))
    }
}

/// Whether a text begins with another, which is in lower case.
fn begins(search: &str, text: &str) -> bool {
    if !text.is_ascii() {
        return text.to_lowercase().starts_with(search);
    }
    text.as_bytes().get(..search.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(search.as_bytes()))
}

/// Whether a text has another in it, which is in lower case.
fn is_in(search: &str, text: &str) -> bool {
    if !text.is_ascii() {
        return text.to_lowercase().contains(search);
    }
    let (text, search) = (text.as_bytes(), search.as_bytes());
    let Some((first, rest)) = search.split_first() else { return true };
    let starts = text.iter().enumerate().filter(|(_, one)| one.to_ascii_lowercase() == *first);
    let mut starts = starts.map(|(at, _)| &text[at + 1..]);
    starts.any(|after| after.get(..rest.len()).is_some_and(|part| part.eq_ignore_ascii_case(rest)))
}
