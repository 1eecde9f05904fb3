//! Routers that are told by what they are asked: the value came from code outside the tree, or nothing says its type.

use super::{Axum, OPEN_API, ROUTER, UTOIPA_METHODS, handle, method_router::is_method_router};
use crate::{
    evaluate::{
        Evaluator,
        method::Method,
        router::{Handle, RouterKind},
        value::Value,
    },
    frameworks::Framework as _,
    syntax::tree::ItemKind,
};

/// The router that a value of unknown type can only be, as the method asks something of it that is asked of no other.
pub(super) fn router_of(
    evaluator: &mut Evaluator<'_>,
    value: &Value,
    method: &Method<'_>,
) -> Option<Handle> {
    let kind = asked(evaluator, method)?;
    // A wrapper of the tree that has the same methods does with a router what its own code says.
    let is_plain = matches!(value, Value::Unknown(_)) && matches!(method.name, "route" | "routes");
    if !is_plain && evaluator.calls_tree(value, method) {
        return None;
    }
    evaluator.router_begun(value, kind, method.at)
}

/// The type of router of which a call like this one is a method, by its arguments.
fn asked(evaluator: &Evaluator<'_>, method: &Method<'_>) -> Option<RouterKind> {
    let own = |value: &Value| handle(value).filter(|it| Axum.router_kind(it.kind).is_some());
    match (method.name, method.args.as_slice()) {
        ("route" | "routes", [.., given]) => {
            let is_utoipa = own(given)?.kind == UTOIPA_METHODS;
            Some(if is_utoipa { OPEN_API } else { ROUTER })
        }
        ("nest", [_, given]) => {
            let given = own(given).filter(|it| !is_method_router(it.kind))?;
            Some(if given.kind == OPEN_API { OPEN_API } else { ROUTER })
        }
        // No other type has methods of these names that take a path and a service.
        ("nest_service" | "route_service", [_, _]) => Some(ROUTER),
        ("fallback" | "fallback_service", [given]) => {
            (own(given).is_some() || is_handler(evaluator, given)).then_some(ROUTER)
        }
        _ => None,
    }
}

/// Whether a value is a function that can answer requests: what other types fall back to is no `async fn`.
fn is_handler(evaluator: &Evaluator<'_>, value: &Value) -> bool {
    let Value::Fn(function) = value.bare() else { return false };
    let def = evaluator.program.def(function.def);
    matches!(&def.item.kind, ItemKind::Fn(item) if item.is_async)
}
