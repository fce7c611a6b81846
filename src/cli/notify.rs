//! Calls the operator: the terminal's bell, title, progress and notifications, and a program of the operator's own. The run
//! waits for none of it.

mod calls;

use std::io;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::process::Command as Program;
use tokio::sync::mpsc;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::cli::exit::Failure;
use crate::cli::notify::calls::Call;
use crate::cli::notify::calls::Seen;
use crate::cli::notify::calls::waiting_text;
use crate::config::Notify;
use crate::domain::halt::HaltReason;
use crate::domain::id::RunId;
use crate::domain::migration::Fact;
use crate::domain::migration::Migration;
use crate::domain::needs::open_gates;
use crate::domain::text::clean;
use crate::engine::handle::Command;
use crate::engine::handle::Commands;
use crate::engine::handle::Handle;
use crate::engine::snapshot::Snapshot;
use crate::graph::auth::without_secrets;
use crate::tui::run::Now;
use crate::words::batches;
use crate::words::phrase;
use crate::words::say;

/// How long the program may take for one call, and the end of a session for all that are left.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many calls may wait for the program; more would be old news.
const MOST_WAITING: usize = 32;

/// What calls, until the session ends.
pub(super) struct Notifier {
    watches: JoinHandle<()>,
    program: JoinHandle<Option<String>>,
}

/// Where the session is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// On a terminal that takes sequences of its own.
    OnTerminal,
    /// On a terminal that would show them as letters, so that only its bell is used.
    OnPlainTerminal,
    /// In lines, which have it all.
    InLines,
}

impl Shown {
    /// By whether the session is held in lines, and whether its terminal knows letters alone.
    pub(super) fn of(plain: bool, ascii: bool) -> Self {
        match (plain, ascii) {
            (true, _) => Self::InLines,
            (false, true) => Self::OnPlainTerminal,
            (false, false) => Self::OnTerminal,
        }
    }
}

impl Notifier {
    /// Begins to call. The first snapshot is what the operator sees anyway.
    pub(super) fn start(notify: &Notify, shown: Shown, run: RunId, handle: &Handle, now: Now) -> Self {
        let (snapshots, commands) = (handle.snapshots.clone(), handle.commands.clone());
        let (call, called) = mpsc::channel(MOST_WAITING);
        let program = tokio::spawn(carry(notify.command.clone(), run, called, commands));
        let terminal = Terminal { notify: notify.clone(), shown, title: String::new(), progress: None };
        Self { watches: tokio::spawn(watch(snapshots, call, terminal, now)), program }
    }

    /// Waits until what was called for last has been told, but not for ever.
    pub(super) async fn finish(self) {
        let all = async {
            let _ = self.watches.await;
            self.program.await.ok().flatten()
        };
        if let Ok(Some(why)) = timeout(PATIENCE, all).await {
            // The screen is gone; whoever missed it there reads it here.
            Failure::note(&say("notice-call-failed", &[("why", why.into())]));
        }
    }
}

/// Watches the snapshots until the engine ends.
async fn watch(
    mut snapshots: watch::Receiver<Arc<Snapshot>>,
    call: mpsc::Sender<Call>,
    mut terminal: Terminal,
    now: Now,
) {
    let first = Arc::clone(&snapshots.borrow_and_update());
    let mut seen = Seen::of(&first.run, &open_gates(&first.run, now()));
    terminal.show(&first);
    let mut last = first;
    // The last one is looked at as well, though the engine has ended by then.
    loop {
        let ended = snapshots.changed().await.is_err();
        let snapshot = Arc::clone(&snapshots.borrow_and_update());
        if !Arc::ptr_eq(&snapshot, &last) {
            for one in seen.calls(&snapshot.run, &open_gates(&snapshot.run, now())) {
                terminal.ring(&one);
                // Calls that nobody takes are old news.
                let _ = call.try_send(one);
            }
            terminal.show(&snapshot);
            last = snapshot;
        }
        if ended {
            terminal.end();
            return;
        }
    }
}

/// What the terminal was told.
struct Terminal {
    notify: Notify,
    shown: Shown,
    title: String,
    progress: Option<(u8, u8)>,
}

impl Terminal {
    fn send(&self, text: &str) {
        if self.shown != Shown::InLines {
            // A terminal that is gone ends the session by itself.
            let _ = crate::tui::terminal::send(text);
        }
    }

    fn ring(&self, call: &Call) {
        if call.is_own {
            return;
        }
        if self.notify.bell {
            self.send("\x07");
        }
        if self.notify.desktop && self.shown == Shown::OnTerminal {
            let text = clean(&call.text);
            // iTerm2 and Windows Terminal; kitty; urxvt and those like it. Each knows one and passes over the others.
            self.send(&format!(
                "\x1b]9;{text}\x1b\\\x1b]99;;{text}\x1b\\\x1b]777;notify;skuferry;{}\x1b\\",
                text.replace(';', ",")
            ));
        }
    }

    /// The title and the progress, where they are other ones than before.
    fn show(&mut self, snapshot: &Snapshot) {
        // Before the terminal is taken nothing reaches it, and what is told then would be told no more.
        if !self.notify.title || self.shown != Shown::OnTerminal || !crate::tui::terminal::is_ours() {
            return;
        }
        let (title, progress) = (title(snapshot), progress(&snapshot.run));
        if self.title.is_empty() {
            self.send("\x1b[22;2t"); // the terminal keeps the title that it had
        }
        if title != self.title {
            self.send(&format!("\x1b]2;{}\x07", clean(&title)));
            self.title = title;
        }
        if self.progress != Some(progress) {
            self.send(&format!("\x1b]9;4;{};{}\x07", progress.0, progress.1));
            self.progress = Some(progress);
        }
    }

    fn end(&self) {
        if !self.title.is_empty() {
            self.send("\x1b]9;4;0;0\x07\x1b[23;2t");
        }
    }
}

/// What needs the operator most, in a title.
fn title(snapshot: &Snapshot) -> String {
    let run = &snapshot.run;
    let told = match (&run.alarm, &run.halted) {
        (Some(alarm), _) if !alarm.acknowledged => phrase("screen-alarm"),
        (_, Some(halt)) if halt.reasons().any(HaltReason::is_removed_early) => phrase("screen-alarm"),
        (_, Some(_)) => phrase("screen-halted"),
        _ if run.complete => batches::migration_completion(run),
        _ => match snapshot.gates.first() {
            Some(gate) => waiting_text(run, gate),
            None => say(
                "cli-notify-title",
                &[("migrated", run.arrived().into()), ("count", run.count_all(Fact::Member).into())],
            ),
        },
    };
    say("cli-notify-window-title", &[("told", told.into())])
}

/// The state of the progress by `OSC 9;4` (1 goes on, 2 is wrong, 4 waits) and per cent.
fn progress(run: &Migration) -> (u8, u8) {
    let all = run.count_all(Fact::Member).max(1);
    let percent = u8::try_from(run.arrived().min(all) * 100 / all).unwrap_or(100);
    let state = match () {
        () if run.halted.is_some() => 2,
        () if !run.complete && !crate::domain::questions::gates(run).is_empty() => 4,
        () => 1,
    };
    (state, percent)
}

/// Runs the program for each call, one after another. Its first failure is told, and given back when nobody heard it.
async fn carry(
    command: Vec<String>,
    run: RunId,
    mut called: mpsc::Receiver<Call>,
    commands: Commands,
) -> Option<String> {
    let (mut failed, mut unheard) = (false, None);
    while let Some(call) = called.recv().await {
        let Some((program, arguments)) = command.split_first() else { continue };
        let text = json!({
            "kind": call.kind.word(),
            "run": run,
            "batch": call.batch.map(|batch| batch + 1),
            "text": clean(&call.text),
        });
        let Err(why) = tell(program, arguments, &text.to_string()).await else { continue };
        if !std::mem::replace(&mut failed, true) {
            let why = format!("{program}: {why}");
            unheard = commands.send(Command::CallFailed(why.clone())).is_err().then_some(why);
        }
    }
    unheard
}

/// Starts the program, hands it the text and waits for its end.
async fn tell(program: &str, arguments: &[String], text: &str) -> io::Result<()> {
    let mut command = Program::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    // The program may be anybody's.
    without_secrets(command.as_std_mut());
    let mut child = command.spawn()?;
    let input = child.stdin.take();
    let all = async {
        if let Some(mut input) = input {
            // A program that does not read its input may be content with being started.
            let _ = input.write_all(format!("{text}\n").as_bytes()).await;
        }
        child.wait().await
    };
    match timeout(PATIENCE, all).await {
        Ok(status) => match status? {
            ended if ended.success() => Ok(()),
            ended => Err(io::Error::other(ended.to_string())),
        },
        Err(_) => Err(io::Error::other(phrase("cli-notify-too-long"))),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_program_gets_the_object_and_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let script = format!("cat > {0}; env | grep -c SKUFERRY_CLIENT_SECRET >> {0}; true", out.display());
        tell("sh", &["-c".to_owned(), script], r#"{"kind":"waiting"}"#).await.unwrap();
        assert_eq!(std::fs::read_to_string(&out).unwrap(), "{\"kind\":\"waiting\"}\n0\n");
        let failed = tell("sh", &["-c".to_owned(), "exit 3".to_owned()], "{}").await.unwrap_err();
        assert!(failed.to_string().contains('3'), "{failed}");
        assert!(tell("no-such-program-here", &[], "{}").await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_program_that_never_ends_is_ended_and_its_failure_is_told_once() {
        let (call, called) = mpsc::channel(4);
        let (told, mut hears) = mpsc::unbounded_channel();
        let one = Call { kind: calls::CallKind::Waiting, batch: Some(0), text: String::new(), is_own: false };
        for _ in 0..2 {
            call.try_send(one.clone()).unwrap();
        }
        drop(call);
        let command = ["sleep", "1000"].map(ToOwned::to_owned).to_vec();
        let run = RunId(uuid::Uuid::nil());
        assert_eq!(carry(command, run, called, Commands::from(told)).await, None);
        assert!(matches!(hears.recv().await, Some(Command::CallFailed(why)) if why.starts_with("sleep: ")));
        assert!(hears.recv().await.is_none(), "it is told once");
    }
}
