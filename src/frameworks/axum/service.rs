//! Services of tower's kind and the layers that are put around them: `Layer::layer`, `ServiceBuilder::service` and
//! `ServiceBuilder::service_fn` in tower's documentation.

use super::{LAYERED, files, handle};
use crate::{
    evaluate::{
        Evaluator,
        method::Method,
        router::{Covers, Op},
        value::Value,
    },
    source::Place,
};

/// Whether a path is that of a server that only serves what its `serve` is given: that of axum before 0.7, and those of
/// `axum-server`.
pub(super) fn is_server(path: &str) -> bool {
    path.starts_with("axum::Server::") || path.starts_with("axum_server::")
}

/// What holds services and answers by them: one behind a lock of its own, or several of which each request goes to one,
/// by what a function says that is not read.
pub(super) fn holding(
    evaluator: &mut Evaluator<'_>,
    path: &str,
    args: &[Value],
    at: Place,
) -> Option<Value> {
    match (path, args) {
        ("sync_wrapper::SyncWrapper::new", [inner]) => handle(inner).map(Value::Router),
        ("tower::steer::Steer::new", [services, choose]) => {
            let Value::List(list) = services.bare() else { return None };
            let routers: Option<Vec<_>> = list.items.iter().map(handle).collect();
            let routers = routers.filter(|_| !list.open)?;
            let mut all = evaluator.chain(routers.first()?.kind, None, Op::New, at);
            for router in routers {
                all = evaluator.chain(all.kind, Some(&all), Op::Merge(router.node), at);
            }
            evaluator.escape(choose);
            Some(Value::Router(all))
        }
        _ => None,
    }
}

/// A router inside what a layer makes of it.
pub(super) fn wrapped(
    evaluator: &mut Evaluator<'_>,
    layer: &Value,
    inner: &Value,
    at: Place,
) -> Option<Value> {
    let router = handle(inner).or_else(|| files::service(evaluator, inner, at))?;
    let op = Op::Layer { layer: layer.clone(), covers: Covers::Before };
    Some(evaluator.operate(router.kind, Some(&router), op, at))
}

/// What a layer makes of a router, or of a service that a function is.
pub(super) fn layered(
    evaluator: &mut Evaluator<'_>,
    layer: &Value,
    inner: &Value,
    at: Place,
) -> Option<Value> {
    if let Some(router) = wrapped(evaluator, layer, inner, at) {
        return Some(router);
    }
    // A handler is no service: `handler.layer(gate)` is a method of its own.
    let is_service = matches!(inner.bare(), Value::Term(_));
    let function = function_of(inner).filter(|_| is_service)?;
    Some(Value::term(LAYERED, Some(vec![function, layer.clone()]), at))
}

/// What a builder of services makes of the one that it is given, be it a router or anything that answers.
pub(super) fn built(
    evaluator: &mut Evaluator<'_>,
    builder: &Value,
    method: &Method<'_>,
) -> Option<Value> {
    let inner = method.args.first()?;
    if method.name == "service"
        && let Some(router) = wrapped(evaluator, builder, inner, method.at)
    {
        return Some(router);
    }
    let function = function_of(inner).unwrap_or_else(|| inner.clone());
    Some(Value::term(LAYERED, Some(vec![function, builder.clone()]), method.at))
}

/// The function that a service is, alone or inside layers.
pub(super) fn function_of(service: &Value) -> Option<Value> {
    match service.bare() {
        function @ (Value::Fn(_) | Value::Closure(_)) => Some(function),
        Value::Term(term) if &*term.path == LAYERED => {
            function_of(term.args.as_deref()?.first()?).map(|_| Value::Term(term))
        }
        Value::Term(term)
            if term.path.starts_with("tower") && term.path.ends_with("::service_fn") =>
        {
            let function = term.args.as_deref()?.first()?.bare();
            matches!(function, Value::Fn(_) | Value::Closure(_)).then_some(function)
        }
        _ => None,
    }
}
