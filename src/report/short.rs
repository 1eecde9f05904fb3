//! `short`: one line for each finding, for editors and `grep`.

use std::io::{self, Write};

use super::{CheckFormat, Look, Report, escape, news::Weight, place::Spots};
use crate::finding::Severity;

/// The format.
pub const FORMAT: CheckFormat =
    CheckFormat { name: "short", summary: "one line for each finding", write };

fn write(report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut spots = Spots::new(report);
    for finding in &report.findings {
        let spot = spots.spot(finding.at);
        let start = spot.start();
        let word = severity(finding.severity, look.color);
        writeln!(
            out,
            "{}:{}:{}: {word}[{}] {}",
            escape::line(&spot.path),
            start.line,
            start.column,
            finding.rule,
            escape::line(&finding.message)
        )?;
    }
    for line in report.news.lines() {
        let severity = match line.weight {
            Weight::Deny => Severity::Deny,
            Weight::Warn => Severity::Warn,
            // It fails nothing and asks for nothing.
            Weight::Note => continue,
        };
        let (_, spot) = report.about(&mut spots, &line);
        let (path, start) = (escape::line(&spot.path), spot.start());
        let (word, kind) = (self::severity(severity, look.color), line.kind);
        let text = escape::line(&line.text);
        writeln!(out, "{path}:{}:{}: {word}[{kind}] {text}", start.line, start.column)?;
    }
    Ok(())
}

/// `deny` or `warn`.
pub(super) const fn severity(severity: Severity, color: bool) -> &'static str {
    match (severity, color) {
        (Severity::Deny, false) => "deny",
        (Severity::Warn, false) => "warn",
        (Severity::Deny, true) => "\u{1b}[1;31mdeny\u{1b}[0m",
        (Severity::Warn, true) => "\u{1b}[1;33mwarn\u{1b}[0m",
    }
}
