//! actix-web 4 with actix-files, paperclip, apistos and utoipa-actix-web; ntex, which has the same shape, shares it.
//!
//! `wrap` on an `App`, `Scope` or `Resource` wraps all of it, whatever the order; on a `Route` it wraps the handler
//! that is there already, and a later `to` replaces that. A path is put behind its scope's as it stands, with a slash
//! in front where it has none.

mod attribute;
mod guard;
mod mount;
mod outside;
mod pattern;
mod router;
mod sample;
mod service;

use std::rc::Rc;

use super::{Framework, sample::Sample};
use crate::{
    evaluate::{
        Evaluator,
        effect::Guards,
        method::Method,
        router::{Handle, Methods, Mount, Op, RouterKind, Way},
        text::Text,
        value::{Cell, List, Term, Value, cell},
    },
    source::Place,
    syntax::tree::Expr,
};

/// The model of a framework of actix-web's shape.
#[derive(Debug)]
pub struct Actix {
    name: &'static str,
    crates: &'static [&'static str],
    /// What stands before the names of its items; the longest first.
    roots: &'static [&'static str],
    app: RouterKind,
    scope: RouterKind,
    resource: RouterKind,
    route: RouterKind,
    config: RouterKind,
    service: RouterKind,
    files: RouterKind,
    sample: &'static Sample,
    /// Whether the slash at the end of a scope's path is part of it no more when something follows.
    trims: bool,
}

/// actix-web itself.
pub const ACTIX_WEB: Actix = Actix {
    name: "actix-web",
    crates: &[
        "actix_web",
        "actix_web_codegen",
        "actix_files",
        "paperclip",
        "paperclip_actix",
        "apistos",
        "utoipa_actix_web",
    ],
    roots: &[
        "actix_web::",
        "actix_web_codegen::",
        "paperclip::actix::",
        "paperclip_actix::",
        "apistos::",
        "utoipa_actix_web::",
    ],
    app: "actix_web::App",
    scope: "actix_web::Scope",
    resource: "actix_web::Resource",
    route: "actix_web::Route",
    config: "actix_web::web::ServiceConfig",
    service: "actix_web::dev::AppService",
    files: "actix_files::Files",
    sample: &sample::ACTIX_WEB,
    trims: false,
};

/// ntex.
pub const NTEX: Actix = Actix {
    name: "ntex",
    crates: &["ntex", "ntex_macros", "ntex_files"],
    roots: &["ntex::", "ntex_macros::web_", "ntex_macros::"],
    app: "ntex::web::App",
    scope: "ntex::web::Scope",
    resource: "ntex::web::Resource",
    route: "ntex::web::Route",
    config: "ntex::web::ServiceConfig",
    service: "ntex::web::dev::WebServiceConfig",
    files: "ntex_files::Files",
    sample: &sample::NTEX,
    trims: true,
};

/// The method that a function, guard or attribute of that name stands for.
fn verb(name: &str) -> Option<&'static str> {
    Some(match name {
        "get" => "GET",
        "post" => "POST",
        "put" => "PUT",
        "patch" => "PATCH",
        "delete" => "DELETE",
        "head" => "HEAD",
        "options" => "OPTIONS",
        "connect" => "CONNECT",
        "trace" => "TRACE",
        "query" => "QUERY",
        _ => return None,
    })
}

fn handle(value: &Value) -> Option<Handle> {
    match value.bare() {
        Value::Router(handle) => Some(handle),
        _ => None,
    }
}

fn text(value: Option<&Value>) -> Text {
    value.and_then(Value::text).unwrap_or_else(Text::hole)
}

/// One path, or each of several.
fn texts(value: Option<&Value>) -> Vec<Text> {
    let each = match value.map(Value::bare) {
        Some(Value::List(list)) if !list.open => list.items.clone(),
        Some(Value::Tuple(parts)) => parts.iter().map(|part| part.borrow().clone()).collect(),
        _ => return vec![text(value)],
    };
    each.iter().map(|one| text(Some(one))).collect()
}

/// Nothing but these methods reaches what is in a router.
fn only(methods: Methods) -> Op {
    Op::Within(vec![Way { path: Text::default(), methods, guards: Guards::default() }])
}

/// Whether an operation only keeps methods away.
fn is_guard(op: &Op) -> bool {
    matches!(op, Op::Within(ways) if ways.iter().all(|way| way.path.pieces().is_empty()))
}

impl Actix {
    /// The name of an item without its crate and without `web::`.
    fn item<'p>(&self, path: &'p str) -> Option<&'p str> {
        let rest = self.roots.iter().find_map(|root| path.strip_prefix(root))?;
        Some(rest.strip_prefix("web::").unwrap_or(rest))
    }

    /// Splits `actix_web::Scope::new` into the router type and the function.
    fn of_router<'p>(&self, path: &'p str) -> Option<(RouterKind, &'p str)> {
        let (ty, name) = path.rsplit_once("::")?;
        Some((self.kind(ty)?, name))
    }

    fn kind(&self, path: &str) -> Option<RouterKind> {
        if path == self.files || path == "actix_files::files::Files" && self.name == "actix-web" {
            return Some(self.files);
        }
        Some(match self.item(path)? {
            "App" | "app::App" | "UtoipaApp" => self.app,
            "Scope" | "scope::Scope" => self.scope,
            "Resource" | "resource::Resource" | "Redirect" | "WebService" => self.resource,
            "Route" | "route::Route" => self.route,
            "ServiceConfig" | "service_config::ServiceConfig" => self.config,
            "dev::AppService" | "dev::WebServiceConfig" => self.service,
            _ => return None,
        })
    }

    fn empty(&self, evaluator: &mut Evaluator<'_>, kind: RouterKind, at: Place) -> Option<Handle> {
        handle(&evaluator.operate(kind, None, Op::New, at))
    }

    fn under(
        &self,
        evaluator: &mut Evaluator<'_>,
        kind: RouterKind,
        paths: Vec<Text>,
        at: Place,
    ) -> Option<Value> {
        let made = self.empty(evaluator, kind, at)?;
        let ways = paths.into_iter().map(|path| Way {
            path,
            methods: Methods::Any,
            guards: Guards::default(),
        });
        Some(evaluator.operate(kind, Some(&made), Op::Within(ways.collect()), at))
    }

    /// A `Route` that answers `methods`, with its handler if there is one yet.
    fn route_of(
        &self,
        evaluator: &mut Evaluator<'_>,
        methods: Methods,
        handler: Option<&Value>,
        at: Place,
    ) -> Option<Handle> {
        let mut route = self.empty(evaluator, self.route, at)?;
        if methods != Methods::Any {
            route = handle(&evaluator.operate(self.route, Some(&route), only(methods), at))?;
        }
        if let Some(handler) = handler {
            let op =
                Op::Handler { methods: Methods::Any, handler: handler.clone(), catch_all: false };
            route = handle(&evaluator.operate(self.route, Some(&route), op, at))?;
        }
        Some(route)
    }

    /// A constructor of a router type.
    fn made(
        &self,
        evaluator: &mut Evaluator<'_>,
        kind: RouterKind,
        args: &[Value],
        at: Place,
    ) -> Option<Value> {
        if kind == self.scope || kind == self.resource {
            let made = self.under(evaluator, kind, texts(args.first()), at)?;
            return Some(made);
        }
        if kind == self.files {
            let made = handle(&self.under(evaluator, kind, vec![text(args.first())], at)?)?;
            return self.rest(evaluator, &made, Methods::These(vec!["GET"]), Value::unknown(), at);
        }
        Some(evaluator.operate(kind, None, Op::New, at))
    }

    /// Everything that nothing else in `router` answers.
    fn rest(
        &self,
        evaluator: &mut Evaluator<'_>,
        router: &Handle,
        methods: Methods,
        handler: Value,
        at: Place,
    ) -> Option<Value> {
        let op = Op::Handler { methods, handler, catch_all: true };
        let inner = handle(&evaluator.operate(self.route, None, op, at))?.node;
        let op = Op::At { path: Text::known("/{*rest}"), inner, mount: Mount::Route };
        Some(evaluator.operate(router.kind, Some(router), op, at))
    }

    /// A server was given the function that makes its application.
    fn serve(&self, evaluator: &mut Evaluator<'_>, factory: &Value, at: Place) {
        if factory.is_callable() {
            if let Ok(made) = evaluator.call(factory, Vec::new(), at) {
                evaluator.let_serve(&made);
            }
        } else {
            evaluator.let_serve(factory);
        }
    }
}

impl Framework for Actix {
    fn name(&self) -> &'static str {
        self.name
    }

    fn sample(&self) -> Option<&'static Sample> {
        Some(self.sample)
    }

    // What ntex does with it is not known.
    fn minds_slash(&self) -> bool {
        self.name == "actix-web"
    }

    fn crates(&self) -> &'static [&'static str] {
        self.crates
    }

    fn knows(&self, path: &str) -> bool {
        self.kind(path).is_some()
            || self.of_router(path).is_some()
            || self.item(path).is_some_and(|item| {
                verb(item).is_some()
                    || item.starts_with("guard::")
                    || item.starts_with("http::Method")
                    || matches!(
                        item,
                        "route"
                            | "routes"
                            | "to"
                            | "method"
                            | "scope"
                            | "scope::scope"
                            | "resource"
                            | "service"
                            | "services"
                            | "redirect"
                            | "server"
                            | "HttpServer"
                            | "HttpServer::new"
                            | "dev::HttpServiceFactory"
                    )
            })
    }

    fn router_kind(&self, path: &str) -> Option<RouterKind> {
        self.kind(path)
    }

    // The item that a route attribute makes is `pub` unless the feature `compat-routing-macros-force-pub` is left out.
    fn publishes(&self, attribute: &str) -> bool {
        let name = self.item(attribute);
        name.is_some_and(|name| verb(name).is_some() || matches!(name, "route" | "routes"))
    }

    fn has_own_path(&self, kind: RouterKind) -> bool {
        kind == self.scope || kind == self.resource
    }

    fn path(&self, written: &str) -> String {
        pattern::in_our_spelling(written)
    }

    fn join(&self, prefix: &str, inner: &str) -> String {
        let mut all = prefix.to_owned();
        if inner == "/{*rest}" || (self.trims && !inner.is_empty()) {
            all.truncate(all.trim_end_matches('/').len());
        }
        if !inner.is_empty() && !inner.starts_with('/') && !inner.starts_with("{?}") {
            all.push('/');
        }
        all.push_str(inner);
        all
    }

    fn applies(&self, path: &str) -> bool {
        self.item(path).is_some_and(|item| {
            item.starts_with("middleware::from_fn")
                || item.starts_with("middleware::Compat")
                || item.starts_with("middleware::map_")
        }) || path.starts_with("actix_web_lab::middleware::from_fn")
            || path.starts_with("actix_web_lab::middleware::map_")
            || path.starts_with("actix_web_httpauth::middleware::HttpAuthentication::")
    }

    fn call(
        &self,
        evaluator: &mut Evaluator<'_>,
        term: &Rc<Term>,
        args: &[Value],
        at: Place,
    ) -> Option<Value> {
        let item = self.item(&term.path).unwrap_or("");
        if item != "Redirect::new"
            && let Some((kind, name)) = self.of_router(&term.path)
        {
            if let Some((receiver, rest)) = args.split_first()
                && let Some(router) = handle(receiver)
            {
                let place = cell(receiver.clone());
                let method =
                    Method { name, generics: term.generics.clone(), args: rest.to_vec(), at };
                return self.router_method(evaluator, &place, &router, &method);
            }
            return matches!(name, "new" | "default" | "with" | "from")
                .then(|| self.made(evaluator, kind, args, at))?;
        }
        match item {
            "HttpServer::new" | "server" | "HttpServer::build" | "dev::Server::build" => {
                self.serve(evaluator, args.first()?, at);
                Some(Value::Term(Rc::new(Term { args: Some(Vec::new()), at, ..(**term).clone() })))
            }
            "test::init_service" | "test::server" | "test::start" => {
                self.serve(evaluator, args.first()?, at);
                Some(Value::unknown())
            }
            "dev::HttpServiceFactory::register" | "dev::WebServiceFactory::register" => {
                let (service, config) = (args.first()?, args.get(1)?);
                let Value::Ref(place) = config else { return None };
                let router = handle(config)?;
                self.mount(evaluator, place, &router, service, at);
                Some(Value::Unit)
            }
            "scope" | "scope::scope" => match args.first().and_then(handle) {
                Some(given) => Some(Value::Router(given)),
                None => self.under(evaluator, self.scope, texts(args.first()), at),
            },
            "resource" | "service" => self.under(evaluator, self.resource, texts(args.first()), at),
            "redirect" | "Redirect::new" => {
                let made = self.under(evaluator, self.resource, texts(args.first()), at)?;
                let handler = Value::term(&term.path, Some(args.to_vec()), at);
                let op = Op::Handler { methods: Methods::Any, handler, catch_all: false };
                Some(evaluator.operate(self.resource, Some(&handle(&made)?), op, at))
            }
            "route" => self.route_of(evaluator, Methods::Any, None, at).map(Value::Router),
            "to" => self.route_of(evaluator, Methods::Any, args.first(), at).map(Value::Router),
            "method" => {
                let methods = guard::method(args.first());
                self.route_of(evaluator, methods, None, at).map(Value::Router)
            }
            item if args.is_empty() => {
                let methods = Methods::These(vec![verb(item)?]);
                self.route_of(evaluator, methods, None, at).map(Value::Router)
            }
            _ => None,
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
                self.router_method(evaluator, receiver, router, method)
            }
            // `handler.register(config)`, as a service of the tree registers what it is made of.
            Value::Fn(_) | Value::Tuple(_) if method.name == "register" => {
                let given = method.args.first()?;
                let Value::Ref(place) = given else { return None };
                let router = handle(given).filter(|router| router.kind == self.service)?;
                self.mount(evaluator, place, &router, value, method.at);
                Some(Value::Unit)
            }
            Value::Unknown(_) | Value::Term(_) => self.asked(evaluator, receiver, value, method),
            _ => None,
        }
    }

    fn macro_call(
        &self,
        evaluator: &mut Evaluator<'_>,
        path: &str,
        args: &[Expr],
        _at: Place,
    ) -> Option<Value> {
        if self.item(path) != Some("services") {
            return None;
        }
        let items = args
            .iter()
            .map(|arg| evaluator.eval(arg).unwrap_or_else(|_| Value::unknown()))
            .collect();
        Some(Value::List(Rc::new(List { items, ..List::default() })))
    }
}
