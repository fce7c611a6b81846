//! Sign-in with the token of the Azure CLI, for whoever has signed in there.

use std::ffi::OsString;
use std::io;
use std::process::Output;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use secrecy::zeroize::Zeroize;
use serde::Deserialize;
use serde_json::Value;
use tokio::process::Command;

use crate::clock::Clock;
use crate::domain::fault::AzureCliFault;
use crate::domain::fault::FaultKind;
use crate::domain::fault::SignInFault;
use crate::domain::sign_in::SignInCause;
use crate::domain::time::Timestamp;
use crate::graph::auth::Identity;
use crate::graph::auth::Token;
use crate::graph::auth::TokenFuture;
use crate::graph::auth::TokenSource;
use crate::graph::auth::token_cache::TokenCache;
use crate::graph::auth::without_secrets;
use crate::graph::cloud::Endpoints;
use crate::graph::error::GraphError;
use crate::graph::text;

/// How long `az` may take; its first start on a cold disk takes long.
const TIME_OUT: Duration = Duration::from_mins(2);

/// What `az account get-access-token` prints.
#[derive(Deserialize)]
struct Printed {
    #[serde(rename = "accessToken")]
    access_token: SecretString,
    /// Since 2.54.0, in seconds of Unix time.
    #[serde(default)]
    expires_on: Value,
}

/// The Azure CLI (Microsoft Learn, `az account get-access-token`).
pub struct AzureCli {
    program: OsString,
    resource: String,
    tenant: String,
    cache: TokenCache,
}

impl AzureCli {
    /// Prepares the sign-in; nothing is run yet. `program` is what `az` is called here.
    pub fn new(endpoints: &Endpoints, tenant: &str, program: OsString, clock: Arc<dyn Clock>) -> Self {
        Self {
            program,
            resource: endpoints.graph_root().to_owned(),
            tenant: tenant.to_owned(),
            cache: TokenCache::new(clock),
        }
    }

    /// What `az` is called on this system.
    pub fn program() -> OsString {
        if cfg!(windows) { "az.cmd".into() } else { "az".into() }
    }

    async fn renew(&self) -> Result<Token, GraphError> {
        let mut command = Command::new(&self.program);
        // What is for skuferry alone is not for az.
        without_secrets(command.as_std_mut());
        command
            .args(["account", "get-access-token", "--resource", &self.resource, "--tenant", &self.tenant])
            .args(["--output", "json"])
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let refuse = |why: AzureCliFault| GraphError::new(FaultKind::SignIn, SignInFault::from(why));
        let ended = tokio::time::timeout(TIME_OUT, command.output()).await;
        let mut output = match ended {
            Ok(Ok(output)) => output,
            Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => {
                return Err(refuse(AzureCliFault::NotInstalled));
            }
            Ok(Err(error)) => return Err(refuse(AzureCliFault::NotRun(error.to_string()))),
            Err(_) => return Err(refuse(AzureCliFault::NoAnswer)),
        };
        let read = if output.status.success() { Printed::read(&output.stdout) } else { None };
        output.stdout.zeroize();
        match read {
            Some(token) => Ok(token),
            None if output.status.success() => Err(refuse(AzureCliFault::NoToken)),
            None => Err(refuse(self.refused(&output))),
        }
    }

    /// Why `az` gave no token, from what it printed.
    fn refused(&self, output: &Output) -> AzureCliFault {
        let said = text::message(&String::from_utf8_lossy(&output.stderr));
        let tenant = self.tenant.clone();
        if let Some(cause) = SignInCause::in_text(&said) {
            return AzureCliFault::Refused { cause, tenant, said };
        }
        let lower = said.to_ascii_lowercase();
        if lower.contains("az login") || lower.contains("az account set") || lower.contains("no subscription") {
            return AzureCliFault::Nobody { tenant, said };
        }
        AzureCliFault::Told(said)
    }
}

impl Printed {
    fn read(printed: &[u8]) -> Option<Token> {
        let Self { access_token, expires_on } = serde_json::from_slice(printed).ok()?;
        let second = match expires_on {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        let token = Token::new(access_token, second.and_then(|second| Timestamp::from_second(second).ok()));
        // An older az tells the time of its own zone without naming it; the token itself knows better.
        let told = token.expires().or_else(|| Identity::of(&token)?.expires);
        Some(Token { expires: told, ..token })
    }
}

impl TokenSource for AzureCli {
    fn token(&self) -> TokenFuture<'_> {
        Box::pin(self.cache.get(|| self.renew()))
    }

    fn forget(&self, refused: &Token) {
        self.cache.forget(refused);
    }
}
