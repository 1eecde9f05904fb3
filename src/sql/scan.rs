//! Tokens that no dialect parses -> the writes whose beginning is plain to see.
//!
//! Only the words the grammar asks for count (`UPDATE name SET`, `DELETE FROM name WHERE`), so that `FOR UPDATE`,
//! `ON UPDATE CASCADE` and sentences are passed over. It follows no nesting: a write is found wherever it stands.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, Word};

use super::executed::executed;
use super::holes::{LOOKAHEAD, parenthesis_end};
use super::name::TableName;
use super::tokens::Lexeme;
use super::tree::{Names, Write};
use super::words::{JOINS, NEXT, is_reserved};
use super::{Clauses, Operation};

mod altered;
mod clickhouse;
mod given;
mod joined;
mod rows;

pub(super) use altered::writes_of_declaration;
pub(super) use clickhouse::writes_of_clickhouse;
pub(super) use given::writes_of_functions;

/// Statements in strings in statements are followed this far.
const MAX_STRINGS: usize = 3;
/// After this many beginnings, the end of each is only looked for nearby.
const MAX_FAR: usize = 64;
/// The words that may begin a write.
const VERBS: [Keyword; 5] =
    [Keyword::INSERT, Keyword::REPLACE, Keyword::UPDATE, Keyword::DELETE, Keyword::MERGE];

/// What is found without a parser.
#[derive(Default)]
pub(super) struct Found {
    /// The writes.
    pub(super) writes: Vec<Write>,
    /// Whether something is run of which the text does not say what it writes.
    pub(super) runs_unknown: bool,
}

/// Every write that begins somewhere in these tokens.
///
/// - `whole`: the tokens of the whole text, in which variables are given what is run.
pub(super) fn writes(lexemes: &[Lexeme], whole: &[Lexeme], names: &Names<'_>) -> Found {
    let mut found = Found::default();
    collect(lexemes, whole, names, MAX_STRINGS, &mut found);
    found
}

/// Whether a write that the first word asks for begins these tokens.
///
/// - `is_statement`: a statement begins here for certain.
pub(super) fn begins_write(lexemes: &[Lexeme], names: &Names<'_>, is_statement: bool) -> bool {
    let scan = Scan { lexemes, names, lookahead: LOOKAHEAD / 64, is_statement };
    match lexemes.first().and_then(Lexeme::word).map(|word| word.keyword) {
        Some(Keyword::INSERT) => scan.insert(0, false).is_some(),
        Some(Keyword::REPLACE) => is_statement && scan.insert(0, true).is_some(),
        Some(Keyword::UPDATE) => !scan.update(0).is_empty(),
        Some(Keyword::DELETE) => !scan.delete(0).is_empty(),
        Some(Keyword::MERGE) => scan.merge(0).is_some(),
        Some(Keyword::TRUNCATE) => {
            (is_statement || scan.is(1, "TABLE")) && !scan.truncate(0).is_empty()
        }
        _ => false,
    }
}

/// The name that stands at a token, nothing for one that has a hole, and the token after it.
pub(super) fn name_at(
    lexemes: &[Lexeme],
    at: usize,
    names: &Names<'_>,
) -> Option<(Option<TableName>, usize)> {
    let scan = Scan { lexemes, names, lookahead: LOOKAHEAD, is_statement: false };
    scan.name(at).map(|Named { table, end }| (table, end))
}

fn collect(
    lexemes: &[Lexeme],
    whole: &[Lexeme],
    names: &Names<'_>,
    strings: usize,
    found: &mut Found,
) {
    let mut scan = Scan { lexemes, names, lookahead: LOOKAHEAD, is_statement: true };
    let mut candidates = 0_usize;
    for (at, lexeme) in lexemes.iter().enumerate() {
        let Some(word) = lexeme.word().filter(|word| word.quote_style.is_none()) else { continue };
        if VERBS.contains(&word.keyword) {
            candidates += 1;
            // Text of so many beginnings is not one statement; bounds the time that looking ahead takes.
            scan.lookahead = if candidates > MAX_FAR { LOOKAHEAD / 64 } else { LOOKAHEAD };
        }
        match word.keyword {
            Keyword::INSERT => found.writes.extend(scan.insert(at, false)),
            Keyword::REPLACE if at == 0 || scan.is(at + 1, "INTO") => {
                found.writes.extend(scan.insert(at, true));
            }
            Keyword::UPDATE => found.writes.extend(scan.update(at)),
            Keyword::DELETE => found.writes.extend(scan.delete(at)),
            Keyword::MERGE => found.writes.extend(scan.merge(at)),
            Keyword::TRUNCATE => found.writes.extend(scan.truncate(at)),
            Keyword::ALTER if scan.is(at + 1, "TABLE") => found.writes.extend(scan.altered(at)),
            Keyword::COPY if at == 0 => found.writes.extend(scan.copy(at)),
            Keyword::OUTPUT => found.writes.extend(scan.output(at)),
            Keyword::LOAD if scan.is_any(at + 1, &["DATA", "XML"]) => {
                found.writes.extend(scan.load(at));
            }
            Keyword::EXECUTE | Keyword::EXEC | Keyword::DO | Keyword::PREPARE | Keyword::CALL
                if strings > 0 =>
            {
                let is_statement = at == 0 && strings == MAX_STRINGS;
                let is_whole = is_statement && !names.within.body;
                let all = executed(lexemes, at, is_whole, whole, names);
                found.run(all, names, strings - 1);
            }
            _ => {}
        }
    }
    if strings > 0 {
        found.run_given(lexemes, names, strings - 1);
    }
}

/// A name as it stands in the tokens: what it says, and the token after it.
struct Named {
    table: Option<TableName>,
    end: usize,
}

struct Scan<'a> {
    /// How far the end of a phrase is looked for.
    lookahead: usize,
    /// Whether the first token begins a statement: there the verb and the table are enough.
    is_statement: bool,
    lexemes: &'a [Lexeme],
    names: &'a Names<'a>,
}

impl<'a> Scan<'a> {
    fn get(&self, at: usize) -> Option<&'a Lexeme> {
        self.lexemes.get(at)
    }

    fn is(&self, at: usize, keyword: &str) -> bool {
        self.get(at).is_some_and(|lexeme| lexeme.is(keyword))
    }

    fn is_any(&self, at: usize, keywords: &[&str]) -> bool {
        self.get(at).is_some_and(|lexeme| lexeme.is_any(keywords))
    }

    fn is_sign(&self, at: usize, sign: &Token) -> bool {
        self.get(at).is_some_and(|lexeme| lexeme.is_sign(sign))
    }

    /// Whether the verb at `at` begins a statement.
    fn begins(&self, at: usize) -> bool {
        at == 0 && self.is_statement
    }

    /// Whether nothing of the statement is left, or nothing that is known.
    fn ends(&self, at: usize) -> bool {
        self.get(at).is_none_or(|lexeme| {
            matches!(lexeme.token.token, Token::SemiColon | Token::RParen)
                || self.is_hole(at)
                || lexeme.is("END")
        })
    }

    fn is_hole(&self, at: usize) -> bool {
        self.get(at).and_then(Lexeme::word).is_some_and(|word| word.value == self.names.marker)
    }

    fn skip(&self, mut at: usize, keywords: &[&str]) -> usize {
        while self.is_any(at, keywords) {
            at += 1;
        }
        at
    }

    /// Past a parenthesis that opens here, if one does.
    fn skip_parentheses(&self, at: usize) -> usize {
        if !self.is_sign(at, &Token::LParen) {
            return at;
        }
        parenthesis_end(self.lexemes, at, self.lookahead).unwrap_or(self.lexemes.len())
    }

    fn skip_top(&self, at: usize) -> usize {
        if self.is(at, "TOP") && self.is_sign(at + 1, &Token::LParen) {
            self.skip_parentheses(at + 1)
        } else {
            at
        }
    }

    /// A name of one or more parts. A placeholder in its place is a name that is not known.
    fn name(&self, start: usize) -> Option<Named> {
        let mut parts: Vec<(String, Option<char>)> = Vec::new();
        let mut at = start;
        loop {
            match &self.get(at)?.token.token {
                // A variable holds rows of nobody's.
                Token::Word(Word { value: text, .. }) | Token::Placeholder(text)
                    if parts.is_empty() && text.starts_with('@') =>
                {
                    return None;
                }
                Token::Word(word)
                    if word.quote_style.is_some()
                        || !is_reserved(word.keyword)
                        || !parts.is_empty() =>
                {
                    parts.push((word.value.clone(), word.quote_style));
                    at += 1;
                }
                Token::DoubleQuotedString(text) => {
                    parts.push((text.clone(), Some('"')));
                    at += 1;
                }
                Token::LBracket if self.is_sign(at + 2, &Token::RBracket) => {
                    parts.push((self.get(at + 1)?.word()?.value.clone(), Some('[')));
                    at += 3;
                }
                Token::Placeholder(_) => {
                    parts.push((self.names.marker.to_owned(), None));
                    at += 1;
                }
                // `format('… %I …')` inside a routine.
                Token::Mod if self.is_any(at + 1, &["I", "s", "L"]) => {
                    parts.push((self.names.marker.to_owned(), None));
                    at += 2;
                }
                _ => return None,
            }
            if !self.is_sign(at, &Token::Period) {
                break;
            }
            while self.is_sign(at, &Token::Period) {
                at += 1;
            }
        }
        let table = self.names.table(parts.iter().map(|(text, quote)| (text.as_str(), *quote)));
        Some(Named { table, end: at })
    }

    fn names(&self, start: usize) -> Option<(Vec<Option<TableName>>, usize)> {
        let Named { table, mut end } = self.name(start)?;
        let mut tables = vec![table];
        while self.is_sign(end, &Token::Comma) {
            let Some(next) = self.name(self.skip(end + 1, &["ONLY"])) else { break };
            tables.push(next.table);
            end = next.end;
        }
        Some((tables, end))
    }

    fn insert(&self, at: usize, replaces: bool) -> Option<Write> {
        let mut next = at + 1;
        let mut upserts = replaces;
        if self.is(next, "OR") {
            // `OR UPDATE` is of Spanner.
            upserts |= self.is_any(next + 1, &["REPLACE", "UPDATE"]);
            next += 2;
        }
        next = self.skip(next, &["IGNORE", "LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY"]);
        next = self.skip_top(next);
        let named_into = self.is_any(next, &["INTO", "OVERWRITE"]);
        next = self.skip(next, &["INTO", "OVERWRITE", "TABLE", "ONLY"]);
        let Named { table, mut end } = self.name(next)?;
        if self.is(end, "AS") {
            end += 2;
        } else if self.get(end).is_some_and(|lexeme| lexeme.word().is_some())
            && self.is_sign(end + 1, &Token::LParen)
            && !self.is_any(end, &["VALUES", "VALUE"])
        {
            end += 1;
        }
        let follows = self.is_sign(end, &Token::LParen)
            || self.is_any(
                end,
                &[
                    "VALUES",
                    "VALUE",
                    "SELECT",
                    "DEFAULT",
                    "SET",
                    "WITH",
                    "TABLE",
                    "OVERRIDING",
                    "OUTPUT",
                    "PARTITION",
                    "EXEC",
                    "EXECUTE",
                    "BY",
                ],
            );
        let bulk = at.checked_sub(1).is_some_and(|before| self.is(before, "BULK"));
        let begins = if named_into {
            self.begins(at) || follows || self.ends(end)
        } else if bulk {
            self.is(end, "FROM")
        } else {
            follows && at == 0
        };
        if !begins {
            return None;
        }
        upserts |= self.updates_on_conflict(end);
        Some(if upserts {
            Write { operation: Operation::Upsert, clauses: Clauses::UPSERT, table }
        } else {
            Write { operation: Operation::Insert, clauses: Clauses::INSERT, table }
        })
    }

    /// Whether the rest of the statement says what to update when the row is there already.
    fn updates_on_conflict(&self, start: usize) -> bool {
        let rest = self.lexemes.get(start..).unwrap_or_default();
        let mut conflict = false;
        for (offset, lexeme) in rest
            .iter()
            .take(self.lookahead)
            .enumerate()
            .take_while(|(_, lexeme)| !lexeme.is_sign(&Token::SemiColon))
        {
            let next = start + offset + 1;
            conflict |= lexeme.is("CONFLICT");
            if (conflict && lexeme.is("DO") && self.is(next, "UPDATE"))
                || (lexeme.is("DUPLICATE") && self.is(next, "KEY") && self.is(next + 1, "UPDATE"))
            {
                return true;
            }
        }
        false
    }

    fn update(&self, at: usize) -> Vec<Write> {
        let mut next = at + 1;
        if self.is(next, "OR") {
            next += 2;
        }
        next = self.skip_top(self.skip(next, &["LOW_PRIORITY", "IGNORE", "ONLY"]));
        let Some((mut tables, mut end)) = self.names(next) else { return Vec::new() };
        if self.is_sign(end, &Token::Mul) {
            end += 1;
        }
        if self.is(end, "AS") {
            end += 2;
        } else if self
            .get(end)
            .and_then(Lexeme::word)
            .is_some_and(|word| !is_reserved(word.keyword))
            && !self.is_any(end, JOINS)
        {
            end += 1;
        }
        if self.is_any(end, JOINS) || self.is_sign(end, &Token::Comma) {
            let Some((joined, set)) = self.joined(end) else { return Vec::new() };
            tables.extend(joined);
            end = set;
        }
        let is_begun = self.begins(at) && self.is(end, "SET");
        if !(is_begun || self.is_assignment(end) || (self.is_hole(end) && end > next)) {
            return Vec::new();
        }
        let (operation, clauses) = (Operation::Update, Clauses::UPDATE);
        tables.into_iter().map(|table| Write { operation, clauses, table }).collect()
    }

    /// Whether `SET column =` stands here, as far as it goes.
    fn is_assignment(&self, at: usize) -> bool {
        if !self.is(at, "SET") {
            return false;
        }
        let mut next = at + 1;
        if self.ends(next) || self.is_sign(next, &Token::LParen) {
            return true;
        }
        while self.get(next).is_some_and(|lexeme| {
            matches!(
                lexeme.token.token,
                Token::Word(_)
                    | Token::DoubleQuotedString(_)
                    | Token::SingleQuotedString(_)
                    | Token::Placeholder(_)
                    | Token::LBracket
                    | Token::RBracket
                    | Token::Number(..)
                    | Token::Period
                    | Token::AtSign
            )
        }) {
            next += 1;
        }
        self.get(next)
            .is_some_and(|lexeme| matches!(lexeme.token.token, Token::Eq | Token::Assignment))
            || (next == at + 2 && self.ends(next))
    }

    fn delete(&self, at: usize) -> Vec<Write> {
        let mut next = self.skip_top(self.skip(at + 1, &["LOW_PRIORITY", "QUICK", "IGNORE"]));
        let with_from = self.is(next, "FROM");
        next = self.skip(next, &["FROM", "ONLY"]);
        let Some((tables, mut end)) = self.names(next) else { return Vec::new() };
        let is_all = self.begins(at) && (self.ends(end) || self.is_any(end, NEXT));
        if self.is_sign(end, &Token::Mul) {
            end += 1;
        }
        if self.is(end, "AS") {
            end += 2;
        } else if self
            .get(end)
            .and_then(Lexeme::word)
            .is_some_and(|word| !is_reserved(word.keyword))
            && !self.is_hole(end)
        {
            end += 1;
        }
        let follows = is_all
            || self.begins(at) && with_from
            || self.is_any(end, &["WHERE", "USING", "OUTPUT"])
            || (with_from
                && (self.ends(end)
                    || self.is_any(end, JOINS)
                    || self.is_any(
                        end,
                        &["RETURNING", "ORDER", "LIMIT", "OPTION", "INDEXED", "NOT"],
                    )))
            || (!with_from && self.is(end, "FROM"));
        if !follows {
            return Vec::new();
        }
        let (operation, clauses) = (Operation::Delete, Clauses::DELETE);
        tables.into_iter().map(|table| Write { operation, clauses, table }).collect()
    }
}
