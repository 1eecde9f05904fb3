//! `rdjson`: reviewdog's diagnostic format. Its columns count bytes.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::{
    CheckFormat, Look, Report, escape,
    news::{About, Weight},
    place::Spots,
};
use crate::finding::{Severity, Where};

/// The format.
pub const FORMAT: CheckFormat =
    CheckFormat { name: "rdjson", summary: "diagnostics for reviewdog", write };

fn write(report: &Report, _: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut spots = Spots::new(report);
    let mut diagnostics: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| {
            let mut message = escape::line(&finding.message).into_owned();
            for label in &finding.related {
                let spot = spots.spot(label.at);
                let path = report.repository_path(label.at, &spot);
                let place = format!("{}:{}", escape::line(&path), spot.start().line);
                _ = write!(message, "\n{} ({place})", escape::line(&label.message));
            }
            if !finding.help.is_empty() {
                _ = write!(message, "\nhelp: {}", escape::line(&finding.help));
            }
            let spot = spots.spot(finding.at);
            let path = report.repository_path(finding.at, &spot);
            json!({
                "message": message,
                "location": location(&path, Some(finding.at), &mut spots),
                "severity": match finding.severity {
                    Severity::Deny => "ERROR",
                    Severity::Warn => "WARNING",
                },
                "code": {"value": finding.rule},
            })
        })
        .collect();
    for line in report.news.lines() {
        let severity = match line.weight {
            Weight::Deny => "ERROR",
            Weight::Warn => "WARNING",
            Weight::Note => continue,
        };
        let (path, _) = report.about(&mut spots, &line);
        let at = match line.at {
            About::Place(at) => Some(at),
            About::Contract | About::Baseline => None,
        };
        diagnostics.push(json!({
            "message": escape::line(&line.text),
            "location": location(&path, at, &mut spots),
            "severity": severity,
            "code": {"value": line.kind},
        }));
    }
    let document = json!({"source": {"name": "contract-check"}, "diagnostics": diagnostics});
    escape::json(&document, out)
}

/// A path, and the range of a place in that file.
fn location(path: &str, at: Option<Where>, spots: &mut Spots<'_>) -> Value {
    let mut location = json!({"path": path});
    let range = at.and_then(|at| spots.bytes(at));
    if let (Some((start, end)), Some(fields)) = (range, location.as_object_mut()) {
        let position = |at: crate::source::LineCol| json!({"line": at.line, "column": at.column});
        let range = json!({"start": position(start), "end": position(end)});
        fields.insert("range".to_owned(), range);
    }
    location
}
