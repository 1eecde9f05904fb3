//! What routines, triggers and rules run, and what views select from.

use sqlparser::tokenizer::Token;

use super::{
    super::super::{
        Clauses, executed::string, holes::parenthesis_end, name::TableName, scan::name_at,
        tokens::Lexeme,
    },
    super::source::is_of_server,
    Body, Declaration, Routine, Trigger, VIEW,
    statement::Statement,
};

impl Statement<'_> {
    pub(super) fn routine_body(&self, after: usize) -> Body {
        const STARTS: &[&str] = &[
            "BEGIN", "RETURN", "INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "TRUNCATE",
            "SELECT", "CALL", "IF", "WITH", "SET", "DECLARE", "WHILE", "LOOP", "CASE", "EXEC",
            "EXECUTE",
        ];
        let language = self.find(after, &["LANGUAGE"]).and_then(|at| self.lexemes.get(at + 1));
        let language = language.map(|lexeme| match string(lexeme) {
            Some(text) => text.to_lowercase(),
            None => lexeme.token.token.to_string().to_lowercase(),
        });
        let is_sql = language
            .as_deref()
            .is_none_or(|one| matches!(one.trim_matches('"'), "sql" | "plpgsql"));
        let text = (after..self.lexemes.len()).find_map(|at| {
            let is_string = at > 0 && self.is(at - 1, &["AS"]);
            self.lexemes.get(at).filter(|_| is_string).and_then(string)
        });
        let is_outside = text.is_none() && self.find(after, &["SONAME", "EXTERNAL"]).is_some();
        if !is_sql || is_outside {
            // Only a volatile function writes: https://www.postgresql.org/docs/current/xfunc-volatility.html
            let is_pure = self.find(after, &["IMMUTABLE", "STABLE"]).is_some();
            let name = language.unwrap_or_else(|| "another language".to_owned());
            return Body::Foreign((!is_pure).then_some(name));
        }
        if let Some(text) = text {
            return Body::Text(text.to_owned(), Some(self.dialect));
        }
        match self.find(after, &["AS"]).map(|at| at + 1).or_else(|| self.find(after, STARTS)) {
            Some(start) => self.rest(start),
            None => Body::Foreign(None),
        }
    }

    /// The statements from a token on.
    fn rest(&self, start: usize) -> Body {
        let is_atomic = self.is(start, &["BEGIN"]) && self.is(start + 1, &["ATOMIC"]);
        let start = if is_atomic { start + 2 } else { start };
        let from = self.lexemes.get(start).map_or(self.end, |first| first.start);
        let text = self.text.get(from..self.end).unwrap_or_default();
        Body::Text(text.to_owned(), Some(self.dialect))
    }

    pub(super) fn trigger(&self, name: TableName, end: usize) -> Option<Trigger> {
        let on = self.find(end, &["ON"])?;
        // Where the text ends here, what it goes on with is put in at run time.
        let (table, after) = name_at(self.lexemes, on + 1, &self.names).unwrap_or((None, on + 1));
        let calls = (after..self.lexemes.len())
            .find(|at| self.is(*at, &["EXECUTE"]) && self.is(at + 1, &["FUNCTION", "PROCEDURE"]));
        let body = match calls.map(|at| name_at(self.lexemes, at + 2, &self.names)) {
            Some(Some((Some(called), _))) => Body::Call(called),
            Some(_) => Body::Foreign(Some("text that is put together".to_owned())),
            None => {
                let each_row = self.find(after, &["ROW"]).map(|row| {
                    let follows = self.is(row + 1, &["FOLLOWS", "PRECEDES"]);
                    if follows { row + 3 } else { row + 1 }
                });
                let start = self.find(after, &["BEGIN"]).or(each_row);
                let start = start.or_else(|| self.find(after, &["AS"]).map(|at| at + 1));
                start.map_or(Body::Foreign(None), |start| self.rest(start))
            }
        };
        // `AFTER INSERT ON t`, or `ON t AFTER INSERT AS`.
        let before = self.lexemes.get(end..on).unwrap_or_default();
        let until = self.find(after, &["AS", "BEGIN", "EXECUTE"]).unwrap_or(after);
        let is_event = |lexeme: &Lexeme| lexeme.is_any(&["INSERT", "UPDATE", "DELETE", "TRUNCATE"]);
        let told = if before.iter().any(is_event) {
            before
        } else {
            self.lexemes.get(after..until).unwrap_or_default()
        };
        let has = |word: &str| told.iter().any(|lexeme| lexeme.is(word));
        Some(Trigger {
            name,
            word: "trigger",
            on: table,
            events: Clauses { insert: has("INSERT"), update: has("UPDATE"), delete: has("DELETE") },
            on_truncate: has("TRUNCATE"),
            instead: has("INSTEAD"),
            body,
        })
    }

    /// `CREATE RULE name AS ON event TO table DO [INSTEAD] (statements)`.
    pub(super) fn rule(&self, name: TableName, end: usize) -> Option<Trigger> {
        let event = self.find(end, &["ON"])? + 1;
        let (table, after) = name_at(self.lexemes, self.find(event, &["TO"])? + 1, &self.names)?;
        let does = self.find(after, &["DO"])? + 1;
        let start = self.skip(does, &["ALSO", "INSTEAD"]);
        let body = if self.is_sign(start, &Token::LParen) {
            let close = parenthesis_end(self.lexemes, start, self.lexemes.len())?;
            let byte = |at: usize| self.lexemes.get(at).map_or(self.end, |lexeme| lexeme.start);
            let text = self.text.get(byte(start + 1)..byte(close.saturating_sub(1)));
            Body::Text(text.unwrap_or_default().to_owned(), Some(self.dialect))
        } else {
            self.rest(start)
        };
        let events = Clauses {
            insert: self.is(event, &["INSERT"]),
            update: self.is(event, &["UPDATE"]),
            delete: self.is(event, &["DELETE"]),
        };
        let instead = self.is(does, &["INSTEAD"]);
        Some(Trigger { name, word: "rule", on: table, events, on_truncate: false, instead, body })
    }

    /// What runs where a view is read.
    pub(super) fn query(&self, name: &TableName, end: usize) -> Routine {
        let body = match self.find(end, &["AS"]).map(|at| self.rest(at + 1)) {
            Some(Body::Text(text, dialect)) => Body::Query(text, dialect),
            _ => Body::Foreign(None),
        };
        Routine { name: name.clone(), arguments: Vec::new(), body, word: VIEW }
    }

    /// The functions that give the columns of a table their values where a row is added without them.
    pub(super) fn defaults(&self, table: &TableName, within: &[Lexeme]) -> Vec<Declaration> {
        let mut all = Vec::new();
        for (at, lexeme) in within.iter().enumerate() {
            if !lexeme.is("DEFAULT") {
                continue;
            }
            let opened = within.get(at + 1..).unwrap_or_default().iter();
            let open = opened.take_while(|one| one.is_sign(&Token::LParen)).count();
            let Some((Some(name), end)) = name_at(within, at + 1 + open, &self.names) else {
                continue;
            };
            let calls = within.get(end).is_some_and(|next| next.is_sign(&Token::LParen));
            if calls && !is_of_server(name.table()) {
                all.push(Declaration::Trigger(Trigger {
                    name: name.clone(),
                    word: "default",
                    on: Some(table.clone()),
                    events: Clauses { insert: true, update: false, delete: false },
                    on_truncate: false,
                    instead: false,
                    body: Body::Call(name),
                }));
            }
        }
        all
    }

    /// The tables that are written by writing a view: those it selects from, where it is a plain selection of their rows
    /// (<https://www.postgresql.org/docs/current/sql-createview.html>, "Updatable Views"; `MySQL` writes through joins
    /// as well).
    pub(super) fn viewed(&self, end: usize) -> Vec<TableName> {
        const NEVER: &[&str] =
            &["GROUP", "HAVING", "UNION", "INTERSECT", "EXCEPT", "LIMIT", "OFFSET", "VALUES"];
        const JOINED: &[&str] = &["FROM", "JOIN", "STRAIGHT_JOIN"];
        const AFTER: &[&str] = &["WHERE", "ORDER", "FOR", "WINDOW"];
        let Some(begin) = self.find(end, &["AS"]).map(|at| at + 1) else { return Vec::new() };
        let begin = begin + usize::from(self.is_sign(begin, &Token::LParen));
        let never = self.find(begin, NEVER).is_some() || self.is(begin, &["WITH"]);
        if never || self.is(begin + 1, &["DISTINCT"]) {
            return Vec::new();
        }
        let mut tables = Vec::new();
        let mut at = begin;
        let mut in_list = false;
        while let Some(found) = self.lexemes.get(at) {
            let is_passed_over = !in_list || self.is(at + 1, &["SELECT"]);
            if is_passed_over && found.is_sign(&Token::LParen) {
                at = parenthesis_end(self.lexemes, at, self.lexemes.len()).unwrap_or(at + 1);
                continue;
            }
            let is_distinct = at > 0 && self.is(at - 1, &["DISTINCT"]);
            in_list = (in_list || found.is("FROM") && !is_distinct) && !found.is_any(AFTER);
            // What is joined in parentheses is joined all the same.
            let leads =
                found.is_any(JOINED) || matches!(found.token.token, Token::Comma | Token::LParen);
            if in_list && leads {
                let next = self.skip(at + 1, &["ONLY", "LATERAL"]);
                if let Some((name, end)) = self.name(next)
                    && !self.is_sign(end, &Token::LParen)
                {
                    tables.push(name);
                }
            }
            at += 1;
        }
        tables
    }
}
