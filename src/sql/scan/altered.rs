//! Statements that declare something, and write rows as they do.

use sqlparser::tokenizer::Token;

use super::{
    super::{
        Clauses, Operation, batch,
        name::TableName,
        tokens::Lexeme,
        tree::{Names, Write},
    },
    Found, LOOKAHEAD, MAX_STRINGS, Named, Scan, collect,
};

/// Words between CREATE and EVENT, and the name of a table and what is done with it, at most.
const FAR: usize = 16;
/// Both tables of an exchange lose rows and get others.
const EXCHANGED: Clauses = Clauses { insert: true, update: false, delete: true };

/// What `ALTER TABLE t TRUNCATE PARTITION p` empties, and what `CREATE EVENT e … DO DELETE FROM t` does from then on.
pub(in crate::sql) fn writes_of_declaration(lexemes: &[Lexeme], names: &Names<'_>) -> Vec<Write> {
    let scan = Scan { lexemes, names, lookahead: LOOKAHEAD, is_statement: true };
    if scan.is(0, "ALTER") && scan.is(1, "TABLE") {
        return scan.altered(0);
    }
    let Some(start) = scan.event_body() else { return Vec::new() };
    let body = lexemes.get(start..).unwrap_or_default();
    let mut found = Found::default();
    for range in batch::parts(body, names, None) {
        let part = body.get(range).unwrap_or_default();
        collect(part, body, names, MAX_STRINGS, &mut found);
    }
    found.writes
}

impl Scan<'_> {
    /// Where the statement begins that an event runs.
    fn event_body(&self) -> Option<usize> {
        const OTHERS: &[&str] =
            &["TABLE", "VIEW", "TRIGGER", "FUNCTION", "PROCEDURE", "PROC", "INDEX", "ON", "AS"];
        let head = self.lexemes.iter().enumerate().skip(1).take(FAR);
        let mut head = head.take_while(|(_, lexeme)| !lexeme.is_any(OTHERS));
        let event = head.find(|(_, lexeme)| lexeme.is("EVENT"))?.0;
        if !self.is_any(0, &["CREATE", "ALTER"]) || self.is(event + 1, "TRIGGER") {
            return None;
        }
        Some(self.find(event, "DO")? + 1)
    }

    /// The first such word from a token on that stands in no parentheses.
    fn find(&self, from: usize, word: &str) -> Option<usize> {
        let mut at = from;
        while let Some(lexeme) = self.get(at).filter(|_| at - from < self.lookahead) {
            if lexeme.is(word) {
                return Some(at);
            }
            at = self.skip_parentheses(at).max(at + 1);
        }
        None
    }

    /// What `ALTER TABLE` does to rows: partitions that are emptied or change places, and the mutations of `ClickHouse`.
    pub(super) fn altered(&self, at: usize) -> Vec<Write> {
        let next = self.skip(at + 2, &["IF", "EXISTS", "ONLY"]);
        let Some(Named { table, end }) = self.name(next) else { return Vec::new() };
        let on_cluster = self.is(end, "ON") && self.is(end + 1, "CLUSTER");
        let mut action = if on_cluster { end + 3 } else { end };
        let mut all = Vec::new();
        loop {
            all.extend(self.action(action, table.as_ref()));
            let mut next = action;
            while self.get(next).is_some_and(|one| {
                !matches!(one.token.token, Token::Comma | Token::SemiColon)
                    && next - action < self.lookahead
            }) {
                next = self.skip_parentheses(next).max(next + 1);
            }
            if !self.is_sign(next, &Token::Comma) || all.len() > FAR {
                return all;
            }
            action = next + 1;
        }
    }

    fn action(&self, at: usize, table: Option<&TableName>) -> Vec<Write> {
        let write = |operation, clauses, table: Option<&TableName>| Write {
            operation,
            clauses,
            table: table.cloned(),
        };
        let other = |word: &str| {
            let word = self.find(at, word)?;
            Some(self.name(self.skip(word + 1, &["TABLE"]))?.table)
        };
        let of_partition = self.is(at + 1, "PARTITION");
        if self.is(at, "TRUNCATE") && of_partition {
            return vec![write(Operation::Truncate, Clauses::DELETE, table)];
        }
        if self.is(at, "EXCHANGE") && self.is_any(at + 1, &["PARTITION", "SUBPARTITION"]) {
            let both = other("WITH").into_iter().chain([table.cloned()]);
            return both.map(|one| write(Operation::Merge, EXCHANGED, one.as_ref())).collect();
        }
        if self.is(at, "SWITCH")
            && self.is_any(at + 1, &["PARTITION", "TO"])
            && let Some(other) = other("TO")
        {
            return vec![
                write(Operation::Delete, Clauses::DELETE, table),
                write(Operation::Insert, Clauses::INSERT, other.as_ref()),
            ];
        }
        if self.is(at, "DELETE") && (self.is(at + 1, "WHERE") || self.is(at + 1, "IN")) {
            return vec![write(Operation::Delete, Clauses::DELETE, table)];
        }
        let assigns = || self.name(at + 1).is_some_and(|name| self.is_sign(name.end, &Token::Eq));
        if self.is(at, "UPDATE") && assigns() {
            return vec![write(Operation::Update, Clauses::UPDATE, table)];
        }
        Vec::new()
    }
}
