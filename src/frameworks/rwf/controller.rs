//! What a controller answers, and what stands before it.

use std::rc::Rc;

use super::{HANDLER, handle, is_ours, last, verb};
use crate::{
    evaluate::{
        Evaluator,
        router::{Covers, Handle, Methods, Mount, Node, Op},
        text::Text,
        value::{FnValue, Value},
    },
    link::{DefId, Head, Target, types::Ty},
    source::Place,
    syntax::{
        body,
        tree::{Block, ExprKind, ItemKind, Pat, StmtKind},
    },
};

/// The operations of a REST controller: method, whether of one resource, the controller's function.
const REST: [(&str, bool, &str); 6] = [
    ("GET", false, "list"),
    ("POST", false, "create"),
    ("GET", true, "get"),
    ("PUT", true, "update"),
    ("PATCH", true, "patch"),
    ("DELETE", true, "delete"),
];

/// The impls of a trait of rwf for a type of the tree.
fn impls(evaluator: &Evaluator<'_>, def: DefId, name: &str) -> Vec<DefId> {
    let mut all = evaluator.program.impls_for(&Head::Item(def));
    all.retain(|block| match evaluator.program.trait_of(*block) {
        Some(Target::External(path)) => is_ours(&path) && last(&path) == name,
        _ => false,
    });
    all
}

/// Whether a type of the tree implements a trait of rwf, by itself or by the derive of that name.
pub(super) fn implements(evaluator: &Evaluator<'_>, def: DefId, name: &str) -> bool {
    !impls(evaluator, def, name).is_empty()
        || name == "Controller"
            && ["PageController", "RestController", "ModelController", "WebsocketController"]
                .iter()
                .any(|name| !impls(evaluator, def, name).is_empty())
}

/// The function of that name in the impl of a trait of rwf.
fn function(evaluator: &Evaluator<'_>, controller: &Value, of: &str, name: &str) -> Option<Value> {
    let Ty::Def(def, generics) = evaluator.type_of(&controller.bare()) else { return None };
    let members = impls(evaluator, def, of).into_iter().flat_map(|block| {
        let all = evaluator.program.members(block);
        all.into_iter().filter(|id| evaluator.program.def(*id).name == name).collect::<Vec<_>>()
    });
    let found = members.into_iter().next()?;
    let self_ty = Some(Ty::Def(def, generics));
    Some(Value::Fn(Rc::new(FnValue { def: found, self_ty, generics: Vec::new() })))
}

/// The operations of a controller: methods, whether of one resource, what answers.
fn operations(
    evaluator: &Evaluator<'_>,
    controller: &Value,
    rest: bool,
) -> Vec<(Methods, bool, Value)> {
    let Ty::Def(def, _) = evaluator.type_of(&controller.bare()) else {
        return vec![(Methods::Any, false, controller.clone())];
    };
    let is = |name: &str| !impls(evaluator, def, name).is_empty();
    let these = |method: &'static str| Methods::These(vec![method]);
    for of in ["PageController", "RestController", "ModelController"] {
        if !is(of) {
            continue;
        }
        // One that takes the choice among methods upon itself is read like any other.
        if let Some(own) = function(evaluator, controller, of, "handle") {
            return vec![(answered(evaluator, &own), false, own)];
        }
        if of == "PageController" {
            let pages =
                [("GET", "get"), ("POST", "post")].into_iter().filter_map(|(verb, name)| {
                    Some((these(verb), false, function(evaluator, controller, of, name)?))
                });
            return pages.collect();
        }
        // All of them are registered; what a controller does not have itself the framework answers in its place, and how
        // is its affair.
        let all = REST.iter().filter(|(_, single, _)| rest || !single);
        let all = all.map(|(verb, single, name)| {
            let own = function(evaluator, controller, of, name);
            (these(verb), *single, own.unwrap_or_else(|| controller.clone()))
        });
        return all.collect();
    }
    let Some(own) = function(evaluator, controller, "Controller", "handle") else {
        return vec![(Methods::Any, false, controller.clone())];
    };
    let methods = answered(evaluator, &own);
    let mut all = vec![(methods.clone(), false, own.clone())];
    if rest {
        all.push((methods, true, own));
    }
    all
}

/// What runs before a controller, outermost first.
fn middleware(evaluator: &mut Evaluator<'_>, controller: &Value, at: Place) -> Vec<Value> {
    let own = function(evaluator, controller, "Controller", "middleware");
    let set = if let Some(own) = own {
        evaluator.call(&own, vec![controller.clone()], at).unwrap_or_else(|_| Value::unknown())
    } else {
        // `#[middleware(field)]` beside a derive.
        let Value::Object(object) = controller.bare() else { return Vec::new() };
        let attributes = evaluator.attributes(object.def);
        let named = attributes.iter().filter(|one| last(&one.path) == "middleware");
        let names = named.flat_map(|one| &one.args).filter_map(|(_, value)| match &value.kind {
            ExprKind::Path(path) => path.segments.last().map(|segment| segment.name.clone()),
            _ => None,
        });
        let names: Vec<_> = names.collect();
        let held = object.fields.iter().find(|(name, _)| names.contains(name));
        held.map_or_else(Value::unknown, |(_, held)| held.borrow().clone())
    };
    match set.bare() {
        Value::List(list) => list.items.clone(),
        _ => Vec::new(),
    }
}

/// A controller at a path.
pub(super) fn mounted(
    evaluator: &mut Evaluator<'_>,
    how: &str,
    path: Option<&Value>,
    controller: &Value,
    at: Place,
) -> Value {
    let written = path.and_then(Value::text).unwrap_or_else(Text::hole);
    let rest = matches!(how, "rest" | "crud");
    let mut all: Option<Handle> = None;
    for (methods, single, handler) in operations(evaluator, controller, rest) {
        let mut paths =
            vec![if single { written.then(&Text::known("/{id}")) } else { written.clone() }];
        if how == "wildcard" {
            let ends = written.exact().is_some_and(|path| path.ends_with('/'));
            paths.push(written.then(&Text::known(if ends { "{*rest}" } else { "/{*rest}" })));
        }
        let op = Op::Handler { methods, handler, catch_all: false };
        let Some(inner) = handle(&evaluator.operate(HANDLER, None, op, at)) else { continue };
        for path in paths {
            let op = Op::At { path, inner: inner.node.clone(), mount: Mount::Route };
            all = handle(&evaluator.operate(HANDLER, all.as_ref(), op, at));
        }
    }
    for layer in middleware(evaluator, controller, at).into_iter().rev() {
        let op = Op::Layer { layer, covers: Covers::Before };
        all = handle(&evaluator.operate(HANDLER, all.as_ref(), op, at));
    }
    all.map_or_else(Value::unknown, Value::Router)
}

/// A mounted controller without its middleware.
pub(super) fn bare(node: &Rc<Node>) -> Rc<Node> {
    let mut node = node;
    while let (Op::Layer { .. }, Some(before)) = (&node.op, &node.prev) {
        node = before;
    }
    Rc::clone(node)
}

/// The methods that a `handle` tells apart with `match request.method()`; every one when it does not or when its
/// last arm does anything but refuse.
fn answered(evaluator: &Evaluator<'_>, handler: &Value) -> Methods {
    let Value::Fn(function) = handler.bare() else { return Methods::Any };
    let def = evaluator.look_into(function.def);
    let ItemKind::Fn(item) = &def.item.kind else { return Methods::Any };
    let text = evaluator.program.text(def.file);
    let block = item.body.as_ref().and_then(|body| body::parse_block(&text, body).ok());
    block.and_then(|block| chosen(&block, &text)).map_or(Methods::Any, Methods::These)
}

fn chosen(block: &Block, text: &str) -> Option<Vec<&'static str>> {
    let StmtKind::Expr { expr, .. } = &block.stmts.last()?.kind else { return None };
    let ExprKind::Match(subject, arms) = &expr.kind else { return None };
    let ExprKind::MethodCall(call) = &subject.kind else { return None };
    if call.name != "method" {
        return None;
    }
    let mut all = Vec::new();
    for arm in arms {
        if let Some(methods) = method_names(&arm.pat) {
            all.extend(methods);
            continue;
        }
        let body = arm.body.span.of(text);
        if !body.contains("405") && !body.contains("method_not_allowed") {
            return None;
        }
    }
    Some(all)
}

/// The methods that a pattern names; `None` for any other pattern.
fn method_names(pat: &Pat) -> Option<Vec<&'static str>> {
    match pat {
        Pat::Path(path) => {
            path.segments.last().and_then(|last| verb(&last.name)).map(|one| vec![one])
        }
        Pat::Or(parts) => {
            let each: Option<Vec<Vec<&'static str>>> = parts.iter().map(method_names).collect();
            Some(each?.concat())
        }
        _ => None,
    }
}
