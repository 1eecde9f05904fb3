//! tonic 0.8 to 0.14: services whose code is generated from `.proto` files of the tree.
//!
//! `PaymentsServer::new(it)` of a generated module answers `POST /package.Payments/Method` for each rpc of the
//! service, so its routes are read from the `.proto` file that has the service; where generated code is itself part of
//! the tree, from the name it gives the service. An interceptor wraps its service, a layer of the server all of them.

mod proto;
mod service;

use std::rc::Rc;

use self::service::{
    Known, is_generated, known_services, mounted, of_generated_code, unknown_service,
};
use super::{Framework, axum};
use crate::{
    evaluate::{
        Evaluator,
        method::Method,
        router::{Covers, Handle, Op, RouterKind},
        value::{Cell, Term, Value, cell},
    },
    link::types::Ty,
    source::Place,
    syntax::tree::Expr,
};

/// The model of tonic.
#[derive(Debug)]
pub struct Tonic;

const SERVER: RouterKind = "tonic::transport::Server";
const ROUTES: RouterKind = "tonic::service::Routes";
const BUILDER: RouterKind = "tonic::service::RoutesBuilder";
const SERVICE: RouterKind = "tonic::service::Service";
/// What neither serves nor makes what does: messages and their parts, clients, what connections are set up with.
const DATA: &[&str] = &[
    "Code",
    "Extensions",
    "GrpcMethod",
    "IntoRequest",
    "IntoStreamingRequest",
    "Request",
    "Response",
    "Result",
    "Status",
    "Streaming",
    "body::",
    "client::",
    "codec::",
    "codegen::",
    "metadata::",
    "transport::Body",
    "transport::Certificate",
    "transport::Channel",
    "transport::ClientTlsConfig",
    "transport::Endpoint",
    "transport::Error",
    "transport::Identity",
    "transport::ServerTlsConfig",
    "transport::Uri",
    "transport::channel::",
];
/// Before the full names of services: the generated type that serves them.
const GENERATED: &str = "tonic::generated!";
/// A server whose generated code is part of the tree, and the interceptor around it. Generated code makes one itself,
/// of whatever it is given: it has no routes until something takes it up.
const INTERCEPTED: &str = "tonic::intercepted!";

fn handle(value: &Value) -> Option<Handle> {
    match value.bare() {
        Value::Router(handle) => Some(handle),
        _ => None,
    }
}

/// A path without the modules that tonic also exports its items from.
fn short(path: &str) -> Option<String> {
    let rest = path.strip_prefix("tonic::")?;
    let mut names: Vec<&str> = rest.split("::").collect();
    names.retain(|name| {
        !matches!(*name, "transport" | "server" | "service" | "codegen" | "interceptor" | "router")
            || rest.ends_with(name)
    });
    Some(names.join("::"))
}

/// Functions of a generated server type that make one.
fn makes(name: &str) -> bool {
    matches!(name, "new" | "from_arc" | "with_interceptor")
}

/// The service of `…::payments_server::PaymentsServer::new`.
fn generated_type<S: AsRef<str>>(path: &[S]) -> Option<(&str, bool)> {
    let [before @ .., ty, name] = path else { return None };
    if !makes(name.as_ref()) {
        return None;
    }
    let service = ty.as_ref().strip_suffix("Server").filter(|name| !name.is_empty())?;
    let module = before.last().and_then(|module| module.as_ref().strip_suffix("_server"));
    Some((
        service,
        module.is_some_and(|module| super::case::plain(module) == super::case::plain(service)),
    ))
}

/// What is given to `add_service`, as routes.
fn service_of(evaluator: &mut Evaluator<'_>, given: &Value, at: Place) -> Handle {
    if let Value::Term(term) = given.bare()
        && term.path.starts_with("tonic_reflection::")
    {
        let reflection =
            Known::of("grpc.reflection.v1.ServerReflection", &["ServerReflectionInfo"]);
        return mounted(evaluator, &[reflection], None, at);
    }
    match known_service(evaluator, given, at) {
        Some(known) => known,
        None => unknown_service(evaluator, given, at),
    }
}

/// The routes of a service, as they are taken up.
fn known_service(evaluator: &mut Evaluator<'_>, given: &Value, at: Place) -> Option<Handle> {
    if let Value::Term(term) = given.bare()
        && &*term.path == INTERCEPTED
    {
        let [inner, interceptor] = term.args.as_deref()? else { return None };
        let inner = known_service(evaluator, inner, at)?;
        return handle(&layered(evaluator, &inner, interceptor, term.at));
    }
    handle(given).or_else(|| of_generated_code(evaluator, given, at))
}

/// A router with one more service.
fn with_service(
    evaluator: &mut Evaluator<'_>,
    kind: RouterKind,
    router: Option<&Handle>,
    given: &Value,
    at: Place,
) -> Value {
    let service = service_of(evaluator, given, at);
    evaluator.operate(kind, router, Op::Merge(service.node), at)
}

/// A reference to a place that holds `value` from here on.
fn changed(evaluator: &mut Evaluator<'_>, place: &Cell, value: Value) -> Value {
    evaluator.update(place, value);
    Value::Ref(Rc::clone(place))
}

/// Whether a method is one of `Routes`, which may be the router of axum that it lent before.
fn is_of_routes(name: &str) -> bool {
    matches!(
        name,
        "add_service" | "add_routes" | "axum_router_mut" | "into_axum_router" | "prepare"
    )
}

fn layered(evaluator: &mut Evaluator<'_>, to: &Handle, layer: &Value, at: Place) -> Value {
    let op = Op::Layer { layer: layer.clone(), covers: Covers::Whole };
    evaluator.operate(to.kind, Some(to), op, at)
}

fn health(evaluator: &mut Evaluator<'_>, at: Place) -> Value {
    let health = Known::of("grpc.health.v1.Health", &["Check", "Watch"]);
    Value::Router(mounted(evaluator, &[health], None, at))
}

impl Tonic {
    fn router_method(
        evaluator: &mut Evaluator<'_>,
        receiver: Option<&Cell>,
        router: &Handle,
        method: &Method<'_>,
    ) -> Option<Value> {
        let (kind, at) = (router.kind, method.at);
        let same = || Some(Value::Router(router.clone()));
        match method.name {
            "add_service" | "add_routes" => {
                let kind = if kind == SERVER { ROUTES } else { kind };
                let more = with_service(evaluator, kind, Some(router), method.args.first()?, at);
                // `RoutesBuilder` takes and gives `&mut self`, the others take themselves.
                match receiver {
                    Some(receiver) if kind == BUILDER => Some(changed(evaluator, receiver, more)),
                    _ => Some(more),
                }
            }
            "add_optional_service" => match method.args.first()?.bare() {
                Value::Term(term) if term.path.ends_with("Option::None") => same(),
                Value::Term(term) if term.path.ends_with("Option::Some") => {
                    let inside = term.args.as_ref().and_then(|args| args.first().cloned())?;
                    Some(with_service(evaluator, ROUTES, Some(router), &inside, at))
                }
                given => Some(with_service(evaluator, ROUTES, Some(router), &given, at)),
            },
            "layer" => Some(layered(evaluator, router, method.args.first()?, at)),
            "into_axum_router" | "into_router" | "axum_router_mut" => {
                let inner = Value::Router(Handle { kind: axum::ROUTER, node: router.node.clone() });
                // What is lent is the router that the routes are from then on.
                match receiver {
                    Some(receiver) if method.name == "axum_router_mut" => {
                        Some(changed(evaluator, receiver, inner))
                    }
                    _ => Some(inner),
                }
            }
            name if name.starts_with("serve") => {
                evaluator.let_serve(&Value::Router(router.clone()));
                Some(Value::unknown())
            }
            // Everything else sets a limit or a timeout, or is a conversion.
            _ => same(),
        }
    }
}

impl Framework for Tonic {
    fn name(&self) -> &'static str {
        "tonic"
    }

    fn crates(&self) -> &'static [&'static str] {
        &["tonic"]
    }

    fn knows(&self, path: &str) -> bool {
        path.starts_with("tonic::") && !self.is_data(path)
    }

    fn is_data(&self, path: &str) -> bool {
        path.strip_prefix("tonic::")
            .is_some_and(|item| DATA.iter().any(|data| item.starts_with(data)))
    }

    fn router_kind(&self, path: &str) -> Option<RouterKind> {
        Some(match path {
            "tonic::transport::Server" | "tonic::transport::server::Server" => SERVER,
            "tonic::transport::server::Router"
            | "tonic::service::Routes"
            | "tonic::service::router::Routes"
            | "tonic::transport::server::Routes" => ROUTES,
            "tonic::service::RoutesBuilder" | "tonic::service::router::RoutesBuilder" => BUILDER,
            "tonic::service::Service"
            | "tonic::codegen::InterceptedService"
            | "tonic::service::interceptor::InterceptedService" => SERVICE,
            _ => return None,
        })
    }

    fn applies(&self, path: &str) -> bool {
        short(path).is_some_and(|name| name == "interceptor" || name == "InterceptorLayer::new")
    }

    fn generated(
        &self,
        evaluator: &mut Evaluator<'_>,
        path: &[&str],
        _generics: &[Ty],
        at: Place,
    ) -> Option<Value> {
        if !path.last().is_some_and(|name| makes(name)) {
            return None;
        }
        // A glob import of code that is not in the tree may bring the very type.
        let outside = evaluator.program.glob_candidates(evaluator.scope.module, path);
        let is_outside = |path: &str| {
            let names: Vec<&str> = path.split("::").collect();
            generated_type(&names).is_some_and(|(_, in_module)| in_module)
        };
        if outside.iter().any(|path| is_outside(path)) {
            return None;
        }
        let leads = evaluator.leads(path);
        let (names, function) = service::named(evaluator, &leads)?;
        let path = format!("{GENERATED}{names}::{function}");
        Some(Value::term(&path, None, at))
    }

    fn call(
        &self,
        evaluator: &mut Evaluator<'_>,
        term: &Rc<Term>,
        args: &[Value],
        at: Place,
    ) -> Option<Value> {
        if let Some(rest) = term.path.strip_prefix(GENERATED) {
            let (names, function) = rest.rsplit_once("::")?;
            let services = known_services(evaluator, names);
            let made = mounted(evaluator, &services, args.first(), at);
            return Some(match args.get(1) {
                Some(interceptor) if function == "with_interceptor" => {
                    layered(evaluator, &made, interceptor, at)
                }
                _ => Value::Router(made),
            });
        }
        if let Some(name) = short(&term.path) {
            return match name.as_str() {
                "Server::builder" | "Server::default" => {
                    Some(evaluator.operate(SERVER, None, Op::New, at))
                }
                "Routes::default" => Some(evaluator.operate(ROUTES, None, Op::New, at)),
                "Routes::builder" | "RoutesBuilder::default" => {
                    Some(evaluator.operate(BUILDER, None, Op::New, at))
                }
                "Routes::new" | "Routes::from" => {
                    Some(with_service(evaluator, ROUTES, None, args.first()?, at))
                }
                "InterceptedService::new" => {
                    // A client is wrapped like a service, and serves nothing.
                    let [given, interceptor] = args else { return None };
                    match handle(given) {
                        Some(inner) => Some(layered(evaluator, &inner, interceptor, at)),
                        None if is_generated(evaluator, given) => {
                            Some(Value::term(INTERCEPTED, Some(args.to_vec()), at))
                        }
                        None => None,
                    }
                }
                _ => {
                    let (receiver, rest) = args.split_first()?;
                    let router = handle(receiver)?;
                    let name = name.rsplit(':').next()?;
                    let method = Method { name, generics: Vec::new(), args: rest.to_vec(), at };
                    self.router_kind(router.kind)?;
                    let place = match receiver {
                        Value::Ref(place) => Some(place),
                        _ => None,
                    };
                    Self::router_method(evaluator, place, &router, &method)
                }
            };
        }
        match &*term.path {
            "tonic_web::enable" => return args.first().cloned(),
            "tonic_health::server::health_reporter" => {
                let service = health(evaluator, at);
                return Some(Value::Tuple(Rc::new(vec![cell(Value::unknown()), cell(service)])));
            }
            path if path.starts_with("tonic_health::") && path.contains("HealthServer") => {
                return Some(health(evaluator, at));
            }
            _ => {}
        }
        // A server of a crate that is not in the tree, whose `.proto` file may be.
        let path: Vec<&str> = term.path.split("::").collect();
        let (service, true) = generated_type(&path)? else { return None };
        let name = service::outside(evaluator, service, &path);
        let services = known_services(evaluator, &name);
        let made = mounted(evaluator, &services, args.first(), at);
        Some(match args.get(1) {
            Some(interceptor) if term.path.ends_with("::with_interceptor") => {
                layered(evaluator, &made, interceptor, at)
            }
            _ => Value::Router(made),
        })
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
                Self::router_method(evaluator, Some(receiver), router, method)
            }
            Value::Router(router) if router.kind == axum::ROUTER && is_of_routes(method.name) => {
                let routes = Handle { kind: ROUTES, node: router.node.clone() };
                Self::router_method(evaluator, Some(receiver), &routes, method)
            }
            // A layer that is put around one service.
            Value::Term(_) if matches!(method.name, "named_layer" | "service") => {
                let inner = known_service(evaluator, method.args.first()?, method.at)?;
                (inner.kind == SERVICE).then(|| layered(evaluator, &inner, value, method.at))
            }
            Value::Term(term)
                if term.path.starts_with("tonic_web::") && method.name == "enable" =>
            {
                method.args.first().cloned()
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
