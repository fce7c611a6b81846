//! The same states and dialogs in every other language, at the size at which a longer word is cut first.

use std::fmt::Write;

use skuferry::domain::halt::HaltReason;
use skuferry::engine::snapshot::Activity;
use skuferry::tui::dialog::TOUR_PAGES;
use skuferry::tui::keys::Cmd;
use skuferry::tui::model::Model;

use crate::problems::three_batches;
use crate::problems::two_causes;
use crate::rollback_screens;
use crate::scene;
use crate::scene::Scene;
use crate::screens::alarmed;
use crate::screens::halted;
use crate::screens::in_each_other_language;
use crate::screens::opened;
use crate::stuck;

use super::away;
use super::awkward;
use super::batches_form;
use super::busy;
use super::complete;
use super::completed;
use super::left_behind;
use super::offline;
use super::palette;
use super::read_only;
use super::reason;
use super::searched_palette;
use super::tour;
use super::with;
use super::words;

/// Many screens in every other language, as one snapshot a language.
fn translated(name: &str, all: &[(&str, &dyn Fn() -> Model)]) {
    let english: Vec<String> = all.iter().map(|(_, made)| words(*made, (80, 24))).collect();
    in_each_other_language(|tag| {
        let mut out = String::new();
        for ((title, made), english) in all.iter().zip(&english) {
            let drawn = words(*made, (80, 24));
            assert_ne!(drawn, *english, "{title} is in English");
            let _ = write!(out, "{title}\n{drawn}\n");
        }
        insta::with_settings!({ snapshot_path => "../snapshots" }, {
            insta::assert_snapshot!(format!("{name}_{tag}_80x24"), out);
        });
    });
}

#[test]
fn states_in_every_other_language() {
    let too_many = || HaltReason::TooManyStuck { stuck: 17, most: 3 };
    translated(
        "states",
        &[
            ("empty", &|| Scene::checked(scene::preflight(Vec::new())).model()),
            ("busy", &|| busy().model()),
            ("stuck", &|| two_causes().model()),
            ("exceptions", &|| left_behind().model()),
            ("exceptions that are noted", &|| with(left_behind().model(), &[Cmd::View(5)])),
            ("alarm", &|| alarmed().model()),
            ("halted", &|| halted(two_causes(), too_many()).model()),
            ("offline", &|| offline().model()),
            ("read-only", &|| read_only().model()),
            ("away", &away),
            ("complete", &complete),
            ("awkward", &|| Scene::checked(scene::preflight(awkward())).model()),
            ("complete with awkward names", &|| completed(awkward())),
            ("polling is paused", &|| {
                let mut scene = scene::verifying();
                (scene.snapshot.paused, scene.snapshot.activity) = (true, Activity::Idle);
                scene.model()
            }),
        ],
    );
}

#[test]
fn dialogs_in_every_other_language() {
    let stuck_halt = || HaltReason::TooManyStuck { stuck: 4, most: 3 };
    translated(
        "dialogs",
        &[
            ("palette", &|| palette(0)),
            ("palette further down", &|| palette(20)),
            ("palette of a sitting that may not write", &searched_palette),
            ("help of problems", &|| with(scene::verifying().model(), &[Cmd::View(5), Cmd::Help])),
            ("batches", &batches_form),
            ("reason", &reason),
            ("removal that leaves others behind", &|| opened(&two_causes())),
            ("removal of a rollback", &|| opened(&rollback_screens::asks_to_remove())),
            ("alarm", &|| opened(&alarmed())),
            ("halt", &|| opened(&halted(scene::verifying(), stuck_halt()))),
            ("reprocess", &|| stuck::asked(&scene::verifying(), scene::id(18), Cmd::Reprocess)),
            ("exclusion of many", &|| with(two_causes().model(), &[Cmd::View(5), Cmd::Exclude])),
            ("rollback", &|| with(scene::removable().model(), &[Cmd::View(2), Cmd::RollBack])),
            ("batches side by side", &|| three_batches().model()),
            ("marked", &|| with(two_causes().model(), &[Cmd::View(5), Cmd::MarkAll, Cmd::View(1)])),
        ],
    );
    for view in 1..=4 {
        let made = || with(scene::verifying().model(), &[Cmd::View(view), Cmd::Help]);
        translated(&format!("help_{view}"), &[("help", &made)]);
    }
}

#[test]
fn the_tour_in_every_other_language() {
    let pages: Vec<_> = (0..TOUR_PAGES).map(|page| (format!("page {page}"), move || tour(page))).collect();
    let all: Vec<(&str, &dyn Fn() -> Model)> =
        pages.iter().map(|(title, made)| (title.as_str(), made as &dyn Fn() -> Model)).collect();
    translated("tour", &all);
}
