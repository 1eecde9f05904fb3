//! One text -> its reading: statements one by one, parsed where a dialect parses them, scanned where none does.

use sqlparser::ast::Statement;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::Token;

use super::text::{Assembled, executable, looks_like_write, may_run};
use super::tokens::{Lexed, Lexeme, best_lexed, is_shallow, statements};
use super::{
    Dialect, Receiver, SqlReading, StatementWrite, Unreadable, batch, holes, scan, tree, unknown,
};

/// How deep the parser may recurse; it grows its stack as it goes.
const RECURSION_LIMIT: usize = 120;
/// Statements with more tokens than this get only the likeliest guesses for their holes.
const MANY_TOKENS: usize = 2_000;
/// Longer text is not read.
const LONGEST_TEXT: usize = 16 * 1024 * 1024;

/// Reads assembled text.
pub(super) fn reading(
    assembled: &Assembled,
    receiver: Receiver,
    hint: Option<Dialect>,
    within: tree::Within<'_>,
) -> SqlReading {
    let mut reading = SqlReading::default();
    if assembled.text == assembled.marker {
        return reading;
    }
    let may_write = looks_like_write(&assembled.text)
        || receiver == Receiver::Database && may_run(&assembled.text);
    if assembled.text.len() > LONGEST_TEXT {
        if may_write && receiver == Receiver::Database {
            reading.unreadable = Some(Unreadable {
                reason: "the SQL text is too long to read".to_owned(),
                place: assembled.place(0),
            });
        }
        return reading;
    }
    let dialects = Dialect::order(hint);
    let text = executable(&assembled.text, hint);
    let Some(lexed) = best_lexed(&text, &dialects) else { return reading };
    if receiver == Receiver::Database
        && let Some(start) = unknown::whole_statement(&lexed.lexemes, &assembled.marker)
    {
        reading.unreadable =
            Some(Unreadable { reason: RUNS_UNKNOWN.to_owned(), place: assembled.place(start) });
    }
    if !may_write {
        reading.is_sql = begins_like_sql(&lexed.lexemes)
            && parsed(&lexed, &lexed.lexemes, &assembled.marker, false).is_some();
        return reading;
    }
    let names = tree::Names::of(&assembled.marker);
    let mut ranges = if receiver == Receiver::Database {
        batch::parts(&lexed.lexemes, &names, hint)
    } else {
        statements(&lexed.lexemes)
    };
    if within.body {
        ranges = ranges.into_iter().flat_map(|one| batch::opened(&lexed.lexemes, one)).collect();
    }
    let count = ranges.len();
    for (index, range) in ranges.into_iter().enumerate() {
        let end = lexed.lexemes.get(range.end).map_or(assembled.text.len(), |next| next.start);
        let Some(lexemes) = lexed.lexemes.get(range) else { continue };
        let Some(start) = lexemes.first().map(|first| first.start) else { continue };
        let statement = StatementText {
            text: text.get(start..end).unwrap_or_default(),
            lexed: Lexed {
                dialect: lexed.dialect,
                lexemes: lexemes.to_vec(),
                failure: lexed.failure.clone(),
            },
            marker: &assembled.marker,
            dialects: &dialects,
            hint,
            receiver,
            within,
            whole: &lexed.lexemes,
            is_last: index + 1 == count,
        };
        let place = assembled.place(start);
        let Outcome { writes, partial, reason, understood } = statement.outcome();
        reading.is_sql |= understood || !writes.is_empty() || reason.is_some();
        let reason = reason.or_else(|| {
            let nameless = writes.iter().any(|write| write.table.is_none());
            nameless.then(|| "the table name is built at run time".to_owned())
        });
        if let Some(reason) = reason.filter(|_| reading.unreadable.is_none()) {
            reading.unreadable = Some(Unreadable { reason, place });
        }
        reading.statements.extend(writes.into_iter().map(
            |tree::Write { operation, clauses, table }| StatementWrite {
                operation,
                clauses,
                table,
                place,
                partial,
            },
        ));
    }
    reading
}

/// One statement and all that is needed to read it.
struct StatementText<'a> {
    text: &'a str,
    lexed: Lexed,
    marker: &'a str,
    dialects: &'a [Dialect],
    hint: Option<Dialect>,
    receiver: Receiver,
    within: tree::Within<'a>,
    /// The tokens of the whole text.
    whole: &'a [Lexeme],
    is_last: bool,
}

/// What became of one statement.
#[derive(Default)]
struct Outcome {
    writes: Vec<tree::Write>,
    partial: bool,
    reason: Option<String>,
    understood: bool,
}

impl StatementText<'_> {
    fn outcome(&self) -> Outcome {
        let first = self.lexed.lexemes.first();
        let is_stored_rows = first.is_some_and(|first| first.is("CREATE"))
            && creates_from_query(&self.lexed.lexemes);
        let names = tree::Names {
            marker: self.marker,
            exact_quotes: self.hint.unwrap_or(self.lexed.dialect).keeps_quoted_case(),
            within: self.within,
        };
        if self.receiver == Receiver::Unknown {
            let writes = self.writes_of_clickhouse(&names);
            if !writes.is_empty() {
                return Outcome { writes, partial: true, understood: true, reason: None };
            }
        }
        if !is_stored_rows && first.is_some_and(|first| first.is_any(NEVER_WRITE)) {
            // A sentence may begin with such a word; what is known to be given to a database need not parse.
            if self.receiver == Receiver::Database {
                let writes = scan::writes_of_declaration(&self.lexed.lexemes, &names);
                if !writes.is_empty() {
                    return Outcome { writes, partial: true, understood: true, reason: None };
                }
            }
            let understood = self.receiver == Receiver::Database
                || parsed(&self.lexed, &self.lexed.lexemes, self.marker, false).is_some();
            return Outcome { understood, ..self.of_select(&names) };
        }
        let is_block = first.is_some_and(|first| first.is_any(BLOCKS));
        let mut reason = None;
        let is_prose = self.receiver == Receiver::Unknown && reads_like_prose(&self.lexed.lexemes);
        if !is_block && !is_prose {
            match self.parsed_writes(&names) {
                Ok(writes) => return self.with_functions(writes, &names),
                Err(failure) => reason = Some(failure),
            }
        }
        let holds_text = first.is_some_and(|first| first.is("DO"))
            && self
                .lexed
                .lexemes
                .get(1)
                .is_some_and(|body| body.word().is_none() || body.is("LANGUAGE"));
        if self.receiver == Receiver::Unknown && !holds_text {
            return Outcome::default();
        }
        let tidy = holes::tidied(&self.lexed.lexemes, self.marker);
        let scan::Found { writes, runs_unknown } = scan::writes(&tidy, self.whole, &names);
        let unread = writes.is_empty()
            && first.is_some_and(|first| first.is_any(WRITE_VERBS))
            && !copies_out(&tidy);
        let runs_unknown = runs_unknown && self.receiver == Receiver::Database;
        let reason =
            if runs_unknown { Some(RUNS_UNKNOWN.to_owned()) } else { reason.filter(|_| unread) };
        Outcome { partial: !writes.is_empty(), writes, reason, understood: false }
    }

    /// What is written by a statement of a server whose grammar is not known here. Names in it may stand in quotes that not
    /// every dialect has.
    fn writes_of_clickhouse(&self, names: &tree::Names<'_>) -> Vec<tree::Write> {
        let writes = scan::writes_of_clickhouse(&self.lexed.lexemes, names);
        if !writes.is_empty() || !self.text.contains('`') {
            return writes;
        }
        let quoted = Lexed::new(self.text, Dialect::MySql);
        scan::writes_of_clickhouse(&quoted.lexemes, names)
    }

    /// What a statement writes that was parsed, and what functions run that are called in it.
    fn with_functions(&self, mut writes: Vec<tree::Write>, names: &tree::Names<'_>) -> Outcome {
        const ONLY_TOLD: &[&str] = &["EXPLAIN", "DESCRIBE", "DESC", "PREPARE"];
        let is_told = self.lexed.lexemes.first().is_some_and(|first| first.is_any(ONLY_TOLD));
        if self.receiver == Receiver::Database && !is_told {
            writes.extend(scan::writes_of_functions(&self.lexed.lexemes, names).writes);
        }
        Outcome { writes, understood: true, ..Outcome::default() }
    }

    /// What a query writes: by functions that run text, or where it stores its rows.
    fn of_select(&self, names: &tree::Names<'_>) -> Outcome {
        let is_select = self.lexed.lexemes.first().is_some_and(|first| first.is("SELECT"));
        if self.receiver == Receiver::Unknown || !is_select {
            return Outcome::default();
        }
        if self.lexed.lexemes.iter().any(|lexeme| lexeme.is("INTO"))
            && let Ok(writes) = self.parsed_writes(names)
            && !writes.is_empty()
        {
            return Outcome { writes, ..Outcome::default() };
        }
        let writes = scan::writes_of_functions(&self.lexed.lexemes, names).writes;
        Outcome { partial: !writes.is_empty(), writes, ..Outcome::default() }
    }

    /// The writes of the first reading that parses, or why none does.
    fn parsed_writes(&self, names: &tree::Names<'_>) -> Result<Vec<tree::Write>, String> {
        let tidy = holes::tidied(&self.lexed.lexemes, self.marker);
        if self.lexed.failure.is_none()
            && let Some(statements) = parsed(&self.lexed, &tidy, self.marker, false)
        {
            return Ok(tree::writes(&statements, names));
        }
        let lexings: Vec<Lexed> = self
            .dialects
            .iter()
            .map(|dialect| {
                if self.lexed.dialect == *dialect {
                    self.lexed.clone()
                } else {
                    Lexed::new(self.text, *dialect)
                }
            })
            .filter(|lexed| lexed.failure.is_none())
            .map(|lexed| Lexed { lexemes: holes::tidied(&lexed.lexemes, self.marker), ..lexed })
            .collect();
        let Some(likeliest) = lexings.first() else {
            return Err(self
                .lexed
                .failure
                .clone()
                .unwrap_or_else(|| "the SQL text does not parse".to_owned()));
        };
        if !lexings.iter().all(|lexed| is_shallow(&lexed.lexemes)) {
            return Err("the SQL text is nested too deeply to read".to_owned());
        }
        let with_holes =
            likeliest.lexemes.iter().any(|lexeme| holes::has_hole(lexeme, self.marker));
        let worth = if likeliest.lexemes.len() > MANY_TOKENS { 1 } else { usize::MAX };
        let mut fillings: Vec<_> =
            holes::fillings(with_holes, false).into_iter().take(worth).collect();
        if self.is_last && self.receiver == Receiver::Database {
            fillings.extend(holes::fillings(with_holes, true).into_iter().take(worth));
        }
        let mut failure = None;
        for filling in fillings {
            for lexed in &lexings {
                match parse(lexed.dialect, holes::filled(&lexed.lexemes, self.marker, filling)) {
                    Ok(statements) if !statements.is_empty() => {
                        let keeps = lexed.dialect.keeps_quoted_case();
                        let names = tree::Names {
                            exact_quotes: self.hint.map_or(keeps, Dialect::keeps_quoted_case),
                            ..*names
                        };
                        return Ok(tree::writes(&statements, &names));
                    }
                    Ok(_) => {}
                    Err(error) => {
                        failure.get_or_insert(error);
                    }
                }
            }
        }
        Err(failure.unwrap_or_else(|| "the SQL text does not parse".to_owned()))
    }
}

/// Why a statement cannot be read that runs another.
pub(super) const RUNS_UNKNOWN: &str = "what it runs is not in its text";
/// The verbs of statements that write.
pub(super) const WRITE_VERBS: &[&str] =
    &["INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "REPLACE", "COPY", "LOAD", "UPSERT"];
/// Statements whose inner statements are stored, not run, or that have none.
const NEVER_WRITE: &[&str] =
    &["CREATE", "ALTER", "DROP", "GRANT", "REVOKE", "COMMENT", "SELECT", "VACUUM", "PRAGMA"];
/// Statements that hold others in ways the parser does not follow.
const BLOCKS: &[&str] =
    &["DO", "BEGIN", "IF", "EXEC", "EXECUTE", "DECLARE", "WHILE", "SET", "ANALYZE", "BULK", "CALL"];

/// Whether the rows of a query are stored: `CREATE TABLE a AS SELECT …`.
fn creates_from_query(lexemes: &[Lexeme]) -> bool {
    const QUERIES: &[&str] = &["SELECT", "WITH", "VALUES", "TABLE"];
    let head = || lexemes.iter().take(64);
    let begins = |next: &Lexeme| next.is_any(QUERIES) || next.is_sign(&Token::LParen);
    head().take(4).any(|lexeme| lexeme.is("TABLE"))
        && head().zip(lexemes.iter().skip(1)).any(|(one, next)| one.is("AS") && begins(next))
}

/// Whether rows are copied out of the database, by a COPY with options of some server.
fn copies_out(lexemes: &[Lexeme]) -> bool {
    let mut depth = 0_usize;
    let mut ways = lexemes.iter().filter(|lexeme| {
        match lexeme.token.token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && lexeme.is_any(&["FROM", "TO"])
    });
    lexemes.first().is_some_and(|first| first.is("COPY"))
        && ways.next().is_some_and(|way| way.is("TO"))
}

fn begins_like_sql(lexemes: &[Lexeme]) -> bool {
    lexemes.first().is_some_and(|first| {
        first.is_any(NEVER_WRITE)
            || first.is_any(BLOCKS)
            || first.is_any(&["WITH", "COMMIT", "ROLLBACK", "SAVEPOINT", "SHOW"])
    })
}

/// Text that happens to parse but reads like a sentence: `delete from cart clicked`.
fn reads_like_prose(lexemes: &[Lexeme]) -> bool {
    if lexemes.iter().any(|lexeme| lexeme.word().is_none_or(|word| word.quote_style.is_some())) {
        return false;
    }
    let Some(first) = lexemes.first().and_then(Lexeme::word) else { return false };
    let shouted = first.value.chars().all(char::is_uppercase);
    match first.value.to_uppercase().as_str() {
        "DELETE" => {
            lexemes.len() > 3
                && !lexemes
                    .iter()
                    .any(|lexeme| lexeme.is_any(&["WHERE", "USING", "LIMIT", "RETURNING"]))
        }
        "TRUNCATE" => !shouted && !lexemes.iter().any(|lexeme| lexeme.is("TABLE")),
        _ => false,
    }
}

fn parsed(
    lexed: &Lexed,
    lexemes: &[Lexeme],
    marker: &str,
    open_ended: bool,
) -> Option<Vec<Statement>> {
    if !is_shallow(lexemes) {
        return None;
    }
    let filling =
        holes::Filling { holes: holes::Guess::Fitting, last: holes::Guess::Fitting, open_ended };
    parse(lexed.dialect, holes::filled(lexemes, marker, filling))
        .ok()
        .filter(|statements| !statements.is_empty())
}

fn parse(
    dialect: Dialect,
    tokens: Vec<sqlparser::tokenizer::TokenWithSpan>,
) -> Result<Vec<Statement>, String> {
    Parser::new(dialect.grammar())
        .with_recursion_limit(RECURSION_LIMIT)
        .with_tokens_with_locations(tokens)
        .parse_statements()
        .map_err(|error| error.to_string())
}
