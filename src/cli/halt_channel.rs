//! How a halt reaches a run from another terminal: a socket in the data folder on which a thread of its own listens, so that
//! neither the tenant nor a slow disk holds it up.

use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use crate::domain::id::RunId;
use crate::journal;

/// The folder of the sockets. Its name and theirs are short: a socket's path may have about 100 bytes.
const FOLDER: &str = "halt";
/// How long either side waits for the other.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest question, in bytes.
const LONGEST: u64 = 1024;

/// What a run answers once nothing more leaves.
const HEARD: &str = "halting";

/// Hears who asks for a halt, until it goes.
#[derive(Debug)]
pub(super) struct HaltListener {
    path: PathBuf,
}

impl Drop for HaltListener {
    fn drop(&mut self) {
        // A socket that stays behind leads nowhere, and the next session on the run replaces it.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// The socket of a run: the end of its id, as ids of one time begin alike.
fn path_of(data: &Path, run: RunId) -> PathBuf {
    let id = run.to_string();
    data.join(FOLDER).join(&id[id.len().saturating_sub(12)..])
}

/// The question, as one line.
fn question(run: RunId, by: &str) -> String {
    format!("halt {run} {by}\n")
}

/// Who asks, when the line asks to halt this run.
fn asker(line: &str, run: RunId) -> Option<String> {
    let rest = line.strip_prefix("halt ")?.strip_prefix(&run.to_string())?.strip_prefix(' ')?;
    rest.ends_with('\n').then(|| rest.trim().to_owned())
}

/// Listens for halts of a run, which only the process that writes it does. `halt` is told who asks, and comes back at once.
///
/// # Errors
/// What the system refuses; the run goes on without.
#[cfg(unix)]
pub(super) fn listen(
    data: &Path,
    run: RunId,
    halt: impl Fn(String) + Send + Sync + 'static,
) -> io::Result<HaltListener> {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::UnixListener;
    use std::sync::Arc;

    let path = path_of(data, run);
    journal::private_folder(&data.join(FOLDER))?;
    // Whoever held the run before is gone: the lock is ours.
    match std::fs::remove_file(&path) {
        Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(why),
        Err(_) | Ok(()) => {}
    }
    let socket = UnixListener::bind(&path)?;
    let listener = HaltListener { path };
    std::fs::set_permissions(&listener.path, std::fs::Permissions::from_mode(0o600))?;
    let halt = Arc::new(halt);
    std::thread::Builder::new().name("halt".into()).spawn(move || {
        for asked in socket.incoming().flatten() {
            let halt = Arc::clone(&halt);
            // Each by itself: one that says nothing holds up no other.
            let hears = std::thread::Builder::new().name("halt-asked".into()).spawn(move || hear(&asked, run, &*halt));
            drop(hears);
        }
    })?;
    Ok(listener)
}

/// One question and its answer.
#[cfg(unix)]
fn hear(asked: &std::os::unix::net::UnixStream, run: RunId, halt: &dyn Fn(String)) -> io::Result<()> {
    use std::io::BufRead;
    use std::io::BufReader;
    use std::io::Read;
    use std::io::Write;
    asked.set_read_timeout(Some(PATIENCE))?;
    asked.set_write_timeout(Some(PATIENCE))?;
    let mut line = String::new();
    BufReader::new(asked.take(LONGEST)).read_line(&mut line)?;
    if let Some(by) = asker(&line, run) {
        halt(by);
        let mut asked = asked;
        writeln!(asked, "{HEARD}")?;
    }
    Ok(())
}

/// Asks the process that is at work on a run to halt it.
///
/// # Errors
/// When no process hears it.
#[cfg(unix)]
pub(super) fn ask(data: &Path, run: RunId, by: &str) -> io::Result<()> {
    use std::io::Read;
    use std::io::Write;
    use std::os::unix::net::UnixStream;
    let mut socket = UnixStream::connect(path_of(data, run))?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.set_write_timeout(Some(PATIENCE))?;
    socket.write_all(question(run, by).as_bytes())?;
    let mut answer = String::new();
    socket.take(LONGEST).read_to_string(&mut answer)?;
    if answer.trim() == HEARD { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
}

/// How often a file is looked for, where there are no sockets.
#[cfg(not(unix))]
const LOOK: Duration = Duration::from_millis(250);

/// As above; the question is a file, and its end is the answer.
///
/// # Errors
/// What the system refuses.
#[cfg(not(unix))]
pub(super) fn listen(
    data: &Path,
    run: RunId,
    halt: impl Fn(String) + Send + Sync + 'static,
) -> io::Result<HaltListener> {
    let path = path_of(data, run);
    journal::private_folder(&data.join(FOLDER))?;
    std::fs::write(&path, "")?;
    let listener = HaltListener { path: path.clone() };
    std::thread::Builder::new().name("halt".into()).spawn(move || {
        // The file goes with the listener.
        while let Ok(line) = std::fs::read_to_string(&path) {
            if let Some(by) = asker(&line, run) {
                halt(by);
                let _ = std::fs::write(&path, HEARD);
            }
            std::thread::sleep(LOOK);
        }
    })?;
    Ok(listener)
}

/// As above.
///
/// # Errors
/// When no process hears it.
#[cfg(not(unix))]
pub(super) fn ask(data: &Path, run: RunId, by: &str) -> io::Result<()> {
    use std::io::Write;
    let path = path_of(data, run);
    let mut file = std::fs::OpenOptions::new().write(true).truncate(true).open(&path)?;
    file.write_all(question(run, by).as_bytes())?;
    drop(file);
    let until = std::time::Instant::now() + PATIENCE;
    while std::time::Instant::now() < until {
        if std::fs::read_to_string(&path)?.trim() == HEARD {
            return Ok(());
        }
        std::thread::sleep(LOOK);
    }
    Err(io::ErrorKind::TimedOut.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;
    use uuid::Uuid;

    #[test]
    fn only_this_run_is_halted_and_only_by_a_whole_question() {
        let run = RunId(Uuid::from_u128(7));
        assert_eq!(asker(&question(run, "ana on desk"), run).as_deref(), Some("ana on desk"));
        assert_eq!(asker(&question(RunId(Uuid::from_u128(8)), "ana"), run), None);
        for part in ["", "halt", "halt \n", "HALT 7 a\n", &question(run, "ana").replace('\n', "")] {
            assert_eq!(asker(part, run), None, "{part:?}");
        }
    }

    #[test]
    fn a_halt_is_heard_beside_one_who_connects_and_says_nothing() {
        let data = tempfile::tempdir().unwrap();
        let run = RunId(Uuid::from_u128(7));
        let (tell, told) = channel();
        let listener = listen(data.path(), run, move |by| tell.send(by).unwrap()).unwrap();
        #[cfg(unix)]
        let _silent = std::os::unix::net::UnixStream::connect(&listener.path).unwrap();
        ask(data.path(), run, "ana").unwrap();
        assert_eq!(told.recv().unwrap(), "ana");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&listener.path), mode(&data.path().join(FOLDER))), (0o600, 0o700));
        }
        drop(listener);
        assert!(ask(data.path(), run, "ana").is_err(), "nobody is at work any more");
    }

    #[cfg(unix)]
    #[test]
    fn what_a_dead_process_left_behind_is_replaced() {
        let data = tempfile::tempdir().unwrap();
        let run = RunId(Uuid::from_u128(7));
        let first = listen(data.path(), run, |_| {}).unwrap();
        std::mem::forget(first);
        let (tell, told) = channel();
        let _second = listen(data.path(), run, move |by| tell.send(by).unwrap()).unwrap();
        ask(data.path(), run, "ana").unwrap();
        assert_eq!(told.recv().unwrap(), "ana");
    }
}
