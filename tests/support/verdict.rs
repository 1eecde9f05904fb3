//! One run of the whole pipeline over a small tree.

use std::path::Path;

use contract_check::{
    discover::Scan,
    pipeline::{self, Request, Run},
};

/// The day that tests run on, so that exemptions expire on time.
const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 1);

/// Checks the tree under `root`.
pub(crate) fn run(root: &Path, contract: &str) -> Run {
    let request = Request {
        scan: Scan { root: root.to_owned(), ..Scan::default() },
        contract: Some(("contract.toml".to_owned(), contract.to_owned())),
        jobs: 1,
        deny_warnings: false,
        today: TODAY,
        cache: None,
        with_table: true,
    };
    pipeline::run(request).unwrap_or_else(|error| panic!("{}: {error}", root.display()))
}
