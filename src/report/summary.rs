//! `markdown` of `check`: what a reviewer wants to know, fit for a comment on a pull request.
//!
//! A comment holds 65,536 characters, so cells are clipped, and tables end with the count of what they leave out.

use std::io::{self, Write};

use super::{
    CheckFormat, Look, Report, adoption, counted,
    escape::{clipped, markdown, markdown_code},
    news::Ratchet,
    place::Spots,
};
use crate::finding::{Finding, Gap, Severity};

/// The format.
pub const FORMAT: CheckFormat =
    CheckFormat { name: "markdown", summary: "a comment for a pull request", write };

/// Characters of a cell.
const CELL: usize = 160;

/// Rows of a table; with cells of this size all tables together stay below the limit of a comment.
const ROWS: usize = 50;

/// Rows of a table in the summary of a step, which holds a mebibyte.
pub const STEP_ROWS: usize = 1_000;

fn write(report: &Report, _: Look, out: &mut dyn Write) -> io::Result<()> {
    print(report, ROWS, out)
}

/// Prints with at most so many rows in a table.
pub fn print(report: &Report, rows: usize, out: &mut dyn Write) -> io::Result<()> {
    heading(report, out)?;
    if !report.classes.is_empty() {
        writeln!(out, "\n| class | gated | total | percent |\n|---|---:|---:|---:|")?;
        for one in report.classes.iter().chain([&adoption::total(report)]).take(rows) {
            let class = markdown(&clipped(&one.class, CELL));
            writeln!(out, "| {class} | {} | {} | {}% |", one.gated, one.total, one.percent())?;
        }
    }
    if !report.findings.is_empty() {
        findings(report, rows, out)?;
    }
    if let Some(ratchet) = &report.news.ratchet {
        baseline(report, ratchet, rows, out)?;
    }
    list("The contract asks for less", &report.news.loosened, rows, out)?;
    let gaps = match report.gaps.len() {
        0 => String::new(),
        number => format!(", {} in what could be read", counted(number, "gap")),
    };
    let files = counted(report.files, "file");
    writeln!(out, "\n{files}, {}{gaps}.", counted(report.routes.len(), "route"))
}

fn heading(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let denied =
        report.findings.iter().filter(|finding| finding.severity == Severity::Deny).count();
    let warned = report.findings.len() - denied;
    let word = if report.news.ratchet.is_some() { "new " } else { "" };
    let fails = denied > 0 || report.news.fails();
    writeln!(out, "### contract-check: {}", if fails { "failed" } else { "passed" })?;
    let denials = counted(denied, &format!("{word}denial"));
    writeln!(out, "\n{denials}, {}.", counted(warned, &format!("{word}warning")))?;
    for remark in report.news.remarks() {
        writeln!(out, "{}.", markdown(&clipped(&remark, CELL)))?;
    }
    Ok(())
}

fn findings(report: &Report, rows: usize, out: &mut dyn Write) -> io::Result<()> {
    let mut spots = Spots::new(report);
    writeln!(out, "\n| | rule | what | where |\n|---|---|---|---|")?;
    for finding in gravest(&report.findings).into_iter().take(rows) {
        let spot = spots.spot(finding.at);
        let path = report.repository_path(finding.at, &spot);
        let place = format!("{}:{}", clipped(&path, CELL), spot.start().line);
        writeln!(
            out,
            "| {} | {} | {} | {} |",
            if finding.severity == Severity::Deny { "deny" } else { "warn" },
            finding.rule,
            markdown(&clipped(&finding.message, CELL)),
            markdown_code(&place)
        )?;
    }
    more(report.findings.len(), rows, out)
}

/// Denials before warnings, each in the order of the report.
pub(super) fn gravest(findings: &[Finding]) -> Vec<&Finding> {
    let mut order: Vec<&Finding> = findings.iter().collect();
    order.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    order
}

fn baseline(
    report: &Report,
    ratchet: &Ratchet,
    rows: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let fixed: Vec<String> = ratchet.fixed.iter().map(super::identity::Identity::title).collect();
    list("Fixed", &fixed, rows, out)?;
    let mut spots = Spots::new(report);
    let mut gap = |gap: &Gap| {
        let spot = spots.spot(gap.at);
        let path = report.repository_path(gap.at, &spot);
        format!("{path}:{}: {}", spot.start().line, gap.reason)
    };
    let gaps: Vec<String> = ratchet.new_gaps.iter().map(&mut gap).collect();
    let word = report.news.new_gaps(ratchet).word();
    list(&format!("New gaps ({word})"), &gaps, rows, out)?;
    list("Closed gaps", &ratchet.closed_gaps, rows, out)
}

fn list(title: &str, items: &[String], rows: usize, out: &mut dyn Write) -> io::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n**{title}**\n")?;
    for item in items.iter().take(rows) {
        writeln!(out, "- {}", markdown(&clipped(item, CELL)))?;
    }
    more(items.len(), rows, out)
}

fn more(all: usize, rows: usize, out: &mut dyn Write) -> io::Result<()> {
    match all.checked_sub(rows) {
        Some(rest) if rest > 0 => writeln!(out, "\nand {rest} more."),
        _ => Ok(()),
    }
}
