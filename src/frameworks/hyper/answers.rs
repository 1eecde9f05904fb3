//! What services answer: the branches that they tell apart, and routers that they hand requests on to.

use super::{
    is_told,
    request::{REQUEST, watched},
};
use crate::{
    evaluate::{Evaluator, method::Method, router::Handle, value::Value},
    source::Place,
};

/// What a router answers that a request is handed on to.
const HANDED_ON: &str = "hyper::Response!of a router";

/// What a service comes to that is called with a request.
pub(super) struct Answers {
    /// What it tells apart, and the routers that it hands requests on to.
    pub(super) routes: Vec<Handle>,
    /// Whether it hands on every request.
    pub(super) hands_on: bool,
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
        let routes = evaluator.collect(|e| {
            let made = e.call(callable, args, at)?;
            let made = e.awaited(made);
            hands_on = is_handed_on(&made);
            Ok(made)
        });
        Self { routes, hands_on }
    }

    pub(super) fn told(&self) -> bool {
        self.routes.iter().any(is_told)
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
