//! What the binary refuses when it is opened: another run, a host that nobody vouches for, a lock that was lost.
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::Command;

use skuferry::journal;
use skuferry::sim::Options;
use skuferry::sim::Sim;
use tempfile::TempDir;

use crate::pty::Pty;
use crate::witness::is_read;

/// A tenant, and a folder with a configuration of it.
async fn tenant() -> (Sim, TempDir) {
    let sim = Sim::start(Options { users: 3, speed: 1000.0, ..Options::default() }).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    sim.write_config(folder.path()).unwrap();
    (sim, folder)
}

fn edit(folder: &Path, name: &str, from: &str, to: &str) {
    let text = fs::read_to_string(folder.join("config.toml")).unwrap();
    assert!(text.contains(from), "{from} in\n{text}");
    fs::write(folder.join(name), text.replace(from, to)).unwrap();
}

fn open(folder: &Path, config: &str, more: &[&str]) -> Pty {
    let config = folder.join(config);
    let args = [&["run", "--config", config.to_str().unwrap()], more].concat();
    Pty::spawn(&args, folder, 40, 160)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_is_resumed_in_its_own_tenant_at_its_own_address_with_its_own_skus_only() {
    let (sim, folder) = tenant().await;
    let folder = folder.path();
    let mut first = open(folder, "config.toml", &[]);
    first.wait_for("press a");
    first.press("q");
    let (_, said) = first.end();
    let id = journal::list(folder).unwrap()[0].id.to_string();
    assert!(said.replace('\n', "").contains(&format!("--resume {id}")), "{said}");
    let kept = fs::read(journal::list(folder).unwrap()[0].path.clone()).unwrap();

    let other = Sim::start(Options { users: 3, speed: 1000.0, ..Options::default() }).await.unwrap();
    edit(folder, "address.toml", &sim.url(), &other.url());
    edit(folder, "sku.toml", "\"ENTERPRISEPACK\"", "\"POWER_BI_STANDARD\"");
    for (config, why) in
        [("address.toml", "address of Microsoft Graph: the run has"), ("sku.toml", "target SKU: the run has")]
    {
        let (code, said) = open(folder, config, &["--resume", &id]).end();
        assert!(
            code == 2 && said.contains("cannot go on with this configuration") && said.contains(why),
            "{code} {said}"
        );
    }
    assert_eq!(fs::read(journal::list(folder).unwrap()[0].path.clone()).unwrap(), kept, "nothing was written down");

    let text = fs::read_to_string(folder.join("config.toml")).unwrap();
    let line = text.lines().find(|line| line.starts_with("stuck_after")).unwrap();
    edit(folder, "settings.toml", line, "stuck_after = \"44m\"");
    let mut again = open(folder, "settings.toml", &["--resume", &id]);
    let screen = again.wait_for("this run keeps its own settings: stuck_after");
    assert!(screen.contains("(the configuration says 44 min)"), "{screen}");
    assert!(screen.contains("Where this run was left"), "{screen}");
    again.press("q"); // back from there
    again.wait_until("the page is gone", |screen| !screen.contains("Where this run was left"));
    again.press("q");
    assert_eq!(again.end().0, 0);
    assert!(sim.log().iter().chain(&other.log()).all(is_read));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_nobody_vouches_for_is_asked_about_before_any_secret_leaves() {
    let (sim, folder) = tenant().await;
    let graph = format!("graph_url = \"{}\"", sim.url());
    edit(folder.path(), "config.toml", &graph, "graph_url = \"https://graph.example.invalid\"");
    let mut pty = open(folder.path(), "config.toml", &[]);
    pty.wait_for("Type its name to go on");
    pty.press("yes\r");
    let (code, said) = pty.end();
    assert!(code == 2 && said.contains("nothing was sent to graph.example.invalid"), "{code} {said}");
    // Where nobody sits, it says what to do.
    let output = Command::new(env!("CARGO_BIN_EXE_skuferry"))
        .args(["check", "--json"])
        .env("SKUFERRY_DATA_DIR", folder.path().join("data"))
        .env("SKUFERRY_CONFIG_DIR", folder.path())
        .env("SKUFERRY_CLIENT_SECRET", "s3cret")
        .current_dir(folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("--allow-host graph.example.invalid") && output.stdout.is_empty(), "{told}");
    assert!(sim.log().is_empty(), "the sign-in was asked");
}

/// What is typed is the name that the question shows, whichever language it is asked in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_question_about_a_host_in_another_language_shows_the_name_that_it_takes() {
    let (sim, folder) = tenant().await;
    let graph = format!("graph_url = \"{}\"", sim.url());
    edit(folder.path(), "config.toml", &graph, "graph_url = \"https://graph.example.invalid\"");
    let variables = [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("SKUFERRY_LANG", "pt-PT")];
    let file = folder.path().join("config.toml");
    let confirmed = || fs::read_to_string(folder.path().join("hosts/known")).unwrap_or_default();
    for (answer, is_taken) in [("sim\r", false), ("\r", false), ("graph.example.invalid\r", true)] {
        let arguments = ["check", "--config", file.to_str().unwrap()];
        let mut pty = Pty::spawn_with(&variables, &arguments, folder.path(), 30, 100);
        let screen = pty.wait_for("Escreva o nome dele");
        assert!(screen.contains("leva a graph.example.invalid, que "), "{screen}");
        pty.press(answer);
        if is_taken {
            pty.wait_until("the tenant is asked", |_| !sim.log().is_empty());
        } else {
            let (code, said) = pty.end();
            assert!(code == 2 && said.contains("nada foi enviado a graph.example.invalid"), "{code} {said}");
            assert!(sim.log().is_empty(), "the sign-in was asked");
        }
        assert_eq!(confirmed().contains("graph.example.invalid"), is_taken, "{answer:?}");
    }
}

/// Somebody thought the lock was a leftover and removed it: another process may be at work by now.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_written_once_the_lock_is_gone() {
    let (sim, folder) = tenant().await;
    let mut pty = open(folder.path(), "config.toml", &[]);
    pty.wait_for("press a");
    for lock in fs::read_dir(folder.path().join("locks")).unwrap() {
        fs::remove_file(lock.unwrap().path()).unwrap();
    }
    pty.press("a");
    pty.wait_for("y approves");
    pty.answer("y");
    // Noticed before the answer or by it: what is told first then is another sentence.
    let screen = pty.wait_for("was removed");
    assert!(screen.contains("nothing more is written") || screen.contains("read-only: the journal cannot"), "{screen}");
    pty.press("q");
    pty.end();
    assert!(sim.log().iter().all(is_read));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_that_resumes_is_one_that_a_shell_takes() {
    let (_sim, folder) = tenant().await;
    fs::rename(folder.path().join("config.toml"), folder.path().join("E1 to E3; it's.toml")).unwrap();
    let mut pty = open(folder.path(), "E1 to E3; it's.toml", &[]);
    pty.wait_for("press a");
    pty.press("q");
    let (_, said) = pty.end();
    assert!(said.replace('\n', "").contains(r"E1 to E3; it'\''s.toml' --resume "), "{said}");
}
