//! What every view and dialog looks like, at two sizes; the themes as maps of styles; and the awkward ones.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::Color;
use ratatui::style::Modifier;
use ratatui::style::Style;
use skuferry::domain::event::Event;
use skuferry::domain::fault::Fault;
use skuferry::domain::fault::FaultKind;
use skuferry::domain::halt::HaltReason;
use skuferry::domain::language::Language;
use skuferry::domain::outcome::Outcome;
use skuferry::domain::phase::Phase;
use skuferry::domain::plan_families::PlanChanges;
use skuferry::domain::preflight::ExclusionRow;
use skuferry::domain::preflight::Preflight;
use skuferry::domain::preflight::Problem;
use skuferry::domain::preflight::ProblemCode;
use skuferry::domain::route::Direction;
use skuferry::domain::standing::Holder;
use skuferry::domain::standing::Standing;
use skuferry::engine::handle::Notice;
use skuferry::engine::snapshot::Activity;
use skuferry::engine::snapshot::Connection;
use skuferry::tui::Theme;
use skuferry::tui::action::Action;
use skuferry::tui::keys::Cmd;
use skuferry::tui::model::Model;
use skuferry::tui::update::update;
use skuferry::tui::view::Measured;
use skuferry::tui::view::draw;
use skuferry::words::batches;
use skuferry::words::in_language;

use crate::scene;
use crate::scene::Scene;
use skuferry::engine::ReadOnly;

/// Draws one frame at a size.
pub(crate) fn frame(model: &mut Model, width: u16, height: u16) -> (Buffer, Measured) {
    let mut screen = Terminal::new(TestBackend::new(width, height)).unwrap();
    let mut measured = Measured::default();
    screen.draw(|frame| measured = draw(model, frame)).unwrap();
    let _ = update(model, Action::Drawn(measured));
    (screen.backend().buffer().clone(), measured)
}

/// The letters of a frame, without what stands behind the last of each line.
pub(crate) fn text(screen: &Buffer) -> String {
    let mut out = String::new();
    for row in screen.content.chunks(screen.area.width.into()) {
        let mut line = String::new();
        let mut hidden = 0;
        for cell in row {
            if hidden == 0 {
                line.push_str(cell.symbol());
                hidden = unicode_width::UnicodeWidthStr::width(cell.symbol()).max(1);
            }
            hidden -= 1;
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// The screen as letters, one for each style, so that a review sees a change of colour too.
pub(crate) fn styles(screen: &Buffer) -> String {
    let (mut legend, mut map) = (Vec::<Style>::new(), String::new());
    for row in screen.content.chunks(screen.area.width.into()) {
        for cell in row {
            let known = legend.iter().position(|style| *style == cell.style());
            let letter = known.unwrap_or_else(|| {
                legend.push(cell.style());
                legend.len() - 1
            });
            map.push(char::from(b'a' + u8::try_from(letter).unwrap()));
        }
        map.push('\n');
    }
    (b'a'..).map(char::from).zip(legend).fold(map, |map, (letter, style)| format!("{map}{letter} {style:?}\n"))
}

pub(crate) fn press(model: &mut Model, cmds: &[Cmd]) {
    for cmd in cmds {
        let _ = update(model, Action::Cmd(*cmd));
    }
}

/// Both sizes as one snapshot each, and the smaller one in every other language as well.
pub(crate) fn both(name: &str, mut model: impl FnMut() -> Model) {
    for (width, height) in [(80, 24), (120, 40)] {
        let (screen, _) = frame(&mut model(), width, height);
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), text(&screen));
    }
    in_each_other_language(|tag| {
        let (screen, _) = frame(&mut model(), 80, 24);
        insta::assert_snapshot!(format!("{name}_{tag}_80x24"), text(&screen));
    });
}

/// Does something in every language but English, whose tag it is given.
pub(crate) fn in_each_other_language(mut work: impl FnMut(&str)) {
    for language in Language::all().skip(1) {
        in_language(language, || work(language.tag()));
    }
}

pub(crate) fn opened(scene: &Scene) -> Model {
    let mut model = scene.model();
    press(&mut model, &[Cmd::Approve]);
    let _ = update(&mut model, Action::Noticed(Notice::Question(scene.question())));
    assert!(model.dialog.is_some());
    model
}

pub(crate) fn halted(mut scene: Scene, why: HaltReason) -> Scene {
    scene.event(Event::Halted { why });
    scene
}

pub(crate) fn alarmed() -> Scene {
    let mut scene = scene::removable();
    scene.later(20).removed().later(30);
    let users = scene.active();
    scene.observed(&users[..9], &Standing::Migrated);
    scene.observed(&users[9..11], &Standing::SourceLingers(Holder::Dependency));
    scene.observed(&users[11..12], &Standing::Unlicensed).later(150);
    scene.event(Event::AlarmRaised { users: vec![users[11]] });
    scene
}

#[test]
fn preflight_is_reading() {
    both("reading", || Scene::begun().model());
}

#[test]
fn preflight_has_looked() {
    both("preflight", || Scene::preflighted(44).model());
    let mut found = scene::preflight((0..30).map(scene::ready).collect());
    let problem = |code, message: &str| Problem { code, detail: message.into(), warning: false };
    found
        .problems
        .push(problem(ProblemCode::GroupIsDynamic, "Lic-E3 has a membership rule: its members cannot be written"));
    found.problems.push(problem(ProblemCode::NotEnoughSeats, "30 users need 30 seats of Office 365 E3, 12 are free"));
    found.seats.available = 12;
    both("preflight_problems", || Scene::checked(found.clone()).model());
}

#[test]
fn users_are_verified() {
    both("users", || scene::verifying().model());
    both("user", || {
        let mut model = scene::verifying().model();
        press(&mut model, &[Cmd::Last, Cmd::Up, Cmd::Up, Cmd::Up, Cmd::Up, Cmd::Up, Cmd::Inspect]);
        model
    });
}

#[test]
fn a_blocked_user_is_inspected() {
    both("blocked", || {
        let mut model = scene::verifying().model();
        press(&mut model, &[Cmd::FilterBack, Cmd::FilterBack, Cmd::Inspect]);
        model
    });
}

#[test]
fn the_other_views() {
    for (number, name) in [(2, "batches"), (3, "events"), (4, "plan"), (5, "problems")] {
        both(name, || {
            let mut model = scene::verifying().model();
            press(&mut model, &[Cmd::View(number)]);
            model
        });
    }
}

#[test]
fn the_plan_says_what_is_lost_and_where_an_exclusion_is_listed() {
    let plan = |set: &dyn Fn(&mut Preflight)| {
        let mut found = scene::preflight(vec![scene::ready(0)]);
        set(&mut found);
        let mut model = Scene::checked(found).model();
        press(&mut model, &[Cmd::View(4)]);
        text(&frame(&mut model, 160, 60).0)
    };
    let lost = plan(&|_| ());
    assert!(lost.contains("gone          Nucleus") && !lost.contains("nothing: no service"), "{lost}");
    assert!(!lost.contains("Sway"), "what is replaced is folded away: {lost}");
    let nothing = plan(&|found| {
        found.plans.lower.clear();
        found.plans.gone.clear();
    });
    assert!(nothing.contains("lost          nothing: no service is gone or lower"), "{nothing}");
    let old = plan(&|found| found.plans = PlanChanges::default());
    assert!(old.contains("services      not compared in this run's journal"), "{old}");
    let excluded = plan(&|found| {
        let pair = found.pairs[0].clone();
        found.exclusions = vec![ExclusionRow { sku: scene::visio(), pair, users: 2 }];
    });
    let line = "excluded    Visio Plan 2: SharePoint (Plan 1) excludes SharePoint (Plan 2) · 2 users";
    assert!(excluded.contains(line), "{excluded}");
    assert_eq!(excluded.matches("set sharepoint-online of Microsoft's list, editions of 2019 and 20").count(), 2);
}

#[test]
fn approvals() {
    both("adding", || opened(&Scene::preflighted(44)));
    both("removing", || {
        let mut model = opened(&scene::removable());
        let _ = frame(&mut model, 80, 24);
        let _ = update(&mut model, Action::Typed('1'));
        model
    });
    both("asks", || scene::removable().model());
}

#[test]
fn trouble() {
    both("alarm", || alarmed().model());
    both("alarm_asked", || opened(&alarmed()));
    let stuck = HaltReason::TooManyStuck { stuck: 4, most: 3 };
    both("halted", || halted(scene::verifying(), stuck.clone()).model());
    both("halt_lifted", || opened(&halted(scene::verifying(), stuck.clone())));
}

#[test]
fn leaving() {
    both("exclude", || {
        let mut model = scene::verifying().model();
        press(&mut model, &[Cmd::Exclude]);
        model
    });
    both("quit", || {
        let mut model = scene::verifying().model();
        press(&mut model, &[Cmd::Quit]);
        model
    });
    both("help", || {
        let mut model = scene::verifying().model();
        press(&mut model, &[Cmd::Help]);
        model
    });
    both("search", || {
        let mut model = scene::verifying().model();
        press(&mut model, &[Cmd::Search]);
        "an".chars().for_each(|one| drop(update(&mut model, Action::Typed(one))));
        model
    });
}

#[test]
fn a_run_that_is_complete() {
    both("complete", || {
        let mut scene = Scene::checked(scene::preflight((0..6).map(scene::ready).collect()));
        scene.later(9).added().later(60);
        let users = scene.active();
        scene.observed(&users, &Standing::HoldsBoth).later(5).removed().later(40);
        scene.observed(&users, &Standing::Migrated);
        scene.event(Event::BatchComplete { batch: 0 }).event(Event::MigrationComplete);
        scene.model()
    });
}

#[test]
fn the_second_batch_waits_for_approval_when_the_first_is_complete() {
    both("batch_complete", || {
        let mut scene = Scene::checked(scene::preflight((0..30).map(scene::ready).collect()));
        scene.later(9).added().later(60);
        let users = scene.active();
        scene.observed(&users, &Standing::HoldsBoth).later(5).removed().later(40);
        scene.observed(&users, &Standing::Migrated).event(Event::BatchComplete { batch: 0 });
        scene.event(Event::BatchChecked {
            batch: 1,
            problems: vec![],
            seats: scene.snapshot.run.seats(),
            products: vec![],
            reasons: vec![],
        });
        scene.model()
    });
}

#[test]
fn a_service_that_does_not_answer_and_a_sitting_that_may_not_write() {
    let faulty = || {
        let mut scene = scene::removable();
        scene.snapshot.read_only = Some(ReadOnly::AtWork { process: None });
        let fault = Fault {
            status: Some(503),
            code: Some("serviceNotAvailable".into()),
            request_id: Some("0f3c6e0a-8c8e-4e3d-9b53-2f3f3f7f0001".into()),
            ..Fault::new(FaultKind::Service, "The service is temporarily unavailable")
        };
        scene.snapshot.connection = Connection::Failing { since: scene.now, fault: fault.clone() };
        scene.snapshot.fault = Some(fault);
        scene.later(75);
        let mut model = scene.model();
        press(&mut model, &[Cmd::Approve]);
        model
    };
    both("faults", faulty);
    let (screen, _) = frame(&mut faulty(), 60, 15);
    insta::assert_snapshot!("faults_60x15", text(&screen));
}

#[test]
fn activities_are_told() {
    let mut scene = scene::verifying();
    for (activity, words) in
        [(Activity::Polling, "reading now"), (Activity::AwaitingCanary, "canary first · next poll 23 s")]
    {
        scene.snapshot.activity = activity;
        assert!(text(&frame(&mut scene.model(), 80, 24).0).contains(words));
    }
    scene.snapshot.paused = true;
    scene.snapshot.activity = Activity::Idle;
    let paused = text(&frame(&mut scene.model(), 160, 40).0);
    assert!(paused.contains("polling paused") && paused.contains("polling is paused, P resumes"), "{paused}");
    let fault = Fault::new(FaultKind::Service, "The service is temporarily unavailable");
    scene.snapshot.connection = Connection::Failing { since: scene.now, fault };
    scene.later(75);
    let silent = text(&frame(&mut scene.model(), 220, 40).0);
    assert!(
        silent
            .contains("nothing to approve yet · no answer for 1 min 15 s · Enter inspects, r reprocesses, x excludes"),
        "{silent}"
    );
}

#[test]
fn while_the_canary_goes_ahead_the_rest_is_said_to_be_approved() {
    let mut scene = scene::removable();
    let (batch, users, seen, by) = (0, scene.active(), scene.seen(), scene.snapshot.operator.clone());
    let canary = users[..5].to_vec();
    scene.event(Event::RemoveApproved { batch, users, by, seen });
    scene.event(Event::RemoveIntended { batch, users: canary.clone() });
    scene.event(Event::RemoveSettled { batch, users: canary, outcome: Outcome::Done });
    let screen = text(&frame(&mut scene.model(), 120, 40).0);
    assert!(screen.contains("waiting: 5 processing · 14 more follow, as approved"), "{screen}");
}

#[test]
fn a_sitting_that_may_not_write_names_no_key_that_answers() {
    for scene in [alarmed(), halted(scene::verifying(), HaltReason::Operator), scene::removable()] {
        let sentence = |scene: &Scene| text(&frame(&mut scene.model(), 200, 40).0).lines().nth(38).unwrap().to_owned();
        assert!(sentence(&scene).contains("press a"), "{}", sentence(&scene));
        let mut reading = scene;
        reading.snapshot.read_only = Some(ReadOnly::Asked);
        assert!(!sentence(&reading).contains("press a"), "{}", sentence(&reading));
        assert!(sentence(&reading).contains("read-only: nothing can be approved here"));
    }
}

#[test]
fn themes() {
    for theme in Theme::ALL {
        let mut model = alarmed().model();
        model.theme = theme;
        let (screen, _) = frame(&mut model, 80, 24);
        insta::assert_snapshot!(format!("theme_{}", theme.word()), styles(&screen));
    }
}

#[test]
fn the_title_of_a_frame_without_the_keys_is_not_drawn_in_the_colour_of_its_lines() {
    for theme in Theme::ALL {
        let mut model = scene::verifying().model();
        model.theme = theme;
        let title = format!(" {} ", model.selected().unwrap().upn);
        let (screen, _) = frame(&mut model, 140, 40);
        let row = text(&screen).lines().position(|line| line.contains(&format!("┌{title}─"))).unwrap();
        let line = text(&screen).lines().nth(row).unwrap().to_owned();
        let start = line[..line.find(&title).unwrap()].chars().count();
        let at = |x: usize| screen[(u16::try_from(x).unwrap(), u16::try_from(row).unwrap())].style();
        assert_eq!((at(start + 1).fg, at(start + 1).add_modifier), (Some(Color::Reset), Modifier::BOLD), "{theme:?}");
        assert_ne!(at(start - 1), at(start + 1), "{theme:?}: the corner and the title look alike");
    }
}

#[test]
fn ascii_leaves_nothing_else_on_the_screen() {
    let mut model = scene::verifying().model();
    model.ascii = true;
    let (screen, _) = frame(&mut model, 120, 40);
    assert!(text(&screen).is_ascii());
    insta::assert_snapshot!("ascii_120x40", text(&screen));
    in_each_other_language(|tag| {
        let mut model = scene::verifying().model();
        model.ascii = true;
        let screen = text(&frame(&mut model, 80, 24).0);
        // One is the key of the help.
        assert!(screen.is_ascii() && screen.matches('?').count() == 1, "{tag}: an accent hides a letter\n{screen}");
    });
}

#[test]
fn awkward_lists() {
    both("nobody", || Scene::checked(scene::preflight(Vec::new())).model());
    let mut checks: Vec<_> = (0..4).map(scene::ready).collect();
    checks[0].upn = Some(format!("{}@contoso.com", "x".repeat(200)).into());
    checks[1].upn = Some("山田太郎@contoso.com".into());
    checks[2].upn = Some("evil\u{1b}[2J\u{202e}\nname@contoso.com".into());
    checks[3].upn = Some("👩‍💻@contoso.com".into());
    both("awkward", || Scene::checked(scene::preflight(checks.clone())).model());
}

#[test]
fn a_screen_that_is_too_small_says_so_and_shows_no_dialog() {
    let mut model = opened(&Scene::preflighted(44));
    let (screen, measured) = frame(&mut model, 59, 14);
    insta::assert_snapshot!("small_59x14", text(&screen));
    assert!(!measured.dialog_stands && !model.drawn);
    let (screen, measured) = frame(&mut model, 60, 15);
    insta::assert_snapshot!("small_60x15", text(&screen));
    assert!(measured.dialog_stands && model.drawn);
}

#[test]
fn a_frame_lays_out_only_what_is_in_sight() {
    for users in [100, 10_000] {
        let mut scene = Scene::checked(scene::preflight((0..users).map(scene::ready).collect()));
        scene.snapshot.run.batches[0].users = (0..users).collect();
        let rows = frame(&mut scene.model(), 120, 40).1.rows;
        assert!((20..=30).contains(&rows), "{rows} rows of {users} users");
        let (_, measured) = frame(&mut opened(&scene), 120, 40);
        assert!(measured.rows < 100, "{measured:?}");
    }
}

#[test]
fn at_80_columns_every_word_that_never_changes_is_there_in_full() {
    let words = ["Preflight", "Add to target", "Verify added", "Remove from source", "Verify migrated"];
    let named = Phase::SHOWN.map(|phase| batches::phase(phase, Direction::Forward));
    assert_eq!(named, words);
    for language in Language::all() {
        in_language(language, || {
            let words = Phase::SHOWN.map(|phase| batches::phase(phase, Direction::Forward));
            for mut model in [Scene::preflighted(44).model(), scene::verifying().model(), alarmed().model()] {
                for width in [60, 70, 80, 100] {
                    let screen = text(&frame(&mut model, width, 24).0);
                    assert!(words.iter().all(|word| screen.contains(word)), "{width}\n{screen}");
                }
            }
        });
    }
}
