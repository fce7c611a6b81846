//! The loop: at most 30 frames a second, keys never wait, an idle screen draws its clock and nothing else.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::Event;
use crossterm::event::EventStream;
use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use futures_util::FutureExt;
use futures_util::Stream;
use futures_util::StreamExt;
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::Backend;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::Instant;
use tokio::time::MissedTickBehavior;
use tokio::time::interval;
use tokio::time::sleep_until;

use crate::domain::time::Timestamp;
use crate::engine::handle::Command;
use crate::engine::handle::Handle;
use crate::engine::snapshot::Snapshot;
use crate::tui::action::Action;
use crate::tui::action::Effect;
use crate::tui::keys;
use crate::tui::keys::Cmd;
use crate::tui::model::Model;
use crate::tui::model::Tone;
use crate::tui::terminal;
use crate::tui::theme::Theme;
use crate::tui::update::update;
use crate::tui::view::Measured;
use crate::tui::view::draw;

/// Frames are never closer together than this.
const FRAME: Duration = Duration::from_millis(34);
/// The second in which the clock on the screen moves.
const SECOND: Duration = Duration::from_secs(1);
/// How many keys may have waited for a dialog to be drawn; more than a hand can press.
const MOST_WAITING: usize = 1024;

/// What time it is.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How the terminal is to look and to tell the time.
#[derive(Clone)]
pub struct Options {
    /// The theme of the configuration.
    pub theme: Theme,
    /// Whether `NO_COLOR` is set; the theme is then `none`, and stays it.
    pub no_color: bool,
    /// Whether the locale is not UTF-8, so that all is drawn in ASCII.
    pub ascii: bool,
    /// Where the operator sits.
    pub zone: TimeZone,
    /// The command that takes the run up again; `None` where the tenant ends with the sitting, as in the demo.
    pub again: Option<String>,
    /// What time it is.
    pub now: Now,
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { theme, no_color, ascii, zone, again, now: _ } = self;
        f.debug_struct("Options")
            .field("theme", theme)
            .field("no_color", no_color)
            .field("ascii", ascii)
            .field("zone", zone)
            .field("again", again)
            .finish_non_exhaustive()
    }
}

/// How the sitting ended.
#[derive(Debug)]
pub struct Ended {
    /// The engine's last snapshot.
    pub snapshot: Arc<Snapshot>,
    /// Whether the operator or a signal ended it; else the engine ended by itself.
    pub asked: bool,
    /// What the engine said last and nobody may have read, oldest first.
    pub said: Vec<String>,
}

/// What the loop does outside of the terminal that it draws on.
pub struct Outside {
    /// What time it is.
    pub now: Now,
    /// Puts text on the clipboard.
    pub copy: fn(&str) -> io::Result<()>,
    /// Whether the terminal may still be drawn on.
    pub is_ours: fn() -> bool,
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outside").finish_non_exhaustive()
    }
}

/// Opens the terminal on an engine and gives it back when the operator quits, a signal comes or the engine ends.
///
/// # Errors
/// When the terminal cannot be taken, drawn on or read. The engine has ended in order by then.
pub async fn run(handle: Handle, options: Options) -> io::Result<Ended> {
    let (guard, mut screen) = terminal::enter()?;
    let theme = if options.no_color { Theme::None } else { options.theme };
    let snapshot = Arc::clone(&handle.snapshots.borrow());
    let mut model = Model::new(snapshot, (options.now)(), options.zone, theme);
    (model.ascii, model.no_color, model.again) = (options.ascii, options.no_color, options.again);
    let outside = Outside { now: options.now, copy: terminal::copy, is_ours: terminal::is_ours };
    let ended = event_loop(&mut screen, EventStream::new(), handle, model, outside, signals()).await;
    drop(guard);
    ended
}

/// The loop itself, over any screen, any keys and any end.
///
/// # Errors
/// What the screen or the keys said, after the engine has ended in order.
pub async fn event_loop<B, K>(
    screen: &mut Terminal<B>,
    mut keys: K,
    mut handle: Handle,
    mut model: Model,
    outside: Outside,
    end: impl Future<Output = ()>,
) -> io::Result<Ended>
where
    B: Backend,
    B::Error: std::error::Error + Send + Sync + 'static,
    K: Stream<Item = io::Result<Event>> + Unpin,
{
    let mut seconds = interval(SECOND);
    seconds.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut next_frame = Instant::now();
    let (mut hears, mut reads, mut listens, mut fault) = (true, true, true, None);
    tokio::pin!(end);
    while hears || listens {
        let draws = fault.is_none() && (outside.is_ours)();
        if !(outside.is_ours)() && !model.ending {
            carry_out(update(&mut model, Action::End), &handle.commands, &mut model, &outside);
        }
        // A frame that is due, then a signal, keys, what must be read, what only the newest matters of, time.
        let action = tokio::select! { biased;
            () = sleep_until(next_frame), if model.dirty && draws => {
                model.dirty = false;
                let mut measured = None;
                if let Err(why) = screen.draw(|frame| measured = Some(draw(&model, frame))) {
                    fault = Some(io::Error::other(why));
                    Action::End
                } else {
                    next_frame = Instant::now() + FRAME;
                    // Whatever is in the queue by now was pressed before the operator could see this frame.
                    let mut waiting = 0;
                    while reads && model.dialog.is_some() && !model.drawn && waiting < MOST_WAITING {
                        waiting += 1;
                        let Some(event) = keys.next().now_or_never() else { break };
                        let action = heard(event, &model, &mut reads, &mut fault);
                        carry_out(update(&mut model, action), &handle.commands, &mut model, &outside);
                    }
                    let measured = measured.map(|seen: Measured| Measured {
                        // A key that changed something leaves another dialog than the one that was drawn.
                        dialog_stands: seen.dialog_stands && !model.dirty,
                        ..seen
                    });
                    measured.map_or(Action::Resized, Action::Drawn)
                }
            }
            () = &mut end, if !model.ending => Action::End,
            event = keys.next(), if reads => heard(event, &model, &mut reads, &mut fault),
            notice = handle.notices.recv(), if listens => {
                let Some(notice) = notice else { listens = false; continue };
                Action::Noticed(notice)
            }
            // One snapshot a frame is enough: the newest stands for all before it.
            changed = handle.snapshots.changed(), if hears && !(model.dirty && draws) => {
                if changed.is_err() { hears = false; continue }
                Action::Snapshot(Arc::clone(&handle.snapshots.borrow_and_update()))
            }
            _ = seconds.tick() => Action::Tick((outside.now)()),
        };
        let effects = update(&mut model, action);
        carry_out(effects, &handle.commands, &mut model, &outside);
    }
    let fresh = model.notes.iter().filter(|note| note.tone == Tone::Said && note.is_fresh(model.now));
    let said = fresh.map(|note| note.text.clone()).collect();
    let snapshot = Arc::clone(&handle.snapshots.borrow());
    fault.map_or(Ok(Ended { snapshot, asked: model.ending, said }), Err)
}

/// A terminal event as an action. The end of the input is the end of the program.
fn heard(event: Option<io::Result<Event>>, model: &Model, reads: &mut bool, fault: &mut Option<io::Error>) -> Action {
    match event {
        Some(Ok(Event::Key(key))) if key.is_press() => pressed(model, &key),
        Some(Ok(Event::Paste(text))) => Action::Pasted(text),
        Some(Ok(Event::Resize(..))) => Action::Resized,
        Some(Ok(Event::Key(_) | Event::Mouse(_) | Event::FocusGained | Event::FocusLost)) => Action::Ignored,
        Some(Err(why)) => {
            (*reads, *fault) = (false, Some(why));
            Action::End
        }
        None => {
            *reads = false;
            Action::End
        }
    }
}

fn pressed(model: &Model, key: &KeyEvent) -> Action {
    match (keys::cmd(model.mode(), key), key.code) {
        (Some(Cmd::Type), KeyCode::Char(one)) => Action::Typed(one),
        (Some(cmd), _) => Action::Cmd(cmd),
        (None, _) => Action::Unbound,
    }
}

fn carry_out(effects: Vec<Effect>, commands: &UnboundedSender<Command>, model: &mut Model, outside: &Outside) {
    for effect in effects {
        match effect {
            // A closed channel means that the engine has ended; the loop hears of it through the others.
            Effect::Send(command) => drop(commands.send(command)),
            Effect::Copy(text) => {
                if let Err(why) = (outside.copy)(&text) {
                    model.tell(Tone::Refused, format!("not copied: {why}"));
                }
            }
        }
    }
}

/// SIGTERM, SIGHUP or SIGINT, whichever comes first.
#[cfg(unix)]
async fn signals() {
    use tokio::signal::unix::SignalKind;
    use tokio::signal::unix::signal;
    let kinds = [SignalKind::terminate(), SignalKind::hangup(), SignalKind::interrupt()];
    let mut streams: Vec<_> = kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect();
    let waits = streams.iter_mut().map(|stream| Box::pin(stream.recv()));
    if futures_util::future::select_all(waits).await.0.is_none() {
        futures_util::future::pending::<()>().await;
    }
}

/// Ctrl-C from outside.
#[cfg(not(unix))]
async fn signals() {
    if tokio::signal::ctrl_c().await.is_err() {
        futures_util::future::pending::<()>().await;
    }
}
