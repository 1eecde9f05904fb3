//! Text of migrations -> the routines, triggers, views, rules and children of tables that it declares, one by one.
//!
//! Only the words that decide what writes what are read, token by token: databases differ in the rest, and so does what
//! their parsers know. A body is kept as text, to be read when it is run.

mod made;
mod statement;

use self::statement::Statement;
use super::{
    super::{
        Clauses, Dialect,
        executed::string,
        name::TableName,
        tokens::{Lexed, best_lexed, statements},
        tree::Names,
    },
    source::{may_change, may_declare, plain, spoken},
};
use crate::source::LineIndex;

/// Strings in strings are followed this far.
const MAX_STRINGS: usize = 3;
/// What stands for the parts of names that are put in at run time.
pub(super) const MARKER: &str = "contract_check_hole";

/// What one statement of a migration does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Declaration {
    /// A function or procedure.
    Routine(Routine),
    /// What runs when a table is written.
    Trigger(Trigger),
    /// A view, with the tables that writing it writes.
    View(TableName, Vec<TableName>),
    /// A table whose rows are rows of another one: `partition`, or `child table`.
    Child(&'static str, TableName, TableName),
    /// They no longer are.
    Alone(TableName, TableName),
    /// Routines are run, by this text.
    Runs(String),
    /// Something is called otherwise.
    Renamed(Kind, TableName, TableName),
    /// Something is gone: with the types of its arguments, or what it stands on.
    Dropped(Kind, TableName, Option<Vec<String>>, Option<TableName>),
}

/// What may be dropped or renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Routine,
    Trigger,
    /// A table or view.
    Relation,
    Schema,
}

/// A function or procedure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Routine {
    pub(super) name: TableName,
    /// The arguments, in lower case and without defaults.
    pub(super) arguments: Vec<String>,
    pub(super) body: Body,
    /// `function`, `procedure`, or `view`: its query runs where it is read.
    pub(super) word: &'static str,
}

/// The routine that a view is.
pub(super) const VIEW: &str = "view";

/// A trigger, or a rule, which is one in all that counts here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trigger {
    pub(super) name: TableName,
    /// `trigger` or `rule`.
    pub(super) word: &'static str,
    /// The table; nothing where its name is put in at run time.
    pub(super) on: Option<TableName>,
    /// Which writes it answers.
    pub(super) events: Clauses,
    /// Whether it answers a TRUNCATE.
    pub(super) on_truncate: bool,
    /// Whether it takes the place of what was to be done.
    pub(super) instead: bool,
    pub(super) body: Body,
}

/// What is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Body {
    /// Statements, and the dialect they are in.
    Text(String, Option<Dialect>),
    /// A query, which does what the functions in it do.
    Query(String, Option<Dialect>),
    /// A routine.
    Call(TableName),
    /// Code of another language, by its name; one that the declaration says writes nothing has none.
    Foreign(Option<String>),
}

/// What a text declares.
#[derive(Debug, Default)]
pub(super) struct Declared {
    /// Each declaration with the line at which it begins.
    pub(super) all: Vec<(u32, Declaration)>,
    /// The line from which on the text could not be read, and why.
    pub(super) failure: Option<(u32, String)>,
}

/// All that a text declares.
pub(super) fn declared(text: &str) -> Declared {
    let hint = spoken(text);
    let text = plain(text);
    let Some(lexed) = best_lexed(&text, &Dialect::order(hint)) else { return Declared::default() };
    let lines = LineIndex::new(&text);
    let line = |byte: usize| lines.line_col(&text, u32::try_from(byte).unwrap_or(u32::MAX)).line;
    let end = lexed.lexemes.last().map_or(0, |last| last.start);
    let failure = lexed.failure.clone().map(|failure| (line(end), failure));
    let mut all = Vec::new();
    collect(&lexed, &text, hint, MAX_STRINGS, None, &mut all);
    Declared { all: all.into_iter().map(|(byte, one)| (line(byte), one)).collect(), failure }
}

/// - `at`: the byte at which text that stands in a statement is run.
fn collect(
    lexed: &Lexed,
    text: &str,
    hint: Option<Dialect>,
    strings: usize,
    at: Option<usize>,
    all: &mut Vec<(usize, Declaration)>,
) {
    let dialect = hint.unwrap_or(lexed.dialect);
    for range in statements(&lexed.lexemes) {
        let end = lexed.lexemes.get(range.end).map_or(text.len(), |next| next.start);
        let Some(lexemes) = lexed.lexemes.get(range) else { continue };
        let statement = Statement {
            lexemes,
            text,
            end,
            dialect,
            names: Names { exact_quotes: dialect.keeps_quoted_case(), ..Names::of(MARKER) },
        };
        let begin = lexemes.iter().enumerate().find(|(begin, _)| statement.begins(*begin));
        let Some((begin, verb)) = begin else { continue };
        let byte = at.unwrap_or(verb.start);
        let made = statement.read(begin);
        let is_routine = made.iter().any(|one| matches!(one, Declaration::Routine(_)));
        all.extend(made.into_iter().map(|one| (byte, one)));
        // A block runs what it holds; a routine may make triggers when it is called.
        let is_block = lexemes.first().is_some_and(|first| first.is_any(BLOCKS));
        if strings == 0 || !(is_block || is_routine || verb.is("EXECUTE")) {
            continue;
        }
        for inner in lexemes.iter().filter_map(string) {
            let declares = if is_block { may_change(inner) } else { may_declare(inner) };
            let Some(lexed) = best_lexed(inner, &Dialect::order(hint)).filter(|_| declares) else {
                continue;
            };
            let mut within = Vec::new();
            collect(&lexed, inner, hint, strings - 1, Some(byte), &mut within);
            if !is_block {
                within.retain(|(_, one)| matches!(one, Declaration::Trigger(_)));
            }
            all.extend(within);
        }
    }
}

/// The first words of statements that run others.
const BLOCKS: &[&str] = &["DO", "BEGIN", "IF", "DECLARE", "EXECUTE", "EXEC"];
