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
    place::target_of,
    text::Text,
    value::{Cell, Value},
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

    /// What is given to a call that goes on further than is followed: its numbers are those of any call within it. Where
    /// it counts by none, its lists and texts are.
    pub(super) fn of_any_size(&mut self, args: &[Value]) -> Vec<Value> {
        let counts = args.iter().any(|arg| matches!(arg.bare(), Value::Int(_)));
        let mut any = Vec::new();
        for arg in args {
            let wide = match arg.bare() {
                held @ Value::Int(_) => self.not_known(&held),
                held @ (Value::List(_) | Value::Str(_)) if !counts => self.wide_part(&held),
                _ => {
                    any.push(arg.clone());
                    continue;
                }
            };
            any.push(match arg {
                Value::Ref(place) => {
                    self.write(&target_of(place), wide);
                    arg.clone()
                }
                _ => wide,
            });
        }
        any
    }

    /// A list or text of which only the type is known.
    fn wide_part(&mut self, value: &Value) -> Value {
        match value {
            Value::List(list) => {
                let of = list.items.first().map_or(Ty::Unknown, |item| self.type_of(item));
                Value::Unknown(Ty::Slice(Box::new(of)))
            }
            _ => Value::Str(Text::hole()),
        }
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
