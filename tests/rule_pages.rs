//! The examples on the rule pages are true: each bad one raises exactly what it marks, each good one nothing.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot read its own input should stop"
)]

#[path = "support/marks.rs"]
mod marks;
#[path = "support/verdict.rs"]
mod verdict;

use contract_check::rules::{
    RULES,
    page::{self, Example},
};

const MANIFEST: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\naxum = \"0.8\"\nsqlx = \"0.8\"\n";

fn raised(name: &str, example: &Example) -> Vec<marks::Mark> {
    let root =
        std::env::temp_dir().join(format!("contract-check-page-{}-{name}", std::process::id()));
    std::fs::create_dir_all(root.join("src")).expect("a directory for the example");
    std::fs::write(root.join("Cargo.toml"), MANIFEST).expect("a manifest");
    std::fs::write(root.join("src/lib.rs"), &example.code).expect("the example");
    let run = verdict::run(&root, &example.contract);
    std::fs::remove_dir_all(&root).expect("the directory is ours");
    marks::raised(&run)
}

fn marked(example: &Example) -> Vec<marks::Mark> {
    let of = |file: &str, markers: &[(usize, String)]| -> Vec<marks::Mark> {
        markers.iter().map(|(line, rule)| (file.to_owned(), *line, rule.clone())).collect()
    };
    let mut all = of("src/lib.rs", &example.markers.code);
    all.extend(of("contract.toml", &example.markers.contract));
    all
}

#[test]
fn examples_raise_what_they_mark() {
    let mut wrong = Vec::new();
    for rule in RULES {
        for (number, example) in page::examples(rule).iter().enumerate() {
            let name = format!("{}-{number}", rule.id);
            // A page marks a rule once for a line, however many classes report it there.
            let (mut found, mut marked) = (raised(&name, example), marked(example));
            for list in [&mut found, &mut marked] {
                list.sort();
                list.dedup();
            }
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
