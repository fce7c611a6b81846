//! The message catalog: nothing that is said is missing in it, nothing in it goes unsaid, and no sentence stands elsewhere.

mod counts;
mod messages;
mod pages;
mod sources;
mod translations;

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use skuferry::domain::language::Language;

use crate::catalog::messages::Messages;
use crate::catalog::sources::Source;

/// Files whose literals look like sentences and are none that people read, with the reason.
const NO_SENTENCES: &[(&str, &str)] = &[
    ("src/cli/halt_channel.rs", "a line from one process to another"),
    ("src/cli/plain/show.rs", "answers as they are typed, which are the same in every language"),
    ("src/cli/plain/line_text.rs", "answers as they are typed, which are the same in every language"),
    ("src/cli/resume_command.rs", "commands as a shell takes them, which are the same in every language"),
    ("src/config/explain.rs", "words of the parser that are looked for"),
    ("src/config/users/rows.rs", "the beginning of a line as Windows PowerShell writes it"),
    ("src/domain/exclusion.rs", "a comment of the table, behind which stands its day"),
    ("src/domain/fault/connection.rs", "words of the libraries that speak TLS and HTTP, which are looked for"),
    ("src/domain/permission.rs", "the names of roles as Microsoft Entra has them"),
    ("src/domain/phase.rs", "the names of phases in JSON, which are the same in every language"),
    ("src/domain/route.rs", "the beginning of product names as Microsoft has them"),
    ("src/domain/worklist/file.rs", "files for scripts and for PowerShell, which are the same in every language"),
    ("src/graph/auth/azure_cli.rs", "words of the Azure CLI that are looked for"),
    ("src/graph/http.rs", "a header of HTTP"),
    ("src/graph/json_int.rs", "the words of a parser, behind which stands our sentence"),
    ("src/graph/json_list.rs", "the words of a parser, behind which stands our sentence"),
    ("src/graph/refusal.rs", "words of Microsoft Graph that are looked for"),
    ("src/graph/url.rs", "a filter and a name as Microsoft Graph has them"),
    ("src/graph/wire.rs", "the beginning of what a parser says"),
    ("src/log/step.rs", "the log is for whoever looks for a fault, in every language the same"),
    ("src/tui/advice/refusal.rs", "words that Microsoft Graph's own sentence is known by"),
    ("src/rehearse/text.rs", "requests of Microsoft Graph as a tenant file of the simulator names them"),
    ("src/words/fault.rs", "units of size, which are the same in every language"),
];

#[test]
fn every_message_that_is_said_exists_with_just_its_arguments() {
    for language in Language::all().map(Language::tag) {
        let messages = Messages::read(language);
        for source in sources::all() {
            for said in &source.said {
                let place = format!("{language}: {}:{}", source.path, said.line);
                let Some(id) = &said.id else { panic!("{place}: the id of a message is written out where it is said") };
                let Some(arguments) = messages.arguments(id) else { panic!("{place}: there is no message {id}") };
                let given: BTreeSet<String> = said.arguments.iter().cloned().collect();
                assert_eq!(given.len(), said.arguments.len(), "{place}: {id} is given an argument twice");
                assert_eq!(
                    given, arguments,
                    "{place}: {id} is given what is on the left and takes what is on the right"
                );
            }
        }
    }
}

#[test]
fn every_message_is_said() {
    let sources = sources::all();
    let said: BTreeSet<&str> =
        sources.iter().flat_map(|source| &source.said).filter_map(|said| said.id.as_deref()).collect();
    let messages = Messages::first();
    let unused: Vec<&str> = messages.unused(&said);
    assert!(unused.is_empty(), "nobody says {unused:?}");
}

#[test]
fn every_language_has_the_same_messages_with_the_same_arguments() {
    let first = Messages::first();
    for language in Language::all().skip(1).map(Language::tag) {
        let other = Messages::read(language);
        let missing: Vec<&str> = first.ids().filter(|id| !other.has(id)).collect();
        assert!(missing.is_empty(), "assets/lang/{language}.ftl lacks {}:\n{}", missing.len(), missing.join("\n"));
        let foreign: Vec<&str> = other.ids().filter(|id| !first.has(id)).collect();
        assert!(
            foreign.is_empty(),
            "assets/lang/{language}.ftl has what no language else has:\n{}",
            foreign.join("\n")
        );
        let differ = |id: &&str| first.arguments(id) != other.arguments(id);
        let differing: Vec<String> = first
            .ids()
            .filter(differ)
            .map(|id| format!("{id}: {:?} in English, {:?} here", first.arguments(id), other.arguments(id)))
            .collect();
        assert!(differing.is_empty(), "assets/lang/{language}.ftl takes other arguments:\n{}", differing.join("\n"));
    }
}

#[test]
fn every_language_has_its_messages_in_the_same_order_and_under_the_same_headings() {
    let outline = |language: &str| -> Vec<String> {
        let is_outline =
            |line: &&str| line.starts_with("## ") || line.starts_with(|one: char| one.is_ascii_lowercase());
        let text = messages::text_of(language);
        text.lines()
            .filter(is_outline)
            .map(|line| line.split(" = ").next().unwrap_or(line).trim_end_matches(" =").to_owned())
            .collect()
    };
    let first = outline(Language::ENGLISH.tag());
    for language in Language::all().skip(1).map(Language::tag) {
        let other = outline(language);
        let differs = first.iter().zip(&other).find(|(one, other)| one != other);
        assert_eq!(differs, None, "{language}: English on the left");
        assert_eq!(first.len(), other.len(), "{language}");
    }
}

#[test]
fn a_message_is_about_what_its_id_begins_with() {
    let areas = [
        "action", "advice", "alarm", "approval", "check", "cli", "config", "count", "dialog", "error", "event", "fact",
        "halt", "help", "key", "list", "loss", "notice", "number", "phase", "problem", "question", "reason", "refusal",
        "remedy", "report", "run", "screen", "seats", "setup", "standing", "status", "time", "title", "view", "wait",
        "word", "worklist",
    ];
    let messages = Messages::first();
    for id in messages.ids() {
        let area = id.split('-').next().unwrap();
        assert!(areas.contains(&area), "{id} is of no area that this list has");
    }
}

#[test]
fn no_sentence_stands_outside_the_catalog() {
    let mut elsewhere: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in sources::all().into_iter().filter(Source::is_for_people) {
        for (line, text) in &source.sentences {
            elsewhere.entry(source.path.clone()).or_default().push(format!("{}:{line}: {text}", source.path));
        }
    }
    let excused = |path: &str| NO_SENTENCES.iter().any(|(file, _)| *file == path);
    let found: Vec<&str> =
        elsewhere.iter().filter(|(path, _)| !excused(path)).flat_map(|(_, lines)| lines).map(String::as_str).collect();
    assert!(found.is_empty(), "{} sentences belong into assets/lang:\n{}", found.len(), found.join("\n"));
    let all = NO_SENTENCES.iter().map(|(path, _)| path);
    let idle: Vec<_> = all.filter(|path| !elsewhere.contains_key(**path)).collect();
    assert!(idle.is_empty(), "these have no sentence any more, take them from the list: {idle:?}");
}
