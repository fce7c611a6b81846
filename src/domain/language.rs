//! The languages that are spoken, and which of them somebody asks for.
//!
//! The words themselves are made in `words`. Another language is one `.ftl` file in `assets/lang` and one line of
//! `LANGUAGES`.

/// Every language: its tag as in BCP 47, and its messages. The first has every message; the others fall back on it.
const LANGUAGES: [(&str, &str); 2] =
    [("en", include_str!("../../assets/lang/en.ftl")), ("pt-PT", include_str!("../../assets/lang/pt-PT.ftl"))];

/// How many there are.
pub const COUNT: usize = LANGUAGES.len();

/// One of the languages that are spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Language(usize);

impl Language {
    /// The first one, which has every message and is spoken where no other is asked for.
    pub const ENGLISH: Self = Self(0);

    /// All of them, the first one first.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..COUNT).map(Self)
    }

    /// The language with this tag, in whichever case.
    pub fn of(tag: &str) -> Option<Self> {
        Self::all().find(|language| language.tag().eq_ignore_ascii_case(tag.trim()))
    }

    /// The one that comes closest to a locale such as `pt_PT.UTF-8`, `pt-PT` or `pt`; `None` when it is not spoken. The
    /// Portuguese of another country is closer to that of Portugal than to English.
    pub fn of_locale(locale: &str) -> Option<Self> {
        let name = locale.split(['.', '@']).next().unwrap_or_default().replace('_', "-");
        let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        Self::of(&name).or_else(|| Self::all().find(|language| primary(language.tag()) == primary(name.trim())))
    }

    /// The one that is spoken, given what is asked for, in the order in which it counts: by the configuration, by
    /// `SKUFERRY_LANG`, and by the locales of the account, the dearest first. Whoever asks for a language that is not
    /// spoken gets English.
    pub fn asked_for(configured: Choice, variable: Option<&str>, locales: impl IntoIterator<Item = String>) -> Self {
        if let Choice::Named(language) = configured {
            return language;
        }
        match variable.map(str::trim).filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case(AUTO)) {
            Some(name) => Self::of_locale(name).unwrap_or_default(),
            None => locales.into_iter().find_map(|locale| Self::of_locale(&locale)).unwrap_or_default(),
        }
    }

    /// Its tag as in BCP 47, such as `pt-PT`.
    pub fn tag(self) -> &'static str {
        LANGUAGES[self.0].0
    }

    /// Its messages, in the form of Project Fluent.
    pub fn messages(self) -> &'static str {
        LANGUAGES[self.0].1
    }

    /// Its place among all of them, below [`COUNT`].
    pub fn place(self) -> usize {
        self.0
    }
}

/// The word for whatever language the environment asks for.
const AUTO: &str = "auto";

/// Every word that the configuration takes for a language.
pub const CHOICES: [&str; COUNT + 1] = {
    let mut choices = [AUTO; COUNT + 1];
    let mut at = 0;
    while at < COUNT {
        choices[at + 1] = LANGUAGES[at].0;
        at += 1;
    }
    choices
};

/// Which language the configuration asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// That of the environment.
    #[default]
    Auto,
    /// This one.
    Named(Language),
}

impl Choice {
    /// The choice that one of [`CHOICES`] stands for.
    pub fn of(word: &str) -> Option<Self> {
        match word {
            AUTO => Some(Self::Auto),
            tag => Language::all().find(|language| language.tag() == tag).map(Self::Named),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(configured: &str, variable: Option<&str>, locales: &[&str]) -> &'static str {
        let locales = locales.iter().map(ToString::to_string);
        Language::asked_for(Choice::of(configured).unwrap(), variable, locales).tag()
    }

    #[test]
    fn the_configuration_counts_first_then_the_variable_then_the_locale() {
        assert_eq!(tag("en", Some("pt-PT"), &["pt_PT.UTF-8"]), "en");
        assert_eq!(tag("pt-PT", Some("en"), &["en_US.UTF-8"]), "pt-PT");
        assert_eq!(tag("auto", Some("pt-PT"), &["en_US.UTF-8"]), "pt-PT");
        assert_eq!(tag("auto", Some("en"), &["pt_PT.UTF-8"]), "en");
        assert_eq!(tag("auto", None, &["pt_PT.UTF-8"]), "pt-PT");
        for empty in ["", " ", "auto", "AUTO"] {
            assert_eq!(tag("auto", Some(empty), &["pt_PT.UTF-8"]), "pt-PT", "{empty:?}");
        }
    }

    #[test]
    fn a_language_that_is_not_spoken_is_english() {
        assert_eq!(tag("auto", Some("tlh"), &["pt_PT.UTF-8"]), "en");
        assert_eq!(tag("auto", None, &["de_DE.UTF-8"]), "en");
        assert_eq!(tag("auto", None, &[]), "en");
        for none in ["C", "POSIX", "C.UTF-8", "", "ptx", "_", "-"] {
            assert_eq!(Language::of_locale(none), None, "{none}");
        }
    }

    #[test]
    fn a_locale_names_the_language_that_comes_closest() {
        for locale in ["pt_PT.UTF-8", "pt_PT@euro", "pt-pt", "PT", "pt_AO.UTF-8", "pt_BR"] {
            assert_eq!(Language::of_locale(locale).map(Language::tag), Some("pt-PT"), "{locale}");
        }
        assert_eq!(Language::of_locale("en_GB.UTF-8"), Some(Language::ENGLISH));
        // Of several, the first that is spoken.
        assert_eq!(tag("auto", None, &["gl-ES", "pt-PT", "en"]), "pt-PT");
    }

    #[test]
    fn every_choice_of_the_configuration_is_known() {
        assert_eq!(CHOICES.map(|word| Choice::of(word).is_some()), [true; COUNT + 1]);
        assert!(Choice::of("pt").is_none() && Choice::of("EN").is_none() && Choice::of("").is_none());
    }
}
