//! diesel and diesel-async: a statement names its table by a type that `table!` made.

mod fragment;
mod query;
mod table;

use std::rc::Rc;

use super::{Database, Sample, type_path};
use crate::{
    evaluate::{
        Evaluator,
        effect::RunsOn,
        method::Method,
        text::Text,
        value::{Cell, Draft, Term, Value, cell},
    },
    link::types::Ty,
    source::Place,
    sql::{Operation, Receiver},
    syntax::tree::Item,
};

/// The model of diesel.
#[derive(Debug)]
pub struct Diesel;

pub(super) const LIBRARY: &str = "diesel";

/// What a query over a table is called here, whatever was done to it.
const QUERY: &str = "diesel::query";

/// The path inside diesel or diesel-async.
fn item(path: &str) -> Option<&str> {
    ["diesel::", "diesel_async::", "diesel_derives::", "diesel_uplete::"]
        .iter()
        .find_map(|krate| path.strip_prefix(krate))
}

/// Functions that put a write together, wherever diesel re-exports them.
fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "insert_into" | "insert_or_ignore_into" | "copy_from" => Operation::Insert,
        "replace_into" => Operation::Upsert,
        "update" | "uplete" => Operation::Update,
        "delete" => Operation::Delete,
        _ => return None,
    })
}

fn last(path: &str) -> &str {
    path.rsplit(':').next().unwrap_or(path)
}

/// Whether a path names a function of one of diesel's traits, called by its path.
fn is_trait_function(path: &str) -> bool {
    let owner = path.rsplit("::").nth(1).unwrap_or_default();
    owner.ends_with("Dsl")
        || matches!(
            owner,
            "Insertable"
                | "SimpleConnection"
                | "Connection"
                | "LoadConnection"
                | "AsyncConnection"
                | "SimpleAsyncConnection"
        )
}

impl Database for Diesel {
    fn name(&self) -> &'static str {
        LIBRARY
    }

    fn sample(&self) -> &'static [Sample] {
        &[Sample {
            krate: "diesel",
            import: "diesel::RunQueryDsl",
            on: "&mut diesel::PgConnection",
            is_pool: false,
            run: "diesel::sql_query(SQL).execute(on)",
            is_async: false,
        }]
    }

    fn crates(&self) -> &'static [&'static str] {
        &["diesel", "diesel_async", "diesel_uplete"]
    }

    fn knows(&self, path: &str) -> bool {
        item(path).is_some_and(|item| {
            let last = last(item);
            operation(last).is_some()
                || matches!(
                    last,
                    "sql_query" | "RunQueryDsl" | "QueryDsl" | "Insertable" | "HasTable"
                )
        })
    }

    fn item_macros(&self) -> &'static [&'static str] {
        &[
            "table",
            "view",
            "joinable",
            "allow_tables_to_appear_in_same_query",
            "allow_columns_to_appear_in_same_group_by_clause",
        ]
    }

    fn item_macro(&self, path: &str, tokens: &str) -> Option<String> {
        match last(item(path)?) {
            "table" | "view" => table::module(tokens),
            _ => Some(String::new()),
        }
    }

    fn derives(&self) -> &'static [&'static str] {
        &["Identifiable", "Selectable", "Associations", "HasQuery"]
    }

    fn derived_items(&self, path: &str, item_of: &Item, text: &str) -> Option<String> {
        table::derived(last(item(path)?), item_of, text)
    }

    fn writing_derives(&self) -> &'static [&'static str] {
        &["AsChangeset", "Identifiable", "Insertable"]
    }

    fn writing_methods(&self) -> Option<&'static [&'static str]> {
        Some(&["insert_into", "save_changes", "save_changes_async", "update_and_fetch"])
    }

    fn is_data(&self, path: &str) -> bool {
        let Some(item) = path.strip_prefix("diesel::") else { return false };
        let is_type = || last(item).starts_with(char::is_uppercase);
        [
            "sql_types",
            "serialize",
            "deserialize",
            "pg::data_types",
            "expression",
            "backend",
            "result",
        ]
        .iter()
        .any(|module| item.starts_with(module))
            || item.starts_with("dsl::") && is_type()
            || matches!(item, "pg::Pg" | "sqlite::Sqlite" | "mysql::Mysql")
    }

    fn call(
        &self,
        evaluator: &mut Evaluator<'_>,
        term: &Rc<Term>,
        args: &[Value],
        at: Place,
    ) -> Option<Value> {
        let item = item(&term.path)?;
        let name = last(item);
        if let (Some(operation), Some(target)) = (operation(name), args.first()) {
            return Some(query::write(evaluator, operation, target, at));
        }
        match name {
            "sql_query" => {
                let text = args.first().and_then(Value::text).unwrap_or_else(Text::hole);
                Some(evaluator.query(LIBRARY, Draft::Sql(text, None), at))
            }
            // What it shows is not sent.
            "debug_query" => Some(Value::unknown()),
            _ if is_trait_function(item) => {
                let (receiver, args) = args.split_first()?;
                let method =
                    Method { name, generics: term.generics.clone(), args: args.to_vec(), at };
                evaluator.method(&cell(receiver.clone()), method).ok()
            }
            _ => None,
        }
    }

    fn method(
        &self,
        evaluator: &mut Evaluator<'_>,
        receiver: &Cell,
        value: &Value,
        method: &Method<'_>,
    ) -> Option<Value> {
        if let Some(done) = fragment::method(evaluator, receiver, value, method) {
            return Some(done);
        }
        match value {
            Value::Query(query) if query.library == LIBRARY => {
                return query::of_statement(evaluator, query, method);
            }
            Value::Query(_) | Value::Str(_) | Value::Router(_) => return None,
            _ => {}
        }
        if query::runs(method.name)
            && let Some(given) = method.args.first()
        {
            // `statement.execute(conn)`, or `conn.load(statement)`.
            let ran = fragment::run(evaluator, value, Some(given), method.at)
                .or_else(|| fragment::run(evaluator, &given.bare(), Some(value), method.at));
            if ran.is_some() {
                return ran;
            }
        }
        match method.name {
            "insert_into" => {
                let target = method.args.first()?;
                // Of a table that is not known something must say that it is one of this library's.
                let is_known = query::table_of(evaluator, target).is_some();
                let says = |value: &Value| query::is_of_library(evaluator, value);
                if !is_known && !says(value) && !says(target) {
                    return None;
                }
                Some(query::write(evaluator, Operation::Insert, target, method.at))
            }
            "save_changes" | "save_changes_async" | "update_and_fetch" => {
                query::save_changes(evaluator, value, method)
            }
            "batch_execute" => {
                let given = method.args.first()?;
                if let Value::Query(query) = given.bare() {
                    evaluator.run_query(&query, Some(value));
                    return Some(Value::unknown());
                }
                let text = given.text().unwrap_or_else(Text::hole);
                is_ours(&evaluator.type_of(value), value).then(|| {
                    evaluator.run_sql(
                        LIBRARY,
                        &text,
                        Receiver::Database,
                        None,
                        Some(value),
                        method.at,
                    );
                    Value::unknown()
                })
            }
            // What runs in a transaction is given the connection that it was started on.
            "transaction"
            | "immediate_transaction"
            | "exclusive_transaction"
            | "test_transaction"
            | "run"
            | "interact" => {
                let [closure] = method.args.as_slice() else { return None };
                let ty = evaluator.type_of(value);
                if !matches!(closure.bare(), Value::Closure(_)) || !is_ours(&ty, value) {
                    return None;
                }
                // It is not the connection any more, but the transaction on it.
                let lent = match ty {
                    Ty::Unknown => Ty::External("diesel::Connection".into(), Vec::new()),
                    ty => ty,
                };
                let made = evaluator.call(closure, vec![Value::Unknown(lent)], method.at).ok()?;
                Some(evaluator.awaited(made))
            }
            "scope_boxed" if matches!(value, Value::Closure(_)) => Some(value.clone()),
            _ => query::of_table(evaluator, value, method),
        }
    }

    fn is_handed_statements(&self, of_trait: &str) -> bool {
        const TRAITS: [&str; 6] = [
            "SimpleConnection",
            "Connection",
            "LoadConnection",
            "SimpleAsyncConnection",
            "AsyncConnection",
            "AsyncConnectionCore",
        ];
        item(of_trait).is_some_and(|item| TRAITS.contains(&last(item)))
    }

    fn runs_on(&self, executor: &Value) -> Option<RunsOn> {
        let mut value = executor.bare();
        // `pool.get().await.map_err(…)`: what was done to the connection follows where it was opened.
        for _ in 0..16 {
            let Value::Term(term) = &value else { break };
            let opened = is_pooled(&term.path)
                || item(&term.path).is_some_and(|item| item.ends_with("::establish"));
            if opened {
                return Some(RunsOn::Opened(term.at));
            }
            value = term.args.as_ref()?.first()?.bare();
        }
        type_path(&value).filter(|path| item(path).is_some()).map(|_| RunsOn::Other)
    }
}

/// Whether a path is the one by which a pool, diesel's or one that is used with it, opens a connection.
fn is_pooled(path: &str) -> bool {
    let pools = [
        "diesel::r2d2",
        "diesel_async::",
        "r2d2::",
        "deadpool_diesel::",
        "deadpool::",
        "bb8::",
        "mobc::",
    ];
    let gives =
        ["get", "get_timeout", "try_get", "get_owned", "dedicated_connection", "timeout_get"];
    let mut names = path.rsplit("::");
    pools.iter().any(|pool| path.starts_with(pool))
        && names.next().is_some_and(|name| gives.contains(&name))
        && names.any(|name| name.ends_with("Pool"))
}

/// Whether a value is something of diesel's, by its type or by what made it.
fn is_ours(ty: &Ty, value: &Value) -> bool {
    let known = |path: &str| item(path).is_some();
    match (ty, value) {
        (Ty::External(path, args), _) => {
            known(path) || args.iter().any(|arg| is_ours(arg, &Value::Unit))
        }
        (Ty::Impl(bounds) | Ty::Dyn(bounds), _) => bounds
            .iter()
            .any(|bound| matches!(&bound.of, crate::link::Target::External(path) if known(path))),
        (_, Value::Term(term)) => {
            known(&term.path)
                || term
                    .args
                    .iter()
                    .flatten()
                    .next()
                    .is_some_and(|first| is_ours(&Ty::Unknown, &first.bare()))
        }
        _ => false,
    }
}
