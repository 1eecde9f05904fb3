//! Places as people read them: path, line and column.

use super::{Report, news};
use crate::{
    finding::Where,
    source::{LineCol, LineIndex, Place, Span},
};

/// A place with its path and positions; the positions are unknown for a file that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// Path relative to the scanned root.
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

impl Spots<'_> {
    /// Where `at` begins and ends with columns that count bytes, which is how reviewdog counts.
    pub fn bytes(&mut self, at: Where) -> Option<(LineCol, LineCol)> {
        let (start, end) = self.spot(at).lines?;
        let (_, text, span) = place_text(self.report, at);
        let text = text?;
        let column = |offset: u32, line: LineCol| {
            let before = Span::new(0, offset).of(text);
            let start = before.rfind('\n').map_or(0, |at| at + 1);
            let bytes = before.len().saturating_sub(start);
            LineCol { column: u32::try_from(bytes + 1).unwrap_or(u32::MAX), ..line }
        };
        Some((column(span.start, start), column(span.end.max(span.start), end)))
    }
}

impl Report {
    /// The path in the repository and the first line and column of what is said beside the findings.
    pub fn about(&self, spots: &mut Spots<'_>, line: &news::Line) -> (String, Spot) {
        let spot = match (line.at.place(), &self.news.ratchet) {
            (Some(at), _) => spots.spot(at),
            (None, ratchet) => {
                let path = ratchet.as_ref().map_or_else(String::new, |one| one.path.clone());
                Spot { path, lines: None }
            }
        };
        let path = match line.at.place() {
            Some(at) => self.repository_path(at, &spot),
            None => self.in_repository(&spot.path),
        };
        (path, spot)
    }
}

/// The path, text and bytes of a place as reports show it.
pub fn place_text(report: &Report, at: Where) -> (&str, Option<&str>, Span) {
    match at {
        Where::Source(place) => {
            let Place { file, span } = report.sources.shown(place);
            (report.sources.path(file), Some(report.sources.text(file)), span)
        }
        Where::Contract(span) => (&report.contract_path, Some(&report.contract_text), span),
        Where::Unread(number) => {
            (report.unread.get(number as usize).map_or("", String::as_str), None, Span::default())
        }
    }
}
