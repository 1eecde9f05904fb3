//! Options of results, results of options and what is nested once more: `transpose` and `flatten`.

use super::{NONE, OK, SOME, Unwrapped, is_perhaps, ok, option, perhaps, unwrap};
use crate::{
    evaluate::{Evaluator, types::success_type, value::Value},
    source::Place,
};

impl Evaluator<'_> {
    /// `transpose` of an `Option` or `Result`: what may fail inside fails outside from then on.
    ///
    /// - `inner`: what is inside, if anything is.
    pub(in crate::evaluate) fn transposed(
        &mut self,
        whole: &Value,
        inner: Option<&Value>,
        at: Place,
    ) -> Value {
        let is_option = is_option(whole);
        let Some(inner) = inner else {
            return if is_option { ok(whole.clone(), at) } else { option(Some(whole.clone()), at) };
        };
        let (outer, within) = if is_option { (OK, SOME) } else { (SOME, OK) };
        let like =
            |whole: &Value, made: Value| if is_perhaps(whole) { perhaps(made) } else { made };
        let around = |held: Value| like(whole, Value::term(within, Some(vec![held]), at));
        let bare = inner.bare();
        match (unwrap(&bare), &bare) {
            (Unwrapped::Inside(held), _) => {
                like(&bare, Value::term(outer, Some(vec![around(held)]), at))
            }
            (Unwrapped::Nothing, _) if is_perhaps(whole) && is_option => {
                let none = ok(Value::term(NONE, None, at), at);
                self.either(bare, none)
            }
            (Unwrapped::Nothing, _) => bare,
            (Unwrapped::Other, Value::Alt(all)) => {
                let mut each = Vec::with_capacity(all.len());
                for (guards, one) in all.iter() {
                    each.push((guards.clone(), self.transposed(whole, Some(one), at)));
                }
                self.join(each)
            }
            (Unwrapped::Other, Value::Unknown(ty)) => {
                let held = self.symbolic(&success_type(ty));
                perhaps(Value::term(outer, Some(vec![around(held)]), at))
            }
            (Unwrapped::Other, _) => {
                perhaps(Value::term(outer, Some(vec![around(bare.clone())]), at))
            }
        }
    }

    /// `flatten` of a success.
    pub(in crate::evaluate) fn nested_once_less(
        &mut self,
        whole: &Value,
        inner: &Value,
        at: Place,
    ) -> Value {
        if !is_perhaps(whole) {
            return inner.bare();
        }
        match unwrap(inner) {
            Unwrapped::Inside(_) => perhaps(inner.bare()),
            Unwrapped::Nothing => inner.bare(),
            Unwrapped::Other => {
                let failure = super::failure_like(whole, at);
                self.either(inner.bare(), failure)
            }
        }
    }
}

/// Whether a value is an `Option`.
fn is_option(value: &Value) -> bool {
    matches!(value.bare(), Value::Term(term) if term.path.starts_with("std::option::"))
}
