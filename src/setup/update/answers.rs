//! What the work of the set-up brings back, and the questions that come of it.

use crate::setup::field::Field;
use crate::setup::state::Asked;
use crate::setup::state::Busy;
use crate::setup::state::Question;
use crate::setup::state::Setup;
use crate::setup::state::Step;
use crate::setup::state::Summary;
use crate::setup::update::Action;
use crate::setup::update::Effect;
use crate::setup::update::missing;
use crate::words::phrase;

impl Setup {
    /// An answer to what is under way; one to something that was given up is none.
    pub(super) fn answered(&mut self, action: Action) -> Vec<Effect> {
        if let (Action::Prompted(prompt), Some(Busy::SigningIn)) = (&action, self.busy) {
            self.prompt = Some(prompt.clone());
            return Vec::new();
        }
        if self.busy.is_none() {
            return Vec::new();
        }
        (self.busy, self.prompt, self.note) = (None, None, None);
        match action {
            Action::HostAsked { host, key, secret } => {
                self.ask(Asked::Host { key, secret }, host);
            }
            Action::SignedIn(tenant) => self.signed_in(*tenant),
            Action::Groups(groups) => self.regrouped(groups),
            Action::Checked(found, passed_over) => {
                if let Some(draft) = self.draft() {
                    self.summary = Some(Summary { draft, found, passed_over });
                    (self.step, self.scroll) = (Step::Summary, 0);
                }
            }
            Action::Exists(paths) => {
                let name = paths.first().and_then(|path| path.file_name()).unwrap_or_default();
                let name = Field::of(&name.to_string_lossy()).trimmed().to_owned();
                self.ask(Asked::Replace(paths), name);
            }
            Action::Written(path) => (self.step, self.written) = (Step::Written, Some(path)),
            Action::Failed(trouble) => self.trouble = Some(trouble),
            Action::Key(_) | Action::Pasted(_) | Action::Prompted(_) => {}
        }
        Vec::new()
    }

    fn ask(&mut self, asked: Asked, expected: String) {
        self.question = Some(Question { asked, expected, typed: Field::default() });
    }

    pub(super) fn answer_question(&mut self, question: Question) -> Vec<Effect> {
        if question.typed.trimmed() != question.expected || question.expected.is_empty() {
            self.note = Some(phrase("setup-note-left-as-is"));
            return Vec::new();
        }
        match question.asked {
            Asked::Host { key, .. } => {
                self.hosts.push((key, question.expected));
                self.sign_in()
            }
            Asked::Replace(_) => self.write(true),
        }
    }

    pub(super) fn write(&mut self, replaces: bool) -> Vec<Effect> {
        if self.place.is_blank() {
            self.trouble = Some(missing(phrase("setup-need-place")));
            return Vec::new();
        }
        let Some(draft) = self.draft() else { return Vec::new() };
        self.busy = Some(Busy::Writing);
        vec![Effect::Write { draft, path: self.place(), replaces }]
    }
}
