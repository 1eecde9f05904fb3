//! What statements of sea-orm run on: its own connections, and what a tree puts in their place.

use super::{item, last};
use crate::{
    evaluate::{Evaluator, method::Method, value::Value},
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
