//! Statements and queries of diesel, from what they are made of to what runs them.

use std::rc::Rc;

use super::{LIBRARY, QUERY, item, table::TABLE};
use crate::{
    evaluate::{
        Evaluator,
        method::Method,
        text::Text,
        value::{Draft, Query, Term, Value},
    },
    link::{DefId, DefKind, Target, types::Ty},
    source::Place,
    sql::Operation,
    syntax::tree::ItemKind,
};

/// How deep a type or value is searched for its table.
const DEPTH: u32 = 8;

/// Methods of `RunQueryDsl` and its kin: the statement runs on what they are given.
pub(super) fn runs(name: &str) -> bool {
    matches!(
        name,
        "execute"
            | "execute_async"
            | "execute_returning_count"
            | "first"
            | "first_async"
            | "get_result"
            | "get_result_async"
            | "get_results"
            | "get_results_async"
            | "internal_load"
            | "load"
            | "load_async"
            | "load_iter"
            | "load_stream"
    )
}

/// Methods that leave a statement the statement it is.
fn keeps(name: &str) -> bool {
    matches!(
        name,
        "as_query"
            | "bind"
            | "clone"
            | "default_values"
            | "do_nothing"
            | "filter"
            | "from_insertable"
            | "from_raw_data"
            | "into"
            | "into_boxed"
            | "into_columns"
            | "on_conflict"
            | "on_conflict_do_nothing"
            | "on_conflict_on_constraint"
            | "or_filter"
            | "set"
            | "set_null"
            | "values"
            | "filter_target"
            | "with_delimiter"
            | "with_format"
            | "with_header"
    )
}

/// Methods that make a query over a table from a table or a query.
fn queries(name: &str) -> bool {
    matches!(
        name,
        "as_query"
            | "clone"
            | "cross_join"
            | "distinct"
            | "distinct_on"
            | "filter"
            | "find"
            | "for_key_share"
            | "for_no_key_update"
            | "for_share"
            | "for_update"
            | "group_by"
            | "having"
            | "inner_join"
            | "into_boxed"
            | "into_update_target"
            | "left_join"
            | "left_outer_join"
            | "limit"
            | "no_wait"
            | "nullable"
            | "offset"
            | "on"
            | "or_filter"
            | "order"
            | "order_by"
            | "reverse_order"
            | "select"
            | "skip_locked"
            | "then_order_by"
            | "union"
            | "union_all"
    )
}

/// A table with the types that name it: its own and, where a record stands for it, the record's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) name: Rc<str>,
    named_by: Vec<DefId>,
}

/// The name that `table!` gave a type.
fn table_name(evaluator: &Evaluator<'_>, def: DefId) -> Option<Rc<str>> {
    let def = evaluator.program.def(def);
    let attr = def
        .item
        .attrs
        .iter()
        .find(|attr| matches!(attr.path.segments.as_slice(), [only] if only.name == TABLE))?;
    let text = evaluator.program.text(def.file);
    let expr = crate::syntax::body::parse_expr(&text, attr.args).ok()?;
    match expr.kind {
        crate::syntax::tree::ExprKind::Lit(crate::syntax::tree::Lit::Str(name)) => {
            Some(Rc::from(name.as_str()))
        }
        _ => None,
    }
}

/// The table of a type: the type that `table!` made, a record of the table, or a type of diesel's over one of them.
fn table_of_type(evaluator: &Evaluator<'_>, ty: &Ty, depth: u32) -> Option<Table> {
    if depth > DEPTH {
        return None;
    }
    match ty {
        Ty::Def(def, args) => {
            if let Some(name) = table_name(evaluator, *def) {
                return Some(Table { name, named_by: vec![*def] });
            }
            let program = evaluator.program;
            if program.def(*def).kind == DefKind::Struct || program.def(*def).kind == DefKind::Enum
            {
                for member in program.assoc(*def, "Table") {
                    let member = program.def(member);
                    let of = member.parent.and_then(|block| program.trait_of(block));
                    let has_table = matches!(of, Some(Target::External(path))
                        if item(&path).is_some_and(|item| item.ends_with("HasTable")));
                    if let (true, ItemKind::TypeAlias { ty: Some(ty), .. }) =
                        (has_table, &member.item.kind)
                    {
                        let ty = program.resolve_type(member.module, ty, &program.type_env(*def));
                        let mut table = table_of_type(evaluator, &ty, depth + 1)?;
                        table.named_by.push(*def);
                        return Some(table);
                    }
                }
            }
            // The target of an `alias!` has it as a field; a wrapper as an argument.
            args.iter().find_map(|arg| table_of_type(evaluator, arg, depth + 1))
        }
        Ty::External(_, args) | Ty::Tuple(args) => {
            args.iter().find_map(|arg| table_of_type(evaluator, arg, depth + 1))
        }
        _ => None,
    }
}

/// The table that a value stands for.
pub(super) fn table_of(evaluator: &Evaluator<'_>, value: &Value) -> Option<Table> {
    table_in(evaluator, value, 0)
}

fn table_in(evaluator: &Evaluator<'_>, value: &Value, depth: u32) -> Option<Table> {
    if depth > DEPTH {
        return None;
    }
    match value.bare() {
        Value::Object(object) => {
            table_of_type(evaluator, &Ty::Def(object.def, object.generics.clone()), depth)
        }
        Value::Unknown(ty) => table_of_type(evaluator, &ty, depth),
        Value::Term(term) if &*term.path == QUERY => {
            table_in(evaluator, term.args.as_ref()?.first()?, depth + 1)
        }
        Value::Alt(all) => {
            // One table may be declared once for each of several conditions.
            let mut tables = all.iter().map(|(_, value)| table_in(evaluator, value, depth + 1));
            let mut first = tables.next()??;
            for other in tables {
                let other = other.filter(|other| other.name == first.name)?;
                let new = other.named_by.into_iter().filter(|def| !first.named_by.contains(def));
                let new: Vec<DefId> = new.collect();
                first.named_by.extend(new);
            }
            Some(first)
        }
        _ => None,
    }
}

/// Whether the type of a value, or a bound on it, is of this library.
pub(super) fn is_of_library(evaluator: &Evaluator<'_>, value: &Value) -> bool {
    let ty = evaluator.type_of(value);
    let bounds = evaluator.bounds_of(&ty);
    super::is_ours(&ty, value) || super::is_ours(&Ty::Impl(bounds), &Value::Unit)
}

/// `insert_into(target)` and its kin.
pub(super) fn write(
    evaluator: &mut Evaluator<'_>,
    operation: Operation,
    target: &Value,
    at: Place,
) -> Value {
    match table_of(evaluator, target) {
        Some(table) => {
            evaluator.table_query(LIBRARY, operation, Some(table.name), &table.named_by, at)
        }
        None => evaluator.table_query(LIBRARY, operation, None, &[], at),
    }
}

/// `record.save_changes(conn)`.
pub(super) fn save_changes(
    evaluator: &mut Evaluator<'_>,
    value: &Value,
    method: &Method<'_>,
) -> Option<Value> {
    // `conn.update_and_fetch(&record)`.
    let (record, connection) = if method.name == "update_and_fetch" {
        (method.args.first()?.clone(), Some(value.clone()))
    } else {
        (value.clone(), method.args.first().cloned())
    };
    let table = table_of(evaluator, &record);
    if table.is_none() {
        let connection = connection.as_ref()?;
        if !super::is_ours(&evaluator.type_of(connection), connection) {
            return None;
        }
    }
    let made = write(evaluator, Operation::Update, &record, method.at);
    if let Value::Query(query) = &made {
        evaluator.run_query(query, connection.as_ref());
    }
    let row = method.generics.first().cloned().unwrap_or_else(|| evaluator.type_of(&record));
    Some(Value::Unknown(Ty::External("std::result::Result".into(), vec![row])))
}

/// A method of a statement.
pub(super) fn of_statement(
    evaluator: &mut Evaluator<'_>,
    query: &Rc<Query>,
    method: &Method<'_>,
) -> Option<Value> {
    if runs(method.name) {
        evaluator.run_query(query, method.args.first());
        return Some(rows(method, query.rows.clone()));
    }
    match (&query.draft, method.name) {
        (Draft::Table(Operation::Insert, table), "do_update") => {
            let draft = Draft::Table(Operation::Upsert, table.clone());
            Some(evaluator.redraft(query, draft))
        }
        (Draft::Sql(text, dialect), "sql") => {
            let more = method.args.first().and_then(Value::text).unwrap_or_else(Text::hole);
            let draft = Draft::Sql(text.then(&more), *dialect);
            Some(evaluator.redraft(query, draft))
        }
        (_, "returning") => {
            let returned = method.args.first().and_then(as_select);
            let rows = returned.and_then(|ty| ty.args().first().cloned());
            Some(Value::Query(Rc::new(Query { rows, ..(**query).clone() })))
        }
        (_, name) if keeps(name) => Some(Value::Query(query.clone())),
        _ => None,
    }
}

/// A method of a table, a query over one, or rows that came from one.
pub(super) fn of_table(
    evaluator: &mut Evaluator<'_>,
    value: &Value,
    method: &Method<'_>,
) -> Option<Value> {
    if method.name == "optional" {
        let Value::Unknown(Ty::External(path, args)) = value else { return None };
        let result = &**path == "std::result::Result";
        return result.then(|| {
            let inner = Ty::External("std::option::Option".into(), args.clone());
            Value::Unknown(Ty::External(path.clone(), vec![inner]))
        });
    }
    let running = runs(method.name);
    if !running && !queries(method.name) {
        return None;
    }
    if let Value::Term(term) = value
        && &*term.path != QUERY
        && running
        && method.name.starts_with("execute")
    {
        return foreign(evaluator, term, method);
    }
    if !is_query(evaluator, value) {
        return None;
    }
    if running {
        let row = selected(value).and_then(|ty| ty.args().first().cloned());
        return Some(rows(method, row));
    }
    let mut args = vec![value.clone()];
    // What is selected is the type of the rows.
    let earlier = selected(value).map(Value::Unknown);
    args.extend(if method.name == "select" { method.args.first().cloned() } else { earlier });
    Some(Value::term(QUERY, Some(args), method.at))
}

/// Whether a value is a table or a query over one, and no record.
fn is_query(evaluator: &Evaluator<'_>, value: &Value) -> bool {
    match value {
        Value::Object(object) => table_name(evaluator, object.def).is_some(),
        Value::Unknown(Ty::Def(def, _)) => table_name(evaluator, *def).is_some(),
        Value::Unknown(Ty::External(path, _)) => {
            item(path).is_some() && table_of(evaluator, value).is_some()
        }
        Value::Term(term) => &*term.path == QUERY,
        _ => false,
    }
}

/// A builder of another crate that was given a table and is executed: it writes the table, in one way or another.
fn foreign(evaluator: &mut Evaluator<'_>, term: &Rc<Term>, method: &Method<'_>) -> Option<Value> {
    if item(&term.path).is_some() {
        return None;
    }
    let mut made_of: Vec<Value> = term.args.iter().flatten().map(Value::bare).collect();
    for _ in 0..DEPTH {
        if let Some(found) = made_of.iter().find(|value| is_query(evaluator, value)).cloned() {
            let made = write(evaluator, Operation::Update, &found, term.at);
            if let Value::Query(query) = &made {
                evaluator.run_query(query, method.args.first());
            }
            return Some(rows(method, None));
        }
        let next = made_of.iter().filter_map(|value| match value {
            Value::Term(term) => term.args.clone(),
            _ => None,
        });
        made_of = next.flatten().map(|value| value.bare()).collect();
    }
    None
}

/// The type of the rows that a query selects, where `select(User::as_select())` tells.
fn selected(value: &Value) -> Option<Ty> {
    let Value::Term(term) = value else { return None };
    as_select(term.args.as_ref()?.get(1)?)
}

/// `User::as_select()`.
fn as_select(value: &Value) -> Option<Ty> {
    match value.bare() {
        Value::Unknown(Ty::External(path, args)) if path.ends_with("AsSelect") => {
            Some(Ty::External(path, args))
        }
        _ => None,
    }
}

/// What running gives, as far as the types tell.
fn rows(method: &Method<'_>, selected: Option<Ty>) -> Value {
    let row = method.generics.iter().find(|ty| **ty != Ty::Unknown).cloned().or(selected);
    let Some(row) = row else { return Value::unknown() };
    let many = matches!(method.name, "load" | "get_results" | "load_async" | "get_results_async");
    let row = if many { Ty::External("std::vec::Vec".into(), vec![row]) } else { row };
    Value::Unknown(Ty::External("std::result::Result".into(), vec![row]))
}
