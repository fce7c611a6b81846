//! The loop: at most 30 frames a second, fewer than two of them for news, keys never wait, an idle screen draws its clock and nothing else.

use std::fmt;
use std::future::poll_fn;
use std::future::ready;
use std::io;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use crossterm::event::Event;
use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use crossterm::event::MouseButton;
use crossterm::event::MouseEvent;
use crossterm::event::MouseEventKind;
use futures_util::Stream;
use futures_util::StreamExt;
use futures_util::stream::once;
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::Backend;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::mpsc::unbounded_channel;
use tokio::sync::watch;
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
use crate::tui::action::Mouse;
use crate::tui::away;
use crate::tui::dialog::Dialog;
#[cfg(unix)]
use crate::tui::keyboard::Keyboard;
use crate::tui::keys;
use crate::tui::keys::Cmd;
use crate::tui::keys::Mode;
use crate::tui::keys::gate::Gate;
use crate::tui::keys::gate::Verdict;
use crate::tui::model::Model;
use crate::tui::model::Tone;
use crate::tui::output::Frames;
use crate::tui::terminal;
use crate::tui::theme::Theme;
use crate::tui::update::update;
use crate::tui::view::Measured;
use crate::tui::view::draw;
use crate::words::phrase;
use crate::words::say;

/// Frames that answer keys are never closer together than this, nor are others.
const FRAME: Duration = Duration::from_millis(34);
/// News is shown no more often than this. A key is answered at once, and so is what comes of it.
pub const NEWS: Duration = Duration::from_millis(600);
/// The second in which the clock on the screen moves.
const SECOND: Duration = Duration::from_secs(1);
/// How many events are taken at a time when a dialog was drawn; more than the keyboard keeps.
const MOST_WAITING: usize = 8192;

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
    let (mut hears, mut listens) = (true, true);
    model.exports = outside.export.is_some();
    let mut ears = Ears { reads: true, fault: None, gate: Gate::default(), starts_over: false };
    let mut unseen = None;
    let (exported, mut exports) = unbounded_channel();
    let ways = Ways { commands: handle.commands.clone(), exported };
    tokio::pin!(end);
    while hears || listens {
        let behind = outside.frames.is_writing();
        let draws = ears.fault.is_none() && !behind && unseen.is_none() && (outside.is_ours)();
        if !(outside.is_ours)() && !model.ending {
            carry_out(update(&mut model, Action::End), &ways, &mut model, &outside);
        }
        let due = ears.gate.due();
        // A frame that is due, then a signal, keys, what must be read, what only the newest matters of, time.
        let action = tokio::select! { biased;
            () = outside.frames.written(), if unseen.is_some() => {
                // Whatever is in the queue by now was pressed before the operator could see this frame.
                let mut seen: Measured = unseen.take().unwrap_or_default();
                if model.dialog.is_some() && !model.drawn {
                    for event in waiting(&mut keys, &mut ears.reads).await {
                        let action = ears.heard(Some(event), &model);
                        carry_out(update(&mut model, action), &ways, &mut model, &outside);
                    }
                    // A key that changed something leaves another dialog than the one that was drawn.
                    seen.dialog_stands &= !model.dirty && model.dialog.is_some();
                    ears.gate.opened(Instant::now());
                }
                Action::Drawn(seen)
            }
            () = sleep_until(pace.next_frame), if model.dirty && draws => {
                model.dirty = false;
                let mut measured = None;
                let cleared = if std::mem::take(&mut ears.starts_over) { start_over(screen) } else { Ok(()) };
                if let Err(why) = cleared.and_then(|()| screen.draw(|frame| measured = Some(draw(&model, frame))).map(drop)) {
                    ears.fault = Some(io::Error::other(why));
                    Action::End
                } else {
                    pace.drawn();
                    unseen = measured;
                    continue;
                }
            }
            () = &mut end, if !model.ending => Action::End,
            () = sleep_until(due.unwrap_or(pace.next_frame)), if due.is_some() => {
                ears.gate.release().map_or(Action::Ignored, |key| pressed(&model, &key))
            }
            event = keys.next(), if ears.reads => ears.heard(event, &model),
            notice = handle.notices.recv(), if listens => {
                let Some(notice) = notice else { listens = false; continue };
                // A question is put on what the engine knew when it asked.
                take_news(&mut model, &mut handle, &ways, &outside, &mut pace);
                Action::Noticed(notice)
            }
            Some(written) = exports.recv() => Action::Exported(written),
            // The newest stands for all before it.
            changed = pace.changes(&mut handle.snapshots, model.ending), if hears && !(model.dirty && draws) => {
                if changed.is_err() { hears = false; continue }
                pace.took_news();
                Action::Snapshot(Arc::clone(&handle.snapshots.borrow_and_update()))
            }
            _ = seconds.tick() => Action::Tick((outside.now)()),
        };
        // What is told by this action is stamped with the time at which it came, not with that of the last second drawn.
        model.now = model.now.max((outside.now)());
        let answers = matches!(action, Action::Cmd(_) | Action::Typed(_) | Action::Pasted(_) | Action::Unbound);
        if answers && model.dialog.is_none() && !moves_only(&action) {
            take_news(&mut model, &mut handle, &ways, &outside, &mut pace);
        }
        let effects = update(&mut model, action);
        if effects.iter().any(|effect| matches!(effect, Effect::Send(_))) {
            pace.awaits_answer();
        }
        if answers {
            pace.answers();
        }
        carry_out(effects, &ways, &mut model, &outside);
        keys::types_text(model.mode() == Mode::Reason);
    }
    keys::types_text(false);
    let fresh = model.notes.iter().filter(|note| note.tone == Tone::Said && note.is_fresh(model.now));
    let said = fresh.map(|note| note.text.clone()).collect();
    let snapshot = Arc::clone(&handle.snapshots.borrow());
    ears.fault.map_or(Ok(Ended { snapshot, asked: model.ending, said }), Err)
}

/// When frames are drawn and news is taken.
struct Pace {
    next_frame: Instant,
    /// The earliest frame that answers a key.
    next_answer: Instant,
    /// Whether the frame to come answers a key.
    answers: bool,
    next_news: Instant,
}

impl Pace {
    fn begin() -> Self {
        let now = Instant::now();
        Self { next_frame: now, next_answer: now, answers: false, next_news: now }
    }

    /// A frame was drawn.
    fn drawn(&mut self) {
        self.next_frame = Instant::now() + FRAME;
        if std::mem::take(&mut self.answers) {
            self.next_answer = self.next_frame;
        }
    }

    /// A key waits for its frame, which does not wait for frames of other kinds.
    fn answers(&mut self) {
        self.answers = true;
        self.next_frame = self.next_frame.min(self.next_answer);
    }

    /// The engine was told something, and what comes of it is shown as soon as it is there.
    fn awaits_answer(&mut self) {
        self.next_news = Instant::now();
    }

    fn took_news(&mut self) {
        self.next_news = Instant::now() + NEWS;
    }

    /// Waits until there is news and it may be shown; while the program ends nothing is held back.
    async fn changes(
        &self,
        snapshots: &mut watch::Receiver<Arc<Snapshot>>,
        ending: bool,
    ) -> Result<(), watch::error::RecvError> {
        if !ending {
            sleep_until(self.next_news).await;
        }
        snapshots.changed().await
    }
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

/// The events that wait, in order, so many that none is left; the task is woken by the next one.
async fn waiting<K>(keys: &mut K, reads: &mut bool) -> Vec<io::Result<Event>>
where
    K: Stream<Item = io::Result<Event>> + Unpin,
{
    let mut events = Vec::new();
    poll_fn(|context| {
        while *reads && events.len() < MOST_WAITING {
            match keys.poll_next_unpin(context) {
                Poll::Ready(Some(event)) => events.push(event),
                Poll::Ready(None) => {
                    *reads = false;
                    events.push(Err(io::ErrorKind::UnexpectedEof.into()));
                }
                Poll::Pending => break,
            }
        }
        Poll::Ready(())
    })
    .await;
    events
}

/// Has the next frame draw every cell. `Terminal::clear` asks the terminal where the cursor is, and would wait for it.
fn start_over<B: Backend>(screen: &mut Terminal<B>) -> Result<(), B::Error> {
    screen.backend_mut().clear()?;
    screen.swap_buffers();
    Ok(())
}

/// What the loop has heard.
struct Ears {
    /// Whether there is more to hear.
    reads: bool,
    /// What went wrong with the terminal.
    fault: Option<io::Error>,
    gate: Gate,
    /// Whether the next frame draws every cell, because something else was on the screen.
    starts_over: bool,
}

impl Ears {
    /// A terminal event as an action. The end of the input is the end of the program.
    fn heard(&mut self, event: Option<io::Result<Event>>, model: &Model) -> Action {
        match event {
            Some(Ok(Event::Key(key))) if key.is_press() => self.pressed(model, &key),
            Some(Ok(Event::Paste(text))) => {
                self.gate.saw(Instant::now());
                Action::Pasted(text)
            }
            Some(Ok(Event::Resize(..))) => Action::Resized,
            Some(Ok(Event::FocusGained)) => {
                self.starts_over = true;
                Action::Resized
            }
            Some(Ok(Event::Mouse(event))) => self.pointed(event),
            Some(Ok(Event::Key(_) | Event::FocusLost)) => Action::Ignored,
            Some(Err(why)) if why.kind() == io::ErrorKind::UnexpectedEof => Action::End,
            Some(Err(why)) => {
                (self.reads, self.fault) = (false, Some(why));
                Action::End
            }
            None => {
                self.reads = false;
                Action::End
            }
        }
    }

    /// The mouse. A key in one burst with it was not pressed by a hand, and answers nothing.
    fn pointed(&mut self, event: MouseEvent) -> Action {
        let mouse = match event.kind {
            MouseEventKind::ScrollUp => Mouse::WheelUp,
            MouseEventKind::ScrollDown => Mouse::WheelDown,
            MouseEventKind::Down(MouseButton::Left) => Mouse::Click { column: event.column, row: event.row },
            _ => return Action::Ignored,
        };
        self.gate.saw(Instant::now());
        Action::Mouse(mouse)
    }

    /// While a dialog asks, a key goes through the gate, unless it is heard everywhere.
    fn pressed(&mut self, model: &Model, key: &KeyEvent) -> Action {
        let (now, mode) = (Instant::now(), model.mode());
        let asks = matches!(mode, Mode::YesNo | Mode::Number);
        if mode == Mode::Reason && keys::cmd(mode, key) == Some(Cmd::Submit) {
            // What is typed on after a reason is no answer: the dialog is as new.
            self.gate.opened(now);
        }
        if mode == Mode::Palette && keys::cmd(mode, key) == Some(Cmd::Submit) && self.gate.is_in_burst(now) {
            // A terminal that does not mark what is pasted sends it as keys: that carries out no command.
            self.gate.saw(now);
            return Action::Ignored;
        }
        if !asks || keys::cmd(Mode::Always, key).is_some() {
            self.gate.saw(now);
            return pressed(model, key);
        }
        match self.gate.judge(*key, keys::cmd(mode, key), now) {
            Verdict::Pass => pressed(model, key),
            Verdict::Hold if !model.drawn => {
                self.gate.saw(now);
                Action::Ignored
            }
            Verdict::Hold | Verdict::Drop => Action::Ignored,
            Verdict::Close => Action::Cmd(Cmd::No),
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
