//! One run of the whole pipeline over a small tree, and its findings as markers state them.

use std::path::Path;

use contract_check::{
    discover::Scan,
    pipeline::{self, Request, Run},
    report::place::{Spots, place_text},
};

/// The day that tests run on, so that exemptions expire on time.
const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 1);

/// What a marker states: file relative to the tree, 1-based line, rule.
pub(crate) type Mark = (String, usize, String);

/// Checks the tree under `root`.
pub(crate) fn run(root: &Path, contract: &str) -> Run {
    let request = Request {
        scan: Scan { root: root.to_owned(), ..Scan::default() },
        contract: Some(("contract.toml".to_owned(), contract.to_owned())),
        jobs: 1,
        deny_warnings: false,
        today: TODAY,
    };
    pipeline::run(request).unwrap_or_else(|error| panic!("{}: {error}", root.display()))
}

/// The findings of a run, sorted. What stands in no text (a file that could not be read) is on line 1 of its file.
pub(crate) fn raised(run: &Run) -> Vec<Mark> {
    let mut spots = Spots::new(&run.report);
    let mut all: Vec<Mark> = run
        .report
        .findings
        .iter()
        .map(|finding| {
            let path = place_text(&run.report, finding.at).0.to_owned();
            let line = spots.spot(finding.at).start().line as usize;
            (path, line, finding.rule.to_owned())
        })
        .collect();
    all.sort();
    all
}
