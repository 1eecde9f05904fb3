//! `check --self-test` in every framework and database: a contract that protects passes, and one whose gate or writer
//! is not there fails.

#![expect(clippy::expect_used, reason = "a test that cannot read its own input should stop")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use contract_check::{databases::DATABASES, frameworks::FRAMEWORKS};

/// The fixtures of an area, with their contracts.
fn fixtures(area: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(area);
    let entries = walkdir::WalkDir::new(root).sort_by_file_name().into_iter();
    let contracts =
        entries.filter_map(Result::ok).filter(|entry| entry.file_name() == "contract.toml");
    contracts
        .map(|entry| {
            let text = fs::read_to_string(entry.path()).expect("a contract");
            (entry.path().parent().expect("it is in a directory").to_owned(), text)
        })
        .collect()
}

/// Tests `contract` on the tree at `root`.
fn tried(root: &Path, contract: &str) -> (Option<i32>, String) {
    let name = root.to_string_lossy().replace(['/', '\\'], "_");
    let file = std::env::temp_dir().join(format!("cc-selftest-{}-{name}.toml", std::process::id()));
    fs::write(&file, contract).expect("a file");
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-contract-check"))
        .args(["check", "--self-test", "--contract"])
        .arg(&file)
        .current_dir(root)
        .output()
        .expect("the tool runs");
    fs::remove_file(&file).expect("it is ours");
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

/// The contract with every gate, or every writer, called by a name that nothing has.
fn mistyped(contract: &str, keys: &[&str]) -> String {
    let mut inside = false;
    let lines = contract.lines().map(|line| {
        let key = line.split('=').next().unwrap_or_default().trim();
        inside |= keys.contains(&key);
        let changed = if inside {
            line.replace("\",", "_mistyped\",").replace("\"]", "_mistyped\"]")
        } else {
            line.to_owned()
        };
        inside &= !line.contains(']');
        changed + "\n"
    });
    lines.collect()
}

const GATES: [&str; 4] = ["function", "layer", "extractor", "attribute"];

#[test]
fn a_gate_that_cannot_fire_fails_in_every_framework() {
    let mut seen = std::collections::BTreeSet::new();
    for (root, contract) in fixtures("frameworks") {
        let (code, said) = tried(&root, &contract);
        let shown = root.display();
        if !said.contains(": a route without a gate") {
            continue;
        }
        // A gate through which no route can be made up has to have one in the tree.
        let unproven = said.contains("not tried") && said.contains("no route, of the tree or made");
        assert_eq!(code, Some(i32::from(unproven)), "{shown}:\n{said}");
        assert!(!said.contains(" instead of "), "{shown}:\n{said}");
        for framework in FRAMEWORKS {
            if said.contains(&format!("({})", framework.name())) {
                seen.insert(framework.name());
            }
        }
        let (code, said) = tried(&root, &mistyped(&contract, &GATES));
        assert_eq!(code, Some(1), "{shown}:\n{said}");
        let told = ["bare instead of gated", "no route, of the tree or made up"];
        assert!(told.iter().any(|told| said.contains(told)), "{shown}:\n{said}");
    }
    // Of services of tonic and GraphQL the schema is elsewhere.
    let known = FRAMEWORKS.iter().filter(|framework| framework.sample().is_some());
    let missed: Vec<&str> =
        known.map(|framework| framework.name()).filter(|name| !seen.contains(name)).collect();
    assert_eq!(missed, [""; 0]);
}

#[test]
fn a_writer_that_is_not_there_fails_in_every_library() {
    let mut seen = 0;
    for (root, contract) in fixtures("databases") {
        let (code, said) = tried(&root, &contract);
        if !said.contains(": a write outside the writer") {
            continue;
        }
        let shown = root.display();
        assert_eq!(code, Some(0), "{shown}:\n{said}");
        seen += 1;
        if !said.contains(": inside the writer") {
            continue;
        }
        let (code, said) = tried(&root, &mistyped(&contract, &["writer"]));
        assert_eq!(code, Some(1), "{shown}:\n{said}");
        assert!(said.contains("instead of inside the writer"), "{shown}:\n{said}");
    }
    assert!(seen > 15, "{seen}");
    assert!(DATABASES.iter().filter(|database| !database.sample().is_empty()).count() > 8);
}
