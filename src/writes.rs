//! Effects -> the table of writes: each with its table, its function and every way in which it is run.
//!
//! SQL text is read by [`crate::sql`]; what names the table decides where a write stands and who answers for it, so that
//! a function that runs any SQL it is given does not answer for all of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    calls::CallGraph,
    contract::{TableName, WriteKind},
    databases::migrations,
    evaluate::effect::{Callable, Origin, RunsOn, Saying, Statement},
    link::Target,
    source::Place,
    sql::{self, Clauses, Operation, Piece, Receiver, Schema},
};

mod declared;
mod run;

pub use self::declared::sources;
use self::declared::through_schema;

/// One write of one table at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// What is done.
    pub operation: Operation,
    /// The guarded writes that amounts to.
    pub kinds: Vec<WriteKind>,
    /// The table; unknown when its name is built at run time.
    pub table: Option<TableName>,
    /// The library.
    pub library: &'static str,
    /// The SQL text, where there is one; unknown pieces are `{}`.
    pub statement: Option<String>,
    /// The marked place.
    pub at: Place,
    /// Every way in which it is run.
    pub runs: Vec<Run>,
    /// Why it could not be read, when it could not.
    pub unread: Option<String>,
    /// What the statement does it through, where its text does not say so: ``trigger `audit` at migrations/2.sql:3``.
    pub through: Option<String>,
}

impl Write {
    /// For the end of a sentence: `, through …`; nothing where the statement says what it writes.
    pub fn said_through(&self) -> String {
        self.through.as_ref().map(|through| format!(", through {through}")).unwrap_or_default()
    }
}

/// One way in which a write is run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Run {
    /// What runs it.
    pub by: Callable,
    /// Writers that ran between that and the write.
    pub through: Vec<Target>,
    /// On what.
    pub on: RunsOn,
}

/// All writes, sorted by place, operation and table.
#[derive(Debug, Clone, Default)]
pub struct WriteTable {
    /// The writes.
    pub writes: Vec<Write>,
}

/// The library of a statement that is given to something of which nothing is known.
const UNKNOWN: &str = "unknown";

/// What tells one write from another: its place, what it does to which table, the library, and whether it was read. Text
/// that is put together in several ways is one write all the same.
type Key = (Place, Operation, Option<TableName>, &'static str, bool);

/// What is known of a write besides.
#[derive(Default)]
struct Known {
    kinds: Vec<WriteKind>,
    /// The text of the way that says most.
    text: Option<String>,
    unread: Option<String>,
    through: Option<String>,
    runs: BTreeSet<Run>,
}

impl Known {
    fn add(&mut self, found: Said, run: Run) {
        let Said { kinds, text, unread, through } = found;
        // What a text says itself needs nothing to go through.
        let first = self.runs.is_empty();
        self.through = match (self.through.take(), through) {
            (known, through) if first => known.or(through),
            (Some(one), Some(other)) => Some(one.min(other)),
            _ => None,
        };
        for kind in kinds {
            if !self.kinds.contains(&kind) {
                self.kinds.push(kind);
            }
        }
        self.kinds.sort();
        let says = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let (new, old) = (says(&text), says(&self.text));
        if self.runs.is_empty() || new > old || new == old && text < self.text {
            (self.text, self.unread) = (text, unread);
        }
        self.runs.insert(run);
    }
}

impl WriteTable {
    /// Reads statements.
    ///
    /// - `schema`: what makes one write another.
    pub fn new(statements: Vec<Statement>, schema: &Schema) -> Self {
        let mut all: BTreeMap<Key, Known> = BTreeMap::new();
        for statement in statements {
            let mut written = read(&statement, schema);
            if !schema.is_empty() {
                through_schema(&statement, &mut written, schema);
            }
            for found in written {
                let Found { operation, kinds, table, text, origin, unread, through } = found;
                let run = Run { by: origin.by, through: origin.through, on: statement.on };
                let key = (origin.at, operation, table, statement.library, unread.is_some());
                let said = Said { kinds, text, unread, through };
                all.entry(key).or_default().add(said, run);
            }
        }
        // A receiver that is known on one way and not on another is known.
        let known: BTreeSet<(Place, Operation, Option<TableName>)> = all
            .keys()
            .filter(|key| key.3 != UNKNOWN)
            .map(|key| (key.0, key.1, key.2.clone()))
            .collect();
        all.retain(|key, _| key.3 != UNKNOWN || !known.contains(&(key.0, key.1, key.2.clone())));
        let writes = all.into_iter().map(|(key, known)| {
            let (at, operation, table, library, _) = key;
            let Known { kinds, text: statement, unread, through, runs } = known;
            let runs = runs.into_iter().collect();
            Write { operation, kinds, table, library, statement, at, runs, unread, through }
        });
        Self { writes: writes.collect() }
    }

    /// Leaves out the migrations that no handler is known to run: those run when the program starts.
    #[must_use]
    pub fn without_idle_migrations(
        mut self,
        graph: &CallGraph,
        handlers: impl IntoIterator<Item = Callable>,
    ) -> Self {
        let is_migration = |write: &Write| write.library == migrations::LIBRARY;
        let runs = self.writes.iter().filter(|write| is_migration(write)).flat_map(|one| &one.runs);
        let open: BTreeSet<Callable> = runs.map(|run| run.by).collect();
        if open.is_empty() {
            return self;
        }
        let leading = graph.leading(open.iter().copied());
        let handlers: BTreeSet<Callable> = handlers.into_iter().collect();
        let mut kept = BTreeSet::new();
        for handler in handlers {
            let reach = graph.from_to(handler, &leading);
            kept.extend(open.iter().copied().filter(|by| {
                graph.holds(&reach, *by) && graph.way(&reach, *by).iter().all(|step| step.sure)
            }));
        }
        for write in self.writes.iter_mut().filter(|write| is_migration(write)) {
            write.runs.retain(|run| kept.contains(&run.by));
        }
        self.writes.retain(|write| !is_migration(write) || !write.runs.is_empty());
        self
    }
}

/// What one statement says of a write.
struct Said {
    kinds: Vec<WriteKind>,
    text: Option<String>,
    unread: Option<String>,
    through: Option<String>,
}

/// One write in a statement.
#[derive(Clone)]
struct Found {
    operation: Operation,
    kinds: Vec<WriteKind>,
    table: Option<TableName>,
    text: Option<String>,
    origin: Origin,
    unread: Option<String>,
    through: Option<String>,
}

fn read(statement: &Statement, schema: &Schema) -> Vec<Found> {
    match &statement.saying {
        Saying::Table { operation, table } => vec![Found {
            operation: *operation,
            kinds: kinds(clauses_of(*operation)),
            table: table.as_deref().and_then(TableName::parse),
            text: None,
            origin: statement.origin.clone(),
            unread: table.is_none().then(|| {
                let is_migration = statement.library == migrations::LIBRARY;
                let reason =
                    if is_migration { "migrations are run" } else { "its table is not known" };
                reason.to_owned()
            }),
            through: None,
        }],
        Saying::Sql { pieces, dialect, receiver } => {
            sql_writes(statement, pieces, (*dialect, *receiver), schema)
        }
    }
}

fn sql_writes(
    statement: &Statement,
    pieces: &[(Option<String>, Origin)],
    (dialect, receiver): (Option<sql::Dialect>, Receiver),
    schema: &Schema,
) -> Vec<Found> {
    let text = pieces_of(pieces);
    let shown: String = pieces.iter().map(|(text, _)| text.as_deref().unwrap_or("{}")).collect();
    let unread = |origin: Origin, reason: &str| Found {
        operation: Operation::Update,
        kinds: vec![WriteKind::Insert, WriteKind::Update, WriteKind::Delete],
        table: None,
        text: Some(shown.clone()),
        origin,
        unread: Some(reason.to_owned()),
        through: None,
    };
    if pieces.iter().all(|(text, _)| text.as_deref().is_none_or(|text| text.trim().is_empty())) {
        let nothing = pieces.iter().all(|(text, _)| text.is_some());
        if nothing || receiver == Receiver::Unknown {
            return Vec::new();
        }
        return vec![unread(statement.origin.clone(), "its text is not known")];
    }
    let reading = sql::writes_within(&text, receiver, dialect, Some(schema));
    let origin_of = |piece: Option<usize>| {
        let known = piece.and_then(|at| pieces.get(at)).map(|(_, origin)| origin.clone());
        known.unwrap_or_else(|| statement.origin.clone())
    };
    let mut all: Vec<Found> = Vec::new();
    for write in &reading.statements {
        let begins = write.place.map_or(0, |(piece, _)| piece);
        let Some(table) = &write.table else { continue };
        let named = table.table().to_lowercase();
        let names = |(text, _): &&(Option<String>, Origin)| {
            text.as_deref().is_some_and(|text| text.to_lowercase().contains(&named))
        };
        let after = pieces.get(begins..).unwrap_or_default();
        let piece = after.iter().position(|piece| names(&piece)).map_or(begins, |at| begins + at);
        all.push(Found {
            operation: write.operation,
            kinds: kinds(write.clauses),
            table: Some(TableName::of(table.parts().iter().map(|part| (part.text(), true)))),
            text: Some(shown.clone()),
            origin: origin_of(Some(piece)),
            unread: None,
            through: None,
        });
    }
    if let Some(unreadable) = &reading.unreadable {
        let origin = origin_of(unreadable.place.map(|(piece, _)| piece));
        let like = reading.statements.iter().find(|write| write.table.is_none());
        all.push(Found {
            operation: like.map_or(Operation::Update, |write| write.operation),
            ..unread(origin, &unreadable.reason)
        });
    }
    all
}

fn pieces_of(pieces: &[(Option<String>, Origin)]) -> Vec<Piece<'_>> {
    pieces.iter().map(|(text, _)| text.as_deref().map_or(Piece::Hole, Piece::Known)).collect()
}

fn kinds(clauses: Clauses) -> Vec<WriteKind> {
    let all = [
        (clauses.insert, WriteKind::Insert),
        (clauses.update, WriteKind::Update),
        (clauses.delete, WriteKind::Delete),
    ];
    all.into_iter().filter_map(|(has, kind)| has.then_some(kind)).collect()
}

/// What an operation that a library puts together amounts to; of a merge it is not known, so it is all.
fn clauses_of(operation: Operation) -> Clauses {
    let (insert, update, delete) = match operation {
        Operation::Insert => (true, false, false),
        Operation::Update => (false, true, false),
        Operation::Delete | Operation::Truncate => (false, false, true),
        Operation::Upsert => (true, true, false),
        Operation::Merge => (true, true, true),
    };
    Clauses { insert, update, delete }
}

impl Operation {
    /// Its word in the output.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Merge => "merge",
            Self::Truncate => "truncate",
            Self::Upsert => "upsert",
        }
    }

    /// What joins its word to a table: `insert into payments`, `update of payments`.
    pub const fn preposition(self) -> &'static str {
        match self {
            Self::Insert | Self::Merge | Self::Upsert => "into",
            Self::Delete => "from",
            Self::Update | Self::Truncate => "of",
        }
    }
}
