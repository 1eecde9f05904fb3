//! Options, results and iterators that came from outside the tree, of which not even the type is known: the router that a
//! closure makes of what is inside is there perhaps, and so is the one that stands for it.

use std::rc::Rc;

use super::{
    Evaluator,
    branch::Eval,
    folded::folded,
    method::Method,
    option::{Unwrapped, option, perhaps, unwrap},
    value::{List, Value},
    wrapped::element_of,
};
use crate::link::types::Ty;

impl Evaluator<'_> {
    /// A method of an `Option` or `Result` on a value from outside the tree; `None` where no router comes of it.
    pub(super) fn outside_held(&mut self, bare: &Value, method: &Method<'_>) -> Option<Eval> {
        if let Some(done) = self.folded_outside(bare, method) {
            return Some(done);
        }
        self.router_outside(bare, method).map(Ok)
    }

    /// What is handed from element to element of an iterator of which nothing is known: any of them may be the last. That
    /// of a collection with routers in it that code outside the tree made stands for those.
    fn folded_outside(&mut self, bare: &Value, method: &Method<'_>) -> Option<Eval> {
        let is_outside = matches!(bare, Value::Term(_) | Value::Unknown(_) | Value::Router(_));
        let ("fold" | "rfold" | "try_fold" | "try_rfold", [first, step]) =
            (method.name, method.args.as_slice())
        else {
            return None;
        };
        if !is_outside || !step.is_callable() || matches!(first.bare(), Value::Unknown(_)) {
            return None;
        }
        let of = element_of(&self.type_of(bare));
        let others = Rc::new(List { open: true, ..List::default() });
        Some(folded(self, &others, &of, method))
    }

    /// A method of an `Option` or `Result` that gives a router.
    fn router_outside(&mut self, bare: &Value, method: &Method<'_>) -> Option<Value> {
        let is_outside = matches!(
            bare,
            Value::Term(_) | Value::Unknown(Ty::Unknown | Ty::External(..) | Ty::AnyOf(..))
        );
        if !is_outside || self.external_method_gate(method.name).is_some() {
            return None;
        }
        let given = |value: &Value| Some(value.clone()).filter(Value::holds_routers);
        match (method.name, method.args.as_slice()) {
            ("map" | "and_then", [run]) => {
                let made = self.router_of(run, method)?;
                let is_wrapped = !matches!(unwrap(&made), Unwrapped::Other);
                let made = if is_wrapped { made } else { option(Some(made), method.at) };
                Some(perhaps(made))
            }
            ("map_or", [other, run]) => {
                let made = self.router_of(run, method);
                self.one_or_other(made, given(other))
            }
            ("map_or_else", [other, run]) => {
                let other = self.router_of(other, method);
                let made = self.router_of(run, method);
                self.one_or_other(made, other)
            }
            ("unwrap_or" | "or", [other]) => self.one_or_other(None, given(other)),
            ("unwrap_or_else" | "or_else", [run]) => {
                let other = self.router_of(run, method);
                self.one_or_other(None, other)
            }
            _ => None,
        }
    }

    /// One of two values that hold routers; the one that is not known is like the other.
    fn one_or_other(&mut self, one: Option<Value>, other: Option<Value>) -> Option<Value> {
        let (one, other) = match (one, other) {
            (Some(one), Some(other)) => (one, other),
            (Some(known), None) | (None, Some(known)) => (self.like(&known), known),
            (None, None) => return None,
        };
        Some(self.either(one, other))
    }

    /// A value of which no more is known than that it is of the same type as this one.
    fn like(&mut self, known: &Value) -> Value {
        if let (Unwrapped::Inside(inner), Value::Term(term)) = (unwrap(known), known.bare()) {
            let inner = self.like(&inner);
            return perhaps(Value::term(&term.path, Some(vec![inner]), term.at));
        }
        let ty = self.type_of(known);
        self.symbolic(&ty)
    }

    /// The routers that come of running a closure on a value that is not known. One of which none come is left to the code
    /// outside the tree that it is given to: it ran for that.
    fn router_of(&mut self, run: &Value, method: &Method<'_>) -> Option<Value> {
        let Value::Closure(closure) = run.bare() else { return None };
        let gone = self.known_as(&closure);
        if !self.has_yet_to_run(gone) {
            return None;
        }
        let mut routers = None;
        self.run_gone(gone, |e| {
            let made = e.perhaps_run(|e| e.call(run, vec![Value::unknown()], method.at));
            match made {
                Ok(made) if is_router(&made) => routers = Some(made),
                Ok(made) => e.escape(&made),
                // It never comes back.
                Err(_) => {}
            }
        });
        if routers.is_some() {
            self.early.runs_again(gone);
        }
        routers
    }
}

/// Whether a value is a router, perhaps in a success: what has others beside it may be an element of a list.
fn is_router(value: &Value) -> bool {
    match (unwrap(value), value.bare()) {
        (_, Value::Router(_)) => true,
        (Unwrapped::Inside(inner), _) => is_router(&inner),
        (_, Value::Alt(all)) => all.iter().any(|(_, one)| is_router(one)),
        _ => false,
    }
}
