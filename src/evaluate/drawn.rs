//! Iterators that are made of code: those of the tree's own types, `from_fn` and `successors`.
//!
//! Each is asked for its elements until it has no more, as far as what it gives is known.

use std::rc::Rc;

use super::{
    Evaluator,
    elements::found,
    loops::MOST_ROUNDS,
    method::Method,
    option::{Unwrapped, is_perhaps, option, unwrap},
    target_of,
    value::{Cell, Term, Value, cell},
};
use crate::source::Place;

const FROM_FN: &str = "std::iter::from_fn";
const SUCCESSORS: &str = "std::iter::successors";
const ONCE_WITH: &str = "std::iter::once_with";

impl Evaluator<'_> {
    /// What the iterator at `place` gives, one after the other; `None` when it is none.
    ///
    /// - `most`: how many are asked for.
    pub(super) fn drawn(&mut self, place: &Cell, most: Option<usize>, at: Place) -> Option<Value> {
        let place = target_of(place);
        let value = place.borrow().clone();
        let mut last: Option<Value> = None;
        if !self.draws(&value) {
            return None;
        }
        let mut items = Vec::new();
        let open = loop {
            if most.is_some_and(|most| items.len() >= most) {
                break false;
            }
            if items.len() >= MOST_ROUNDS {
                self.gap_at(at, "the iterator goes on longer than is followed");
                break true;
            }
            let next = if let Value::Term(term) = &value {
                let args = term.args.as_deref().unwrap_or_default();
                match (&*term.path, args, last.take()) {
                    (FROM_FN, [run], _) => self.call(run, Vec::new(), at),
                    (ONCE_WITH, [run], None) => {
                        self.call(run, Vec::new(), at).map(|made| option(Some(made), at))
                    }
                    (ONCE_WITH, _, _) => break false,
                    (SUCCESSORS, [first, _], None) => Ok(first.clone()),
                    (SUCCESSORS, [_, run], Some(before)) => self.call(run, vec![before], at),
                    _ => break true,
                }
            } else {
                let method = Method { name: "next", generics: Vec::new(), args: Vec::new(), at };
                self.method(&place, method)
            };
            self.element_ran();
            let Ok(next) = next else { break false };
            match unwrap(&next) {
                Unwrapped::Nothing => break false,
                Unwrapped::Inside(inner) if !is_perhaps(&next) => {
                    last = Some(inner.clone());
                    items.push(inner);
                }
                _ => {
                    // Whether this is one, and so what comes after it, is not known.
                    let inner = self.perhaps_there(next);
                    items.push(inner);
                    break true;
                }
            }
        };
        Some(found(items, open))
    }

    /// Whether a value is such an iterator.
    fn draws(&self, value: &Value) -> bool {
        match value {
            Value::Object(_) => self.has_own_method(value, "next"),
            Value::Term(term) => {
                matches!(&*term.path, FROM_FN | ONCE_WITH | SUCCESSORS) && term.args.is_some()
            }
            _ => false,
        }
    }

    /// A method that every iterator has, of one that is made of code.
    pub(super) fn method_of_drawn(
        &mut self,
        receiver: &Cell,
        method: &Method<'_>,
    ) -> Option<super::Eval> {
        if !is_of_iterators(method.name) {
            return None;
        }
        let most = match (method.name, method.args.as_slice()) {
            ("take", [most]) => match most.bare() {
                Value::Int(most) => usize::try_from(most).ok(),
                _ => None,
            },
            ("next", []) => Some(1),
            _ => None,
        };
        let list = if method.name == "next" {
            self.drawn(receiver, most, method.at)
        } else {
            self.drawn_later(|e| Ok(e.drawn(receiver, most, method.at))).ok().flatten()
        }?;
        let made = self.method(&cell(list), method.clone());
        self.went_on(receiver, method);
        Some(made)
    }

    /// What is left of an iterator of which the code itself does not say where it stands.
    fn went_on(&mut self, receiver: &Cell, method: &Method<'_>) {
        let place = target_of(receiver);
        let Value::Term(term) = place.borrow().clone() else { return };
        let args = term.args.as_deref().unwrap_or_default();
        let left = match (&*term.path, method.name, args) {
            (ONCE_WITH, "next", _) => Value::list(Vec::new()),
            (SUCCESSORS, "next", [first, run]) => match unwrap(first) {
                Unwrapped::Inside(inner) if !is_perhaps(first) => {
                    let next = self.call(run, vec![inner], method.at);
                    let next = next.unwrap_or_else(|_| Value::unknown());
                    let args = Some(vec![next, run.clone()]);
                    Value::Term(Rc::new(Term { args, ..(*term).clone() }))
                }
                Unwrapped::Nothing => return,
                _ => Value::unknown(),
            },
            (ONCE_WITH | SUCCESSORS, name, _) if takes_some(name) => Value::unknown(),
            _ => return,
        };
        self.write(&place, left);
    }
}

/// Whether a method of `Iterator` takes some of the elements, and leaves the others.
pub(super) fn takes_some(method: &str) -> bool {
    matches!(
        method,
        "all"
            | "any"
            | "by_ref"
            | "find"
            | "find_map"
            | "next"
            | "nth"
            | "position"
            | "try_fold"
            | "try_for_each"
    )
}

/// Whether a method is one of `Iterator` that goes over the elements.
pub(super) fn is_of_iterators(method: &str) -> bool {
    matches!(
        method,
        "all"
            | "any"
            | "by_ref"
            | "chain"
            | "collect"
            | "count"
            | "enumerate"
            | "filter"
            | "filter_map"
            | "find"
            | "find_map"
            | "flat_map"
            | "flatten"
            | "fold"
            | "for_each"
            | "into_iter"
            | "last"
            | "map"
            | "map_while"
            | "next"
            | "nth"
            | "partition"
            | "peekable"
            | "position"
            | "reduce"
            | "rev"
            | "skip"
            | "skip_while"
            | "take"
            | "take_while"
            | "try_fold"
            | "try_for_each"
            | "unzip"
            | "zip"
    )
}
