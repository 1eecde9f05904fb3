//! The stages stand in one order, every part has its line in its table, and files stay small.

#![expect(clippy::expect_used, reason = "a test that cannot read its own input should stop")]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use contract_check::rules::RULES;
use walkdir::WalkDir;

/// Lines of a file at most; a longer one hides a name.
const LINES: usize = 500;

/// Files over the cap today, which may not grow in number: each is to be split along its next change.
const LONG: &[&str] = &["syntax/tree.rs"];

/// The stages from first to last: a module uses those before it. `lib`, `main` and `error` join the ends.
const ORDER: &[&str] = &[
    "source",
    "finding",
    "contract",
    "discover",
    "syntax",
    "facts",
    "link",
    "sql",
    "evaluate",
    "frameworks",
    "databases",
    "registry",
    "routes",
    "calls",
    "writes",
    "rules",
];

/// Uses against the order, each of which is one thing: the evaluator asks the tables of models, and they ask it.
const BOTH_WAYS: &[(&str, &str)] =
    &[("evaluate", "frameworks"), ("evaluate", "databases"), ("frameworks", "databases")];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every file of the library with its text, by path below `src`.
fn files() -> BTreeMap<String, String> {
    let entries = WalkDir::new(source()).into_iter().filter_map(Result::ok);
    let rust = entries.filter(|entry| entry.path().extension().is_some_and(|end| end == "rs"));
    rust.map(|entry| {
        let path = entry.path().strip_prefix(source()).expect("below src");
        let text = std::fs::read_to_string(entry.path()).expect("readable");
        (path.to_str().expect("a plain name").replace('\\', "/"), text)
    })
    .collect()
}

/// The stage that a file is of.
fn stage(path: &str) -> &str {
    path.split('/').next().unwrap_or(path).trim_end_matches(".rs")
}

/// The names of the files directly in a folder.
fn parts(files: &BTreeMap<String, String>, folder: &str) -> BTreeSet<String> {
    let own = files.keys().filter_map(|path| path.strip_prefix(folder)?.strip_prefix('/'));
    own.filter(|rest| !rest.contains('/'))
        .filter_map(|rest| Some(rest.strip_suffix(".rs")?.to_owned()))
        .collect()
}

/// Code without its tests, which may look anywhere.
fn code(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or(text)
}

#[test]
fn stages_use_only_those_before_them() {
    let mut wrong = Vec::new();
    for (path, text) in files() {
        let own = stage(&path);
        let Some(place) = ORDER.iter().position(|stage| *stage == own) else { continue };
        for (later, name) in ORDER.iter().enumerate().filter(|(later, _)| *later > place) {
            let used = names_of_the_crate(code(&text)).contains(*name);
            let allowed = BOTH_WAYS.contains(&(own, name));
            if used && !allowed {
                wrong.push(format!(
                    "src/{path} is of `{own}` ({place}) and uses `{name}` ({later})"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What follows `crate::` in a text, alone and at the head of each leaf of a grouped import.
fn names_of_the_crate(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let word = |text: &str| -> String {
        text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        let Some(group) = rest.strip_prefix('{') else {
            names.insert(word(rest));
            continue;
        };
        let mut depth = 0;
        let mut head = 0;
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => {
                    names.insert(word(&group[head..at]));
                    break;
                }
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    names.insert(word(&group[head..at]));
                    head = at + 1;
                }
                _ => {}
            }
        }
    }
    names
}

#[test]
fn every_rule_has_its_line_its_page_and_its_name() {
    let files = files();
    let pages: BTreeSet<String> = std::fs::read_dir(source().with_file_name("rules"))
        .expect("rules")
        .filter_map(|entry| {
            entry.ok()?.file_name().to_str()?.strip_suffix(".md").map(str::to_owned)
        })
        .filter(|name| name != "README")
        .collect();
    let ids: BTreeSet<String> = RULES.iter().map(|rule| rule.id.to_owned()).collect();
    assert_eq!(ids, pages, "a rule without a page, or a page without a rule");
    for id in &ids {
        let file = format!("rules/{}.rs", id.replace('-', "_"));
        let text = files.get(&file).unwrap_or_else(|| panic!("{id} is not in src/{file}"));
        assert!(text.contains(&format!("id: \"{id}\"")), "src/{file} is not rule {id}");
    }
    for part in parts(&files, "rules") {
        let text = &files[&format!("rules/{part}.rs")];
        let is_rule = text.contains("pub const RULE: Rule");
        let id = part.replace('_', "-");
        assert!(!is_rule || ids.contains(&id), "src/rules/{part}.rs is not in the table RULES");
    }
}

#[test]
fn every_model_and_format_has_its_line_in_its_table() {
    let files = files();
    let tables = [("frameworks", "impl Framework for "), ("databases", "impl Database for ")];
    for (table, implementation) in tables {
        let list = &files[&format!("{table}.rs")];
        for part in parts(&files, table) {
            let text = &files[&format!("{table}/{part}.rs")];
            let implements = text.lines().any(|line| line.starts_with(implementation));
            // What several models are made of is in the table through them.
            let shared = files.iter().any(|(path, text)| {
                path.starts_with(table)
                    && *path != format!("{table}.rs")
                    && text.contains(&format!("{part}::"))
            });
            assert!(
                !implements || shared || list.contains(&format!("    &{part}::")),
                "src/{table}/{part}.rs is not in the table of src/{table}.rs"
            );
        }
    }
    let list = &files["report.rs"];
    for part in parts(&files, "report") {
        let text = &files[&format!("report/{part}.rs")];
        for name in ["FORMAT", "LIST"] {
            let made = text.contains(&format!("pub const {name}: CheckFormat"))
                || text.contains(&format!("pub const {name}: ListFormat"));
            assert!(
                !made || list.contains(&format!("{part}::{name}")),
                "src/report/{part}.rs: `{name}` is in no table of src/report.rs"
            );
        }
    }
}

#[test]
fn files_are_short_and_say_what_they_are_for() {
    let mut wrong = Vec::new();
    for (path, text) in files() {
        let lines = text.lines().count();
        let excused = LONG.contains(&path.as_str());
        if lines > LINES && !excused {
            wrong.push(format!("src/{path} has {lines} lines, and {LINES} is the cap"));
        }
        if lines <= LINES && excused {
            wrong.push(format!("src/{path} is short again: take it off the list"));
        }
        let is_tests = path.ends_with("tests.rs") || path.contains("/tests/");
        if !is_tests && !text.starts_with("//!") {
            wrong.push(format!("src/{path} does not say what it is for"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_syntax_stage_knows_syn_and_only_reports_know_miette() {
    for (path, text) in files() {
        let knows = |name: &str| {
            code(&text).lines().any(|line| {
                let line = line.trim_start();
                !line.starts_with("//")
                    && (line.contains(&format!(" {name}::"))
                        || line.starts_with(&format!("use {name}")))
            })
        };
        assert!(stage(&path) == "syntax" || !knows("syn"), "src/{path} uses syn");
    }
}

#[test]
fn messages_are_lower_case_and_have_no_full_stop() {
    for (path, text) in files() {
        for line in text.lines().map(str::trim).filter(|line| line.starts_with("#[error(\"")) {
            let message = line.trim_start_matches("#[error(\"");
            let message = message.split("\")").next().unwrap_or(message);
            let starts = message.chars().next().is_some_and(char::is_uppercase);
            assert!(!starts && !message.ends_with('.'), "src/{path}: {line}");
        }
    }
}
