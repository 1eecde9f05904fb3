//! Console transcripts: flags, exit statuses, and the tour of the README as it is printed there.
//!
//! `TRYCMD=overwrite cargo test --test cli` writes them anew.

use std::{fs, path::Path, process::Command};

const TOOL: &str = env!("CARGO_BIN_EXE_cargo-contract-check");

#[test]
fn transcripts() {
    trycmd::TestCases::new()
        .register_bin("cargo", Path::new(TOOL))
        .env("GIT_CEILING_DIRECTORIES", "/")
        .case("tests/cli/*.trycmd");
}

#[test]
fn the_readme_holds_the_tour() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(root.join(path)).expect("it is there");
    let (readme, tour) = (read("README.md"), read("tests/cli/tour.trycmd"));
    for block in tour.split("```console\n").skip(1) {
        let block = block.split("```").next().expect("a block ends");
        let shown =
            block.lines().filter(|line| !line.starts_with("? ")).collect::<Vec<_>>().join("\n");
        assert!(readme.contains(shown.trim_end()), "README.md lacks:\n{shown}");
    }
}

#[test]
fn results_go_to_stdout_and_the_rest_to_stderr() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/check.in");
    let run = |arguments: &[&str]| {
        Command::new(TOOL).args(arguments).current_dir(&root).output().expect("it runs")
    };
    let denied = run(&["--format", "json"]);
    assert!(
        denied.status.code() == Some(1) && !denied.stdout.is_empty() && denied.stderr.is_empty()
    );
    let refused = run(&["--format", "jsn"]);
    assert!(
        refused.status.code() == Some(2) && refused.stdout.is_empty() && !refused.stderr.is_empty()
    );
    let shell =
        format!("'{TOOL}' check --format json | head -c 1 > /dev/null; exit ${{PIPESTATUS[0]}}");
    let broken = Command::new("bash").args(["-c", &shell]).current_dir(&root).output();
    assert_eq!(
        broken.expect("bash is there").status.code(),
        Some(1),
        "a reader that went away is no failure"
    );
}
