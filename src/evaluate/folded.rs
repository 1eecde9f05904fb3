//! `fold`, `try_fold`, `reduce` and `scan`: what is handed from element to element.

use std::rc::Rc;

use super::{
    Evaluator,
    branch::{Arm, Eval},
    crowded::is_telling,
    effect::Guard,
    elements::{found, there},
    loops::{MOST_AGAIN, MOST_UNSURE},
    method::Method,
    option::{OK, SOME, Unwrapped, is_perhaps, option, perhaps, unwrap},
    text::Text,
    value::{List, Value, cell},
};
use crate::{link::types::Ty, source::Place};

/// What the method comes to.
///
/// - `of`: the type of the elements that are not known.
pub(super) fn folded(e: &mut Evaluator<'_>, list: &Rc<List>, of: &Ty, method: &Method<'_>) -> Eval {
    let [first, step] = method.args.as_slice() else { return Ok(Value::unknown()) };
    match method.name {
        "scan" => e.scanned(list, of, first, step, method),
        "rfold" => e.fold(&Rc::new(list.backwards()), of, first, step, method),
        "try_rfold" => e.try_folded(&Rc::new(list.backwards()), of, first, step, method),
        "try_fold" => e.try_folded(list, of, first, step, method),
        _ => e.fold(list, of, first, step, method),
    }
}

/// Whether there may be elements that are not known, on which it counts what is run: where all are such, whatever it is.
fn goes_on(list: &List, step: &Value) -> bool {
    list.open && (step.is_callable() || list.items.is_empty())
}

/// Whether a value is an `Option`, or one of several is.
fn is_option(value: &Value) -> bool {
    match value.bare() {
        Value::Term(term) => term.path.starts_with("std::option::"),
        Value::Alt(all) => all.iter().any(|(_, one)| is_option(one)),
        _ => false,
    }
}

/// Whether a state has parts by which one step may choose what the next does with another part.
fn is_of_parts(state: &Value) -> bool {
    matches!(state.bare(), Value::Tuple(_) | Value::Object(_))
}

impl<'p> Evaluator<'p> {
    fn fold(
        &mut self,
        list: &Rc<List>,
        of: &Ty,
        first: &Value,
        step: &Value,
        method: &Method<'_>,
    ) -> Eval {
        let at = method.at;
        let mut state = first.clone();
        for item in &list.items {
            let (before, step) = (state.clone(), step.clone());
            state =
                self.for_element(item, before, move |e, item| e.stepped(&step, state, item, at))?;
        }
        if goes_on(list, step) {
            let steps = self.steps;
            for _ in 0..MOST_UNSURE {
                let condition = self.fresh_condition();
                let (before, given) = (state.clone(), state.clone());
                let other = self.symbolic(of);
                let arms: Vec<Arm<'_, 'p>> = vec![
                    (
                        Guard { condition, arm: 0 },
                        Box::new(move |e: &mut Self| e.stepped(step, given, other, at)),
                    ),
                    (Guard { condition, arm: 1 }, Box::new(move |_| Ok(before))),
                ];
                let after = self.branch(arms)?;
                state = self.after_others(&state, after);
                if !is_of_parts(first) || self.steps - steps > MOST_AGAIN {
                    break;
                }
            }
        }
        // What is put together in an order that is not known.
        Ok(match state {
            Value::Str(_) if list.shuffled => Value::Str(Text::hole()),
            Value::List(made) if list.shuffled => {
                Value::List(Rc::new(List { shuffled: true, ..(*made).clone() }))
            }
            state => state,
        })
    }

    /// What a step makes of a state and an element. That of a stream is an `async` block, which runs before the next.
    fn stepped(&mut self, step: &Value, state: Value, item: Value, at: Place) -> Eval {
        let made = self.call(step, vec![state, item], at)?;
        Ok(self.awaited(made))
    }

    /// What elements that are not known make of a state, of which one made `after`.
    fn after_others(&self, state: &Value, after: Value) -> Value {
        match state {
            Value::Str(text) => Value::Str(text.then(&Text::hole())),
            Value::Bool(_) | Value::Int(_) | Value::Char(_) => self.not_known(state),
            _ => after,
        }
    }

    /// What is not known to be a success ends it perhaps.
    fn try_folded(
        &mut self,
        list: &Rc<List>,
        of: &Ty,
        first: &Value,
        step: &Value,
        method: &Method<'_>,
    ) -> Eval {
        let at = method.at;
        let mut state = first.clone();
        let mut path = OK.to_owned();
        let mut unsure = list.open;
        for item in &list.items {
            let before = Value::term(&path, Some(vec![state.clone()]), at);
            let step = step.clone();
            let made =
                self.for_element(item, before, move |e, item| e.stepped(&step, state, item, at))?;
            self.element_ran();
            if is_option(&made) {
                SOME.clone_into(&mut path);
            }
            state = match unwrap(&made) {
                Unwrapped::Nothing if unsure => return Ok(Value::unknown()),
                Unwrapped::Nothing => return Ok(made),
                _ => {
                    unsure |= is_perhaps(&made) || matches!(unwrap(&made), Unwrapped::Other);
                    if unsure {
                        self.may_stop_here();
                    }
                    self.gone_on_with(made)
                }
            };
        }
        if goes_on(list, step) {
            let (given, other) = (state.clone(), self.symbolic(of));
            let made = self.perhaps_run(|e| e.stepped(step, given, other, at))?;
            if is_option(&made) {
                SOME.clone_into(&mut path);
            }
            if !matches!(unwrap(&made), Unwrapped::Nothing) {
                let after = self.gone_on_with(made);
                let after = self.either(after, state.clone());
                state = self.after_others(&state, after);
            }
        }
        let made = Value::term(&path, Some(vec![state]), at);
        Ok(if unsure { perhaps(made) } else { made })
    }

    /// The state that `try_fold` goes on with.
    fn gone_on_with(&mut self, made: Value) -> Value {
        match unwrap(&made) {
            Unwrapped::Inside(inner) => inner,
            _ => match made.bare() {
                Value::Unknown(ty) => self.symbolic(&super::types::success_type(&ty)),
                _ => self.perhaps_inside(made),
            },
        }
    }

    /// The first element is the state of `reduce`. One that stands for all like it meets another such.
    pub(super) fn reduced(&mut self, list: &Rc<List>, method: &Method<'_>) -> Eval {
        let at = method.at;
        let Some(first) = list.items.first() else {
            if list.open {
                return self.reduced_unknown(&Ty::Unknown, method);
            }
            return Ok(option(None, at));
        };
        let step = method.args.first().cloned().unwrap_or_else(Value::unknown);
        let mut state = there(first).map_or(first, |(_, first)| first).clone();
        let stands_for_all = list.shuffled && there(first).is_some();
        for item in list.items.iter().skip(usize::from(!stands_for_all)) {
            let (before, step) = (state.clone(), step.clone());
            state = self
                .for_element(item, before, move |e, item| e.call(&step, vec![state, item], at))?;
        }
        if goes_on(list, &step) {
            let other = self.symbolic(&self.type_of(&state));
            let given = vec![state.clone(), other];
            let made = self.perhaps_run(|e| e.call(&step, given, at))?;
            state = self.either(made, state);
        }
        Ok(option(Some(state), at))
    }

    /// What `reduce` comes to of elements of which only the type is known.
    pub(super) fn reduced_unknown(&mut self, of: &Ty, method: &Method<'_>) -> Eval {
        let step = method.args.first().cloned().unwrap_or_else(Value::unknown);
        let (first, other) = (self.symbolic(of), self.symbolic(of));
        let given = vec![first.clone(), other];
        let made = self.perhaps_run(|e| e.call(&step, given, method.at))?;
        let state = self.either(made, first);
        Ok(perhaps(Value::term(SOME, Some(vec![state]), method.at)))
    }

    /// The step changes the state where it stands, and gives an element or the end.
    fn scanned(
        &mut self,
        list: &Rc<List>,
        of: &Ty,
        first: &Value,
        step: &Value,
        method: &Method<'_>,
    ) -> Eval {
        let state = cell(first.clone());
        let mut items = Vec::new();
        let mut is_over = false;
        for item in &list.items {
            let (state, step) = (Value::Ref(state.clone()), step.clone());
            let made = self.for_element(item, Value::unknown(), move |e, item| {
                e.call(&step, vec![state, item], method.at)
            })?;
            self.element_ran();
            match unwrap(&made) {
                Unwrapped::Nothing => break,
                Unwrapped::Inside(inner) if !is_over && !is_perhaps(&made) => items.push(inner),
                _ => {
                    is_over = true;
                    self.may_stop_here();
                    let made = self.perhaps_there(made);
                    items.push(self.perhaps_element(&made));
                }
            }
        }
        if list.items.is_empty() && goes_on(list, step) {
            let other = self.symbolic(of);
            let given = vec![Value::Ref(state), other];
            let made = self.perhaps_run(|e| e.call(step, given, method.at))?;
            if is_telling(&made) {
                let made = self.perhaps_there(made);
                items.push(self.perhaps_element(&made));
                return Ok(found(items, false));
            }
        }
        Ok(found(items, list.open))
    }
}
