//! Asking the operator to sign in before anything else opens: on a page of the terminal, or in lines where there is none.

use std::env;
use std::io;
use std::io::IsTerminal;
use std::sync::Arc;

use tokio::sync::watch;

use crate::cli::exit::Exit;
use crate::cli::exit::Failure;
use crate::cli::look;
use crate::cli::sign_in::refused;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::time::since;
use crate::graph::Graph;
use crate::graph::auth::Prompt;
use crate::tui::format;
use crate::tui::sign_in::Look;
use crate::tui::sign_in::sign_in_page;

/// Has the operator sign in.
pub(super) async fn ask(graph: &Graph, config: &Config, clock: &Arc<dyn Clock>) -> Result<(), Failure> {
    if !(io::stdout().is_terminal() && io::stdin().is_terminal()) {
        let told = Arc::clone(clock);
        return graph.sign_in(&move |prompt| tell(&prompt, told.as_ref())).await.map_err(refused);
    }
    let (sender, prompts) = watch::channel(None);
    let show = |prompt| drop(sender.send_replace(Some(prompt)));
    let now = Arc::clone(clock);
    let look = Look {
        theme: look::theme(config),
        ascii: !look::shows_marks(|name| env::var(name).ok()),
        now: Arc::new(move || now.now()),
    };
    match sign_in_page(prompts, look, graph.sign_in(&show)).await {
        Ok(Some(ended)) => ended.map_err(refused),
        Ok(None) => {
            let action = "Start again to sign in, or choose another method in [auth].";
            Err(Failure::new(Exit::SignIn, "signing in failed", "the sign-in was given up", action))
        }
        Err(why) => Err(Failure::machine("the terminal cannot be used", &why)),
    }
}

/// In lines on standard error, where standard output may be a script's.
fn tell(prompt: &Prompt, clock: &dyn Clock) {
    match prompt {
        Prompt::Browser { opened: true, .. } => Failure::note("a browser was opened: sign in there"),
        Prompt::Browser { address, port, .. } => {
            Failure::note(&format!("to sign in, open this address in a browser of this machine: {address}"));
            Failure::note(&format!(
                "(over ssh: connect with ssh -L {port}:localhost:{port}, or set method = \"device-code\")"
            ));
        }
        Prompt::DeviceCode { code, page, until } => {
            let left = format::lasting(since(clock.now(), *until));
            Failure::note(&format!("to sign in, open {page} in any browser and enter the code {code} within {left}"));
        }
    }
}
