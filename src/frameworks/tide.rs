//! tide 0.16.
//!
//! `app.at("/x")` is a place in the server into which endpoints are put, each wrapped in the middleware that the place
//! was given before. The server's own middleware wraps every endpoint.

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

/// The model of tide.
#[derive(Debug)]
pub struct Tide;

const SERVER: RouterKind = "tide::Server";
/// A place in a server: the server, the path, and the middleware.
const ROUTE: &str = "tide::Route";

fn verb(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "get" => "GET",
        "post" => "POST",
        "put" => "PUT",
        "patch" => "PATCH",
        "delete" => "DELETE",
        "head" => "HEAD",
        "options" => "OPTIONS",
        "connect" => "CONNECT",
        "trace" => "TRACE",
        _ => return None,
    })
}

fn text(value: Option<&Value>) -> Text {
    value.and_then(Value::text).unwrap_or_else(Text::hole)
}

fn server(value: &Value) -> Option<Handle> {
    match value.bare() {
        Value::Router(handle) if handle.kind == SERVER => Some(handle),
        _ => None,
    }
}

fn route(app: &Cell, path: Text, middleware: Vec<Value>, at: Place) -> Value {
    let args = vec![Value::Ref(app.clone()), Value::Str(path), Value::list(middleware)];
    Value::term(ROUTE, Some(args), at)
}

/// `path` with `more` behind it.
fn joined(path: &Text, more: &Text) -> Text {
    let ends = path.shown("").ends_with('/');
    let starts = more.shown("").starts_with('/');
    match (ends, starts) {
        (true, true) => {
            let first = std::cell::Cell::new(true);
            path.then(&more.map(|piece| {
                let piece =
                    if first.replace(false) { piece.trim_start_matches('/') } else { piece };
                piece.to_owned()
            }))
        }
        (false, false) => path.then(&Text::known("/")).then(more),
        _ => path.then(more),
    }
}

/// A method of the server.
fn server_method(
    evaluator: &mut Evaluator<'_>,
    receiver: &Cell,
    app: &Handle,
    method: &Method<'_>,
) -> Option<Value> {
    let place = target_of(receiver);
    let arg = method.args.first();
    Some(match method.name {
        "at" => route(&place, text(arg), Vec::new(), method.at),
        "with" => {
            let op = Op::Layer { layer: arg?.clone(), covers: Covers::Whole };
            let after = evaluator.operate(SERVER, Some(app), op, method.at);
            evaluator.write(&place, after);
            Value::Ref(place)
        }
        "listen" | "bind" | "respond" => {
            evaluator.serve("tide", &Value::Router(app.clone()));
            Value::unknown()
        }
        "clone" => Value::Router(app.clone()),
        "state" => Value::unknown(),
        _ => return None,
    })
}

/// A method of a place in a server.
fn route_method(
    evaluator: &mut Evaluator<'_>,
    term: &Rc<Term>,
    method: &Method<'_>,
) -> Option<Value> {
    let at = method.at;
    let [Value::Ref(app), Value::Str(path), Value::List(middleware)] = term.args.as_deref()? else {
        return None;
    };
    let arg = method.args.first();
    let unchanged = || Some(Value::Term(term.clone()));
    let (methods, handler) = match method.name {
        "at" => {
            return Some(route(app, joined(path, &text(arg)), middleware.items.clone(), at));
        }
        "with" => {
            let mut all = middleware.items.clone();
            all.extend(arg.cloned());
            return Some(route(app, path.clone(), all, term.at));
        }
        "reset_middleware" => return Some(route(app, path.clone(), Vec::new(), term.at)),
        "strip_prefix" => return unchanged(),
        "nest" => {
            let inner = if let Some(inner) = arg.and_then(server) {
                inner
            } else {
                let handler = arg.cloned().unwrap_or_else(Value::unknown);
                let op = Op::Handler { methods: Methods::Any, handler, catch_all: true };
                let inner = evaluator.chain(SERVER, None, op, at).node;
                let op = Op::At { path: Text::known("/*rest"), inner, mount: Mount::Route };
                evaluator.chain(SERVER, None, op, at)
            };
            put(evaluator, app, path, &middleware.items, (inner, Mount::Prefix, at));
            return unchanged();
        }
        "all" => (Methods::Any, arg),
        "method" => {
            let name = match arg.map(Value::bare) {
                Some(Value::Term(term)) => verb(term.path.rsplit(':').next().unwrap_or("")),
                _ => None,
            };
            let methods = name.map_or(Methods::Unknown, |name| Methods::These(vec![name]));
            (methods, method.args.get(1))
        }
        "serve_dir" | "serve_file" => (Methods::These(vec!["GET"]), None),
        name => (Methods::These(vec![verb(name)?]), arg),
    };
    let handler = handler.cloned().unwrap_or_else(Value::unknown);
    let op = Op::Handler { methods, handler, catch_all: false };
    let inner = evaluator.chain(SERVER, None, op, at);
    put(evaluator, app, path, &middleware.items, (inner, Mount::Route, term.at));
    unchanged()
}

/// Puts what answers under a path of the server.
fn put(
    evaluator: &mut Evaluator<'_>,
    app: &Cell,
    path: &Text,
    middleware: &[Value],
    (mut inner, mount, at): (Handle, Mount, Place),
) {
    for layer in middleware {
        let op = Op::Layer { layer: layer.clone(), covers: Covers::Whole };
        inner = evaluator.chain(SERVER, Some(&inner), op, at);
    }
    let Some(before) = server(&app.borrow()) else { return };
    let op = Op::At { path: path.clone(), inner: inner.node, mount };
    let after = evaluator.operate(SERVER, Some(&before), op, at);
    evaluator.write(app, after);
}

/// How tide code looks.
const SAMPLE: Sample = Sample {
    krate: "tide",
    listed_as: None,
    handler: "ATTRIBUTES\npub async fn handler(_: tide::Request<()>) -> tide::Result { BODY Ok(\"\".into()) }\n",
    served: "pub async fn serve() -> tide::Result<()> {\n    ROUTER.listen(\"127.0.0.1:0\").await?;\n    Ok(())\n}\n",
    route: "{ let mut app = tide::new(); app.at(PATH).VERB(handler); app }",
    router: "tide::Server<()>",
    unknown: Some(
        "pub async fn serve(path: String) -> tide::Result<()> {\n    let mut app = tide::new();\n    app.at(&path).VERB(handler);\n    app.listen(\"127.0.0.1:0\").await?;\n    Ok(())\n}\n",
    ),
    layer: Some(Laid {
        over: "{ let mut app = tide::new(); app.at(PATH).with(LAYER).VERB(handler); app }",
        how: "added before",
        past: "{ let mut app = tide::new(); app.at(PATH).VERB(handler).with(LAYER); app }",
    }),
    layer_made: None,
    layer_function: Some(Laid {
        over: "{ let mut app = tide::new(); app.at(PATH).with(LAYER).VERB(handler); app }",
        how: "added before",
        past: "{ let mut app = tide::new(); app.at(PATH).VERB(handler).with(LAYER); app }",
    }),
    extractors: false,
    attributes: true,
    taken: &[
        Taken {
            ty: "Server",
            value: "&mut app",
            empty: "&mut app",
            router: "{ let mut app = tide::new(); CALL; app }",
            served: None,
        },
        Taken::new(
            "Endpoint",
            "handler",
            "{ let mut app = tide::new(); app.at(PATH).VERB(CALL); app }",
        ),
    ],
};

impl Framework for Tide {
    fn name(&self) -> &'static str {
        "tide"
    }

    fn sample(&self) -> Option<&'static Sample> {
        Some(&SAMPLE)
    }

    fn crates(&self) -> &'static [&'static str] {
        &["tide"]
    }

    fn knows(&self, path: &str) -> bool {
        self.router_kind(path).is_some()
            || matches!(path, "tide::new" | "tide::with_state" | "tide::utils::Before")
    }

    fn router_kind(&self, path: &str) -> Option<RouterKind> {
        matches!(path, "tide::Server" | "tide::server::Server").then_some(SERVER)
    }

    fn lists_dropped(&self) -> bool {
        true
    }

    fn applies(&self, path: &str) -> bool {
        path.starts_with("tide::utils::Before") || path.starts_with("tide::utils::After")
    }

    fn path(&self, written: &str) -> String {
        let segments = written.split('/').map(|segment| match segment.split_at_checked(1) {
            Some((":", name)) => format!("{{{name}}}"),
            Some(("*", name)) => format!("{{*{name}}}"),
            // A brace stands for itself.
            _ => segment.split("{?}").map(doubled).collect::<Vec<_>>().join("{?}"),
        });
        segments.collect::<Vec<_>>().join("/")
    }

    fn call(
        &self,
        evaluator: &mut Evaluator<'_>,
        term: &Rc<Term>,
        args: &[Value],
        at: Place,
    ) -> Option<Value> {
        let (owner, name) = term.path.rsplit_once("::")?;
        let made = owner == "tide" || self.router_kind(owner).is_some();
        match name {
            "new" | "with_state" | "default" if made => {
                Some(evaluator.operate(SERVER, None, Op::New, at))
            }
            // What it is given runs in front of the endpoints.
            "Before" | "After" if owner == "tide::utils" => {
                let made = Term { args: Some(args.to_vec()), at, ..(**term).clone() };
                Some(Value::Term(Rc::new(made)))
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
            Value::Router(app) if app.kind == SERVER => {
                server_method(evaluator, receiver, app, method)
            }
            Value::Term(term) if &*term.path == ROUTE => route_method(evaluator, term, method),
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

fn doubled(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}
