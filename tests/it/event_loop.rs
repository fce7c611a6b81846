//! The loop itself, on a screen in memory, with keys from a channel and an engine of paper. Time is paused.

use std::io;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use crossterm::event::Event;
use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use crossterm::event::KeyEventKind;
use crossterm::event::KeyModifiers;
use crossterm::event::MouseButton;
use crossterm::event::MouseEvent;
use crossterm::event::MouseEventKind;
use futures_util::Stream;
use futures_util::stream::unfold;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use skuferry::domain::time::SignedDuration;
use skuferry::domain::time::Timestamp;
use skuferry::engine::handle::Command;
use skuferry::engine::handle::Handle;
use skuferry::engine::handle::Notice;
use skuferry::engine::snapshot::Snapshot;
use skuferry::tui::Ended;
use skuferry::tui::Export;
use skuferry::tui::run::Outside;
use skuferry::tui::run::event_loop;
use tokio::sync::mpsc;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio::time::sleep;

use crate::scene;
use crate::scene::Scene;
use crate::screens::text;

/// The operator and the engine, both played by the test.
struct Bench {
    keys: Option<UnboundedSender<Event>>,
    commands: mpsc::UnboundedReceiver<Command>,
    snapshots: Option<watch::Sender<Arc<Snapshot>>>,
    notices: Option<UnboundedSender<Notice>>,
    end: Option<oneshot::Sender<()>>,
}

impl Bench {
    fn event(&self, event: Event) {
        self.keys.as_ref().unwrap().send(event).unwrap();
    }

    fn press(&self, key: char) {
        self.event(Event::Key(KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE)));
    }

    fn asks(&self, scene: &Scene) {
        self.notices.as_ref().unwrap().send(Notice::Question(scene.question())).unwrap();
    }

    /// Everything that was sent to the engine by now.
    async fn sent(&mut self) -> Vec<Command> {
        sleep(Duration::from_millis(600)).await;
        std::iter::from_fn(|| self.commands.try_recv().ok()).collect()
    }

    /// The engine has ended.
    fn close(&mut self) {
        (self.snapshots, self.notices) = (None, None);
    }
}

fn keys(events: mpsc::UnboundedReceiver<Event>) -> impl Stream<Item = io::Result<Event>> + Unpin {
    Box::pin(unfold(events, async |mut events| events.recv().await.map(|event| (Ok(event), events))))
}

static COPIED: Mutex<String> = Mutex::new(String::new());

/// Runs the loop beside a script; gives how it ended, how many frames it drew and the last of them.
async fn sitting(scene: &Scene, script: impl AsyncFnOnce(&mut Bench)) -> (io::Result<Ended>, usize, String) {
    sitting_at(scene, || true, script).await
}

async fn sitting_at(
    scene: &Scene,
    is_ours: fn() -> bool,
    script: impl AsyncFnOnce(&mut Bench),
) -> (io::Result<Ended>, usize, String) {
    sitting_with(scene, is_ours, None, script).await
}

async fn sitting_with(
    scene: &Scene,
    is_ours: fn() -> bool,
    export: Option<Export>,
    script: impl AsyncFnOnce(&mut Bench),
) -> (io::Result<Ended>, usize, String) {
    let (press, pressed) = mpsc::unbounded_channel();
    let (commands, orders) = mpsc::unbounded_channel();
    let (publish, snapshots) = watch::channel(scene.shared());
    let (say, notices) = mpsc::unbounded_channel();
    let (end, ended) = oneshot::channel::<()>();
    let mut bench =
        Bench { keys: Some(press), commands: orders, snapshots: Some(publish), notices: Some(say), end: Some(end) };
    let (start, epoch) = (Instant::now(), scene.now);
    let now = move || -> Timestamp { epoch + SignedDuration::try_from(start.elapsed()).unwrap() };
    let copy = |text: &str| {
        text.clone_into(&mut COPIED.lock().unwrap());
        Ok(())
    };
    let mouse = |ours| {
        MOUSE.lock().unwrap().push(ours);
        Ok(())
    };
    let outside = Outside { now: Arc::new(now), copy, mouse, export, is_ours, frames: Arc::default() };
    let handle = Handle { commands: commands.into(), snapshots, notices };
    let mut screen = Terminal::new(TestBackend::new(80, 24)).unwrap();
    let signal = async {
        if ended.await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let sitting = event_loop(&mut screen, keys(pressed), handle, scene.model(), outside, signal);
    let (ended, ()) = tokio::join!(sitting, async {
        script(&mut bench).await;
        bench.close();
    });
    let shown = text(screen.backend().buffer());
    let mut frames = 0;
    screen.draw(|frame| frames = frame.count()).unwrap();
    (ended, frames, shown)
}

#[tokio::test(start_paused = true)]
async fn e_writes_the_report_and_says_where_it_is() {
    let scene = Scene::preflighted(44);
    let written: Export = Arc::new(|| Ok("/data/reports/1/now".into()));
    let full: Export = Arc::new(|| Err("the disk is full".into()));
    for (export, told) in [
        (Some(written), "the report is in /data/reports/1/now"),
        (Some(full), "the report was not written: the disk is full"),
        (None, "▸ nothing is kept in this sitting"),
    ] {
        let (ended, _, shown) = sitting_with(
            &scene,
            || true,
            export,
            async |bench| {
                bench.press('e');
                assert!(bench.sent().await.is_empty(), "nothing goes to the engine");
                let _ = bench.sent().await;
            },
        )
        .await;
        assert!(ended.is_ok() && shown.contains(told), "{shown}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_approval_goes_from_the_keys_to_the_engine() {
    let scene = Scene::preflighted(44);
    let (ended, _, _) = sitting(&scene, async |bench| {
        bench.press('a');
        assert!(matches!(bench.sent().await.as_slice(), [Command::Ask]));
        bench.asks(&scene);
        bench.press('y'); // in the queue before the dialog is drawn
        assert!(bench.sent().await.is_empty());
        let mut released = KeyEvent::new(KeyCode::Char('y'), KeyModifiers::NONE);
        released.kind = KeyEventKind::Release;
        bench.event(Event::Key(released));
        bench.event(Event::Paste("y".into()));
        assert!(bench.sent().await.is_empty());
        bench.press('a');
        bench.press('n');
        let _ = bench.sent().await;
        bench.press('a');
        assert!(matches!(bench.sent().await.as_slice(), [Command::Ask]));
        bench.asks(&scene);
        assert!(bench.sent().await.is_empty());
        bench.press('y');
        assert!(matches!(bench.sent().await.as_slice(), [Command::Add(_)]));
    })
    .await;
    assert!(!ended.unwrap().asked, "the engine ended by itself");
}

#[tokio::test(start_paused = true)]
async fn quitting_waits_for_the_engine_and_gives_its_last_snapshot() {
    let mut scene = Scene::preflighted(44);
    let old = scene.snapshot.revision;
    let start = Instant::now();
    let last = {
        scene.later(9);
        Arc::new(Snapshot { revision: 77, ..scene.snapshot.clone() })
    };
    let (ended, _, shown) = sitting(&scene, async |bench| {
        bench.press('q');
        assert!(matches!(bench.sent().await.as_slice(), [Command::Quit]));
        sleep(Duration::from_secs(5)).await;
        bench.notices.as_ref().unwrap().send(Notice::OlderRules(0)).unwrap();
        bench.snapshots.as_ref().unwrap().send_replace(last.clone());
        sleep(Duration::from_secs(5)).await;
    })
    .await;
    let ended = ended.unwrap();
    assert!(ended.asked && start.elapsed() >= Duration::from_secs(10));
    assert_eq!((ended.snapshot.revision, ended.said), (77, vec![skuferry::words::phrase("notice-older-rules")]));
    assert!(shown.contains("ending: what was sent already is awaited") && old < 77);
}

#[tokio::test(start_paused = true)]
async fn a_signal_and_ctrl_c_end_in_order_even_from_a_dialog() {
    let scene = scene::verifying();
    sitting(&scene, async |bench| {
        bench.press('q');
        assert!(bench.sent().await.is_empty(), "it asks while a phase is under way");
        bench.end.take().unwrap().send(()).unwrap();
        assert!(matches!(bench.sent().await.as_slice(), [Command::Quit]));
        bench.press('q');
        assert!(bench.sent().await.is_empty());
    })
    .await
    .0
    .unwrap();
    sitting(&scene, async |bench| {
        bench.event(Event::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL)));
        assert!(matches!(bench.sent().await.as_slice(), [Command::Quit]));
    })
    .await
    .0
    .unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_input_is_the_end_of_the_program() {
    let (ended, _, _) = sitting(&scene::verifying(), async |bench| {
        bench.keys = None;
        assert!(matches!(bench.sent().await.as_slice(), [Command::Quit]));
    })
    .await;
    assert!(ended.unwrap().asked);
}

#[tokio::test(start_paused = true)]
async fn after_a_panic_elsewhere_nothing_is_drawn_and_the_program_ends() {
    let (ended, frames, _) = sitting_at(
        &scene::verifying(),
        || false,
        async |bench| assert!(matches!(bench.sent().await.as_slice(), [Command::Quit])),
    )
    .await;
    assert!(ended.is_ok() && frames == 0);
}

#[tokio::test(start_paused = true)]
async fn an_idle_screen_draws_its_clock_and_nothing_else() {
    let (_, frames, _) = sitting(&scene::verifying(), async |_| sleep(Duration::from_mins(1)).await).await;
    assert!((55..=63).contains(&frames), "{frames} frames in a minute");
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_snapshots_is_two_frames_a_second_beside_the_clock_and_the_last_one_is_shown() {
    let scene = scene::verifying();
    let (_, frames, shown) = sitting(&scene, async |bench| {
        for number in 0..10_000 {
            let snapshot =
                Snapshot { revision: 100 + number, free_seats: Some(number.cast_signed()), ..scene.snapshot.clone() };
            bench.snapshots.as_ref().unwrap().send_replace(Arc::new(snapshot));
            sleep(Duration::from_millis(1)).await;
        }
        sleep(Duration::from_secs(2)).await;
    })
    .await;
    assert!((20..=36).contains(&frames), "{frames} frames in 12 seconds");
    assert!(shown.contains("seats 9999 free"), "{shown}");
}

#[tokio::test(start_paused = true)]
async fn while_news_is_held_back_every_key_has_its_frame_and_what_the_engine_makes_of_it_is_shown_at_once() {
    let scene = scene::verifying();
    let (_, frames, shown) = sitting(&scene, async |bench| {
        let publish = |number: i64| {
            let snapshot =
                Snapshot { revision: 100 + number.cast_unsigned(), free_seats: Some(number), ..scene.snapshot.clone() };
            bench.snapshots.as_ref().unwrap().send_replace(Arc::new(snapshot));
        };
        for number in 0..80 {
            publish(number);
            bench.press('j');
            sleep(Duration::from_millis(50)).await;
        }
        publish(80);
        bench.press('P');
        sleep(Duration::from_millis(10)).await;
        publish(81); // the engine's answer, although the news before it is 10 milliseconds old
        sleep(Duration::from_millis(60)).await;
        bench.close();
    })
    .await;
    assert!((82..=110).contains(&frames), "{frames} frames for 81 keys");
    assert!(shown.contains("seats 81 free"), "{shown}");
}

#[tokio::test(start_paused = true)]
async fn halting_reaches_the_engine_while_a_number_is_typed_and_copying_the_clipboard() {
    let scene = scene::removable();
    sitting(&scene, async |bench| {
        bench.press('y');
        assert!(bench.sent().await.is_empty());
        assert!(COPIED.lock().unwrap().starts_with("adelev@contoso.com"));
        bench.press('a');
        assert_eq!(bench.sent().await.len(), 1);
        bench.asks(&scene);
        let _ = bench.sent().await;
        "1H9".chars().for_each(|key| bench.press(key));
        assert!(matches!(bench.sent().await.as_slice(), [Command::Halt]));
    })
    .await
    .0
    .unwrap();
}

/// Somebody types into the wrong window: every dialog that a letter opens is closed by the next one.
#[tokio::test(start_paused = true)]
async fn typing_a_word_at_human_speed_approves_nothing() {
    let scene = Scene::preflighted(44);
    for pause in [20, 60, 120, 250, 400, 600, 900] {
        sitting(&scene, async |bench| {
            for key in "already".chars() {
                bench.press(key);
                sleep(Duration::from_millis(pause)).await;
                while let Ok(command) = bench.commands.try_recv() {
                    match command {
                        Command::Ask => bench.asks(&scene),
                        Command::Add(_) => panic!("approved at {pause} ms"),
                        _ => {}
                    }
                }
            }
            assert!(!bench.sent().await.iter().any(|command| matches!(command, Command::Add(_))));
        })
        .await
        .0
        .unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_in_a_burst_is_an_answer_and_any_other_key_closes_the_dialog() {
    let scene = Scene::preflighted(44);
    sitting(&scene, async |bench| {
        for keys in ["yj", "jy", "yy", "j", "Y", "\u{e9}"] {
            bench.press('a');
            assert!(matches!(bench.sent().await.as_slice(), [Command::Ask]), "{keys}: the last dialog is closed");
            bench.asks(&scene);
            let _ = bench.sent().await;
            keys.chars().for_each(|key| bench.press(key));
            assert!(bench.sent().await.is_empty(), "{keys}");
        }
    })
    .await
    .0
    .unwrap();
}

#[tokio::test(start_paused = true)]
async fn half_a_second_goes_by_before_a_key_is_an_answer() {
    let scene = Scene::preflighted(44);
    sitting(&scene, async |bench| {
        bench.press('a');
        let _ = bench.sent().await;
        bench.asks(&scene);
        for _ in 0..100 {
            sleep(Duration::from_millis(33)).await; // the key is held down
            bench.press('y');
        }
        sleep(Duration::from_millis(450)).await;
        assert!(bench.commands.try_recv().is_err());
        bench.event(Event::Resize(80, 24)); // changes nothing
        sleep(Duration::from_millis(100)).await;
        bench.press('y');
        assert!(matches!(bench.sent().await.as_slice(), [Command::Add(_)]));
    })
    .await
    .0
    .unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_notice_is_stamped_when_it_happens_and_not_with_the_last_second_that_was_drawn() {
    let mut scene = scene::verifying();
    scene.now = "2026-08-24T14:30:00Z".parse().unwrap();
    let (_, _, shown) = sitting(&scene, async |bench| {
        bench.press('3');
        // The clock is drawn once a second; the notice comes just before that.
        sleep(Duration::from_millis(4_990)).await;
        bench.notices.as_ref().unwrap().send(Notice::SignedIn).unwrap();
        sleep(Duration::from_millis(15)).await;
        bench.notices.as_ref().unwrap().send(Notice::OlderRules(0)).unwrap();
        sleep(Duration::from_secs(30)).await;
    })
    .await;
    for line in ["14:30:04 · signed in: the run goes on", "14:30:05 · this run began by older rules"] {
        assert!(shown.contains(line), "{line}\n{shown}");
    }
}

/// A terminal that does not mark what is pasted sends it as keys, all at once.
#[tokio::test(start_paused = true)]
async fn a_command_of_the_palette_is_carried_out_by_a_key_that_comes_alone() {
    let scene = scene::verifying();
    let enter = || Event::Key(KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE));
    let (_, _, shown) = sitting(&scene, async |bench| {
        bench.press(':');
        assert!(bench.sent().await.is_empty());
        "poll now".chars().for_each(|key| bench.press(key));
        bench.event(enter());
        assert!(bench.sent().await.is_empty(), "it came in one piece with the letters");
        bench.event(enter());
        assert!(matches!(bench.sent().await.as_slice(), [Command::PollNow]));
        bench.press(':');
        let _ = bench.sent().await;
        bench.event(Event::Paste("poll now\n".into()));
        bench.event(enter());
        assert!(bench.sent().await.is_empty());
        bench.press('H');
        assert!(matches!(bench.sent().await.as_slice(), [Command::Halt]), "no letter of a command: a halt");
    })
    .await;
    assert!(shown.contains("halt: nothing more is written"), "{shown}");
}

#[tokio::test(start_paused = true)]
async fn a_key_in_one_burst_with_the_mouse_answers_nothing() {
    let scene = Scene::preflighted(44);
    let mouse = |kind| Event::Mouse(MouseEvent { kind, column: 10, row: 10, modifiers: KeyModifiers::NONE });
    sitting(&scene, async |bench| {
        for order in [true, false] {
            bench.press('a');
            assert!(matches!(bench.sent().await.as_slice(), [Command::Ask]));
            bench.asks(&scene);
            let _ = bench.sent().await;
            if order {
                bench.event(mouse(MouseEventKind::ScrollDown));
                bench.press('y');
            } else {
                bench.press('y');
                bench.event(mouse(MouseEventKind::Down(MouseButton::Left)));
            }
            assert!(bench.sent().await.is_empty(), "{order}");
            bench.press('n');
            let _ = bench.sent().await;
        }
        bench.press('a');
        let _ = bench.sent().await;
        bench.asks(&scene);
        let _ = bench.sent().await;
        bench.event(mouse(MouseEventKind::ScrollDown));
        let _ = bench.sent().await;
        bench.press('y');
        assert!(
            matches!(bench.sent().await.as_slice(), [Command::Add(_)]),
            "the wheel moved the text, and a key answered"
        );
    })
    .await
    .0
    .unwrap();
}

static MOUSE: Mutex<Vec<bool>> = Mutex::new(Vec::new());

#[tokio::test(start_paused = true)]
async fn the_mouse_is_switched_by_its_key() {
    sitting(&scene::verifying(), async |bench| {
        bench.press('M');
        let _ = bench.sent().await;
        bench.press('M');
        let _ = bench.sent().await;
    })
    .await
    .0
    .unwrap();
    assert_eq!(*MOUSE.lock().unwrap(), [false, true]);
}
