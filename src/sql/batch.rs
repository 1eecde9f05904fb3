//! Batches of T-SQL, in which a statement may end without a semicolon: `SELECT 1 DELETE FROM t`.

use std::ops::Range;

use sqlparser::tokenizer::Token;

use super::Dialect;
use super::scan;
use super::tokens::{Lexeme, statements};
use super::tree::Names;
use super::words::NEXT;

/// Verbs beyond this many are not asked whether they begin a statement.
const MAX_VERBS: usize = 64;
/// The words that may begin a write in the middle of a text.
const VERBS: &[&str] = &["INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "REPLACE"];
/// The words after which a statement may follow that was not asked for by the first.
#[rustfmt::skip]
const FIRST: &[&str] = &[
    "SELECT", "USE", "PRINT", "DROP", "ALTER", "CREATE", "TRUNCATE", "DELETE", "WAITFOR", "GO", "INSERT", "UPDATE",
    "MERGE", "REPLACE", "WITH", "COMMIT", "ROLLBACK", "SAVE", "START", "FETCH", "OPEN", "CLOSE", "CASE", "LOOP",
    "REPEAT",
];
/// The words with which no single statement of a server begins that does not take batches or blocks.
const ONLY_BATCHES: &[&str] = &[
    "DECLARE",
    "IF",
    "WHILE",
    "BEGIN",
    "SET",
    "EXEC",
    "EXECUTE",
    "ELSE",
    "END",
    "THROW",
    "RAISERROR",
    "RETURN",
];
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

/// The statements of a text, semicolons or not between them.
pub(super) fn parts(
    lexemes: &[Lexeme],
    names: &Names<'_>,
    hint: Option<Dialect>,
) -> Vec<Range<usize>> {
    let ranges = statements(lexemes).into_iter();
    ranges.flat_map(|range| cut(lexemes, range, names, hint)).collect()
}

/// Cuts a statement where a write begins that no statement before it can hold, and where one ends that others follow.
///
/// Where semicolons part statements, one begins within another only behind a word that opens a block.
fn cut(
    lexemes: &[Lexeme],
    range: Range<usize>,
    names: &Names<'_>,
    hint: Option<Dialect>,
) -> Vec<Range<usize>> {
    let statement = lexemes.get(range.clone()).unwrap_or_default();
    let runs_on = matches!(hint, None | Some(Dialect::MsSql | Dialect::Generic));
    let may_open = runs_on || hint == Some(Dialect::MySql);
    if !may_open || !may_be_batch(statement) {
        return vec![range];
    }
    let is_batch = hint == Some(Dialect::MsSql)
        || has_label(statement)
        || statement.first().is_some_and(|first| first.is_any(ONLY_BATCHES));
    let mut cutter =
        Cutter { statement, names, runs_on, is_batch, asked: 0, part: Part::default() };
    let mut cuts = vec![range.start];
    let (mut depth, mut cases) = (0_usize, 0_usize);
    for (offset, lexeme) in statement.iter().enumerate() {
        match lexeme.token.token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            Token::Word(_) if depth > 0 => {}
            Token::Word(_) if lexeme.is("CASE") && !cutter.is_before(offset, &["END"]) => {
                cases += 1;
            }
            Token::Word(_) if lexeme.is("END") && cases > 0 => cases -= 1,
            Token::Word(_) if cutter.begins(offset, lexeme, cases > 0) && offset > 0 => {
                cuts.push(range.start + offset);
            }
            _ => {}
        }
    }
    let ends = cuts.iter().skip(1).copied().chain(std::iter::once(range.end));
    cuts.iter().copied().zip(ends).map(|(start, end)| start..end).collect()
}

/// What is known of the statement that is being read.
#[derive(Default)]
struct Part {
    /// Whether it begins with `WITH`, and its verb is still to come.
    with: bool,
    /// Whether it writes.
    writes: bool,
    /// Whether what it writes has not been said yet: `INSERT t` before `VALUES` or `SELECT`.
    wants_rows: bool,
}

struct Cutter<'a> {
    statement: &'a [Lexeme],
    names: &'a Names<'a>,
    /// Whether a statement may end without a semicolon.
    runs_on: bool,
    /// Whether nothing but a batch begins so.
    is_batch: bool,
    asked: usize,
    part: Part,
}

impl Cutter<'_> {
    /// Whether another statement begins with the word at `offset`.
    fn begins(&mut self, offset: usize, lexeme: &Lexeme, in_case: bool) -> bool {
        if lexeme.is_any(VERBS) {
            let belongs = std::mem::take(&mut self.part.with);
            let begins = offset == 0 || !belongs && self.begins_write(offset);
            if belongs || begins {
                let wants_rows = lexeme.is_any(&["INSERT", "REPLACE"]);
                self.part = Part { with: false, writes: true, wants_rows };
            }
            return begins;
        }
        if lexeme.is("WITH") && (offset == 0 || self.is_opened(offset)) {
            self.part = Part { with: true, ..Part::default() };
            return true;
        }
        let gives_rows = lexeme.is_any(&["SELECT", "EXEC", "EXECUTE"]);
        if lexeme.is("SELECT") {
            self.part.with = false;
        }
        if self.part.wants_rows {
            self.part.wants_rows = !gives_rows && !lexeme.is_any(&["VALUES", "SET", "TABLE"]);
            if gives_rows {
                return false;
            }
        }
        let ends = self.part.writes
            && !in_case
            && (gives_rows || lexeme.is_any(NEXT))
            && (self.runs_on || lexeme.is("END"))
            && self.before(offset).is_some_and(may_end);
        if ends {
            self.part = Part::default();
        }
        ends
    }

    fn begins_write(&mut self, offset: usize) -> bool {
        let is_opened = self.is_opened(offset);
        let follows = self.runs_on
            && (self.before(offset).is_some_and(may_end) || self.is_after_option(offset));
        if !(is_opened || follows) || self.asked >= MAX_VERBS {
            return false;
        }
        self.asked += 1;
        let rest = self.statement.get(offset..).unwrap_or_default();
        scan::begins_write(rest, self.names, is_opened || self.is_batch)
    }

    fn before(&self, offset: usize) -> Option<&Lexeme> {
        offset.checked_sub(1).and_then(|before| self.statement.get(before))
    }

    fn is_before(&self, offset: usize, words: &[&str]) -> bool {
        self.before(offset).is_some_and(|before| before.is_any(words))
    }

    /// Whether what stands before opens a block, or is a label.
    fn is_opened(&self, offset: usize) -> bool {
        const OPENS: &[&str] =
            &["BEGIN", "ELSE", "LOOP", "REPEAT", "ATOMIC", "TRAN", "TRANSACTION", "WORK"];
        let is_handler = self.is_before(offset, &["TRY", "CATCH"])
            && self.is_before(offset.saturating_sub(1), &["BEGIN", "END"]);
        // `WHEN MATCHED THEN DELETE` and `ON CONFLICT DO UPDATE` are of the write that they stand in.
        let is_condition = !self.part.writes && self.is_before(offset, &["THEN", "DO"]);
        self.is_before(offset, OPENS)
            || is_handler
            || is_condition
            || offset == 2 && has_label(self.statement)
    }

    /// Whether `SET NOCOUNT ON` stands before.
    fn is_after_option(&self, offset: usize) -> bool {
        let before = self.statement.get(..offset.saturating_sub(1)).unwrap_or_default();
        let mut words = before.iter().rev().take(8);
        self.is_before(offset, &["ON"])
            && words.by_ref().take_while(|one| !one.is_sign(&Token::Eq)).any(|one| one.is("SET"))
    }
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
    let known = |first: &&Lexeme| first.is_any(FIRST) || first.is_any(ONLY_BATCHES);
    let Some(first) = statement.first().filter(known) else { return has_label(statement) };
    !first.is_any(&["CREATE", "ALTER", "DROP"])
        || statement.iter().skip(1).take(4).any(|word| word.is_any(&["TABLE", "INDEX"]))
}

/// Whether a label stands before a statement: `again: DELETE FROM t`.
fn has_label(statement: &[Lexeme]) -> bool {
    statement.first().is_some_and(|first| first.word().is_some())
        && statement.get(1).is_some_and(|second| second.is_sign(&Token::Colon))
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
