//! SQL text -> the tables it writes.
//!
//! Text comes in pieces, known or not ([`Piece`]); what comes out is every write in it ([`SqlReading`]), or why a write
//! in it cannot be read. A statement is parsed in each dialect in turn, with guesses in place of its holes; one that no
//! dialect parses is read token by token. Nothing here knows Rust: which calls take SQL is for the databases to say.
//!
//! Bodies of functions, triggers, views and rules are not writes when they are created, and a plain EXPLAIN is none.

mod batch;
mod escaped;
mod executed;
mod holes;
mod modifiers;
mod name;
mod read;
mod scan;
mod schema;
#[cfg(test)]
mod tests;
mod text;
mod tokens;
mod tree;
mod unknown;
mod words;

pub use name::{Ident, TableName};
pub use schema::{Called, Further, Schema, Source, Through};
pub use text::{looks_like_write, reads_as_prose};

/// A stretch of SQL text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text as it will be sent.
    Known(&'a str),
    /// Text that is unknown until run time, perhaps empty.
    Hole,
}

/// A family of SQL databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// `PostgreSQL` and what speaks like it.
    Postgres,
    /// `SQLite`.
    Sqlite,
    /// `MySQL` and `MariaDB`.
    MySql,
    /// `SQL Server`.
    MsSql,
    /// `DuckDB`.
    DuckDb,
    /// None in particular.
    Generic,
}

/// Who is given the text, and so how sure it is that it is SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Receiver {
    /// A call known to take SQL: what begins like a write and cannot be read is reported.
    Database,
    /// Any other: only text that parses as a write counts.
    Unknown,
}

/// What a write does, as `writes --format json` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// Rows are added, by INSERT, COPY … FROM or LOAD DATA.
    Insert,
    /// Rows are changed.
    Update,
    /// Rows are removed.
    Delete,
    /// Rows are merged, as the clauses say.
    Merge,
    /// All rows are removed.
    Truncate,
    /// Rows are added or changed: ON CONFLICT DO UPDATE, ON DUPLICATE KEY UPDATE, REPLACE, INSERT OR REPLACE.
    Upsert,
}

/// Which of the three guarded writes an operation amounts to (`writes` of a class).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Clauses {
    /// It may add rows.
    pub insert: bool,
    /// It may change rows.
    pub update: bool,
    /// It may remove rows.
    pub delete: bool,
}

impl Clauses {
    const INSERT: Self = Self { insert: true, update: false, delete: false };
    const UPDATE: Self = Self { insert: false, update: true, delete: false };
    const DELETE: Self = Self { insert: false, update: false, delete: true };
    const UPSERT: Self = Self { insert: true, update: true, delete: false };
}

/// One table written by one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementWrite {
    /// What is done.
    pub operation: Operation,
    /// What that amounts to.
    pub clauses: Clauses,
    /// The table; `None` if its name is built at run time.
    pub table: Option<TableName>,
    /// Where the statement begins: index of the known piece, byte within it.
    pub place: Option<(usize, usize)>,
    /// Whether no dialect parsed the whole statement, so that only the words around the table were read.
    pub partial: bool,
}

/// Why text that looks like a write could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// For people: lower case, without full stop.
    pub reason: String,
    /// Where the statement begins: index of the known piece, byte within it.
    pub place: Option<(usize, usize)>,
}

/// What a text writes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SqlReading {
    /// Every write, in the order of the text.
    pub statements: Vec<StatementWrite>,
    /// The first statement that looks like a write and cannot be read, or whose table is built at run time.
    pub unreadable: Option<Unreadable>,
    /// Whether the text is SQL that was understood, or begins a write that was not.
    pub is_sql: bool,
}

/// The tables that a text writes.
///
/// - `pieces`: the text, with holes where it is unknown; a `{…}` left over from a format string is a hole too.
/// - `receiver`: who is given the text.
/// - `hint`: the dialect to try first; the others follow.
///
/// # Examples
/// ```
/// use contract_check::sql::{Operation, Piece, Receiver, writes};
/// let pieces = [Piece::Known("DELETE FROM public.payments WHERE id IN ("), Piece::Hole, Piece::Known(")")];
/// let reading = writes(&pieces, Receiver::Database, None);
/// let write = &reading.statements[0];
/// assert_eq!(write.operation, Operation::Delete);
/// assert_eq!(write.table.as_ref().map(ToString::to_string).as_deref(), Some("public.payments"));
/// ```
pub fn writes(pieces: &[Piece<'_>], receiver: Receiver, hint: Option<Dialect>) -> SqlReading {
    writes_within(pieces, receiver, hint, None)
}

/// As [`writes`], where calls of the routines that `schema` declares write nothing themselves: it knows what they do.
pub fn writes_within(
    pieces: &[Piece<'_>],
    receiver: Receiver,
    hint: Option<Dialect>,
    schema: Option<&Schema>,
) -> SqlReading {
    let within = tree::Within { schema, ..tree::Within::default() };
    read::reading(&text::Assembled::new(pieces), receiver, hint, within)
}
