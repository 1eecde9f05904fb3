//! axum 0.6, 0.7 and 0.8 with axum-extra and utoipa-axum.
//!
//! A layer wraps the routes that were added before it, not those after: `Router::layer` in axum's documentation.

mod extra;
mod files;
mod method_router;
mod outside;
mod path;
mod sample;
mod service;
mod utoipa;
mod whole;

use std::rc::Rc;

pub(super) use self::method_router::verb;
use self::{
    method_router::{filter_given, has_paths, is_method_router, is_unread, only_reads},
    path::{path_text, with_rest},
    service::{built, layered},
    whole::whole,
};
use super::Framework;
use crate::{
    evaluate::{
        Evaluator,
        method::Method,
        router::{Covers, Handle, Methods, Mount, Op, RouterKind},
        text::Text,
        value::{Cell, Term, Value},
    },
    link::DefId,
    source::Place,
    syntax::tree::Expr,
};

/// The model of axum.
#[derive(Debug)]
pub struct Axum;

/// `axum::Router`.
pub(super) const ROUTER: RouterKind = "axum::Router";
/// `axum::routing::MethodRouter`.
pub(super) const METHODS: RouterKind = "axum::routing::MethodRouter";
const OPEN_API: RouterKind = "utoipa_axum::router::OpenApiRouter";
const UTOIPA_METHODS: RouterKind = "utoipa_axum::router::UtoipaMethodRouter";
/// A handler and the layer around it.
pub(super) const LAYERED: &str = "axum::handler::Handler::layer";

/// The name of an item of axum, whichever of its modules it is reached through.
fn axum_item(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("axum::")?;
    Some(
        rest.strip_prefix("routing::method_routing::")
            .or_else(|| rest.strip_prefix("routing::"))
            .or_else(|| rest.strip_prefix("serve::").filter(|item| *item == "serve"))
            .unwrap_or(rest),
    )
}

/// Splits `axum::Router::new` into the router type and the method.
fn of_router(path: &str) -> Option<(RouterKind, &str)> {
    let (ty, name) = path.rsplit_once("::")?;
    Some((Axum.router_kind(ty)?, name))
}

fn handle(value: &Value) -> Option<Handle> {
    match value.bare() {
        Value::Router(handle) => Some(handle),
        // A resource of axum-extra with its name.
        Value::Tuple(parts) => {
            let routes = parts.first().and_then(|routes| handle(&routes.borrow()))?;
            (routes.kind == extra::RESOURCE).then_some(routes)
        }
        _ => None,
    }
}

impl Framework for Axum {
    fn name(&self) -> &'static str {
        "axum"
    }

    fn sample(&self) -> Option<&'static super::sample::Sample> {
        Some(&sample::SAMPLE)
    }

    fn minds_slash(&self) -> bool {
        true
    }

    fn crates(&self) -> &'static [&'static str] {
        &["axum", "axum_extra", "utoipa_axum"]
    }

    fn knows(&self, path: &str) -> bool {
        self.router_kind(path).is_some()
            || of_router(path).is_some()
            || axum_item(path).is_some_and(|item| {
                verb(item).is_some()
                    || matches!(item, "on" | "on_service" | "MethodFilter" | "serve")
                    || matches!(item, "Server::bind" | "Server::from_tcp" | "Server::builder")
                    || item.starts_with("middleware::from_fn")
            })
            || matches!(path, "utoipa_axum::routes" | "axum_extra::vpath" | "axum::ServiceExt")
            || path.starts_with("axum_extra::routing::")
    }

    fn is_part(&self, kind: RouterKind) -> bool {
        kind == METHODS
    }

    fn applies(&self, path: &str) -> bool {
        let made = path.strip_prefix("axum::middleware::");
        made.or_else(|| path.strip_prefix("axum_extra::middleware::"))
            .or_else(|| path.strip_prefix("tower::util::"))
            .is_some_and(|name| {
                let names = ["from_fn", "from_extractor", "map_request", "option_layer"];
                names.iter().any(|known| name.starts_with(known))
            })
    }

    fn router_kind(&self, path: &str) -> Option<RouterKind> {
        Some(match path {
            "axum::Router" | "axum::routing::Router" => ROUTER,
            "axum::routing::MethodRouter" | "axum::routing::method_routing::MethodRouter" => {
                METHODS
            }
            extra::RESOURCE => extra::RESOURCE,
            "utoipa_axum::router::OpenApiRouter" => OPEN_API,
            "utoipa_axum::router::UtoipaMethodRouter" => UTOIPA_METHODS,
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
        if let Some(value) = extra::call(evaluator, &term.path, args, at) {
            return Some(value);
        }
        if let ("tower::Layer::layer" | "tower_layer::Layer::layer", [layer, inner]) =
            (&*term.path, args)
        {
            return layered(evaluator, layer, inner, at);
        }
        if let Some(held) = service::holding(evaluator, &term.path, args, at) {
            return Some(held);
        }
        if term.path.starts_with("axum::ServiceExt::") {
            return args.first().filter(|arg| handle(arg).is_some()).cloned();
        }
        if let Some((kind, name)) = of_router(&term.path) {
            if let Some((receiver, rest)) = args.split_first()
                && let Some(router) = handle(receiver)
            {
                let method =
                    Method { name, generics: term.generics.clone(), args: rest.to_vec(), at };
                return router_method(evaluator, &router, &method);
            }
            if matches!(name, "new" | "default" | "with_openapi") {
                return Some(evaluator.operate(kind, None, Op::New, at));
            }
        }
        if matches!(&*term.path, "axum::routing::MethodFilter::or") {
            return Some(Value::Term(Rc::new(Term {
                args: Some(args.to_vec()),
                ..(**term).clone()
            })));
        }
        let item = axum_item(&term.path)?;
        if item == "serve" {
            let served = args.last()?;
            let app = whole(evaluator, served, at);
            if app.is_none() && !served.holds_code() {
                evaluator.gap_at(at, "what is served here is not known");
            }
            evaluator.let_serve(app.as_ref().unwrap_or(served));
            return Some(Value::unknown());
        }
        let (methods, handler) = match item {
            "on" | "on_service" => (filter_given(evaluator, args.first()?), args.get(1)),
            item => (verb(item)?, args.first()),
        };
        // Whatever it is asked for, a service of files answers no other.
        let own = args.first().filter(|_| methods == Methods::Any).and_then(files::methods);
        let methods = own.unwrap_or(methods);
        let handler = handler.cloned().unwrap_or_else(Value::unknown);
        Some(evaluator.operate(
            METHODS,
            None,
            Op::Handler { methods, handler, catch_all: false },
            at,
        ))
    }

    fn method(
        &self,
        evaluator: &mut Evaluator<'_>,
        _receiver: &Cell,
        value: &Value,
        method: &Method<'_>,
    ) -> Option<Value> {
        if method.name == "layer"
            && !matches!(value, Value::Router(_))
            && let [inner] = method.args.as_slice()
            && let Some(value) = layered(evaluator, value, inner, method.at)
        {
            return Some(value);
        }
        match value {
            // What else it is given to serve is for hyper's model.
            Value::Term(term) if method.name == "serve" && service::is_server(&term.path) => {
                let app = whole(evaluator, method.args.first()?, method.at)?;
                evaluator.let_serve(&app);
                Some(Value::unknown())
            }
            Value::Term(_) if files::methods(value).is_some() => {
                files::with_fallback(evaluator, value, method)
            }
            // `ServiceBuilder::new().layer(gate).service(router)`; what hyper receives is for its own model.
            Value::Term(term)
                if matches!(method.name, "service" | "service_fn")
                    && super::applies(&term.path) =>
            {
                let of_hyper = super::hyper::built(evaluator, value, method);
                of_hyper.or_else(|| built(evaluator, value, method))
            }
            Value::Tuple(parts) => match utoipa::whole(evaluator, parts) {
                Some(whole) => router_method(evaluator, &handle(&whole)?, method),
                None => extra::resource_method(evaluator, value, method),
            },
            Value::Router(router) if self.router_kind(router.kind).is_some() => {
                router_method(evaluator, router, method)
            }
            Value::Fn(_) | Value::Closure(_) => handler_method(evaluator, value, method),
            Value::Term(term) if &*term.path == LAYERED => handler_method(evaluator, value, method),
            Value::Unknown(_) | Value::Term(_) => {
                let router = outside::router_of(evaluator, value, method)?;
                router_method(evaluator, &router, method)
            }
            _ => None,
        }
    }

    fn member(&self, evaluator: &mut Evaluator<'_>, ty: DefId, name: &str) -> Option<Value> {
        let (path, _) = (name == "PATH").then(|| extra::path_of(evaluator, ty)).flatten()?;
        Some(Value::Str(path))
    }

    fn taken_apart(&self, evaluator: &mut Evaluator<'_>, router: &Handle) -> Option<Value> {
        (router.kind == UTOIPA_METHODS).then(|| utoipa::parts(evaluator, router))
    }

    fn put_together(
        &self,
        evaluator: &mut Evaluator<'_>,
        kind: RouterKind,
        parts: &[Cell],
    ) -> Option<Value> {
        (kind == UTOIPA_METHODS).then(|| utoipa::whole(evaluator, parts))?
    }

    fn macro_call(
        &self,
        evaluator: &mut Evaluator<'_>,
        path: &str,
        args: &[Expr],
        at: Place,
    ) -> Option<Value> {
        // The text it is given, looked at by the compiler.
        if path == "axum_extra::vpath" {
            let [text] = args else { return None };
            return evaluator.eval(text).ok();
        }
        (path == "utoipa_axum::routes").then(|| utoipa::routes(evaluator, args, at))?
    }
}

/// A method that every handler has.
fn handler_method(
    evaluator: &mut Evaluator<'_>,
    handler: &Value,
    method: &Method<'_>,
) -> Option<Value> {
    match method.name {
        "with_state" | "into_service" => Some(handler.clone()),
        "into_make_service" | "into_make_service_with_connect_info" => {
            whole(evaluator, handler, method.at)
        }
        "layer" => {
            let layer = method.args.first().cloned().unwrap_or_else(Value::unknown);
            Some(Value::term(LAYERED, Some(vec![handler.clone(), layer]), method.at))
        }
        _ => None,
    }
}

/// A call that is given a service of files, with what that answers in its place.
fn with_files<'m>(
    evaluator: &mut Evaluator<'_>,
    router: &Handle,
    method: &Method<'m>,
) -> Option<Method<'m>> {
    let takes = matches!(
        method.name,
        "route_service" | "nest_service" | "nest" | "fallback" | "fallback_service"
    );
    if !takes || is_method_router(router.kind) {
        return None;
    }
    let (given, before) = method.args.split_last()?;
    let service = files::service(evaluator, given, method.at)?;
    let args = before.iter().cloned().chain([Value::Router(service)]).collect();
    Some(Method { args, ..method.clone() })
}

/// A method of a router or method router.
fn router_method(
    evaluator: &mut Evaluator<'_>,
    router: &Handle,
    method: &Method<'_>,
) -> Option<Value> {
    let at = method.at;
    let kind = router.kind;
    let with_files = with_files(evaluator, router, method);
    let method = with_files.as_ref().unwrap_or(method);
    let arg = method.args.first();
    let inner = |value: Option<&Value>| value.and_then(handle);
    let mut add = |op: Op| Some(evaluator.operate(kind, Some(router), op, at));
    let is_methods = is_method_router(kind);
    match method.name {
        name if is_methods && verb(name).is_some() => {
            add(Op::Handler { methods: verb(name)?, handler: arg?.clone(), catch_all: false })
        }
        "on" | "on_service" if is_methods => {
            let methods = filter_given(evaluator, arg?);
            let handler = method.args.get(1)?.clone();
            let op = Op::Handler { methods, handler, catch_all: false };
            Some(evaluator.operate(kind, Some(router), op, at))
        }
        "fallback" | "fallback_service" if is_methods => {
            add(Op::Handler { methods: Methods::Any, handler: arg?.clone(), catch_all: false })
        }
        "route" => {
            let path = path_text(evaluator, arg);
            let known = inner(method.args.get(1)).filter(|it| !is_unread(it, &path));
            let methods = if let Some(known) = known {
                known
            } else {
                let op = Op::Handler {
                    methods: Methods::Unknown,
                    handler: method.args.get(1).cloned().unwrap_or_else(Value::unknown),
                    catch_all: false,
                };
                handle(&evaluator.operate(METHODS, None, op, at))?
            };
            let op = Op::At { path, inner: methods.node, mount: Mount::Route };
            Some(evaluator.operate(kind, Some(router), op, at))
        }
        "routes" => {
            let given = utoipa::given(evaluator, arg?)?;
            Some(evaluator.operate(kind, Some(router), Op::Merge(given.node), at))
        }
        "route_service" | "nest_service" | "nest" => {
            let mut path = path_text(evaluator, arg);
            let mount = if method.name == "route_service" { Mount::Route } else { Mount::Prefix };
            let given = inner(method.args.get(1));
            // Nothing is taken off the path: a router in the service answers its own.
            let own = given.as_ref().filter(|it| mount == Mount::Route && has_paths(it));
            if let Some(own) = own {
                let op = Op::Merge(own.node.clone());
                return Some(evaluator.operate(kind, Some(router), op, at));
            }
            let node = if let Some(given) = given {
                if is_method_router(given.kind) && mount == Mount::Prefix {
                    path = with_rest(&path);
                }
                given.node
            } else {
                if method.name != "route_service" {
                    path = with_rest(&path);
                }
                let op = Op::Handler {
                    methods: Methods::Any,
                    handler: method.args.get(1).cloned().unwrap_or_else(Value::unknown),
                    catch_all: false,
                };
                handle(&evaluator.operate(METHODS, None, op, at))?.node
            };
            Some(evaluator.operate(kind, Some(router), Op::At { path, inner: node, mount }, at))
        }
        "merge" => {
            let given = inner(arg).or_else(|| {
                let ty = crate::link::types::Ty::External(kind.into(), Vec::new());
                handle(&evaluator.converted(arg?, &ty)?)
            });
            if let Some(given) = given {
                Some(evaluator.operate(kind, Some(router), Op::Merge(given.node), at))
            } else {
                if !arg.is_some_and(|arg| super::documentation::is_page(evaluator, arg)) {
                    evaluator.gap_at(at, "what is merged here is not known");
                }
                Some(Value::Router(router.clone()))
            }
        }
        // A router that answers what this one does not: its routes are served at their own paths.
        "fallback_service" if inner(arg).is_some_and(|given| given.kind != METHODS) => {
            add(Op::At { path: Text::default(), inner: inner(arg)?.node, mount: Mount::Fallback })
        }
        // `fallback(get(pages))`: nothing that changes anything is answered.
        "fallback" | "fallback_service" if inner(arg).is_some_and(|given| only_reads(&given)) => {
            let path = Text::known("/{*rest}");
            add(Op::At { path, inner: inner(arg)?.node, mount: Mount::Fallback })
        }
        // What answers the other methods of each path is listed once: nearly always it only says that it does not.
        "fallback" | "fallback_service" | "method_not_allowed_fallback" => {
            let handler = arg.cloned().unwrap_or_else(Value::unknown);
            let op = Op::Handler { methods: Methods::Any, handler, catch_all: true };
            let node = handle(&evaluator.operate(METHODS, None, op, at))?.node;
            let op = Op::At { path: Text::known("/{*rest}"), inner: node, mount: Mount::Fallback };
            Some(evaluator.operate(kind, Some(router), op, at))
        }
        "layer" => add(Op::Layer { layer: arg?.clone(), covers: Covers::Before }),
        "route_layer" => add(Op::Layer { layer: arg?.clone(), covers: Covers::Routes }),
        "map" if kind == UTOIPA_METHODS => utoipa::mapped(evaluator, router, arg?, at),
        "split_for_parts" => Some(utoipa::split(router)),
        "with_state"
        | "clone"
        | "into_make_service"
        | "into_make_service_with_connect_info"
        | "into_service"
        | "without_v07_checks"
        | "into"
        | "from"
        | "reset_fallback"
        | "map"
        | "boxed" => Some(Value::Router(router.clone())),
        name if files::leaves_alone(name) => Some(Value::Router(router.clone())),
        // What OpenAPI says of it answers nothing.
        "has_routes" | "get_openapi" | "get_openapi_mut" | "into_openapi" | "to_openapi" => {
            Some(Value::unknown())
        }
        _ => extra::router_ext(evaluator, router, method),
    }
}
