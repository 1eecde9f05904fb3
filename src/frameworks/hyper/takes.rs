//! What a function takes of a request, and whether it looks at it.

use super::names;
use crate::{
    evaluate::{
        Evaluator,
        value::{FnValue, Value},
    },
    syntax::tree::{ItemKind, Pat},
};

/// Whether a function is given nothing at all.
pub(super) fn takes_nothing(evaluator: &Evaluator<'_>, function: &FnValue) -> bool {
    let ItemKind::Fn(item) = &evaluator.program.def(function.def).item.kind else { return false };
    item.params.is_empty()
}

/// Whether a service looks at the request that it is given: one that does not answers all alike, as a 404 does.
pub(super) fn looks(evaluator: &Evaluator<'_>, callable: &Value) -> bool {
    match callable.bare() {
        Value::Fn(function) => {
            let def = evaluator.look_into(function.def);
            let ItemKind::Fn(item) = &def.item.kind else { return true };
            match item.params.last().map(|param| &param.pat) {
                Some(Pat::Wild) => false,
                Some(Pat::Bind { name, sub: None, .. }) => names(evaluator, function.def, name),
                _ => true,
            }
        }
        Value::Closure(closure) => !closure.expr.params.iter().all(|param| match &param.pat {
            Pat::Wild => true,
            Pat::Bind { name, .. } => name.starts_with('_'),
            _ => false,
        }),
        _ => true,
    }
}
