//! What is served as a whole app without being a router.

use super::{METHODS, ROUTER, handle, service::function_of};
use crate::{
    evaluate::{
        Evaluator,
        router::{Handle, Methods, Mount, Op},
        text::Text,
        value::Value,
    },
    source::Place,
};

/// A value as a whole app, where it is what answers every path: a method router, a handler, a service made of one.
pub(super) fn whole(evaluator: &mut Evaluator<'_>, value: &Value, at: Place) -> Option<Value> {
    let inner = match value.bare() {
        Value::Router(router) => return Some(whole_router(evaluator, &router, at)),
        Value::Term(term) if &*term.path == "tower::make::Shared::new" => {
            return whole(evaluator, term.args.as_deref()?.first()?, at);
        }
        service => function_of(&service)?,
    };
    let op = Op::Handler { methods: Methods::Any, handler: inner, catch_all: true };
    let methods = handle(&evaluator.operate(METHODS, None, op, at))?;
    Some(whole_router(evaluator, &methods, at))
}

/// A router as it is served by itself: what has no paths answers them all.
fn whole_router(evaluator: &mut Evaluator<'_>, router: &Handle, at: Place) -> Value {
    if router.kind != METHODS {
        return Value::Router(router.clone());
    }
    let op = Op::At {
        path: Text::known("/{*rest}"),
        inner: router.node.clone(),
        mount: Mount::Fallback,
    };
    evaluator.operate(ROUTER, None, op, at)
}
