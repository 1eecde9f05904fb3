//! `gitlab`: a code quality report.
//!
//! GitLab drops all but the first of equal fingerprints and tells what is new by them, so they are those of the
//! findings: unique in a report, and without lines.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use serde_json::{Value, json};

use super::{CheckFormat, Look, Report, escape, news::Weight, place::Spots};
use crate::finding::Severity;

/// The format.
pub const FORMAT: CheckFormat =
    CheckFormat { name: "gitlab", summary: "a GitLab code quality report", write };

fn write(report: &Report, _: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut spots = Spots::new(report);
    let mut issues: Vec<Value> = report
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
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for line in report.news.lines() {
        let severity = match line.weight {
            Weight::Deny => "critical",
            Weight::Warn => "minor",
            Weight::Note => continue,
        };
        let (path, spot) = report.about(&mut spots, &line);
        let number = seen.entry(line.text.clone()).or_insert(0);
        *number += 1;
        let print = blake3::hash(format!("{}\n{number}\n{}", line.kind, line.text).as_bytes());
        let end = spot.lines.map_or(1, |(_, end)| end.line);
        issues.push(json!({
            "description": escape::line(&line.text),
            "check_name": line.kind,
            "fingerprint": print.to_hex().as_str(),
            "severity": severity,
            "location": {"path": path, "lines": {"begin": spot.start().line, "end": end}},
        }));
    }
    escape::json(&issues, out)
}
