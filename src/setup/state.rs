//! What the set-up knows: the page that is open, and what was said on each. Going back loses nothing of it.

mod form;

use std::path::PathBuf;

use crate::config::AuthMethod;
use crate::domain::group::GroupLicense;
use crate::domain::id::GroupId;
use crate::domain::id::SkuId;
use crate::domain::licensed_group::LicensedGroup;
use crate::domain::preflight::PassedOver;
use crate::domain::preflight::Preflight;
use crate::domain::products;
use crate::domain::sign_in_prompt::Prompt;
use crate::domain::sku::Skus;
use crate::setup::draft::ConfigDraft;
use crate::setup::draft::EndDraft;
use crate::setup::draft::SignInDraft;
use crate::setup::draft::UsersDraft;
use crate::setup::field::Field;
use crate::setup::keys::Mode;
pub use crate::setup::state::form::Form;
pub use crate::setup::state::form::FormField;
pub use crate::setup::state::form::UsersForm;
pub use crate::setup::state::form::UsersKind;

/// A page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The demo, the set-up, or neither.
    Offer,
    /// How to sign in, and where.
    SignIn,
    /// The group that users leave.
    Source,
    /// Which of its products.
    SourceProduct,
    /// The group that users get into.
    Target,
    /// Which of its products.
    TargetProduct,
    /// Who moves.
    Users,
    /// What preflight says.
    Summary,
    /// Where the configuration goes.
    Place,
    /// It is written.
    Written,
}

/// What stands on the first page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// The simulated tenant.
    Demo,
    /// The set-up.
    SetUp,
    /// Neither.
    Quit,
}

impl Offer {
    /// All of them, in their order.
    pub const ALL: [Self; 3] = [Self::Demo, Self::SetUp, Self::Quit];
}

/// A tenant that answered, and its groups to pick from.
#[derive(Clone, Debug, Default)]
pub struct Tenant {
    /// What it is called, where that may be read.
    pub name: Option<String>,
    /// Who is signed in, where the token tells.
    pub account: Option<String>,
    /// Its products.
    pub skus: Skus,
    /// The groups that assign licenses, by name.
    pub groups: Vec<LicensedGroup>,
    /// The permission for want of which nothing may be written, when it is known that nothing may.
    pub reads_only: Option<String>,
}

impl Tenant {
    /// The group with this id.
    pub fn group(&self, id: GroupId) -> Option<&LicensedGroup> {
        self.groups.iter().find(|one| one.group.id == id)
    }
}

/// What is picked for one end.
#[derive(Clone, Debug, Default)]
pub struct EndChoice {
    pub(in crate::setup) search: Field,
    pub(in crate::setup) searching: bool,
    /// The row of the list that has the keys.
    pub at: usize,
    /// The group that was picked.
    pub group: Option<GroupId>,
    /// The row of the list of products.
    pub product_at: usize,
    /// The group with its product, once both are known.
    pub end: Option<EndDraft>,
    /// The product of it.
    pub sku: Option<SkuId>,
}

/// What preflight said of a draft.
#[derive(Clone, Debug)]
pub struct Summary {
    pub(in crate::setup) draft: ConfigDraft,
    /// What it found.
    pub found: Box<Preflight>,
    /// Rows of the list that name nobody.
    pub passed_over: Vec<PassedOver>,
}

/// What a question is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A host that nobody vouches for would get a secret.
    Host {
        /// The key of the address.
        key: String,
        /// What it would get.
        secret: String,
    },
    /// These files are there already.
    Replace(Vec<PathBuf>),
}

/// A question that is answered by typing what it names. Pasted text is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What it is about.
    pub asked: Asked,
    /// What is to be typed.
    pub expected: String,
    pub(in crate::setup) typed: Field,
}

/// What is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Busy {
    /// Signing in, then reading the groups.
    SigningIn,
    /// Reading the groups.
    Reading,
    /// Preflight.
    Checking,
    /// Writing the file.
    Writing,
}

/// What went wrong, in three parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What happened.
    pub what: String,
    /// Why.
    pub why: String,
    /// What to do.
    pub action: String,
}

/// What the set-up begins with.
#[derive(Clone, Debug)]
pub struct Start {
    /// Whether the demo is offered first.
    pub offers: bool,
    /// Where the configuration goes, unless the operator says otherwise.
    pub place: PathBuf,
    /// The folder that relative paths are seen from.
    pub folder: PathBuf,
    /// The folder that `~` stands for.
    pub home: Option<PathBuf>,
}

/// The set-up.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The page that is open.
    pub step: Step,
    /// The row of the first page.
    pub offer: usize,
    /// The page of the sign-in.
    pub form: Form,
    /// The tenant, once somebody signed in.
    pub tenant: Option<Tenant>,
    /// What users leave.
    pub source: EndChoice,
    /// What users get.
    pub target: EndChoice,
    /// Who moves.
    pub users: UsersForm,
    /// What preflight said last.
    pub summary: Option<Summary>,
    /// How far the summary is scrolled.
    pub scroll: usize,
    /// The question that is open.
    pub question: Option<Question>,
    /// What is under way.
    pub busy: Option<Busy>,
    /// What the operator has to do to sign in.
    pub prompt: Option<Prompt>,
    /// What went wrong last.
    pub trouble: Option<Trouble>,
    /// What else is to be said.
    pub note: Option<String>,
    /// Where the configuration was written.
    pub written: Option<PathBuf>,
    pub(in crate::setup) place: Field,
    pub(in crate::setup) signed: Option<SignInDraft>,
    pub(in crate::setup) hosts: Vec<(String, String)>,
    pub(in crate::setup) most_scroll: usize,
    pub(in crate::setup) page: usize,
    start: Start,
}

impl Setup {
    /// A set-up of which nothing was said yet.
    pub fn new(start: Start) -> Self {
        Self {
            step: if start.offers { Step::Offer } else { Step::SignIn },
            offer: 0,
            form: Form::new(),
            tenant: None,
            source: EndChoice::default(),
            target: EndChoice::default(),
            users: UsersForm::new(),
            summary: None,
            scroll: 0,
            question: None,
            busy: None,
            prompt: None,
            trouble: None,
            note: None,
            written: None,
            place: Field::of(&start.place.display().to_string()),
            signed: None,
            hosts: Vec::new(),
            most_scroll: 0,
            page: 10,
            start,
        }
    }

    /// Who listens to the keys.
    pub fn mode(&self) -> Mode {
        match self.step {
            _ if self.question.is_some() => Mode::Question,
            _ if self.busy.is_some() && self.prompt.is_some() => Mode::Prompt,
            _ if self.busy.is_some() => Mode::Waiting,
            Step::Offer | Step::SourceProduct | Step::TargetProduct => Mode::Pick,
            Step::SignIn if self.form.text(self.form.focus).is_none() => Mode::Choice,
            Step::Users if !self.users.in_text => Mode::Choice,
            Step::SignIn | Step::Users => Mode::Text,
            Step::Place => Mode::Line,
            Step::Source if self.source.searching => Mode::Search,
            Step::Target if self.target.searching => Mode::Search,
            Step::Source | Step::Target => Mode::Groups,
            Step::Summary => Mode::Summary,
            Step::Written => Mode::Written,
        }
    }

    /// The text that typed and pasted characters go into.
    pub(in crate::setup) fn text_mut(&mut self) -> Option<&mut Field> {
        match (self.mode(), self.step) {
            (Mode::Question, _) => self.question.as_mut().map(|question| &mut question.typed),
            (Mode::Search, Step::Source) => Some(&mut self.source.search),
            (Mode::Search, _) => Some(&mut self.target.search),
            (Mode::Text, Step::SignIn) => self.form.text_mut(),
            (Mode::Line, _) => Some(&mut self.place),
            (Mode::Text, _) if self.users.kind == UsersKind::Pilot => Some(&mut self.users.entry),
            (Mode::Text, _) => Some(&mut self.users.file),
            _ => None,
        }
    }

    /// What the form says, as a configuration needs it.
    pub(in crate::setup) fn sign_in_draft(&self) -> SignInDraft {
        let form = &self.form;
        let file = |field: &Field| (!field.is_blank()).then(|| self.path(field.trimmed()));
        SignInDraft {
            method: form.method,
            tenant: form.tenant.trimmed().to_owned(),
            cloud: form.cloud,
            graph_url: form.graph_url.trimmed().to_owned(),
            login_url: form.login_url.trimmed().to_owned(),
            client_id: form.method.needs_client_id().then(|| form.client_id.trimmed().to_owned()),
            certificate: file(&form.certificate).filter(|_| form.method == AuthMethod::ClientCertificate),
            ca_file: file(&form.ca_file),
        }
    }

    /// The whole configuration, once both ends are known.
    pub fn draft(&self) -> Option<ConfigDraft> {
        let users = match self.users.kind {
            UsersKind::SourceGroup => UsersDraft::SourceGroup,
            UsersKind::File => UsersDraft::File(self.path(self.users.file.trimmed())),
            UsersKind::Pilot => UsersDraft::Pilot(self.users.pilot.clone()),
        };
        let (source, target) = (self.source.end.clone()?, self.target.end.clone()?);
        Some(ConfigDraft { sign_in: self.sign_in_draft(), source, target, users })
    }

    /// A path as it was typed, seen from the folder in which the set-up was begun.
    pub(in crate::setup) fn path(&self, typed: &str) -> PathBuf {
        match (typed.strip_prefix("~/"), &self.start.home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => self.start.folder.join(typed),
        }
    }

    /// Whether the demo is offered on a page before the others.
    pub(in crate::setup) fn offers(&self) -> bool {
        self.start.offers
    }

    /// The choice of the open page.
    pub fn choice(&self) -> &EndChoice {
        if matches!(self.step, Step::Source | Step::SourceProduct) { &self.source } else { &self.target }
    }

    pub(in crate::setup) fn choice_mut(&mut self) -> &mut EndChoice {
        if matches!(self.step, Step::Source | Step::SourceProduct) { &mut self.source } else { &mut self.target }
    }

    /// The groups of the open page that the search finds, in the order of the list.
    pub fn found(&self) -> Vec<&LicensedGroup> {
        let Some(tenant) = &self.tenant else { return Vec::new() };
        let wanted = self.choice().search.trimmed().to_lowercase();
        let fits = |one: &&LicensedGroup| {
            let group = &one.group;
            let products = group
                .licenses
                .iter()
                .flat_map(|license| [products::display_name(license.sku, &tenant.skus), tenant.skus.name(license.sku)]);
            wanted.is_empty()
                || [group.name.clone(), group.id.to_string()]
                    .into_iter()
                    .chain(products)
                    .any(|text| text.to_lowercase().contains(&wanted))
        };
        tenant.groups.iter().filter(fits).collect()
    }

    /// The products of a choice's group that can be picked: for the target, all but the source's.
    pub fn products(&self, of_source: bool) -> Vec<&GroupLicense> {
        let choice = if of_source { &self.source } else { &self.target };
        let group = choice.group.and_then(|id| self.tenant.as_ref()?.group(id));
        let other = if of_source { None } else { self.source.sku };
        let licenses = group.map(|one| one.group.licenses.as_slice()).unwrap_or_default();
        licenses.iter().filter(|license| Some(license.sku) != other).collect()
    }

    /// Where the configuration goes.
    pub fn place(&self) -> PathBuf {
        self.path(self.place.trimmed())
    }

    /// What the view has measured.
    pub fn drawn(&mut self, most_scroll: usize, page: usize) {
        (self.most_scroll, self.page) = (most_scroll, page.max(1));
        self.scroll = self.scroll.min(most_scroll);
    }
}
