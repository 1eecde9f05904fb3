//! sqlx: a query is its text until it is run.

use std::rc::Rc;

use super::{Database, type_path};
use crate::{
    evaluate::{
        Evaluator,
        effect::RunsOn,
        method::Method,
        text::Text,
        value::{Cell, Draft, Query, Term, Value},
    },
    source::Place,
    sql::{Dialect, Receiver},
    syntax::{body, tree::MacroCall},
};

/// The model of sqlx.
#[derive(Debug)]
pub struct Sqlx;

const LIBRARY: &str = "sqlx";

/// Methods that run a query: `sqlx::query::Query` and `sqlx::Executor`.
const RUNS: &[&str] = &[
    "execute",
    "execute_many",
    "fetch",
    "fetch_all",
    "fetch_many",
    "fetch_one",
    "fetch_optional",
    "run",
];

/// The item of sqlx, whichever of its crates and modules it is reached through.
fn item(path: &str) -> Option<&str> {
    let rest = ["sqlx::", "sqlx_core::", "sqlx_postgres::", "sqlx_sqlite::", "sqlx_mysql::"]
        .iter()
        .find_map(|krate| path.strip_prefix(krate))?;
    Some(
        ["query_builder::", "query_as::", "query_scalar::", "query::", "raw_sql::", "sql_str::"]
            .iter()
            .find_map(|module| rest.strip_prefix(module))
            .unwrap_or(rest),
    )
}

fn is_query(item: &str) -> bool {
    matches!(
        item,
        "query"
            | "query_as"
            | "query_scalar"
            | "query_with"
            | "query_as_with"
            | "query_scalar_with"
            | "query_with_result"
            | "query_as_with_result"
            | "query_scalar_with_result"
            | "query_statement"
            | "query_statement_as"
            | "query_statement_scalar"
            | "raw_sql"
            | "RawSql"
    )
}

fn dialect(path: &str) -> Option<Dialect> {
    let path = path.to_ascii_lowercase();
    [("postgres", Dialect::Postgres), ("pg", Dialect::Postgres), ("sqlite", Dialect::Sqlite)]
        .into_iter()
        .chain([("mysql", Dialect::MySql), ("mssql", Dialect::MsSql)])
        .find_map(|(word, dialect)| path.contains(word).then_some(dialect))
}

fn text_of(value: Option<&Value>) -> Text {
    value.and_then(Value::text).unwrap_or_else(Text::hole)
}

impl Database for Sqlx {
    fn name(&self) -> &'static str {
        LIBRARY
    }

    fn crates(&self) -> &'static [&'static str] {
        &["sqlx", "sqlx_core"]
    }

    fn knows(&self, path: &str) -> bool {
        item(path).is_some_and(|item| {
            is_query(item) || matches!(item, "QueryBuilder" | "Executor" | "AssertSqlSafe")
        })
    }

    fn call(
        &self,
        evaluator: &mut Evaluator<'_>,
        term: &Rc<Term>,
        args: &[Value],
        at: Place,
    ) -> Option<Value> {
        let item = item(&term.path)?;
        if is_query(item) {
            return Some(evaluator.query(LIBRARY, Draft::Sql(text_of(args.first()), None), at));
        }
        match item {
            "QueryBuilder::new" | "QueryBuilder::with_arguments" => {
                Some(evaluator.query(LIBRARY, Draft::Sql(text_of(args.first()), None), at))
            }
            "QueryBuilder::default" => {
                Some(evaluator.query(LIBRARY, Draft::Sql(Text::known(""), None), at))
            }
            "AssertSqlSafe" | "SqlStr::from_static" => args.first().cloned(),
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
        if let Value::Query(query) = value {
            return (query.library == LIBRARY)
                .then(|| query_method(evaluator, receiver, query, method));
        }
        if !RUNS.contains(&method.name) && method.name != "prepare" {
            return None;
        }
        // `executor.execute("…")`, `executor.fetch_one(query)`.
        let path = type_path(value)?;
        item(&path)?;
        match method.args.first()?.bare() {
            Value::Str(text) => evaluator.run_sql(
                LIBRARY,
                &text,
                Receiver::Database,
                dialect(&path),
                Some(value),
                method.at,
            ),
            Value::Query(query) => evaluator.run_query(&query, Some(value)),
            _ => return None,
        }
        Some(Value::unknown())
    }

    fn macro_call(
        &self,
        evaluator: &mut Evaluator<'_>,
        path: &str,
        call: &MacroCall,
        at: Place,
    ) -> Option<Value> {
        let name = item(path)?;
        let name = name.strip_suffix("_unchecked").unwrap_or(name);
        // The type comes first where rows are mapped: `query_as!(Row, "…")`.
        let place = match name {
            "query" | "query_scalar" => 0,
            "query_as" => 1,
            _ => return None,
        };
        let source = evaluator.program.text(evaluator.file());
        let args = body::parse_args(&source, call.args).unwrap_or_default();
        let mut text = Text::hole();
        for (position, arg) in args.iter().enumerate() {
            let value = evaluator.eval(arg).unwrap_or_else(|_| Value::unknown());
            if position == place {
                text = text_of(Some(&value));
            }
        }
        Some(evaluator.query(LIBRARY, Draft::Sql(text, None), at))
    }

    fn runs_on(&self, executor: &Value) -> Option<RunsOn> {
        match executor.bare() {
            Value::Term(term) => {
                let last = term.path.rsplit("::").next().unwrap_or_default();
                let ours = item(&term.path).is_some();
                (ours && matches!(last, "begin" | "acquire" | "try_acquire" | "try_begin"))
                    .then_some(RunsOn::Opened(term.at))
            }
            value => {
                let path = type_path(&value)?;
                let last = item(&path)?.rsplit("::").next()?;
                (last == "Pool" || last.ends_with("Pool")).then_some(RunsOn::Pool)
            }
        }
    }
}

/// A method of a query or query builder.
fn query_method(
    evaluator: &mut Evaluator<'_>,
    receiver: &Cell,
    query: &Rc<Query>,
    method: &Method<'_>,
) -> Value {
    if RUNS.contains(&method.name) {
        evaluator.run_query(query, method.args.first());
        return Value::unknown();
    }
    let Draft::Sql(text, dialect) = &query.draft else { return Value::Query(query.clone()) };
    let more = match method.name {
        "push" => text_of(method.args.first()),
        // What is bound and what a closure pushes is not text that names a table.
        "push_bind" | "push_values" | "push_tuples" | "separated" | "push_unseparated" => {
            Text::known(" ").then(&Text::hole())
        }
        "reset" => Text::hole(),
        "sql" | "into_sql" => return Value::Str(text.clone()),
        _ => return Value::Query(query.clone()),
    };
    let more = if method.name == "push_values" {
        Text::known(" VALUES (").then(&Text::hole()).then(&Text::known(")"))
    } else {
        more
    };
    let changed = evaluator.redraft(query, Draft::Sql(text.then(&more), *dialect));
    let place = crate::evaluate::target_of(receiver);
    evaluator.write(&place, changed.clone());
    changed
}
