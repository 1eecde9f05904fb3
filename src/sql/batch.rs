//! Batches of T-SQL, in which a statement may end without a semicolon: `SELECT 1 DELETE FROM t`.

use std::ops::Range;

use sqlparser::tokenizer::Token;

use super::scan;
use super::tokens::Lexeme;
use super::tree::Names;

/// Verbs beyond this many are not asked whether they begin a statement.
const MAX_VERBS: usize = 64;
/// The words that may begin a write in the middle of a text.
const VERBS: &[&str] = &["INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE"];
/// The words after which a statement may follow that was not asked for by the first.
const FIRST: &[&str] =
    &["SELECT", "USE", "PRINT", "DROP", "ALTER", "CREATE", "TRUNCATE", "DELETE", "WAITFOR", "GO"];
/// Words after which a verb belongs to what comes before.
const GOES_ON: &[&str] = &[
    "SELECT",
    "DISTINCT",
    "ALL",
    "AS",
    "BY",
    "ON",
    "FOR",
    "OF",
    "WHERE",
    "AND",
    "OR",
    "NOT",
    "IN",
    "IS",
    "LIKE",
    "THEN",
    "ELSE",
    "DO",
    "FROM",
    "JOIN",
    "SET",
    "WITH",
    "AFTER",
    "BEFORE",
    "INSTEAD",
    "TO",
    "KEY",
    "NO",
    "HAVING",
    "WHEN",
    "CASE",
    "BETWEEN",
    "UNION",
    "EXCEPT",
    "INTERSECT",
    "INTO",
    "TABLE",
    "COLUMN",
    "ALSO",
    "UPDATE",
    "BULK",
    "ADD",
    "ANALYZE",
    "EXPLAIN",
];

/// Cuts a statement where a write begins that no statement before it can hold.
pub(super) fn cut(lexemes: &[Lexeme], range: Range<usize>, names: &Names<'_>) -> Vec<Range<usize>> {
    let statement = lexemes.get(range.clone()).unwrap_or_default();
    if !may_be_batch(statement) {
        return vec![range];
    }
    let mut cuts = vec![range.start];
    let mut depth = 0_usize;
    let mut asked = 0;
    for (offset, lexeme) in statement.iter().enumerate() {
        match lexeme.token.token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            Token::Word(_) if depth == 0 && asked < MAX_VERBS && lexeme.is_any(VERBS) => {
                let before = offset.checked_sub(1).and_then(|before| statement.get(before));
                if before.is_some_and(may_end) {
                    asked += 1;
                    let rest = statement.get(offset..).unwrap_or_default();
                    if scan::begins_write(rest, names) {
                        cuts.push(range.start + offset);
                    }
                }
            }
            _ => {}
        }
    }
    let ends = cuts.iter().skip(1).copied().chain(std::iter::once(range.end));
    cuts.iter().copied().zip(ends).map(|(start, end)| start..end).collect()
}

/// Cuts a statement of a routine where another one begins in it, as in `IF x THEN UPDATE …`, and leaves out the `END`.
pub(super) fn opened(lexemes: &[Lexeme], mut range: Range<usize>) -> Vec<Range<usize>> {
    const OPENS: &[&str] = &["BEGIN", "ELSE", "LOOP"];
    const HEADS: &[&str] = &["IF", "ELSIF", "ELSEIF", "WHEN", "WHILE", "FOR", "FOREACH", "CASE"];
    let is = |at: usize, words: &[&str]| lexemes.get(at).is_some_and(|one| one.is_any(words));
    while range.len() > 1 && is(range.end - 1, &["END"]) {
        range.end -= 1;
    }
    let mut all = Vec::new();
    while !range.is_empty() {
        let next = if is(range.start, OPENS) {
            range.start + 1
        } else if is(range.start, HEADS)
            && let Some(then) = range.clone().find(|at| is(*at, &["THEN", "LOOP", "DO"]))
        {
            then + 1
        } else {
            break;
        };
        all.push(range.start..next);
        range.start = next;
    }
    all.push(range);
    all.retain(|range| !range.is_empty());
    all
}

/// Whether a statement runs to its own end, and not into the body of a routine.
fn may_be_batch(statement: &[Lexeme]) -> bool {
    let Some(first) = statement.first().filter(|first| first.is_any(FIRST)) else { return false };
    !first.is_any(&["CREATE", "ALTER", "DROP"])
        || statement.iter().skip(1).take(4).any(|word| word.is_any(&["TABLE", "INDEX"]))
}

/// Whether a statement may end with this token.
fn may_end(lexeme: &Lexeme) -> bool {
    match &lexeme.token.token {
        Token::Word(_) => !lexeme.is_any(GOES_ON),
        Token::Number(..)
        | Token::SingleQuotedString(_)
        | Token::NationalStringLiteral(_)
        | Token::DoubleQuotedString(_)
        | Token::Placeholder(_)
        | Token::RParen
        | Token::RBracket
        | Token::Mul => true,
        _ => false,
    }
}
