//! Statements of `ClickHouse` that no grammar here parses, told from sentences by what only a statement has.

use sqlparser::tokenizer::Token;

use super::{
    super::{
        Clauses, Operation,
        tokens::Lexeme,
        tree::{Names, Write},
    },
    LOOKAHEAD, Named, Scan,
};

/// What is written by text of which nothing says that it is SQL: `INSERT INTO t FORMAT JSONEachRow`,
/// `ALTER TABLE t DELETE WHERE id = 1`.
pub(in crate::sql) fn writes_of_clickhouse(lexemes: &[Lexeme], names: &Names<'_>) -> Vec<Write> {
    let scan = Scan { lexemes, names, lookahead: LOOKAHEAD, is_statement: true };
    if scan.is(0, "ALTER") && scan.is(1, "TABLE") {
        return if scan.is_mutation() { scan.altered(0) } else { Vec::new() };
    }
    scan.streamed().into_iter().collect()
}

impl Scan<'_> {
    /// Rows that follow the statement, or settings between the table and them.
    fn streamed(&self) -> Option<Write> {
        if !self.is(0, "INSERT") || !self.is(1, "INTO") {
            return None;
        }
        let Named { table, end } = self.name(self.skip(2, &["TABLE"]))?;
        let mut next = self.skip_parentheses(end);
        if self.is(next, "FROM") && self.is(next + 1, "INFILE") {
            next += 3;
        }
        let is_set = self.is(next, "SETTINGS") && self.is_sign(next + 2, &Token::Eq);
        let is_open = self.is(next, "VALUES") && self.get(next + 1).is_none() && self.shouts(next);
        let is_stream = is_set
            || is_open && self.shouts(0) && self.shouts(1)
            || self.is(next, "FORMAT") && self.names_format(next + 1);
        is_stream.then_some(Write { operation: Operation::Insert, clauses: Clauses::INSERT, table })
    }

    /// Whether a format is named: they begin in capitals, and are not words of a sentence in shouted statements.
    fn names_format(&self, at: usize) -> bool {
        let is_capital = |name: &str| name.chars().next().is_some_and(char::is_uppercase);
        self.get(at).and_then(Lexeme::word).is_some_and(|word| {
            is_capital(&word.value) || word.value.contains(self.names.marker) && self.shouts(0)
        })
    }

    /// Whether rows are named as only a statement does: by a sign or a value, or behind words that are shouted.
    fn is_mutation(&self) -> bool {
        let is_value = |lexeme: &Lexeme| {
            !matches!(lexeme.token.token, Token::Word(_) | Token::Comma | Token::Period)
        };
        let shouts = || self.shouts(0) && self.shouts(1);
        let mut rows = self.lexemes.iter().skip_while(|lexeme| !lexeme.is("WHERE")).skip(1);
        rows.next().is_some_and(|first| is_value(first) || shouts() || rows.any(is_value))
    }

    fn shouts(&self, at: usize) -> bool {
        let word = self.get(at).and_then(Lexeme::word);
        word.is_some_and(|word| word.value.chars().all(char::is_uppercase))
    }
}
