//! utoipa-axum: what `routes!(…)` gives, a tuple of schemas, paths and a method router.
//!
//! `UtoipaMethodRouter<S>` is an alias of `(Vec<(String, RefOr<Schema>)>, Paths, MethodRouter<S>)` (`utoipa_axum::router`), so that
//! code takes it apart and puts it together again. As a value it is a router with one path for all that it answers; its parts
//! are that path and what answers.

use super::{METHODS, ROUTER, UTOIPA_METHODS, handle, verb};
use crate::{
    evaluate::{
        Evaluator,
        router::{Handle, Methods, Mount, Op},
        text::Text,
        value::{Cell, Value},
    },
    source::Place,
    syntax::tree::{Expr, ExprKind},
};

/// The type of the second part.
const PATHS: &str = "utoipa::openapi::path::Paths";

/// `routes!(a, b)`.
pub(super) fn routes(evaluator: &mut Evaluator<'_>, args: &[Expr], at: Place) -> Option<Value> {
    let mut last: Option<Handle> = None;
    for arg in args {
        let handler = evaluator.eval(arg).unwrap_or_else(|_| Value::unknown());
        let (methods, path, written) = described(evaluator, &handler);
        let op = Op::Handler { methods, handler, catch_all: false };
        let made = handle(&evaluator.operate(METHODS, None, op, at))?;
        let at = written.unwrap_or(at);
        let op = Op::At { path, inner: made.node, mount: Mount::Route };
        last = handle(&evaluator.operate(UTOIPA_METHODS, last.as_ref(), op, at));
    }
    last.map(Value::Router)
}

/// The tuple that it is. The paths of several handlers are one: `routes!` refuses others.
pub(super) fn parts(evaluator: &mut Evaluator<'_>, router: &Handle) -> Value {
    let at = evaluator.current;
    let mut chain = Vec::new();
    let mut next = Some(&router.node);
    while let Some(node) = next {
        chain.push(node.clone());
        next = node.prev.as_ref();
    }
    let mut paths = (Text::hole(), at);
    let mut methods: Option<Handle> = None;
    for node in chain.into_iter().rev() {
        let op = match &node.op {
            Op::At { path, inner, .. } => {
                paths = (path.clone(), node.site.at);
                Op::Merge(inner.clone())
            }
            op => op.clone(),
        };
        methods = handle(&evaluator.operate(METHODS, methods.as_ref(), op, node.site.at));
    }
    let paths = Value::term(PATHS, Some(vec![Value::Str(paths.0)]), paths.1);
    Value::tuple(vec![Value::unknown(), paths, methods.map_or_else(Value::unknown, Value::Router)])
}

/// `UtoipaMethodRouterExt::map` changes the method router of all that it holds.
pub(super) fn mapped(
    evaluator: &mut Evaluator<'_>,
    router: &Handle,
    change: &Value,
    at: Place,
) -> Option<Value> {
    let methods = Value::Router(Handle { kind: METHODS, node: router.node.clone() });
    let made = evaluator.call(change, vec![methods], at).ok()?;
    Some(Value::Router(Handle { kind: UTOIPA_METHODS, node: handle(&made)?.node }))
}

/// `OpenApiRouter::split_for_parts`: the router, and what describes it.
pub(super) fn split(router: &Handle) -> Value {
    let router = Value::Router(Handle { kind: ROUTER, node: router.node.clone() });
    Value::tuple(vec![router, Value::unknown()])
}

/// The router that `routes(…)` is given.
pub(super) fn given(evaluator: &mut Evaluator<'_>, value: &Value) -> Option<Handle> {
    match value.bare() {
        Value::Tuple(parts) => handle(&whole(evaluator, &parts)?),
        given => handle(&given),
    }
}

/// What such a tuple serves; `None` for any other.
pub(super) fn whole(evaluator: &mut Evaluator<'_>, parts: &[Cell]) -> Option<Value> {
    let [_, paths, methods] = parts else { return None };
    let methods = handle(&methods.borrow()).filter(|methods| methods.kind == METHODS)?;
    let paths = paths.borrow().bare();
    let (path, at) = match &paths {
        Value::Term(term) if &*term.path == PATHS => {
            let path = term.args.as_ref().and_then(|args| args.first()).and_then(Value::text);
            (path.unwrap_or_else(Text::hole), term.at)
        }
        _ => (Text::hole(), evaluator.current),
    };
    let op = Op::At { path, inner: methods.node, mount: Mount::Route };
    Some(evaluator.operate(UTOIPA_METHODS, None, op, at))
}

/// Method and path from a handler's `#[utoipa::path(post, path = "…")]`, and that attribute.
fn described(evaluator: &mut Evaluator<'_>, handler: &Value) -> (Methods, Text, Option<Place>) {
    let Value::Fn(function) = handler.bare() else { return (Methods::Unknown, Text::hole(), None) };
    for attribute in evaluator.attributes(function.def) {
        if !matches!(attribute.path.as_str(), "utoipa::path" | "path") {
            continue;
        }
        let mut methods = Vec::new();
        let mut path = Text::known("");
        for (name, value) in &attribute.args {
            match (name.as_deref(), &value.kind) {
                (Some("path"), _) => {
                    let value = evaluator.eval_in_attribute(function.def, value);
                    path = value.text().unwrap_or_else(Text::hole);
                }
                (None, ExprKind::Path(word)) => {
                    if let Some(Methods::These(these)) =
                        word.segments.last().and_then(|s| verb(&s.name))
                    {
                        methods.extend(these);
                    }
                }
                // `method(get, post)`: one path for several methods.
                (None, ExprKind::Call(callee, words))
                    if matches!(&callee.kind, ExprKind::Path(name)
                        if name.segments.last().is_some_and(|s| s.name == "method")) =>
                {
                    for word in words {
                        if let ExprKind::Path(word) = &word.kind
                            && let Some(Methods::These(these)) =
                                word.segments.last().and_then(|s| verb(&s.name))
                        {
                            methods.extend(these);
                        }
                    }
                }
                _ => {}
            }
        }
        let methods = if methods.is_empty() { Methods::Unknown } else { Methods::These(methods) };
        return (methods, path, Some(attribute.at));
    }
    (Methods::Unknown, Text::hole(), None)
}
