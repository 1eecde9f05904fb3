//! What the program says that it could not read.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot read its own input should stop"
)]

#[path = "support/verdict.rs"]
mod verdict;

use std::{fs, path::Path};

use contract_check::finding::Where;

/// The gaps in the code of a fixture, each as its line says it, in the order of the report.
fn gaps(fixture: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(fixture);
    let contract = fs::read_to_string(root.join("contract.toml")).expect("a contract");
    let report = verdict::run(&root, &contract).report;
    let said = |gap: &contract_check::finding::Gap| match &gap.at {
        Where::Source(at) => Some((report.sources.path(at.file).to_owned(), gap.reason.clone())),
        _ => None,
    };
    report.gaps.iter().filter_map(said).collect()
}

#[test]
fn macros_of_the_tree_that_write_are_said() {
    let gap = |name: &str| {
        (
            "macros/src/lib.rs".to_owned(),
            format!("the macro that `{name}` is makes code that may write, which is not read"),
        )
    };
    let found = gaps("databases/sqlx/made-by-macros");
    assert_eq!(found, [gap("stored"), gap("audited"), gap("book")]);
}
