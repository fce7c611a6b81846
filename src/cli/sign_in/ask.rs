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
use crate::domain::sign_in_prompt::Prompt;
use crate::domain::time::since;
use crate::graph::Graph;
use crate::tui::format;
use crate::tui::sign_in::Look;
use crate::tui::sign_in::sign_in_page;
use crate::words::phrase;
use crate::words::say;

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
            let (what, why) = (phrase("error-cli-sign-in"), phrase("error-cli-sign-in-given-up"));
            Err(Failure::new(Exit::SignIn, what, why, phrase("error-cli-sign-in-given-up-action")))
        }
        Err(why) => Err(Failure::machine(phrase("error-cli-terminal"), &why)),
    }
}

/// In lines on standard error, where standard output may be a script's.
fn tell(prompt: &Prompt, clock: &dyn Clock) {
    match prompt {
        Prompt::Browser { opened: true, .. } => Failure::note(&phrase("cli-sign-in-browser-opened")),
        Prompt::Browser { address, port, .. } => {
            Failure::note(&say("cli-sign-in-browser", &[("address", address.as_str().into())]));
            Failure::note(&say("cli-sign-in-over-ssh", &[("port", port.to_string().into())]));
        }
        Prompt::DeviceCode { code, page, until } => {
            let left = format::lasting(since(clock.now(), *until));
            Failure::note(&say(
                "cli-sign-in-code",
                &[("page", page.as_str().into()), ("code", code.as_str().into()), ("left", left.into())],
            ));
        }
    }
}
