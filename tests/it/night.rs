//! What an operator reads who comes to a run at night: every count agrees with the others, and every sentence is true.

use skuferry::domain::event::Event;
use skuferry::domain::standing::Standing;
use skuferry::journal::Writer;
use skuferry::tui::keys::Cmd;
use skuferry::tui::model::Model;

use crate::scene;
use crate::scene::Scene;
use crate::screens::frame;
use crate::screens::press;
use crate::screens::text;

fn draw(model: &mut Model) -> String {
    text(&frame(model, 120, 40).0)
}

fn last_lines(drawn: &str) -> String {
    let lines: Vec<_> = drawn.lines().rev().take(4).collect();
    lines.join("\n")
}

/// What `status` says of the scene's journal.
fn status(scene: &Scene) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Writer::create(folder.path(), scene.snapshot.run.run.id).unwrap();
    for (at, event) in &scene.snapshot.events {
        writer.append(*at, event).unwrap();
    }
    drop(writer);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_skuferry"));
    let output = command.arg("status").env("SKUFERRY_DATA_DIR", folder.path()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn who_was_blocked_without_a_license_rings_no_alarm_on_the_screen_either() {
    let mut scene = Scene::preflighted(44);
    scene.observed(&[scene::id(3)], &Standing::Unlicensed).later(15);
    let mut model = scene.model();
    press(&mut model, &[Cmd::Down, Cmd::Down, Cmd::Down]);
    let drawn = draw(&mut model);
    assert!(drawn.contains("▸⊘ gradya@contoso.com"), "{drawn}");
    assert!(drawn.contains("neither E1 nor E3"), "{drawn}");
    for untrue in [" alarm ", "(R)", "in this run"] {
        assert!(!drawn.contains(untrue), "{untrue}\n{drawn}");
    }
    assert!(status(&scene).contains("4 blocked, 0 unlicensed"), "{}", status(&scene));
}

#[test]
fn who_is_stuck_or_taken_out_is_not_counted_again_as_one_who_went_back() {
    let mut scene = scene::verifying();
    let users = scene.active();
    scene.observed(&users[4..5], &Standing::Missing);
    scene.observed(&users[5..6], &Standing::OnSource);
    scene.event(Event::Excluded { user: users[5], by: "megan.bowen@contoso.com".into() });
    assert!(users[4..6].iter().all(|id| scene.snapshot.run.user(*id).unwrap().went_back));
    let drawn = draw(&mut scene.model());
    // One of the scene's own went back and waits again.
    assert!(last_lines(&drawn).contains("2 stuck · 1 went back"), "{drawn}");
}
