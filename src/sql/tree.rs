//! Parsed statements -> the tables they write, at any depth.

use std::ops::ControlFlow;

use sqlparser::ast::{
    AssignmentTarget, CopySource, Cte, Delete, Expr, FromTable, Insert, Merge, MergeAction,
    ObjectName, ObjectNamePart, OnConflictAction, OnInsert, OutputClause, Query, SetExpr,
    SqliteOnConflict, Statement, TableFactor, TableObject, TableWithJoins, Update,
    UpdateTableFromKind, Visit as _, Visitor,
};

use super::name::{Ident, TableName};
use super::{Clauses, Operation, Schema};

/// One write as the text says it, before it has a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Write {
    /// What is done.
    pub(super) operation: Operation,
    /// To what.
    pub(super) clauses: Clauses,
    /// The table; `None` if its name has a hole.
    pub(super) table: Option<TableName>,
}

/// What a name in a statement says.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    /// The word that stands for unknown text.
    pub(super) marker: &'a str,
    /// Whether double quotes keep case.
    pub(super) exact_quotes: bool,
    /// What the names stand in.
    pub(super) within: Within<'a>,
}

/// What a text is part of.
#[derive(Clone, Copy, Default)]
pub(super) struct Within<'a> {
    /// The routines that are declared, whose writes are known.
    pub(super) schema: Option<&'a Schema>,
    /// Whether it is the body of a routine.
    pub(super) body: bool,
    /// Whether `SELECT … INTO` gives variables their values, as in all such bodies but those of `SQL Server`.
    pub(super) into_variables: bool,
}

impl<'a> Names<'a> {
    /// Names that stand nowhere in particular.
    pub(super) fn of(marker: &'a str) -> Self {
        Self { marker, exact_quotes: false, within: Within::default() }
    }

    /// Whether a routine of that name is declared.
    pub(super) fn has_routine(&self, name: &str) -> bool {
        self.within.schema.is_some_and(|schema| schema.has_routine(name))
    }
}

impl Names<'_> {
    /// A name of these parts, each with its opening quote. Holes before the last part leave the schema open.
    pub(super) fn table<'p>(
        &self,
        parts: impl Iterator<Item = (&'p str, Option<char>)>,
    ) -> Option<TableName> {
        let mut known = Vec::new();
        for (text, quote) in parts {
            if text.contains(self.marker) {
                known.clear();
                known.push(None);
            } else if !text.is_empty() {
                known.push(Some(Ident::new(text, self.exact_quotes && quote == Some('"'))));
            }
        }
        let last = known.last()?.as_ref()?;
        // What looks like a name is the function that gives rows of another server.
        if known.len() == 1 && super::text::is_one_of(last.text(), ROW_FUNCTIONS) {
            return None;
        }
        TableName::new(known.into_iter().flatten().collect())
    }
}

/// Functions of `SQL Server` whose rows can be written.
const ROW_FUNCTIONS: &[&str] = &["OPENQUERY", "OPENROWSET", "OPENDATASOURCE", "OPENXML"];

/// Every write in these statements; empty for an EXPLAIN that only explains.
pub(super) fn writes(statements: &[Statement], names: &Names<'_>) -> Vec<Write> {
    let mut reader = Reader { names, writes: Vec::new(), ctes: Vec::new() };
    for statement in statements {
        if !only_describes(statement) {
            let _ = statement.visit(&mut reader);
        }
    }
    reader.writes
}

/// Whether a statement stores or shows its inner statement instead of running it.
fn only_describes(statement: &Statement) -> bool {
    match statement {
        Statement::Explain { analyze, options, .. } => {
            let asked = options.iter().flatten().any(|option| {
                option.name.value.eq_ignore_ascii_case("analyze")
                    && option.arg.as_ref().is_none_or(|argument| {
                        !["false", "off", "0"]
                            .contains(&argument.to_string().to_lowercase().trim_matches('\''))
                    })
            });
            !analyze && !asked
        }
        Statement::CreateFunction(_)
        | Statement::CreateTrigger(_)
        | Statement::CreateProcedure { .. }
        | Statement::CreateView(_) => true,
        _ => false,
    }
}

struct Reader<'a> {
    names: &'a Names<'a>,
    writes: Vec<Write>,
    /// Names of common table expressions with the tables they read, for databases that write through them.
    ctes: Vec<(String, Vec<ObjectName>)>,
}

impl Visitor for Reader<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        for Cte { alias, query, .. } in query.with.iter().flat_map(|with| &with.cte_tables) {
            if let SetExpr::Select(select) = &*query.body {
                let tables =
                    sources(&select.from).into_iter().map(|source| source.name.clone()).collect();
                self.ctes.push((alias.name.value.to_lowercase(), tables));
            }
        }
        self.stored_rows(&query.body);
        ControlFlow::Continue(())
    }

    fn pre_visit_statement(&mut self, statement: &Statement) -> ControlFlow<()> {
        match statement {
            Statement::Insert(insert) => self.insert(insert),
            Statement::Update(update) => self.update(update),
            Statement::Delete(delete) => self.delete(delete),
            Statement::Merge(merge) => self.merge(merge),
            Statement::Truncate(truncate) => {
                for target in &truncate.table_names {
                    self.push(Operation::Truncate, Clauses::DELETE, &target.name);
                }
            }
            Statement::Copy { source: CopySource::Table { table_name, .. }, to: false, .. }
            | Statement::LoadData { table_name, .. } => {
                self.push(Operation::Insert, Clauses::INSERT, table_name);
            }
            Statement::CreateTable(table) if table.query.is_some() && !table.temporary => {
                self.push(Operation::Insert, Clauses::INSERT, &table.name);
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

impl Reader<'_> {
    /// `SELECT … INTO table` stores its rows; in a table that goes with the session they are nobody's.
    fn stored_rows(&mut self, body: &SetExpr) {
        let mut first = body;
        while let SetExpr::SetOperation { left, .. } = first {
            first = left;
        }
        let SetExpr::Select(select) = first else { return };
        let stored = select.into.as_ref().filter(|into| !into.temporary);
        let Some(into) = stored.filter(|_| !self.names.within.into_variables) else { return };
        for target in &into.targets {
            let name = match target {
                Expr::Identifier(part) => ObjectName::from(vec![part.clone()]),
                Expr::CompoundIdentifier(parts) => ObjectName::from(parts.clone()),
                _ => continue,
            };
            let last = name.0.last().and_then(ObjectNamePart::as_ident);
            if last.is_none_or(|last| !last.value.starts_with('#')) {
                self.push(Operation::Insert, Clauses::INSERT, &name);
            }
        }
    }

    fn push(&mut self, operation: Operation, clauses: Clauses, name: &ObjectName) {
        let is_variable = name
            .0
            .first()
            .and_then(ObjectNamePart::as_ident)
            .is_some_and(|part| part.value.starts_with('@'));
        if !is_variable {
            let parts = name.0.iter().map(|part| {
                part.as_ident().map_or((self.names.marker, None), |part| {
                    (part.value.as_str(), part.quote_style)
                })
            });
            let table = self.names.table(parts);
            self.writes.push(Write { operation, clauses, table });
        }
    }

    /// Writes to `name`, or to what an alias or common table expression of that name stands for.
    fn push_resolved(
        &mut self,
        operation: Operation,
        clauses: Clauses,
        name: &ObjectName,
        aliases: &[Source<'_>],
    ) {
        let single = match name.0.as_slice() {
            [part] => part.as_ident().map(|part| part.value.as_str()),
            _ => None,
        };
        let alias = single.and_then(|single| {
            aliases
                .iter()
                .find(|source| source.alias.is_some_and(|alias| alias.eq_ignore_ascii_case(single)))
        });
        let name = alias.map_or(name, |source| source.name);
        let cte = match name.0.as_slice() {
            [ObjectNamePart::Identifier(part)] => {
                let folded = part.value.to_lowercase();
                self.ctes
                    .iter()
                    .rev()
                    .find(|(cte, _)| *cte == folded)
                    .map(|(_, tables)| tables.clone())
            }
            _ => None,
        };
        match cte.filter(|tables| !tables.is_empty()) {
            Some(tables) => tables.iter().for_each(|table| self.push(operation, clauses, table)),
            None => self.push(operation, clauses, name),
        }
    }

    fn insert(&mut self, insert: &Insert) {
        let updates = match &insert.on {
            Some(OnInsert::DuplicateKeyUpdate(_)) => true,
            Some(OnInsert::OnConflict(conflict)) => {
                matches!(conflict.action, OnConflictAction::DoUpdate(_))
            }
            _ => false,
        };
        let (operation, clauses) =
            if updates || insert.replace_into || insert.or == Some(SqliteOnConflict::Replace) {
                (Operation::Upsert, Clauses::UPSERT)
            } else {
                (Operation::Insert, Clauses::INSERT)
            };
        match &insert.table {
            // Oracle's insert into several tables names none here.
            TableObject::TableName(name) if name.0.is_empty() => {}
            TableObject::TableName(name) => self.push(operation, clauses, name),
            TableObject::TableQuery(query) => {
                if let SetExpr::Select(select) = &*query.body {
                    for source in sources(&select.from) {
                        self.push(operation, clauses, source.name);
                    }
                }
            }
            TableObject::TableFunction(_) => {
                self.writes.push(Write { operation, clauses, table: None });
            }
        }
        let conditional =
            insert.multi_table_when_clauses.iter().flat_map(|when| &when.into_clauses);
        let otherwise = insert.multi_table_else_clause.iter().flatten();
        for into in insert.multi_table_into_clauses.iter().chain(conditional).chain(otherwise) {
            self.push(operation, clauses, &into.table_name);
        }
        self.output(insert.output.as_ref());
    }

    fn update(&mut self, update: &Update) {
        let from = match &update.from {
            Some(UpdateTableFromKind::AfterSet(from) | UpdateTableFromKind::BeforeSet(from)) => {
                sources(from)
            }
            None => Vec::new(),
        };
        let targets = targets(std::slice::from_ref(&update.table));
        let (operation, clauses) = (Operation::Update, Clauses::UPDATE);
        if targets.is_empty() {
            self.writes.push(Write { operation, clauses, table: None });
        }
        let assigned = assigned_sources(update, &targets);
        for target in assigned {
            self.push_resolved(operation, clauses, target.name, &from);
        }
        self.output(update.output.as_ref());
    }

    fn delete(&mut self, delete: &Delete) {
        let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
        let from = targets(from);
        let using = sources(delete.using.as_deref().unwrap_or_default());
        let (operation, clauses) = (Operation::Delete, Clauses::DELETE);
        if delete.tables.is_empty() {
            for target in &from {
                self.push_resolved(operation, clauses, target.name, &using);
            }
        } else {
            let all: Vec<_> = from.into_iter().chain(using).collect();
            for table in &delete.tables {
                // `DELETE p.* FROM payments p` may reach here as a name with a star or an empty last part.
                self.push_resolved(operation, clauses, table, &all);
            }
        }
        self.output(delete.output.as_ref());
    }

    fn merge(&mut self, merge: &Merge) {
        let mut clauses = Clauses::default();
        for clause in &merge.clauses {
            match clause.action {
                MergeAction::Insert(_) => clauses.insert = true,
                MergeAction::Update(_) => clauses.update = true,
                MergeAction::Delete { .. } => clauses.delete = true,
                MergeAction::DoNothing { .. } => {}
            }
        }
        match &merge.table {
            TableFactor::Table { name, .. } => {
                self.push_resolved(Operation::Merge, clauses, name, &[]);
            }
            _ => self.writes.push(Write { operation: Operation::Merge, clauses, table: None }),
        }
        self.output(merge.output.as_ref());
    }

    /// `OUTPUT … INTO table` inserts the rows it shows.
    fn output(&mut self, output: Option<&OutputClause>) {
        let Some(OutputClause::Output { into_table: Some(into), .. }) = output else { return };
        for target in &into.targets {
            let name = match target {
                Expr::Identifier(part) => ObjectName::from(vec![part.clone()]),
                Expr::CompoundIdentifier(parts) => ObjectName::from(parts.clone()),
                // A list of columns after the table reads like arguments.
                Expr::Function(function) => function.name.clone(),
                _ => continue,
            };
            self.push(Operation::Insert, Clauses::INSERT, &name);
        }
    }
}

/// A table in a FROM list.
struct Source<'a> {
    name: &'a ObjectName,
    alias: Option<&'a str>,
}

/// The tables of a FROM list that have names, joins included.
fn sources(from: &[TableWithJoins]) -> Vec<Source<'_>> {
    let mut found = Vec::new();
    let mut pending: Vec<&TableFactor> = from.iter().rev().flat_map(factors).collect();
    while let Some(factor) = pending.pop() {
        match factor {
            TableFactor::Table { name, alias, .. } => {
                found.push(Source {
                    name,
                    alias: alias.as_ref().map(|alias| alias.name.value.as_str()),
                });
            }
            TableFactor::NestedJoin { table_with_joins, .. } => {
                pending.extend(factors(table_with_joins));
            }
            _ => {}
        }
    }
    found
}

/// The tables that are written: of a query in their place, `UPDATE (SELECT … FROM t) SET …`, those that it selects from.
fn targets(from: &[TableWithJoins]) -> Vec<Source<'_>> {
    if let [TableWithJoins { relation: TableFactor::Derived { subquery, .. }, joins }] = from
        && joins.is_empty()
        && let SetExpr::Select(select) = &*subquery.body
    {
        return sources(&select.from);
    }
    sources(from)
}

/// The factors of one joined table, last first.
fn factors(table: &TableWithJoins) -> impl Iterator<Item = &TableFactor> {
    table.joins.iter().rev().map(|join| &join.relation).chain(std::iter::once(&table.relation))
}

/// The tables of a joined update whose columns are assigned; all of them where the text does not say.
fn assigned_sources<'a, 'b>(update: &Update, targets: &'b [Source<'a>]) -> Vec<&'b Source<'a>> {
    if targets.len() < 2 {
        return targets.iter().collect();
    }
    let mut assigned = vec![false; targets.len()];
    let columns = update.assignments.iter().flat_map(|assignment| match &assignment.target {
        AssignmentTarget::ColumnName(column) => std::slice::from_ref(column),
        AssignmentTarget::Tuple(columns) => columns.as_slice(),
    });
    for column in columns {
        let Some((_, qualifier)) = column.0.split_last() else { continue };
        let owner = targets.iter().position(|target| is_called(target, qualifier));
        match owner.and_then(|owner| assigned.get_mut(owner)) {
            Some(assigned) => *assigned = true,
            None => return targets.iter().collect(),
        }
    }
    targets
        .iter()
        .zip(assigned)
        .filter_map(|(target, assigned)| assigned.then_some(target))
        .collect()
}

fn is_called(source: &Source<'_>, qualifier: &[ObjectNamePart]) -> bool {
    let same = |part: &ObjectNamePart, text: &str| {
        part.as_ident().is_some_and(|part| part.value.eq_ignore_ascii_case(text))
    };
    match (qualifier, source.alias) {
        ([part], Some(alias)) => same(part, alias),
        ([], _) | (_, Some(_)) => false,
        (parts, None) => {
            parts.len() <= source.name.0.len()
                && parts.iter().rev().zip(source.name.0.iter().rev()).all(|(part, named)| {
                    named.as_ident().is_some_and(|named| same(part, &named.value))
                })
        }
    }
}
