//! salvo's catchers: handlers that answer, in the order they are given, where there is an error and nothing else to say.

use std::rc::Rc;

use super::{SERVICE, handler::function, item};
use crate::{
    evaluate::{
        Evaluator,
        method::Method,
        router::{Handle, Methods, Mount, Op},
        text::Text,
        value::{Term, Value},
    },
    source::Place,
};

/// Whether a path names the type of catchers, or a function of it.
pub(super) fn is_catcher(path: &str) -> bool {
    item(path).is_some_and(|item| item == "Catcher" || item.starts_with("Catcher::"))
}

/// A call of one of its functions.
pub(super) fn made(path: &str, args: &[Value], at: Place) -> Option<Value> {
    let makes = matches!(path.rsplit(':').next(), Some("new" | "default"));
    makes.then(|| Value::term("salvo::Catcher", Some(args.to_vec()), at))
}

/// A method of a catcher.
pub(super) fn method(
    evaluator: &mut Evaluator<'_>,
    term: &Rc<Term>,
    method: &Method<'_>,
) -> Option<Value> {
    match method.name {
        "hoop" | "hoop_when" => {
            let more = method.args.first()?.clone();
            let all = term.args.iter().flatten().cloned().chain([more]).collect();
            Some(Value::term(&term.path, Some(all), method.at))
        }
        "hoops_mut" => {
            evaluator
                .gap_at(method.at, "what becomes of the handlers of this catcher is not known");
            Some(Value::unknown())
        }
        _ => None,
    }
}

/// A service with a catcher.
pub(super) fn put(
    evaluator: &mut Evaluator<'_>,
    service: &Handle,
    catcher: &Value,
    at: Place,
) -> Value {
    let Value::Term(term) = catcher.bare() else { return Value::Router(service.clone()) };
    // It stands beside the router, whose filters it does not ask.
    let mut all = evaluator.chain(service.kind, None, Op::Merge(service.node.clone()), at);
    for handler in term.args.iter().flatten().filter(|_| is_catcher(&term.path)) {
        let handler = function(evaluator, handler);
        let op = Op::Handler { methods: Methods::Any, handler, catch_all: true };
        let inner = evaluator.chain(SERVICE, None, op, at).node;
        let op = Op::At { path: Text::known("{**rest}"), inner, mount: Mount::Catcher };
        all = evaluator.chain(all.kind, Some(&all), op, at);
    }
    Value::Router(all)
}
