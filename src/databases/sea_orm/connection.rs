//! What statements of sea-orm run on: its own connections, and what a tree puts in their place.

use super::{item, last};
use crate::{
    evaluate::{Evaluator, effect::RunsOn, method::Method, value::Value},
    link::{DefId, Target, types::Ty},
};

/// Types within types, and traits above traits, that are looked at.
const DEPTH: u32 = 6;

/// Types and traits of what statements run on.
pub(super) fn is_connection_path(path: &str) -> bool {
    item(path).is_some()
        && matches!(
            last(path),
            "DatabaseConnection"
                | "DbConn"
                | "DatabaseTransaction"
                | "DatabaseExecutor"
                | "ConnectionTrait"
                | "TransactionTrait"
                | "StreamTrait"
                | "SchemaManager"
                | "SchemaManagerConnection"
        )
}

/// Whether a value is a connection or transaction of sea-orm, or stands for one.
pub(in super::super) fn is_connection(evaluator: &Evaluator<'_>, value: &Value) -> bool {
    if let Value::Term(term) = value.bare() {
        return item(&term.path).is_some_and(|item| {
            [
                "::begin",
                "Database::connect",
                "begin_with_config",
                "begin_with_options",
                "get_connection",
            ]
            .iter()
            .any(|opens| item.ends_with(opens))
        });
    }
    is_type(evaluator, &evaluator.type_of(value), 0)
}

fn is_type(evaluator: &Evaluator<'_>, ty: &Ty, depth: u32) -> bool {
    if depth > DEPTH {
        return false;
    }
    match ty {
        Ty::External(path, args) => {
            is_connection_path(path) || args.iter().any(|arg| is_type(evaluator, arg, depth + 1))
        }
        Ty::AnyOf(paths, _) => paths.iter().any(|path| is_connection_path(path)),
        Ty::Def(def, _) => {
            is_implemented(evaluator, *def)
                || evaluator
                    .deref_target(ty)
                    .is_some_and(|target| is_type(evaluator, &target, depth + 1))
        }
        ty => evaluator.bounds_of(ty).iter().any(|bound| is_trait(evaluator, &bound.of, depth)),
    }
}

/// Whether a type of the tree is a connection by a trait of the library.
fn is_implemented(evaluator: &Evaluator<'_>, def: DefId) -> bool {
    let Some(head) = Ty::Def(def, Vec::new()).head() else { return false };
    let program = evaluator.program;
    program.impls_for(&head).into_iter().any(|block| match program.trait_of(block) {
        Some(Target::External(path)) => is_connection_path(&path),
        _ => false,
    })
}

/// Whether a trait is one of a connection, or of what is one as well.
fn is_trait(evaluator: &Evaluator<'_>, of: &Target, depth: u32) -> bool {
    match of {
        Target::External(path) => is_connection_path(path),
        Target::Item(def) => {
            depth <= DEPTH
                && evaluator
                    .program
                    .supertraits(*def)
                    .iter()
                    .any(|upper| is_trait(evaluator, upper, depth + 1))
        }
    }
}

/// Whether the tree gives the type of a value a method of that name: that comes before the library's.
pub(super) fn has_own(evaluator: &Evaluator<'_>, value: &Value, method: &str) -> bool {
    match evaluator.type_of(value) {
        Ty::Def(def, _) => !evaluator.program.assoc(def, method).is_empty(),
        _ => false,
    }
}

/// The transaction that begins on what stands for a connection: its path is not the library's.
pub(super) fn begun(
    evaluator: &Evaluator<'_>,
    value: &Value,
    method: &Method<'_>,
) -> Option<Value> {
    let is_named = matches!(value, Value::Term(_) | Value::Unknown(Ty::External(..)));
    if is_named || has_own(evaluator, value, method.name) || !is_connection(evaluator, value) {
        return None;
    }
    let path = format!("sea_orm::TransactionTrait::{}", method.name);
    Some(Value::term(&path, Some(vec![value.clone()]), method.at))
}

/// On what a value runs statements: a `DatabaseConnection` is a pool, whoever opened it, and a transaction is one
/// connection of that.
pub(super) fn runs_on(executor: &Value) -> Option<RunsOn> {
    on(executor, 0)
}

fn on(executor: &Value, depth: u32) -> Option<RunsOn> {
    if depth > DEPTH {
        return None;
    }
    match executor.bare() {
        Value::Term(term) => {
            let receiver = term.args.as_ref().and_then(|args| args.first());
            let before = receiver.and_then(|receiver| on(receiver, depth + 1));
            if item(&term.path).is_some() && last(&term.path).starts_with("begin") {
                return Some(match before {
                    // One within another is a part of that.
                    Some(RunsOn::Opened(at)) => RunsOn::Opened(at),
                    Some(RunsOn::Other) => RunsOn::Other,
                    Some(RunsOn::Pool) | None => RunsOn::Opened(term.at),
                });
            }
            let path = item(&term.path).unwrap_or_default();
            let connects = path.contains("Database::connect")
                || path.contains("Connector::from_sqlx") && path.ends_with("pool");
            if connects { Some(RunsOn::Pool) } else { before }
        }
        Value::Unknown(ty) => type_on(&ty, 0),
        _ => None,
    }
}

fn type_on(ty: &Ty, depth: u32) -> Option<RunsOn> {
    let named = |path: &str| {
        item(path)?;
        match last(path) {
            "DatabaseConnection" | "DbConn" => Some(RunsOn::Pool),
            "DatabaseTransaction" => Some(RunsOn::Other),
            _ => None,
        }
    };
    match ty {
        Ty::External(path, args) => named(path).or_else(|| {
            let held = || args.iter().find_map(|arg| type_on(arg, depth + 1));
            (depth <= DEPTH && path.starts_with("std::")).then(held).flatten()
        }),
        Ty::AnyOf(paths, _) => paths.iter().find_map(|path| named(path)),
        _ => None,
    }
}
