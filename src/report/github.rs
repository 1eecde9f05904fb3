//! `github`: annotations for a step of GitHub Actions, and the full text in its log.
//!
//! Of a step's annotations the runner keeps ten errors and ten warnings, so the gravest come first, one for each
//! place, and a notice counts the rest. The full text follows with workflow commands switched off: a line of the
//! scanned tree cannot be one.

use std::{
    collections::BTreeSet,
    io::{self, Write},
};

use super::{
    CheckFormat, Look, Report, escape, human,
    news::{About, Weight},
    place::{Spot, Spots},
    summary::gravest,
};
use crate::finding::{Finding, Severity};

/// The format.
pub const FORMAT: CheckFormat =
    CheckFormat { name: "github", summary: "annotations for GitHub Actions", write };

/// Annotations of one kind that survive a step.
const MOST: usize = 10;

/// Characters of a message; the runner cuts long ones.
const MESSAGE: usize = 2_000;

fn write(report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut spots = Spots::new(report);
    let (mut seen, mut left_out) = (BTreeSet::new(), 0usize);
    let mut shown = [0usize; 2];
    for line in report.news.lines() {
        let (command, count) = match line.weight {
            Weight::Deny => ("error", shown.first_mut()),
            Weight::Warn => ("warning", shown.last_mut()),
            Weight::Note => continue,
        };
        let Some(count) = count else { continue };
        if *count < MOST {
            *count += 1;
            write!(out, "::{command} ")?;
            if let About::Place(_) = line.at {
                let (path, spot) = report.about(&mut spots, &line);
                write!(out, "file={},", property(&escape::line(&path)))?;
                write!(out, "line={},", spot.start().line)?;
            }
            writeln!(out, "title=contract-check::{}", data(&line.text))?;
        } else {
            left_out += 1;
        }
    }
    for finding in gravest(&report.findings) {
        let (command, count) = match finding.severity {
            Severity::Deny => ("error", shown.first_mut()),
            Severity::Warn => ("warning", shown.last_mut()),
        };
        let Some(count) = count else { continue };
        let spot = spots.spot(finding.at);
        let path = report.repository_path(finding.at, &spot);
        // One cause, one annotation: a route that lacks the gates of two classes is one registration to mend.
        if *count < MOST && seen.insert((finding.rule, path.clone(), spot.lines)) {
            *count += 1;
            annotate(command, finding, &path, &spot, out)?;
        } else {
            left_out += 1;
        }
    }
    if left_out > 0 {
        let all = report.findings.len() + report.news.lines().len();
        writeln!(
            out,
            "::notice title=contract-check::{left_out} of {all} are not annotated; the log and the step summary have all"
        )?;
    }
    full(report, look, out)
}

fn annotate(
    command: &str,
    finding: &Finding,
    path: &str,
    spot: &Spot,
    out: &mut dyn Write,
) -> io::Result<()> {
    write!(out, "::{command} file={}", property(&escape::line(path)))?;
    if let Some((start, end)) = spot.lines {
        write!(out, ",line={},endLine={}", start.line, end.line)?;
        // Columns mean something only within one line.
        if start.line == end.line {
            write!(out, ",col={},endColumn={}", start.column, end.column)?;
        }
    }
    let help = if finding.help.is_empty() {
        String::new()
    } else {
        format!("\nhelp: {}", escape::line(&finding.help))
    };
    let message = format!("{}{help}", escape::clipped(&escape::line(&finding.message), MESSAGE));
    writeln!(out, ",title={}::{}", property(finding.rule), data_lines(&message))
}

/// The text of `human` in a group, with commands switched off by a word that the text cannot hold.
fn full(report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut text = Vec::new();
    (human::FORMAT.write)(report, look, &mut text)?;
    let token = blake3::hash(&text).to_hex();
    writeln!(out, "::group::contract-check\n::stop-commands::{token}")?;
    out.write_all(&text)?;
    writeln!(out, "::{token}::\n::endgroup::")
}

/// A value of a command's property.
fn property(text: &str) -> String {
    percent(text).replace(':', "%3A").replace(',', "%2C")
}

/// A one-line message of a command.
fn data(text: &str) -> String {
    percent(&escape::clipped(&escape::line(text), MESSAGE))
}

/// A message of several lines, each already safe.
fn data_lines(text: &str) -> String {
    percent(text)
}

fn percent(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}
