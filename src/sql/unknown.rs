//! Statements of which nothing is known, in texts of which something is: `/* note */ {}`, `EXPLAIN ANALYZE {}`.

use super::holes::{LOOKAHEAD, parenthesis_end};
use super::tokens::{Lexeme, statements};

/// Where a statement begins of which nothing is known, be it one that is run to be explained.
pub(super) fn whole_statement(lexemes: &[Lexeme], marker: &str) -> Option<usize> {
    let mut all = statements(lexemes).into_iter().filter_map(|range| lexemes.get(range));
    all.find_map(|statement| {
        let run = statement.get(explained(statement)..)?;
        let is_hole = |lexeme: &Lexeme| lexeme.word().is_some_and(|word| word.value == marker);
        (!run.is_empty() && run.iter().all(is_hole)).then(|| statement.first())?
    })
    .map(|first| first.start)
}

/// How many tokens stand before a statement that is run and explained: `EXPLAIN (ANALYZE, BUFFERS)`.
fn explained(lexemes: &[Lexeme]) -> usize {
    const RUN: &[&str] = &["ANALYZE", "ANALYSE"];
    let is = |at: usize, words: &[&str]| lexemes.get(at).is_some_and(|lexeme| lexeme.is_any(words));
    if !is(0, &["EXPLAIN", "DESCRIBE", "DESC"]) {
        return 0;
    }
    if is(1, RUN) {
        return if is(2, &["VERBOSE"]) { 3 } else { 2 };
    }
    let end = parenthesis_end(lexemes, 1, LOOKAHEAD).unwrap_or_default();
    if (1..end).any(|at| is(at, RUN)) { end } else { 0 }
}
