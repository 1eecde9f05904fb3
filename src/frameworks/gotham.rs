//! gotham 0.7.
//!
//! Routes are drawn into a builder that closures are given by mutable reference; a call such as `route.get("/x")` is
//! half a route until `to` and its like say what answers. A pipeline wraps all that is drawn under it.

use std::rc::Rc;

use super::{
    Framework,
    sample::{Laid, Sample, Taken},
};
use crate::{
    evaluate::{
        Evaluator,
        method::Method,
        router::{Covers, Handle, Methods, Mount, Op, RouterKind},
        target_of,
        text::Text,
        value::{Cell, Term, Value, cell},
    },
    source::Place,
    syntax::tree::Expr,
};

/// The model of gotham.
#[derive(Debug)]
pub struct Gotham;

const ROUTER: RouterKind = "gotham::router::Router";
/// Half a route: the builder, the path, the methods.
const HALF: &str = "gotham::router::builder::SingleRoute";
const PIPELINE: &str = "gotham::pipeline::Pipeline";

fn verb(name: &str) -> Option<Vec<&'static str>> {
    Some(match name.to_ascii_lowercase().as_str() {
        "get" => vec!["GET"],
        "get_or_head" => vec!["GET", "HEAD"],
        "post" => vec!["POST"],
        "put" => vec!["PUT"],
        "patch" => vec!["PATCH"],
        "delete" => vec!["DELETE"],
        "head" => vec!["HEAD"],
        "options" => vec!["OPTIONS"],
        _ => return None,
    })
}

/// The methods of `vec![Method::GET, …]`.
fn methods(value: Option<&Value>) -> Methods {
    let Some(Value::List(list)) = value.map(Value::bare) else { return Methods::Unknown };
    let mut all = Vec::new();
    for item in &list.items {
        let Value::Term(term) = item.bare() else { return Methods::Unknown };
        let Some(these) = verb(term.path.rsplit(':').next().unwrap_or("")) else {
            return Methods::Unknown;
        };
        all.extend(these);
    }
    if list.open { Methods::Unknown } else { Methods::These(all) }
}

fn path_text(value: Option<&Value>) -> Text {
    value.and_then(Value::text).unwrap_or_else(Text::hole)
}

fn handle(value: &Value) -> Option<Handle> {
    match value.bare() {
        Value::Router(handle) if handle.kind == ROUTER => Some(handle),
        _ => None,
    }
}

fn term(path: &str, args: Vec<Value>, at: Place) -> Value {
    Value::term(path, Some(args), at)
}

/// What `draw` draws into a builder of its own.
fn drawn(evaluator: &mut Evaluator<'_>, draw: Option<&Value>, at: Place) -> Handle {
    let start = evaluator.chain(ROUTER, None, Op::New, at);
    let place = cell(Value::Router(start.clone()));
    if let Some(draw) = draw
        && evaluator.call(draw, vec![Value::Ref(place.clone())], at).is_err()
    {
        evaluator.gap_at(at, "what is drawn here is not known");
    }
    let held = place.borrow().clone();
    handle(&held).unwrap_or(start)
}

/// Adds an operation to the builder in `place`.
fn add(evaluator: &mut Evaluator<'_>, place: &Cell, op: Op, at: Place) -> Option<Value> {
    let before = handle(&place.borrow())?;
    let after = evaluator.operate(ROUTER, Some(&before), op, at);
    evaluator.write(place, after.clone());
    Some(after)
}

/// A method of a builder.
fn builder_method(
    evaluator: &mut Evaluator<'_>,
    receiver: &Cell,
    method: &Method<'_>,
) -> Option<Value> {
    let at = method.at;
    let place = target_of(receiver);
    let arg = method.args.first();
    let half = |path: Text, methods: Methods| {
        let methods = match methods {
            Methods::These(these) => {
                Value::list(these.iter().map(|one| Value::Str(Text::known(one))).collect())
            }
            _ => Value::unknown(),
        };
        Some(term(HALF, vec![Value::Ref(place.clone()), Value::Str(path), methods], at))
    };
    match method.name {
        // In an association the path is already said.
        name if verb(name).is_some() => {
            let path = if arg.is_some() { path_text(arg) } else { Text::default() };
            half(path, Methods::These(verb(name)?))
        }
        "request" => {
            let path = method.args.get(1).map_or_else(Text::default, |path| path_text(Some(path)));
            half(path, methods(arg))
        }
        "delegate" | "delegate_without_pipelines" => half(path_text(arg), Methods::Any),
        "scope" | "associate" => {
            let inner = drawn(evaluator, method.args.get(1), at).node;
            let op = Op::At { path: path_text(arg), inner, mount: Mount::Prefix };
            add(evaluator, &place, op, at)?;
            Some(Value::Unit)
        }
        "with_pipeline_chain" => {
            let inner = drawn(evaluator, method.args.get(1), at);
            let op = Op::Layer { layer: arg?.clone(), covers: Covers::Whole };
            let inner = evaluator.chain(ROUTER, Some(&inner), op, at);
            add(evaluator, &place, Op::Merge(inner.node), at)?;
            Some(Value::Unit)
        }
        "add_response_extender"
        | "add_route_matcher"
        | "with_path_extractor"
        | "with_query_string_extractor" => Some(Value::Ref(place)),
        "clone" => Some(place.borrow().clone()),
        _ => None,
    }
}

/// A method of half a route.
fn half_method(
    evaluator: &mut Evaluator<'_>,
    half: &Rc<Term>,
    method: &Method<'_>,
) -> Option<Value> {
    let at = method.at;
    let [Value::Ref(place), path, methods] = half.args.as_deref()? else { return None };
    let files = matches!(method.name, "to_dir" | "to_file");
    let inner = match method.name {
        "to" | "to_async" | "to_async_borrowing" | "to_new_handler" | "to_dir" | "to_file" => {
            let methods = match methods {
                Value::List(list) => Methods::These(
                    list.items
                        .iter()
                        .filter_map(|item| verb(&item.text()?.exact()?))
                        .flatten()
                        .collect(),
                ),
                _ => Methods::Unknown,
            };
            let handler = if files { Value::unknown() } else { method.args.first()?.clone() };
            let op = Op::Handler { methods, handler, catch_all: false };
            evaluator.chain(ROUTER, None, op, half.at).node
        }
        "to_router" => {
            if let Some(router) = method.args.first().and_then(handle) {
                router.node
            } else {
                let handler = method.args.first().cloned().unwrap_or_else(Value::unknown);
                let op = Op::Handler { methods: Methods::Any, handler, catch_all: true };
                let inner = evaluator.chain(ROUTER, None, op, at).node;
                let op = Op::At { path: Text::known("/*rest"), inner, mount: Mount::Prefix };
                evaluator.chain(ROUTER, None, op, at).node
            }
        }
        "with_path_extractor" | "with_query_string_extractor" | "add_route_matcher" => {
            return Some(Value::Term(half.clone()));
        }
        _ => return None,
    };
    let mount = if method.name == "to_router" { Mount::Prefix } else { Mount::Route };
    let op = Op::At { path: path_text(Some(path)), inner, mount };
    add(evaluator, place, op, half.at)
}

/// The handler that `|| Ok(handler)` gives for each request, as a router: it answers every path.
fn created(evaluator: &mut Evaluator<'_>, create: &Value, at: Place) -> Option<Value> {
    let (Value::Fn(_) | Value::Closure(_)) = create.bare() else { return None };
    let made = evaluator.call(create, Vec::new(), at).ok()?.bare();
    let handler = match &made {
        Value::Term(term) if term.path.ends_with("::Ok") => term.args.as_deref()?.first()?.bare(),
        _ => made,
    };
    if handle(&handler).is_some() {
        return Some(handler);
    }
    let op = Op::Handler { methods: Methods::Any, handler, catch_all: true };
    let inner = evaluator.chain(ROUTER, None, op, at).node;
    let op = Op::At { path: Text::known("/*rest"), inner, mount: Mount::Fallback };
    Some(evaluator.operate(ROUTER, None, op, at))
}

/// Pipelines as the middlewares in them.
fn pipeline(name: &str, args: &[Value], at: Place) -> Option<Value> {
    let tuple = |parts: Vec<Value>| Value::Tuple(Rc::new(parts.into_iter().map(cell).collect()));
    Some(match (name, args) {
        ("new_pipeline", _) => term(PIPELINE, Vec::new(), at),
        ("single_pipeline", [one]) => {
            tuple(vec![tuple(vec![one.clone(), Value::Unit]), Value::unknown()])
        }
        ("single_middleware", [one]) => {
            let one = term(PIPELINE, vec![one.clone()], at);
            tuple(vec![tuple(vec![one, Value::Unit]), Value::unknown()])
        }
        _ => return None,
    })
}

/// How gotham code looks.
const SAMPLE: Sample = Sample {
    krate: "gotham",
    listed_as: None,
    handler: "ATTRIBUTES\npub fn handler(state: gotham::state::State) -> (gotham::state::State, &'static str) { BODY (state, \"\") }\n",
    served: "use gotham::prelude::*;\npub fn serve() {\n    let _ = gotham::start(\"127.0.0.1:0\", ROUTER);\n}\n",
    route: "gotham::router::build_simple_router(|route| { route.VERB(PATH).to(handler); })",
    router: "gotham::router::Router",
    unknown: Some(
        "use gotham::prelude::*;\npub fn serve(path: String) {\n    let _ = gotham::start(\"127.0.0.1:0\", gotham::router::build_simple_router(|route| { route.VERB(&path).to(handler); }));\n}\n",
    ),
    layer: Some(Laid {
        over: "{ let (chain, pipelines) = gotham::pipeline::single_pipeline(gotham::pipeline::new_pipeline().add(LAYER).build()); gotham::router::build_router(chain, pipelines, |route| { route.VERB(PATH).to(handler); }) }",
        how: "of another router than",
        past: "{ let _made = gotham::pipeline::new_pipeline().add(LAYER).build(); ROUTE }",
    }),
    layer_made: None,
    layer_function: None,
    extractors: false,
    attributes: true,
    taken: &[
        Taken {
            ty: "ScopeBuilder",
            value: "route",
            empty: "route",
            router: "gotham::router::build_simple_router(|route| { CALL; })",
            served: None,
        },
        Taken {
            ty: "RouterBuilder",
            value: "route",
            empty: "route",
            router: "gotham::router::build_simple_router(|route| { CALL; })",
            served: None,
        },
        Taken::new(
            "Handler",
            "handler",
            "gotham::router::build_simple_router(|route| { route.VERB(PATH).to(CALL); })",
        ),
    ],
};

impl Framework for Gotham {
    fn name(&self) -> &'static str {
        "gotham"
    }

    fn sample(&self) -> Option<&'static Sample> {
        Some(&SAMPLE)
    }

    fn crates(&self) -> &'static [&'static str] {
        &["gotham"]
    }

    fn knows(&self, path: &str) -> bool {
        let last = path.rsplit(':').next().unwrap_or(path);
        path.starts_with("gotham::")
            && (self.router_kind(path).is_some()
                || path == PIPELINE
                || matches!(last, "build_router" | "build_simple_router" | "builder")
                || matches!(last, "new_pipeline" | "single_pipeline" | "single_middleware")
                || matches!(last, "new_pipeline_set" | "finalize_pipeline_set")
                || matches!(last, "start" | "start_with_num_threads" | "init_server"))
    }

    fn router_kind(&self, path: &str) -> Option<RouterKind> {
        let name = path.strip_prefix("gotham::router::")?;
        let name = name.strip_prefix("builder::").unwrap_or(name);
        matches!(
            name,
            "Router"
                | "RouterBuilder"
                | "ScopeBuilder"
                | "DrawRoutes"
                | "DefineSingleRoute"
                | "AssociatedRouteBuilder"
        )
        .then_some(ROUTER)
    }

    fn lists_dropped(&self) -> bool {
        true
    }

    fn applies(&self, path: &str) -> bool {
        path == PIPELINE
    }

    fn path(&self, written: &str) -> String {
        let segments = written.split('/').map(|segment| match segment.split_at_checked(1) {
            // `:id:[0-9]+`
            Some((":", name)) => format!("{{{}}}", name.split(':').next().unwrap_or(name)),
            Some(("*", name)) => format!("{{*{}}}", name.split(':').next().unwrap_or(name)),
            _ => segment.to_owned(),
        });
        segments.collect::<Vec<_>>().join("/")
    }

    fn call(
        &self,
        evaluator: &mut Evaluator<'_>,
        called: &Rc<Term>,
        args: &[Value],
        at: Place,
    ) -> Option<Value> {
        if !called.path.starts_with("gotham::") {
            return None;
        }
        let name = called.path.rsplit(':').next().unwrap_or("");
        match name {
            "build_simple_router" => Some(Value::Router(drawn(evaluator, args.first(), at))),
            "build_router" => {
                let router = drawn(evaluator, args.get(2), at);
                let op = Op::Layer { layer: args.first()?.clone(), covers: Covers::Whole };
                Some(evaluator.operate(ROUTER, Some(&router), op, at))
            }
            "builder" if self.router_kind(called.path.rsplit_once("::")?.0).is_some() => {
                Some(evaluator.operate(ROUTER, None, Op::New, at))
            }
            "start" | "start_with_num_threads" | "init_server" | "bind_server" => {
                for arg in args {
                    let app = created(evaluator, arg, at);
                    evaluator.serve("gotham", app.as_ref().unwrap_or(arg));
                }
                Some(Value::unknown())
            }
            name => pipeline(name, args, at),
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
            Value::Router(router) if router.kind == ROUTER => {
                builder_method(evaluator, receiver, method)
            }
            Value::Term(half) if &*half.path == HALF => half_method(evaluator, half, method),
            Value::Term(pipeline) if &*pipeline.path == PIPELINE => match method.name {
                "add" => {
                    let mut all = pipeline.args.clone().unwrap_or_default();
                    all.extend(method.args.first().cloned());
                    Some(term(PIPELINE, all, method.at))
                }
                "build" => Some(value.clone()),
                _ => None,
            },
            // `pipelines.add(pipeline)`: the set, and what stands for the pipeline in chains.
            _ if method.name == "add" => {
                let [given] = method.args.as_slice() else { return None };
                let Value::Term(pipeline) = given.bare() else { return None };
                (&*pipeline.path == PIPELINE).then(|| {
                    let parts = vec![cell(value.clone()), cell(given.clone())];
                    Value::Tuple(Rc::new(parts))
                })
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
