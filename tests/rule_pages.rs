//! The examples on the rule pages are true: each bad one raises exactly what it marks, each good one nothing.

#![expect(clippy::expect_used, reason = "a test that cannot read its own input should stop")]

use contract_check::{
    discover::Scan,
    finding::Where,
    pipeline::{self, Request},
    rules::{RULES, page},
    source::LineIndex,
};

/// Rule and 1-based line, in the code and in the contract.
type Raised = (Vec<(usize, String)>, Vec<(usize, String)>);

fn raised(name: &str, contract: &str, code: &str) -> Raised {
    let root =
        std::env::temp_dir().join(format!("contract-check-page-{}-{name}", std::process::id()));
    std::fs::create_dir_all(root.join("src")).expect("a directory for the example");
    let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\naxum = \"0.8\"\nsqlx = \"0.8\"\n";
    std::fs::write(root.join("Cargo.toml"), manifest).expect("a manifest");
    std::fs::write(root.join("src/lib.rs"), code).expect("the example");
    let run = pipeline::run(Request {
        scan: Scan { root: root.clone(), ..Scan::default() },
        contract: Some(("contract.toml".to_owned(), contract.to_owned())),
        jobs: 1,
        deny_warnings: false,
        today: jiff::civil::date(2026, 11, 1),
    });
    std::fs::remove_dir_all(&root).expect("the directory is ours");
    let report = run.expect("the example can be checked").report;
    let (mut in_code, mut in_contract) = (Vec::new(), Vec::new());
    for finding in &report.findings {
        let line = |text: &str, at: u32| LineIndex::new(text).line_col(text, at).line as usize;
        match finding.at {
            Where::Source(place) => {
                let place = report.sources.real(place);
                in_code.push((
                    line(report.sources.text(place.file), place.span.start),
                    finding.rule.to_owned(),
                ));
            }
            Where::Contract(span) => {
                in_contract.push((line(contract, span.start), finding.rule.to_owned()));
            }
            Where::Unread(_) => in_code.push((0, finding.rule.to_owned())),
        }
    }
    in_code.sort();
    in_code.dedup();
    in_contract.sort();
    in_contract.dedup();
    (in_code, in_contract)
}

#[test]
fn examples_raise_what_they_mark() {
    let mut wrong = Vec::new();
    for rule in RULES {
        for (number, example) in page::examples(rule).iter().enumerate() {
            let name = format!("{}-{number}", rule.id);
            let found = raised(&name, &example.contract, &example.code);
            let sorted = |markers: &[(usize, String)]| {
                let mut all = markers.to_vec();
                all.sort();
                all.dedup();
                all
            };
            let marked = (sorted(&example.markers.code), sorted(&example.markers.contract));
            if found != marked {
                wrong.push(format!(
                    "{name} (bad: {}): found {found:?}, marked {marked:?}",
                    example.bad
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
