//! The table of database libraries: what their functions, methods and macros do to values, and which tables they write.
//!
//! A model is found by the resolved path of what is called; a function of the same name elsewhere is not it.

pub mod diesel;
pub mod duckdb;
mod given_text;
mod handle;
pub mod libsql;
pub mod migrations;
pub mod mysql;
mod name;
pub mod postgres;
pub mod rusqlite;
pub mod sea_orm;
pub mod sea_query;
pub mod sqlite;
pub mod sqlx;
pub mod tiberius;
pub mod unmodelled;

use std::rc::Rc;

use crate::{
    asked::Asked,
    evaluate::{
        Evaluator,
        effect::RunsOn,
        method::Method,
        value::{Cell, Term, Value},
    },
    link::types::Ty,
    source::Place,
    syntax::tree::{Item, MacroCall},
};

/// How a statement is run through one crate.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// The crate.
    pub krate: &'static str,
    /// The trait whose method runs it, to be imported; empty if there is none.
    pub import: &'static str,
    /// What it is run on: the type of an argument called `on`.
    pub on: &'static str,
    /// Whether that is a pool, which no transaction of a writer is.
    pub is_pool: bool,
    /// The call, not awaited; `SQL` stands for the statement.
    pub run: &'static str,
    /// Whether the call is awaited.
    pub is_async: bool,
}

impl Sample {
    /// A statement run by a method of a connection.
    pub const fn new(
        krate: &'static str,
        on: &'static str,
        run: &'static str,
        is_async: bool,
    ) -> Self {
        Self { krate, import: "", on, is_pool: false, run, is_async }
    }
}

/// What one library means.
pub trait Database: Sync {
    /// As `writes` shows it.
    fn name(&self) -> &'static str;

    /// The crates through which code names it, as Rust spells them.
    fn crates(&self) -> &'static [&'static str];

    /// How its code looks, for the writes that a contract tests itself with.
    fn sample(&self) -> &'static [Sample] {
        &[]
    }

    /// Whether a path outside the tree is one this library gives meaning to.
    fn knows(&self, path: &str) -> bool;

    /// Whether a path of this library's names data alone: what neither is a statement nor runs one.
    fn is_data(&self, _path: &str) -> bool {
        false
    }

    /// A call of a function, by its path.
    fn call(
        &self,
        evaluator: &mut Evaluator<'_>,
        term: &Rc<Term>,
        args: &[Value],
        at: Place,
    ) -> Option<Value>;

    /// A method call on a value that is, or may be, one of this library's.
    fn method(
        &self,
        evaluator: &mut Evaluator<'_>,
        receiver: &Cell,
        value: &Value,
        method: &Method<'_>,
    ) -> Option<Value>;

    /// The function of this library's that `name` is for a type of the tree which has none of that name itself: what a
    /// trait of the library gives it. The type is the first type argument of the call.
    fn member(&self, _evaluator: &Evaluator<'_>, _ty: &Ty, _name: &str) -> Option<&'static str> {
        None
    }

    /// A macro call in an expression, by its path.
    fn macro_call(
        &self,
        _evaluator: &mut Evaluator<'_>,
        _path: &str,
        _call: &MacroCall,
        _at: Place,
    ) -> Option<Value> {
        None
    }

    /// Names of macros that stand for items, wherever they are imported from.
    fn item_macros(&self) -> &'static [&'static str] {
        &[]
    }

    /// The items that a macro call in item position stands for, as Rust text.
    ///
    /// - `path`: the macro outside the tree.
    /// - `tokens`: the text between its delimiters.
    fn item_macro(&self, _path: &str, _tokens: &str) -> Option<String> {
        None
    }

    /// Names of derives and attributes that add items, wherever they are imported from.
    fn derives(&self) -> &'static [&'static str] {
        &[]
    }

    /// Names of derives with whose types statements begin.
    fn writing_derives(&self) -> &'static [&'static str] {
        &[]
    }

    /// The methods by which one begins on a value of such a type; `None` where any may.
    fn writing_methods(&self) -> Option<&'static [&'static str]> {
        None
    }

    /// The items that a derive or attribute adds beside an item, as Rust text.
    ///
    /// - `path`: the derive or attribute outside the tree.
    /// - `text`: the text that the item stands in.
    fn derived_items(&self, _path: &str, _item: &Item, _text: &str) -> Option<String> {
        None
    }

    /// Whether a trait of this library's is one whose methods are handed the statements that others make, to run them.
    fn is_handed_statements(&self, _of_trait: &str) -> bool {
        false
    }

    /// On what a value that is given as executor runs statements; `None` when it is none of this library's.
    fn runs_on(&self, _executor: &Value) -> Option<RunsOn> {
        None
    }
}

/// All database libraries.
pub const DATABASES: &[&dyn Database] = &[
    &sqlx::Sqlx,
    &diesel::Diesel,
    &sea_orm::SeaOrm,
    &sea_query::SeaQuery,
    &rusqlite::RUSQLITE,
    &postgres::POSTGRES,
    &mysql::MySql,
    &libsql::LIBSQL,
    &duckdb::DUCKDB,
    &sqlite::SQLITE,
    &tiberius::TIBERIUS,
    &migrations::Migrations,
];

/// Whether any library gives meaning to a path outside the tree.
pub fn knows(path: &str) -> bool {
    thread_local! {
        static ASKED: Asked<bool> = Asked::default();
    }
    ASKED.with(|asked| asked.about(path, || DATABASES.iter().any(|database| database.knows(path))))
}

/// Whether a path of a library names data alone: an error, or what the library says is.
pub fn is_data(path: &str) -> bool {
    path.split("::").any(|name| name.ends_with("Error") || name.ends_with("Err"))
        || DATABASES.iter().any(|database| database.is_data(path))
}

/// The names of the crates that are database libraries'.
pub fn crates() -> impl Iterator<Item = &'static str> {
    DATABASES.iter().flat_map(|database| database.crates()).copied()
}

/// Whether a crate outside the tree is a database library's.
pub fn is_database(crate_name: &str) -> bool {
    DATABASES.iter().any(|database| database.crates().contains(&crate_name))
}

/// Whether a crate outside the tree is a database library of which only the name is known.
pub fn is_unmodelled(crate_name: &str) -> bool {
    unmodelled::CRATES.contains(&crate_name)
}

/// A call of a function outside the tree.
pub fn call(
    evaluator: &mut Evaluator<'_>,
    term: &Rc<Term>,
    args: &[Value],
    at: Place,
) -> Option<Value> {
    DATABASES.iter().find_map(|database| database.call(evaluator, term, args, at))
}

/// A method call.
pub fn method(
    evaluator: &mut Evaluator<'_>,
    receiver: &Cell,
    value: &Value,
    method: &Method<'_>,
) -> Option<Value> {
    DATABASES.iter().find_map(|database| database.method(evaluator, receiver, value, method))
}

/// What a trait of a library gives a type of the tree under that name.
pub fn member(evaluator: &Evaluator<'_>, ty: &Ty, name: &str) -> Option<&'static str> {
    DATABASES.iter().find_map(|database| database.member(evaluator, ty, name))
}

/// A macro call in an expression.
pub fn macro_call(
    evaluator: &mut Evaluator<'_>,
    path: &str,
    call: &MacroCall,
    at: Place,
) -> Option<Value> {
    DATABASES.iter().find_map(|database| database.macro_call(evaluator, path, call, at))
}

/// Whether any library has a macro of that name that stands for items.
pub fn has_item_macro(name: &str) -> bool {
    DATABASES.iter().any(|database| database.item_macros().contains(&name))
}

/// Whether any library has a derive or attribute of that name that adds items.
pub fn has_derive(name: &str) -> bool {
    DATABASES.iter().any(|database| database.derives().contains(&name))
}

/// The library whose statements may begin with a value of a type that has a derive of that name.
pub fn of_writing_derive(name: &str) -> Option<&'static dyn Database> {
    DATABASES.iter().find(|database| database.writing_derives().contains(&name)).copied()
}

/// The items that a derive or attribute adds beside an item.
pub fn derived_items(path: &str, item: &Item, text: &str) -> Option<String> {
    DATABASES.iter().find_map(|database| database.derived_items(path, item, text))
}

/// The items that a macro call in item position stands for.
pub fn item_macro(path: &str, tokens: &str) -> Option<String> {
    DATABASES.iter().find_map(|database| database.item_macro(path, tokens))
}

/// The library of a trait whose methods are handed the statements that others make.
pub fn hands_statements_to(of_trait: &str) -> Option<&'static str> {
    let found = DATABASES.iter().find(|database| database.is_handed_statements(of_trait));
    found.map(|database| database.name())
}

/// On what a value that is given as executor runs statements.
pub fn runs_on(executor: &Value) -> RunsOn {
    DATABASES.iter().find_map(|database| database.runs_on(executor)).unwrap_or(RunsOn::Other)
}

/// The path of the type that a value is known to be of, outside the tree.
pub fn type_path(value: &Value) -> Option<std::sync::Arc<str>> {
    match value.bare() {
        Value::Unknown(Ty::External(path, _)) => Some(path),
        _ => None,
    }
}
