//! loco 0.8 to 1.2: lists of routes that hold axum's method routers, mounted by `AppRoutes`.
//!
//! A list has one prefix, whenever it is set; the prefix of the application counts for what is added after it. Slashes
//! fold and a last one goes. A layer wraps the routes of its list that were added before it.

use std::rc::Rc;

use super::{
    Framework, axum,
    sample::{Laid, Sample, Taken},
};
use crate::{
    evaluate::{
        Evaluator,
        method::Method,
        router::{Covers, Handle, Methods, Mount, Node, Op, RouterKind},
        text::Text,
        value::{Cell, Term, Value},
    },
    source::Place,
    syntax::tree::Expr,
};

/// The model of loco.
#[derive(Debug)]
pub struct Loco;

const ROUTES: RouterKind = "loco_rs::controller::Routes";
const APP: RouterKind = "loco_rs::controller::AppRoutes";
/// Under this kind nothing is mounted: its path is the prefix that its chain has from there on.
const PREFIX: RouterKind = "loco_rs::prefix";

fn handle(value: &Value) -> Option<Handle> {
    match value.bare() {
        Value::Router(handle) => Some(handle),
        _ => None,
    }
}

fn text(value: Option<&Value>) -> Text {
    value.and_then(Value::text).unwrap_or_else(Text::hole)
}

/// The prefix that was set last, and where.
fn prefix(node: &Rc<Node>) -> Option<(Text, Place)> {
    let mut next = Some(node);
    while let Some(node) = next {
        match &node.op {
            Op::At { path, inner, .. } if inner.kind == PREFIX => {
                return Some((path.clone(), node.site.at));
            }
            Op::Fork(arms) => {
                let mut ends = arms.iter().filter_map(|(_, end)| end.as_ref());
                if let Some(known) = ends.find_map(prefix) {
                    return Some(known);
                }
            }
            _ => {}
        }
        next = node.prev.as_ref();
    }
    None
}

fn with_prefix(
    evaluator: &mut Evaluator<'_>,
    to: Option<&Handle>,
    kind: RouterKind,
    path: Text,
    at: Place,
) -> Value {
    let nothing = evaluator.chain(PREFIX, None, Op::New, at);
    evaluator.operate(kind, to, Op::At { path, inner: nothing.node, mount: Mount::Prefix }, at)
}

/// `list` as it is served below `before`.
fn mounted(
    evaluator: &mut Evaluator<'_>,
    app: Option<&Handle>,
    before: Option<&Text>,
    list: &Handle,
    at: Place,
) -> Value {
    let (path, at) = match (before, prefix(&list.node)) {
        (Some(before), Some((own, at))) => (Some(before.then(&Text::known("/")).then(&own)), at),
        (None, Some((own, at))) => (Some(own), at),
        (before, None) => (before.cloned(), at),
    };
    let kind = app.map_or(ROUTES, |app| app.kind);
    let op = match path {
        Some(path) => Op::At { path, inner: list.node.clone(), mount: Mount::Prefix },
        None => Op::Merge(list.node.clone()),
    };
    evaluator.operate(kind, app, op, at)
}

/// The lists in a vector, or the one that is given.
fn lists(evaluator: &mut Evaluator<'_>, given: Option<&Value>, at: Place) -> Vec<Handle> {
    match given.map(Value::bare) {
        Some(Value::Router(list)) => vec![list],
        Some(Value::List(all)) => {
            if all.open {
                evaluator.gap_at(at, "which routes are added here is not known");
            }
            all.items.iter().filter_map(handle).collect()
        }
        _ => {
            evaluator.gap_at(at, "what routes are added here is not known");
            Vec::new()
        }
    }
}

/// One handler of a list.
fn add(
    evaluator: &mut Evaluator<'_>,
    list: &Handle,
    path: Text,
    given: &Handle,
    at: Place,
) -> Value {
    let op = Op::At { path, inner: given.node.clone(), mount: Mount::Route };
    evaluator.operate(ROUTES, Some(list), op, at)
}

fn routes_method(
    evaluator: &mut Evaluator<'_>,
    list: &Handle,
    method: &Method<'_>,
) -> Option<Value> {
    let (at, args) = (method.at, &method.args);
    match method.name {
        "prefix" => Some(with_prefix(evaluator, Some(list), ROUTES, text(args.first()), at)),
        "add" => {
            let given = args.get(1).and_then(handle).unwrap_or_else(|| {
                let handler = args.get(1).cloned().unwrap_or_else(Value::unknown);
                let op = Op::Handler { methods: Methods::Unknown, handler, catch_all: false };
                evaluator.chain(axum::METHODS, None, op, at)
            });
            Some(add(evaluator, list, text(args.first()), &given, at))
        }
        "merge" | "merge_all" => {
            // Their handlers without their prefix.
            let mut all = list.clone();
            for other in lists(evaluator, args.first(), at) {
                all = evaluator.chain(ROUTES, Some(&all), Op::Merge(other.node), at);
            }
            Some(Value::Router(all))
        }
        "nest" => {
            let inner = args.get(1).and_then(handle)?;
            Some(add(evaluator, list, text(args.first()), &inner, at))
        }
        "layer" => {
            let op = Op::Layer { layer: args.first()?.clone(), covers: Covers::Before };
            Some(evaluator.operate(ROUTES, Some(list), op, at))
        }
        "clone" | "into" => Some(Value::Router(list.clone())),
        name => {
            let methods = axum::verb(name)?;
            let handler = args.get(1).cloned().unwrap_or_else(Value::unknown);
            let op = Op::Handler { methods, handler, catch_all: false };
            let given = evaluator.chain(axum::METHODS, None, op, at);
            Some(add(evaluator, list, text(args.first()), &given, at))
        }
    }
}

fn app_method(evaluator: &mut Evaluator<'_>, app: &Handle, method: &Method<'_>) -> Option<Value> {
    let (at, args) = (method.at, &method.args);
    let outer = prefix(&app.node).map(|(path, _)| path);
    let nested = |path: Text| match &outer {
        Some(outer) => outer.then(&Text::known("/")).then(&path),
        None => path,
    };
    let (before, given) = match method.name {
        "prefix" => return Some(with_prefix(evaluator, Some(app), APP, text(args.first()), at)),
        "nest_prefix" => {
            let path = nested(text(args.first()));
            return Some(with_prefix(evaluator, Some(app), APP, path, at));
        }
        "add_route" | "add_routes" => (outer.clone(), args.first()),
        "nest_route" | "nest_routes" => (Some(nested(text(args.first()))), args.get(1)),
        "clone" => return Some(Value::Router(app.clone())),
        "collect" | "get_routes" | "get_prefix" | "middlewares" => return Some(Value::unknown()),
        "to_router" => {
            evaluator.escape(&Value::Router(app.clone()));
            return args.get(1).cloned();
        }
        _ => return None,
    };
    let mut all = app.clone();
    for list in lists(evaluator, given, at) {
        all = handle(&mounted(evaluator, Some(&all), before.as_ref(), &list, at))?;
    }
    Some(Value::Router(all))
}

/// axum's item behind one that loco's prelude also exports.
fn of_axum(path: &str) -> Option<String> {
    let name = path.strip_prefix("loco_rs::prelude::")?;
    axum::verb(name).map(|_| format!("axum::routing::{name}"))
}

/// How loco code looks.
const SAMPLE: Sample = Sample {
    krate: "loco_rs",
    listed_as: Some("axum"),
    handler: "ATTRIBUTES\npub async fn handler(PARAMETERS) { BODY }\n",
    served: "pub struct Canary;\nimpl loco_rs::app::Hooks for Canary {\n    fn routes(_: &loco_rs::app::AppContext) -> loco_rs::controller::AppRoutes {\n        loco_rs::controller::AppRoutes::empty().add_route(ROUTER)\n    }\n}\n",
    route: "loco_rs::controller::Routes::new().add(PATH, loco_rs::prelude::VERB(handler))",
    router: "loco_rs::controller::Routes",
    unknown: Some(
        "pub struct Canary;\nimpl loco_rs::app::Hooks for Canary {\n    fn routes(path: &str) -> loco_rs::controller::AppRoutes {\n        loco_rs::controller::AppRoutes::empty().add_route(loco_rs::controller::Routes::new().add(path, loco_rs::prelude::VERB(handler)))\n    }\n}\n",
    ),
    layer: Some(Laid {
        over: "ROUTE.layer(LAYER)",
        how: "added after",
        past: "loco_rs::controller::Routes::new().layer(LAYER).add(PATH, loco_rs::prelude::VERB(handler))",
    }),
    layer_made: None,
    layer_function: Some(Laid {
        over: "ROUTE.layer(axum::middleware::from_fn(LAYER))",
        how: "added after",
        past: "loco_rs::controller::Routes::new().layer(axum::middleware::from_fn(LAYER)).add(PATH, loco_rs::prelude::VERB(handler))",
    }),
    extractors: true,
    attributes: true,
    taken: &[
        Taken::router("Routes", "loco_rs::controller::Routes::new()"),
        Taken::new(
            "MethodRouter",
            "loco_rs::prelude::VERB(handler)",
            "loco_rs::controller::Routes::new().add(PATH, CALL)",
        ),
    ],
};

impl Framework for Loco {
    fn name(&self) -> &'static str {
        "loco"
    }

    fn sample(&self) -> Option<&'static Sample> {
        Some(&SAMPLE)
    }

    fn crates(&self) -> &'static [&'static str] {
        &["loco_rs"]
    }

    fn knows(&self, path: &str) -> bool {
        let owner = path.rsplit_once("::").map(|(owner, _)| owner);
        self.router_kind(path).is_some()
            || owner.is_some_and(|owner| self.router_kind(owner).is_some())
            || of_axum(path).is_some()
    }

    fn router_kind(&self, path: &str) -> Option<RouterKind> {
        Some(match path {
            ROUTES | "loco_rs::prelude::Routes" | "loco_rs::controller::routes::Routes" => ROUTES,
            APP | "loco_rs::prelude::AppRoutes" | "loco_rs::controller::app_routes::AppRoutes" => {
                APP
            }
            _ => return None,
        })
    }

    fn join(&self, prefix: &str, inner: &str) -> String {
        let mut all = String::from("/");
        for segment in prefix.split('/').chain(inner.split('/')).filter(|s| !s.is_empty()) {
            if !all.ends_with('/') {
                all.push('/');
            }
            all.push_str(segment);
        }
        all
    }

    fn alone(&self, evaluator: &mut Evaluator<'_>, router: &Handle) -> Option<Handle> {
        if router.kind != ROUTES {
            return None;
        }
        handle(&mounted(evaluator, None, None, router, router.node.site.at))
    }

    fn call(
        &self,
        evaluator: &mut Evaluator<'_>,
        term: &Rc<Term>,
        args: &[Value],
        at: Place,
    ) -> Option<Value> {
        if let Some(path) = of_axum(&term.path) {
            let term = Rc::new(Term { path: path.into(), ..(**term).clone() });
            return axum::Axum.call(evaluator, &term, args, at);
        }
        let (owner, name) = term.path.rsplit_once("::")?;
        let kind = self.router_kind(owner)?;
        match name {
            "new" | "default" | "empty" => Some(evaluator.operate(kind, None, Op::New, at)),
            "at" if kind == ROUTES => {
                Some(with_prefix(evaluator, None, ROUTES, text(args.first()), at))
            }
            "with_default_routes" => {
                let mut app = evaluator.chain(APP, None, Op::New, at);
                for path in ["/_ping", "/_health"] {
                    let op = Op::Handler {
                        methods: Methods::These(vec!["GET"]),
                        handler: Value::unknown(),
                        catch_all: false,
                    };
                    let inner = evaluator.chain(axum::METHODS, None, op, at).node;
                    let op = Op::At { path: Text::known(path), inner, mount: Mount::Route };
                    app = evaluator.chain(APP, Some(&app), op, at);
                }
                Some(Value::Router(app))
            }
            name => {
                let (receiver, rest) = args.split_first()?;
                let router = handle(receiver)?;
                let method = Method { name, generics: Vec::new(), args: rest.to_vec(), at };
                if kind == APP {
                    app_method(evaluator, &router, &method)
                } else {
                    routes_method(evaluator, &router, &method)
                }
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
            Value::Router(list) if list.kind == ROUTES => routes_method(evaluator, list, method),
            Value::Router(app) if app.kind == APP => app_method(evaluator, app, method),
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
