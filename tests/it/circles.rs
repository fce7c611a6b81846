//! Which modules name each other in a circle: none but those that are listed with a reason, and each of these is one.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use crate::layering::code;
use crate::layering::is_test;

/// A module, those of its children that name each other in a circle, and why they may.
const CIRCLES: &[(&str, &[&str], &str)] = &[
    (
        "domain",
        &["classifier", "end_state"],
        "one judgement of a user in two files: what is seen of them now, and what they will hold",
    ),
    (
        "domain",
        &["fault", "proof"],
        "values: a fault says that nothing was proven, and nothing is proven for a fault of a read",
    ),
    ("words", &["fault", "proof"], "the words of these values"),
    (
        "config",
        &["explain", "keys", "users"],
        "a refusal names the keys that there are, and each key the refusal of its value",
    ),
    ("graph", &["auth", "http", "signed_in"], "a token is asked for over the client that sends it along"),
    (
        "graph",
        &["batch", "unbatched"],
        "a batch that the service does not answer is sent one by one, and the other way round",
    ),
    ("rehearse", &["copy", "trouble"], "the trouble that is added to a copy of the tenant"),
    ("sim", &["expand", "shape"], "a shape has what is expanded, and that has a shape"),
    ("sim", &["event", "oauth", "work", "world"], "the world has what is to come and who signs in, and both change it"),
    ("sim::file", &["build", "names"], "names are found in what was built so far"),
    (
        "sim::graph",
        &["belonging", "members"],
        "a list of what a user belongs to has members in it, and members belong to groups",
    ),
    ("sim::tenant", &["bin", "group"], "what is deleted comes back with its groups"),
    // At the edges.
    ("cli", &["demo", "run", "setup"], "without a configuration one is offered, and each ends by opening a run"),
    ("cli", &["hosts", "sign_in"], "a foreign host is asked about before a sign-in, and in its words"),
    ("cli", &["past", "prune", "report", "runs"], "commands on past runs find a run by each other's means"),
    (
        "report",
        &["content", "event", "people", "plan", "sentences", "words"],
        "the values of a report and the words that some of them are",
    ),
    (
        "tui",
        &[
            "action", "away", "dialog", "keyboard", "keys", "model", "needs", "palette", "run", "sign_in", "update",
            "view",
        ],
        "the model has the dialog that is open, keys go by it, and the view draws it",
    ),
    (
        "tui::dialog",
        &[
            "approval",
            "away",
            "figures",
            "frame",
            "help",
            "leave",
            "palette",
            "remedies",
            "signing_in",
            "tour",
            "trouble",
        ],
        "the frame draws the dialog that is open, and each dialog is made of the frame's parts",
    ),
];

/// A module by the names of its path.
type Module = Vec<String>;

/// The modules of the program with what is in them, and what they give on under names of their own.
struct Tree {
    code: BTreeMap<Module, String>,
    given_on: BTreeMap<(Module, String), Module>,
}

impl Tree {
    fn read() -> Self {
        let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut tree = Self { code: BTreeMap::new(), given_on: BTreeMap::new() };
        for file in files(&src) {
            let path = file.strip_prefix(&src).unwrap().with_extension("");
            let module: Module = path.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
            tree.code.insert(module, code(&file));
        }
        let uses = |line: &str| line.trim_start().starts_with("pub") && line.contains(" use ");
        for (module, code) in &tree.code {
            for statement in code.split_inclusive(';').filter(|statement| statement.lines().last().is_some_and(uses)) {
                let named = statement.rsplit_once(" use ").map_or("", |(_, named)| named);
                for mut path in paths_in(named) {
                    if path.first().is_some_and(|first| first == "crate") {
                        path.remove(0);
                    } else {
                        path.splice(0..0, module.iter().cloned());
                    }
                    let name = path.last().cloned().unwrap_or_default();
                    tree.given_on.insert((module.clone(), name), path);
                }
            }
        }
        tree
    }

    /// The module in which the thing of this path is.
    fn owner(&self, mut path: Module) -> Option<Module> {
        // Whoever gives something on may have it from another who does.
        for _ in 0..8 {
            let depth = (1..=path.len()).rev().find(|depth| self.code.contains_key(&path[..*depth]))?;
            let (owner, rest) = path.split_at(depth);
            let (owner, rest) = (owner.to_vec(), rest.to_vec());
            let given_on = rest.first().and_then(|name| self.given_on.get(&(owner.clone(), name.clone())));
            match given_on {
                Some(from) if *from != path => path = from.iter().chain(&rest[1..]).cloned().collect(),
                _ => return Some(owner),
            }
        }
        None
    }

    /// The modules that a module names.
    fn named_by(&self, module: &Module) -> BTreeSet<Module> {
        let code = &self.code[module];
        let mut named = BTreeSet::new();
        for (at, from) in code.match_indices("crate::").chain(code.match_indices("super::")) {
            if code[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_' || before == ':') {
                continue;
            }
            let mut base: Module = if from == "crate::" { Vec::new() } else { module.clone() };
            let mut rest = &code[at..];
            rest = rest.strip_prefix("crate::").unwrap_or(rest);
            while let Some(above) = rest.strip_prefix("super::") {
                base.pop();
                rest = above;
            }
            let end = rest.find(';').map_or(rest.len(), |end| end + 1);
            let first = paths_in(&rest[..end]);
            // Of a statement all that stands in braces belongs to the path; of an expression the first path alone.
            let in_braces = rest.starts_with(|first: char| first.is_alphanumeric()) && brace_of(rest).is_some();
            let paths = if in_braces { first } else { first.into_iter().take(1).collect() };
            named.extend(paths.into_iter().filter_map(|path| self.owner([base.clone(), path].concat())));
        }
        named
    }

    /// Circles: a module, and those of its children that name each other.
    fn circles(&self) -> BTreeSet<(String, Vec<String>)> {
        let mut graphs: BTreeMap<Module, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
        for module in self.code.keys() {
            for other in self.named_by(module) {
                let shared = module.iter().zip(&other).take_while(|(one, other)| one == other).count();
                // A parent and its children are one thing: each names the other.
                if let (Some(from), Some(to)) = (module.get(shared), other.get(shared)) {
                    let graph = graphs.entry(module[..shared].to_vec()).or_default();
                    graph.entry(from.clone()).or_default().insert(to.clone());
                }
            }
        }
        let mut circles = BTreeSet::new();
        for (parent, graph) in &graphs {
            let reached: BTreeMap<&String, BTreeSet<&String>> =
                graph.keys().map(|from| (from, reached(graph, from))).collect();
            for (from, to) in &reached {
                let back = |other: &&&String| reached.get(**other).is_some_and(|back| back.contains(*from));
                let circle: BTreeSet<String> = to.iter().filter(back).map(|name| (**name).clone()).collect();
                if circle.len() > 1 {
                    circles.insert((parent.join("::"), circle.into_iter().collect()));
                }
            }
        }
        circles
    }
}

/// The files of the program that are not for tests alone.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") && !is_test(&path) {
            files.push(path);
        }
    }
    files
}

/// Whatever is named from here on, directly or by others.
fn reached<'a>(graph: &'a BTreeMap<String, BTreeSet<String>>, from: &str) -> BTreeSet<&'a String> {
    let mut all = BTreeSet::new();
    let mut next: Vec<&String> = graph.get(from).into_iter().flatten().collect();
    while let Some(name) = next.pop() {
        if all.insert(name) {
            next.extend(graph.get(name).into_iter().flatten());
        }
    }
    all
}

/// The place of the brace that belongs to the path at the beginning of a text.
fn brace_of(text: &str) -> Option<usize> {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':')?;
    text[end..].starts_with('{').then_some(end).filter(|end| text[..*end].ends_with("::"))
}

/// The paths in a text, each with all its parts: `a::{b, c::d}` are `a::b` and `a::c::d`.
fn paths_in(text: &str) -> Vec<Module> {
    let mut found = Vec::new();
    // What stands before each open brace.
    let mut before: Vec<Module> = vec![Vec::new()];
    let mut path = Vec::new();
    let mut skips = false;
    for word in words(text) {
        match word {
            "::" => {}
            "{" => before.push(std::mem::take(&mut path)),
            "," | "}" | ";" => {
                let whole = [before.concat(), std::mem::take(&mut path)].concat();
                if !whole.is_empty() && word != ";" || before.len() == 1 {
                    found.push(whole);
                }
                skips = false;
                if word == "}" && before.len() > 1 {
                    before.pop();
                }
            }
            // The name that it gets here is nobody's but the file's.
            "as" => skips = true,
            _ if skips => {}
            name if name.starts_with(|first: char| first.is_alphanumeric() || first == '_') => {
                path.push(name.to_owned());
            }
            _ => {
                found.push([before.concat(), std::mem::take(&mut path)].concat());
                break;
            }
        }
    }
    found.push([before.concat(), path].concat());
    found.retain(|path| !path.is_empty());
    found
}

/// Names and marks of a text.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let first = rest.chars().next()?;
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let end = match first {
            _ if is_name(first) => rest.find(|c| !is_name(c)).unwrap_or(rest.len()),
            _ if rest.starts_with("::") => 2,
            _ => first.len_utf8(),
        };
        let (word, left) = rest.split_at(end);
        rest = left;
        Some(word)
    })
}

#[test]
fn no_modules_name_each_other_in_a_circle_but_those_that_are_listed() {
    let found = Tree::read().circles();
    let listed: BTreeSet<(String, Vec<String>)> = CIRCLES
        .iter()
        .map(|(parent, children, why)| {
            assert!(!why.is_empty());
            ((*parent).to_owned(), children.iter().map(|child| (*child).to_owned()).collect())
        })
        .collect();
    let new: Vec<_> = found.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&found).collect();
    assert!(new.is_empty() && gone.is_empty(), "not listed: {new:#?}\nlisted and open by now: {gone:#?}");
}

#[test]
fn a_circle_is_found_through_what_a_module_gives_on() {
    let module = |path: &str| path.split("::").map(ToOwned::to_owned).collect::<Module>();
    let code = [
        ("room", "pub use crate::room::deep::Thing;"),
        ("room::deep", "use crate::room::other::{self, Name};"),
        ("room::other", "fn f(thing: &crate::room::Thing) {}"),
        ("room::alone", "use crate::room::other::Name as Other;\nuse crate::room::Thing;"),
    ];
    let mut tree = Tree { code: BTreeMap::new(), given_on: BTreeMap::new() };
    tree.code.extend(code.map(|(path, code)| (module(path), code.to_owned())));
    tree.given_on.insert((module("room"), "Thing".into()), module("room::deep::Thing"));
    let circle = ("room".to_owned(), vec!["deep".to_owned(), "other".to_owned()]);
    assert_eq!(tree.circles(), BTreeSet::from([circle]));
    assert_eq!(paths_in("a::{b, c::d as e};"), [module("a::b"), module("a::c::d")]);
}
