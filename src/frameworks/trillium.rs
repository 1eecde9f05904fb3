//! trillium 0.2 to 1: a router is a handler among handlers.
//!
//! A tuple of handlers runs in order until one of them halts, so what stands before a router, or before what answers a
//! route, is a layer around it. A router that answers a path ending in `*` sees what is behind it.
//! Source: <https://docs.rs/trillium-router>, <https://docs.rs/trillium/latest/trillium/trait.Handler.html>.

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
        value::{Cell, Term, Value},
    },
    source::Place,
    syntax::tree::Expr,
};

/// The model of trillium.
#[derive(Debug)]
pub struct Trillium;

const ROUTER: RouterKind = "trillium_router::Router";
/// What a server of each runtime is started by.
const RUNTIMES: [&str; 4] =
    ["trillium_tokio", "trillium_smol", "trillium_async_std", "trillium_aws_lambda"];

fn verb(name: &str) -> Option<&'static str> {
    let verbs = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT", "TRACE"];
    verbs.into_iter().find(|verb| verb.eq_ignore_ascii_case(name))
}

/// The methods that a value stands for: `Method::Post`, `"post"`, several of them, or all for `()`.
fn methods(value: &Value) -> Methods {
    let one = |value: &Value| match value.bare() {
        Value::Term(term) => verb(term.path.rsplit(':').next().unwrap_or_default()),
        Value::Str(text) => text.exact().and_then(|text| verb(&text)),
        _ => None,
    };
    let all = match value.bare() {
        Value::Unit => return Methods::Any,
        Value::List(list) if list.open => return Methods::Unknown,
        Value::List(list) => list.items.iter().map(one).collect::<Option<Vec<_>>>(),
        value => one(&value).map(|one| vec![one]),
    };
    all.map_or(Methods::Unknown, Methods::These)
}

/// Puts what stands before something around it, the first outermost.
fn laid(evaluator: &mut Evaluator<'_>, inner: Handle, before: &[Value], at: Place) -> Handle {
    before.iter().rev().fold(inner, |inner, layer| {
        let op = Op::Layer { layer: layer.clone(), covers: Covers::Whole };
        evaluator.chain(ROUTER, Some(&inner), op, at)
    })
}

/// The handlers of a tuple, nested ones among them, in the order in which they run.
fn sequence(value: &Value, into: &mut Vec<Value>) {
    match value.bare() {
        Value::Tuple(parts) => parts.iter().for_each(|part| sequence(&part.borrow(), into)),
        Value::List(list) => list.items.iter().for_each(|item| sequence(item, into)),
        value => into.push(value),
    }
}

/// The routers in a handler, each with what runs before it; `None` when there is none.
fn routers(evaluator: &mut Evaluator<'_>, handler: &Value, at: Place) -> Option<Handle> {
    let mut all = Vec::new();
    sequence(handler, &mut all);
    let mut made: Option<Handle> = None;
    for (position, one) in all.iter().enumerate() {
        let Value::Router(router) = one else {
            // `Some(router)` and the like answer too; what stands before them there is not told.
            if one.holds_routers() {
                evaluator.escape(one);
            }
            continue;
        };
        let before = all.get(..position).unwrap_or_default();
        let before: Vec<Value> =
            before.iter().filter(|one| !matches!(one, Value::Router(_))).cloned().collect();
        let inner = laid(evaluator, router.clone(), &before, at);
        made = Some(match made {
            Some(all) => evaluator.chain(ROUTER, Some(&all), Op::Merge(inner.node), at),
            None => inner,
        });
    }
    made
}

/// What a server is given to run: its routers, and what answers where they do not.
fn served(evaluator: &mut Evaluator<'_>, handler: &Value, at: Place) -> Option<Handle> {
    let made = routers(evaluator, handler, at);
    let mut all = Vec::new();
    sequence(handler, &mut all);
    let Some(last @ (Value::Fn(_) | Value::Closure(_) | Value::Object(_))) = all.pop() else {
        return made;
    };
    if matches!(last, Value::Object(_)) {
        // What it holds may have routers too.
        evaluator.escape(&last);
    }
    all.retain(|one| !matches!(one, Value::Router(_)));
    let op = Op::Handler { methods: Methods::Any, handler: last, catch_all: true };
    let inner = evaluator.chain(ROUTER, None, op, at);
    let inner = laid(evaluator, inner, &all, at).node;
    let op = Op::At { path: Text::known("/*"), inner, mount: Mount::Fallback };
    Some(evaluator.chain(ROUTER, made.as_ref(), op, at))
}

/// A router with one more route, or one more router under a path.
fn routed(
    evaluator: &mut Evaluator<'_>,
    before: &Handle,
    (methods, path, handler): (Methods, Option<&Value>, Option<&Value>),
    at: Place,
) -> Handle {
    let path = path.and_then(Value::text).unwrap_or_else(Text::hole);
    let handler = handler.cloned().unwrap_or_else(Value::unknown);
    let op = if let Some(inner) = routers(evaluator, &handler, at) {
        let shown = path.shown("{?}");
        let open = shown.strip_suffix('*').map(|before| before.trim_end_matches('/').len());
        let mount = if open.is_some() { Mount::Prefix } else { Mount::Route };
        let path = match path.exact() {
            Some(whole) => {
                Text::literal(whole.get(..open.unwrap_or(whole.len())).unwrap_or(&whole), at)
            }
            None => path,
        };
        Op::At { path, inner: inner.node, mount }
    } else {
        let mut all = Vec::new();
        sequence(&handler, &mut all);
        let handler = all.pop().unwrap_or_else(Value::unknown);
        let op = Op::Handler { methods, handler, catch_all: false };
        let inner = evaluator.chain(ROUTER, None, op, at);
        let inner = laid(evaluator, inner, &all, at);
        Op::At { path, inner: inner.node, mount: Mount::Route }
    };
    evaluator.chain(ROUTER, Some(before), op, at)
}

/// How trillium code looks.
const SAMPLE: Sample = Sample {
    krate: "trillium_router",
    listed_as: None,
    handler: "pub async fn handler(conn: trillium::Conn) -> trillium::Conn { BODY conn.ok(\"\") }\n",
    served: "pub fn serve() {\n    trillium_tokio::run(ROUTER);\n}\n",
    route: "trillium_router::Router::new().VERB(PATH, handler)",
    router: "trillium_router::Router",
    unknown: Some(
        "pub fn serve(path: String) {\n    trillium_tokio::run(trillium_router::Router::new().VERB(path, handler));\n}\n",
    ),
    layer: Some(Laid {
        over: "trillium_router::Router::new().VERB(PATH, (LAYER, handler))",
        how: "behind what answers",
        past: "trillium_router::Router::new().all(\"/contract-check-past\", (LAYER, handler)).VERB(PATH, handler)",
    }),
    layer_made: None,
    layer_function: Some(Laid {
        over: "trillium_router::Router::new().VERB(PATH, (LAYER, handler))",
        how: "behind what answers",
        past: "trillium_router::Router::new().all(\"/contract-check-past\", (LAYER, handler)).VERB(PATH, handler)",
    }),
    extractors: false,
    attributes: false,
    taken: &[Taken::router("Router", "trillium_router::Router::new()")],
};

impl Framework for Trillium {
    fn name(&self) -> &'static str {
        "trillium"
    }

    fn sample(&self) -> Option<&'static Sample> {
        Some(&SAMPLE)
    }

    fn crates(&self) -> &'static [&'static str] {
        &[
            "trillium_router",
            "trillium",
            "trillium_tokio",
            "trillium_smol",
            "trillium_async_std",
            "trillium_aws_lambda",
        ]
    }

    fn knows(&self, path: &str) -> bool {
        let runs = path.rsplit_once("::").is_some_and(|(owner, name)| {
            RUNTIMES.contains(&owner) && matches!(name, "run" | "run_async" | "config")
        });
        runs || self.router_kind(path).is_some() || path == "trillium_router::router"
    }

    fn router_kind(&self, path: &str) -> Option<RouterKind> {
        matches!(path, "trillium_router::Router" | "trillium_router::RouterRef").then_some(ROUTER)
    }

    fn lists_dropped(&self) -> bool {
        true
    }

    /// A dot ends a parameter as a slash does: `RouteSpec::from_str` in routefinder 0.5.
    fn path(&self, written: &str) -> String {
        let pieces = written.split_inclusive(['/', '.']).map(|piece| {
            let end = piece.len() - usize::from(piece.ends_with(['/', '.']));
            let (section, end) = piece.split_at(end);
            match section.split_at_checked(1) {
                Some((":", name)) => format!("{{{name}}}{end}"),
                Some(("*", "")) => "{*rest}".to_owned(),
                _ => piece.to_owned(),
            }
        });
        pieces.collect()
    }

    fn call(
        &self,
        evaluator: &mut Evaluator<'_>,
        term: &Rc<Term>,
        args: &[Value],
        at: Place,
    ) -> Option<Value> {
        let (owner, name) = term.path.rsplit_once("::")?;
        match name {
            "router" if owner == "trillium_router" => {
                Some(evaluator.operate(ROUTER, None, Op::New, at))
            }
            "new" | "default" if self.router_kind(owner).is_some() => {
                Some(evaluator.operate(ROUTER, None, Op::New, at))
            }
            "build" if self.router_kind(owner).is_some() => {
                let made = evaluator.operate(ROUTER, None, Op::New, at);
                let place = crate::evaluate::value::cell(made);
                let builder = args.first()?.clone();
                let _ = evaluator.call(&builder, vec![Value::Ref(place.clone())], at);
                let made = place.borrow().clone();
                Some(made)
            }
            "run" | "run_async" | "spawn" if RUNTIMES.contains(&owner) => {
                let served = served(evaluator, args.first()?, at)?;
                evaluator.serve("trillium", &Value::Router(served));
                Some(Value::Unit)
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
        let at = method.at;
        let [first, second, third] = [0, 1, 2].map(|number| method.args.get(number));
        if let Value::Term(term) = value {
            let runtime = term.path.split(':').next().unwrap_or_default();
            if !RUNTIMES.contains(&runtime) || !matches!(method.name, "run" | "run_async" | "spawn")
            {
                return None;
            }
            let served = served(evaluator, first?, at)?;
            evaluator.serve("trillium", &Value::Router(served));
            return Some(Value::unknown());
        }
        let Value::Router(router) = value else { return None };
        if router.kind != ROUTER {
            return None;
        }
        let route = match method.name {
            "all" => (Methods::Any, first, second),
            "any" => (methods(first?), second, third),
            "with_route" | "add_route" => (methods(first?), second, third),
            "without_options_handling"
            | "with_method_not_allowed"
            | "set_options_handling"
            | "set_method_not_allowed" => return Some(Value::Router(router.clone())),
            name @ ("get" | "post" | "put" | "delete" | "patch") => {
                (Methods::These(vec![verb(name)?]), first, second)
            }
            _ => return None,
        };
        let made = Value::Router(routed(evaluator, router, route, at));
        let place = target_of(receiver);
        // A `RouterRef` is changed where it is; a router is given back.
        evaluator.write(&place, made.clone());
        Some(made)
    }

    /// `routes!(get "/x" handler, …)` has a grammar of its own, which is not read: a router of which no route is known.
    fn macro_call(
        &self,
        evaluator: &mut Evaluator<'_>,
        path: &str,
        _args: &[Expr],
        at: Place,
    ) -> Option<Value> {
        if path != "trillium_router::routes" {
            return None;
        }
        let (methods, handler) = (Methods::Unknown, Value::unknown());
        let op = Op::Handler { methods, handler, catch_all: false };
        let inner = evaluator.chain(ROUTER, None, op, at).node;
        let op = Op::At { path: Text::hole(), inner, mount: Mount::Route };
        Some(evaluator.operate(ROUTER, None, op, at))
    }
}

#[cfg(test)]
mod tests {
    use super::{Framework as _, Trillium};

    #[test]
    fn a_dot_ends_a_parameter() {
        assert_eq!(Trillium.path("/a/:id/:file.:ext"), "/a/{id}/{file}.{ext}");
        assert_eq!(Trillium.path("/v1.2/v:name/*"), "/v1.2/v:name/{*rest}");
        assert_eq!(Trillium.path("/{?}/:id"), "/{?}/{id}");
    }
}
