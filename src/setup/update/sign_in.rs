//! The page of the sign-in.

use std::path::Path;

use crate::config::Config;
use crate::config::ConfigError;
use crate::domain::cloud::Cloud;
use crate::setup::config_text::config_text;
use crate::setup::config_text::only_sign_in;
use crate::setup::draft::METHODS;
use crate::setup::draft::SignInDraft;
use crate::setup::field::Field;
use crate::setup::keys::Cmd;
use crate::setup::state::Busy;
use crate::setup::state::EndChoice;
use crate::setup::state::FormField;
use crate::setup::state::Setup;
use crate::setup::state::Step;
use crate::setup::state::Tenant;
use crate::setup::state::Trouble;
use crate::setup::update::Effect;
use crate::setup::update::missing;
use crate::words;
use crate::words::phrase;
use crate::words::say;

impl Setup {
    /// Goes to the first field that is empty and must not be; signs in when there is none.
    pub(super) fn submit_sign_in(&mut self) -> Vec<Effect> {
        let form = &self.form;
        let needs = |field: &FormField| *field != FormField::CaFile;
        let blank = |field: &FormField| form.text(*field).is_some_and(Field::is_blank);
        if let Some(field) = form.fields().into_iter().filter(needs).find(blank) {
            // Who comes to a field for the first time is not told off.
            self.trouble = (form.focus == field).then(|| missing(needed(field)));
            self.form.focus = field;
            return Vec::new();
        }
        let draft = self.sign_in_draft();
        if self.tenant.is_some() && self.signed.as_ref() == Some(&draft) {
            self.step = Step::Source;
            return Vec::new();
        }
        if let Err(error) = parsed(&draft) {
            self.trouble = Some(told(&error));
            return Vec::new();
        }
        self.hosts.clear();
        self.sign_in()
    }

    /// Signs in as the form says.
    pub(super) fn sign_in(&mut self) -> Vec<Effect> {
        self.busy = Some(Busy::SigningIn);
        vec![Effect::SignIn { draft: self.sign_in_draft(), hosts: self.hosts.clone() }]
    }

    /// Somebody signed in. What was picked in another tenant is forgotten.
    pub(super) fn signed_in(&mut self, tenant: Tenant) {
        let stays = |choice: &EndChoice| choice.group.is_none_or(|group| tenant.group(group).is_some());
        if !(stays(&self.source) && stays(&self.target)) {
            (self.source, self.target) = (EndChoice::default(), EndChoice::default());
        }
        (self.signed, self.summary) = (Some(self.sign_in_draft()), None);
        (self.tenant, self.step) = (Some(tenant), Step::Source);
    }

    pub(super) fn move_in_form(&mut self, cmd: Cmd) {
        let fields = self.form.fields();
        let at = fields.iter().position(|field| *field == self.form.focus).unwrap_or(0);
        let moved = match cmd {
            Cmd::Up => (at + fields.len() - 1) % fields.len(),
            _ => (at + 1) % fields.len(),
        };
        self.form.focus = fields[moved];
    }

    pub(super) fn turn_form(&mut self, forward: bool) {
        let form = &mut self.form;
        match form.focus {
            FormField::Method => form.method = turned(&METHODS, form.method, forward),
            FormField::Cloud => {
                let all: Vec<_> = Cloud::ALL.into_iter().map(Some).chain([None]).collect();
                form.cloud = turned(&all, form.cloud, forward);
            }
            _ => {}
        }
    }
}

/// The value after or before this one.
pub(super) fn turned<T: Copy + PartialEq>(all: &[T], now: T, forward: bool) -> T {
    let at = all.iter().position(|one| *one == now).unwrap_or(0);
    all[(at + if forward { 1 } else { all.len() - 1 }) % all.len()]
}

/// Holds a sign-in to the rules of the file that it will be written into.
fn parsed(draft: &SignInDraft) -> Result<(), ConfigError> {
    let text = config_text(&only_sign_in(draft.clone()), Path::new(""));
    Config::parse(&text, Path::new("config.toml")).map(drop)
}

/// What is wrong with a value, without the line of a file that nobody has seen.
fn told(error: &ConfigError) -> Trouble {
    let why = words::config::what_alone(error);
    let expected = match error {
        ConfigError::Wrong(mistake) => mistake.expected.as_ref().map(words::config::expected),
        ConfigError::Unreadable { .. } => None,
    };
    let action = expected.map(|expected| say("setup-expected", &[("expected", expected.into())])).unwrap_or_default();
    Trouble { what: phrase("setup-trouble-value"), why, action }
}

/// What to say in a field that must not be empty.
fn needed(field: FormField) -> String {
    match field {
        FormField::Tenant => phrase("setup-need-tenant"),
        FormField::GraphUrl | FormField::LoginUrl => phrase("setup-need-address"),
        FormField::ClientId => phrase("setup-need-client-id"),
        FormField::Certificate => phrase("setup-need-certificate"),
        FormField::Method | FormField::Cloud | FormField::CaFile => String::new(),
    }
}
