//! Rocket's catchers: what answers, below a base, a request that no route did.

use std::rc::Rc;

use super::{ROCKET, ROUTE};
use crate::{
    evaluate::{
        Evaluator,
        router::{Handle, Methods, Mount, Op},
        text::Text,
        value::{FnValue, Value},
    },
    link::types::Ty,
    source::Place,
};

/// A catcher that is made by hand is what answers there.
pub(super) fn made(path: &str, args: &[Value]) -> Option<Value> {
    let item = path.strip_prefix("rocket::")?;
    let item = item.strip_prefix("catcher::").unwrap_or(item);
    if item == "Catcher::new" { args.last().cloned() } else { None }
}

/// A server with catchers.
pub(super) fn registered(
    evaluator: &mut Evaluator<'_>,
    server: &Handle,
    base: &Text,
    given: &Value,
    at: Place,
) -> Value {
    match given.bare() {
        Value::List(list) => {
            if list.open {
                evaluator.gap_at(at, "some of the catchers that are registered here are not known");
            }
            list.items.iter().fold(Value::Router(server.clone()), |all, one| {
                evaluator.each_way(&all, &mut |evaluator, all| match all {
                    Value::Router(all) => registered(evaluator, all, base, one, at),
                    other => other.clone(),
                })
            })
        }
        Value::Alt(_) => evaluator.each_way(given, &mut |evaluator, given| {
            registered(evaluator, server, base, given, at)
        }),
        one => {
            let handler = function(evaluator, one);
            let op = Op::Handler { methods: Methods::Any, handler, catch_all: true };
            let inner = evaluator.chain(ROUTE, None, op, at).node;
            let path = Text::known("/<rest..>");
            let op = Op::At { path, inner, mount: Mount::Catcher };
            let inner = evaluator.chain(ROUTE, None, op, at).node;
            let op = Op::At { path: base.clone(), inner, mount: Mount::Route };
            evaluator.operate(ROCKET, Some(server), op, at)
        }
    }
}

/// What answers: for a struct, its `handle`.
fn function(evaluator: &mut Evaluator<'_>, catcher: Value) -> Value {
    if matches!(catcher, Value::Fn(_) | Value::Closure(_)) {
        return catcher;
    }
    let ty = evaluator.type_of(&catcher);
    let Ty::Def(def, _) = &ty else { return catcher };
    match evaluator.program.assoc(*def, "handle").first() {
        Some(found) => {
            Value::Fn(Rc::new(FnValue { def: *found, self_ty: Some(ty), generics: Vec::new() }))
        }
        None => catcher,
    }
}
