//! What is an endpoint, and what the methods that every endpoint has make of it.

use std::rc::Rc;

use super::{METHODS, Poem, ROUTE};
use crate::{
    evaluate::{
        Evaluator,
        effect::Guards,
        method::Method,
        router::{Covers, Handle, Methods, Mount, Node, Op, RouterKind},
        text::Text,
        value::{FnValue, Object, Value, cell},
    },
    frameworks::{Framework as _, poem_openapi},
    link::{DefId, Head, Target, types::Ty},
    source::Place,
};

/// An endpoint of which it is only known that it is one.
pub const ENDPOINT: RouterKind = "poem::endpoint::BoxEndpoint";

fn is_kind(kind: RouterKind) -> bool {
    Poem.router_kind(kind).is_some() || kind == poem_openapi::SERVICE
}

/// Whether a type of the tree implements a trait of poem.
pub(super) fn implements(evaluator: &Evaluator<'_>, def: DefId, name: &str) -> bool {
    let of = |block: &DefId| match evaluator.program.trait_of(*block) {
        Some(Target::External(path)) => {
            path.starts_with("poem::") && path.rsplit(':').next() == Some(name)
        }
        _ => false,
    };
    evaluator.program.impls_for(&Head::Item(def)).iter().any(of)
}

/// Whether a value that is no router is an endpoint of poem.
pub(super) fn is_endpoint(evaluator: &mut Evaluator<'_>, value: &Value) -> bool {
    match value {
        Value::Fn(function) => evaluator.attributes(function.def).iter().any(|attribute| {
            attribute.path == "poem::handler" || attribute.path == "poem_derive::handler"
        }),
        Value::Object(object) => implements(evaluator, object.def, "Endpoint"),
        Value::Term(term) => is_made(&term.path),
        _ => false,
    }
}

/// Whether a value is a middleware of poem: one of its own or of the tree, or several in a tuple.
pub(super) fn is_middleware(evaluator: &Evaluator<'_>, value: &Value) -> bool {
    match value {
        Value::Object(object) => implements(evaluator, object.def, "Middleware"),
        Value::Term(term) => term.path.starts_with("poem::middleware::"),
        Value::Tuple(parts) => parts.iter().any(|part| is_middleware(evaluator, &part.borrow())),
        Value::Alt(all) => all.iter().any(|(_, one)| is_middleware(evaluator, one)),
        _ => false,
    }
}

/// Endpoints that poem itself makes.
fn is_made(path: &str) -> bool {
    super::item(path).is_some_and(|item| {
        item.starts_with("StaticFile")
            || item.starts_with("EmbeddedFile")
            || item.starts_with("PrometheusExporter")
            || item.starts_with("make")
            || (item.starts_with("middleware::TokioMetrics") && item.ends_with("::exporter"))
            || (item.starts_with("listener::acme::")
                && (item.ends_with("::http_01_endpoint") || item.ends_with("::Http01Endpoint")))
    })
}

/// The methods that an endpoint of poem's own answers.
fn made_methods(path: &str) -> Methods {
    if super::item(path).is_some_and(|item| item.starts_with("make")) {
        Methods::Any
    } else {
        Methods::These(vec!["GET"])
    }
}

/// A value as an endpoint; `None` when it is not known to be one.
pub fn endpoint(evaluator: &mut Evaluator<'_>, value: &Value, at: Place) -> Option<Handle> {
    let as_handle = |value: Value| match value {
        Value::Router(handle) => Some(handle),
        _ => None,
    };
    match value.bare() {
        Value::Router(handle) => is_kind(handle.kind).then_some(handle),
        Value::Alt(all) => {
            let mut each: Vec<(Guards, Value)> = Vec::new();
            for (guards, value) in all.iter() {
                each.push((guards.clone(), Value::Router(endpoint(evaluator, value, at)?)));
            }
            as_handle(evaluator.join(each))
        }
        Value::Object(object) if implements(evaluator, object.def, "Endpoint") => {
            if let Some(inner) = held(evaluator, &object, at) {
                let layer = Op::Layer { layer: value.bare(), covers: Covers::Before };
                return as_handle(evaluator.operate(ENDPOINT, Some(&inner), layer, at));
            }
            let handler = handler(evaluator, value);
            let op = Op::Handler { methods: Methods::Any, handler, catch_all: false };
            as_handle(evaluator.operate(METHODS, None, op, at))
        }
        bare @ (Value::Fn(_) | Value::Term(_)) if is_endpoint(evaluator, &bare) => {
            let (methods, catch_all) = match &bare {
                Value::Term(term) => (made_methods(&term.path), term.path.contains("Files")),
                _ => (Methods::Any, false),
            };
            let op = Op::Handler { methods, handler: value.clone(), catch_all };
            as_handle(evaluator.operate(METHODS, None, op, at))
        }
        _ => None,
    }
}

/// A value as an endpoint; one of which nothing is known answers in ways that are not known.
pub(super) fn wrap(evaluator: &mut Evaluator<'_>, value: &Value, at: Place) -> Option<Handle> {
    if let Some(known) = endpoint(evaluator, value, at) {
        return Some(known);
    }
    let methods = match value.bare() {
        Value::Fn(_) | Value::Closure(_) => Methods::Any,
        _ => Methods::Unknown,
    };
    let op = Op::Handler { methods, handler: value.clone(), catch_all: false };
    match evaluator.operate(METHODS, None, op, at) {
        Value::Router(handle) => Some(handle),
        _ => None,
    }
}

/// The endpoints that a struct holds, as one.
fn held(evaluator: &mut Evaluator<'_>, object: &Rc<Object>, at: Place) -> Option<Handle> {
    let mut all: Option<Handle> = None;
    for (_, field) in &object.fields {
        let value = field.borrow().clone();
        if matches!(value.bare(), Value::Unknown(_)) {
            continue;
        }
        let Some(inner) = endpoint(evaluator, &value, at) else { continue };
        all = match all {
            None => Some(inner),
            Some(outer) => {
                let merged = evaluator.operate(ENDPOINT, Some(&outer), Op::Merge(inner.node), at);
                if let Value::Router(merged) = merged { Some(merged) } else { None }
            }
        };
    }
    all
}

/// What answers for a value: for a struct that is an endpoint, its `call`.
pub(super) fn handler(evaluator: &mut Evaluator<'_>, value: &Value) -> Value {
    let Value::Object(object) = value.bare() else { return value.clone() };
    let found = evaluator.program.assoc(object.def, "call").first().copied();
    found.map_or_else(
        || value.clone(),
        |def| {
            let self_ty = Some(Ty::Def(object.def, object.generics.clone()));
            Value::Fn(Rc::new(FnValue { def, self_ty, generics: Vec::new() }))
        },
    )
}

/// Whether an endpoint chooses by path, so that a prefix can be taken off before it.
pub(super) fn holds_paths(handle: &Handle) -> bool {
    if matches!(handle.kind, ROUTE | poem_openapi::SERVICE) {
        return true;
    }
    let mut stack: Vec<&Rc<Node>> = vec![&handle.node];
    while let Some(node) = stack.pop() {
        if matches!(node.kind, ROUTE | poem_openapi::SERVICE) {
            return true;
        }
        stack.extend(node.children());
    }
    false
}

/// A method that every endpoint has.
pub fn extension(
    evaluator: &mut Evaluator<'_>,
    value: &Value,
    method: &Method<'_>,
) -> Option<Value> {
    let at = method.at;
    let layer = match method.name {
        "with" | "before" | "around" => method.args.first()?.clone(),
        "with_if" => method.args.get(1)?.clone(),
        "with_if_lazy" => {
            let make = method.args.get(1)?.clone();
            evaluator.call(&make, Vec::new(), at).unwrap_or_else(|_| Value::unknown())
        }
        "catch_error" | "catch_all_error" => {
            let inner = endpoint(evaluator, value, at)?;
            return Some(caught(evaluator, &inner, method.args.first()?, at));
        }
        "data" | "data_opt" | "after" | "map" | "and_then" | "map_to_response" | "to_response"
        | "inspect_err" | "inspect_all_err" | "boxed" | "into_endpoint" | "into" | "clone"
        | "into_dyn" => {
            return endpoint(evaluator, value, at)
                .map(|inner| Value::Router(Handle { kind: ENDPOINT, ..inner }));
        }
        _ => return None,
    };
    let inner = endpoint(evaluator, value, at)?;
    let without = Value::Router(Handle { kind: ENDPOINT, ..inner.clone() });
    if !method.name.starts_with("with_if") {
        return Some(laid(evaluator, &inner, &layer, at));
    }
    match method.args.first().map(Value::bare) {
        Some(Value::Bool(false)) => Some(without),
        Some(Value::Bool(true)) => Some(laid(evaluator, &inner, &layer, at)),
        _ => {
            let with = laid(evaluator, &inner, &layer, at);
            Some(evaluator.either(with, without))
        }
    }
}

/// An endpoint with what answers in place of its errors; that it has no such path is one.
fn caught(evaluator: &mut Evaluator<'_>, inner: &Handle, catcher: &Value, at: Place) -> Value {
    let handler = catcher.clone();
    let op = Op::Handler { methods: Methods::Any, handler, catch_all: true };
    let node = evaluator.chain(METHODS, None, op, at).node;
    let path = if holds_paths(inner) { Text::known("/{*rest}") } else { Text::default() };
    let op = Op::At { path, inner: node, mount: Mount::Catcher };
    evaluator.operate(ENDPOINT, Some(inner), op, at)
}

/// An endpoint within a middleware; within each where it is one of several.
fn laid(evaluator: &mut Evaluator<'_>, inner: &Handle, layer: &Value, at: Place) -> Value {
    let mut each: Vec<(Guards, Value)> = Vec::new();
    for (guards, layer) in alternatives(layer) {
        let op = Op::Layer { layer, covers: Covers::Before };
        each.push((guards, evaluator.operate(ENDPOINT, Some(inner), op, at)));
    }
    match each.pop() {
        Some((guards, only)) if each.is_empty() && guards == Guards::default() => only,
        Some(last) => {
            each.push(last);
            evaluator.join(each)
        }
        None => Value::Router(inner.clone()),
    }
}

/// Most middlewares that one may be.
const MOST: usize = 32;

/// What a middleware may be; of several in a tuple, each with each.
fn alternatives(layer: &Value) -> Vec<(Guards, Value)> {
    match layer.bare() {
        Value::Alt(all) => {
            let each = all.iter().flat_map(|(guards, one)| {
                alternatives(one)
                    .into_iter()
                    .filter_map(|(inner, one)| Some((guards.and(&inner)?, one)))
            });
            each.take(MOST).collect()
        }
        Value::Tuple(parts) => {
            let mut ways: Vec<(Guards, Vec<Value>)> = vec![(Guards::default(), Vec::new())];
            for part in parts.iter() {
                let each = alternatives(&part.borrow());
                let longer = ways.iter().flat_map(|(guards, before)| {
                    each.iter().filter_map(|(inner, one)| {
                        let all = before.iter().chain([one]).cloned().collect();
                        Some((guards.and(inner)?, all))
                    })
                });
                ways = longer.take(MOST).collect();
            }
            let tuple =
                |all: Vec<Value>| Value::Tuple(Rc::new(all.into_iter().map(cell).collect()));
            ways.into_iter().map(|(guards, all)| (guards, tuple(all))).collect()
        }
        _ => vec![(Guards::default(), layer.clone())],
    }
}
