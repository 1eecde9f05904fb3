//! Rocket 0.4 and 0.5, with `rocket_okapi`.
//!
//! A handler's attribute makes a route of it, `routes![]` a vector of routes, and `mount` registers them under a base.
//! A fairing covers the whole server whatever the order; one that runs at ignition is given the server and may mount
//! more. A catcher answers every method below its base. Request guards are parameters of the handler and need no model.

mod catchers;
mod okapi;
mod routes;

use std::{cell::Cell as StdCell, rc::Rc};

use self::okapi::{OKAPI, OKAPI_CRATES, okapi_item};
use super::{
    Framework,
    sample::{Laid, Sample, Taken},
};
use crate::{
    evaluate::{
        Evaluator,
        attribute::Attribute,
        method::Method,
        router::{Covers, Handle, Mount, Op, RouterKind},
        text::Text,
        value::{Cell, Term, Value, cell},
    },
    source::Place,
    syntax::tree::{Expr, ExprKind, Lit},
};

/// The model of Rocket.
#[derive(Debug)]
pub struct Rocket;

const ROCKET: RouterKind = "rocket::Rocket";
const ROUTE: RouterKind = "rocket::Route";
/// The method that routes of other crates answer, where it is only one: files, pages, preflights.
fn answers(path: &str) -> Option<&'static str> {
    let (krate, item) = path.split_once("::")?;
    let starts = |all: &[&str]| all.iter().any(|one| item.starts_with(one));
    match krate {
        "rocket" if starts(&["fs::FileServer"]) => Some("GET"),
        "rocket_contrib" if starts(&["serve::StaticFiles"]) => Some("GET"),
        "rocket_prometheus" if starts(&["PrometheusMetrics"]) => Some("GET"),
        "rocket_cors" if starts(&["catch_all_options_routes"]) => Some("OPTIONS"),
        _ if OKAPI_CRATES.contains(&krate) => {
            starts(&["swagger_ui", "rapidoc", "redoc"]).then_some("GET")
        }
        _ if super::documentation::is_of_pages(krate) => Some("GET"),
        _ => None,
    }
}

/// Splits `rocket::Rocket::mount` into the type and the method.
fn of_router(path: &str) -> Option<(RouterKind, &str)> {
    let (ty, name) = path.rsplit_once("::")?;
    Some((Rocket.router_kind(ty)?, name))
}

/// The name of a constructor of `AdHoc`.
fn ad_hoc(path: &str) -> Option<&str> {
    path.strip_prefix("rocket::fairing::AdHoc::")
}

fn handle(value: &Value) -> Option<Handle> {
    match value.bare() {
        Value::Router(handle) => Some(handle),
        _ => None,
    }
}

/// The server in what a fairing gives back: itself, or `Ok` of it.
fn server_in(evaluator: &mut Evaluator<'_>, value: &Value) -> Option<Value> {
    match value.bare() {
        Value::Router(handle) if handle.kind == ROCKET => Some(Value::Router(handle)),
        Value::Term(term) if term.path.starts_with("std::") => {
            let inner = term.args.as_ref()?.first()?.clone();
            server_in(evaluator, &inner)
        }
        Value::Alt(all) => {
            let mut found = Vec::new();
            for (guards, value) in all.iter() {
                if let Some(server) = server_in(evaluator, value) {
                    found.push((guards.clone(), server));
                }
            }
            (!found.is_empty()).then(|| evaluator.join(found))
        }
        _ => None,
    }
}

/// A path up to its query.
fn without_query(text: &Text) -> Text {
    let ended = StdCell::new(false);
    text.map(|piece| {
        if ended.get() {
            return String::new();
        }
        match piece.split_once('?') {
            Some((path, _)) => {
                ended.set(true);
                path.to_owned()
            }
            None => piece.to_owned(),
        }
    })
}

fn path_text(value: Option<&Value>) -> Text {
    without_query(&value.and_then(Value::text).unwrap_or_else(Text::hole))
}

/// What a fairing does to the server it is attached to.
fn attach(evaluator: &mut Evaluator<'_>, server: &Handle, fairing: &Value, at: Place) -> Value {
    let given = Value::Router(server.clone());
    let mut ignite = |evaluator: &mut Evaluator<'_>, fairing: &Value| {
        let made = match fairing.bare() {
            Value::Term(term) if ad_hoc(&term.path).is_some_and(is_stage) => {
                let stage = term.args.iter().flatten().next_back().cloned();
                let stage = stage.unwrap_or_else(Value::unknown);
                Some(evaluator.call(&stage, vec![given.clone()], at))
            }
            bare => {
                let head = evaluator.type_of(&bare).head();
                let own = ["on_ignite", "on_attach"].into_iter().find(|name| {
                    head.as_ref()
                        .is_some_and(|head| !evaluator.program.assoc_of(head, name).is_empty())
                });
                own.map(|name| {
                    let args = vec![given.clone()];
                    let method = Method { name, generics: Vec::new(), args, at };
                    evaluator.method(&cell(bare), method)
                })
            }
        };
        let Some(made) = made else { return given.clone() };
        let made = made.map(|made| evaluator.awaited(made));
        let server = made.ok().and_then(|made| server_in(evaluator, &made));
        server.unwrap_or_else(|| {
            evaluator.gap_at(at, "what this fairing does to the server is not known");
            given.clone()
        })
    };
    let ignited = evaluator.each_way(fairing, &mut ignite);
    let prev = handle(&ignited).unwrap_or_else(|| server.clone());
    let op = Op::Layer { layer: fairing.clone(), covers: Covers::Whole };
    evaluator.operate(ROCKET, Some(&prev), op, at)
}

/// Whether an ad-hoc fairing is given the server before it starts.
fn is_stage(name: &str) -> bool {
    matches!(name, "on_ignite" | "try_on_ignite" | "on_attach")
}

/// A method of the server.
fn server_method(
    evaluator: &mut Evaluator<'_>,
    server: &Handle,
    method: &Method<'_>,
) -> Option<Value> {
    let at = method.at;
    let arg = method.args.first();
    Some(match method.name {
        "mount" => {
            let base = path_text(arg);
            let given = method.args.get(1).cloned().unwrap_or_else(Value::unknown);
            let mut mount = |evaluator: &mut Evaluator<'_>, given: &Value| {
                let inner = routes::taken(evaluator, given, at);
                let op = Op::At { path: base.clone(), inner, mount: Mount::Route };
                evaluator.operate(ROCKET, Some(server), op, at)
            };
            evaluator.each_way(&given, &mut mount)
        }
        "attach" => attach(evaluator, server, arg?, at),
        "register" => {
            let given = method.args.get(1).cloned().unwrap_or_else(Value::unknown);
            catchers::registered(evaluator, server, &path_text(arg), &given, at)
        }
        // Of version 0.4.
        "catch" => catchers::registered(evaluator, server, &Text::known("/"), arg?, at),
        "launch" => {
            evaluator.let_serve(&Value::Router(server.clone()));
            Value::unknown()
        }
        "manage" | "configure" | "reconfigure" | "ignite" | "clone" | "inspect" => {
            Value::Router(server.clone())
        }
        "state" | "config" | "figment" | "routes" | "catchers" | "shutdown" | "endpoints" => {
            Value::unknown()
        }
        _ => return None,
    })
}

/// A method of a single route.
fn route_method(
    evaluator: &mut Evaluator<'_>,
    route: &Handle,
    method: &Method<'_>,
) -> Option<Value> {
    let given = method.args.first();
    let base = match method.name {
        "map_base" => {
            let root = vec![Value::Str(Text::known("/"))];
            evaluator.call(given?, root, method.at).ok().and_then(|made| made.text())
        }
        "rebase" => given?.text(),
        "clone" | "into_route" => return Some(Value::Router(route.clone())),
        _ => return None,
    };
    let path = without_query(&base.unwrap_or_else(Text::hole));
    let op = Op::At { path, inner: route.node.clone(), mount: Mount::Route };
    Some(evaluator.operate(ROUTE, None, op, method.at))
}

/// How Rocket code looks.
const SAMPLE: Sample = Sample {
    krate: "rocket",
    listed_as: None,
    handler: "ATTRIBUTES\n#[rocket::VERB(PATH)]\npub async fn handler(PARAMETERS) { BODY }\n",
    served: "pub fn serve() -> rocket::Rocket<rocket::Build> {\n    ROUTER\n}\n",
    route: "rocket::build().mount(\"/\", rocket::routes![handler])",
    router: "rocket::Rocket<rocket::Build>",
    unknown: None,
    layer: Some(Laid {
        over: "ROUTE.attach(LAYER)",
        how: "of another server than",
        past: "{ let _other = rocket::build().attach(LAYER); ROUTE }",
    }),
    layer_made: None,
    layer_function: Some(Laid {
        over: "ROUTE.attach(rocket::fairing::AdHoc::on_request(\"canary\", LAYER))",
        how: "of another server than",
        past: "{ let _other = rocket::build().attach(rocket::fairing::AdHoc::on_request(\"canary\", LAYER)); ROUTE }",
    }),
    extractors: true,
    attributes: true,
    taken: &[
        Taken::router("Rocket", "rocket::build()"),
        Taken::new("Vec", "rocket::routes![handler]", "rocket::build().mount(\"/\", CALL)"),
    ],
};

impl Framework for Rocket {
    fn name(&self) -> &'static str {
        "rocket"
    }

    fn sample(&self) -> Option<&'static Sample> {
        Some(&SAMPLE)
    }

    fn crates(&self) -> &'static [&'static str] {
        &["rocket", "rocket_okapi", "revolt_rocket_okapi", "rocket_contrib", "rocket_codegen"]
    }

    fn knows(&self, path: &str) -> bool {
        if self.router_kind(path).is_some() || of_router(path).is_some() {
            return true;
        }
        if path == "rocket::fairing::AdHoc" || ad_hoc(path).is_some() {
            return true;
        }
        let Some((krate, name)) = path.split_once("::") else { return false };
        match krate {
            "rocket" | "rocket_codegen" => {
                routes::verb(name).is_some()
                    || matches!(name, "route" | "routes" | "catchers" | "uri")
                    || matches!(name, "build" | "custom" | "ignite" | "launch" | "main")
                    || name.starts_with("fs::FileServer")
                    || name
                        .strip_prefix("http::Method::")
                        .is_some_and(|m| routes::verb(m).is_some())
            }
            _ if OKAPI_CRATES.contains(&krate) => {
                name.starts_with("__") || OKAPI.iter().any(|(known, _)| *known == name)
            }
            _ => false,
        }
    }

    fn router_kind(&self, path: &str) -> Option<RouterKind> {
        Some(match path {
            "rocket::Rocket" | "rocket::rocket::Rocket" => ROCKET,
            "rocket::Route" | "rocket::route::Route" | "rocket::router::Route" => ROUTE,
            _ => return None,
        })
    }

    fn path(&self, written: &str) -> String {
        let segments = written.split('/').map(|segment| {
            match segment.strip_prefix('<').and_then(|segment| segment.strip_suffix('>')) {
                Some(name) => match name.strip_suffix("..") {
                    Some(name) => format!("{{*{name}}}"),
                    None => format!("{{{name}}}"),
                },
                None => segment.to_owned(),
            }
        });
        segments.collect::<Vec<_>>().join("/")
    }

    /// Empty segments, a trailing one too, are dropped: `Origin::into_normalized` in Rocket 0.5.1.
    fn join(&self, prefix: &str, inner: &str) -> String {
        let whole = format!("{prefix}/{inner}");
        let mut all = String::with_capacity(whole.len());
        for (at, segment) in whole.split('/').filter(|segment| !segment.is_empty()).enumerate() {
            // Unknown text in front may be empty, or hold slashes of its own.
            if at > 0 || !segment.starts_with("{?}") {
                all.push('/');
            }
            all.push_str(segment);
        }
        if all.is_empty() { "/".to_owned() } else { all }
    }

    fn tells_apart(&self) -> bool {
        true
    }

    fn is_read(&self, attribute: &Attribute, parameter: &str) -> bool {
        routes::is_read(attribute, parameter)
    }

    fn applies(&self, path: &str) -> bool {
        ad_hoc(path).is_some()
    }

    fn is_part(&self, kind: RouterKind) -> bool {
        kind == ROUTE
    }

    fn call(
        &self,
        evaluator: &mut Evaluator<'_>,
        term: &Rc<Term>,
        args: &[Value],
        at: Place,
    ) -> Option<Value> {
        if let Some((kind, name)) = of_router(&term.path) {
            if let Some((receiver, rest)) = args.split_first()
                && let Some(router) = handle(receiver)
            {
                let method =
                    Method { name, generics: term.generics.clone(), args: rest.to_vec(), at };
                return self.method(
                    evaluator,
                    &cell(receiver.clone()),
                    &Value::Router(router),
                    &method,
                );
            }
            return match (kind, name, args) {
                (ROCKET, "build" | "custom" | "ignite" | "default", _) => {
                    Some(evaluator.operate(ROCKET, None, Op::New, at))
                }
                (ROUTE, "new", [method, path, handler, ..])
                | (ROUTE, "ranked", [_, method, path, handler, ..]) => {
                    let methods = routes::methods(method);
                    let path = path_text(Some(path));
                    Some(routes::route(evaluator, methods, path, handler.clone(), at))
                }
                _ => None,
            };
        }
        if let Some(handler) = catchers::made(&term.path, args) {
            return Some(handler);
        }
        if ad_hoc(&term.path).is_some() {
            // Its function runs where the fairing is attached.
            let made = Term { args: Some(args.to_vec()), at, ..(**term).clone() };
            return Some(Value::Term(Rc::new(made)));
        }
        match &*term.path {
            "rocket::build" | "rocket::custom" | "rocket::ignite" => {
                Some(evaluator.operate(ROCKET, None, Op::New, at))
            }
            path if path.starts_with("rocket::http::uri::Origin::")
                || path.starts_with("rocket::http::uri::Path::") =>
            {
                args.first().and_then(Value::text).map(Value::Str)
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
            Value::Router(router) if router.kind == ROCKET => {
                server_method(evaluator, router, method)
            }
            Value::Router(router) if router.kind == ROUTE => {
                route_method(evaluator, router, method)
            }
            // A value of unknown type under whose base routes are mounted can only be a server.
            Value::Unknown(_) | Value::Term(_)
                if method.name == "mount" && method.args.len() == 2 =>
            {
                if !method.args.last().is_some_and(routes::holds_routes) {
                    return None;
                }
                let begun = evaluator.router_begun(value, ROCKET, method.at)?;
                server_method(evaluator, &begun, method)
            }
            _ => None,
        }
    }

    fn with_field(
        &self,
        evaluator: &mut Evaluator<'_>,
        router: &Handle,
        name: &str,
        value: &Value,
    ) -> Option<Value> {
        (router.kind == ROUTE && name == "method")
            .then(|| routes::with_methods(evaluator, &router.node, &routes::methods(value)))
            .flatten()
            .map(Value::Router)
    }

    fn macro_rules(&self, path: &str) -> Option<&'static str> {
        let name = okapi_item(path)?;
        OKAPI.iter().find(|(known, _)| *known == name).map(|(_, rules)| *rules)
    }

    fn macro_call(
        &self,
        evaluator: &mut Evaluator<'_>,
        path: &str,
        args: &[Expr],
        at: Place,
    ) -> Option<Value> {
        match path {
            "rocket::routes" | "rocket_codegen::routes" => {
                Some(Value::list(routes::of_handlers(evaluator, args, at)))
            }
            "rocket::catchers" | "rocket_codegen::catchers" => {
                Some(Value::list(routes::named(evaluator, args)))
            }
            "rocket::uri" | "rocket_codegen::uri" => {
                // With a handler or arguments it is the address of a route, which is not looked into.
                let whole = match args {
                    [only] if matches!(only.kind, ExprKind::Lit(Lit::Str(_))) => {
                        evaluator.eval(only).ok().and_then(|value| value.text())
                    }
                    _ => None,
                };
                Some(Value::Str(whole.unwrap_or_else(Text::hole)))
            }
            _ => {
                let name = okapi_item(path)?;
                let mut all = routes::of_handlers(evaluator, args, at);
                match name {
                    "__documented" => {
                        all.push(routes::document(evaluator, at));
                        Some(Value::list(all))
                    }
                    "__routes" => Some(Value::list(all)),
                    _ => None,
                }
            }
        }
    }
}
