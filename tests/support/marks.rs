//! The findings of a run as markers state them.

use contract_check::{
    pipeline::Run,
    report::place::{Spots, place_text},
};

/// What a marker states: file relative to the tree, 1-based line, rule.
pub(crate) type Mark = (String, usize, String);

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
