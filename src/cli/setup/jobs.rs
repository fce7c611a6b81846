//! What the pages ask for: signing in, reading groups, preflight. Nothing here writes to the tenant.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::watch;

use crate::cli::connect;
use crate::cli::connect::SignedIn;
use crate::cli::exit::Failure;
use crate::cli::hosts;
use crate::cli::hosts::Unconfirmed;
use crate::cli::setup::write;
use crate::cli::setup::write::Written;
use crate::cli::sign_in;
use crate::cli::sign_in::Secrets;
use crate::cli::sign_in::refused;
use crate::clock::Clock;
use crate::config::Config;
use crate::config::users;
use crate::domain::permission;
use crate::domain::preflight;
use crate::domain::sign_in_prompt::Prompt;
use crate::domain::sku::Skus;
use crate::engine::plan;
use crate::graph::Graph;
use crate::graph::Identity;
use crate::setup::config_text::config_text;
use crate::setup::config_text::only_sign_in;
use crate::setup::config_text::pilot_text;
use crate::setup::draft::ConfigDraft;
use crate::setup::draft::SignInDraft;
use crate::setup::draft::UsersDraft;
use crate::setup::state::Tenant;
use crate::setup::state::Trouble;
use crate::setup::update::Action;
use crate::words;

/// A sign-in that is good, with what it was made from.
#[derive(Clone)]
pub(super) struct Known {
    graph: Graph,
    identity: Option<Identity>,
    graph_url: String,
    skus: Skus,
    config: Config,
}

impl Known {
    /// Whether a configuration asks for this very sign-in.
    pub(super) fn fits(&self, config: &Config) -> bool {
        self.config.tenant == config.tenant && self.config.auth == config.auth
    }

    pub(super) fn into_signed_in(self) -> SignedIn {
        SignedIn { graph: self.graph, identity: self.identity, graph_url: self.graph_url }
    }
}

/// What a job needs of the world.
#[derive(Clone)]
pub(super) struct World {
    pub(super) data: PathBuf,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) prompts: watch::Sender<Option<Prompt>>,
}

/// What a job has brought.
pub(super) struct Done {
    pub(super) action: Action,
    /// Who is signed in from now on.
    pub(super) known: Option<Known>,
}

impl From<Action> for Done {
    fn from(action: Action) -> Self {
        Self { action, known: None }
    }
}

impl From<Failure> for Done {
    fn from(failure: Failure) -> Self {
        let Failure { what, why, action, .. } = failure;
        Action::Failed(Trouble { what, why, action }).into()
    }
}

/// Signs in and reads the groups.
pub(super) async fn sign_in(draft: SignInDraft, hosts: Vec<(String, String)>, world: World) -> Done {
    let signed_in = async {
        let config = sign_in_config(draft)?;
        let typed: Vec<String> = hosts.iter().map(|(key, host)| hosts::typed_line(key, host)).collect();
        let at = match hosts::confirm_typed(&world.data, &config, &typed) {
            Ok(at) => at,
            Err(Unconfirmed::Failed(failure)) => return Err(failure),
            Err(Unconfirmed::Asks { host, key, secret }) => {
                return Ok(Action::HostAsked { host, key: key.to_owned(), secret }.into());
            }
        };
        let graph_url = at.graph_root().to_owned();
        let graph = sign_in::client(&config, at, Secrets::from_env(), &world.clock)?;
        if graph.asks_operator() {
            let show = |prompt| drop(world.prompts.send_replace(Some(prompt)));
            let signed_in = graph.sign_in(&show).await;
            world.prompts.send_replace(None);
            signed_in.map_err(refused)?;
        }
        let identity = sign_in::identified(&graph, &config).await?;
        let skus = graph.skus().await.map_err(refused)?;
        let tenant = Tenant {
            name: graph.organization_name().await.map_err(refused)?,
            account: identity.as_ref().map(|identity| identity.name.clone()),
            groups: graph.licensed_groups(&skus).await.map_err(refused)?,
            reads_only: identity.as_ref().and_then(|identity| permission::reads_only(&identity.permissions)),
            skus: skus.clone(),
        };
        let known = Known { graph, identity, graph_url, skus, config };
        Ok(Done { action: Action::SignedIn(Box::new(tenant)), known: Some(known) })
    };
    signed_in.await.unwrap_or_else(Done::from)
}

/// Reads the groups anew.
pub(super) async fn read_groups(known: Known) -> Done {
    match known.graph.licensed_groups(&known.skus).await {
        Ok(groups) => Action::Groups(groups).into(),
        Err(error) => refused(error).into(),
    }
}

/// Runs preflight.
pub(super) async fn check(draft: ConfigDraft, known: Known, world: World) -> Done {
    let checked = async {
        let list = match &draft.users {
            UsersDraft::SourceGroup => None,
            UsersDraft::File(path) => Some(users::load(path)?),
            UsersDraft::Pilot(named) => Some(users::read_list(&pilot_text(named)).map_err(|error| {
                let (what, why) = (words::config::list(error), String::new());
                Failure::new(crate::cli::exit::Exit::Usage, what, why, String::new())
            })?),
        };
        let listed = match list {
            Some(list) => (connect::keyed(list.users), list.passed_over),
            None => (plan::Users::SourceGroup, Vec::new()),
        };
        let folder = Path::new("");
        let config = Config::parse(&config_text(&draft, folder), &folder.join("config.toml"))?;
        let passed_over = listed.1.clone();
        let plan = connect::plan(&config, &known.graph, &known.skus, listed).await?;
        let facts = plan::gather(&known.graph, &plan, world.clock.now()).await.map_err(refused)?;
        Ok::<_, Failure>(Action::Checked(Box::new(preflight::check(&facts)), passed_over))
    };
    checked.await.map_or_else(Done::from, Done::from)
}

/// Writes the configuration, and the list beside it where users were named.
pub(super) async fn write(draft: ConfigDraft, path: PathBuf, replaces: bool) -> Done {
    let written = tokio::task::spawn_blocking(move || {
        let written = write::write(&draft, &path, replaces)?;
        if matches!(written, Written::Done) {
            Config::load(&path)?;
        }
        Ok::<_, Failure>(match written {
            Written::Done => Action::Written(path),
            Written::Exists(paths) => Action::Exists(paths),
        })
    });
    match written.await {
        Ok(written) => written.map_or_else(Done::from, Done::from),
        Err(error) => Failure::machine(words::phrase("error-cli-engine"), &error).into(),
    }
}

/// The part of a configuration that a sign-in needs.
fn sign_in_config(draft: SignInDraft) -> Result<Config, Failure> {
    let text = config_text(&only_sign_in(draft), Path::new(""));
    Ok(Config::parse(&text, Path::new("config.toml"))?)
}
