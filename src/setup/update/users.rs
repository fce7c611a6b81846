//! The page of the users, and the check that follows it.

use crate::config::users;
use crate::config::users::Who;
use crate::setup::keys::Cmd;
use crate::setup::state::Busy;
use crate::setup::state::Setup;
use crate::setup::state::Step;
use crate::setup::state::UsersKind;
use crate::setup::update::Effect;
use crate::setup::update::missing;
use crate::setup::update::sign_in::turned;
use crate::words;
use crate::words::phrase;
use crate::words::say;

impl Setup {
    pub(super) fn turn_users(&mut self, forward: bool) {
        self.users.kind = turned(&UsersKind::ALL, self.users.kind, forward);
    }

    pub(super) fn move_in_users(&mut self, cmd: Cmd) {
        // Each kind, and below it the text of the one that has one.
        let places = [
            (UsersKind::SourceGroup, false),
            (UsersKind::File, false),
            (UsersKind::File, true),
            (UsersKind::Pilot, false),
            (UsersKind::Pilot, true),
        ];
        let now = (self.users.kind, self.users.in_text);
        let at = places.iter().position(|place| *place == now).unwrap_or(0);
        let moved = if cmd == Cmd::Up { at.saturating_sub(1) } else { (at + 1).min(places.len() - 1) };
        (self.users.kind, self.users.in_text) = places[moved];
    }

    pub(super) fn submit_users(&mut self) -> Vec<Effect> {
        match self.users.kind {
            UsersKind::File if self.users.file.is_blank() => {
                self.trouble = self.users.in_text.then(|| missing(phrase("setup-need-file")));
                self.users.in_text = true;
                Vec::new()
            }
            UsersKind::SourceGroup | UsersKind::File => self.checked(),
            UsersKind::Pilot if !self.users.in_text => {
                self.users.in_text = true;
                Vec::new()
            }
            UsersKind::Pilot if self.users.entry.is_blank() && self.users.pilot.is_empty() => {
                self.trouble = Some(missing(phrase("setup-need-user")));
                Vec::new()
            }
            UsersKind::Pilot if self.users.entry.is_blank() => self.checked(),
            UsersKind::Pilot => {
                let entry = self.users.entry.trimmed().to_owned();
                if self.add_user(&entry) {
                    self.users.entry.clear();
                } else {
                    self.trouble = Some(missing(say("setup-need-user-name", &[("given", entry.into())])));
                }
                Vec::new()
            }
        }
    }

    /// Pasted text on this page: one line goes into the field, a list of users goes into the list.
    pub(super) fn paste_users(&mut self, text: &str) -> Vec<Effect> {
        let lines = text.lines().filter(|line| !line.trim().is_empty()).count();
        if self.users.kind == UsersKind::File || lines < 2 {
            return self.typed(|field| field.paste(text));
        }
        match users::read_list(text) {
            Ok(list) => {
                let given: Vec<String> = list.users.into_iter().map(|listed| listed.given.into()).collect();
                let wrong: Vec<&String> = given.iter().filter(|one| !self.add_user(one)).collect();
                let passed_over = list.passed_over.len() + wrong.len();
                if passed_over > 0 {
                    self.note = Some(say("setup-note-passed-over", &[("count", passed_over.into())]));
                }
            }
            Err(why) => self.trouble = Some(missing(words::config::list(why))),
        }
        Vec::new()
    }

    /// Takes a user into the list, once. Gives whether the text names one.
    fn add_user(&mut self, given: &str) -> bool {
        let named = users::classify(given) != Who::Malformed;
        if named && !self.users.pilot.iter().any(|known| known.eq_ignore_ascii_case(given)) {
            self.users.pilot.push(given.to_owned());
        }
        named
    }

    /// Takes back who was named last.
    pub(super) fn drop_user(&mut self) {
        self.users.pilot.pop();
    }

    /// Goes on to what preflight says, which is asked anew only for another draft.
    fn checked(&mut self) -> Vec<Effect> {
        if self.summary.as_ref().map(|summary| &summary.draft) == self.draft().as_ref() {
            self.step = Step::Summary;
            return Vec::new();
        }
        self.check()
    }

    /// Has preflight look.
    pub(super) fn check(&mut self) -> Vec<Effect> {
        let Some(draft) = self.draft() else { return Vec::new() };
        self.busy = Some(Busy::Checking);
        vec![Effect::Check(draft)]
    }
}
