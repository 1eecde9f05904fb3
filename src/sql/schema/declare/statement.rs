//! One statement of a migration -> what it declares, drops or renames.

use sqlparser::tokenizer::Token;

use super::{
    super::super::{
        Dialect,
        holes::parenthesis_end,
        name::{Ident, TableName},
        scan::name_at,
        text::is_one_of,
        tokens::Lexeme,
        tree::Names,
    },
    Declaration, Kind, Routine,
};

/// Words between CREATE and what is created, at most: `OR REPLACE DEFINER = 'a'@'b' SQL SECURITY INVOKER`.
const FAR: usize = 16;
/// What tables are called whose rows are rows of another one.
const PARTITION: &str = "partition";
const CHILD: &str = "child table";
/// The words after which a statement begins within a block.
const OPENS: &[&str] = &["BEGIN", "THEN", "ELSE", "LOOP"];

/// One statement.
pub(super) struct Statement<'a> {
    pub(super) lexemes: &'a [Lexeme],
    pub(super) text: &'a str,
    /// The byte after it.
    pub(super) end: usize,
    pub(super) dialect: Dialect,
    pub(super) names: Names<'a>,
}

impl Statement<'_> {
    pub(super) fn is(&self, at: usize, words: &[&str]) -> bool {
        self.lexemes.get(at).is_some_and(|lexeme| lexeme.is_any(words))
    }

    pub(super) fn is_sign(&self, at: usize, sign: &Token) -> bool {
        self.lexemes.get(at).is_some_and(|lexeme| lexeme.is_sign(sign))
    }

    /// Whether a statement that may be of interest begins here.
    pub(super) fn begins(&self, at: usize) -> bool {
        const FIRST: &[&str] =
            &["CREATE", "ALTER", "DROP", "DO", "EXECUTE", "EXEC", "RENAME", "SELECT", "CALL"];
        self.is(at, FIRST)
            && (at == 0 || at.checked_sub(1).is_some_and(|before| self.is(before, OPENS)))
    }

    pub(super) fn skip(&self, mut at: usize, words: &[&str]) -> usize {
        while self.is(at, words) {
            at += 1;
        }
        at
    }

    /// A whole name, and the token after it.
    pub(super) fn name(&self, at: usize) -> Option<(TableName, usize)> {
        let (name, end) = name_at(self.lexemes, at, &self.names)?;
        Some((name?, end))
    }

    /// The first of these words from a token on that stands in no parentheses.
    pub(super) fn find(&self, from: usize, words: &[&str]) -> Option<usize> {
        let mut depth = 0_usize;
        for (at, lexeme) in self.lexemes.iter().enumerate().skip(from) {
            match lexeme.token.token {
                Token::LParen => depth += 1,
                Token::RParen => depth = depth.saturating_sub(1),
                _ if depth == 0 && lexeme.is_any(words) => return Some(at),
                _ => {}
            }
        }
        None
    }

    /// What the statement does whose verb stands at `begin`.
    pub(super) fn read(&self, begin: usize) -> Vec<Declaration> {
        const KINDS: &[&str] = &[
            "FUNCTION",
            "PROCEDURE",
            "PROC",
            "ROUTINE",
            "TRIGGER",
            "VIEW",
            "RULE",
            "TABLE",
            "SCHEMA",
        ];
        const OTHERS: &[&str] = &["MATERIALIZED", "EVENT", "AS", "ON", "INDEX", "DEFAULT"];
        if self.is(begin, &["SELECT", "CALL", "EXEC"]) {
            let from = self.lexemes.get(begin).map_or(self.end, |first| first.start);
            let text = self.text.get(from..self.end).unwrap_or_default();
            return vec![Declaration::Runs(text.to_owned())];
        }
        let head = self.lexemes.iter().enumerate().skip(begin + 1).take(FAR);
        let kind = head
            .take_while(|(_, lexeme)| !lexeme.is_any(OTHERS))
            .find(|(_, lexeme)| lexeme.is_any(KINDS));
        let Some((kind, _)) = kind else { return Vec::new() };
        let next = self.skip(kind + 1, &["IF", "NOT", "EXISTS", "ONLY"]);
        if self.is(begin, &["CREATE"]) {
            self.created(kind, next)
        } else if self.is(begin, &["DROP"]) {
            self.dropped(kind, next)
        } else if self.is(begin, &["ALTER"]) {
            self.altered(kind, next)
        } else if self.is(begin, &["RENAME"]) {
            self.renamed(next)
        } else {
            Vec::new()
        }
    }

    fn created(&self, kind: usize, next: usize) -> Vec<Declaration> {
        if self.is(kind, &["TABLE"]) {
            return self.table(next);
        }
        let Some((name, end)) = name_at(self.lexemes, next, &self.names) else { return Vec::new() };
        if self.is(kind, &["TRIGGER"]) {
            // The name may be put in at run time, and tells nothing.
            let name = name.or_else(|| TableName::new(vec![Ident::new("?", false)]));
            let trigger = name.and_then(|name| self.trigger(name, end));
            return trigger.map(Declaration::Trigger).into_iter().collect();
        }
        let Some(name) = name else { return Vec::new() };
        if self.is(kind, &["VIEW"]) {
            vec![
                Declaration::Routine(self.query(&name, end)),
                Declaration::View(name, self.viewed(end)),
            ]
        } else if self.is(kind, &["RULE"]) {
            self.rule(name, end).map(Declaration::Trigger).into_iter().collect()
        } else if self.is(kind, &["SCHEMA"]) {
            Vec::new()
        } else {
            let is_procedure = self.is(kind, &["PROCEDURE", "PROC"]);
            let word = if is_procedure { "procedure" } else { "function" };
            let (arguments, after) = self.arguments(end);
            let (arguments, body) = (arguments.unwrap_or_default(), self.routine_body(after));
            vec![Declaration::Routine(Routine { name, arguments, body, word })]
        }
    }

    /// The arguments in parentheses, and the token after them.
    fn arguments(&self, at: usize) -> (Option<Vec<String>>, usize) {
        if !self.is_sign(at, &Token::LParen) {
            return (None, at);
        }
        let end = parenthesis_end(self.lexemes, at, self.lexemes.len()).unwrap_or(at + 1);
        let within = self.lexemes.get(at + 1..end.saturating_sub(1)).unwrap_or_default();
        let mut all: Vec<String> = Vec::new();
        let (mut depth, mut is_default) = (0_usize, false);
        for (number, lexeme) in within.iter().enumerate() {
            match lexeme.token.token {
                Token::LParen => depth += 1,
                Token::RParen => depth = depth.saturating_sub(1),
                _ => {}
            }
            let parts = depth == 0 && lexeme.is_sign(&Token::Comma);
            if number == 0 || parts {
                all.push(String::new());
            }
            is_default =
                !parts && (is_default || lexeme.is("DEFAULT") || lexeme.is_sign(&Token::Eq));
            if let Some(last) = all.last_mut().filter(|_| !parts && !is_default) {
                last.push(' ');
                last.push_str(&lexeme.token.token.to_string().to_lowercase());
            }
        }
        (Some(all), end)
    }

    /// `CREATE TABLE part PARTITION OF whole`, `CREATE TABLE one (…) INHERITS (other)`.
    fn table(&self, at: usize) -> Vec<Declaration> {
        let Some((child, end)) = self.name(at) else { return Vec::new() };
        let mut parents = Vec::new();
        let is_partition = self.is(end, &["PARTITION"]) && self.is(end + 1, &["OF"]);
        if is_partition {
            parents.extend(self.name(end + 2).map(|(parent, _)| parent));
        } else if let Some(inherits) = self.find(end, &["INHERITS"]) {
            let mut next = inherits + 1;
            while self.is_sign(next, &Token::LParen) || self.is_sign(next, &Token::Comma) {
                let Some((parent, end)) = self.name(next + 1) else { break };
                parents.push(parent);
                next = end;
            }
        }
        let word = if is_partition { PARTITION } else { CHILD };
        let child_of = child.clone();
        let child = |parent| Declaration::Child(word, child.clone(), parent);
        let within = self.lexemes.get(end..).unwrap_or_default();
        parents.into_iter().map(child).chain(self.defaults(&child_of, within)).collect()
    }

    fn altered(&self, kind: usize, next: usize) -> Vec<Declaration> {
        let Some((table, end)) = self.name(next) else { return Vec::new() };
        let within = self.lexemes.get(end..).unwrap_or_default();
        let is_table = self.is(kind, &["TABLE"]);
        let defaults = if is_table { self.defaults(&table, within) } else { Vec::new() };
        self.changed(kind, next).into_iter().chain(defaults).collect()
    }

    fn changed(&self, kind: usize, next: usize) -> Option<Declaration> {
        let (name, end) = self.name(next)?;
        let (_, end) = self.arguments(end);
        let second = |at: usize| self.name(at).map(|(name, _)| name);
        if self.is(end, &["ATTACH"]) && self.is(end + 1, &["PARTITION"]) {
            return Some(Declaration::Child(PARTITION, second(end + 2)?, name));
        }
        if self.is(end, &["DETACH"]) && self.is(end + 1, &["PARTITION"]) {
            return Some(Declaration::Alone(second(end + 2)?, name));
        }
        if self.is(end, &["INHERIT"]) {
            return Some(Declaration::Child(CHILD, name, second(end + 1)?));
        }
        if self.is(end, &["NO"]) && self.is(end + 1, &["INHERIT"]) {
            return Some(Declaration::Alone(name, second(end + 2)?));
        }
        let renames = self.is(end, &["RENAME"]) && self.is(end + 1, &["TO", "AS"]);
        let kind = self.kind(kind).filter(|_| renames)?;
        Some(Declaration::Renamed(kind, name, second(end + 2)?))
    }

    /// `RENAME TABLE one TO other, …`.
    fn renamed(&self, mut next: usize) -> Vec<Declaration> {
        let mut all = Vec::new();
        while let Some((old, end)) = self.name(next)
            && let Some((new, end)) = self.name(end + 1)
        {
            all.push(Declaration::Renamed(Kind::Relation, old, new));
            next = end + 1;
        }
        all
    }

    fn dropped(&self, kind: usize, next: usize) -> Vec<Declaration> {
        let Some(kind) = self.kind(kind) else { return Vec::new() };
        let mut all = Vec::new();
        let mut at = next;
        while let Some((name, end)) = self.name(at) {
            let (arguments, end) = self.arguments(end);
            let on = if self.is(end, &["ON"]) { self.name(end + 1) } else { None };
            let end = on.as_ref().map_or(end, |(_, end)| *end);
            all.push(Declaration::Dropped(kind, name, arguments, on.map(|(table, _)| table)));
            if !self.is_sign(end, &Token::Comma) {
                break;
            }
            at = end + 1;
        }
        all
    }

    fn kind(&self, at: usize) -> Option<Kind> {
        let word = self.lexemes.get(at)?.word()?.value.as_str();
        Some(if is_one_of(word, &["TRIGGER", "RULE"]) {
            Kind::Trigger
        } else if is_one_of(word, &["TABLE", "VIEW"]) {
            Kind::Relation
        } else if is_one_of(word, &["SCHEMA"]) {
            Kind::Schema
        } else {
            Kind::Routine
        })
    }
}
