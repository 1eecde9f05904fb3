//! The body of a routine or trigger -> what it writes and which routines it calls.

use sqlparser::tokenizer::Token;

use super::{
    super::{
        Dialect, Piece, Receiver, SqlReading,
        name::TableName,
        read::reading,
        scan::name_at,
        text::Assembled,
        tokens::{Lexeme, best_lexed, statements},
        tree::{Names, Within},
    },
    Body, Schema,
};

/// What a body does.
#[derive(Debug, Clone, Default)]
pub(super) struct Reading {
    /// Its statements.
    pub(super) sql: SqlReading,
    /// The routines it calls.
    pub(super) calls: Vec<TableName>,
    /// The language, where it is one that is not read.
    pub(super) foreign: Option<String>,
}

impl Schema {
    /// Reads a body.
    pub(super) fn read(&self, body: &Body) -> Reading {
        match body {
            Body::Call(routine) => Reading { calls: vec![routine.clone()], ..Reading::default() },
            Body::Foreign(language) => Reading { foreign: language.clone(), ..Reading::default() },
            Body::Query(text, dialect) => {
                let calls = self.called(&Assembled::new(&[Piece::Known(text)]), *dialect);
                let calls = calls.into_iter().map(|(name, _)| name).collect();
                Reading { calls, ..Reading::default() }
            }
            Body::Text(text, dialect) => {
                let into_variables = *dialect != Some(Dialect::MsSql);
                let within = Within { schema: Some(self), body: true, into_variables };
                let assembled = Assembled::new(&[Piece::Known(text)]);
                let sql = reading(&assembled, Receiver::Database, *dialect, within);
                let calls = self.called(&assembled, *dialect);
                let calls = calls.into_iter().map(|(name, _)| name).collect();
                Reading { sql, calls, foreign: None }
            }
        }
    }

    /// The declared routines that a text calls, each with the byte at which it does.
    ///
    /// A name before a parenthesis is called unless it is that of a table, as in `INSERT INTO pay (a)`; procedures are
    /// called without one as well.
    pub(super) fn called(
        &self,
        assembled: &Assembled,
        dialect: Option<Dialect>,
    ) -> Vec<(TableName, usize)> {
        const CALLS: &[&str] = &["CALL", "EXEC", "EXECUTE"];
        const TABLES: &[&str] = &[
            "INTO",
            "TABLE",
            "UPDATE",
            "REFERENCES",
            "FUNCTION",
            "PROCEDURE",
            "VIEW",
            "INDEX",
            "TRIGGER",
            "AS",
        ];
        const LEAVES: &[&str] = &["SELECT", "WHERE", "SET", "GROUP", "ORDER", "HAVING", "WINDOW"];
        const ROWS: &[&str] = &["FROM", "JOIN", "STRAIGHT_JOIN", "LATERAL"];
        const DECLARES: &[&str] = &["CREATE", "ALTER", "DROP", "GRANT", "REVOKE", "COMMENT"];
        let words = assembled.text.split(|c: char| !c.is_alphanumeric() && c != '_');
        if !words.into_iter().any(|word| self.has_routine(word) || self.has_query(word)) {
            return Vec::new();
        }
        let Some(lexed) = best_lexed(&assembled.text, &Dialect::order(dialect)) else {
            return Vec::new();
        };
        let names = Names::of(&assembled.marker);
        let mut all = Vec::new();
        for range in statements(&lexed.lexemes) {
            let Some(lexemes) = lexed.lexemes.get(range) else { continue };
            if lexemes.first().is_some_and(|first| first.is_any(DECLARES)) {
                continue;
            }
            let mut next = 0;
            // A comma goes on with what it stands in: tables, or columns.
            let mut in_list = false;
            for (at, lexeme) in lexemes.iter().enumerate() {
                if at < next {
                    continue;
                }
                in_list = (in_list || lexeme.is_any(ROWS)) && !lexeme.is_any(LEAVES);
                let Some((name, end)) = name_at(lexemes, at, &names) else { continue };
                next = end;
                let before = at.checked_sub(1).and_then(|before| lexemes.get(before));
                let is = |words| before.is_some_and(|before: &Lexeme| before.is_any(words));
                let opens = lexemes.get(end).is_some_and(|next| next.is_sign(&Token::LParen));
                let is_read = || {
                    let goes_on = before.is_some_and(|before| before.is_sign(&Token::Comma));
                    let deletes =
                        at >= 2 && lexemes.get(at - 2).is_some_and(|one| one.is("DELETE"));
                    is(ROWS) && !deletes || goes_on && in_list
                };
                if let Some(name) = name
                    && (self.has_routine(name.table()) && (opens && !is(TABLES) || is(CALLS))
                        || !opens && self.has_query(name.table()) && is_read())
                {
                    all.push((name, lexeme.start));
                }
            }
        }
        all
    }
}
