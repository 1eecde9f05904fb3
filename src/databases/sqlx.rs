//! sqlx: a query is its text until it is run.

use std::rc::Rc;

use super::{Database, Sample, handle};
use crate::{
    evaluate::{
        Evaluator,
        effect::RunsOn,
        method::Method,
        target_of,
        text::{Piece, Text},
        value::{Cell, Draft, Query, Term, Value, cell},
    },
    source::Place,
    sql::Dialect,
    syntax::{body, tree::MacroCall},
};

/// The model of sqlx.
#[derive(Debug)]
pub struct Sqlx;

const LIBRARY: &str = "sqlx";

const CRATES: &[&str] = &["sqlx", "sqlx_core", "sqlx_postgres", "sqlx_sqlite", "sqlx_mysql"];

/// Types and traits that neither hold nor run a statement: kinds of databases, and what rows and arguments are made of.
const DATA: &[&str] = &[
    "Any",
    "Arguments",
    "Column",
    "ColumnIndex",
    "Database",
    "Decode",
    "Encode",
    "ErrorKind",
    "FromRow",
    "IsNull",
    "MySql",
    "MySqlArguments",
    "MySqlColumn",
    "MySqlRow",
    "MySqlTypeInfo",
    "MySqlValue",
    "MySqlValueRef",
    "PgArgumentBuffer",
    "PgArguments",
    "PgColumn",
    "PgRow",
    "PgTypeInfo",
    "PgTypeKind",
    "PgValue",
    "PgValueFormat",
    "PgValueRef",
    "Postgres",
    "Row",
    "Sqlite",
    "SqliteArgumentValue",
    "SqliteArguments",
    "SqliteColumn",
    "SqliteRow",
    "SqliteTypeInfo",
    "SqliteValue",
    "SqliteValueRef",
    "Type",
    "TypeInfo",
    "Value",
    "ValueRef",
];

/// Types and traits by which a glob import is known to be of sqlx.
const ITEMS: &[&str] = &[
    "Acquire",
    "AssertSqlSafe",
    "Executor",
    "MySqlConnection",
    "MySqlPool",
    "PgConnection",
    "PgExecutor",
    "PgPool",
    "Pool",
    "QueryBuilder",
    "SqliteConnection",
    "SqliteExecutor",
    "SqlitePool",
    "Transaction",
];

/// Methods that run a query: of `sqlx::query::Query` and of `sqlx::Executor`.
const RUNS: &[&str] =
    &["execute", "execute_many", "fetch", "fetch_all", "fetch_many", "fetch_one", "fetch_optional"];

/// What `separated` lends: the builder and the separator; `MORE` once something was pushed.
const SEPARATED: &str = "sqlx::query_builder::Separated";
const MORE: &str = "sqlx::query_builder::Separated::more";

/// The item of sqlx, whichever of its crates and modules it is reached through.
fn item(path: &str) -> Option<&str> {
    let rest = handle::item(path, CRATES)?;
    let modules =
        ["query_builder::", "query_as::", "query_scalar::", "query::", "raw_sql::", "sql_str::"];
    Some(modules.iter().find_map(|module| rest.strip_prefix(module)).unwrap_or(rest))
}

fn is_query(item: &str) -> bool {
    let item = item
        .strip_prefix("query_as")
        .or_else(|| item.strip_prefix("query_scalar"))
        .or_else(|| item.strip_prefix("query_statement_as"))
        .or_else(|| item.strip_prefix("query_statement_scalar"))
        .or_else(|| item.strip_prefix("query_statement"))
        .or_else(|| item.strip_prefix("query"))
        .unwrap_or(item);
    matches!(item, "" | "_with" | "_with_result" | "raw_sql")
}

/// Whether a path is that of a type whose values are queries, or of what a method of one gives.
fn is_made_query(path: &str) -> bool {
    let of = item(path).and_then(|item| item.split(':').next());
    matches!(of, Some("Map" | "Query" | "QueryAs" | "QueryScalar" | "RawSql"))
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

    fn sample(&self) -> &'static [Sample] {
        &[Sample {
            krate: "sqlx",
            import: "",
            on: "&sqlx::PgPool",
            is_pool: true,
            run: "sqlx::query(SQL).execute(on)",
            is_async: true,
        }]
    }

    fn crates(&self) -> &'static [&'static str] {
        CRATES
    }

    fn knows(&self, path: &str) -> bool {
        item(path).is_some_and(|item| {
            is_query(item) || item.rsplit(':').next().is_some_and(|item| ITEMS.contains(&item))
        })
    }

    fn is_data(&self, path: &str) -> bool {
        path.strip_prefix("sqlx::").is_some_and(|item| {
            ["types::", "encode::", "decode::", "postgres::types::"]
                .iter()
                .any(|module| item.starts_with(module))
                || item.split("::").any(|name| DATA.contains(&name))
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
            // A statement that was prepared before, or text.
            let prepared =
                args.first().map(Value::bare).filter(|arg| matches!(arg, Value::Query(_)));
            return Some(prepared.unwrap_or_else(|| {
                evaluator.query(LIBRARY, Draft::Sql(text_of(args.first()), None), at)
            }));
        }
        match item {
            "QueryBuilder::new" | "QueryBuilder::with_arguments" | "QueryBuilder::from" => {
                Some(evaluator.query(LIBRARY, Draft::Sql(text_of(args.first()), None), at))
            }
            "QueryBuilder::default" => {
                Some(evaluator.query(LIBRARY, Draft::Sql(Text::known(""), None), at))
            }
            "AssertSqlSafe" | "SqlStr::from_static" => args.first().cloned(),
            // A statement that was prepared is the query that is made of it.
            _ if item.starts_with("Statement::query") => args.first().cloned(),
            _ => {
                // `Executor::execute(&pool, "…")`, `<&PgPool as Executor>::execute(…)`, `PgConnection::prepare(…)`.
                let (receiver, rest) = args.split_first()?;
                let (_, name) = item.rsplit_once("::")?;
                let method = Method { name, generics: Vec::new(), args: rest.to_vec(), at };
                executor_method(evaluator, &receiver.bare(), &method)
            }
        }
    }

    fn method(
        &self,
        evaluator: &mut Evaluator<'_>,
        receiver: &Cell,
        value: &Value,
        method: &Method<'_>,
    ) -> Option<Value> {
        match value {
            Value::Query(query) => {
                (query.library == LIBRARY).then(|| query_method(evaluator, receiver, query, method))
            }
            Value::Term(term) if &*term.path == SEPARATED || &*term.path == MORE => {
                Some(separated_method(evaluator, receiver, term, method))
            }
            Value::Str(_) if method.name == "into_sql_str" => Some(value.clone()),
            _ => executor_method(evaluator, value, method),
        }
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
        let in_file = match name {
            "query" | "query_as" | "query_scalar" => false,
            "query_file" | "query_file_as" | "query_file_scalar" => true,
            _ => return None,
        };
        let source = evaluator.program.text(evaluator.file());
        // A type comes first where rows are mapped: `query_as!(Row, "…")`. The first text is the statement, or its file.
        let mut given = None;
        for (_, arg) in body::parse_attr_args(&source, call.args).unwrap_or_default() {
            let value = evaluator.eval(&arg).unwrap_or_else(|_| Value::unknown());
            given = given.or_else(|| value.text());
        }
        let text = given.unwrap_or_else(Text::hole);
        let text = if in_file {
            let file = text
                .exact()
                .and_then(|path| evaluator.program.attachment(evaluator.package_dir(), &path));
            file.map_or_else(Text::hole, |file| Text::literal(&file, at))
        } else {
            text
        };
        Some(evaluator.query(LIBRARY, Draft::Sql(text, None), at))
    }

    fn is_handed_statements(&self, of_trait: &str) -> bool {
        item(of_trait).is_some_and(|item| item.rsplit(':').next() == Some("Executor"))
    }

    fn runs_on(&self, executor: &Value) -> Option<RunsOn> {
        handle::runs_on(executor, CRATES)
    }
}

/// A method of a pool, a connection, a transaction, or whatever is an `Executor` or can be `Acquire`d from.
fn executor_method(
    evaluator: &mut Evaluator<'_>,
    value: &Value,
    method: &Method<'_>,
) -> Option<Value> {
    let prepares = matches!(method.name, "prepare" | "prepare_with");
    if !RUNS.contains(&method.name) && !prepares && method.name != "transaction" {
        return None;
    }
    let path = handle::of_crates(evaluator, value, CRATES)?;
    if method.name == "transaction" {
        let run = method.args.iter().find(|arg| arg.is_callable())?.clone();
        let lent = Value::term("sqlx::Connection::begin", Some(vec![value.clone()]), method.at);
        return Some(evaluator.call_and_await(&run, vec![lent], method.at));
    }
    let given = method.args.first()?;
    if handle::runs_on(given, CRATES).is_some() || is_made_query(&path) {
        // The other way round: a query, told where it is made, is run on a connection.
        return Some(Value::unknown());
    }
    if prepares {
        let draft = Draft::Sql(text_of(Some(given)), dialect(&path));
        return Some(evaluator.query(LIBRARY, draft, method.at));
    }
    evaluator.run_given(LIBRARY, given, dialect(&path), Some(value), method.at);
    Some(Value::unknown())
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
    let place = target_of(receiver);
    let text = match method.name {
        "push" => text.then(&text_of(method.args.first())),
        // What is bound is not text that names a table.
        "push_bind" => text.then(&Text::hole()),
        "push_values" | "push_tuples" => {
            if let Some(run) = method.args.iter().find(|arg| arg.is_callable()).cloned() {
                let row = Value::term(SEPARATED, Some(Vec::new()), method.at);
                evaluator.call_and_await(&run, vec![row], method.at);
            }
            let words = if method.name == "push_values" { " VALUES (" } else { " (" };
            text.then(&Text::known(words)).then(&Text::hole()).then(&Text::known(")"))
        }
        "separated" => {
            let separator = Value::Str(text_of(method.args.first()));
            let parts = Some(vec![Value::Ref(place), separator]);
            return Value::term(SEPARATED, parts, method.at);
        }
        // Back to the text it was made with, which is its first piece.
        "reset" => Text::of(text.pieces().first().cloned().into_iter().collect::<Vec<Piece>>()),
        // The text goes on by itself.
        "sql" | "into_sql" => {
            evaluator.forget_draft(query);
            return Value::Str(text.clone());
        }
        _ => return Value::Query(query.clone()),
    };
    let changed = evaluator.redraft(query, Draft::Sql(text, *dialect));
    evaluator.write(&place, changed);
    Value::Ref(place)
}

/// A method of what `separated` lends: a separator goes before each piece but the first.
fn separated_method(
    evaluator: &mut Evaluator<'_>,
    receiver: &Cell,
    term: &Rc<Term>,
    method: &Method<'_>,
) -> Value {
    let Some([Value::Ref(builder), separator]) = term.args.as_deref() else {
        return Value::Ref(target_of(receiver));
    };
    let apart = matches!(method.name, "push" | "push_bind");
    let piece = match method.name {
        "push" | "push_unseparated" => text_of(method.args.first()),
        _ => Text::hole(),
    };
    let first = &*term.path == SEPARATED;
    let piece = if apart && !first { text_of(Some(separator)).then(&piece) } else { piece };
    let push =
        Method { name: "push", generics: Vec::new(), args: vec![Value::Str(piece)], at: method.at };
    let held = builder.borrow().clone();
    match held {
        Value::Query(query) => {
            query_method(evaluator, builder, &query, &push);
        }
        _ => {
            // Any failure to go on is told by the builder itself.
            let _ = evaluator.method(&cell(Value::Ref(builder.clone())), push);
        }
    }
    let place = target_of(receiver);
    if apart && first {
        let more = Term { path: MORE.into(), ..(**term).clone() };
        evaluator.write(&place, Value::Term(Rc::new(more)));
    }
    Value::Ref(place)
}
