//! rwf: controllers at paths, by `route!`, `rest!`, `crud!` and the methods that these stand for.

use std::rc::Rc;

use super::{Framework, poem::verb};
use crate::{
    evaluate::{
        Evaluator,
        method::Method,
        router::{Handle, Methods, Mount, Op, RouterKind},
        text::Text,
        value::{Cell, FnValue, Term, Value},
    },
    link::{DefId, Head, Target, types::Ty},
    source::Place,
    syntax::{
        body,
        tree::{Block, Expr, ExprKind, ItemKind, Pat, StmtKind},
    },
};

/// The model of rwf.
#[derive(Debug)]
pub struct Rwf;

const HANDLER: RouterKind = "rwf::http::Handler";
const ENGINE: RouterKind = "rwf::http::Engine";

/// The operations of a REST controller: method, whether of one resource, the controller's function.
const REST: [(&str, bool, &str); 6] = [
    ("GET", false, "list"),
    ("POST", false, "create"),
    ("GET", true, "get"),
    ("PUT", true, "update"),
    ("PATCH", true, "patch"),
    ("DELETE", true, "delete"),
];

fn handle(value: &Value) -> Option<Handle> {
    match value.bare() {
        Value::Router(handle) => Some(handle),
        _ => None,
    }
}

fn last(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

impl Framework for Rwf {
    fn name(&self) -> &'static str {
        "rwf"
    }

    fn crates(&self) -> &'static [&'static str] {
        &["rwf", "rwf_macros"]
    }

    fn knows(&self, path: &str) -> bool {
        path.starts_with("rwf")
            && (self.router_kind(path).is_some()
                || ["Server::new", "Engine::new", "Handler::new"]
                    .iter()
                    .any(|end| path.ends_with(end))
                || matches!(last(path), "route" | "rest" | "crud" | "engine" | "Controller"))
    }

    fn router_kind(&self, path: &str) -> Option<RouterKind> {
        let rest = path.strip_prefix("rwf::")?;
        Some(match rest {
            "http::Handler" | "http::handler::Handler" | "prelude::Handler" => HANDLER,
            "http::Engine"
            | "controller::Engine"
            | "controller::engine::Engine"
            | "prelude::Engine" => ENGINE,
            _ => return None,
        })
    }

    fn call(
        &self,
        evaluator: &mut Evaluator<'_>,
        term: &Rc<Term>,
        args: &[Value],
        at: Place,
    ) -> Option<Value> {
        if !term.path.starts_with("rwf::") {
            return None;
        }
        let (owner, name) = term.path.rsplit_once("::")?;
        match (last(owner), name) {
            ("Server", "new") => {
                for arg in args {
                    evaluator.escape(arg);
                }
                Some(Value::Term(Rc::new(Term { args: Some(Vec::new()), ..(**term).clone() })))
            }
            ("Engine", "new") => {
                let engine = handle(&evaluator.operate(ENGINE, None, Op::New, at))?;
                Some(gathered(evaluator, engine, args.first()?, at))
            }
            ("Handler", "route" | "wildcard" | "rest") => {
                Some(mounted(evaluator, name, args.first(), args.get(1)?, at))
            }
            _ => None,
        }
    }

    fn method(
        &self,
        evaluator: &mut Evaluator<'_>,
        _receiver: &Cell,
        value: &Value,
        method: &Method<'_>,
    ) -> Option<Value> {
        match value {
            Value::Router(router) if router.kind == HANDLER || router.kind == ENGINE => {
                match method.name {
                    "name" | "with_rank" | "remount" | "clone" => {
                        Some(Value::Router(router.clone()))
                    }
                    "wildcard" => {
                        let path = method.args.first().and_then(Value::text)?;
                        let inner = router.node.clone();
                        let op = Op::At { path, inner, mount: Mount::Prefix };
                        Some(evaluator.operate(HANDLER, None, op, method.at))
                    }
                    _ => None,
                }
            }
            Value::Object(object)
                if matches!(method.name, "route" | "wildcard" | "rest" | "crud")
                    && is_controller(evaluator, object.def) =>
            {
                Some(mounted(evaluator, method.name, method.args.first(), value, method.at))
            }
            _ => None,
        }
    }

    fn macro_call(
        &self,
        evaluator: &mut Evaluator<'_>,
        path: &str,
        args: &[Expr],
        at: Place,
    ) -> Option<Value> {
        if !path.starts_with("rwf::") && !path.starts_with("rwf_macros::") {
            return None;
        }
        let [path_arg, given] = args else { return None };
        let mounts = last(path);
        if !matches!(mounts, "route" | "rest" | "crud" | "engine") {
            return None;
        }
        let written = evaluator.eval(path_arg).ok()?;
        let given = evaluator.eval(given).ok()?;
        if mounts == "engine"
            && let Some(engine) = handle(&given)
        {
            let path = written.text().unwrap_or_else(Text::hole);
            let op = Op::At { path, inner: engine.node, mount: Mount::Prefix };
            return Some(evaluator.operate(HANDLER, None, op, at));
        }
        Some(mounted(evaluator, mounts, Some(&written), &given, at))
    }
}

/// Puts handlers, or a list of them, into an engine.
fn gathered(evaluator: &mut Evaluator<'_>, engine: Handle, given: &Value, at: Place) -> Value {
    match given.bare() {
        Value::Router(inner) => evaluator.operate(ENGINE, Some(&engine), Op::Merge(inner.node), at),
        Value::List(list) => list.items.iter().fold(Value::Router(engine), |all, item| match all {
            Value::Router(all) => gathered(evaluator, all, item, at),
            other => other,
        }),
        _ => {
            evaluator.gap_at(at, "the handlers of this engine are not known");
            Value::Router(engine)
        }
    }
}

/// Whether a type of the tree is a controller.
fn is_controller(evaluator: &Evaluator<'_>, def: DefId) -> bool {
    let of = |block: &DefId| match evaluator.program.trait_of(*block) {
        Some(Target::External(path)) => path.starts_with("rwf") && path.ends_with("Controller"),
        _ => false,
    };
    evaluator.program.impls_for(&Head::Item(def)).iter().any(of)
}

/// A controller at a path.
fn mounted(
    evaluator: &mut Evaluator<'_>,
    how: &str,
    path: Option<&Value>,
    controller: &Value,
    at: Place,
) -> Value {
    let mut path = path.and_then(Value::text).unwrap_or_else(Text::hole);
    if how == "wildcard" {
        path = path.then(&Text::known("/{*rest}"));
    }
    let served: Vec<(Methods, Text, Value)> = if matches!(how, "rest" | "crud") {
        let one = |(method, single, name): &(&'static str, bool, &str)| {
            let path = if *single { path.then(&Text::known("/{id}")) } else { path.clone() };
            (Methods::These(vec![*method]), path, function(evaluator, controller, name))
        };
        REST.iter().map(one).collect()
    } else {
        let handler = function(evaluator, controller, "handle");
        vec![(answered(evaluator, &handler), path, handler)]
    };
    let mut all: Option<Handle> = None;
    for (methods, path, handler) in served {
        let op = Op::Handler { methods, handler, catch_all: false };
        let Some(inner) = handle(&evaluator.operate(HANDLER, None, op, at)) else { continue };
        let op = Op::At { path, inner: inner.node, mount: Mount::Route };
        all = handle(&evaluator.operate(HANDLER, all.as_ref(), op, at));
    }
    all.map_or_else(Value::unknown, Value::Router)
}

/// The function of a controller that has that name, or else the controller.
fn function(evaluator: &Evaluator<'_>, controller: &Value, name: &str) -> Value {
    let Value::Object(object) = controller.bare() else { return controller.clone() };
    let found = evaluator.program.assoc(object.def, name).first().copied();
    found.map_or_else(
        || controller.clone(),
        |def| {
            let self_ty = Some(Ty::Def(object.def, object.generics.clone()));
            Value::Fn(Rc::new(FnValue { def, self_ty, generics: Vec::new() }))
        },
    )
}

/// The methods that a `handle` tells apart with `match request.method()`; every one when it does not or when its
/// last arm does anything but refuse.
fn answered(evaluator: &Evaluator<'_>, handler: &Value) -> Methods {
    let Value::Fn(function) = handler.bare() else { return Methods::Any };
    let def = evaluator.program.def(function.def);
    let ItemKind::Fn(item) = &def.item.kind else { return Methods::Any };
    let text = evaluator.program.text(def.file);
    let block = item.body.as_ref().and_then(|body| body::parse_block(&text, body.span).ok());
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
