//! Rows that come from a file or a client, and rows that a write shows and stores elsewhere.

use sqlparser::tokenizer::Token;

use super::{
    super::{Clauses, Operation, holes::LOOKAHEAD, tree::Write},
    Named, Scan,
};

impl Scan<'_> {
    pub(super) fn copy(&self, at: usize) -> Option<Write> {
        let next = self.skip(at + 1, &["BINARY"]);
        let Named { table, end } = self.name(next)?;
        let from = self.skip_parentheses(end);
        let source = self.get(from + 1);
        let reads_rows = source.is_none_or(|source| {
            source.is_any(&["STDIN", "PROGRAM"])
                || self.is_hole(from + 1)
                || source.word().is_none()
        });
        (self.is(from, "FROM") && reads_rows).then_some(Write {
            operation: Operation::Insert,
            clauses: Clauses::INSERT,
            table,
        })
    }

    pub(super) fn load(&self, at: usize) -> Option<Write> {
        let rest = self.lexemes.get(at..)?.iter().take(12);
        let into = at + rest.enumerate().find(|(_, lexeme)| lexeme.is("INTO"))?.0;
        let Named { table, .. } = self.name(self.skip(into + 1, &["TABLE"]))?;
        Some(Write { operation: Operation::Insert, clauses: Clauses::INSERT, table })
    }

    /// The table of `OUTPUT … INTO table`; a variable is none.
    pub(super) fn output(&self, at: usize) -> Option<Write> {
        const OTHERS: &[&str] =
            &["VALUES", "SELECT", "WHERE", "FROM", "DEFAULT", "INSERT", "EXEC", "EXECUTE", "SET"];
        let rest = self.lexemes.get(at + 1..)?.iter().take(LOOKAHEAD / 64);
        let mut shown = rest.take_while(|lexeme| {
            !lexeme.is_any(OTHERS) && !matches!(lexeme.token.token, Token::SemiColon)
        });
        let into = at + 1 + shown.position(|lexeme| lexeme.is("INTO"))?;
        let is_variable = match &self.get(into + 1)?.token.token {
            Token::Word(word) => word.value.starts_with('@'),
            Token::Placeholder(_) | Token::AtSign => true,
            _ => false,
        };
        let Named { table, .. } = self.name(into + 1).filter(|_| !is_variable)?;
        Some(Write { operation: Operation::Insert, clauses: Clauses::INSERT, table })
    }
}
