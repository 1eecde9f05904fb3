//! Routers that are changed in place, through the vectors they lend of what is in them.

use std::rc::Rc;

use super::{ROUTER, filtered, handle, hooped, pushed};
use crate::{
    evaluate::{
        Evaluator,
        method::Method,
        router::{Handle, Op, Way, replayed},
        target_of,
        text::Text,
        value::{Cell, Term, Value},
    },
    source::Place,
};

const ROUTERS: &str = "salvo::Router!routers";
const HOOPS: &str = "salvo::Router!hoops";
const FILTERS: &str = "salvo::Router!filters";

/// Whether a value stands for what a router has lent.
pub(super) fn is_part(path: &str) -> bool {
    matches!(path, ROUTERS | HOOPS | FILTERS)
}

/// What a router lends of itself.
pub(super) fn part(receiver: &Cell, method: &Method<'_>) -> Option<Value> {
    let path = match method.name {
        "routers_mut" => ROUTERS,
        "hoops_mut" => HOOPS,
        "filters_mut" => FILTERS,
        _ => return None,
    };
    Some(Value::term(path, Some(vec![Value::Ref(target_of(receiver))]), method.at))
}

/// A method of a vector that a router has lent.
pub(super) fn changed(
    evaluator: &mut Evaluator<'_>,
    term: &Rc<Term>,
    method: &Method<'_>,
) -> Option<Value> {
    let at = method.at;
    let Value::Ref(place) = term.args.as_ref()?.first()?.clone() else { return None };
    let adds = matches!(
        method.name,
        "push" | "insert" | "append" | "extend" | "extend_from_slice" | "resize"
    );
    if !adds && !takes_away(method.name) {
        if method.name.ends_with("_mut") && *term.path == *ROUTERS {
            evaluator.gap_at(at, "what becomes of the routers in this one is not known");
        }
        return Some(Value::unknown());
    }
    let given = if adds { method.args.last().cloned() } else { None };
    let held = place.borrow().clone();
    let now = evaluator.each_way(&held, &mut |evaluator, held| {
        let Some(router) = handle(held) else { return held.clone() };
        match (&*term.path, &given) {
            (ROUTERS, Some(given)) => pushed(evaluator, &router, given, at),
            (ROUTERS, None) => held.clone(),
            (_, Some(given)) => each(evaluator, &router, given, &term.path, at),
            (path, None) => without(evaluator, &router, path, at),
        }
    });
    evaluator.write(&place, now);
    // Routers that were taken out are not known where they go.
    Some(if adds { Value::Unit } else { Value::unknown() })
}

fn takes_away(name: &str) -> bool {
    matches!(
        name,
        "clear"
            | "pop"
            | "remove"
            | "swap_remove"
            | "truncate"
            | "drain"
            | "retain"
            | "retain_mut"
            | "split_off"
            | "splice"
            | "dedup_by"
            | "dedup_by_key"
    )
}

/// Each of the hoops or filters that are put into a router.
fn each(
    evaluator: &mut Evaluator<'_>,
    router: &Handle,
    given: &Value,
    path: &str,
    at: Place,
) -> Value {
    match given.bare() {
        Value::List(list) => {
            list.items.iter().fold(Value::Router(router.clone()), |all, one| match handle(&all) {
                Some(all) => each(evaluator, &all, one, path, at),
                None => all,
            })
        }
        one if path == HOOPS => hooped(evaluator, router, &one, at),
        one => filtered(evaluator, router, &one, at),
    }
}

/// A router of which some hoops or filters are gone, it is not known which: none is left that would cover a route, and
/// its path is not known.
fn without(evaluator: &mut Evaluator<'_>, router: &Handle, path: &str, at: Place) -> Value {
    let kept = replayed(router, |op| {
        let goes = match op {
            Op::Layer { .. } => path == HOOPS,
            Op::Within(_) => path == FILTERS,
            _ => false,
        };
        (!goes).then(|| op.clone())
    });
    let kept = match kept {
        Some(kept) => kept,
        None => evaluator.chain(ROUTER, None, Op::New, at),
    };
    if path == HOOPS {
        return Value::Router(kept);
    }
    let way = Way { path: Text::hole(), ..super::filter::at_path(Text::default()) };
    evaluator.operate(ROUTER, Some(&kept), Op::Within(vec![way]), at)
}
