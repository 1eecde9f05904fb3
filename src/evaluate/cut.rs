//! Loops and recursion that go on longer than they are followed: what they do later is done by what is not known.
//!
//! What counts up to a number that is never reached (`if n == 5_000 { router = router.route(..) }`) would be left out
//! without a trace. So another round is made of numbers of which the type alone is known, and what it registers is
//! there perhaps.

use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::{
    Evaluator,
    branch::{Eval, Flow},
    effect::Guard,
    join::same,
    option::{Unwrapped, unwrap},
    text::Text,
    value::{Cell, List, Object, Term, Value, cell, target_of},
    widen::is_sought,
};
use crate::link::types::Ty;

/// Rounds that stand for all that are not followed: one shows what a round changes, another does that with what is not
/// known.
const ROUNDS: usize = 2;

impl Evaluator<'_> {
    /// The rounds of a loop after those that were followed; what they change is not known from then on.
    pub(super) fn other_rounds(
        &mut self,
        run: &mut dyn FnMut(&mut Self) -> Eval,
    ) -> Result<(), Flow> {
        for _ in 0..ROUNDS {
            let (mark, condition) = (self.log.len(), self.fresh_condition());
            self.branches += 1;
            let done = self.branch(vec![
                (Guard { condition, arm: 0 }, Box::new(|e: &mut Self| run(e))),
                (Guard { condition, arm: 1 }, Box::new(|_| Ok(Value::Unit))),
            ]);
            self.branches -= 1;
            let mut seen = FxHashSet::default();
            let logged = self.log.get(mark..).unwrap_or_default().iter();
            let places = logged.map(|(place, _)| place.clone());
            let places: Vec<Cell> = places.filter(|place| seen.insert(Rc::as_ptr(place))).collect();
            for place in places {
                self.no_longer_known(&place);
            }
            if !self.is_logged() {
                self.log.clear();
            }
            done?;
        }
        Ok(())
    }

    /// The numbers among the variables that can be seen.
    pub(super) fn counters(&self) -> Vec<(Cell, Value)> {
        let held = self.scope.locals.iter().map(|(_, held)| (held.clone(), held.borrow().clone()));
        held.filter(|(_, value)| is_count(value)).collect()
    }

    /// After a loop of which it is not known how many rounds there are: what it counted is not known either.
    pub(super) fn no_longer_counted(&mut self, before: &[(Cell, Value)]) {
        for (place, was) in before {
            let now = place.borrow().clone();
            if is_count(&now) && !same(&now, was) {
                self.no_longer_known(place);
            }
        }
    }

    /// A place holds what it held, or something else like it.
    fn no_longer_known(&mut self, place: &Cell) {
        let held = place.borrow().clone();
        match held {
            Value::Ref(_) => {}
            Value::Alt(all) => {
                if all.iter().all(|(_, value)| is_plain(value)) {
                    let known = all.iter().find(|(_, value)| !matches!(value, Value::Unknown(_)));
                    let ty = known.or(all.first()).map(|(_, value)| self.type_of(value));
                    self.write(place, Value::Unknown(ty.unwrap_or(Ty::Unknown)));
                }
            }
            _ => self.may_change(&Value::Ref(place.clone())),
        }
    }

    /// A value of which only the type is known, and what runs or is looked for in it: routers, statements, closures.
    ///
    /// - `shared`: the places that a reference leads to are left as they are; else they hold such a value from then on.
    /// - `left`: how many more values it may be made of: parts may be shared many times over, or hold themselves.
    pub(super) fn anything_like(&mut self, value: &Value, shared: bool, left: &mut u32) -> Value {
        if *left == 0 {
            return value.clone();
        }
        *left -= 1;
        match value {
            Value::Ref(held) if shared => {
                let inside = held.borrow().clone();
                Value::Ref(cell(self.anything_like(&inside, shared, left)))
            }
            Value::Ref(held) => {
                let held = target_of(held);
                let inside = held.borrow().clone();
                let any = self.anything_like(&inside, shared, left);
                self.write(&held, any);
                value.clone()
            }
            Value::Bool(_) | Value::Int(_) | Value::Char(_) => self.not_known(value),
            Value::Str(_) if is_sought(value) => value.clone(),
            Value::Str(_) => Value::Str(Text::hole()),
            Value::Passed(passed) if !value.holds_code() => {
                self.anything_like(&passed.value, shared, left)
            }
            Value::Tuple(parts) => {
                let parts = parts.iter().map(|part| {
                    let held = part.borrow().clone();
                    cell(self.anything_like(&held, shared, left))
                });
                Value::Tuple(Rc::new(parts.collect()))
            }
            Value::List(list) if value.holds_code() => {
                let items = list.items.iter().map(|item| self.perhaps_element(item)).collect();
                Value::List(Rc::new(List { items, open: true, unsure: true, ..(**list).clone() }))
            }
            Value::List(list) => {
                let of = list.items.first().map_or(Ty::Unknown, |item| self.type_of(item));
                Value::Unknown(Ty::Slice(Box::new(of)))
            }
            Value::Object(object) if object.variant.is_none() => {
                let fields = object.fields.iter().map(|(name, place)| {
                    let held = place.borrow().clone();
                    (name.clone(), cell(self.anything_like(&held, shared, left)))
                });
                let fields = fields.collect();
                Value::Object(Rc::new(Object { fields, ..(**object).clone() }))
            }
            Value::Object(_) => self.this_or_any(value),
            Value::Alt(all) if !value.holds_code() => match all.first() {
                Some((_, one)) => self.anything_like(one, shared, left),
                None => Value::unknown(),
            },
            Value::Term(_) if !matches!(unwrap(value), Unwrapped::Other) => self.this_or_any(value),
            value => value.clone(),
        }
    }

    /// One of several variants: this one only where something runs or is looked for in it, or any.
    fn this_or_any(&mut self, value: &Value) -> Value {
        let any = Value::Unknown(match value {
            Value::Term(term) if term.path.starts_with("std::option::") => {
                Ty::External("std::option::Option".into(), vec![self.inside(term)])
            }
            Value::Term(term) => {
                Ty::External("std::result::Result".into(), vec![self.inside(term), Ty::Unknown])
            }
            value => self.type_of(value),
        });
        if value.holds_code() { self.either(value.clone(), any) } else { any }
    }

    /// The type of what is in a `Some` or `Ok`.
    fn inside(&self, term: &Term) -> Ty {
        let is_success = term.path.ends_with("Some") || term.path.ends_with("Ok");
        let held = term.args.as_ref().filter(|_| is_success).and_then(|args| args.first());
        held.map_or(Ty::Unknown, |held| self.type_of(held))
    }
}

/// Whether a value is a number, or one of several.
fn is_count(value: &Value) -> bool {
    match value {
        Value::Int(_) => true,
        Value::Alt(all) => all.iter().all(|(_, value)| matches!(value, Value::Int(_))),
        _ => false,
    }
}

/// Whether a value is a number or the like, or nothing that is known.
fn is_plain(value: &Value) -> bool {
    matches!(value, Value::Bool(_) | Value::Int(_) | Value::Char(_) | Value::Unknown(_))
}
