//! `AccuBooks`, whole: exactly the violations of its reported state, each at its line, whatever the thread count.

#![expect(clippy::expect_used, reason = "a test that cannot read its own input should stop")]

use std::{collections::BTreeMap, path::PathBuf};

use contract_check::{
    discover::Scan,
    pipeline::{self, Request, Run},
    report::{CHECK_FORMATS, Look},
};

fn check(jobs: usize) -> Run {
    check_against("contract.toml", jobs)
}

fn check_against(contract: &str, jobs: usize) -> Run {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/accubooks");
    let text = std::fs::read_to_string(root.join(contract)).expect("the fixture has a contract");
    let request = Request {
        scan: Scan { root, ..Scan::default() },
        contract: Some((contract.to_owned(), text)),
        jobs,
        deny_warnings: false,
        today: jiff::civil::date(2026, 1, 30),
        cache: None,
        with_table: true,
    };
    pipeline::run(request).expect("the fixture can be checked")
}

fn json(run: &Run) -> String {
    let format =
        CHECK_FORMATS.iter().find(|format| format.name == "json").expect("json is a format");
    let mut out = Vec::new();
    (format.write)(&run.report, Look::default(), &mut out).expect("a vector takes everything");
    String::from_utf8(out).expect("json is UTF-8")
}

/// Entries of both registries.
const DECLARED: usize = 29;

/// One finding: rule, class, method, path without parameter names, table.
type Key = (String, String, String, String, String);

fn findings(
    list: &serde_json::Value,
    at: impl Fn(&serde_json::Value) -> Vec<(String, u64)>,
) -> BTreeMap<Key, Vec<(String, u64)>> {
    let text = |finding: &serde_json::Value, name: &str| {
        finding[name].as_str().unwrap_or_default().to_owned()
    };
    let unnamed = |path: String| {
        let segments = path.split('/').map(|s| if s.starts_with('{') { "{}" } else { s });
        segments.collect::<Vec<_>>().join("/")
    };
    list.as_array()
        .expect("a list")
        .iter()
        .map(|finding| {
            let key = (
                text(finding, "rule"),
                text(finding, "class"),
                text(finding, "method"),
                unnamed(text(finding, "path")),
                text(finding, "table"),
            );
            (key, at(finding))
        })
        .collect()
}

#[test]
fn exactly_the_reported_violations_at_their_lines() {
    let fixture =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/accubooks/expected.json");
    let expected: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(fixture).expect("readable")).expect("json");
    let expected = findings(&expected, |finding| {
        let file = finding["file"].as_str().unwrap_or_default().to_owned();
        let mut lines: Vec<u64> = finding["lines"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(serde_json::Value::as_u64)
            .collect();
        lines.extend(finding["line"].as_u64());
        lines.into_iter().map(|line| (file.clone(), line)).collect()
    });
    assert_eq!(expected.len(), 28, "18 financial and 10 high-risk violations");

    let found: serde_json::Value = serde_json::from_str(&json(&check(2))).expect("json");
    let found = findings(&found["violations"], |finding| {
        vec![(
            finding["file"].as_str().unwrap_or_default().to_owned(),
            finding["span"]["start"]["line"].as_u64().unwrap_or(0),
        )]
    });
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (key, places) in &found {
        for place in places {
            assert!(
                expected[key].contains(place),
                "{key:?} is reported at {place:?}, not {:?}",
                expected[key]
            );
        }
    }
}

#[test]
fn every_route_is_listed_once() {
    let run = check(2);
    assert_eq!(run.report.routes.len(), 121);
    assert!(run.report.routes.iter().all(|route| route.method.is_some() && route.path.is_some()));
    let counts: Vec<(usize, usize)> =
        run.report.classes.iter().map(|class| (class.gated, class.total)).collect();
    assert_eq!(counts, [(5, 23), (6, 16)]);
}

#[test]
fn the_same_bytes_at_any_thread_count() {
    let one = json(&check(1));
    assert_eq!(one, json(&check(2)));
    assert_eq!(one, json(&check(8)));
}

#[test]
fn the_registries_declare_the_operations() {
    let run = check_against("contract.full.toml", 2);
    let named: Vec<&str> =
        run.report.routes.iter().filter_map(|route| route.operation.as_deref()).collect();
    let reported = check(2);
    for route in reported.report.routes.iter().filter_map(|route| route.operation.as_deref()) {
        assert!(named.contains(&route), "{route} is declared by a registry");
    }
    assert_eq!(named.len(), DECLARED);
    let about_operations =
        ["unknown-operation", "operation-mismatch", "missing-route", "unmatched-entry"];
    let found: Vec<_> =
        run.report.findings.iter().filter(|one| about_operations.contains(&one.rule)).collect();
    assert!(found.is_empty(), "{found:?}");
}

/// What the full contract adds to the 26 bare routes, each checked by hand against the code:
///
/// - `bypassed-writer`: the storage functions that the registries name for operations whose routes are bare; one finding a
///   function, whatever it writes. Fifteen store financial operations, three high-risk ones.
/// - `direct-write`: the writes of storage functions that belong to no operation of the class: accounts, transactions and
///   their lines, Stripe's and Plaid's mirrors, users, companies, projects, tax filings, and the old functions
///   `create_customer` and `create_employee`. An inventory function is an operation of one class and writes a table of both:
///   for the other class its writes count here.
/// - `undeclared-reach`: the routes in no class behind which those functions stand: the ledger's, Stripe's and Plaid's, the
///   owner's subscriptions and period locks, sign-up and sign-in, companies and vendors.
#[test]
fn the_full_contract_finds_the_further_writes() {
    let run = check_against("contract.full.toml", 2);
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for finding in &run.report.findings {
        *counts.entry((finding.rule, finding.class.as_deref().unwrap_or(""))).or_default() += 1;
    }
    let expected = [
        (("bare-route", "financial"), 18),
        (("bare-route", "high-risk"), 8),
        (("bypassed-writer", "financial"), 15),
        (("bypassed-writer", "high-risk"), 3),
        (("direct-write", "financial"), 14),
        (("direct-write", "high-risk"), 25),
        (("undeclared-reach", "financial"), 8),
        (("undeclared-reach", "high-risk"), 7),
    ];
    assert_eq!(counts, BTreeMap::from(expected));
}
