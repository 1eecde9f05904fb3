//! What the SQL of a tree declares -> what a statement writes beyond what its text says.
//!
//! A routine writes where it is called, a trigger or rule where its table is written; writing a view writes the tables
//! that it selects from, and a partition is part of its table. Files that are run in a row (`source::series`) are read in
//! that order, so that what is replaced or dropped later does not count. Between others nothing tells which is run first:
//! what any of them leaves behind counts. Columns, conditions and the number of arguments are passed over, and so are
//! foreign keys that delete in a cascade: what they take along had no meaning without its parent.

mod body;
mod declare;
mod objects;
mod reach;
mod source;

use std::{cell::OnceCell, collections::BTreeMap, fmt, sync::Arc};

use rustc_hash::FxHashMap;

pub use self::reach::Called;

use self::{
    body::Reading,
    declare::{Body, Routine, Trigger, VIEW},
    objects::Objects,
};
use super::{Clauses, Operation, Piece, TableName, read::RUNS_UNKNOWN};

/// A text that may declare something.
#[derive(Debug, Clone)]
pub struct Source {
    /// The file, relative to the scanned root.
    pub path: String,
    /// The text.
    pub text: Arc<str>,
    /// Whether it is a file of its own, to be run in the order of its name.
    pub is_file: bool,
}

/// What the SQL of a tree declares.
#[derive(Debug, Default)]
pub struct Schema {
    routines: Vec<Object<Routine>>,
    triggers: Vec<Object<Trigger>>,
    /// Views, each with what it selects from.
    views: Vec<Object<(TableName, Vec<TableName>)>>,
    /// Tables whose rows are rows of others: what they are called, they, and those.
    children: Vec<Object<(&'static str, TableName, TableName)>>,
    /// Routines by name without schema.
    by_name: FxHashMap<String, Vec<usize>>,
    /// Triggers by the name of their table without schema.
    by_table: FxHashMap<String, Vec<usize>>,
    views_by_name: FxHashMap<String, Vec<usize>>,
    children_by_name: FxHashMap<String, Vec<usize>>,
    /// What could not be read: the file, and why.
    pub gaps: Vec<(String, String)>,
}

/// Something that is declared, and where.
#[derive(Debug, Clone)]
struct Object<T> {
    of: T,
    site: Site,
    read: OnceCell<Reading>,
}

/// Where something is declared.
///
/// Code has no lines here: those of a run that is found in the cache may have moved since.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Site {
    path: Arc<str>,
    line: Option<u32>,
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.path),
            None => f.write_str(&self.path),
        }
    }
}

impl Site {
    /// The line in its file, for the beginning of a sentence.
    fn within(&self) -> String {
        self.line.map_or_else(|| "text in it".to_owned(), |line| format!("line {line}"))
    }
}

/// What makes one write another: ``trigger `audit` at migrations/2_audit.sql:3``.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Through {
    /// `function`, `trigger`, …
    pub word: &'static str,
    /// Its name.
    pub name: String,
    /// Its place.
    pub at: Site,
}

impl fmt::Display for Through {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { word, name, at } = self;
        write!(f, "{word} `{name}` at {at}")
    }
}

/// A write that comes of another one, or of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Further {
    /// What is done.
    pub operation: Operation,
    /// What that amounts to.
    pub clauses: Clauses,
    /// The table; unknown where the body could not be read.
    pub table: Option<TableName>,
    /// What makes it so, the first that the statement touches first.
    pub through: Vec<Through>,
    /// Why the body could not be read.
    pub unread: Option<String>,
}

impl Schema {
    /// What stands for text that is not known in a [`Source`].
    pub const HOLE: &'static str = declare::MARKER;

    /// Whether a text may declare anything that counts.
    pub fn may_declare(text: &str) -> bool {
        source::may_declare(text)
    }

    /// What these texts declare, whichever order they are given in.
    pub fn new(sources: Vec<Source>) -> Self {
        if !sources.iter().any(|source| source::may_declare(&source.text)) {
            return Self::default();
        }
        let mut all = Objects::default();
        let mut gaps = Vec::new();
        for series in in_series(sources) {
            let mut objects = Objects::default();
            for source in series {
                if !source::may_change(&source.text) {
                    continue;
                }
                let declared = declare::declared(&source.text);
                let path: Arc<str> = Arc::from(source.path.as_str());
                if let Some((line, why)) = declared.failure.filter(|_| source.is_file) {
                    let reason =
                        format!("what it declares is not known from line {line} on: {why}");
                    gaps.push((source.path.clone(), reason));
                }
                for (line, declaration) in declared.all {
                    let line = source.is_file.then_some(line);
                    let site = Site { path: path.clone(), line };
                    objects.apply(declaration, site);
                }
            }
            all.extend(objects);
        }
        let runs = std::mem::take(&mut all.runs);
        let mut schema = Self::of(all);
        gaps.extend(schema.triggers_of_unknown_tables());
        gaps.extend(schema.unknown_declarations(runs));
        gaps.sort();
        gaps.dedup();
        schema.gaps = gaps;
        schema
    }

    fn of(objects: Objects) -> Self {
        let Objects { routines, triggers, views, children, .. } = objects;
        let mut schema = Self { routines, triggers, views, children, ..Self::default() };
        for (at, one) in schema.routines.iter().enumerate() {
            schema.by_name.entry(key(&one.of.name)).or_default().push(at);
        }
        for (at, one) in schema.triggers.iter().enumerate() {
            if let Some(table) = &one.of.on {
                schema.by_table.entry(key(table)).or_default().push(at);
            }
        }
        for (at, one) in schema.views.iter().enumerate() {
            schema.views_by_name.entry(key(&one.of.0)).or_default().push(at);
        }
        for (at, one) in schema.children.iter().enumerate() {
            schema.children_by_name.entry(key(&one.of.1)).or_default().push(at);
        }
        schema
    }

    /// Whether nothing is declared.
    pub fn is_empty(&self) -> bool {
        self.routines.is_empty()
            && self.triggers.is_empty()
            && self.views.is_empty()
            && self.children.is_empty()
    }

    /// Whether a routine of that name is declared, in whatever schema.
    pub(super) fn has_routine(&self, name: &str) -> bool {
        self.has_of(name, |word| word != VIEW)
    }

    /// Whether a view of that name is declared, in whatever schema.
    fn has_query(&self, name: &str) -> bool {
        self.has_of(name, |word| word == VIEW)
    }

    fn has_of(&self, name: &str, is_wanted: impl Fn(&str) -> bool) -> bool {
        let all = self.by_name.get(&name.to_lowercase()).into_iter().flatten();
        all.filter_map(|at| self.routines.get(*at)).any(|one| is_wanted(one.of.word))
    }

    /// Routines that migrations run and that run text which is put together: it may declare anything.
    fn unknown_declarations(&self, runs: Vec<(String, Site)>) -> Vec<(String, String)> {
        let mut all: BTreeMap<(Arc<str>, String), Site> = BTreeMap::new();
        for (text, site) in runs {
            let calls = self.of_calls(&[Piece::Known(&text)], None).into_iter();
            for further in calls.flat_map(|(_, further)| further) {
                if further.unread.is_some_and(|why| why == RUNS_UNKNOWN)
                    && let Some(through) = further.through.first()
                {
                    all.entry((site.path.clone(), through.name.clone())).or_insert(site.clone());
                }
            }
        }
        let gap = |((path, name), site): ((Arc<str>, String), Site)| {
            let reason = format!(
                "{} runs `{name}`, which runs text that is put together: what that declares is not known",
                site.within(),
            );
            (path.to_string(), reason)
        };
        all.into_iter().map(gap).collect()
    }

    /// Triggers that a routine makes for a table that it is given, where they write anything.
    fn triggers_of_unknown_tables(&self) -> Vec<(String, String)> {
        let open = self.triggers.iter().filter(|one| one.of.on.is_none());
        let writes = open.filter_map(|one| {
            let further = self.of_trigger(one);
            let first = further.first()?;
            let what = match (&first.table, &first.unread) {
                (Some(table), _) => format!("which writes `{table}`"),
                (None, Some(why)) => format!("of which it is not known what it writes: {why}"),
                (None, None) => return None,
            };
            let within = one.site.within();
            let reason = format!("{within} makes triggers for tables that are not known, {what}");
            Some((one.site.path.to_string(), reason))
        });
        writes.collect()
    }
}

/// The name without schema, in lower case.
fn key(name: &TableName) -> String {
    name.table().to_lowercase()
}

/// Whether both may be one name: the shorter is the end of the longer. Case counts for nothing, as databases differ.
fn same(one: &TableName, other: &TableName) -> bool {
    let parts = one.parts().iter().rev().zip(other.parts().iter().rev());
    parts.into_iter().all(|(one, other)| one.text().eq_ignore_ascii_case(other.text()))
}

/// Texts by what they are run in a row with, in that order.
fn in_series(sources: Vec<Source>) -> Vec<Vec<Source>> {
    let mut files: BTreeMap<String, Vec<Source>> = BTreeMap::new();
    let mut alone: Vec<Source> = Vec::new();
    for source in sources {
        if !source.is_file {
            alone.push(source);
        } else if !source::goes_back(&source.path) {
            files.entry(source::series(&source.path).to_owned()).or_default().push(source);
        }
    }
    for series in files.values_mut() {
        series.sort_by_cached_key(|source| source::order(&source.path));
    }
    alone.sort_by(|one, other| (&one.path, &one.text).cmp(&(&other.path, &other.text)));
    alone.dedup_by(|one, other| (&one.path, &one.text) == (&other.path, &other.text));
    files.into_values().chain(alone.into_iter().map(|one| vec![one])).collect()
}

#[cfg(test)]
mod tests;
