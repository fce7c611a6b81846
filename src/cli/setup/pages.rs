//! The loop of the set-up: draws the pages, takes keys, and carries out what they ask for, one thing at a time.

use std::env;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::Event;
use futures_util::StreamExt;
use futures_util::future::OptionFuture;
use ratatui::backend::Backend;
use tokio::sync::watch;

use crate::cli::exit::Failure;
use crate::cli::look;
use crate::cli::setup::jobs;
use crate::cli::setup::jobs::Done;
use crate::cli::setup::jobs::Known;
use crate::cli::setup::jobs::World;
use crate::clock::Clock;
use crate::clock::SteadyClock;
use crate::setup::state::Setup;
use crate::setup::state::Start;
use crate::setup::update::Action;
use crate::setup::update::Effect;
use crate::setup::update::End;
use crate::setup::update::update;
use crate::setup::view;
use crate::setup::view::Look;
use crate::tui::Theme;
use crate::tui::keyboard;
use crate::tui::run::signals;
use crate::tui::terminal;
use crate::words::phrase;

/// How a set-up ended.
pub(super) struct Ended {
    pub(super) how: End,
    /// Who is signed in, when somebody is.
    pub(super) signed_in: Option<Known>,
}

/// What is under way.
type Job = Pin<Box<dyn Future<Output = Done>>>;

/// What the pages work with.
struct PagesAtWork {
    world: World,
    known: Option<Known>,
    job: Option<Job>,
}

/// Shows the pages until the set-up is over.
pub(super) async fn show(start: Start, data: &Path, clock: &Arc<SteadyClock>) -> Result<Ended, Failure> {
    shown(start, data, clock).await.map_err(|why| Failure::machine(phrase("error-cli-terminal"), &why))
}

async fn shown(start: Start, data: &Path, clock: &Arc<SteadyClock>) -> io::Result<Ended> {
    let (sender, mut prompts) = watch::channel(None);
    let world = World { data: data.to_owned(), clock: clock.clone(), prompts: sender };
    let mut at_work = PagesAtWork { world, known: None, job: None };
    let mut setup = Setup::new(start);
    let theme = if look::no_color() { Theme::None } else { Theme::default() };
    let ascii = !look::shows_marks(|name| env::var(name).ok());
    let (_guard, mut screen, _frames) = terminal::enter()?;
    let mut events = keyboard::open(|| {})?;
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    let ended = signals();
    tokio::pin!(ended);
    loop {
        let look = Look { theme, ascii, now: clock.now() };
        let mut measured = (0, 1);
        screen.draw(|frame| measured = view::draw(&setup, look, frame)).map_err(io::Error::other)?;
        setup.drawn(measured.0, measured.1);
        let job = OptionFuture::from(at_work.job.as_mut());
        let action = tokio::select! { biased;
            () = &mut ended => return Ok(left(setup.written.as_deref(), at_work.known)),
            event = events.next() => match event {
                Some(Ok(Event::Key(key))) if key.is_press() => Some(Action::Key(key)),
                Some(Ok(Event::Paste(text))) => Some(Action::Pasted(text)),
                Some(Ok(Event::FocusGained)) => {
                    // Something else was on the screen.
                    screen.backend_mut().clear()?;
                    screen.swap_buffers();
                    None
                }
                Some(Ok(_)) => None,
                Some(Err(why)) if why.kind() != io::ErrorKind::UnexpectedEof => return Err(why),
                Some(Err(_)) | None => return Ok(left(setup.written.as_deref(), at_work.known)),
            },
            Some(Done { action, known }) = job => {
                at_work.job = None;
                at_work.known = known.or(at_work.known.take());
                Some(action)
            }
            Ok(()) = prompts.changed() => prompts.borrow_and_update().clone().map(Action::Prompted),
            _ = seconds.tick() => None,
        };
        let Some(action) = action else { continue };
        for effect in update(&mut setup, action) {
            if let Some(how) = at_work.carry_out(effect)? {
                return Ok(Ended { how, signed_in: at_work.known });
            }
        }
    }
}

/// The terminal is gone, or the system wants us to end.
fn left(written: Option<&Path>, signed_in: Option<Known>) -> Ended {
    Ended { how: written.map_or(End::Left, |path| End::Written(path.to_owned())), signed_in }
}

impl PagesAtWork {
    /// Begins what is asked for. Gives how the set-up ends, when it does.
    fn carry_out(&mut self, effect: Effect) -> io::Result<Option<End>> {
        let world = self.world.clone();
        let job: Option<Job> = match effect {
            Effect::SignIn { draft, hosts } => Some(Box::pin(jobs::sign_in(draft, hosts, world))),
            Effect::ReadGroups => self.known.clone().map(|known| -> Job { Box::pin(jobs::read_groups(known)) }),
            Effect::Check(draft) => {
                self.known.clone().map(|known| -> Job { Box::pin(jobs::check(draft, known, world)) })
            }
            Effect::Write { draft, path, replaces } => Some(Box::pin(jobs::write(draft, path, replaces))),
            Effect::Cancel => None,
            Effect::Copy(text) => {
                terminal::copy(&text)?;
                return Ok(None);
            }
            Effect::End(end) => return Ok(Some(end)),
        };
        self.job = job;
        Ok(None)
    }
}
