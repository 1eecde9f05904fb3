//! `gitlab`: a code quality report.
//!
//! GitLab drops all but the first of equal fingerprints and tells what is new by them, so they are those of the
//! findings: unique in a report, and without lines.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{CheckFormat, Look, Report, escape, place::Spots};
use crate::finding::Severity;

/// The format.
pub const FORMAT: CheckFormat =
    CheckFormat { name: "gitlab", summary: "a GitLab code quality report", write };

fn write(report: &Report, _: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut spots = Spots::new(report);
    let issues: Vec<Value> = report
        .findings
        .iter()
        .zip(&report.prints)
        .map(|(finding, print)| {
            let spot = spots.spot(finding.at);
            let end = spot.lines.map_or(1, |(_, end)| end.line);
            json!({
                "description": escape::line(&finding.message),
                "check_name": finding.rule,
                "fingerprint": print.trim_start_matches("b3:"),
                "severity": match finding.severity {
                    Severity::Deny => "critical",
                    Severity::Warn => "minor",
                },
                "location": {
                    "path": report.repository_path(finding.at, &spot),
                    "lines": {"begin": spot.start().line, "end": end},
                },
            })
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    writeln!(out)
}
