//! What needs the operator, problems by cause, marks, filters and batches side by side: by keys, and as they look.

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use skuferry::domain::approval::ShownToOperator;
use skuferry::domain::event::Event;
use skuferry::domain::halt::HaltReason;
use skuferry::domain::id::UserId;
use skuferry::domain::migration::Fact;
use skuferry::domain::migration::Migration;
use skuferry::domain::questions;
use skuferry::domain::questions::Question;
use skuferry::domain::questions::gates;
use skuferry::domain::requests;
use skuferry::domain::standing::Standing;
use skuferry::domain::standing::Trouble;
use skuferry::engine::handle::Command;
use skuferry::engine::handle::Notice;
use skuferry::tui::action::Action;
use skuferry::tui::action::Effect;
use skuferry::tui::action::Mouse;
use skuferry::tui::dialog::Dialog;
use skuferry::tui::keys;
use skuferry::tui::keys::Cmd;
use skuferry::tui::keys::Mode;
use skuferry::tui::model::Model;
use skuferry::tui::model::View;
use skuferry::tui::palette;
use skuferry::tui::problems::Cause;
use skuferry::tui::problems::Trait;
use skuferry::tui::table::order::Filter;
use skuferry::tui::update::update;

use crate::scene;
use crate::scene::Scene;
use crate::screens::both;
use crate::screens::frame;
use crate::screens::text;

fn press(model: &mut Model, cmd: Cmd) -> Vec<Effect> {
    update(model, Action::Cmd(cmd))
}

fn all(model: &mut Model, cmds: &[Cmd]) {
    for cmd in cmds {
        drop(press(model, *cmd));
    }
}

fn draw(model: &mut Model) -> String {
    text(&frame(model, 120, 40).0)
}

/// A run of so many users a batch, of which so many may be under way.
pub(crate) fn run(users: usize, batch_size: usize, under_way: usize) -> Scene {
    let mut scene = Scene::begun();
    let mut info = scene.snapshot.run.run.clone();
    (info.settings.batch_size, info.settings.batches_under_way) = (batch_size, under_way);
    info.settings.max_stuck = 40;
    let by = scene.snapshot.operator.clone();
    scene.snapshot.run = Migration::start(scene.now, &Event::RunStarted { run: Box::new(info), by }).unwrap();
    let preflight = scene::preflight((0..users).map(scene::ready).collect());
    scene.snapshot.facts = std::iter::repeat_n(None, users).collect();
    scene.snapshot.free_seats = Some(61);
    scene.event(Event::Checked { preflight: Box::new(preflight) });
    scene
}

/// Twenty-nine of a batch of 40 are ready, 14 and 3 are stuck for a cause each: the 14 are all in one country.
pub(crate) fn two_causes() -> Scene {
    let mut scene = run(46, 46, 1);
    scene.later(9).added().later(60);
    let users = scene.active();
    scene.observed(&users[..29], &Standing::ExpectedConflict).later(20);
    scene.observed(&users[29..43], &scene::standing_stuck()).later(30);
    let trouble = Trouble::Error("UniquenessViolation".into());
    scene.observed(&users[43..], &Standing::Stuck(trouble)).later(90);
    for facts in scene.snapshot.facts.iter_mut().skip(29).take(14).flatten() {
        Arc::make_mut(facts).usage_location = Some("AQ".into());
    }
    scene.snapshot.gates = gates(&scene.snapshot.run);
    scene
}

/// Three batches under way: one is being verified with a stuck user, one is to be removed, one to be added.
pub(crate) fn three_batches() -> Scene {
    let mut scene = run(18, 6, 3);
    for batch in 0..2 {
        scene.snapshot.run.show(batch);
        if batch == 1 {
            let seats = scene.snapshot.run.seats();
            scene.event(Event::BatchChecked { batch, problems: vec![], seats, products: vec![], reasons: vec![] });
            scene.snapshot.run.show(batch);
        }
        scene.later(9).added().later(60);
        let users: Vec<UserId> = scene.snapshot.run.members(batch).filter_map(|user| user.id).collect();
        scene.observed(&users, &Standing::HoldsBoth);
    }
    let first: Vec<UserId> = scene.snapshot.run.members(0).filter_map(|user| user.id).collect();
    scene.observed(&first[5..], &scene::standing_stuck());
    let seats = scene.snapshot.run.seats();
    scene.event(Event::BatchChecked { batch: 2, problems: vec![], seats, products: vec![], reasons: vec![] });
    scene.later(360);
    scene.snapshot.run.show(0);
    scene.snapshot.gates = gates(&scene.snapshot.run);
    scene
}

#[test]
fn problems_marks_and_batches_as_they_look() {
    both("problems_common", || {
        let mut model = two_causes().model();
        press(&mut model, Cmd::View(5));
        model
    });
    both("strip", || three_batches().model());
    both("stay_behind", || crate::screens::opened(&two_causes()));
    both("exclude_marked", || {
        let mut model = two_causes().model();
        all(&mut model, &[Cmd::View(5), Cmd::Exclude]);
        model
    });
    both("marked", || {
        let mut model = two_causes().model();
        all(&mut model, &[Cmd::Filter, Cmd::Filter, Cmd::Filter, Cmd::MarkAll, Cmd::Sort, Cmd::SortTurn]);
        model
    });
}

#[test]
fn fourteen_users_with_one_cause_are_excluded_with_three_keys() {
    let scene = two_causes();
    let mut model = scene.model();
    all(&mut model, &[Cmd::View(5), Cmd::Exclude]);
    let drawn = draw(&mut model);
    assert!(drawn.contains("Exclude 14 users"), "{drawn}");
    let effects = press(&mut model, Cmd::Yes);
    let excluded: Vec<UserId> = effects
        .iter()
        .map(|effect| match effect {
            Effect::Send(Command::Exclude(user)) => *user,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(excluded, scene.active()[29..43]);
}

#[test]
fn a_cause_says_what_its_users_share_and_enter_lists_them() {
    let mut model = two_causes().model();
    press(&mut model, Cmd::View(5));
    let counts: Vec<usize> = model.problems.iter().map(|problem| problem.users.len()).collect();
    assert_eq!(counts, [14, 3]);
    let shared = &model.problems[0].common.as_ref().unwrap()[0];
    assert_eq!((&shared.what, shared.have, shared.healthy), (&Trait::Country("AQ".into()), 14, 0));
    assert!(
        model.problems[1].common.as_ref().unwrap().is_empty(),
        "{:?}: the others have it as well",
        model.problems[1].common
    );
    press(&mut model, Cmd::Inspect);
    assert_eq!((model.view, model.list.order.len()), (View::Users, 14));
    press(&mut model, Cmd::Back);
    assert_eq!(model.view, View::Problems);
}

#[test]
fn what_a_dialog_asks_stays_what_it_named_while_the_list_changes_under_it() {
    let mut scene = two_causes();
    let mut model = scene.model();
    all(&mut model, &[Cmd::View(5), Cmd::Exclude]);
    draw(&mut model);
    let named = scene.active()[29..43].to_vec();
    // Others get the same cause, and one of those who were named is well again.
    scene.observed(&named[..1], &Standing::ExpectedConflict);
    let others = scene.active()[..3].to_vec();
    scene.observed(&others, &scene::standing_stuck());
    let _ = update(&mut model, Action::Snapshot(scene.shared()));
    let effects = press(&mut model, Cmd::Yes);
    let sent: Vec<UserId> = effects
        .iter()
        .filter_map(|effect| if let Effect::Send(Command::Exclude(user)) = effect { Some(*user) } else { None })
        .collect();
    assert_eq!(sent, named);
}

#[test]
fn marks_stay_through_orders_filters_searches_and_news_and_are_acted_on() {
    let mut scene = two_causes();
    let mut model = scene.model();
    all(&mut model, &[Cmd::Mark, Cmd::Down, Cmd::Down, Cmd::MarkRange, Cmd::Down, Cmd::Down, Cmd::MarkRange]);
    let marked: Vec<UserId> = [0, 2, 3, 4].map(|place| scene.active()[place]).to_vec();
    let is =
        |model: &Model| model.list.marks.iter().copied().collect::<BTreeSet<_>>() == marked.iter().copied().collect();
    assert!(is(&model), "{:?}", model.list.marks);
    all(&mut model, &[Cmd::Sort, Cmd::SortTurn, Cmd::Filter, Cmd::Filter, Cmd::Filter, Cmd::Whole]);
    scene.observed(&marked[..1], &scene::standing_stuck());
    let _ = update(&mut model, Action::Snapshot(scene.shared()));
    assert!(is(&model));
    press(&mut model, Cmd::Exclude);
    let Some(Dialog::Exclude { users, left_out: 0 }) = &model.dialog else { panic!("{:?}", model.dialog) };
    assert_eq!(users, &marked, "the marked ones, though the filter shows others");
    all(&mut model, &[Cmd::No, Cmd::Back]);
    model.note_shown = false;
    press(&mut model, Cmd::Back);
    assert!(model.list.marks.is_empty(), "Esc takes the marks away");
    all(&mut model, &[Cmd::MarkAll]);
    assert_eq!(model.list.marks.len(), model.list.order.len());
    press(&mut model, Cmd::MarkAll);
    assert!(model.list.marks.is_empty());
}

#[test]
fn the_counts_of_the_filters_are_what_they_show() {
    let mut model = two_causes().model();
    for (place, filter) in Filter::ALL.into_iter().enumerate() {
        assert_eq!(model.list.filter, filter);
        assert_eq!(model.list.counts[place], model.list.order.len(), "{filter:?}");
        press(&mut model, Cmd::Filter);
    }
    assert_eq!(model.list.filter, Filter::All);
}

#[test]
fn n_goes_to_what_needs_the_operator_the_loudest_first() {
    let scene = three_batches();
    let mut model = scene.model();
    assert!(draw(&mut model).contains("NEEDS YOU"));
    press(&mut model, Cmd::Next);
    assert_eq!(model.view, View::Problems, "who is stuck comes before a routine approval");
    let mut shown = Vec::new();
    for _ in 0..scene.snapshot.gates.len() {
        shown.extend(press(&mut model, Cmd::Next).into_iter().filter_map(|effect| match effect {
            Effect::Send(Command::Show(Some(batch))) => Some(batch),
            _ => None,
        }));
    }
    assert_eq!(shown, scene.snapshot.gates.iter().map(|gate| gate.batch).collect::<Vec<_>>());
    press(&mut model, Cmd::Next);
    assert_eq!(model.view, View::Problems, "and it begins again");
    let mut halted = scene;
    halted.event(Event::Halted { why: HaltReason::Operator }).later(372);
    let mut model = halted.model();
    let drawn = draw(&mut model);
    assert!(drawn.contains("NEEDS YOU 6m · halted"), "the age is that of the halt: {drawn}");
    let calm = draw(&mut Scene::begun().model());
    assert!(!calm.contains("NEEDS YOU"), "{calm}");
}

#[test]
fn how_many_batches_may_be_under_way_is_changed_by_key() {
    let mut model = three_batches().model();
    let sent = press(&mut model, Cmd::MoreBatches);
    assert!(matches!(sent.as_slice(), [Effect::Send(Command::SetBatchesUnderWay(4))]), "{sent:?}");
    let sent = press(&mut model, Cmd::FewerBatches);
    assert!(matches!(sent.as_slice(), [Effect::Send(Command::SetBatchesUnderWay(2))]), "{sent:?}");
    let mut model = Scene::preflighted(44).model();
    assert!(press(&mut model, Cmd::FewerBatches).is_empty(), "one at least");
}

#[test]
fn the_batch_that_is_looked_at_is_asked_about_when_it_waits() {
    let scene = three_batches();
    let [first, .., last] = scene.snapshot.gates.as_slice() else { panic!("{:?}", scene.snapshot.gates) };
    let mut model = scene.model();
    press(&mut model, Cmd::View(2));
    (0..last.batch).for_each(|_| drop(press(&mut model, Cmd::Down)));
    let sent = press(&mut model, Cmd::Approve);
    assert!(matches!(sent.as_slice(), [Effect::Send(Command::AskBatch(batch))] if *batch == last.batch), "{sent:?}");
    let mut model = scene.model();
    model.batches.row = first.batch;
    press(&mut model, Cmd::View(2));
    assert!(matches!(press(&mut model, Cmd::Approve).as_slice(), [Effect::Send(Command::Ask)]));
}

/// Whom a dialog names, and whether a yes to it can write or decide anything.
fn named(dialog: &Dialog) -> Option<BTreeSet<UserId>> {
    let set = |users: &[UserId]| Some(users.iter().copied().collect());
    match dialog {
        Dialog::Adding(asked) => set(asked.proposal.users()),
        Dialog::Removing { asked, .. } => set(asked.proposal.users()),
        Dialog::Reprocessing(asked) => set(asked.proposal.users()),
        Dialog::Clearing { asked, .. } => set(asked.proposal.users()),
        Dialog::RollingBack { users, .. } | Dialog::Exclude { users, .. } => set(users),
        // What is decided here is of the whole run.
        Dialog::Alarm(_) | Dialog::LiftHalt { .. } => set(&[]),
        Dialog::Batches(_)
        | Dialog::Quit
        | Dialog::Help
        | Dialog::SigningIn
        | Dialog::Away(_)
        | Dialog::Palette(_)
        | Dialog::Tour(_) => None,
    }
}

/// What commands ask to be done, and to whom; `None` for what decides nothing.
fn done(effects: &[Effect]) -> Option<BTreeSet<UserId>> {
    let mut to: Option<BTreeSet<UserId>> = None;
    for effect in effects {
        let users: Vec<UserId> = match effect {
            Effect::Send(Command::Add(approval)) => approval.left().to_vec(),
            Effect::Send(Command::Remove(approval)) => approval.left().to_vec(),
            Effect::Send(Command::Reprocess(approval)) => approval.left().to_vec(),
            Effect::Send(Command::Direct(approval)) => approval.left().to_vec(),
            Effect::Send(Command::RollBack(users)) => users.clone(),
            Effect::Send(Command::Exclude(user)) => vec![*user],
            Effect::Send(Command::LiftHalt(_) | Command::AcknowledgeAlarm) => Vec::new(),
            _ => continue,
        };
        to.get_or_insert_default().extend(users);
    }
    to
}

/// The engine's answer to what was asked.
fn answers(scene: &Scene, effects: &[Effect]) -> Option<Notice> {
    let (run, free) = (&scene.snapshot.run, scene.snapshot.free_seats);
    let question = match effects.first()? {
        Effect::Send(Command::Ask) => questions::question(run, 1, free),
        Effect::Send(Command::AskBatch(batch)) => questions::question_of(run, *batch, 1, free),
        Effect::Send(Command::AskReprocess(users)) => requests::reprocess(run, 1, users, free).map(Question::Reprocess),
        Effect::Send(Command::AskDirect(users)) => requests::direct(run, 1, users, free).map(Question::Direct),
        _ => return None,
    };
    Some(question.map_or_else(|why| Notice::Refused(why.into()), Notice::Question))
}

/// One step of somebody who presses anything, while the run goes on under them.
#[derive(Clone, Copy, Debug)]
enum Hit {
    Key(usize),
    Digit(u8),
    /// A command by the palette: found by its key, and carried out.
    Command(usize),
    Mouse(Mouse),
    Paste(usize),
    Draw,
    News(usize),
    Second,
}

fn hits() -> impl Strategy<Value = Vec<Hit>> {
    let one = prop_oneof![
        12 => any::<usize>().prop_map(Hit::Key),
        3 => (0..10_u8).prop_map(Hit::Digit),
        3 => any::<usize>().prop_map(Hit::Command),
        2 => (0..90_u16, 0..26_u16).prop_map(|(column, row)| Hit::Mouse(Mouse::Click { column, row })),
        1 => prop_oneof![Just(Mouse::WheelUp), Just(Mouse::WheelDown)].prop_map(Hit::Mouse),
        1 => any::<usize>().prop_map(Hit::Paste),
        5 => Just(Hit::Draw),
        2 => any::<usize>().prop_map(Hit::News),
        1 => Just(Hit::Second),
    ];
    prop::collection::vec(one, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn no_keys_panic_write_without_their_dialog_or_act_on_anything_but_what_it_named(which in 0..6_usize, hits in hits()) {
        let mut scene = match which {
            0 => two_causes(),
            1 => three_batches(),
            2 => scene::removable(),
            3 => Scene::preflighted(44),
            4 => {
                let mut scene = two_causes();
                scene.event(Event::Halted { why: HaltReason::Operator });
                scene
            }
            _ => {
                let mut scene = two_causes();
                let user = scene.active()[0];
                scene.observed(&[user], &Standing::Unlicensed).event(Event::AlarmRaised { users: vec![user] });
                scene
            }
        };
        let mut model = scene.model();
        for hit in hits {
            let asks = model.dialog.as_ref().and_then(named).filter(|_| model.drawn);
            let before = model.dialog.as_ref().and_then(named);
            let effects = match hit {
                Hit::Key(number) => {
                    let binds: Vec<_> = keys::of(model.mode()).collect();
                    press(&mut model, binds[number % binds.len()].cmd)
                }
                Hit::Digit(digit) if matches!(model.mode(), Mode::Number | Mode::Search | Mode::Palette) => {
                    update(&mut model, Action::Typed(char::from(b'0' + digit)))
                }
                Hit::Digit(_) => update(&mut model, Action::Unbound),
                Hit::Command(number) if model.mode() == Mode::Views => {
                    let all: Vec<_> = palette::commands().collect();
                    let typed = all[number % all.len()].keys[0].label();
                    let _ = press(&mut model, Cmd::Palette);
                    let _ = frame(&mut model, 80, 24);
                    typed.chars().for_each(|one| drop(update(&mut model, Action::Typed(one))));
                    press(&mut model, Cmd::Submit)
                }
                Hit::Command(_) => Vec::new(),
                Hit::Mouse(mouse) => update(&mut model, Action::Mouse(mouse)),
                Hit::Paste(number) => {
                    let text = ["y", "19", "19\n", ":halt\n", "H", "yyyy"][number % 6];
                    update(&mut model, Action::Pasted(text.into()))
                }
                Hit::Draw => {
                    let _ = frame(&mut model, 80, 24);
                    Vec::new()
                }
                Hit::News(number) => {
                    let users = scene.active();
                    if !users.is_empty() && scene.snapshot.run.user(users[0]).is_some_and(|user| user.add.is_done()) {
                        let user = users[number % users.len()];
                        let standings = [Standing::ExpectedConflict, Standing::OnSource, scene::standing_stuck()];
                        scene.observed(&[user], &standings[number % 3]);
                    }
                    scene.snapshot.gates = gates(&scene.snapshot.run);
                    update(&mut model, Action::Snapshot(scene.shared()))
                }
                Hit::Second => {
                    scene.later(1);
                    update(&mut model, Action::Tick(scene.now))
                }
            };
            if matches!(hit, Hit::Mouse(_) | Hit::Paste(_)) {
                prop_assert!(effects.is_empty(), "{:?} after {:?}", effects, hit);
                // It may leave minutes away as they are told, but it opens, answers and changes no question.
                prop_assert_eq!(before, model.dialog.as_ref().and_then(named), "{:?}", hit);
            }
            if let Some(to) = done(&effects) {
                prop_assert_eq!(asks, Some(to), "{:?} after {:?}", effects, hit);
            }
            if let Some(notice) = answers(&scene, &effects) {
                let _ = update(&mut model, Action::Noticed(notice));
            }
            if model.ending {
                break;
            }
        }
    }
}

#[test]
fn who_is_stuck_in_another_batch_stands_before_the_gate_that_waits() {
    let mut scene = run(12, 6, 2);
    scene.later(9).added().later(60);
    let first: Vec<UserId> = scene.snapshot.run.members(0).filter_map(|user| user.id).collect();
    scene.observed(&first[5..], &scene::standing_stuck());
    let seats = scene.snapshot.run.seats();
    scene.event(Event::BatchChecked { batch: 1, problems: vec![], seats, products: vec![], reasons: vec![] });
    scene.snapshot.run.show(1);
    scene.snapshot.gates = gates(&scene.snapshot.run);
    let waits: Vec<usize> = scene.snapshot.gates.iter().map(|gate| gate.batch).collect();
    assert_eq!((waits, scene.snapshot.run.count(0, Fact::Stuck)), (vec![1], 1));
    let drawn = draw(&mut scene.model());
    let words = drawn.replace('▌', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("· 1 stuck · waiting for approval"), "{drawn}");
}

#[test]
fn a_blocked_user_with_an_error_is_counted_as_blocked_alone() {
    let mut scene = Scene::preflighted(20);
    let blocked = scene.snapshot.run.users.iter().find(|user| user.is_blocked()).and_then(|user| user.id).unwrap();
    scene.observed(&[blocked], &Standing::Stuck(Trouble::Error("CountViolation".into())));
    let run = &scene.snapshot.run;
    let keeps = |filter: Filter| filter.keeps(run.user(blocked).unwrap(), run, scene.now);
    assert!(keeps(Filter::Blocked) && !keeps(Filter::Stuck));
}

#[test]
fn a_write_that_nobody_answers_for_is_a_problem_and_its_user_is_not_healthy() {
    let mut scene = run(6, 6, 1);
    let users = scene.active();
    let by = scene.snapshot.operator.clone();
    let seen = ShownToOperator {
        group_name: "Lic-E3".into(),
        free_seats: None,
        standings: Vec::new(),
        left_out: 0,
        reason: None,
    };
    scene.event(Event::AddApproved { batch: 0, users: users.clone(), by: by.clone(), seen });
    scene.event(Event::AddIntended { batch: 0, users: users[..2].to_vec() });
    let at_work = Cause::of(scene.snapshot.run.user(users[0]).unwrap(), &scene.snapshot.run, scene.now);
    assert_eq!(at_work, None, "its answer is still to come");
    scene.event(Event::Resumed { by });
    let run = &scene.snapshot.run;
    for (place, user) in users.iter().enumerate() {
        let user = run.user(*user).unwrap();
        let unknown = place < 2;
        assert_eq!(Cause::of(user, run, scene.now), unknown.then_some(Cause::Unknown));
        assert_eq!(Filter::Stuck.keeps(user, run, scene.now), unknown);
    }
}

#[test]
fn where_nobody_is_healthy_nothing_is_said_to_be_common() {
    let mut scene = run(4, 4, 1);
    scene.later(9).added().later(60);
    let users = scene.active();
    scene.observed(&users, &scene::standing_stuck());
    let mut model = scene.model();
    press(&mut model, Cmd::View(5));
    let drawn = draw(&mut model);
    assert!(drawn.contains("4 users") && !drawn.contains("in common"), "{drawn}");
}
