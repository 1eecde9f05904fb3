//! One small report through every format.

use super::*;
use crate::{
    evaluate::effect::{MarkKind, Step},
    finding::Where,
    routes::tests::registration,
    rules::tests::{Case, with},
    source::{FileId, Origin, Span},
};

/// A bare route whose file holds a terminal escape, a duplicate, a gated route, and a warning in the contract.
fn report() -> Report {
    let mut bare = registration("POST", "/api/payments/{id}/refund", 21);
    bare.trail.push(Step {
        message: "nested under /api here".to_owned(),
        at: Place { file: FileId(0), span: Span::new(60, 64) },
    });
    let gated = with(
        registration("PUT", "/api/payments/{id}", 35),
        MarkKind::Function,
        "app::gates::financial",
    );
    let mut report = Case::new(vec![
        bare,
        gated,
        registration("GET", "/health", 41),
        registration("GET", "/health", 51),
    ])
    .run(|facts, outcome| Report::new(facts, outcome, 1, Vec::new()));
    let mut sources = Sources::default();
    let text = "// größe \u{1b}[31mred\n\n\tapp.route(\"/refund\", post(refund))\n    .route(\"/x\", put(y)) // \u{202e}\n";
    let text = text.to_owned() + &"// more\n".repeat(200);
    sources.add(Origin::File(Arc::from("src/\u{1b}app.rs")), Arc::from(text));
    report.sources = sources;
    report
}

fn printed(name: &str) -> String {
    let format = CHECK_FORMATS.iter().find(|format| format.name == name).unwrap();
    let mut out = Vec::new();
    (format.write)(&report(), Look { width: 90, ..Look::default() }, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn human() {
    insta::assert_snapshot!(printed("human"));
}

#[test]
fn human_tells_what_has_one_cause_once() {
    let mut report = report();
    let mut findings = report.findings.clone();
    findings.iter_mut().filter(|one| one.rule == "bare-route").for_each(|one| one.cause = Some(1));
    let first = findings.iter().find(|one| one.cause.is_some()).unwrap();
    let more = Finding {
        path: Some("/api/\u{1b}[2Jmore".to_owned()),
        at: Where::Source(Place { file: FileId(0), span: Span::new(60, 64) }),
        ..first.clone()
    };
    let other = Finding { cause: Some(2), ..more.clone() };
    findings.extend([more.clone(), other, Finding { method: None, ..more }]);
    report.findings = findings;
    report.prints = identity::fingerprints(&report.findings);
    let mut out = Vec::new();
    (human::FORMAT.write)(&report, Look { width: 90, ..Look::default() }, &mut out).unwrap();
    insta::assert_snapshot!(String::from_utf8(out).unwrap());
}

#[test]
fn short() {
    insta::assert_snapshot!(printed("short"));
}

#[test]
fn json() {
    insta::assert_snapshot!(printed("json"));
}

fn listed(name: &str, adoption: bool) -> String {
    let format = LIST_FORMATS.iter().find(|format| format.name == name).unwrap();
    let report = report();
    let mut out = Vec::new();
    if adoption {
        (format.adoption)(&report, Look::default(), &mut out).unwrap();
    } else {
        (format.routes)(
            &report,
            &listing::Filter::default().lines(&report),
            Look::default(),
            &mut out,
        )
        .unwrap();
    }
    String::from_utf8(out).unwrap()
}

#[test]
fn lists() {
    let all: Vec<String> = LIST_FORMATS.iter().map(|format| listed(format.name, false)).collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn adoptions() {
    let all: Vec<String> = LIST_FORMATS.iter().map(|format| listed(format.name, true)).collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn a_line_is_of_the_registration_that_is_bare() {
    let gated = with(
        registration("PUT", "/api/payments/{id}", 5),
        MarkKind::Function,
        "app::gates::financial",
    );
    let bare = Registration {
        handler_name: Some("app::anonymous".to_owned()),
        ..registration("PUT", "/api/payments/{key}", 9)
    };
    let report = Case::new(vec![gated, bare])
        .run(|facts, outcome| Report::new(facts, outcome, 1, Vec::new()));
    let line = report.routes.iter().find(|line| line.method.as_deref() == Some("PUT")).unwrap();
    assert_eq!((line.status, line.at.span.start), (Status::Bare, 9));
    assert_eq!(line.handler.as_deref(), Some("app::anonymous"));
    assert!(line.gates.is_empty());
}

#[test]
fn percent_is_the_nearest_whole_number() {
    let percent = |gated, total| {
        ClassCount { class: String::new(), gated, total, violations: 0, undecided: 0 }.percent()
    };
    assert_eq!(
        (percent(5, 23), percent(6, 16), percent(1, 2), percent(0, 9), percent(0, 0)),
        (22, 38, 50, 0, 100)
    );
}

#[test]
fn nothing_of_the_tree_reaches_the_terminal_raw() {
    for text in
        [printed("human"), printed("short"), listed("table", false), listed("markdown", false)]
    {
        assert!(!text.chars().any(|c| c == '\u{1b}' || c == '\u{202e}'), "{text:?}");
    }
}

#[test]
fn fingerprints_are_unique_and_forget_places() {
    let mut findings = report().findings;
    findings.push(findings[0].clone());
    let before = identity::fingerprints(&findings);
    for finding in &mut findings {
        finding.at = Where::Source(Place { file: FileId(0), span: Span::new(1, 2) });
    }
    assert_eq!(before, identity::fingerprints(&findings));
    let unique: std::collections::BTreeSet<&String> = before.iter().collect();
    assert_eq!(unique.len(), before.len());
}

#[test]
fn filters_add_up() {
    let report = report();
    let paths = |filter: listing::Filter| {
        filter.lines(&report).iter().map(|line| line.path.clone().unwrap()).collect::<Vec<_>>()
    };
    let bare = listing::Filter { statuses: vec![Status::Bare], ..Default::default() };
    assert_eq!(paths(bare), ["/api/payments/{id}/refund"]);
    let put = listing::Filter { methods: vec!["put".to_owned()], ..Default::default() };
    assert_eq!(paths(put), ["/api/payments/{id}"]);
    let audit = listing::Filter { classes: vec!["audit".to_owned()], ..Default::default() };
    assert_eq!(paths(audit), ["/api/audit/x"]);
}

#[test]
fn answers_say_why() {
    Case::new(vec![
        registration("POST", "/api/{kind}", 10),
        registration("GET", "/api/payments", 20),
    ])
    .run(|facts, outcome| {
        let report = Report::new(facts, outcome, 1, Vec::new());
        let ask = |method: &str, path: &str| {
            let mut out = Vec::new();
            listing::answers(&report, facts.table, method, path, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        insta::assert_snapshot!(
            ask("post", "/api/payments") + &ask("PUT", "/api/orders") + &ask("GET", "/none")
        );
    });
}

#[test]
fn long_lines_are_clipped_around_the_mark() {
    let text = format!("{}app.route(x){}\n", " ".repeat(5_000), "y".repeat(5_000));
    let mut report = report();
    report.sources = Sources::default();
    report.sources.add(Origin::File(Arc::from("src/app.rs")), Arc::from(text));
    report.findings.retain(|finding| finding.rule == "bare-route");
    report.findings[0].at = Where::Source(Place { file: FileId(0), span: Span::new(5_000, 5_009) });
    report.findings[0].related.clear();
    let mut out = Vec::new();
    (human::FORMAT.write)(&report, Look { width: 600, ..Look::default() }, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.contains("src/app.rs:1:5001") && text.contains("app.route(x)y"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() < 450), "{text}");
}

#[test]
fn sarif_keeps_the_gravest_and_says_what_it_leaves_out() {
    let mut report = report();
    let warning =
        Finding { severity: crate::finding::Severity::Warn, ..report.findings[0].clone() };
    report.findings.insert(0, warning);
    report.prints = identity::fingerprints(&report.findings);
    let document = serde_json::to_value(sarif::document(&report, 2)).unwrap();
    let results = document["runs"][0]["results"].as_array().unwrap();
    assert!(results.len() == 2 && results.iter().all(|result| result["level"] == "error"));
    let notes = &document["runs"][0]["invocations"][0]["toolExecutionNotifications"];
    assert!(notes[0]["message"]["text"].as_str().unwrap().starts_with("2 of 4 results"), "{notes}");
}

#[test]
fn github_annotates_the_gravest_and_counts_the_rest() {
    let mut report = report();
    let bare = report.findings.iter().find(|one| one.rule == "bare-route").unwrap().clone();
    report.findings = (0..30)
        .map(|at| Finding {
            severity: if at % 2 == 0 { crate::finding::Severity::Warn } else { bare.severity },
            at: Where::Source(Place { file: FileId(0), span: Span::new(at, at + 1) }),
            ..bare.clone()
        })
        .collect();
    report.prints = identity::fingerprints(&report.findings);
    let mut out = Vec::new();
    (github::FORMAT.write)(&report, Look::default(), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let count = |start: &str| text.lines().filter(|line| line.starts_with(start)).count();
    assert_eq!((count("::error "), count("::warning "), count("::notice ")), (10, 10, 1));
    assert!(text.contains("::notice title=contract-check::10 of 30 are not annotated"), "{text}");
}
