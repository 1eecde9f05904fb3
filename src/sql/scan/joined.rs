//! Writes of more than one table: those that an update joins, those that are merged or emptied.

use sqlparser::tokenizer::Token;

use super::{
    super::{Clauses, Operation, name::TableName, tree::Write},
    Named, Scan,
};

impl Scan<'_> {
    /// The tables joined from here up to SET, and where that is.
    pub(super) fn joined(&self, start: usize) -> Option<(Vec<Option<TableName>>, usize)> {
        let mut tables = Vec::new();
        let mut at = start;
        while let Some(lexeme) = self.get(at).filter(|_| at - start < self.lookahead) {
            if lexeme.is("SET") {
                return Some((tables, at));
            }
            if lexeme.is_any(&["SELECT", "WHERE", "FROM"]) || lexeme.is_sign(&Token::SemiColon) {
                return None;
            }
            if (lexeme.is_any(&["JOIN", "STRAIGHT_JOIN"]) || lexeme.is_sign(&Token::Comma))
                && let Some(named) = self.name(at + 1)
            {
                tables.push(named.table);
            }
            at = if lexeme.is_sign(&Token::LParen) { self.skip_parentheses(at) } else { at + 1 };
        }
        None
    }

    pub(super) fn merge(&self, at: usize) -> Option<Write> {
        let next = self.skip(self.skip_top(at + 1), &["INTO", "ONLY"]);
        let Named { table, end } = self.name(next)?;
        let rest = self.lexemes.get(end..).unwrap_or_default();
        let using = rest.iter().take(12).position(|lexeme| lexeme.is("USING"));
        if using.is_none() && !(self.is(at + 1, "INTO") && self.ends(end)) {
            return None;
        }
        let mut clauses = Clauses::default();
        for (offset, lexeme) in rest
            .iter()
            .take(self.lookahead)
            .enumerate()
            .take_while(|(_, lexeme)| !lexeme.is_sign(&Token::SemiColon))
        {
            if lexeme.is("THEN") {
                let action = end + offset + 1;
                clauses.insert |= self.is(action, "INSERT");
                clauses.update |= self.is(action, "UPDATE");
                clauses.delete |= self.is(action, "DELETE");
            }
        }
        if clauses == Clauses::default() {
            clauses = Clauses { insert: true, update: true, delete: true };
        }
        Some(Write { operation: Operation::Merge, clauses, table })
    }

    pub(super) fn truncate(&self, at: usize) -> Vec<Write> {
        let next = self.skip(at + 1, &["TABLE", "ONLY", "IF", "EXISTS"]);
        let Some((tables, mut end)) = self.names(next) else { return Vec::new() };
        if self.is_sign(end, &Token::Mul) {
            end += 1;
        }
        if !self.ends(end)
            && !self.is_any(
                end,
                &[
                    "RESTART",
                    "CONTINUE",
                    "CASCADE",
                    "RESTRICT",
                    "WITH",
                    "PARTITION",
                    "DROP",
                    "REUSE",
                    "WAIT",
                ],
            )
        {
            return Vec::new();
        }
        let (operation, clauses) = (Operation::Truncate, Clauses::DELETE);
        tables.into_iter().map(|table| Write { operation, clauses, table }).collect()
    }
}
