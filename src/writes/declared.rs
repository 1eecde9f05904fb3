//! Writes that a statement does through what the tree's SQL declares: triggers, routines, views, partitions.
//!
//! A statement has one such write of each table, whatever runs it and however often.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{Found, clauses_of, kinds, pieces_of};
use crate::{
    contract::TableName,
    evaluate::effect::{Origin, Saying, Statement},
    source::{Place, Sources},
    sql::{self, Clauses, Further, Operation, Receiver, Schema, Source, Through},
};

/// The texts that statements run and that may declare something, where they are no file that is known.
///
/// - `files`: the texts of files.
pub fn sources(statements: &[Statement], sources: &Sources, files: &[Source]) -> Vec<Source> {
    let known: BTreeSet<&str> = files.iter().map(|file| file.text.trim()).collect();
    let declared = statements.iter().filter_map(|statement| {
        let Saying::Sql { pieces, .. } = &statement.saying else { return None };
        let declares = |text: &Option<String>| text.as_deref().is_some_and(Schema::may_declare);
        if !pieces.iter().any(|(text, _)| declares(text)) {
            return None;
        }
        let text = pieces.iter().map(|(text, _)| text.as_deref().unwrap_or(Schema::HOLE));
        let text: String = text.collect();
        let path = sources.path(sources.real(statement.origin.at).file).to_owned();
        let is_known = known.contains(text.trim());
        (!is_known).then(|| Source { path, text: Arc::from(text), is_file: false })
    });
    declared.collect()
}

/// Adds to the writes of a statement what is written through them, and by the routines that it calls.
pub(super) fn through_schema(statement: &Statement, written: &mut Vec<Found>, schema: &Schema) {
    let mut all: Vec<(Origin, Option<String>, Further)> = Vec::new();
    for one in &*written {
        let Some(table) = &one.table else { continue };
        let parts = table.parts().map(|part| sql::Ident::new(part, true)).collect();
        let Some(table) = sql::TableName::new(parts) else { continue };
        let further = schema.of_write(&table, one.operation, clauses_of_kinds(one));
        all.extend(
            further.into_iter().map(|further| (one.origin.clone(), one.text.clone(), further)),
        );
    }
    all.extend(called(statement, !written.is_empty(), schema));
    // Of each place and table all that is done to it.
    let mut merged: BTreeMap<(Place, Option<TableName>, bool), Found> = BTreeMap::new();
    for (origin, text, further) in all {
        let Further { operation, clauses, table, through, unread } = further;
        let table =
            table.map(|table| TableName::of(table.parts().iter().map(|part| (part.text(), true))));
        let through = joined(&through);
        let unread = unread.map(|why| format!("{through}, {why}"));
        let key = (origin.at, table.clone(), unread.is_some());
        let kinds = kinds(clauses);
        let through = unread.is_none().then_some(through);
        let new = Found { operation, kinds, table, text, origin, unread, through };
        match merged.get_mut(&key) {
            Some(known) => add(known, &new),
            None => _ = merged.insert(key, new),
        }
    }
    let further = merged.into_values().filter(|new| {
        let says = |one: &&Found| one.table == new.table && one.origin.at == new.origin.at;
        let said = written.iter().filter(says).flat_map(|one| &one.kinds);
        let said: BTreeSet<_> = said.copied().collect();
        new.table.is_none() || !new.kinds.iter().all(|kind| said.contains(kind))
    });
    let further: Vec<Found> = further.collect();
    written.extend(further);
}

/// What the routines write that a statement calls. Text of which nothing says that it is SQL calls none.
fn called(
    statement: &Statement,
    writes: bool,
    schema: &Schema,
) -> Vec<(Origin, Option<String>, Further)> {
    let Saying::Sql { pieces, dialect, receiver } = &statement.saying else { return Vec::new() };
    if *receiver == Receiver::Unknown && !writes {
        return Vec::new();
    }
    let shown: String = pieces.iter().map(|(text, _)| text.as_deref().unwrap_or("{}")).collect();
    let calls = schema.of_calls(&pieces_of(pieces), *dialect).into_iter();
    let calls = calls.flat_map(|(place, further)| {
        let known = place.and_then(|(piece, _)| pieces.get(piece));
        let origin = known.map_or(&statement.origin, |(_, origin)| origin).clone();
        let shown = shown.clone();
        further.into_iter().map(move |one| (origin.clone(), Some(shown.clone()), one))
    });
    calls.collect()
}

/// Adds one more write of the same table.
fn add(known: &mut Found, more: &Found) {
    if known.operation != more.operation {
        known.kinds.extend(more.kinds.iter().copied());
        known.kinds.sort();
        known.kinds.dedup();
        let Clauses { insert, update, delete } = clauses_of_kinds(known);
        known.operation = match (insert, update, delete) {
            (true, true, false) => Operation::Upsert,
            (false, false, true) => Operation::Delete,
            _ => Operation::Merge,
        };
    }
    for (known, more) in [(&mut known.through, &more.through), (&mut known.unread, &more.unread)] {
        if more.as_ref().is_some_and(|more| known.as_ref().is_some_and(|known| more < known)) {
            known.clone_from(more);
        }
    }
}

/// What a write amounts to.
fn clauses_of_kinds(found: &Found) -> Clauses {
    use crate::contract::WriteKind;
    if found.operation == Operation::Truncate {
        return clauses_of(found.operation);
    }
    let has = |kind| found.kinds.contains(&kind);
    Clauses {
        insert: has(WriteKind::Insert),
        update: has(WriteKind::Update),
        delete: has(WriteKind::Delete),
    }
}

/// For people: one thing after the other.
fn joined(through: &[Through]) -> String {
    let all: Vec<String> = through.iter().map(ToString::to_string).collect();
    all.join(" and ")
}
