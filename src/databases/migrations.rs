//! Migrations that are run as a whole: of sqlx, diesel, refinery and sea-orm.
//!
//! What they write is nobody's business when the program starts, and what a request makes of the tables that are in use
//! is: such a write is kept only where a route reaches it (`pipeline`), and what it writes is not known.

use std::rc::Rc;

use super::{Database, handle};
use crate::{
    evaluate::{
        Evaluator,
        method::Method,
        value::{Cell, Draft, Term, Value},
    },
    link::{Target, types::Ty},
    source::Place,
    sql::Operation,
    syntax::tree::MacroCall,
};

/// The model of what runs migrations.
#[derive(Debug)]
pub struct Migrations;

/// As `writes` shows it; by this name such a write is told from others.
pub const LIBRARY: &str = "migrations";

const CRATES: &[&str] = &["refinery", "refinery_core"];

/// Crates that have migrations beside other things, or are used with one that is known.
const OTHERS: &[&str] =
    &["diesel_async_migrations", "diesel_migrations", "sea_orm_migration", "sqlx", "sqlx_core"];

/// What sqlx and refinery run.
const RUNNERS: &[&str] = &["Migrator", "Runner"];

/// Methods that diesel gives a connection.
const OF_CONNECTION: &[&str] = &[
    "run_pending_migrations",
    "run_migrations",
    "run_migration",
    "run_next_migration",
    "revert_all_migrations",
    "revert_last_migration",
    "revert_migration",
];

/// What a migrator of sea-orm does to the tables.
fn of_migrator(name: &str) -> Option<&'static str> {
    Some(match name {
        "up" => "sea_orm_migration::MigratorTrait::up",
        "down" => "sea_orm_migration::MigratorTrait::down",
        "fresh" => "sea_orm_migration::MigratorTrait::fresh",
        "refresh" => "sea_orm_migration::MigratorTrait::refresh",
        "reset" => "sea_orm_migration::MigratorTrait::reset",
        _ => return None,
    })
}

/// Whether a path is that of a runner, or of what one of its methods gives.
fn is_runner(path: &str) -> bool {
    let item = handle::item(path, CRATES).or_else(|| handle::item(path, OTHERS));
    item.is_some_and(|item| item.split("::").any(|name| RUNNERS.contains(&name)))
}

fn run(evaluator: &mut Evaluator<'_>, at: Place) -> Value {
    let made = evaluator.query(LIBRARY, Draft::Table(Operation::Merge, None), at);
    if let Value::Query(query) = &made {
        evaluator.run_query(query, None);
    }
    Value::unknown()
}

impl Database for Migrations {
    fn name(&self) -> &'static str {
        LIBRARY
    }

    fn crates(&self) -> &'static [&'static str] {
        CRATES
    }

    fn knows(&self, path: &str) -> bool {
        is_runner(path)
            || handle::item(path, CRATES).is_some()
            || handle::item(path, OTHERS).is_some_and(|item| {
                item.ends_with("MigratorTrait") || item.ends_with("MigrationHarness")
            })
    }

    fn item_macros(&self) -> &'static [&'static str] {
        &["embed_migrations"]
    }

    fn item_macro(&self, path: &str, _tokens: &str) -> Option<String> {
        let krate = path.split(':').next().filter(|krate| krate.starts_with("refinery"))?;
        Some(format!("pub mod migrations {{ pub fn runner() -> {krate}::Runner {{ !0 }} }}"))
    }

    fn macro_call(
        &self,
        _evaluator: &mut Evaluator<'_>,
        path: &str,
        _call: &MacroCall,
        at: Place,
    ) -> Option<Value> {
        let is_migrate = handle::item(path, OTHERS).is_some_and(|item| item == "migrate");
        is_migrate.then(|| Value::term("sqlx::migrate::Migrator", None, at))
    }

    fn member(&self, evaluator: &Evaluator<'_>, ty: &Ty, name: &str) -> Option<&'static str> {
        let (Ty::Def(def, _), Some(path)) = (ty, of_migrator(name)) else { return None };
        let program = evaluator.program;
        let is_migrator = program.assoc(*def, "migrations").into_iter().any(|member| {
            let of = program.def(member).parent.and_then(|block| program.trait_of(block));
            matches!(of, Some(Target::External(path)) if path.ends_with("::MigratorTrait"))
        });
        is_migrator.then_some(path)
    }

    fn call(
        &self,
        evaluator: &mut Evaluator<'_>,
        term: &Rc<Term>,
        _args: &[Value],
        at: Place,
    ) -> Option<Value> {
        let (owner, name) = term.path.rsplit_once("::")?;
        let runs = owner.ends_with("MigratorTrait") && of_migrator(name).is_some()
            || owner.ends_with("MigrationHarness") && OF_CONNECTION.contains(&name);
        (runs && self.knows(owner)).then(|| run(evaluator, at))
    }

    fn method(
        &self,
        evaluator: &mut Evaluator<'_>,
        _receiver: &Cell,
        value: &Value,
        method: &Method<'_>,
    ) -> Option<Value> {
        let of_runner = || match value {
            Value::Term(term) => is_runner(&term.path),
            Value::Unknown(Ty::External(path, _)) => is_runner(path),
            _ => false,
        };
        let of_connection = || match evaluator.type_of(value) {
            Ty::Def(def, _) => evaluator.program.assoc(def, method.name).is_empty(),
            Ty::Unknown => evaluator.program.methods_named(method.name).is_empty(),
            _ => true,
        };
        let runs = OF_CONNECTION.contains(&method.name) && of_connection()
            || matches!(method.name, "run" | "run_async" | "run_direct" | "undo") && of_runner();
        runs.then(|| run(evaluator, method.at))
    }
}
