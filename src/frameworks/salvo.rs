//! salvo: trees of routers.
//!
//! What a router's filters ask for and what its hoops do holds for all that is in it, whatever the order of the calls.

mod catcher;
mod filter;
mod handler;
mod in_place;
mod path;
mod tus;

use std::rc::Rc;

use self::handler::{HANDLER, answer, handler_method, is_handler};
use super::{
    Framework,
    sample::{Laid, Sample, Taken},
};
use crate::{
    evaluate::{
        Evaluator,
        method::Method,
        router::{Covers, Handle, Methods, Op, RouterKind},
        text::Text,
        value::{Cell, Term, Value, cell},
    },
    link::types::Ty,
    source::Place,
    syntax::tree::Expr,
};

/// The model of salvo.
#[derive(Debug)]
pub struct Salvo;

const ROUTER: RouterKind = "salvo::Router";
const SERVICE: RouterKind = "salvo::Service";

/// The method that a router method or filter of that name lets through.
fn verb(name: &str) -> Option<&'static str> {
    Some(match name {
        "get" => "GET",
        "post" => "POST",
        "put" => "PUT",
        "patch" => "PATCH",
        "delete" => "DELETE",
        "head" => "HEAD",
        "options" => "OPTIONS",
        "query" => "QUERY",
        _ => return None,
    })
}

/// Modules that what is exported at the top of salvo is exported from as well.
const MODULES: [&str; 12] = [
    "core::",
    "prelude::",
    "routing::",
    "router::",
    "service::",
    "server::",
    "oapi::",
    "handler::",
    "macros::",
    "endpoint::",
    "tus::",
    "catcher::",
];

/// The name of an item of salvo, whichever of its crates and modules it is reached through.
fn item(path: &str) -> Option<&str> {
    let (krate, mut rest) = path.split_once("::")?;
    if !matches!(
        krate,
        "salvo"
            | "salvo_core"
            | "salvo_oapi"
            | "salvo_macros"
            | "salvo_extra"
            | "salvo_serve_static"
            | "salvo_tus"
    ) {
        return None;
    }
    while let Some(inner) = MODULES.iter().find_map(|module| rest.strip_prefix(module)) {
        rest = inner;
    }
    Some(rest)
}

/// Splits `salvo::Router::new` into the router type and the method.
fn of_router(path: &str) -> Option<(RouterKind, &str)> {
    let (ty, name) = path.rsplit_once("::")?;
    Some((Salvo.router_kind(ty)?, name))
}

fn handle(value: &Value) -> Option<Handle> {
    match value.bare() {
        Value::Router(handle) => Some(handle),
        _ => None,
    }
}

fn path_text(value: Option<&Value>) -> Text {
    value.and_then(Value::text).unwrap_or_else(Text::hole)
}

/// Documents and pages about a router, which only read.
fn is_document(path: &str) -> bool {
    item(path).is_some_and(|item| {
        [
            "OpenApi",
            "openapi::",
            "SwaggerUi",
            "swagger_ui::",
            "RapiDoc",
            "rapidoc::",
            "ReDoc",
            "redoc::",
        ]
        .iter()
        .chain(&["Scalar", "scalar::"])
        .any(|start| item.starts_with(start))
    })
}

/// How salvo code looks.
const SAMPLE: Sample = Sample {
    krate: "salvo",
    listed_as: None,
    handler: "ATTRIBUTES\n#[salvo::handler]\npub async fn handler(PARAMETERS) { BODY }\n",
    served: "pub fn routes() -> salvo::Router {\n    ROUTER\n}\n",
    route: "salvo::Router::with_path(RELATIVE).VERB(handler)",
    router: "salvo::Router",
    unknown: Some(
        "pub fn routes(path: &str) -> salvo::Router {\n    salvo::Router::with_path(path).VERB(handler)\n}\n",
    ),
    layer: Some(Laid {
        over: "ROUTE.hoop(LAYER)",
        how: "beside",
        past: "salvo::Router::new().push(salvo::Router::with_path(\"contract-check-beside\").hoop(LAYER)).push(ROUTE)",
    }),
    layer_made: None,
    layer_function: Some(Laid {
        over: "ROUTE.hoop(LAYER)",
        how: "beside",
        past: "salvo::Router::new().push(salvo::Router::with_path(\"contract-check-beside\").hoop(LAYER)).push(ROUTE)",
    }),
    extractors: true,
    attributes: true,
    taken: &[
        Taken::router("Router", "salvo::Router::new()"),
        Taken::new("Handler", "handler", "salvo::Router::with_path(RELATIVE).VERB(CALL)"),
    ],
};

impl Framework for Salvo {
    fn name(&self) -> &'static str {
        "salvo"
    }

    fn sample(&self) -> Option<&'static Sample> {
        Some(&SAMPLE)
    }

    fn crates(&self) -> &'static [&'static str] {
        &["salvo", "salvo_core", "salvo_oapi", "salvo_tus"]
    }

    fn knows(&self, path: &str) -> bool {
        self.router_kind(path).is_some()
            || of_router(path).is_some()
            || is_document(path)
            || tus::is_tus(path)
            || catcher::is_catcher(path)
            || item(path).is_some_and(|item| {
                item.starts_with("filters::")
                    || item.starts_with("Server")
                    || matches!(item, "handler" | "endpoint" | "Handler")
            })
    }

    fn router_kind(&self, path: &str) -> Option<RouterKind> {
        Some(match item(path)? {
            "Router" => ROUTER,
            "Service" => SERVICE,
            "HoopedHandler" => HANDLER,
            _ => return None,
        })
    }

    fn has_own_path(&self, kind: RouterKind) -> bool {
        kind == ROUTER
    }

    fn path(&self, written: &str) -> String {
        path::spelled(written)
    }

    /// Slashes at either end of a filter's path do not matter.
    fn join(&self, prefix: &str, inner: &str) -> String {
        let inner = inner.trim_matches('/');
        if inner.is_empty() {
            return prefix.to_owned();
        }
        format!("{}/{inner}", prefix.trim_end_matches('/'))
    }

    fn call(
        &self,
        evaluator: &mut Evaluator<'_>,
        term: &Rc<Term>,
        args: &[Value],
        at: Place,
    ) -> Option<Value> {
        if tus::is_tus(&term.path) {
            return tus::made(&term.path, at);
        }
        if catcher::is_catcher(&term.path) {
            return catcher::made(&term.path, args, at);
        }
        let (kind, name) = of_router(&term.path)?;
        if let Some((receiver, rest)) = args.split_first()
            && let Some(router) = handle(receiver)
        {
            if kind == SERVICE && matches!(name, "new" | "from") {
                return Some(Value::Router(Handle { kind, node: router.node }));
            }
            let method = Method { name, generics: term.generics.clone(), args: rest.to_vec(), at };
            return in_place::part(&cell(receiver.clone()), &method)
                .or_else(|| router_method(evaluator, &router, &method));
        }
        let made = evaluator.operate(kind, None, Op::New, at);
        match name {
            "new" | "default" => Some(made),
            // `with_path`, `with_hoop`, `try_with_path`, …: a new router and the method without `with_`.
            name => {
                let name = name.strip_prefix("try_").unwrap_or(name).strip_prefix("with_")?;
                let method =
                    Method { name, generics: term.generics.clone(), args: args.to_vec(), at };
                router_method(evaluator, &handle(&made)?, &method)
            }
        }
    }

    fn method(
        &self,
        evaluator: &mut Evaluator<'_>,
        receiver: &Cell,
        value: &Value,
        method: &Method<'_>,
    ) -> Option<Value> {
        match value {
            Value::Router(router) if self.router_kind(router.kind).is_some() => {
                in_place::part(receiver, method)
                    .or_else(|| router_method(evaluator, router, method))
            }
            Value::Term(term) if in_place::is_part(&term.path) => {
                in_place::changed(evaluator, term, method)
            }
            Value::Term(term) if catcher::is_catcher(&term.path) => {
                catcher::method(evaluator, term, method)
            }
            Value::Term(term) if tus::is_tus(&term.path) => tus::method(evaluator, term, method),
            Value::Term(term) if is_document(&term.path) => {
                document_method(evaluator, value, method)
            }
            Value::Unknown(Ty::External(path, _)) if is_document(path) => {
                document_method(evaluator, value, method)
            }
            Value::Term(term) if is_server(&term.path) => Some(serve(evaluator, value, method)),
            Value::Unknown(Ty::External(path, _)) if is_server(path) => {
                Some(serve(evaluator, value, method))
            }
            // A value of unknown type that answers a method with a handler can only be a router.
            Value::Term(_) | Value::Unknown(_)
                if verb(method.name).is_some()
                    && matches!(method.args.as_slice(), [given] if is_handler(evaluator, given)) =>
            {
                let begun = evaluator.router_begun(value, ROUTER, method.at)?;
                router_method(evaluator, &begun, method)
            }
            Value::Fn(_) | Value::Object(_) | Value::Term(_) | Value::Unknown(_) => {
                handler_method(evaluator, value, method)
            }
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

fn is_server(path: &str) -> bool {
    item(path).is_some_and(|item| item == "Server" || item.starts_with("Server::"))
}

fn serve(evaluator: &mut Evaluator<'_>, server: &Value, method: &Method<'_>) -> Value {
    for arg in &method.args {
        evaluator.let_serve(arg);
    }
    server.clone()
}

/// Methods of `OpenApi`, `SwaggerUi` and the like.
fn document_method(
    evaluator: &mut Evaluator<'_>,
    document: &Value,
    method: &Method<'_>,
) -> Option<Value> {
    match method.name {
        "merge_router" | "merge_router_with_base" => Some(document.clone()),
        "into_router" => {
            let at = method.at;
            let mut path = path_text(method.args.first());
            let below = matches!(document, Value::Term(term) if term.path.contains("SwaggerUi"));
            if below {
                path = path.then(&Text::known("/{**rest}"));
            }
            let way = filter::at_path(path);
            let router = handle(&evaluator.operate(ROUTER, None, Op::Within(vec![way]), at))?;
            let op = Op::Handler {
                methods: Methods::These(vec!["GET"]),
                handler: document.clone(),
                catch_all: below,
            };
            Some(evaluator.operate(ROUTER, Some(&router), op, at))
        }
        _ => None,
    }
}

/// A method of a router, of a service or of a handler with hoops.
fn router_method(
    evaluator: &mut Evaluator<'_>,
    router: &Handle,
    method: &Method<'_>,
) -> Option<Value> {
    let at = method.at;
    let kind = router.kind;
    let arg = method.args.first();
    let unknown = Value::unknown();
    match method.name {
        // What is tried gives a result, which is the router wherever it is one.
        "path" | "try_path" => {
            let way = filter::at_path(path_text(arg));
            Some(evaluator.operate(kind, Some(router), Op::Within(vec![way]), at))
        }
        "filter" => Some(filtered(evaluator, router, arg.unwrap_or(&unknown), at)),
        "filter_fn" | "host" | "scheme" | "port" => {
            let given = arg.unwrap_or(&unknown);
            let ways = vec![filter::by_request(evaluator, method.name, given, at)];
            Some(evaluator.operate(kind, Some(router), Op::Within(ways), at))
        }
        "hoop" => Some(hooped(evaluator, router, arg?, at)),
        "hoop_when" => {
            let with = hooped(evaluator, router, arg?, at);
            Some(evaluator.either(with, Value::Router(router.clone())))
        }
        "goal" | "handle" => {
            Some(answer(evaluator, router, Methods::Any, arg.unwrap_or(&unknown), at))
        }
        name if verb(name).is_some() && kind == ROUTER => {
            let methods = Methods::These(verb(name).into_iter().collect());
            Some(answer(evaluator, router, methods, arg.unwrap_or(&unknown), at))
        }
        "catcher" => Some(catcher::put(evaluator, router, arg?, at)),
        "push" | "unshift" | "append" => Some(pushed(evaluator, router, arg?, at)),
        "insert" => Some(pushed(evaluator, router, method.args.get(1)?, at)),
        "then" => {
            let made = evaluator.call(arg?, vec![Value::Router(router.clone())], at).ok()?;
            handle(&made).map(Value::Router)
        }
        "oapi_tag"
        | "oapi_tags"
        | "oapi_security"
        | "oapi_securities"
        | "allowed_media_types"
        | "arc"
        | "hooped"
        | "router"
        | "clone"
        | "into" => Some(Value::Router(router.clone())),
        _ => None,
    }
}

/// A router that only what passes a filter gets into.
fn filtered(evaluator: &mut Evaluator<'_>, router: &Handle, filter: &Value, at: Place) -> Value {
    let ways = filter::ways(evaluator, filter, at);
    evaluator.operate(router.kind, Some(router), Op::Within(ways), at)
}

/// A router with a hoop.
fn hooped(evaluator: &mut Evaluator<'_>, router: &Handle, hoop: &Value, at: Place) -> Value {
    // Those of a service run before its catcher does, and do not keep it from that.
    let covers = if router.kind == SERVICE { Covers::Routes } else { Covers::Whole };
    let op = Op::Layer { layer: hoop.clone(), covers };
    evaluator.operate(router.kind, Some(router), op, at)
}

/// Puts a router, or each of several, into another.
fn pushed(evaluator: &mut Evaluator<'_>, router: &Handle, given: &Value, at: Place) -> Value {
    match given.bare() {
        Value::Router(inner) => {
            evaluator.operate(router.kind, Some(router), Op::Merge(inner.node), at)
        }
        Value::List(list) => {
            if list.open {
                evaluator.gap_at(at, "there may be more routers here than are known");
            }
            list.items.iter().fold(Value::Router(router.clone()), |all, item| match all {
                Value::Router(all) => pushed(evaluator, &all, item, at),
                other => other,
            })
        }
        Value::Alt(all) => {
            let mut each = Vec::new();
            for (guards, value) in all.iter() {
                each.push((guards.clone(), pushed(evaluator, router, value, at)));
            }
            evaluator.join(each)
        }
        other => {
            evaluator.escape(&other);
            evaluator.gap_at(at, "what is pushed here is not known");
            Value::Router(router.clone())
        }
    }
}
