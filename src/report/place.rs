//! Places as people read them: path, line and column.

use super::Report;
use crate::{
    finding::{Finding, Where},
    source::{LineCol, LineIndex, Span},
};

/// A place with its path and positions; the positions are unknown for a file that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// Path relative to the scanned root, or the contract's as given.
    pub path: String,
    /// First character, and one past the last.
    pub lines: Option<(LineCol, LineCol)>,
}

impl Spot {
    /// The first position; line 1, column 1 where there is none.
    pub fn start(&self) -> LineCol {
        self.lines.map_or(LineCol { line: 1, column: 1 }, |(start, _)| start)
    }
}

/// Finds positions of a report's places, reading the lines of each text once.
#[derive(Debug)]
pub struct Spots<'r> {
    report: &'r Report,
    indexes: std::collections::BTreeMap<Option<u32>, LineIndex>,
}

impl<'r> Spots<'r> {
    /// For the places of `report`.
    pub const fn new(report: &'r Report) -> Self {
        Self { report, indexes: std::collections::BTreeMap::new() }
    }

    /// Where `at` is; a place in an expansion is that of the call.
    pub fn spot(&mut self, at: Where) -> Spot {
        let (path, text, span) = place_text(self.report, at);
        let Some(text) = text else { return Spot { path: path.to_owned(), lines: None } };
        let key = match at {
            Where::Source(place) => Some(self.report.sources.real(place).file.0),
            _ => None,
        };
        let index = self.indexes.entry(key).or_insert_with(|| LineIndex::new(text));
        let lines =
            (index.line_col(text, span.start), index.line_col(text, span.end.max(span.start)));
        Spot { path: path.to_owned(), lines: Some(lines) }
    }
}

/// The path, text and bytes of a place as reports show it.
pub fn place_text(report: &Report, at: Where) -> (&str, Option<&str>, Span) {
    match at {
        Where::Source(place) => {
            let real = report.sources.real(place);
            (report.sources.path(real.file), Some(report.sources.text(real.file)), real.span)
        }
        Where::Contract(span) => (&report.contract_path, Some(&report.contract_text), span),
        Where::Unread(number) => {
            (report.unread.get(number as usize).map_or("", String::as_str), None, Span::default())
        }
    }
}

/// What a finding is, apart from where it stands, so that it survives edits around it: `b3:` and a hash in hex.
///
/// Findings of the same rule, class and subject are told apart by their number, in the order of the report.
pub fn fingerprints(findings: &[Finding]) -> Vec<String> {
    let mut seen = std::collections::BTreeMap::new();
    let print = |finding: &Finding| {
        let parts = [
            Some(finding.rule),
            finding.class.as_deref(),
            finding.method.as_deref(),
            finding.path.as_deref(),
            finding.table.as_deref(),
            finding.function.as_deref(),
        ];
        let nothing = parts.iter().skip(2).all(Option::is_none);
        let mut hasher = blake3::Hasher::new();
        // A finding about no route and no table is told by its sentence.
        let sentence = nothing.then_some(finding.message.as_str());
        for part in parts.into_iter().chain([sentence]) {
            // Length first, so that no two lists of parts run together to the same bytes.
            hasher.update(&part.map_or(u64::MAX, |part| part.len() as u64).to_le_bytes());
            hasher.update(part.unwrap_or("").as_bytes());
        }
        let base = hasher.finalize();
        let number: &mut u64 = seen.entry(*base.as_bytes()).or_insert(0);
        *number += 1;
        if *number == 1 {
            return format!("b3:{}", base.to_hex());
        }
        hasher.update(&number.to_le_bytes());
        format!("b3:{}", hasher.finalize().to_hex())
    };
    findings.iter().map(print).collect()
}
