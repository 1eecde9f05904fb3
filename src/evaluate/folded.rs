//! `fold`, `try_fold` and `scan`: what is handed from element to element.

use std::rc::Rc;

use super::{
    Evaluator,
    branch::{Arm, Eval},
    effect::Guard,
    elements::found,
    method::Method,
    option::{Unwrapped, is_perhaps, perhaps, unwrap},
    text::Text,
    value::{List, Value, cell},
};

/// What the method comes to.
pub(super) fn folded(e: &mut Evaluator<'_>, list: &Rc<List>, method: &Method<'_>) -> Eval {
    let [first, step] = method.args.as_slice() else { return Ok(Value::unknown()) };
    match method.name {
        "scan" => e.scanned(list, first, step, method),
        "try_fold" => e.try_folded(list, first, step, method),
        _ => e.fold(list, first, step, method),
    }
}

impl<'p> Evaluator<'p> {
    fn fold(&mut self, list: &Rc<List>, first: &Value, step: &Value, method: &Method<'_>) -> Eval {
        let at = method.at;
        let mut state = first.clone();
        for item in &list.items {
            let (before, step) = (state.clone(), step.clone());
            state = self
                .for_element(item, before, move |e, item| e.call(&step, vec![state, item], at))?;
        }
        if list.open && step.is_callable() {
            let condition = self.fresh_condition();
            let (before, given) = (state.clone(), state.clone());
            let arms: Vec<Arm<'_, 'p>> = vec![
                (
                    Guard { condition, arm: 0 },
                    Box::new(move |e: &mut Self| e.call(step, vec![given, Value::unknown()], at)),
                ),
                (Guard { condition, arm: 1 }, Box::new(move |_| Ok(before))),
            ];
            let after = self.branch(arms)?;
            state = match &state {
                Value::Str(text) => Value::Str(text.then(&Text::hole())),
                Value::Bool(_) | Value::Int(_) | Value::Char(_) => self.not_known(&state),
                _ => after,
            };
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

    /// What is not known to be a success ends it perhaps.
    fn try_folded(
        &mut self,
        list: &Rc<List>,
        first: &Value,
        step: &Value,
        method: &Method<'_>,
    ) -> Eval {
        let at = method.at;
        let mut state = first.clone();
        let mut path = "std::result::Result::Ok".to_owned();
        let mut unsure = list.open;
        for item in &list.items {
            let before = Value::term(&path, Some(vec![state.clone()]), at);
            let step = step.clone();
            let made = self
                .for_element(item, before, move |e, item| e.call(&step, vec![state, item], at))?;
            if let Value::Term(term) = made.bare()
                && term.path.starts_with("std::option::")
            {
                "std::option::Option::Some".clone_into(&mut path);
            }
            state = match unwrap(&made) {
                Unwrapped::Nothing if unsure => return Ok(Value::unknown()),
                Unwrapped::Nothing => return Ok(made),
                Unwrapped::Inside(inner) => {
                    unsure |= is_perhaps(&made);
                    inner
                }
                Unwrapped::Other => {
                    unsure = true;
                    match made.bare() {
                        Value::Unknown(ty) => self.symbolic(&super::types::success_type(&ty)),
                        _ => self.perhaps_inside(made),
                    }
                }
            };
        }
        let made = Value::term(&path, Some(vec![state]), at);
        Ok(if unsure { perhaps(made) } else { made })
    }

    /// The step changes the state where it stands, and gives an element or the end.
    fn scanned(
        &mut self,
        list: &Rc<List>,
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
            match unwrap(&made) {
                Unwrapped::Nothing => break,
                Unwrapped::Inside(inner) if !is_over && !is_perhaps(&made) => items.push(inner),
                _ => {
                    is_over = true;
                    let made = self.perhaps_there(made);
                    items.push(self.perhaps_element(&made));
                }
            }
        }
        Ok(found(items, list.open))
    }
}
