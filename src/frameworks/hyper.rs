//! hyper 0.14 and 1: services that compare the method and the path of a request themselves.
//!
//! `service_fn(handler)` and `impl Service<Request<…>>` are evaluated with a request whose method and path are watched;
//! each branch that rests on a path is a route, answered by what it calls. A service that compares nothing answers all.

use std::rc::Rc;

use super::{Framework, axum};
use crate::{
    evaluate::{
        Evaluator,
        method::Method,
        router::{Handle, Methods, Mount, Op, RouterKind},
        suppose::{Reading, Supposed},
        text::Text,
        value::{Cell, FnValue, Term, Value, cell},
    },
    link::{Target, types::Ty},
    source::Place,
    syntax::tree::{Expr, ItemKind, ident_hash},
};

/// The model of hyper.
#[derive(Debug)]
pub struct Hyper;

const SERVICE: RouterKind = "hyper::service";
const REQUEST: &str = "hyper::Request!";
const METHOD: &str = "hyper::Request!method";
const URI: &str = "hyper::Request!uri";
/// A path below what its argument says.
const PATH: &str = "hyper::Request!path";
/// Whether a path begins with something: the rest of the path.
const BEGINS: &str = "hyper::Request!begins";
/// The segments of a path.
const SEGMENTS: &str = "hyper::Request!segments";

fn watched(path: &str, args: Vec<Value>, at: Place) -> Value {
    Value::term(path, Some(args), at)
}

fn path_below(base: &str, at: Place) -> Value {
    watched(PATH, vec![Value::Str(Text::known(base))], at)
}

fn base_of(term: &Term) -> String {
    let mut value = term.args.as_ref().and_then(|args| args.first().cloned());
    while let Some(Value::Term(inner)) = value {
        value = inner.args.as_ref().and_then(|args| args.first().cloned());
    }
    value.and_then(|base| base.text()).and_then(|base| base.exact()).unwrap_or_default()
}

/// Method and paths that a branch supposes.
#[derive(Default)]
struct Wanted {
    methods: Option<Methods>,
    path: Option<String>,
    /// Whether what follows the path is free.
    open: bool,
    /// Whether something is left to what other branches do not name.
    other: bool,
}

impl Wanted {
    fn of(reading: &[Supposed]) -> Self {
        let mut wanted = Self::default();
        for Supposed { of, is } in reading {
            wanted.add(of, is);
        }
        wanted
    }

    fn add(&mut self, of: &Term, is: &Value) {
        let text = is.text().and_then(|text| text.exact());
        match &*of.path {
            METHOD => {
                let name = match is.bare() {
                    Value::Term(term) => term.path.rsplit("::").next().map(str::to_owned),
                    _ => text,
                };
                let methods = name.and_then(|name| axum::verb(&name.to_ascii_lowercase()));
                if methods.is_some() {
                    self.methods = methods;
                } else {
                    self.other = true;
                    self.methods.get_or_insert(Methods::Any);
                }
            }
            PATH => match text {
                Some(text) => {
                    self.path = Some(below(&base_of(of), &text));
                    (self.open, self.other) = (false, false);
                }
                None => self.other = true,
            },
            BEGINS => {
                self.path = Some(base_of(of));
                (self.open, self.other) = (true, false);
            }
            SEGMENTS => {
                if let Value::List(list) = is {
                    let mut path = base_of(of);
                    for (at, segment) in list.items.iter().enumerate() {
                        match segment.text().and_then(|text| text.exact()) {
                            // What stands before the first slash.
                            Some(text) if text.is_empty() && at == 0 => {}
                            Some(text) => path = below(&path, &text),
                            None => path = below(&path, &format!("{{{at}}}")),
                        }
                    }
                    self.path = Some(if path.is_empty() { "/".to_owned() } else { path });
                    (self.open, self.other) = (list.open, false);
                }
            }
            _ => {}
        }
    }

    fn paths(&self) -> Vec<String> {
        let Some(path) = &self.path else { return Vec::new() };
        if !self.open {
            return vec![path.clone()];
        }
        let rest = format!("{}/{{*rest}}", path.trim_end_matches('/'));
        if path.ends_with('/') { vec![rest] } else { vec![path.clone(), rest] }
    }
}

/// `text` behind `base`, with one slash between.
fn below(base: &str, text: &str) -> String {
    if text.is_empty() {
        return base.to_owned();
    }
    format!("{}/{}", base.trim_end_matches('/'), text.trim_start_matches('/'))
}

/// What a branch came to: a value that a gate gave back, else the function it called.
fn handler_of(value: Option<&Value>, called: Option<&(Rc<FnValue>, bool)>) -> Value {
    let mut value = value.map(Value::deref);
    while let Some(Value::Term(term)) = &value {
        value = term.args.as_ref().and_then(|args| args.first()).map(Value::deref);
    }
    match value {
        Some(passed @ Value::Passed(_)) => passed,
        _ => called.map_or_else(Value::unknown, |(function, _)| Value::Fn(Rc::clone(function))),
    }
}

/// Whether a function is given nothing and names the status of what is not there or not allowed.
fn refuses(evaluator: &Evaluator<'_>, function: &FnValue) -> bool {
    let ItemKind::Fn(item) = &evaluator.program.def(function.def).item.kind else { return false };
    let names = |name: &str| {
        let hash = ident_hash(name);
        item.body.as_ref().is_some_and(|body| body.idents.binary_search(&hash).is_ok())
    };
    item.params.is_empty() && ["NOT_FOUND", "METHOD_NOT_ALLOWED"].into_iter().any(names)
}

fn add(
    evaluator: &mut Evaluator<'_>,
    methods: Methods,
    path: &str,
    handler: Value,
    catch_all: bool,
    at: Place,
) {
    let op = Op::Handler { methods, handler, catch_all };
    let inner = evaluator.chain(SERVICE, None, op, at).node;
    let op = Op::At { path: Text::known(path), inner, mount: Mount::Route };
    let made = evaluator.chain(SERVICE, None, op, at);
    evaluator.answered(made);
}

/// The routes of a service that is called with a request.
fn service(
    evaluator: &mut Evaluator<'_>,
    callable: &Value,
    receiver: Option<Value>,
    at: Place,
) -> Handle {
    let request = watched(REQUEST, Vec::new(), at);
    let args = receiver.into_iter().chain([request]).collect();
    let routes = evaluator.collect(|e| e.call(callable, args, at));
    let mut all = evaluator.chain(SERVICE, None, Op::New, at);
    if routes.is_empty() {
        let handler = callable.clone();
        let op = Op::Handler { methods: Methods::Any, handler, catch_all: true };
        let inner = evaluator.chain(SERVICE, None, op, at).node;
        let path = Text::known("/{*rest}");
        return evaluator.chain(
            SERVICE,
            Some(&all),
            Op::At { path, inner, mount: Mount::Route },
            at,
        );
    }
    for route in routes {
        all = evaluator.chain(SERVICE, Some(&all), Op::Merge(route.node), at);
    }
    all
}

/// A method of a request or of a watched part of it.
fn of_request(term: &Rc<Term>, method: &Method<'_>) -> Option<Value> {
    let at = method.at;
    let same = || Some(Value::Term(Rc::clone(term)));
    let given = method.args.first().and_then(Value::text).and_then(|text| text.exact());
    match (&*term.path, method.name) {
        (REQUEST, "method") => Some(watched(METHOD, Vec::new(), at)),
        (REQUEST, "uri") => Some(watched(URI, Vec::new(), at)),
        (REQUEST, "into_parts") => {
            let parts = watched(REQUEST, Vec::new(), at);
            Some(Value::Tuple(Rc::new(vec![cell(parts), cell(Value::unknown())])))
        }
        (REQUEST, "map" | "clone") => same(),
        (URI, "path" | "path_and_query" | "to_string") => Some(path_below("", at)),
        (PATH, "strip_prefix") => {
            let base = below(&base_of(term), &given?);
            Some(watched(BEGINS, vec![path_below(&base, at)], at))
        }
        (PATH, "starts_with") => {
            let given = given?;
            let mut base = below(&base_of(term), &given);
            if given.ends_with('/') && !base.ends_with('/') {
                base.push('/');
            }
            Some(watched(BEGINS, vec![path_below(&base, at)], at))
        }
        (PATH, "split" | "split_terminator") => {
            Some(watched(SEGMENTS, vec![Value::Term(Rc::clone(term))], at))
        }
        (
            METHOD | PATH | URI | SEGMENTS,
            "as_str" | "to_string" | "to_owned" | "clone" | "into" | "as_ref" | "trim_matches"
            | "trim_start_matches" | "trim_end_matches" | "trim" | "collect" | "as_slice" | "skip"
            | "filter" | "path" | "as_deref" | "borrow" | "unwrap" | "unwrap_or",
        ) => same(),
        _ => None,
    }
}

fn is_service_fn(path: &str) -> bool {
    path.starts_with("hyper::service::") && path.ends_with("::service_fn")
}

impl Framework for Hyper {
    fn name(&self) -> &'static str {
        "hyper"
    }

    fn crates(&self) -> &'static [&'static str] {
        &["hyper"]
    }

    fn knows(&self, path: &str) -> bool {
        is_service_fn(path) || path == "hyper::service::Service"
    }

    fn router_kind(&self, path: &str) -> Option<RouterKind> {
        (path == SERVICE).then_some(SERVICE)
    }

    fn watches(&self, path: &str) -> bool {
        matches!(path, METHOD | PATH | BEGINS | SEGMENTS | REQUEST)
    }

    fn field(&self, term: &Rc<Term>, name: &str) -> Option<Value> {
        match (&*term.path, name) {
            (REQUEST, "method") => Some(watched(METHOD, Vec::new(), term.at)),
            (REQUEST, "uri") => Some(watched(URI, Vec::new(), term.at)),
            _ => None,
        }
    }

    fn concluded(
        &self,
        evaluator: &mut Evaluator<'_>,
        readings: &[Reading],
        value: Option<&Value>,
        called: Option<&(Rc<FnValue>, bool)>,
        at: Place,
    ) {
        let given = called.is_some_and(|(_, given)| *given);
        for reading in readings {
            let wanted = Wanted::of(reading);
            // What is left over is a refusal, unless the request is handed on.
            if wanted.other && !given {
                continue;
            }
            let methods = wanted.methods.clone().unwrap_or(Methods::Any);
            if methods == Methods::Any && called.is_some_and(|(is, _)| refuses(evaluator, is)) {
                continue;
            }
            for path in wanted.paths() {
                add(evaluator, methods.clone(), &path, handler_of(value, called), false, at);
            }
            if wanted.path.is_none() && wanted.other {
                add(evaluator, methods, "/{*rest}", handler_of(value, called), true, at);
            }
        }
    }

    fn served(&self, evaluator: &mut Evaluator<'_>) {
        for block in evaluator.program.impls_of(&Target::External("hyper::service::Service".into()))
        {
            let members = evaluator.program.members(block);
            let called = members.into_iter().find(|id| evaluator.program.def(*id).name == "call");
            let Some(def) = called else { continue };
            let self_ty = evaluator.program.self_type(block);
            let receiver = evaluator.symbolic(self_ty.as_ref().unwrap_or(&Ty::Unknown));
            let callable = Value::Fn(Rc::new(FnValue { def, self_ty, generics: Vec::new() }));
            let at = evaluator.program.def(def).place();
            let made = service(evaluator, &callable, Some(receiver), at);
            evaluator.escape(&Value::Router(made));
        }
    }

    fn call(
        &self,
        evaluator: &mut Evaluator<'_>,
        term: &Rc<Term>,
        args: &[Value],
        at: Place,
    ) -> Option<Value> {
        if !is_service_fn(&term.path) {
            return None;
        }
        Some(Value::Router(service(evaluator, args.first()?, None, at)))
    }

    fn method(
        &self,
        evaluator: &mut Evaluator<'_>,
        _receiver: &Cell,
        value: &Value,
        method: &Method<'_>,
    ) -> Option<Value> {
        let Value::Term(term) = value else { return None };
        if term.path.starts_with(REQUEST) {
            return of_request(term, method);
        }
        let serves = method.name.starts_with("serve") && term.path.starts_with("hyper");
        if !serves {
            return None;
        }
        method.args.iter().for_each(|arg| evaluator.escape(arg));
        Some(Value::unknown())
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
