//! `json`: the documents that scripts rely on, keys in the order of their description.

use std::io::{self, Write};

use serde::Serialize;

use super::{
    CheckFormat, ListFormat, Look, Report, RouteLine, escape,
    place::{Spot, Spots},
};
use crate::{
    finding::{Finding, Gap, Severity, Where},
    source::LineCol,
};

/// The format of `check`.
pub const FORMAT: CheckFormat =
    CheckFormat { name: "json", summary: "everything, for scripts", write };

/// The format of lists.
pub const LIST: ListFormat = ListFormat { name: "json", routes, writes, adoption };

/// The version of every document.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Check<'r> {
    version: u32,
    summary: Summary,
    classes: Vec<Count<'r>>,
    violations: Vec<Violation<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<Baseline<'r>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    loosened: &'r [String],
}

/// There when the check was held against a baseline.
#[derive(Serialize)]
struct Baseline<'r> {
    file: &'r str,
    known: usize,
    fixed: &'r [super::identity::Identity],
    new_gaps: Vec<GapLine<'r>>,
    closed_gaps: &'r [String],
}

#[derive(Serialize)]
struct GapLine<'r> {
    reason: &'r str,
    file: String,
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct Summary {
    files: usize,
    routes: usize,
    writes: usize,
    violations: usize,
}

#[derive(Serialize)]
struct Count<'r> {
    class: &'r str,
    gated: usize,
    total: usize,
    violations: usize,
}

#[derive(Serialize)]
struct Violation<'r> {
    rule: &'r str,
    class: Option<&'r str>,
    severity: &'r str,
    message: &'r str,
    method: Option<&'r str>,
    path: Option<&'r str>,
    table: Option<&'r str>,
    operation: Option<&'r str>,
    file: String,
    span: Option<Range>,
    related: Vec<Related<'r>>,
    help: &'r str,
    fingerprint: String,
}

#[derive(Serialize)]
struct Related<'r> {
    message: &'r str,
    file: String,
    span: Option<Range>,
}

#[derive(Serialize)]
struct Range {
    start: LineCol,
    end: LineCol,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the document calls it so")]
struct Routes<'r> {
    version: u32,
    routes: Vec<Route<'r>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gaps: Vec<GapLine<'r>>,
}

#[derive(Serialize)]
struct Route<'r> {
    method: Option<&'r str>,
    path: Option<&'r str>,
    framework: &'r str,
    handler: Option<&'r str>,
    classes: &'r [String],
    gates: &'r [String],
    operation: Option<&'r str>,
    status: &'r str,
    file: String,
    line: u32,
    column: u32,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the document calls it so")]
struct Writes<'r> {
    version: u32,
    writes: Vec<Written<'r>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gaps: Vec<GapLine<'r>>,
}

#[derive(Serialize)]
struct Written<'r> {
    operation: &'r str,
    table: Option<&'r str>,
    library: &'r str,
    classes: &'r [String],
    writer: Option<&'r str>,
    function: Option<&'r str>,
    statement: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    through: Option<&'r str>,
    file: String,
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct Adoption<'r> {
    version: u32,
    classes: Vec<Adopted<'r>>,
}

#[derive(Serialize)]
struct Adopted<'r> {
    class: &'r str,
    gated: usize,
    total: usize,
    percent: usize,
    #[serde(skip_serializing_if = "is_zero")]
    undecided: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
const fn is_zero(number: &usize) -> bool {
    *number == 0
}

fn write(report: &Report, _: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut spots = Spots::new(report);
    let classes = report.classes.iter().map(|one| Count {
        class: &one.class,
        gated: one.gated,
        total: one.total,
        violations: one.violations,
    });
    let violations = report.findings.iter().zip(report.prints.iter().cloned());
    let document = Check {
        version: VERSION,
        summary: Summary {
            files: report.files,
            routes: report.routes.len(),
            writes: report.writes.len(),
            violations: report.findings.len(),
        },
        classes: classes.collect(),
        violations: violations
            .map(|(finding, print)| violation(finding, print, &mut spots))
            .collect(),
        baseline: report.news.ratchet.as_ref().map(|ratchet| Baseline {
            file: &ratchet.path,
            known: ratchet.known,
            fixed: &ratchet.fixed,
            new_gaps: gaps(&ratchet.new_gaps, &mut spots),
            closed_gaps: &ratchet.closed_gaps,
        }),
        loosened: &report.news.loosened,
    };
    escape::json(&document, out)
}

fn gaps<'r>(gaps: &'r [Gap], spots: &mut Spots<'_>) -> Vec<GapLine<'r>> {
    let lines = gaps.iter().map(|gap| {
        let spot = spots.spot(gap.at);
        let start = spot.start();
        GapLine { reason: &gap.reason, line: start.line, column: start.column, file: spot.path }
    });
    lines.collect()
}

fn violation<'r>(
    finding: &'r Finding,
    fingerprint: String,
    spots: &mut Spots<'_>,
) -> Violation<'r> {
    let spot = spots.spot(finding.at);
    let related = finding.related.iter().map(|label| {
        let spot = spots.spot(label.at);
        Related { message: &label.message, span: range(&spot), file: spot.path }
    });
    let related = related.collect();
    Violation {
        rule: finding.rule,
        class: finding.class.as_deref(),
        severity: if finding.severity == Severity::Deny { "deny" } else { "warn" },
        message: &finding.message,
        method: finding.method.as_deref(),
        path: finding.path.as_deref(),
        table: finding.table.as_deref(),
        operation: finding.operation.as_deref(),
        span: range(&spot),
        file: spot.path,
        related,
        help: &finding.help,
        fingerprint,
    }
}

fn routes(report: &Report, lines: &[&RouteLine], _: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut spots = Spots::new(report);
    let lines = lines.iter().map(|line| {
        let spot = spots.spot(Where::Source(line.at));
        let start = spot.start();
        Route {
            method: line.method.as_deref(),
            path: line.path.as_deref(),
            framework: &line.framework,
            handler: line.handler.as_deref(),
            classes: &line.classes,
            gates: &line.gates,
            operation: line.operation.as_deref(),
            status: line.status.word(),
            file: spot.path,
            line: start.line,
            column: start.column,
        }
    });
    let routes = lines.collect();
    let gaps = gaps(&report.gaps, &mut Spots::new(report));
    escape::json(&Routes { version: VERSION, routes, gaps }, out)
}

fn writes(report: &Report, _: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut spots = Spots::new(report);
    let lines = report.writes.iter().map(|line| {
        let spot = spots.spot(Where::Source(line.at));
        let start = spot.start();
        Written {
            operation: line.operation,
            table: line.table.as_deref(),
            library: line.library,
            classes: &line.classes,
            writer: line.writer.as_deref(),
            function: line.function.as_deref(),
            statement: line.statement.as_deref(),
            through: line.through.as_deref(),
            file: spot.path,
            line: start.line,
            column: start.column,
        }
    });
    let writes = lines.collect();
    let gaps = gaps(&report.gaps, &mut Spots::new(report));
    escape::json(&Writes { version: VERSION, writes, gaps }, out)
}

fn adoption(report: &Report, _: Look, out: &mut dyn Write) -> io::Result<()> {
    let classes = report.classes.iter().map(|one| Adopted {
        class: &one.class,
        gated: one.gated,
        total: one.total,
        percent: one.percent(),
        undecided: one.undecided,
    });
    escape::json(&Adoption { version: VERSION, classes: classes.collect() }, out)
}

fn range(spot: &Spot) -> Option<Range> {
    spot.lines.map(|(start, end)| Range { start, end })
}
