//! The language of the program from outside: who chooses it, and a whole run in European Portuguese, on the screen and in
//! lines.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::process::Output;

use serde_json::Value;
use skuferry::domain::language::Language;
use skuferry::sim::Options;

use crate::layering::code;
use crate::layering::is_test;
use crate::plain::Bench;
use crate::plain::one_at_a_time;
use crate::pty::Pty;

/// Words that stand on many of the English screens, and never on those of another language.
const ENGLISH: [&str; 14] = [
    "waiting", "approve", "users", "seats", "batch", "ready", "license", " is ", " the ", " and ", "stuck", "removed",
    "reading", "halt ",
];

/// Which of them stand in what was said, but for what is the same in every language: answers that are typed, codes, titles
/// of Microsoft's documents, and the simulated tenant's own name for the account.
fn english_in(said: &str) -> Vec<&'static str> {
    let is_code = |word: &&str| word.contains('-');
    let for_people =
        |line: &&str| !line.contains("resposta") && !line.contains("responda") && !line.contains("fonte: ");
    let lines = said.lines().filter(for_people);
    let words = lines.flat_map(|line| line.split_whitespace().filter(|word| !is_code(word)).chain(["·"]));
    let text = words.collect::<Vec<_>>().join(" ").replace("the simulated application", "");
    ENGLISH.into_iter().filter(|word| text.contains(word)).collect()
}

/// The program with a folder of its own and nothing that names a language but these variables.
fn skuferry(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_skuferry"));
    command.env("SKUFERRY_DATA_DIR", folder.join("data")).env("SKUFERRY_CONFIG_DIR", folder).current_dir(folder);
    for variable in ["SKUFERRY_LANG", "LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"] {
        command.env_remove(variable);
    }
    command.envs(variables.iter().copied()).args(arguments).output().unwrap()
}

fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn before_a_configuration_is_read_the_variable_counts_then_the_locale_then_english() {
    let folder = tempfile::tempdir().unwrap();
    let first = |variables: &[(&str, &str)]| {
        let output = skuferry(folder.path(), variables, &["check"]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        told(&output)
    };
    let (portuguese, english) = ("erro: não é possível ler ", "error: ");
    for variables in [
        &[("SKUFERRY_LANG", "pt-PT")][..],
        &[("SKUFERRY_LANG", "pt_PT.UTF-8"), ("LC_ALL", "en_US.UTF-8")],
        &[("LC_ALL", "pt_PT.UTF-8"), ("LANG", "en_US.UTF-8")],
        &[("LC_MESSAGES", "pt_PT.UTF-8"), ("LANG", "en_US.UTF-8")],
        &[("LANG", "pt_PT.UTF-8")],
        &[("SKUFERRY_LANG", "auto"), ("LANG", "pt_PT.UTF-8")],
    ] {
        let told = first(variables);
        assert!(told.starts_with(portuguese) && told.contains("o que fazer: "), "{variables:?}: {told}");
    }
    for variables in [
        &[][..],
        &[("LANG", "C.UTF-8")],
        &[("LC_ALL", "C"), ("LANG", "pt_PT.UTF-8")],
        &[("LANG", "de_DE.UTF-8")],
        &[("SKUFERRY_LANG", "tlh"), ("LANG", "pt_PT.UTF-8")],
        &[("SKUFERRY_LANG", "en"), ("LANG", "pt_PT.UTF-8")],
    ] {
        let told = first(variables);
        assert!(told.starts_with(english) && told.contains("what to do: "), "{variables:?}: {told}");
    }
}

#[test]
fn the_configuration_counts_before_the_variable_and_a_wrong_word_in_it_is_refused() {
    let bench = Bench::new(Options { users: 6, speed: 600.0, ..Options::default() }, |config| config);
    let file = bench.folder.path().join("config.toml");
    let config = fs::read_to_string(&file).unwrap();
    let with = |language: &str| fs::write(&file, speaking(&config, language)).unwrap();
    let check = |variable: &str, json: bool| {
        let arguments: &[&str] = if json { &["check", "--json"] } else { &["check"] };
        let output = bench.skuferry(arguments).env("SKUFERRY_LANG", variable).output().unwrap();
        assert!(matches!(output.status.code(), Some(0 | 1)), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    with("pt-PT");
    let portuguese = check("en", false);
    assert!(portuguese.contains("prontos, ") && portuguese.contains("licenças disponíveis, "), "{portuguese}");
    assert_eq!(english_in(&portuguese), Vec::<&str>::new(), "{portuguese}");
    let here: Value = serde_json::from_str(&check("en", true)).unwrap();
    with("en");
    let english = check("pt-PT", false);
    assert!(english.contains(" ready, ") && english.contains(" seats free, "), "{english}");
    let there: Value = serde_json::from_str(&check("pt-PT", true)).unwrap();
    // All that a script reads is the same; only the sentences differ.
    let without_sentences = |value: &Value| {
        let mut value = value.clone();
        forget_sentences(&mut value);
        value
    };
    assert_eq!(without_sentences(&here), without_sentences(&there));
    assert_ne!(here, there);
    with("auto");
    assert!(check("pt-PT", false).contains("prontos, "));
    with("portuguese");
    let output = bench.skuferry(&["check"]).env("SKUFERRY_LANG", "pt-PT").output().unwrap();
    let refused = told(&output);
    assert_eq!(output.status.code(), Some(2), "{refused}");
    assert!(refused.contains("language = \"portuguese\"") && refused.contains("`auto`, `en`, `pt-PT`"), "{refused}");
    assert!(refused.contains("não existe a opção `portuguese`"), "{refused}");
}

/// The configuration with this language.
fn speaking(config: &str, language: &str) -> String {
    let kept: Vec<&str> = config.lines().filter(|line| *line != "[ui]" && !line.starts_with("language")).collect();
    format!("{}\n[ui]\nlanguage = \"{language}\"\n", kept.join("\n"))
}

/// Takes the texts for people out of an answer.
fn forget_sentences(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(forget_sentences),
        Value::Object(fields) => {
            fields.remove("message");
            fields.values_mut().for_each(forget_sentences);
        }
        _ => {}
    }
}

#[test]
fn the_demo_is_driven_by_hand_in_portuguese_at_80x24_to_its_end() {
    let data = tempfile::tempdir().unwrap();
    let locale = [("TERM", "xterm-256color"), ("LANG", "pt_PT.UTF-8")];
    let mut pty =
        Pty::spawn_with(&locale, &["demo", "--users", "12", "--speed", "240", "--no-tour"], data.path(), 24, 80);
    let mut seen = vec![wait_for(&pty, "a aguardar aprovação: adicionar 4 utilizadores")];
    assert!(seen[0].contains("Verificação prévia: 9 prontos em 3 lotes"), "{}", seen[0]);
    pty.press("?");
    seen.push(wait_for(&pty, "nenhuma tecla por si só escreve no inquilino"));
    pty.press("\u{1b}");
    for view in ["2", "3", "4", "5", "1"] {
        seen.push(wait_for(&pty, "À SUA ESPERA"));
        pty.press(view);
    }
    add(&mut pty, "4 utilizadores", &mut seen);
    remove(&mut pty, "4 utilizadores", "12", &mut seen);
    seen.push(wait_for(&pty, "12 não é 4: nada foi aprovado"));
    remove(&mut pty, "4 utilizadores", "4", &mut seen);
    seen.push(wait_for(&pty, "lote concluído (1)"));
    add(&mut pty, "4 utilizadores", &mut seen);
    add(&mut pty, "1 utilizador", &mut seen);
    seen.push(wait_for(&pty, "1 fica para trás"));
    remove(&mut pty, "3 utilizadores", "3", &mut seen);
    remove(&mut pty, "1 utilizador", "1", &mut seen);
    let end = "migração concluída, 1 exceção: 8 migrados · 3 nunca migrados · 1 fica para trás";
    seen.push(wait_for(&pty, end));
    pty.press("/");
    pty.press("alejandro.virtanen\r");
    seen.push(wait_for(&pty, "retido"));
    pty.press("x");
    seen.push(wait_for(&pty, "Excluir alejandro.virtanen@contoso.com do lote?"));
    pty.answer("y");
    seen.push(wait_for(&pty, "1 excluído · 3 nunca migrados"));
    pty.press("q");
    let (code, screen) = pty.end();
    assert_eq!(code, 0, "{screen}");
    assert!(one_line(&screen).contains("migração concluída, 1 exceção: execução "), "{screen}");
    seen.push(screen);
    for screen in seen {
        assert_eq!(english_in(&one_line(&screen)), Vec::<&str>::new(), "{screen}");
    }
}

/// The words of a screen without its frames and the ends of its lines.
fn one_line(screen: &str) -> String {
    let plain = screen.replace(['│', '▌', '─', '┌', '┐', '└', '┘'], " ");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Waits for words that may go on in the next line.
#[track_caller]
fn wait_for(pty: &Pty, text: &str) -> String {
    pty.wait_until(text, |screen| one_line(screen).contains(text))
}

#[track_caller]
fn add(pty: &mut Pty, users: &str, seen: &mut Vec<String>) {
    wait_for(pty, &format!("a aguardar aprovação: adicionar {users} a"));
    pty.press("a");
    seen.push(wait_for(pty, &format!("Adicionar {users} a")));
    pty.answer("y");
}

#[track_caller]
fn remove(pty: &mut Pty, users: &str, number: &str, seen: &mut Vec<String>) {
    wait_for(pty, &format!("a aguardar aprovação: remover {users} de"));
    pty.press("a");
    seen.push(wait_for(pty, &format!("Remover {users} de")));
    pty.answer(&format!("{number}\r"));
}

/// The lines are Portuguese, the answers are not: a script works in every language.
#[test]
fn a_plain_run_in_portuguese_takes_the_same_answers_and_every_command_tells_of_it_in_portuguese() {
    let bench = Bench::new(Options { users: 6, seed: 1, speed: 600.0, ..Options::default() }, |config| {
        speaking(&one_at_a_time(&config, 50), "pt-PT")
    });
    let mut run = bench.run(&[]);
    let id = run.wait_for("execução ");
    let id = id.split_whitespace().find(|word| word.len() == 36).unwrap().to_owned();
    let gate = run.wait_for("a aguardar aprovação: adicionar ");
    let ready: usize = gate.rsplit(' ').next().unwrap().parse().unwrap();
    run.wait_for(&format!("resposta: approve add {ready}"));
    run.say("aprovar adicionar");
    run.wait_for("não compreendido, e nada foi feito");
    run.say("no");
    run.wait_for("nada foi aprovado");
    run.say(&format!("approve add {ready}"));
    run.wait_for("todas as adições estão confirmadas");
    let gate = run.wait_for("a aguardar aprovação: remover ");
    let safe: usize = gate.rsplit(' ').next().unwrap().parse().unwrap();
    run.say("halt");
    run.wait_for("parada: pelo operador");
    run.say("lift halt");
    run.wait_for(&format!("a aguardar aprovação: remover {safe}"));
    run.say(&format!("approve remove {safe}"));
    run.wait_for("todas as remoções estão confirmadas");
    run.wait_for("lote concluído");
    run.say("quit");
    let (_, said) = run.end();
    assert_eq!(english_in(&said), Vec::<&str>::new(), "{said}");

    // These read no configuration of their own, and speak as the account's asks for.
    for (arguments, word) in [
        (&["status", id.as_str()][..], "execução "),
        (&["report", &id], "## Aprovações"),
        (&["runs"], "ÚLTIMA ESCRITA"),
        (&["events", &id], "verificação prévia: "),
    ] {
        let output = bench.output(arguments);
        let told = told(&output);
        assert!(output.status.success() && told.contains(word), "{arguments:?}: {told}");
    }
    let json = |arguments: &[&str]| -> Value { serde_json::from_slice(&bench.output(arguments).stdout).unwrap() };
    let status = json(&["status", &id, "--json"]);
    assert!(["waiting", "stopped", "complete"].contains(&status["state"].as_str().unwrap()), "{status}");
}

/// Another language is its file and its line: nothing else in the program knows which languages there are.
#[test]
fn no_other_file_than_the_list_of_languages_names_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let list = root.join("src/domain/language.rs");
    let of_a_user = root.join("src/sim/shape/sku.rs"); // a property of Graph's: what language a user has chosen there
    let tags: Vec<&str> = Language::all().map(Language::tag).collect();
    let mut files: Vec<String> = fs::read_dir(root.join("assets/lang"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| Path::new(name).extension().is_some_and(|end| end == "ftl"))
        .collect();
    files.sort();
    let named: Vec<String> = tags.iter().map(|tag| format!("{tag}.ftl")).collect();
    assert_eq!(files, named, "a file that is not listed, or a line without its file");

    let listed = code(&list);
    for tag in &tags {
        let times = |text: &str| listed.matches(text).count();
        assert_eq!((times(&format!("\"{tag}\"")), times(&format!("/{tag}.ftl\""))), (1, 1), "{tag} has one line");
    }
    // As it is written in the list, and as in a locale.
    let spellings = tags
        .iter()
        .flat_map(|tag| [(*tag).to_owned(), tag.replace('-', "_")].map(|one| format!("\"{}\"", one.to_lowercase())));
    let spellings: Vec<String> = spellings.chain(["assets/lang".to_owned(), ".ftl".to_owned()]).collect();
    let (mut folders, mut searched) = (vec![root.join("src")], 0);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path != list && path != of_a_user {
                let code = if is_test(&path) { String::new() } else { code(&path).to_lowercase() };
                let here: Vec<&String> = spellings.iter().filter(|one| code.contains(one.as_str())).collect();
                assert!(here.is_empty(), "{}: {here:?}", path.display());
                searched += usize::from(!code.is_empty());
            }
        }
    }
    assert!(searched > 200, "only {searched} files");
    let build = fs::read_to_string(root.join("build.rs")).unwrap_or_default();
    assert!(!build.contains("assets/lang"), "{build}");
}
