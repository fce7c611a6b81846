//! Whom a search finds: who has the text in a name, the id or a cause; and only where nobody has, who has its letters in
//! their order. A list of whoever comes near would be marked and acted on as if it were asked for.

use nucleo_matcher::Config;
use nucleo_matcher::Matcher;
use nucleo_matcher::Utf32Str;
use nucleo_matcher::pattern::AtomKind;
use nucleo_matcher::pattern::CaseMatching;
use nucleo_matcher::pattern::Normalization;
use nucleo_matcher::pattern::Pattern;

use crate::domain::user::User;
use crate::words;
use crate::words::standing;

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

/// A text that is looked for.
pub struct Search {
    text: String,
    pattern: Pattern,
    matcher: Matcher,
}

impl Search {
    /// Looks for this text, whatever its case.
    pub fn new(text: &str) -> Self {
        let text = text.trim().to_lowercase();
        let pattern = Pattern::new(&text, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy);
        Self { text, pattern, matcher: Matcher::new(Config::DEFAULT) }
    }

    /// How well a user fits who has the text as it is.
    pub fn exact(&self, user: &User) -> Option<Fit> {
        let mut best = None;
        each_text(user, |text| {
            let text = text.to_lowercase();
            let fit = match text.find(&self.text) {
                Some(0) if text.len() == self.text.len() => Some(Fit::Whole),
                Some(0) => Some(Fit::Begins),
                Some(_) => Some(Fit::Has),
                None => None,
            };
            best = best.into_iter().chain(fit).min();
        });
        best
    }

    /// How well a user fits who has no more than its letters, in their order.
    pub fn near(&mut self, user: &User) -> Option<Fit> {
        let Self { pattern, matcher, .. } = self;
        let (mut best, mut letters) = (None, Vec::new());
        each_text(user, |text| best = best.max(pattern.score(Utf32Str::new(text, &mut letters), matcher)));
        best.map(|score| Fit::Near(u32::MAX - score))
    }
}

/// Whatever of a user is searched: names, the id, what the list gave, where they stand, and causes.
fn each_text(user: &User, mut look: impl FnMut(&str)) {
    look(&user.upn);
    user.display_name.as_deref().into_iter().for_each(&mut look);
    look(&user.listed.given);
    user.id.into_iter().for_each(|id| look(&id.to_string()));
    if let Some(stands) = standing::stands(user) {
        look(&stands);
    }
    for reason in &user.reasons {
        look(&words::reason::reason(&reason.detail));
        look(reason.code.word());
    }
    user.seldom.why.as_ref().into_iter().for_each(|why| look(&words::fault::message(why)));
}
