//! poem 1, 2 and 3.
//!
//! Everything is an endpoint: a route table, a method table, a `#[handler]` function and what a middleware makes of
//! any of them. A middleware wraps the endpoint it is given, so it covers what was added before.

mod endpoint;
mod path;

use std::rc::Rc;

pub use self::endpoint::{ENDPOINT, endpoint, extension};
use self::endpoint::{holds_paths, is_endpoint, wrap};
pub use self::path::spelled;
use super::{
    Framework,
    sample::{Laid, Sample, Taken},
};
use crate::{
    evaluate::{
        Evaluator,
        effect::Guards,
        method::Method,
        router::{Handle, Methods, Mount, Op, RouterKind, Way},
        text::Text,
        value::{Cell, Term, Value},
    },
    source::Place,
    syntax::tree::Expr,
};

/// The model of poem.
#[derive(Debug)]
pub struct Poem;

const ROUTE: RouterKind = "poem::Route";
const METHODS: RouterKind = "poem::RouteMethod";
const DOMAIN: RouterKind = "poem::RouteDomain";
const SCHEME: RouterKind = "poem::RouteScheme";

/// The method of that name, in either case.
pub(super) fn verb(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_uppercase().as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        "TRACE" => "TRACE",
        "CONNECT" => "CONNECT",
        _ => return None,
    })
}

/// What a `http::Method` is: a constant of it, or made from a known string.
pub(super) fn method_value(value: Option<&Value>) -> Methods {
    let known = match value.map(Value::bare) {
        Some(Value::Term(term)) => {
            let last = term.path.rsplit(':').next().unwrap_or("");
            match (&term.args, last) {
                (None, name) => verb(name),
                (Some(args), "from_bytes" | "from_str" | "try_from" | "from" | "parse") => {
                    return method_value(args.first());
                }
                _ => None,
            }
        }
        Some(Value::Str(text)) => text.exact().as_deref().and_then(verb),
        _ => None,
    };
    known.map_or(Methods::Unknown, |known| Methods::These(vec![known]))
}

/// The name of an item of poem, whichever of its modules it is reached through.
fn item(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("poem::")?;
    Some(
        ["route::", "endpoint::", "server::"]
            .iter()
            .find_map(|m| rest.strip_prefix(m))
            .unwrap_or(rest),
    )
}

/// Splits `poem::Route::new` into the router type and the method.
fn of_router(path: &str) -> Option<(RouterKind, &str)> {
    let (ty, name) = path.rsplit_once("::")?;
    Some((Poem.router_kind(ty)?, name))
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

/// How poem code looks.
const SAMPLE: Sample = Sample {
    krate: "poem",
    listed_as: None,
    handler: "ATTRIBUTES\n#[poem::handler]\npub async fn handler(PARAMETERS) { BODY }\n",
    served: "use poem::EndpointExt as _;\npub async fn serve() {\n    let _ = poem::Server::new(poem::listener::TcpListener::bind(\"127.0.0.1:0\")).run(ROUTER).await;\n}\n",
    route: "poem::Route::new().at(PATH, poem::VERB(handler))",
    router: "poem::Route",
    unknown: Some(
        "pub fn routes(path: &str) -> poem::Route {\n    poem::Route::new().at(path, poem::VERB(handler))\n}\n",
    ),
    layer: Some(Laid {
        over: "ROUTE.with(LAYER)",
        how: "beside",
        past: "poem::Route::new().at(\"/contract-check-beside\", poem::get(handler).with(LAYER)).at(PATH, poem::VERB(handler))",
    }),
    layer_made: None,
    layer_function: Some(Laid {
        over: "ROUTE.around(LAYER)",
        how: "beside",
        past: "poem::Route::new().at(\"/contract-check-beside\", poem::get(handler).around(LAYER)).at(PATH, poem::VERB(handler))",
    }),
    extractors: true,
    attributes: true,
    taken: &[
        Taken::router("Route", "poem::Route::new()"),
        Taken::new("RouteMethod", "poem::VERB(handler)", "poem::Route::new().at(PATH, CALL)"),
        Taken::new("Endpoint", "handler", "poem::Route::new().at(PATH, poem::VERB(CALL))"),
        Taken::new("IntoEndpoint", "handler", "poem::Route::new().at(PATH, poem::VERB(CALL))"),
    ],
};

impl Framework for Poem {
    fn name(&self) -> &'static str {
        "poem"
    }

    fn sample(&self) -> Option<&'static Sample> {
        Some(&SAMPLE)
    }

    fn lists_dropped(&self) -> bool {
        true
    }

    fn minds_slash(&self) -> bool {
        true
    }

    fn crates(&self) -> &'static [&'static str] {
        &["poem"]
    }

    fn knows(&self, path: &str) -> bool {
        self.router_kind(path).is_some()
            || of_router(path).is_some()
            || item(path).is_some_and(|item| {
                verb(item).is_some() && item.chars().all(char::is_lowercase)
                    || matches!(
                        item,
                        "handler" | "Endpoint" | "IntoEndpoint" | "Middleware" | "Server"
                    )
                    || item.starts_with("StaticFile")
                    || item.starts_with("EmbeddedFile")
                    || matches!(item, "make" | "make_sync")
            })
    }

    fn applies(&self, path: &str) -> bool {
        path.starts_with("poem::Middleware::combine")
            || path.starts_with("poem::middleware::Middleware::combine")
    }

    fn router_kind(&self, path: &str) -> Option<RouterKind> {
        Some(match item(path)? {
            "Route" => ROUTE,
            "RouteMethod" => METHODS,
            "RouteDomain" => DOMAIN,
            "RouteScheme" => SCHEME,
            "BoxEndpoint" => ENDPOINT,
            _ => return None,
        })
    }

    fn path(&self, written: &str) -> String {
        spelled(written)
    }

    fn call(
        &self,
        evaluator: &mut Evaluator<'_>,
        term: &Rc<Term>,
        args: &[Value],
        at: Place,
    ) -> Option<Value> {
        if let Some((kind, name)) = of_router(&term.path) {
            if matches!(name, "new" | "default") {
                return Some(evaluator.operate(kind, None, Op::New, at));
            }
            if let Some((receiver, rest)) = args.split_first()
                && let Some(router) = handle(receiver)
            {
                let method =
                    Method { name, generics: term.generics.clone(), args: rest.to_vec(), at };
                return router_method(evaluator, &router, &method);
            }
        }
        let item = item(&term.path)?;
        if let Some(name) = item.strip_prefix("EndpointExt::") {
            let (receiver, rest) = args.split_first()?;
            let method = Method { name, generics: term.generics.clone(), args: rest.to_vec(), at };
            return extension(evaluator, receiver, &method);
        }
        match item {
            "Middleware::transform" | "middleware::Middleware::transform" => {
                transformed(evaluator, args.first()?, args.get(1)?, at)
            }
            "Middleware::combine" | "Middleware::combine_if" => {
                let (first, rest) = args.split_first()?;
                let name = item.rsplit(':').next().unwrap_or(item);
                let generics = term.generics.clone();
                let method = Method { name, generics, args: rest.to_vec(), at };
                Some(combined(evaluator, first, &method))
            }
            // poem 0.x.
            "route" => Some(evaluator.operate(ROUTE, None, Op::New, at)),
            "test::TestClient::new" => {
                for arg in args {
                    evaluator.escape(arg);
                }
                Some(Value::unknown())
            }
            name => {
                let methods = Methods::These(vec![verb(name)?]);
                let given = args.first().cloned().unwrap_or_else(Value::unknown);
                Some(answer(evaluator, None, methods, &given, at))
            }
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
            Value::Router(router) if self.router_kind(router.kind).is_some() => {
                router_method(evaluator, router, method)
            }
            Value::Fn(_) | Value::Object(_) | Value::Term(_) if is_endpoint(evaluator, value) => {
                extension(evaluator, value, method)
            }
            Value::Object(_) | Value::Term(_) | Value::Tuple(_)
                if matches!(method.name, "combine" | "combine_if")
                    && endpoint::is_middleware(evaluator, value) =>
            {
                Some(combined(evaluator, value, method))
            }
            Value::Object(object) if method.name == "transform" => {
                endpoint::implements(evaluator, object.def, "Middleware")
                    .then(|| transformed(evaluator, value, method.args.first()?, method.at))
                    .flatten()
            }
            // A tower layer made into a middleware is what it was.
            Value::Object(_) | Value::Term(_)
                if method.name == "compat" && method.args.is_empty() =>
            {
                Some(value.clone())
            }
            Value::Term(term)
                if item(&term.path).is_some_and(|item| item.starts_with("Server::")) =>
            {
                for arg in &method.args {
                    serve(evaluator, arg, method.at);
                }
                Some(value.clone())
            }
            // A value of unknown type that is given an endpoint at a path can only be a route table.
            Value::Unknown(_) | Value::Term(_)
                if matches!(method.name, "at" | "nest" | "nest_no_strip") =>
            {
                let given = method.args.get(1).and_then(handle)?;
                self.router_kind(given.kind)?;
                let begun = evaluator.router_begun(value, ROUTE, method.at)?;
                router_method(evaluator, &begun, method)
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

/// What a middleware makes of an endpoint.
fn transformed(
    evaluator: &mut Evaluator<'_>,
    middleware: &Value,
    given: &Value,
    at: Place,
) -> Option<Value> {
    let method = Method { name: "with", generics: Vec::new(), args: vec![middleware.clone()], at };
    extension(evaluator, given, &method)
}

/// Two middlewares as one; of `combine_if`, the second only where it is enabled.
fn combined(evaluator: &mut Evaluator<'_>, first: &Value, method: &Method<'_>) -> Value {
    let mut all = vec![first.clone()];
    all.extend(method.args.last().cloned());
    let both = Value::Tuple(Rc::new(all.into_iter().map(crate::evaluate::value::cell).collect()));
    if method.name == "combine" {
        return both;
    }
    match method.args.first().map(Value::bare) {
        Some(Value::Bool(false)) => first.clone(),
        Some(Value::Bool(true)) => both,
        _ => evaluator.either(both, first.clone()),
    }
}

/// What a server is given to run: endpoints go out, other arguments are its settings.
fn serve(evaluator: &mut Evaluator<'_>, value: &Value, at: Place) {
    let value = value.bare();
    let app = whole(evaluator, &value, at);
    evaluator.serve("poem", app.as_ref().unwrap_or(&value));
}

/// An endpoint as it is served by itself: one without paths answers at all of them.
fn whole(evaluator: &mut Evaluator<'_>, value: &Value, at: Place) -> Option<Value> {
    if let Value::Alt(all) = value {
        let mut each: Vec<(Guards, Value)> = Vec::new();
        for (guards, value) in all.iter() {
            each.push((guards.clone(), whole(evaluator, &value.bare(), at)?));
        }
        return Some(evaluator.join(each));
    }
    let app = endpoint(evaluator, value, at)?;
    if holds_paths(&app) {
        return Some(Value::Router(app));
    }
    let op = Op::At { path: Text::known("/{*rest}"), inner: app.node, mount: Mount::Route };
    Some(evaluator.operate(ROUTE, None, op, at))
}

/// A method table, or a new one, that answers `methods` with `given`.
fn answer(
    evaluator: &mut Evaluator<'_>,
    router: Option<&Handle>,
    methods: Methods,
    given: &Value,
    at: Place,
) -> Value {
    // An endpoint under a method is reached by that method alone, whatever else it would answer.
    if let Value::Router(inner) = given.bare()
        && let Some(inner) = endpoint(evaluator, &Value::Router(inner), at)
    {
        let way = Way { path: Text::default(), methods, guards: Guards::default() };
        let only = evaluator.operate(METHODS, Some(&inner), Op::Within(vec![way]), at);
        let Value::Router(only) = only else { return only };
        return evaluator.operate(METHODS, router, Op::Merge(only.node), at);
    }
    let handler = endpoint::handler(evaluator, given);
    evaluator.operate(METHODS, router, Op::Handler { methods, handler, catch_all: false }, at)
}

/// A method of a route table, a method table or any other endpoint.
fn router_method(
    evaluator: &mut Evaluator<'_>,
    router: &Handle,
    method: &Method<'_>,
) -> Option<Value> {
    let at = method.at;
    let first = method.args.first();
    let second = || method.args.get(1).cloned().unwrap_or_else(Value::unknown);
    match (router.kind, method.name) {
        (ROUTE, "at" | "try_at") => {
            let mut path = path_text(first);
            mounted(evaluator, router, &mut path, &second(), at)
        }
        (ROUTE, "just_at") => {
            let given = first.cloned().unwrap_or_else(Value::unknown);
            mounted(evaluator, router, &mut Text::known("/"), &given, at)
        }
        (ROUTE, "nest" | "try_nest") => nested(evaluator, router, &path_text(first), &second(), at),
        (ROUTE, "nest_no_strip" | "try_nest_no_strip") => {
            let given = endpoint(evaluator, &second(), at);
            match given {
                Some(inner) if holds_paths(&inner) => {
                    Some(evaluator.operate(ROUTE, Some(router), Op::Merge(inner.node), at))
                }
                _ => nested(evaluator, router, &path_text(first), &second(), at),
            }
        }
        (METHODS, "method") => {
            Some(answer(evaluator, Some(router), method_value(first), &second(), at))
        }
        (METHODS, name) if verb(name).is_some() => {
            let methods = Methods::These(verb(name).into_iter().collect());
            let given = first.cloned().unwrap_or_else(Value::unknown);
            Some(answer(evaluator, Some(router), methods, &given, at))
        }
        (DOMAIN, "at" | "try_at") => {
            let host = path_text(first).shown("?");
            alternative(evaluator, router, &format!("host {host}"), &second(), at)
        }
        (SCHEME, "http" | "https" | "fallback") => {
            let given = first.cloned().unwrap_or_else(Value::unknown);
            alternative(evaluator, router, method.name, &given, at)
        }
        (SCHEME, "custom") => alternative(evaluator, router, "custom", &second(), at),
        _ => extension(evaluator, &Value::Router(router.clone()), method),
    }
}

/// `at`: the whole path is matched, nothing is taken off it.
fn mounted(
    evaluator: &mut Evaluator<'_>,
    router: &Handle,
    path: &mut Text,
    given: &Value,
    at: Place,
) -> Option<Value> {
    let inner = wrap(evaluator, given, at)?;
    let op = if holds_paths(&inner) {
        Op::Merge(inner.node)
    } else {
        Op::At { path: path.clone(), inner: inner.node, mount: Mount::Route }
    };
    Some(evaluator.operate(ROUTE, Some(router), op, at))
}

/// `nest`: the prefix is taken off; what has no paths of its own answers at the prefix and everywhere below.
fn nested(
    evaluator: &mut Evaluator<'_>,
    router: &Handle,
    path: &Text,
    given: &Value,
    at: Place,
) -> Option<Value> {
    if let Some(inner) = endpoint(evaluator, given, at) {
        let below = path.then(&Text::known("/{*rest}"));
        if holds_paths(&inner) {
            let op = Op::At { path: path.clone(), inner: inner.node, mount: Mount::Prefix };
            return Some(evaluator.operate(ROUTE, Some(router), op, at));
        }
        let op = Op::At { path: path.clone(), inner: inner.node.clone(), mount: Mount::Route };
        let here = handle(&evaluator.operate(ROUTE, Some(router), op, at))?;
        let op = Op::At { path: below, inner: inner.node, mount: Mount::Route };
        return Some(evaluator.operate(ROUTE, Some(&here), op, at));
    }
    let handler = Op::Handler { methods: Methods::Any, handler: given.clone(), catch_all: true };
    let inner = handle(&evaluator.operate(METHODS, None, handler, at))?;
    let op = Op::At {
        path: path.then(&Text::known("/{*rest}")),
        inner: inner.node,
        mount: Mount::Route,
    };
    Some(evaluator.operate(ROUTE, Some(router), op, at))
}

/// One of several endpoints, chosen by what the request is and not by its path.
fn alternative(
    evaluator: &mut Evaluator<'_>,
    router: &Handle,
    name: &str,
    given: &Value,
    at: Place,
) -> Option<Value> {
    let inner = wrap(evaluator, given, at)?;
    let guard = evaluator.choice(router.kind, name);
    let guards = Guards::default().with(guard).unwrap_or_default();
    let way = Way { path: Text::default(), methods: Methods::Any, guards };
    let chosen = handle(&evaluator.operate(inner.kind, Some(&inner), Op::Within(vec![way]), at))?;
    Some(evaluator.operate(router.kind, Some(router), Op::Merge(chosen.node), at))
}
