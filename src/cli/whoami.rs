//! `whoami`: who is signed in, what was granted, and what is missing for which step of the work.

use std::fmt::Write;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use crate::cli::Context;
use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::cli::read_args::ReadArgs;
use crate::cli::sign_in;
use crate::cli::sign_in::Secrets;
use crate::cli::sign_in::refused;
use crate::clock::Clock;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::domain::permission::WorkStep;
use crate::domain::permission::role_name;
use crate::domain::text::clean;
use crate::domain::time::Timestamp;
use crate::domain::time::since;
use crate::graph::Identity;
use crate::tui::format;
use crate::words::permission;
use crate::words::phrase;
use crate::words::say;

/// What is known of one step of the work.
struct Found {
    step: WorkStep,
    /// The least permission of each kind that is missing; `None` when the token does not tell.
    missing: Option<Vec<&'static str>>,
    role: Role,
}

/// Whether a role lets the person do it; in JSON as scripts rely on it.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
enum Role {
    /// An application needs none, and nor does whoever may read.
    #[serde(rename = "not needed")]
    NotNeeded,
    /// The token names one that is enough.
    #[serde(rename = "held")]
    Held,
    /// The token names none. One that holds for an administrative unit, or owning the groups, would not show.
    #[serde(rename = "not seen")]
    NotSeen,
}

/// `skuferry whoami`: [`Exit::Fine`] when somebody is signed in, whatever is missing.
pub(super) async fn whoami(args: ReadArgs, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let config = args.config(context)?;
    let at = args.confirm(context, &config)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let (graph, identity) = sign_in::sign_in(&config, at, Secrets::from_env(), &clock).await?;
    // The name is a convenience; that Graph takes the token is not.
    let name = graph.organization_name().await.map_err(refused)?;
    let told = WhoamiAnswer { config: &config, identity, tenant: name, now: clock.now() };
    if args.json {
        context.print_json(told.as_json(), false)?;
    } else {
        context.print(&told.as_text())?;
    }
    Ok(Exit::Fine)
}

struct WhoamiAnswer<'a> {
    config: &'a Config,
    identity: Option<Identity>,
    /// The tenant's display name.
    tenant: Option<String>,
    now: Timestamp,
}

impl WhoamiAnswer<'_> {
    fn steps(&self) -> Vec<Found> {
        let granted =
            self.identity.as_ref().map(|identity| &identity.permissions).filter(|granted| !granted.is_empty());
        let role = |step: WorkStep| match &self.identity {
            Some(identity) if identity.app_only => Role::NotNeeded,
            _ if step.role_names().is_empty() => Role::NotNeeded,
            Some(Identity { directory_roles: Some(held), .. }) if step.is_allowed_by(held) => Role::Held,
            _ => Role::NotSeen,
        };
        let found =
            |step: WorkStep| Found { step, missing: granted.map(|granted| step.missing(granted)), role: role(step) };
        WorkStep::ALL.map(found).into()
    }

    fn roles(&self) -> Option<Vec<(String, Option<&'static str>)>> {
        let held = self.identity.as_ref()?.directory_roles.as_ref()?;
        Some(held.iter().map(|id| (id.clone(), role_name(id))).collect())
    }

    fn as_json(&self) -> Value {
        let identity = self.identity.as_ref();
        let steps = self.steps().into_iter().map(|found| {
            let step = found.step;
            json!({
                "step": step.word(),
                "needs": step.least_permissions(),
                "missing": found.missing,
                "roles": step.role_names(),
                "role": found.role,
                "optional": step.is_optional(),
                "where": self.whereto(&found),
            })
        });
        let roles = self
            .roles()
            .map(|held| held.into_iter().map(|(id, name)| json!({ "id": id, "name": name })).collect::<Vec<_>>());
        json!({
            "tenant": {
                "configured": self.config.tenant.id,
                "id": identity.and_then(|identity| identity.tenant_id.as_deref()),
                "name": self.tenant,
            },
            "method": self.config.auth.method.word(),
            "kind": identity.map(|identity| if identity.app_only { "application" } else { "delegated" }),
            "account": identity.map(|identity| &identity.name),
            "objectId": identity.and_then(|identity| identity.object_id.as_deref()),
            "clientId": identity.and_then(|identity| identity.client_id.as_deref()),
            "permissions": identity.map(|identity| &identity.permissions),
            "roles": roles,
            "expires": identity.and_then(|identity| identity.expires),
            "readOnly": identity.is_some_and(|identity| crate::domain::permission::reads_only(&identity.permissions).is_some()),
            "steps": steps.collect::<Vec<_>>(),
        })
    }

    fn as_text(&self) -> String {
        let mut text = String::new();
        // Writing to a String does not fail.
        let mut fact = |label: String, value: &str| {
            let _ = writeln!(text, "{label:<13}{}", clean(value));
        };
        let id = self.identity.as_ref().and_then(|identity| identity.tenant_id.clone());
        let configured = say("cli-whoami-configured", &[("id", self.config.tenant.id.as_str().into())]);
        let names = [self.tenant.clone(), id, Some(configured)];
        fact(phrase("cli-whoami-tenant"), &names.into_iter().flatten().collect::<Vec<_>>().join(", "));
        fact(phrase("cli-whoami-method"), self.config.auth.method.word());
        if let Some(identity) = &self.identity {
            let kind = if identity.app_only { phrase("cli-whoami-application") } else { phrase("cli-whoami-account") };
            fact(kind, &identity.name);
            if let Some(client) = identity.client_id.as_deref().filter(|client| *client != identity.name) {
                fact(phrase("cli-whoami-client-id"), client);
            }
            if let Some(end) = identity.expires {
                let left = format::lasting(since(self.now, end)).into();
                let ends = say("cli-whoami-ends-at", &[("end", end.to_string().into()), ("left", left)]);
                fact(phrase("cli-whoami-ends"), &ends);
            }
            let granted = identity.permissions.join(", ");
            let granted = if granted.is_empty() { phrase("cli-whoami-names-none") } else { granted };
            fact(phrase("cli-whoami-permissions"), &granted);
            if !identity.app_only {
                let held =
                    self.roles().map(|held| held.iter().filter_map(|(_, name)| *name).collect::<Vec<_>>().join(", "));
                let held = match held {
                    None => phrase("cli-whoami-not-told"),
                    Some(names) if names.is_empty() => phrase("cli-whoami-no-role"),
                    Some(names) => names,
                };
                fact(phrase("cli-whoami-roles"), &held);
            }
        } else {
            fact(phrase("cli-whoami-account"), &phrase("cli-whoami-not-told"));
        }
        self.table(&mut text);
        text
    }

    fn table(&self, text: &mut String) {
        let steps = self.steps();
        let _ = writeln!(
            text,
            "\n{:<11}{:<12}{:<12}{}",
            phrase("cli-whoami-step"),
            phrase("cli-whoami-permission"),
            phrase("cli-whoami-role"),
            phrase("cli-whoami-what-for")
        );
        for found in &steps {
            let _ = writeln!(
                text,
                "{:<11}{:<12}{:<12}{}",
                found.step.word(),
                found.permission_word(),
                found.role.word(),
                permission::does(found.step)
            );
        }
        for found in &steps {
            let Some(whereto) = self.whereto(found) else { continue };
            let step = found.step.word();
            let told = if found.step.is_optional() {
                say("cli-whoami-optional", &[("step", step.into()), ("whereto", whereto.into())])
            } else {
                format!("{step}: {whereto}")
            };
            let _ = writeln!(text, "\n{told}");
        }
    }

    /// What is missing for a step and where it is granted; `None` when nothing is known to be.
    fn whereto(&self, found: &Found) -> Option<String> {
        let mut said = Vec::new();
        let app_only = self.identity.as_ref().is_some_and(|identity| identity.app_only);
        if let Some(missing) = found.missing.as_ref().filter(|missing| !missing.is_empty()) {
            let names = missing.iter().map(|name| (*name).to_owned());
            let names = names.reduce(|one, other| say("cli-and", &[("one", one.into()), ("other", other.into())]));
            let names = names.unwrap_or_default();
            said.push(if app_only {
                say("cli-whoami-missing-application", &[("names", names.into())])
            } else {
                say("cli-whoami-missing-delegated", &[("names", names.into())])
            });
        }
        if found.role == Role::NotSeen {
            let names = found.step.role_names().join(", ");
            let owner = if matches!(found.step, WorkStep::Add | WorkStep::Remove) { "yes" } else { "no" };
            said.push(say("cli-whoami-role-missing", &[("names", names.into()), ("owner", owner.into())]));
        }
        (!said.is_empty()).then(|| said.join(" "))
    }
}

impl Found {
    fn permission_word(&self) -> String {
        match &self.missing {
            None => phrase("cli-whoami-permission-not-told"),
            Some(missing) if missing.is_empty() => phrase("cli-whoami-permission-granted"),
            Some(_) => phrase("cli-whoami-permission-missing"),
        }
    }
}

impl Role {
    fn word(self) -> String {
        match self {
            Self::NotNeeded => phrase("cli-whoami-role-not-needed"),
            Self::Held => phrase("cli-whoami-role-held"),
            Self::NotSeen => phrase("cli-whoami-role-not-seen"),
        }
    }
}
