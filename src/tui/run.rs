//! The loop: at most 30 frames a second, fewer than two of them for news, keys never wait, an idle screen draws its clock and nothing else.

mod input;
mod pace;

use std::fmt;
use std::future::ready;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::Event;
use futures_util::Stream;
use futures_util::StreamExt;
use futures_util::stream::once;
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::Backend;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::Instant;
use tokio::time::MissedTickBehavior;
use tokio::time::interval;
use tokio::time::sleep_until;

use crate::domain::time::Timestamp;
use crate::engine::handle::Command;
use crate::engine::handle::Commands;
use crate::engine::handle::Handle;
use crate::engine::snapshot::Snapshot;
use crate::tui::action::Action;
use crate::tui::action::Effect;
use crate::tui::away;
use crate::tui::dialog::Dialog;
#[cfg(unix)]
use crate::tui::keyboard::Keyboard;
use crate::tui::keys;
use crate::tui::keys::Cmd;
use crate::tui::keys::Mode;
use crate::tui::keys::gate::Gate;
use crate::tui::model::Model;
use crate::tui::model::Tone;
use crate::tui::output::Frames;
use crate::tui::run::input::Input;
use crate::tui::run::input::pressed;
use crate::tui::run::input::waiting;
pub use crate::tui::run::pace::NEWS;
use crate::tui::run::pace::Pace;
use crate::tui::terminal;
use crate::tui::theme::Theme;
use crate::tui::update::update;
use crate::tui::view::Measured;
use crate::tui::view::draw;
use crate::words::phrase;
use crate::words::say;

/// The second in which the clock on the screen moves.
const SECOND: Duration = Duration::from_secs(1);

/// What time it is.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Writes the report of the run into a folder and gives it, or says why there is none. It may take its time.
pub type Export = Arc<dyn Fn() -> Result<String, String> + Send + Sync>;

/// How the terminal is to look and to tell the time.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
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
    /// The command that takes the run up again; `None` where the tenant ends with the session, as in the demo.
    pub again: Option<String>,
    /// Whether the mouse is taken; else the terminal's own selection works.
    pub mouse: bool,
    /// Whether the pages for who sees the screen for the first time are shown.
    pub tour: bool,
    /// What is said as soon as the screen stands.
    pub notes: Vec<String>,
    /// When the run was written last that is taken up again.
    pub resumed: Option<Timestamp>,
    /// What time it is.
    pub now: Now,
    /// Writes the report; `None` where nothing is kept that could be told.
    pub export: Option<Export>,
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { theme, no_color, ascii, zone, again, mouse, tour, notes, resumed, now: _, export: _ } = self;
        f.debug_struct("Options")
            .field("theme", theme)
            .field("no_color", no_color)
            .field("ascii", ascii)
            .field("zone", zone)
            .field("again", again)
            .field("mouse", mouse)
            .field("tour", tour)
            .field("notes", notes)
            .field("resumed", resumed)
            .finish_non_exhaustive()
    }
}

/// How the session ended.
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
    /// Takes the mouse, or leaves it to the terminal.
    pub mouse: fn(bool) -> io::Result<()>,
    /// Writes the report; `None` where nothing is kept that could be told.
    pub export: Option<Export>,
    /// Whether the terminal may still be drawn on.
    pub is_ours: fn() -> bool,
    /// How far the terminal is behind what was drawn.
    pub frames: Arc<Frames>,
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
    let (guard, mut screen, frames) = terminal::enter()?;
    let theme = if options.no_color { Theme::None } else { options.theme };
    let snapshot = Arc::clone(&handle.snapshots.borrow());
    let mut model = Model::new(snapshot, (options.now)(), options.zone, theme);
    (model.ascii, model.no_color, model.again) = (options.ascii, options.no_color, options.again);
    model.mouse = options.mouse;
    if options.tour {
        model.dialog = Some(Dialog::Tour(0));
    }
    if let Some(written) = options.resumed {
        away::resumed(&mut model, written);
    }
    options.notes.into_iter().for_each(|note| model.tell(Tone::Said, note));
    let (now, export) = (options.now, options.export);
    terminal::mouse(options.mouse)?;
    let outside =
        Outside { now, copy: terminal::copy, mouse: terminal::mouse, export, is_ours: terminal::is_ours, frames };
    let ended = match keyboard(&handle) {
        Ok(keys) => event_loop(&mut screen, keys, handle, model, outside, signals()).await,
        Err(why) => event_loop(&mut screen, once(ready(Err(why))), handle, model, outside, signals()).await,
    };
    drop(guard);
    ended
}

/// The keyboard, which tells the engine of a halt by itself, however busy the loop is.
#[cfg(unix)]
fn keyboard(handle: &Handle) -> io::Result<Keyboard> {
    let (commands, looks_on) = (handle.commands.clone(), handle.snapshots.borrow().read_only.is_some());
    Keyboard::listen(move || {
        if !looks_on {
            drop(commands.send(Command::Halt));
        }
    })
}

/// The keyboard as the library has it.
#[cfg(not(unix))]
fn keyboard(_: &Handle) -> io::Result<crossterm::event::EventStream> {
    Ok(crossterm::event::EventStream::new())
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
    let mut pace = Pace::begin();
    let (mut follows, mut listens) = (true, true);
    model.exports = outside.export.is_some();
    let mut input = Input { reads: true, fault: None, gate: Gate::default(), starts_over: false };
    let mut unseen = None;
    let (exported, mut exports) = unbounded_channel();
    let ways = Ways { commands: handle.commands.clone(), exported };
    tokio::pin!(end);
    while follows || listens {
        let behind = outside.frames.is_writing();
        let draws = input.fault.is_none() && !behind && unseen.is_none() && (outside.is_ours)();
        if !(outside.is_ours)() && !model.ending {
            carry_out(update(&mut model, Action::End), &ways, &mut model, &outside);
        }
        let due = input.gate.due();
        // A frame that is due, then a signal, keys, what must be read, what only the newest matters of, time.
        let action = tokio::select! { biased;
            () = outside.frames.written(), if unseen.is_some() => {
                let seen = unseen.take().unwrap_or_default();
                Action::Drawn(stands(seen, &mut keys, &mut input, &mut model, &ways, &outside).await)
            }
            () = sleep_until(pace.next_frame), if model.dirty && draws => {
                model.dirty = false;
                match drawn(screen, &model, &mut input) {
                    Ok(measured) => {
                        pace.drawn();
                        unseen = measured;
                        continue;
                    }
                    Err(why) => {
                        input.fault = Some(io::Error::other(why));
                        Action::End
                    }
                }
            }
            () = &mut end, if !model.ending => Action::End,
            () = sleep_until(due.unwrap_or(pace.next_frame)), if due.is_some() => {
                input.gate.release().map_or(Action::Ignored, |key| pressed(&model, &key))
            }
            event = keys.next(), if input.reads => input.heard(event, &model),
            notice = handle.notices.recv(), if listens => {
                let Some(notice) = notice else { listens = false; continue };
                // A question is put on what the engine knew when it asked.
                take_news(&mut model, &mut handle, &ways, &outside, &mut pace);
                Action::Noticed(notice)
            }
            Some(written) = exports.recv() => Action::Exported(written),
            // The newest stands for all before it.
            changed = pace.changes(&mut handle.snapshots, model.ending), if follows && !(model.dirty && draws) => {
                if changed.is_err() { follows = false; continue }
                pace.took_news();
                Action::Snapshot(Arc::clone(&handle.snapshots.borrow_and_update()))
            }
            _ = seconds.tick() => Action::Tick((outside.now)()),
        };
        act(action, &mut model, &mut handle, &ways, &outside, &mut pace);
    }
    keys::types_text(false);
    let fresh = model.notes.iter().filter(|note| note.tone == Tone::Said && note.is_fresh(model.now));
    let said = fresh.map(|note| note.text.clone()).collect();
    let snapshot = Arc::clone(&handle.snapshots.borrow());
    input.fault.map_or(Ok(Ended { snapshot, asked: model.ending, said }), Err)
}

/// A frame stands on the screen. Whatever is in the queue by now was pressed before the operator could see it.
async fn stands<K>(
    mut seen: Measured,
    keys: &mut K,
    input: &mut Input,
    model: &mut Model,
    ways: &Ways,
    outside: &Outside,
) -> Measured
where
    K: Stream<Item = io::Result<Event>> + Unpin,
{
    if model.dialog.is_some() && !model.drawn {
        for event in waiting(keys, &mut input.reads).await {
            let action = input.heard(Some(event), model);
            carry_out(update(model, action), ways, model, outside);
        }
        // A key that changed something leaves another dialog than the one that was drawn.
        seen.dialog_stands &= !model.dirty && model.dialog.is_some();
        input.gate.opened(Instant::now());
    }
    seen
}

/// Draws a frame and gives what it measured.
fn drawn<B: Backend>(screen: &mut Terminal<B>, model: &Model, input: &mut Input) -> Result<Option<Measured>, B::Error> {
    if std::mem::take(&mut input.starts_over) {
        start_over(screen)?;
    }
    let mut measured = None;
    screen.draw(|frame| measured = Some(draw(model, frame)))?;
    Ok(measured)
}

/// Does what an action asks for, by the newest news, and sees to the frames that answer it.
fn act(action: Action, model: &mut Model, handle: &mut Handle, ways: &Ways, outside: &Outside, pace: &mut Pace) {
    // What is told by this action is stamped with the time at which it came, not with that of the last second drawn.
    model.now = model.now.max((outside.now)());
    let answers = matches!(action, Action::Cmd(_) | Action::Typed(_) | Action::Pasted(_) | Action::Unbound);
    if answers && model.dialog.is_none() && !moves_only(&action) {
        take_news(model, handle, ways, outside, pace);
    }
    let effects = update(model, action);
    if effects.iter().any(|effect| matches!(effect, Effect::Send(_))) {
        pace.awaits_answer();
    }
    if answers {
        pace.answers();
    }
    carry_out(effects, ways, model, outside);
    keys::types_text(model.mode() == Mode::Reason);
}

/// Takes news that is held back: what is done now goes by the newest.
fn take_news(model: &mut Model, handle: &mut Handle, ways: &Ways, outside: &Outside, pace: &mut Pace) {
    if handle.snapshots.has_changed().unwrap_or(false) {
        let newest = Arc::clone(&handle.snapshots.borrow_and_update());
        pace.took_news();
        carry_out(update(model, Action::Snapshot(newest)), ways, model, outside);
    }
}

/// Whether a key only moves about, so that nothing is done by what it finds.
fn moves_only(action: &Action) -> bool {
    let moves = |cmd: &Cmd| {
        matches!(cmd, Cmd::Down | Cmd::Up | Cmd::PageDown | Cmd::PageUp | Cmd::First | Cmd::Last | Cmd::Halt)
    };
    matches!(action, Action::Cmd(cmd) if moves(cmd))
}

/// Has the next frame draw every cell. `Terminal::clear` asks the terminal where the cursor is, and would wait for it.
fn start_over<B: Backend>(screen: &mut Terminal<B>) -> Result<(), B::Error> {
    screen.backend_mut().clear()?;
    screen.swap_buffers();
    Ok(())
}

/// Where effects go, and where what they bring comes back.
struct Ways {
    commands: Commands,
    exported: UnboundedSender<Result<String, String>>,
}

fn carry_out(effects: Vec<Effect>, ways: &Ways, model: &mut Model, outside: &Outside) {
    for effect in effects {
        match effect {
            // A closed channel means that the engine has ended; the loop hears of it through the others.
            Effect::Send(command) => drop(ways.commands.send(command)),
            Effect::Export => {
                let (export, exported) = (outside.export.clone(), ways.exported.clone());
                let nothing = || Err(phrase("screen-nothing-kept"));
                // A large run takes seconds, and no key waits for it.
                tokio::task::spawn_blocking(move || exported.send(export.map_or_else(nothing, |export| export())));
            }
            Effect::Mouse(ours) => {
                if let Err(why) = (outside.mouse)(ours) {
                    model.tell(Tone::Refused, say("screen-mouse-fault", &[("why", why.to_string().into())]));
                }
            }
            Effect::Copy(text) => {
                if let Err(why) = (outside.copy)(&text) {
                    model.tell(Tone::Refused, say("screen-not-copied", &[("why", why.to_string().into())]));
                }
            }
        }
    }
}

/// SIGTERM, SIGHUP or SIGINT, whichever comes first.
#[cfg(unix)]
pub async fn signals() {
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
pub async fn signals() {
    if tokio::signal::ctrl_c().await.is_err() {
        futures_util::future::pending::<()>().await;
    }
}
