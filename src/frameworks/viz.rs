//! viz 0.10: routers of path and method tables.
//!
//! `with` and its kin rebuild every handler that is there when they are called, so they cover what was added before.
//! A handler by itself has them too, and only what it is mounted with is answered by it.

mod path;

use std::rc::Rc;

use super::{
    Framework,
    poem::verb,
    sample::{Laid, Sample, Taken},
};
use crate::{
    evaluate::{
        Evaluator,
        effect::Guards,
        method::Method,
        router::{Covers, Handle, Methods, Mount, Op, RouterKind, Way},
        text::Text,
        value::{Cell, Term, Value},
    },
    link::types::Ty,
    source::Place,
    syntax::tree::Expr,
};

/// The model of viz.
#[derive(Debug)]
pub struct Viz;

const ROUTER: RouterKind = "viz::Router";
const ROUTE: RouterKind = "viz::Route";
const RESOURCES: RouterKind = "viz::Resources";
/// `Resources` of one thing, whose paths have no number; viz itself tells them apart by a field.
const SINGULAR: RouterKind = "viz::SingularResources";
const HANDLER: RouterKind = "viz::BoxHandler";

/// The name of an item of viz, whichever of its crates it is reached through.
fn item(path: &str) -> Option<&str> {
    ["viz::", "viz_router::", "viz_core::"].iter().find_map(|krate| path.strip_prefix(krate))
}

/// The methods that a function or method of that name answers.
fn methods(name: &str) -> Option<Methods> {
    if name == "any" {
        return Some(Methods::Any);
    }
    let lower = name.chars().all(char::is_lowercase);
    verb(name).filter(|_| lower).map(|one| Methods::These(vec![one]))
}

/// What `Resources` serves under a name: the method, and the path below its own.
fn resource(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "index" => ("GET", ""),
        "create" => ("POST", ""),
        "new" => ("GET", "/new"),
        "show" => ("GET", "/{id}"),
        "edit" => ("GET", "/{id}/edit"),
        "update" => ("PUT", "/{id}"),
        "update_with_patch" => ("PATCH", "/{id}"),
        "destroy" => ("DELETE", "/{id}"),
        _ => return None,
    })
}

fn handle(value: &Value) -> Option<Handle> {
    match value.bare() {
        Value::Router(handle) => Some(handle),
        _ => None,
    }
}

/// Whether a function takes what viz's handlers take.
fn is_handler(evaluator: &Evaluator<'_>, value: &Value) -> bool {
    let Value::Fn(function) = value else { return false };
    let types = evaluator.parameter_types(function);
    types.iter().any(|ty| matches!(ty, Ty::External(path, _) if item(path).is_some()))
}

fn path_text(value: Option<&Value>) -> Text {
    value.and_then(Value::text).unwrap_or_else(Text::hole)
}

/// A path without its optional segments (`:name?`), when it has any: it is answered too.
fn without_optional(path: &Text) -> Option<Text> {
    let optional = |segment: &&str| segment.starts_with(':') && segment.ends_with('?');
    let short = path.map(|piece| {
        piece.split('/').filter(|segment| !optional(segment)).collect::<Vec<_>>().join("/")
    });
    let whole = if short.shown("{?}").is_empty() { Text::known("/") } else { short };
    (path.shown("{?}").split('/').any(|segment| optional(&segment))).then_some(whole)
}

/// Whether resources have been given something to answer.
fn has_routes(router: &Handle) -> bool {
    let mut open = vec![&router.node];
    while let Some(node) = open.pop() {
        if matches!(node.op, Op::At { .. }) {
            return true;
        }
        open.extend(node.children());
    }
    false
}

/// How viz code looks.
const SAMPLE: Sample = Sample {
    krate: "viz",
    listed_as: None,
    handler: "ATTRIBUTES\npub async fn handler(PARAMETERS) -> viz::Result<()> { BODY Ok(()) }\n",
    served: "pub async fn serve(listener: tokio::net::TcpListener) {\n    let _ = viz::serve(listener, ROUTER).await;\n}\n",
    route: "viz::Router::new().VERB(PATH, handler)",
    router: "viz::Router",
    unknown: Some(
        "pub fn routes(path: &str) -> viz::Router {\n    viz::Router::new().VERB(path, handler)\n}\n",
    ),
    layer: Some(Laid {
        over: "ROUTE.with(LAYER)",
        how: "beside",
        past: "viz::Router::new().nest(\"/contract-check-beside\", viz::Router::new().get(\"/\", handler).with(LAYER)).VERB(PATH, handler)",
    }),
    layer_made: None,
    layer_function: Some(Laid {
        over: "ROUTE.with(LAYER)",
        how: "beside",
        past: "viz::Router::new().nest(\"/contract-check-beside\", viz::Router::new().get(\"/\", handler).with(LAYER)).VERB(PATH, handler)",
    }),
    extractors: true,
    attributes: true,
    taken: &[
        Taken::router("Router", "viz::Router::new()"),
        Taken::new("Route", "viz::VERB(handler)", "viz::Router::new().route(PATH, CALL)"),
        Taken::new("Handler", "handler", "viz::Router::new().VERB(PATH, CALL)"),
    ],
};

impl Framework for Viz {
    fn name(&self) -> &'static str {
        "viz"
    }

    fn sample(&self) -> Option<&'static Sample> {
        Some(&SAMPLE)
    }

    fn crates(&self) -> &'static [&'static str] {
        &["viz", "viz_router"]
    }

    fn knows(&self, path: &str) -> bool {
        let owner = path.rsplit_once("::").map_or("", |(owner, _)| owner);
        self.router_kind(path).is_some()
            || self.router_kind(owner).is_some()
            || item(path)
                .is_some_and(|item| methods(item).is_some() || matches!(item, "on" | "serve"))
    }

    fn is_part(&self, kind: RouterKind) -> bool {
        matches!(kind, ROUTE | RESOURCES | SINGULAR | HANDLER)
    }

    fn router_kind(&self, path: &str) -> Option<RouterKind> {
        Some(match item(path)? {
            "Router" => ROUTER,
            "Route" => ROUTE,
            "Resources" => RESOURCES,
            "SingularResources" => SINGULAR,
            "BoxHandler" => HANDLER,
            _ => return None,
        })
    }

    fn path(&self, written: &str) -> String {
        path::spelled(written)
    }

    fn call(
        &self,
        evaluator: &mut Evaluator<'_>,
        term: &Rc<Term>,
        args: &[Value],
        at: Place,
    ) -> Option<Value> {
        let item = item(&term.path)?;
        if let Some((owner, name)) = item.rsplit_once("::")
            && owner.ends_with("HandlerExt")
        {
            let (receiver, rest) = args.split_first()?;
            let method = Method { name, generics: term.generics.clone(), args: rest.to_vec(), at };
            return of_handler(evaluator, &receiver.bare(), &method);
        }
        if let Some((owner, name)) = term.path.rsplit_once("::")
            && let Some(kind) = self.router_kind(owner)
        {
            if let Some((receiver, rest)) = args.split_first()
                && let Some(router) = handle(receiver)
            {
                let method =
                    Method { name, generics: term.generics.clone(), args: rest.to_vec(), at };
                return router_method(evaluator, &router, &method);
            }
            return matches!(name, "new" | "default")
                .then(|| evaluator.operate(kind, None, Op::New, at));
        }
        if item == "serve" {
            for arg in args {
                evaluator.let_serve(arg);
            }
            return Some(Value::unknown());
        }
        let (methods, given) = match item {
            "on" => (super::poem::method_value(args.first()), args.get(1)),
            item => (methods(item)?, args.first()),
        };
        Some(answer(evaluator, None, methods, given, at))
    }

    fn method(
        &self,
        evaluator: &mut Evaluator<'_>,
        _receiver: &Cell,
        value: &Value,
        method: &Method<'_>,
    ) -> Option<Value> {
        match value {
            Value::Router(router) if self.router_kind(router.kind).is_some() => {
                router_method(evaluator, router, method)
            }
            Value::Fn(_) if is_handler(evaluator, value) => of_handler(evaluator, value, method),
            _ => None,
        }
    }

    fn macro_call(
        &self,
        _evaluator: &mut Evaluator<'_>,
        _path: &str,
        _args: &[Expr],
        _at: Place,
    ) -> Option<Value> {
        None
    }
}

fn answer(
    evaluator: &mut Evaluator<'_>,
    route: Option<&Handle>,
    methods: Methods,
    given: Option<&Value>,
    at: Place,
) -> Value {
    // A handler that is wrapped by itself is reached by this method alone.
    if let Some(inner) = given.and_then(handle)
        && inner.kind == HANDLER
    {
        let way = Way { path: Text::default(), methods, guards: Guards::default() };
        let only = evaluator.operate(ROUTE, Some(&inner), Op::Within(vec![way]), at);
        let Some(only) = handle(&only) else { return only };
        return evaluator.operate(ROUTE, route, Op::Merge(only.node), at);
    }
    let handler = given.cloned().unwrap_or_else(Value::unknown);
    evaluator.operate(ROUTE, route, Op::Handler { methods, handler, catch_all: false }, at)
}

/// A method of a handler that is not mounted yet.
fn of_handler(evaluator: &mut Evaluator<'_>, value: &Value, method: &Method<'_>) -> Option<Value> {
    let inner = match value {
        Value::Router(inner) => inner.clone(),
        Value::Fn(_) => {
            let op =
                Op::Handler { methods: Methods::Any, handler: value.clone(), catch_all: false };
            handle(&evaluator.operate(HANDLER, None, op, method.at))?
        }
        _ => return None,
    };
    match method.name {
        "with" | "around" | "before" => {
            let op = Op::Layer { layer: method.args.first()?.clone(), covers: Covers::Before };
            Some(evaluator.operate(HANDLER, Some(&inner), op, method.at))
        }
        "with_fn" => mapped(evaluator, &inner, method),
        "after" | "map" | "map_into_response" | "and_then" | "map_err" | "or_else"
        | "catch_error" | "catch_unwind" | "boxed" | "into_handler" | "clone" => {
            Some(Value::Router(inner))
        }
        _ => None,
    }
}

/// What a closure makes of each handler.
fn mapped(evaluator: &mut Evaluator<'_>, router: &Handle, method: &Method<'_>) -> Option<Value> {
    let given = Value::Router(Handle { kind: HANDLER, ..router.clone() });
    let made = evaluator.call(method.args.first()?, vec![given], method.at).ok()?;
    let made = handle(&made).unwrap_or_else(|| router.clone());
    Some(Value::Router(Handle { kind: router.kind, ..made }))
}

fn router_method(
    evaluator: &mut Evaluator<'_>,
    router: &Handle,
    method: &Method<'_>,
) -> Option<Value> {
    let (kind, at, name) = (router.kind, method.at, method.name);
    let first = method.args.first();
    let mount = |evaluator: &mut Evaluator<'_>, path: Text, inner: Handle, mount: Mount| {
        let short = without_optional(&path);
        let op = Op::At { path, inner: inner.node.clone(), mount };
        let made = evaluator.operate(kind, Some(router), op, at);
        let Some((path, made)) = short.zip(handle(&made)) else { return made };
        evaluator.operate(kind, Some(&made), Op::At { path, inner: inner.node, mount }, at)
    };
    match (kind, name) {
        (HANDLER, _) => of_handler(evaluator, &Value::Router(router.clone()), method),
        (_, "with" | "with_handler") => {
            let op = Op::Layer { layer: first?.clone(), covers: Covers::Before };
            Some(evaluator.operate(kind, Some(router), op, at))
        }
        (_, "map_handler") => mapped(evaluator, router, method),
        (RESOURCES, "singular") => {
            if has_routes(router) {
                evaluator.gap_at(at, "the paths that were added before this are not known");
            }
            Some(Value::Router(Handle { kind: SINGULAR, ..router.clone() }))
        }
        (_, "clone" | "into") | (RESOURCES | SINGULAR, "named" | "singular") => {
            Some(Value::Router(router.clone()))
        }
        (ROUTE, "on" | "push") => {
            let methods = super::poem::method_value(first);
            Some(answer(evaluator, Some(router), methods, method.args.get(1), at))
        }
        (ROUTE, name) => Some(answer(evaluator, Some(router), methods(name)?, first, at)),
        (RESOURCES | SINGULAR, name) if resource(name).is_some() => {
            let (verb, path) = resource(name)?;
            let numbered = kind == RESOURCES;
            let path = if numbered { path } else { path.trim_start_matches("/{id}") };
            let made = answer(evaluator, None, Methods::These(vec![verb]), first, at);
            Some(mount(evaluator, Text::known(path), handle(&made)?, Mount::Route))
        }
        (_, "route" | "nest" | "resources") => {
            let inner = method.args.get(1).and_then(handle);
            let how = if name == "route" { Mount::Route } else { Mount::Prefix };
            if let Some(inner) = inner {
                return Some(mount(evaluator, path_text(first), inner, how));
            }
            let unread = answer(evaluator, None, Methods::Unknown, method.args.get(1), at);
            Some(mount(evaluator, path_text(first), handle(&unread)?, how))
        }
        (ROUTER, name) => {
            let made = answer(evaluator, None, methods(name)?, method.args.get(1), at);
            Some(mount(evaluator, path_text(first), handle(&made)?, Mount::Route))
        }
        _ => None,
    }
}
