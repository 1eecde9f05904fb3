//! sea-orm: a statement names its table by an entity, or by a model of one.

mod connection;
mod entity;
mod nested;
mod query;

use std::rc::Rc;

use self::connection::{is_connection, is_connection_path};
use super::{Database, Sample};
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
    sql::{Dialect, Receiver},
    syntax::{
        body,
        tree::{Item, MacroCall},
    },
};

/// The model of sea-orm.
#[derive(Debug)]
pub struct SeaOrm;

pub(super) const LIBRARY: &str = "sea-orm";

/// What a read over an entity is, whatever was done to it; its argument is the entity.
const SELECT: &str = "sea_orm::Select";

/// The path inside sea-orm, or inside a crate that re-exports it.
fn item(path: &str) -> Option<&str> {
    ["sea_orm::", "sea_orm_migration::"].iter().find_map(|krate| path.strip_prefix(krate))
}

fn last(path: &str) -> &str {
    path.rsplit(':').next().unwrap_or(path)
}

fn dialect(value: Option<&Value>) -> Option<Dialect> {
    let Value::Term(term) = value?.bare() else { return None };
    match last(&term.path) {
        "Postgres" => Some(Dialect::Postgres),
        "Sqlite" => Some(Dialect::Sqlite),
        "MySql" => Some(Dialect::MySql),
        _ => None,
    }
}

impl Database for SeaOrm {
    fn name(&self) -> &'static str {
        LIBRARY
    }

    fn sample(&self) -> &'static [Sample] {
        &[Sample {
            krate: "sea_orm",
            import: "sea_orm::ConnectionTrait",
            on: "&sea_orm::DatabaseConnection",
            is_pool: true,
            run: "on.execute(sea_orm::Statement::from_string(sea_orm::DatabaseBackend::Postgres, SQL))",
            is_async: true,
        }]
    }

    fn crates(&self) -> &'static [&'static str] {
        &["sea_orm", "sea_orm_migration"]
    }

    fn knows(&self, path: &str) -> bool {
        is_connection_path(path)
            || item(path).is_some_and(|item| {
                matches!(
                    last(item),
                    "Statement"
                        | "raw_sql"
                        | "EntityTrait"
                        | "ActiveModelTrait"
                        | "ModelTrait"
                        | "Insert"
                        | "TryInsert"
                        | "Update"
                        | "Delete"
                        | "Database"
                )
            })
    }

    fn writing_derives(&self) -> &'static [&'static str] {
        self.derives()
    }

    fn derives(&self) -> &'static [&'static str] {
        &[
            "DeriveEntityModel",
            "DeriveEntity",
            "DeriveModel",
            "DeriveActiveModel",
            "DeriveIntoActiveModel",
            "model",
            "compact_model",
        ]
    }

    fn derived_items(&self, path: &str, item_of: &Item, text: &str) -> Option<String> {
        let ours = item(path).is_some() || path.contains("::") && last(path).starts_with("Derive");
        ours.then(|| entity::derived(path, item_of, text)).flatten()
    }

    fn member(&self, evaluator: &Evaluator<'_>, ty: &Ty, name: &str) -> Option<&'static str> {
        query::member(evaluator, ty, name)
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
        let owner = item.rsplit("::").nth(1).unwrap_or_default();
        match (owner, name) {
            ("Statement", "from_string") => Some(statement(evaluator, args, at)),
            ("Statement", "from_sql_and_values") => Some(statement(evaluator, args, at)),
            ("EntityTrait", _) => query::of_entity(evaluator, term, args, at),
            (
                "Insert" | "TryInsert" | "Update" | "Delete" | "UpdateMany" | "UpdateOne"
                | "DeleteMany" | "DeleteOne" | "InsertMany",
                _,
            ) => query::of_statement_type(evaluator, owner, term, args, at),
            (
                "ActiveModelTrait" | "ModelTrait" | "ConnectionTrait" | "TransactionTrait"
                | "IntoActiveModel" | "QueryTrait",
                _,
            ) => {
                if let Some(ty @ Ty::Def(..)) = term.generics.first()
                    && matches!(name, "from_json" | "new" | "default_values" | "builder")
                {
                    return Some(query::made(name, ty));
                }
                let (receiver, args) = args.split_first()?;
                let method = Method { name, generics: Vec::new(), args: args.to_vec(), at };
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
        match value {
            Value::Query(query) if query.library == LIBRARY => {
                return query::of_statement(evaluator, receiver, query, method);
            }
            Value::Query(_) | Value::Str(_) | Value::Router(_) => return None,
            Value::Unknown(Ty::External(path, args)) if &**path == SELECT => {
                return Some(query::of_select(evaluator, args, method));
            }
            _ => {}
        }
        match method.name {
            "insert"
            | "update"
            | "update_without_returning"
            | "save"
            | "delete"
            | "cascade_delete" => {
                let [_] = method.args.as_slice() else { return None };
                query::of_model(evaluator, value, method)
            }
            "execute" | "execute_raw" | "query_one" | "query_one_raw" | "query_all"
            | "query_all_raw" | "stream" | "stream_raw" | "execute_unprepared" | "exec_stmt" => {
                on_connection(evaluator, value, method)
            }
            "transaction" | "transaction_with_config" => {
                let closure = method.args.first()?.bare();
                if !matches!(closure, Value::Closure(_)) || !is_connection(evaluator, value) {
                    return None;
                }
                let ty = Ty::External("sea_orm::DatabaseTransaction".into(), Vec::new());
                let made = evaluator.call(&closure, vec![Value::Unknown(ty)], method.at).ok()?;
                Some(evaluator.awaited(made))
            }
            "begin" | "begin_with_config" | "begin_with_options" => {
                connection::begun(evaluator, value, method)
            }
            // `db.get_database_backend().build(&statement)`.
            "build" if matches!(method.args.first().map(Value::bare), Some(Value::Query(_))) => {
                method.args.first().map(Value::bare)
            }
            _ => query::of_typed(evaluator, value, method),
        }
    }

    fn macro_call(
        &self,
        evaluator: &mut Evaluator<'_>,
        path: &str,
        call: &MacroCall,
        at: Place,
    ) -> Option<Value> {
        // `raw_sql!(Postgres, "…", args)`.
        if item(path)? != "raw_sql" {
            return None;
        }
        let source = evaluator.program.text(evaluator.file());
        let args = body::parse_attr_args(&source, call.args).unwrap_or_default();
        let (_, given) = args.into_iter().nth(1)?;
        let value = evaluator.eval(&given).unwrap_or_else(|_| Value::unknown());
        let text = value.text().unwrap_or_else(Text::hole);
        Some(evaluator.query(LIBRARY, Draft::Sql(text, None), at))
    }

    fn is_handed_statements(&self, of_trait: &str) -> bool {
        item(of_trait).is_some() && matches!(last(of_trait), "ConnectionTrait" | "StreamTrait")
    }

    fn runs_on(&self, executor: &Value) -> Option<RunsOn> {
        connection::runs_on(executor)
    }
}

/// `Statement::from_string(backend, sql)`.
fn statement(evaluator: &mut Evaluator<'_>, args: &[Value], at: Place) -> Value {
    if let Some(Value::Query(query)) = args.get(1).map(Value::bare) {
        return Value::Query(query);
    }
    let text = args.get(1).and_then(Value::text).unwrap_or_else(Text::hole);
    evaluator.query(LIBRARY, Draft::Sql(text, dialect(args.first())), at)
}

/// A method that runs SQL on a connection.
fn on_connection(
    evaluator: &mut Evaluator<'_>,
    value: &Value,
    method: &Method<'_>,
) -> Option<Value> {
    let given = method.args.first()?.bare();
    if let Value::Query(query) = &given {
        evaluator.run_query(query, Some(value));
        return Some(Value::unknown());
    }
    if connection::has_own(evaluator, value, method.name) || !is_connection(evaluator, value) {
        return None;
    }
    let text = match (&given, method.name) {
        // `Statement { sql, .. }`; one that was made elsewhere is known there.
        (Value::Term(term), _) if term.path.ends_with("::Statement") => {
            term.args.iter().flatten().find_map(Value::text).unwrap_or_else(Text::hole)
        }
        (_, "execute_unprepared") => given.text().unwrap_or_else(Text::hole),
        // Nothing tells what such a statement does, so it is not passed over.
        (_, "execute" | "execute_raw") if is_unread(evaluator, &given) => Text::hole(),
        _ => given.text()?,
    };
    evaluator.run_sql(LIBRARY, &text, Receiver::Database, None, Some(value), method.at);
    Some(Value::unknown())
}

/// Whether a value is a statement that was made where nothing is known of its text.
fn is_unread(evaluator: &Evaluator<'_>, given: &Value) -> bool {
    let is_statement = |path: &str| item(path).is_some() && last(path) == "Statement";
    let Value::Unknown(_) = given else { return false };
    match evaluator.type_of(given) {
        Ty::Unknown => true,
        Ty::External(path, _) => is_statement(&path),
        Ty::AnyOf(paths, _) => paths.iter().any(|path| is_statement(path)),
        _ => false,
    }
}

/// The name in SQL of the table of an entity, for libraries that take entities as names.
pub(super) fn table_of_entity(
    evaluator: &mut Evaluator<'_>,
    ty: &Ty,
    at: Place,
) -> Option<Rc<str>> {
    let entity = entity::entity_of(evaluator, ty)?;
    entity::table_of(evaluator, entity.def, at)
}
