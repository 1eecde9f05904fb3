//! warp 0.3 and 0.4.
//!
//! A filter asks for something or runs something; `and` makes one that asks for both, `or` one that asks for either.
//! What the last function of a way returns is the answer, so a way through a filter is a route once a function runs on
//! it. A path that does not end matches what begins with it and is listed as it is written.

use std::rc::Rc;

use super::{
    Framework,
    sample::{Laid, Sample, Taken},
};
use crate::{
    evaluate::{
        Evaluator,
        method::Method,
        router::{Handle, Methods, Mount, Node, Op, RouterKind},
        text::Text,
        value::{Cell, Term, Value},
    },
    source::{Place, Span},
    syntax::{
        body,
        token::{TextStart, Tokens},
        tree::{Expr, MacroCall},
    },
};

/// The model of warp.
#[derive(Debug)]
pub struct Warp;

const FILTER: RouterKind = "warp::Filter";
const SERVER: RouterKind = "warp::Server";
/// A path that may go on, and does so to the end if nothing comes after it.
const OPEN: &str = "{*rest}?";
/// A segment of any text.
const PARAM: &str = "{param}";
/// Functions whose filters ask for nothing of method and path.
const ANY: [&str; 12] = [
    "any",
    "method",
    "body",
    "header",
    "query",
    "cookie",
    "ext",
    "addr",
    "host",
    "multipart",
    "ws",
    "sse",
];

/// The name of an item of warp, whichever of its modules it is reached through.
fn item(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("warp::")?;
    let rest = rest.strip_prefix("filters::").unwrap_or(rest);
    let rest = rest.strip_prefix("method::").unwrap_or(rest);
    let rest = rest.strip_prefix("filter::").unwrap_or(rest);
    Some(if rest == "path::path" { "path" } else { rest })
}

fn verb(name: &str) -> Option<&'static str> {
    Some(match name {
        "get" => "GET",
        "post" => "POST",
        "put" => "PUT",
        "patch" => "PATCH",
        "delete" => "DELETE",
        "head" => "HEAD",
        "options" => "OPTIONS",
        _ => return None,
    })
}

/// Whether a function makes a filter that lets a request through that becomes a WebSocket: it asks for GET itself.
fn asks_for_socket(item: &str) -> bool {
    matches!(item, "ws" | "ws2" | "ws::ws" | "ws::ws2")
}

/// Whether a function makes a filter that looks neither at method nor path.
fn asks_nothing(item: &str) -> bool {
    let module = item.split(':').next().unwrap_or(item);
    ANY.contains(&module)
}

fn filter(value: &Value) -> Option<Handle> {
    match value.bare() {
        Value::Router(handle) if handle.kind == FILTER => Some(handle),
        _ => None,
    }
}

fn new(evaluator: &mut Evaluator<'_>, at: Place) -> Handle {
    evaluator.chain(FILTER, None, Op::New, at)
}

/// `before`, and then a piece of path; an empty one asks that the path end.
fn segment(evaluator: &mut Evaluator<'_>, before: &Handle, path: Text, at: Place) -> Handle {
    let inner = new(evaluator, at).node;
    evaluator.chain(FILTER, Some(before), Op::At { path, inner, mount: Mount::Route }, at)
}

/// `before`, and then a function that runs, or (`Value::Unit`) none.
fn run(
    evaluator: &mut Evaluator<'_>,
    before: &Handle,
    methods: Methods,
    handler: Value,
    at: Place,
) -> Handle {
    let op = Op::Handler { methods, handler, catch_all: false };
    evaluator.chain(FILTER, Some(before), op, at)
}

/// Whether a way may go on without what a filter asks for: it looks at no path, or at parameters and nothing else.
///
/// A whole route with `or_else` behind it is no such filter: what that makes of a rejection is mostly another one.
fn is_optional(filter: &Handle) -> bool {
    let (mut path, mut whole) = (false, false);
    let mut open = vec![&filter.node];
    while let Some(node) = open.pop() {
        match &node.op {
            Op::At { path: text, .. } => {
                path = true;
                whole |= text.exact().as_deref() != Some(PARAM);
            }
            Op::Handler { methods: Methods::These(_), .. } => whole = true,
            _ => {}
        }
        open.extend(node.children());
    }
    !path || !whole
}

/// Whether what answers a rejection answers each with another one, and so makes up for nothing.
fn rejects(evaluator: &mut Evaluator<'_>, catcher: &Value, at: Place) -> bool {
    let made = evaluator.call(catcher, vec![Value::unknown()], at);
    made.is_ok_and(|made| is_rejection(&evaluator.awaited(made)))
}

/// Whether a value is an `Err`, or a future that gives one, whatever was chosen.
fn is_rejection(value: &Value) -> bool {
    match value.bare() {
        Value::Alt(all) => all.iter().all(|(_, value)| is_rejection(value)),
        Value::Term(term) => {
            let made = term.path.starts_with("futures") && term.path.ends_with("::future::err");
            let ready = term.path.ends_with("::future::ready")
                && term.args.iter().flatten().any(is_rejection);
            made || ready || &*term.path == "std::result::Result::Err"
        }
        _ => false,
    }
}

/// The filter that a function of warp makes.
fn made(evaluator: &mut Evaluator<'_>, item: &str, args: &[Value], at: Place) -> Option<Handle> {
    let start = new(evaluator, at);
    let text = |value: Option<&Value>| value.and_then(Value::text).unwrap_or_else(Text::hole);
    Some(match item {
        "path" => segment(evaluator, &start, text(args.first()), at),
        "path::end" => segment(evaluator, &start, Text::default(), at),
        "path::param" => segment(evaluator, &start, Text::known(PARAM), at),
        "path::full" | "path::peek" => segment(evaluator, &start, Text::known(OPEN), at),
        "path::tail" => segment(evaluator, &start, Text::known("{*tail}"), at),
        "fs::dir" | "fs::file" => {
            let start = if item == "fs::dir" {
                segment(evaluator, &start, Text::known("{*path}"), at)
            } else {
                start
            };
            let files = Value::term(&format!("warp::{item}"), Some(args.to_vec()), at);
            run(evaluator, &start, Methods::These(vec!["GET"]), files, at)
        }
        item if verb(item).is_some() => {
            let methods = Methods::These(verb(item).into_iter().collect());
            run(evaluator, &start, methods, Value::Unit, at)
        }
        item if asks_for_socket(item) => {
            run(evaluator, &start, Methods::These(vec!["GET"]), Value::Unit, at)
        }
        item if asks_nothing(item) => start,
        _ => return None,
    })
}

/// A filter with what answers where it lets nothing through, whatever was asked for.
fn caught(evaluator: &mut Evaluator<'_>, before: &Handle, catcher: Value, at: Place) -> Value {
    let op = Op::Handler { methods: Methods::Any, handler: catcher, catch_all: true };
    let inner = evaluator.chain(FILTER, None, op, at).node;
    let op = Op::At { path: Text::known(OPEN), inner, mount: Mount::Catcher };
    let caught = evaluator.chain(FILTER, None, op, at);
    evaluator.operate(FILTER, Some(before), Op::Merge(caught.node), at)
}

/// `both`/`either` of a filter and what may be one.
fn combined(
    evaluator: &mut Evaluator<'_>,
    before: &Handle,
    other: &Value,
    op: fn(Rc<Node>) -> Op,
    at: Place,
) -> Value {
    evaluator.each_way(other, &mut |evaluator, other| {
        if let Some(other) = filter(other) {
            return evaluator.operate(FILTER, Some(before), op(other.node), at);
        }
        evaluator.gap_at(at, "what this filter is combined with is not known");
        Value::Router(before.clone())
    })
}

/// `filter.with(…)`: what wraps it, or a function that is given the filter and makes another of it.
fn wrapped(evaluator: &mut Evaluator<'_>, before: &Handle, layer: &Value, at: Place) -> Value {
    evaluator.each_way(layer, &mut |evaluator, layer| {
        if let Value::Term(term) = layer.bare()
            && item(&term.path) == Some("wrap_fn")
            && let Some([function]) = term.args.as_deref()
        {
            let given = vec![Value::Router(before.clone())];
            if let Ok(made) = evaluator.call(function, given, at)
                && filter(&made).is_some()
            {
                return made.bare();
            }
            evaluator.gap_at(at, "what this filter is wrapped in is not known");
        }
        let op =
            Op::Layer { layer: layer.clone(), covers: crate::evaluate::router::Covers::Before };
        evaluator.operate(FILTER, Some(before), op, at)
    })
}

/// A method of a filter.
fn filter_method(
    evaluator: &mut Evaluator<'_>,
    before: &Handle,
    method: &Method<'_>,
) -> Option<Value> {
    let at = method.at;
    let arg = method.args.first().cloned().unwrap_or_else(Value::unknown);
    Some(match method.name {
        "and" => combined(evaluator, before, &arg, Op::Both, at),
        "or" => combined(evaluator, before, &arg, Op::Merge, at),
        "map" | "and_then" | "then" => Value::Router(run(evaluator, before, Methods::Any, arg, at)),
        // What was asked for in vain is made up for: the way goes on without it.
        "or_else" if is_optional(before) && rejects(evaluator, &arg, at) => {
            Value::Router(before.clone())
        }
        "or_else" if is_optional(before) => {
            let start = new(evaluator, at);
            let instead = run(evaluator, &start, Methods::Any, arg, at);
            evaluator.operate(FILTER, Some(before), Op::Merge(instead.node), at)
        }
        "or_else" | "recover" => caught(evaluator, before, arg, at),
        "with" => wrapped(evaluator, before, &arg, at),
        "unify" | "untuple_one" | "boxed" | "clone" | "map_err" | "by_ref" => {
            Value::Router(before.clone())
        }
        _ => return None,
    })
}

/// The filter that `path!("a" / u64 / ..)` makes.
fn path_macro(evaluator: &mut Evaluator<'_>, call: &MacroCall, at: Place) -> Value {
    let text = evaluator.program.text(evaluator.scope.file);
    let mut pieces: Vec<Span> = Vec::new();
    let mut open: Option<Span> = None;
    for token in
        Tokens::new(&text, call.args, TextStart::Piece).filter(crate::syntax::token::Token::is_code)
    {
        if token.span.of(&text) == "/" {
            pieces.extend(open.take());
        } else {
            open = Some(open.map_or(token.span, |piece| piece.to(token.span)));
        }
    }
    pieces.extend(open);
    let mut all = new(evaluator, at);
    let mut ends = true;
    for piece in pieces {
        if piece.of(&text) == ".." {
            ends = false;
            all = segment(evaluator, &all, Text::known(OPEN), at);
            continue;
        }
        let written =
            piece.of(&text).starts_with(['"', 'r']).then(|| body::parse_expr(&text, piece));
        let literal = written.and_then(Result::ok).and_then(|expr| evaluator.eval(&expr).ok());
        let known = literal.and_then(|value| match value {
            Value::Str(text) => Some(text),
            _ => None,
        });
        all = segment(evaluator, &all, known.unwrap_or_else(|| Text::known(PARAM)), at);
    }
    if ends {
        all = segment(evaluator, &all, Text::default(), at);
    }
    Value::Router(all)
}

/// How warp code looks.
const SAMPLE: Sample = Sample {
    krate: "warp",
    listed_as: None,
    handler: "pub async fn handler() -> Result<&'static str, warp::Rejection> { BODY Ok(\"\") }\n",
    served: "use warp::Filter as _;\npub async fn serve() {\n    warp::serve(ROUTER).run(([127, 0, 0, 1], 0)).await;\n}\n",
    route: "warp::path!(SEGMENTS).and(warp::VERB()).and_then(handler)",
    router: "impl warp::Filter",
    unknown: Some(
        "use warp::Filter as _;\npub async fn serve(path: String) {\n    warp::serve(warp::path(path).and(warp::VERB()).map(|| \"\")).run(([127, 0, 0, 1], 0)).await;\n}\n",
    ),
    layer: Some(Laid {
        over: "ROUTE.with(LAYER)",
        how: "beside",
        past: "warp::path!(\"contract-check-beside\").map(|| \"\").with(LAYER).or(ROUTE)",
    }),
    layer_made: Some(Laid {
        over: "LAYER.and(ROUTE).with(LAYER)",
        how: "beside",
        past: "LAYER.and(warp::path!(\"contract-check-beside\")).map(|| \"\").with(LAYER).or(ROUTE)",
    }),
    layer_function: Some(Laid {
        over: "ROUTE.with(warp::wrap_fn(LAYER))",
        how: "beside",
        past: "warp::path!(\"contract-check-beside\").map(|| \"\").with(warp::wrap_fn(LAYER)).or(ROUTE)",
    }),
    extractors: false,
    attributes: false,
    taken: &[Taken::new("Filter", "ROUTE", "CALL"), Taken::new("", "", "CALL.and(ROUTE)")],
};

impl Framework for Warp {
    fn name(&self) -> &'static str {
        "warp"
    }

    fn sample(&self) -> Option<&'static Sample> {
        Some(&SAMPLE)
    }

    fn crates(&self) -> &'static [&'static str] {
        &["warp"]
    }

    fn knows(&self, path: &str) -> bool {
        self.router_kind(path).is_some()
            || item(path).is_some_and(|item| {
                verb(item).is_some()
                    || asks_nothing(item)
                    || item.starts_with("path")
                    || item.starts_with("fs::")
                    || matches!(item, "serve" | "service" | "wrap_fn")
                    || item.starts_with("Filter::")
            })
    }

    fn router_kind(&self, path: &str) -> Option<RouterKind> {
        Some(match path {
            "warp::Filter" | "warp::filter::Filter" | "warp::filters::BoxedFilter" => FILTER,
            "warp::Server" | "warp::server::Server" => SERVER,
            _ => return None,
        })
    }

    fn is_filter(&self, kind: RouterKind) -> bool {
        kind == FILTER || kind == SERVER
    }

    fn tells_apart(&self) -> bool {
        true
    }

    fn lists_dropped(&self) -> bool {
        true
    }

    fn path(&self, written: &str) -> String {
        written.trim_matches('/').to_owned()
    }

    fn join(&self, prefix: &str, inner: &str) -> String {
        if inner.is_empty() { prefix.to_owned() } else { format!("{prefix}/{inner}") }
    }

    fn call(
        &self,
        evaluator: &mut Evaluator<'_>,
        term: &Rc<Term>,
        args: &[Value],
        at: Place,
    ) -> Option<Value> {
        let item = item(&term.path)?;
        if let Some(name) = item.strip_prefix("Filter::") {
            let (receiver, rest) = args.split_first()?;
            let method = Method { name, generics: Vec::new(), args: rest.to_vec(), at };
            return filter_method(evaluator, &filter(receiver)?, &method);
        }
        match item {
            "serve" | "service" => {
                let served = args.first().cloned().unwrap_or_else(Value::unknown);
                evaluator.each_way(&served, &mut |evaluator, served| {
                    match filter(served) {
                        Some(served) => {
                            let op = Op::Both(new(evaluator, at).node);
                            let server = evaluator.operate(SERVER, Some(&served), op, at);
                            evaluator.serve("warp", &server);
                        }
                        None => evaluator.gap_at(at, "what is served here is not known"),
                    }
                    Value::unknown()
                });
                Some(Value::unknown())
            }
            "wrap_fn" => {
                let made = Term { args: Some(args.to_vec()), at, ..(**term).clone() };
                Some(Value::Term(Rc::new(made)))
            }
            item => made(evaluator, item, args, at).map(Value::Router),
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
            Value::Router(router) if router.kind == FILTER => {
                filter_method(evaluator, router, method)
            }
            // What is not known and is combined with a filter can only be one.
            Value::Unknown(_) | Value::Term(_) if matches!(method.name, "and" | "or") => {
                let [other] = method.args.as_slice() else { return None };
                filter(other)?;
                evaluator.gap_at(method.at, "what is combined with this filter is not known");
                let start = evaluator.chain(FILTER, None, Op::Opaque, method.at);
                filter_method(evaluator, &start, method)
            }
            _ => None,
        }
    }

    fn token_macro(
        &self,
        evaluator: &mut Evaluator<'_>,
        path: &str,
        call: &MacroCall,
        at: Place,
    ) -> Option<Value> {
        matches!(item(path), Some("path")).then(|| path_macro(evaluator, call, at))
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
