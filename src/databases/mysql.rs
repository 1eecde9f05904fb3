//! `mysql` and `mysql_async`: text is run by a connection, or is itself a query that is run on one.

use std::rc::Rc;

use super::{
    Database, Sample,
    given_text::{GivenText, NOTHING},
    handle,
};
use crate::{
    evaluate::{
        Evaluator,
        effect::RunsOn,
        method::Method,
        text::{Piece, Text},
        value::{Cell, Draft, Term, Value},
    },
    link::types::Ty,
    source::Place,
    sql::{self, Dialect},
};

/// The model of `mysql` and `mysql_async`.
#[derive(Debug)]
pub struct MySql;

/// What is like in other libraries.
const CALLS: GivenText = GivenText {
    name: "mysql",
    crates: &["mysql", "mysql_async", "r2d2_mysql", "bb8_mysql", "deadpool_mysql"],
    dialect: Some(Dialect::MySql),
    items: &["Conn", "PooledConn", "Pool", "Transaction", "Statement", "Queryable"],
    runs: &[
        ("query", 0),
        ("query_drop", 0),
        ("query_first", 0),
        ("query_first_opt", 0),
        ("query_fold", 0),
        ("query_fold_opt", 0),
        ("query_iter", 0),
        ("query_map", 0),
        ("query_map_opt", 0),
        ("query_opt", 0),
        ("query_stream", 0),
        ("exec", 0),
        ("exec_batch", 0),
        ("exec_drop", 0),
        ("exec_first", 0),
        ("exec_first_opt", 0),
        ("exec_fold", 0),
        ("exec_fold_opt", 0),
        ("exec_iter", 0),
        ("exec_map", 0),
        ("exec_map_opt", 0),
        ("exec_opt", 0),
        ("exec_stream", 0),
        ("prep_exec", 0),
        ("first_exec", 0),
        ("drop_exec", 0),
        ("batch_exec", 0),
        ("drop_query", 0),
    ],
    makes: &[("prep", 0), ("prepare", 0)],
    statement_runs: TEXT_RUNS,
    lends: &["interact"],
    ..NOTHING
};

/// Methods that text (or text with parameters) has by the traits of the library: the connection is the first argument.
const TEXT_RUNS: &[&str] = &[
    "run",
    "ignore",
    "first",
    "first_opt",
    "fetch",
    "fetch_opt",
    "map",
    "map_opt",
    "fold",
    "fold_opt",
    "reduce",
    "stream",
    "batch",
];

/// What text that begins with what is not known is once it was given parameters.
const WITH: &str = "mysql::prelude::WithParams::with";

/// The text of a value that the traits of the library can run: text, text with parameters, or what is bound to be one.
fn text_of(evaluator: &Evaluator<'_>, value: &Value) -> Option<Text> {
    let last = |path: &str| path.rsplit(':').next().unwrap_or(path).to_owned();
    let is_text = |value: &Value| match evaluator.type_of(value) {
        Ty::Primitive(name) => name == "str",
        Ty::External(path, _) => &*path == "std::string::String",
        _ => false,
    };
    let of_library = |path: &str| {
        matches!(
            last(path).as_str(),
            "AsQuery"
                | "BatchQuery"
                | "BinQuery"
                | "Query"
                | "QueryWithParams"
                | "TextQuery"
                | "WithParams"
        )
    };
    match value {
        Value::Str(text) => Some(text.clone()),
        Value::Term(term) => {
            let made = last(&term.path) == "QueryWithParams"
                && handle::item(&term.path, CALLS.crates).is_some();
            // `text.as_str()`.
            let of_string = term.path.starts_with("std::string::String::");
            let mut all = term.args.iter().flatten();
            (&*term.path == WITH || made || of_string)
                .then(|| all.find_map(Value::text).unwrap_or_else(Text::hole))
        }
        Value::Unknown(_) if is_text(value) => Some(Text::hole()),
        Value::Unknown(_) => {
            let path = handle::of_crates(evaluator, value, CALLS.crates)?;
            of_library(&path).then(Text::hole)
        }
        _ => None,
    }
}

impl Database for MySql {
    fn name(&self) -> &'static str {
        CALLS.name
    }

    fn sample(&self) -> &'static [Sample] {
        &[
            Sample {
                krate: "mysql_async",
                import: "mysql_async::prelude::Queryable",
                on: "&mut mysql_async::Conn",
                is_pool: false,
                run: "on.query_drop(SQL)",
                is_async: true,
            },
            Sample {
                krate: "mysql",
                import: "mysql::prelude::Queryable",
                on: "&mut mysql::Conn",
                is_pool: false,
                run: "on.query_drop(SQL)",
                is_async: false,
            },
        ]
    }

    fn crates(&self) -> &'static [&'static str] {
        CALLS.crates
    }

    fn knows(&self, path: &str) -> bool {
        CALLS.knows(path)
    }

    fn is_data(&self, path: &str) -> bool {
        CALLS.is_data(path)
    }

    fn call(
        &self,
        evaluator: &mut Evaluator<'_>,
        term: &Rc<Term>,
        args: &[Value],
        at: Place,
    ) -> Option<Value> {
        CALLS.call(evaluator, term, args, at)
    }

    fn method(
        &self,
        evaluator: &mut Evaluator<'_>,
        receiver: &Cell,
        value: &Value,
        method: &Method<'_>,
    ) -> Option<Value> {
        if method.name == "with"
            && let Value::Str(_) | Value::Unknown(_) | Value::Term(_) = value
        {
            let text = text_of(evaluator, value)?;
            let made = Draft::Sql(text.clone(), CALLS.dialect);
            if sql::looks_like_write(&text.shown("{}")) {
                return Some(evaluator.query(CALLS.name, made, method.at));
            }
            // What it begins with is told by nothing but what runs it.
            let is_open = matches!(text.pieces().first(), Some(Piece::Hole));
            return is_open.then(|| Value::term(WITH, Some(vec![value.clone()]), method.at));
        }
        if TEXT_RUNS.contains(&method.name)
            && let Some(text) = text_of(evaluator, value)
            && let Some(executor) = method.args.first()
            && handle::of_crates(evaluator, executor, CALLS.crates).is_some()
        {
            let text = Value::Str(text);
            evaluator.run_given(CALLS.name, &text, CALLS.dialect, Some(executor), method.at);
            return Some(Value::unknown());
        }
        match value {
            Value::Str(_) => None,
            _ => CALLS.method(evaluator, receiver, value, method),
        }
    }

    fn runs_on(&self, executor: &Value) -> Option<RunsOn> {
        CALLS.runs_on(executor)
    }
}
