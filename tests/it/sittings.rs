//! Sitting down at a run that is there already: the offer of an unfinished one at a terminal, and `watch` beside one at work.
#![cfg(unix)]

use std::fs;
use std::path::Path;

use skuferry::sim::Options;
use skuferry::sim::Sim;

use crate::pty::Pty;
use crate::witness::is_read;

fn journals(data: &Path) -> usize {
    fs::read_dir(data.join("runs")).unwrap().count()
}

async fn tenant() -> (Sim, tempfile::TempDir) {
    let sim = Sim::start(Options { users: 3, speed: 1000.0, ..Options::default() }).await.unwrap();
    let data = tempfile::tempdir().unwrap();
    sim.write_config(data.path()).unwrap();
    (sim, data)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unfinished_run_is_offered_and_only_the_word_new_begins_another() {
    let (sim, data) = tenant().await;
    let file = data.path().join("config.toml");
    let open = || Pty::spawn(&["run", "--config", file.to_str().unwrap()], data.path(), 30, 120);
    let mut first = open();
    first.wait_for("press a");
    first.press("q");
    first.end();
    assert_eq!(journals(data.path()), 1);

    // What is no answer is asked again, and nothing else happens meanwhile.
    let mut looks = open();
    looks.wait_for("is not complete");
    looks.press("y\r");
    looks.wait_until("the question again", |screen| screen.matches("look").count() > 1);
    looks.press("look\r");
    looks.wait_for("read-only");
    looks.press("q");
    looks.end();
    assert_eq!(journals(data.path()), 1);

    let mut resumes = open();
    resumes.wait_for("is not complete");
    resumes.press("\r");
    resumes.wait_for("Where this run was left");
    resumes.press("q");
    resumes.wait_for("press a");
    resumes.press("q");
    resumes.end();
    assert_eq!(journals(data.path()), 1, "Enter goes on with it");

    let mut anew = open();
    anew.wait_for("is not complete");
    anew.press("new\r");
    anew.wait_for("press a");
    anew.press("q");
    anew.end();
    assert_eq!(journals(data.path()), 2);
    assert!(sim.log().iter().all(is_read));
}

/// The words that are answers are the same in every language, so the question has to hold them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_offer_in_another_language_shows_each_word_that_it_takes() {
    let (sim, data) = tenant().await;
    let file = data.path().join("config.toml");
    let variables = [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("SKUFERRY_LANG", "pt-PT")];
    let open = || Pty::spawn_with(&variables, &["run", "--config", file.to_str().unwrap()], data.path(), 30, 120);
    let leave = |mut pty: Pty| {
        pty.press("q");
        pty.end();
    };
    let first = open();
    first.wait_for("prima a");
    leave(first);

    let asked = || {
        let pty = open();
        let screen = pty.wait_until("the question", |screen| screen.trim_end().ends_with("outra execução:"));
        let words: Vec<&str> = screen.split(|one: char| !one.is_alphanumeric()).collect();
        for answer in ["Enter", "resume", "look", "new"] {
            assert!(words.contains(&answer), "{answer} is not shown\n{screen}");
        }
        pty
    };
    let mut looks = asked();
    for no_answer in ["ver", "retomar", "nova", "s"] {
        looks.press(&format!("{no_answer}\r"));
        let echo = format!("execução: {no_answer}\n");
        looks.wait_until("the question again", |screen| {
            screen.contains(&echo) && screen.trim_end().ends_with("outra execução:")
        });
    }
    looks.press("look\r");
    looks.wait_for("aqui nada pode ser aprovado");
    leave(looks);
    assert_eq!(journals(data.path()), 1);

    for answer in ["resume\r", "\r"] {
        let mut resumes = asked();
        resumes.press(answer);
        resumes.wait_for("Onde esta execução ficou");
        resumes.press("q");
        resumes.wait_for("prima a");
        leave(resumes);
        assert_eq!(journals(data.path()), 1, "{answer:?} goes on with it");
    }

    let mut anew = asked();
    anew.press("new\r");
    anew.wait_for("prima a");
    leave(anew);
    assert_eq!(journals(data.path()), 2);
    assert!(sim.log().iter().all(is_read));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn watch_shows_a_run_at_work_and_can_neither_approve_nor_halt_it() {
    let (_sim, data) = tenant().await;
    let file = data.path().join("config.toml");
    let mut first = Pty::spawn(&["run", "--config", file.to_str().unwrap()], data.path(), 30, 120);
    first.wait_for("press a");
    let mut second = Pty::spawn(&["watch"], data.path(), 30, 120);
    let screen = second.wait_for("waiting for approval: add 1 user");
    assert!(screen.contains("read-only"), "{screen}");
    second.press("a");
    second.wait_until("no dialog", |screen| !screen.contains("y approves") && screen.contains("read-only"));
    second.press("H");
    second.wait_for("nothing to halt");
    first.press("a");
    first.wait_for("y approves");
    first.answer("y");
    first.wait_for("waiting for approval: remove 1 user");
    second.wait_for("waiting for approval: remove 1 user");
    second.press("q");
    assert_eq!(second.end().0, 0);
    // Who watches may leave and come while it goes on; it was never halted.
    first.wait_for("waiting for approval: remove 1 user");
    first.press("q");
    first.wait_for("y quits");
    first.answer("y");
    first.end();
    let none = std::process::Command::new(env!("CARGO_BIN_EXE_skuferry"))
        .arg("watch")
        .env("SKUFERRY_DATA_DIR", data.path().join("empty"))
        .output()
        .unwrap();
    assert!(!none.status.success() && !none.stderr.is_empty(), "{none:?}");
}
