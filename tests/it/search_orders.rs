//! Whom a search finds and in which order, and every order of the list as it is drawn.

use skuferry::domain::standing::Standing;
use skuferry::tui::action::Action;
use skuferry::tui::keys::Cmd;
use skuferry::tui::model::Model;
use skuferry::tui::table::order::Sort;
use skuferry::tui::update::update;

use crate::problems::run;
use crate::scene;
use crate::scene::Scene;
use crate::screens::frame;
use crate::screens::press;
use crate::screens::text;

fn search(model: &mut Model, text: &str) {
    press(model, &[Cmd::Search]);
    text.chars().for_each(|one| drop(update(model, Action::Typed(one))));
    press(model, &[Cmd::Submit]);
}

fn listed(model: &Model) -> Vec<&str> {
    model.list.order.iter().map(|place| &*model.snapshot.run.users[*place].upn).collect()
}

/// A list of users of these names.
fn named(names: &[&str]) -> Scene {
    let mut checks: Vec<_> = (0..names.len()).map(scene::ready).collect();
    for (check, name) in checks.iter_mut().zip(names) {
        check.upn = Some((*name).into());
        check.listed.given = (*name).into();
    }
    Scene::checked(scene::preflight(checks))
}

#[test]
fn letters_that_nobody_has_in_one_piece_find_who_has_them_in_their_order() {
    let mut model = Scene::preflighted(44).model();
    search(&mut model, "mgnb");
    assert!(model.list.is_near);
    assert_eq!(listed(&model), ["meganb@contoso.com", "meganb1@contoso.com"]);
    let drawn = text(&frame(&mut model, 120, 40).0);
    let meganb = drawn.lines().position(|line| line.contains("meganb "));
    assert!(meganb.is_some() && meganb < drawn.lines().position(|line| line.contains("meganb1")), "{drawn}");
    // What is typed closer to a name brings that name up, whoever stands first in the list.
    let mut model = named(&["amigohenribo@contoso.com", "a@contoso.com", "meganb@contoso.com"]).model();
    search(&mut model, "mgnb");
    assert_eq!(listed(&model), ["meganb@contoso.com", "amigohenribo@contoso.com"]);
    let mut model = Scene::preflighted(44).model();
    search(&mut model, "qqqq");
    assert!(listed(&model).is_empty());
}

#[test]
fn the_whole_name_comes_before_a_beginning_before_a_part_and_nobody_near_is_beside_them() {
    let names = ["joann@contoso.com", "adrian.nunez@contoso.com", "annika@contoso.com", "ANN", "zoe.ann@contoso.com"];
    let scene = named(&names);
    let mut model = scene.model();
    search(&mut model, "ann");
    assert!(!model.list.is_near);
    assert_eq!(listed(&model), ["ANN", "annika@contoso.com", "joann@contoso.com", "zoe.ann@contoso.com"]);
    // Alone, the one who is near is found by the same kind of letters.
    let mut model = scene.model();
    search(&mut model, "adnunz");
    assert_eq!((listed(&model), model.list.is_near), (vec!["adrian.nunez@contoso.com"], true));
}

/// The names as their rows are drawn.
fn drawn(model: &mut Model) -> Vec<String> {
    let screen = text(&frame(model, 120, 60).0);
    let names: Vec<String> = (0..20).map(|place| scene::name(place).split('@').next().unwrap().to_owned()).collect();
    let row = |line: &str| names.iter().find(|name| line.split_whitespace().any(|word| word == **name)).cloned();
    let rows: Vec<String> = screen.lines().filter_map(row).collect();
    assert_eq!(rows.len(), 20, "{screen}");
    rows
}

#[test]
fn s_reaches_every_order_and_capital_s_turns_each_of_them_round() {
    let mut scene = run(20, 7, 3);
    scene.later(9).added().later(60);
    let users = scene.active();
    scene.observed(&users[2..4], &Standing::HoldsBoth).later(5).observed(&users[4..6], &scene::standing_stuck());
    scene.later(5).observed(&users[..2], &Standing::OnSource).later(30);
    let mut model = scene.model();
    press(&mut model, &[Cmd::Whole]);
    let (mut seen, mut orders) = (Vec::new(), Vec::new());
    for _ in 0..8 {
        let one = drawn(&mut model);
        seen.push(model.list.sort);
        press(&mut model, &[Cmd::SortTurn]);
        assert!(model.list.turned);
        let mut turned = drawn(&mut model);
        turned.reverse();
        assert_eq!(turned, one, "{:?}", model.list.sort);
        press(&mut model, &[Cmd::SortTurn]);
        assert_eq!(drawn(&mut model), one, "{:?}", model.list.sort);
        orders.push(one);
        press(&mut model, &[Cmd::Sort]);
    }
    let all =
        [Sort::List, Sort::Name, Sort::Trouble, Sort::Longest, Sort::Batch, Sort::State, Sort::Cause, Sort::Latest];
    assert_eq!(seen, all);
    assert_eq!(model.list.sort, Sort::List, "and it begins again");
    let stuck = [scene::name(4), scene::name(5)].map(|name| name.split('@').next().unwrap().to_owned());
    assert_eq!(orders[2][..2], stuck, "who needs a look");
    assert_eq!(orders[6][..2], stuck, "what keeps them");
    assert_eq!(orders[0], orders[4], "the batches follow the list");
}
