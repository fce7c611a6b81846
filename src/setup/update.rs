//! What keys and answers change, and what is to be done about it. Nothing here reads, writes or waits.

mod answers;
mod groups;
mod sign_in;
mod users;

use std::path::PathBuf;

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;

use crate::domain::licensed_group::LicensedGroup;
use crate::domain::preflight::PassedOver;
use crate::domain::preflight::Preflight;
use crate::domain::sign_in_prompt::Prompt;
use crate::setup::draft::ConfigDraft;
use crate::setup::draft::SignInDraft;
use crate::setup::field::Field;
use crate::setup::keys;
use crate::setup::keys::Cmd;
use crate::setup::keys::Mode;
use crate::setup::state::Busy;
use crate::setup::state::Offer;
use crate::setup::state::Setup;
use crate::setup::state::Step;
use crate::setup::state::Tenant;
use crate::setup::state::Trouble;
use crate::setup::state::UsersKind;
use crate::words::phrase;

/// What happens to the set-up.
#[derive(Debug)]
pub enum Action {
    /// A key was pressed.
    Key(KeyEvent),
    /// Text was pasted.
    Pasted(String),
    /// The operator has to do something to sign in.
    Prompted(Prompt),
    /// A host would get a secret, and nobody vouches for it.
    HostAsked {
        /// The host.
        host: String,
        /// The key of the address.
        key: String,
        /// What it would get.
        secret: String,
    },
    /// Somebody is signed in, and the groups are read.
    SignedIn(Box<Tenant>),
    /// The groups are read anew.
    Groups(Vec<LicensedGroup>),
    /// Preflight is done.
    Checked(Box<Preflight>, Vec<PassedOver>),
    /// These files are there already; nothing was written.
    Exists(Vec<PathBuf>),
    /// The configuration is written.
    Written(PathBuf),
    /// What was under way failed.
    Failed(Trouble),
}

/// What is to be done. One thing is under way at a time; the next one takes its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Sign in, and read the groups. `hosts` are those that the operator confirmed.
    SignIn {
        /// How, and where.
        draft: SignInDraft,
        /// The keys of addresses with the hosts that were confirmed for them.
        hosts: Vec<(String, String)>,
    },
    /// Read the groups anew.
    ReadGroups,
    /// Run preflight.
    Check(ConfigDraft),
    /// Write the configuration.
    Write {
        /// What it says.
        draft: ConfigDraft,
        /// Where it goes.
        path: PathBuf,
        /// Whether what is there may be replaced.
        replaces: bool,
    },
    /// Give up what is under way.
    Cancel,
    /// Copy a text for the operator.
    Copy(String),
    /// The set-up is over.
    End(End),
}

/// How a set-up ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It was left, and nothing is written.
    Left,
    /// The demo was chosen.
    Demo,
    /// The configuration is written.
    Written(PathBuf),
    /// It is written, and the terminal is to open on it.
    Open(PathBuf),
}

/// Takes what happened to the set-up. Gives what is to be done.
pub fn update(setup: &mut Setup, action: Action) -> Vec<Effect> {
    match action {
        Action::Key(key) => match (keys::cmd(setup.mode(), &key), key.code) {
            (Some(Cmd::Type), KeyCode::Char(one)) => setup.typed(|field| field.push(one)),
            (Some(cmd), _) => setup.asked_for(cmd),
            (None, _) => Vec::new(),
        },
        Action::Pasted(text) => setup.pasted(&text),
        answer => setup.answered(answer),
    }
}

impl Setup {
    fn typed(&mut self, change: impl FnOnce(&mut Field)) -> Vec<Effect> {
        if let Some(field) = self.text_mut() {
            change(field);
        }
        if self.mode() == Mode::Search {
            self.choice_mut().at = 0;
        }
        Vec::new()
    }

    fn pasted(&mut self, text: &str) -> Vec<Effect> {
        match self.mode() {
            // Pasted text is never an answer.
            Mode::Question => Vec::new(),
            Mode::Text if self.step == Step::Users => self.paste_users(text),
            _ => self.typed(|field| field.paste(text)),
        }
    }

    fn asked_for(&mut self, cmd: Cmd) -> Vec<Effect> {
        if matches!(cmd, Cmd::Next | Cmd::Back | Cmd::Again | Cmd::Keep) {
            (self.trouble, self.note) = (None, None);
        }
        match cmd {
            Cmd::Leave => self.leave(),
            Cmd::Erase => self.erase(),
            Cmd::Clear => self.typed(Field::clear),
            Cmd::Type => Vec::new(),
            Cmd::Back => self.back(),
            Cmd::Next => self.next(),
            Cmd::Before => self.turn(false),
            Cmd::After => self.turn(true),
            Cmd::Search => self.search(),
            Cmd::Keep => self.end_search(true),
            Cmd::ShowAll => self.end_search(false),
            Cmd::Again => self.again(),
            Cmd::Up | Cmd::Down | Cmd::PageUp | Cmd::PageDown | Cmd::First | Cmd::Last => self.moved(cmd),
            Cmd::Copy => match &self.prompt {
                Some(prompt) => {
                    self.note = Some(phrase("screen-copied-address"));
                    vec![Effect::Copy(prompt.address().to_owned())]
                }
                None => Vec::new(),
            },
            Cmd::Open => self.written.clone().map(|path| Effect::End(End::Open(path))).into_iter().collect(),
            Cmd::End => self.written.clone().map(|path| Effect::End(End::Written(path))).into_iter().collect(),
        }
    }

    /// Takes a character back; before the first one of a new user's name, the user before it.
    fn erase(&mut self) -> Vec<Effect> {
        let in_list = self.mode() == Mode::Text && self.step == Step::Users && self.users.kind == UsersKind::Pilot;
        if in_list && self.users.entry.text().is_empty() {
            self.drop_user();
            return Vec::new();
        }
        self.typed(Field::erase)
    }

    /// Leaves. What is written stays written, so that is how it ends then.
    fn leave(&self) -> Vec<Effect> {
        vec![Effect::End(self.written.clone().map_or(End::Left, End::Written))]
    }

    fn next(&mut self) -> Vec<Effect> {
        if let Some(question) = self.question.take() {
            return self.answer_question(question);
        }
        match self.step {
            Step::Offer => match Offer::ALL[self.offer.min(Offer::ALL.len() - 1)] {
                Offer::Demo => vec![Effect::End(End::Demo)],
                Offer::Quit => vec![Effect::End(End::Left)],
                Offer::SetUp => {
                    self.step = Step::SignIn;
                    Vec::new()
                }
            },
            Step::SignIn => self.submit_sign_in(),
            Step::Source | Step::Target => self.pick_group(),
            Step::SourceProduct | Step::TargetProduct => self.pick_product(),
            Step::Users => self.submit_users(),
            Step::Summary => {
                self.step = Step::Place;
                Vec::new()
            }
            Step::Place => self.write(false),
            Step::Written => Vec::new(),
        }
    }

    fn back(&mut self) -> Vec<Effect> {
        if self.question.take().is_some() {
            self.note = Some(phrase("setup-note-left-as-is"));
            return Vec::new();
        }
        if self.busy.take().is_some() {
            self.prompt = None;
            self.note = Some(phrase("setup-note-given-up"));
            return vec![Effect::Cancel];
        }
        match self.step {
            Step::SignIn if self.offers() => self.step = Step::Offer,
            Step::Offer | Step::SignIn => self.note = Some(phrase("setup-note-first-page")),
            Step::Source => self.step = Step::SignIn,
            // A page on which there was nothing to pick was passed by, and is again.
            Step::Target if self.products(true).len() > 1 => self.step = Step::SourceProduct,
            Step::SourceProduct | Step::Target => self.step = Step::Source,
            Step::Users if self.products(false).len() > 1 => self.step = Step::TargetProduct,
            Step::TargetProduct | Step::Users => self.step = Step::Target,
            Step::Summary => self.step = Step::Users,
            Step::Place => self.step = Step::Summary,
            Step::Written => {}
        }
        Vec::new()
    }

    /// Changes the field of a few values that has the keys.
    fn turn(&mut self, forward: bool) -> Vec<Effect> {
        match self.step {
            Step::SignIn => self.turn_form(forward),
            Step::Users => self.turn_users(forward),
            _ => {}
        }
        Vec::new()
    }

    fn again(&mut self) -> Vec<Effect> {
        match self.step {
            Step::Source | Step::Target => {
                self.busy = Some(Busy::Reading);
                vec![Effect::ReadGroups]
            }
            Step::Summary => self.check(),
            _ => Vec::new(),
        }
    }

    fn moved(&mut self, cmd: Cmd) -> Vec<Effect> {
        let (page, rows) = (self.page, self.found().len());
        match self.step {
            Step::Offer => self.offer = place(self.offer, cmd, Offer::ALL.len(), page),
            Step::SignIn => self.move_in_form(cmd),
            Step::Source | Step::Target => {
                let at = place(self.choice().at, cmd, rows, page);
                self.choice_mut().at = at;
            }
            Step::SourceProduct | Step::TargetProduct => {
                let rows = self.products(self.step == Step::SourceProduct).len();
                let at = place(self.choice().product_at, cmd, rows, page);
                self.choice_mut().product_at = at;
            }
            Step::Users => self.move_in_users(cmd),
            Step::Summary => self.scroll = place(self.scroll, cmd, self.most_scroll + 1, page),
            Step::Place | Step::Written => {}
        }
        Vec::new()
    }
}

/// What is still to be said.
fn missing(what: String) -> Trouble {
    Trouble { what, why: String::new(), action: String::new() }
}

/// Where a command moves to in a list of so many rows.
fn place(at: usize, cmd: Cmd, rows: usize, page: usize) -> usize {
    let moved = match cmd {
        Cmd::Up => at.saturating_sub(1),
        Cmd::Down => at + 1,
        Cmd::PageUp => at.saturating_sub(page),
        Cmd::PageDown => at + page,
        Cmd::First => 0,
        Cmd::Last => usize::MAX,
        _ => at,
    };
    moved.min(rows.saturating_sub(1))
}
