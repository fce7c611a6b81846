//! Whoever changes the groups elsewhere: reads the files of a worklist and does what they say, in the tenant.

use std::collections::BTreeSet;
use std::path::Path;

use skuferry::domain::id::UserId;
use skuferry::domain::worklist::Worklist;
use skuferry::domain::worklist::WorklistKind;

use crate::driver::Rig;
use crate::others::SOURCE;
use crate::others::TARGET;

/// Which file they work by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hand {
    /// The table.
    Table,
    /// The snippet, line by line, where there is one.
    Snippet,
}

pub(crate) struct Mover {
    hand: Hand,
    /// The only thing that they do, when not both.
    pub(crate) only: Option<WorklistKind>,
    done: BTreeSet<usize>,
}

/// An event of the tenant in which another hand moves a user.
pub(crate) fn event(what: &str, user: UserId, group: &str) -> String {
    format!("[[event]]\n{what} = {{ user = \"{user}\", group = \"{group}\" }}\n")
}

impl Mover {
    pub(crate) fn new(hand: Hand) -> Self {
        Self { hand, only: None, done: BTreeSet::new() }
    }

    /// Does what a worklist says, once.
    pub(crate) fn act(&mut self, rig: &Rig, list: &Worklist) {
        if self.only.is_some_and(|only| only != list.issued.kind) || !self.done.insert(list.issued.number) {
            return;
        }
        let file = Path::new(&list.issued.file);
        let snippet = file.with_extension("ps1");
        let events = if self.hand == Hand::Snippet && snippet.exists() {
            by_snippet(rig, &std::fs::read_to_string(snippet).unwrap())
        } else {
            by_table(&std::fs::read_to_string(file).unwrap())
        };
        rig.sim.set_faults(&events).unwrap();
    }
}

/// Moves users whatever the worklists say.
pub(crate) fn move_now(rig: &Rig, users: &[UserId], task: WorklistKind) {
    let group = if task == WorklistKind::Add { TARGET } else { SOURCE };
    let events: String = users.iter().map(|user| event(task.word(), *user, group)).collect();
    rig.sim.set_faults(&events).unwrap();
}

/// What a table asks for, as events of the tenant.
pub(crate) fn by_table(text: &str) -> String {
    move_events(text).into_iter().map(|(_, event)| event).collect()
}

/// Reads the table as any script would: by the names of its columns.
pub(crate) fn move_events(text: &str) -> Vec<(UserId, String)> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names = reader.headers().unwrap().clone();
    let place = |name: &str| names.iter().position(|one| one == name);
    let (Some(id), Some(task), Some(group)) = (place("id"), place("task"), place("groupId")) else {
        return Vec::new(); // it is not in force any more
    };
    let row = |row: csv::StringRecord| {
        let user = UserId(row[id].parse().unwrap());
        (user, event(&row[task], user, &row[group]))
    };
    reader.records().map(|one| row(one.unwrap())).collect()
}

/// Carries out the snippet line by line, as Windows PowerShell would for what stands in it.
fn by_snippet(rig: &Rig, text: &str) -> String {
    let state = rig.sim.state();
    let user = |name: &str| {
        let name = name.strip_prefix("CN=O'").unwrap().split(',').next().unwrap();
        let users = state["users"].as_array().unwrap();
        let found = users.iter().find(|one| one["userPrincipalName"].as_str().unwrap().split('@').next() == Some(name));
        UserId(found.unwrap()["id"].as_str().unwrap().parse().unwrap())
    };
    let group = |name: &str| {
        let groups = state["groups"].as_array().unwrap();
        let found = groups.iter().find(|one| one["displayName"] == name);
        found.unwrap()["id"].as_str().unwrap().to_owned()
    };
    let mut events = String::new();
    for line in text.trim_start_matches('\u{feff}').lines() {
        let words = words(line);
        match words.first().map(String::as_str) {
            None | Some("#") => {}
            Some("if") => assert!(line.contains("throw"), "{line}"),
            Some("throw") => return String::new(),
            Some("Add-ADGroupMember") => events += &event("add", user(&words[4]), &group(&words[2])),
            Some("Remove-ADGroupMember") => {
                assert_eq!(words.last().unwrap(), "-Confirm:$false");
                events += &event("remove", user(&words[4]), &group(&words[2]));
            }
            Some(other) => panic!("a line that nobody knows: {other}"),
        }
    }
    events
}

/// The words of a line, texts in single quotes taken as they are.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut chars) = (Vec::new(), line.chars().peekable());
    while let Some(char) = chars.next() {
        match char {
            ' ' => {}
            '\'' => {
                let mut word = String::new();
                while let Some(next) = chars.next() {
                    if next == '\'' && chars.next_if_eq(&'\'').is_none() {
                        break;
                    }
                    word.push(next);
                }
                words.push(word);
            }
            char => {
                let mut word = String::from(char);
                while let Some(next) = chars.next_if(|next| *next != ' ') {
                    word.push(next);
                }
                words.push(word);
            }
        }
    }
    words
}
