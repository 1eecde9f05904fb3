//! hyper 0.14 and 1: services that compare the method and the path of a request themselves.
//!
//! `service_fn(handler)` and `impl Service<Request<…>>` are evaluated with a request whose method and path are watched;
//! each branch that rests on a path is a route, answered by what it calls. A service that compares nothing answers all.

mod answers;
mod incoming;
mod rebuilt;
mod request;
mod takes;
mod unknown;

use std::rc::Rc;

pub(super) use self::answers::built;
use self::{
    answers::{Answers, handed_on, handler_of, layered},
    incoming::{is_given, note_given, takes_any_body, takes_incoming},
    request::{BEGINS, DERIVED, METHOD, PATH, REQUEST, SEGMENTS, base_of, below, of_request},
    takes::{looks, takes_nothing},
};
use super::{
    Framework, axum,
    sample::{Sample, Taken},
};
use crate::{
    evaluate::{
        Evaluator,
        method::Method,
        router::{Covers, Handle, Methods, Mount, Op, RouterKind},
        suppose::{Called, Reading, Supposed},
        text::Text,
        value::{Cell, FnValue, Term, Value},
    },
    link::{DefId, Head, Target, types::Ty},
    source::Place,
    syntax::tree::{Expr, ItemKind, ident_hash},
};

/// The model of hyper.
#[derive(Debug)]
pub struct Hyper;

const SERVICE: RouterKind = "hyper::service";
/// Traits of services.
const SERVICES: [&str; 3] = ["hyper::service::Service", "tower::Service", "tower_service::Service"];
/// What makes services of functions for whatever they take.
const TOWER: [&str; 2] = ["tower::service_fn", "tower::util::service_fn"];
const ADAPTED: &str = "hyper_util::service::TowerToHyperService::new";
/// Modules of what serves a service.
const SERVERS: [&str; 2] = ["hyper::server::conn::", "hyper_util::server::conn::"];
/// What says that nothing is there.
const MISSING: [&str; 2] = ["NOT_FOUND", "METHOD_NOT_ALLOWED"];
/// What says that a request is refused.
const REFUSED: [&str; 7] = [
    "NOT_FOUND",
    "METHOD_NOT_ALLOWED",
    "BAD_REQUEST",
    "UNAUTHORIZED",
    "FORBIDDEN",
    "GONE",
    "NOT_IMPLEMENTED",
];
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
                    Value::Term(term) => term.path.rsplit(':').next().map(str::to_owned),
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
            BEGINS if matches!(is, Value::Unknown(_)) => {
                self.other = true;
            }
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

/// Whether a function decides and awaits nothing, and names the status of what is refused, or is given it.
fn refuses(evaluator: &Evaluator<'_>, called: &Called) -> bool {
    let named = |name: &&str| names(evaluator, called.function.def, name);
    let given = |arg: &Value| match arg.bare() {
        Value::Term(term) => REFUSED.contains(&term.path.rsplit(':').next().unwrap_or_default()),
        Value::Int(status) => (400..600).contains(&status),
        _ => false,
    };
    (REFUSED.iter().any(named) || called.args.iter().any(given))
        && !["if", "match", "while", "for", "loop", "await"].iter().any(named)
}

/// Whether a branch that is left over does more than to give a fixed response.
///
/// - `named`: whether it asks for a method, and so is no leftover of all the others.
fn works(evaluator: &Evaluator<'_>, called: &Called, named: bool) -> bool {
    let ItemKind::Fn(item) = &evaluator.program.def(called.function.def).item.kind else {
        return false;
    };
    let has = |name: &&str| names(evaluator, called.function.def, name);
    let does = named || has(&"await") && !MISSING.iter().any(has);
    called.given || item.is_async && does
}

/// Adds what answers at a path. What is left to a branch by others, and to no path of its own, is what answers the rest.
fn add(
    evaluator: &mut Evaluator<'_>,
    methods: Methods,
    path: Option<&str>,
    handler: Value,
    mount: Mount,
    at: Place,
) {
    let op = Op::Handler { methods, handler, catch_all: path.is_none() };
    let inner = evaluator.chain(SERVICE, None, op, at).node;
    let op = Op::At { path: Text::known(path.unwrap_or("/{*rest}")), inner, mount };
    let made = evaluator.chain(SERVICE, None, op, at);
    if mount == Mount::Route {
        evaluator.answered(made);
    } else {
        evaluator.perhaps_answered(made);
    }
}

/// Whether a branch told paths apart, and not just methods or something that is not read.
fn is_told(route: &Handle) -> bool {
    route.kind == SERVICE && matches!(route.node.op, Op::At { mount: Mount::Route, .. })
}

/// Whether the `call` of a service hands on to a service that its type leaves open.
fn is_wrapper(evaluator: &Evaluator<'_>, callable: &Value) -> bool {
    let Value::Fn(function) = callable else { return false };
    let open = matches!(&function.self_ty, Some(Ty::Def(_, generics)) if !generics.is_empty());
    open && names(evaluator, function.def, "call")
}

/// Whether a function names something in its body.
fn names(evaluator: &Evaluator<'_>, function: DefId, name: &str) -> bool {
    let ItemKind::Fn(item) = &evaluator.look_into(function).item.kind else { return false };
    let hash = ident_hash(name);
    item.body.as_ref().is_some_and(|body| body.idents.binary_search(&hash).is_ok())
}

/// A service as it is served: one of the tree that holds others stands before these.
fn served(evaluator: &mut Evaluator<'_>, value: &Value, at: Place) {
    // `ServiceBuilder::service_fn` of a closure that does not say what it takes.
    if let Value::Term(term) = value.bare()
        && let (axum::LAYERED, Some([function, layer])) = (&*term.path, term.args.as_deref())
        && function.is_callable()
    {
        let made = layered(evaluator, function, layer, at);
        return evaluator.let_serve(&made);
    }
    let Value::Object(object) = value.bare() else { return evaluator.let_serve(value) };
    let of = |block: &DefId| match evaluator.program.trait_of(*block) {
        Some(Target::External(path)) => SERVICES.contains(&&*path),
        _ => false,
    };
    if !evaluator.program.impls_for(&Head::Item(object.def)).iter().any(of) {
        return evaluator.let_serve(value);
    }
    for (_, field) in &object.fields {
        let held = field.borrow().bare();
        if let Value::Router(inner) = held {
            let op = Op::Layer { layer: value.bare(), covers: Covers::Before };
            let made = evaluator.chain(inner.kind, Some(&inner), op, at);
            evaluator.let_serve(&Value::Router(made));
        } else {
            served(evaluator, &held, at);
        }
    }
}

/// The routes of a service, which answers everything where it tells nothing apart.
fn service(evaluator: &mut Evaluator<'_>, callable: &Value, answers: Answers, at: Place) -> Handle {
    if let ([router], true) = (answers.routes.as_slice(), answers.hands_on) {
        return router.clone();
    }
    let mut all = evaluator.chain(SERVICE, None, Op::New, at);
    if !answers.told() && !answers.hands_on {
        let handler = callable.clone();
        // What tells requests apart in a way that is not read is the whole server, and no fallback of one.
        let catch_all = !looks(evaluator, callable);
        let op = Op::Handler { methods: Methods::Any, handler, catch_all };
        let inner = evaluator.chain(SERVICE, None, op, at).node;
        let path = Text::known("/{*rest}");
        return evaluator.chain(
            SERVICE,
            Some(&all),
            Op::At { path, inner, mount: Mount::Route },
            at,
        );
    }
    // Routers escaped where requests were handed on to them.
    for route in answers.routes.into_iter().filter(|route| route.kind == SERVICE) {
        all = evaluator.chain(SERVICE, Some(&all), Op::Merge(route.node), at);
    }
    all
}

fn is_service_fn(path: &str) -> bool {
    path.starts_with("hyper::service::") && path.ends_with("::service_fn")
}

/// How hyper code looks.
const SAMPLE: Sample = Sample {
    krate: "hyper",
    listed_as: None,
    handler: "ATTRIBUTES\npub async fn handler(_: hyper::Request<hyper::body::Incoming>) -> Result<hyper::Response<String>, std::convert::Infallible> { BODY Ok(hyper::Response::new(String::new())) }\n",
    served: "pub async fn answer(request: hyper::Request<hyper::body::Incoming>) -> Result<hyper::Response<String>, std::convert::Infallible> {\n    match (request.method(), request.uri().path()) {\n        (&hyper::Method::METHOD, PATH) => ROUTER,\n        _ => Ok(hyper::Response::new(String::new())),\n    }\n}\npub fn service() -> impl Sized {\n    hyper::service::service_fn(answer)\n}\n",
    route: "handler(request).await",
    router: "",
    unknown: None,
    layer: None,
    layer_made: None,
    layer_function: None,
    extractors: false,
    attributes: false,
    taken: &[Taken::new("Request", "request", "CALL.await")],
};

impl Framework for Hyper {
    fn name(&self) -> &'static str {
        "hyper"
    }

    fn sample(&self) -> Option<&'static Sample> {
        Some(&SAMPLE)
    }

    fn minds_slash(&self) -> bool {
        true
    }

    fn crates(&self) -> &'static [&'static str] {
        &["hyper"]
    }

    fn knows(&self, path: &str) -> bool {
        is_service_fn(path)
            || matches!(path, "hyper::service::Service" | ADAPTED)
            || TOWER.contains(&path)
            || SERVERS.iter().any(|module| path.starts_with(module))
    }

    fn router_kind(&self, path: &str) -> Option<RouterKind> {
        (path == SERVICE).then_some(SERVICE)
    }

    fn watches(&self, path: &str) -> bool {
        matches!(path, METHOD | PATH | BEGINS | SEGMENTS | REQUEST)
    }

    fn derives(&self, path: &str) -> bool {
        path == DERIVED
    }

    fn field(&self, term: &Rc<Term>, name: &str) -> Option<Value> {
        request::part(term, name)
    }

    fn concluded(
        &self,
        evaluator: &mut Evaluator<'_>,
        readings: &[Reading],
        value: Option<&Value>,
        called: Option<&Called>,
        at: Place,
    ) {
        let given = called.is_some_and(|called| called.given);
        let refused = called.is_some_and(|called| refuses(evaluator, called));
        let nothing = called.is_some_and(|called| takes_nothing(evaluator, &called.function));
        for reading in readings {
            let wanted = Wanted::of(reading);
            let methods = wanted.methods.clone().unwrap_or(Methods::Any);
            if methods == Methods::Any && refused && nothing {
                continue;
            }
            let named = methods != Methods::Any;
            let works = !refused && called.is_some_and(|called| works(evaluator, called, named));
            let handler = || handler_of(value, called);
            for path in wanted.paths() {
                // What is left over of a path is a refusal, unless the request is handed on, it writes, or the function that
                // answers is told with what, and that is no refusal.
                let told = called.is_some() && !refused && !nothing;
                let mount =
                    if wanted.other && !given && !told { Mount::Catcher } else { Mount::Route };
                add(evaluator, methods.clone(), Some(&path), handler(), mount, at);
            }
            if wanted.path.is_none() && (wanted.other || named) {
                let mount = match (works, wanted.other) {
                    (true, true) => Mount::Route,
                    // A method alone tells no paths apart.
                    (true, false) => Mount::Fallback,
                    (false, _) => Mount::Catcher,
                };
                add(evaluator, methods, None, handler(), mount, at);
            }
        }
    }

    fn passed_by(
        &self,
        evaluator: &mut Evaluator<'_>,
        readings: &[Reading],
        called: &Rc<FnValue>,
        at: Place,
    ) {
        // What is within a branch of a known path is that one's affair.
        for wanted in readings.iter().map(|reading| Wanted::of(reading)) {
            if wanted.path.is_none() {
                let methods = wanted.methods.unwrap_or(Methods::Any);
                let handler = Value::Fn(Rc::clone(called));
                add(evaluator, methods, None, handler, Mount::Catcher, at);
            }
        }
    }

    fn served(&self, evaluator: &mut Evaluator<'_>) {
        let blocks = SERVICES.iter().flat_map(|path| {
            let of = Target::External((*path).into());
            evaluator.program.impls_of(&of).into_iter().map(move |block| (*path, block))
        });
        for (of, block) in blocks.collect::<Vec<_>>() {
            let members = evaluator.program.members(block);
            let called = members.into_iter().find(|id| evaluator.program.def(*id).name == "call");
            let Some(def) = called else { continue };
            let self_ty = evaluator.program.self_type(block);
            let receiver = evaluator.symbolic(self_ty.as_ref().unwrap_or(&Ty::Unknown));
            let callable = Value::Fn(Rc::new(FnValue { def, self_ty, generics: Vec::new() }));
            // tower's services are not for requests alone.
            let incoming = of.starts_with("hyper::") || takes_incoming(evaluator, &callable);
            if !incoming && !takes_any_body(evaluator, &callable) {
                continue;
            }
            let at = evaluator.program.def(def).place();
            let wraps = is_wrapper(evaluator, &callable);
            if !incoming && wraps {
                continue;
            }
            let answers = Answers::of(evaluator, &callable, Some(receiver), at);
            let told = answers.told();
            // One that takes any body may be a client as well.
            if !incoming && !told && !is_given(evaluator, &callable) {
                continue;
            }
            // What is put around any other service, and answers nothing itself, serves what that one does.
            if told || !wraps || answers.answers_itself(evaluator) {
                let made = service(evaluator, &callable, answers, at);
                evaluator.escape(&Value::Router(made));
            }
        }
    }

    fn call(
        &self,
        evaluator: &mut Evaluator<'_>,
        term: &Rc<Term>,
        args: &[Value],
        at: Place,
    ) -> Option<Value> {
        if let Some(request) = rebuilt::of_parts(&term.path, args) {
            return Some(request);
        }
        let callable = args.first()?;
        match &*term.path {
            ADAPTED => {
                note_given(evaluator, callable);
                return Some(callable.clone());
            }
            path if TOWER.contains(&path) && takes_incoming(evaluator, callable) => {}
            path if is_service_fn(path) => {}
            _ => return None,
        }
        let answers = Answers::of(evaluator, callable, None, at);
        Some(Value::Router(service(evaluator, callable, answers, at)))
    }

    fn method(
        &self,
        evaluator: &mut Evaluator<'_>,
        receiver: &Cell,
        value: &Value,
        method: &Method<'_>,
    ) -> Option<Value> {
        if let Value::Router(router) = value {
            return handed_on(evaluator, router, method);
        }
        let Value::Term(term) = value else { return None };
        if let Some(made) = rebuilt::from_nothing(evaluator, receiver, term, method) {
            return Some(made);
        }
        if term.path.starts_with(REQUEST) {
            let made = of_request(term, method)?;
            if matches!(&made, Value::Term(made) if self.derives(&made.path)) {
                method.args.iter().for_each(|arg| evaluator.escape(arg));
            }
            return Some(made);
        }
        let serves = method.name.starts_with("serve") && term.path.starts_with("hyper");
        if !serves {
            return None;
        }
        // Before it stands what it is served over: a stream, a listener.
        if let Some(service) = method.args.last() {
            unknown::note_unknown(evaluator, service, method.at);
        }
        method.args.iter().for_each(|arg| served(evaluator, arg, method.at));
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
