//! rwf: controllers at paths, by `route!`, `rest!`, `crud!` and the methods that these stand for.
//!
//! A controller's middleware runs before it, but not where the controller is reached through an engine, which asks it
//! for nothing but its answer.

mod controller;

use std::rc::Rc;

use self::controller::{implements, mounted};
use super::{
    Framework,
    poem::verb,
    sample::{Sample, Taken},
};
use crate::{
    evaluate::{
        Evaluator,
        method::Method,
        router::{Handle, Mount, Op, RouterKind},
        value::{Cell, Term, Value},
    },
    link::types::Ty,
    source::Place,
    syntax::tree::Expr,
};

/// The model of rwf.
#[derive(Debug)]
pub struct Rwf;

const HANDLER: RouterKind = "rwf::http::Handler";
const ENGINE: RouterKind = "rwf::http::Engine";
const SERVER: RouterKind = "rwf::http::Server";

/// What the macros stand for.
const MACROS: [(&str, &str); 4] = [
    ("route", "($path:expr => $it:ty) => { rwf::http::Handler::route($path, <$it>::default()) };"),
    ("rest", "($path:expr => $it:ty) => { rwf::http::Handler::rest($path, <$it>::default()) };"),
    ("crud", "($path:expr => $it:ty) => { rwf::http::Handler::rest($path, <$it>::default()) };"),
    ("engine", "($path:expr => $it:expr) => { $it.remount($path).wildcard($path) };"),
];

fn handle(value: &Value) -> Option<Handle> {
    match value.bare() {
        Value::Router(handle) => Some(handle),
        _ => None,
    }
}

fn last(path: &str) -> &str {
    path.rsplit(':').next().unwrap_or(path)
}

fn is_ours(path: &str) -> bool {
    path.starts_with("rwf::") || path.starts_with("rwf_macros::")
}
/// How rwf code looks.
const SAMPLE: Sample = Sample {
    krate: "rwf",
    listed_as: None,
    handler: "#[derive(Default)]\npub struct Canary;\nimpl rwf::controller::Controller for Canary {\n    async fn handle(&self, _: &rwf::http::Request) -> Result<rwf::http::Response, rwf::controller::Error> { BODY Ok(rwf::http::Response::new()) }\n}\n",
    served: "pub async fn serve() {\n    let _ = rwf::http::Server::new(ROUTER).launch().await;\n}\n",
    route: "vec![rwf::route!(PATH => Canary)]",
    router: "Vec<rwf::http::Handler>",
    unknown: Some(
        "pub async fn serve(path: &'static str) {\n    let _ = rwf::http::Server::new(vec![rwf::route!(path => Canary)]).launch().await;\n}\n",
    ),
    layer: None,
    layer_made: None,
    layer_function: None,
    extractors: false,
    attributes: false,
    taken: &[
        Taken::router("Vec", "vec![]"),
        Taken::new("Handler", "rwf::route!(PATH => Canary)", "vec![CALL]"),
    ],
};

impl Framework for Rwf {
    fn name(&self) -> &'static str {
        "rwf"
    }

    fn sample(&self) -> Option<&'static Sample> {
        Some(&SAMPLE)
    }

    fn crates(&self) -> &'static [&'static str] {
        &["rwf", "rwf_macros"]
    }

    fn knows(&self, path: &str) -> bool {
        is_ours(path)
            && (self.router_kind(path).is_some()
                || ["Server::new", "Engine::new", "Handler::new"]
                    .iter()
                    .any(|end| path.ends_with(end))
                || matches!(
                    last(path),
                    "route" | "rest" | "crud" | "engine" | "Controller" | "Middleware"
                ))
    }

    fn is_part(&self, kind: RouterKind) -> bool {
        matches!(kind, HANDLER | ENGINE)
    }

    fn router_kind(&self, path: &str) -> Option<RouterKind> {
        let rest = path.strip_prefix("rwf::")?;
        Some(match rest {
            "http::Handler" | "http::handler::Handler" | "prelude::Handler" => HANDLER,
            "http::Engine"
            | "controller::Engine"
            | "controller::engine::Engine"
            | "prelude::Engine" => ENGINE,
            "http::Server" | "http::server::Server" => SERVER,
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
        if !is_ours(&term.path) {
            return None;
        }
        let (owner, name) = term.path.rsplit_once("::")?;
        match (last(owner), name) {
            ("Server", "new") => {
                let server = handle(&evaluator.operate(SERVER, None, Op::New, at))?;
                let all = gathered(evaluator, server, args.first()?, at);
                evaluator.serve("rwf", &all);
                Some(Value::Term(Rc::new(Term { args: Some(Vec::new()), ..(**term).clone() })))
            }
            ("Engine", "new") => {
                let engine = handle(&evaluator.operate(ENGINE, None, Op::New, at))?;
                Some(gathered(evaluator, engine, args.first()?, at))
            }
            ("Handler", "new") => {
                let how = match args.get(2).map(Value::bare) {
                    Some(Value::Term(how)) => last(&how.path).to_ascii_lowercase(),
                    _ => "wildcard".to_owned(),
                };
                Some(mounted(evaluator, &how, args.first(), args.get(1)?, at))
            }
            ("Handler", "route" | "wildcard" | "rest") => {
                Some(mounted(evaluator, name, args.first(), args.get(1)?, at))
            }
            // A set is the list that it is made of, and a middleware in it is itself.
            ("MiddlewareSet", "new" | "without_default")
            | ("MiddlewareHandler", "new")
            | ("Middleware", "middleware") => args.first().cloned(),
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
        if let Value::Router(router) = value {
            if router.kind != HANDLER && router.kind != ENGINE {
                return None;
            }
            return match method.name {
                "name" | "with_rank" | "remount" | "auth" | "clone" => {
                    Some(Value::Router(router.clone()))
                }
                "wildcard" | "route" => {
                    let path = method.args.first().and_then(Value::text)?;
                    let inner = router.node.clone();
                    let op = Op::At { path, inner, mount: Mount::Prefix };
                    Some(evaluator.operate(HANDLER, None, op, method.at))
                }
                _ => None,
            };
        }
        let mounts = matches!(method.name, "route" | "wildcard" | "rest" | "crud");
        if let Value::Term(term) = value
            && mounts
            && term.path.starts_with("rwf::")
            && term.path.contains("Controller")
        {
            // A controller of rwf's own: `WsgiController::new("app").wildcard("/")`.
            return Some(mounted(evaluator, method.name, method.args.first(), value, method.at));
        }
        let Ty::Def(def, _) = evaluator.type_of(value) else { return None };
        match method.name {
            _ if mounts && implements(evaluator, def, "Controller") => {
                Some(mounted(evaluator, method.name, method.args.first(), value, method.at))
            }
            "middleware" if implements(evaluator, def, "Middleware") => Some(value.clone()),
            _ => None,
        }
    }

    fn macro_rules(&self, path: &str) -> Option<&'static str> {
        let name = is_ours(path).then(|| last(path))?;
        MACROS.iter().find(|(known, _)| *known == name).map(|(_, rules)| *rules)
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

/// Puts handlers, or a list of them, into an engine or a server.
fn gathered(evaluator: &mut Evaluator<'_>, engine: Handle, given: &Value, at: Place) -> Value {
    let kind = engine.kind;
    match given.bare() {
        Value::Router(inner) => {
            let node = if kind == ENGINE { controller::bare(&inner.node) } else { inner.node };
            evaluator.operate(kind, Some(&engine), Op::Merge(node), at)
        }
        Value::List(list) => {
            if list.open {
                evaluator.gap_at(at, "not all handlers of this engine are known");
            }
            list.items.iter().fold(Value::Router(engine), |all, item| match all {
                Value::Router(all) => gathered(evaluator, all, item, at),
                other => other,
            })
        }
        _ => {
            evaluator.gap_at(at, "the handlers of this engine are not known");
            Value::Router(engine)
        }
    }
}
