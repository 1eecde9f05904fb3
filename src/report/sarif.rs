//! `sarif`: SARIF 2.1.0, the part of it that GitHub code scanning reads.
//!
//! Paths are relative to the repository, columns count characters, and the fingerprint of a result is that of the
//! finding, so an alert keeps its identity when code moves. The trail is given twice: as related locations, which the
//! alert page lists, and as a code flow, which it walks through.

use std::{
    collections::BTreeSet,
    io::{self, Write},
};

use serde::{Serialize, Serializer, ser::SerializeSeq as _};
use serde_json::{Value, json};

use super::{
    CheckFormat, Look, Report, escape,
    news::{About, Weight},
    place::Spots,
};
use crate::{
    finding::{Finding, Severity, Where},
    rules::{RULES, Rule, page},
};

/// The format.
pub const FORMAT: CheckFormat =
    CheckFormat { name: "sarif", summary: "SARIF 2.1.0, for code scanning", write };

/// GitHub refuses a run with more results.
const MOST_RESULTS: usize = 25_000;

fn write(report: &Report, _: Look, out: &mut dyn Write) -> io::Result<()> {
    escape::json(&document(report, MOST_RESULTS), out)
}

/// The document, with at most so many results.
pub(super) fn document(report: &Report, most: usize) -> impl Serialize {
    let results = Results { report, kept: gravest(&report.findings, most) };
    let left_out = report.findings.len() - results.kept.len();
    Document {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        runs: [SarifRun {
            automation_details: json!({
                "id": format!("contract-check/{}", uri(&report.home.prefix)),
            }),
            column_kind: "unicodeCodePoints",
            invocations: json!([{
                "executionSuccessful": true,
                "toolExecutionNotifications": notifications(report, left_out),
            }]),
            results,
            tool: json!({"driver": {
                "name": "contract-check",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": RULES.iter().map(rule).collect::<Vec<_>>(),
            }}),
        }],
        version: "2.1.0",
    }
}

/// The whole; fields in alphabetical order, like those of every object in it.
#[derive(Serialize)]
struct Document<'r> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    runs: [SarifRun<'r>; 1],
    version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifRun<'r> {
    automation_details: Value,
    column_kind: &'static str,
    invocations: Value,
    results: Results<'r>,
    tool: Value,
}

/// The results, each made when it is written: all of them at once are many times the text.
struct Results<'r> {
    report: &'r Report,
    /// Which findings are among them.
    kept: BTreeSet<usize>,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut spots = Spots::new(self.report);
        let all = self.report.findings.iter().zip(&self.report.prints).enumerate();
        let kept = all.filter(|(at, _)| self.kept.contains(at));
        let mut results = serializer.serialize_seq(Some(self.kept.len()))?;
        for (_, (finding, print)) in kept {
            results.serialize_element(&result(self.report, &mut spots, finding, print))?;
        }
        results.end()
    }
}

/// An object of these fields, which `json!` would copy.
fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Which findings to keep when there are too many: denials before warnings, each in the order of the report.
fn gravest(findings: &[Finding], most: usize) -> BTreeSet<usize> {
    let mut order: Vec<usize> = (0..findings.len()).collect();
    order.sort_by_key(|at| {
        std::cmp::Reverse(findings.get(*at).map_or(Severity::Warn, |one| one.severity))
    });
    order.into_iter().take(most).collect()
}

fn rule(rule: &Rule) -> Value {
    let body = page::body(rule);
    json!({
        "id": rule.id,
        "name": rule.id,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.summary},
        "help": {"text": body, "markdown": body},
        "defaultConfiguration": {"level": level(rule.level)},
        "properties": {"tags": ["contract"], "precision": "very-high"},
    })
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Deny => "error",
        Severity::Warn => "warning",
    }
}

fn result(report: &Report, spots: &mut Spots<'_>, finding: &Finding, print: &str) -> Value {
    let text = if finding.help.is_empty() {
        finding.message.clone()
    } else {
        format!("{}; to fix it, {}", finding.message, finding.help)
    };
    let related: Vec<Value> = finding
        .related
        .iter()
        .enumerate()
        .map(|(at, label)| {
            let mut place = location(report, spots, label.at, Some(&label.message));
            if let Some(place) = place.as_object_mut() {
                place.insert("id".to_owned(), json!(at + 1));
            }
            place
        })
        .collect();
    let mut result = object([
        ("ruleId", finding.rule.into()),
        ("level", level(finding.severity).into()),
        ("message", object([("text", plain(&text).into())])),
        ("locations", Value::Array(vec![location(report, spots, finding.at, None)])),
        (
            "partialFingerprints",
            object([("primaryLocationLineHash", print.into()), ("contractCheck/v1", print.into())]),
        ),
    ]);
    let Some(fields) = result.as_object_mut() else { return result };
    if let Some(index) = RULES.iter().position(|rule| rule.id == finding.rule) {
        fields.insert("ruleIndex".to_owned(), json!(index));
    }
    if !related.is_empty() {
        let first = location(report, spots, finding.at, Some(&finding.label));
        let steps = finding
            .related
            .iter()
            .map(|label| location(report, spots, label.at, Some(&label.message)));
        let steps: Vec<Value> = std::iter::once(first)
            .chain(steps)
            .map(|place| object([("location", place)]))
            .collect();
        let flow = object([("locations", Value::Array(steps))]);
        let flow = object([("threadFlows", Value::Array(vec![flow]))]);
        fields.insert("codeFlows".to_owned(), Value::Array(vec![flow]));
        fields.insert("relatedLocations".to_owned(), Value::Array(related));
    }
    if report.news.ratchet.is_some() {
        fields.insert("baselineState".to_owned(), json!("new"));
    }
    result
}

fn location(report: &Report, spots: &mut Spots<'_>, at: Where, message: Option<&str>) -> Value {
    let spot = spots.spot(at);
    let path = report.repository_path(at, &spot);
    let mut artifact = object([("uri", uri(&path).into())]);
    if !path.starts_with('/')
        && let Some(fields) = artifact.as_object_mut()
    {
        fields.insert("uriBaseId".to_owned(), "%SRCROOT%".into());
    }
    let mut physical = object([("artifactLocation", artifact)]);
    if let (Some((start, end)), Some(fields)) = (spot.lines, physical.as_object_mut()) {
        let region = object([
            ("startLine", start.line.into()),
            ("startColumn", start.column.into()),
            ("endLine", end.line.into()),
            ("endColumn", end.column.into()),
        ]);
        fields.insert("region".to_owned(), region);
    }
    let physical = ("physicalLocation", physical);
    match message.filter(|message| !message.is_empty()) {
        Some(text) => object([physical, ("message", object([("text", plain(text).into())]))]),
        None => object([physical]),
    }
}

/// What the run has to say beside its results.
fn notifications(report: &Report, left_out: usize) -> Vec<Value> {
    let note =
        |level: &str, text: String| json!({"level": level, "message": {"text": plain(&text)}});
    let mut all = Vec::new();
    if left_out > 0 {
        let all_of_them = report.findings.len();
        let text = format!(
            "{left_out} of {all_of_them} results are left out, because code scanning takes at most \
             {MOST_RESULTS}; the gravest are here"
        );
        all.push(note("warning", text));
    }
    let mut spots = Spots::new(report);
    for line in report.news.lines() {
        let level = match line.weight {
            Weight::Deny => "error",
            Weight::Warn => "warning",
            Weight::Note => "note",
        };
        let mut note = note(level, line.text);
        if let (About::Place(at), Some(fields)) = (line.at, note.as_object_mut()) {
            let place = location(report, &mut spots, at, None);
            fields.insert("locations".to_owned(), Value::Array(vec![place]));
        }
        all.push(note);
    }
    for remark in report.news.remarks() {
        all.push(note("note", remark));
    }
    if !report.gaps.is_empty() {
        all.push(note("note", format!("{} gaps in what could be read", report.gaps.len())));
    }
    all
}

/// Text of a message: safe to show, and without what viewers take for a link.
fn plain(text: &str) -> String {
    let safe = escape::line(text);
    if safe.contains("](") {
        safe.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
    } else {
        safe.into_owned()
    }
}

/// A path as a relative reference: everything but letters, digits and `-._~/` is written as `%xx`.
fn uri(path: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
