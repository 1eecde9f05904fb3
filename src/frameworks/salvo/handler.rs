//! Handlers: functions with `#[handler]` or `#[endpoint]`, structs, and either with hoops of its own.

use std::rc::Rc;

use super::{handle, item, router_method};
use crate::{
    evaluate::{
        Evaluator,
        effect::Guards,
        method::Method,
        router::{Handle, Methods, Op, RouterKind, Way},
        text::Text,
        value::{FnValue, Value},
    },
    link::{Head, Target, types::Ty},
    source::Place,
};

/// A handler with hoops of its own.
pub(super) const HANDLER: RouterKind = "salvo::HoopedHandler";

/// A router that answers `methods` with `given`.
pub(super) fn answer(
    evaluator: &mut Evaluator<'_>,
    router: &Handle,
    methods: Methods,
    given: &Value,
    at: Place,
) -> Value {
    let kind = router.kind;
    if let Some(hooped) = handle(given) {
        let way = Way { path: Text::default(), methods, guards: Guards::default() };
        let Value::Router(only) =
            evaluator.operate(HANDLER, Some(&hooped), Op::Within(vec![way]), at)
        else {
            return Value::Router(router.clone());
        };
        return evaluator.operate(kind, Some(router), Op::Merge(only.node), at);
    }
    let outside = matches!(given.bare(), Value::Term(_)) && methods == Methods::Any;
    let handler = function(evaluator, given);
    evaluator.operate(kind, Some(router), Op::Handler { methods, handler, catch_all: outside }, at)
}

/// What answers for a value: for a struct, its `handle`.
pub(super) fn function(evaluator: &mut Evaluator<'_>, value: &Value) -> Value {
    let (def, generics) = match value.bare() {
        Value::Object(object) => (object.def, object.generics.clone()),
        Value::Unknown(Ty::Def(def, generics)) => (def, generics),
        _ => return value.clone(),
    };
    let found = evaluator.program.assoc(def, "handle").first().copied();
    found.map_or_else(
        || value.clone(),
        |found| {
            let self_ty = Some(Ty::Def(def, generics));
            Value::Fn(Rc::new(FnValue { def: found, self_ty, generics: Vec::new() }))
        },
    )
}

/// Whether a value is a handler of salvo.
pub(super) fn is_handler(evaluator: &mut Evaluator<'_>, value: &Value) -> bool {
    let made = |path: &str| item(path).is_some_and(|item| matches!(item, "handler" | "endpoint"));
    match value {
        Value::Fn(function) => {
            evaluator.attributes(function.def).iter().any(|attribute| made(&attribute.path))
        }
        Value::Object(object) => {
            let blocks = evaluator.program.impls_for(&Head::Item(object.def));
            blocks.into_iter().any(|block| match evaluator.program.trait_of(block) {
                Some(Target::External(path)) => item(&path) == Some("Handler"),
                Some(Target::Item(_)) => false,
                None => evaluator.attributes(block).iter().any(|attribute| made(&attribute.path)),
            })
        }
        Value::Term(term) => item(&term.path).is_some_and(is_value_of_handler),
        _ => false,
    }
}

/// Modules and types of salvo of whose values none is a handler: what a request or response is made of, and what is taken
/// out of one.
const DATA: [&str; 7] = ["Depot", "FlowCtrl", "Request", "Response", "extract", "http", "hyper"];

/// Whether a path within salvo may make a handler: constants and the parts of a request are none.
fn is_value_of_handler(item: &str) -> bool {
    let last = item.rsplit(':').next().unwrap_or(item);
    let is_constant =
        last.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    !is_constant && !item.split("::").any(|name| DATA.contains(&name))
}

/// A method that every handler has; those of routers are the same.
pub(super) fn handler_method(
    evaluator: &mut Evaluator<'_>,
    value: &Value,
    method: &Method<'_>,
) -> Option<Value> {
    match method.name {
        "hoop" | "hoop_when" | "hooped" if is_handler(evaluator, value) => {
            let handler = function(evaluator, value);
            let op = Op::Handler { methods: Methods::Any, handler, catch_all: false };
            let hooped = handle(&evaluator.operate(HANDLER, None, op, method.at))?;
            router_method(evaluator, &hooped, method)
        }
        "arc" if is_handler(evaluator, value) => Some(value.clone()),
        _ => crafted(evaluator, value, method),
    }
}

/// `service.create()` where `#[craft]` made `create` return a handler that runs its body.
fn crafted(evaluator: &mut Evaluator<'_>, value: &Value, method: &Method<'_>) -> Option<Value> {
    let ty = evaluator.type_of(value);
    let head = ty.head().filter(|_| method.args.is_empty())?;
    let def = evaluator.program.assoc_of(&head, method.name).first().copied()?;
    let is_craft = |path: &str| path.rsplit(':').next() == Some("craft");
    let block = evaluator.program.def(def).parent?;
    let marked = |evaluator: &mut Evaluator<'_>, id| {
        evaluator.attributes(id).into_iter().any(|attribute| is_craft(&attribute.path))
    };
    (marked(evaluator, def) && marked(evaluator, block))
        .then(|| Value::Fn(Rc::new(FnValue { def, self_ty: Some(ty), generics: Vec::new() })))
}
