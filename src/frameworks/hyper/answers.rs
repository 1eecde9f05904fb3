//! What services answer: the branches that they tell apart, and routers that they hand requests on to.

use std::rc::Rc;

use super::{
    incoming::takes_incoming,
    is_told, names, refuses,
    request::{REQUEST, watched},
    service,
};
use crate::{
    evaluate::{
        Evaluator,
        method::Method,
        router::{Covers, Handle, Op},
        suppose::{Called, Collected},
        value::{FnValue, Value},
    },
    link::types::Ty,
    source::Place,
    syntax::tree::ItemKind,
};

/// What a router answers that a request is handed on to.
const HANDED_ON: &str = "hyper::Response!of a router";

/// What a service comes to that is called with a request.
pub(super) struct Answers {
    /// What it tells apart, and the routers that it hands requests on to.
    pub(super) routes: Vec<Handle>,
    /// Whether it hands on every request.
    pub(super) hands_on: bool,
    /// The functions that it gives the request, or parts of it.
    given: Vec<Called>,
}

impl Answers {
    pub(super) fn of(
        evaluator: &mut Evaluator<'_>,
        callable: &Value,
        receiver: Option<Value>,
        at: Place,
    ) -> Self {
        let request = watched(REQUEST, Vec::new(), at);
        let args = receiver.into_iter().chain([request]).collect();
        let mut hands_on = false;
        let Collected { routes, mut given } = evaluator.collect(|e| {
            let made = e.call(callable, args, at)?;
            let made = e.awaited(made);
            hands_on = is_handed_on(&made);
            Ok(made)
        });
        if let Value::Fn(own) = callable.bare() {
            given.retain(|called| called.function.def != own.def);
        }
        Self { routes, hands_on, given }
    }

    pub(super) fn told(&self) -> bool {
        self.routes.iter().any(is_told)
    }

    /// Whether a function that is given the request answers it, and neither refuses nor hands it on: of a service that
    /// hands on to another one, what it answers itself in a way that is not read.
    pub(super) fn answers_itself(&self, evaluator: &Evaluator<'_>) -> bool {
        let passes = |called: &&Called| {
            ["call", "oneshot"].iter().any(|name| names(evaluator, called.function.def, name))
        };
        let mut answering =
            self.given.iter().filter(|called| responds(evaluator, &called.function)).peekable();
        answering.peek().is_some()
            && !self.given.iter().any(|called| passes(&called))
            && answering.any(|called| !refuses(evaluator, called))
    }
}

/// Whether a function gives a response, soon or later, perhaps.
fn responds(evaluator: &Evaluator<'_>, function: &FnValue) -> bool {
    let def = evaluator.program.def(function.def);
    let ItemKind::Fn(item) = &def.item.kind else { return false };
    let Some(written) = &item.ret else { return false };
    let env = evaluator.program.type_env(function.def);
    is_response(&evaluator.program.resolve_type(def.module, written, &env))
}

fn is_response(ty: &Ty) -> bool {
    match ty {
        Ty::External(path, args) => path.ends_with("::Response") || args.iter().any(is_response),
        Ty::Def(_, args) | Ty::Tuple(args) => args.iter().any(is_response),
        Ty::Impl(bounds) | Ty::Dyn(bounds) => bounds.iter().any(|bound| {
            bound.bindings.iter().map(|(_, ty)| ty).chain(&bound.args).any(is_response)
        }),
        _ => false,
    }
}

/// `router.call(request)`: the branch answers as the router does.
pub(super) fn handed_on(
    evaluator: &mut Evaluator<'_>,
    router: &Handle,
    method: &Method<'_>,
) -> Option<Value> {
    let is_request =
        |arg: &Value| matches!(arg.bare(), Value::Term(term) if &*term.path == REQUEST);
    if !matches!(method.name, "call" | "oneshot") || !method.args.iter().any(is_request) {
        return None;
    }
    evaluator.escape(&Value::Router(router.clone()));
    evaluator.answered(router.clone());
    Some(Value::term(HANDED_ON, Some(Vec::new()), method.at))
}

/// What a branch came to: a value that a gate gave back, else the function it called.
pub(super) fn handler_of(value: Option<&Value>, called: Option<&Called>) -> Value {
    value.and_then(passed_in).unwrap_or_else(|| {
        called.map_or_else(Value::unknown, |called| Value::Fn(Rc::clone(&called.function)))
    })
}

/// What came back from a function that it was given to, whatever was chosen: what answers without it stands for all.
fn passed_in(value: &Value) -> Option<Value> {
    match value.deref() {
        passed @ Value::Passed(_) => Some(passed),
        Value::Term(term) => passed_in(term.args.as_ref()?.first()?),
        Value::Alt(all) => {
            let all = all.iter().map(|(guards, one)| Some((guards.clone(), passed_in(one)?)));
            Some(Value::Alt(Rc::new(all.collect::<Option<_>>()?)))
        }
        _ => None,
    }
}

/// Whether an answer is that of a router, whatever was chosen.
fn is_handed_on(answer: &Value) -> bool {
    match answer.bare() {
        Value::Alt(all) => all.iter().all(|(_, one)| is_handed_on(one)),
        Value::Term(term) if term.path.ends_with("::Ok") => {
            term.args.iter().flatten().any(is_handed_on)
        }
        Value::Term(term) => &*term.path == HANDED_ON,
        _ => false,
    }
}

/// A service that a builder makes of a function that takes what a server of hyper receives, inside the layers put on it.
pub(in crate::frameworks) fn built(
    evaluator: &mut Evaluator<'_>,
    builder: &Value,
    method: &Method<'_>,
) -> Option<Value> {
    let function = method.args.first().filter(|function| takes_incoming(evaluator, function))?;
    (method.name == "service_fn").then(|| layered(evaluator, function, builder, method.at))
}

/// What a function answers as a service inside a layer.
pub(super) fn layered(
    evaluator: &mut Evaluator<'_>,
    function: &Value,
    layer: &Value,
    at: Place,
) -> Value {
    let answers = Answers::of(evaluator, function, None, at);
    let made = service(evaluator, function, answers, at);
    let op = Op::Layer { layer: layer.clone(), covers: Covers::Before };
    evaluator.operate(made.kind, Some(&made), op, at)
}
