//! Every rule on every fixture: the findings must be exactly those that are marked, then the report must read as
//! recorded.
//!
//! A case is a directory below `fixtures/<area>/` with a `contract.toml`. `//~ bare-route` marks a line of Rust,
//! `#~ unmatched-entry` one of the contract; a rule is written as often as it is reported there, and `//~^` marks the
//! line above. What no comment can mark stands in `findings.txt` as `src/lib.rs:1 unparsed-file`. A case without
//! markers is innocent and must yield nothing. `routes.txt`, where there is one, holds the whole route table as
//! `POST /payments bare`.
//!
//! `FIXTURE=link/ cargo test --test fixtures` runs only the cases with that text in their path;
//! `INSTA_UPDATE=always` records the reports anew.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot read its own input should stop"
)]

#[path = "support/marks.rs"]
mod marks;
#[path = "support/verdict.rs"]
mod verdict;

use std::{
    collections::BTreeSet,
    panic::AssertUnwindSafe,
    path::{Path, PathBuf},
};

use contract_check::{
    pipeline::Run,
    report::{CHECK_FORMATS, Look},
    rules::{page, rule},
};
use marks::Mark;
use walkdir::WalkDir;

const AREAS: [&str; 6] = ["databases", "frameworks", "hostile", "link", "rules", "workspaces"];

fn in_project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Files below `root`, in order, relative to it and with `/`.
fn files(root: &Path) -> Vec<String> {
    WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| !entry.file_type().is_dir())
        .filter_map(|entry| {
            Some(entry.path().strip_prefix(root).ok()?.to_str()?.replace('\\', "/"))
        })
        .collect()
}

/// All cases, as `link/glob-cycle`; a file that is in no case is a mistake.
fn cases() -> BTreeSet<String> {
    let mut cases = BTreeSet::new();
    for area in AREAS {
        let all = files(&in_project("fixtures").join(area));
        let contracts = all.iter().filter_map(|file| file.strip_suffix("/contract.toml"));
        let here: BTreeSet<&str> = contracts.collect();
        for file in &all {
            assert!(
                here.iter()
                    .any(|case| file.strip_prefix(case).is_some_and(|rest| rest.starts_with('/'))),
                "fixtures/{area}/{file} belongs to no case: there is no contract.toml beside or above it"
            );
        }
        cases.extend(here.iter().map(|case| format!("{area}/{case}")));
    }
    cases
}

/// What the files of a case mark.
fn marked(root: &Path) -> Vec<Mark> {
    let mut all = Vec::new();
    for file in files(root) {
        let sign = match file.rsplit('.').next() {
            Some("rs") => "//~",
            _ if file == "contract.toml" => "#~",
            _ => continue,
        };
        // A hostile file need not be text; its findings stand in findings.txt.
        let Ok(text) = std::fs::read_to_string(root.join(&file)) else { continue };
        let markers = page::markers(&text, sign);
        all.extend(markers.into_iter().map(|(line, rule)| (file.clone(), line, rule)));
    }
    for line in lines(&root.join("findings.txt")) {
        let mut words = line.split_whitespace();
        let place = words.next().and_then(|place| place.rsplit_once(':'));
        let (file, at) = place.unwrap_or_else(|| panic!("findings.txt: `{line}` has no place"));
        let at = at.parse().expect("a line number");
        all.extend(words.map(|rule| (file.to_owned(), at, rule.to_owned())));
    }
    for (file, line, name) in &all {
        assert!(rule(name).is_some(), "{file}:{line} marks `{name}`, which is no rule");
    }
    all.sort();
    all
}

/// The lines of a file, none where there is no file.
fn lines(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().map(str::to_owned).filter(|line| !line.is_empty()).collect()
}

fn human(run: &Run) -> String {
    let format = CHECK_FORMATS.iter().find(|format| format.name == "human");
    let mut out = Vec::new();
    let write = format.expect("human is a format").write;
    write(&run.report, Look::default(), &mut out).expect("a vector takes everything");
    String::from_utf8(out).expect("reports are UTF-8")
}

fn routes(run: &Run) -> Vec<String> {
    let unknown = || "{unknown}".to_owned();
    let line = |route: &contract_check::report::RouteLine| {
        let method = route.method.clone().unwrap_or_else(unknown);
        let path = route.path.clone().unwrap_or_else(unknown);
        format!("{method} {path} {}", route.status.word())
    };
    run.report.routes.iter().map(line).collect()
}

/// Both lists as lines; `-` was marked and not found, `+` found and not marked.
fn difference(marked: &[Mark], found: &[Mark]) -> Vec<String> {
    let all: BTreeSet<&Mark> = marked.iter().chain(found).collect();
    let mut lines = Vec::new();
    for mark in all {
        let count = |list: &[Mark]| list.iter().filter(|one| *one == mark).count();
        let (wanted, got) = (count(marked), count(found));
        let line = format!(" {}:{} {}", mark.0, mark.1, mark.2);
        lines.extend(std::iter::repeat_n(format!("  -{line}"), wanted.saturating_sub(got)));
        lines.extend(std::iter::repeat_n(format!("  +{line}"), got.saturating_sub(wanted)));
    }
    lines
}

/// What is wrong with a case.
fn check(case: &str) -> Vec<String> {
    let root = in_project("fixtures").join(case);
    let contract = std::fs::read_to_string(root.join("contract.toml")).expect("a contract");
    let run = verdict::run(&root, &contract);
    let mut wrong = difference(&marked(&root), &marks::raised(&run));
    let table = root.join("routes.txt");
    if table.exists() {
        let (expected, listed) = (lines(&table), routes(&run));
        if expected != listed {
            wrong.push(format!("  routes.txt differs; listed:\n{}", listed.join("\n")));
        }
    }
    if wrong.is_empty() {
        let (place, name) = case.rsplit_once('/').expect("a case is in an area");
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_snapshot_path(in_project("tests/snapshots").join(place));
        settings.set_omit_expression(true);
        let shown = human(&run);
        settings.bind(|| insta::assert_snapshot!(name, shown));
    }
    wrong
}

#[test]
fn findings_are_exactly_the_marked_ones() {
    let only = std::env::var("FIXTURE").unwrap_or_default();
    let mut wrong = Vec::new();
    for case in cases().iter().filter(|case| case.contains(&only)) {
        let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| check(case)));
        let found = outcome.unwrap_or_else(|_| vec!["  stopped, see above".to_owned()]);
        if !found.is_empty() {
            wrong.push(format!("{case}\n{}", found.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{} cases differ\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_recorded_report_has_its_case() {
    let cases = cases();
    for area in AREAS {
        let recorded = files(&in_project("tests/snapshots").join(area));
        // What insta proposes is not recorded yet.
        for file in recorded.iter().filter(|file| !file.ends_with(".snap.new")) {
            let case = file.strip_suffix(".snap").map(|case| format!("{area}/{case}"));
            assert!(
                case.is_some_and(|case| cases.contains(&case)),
                "tests/snapshots/{area}/{file} is the report of no case"
            );
        }
    }
}
