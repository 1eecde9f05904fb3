//! Methods of lists that run what they are given for each element, and elements that are there under a condition only.

use std::{cell::RefCell, rc::Rc};

use super::{
    Evaluator,
    branch::{Arm, Eval, Flow},
    effect::{Guard, Guards},
    iterator::with,
    library::{Unwrapped, option, unwrap},
    method::Method,
    value::{List, Value},
};
use crate::source::Place;

/// An element that is in its list under `guards` only.
pub(super) fn there_under(guards: &Guards, value: Value) -> Value {
    if guards.is_empty() { value } else { Value::Alt(Rc::new(vec![(guards.clone(), value)])) }
}

/// When an element is in its list, if that is not always, and what it is.
fn there(item: &Value) -> Option<(&Guards, &Value)> {
    match item {
        Value::Alt(all) => match all.as_slice() {
            [(guards, value)] => Some((guards, value)),
            _ => None,
        },
        _ => None,
    }
}

impl<'p> Evaluator<'p> {
    /// Runs `run` for an element, under the choices that put it into its list; elsewhere it comes to `without`.
    pub(super) fn for_element<'a>(
        &mut self,
        item: &Value,
        without: Value,
        run: impl FnOnce(&mut Self, Value) -> Eval + 'a,
    ) -> Eval
    where
        'p: 'a,
    {
        let Some((guards, value)) = there(item) else { return run(self, item.clone()) };
        let mut choices = guards.iter().copied();
        let guard = match (choices.next(), choices.next()) {
            (Some(only), None) => only,
            _ => Guard { condition: self.fresh_condition(), arm: 0 },
        };
        let other = Guard { arm: guard.arm ^ 1, ..guard };
        let (guards, value) = (guards.clone(), value.clone());
        let arms: Vec<Arm<'a, 'p>> = vec![
            (guard, Box::new(move |e: &mut Self| e.narrowed(&guards, |e| run(e, value)))),
            (other, Box::new(move |_| Ok(without))),
        ];
        self.branch(arms)
    }

    /// What `run` makes of an element where it is in its list.
    fn of_element(&mut self, run: &Value, item: &Value, at: Place) -> Eval {
        let made = Rc::new(RefCell::new(None));
        let kept = Rc::clone(&made);
        let run = run.clone();
        let all = self.for_element(item, Value::Unit, move |e, item| {
            let value = e.call(&run, vec![item], at)?;
            *kept.borrow_mut() = Some(value.clone());
            Ok(value)
        })?;
        let own = made.borrow_mut().take();
        Ok(own.unwrap_or(all))
    }

    /// Methods that run what they are given for each element.
    pub(super) fn list_run(
        &mut self,
        list: &Rc<List>,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        let at = method.at;
        let run = method.args.first().cloned().unwrap_or_else(Value::unknown);
        Ok(Some(match method.name {
            "map" | "for_each" | "try_for_each" | "filter_map" | "flat_map" | "inspect"
            | "map_while" => {
                let mut items = Vec::new();
                let mut open = list.open;
                for item in &list.items {
                    let made = self.of_element(&run, item, at)?;
                    let first = items.len();
                    match method.name {
                        "inspect" => {
                            items.push(there(item).map_or_else(|| item.clone(), |of| of.1.clone()));
                        }
                        "flat_map" => match self.iterated(&made) {
                            Some(inner) => {
                                open |= inner.open;
                                items.extend(inner.items.iter().cloned());
                            }
                            None => items.push(made),
                        },
                        "filter_map" | "map_while" => match unwrap(&made) {
                            Unwrapped::Inside(inner) => items.push(inner),
                            Unwrapped::Nothing if method.name == "map_while" => break,
                            Unwrapped::Nothing => {}
                            Unwrapped::Other => items.push(self.perhaps_inside(made)),
                        },
                        _ => items.push(made),
                    }
                    // What comes of an element is there when it is.
                    if let Some((guards, _)) = there(item) {
                        let new = items.split_off(first);
                        items.extend(new.into_iter().map(|value| there_under(guards, value)));
                    }
                }
                with(items, open)
            }
            "filter" => with(self.kept(list, &run, method)?, list.open),
            "take_while" | "skip_while" => {
                let mut items = Vec::new();
                let mut over = false;
                for item in &list.items {
                    over = over
                        || matches!(
                            self.call(&run, vec![item.clone()], at)?.bare(),
                            Value::Bool(false)
                        );
                    if over == (method.name == "skip_while") {
                        items.push(item.clone());
                    }
                }
                with(items, list.open)
            }
            "any" | "all" | "find" | "position" | "find_map" => self.sought(list, &run, method)?,
            "partition" => {
                let kept = self.kept(list, &run, method)?;
                let left = list
                    .items
                    .iter()
                    .filter(|item| !kept.iter().any(|other| super::branch::same(item, other)));
                let left = left.cloned().collect();
                Value::tuple(vec![with(kept, list.open), with(left, list.open)])
            }
            "fold" | "try_fold" | "scan" if method.args.len() == 2 => {
                let mut state = run;
                let step = method.args.get(1).cloned().unwrap_or_else(Value::unknown);
                for item in &list.items {
                    let before = state.clone();
                    let step = step.clone();
                    let is_try = method.name == "try_fold";
                    state = self.for_element(item, before, move |e, item| {
                        let made = e.call(&step, vec![state, item], at)?;
                        Ok(match unwrap(&made) {
                            Unwrapped::Inside(inner) if is_try => inner,
                            _ => made,
                        })
                    })?;
                    if is_try && matches!(unwrap(&state), Unwrapped::Nothing) {
                        return Ok(Some(state));
                    }
                }
                if method.name == "try_fold" {
                    return Ok(Some(Value::term("std::result::Result::Ok", Some(vec![state]), at)));
                }
                state
            }
            "reduce" => {
                let mut items = list.items.iter();
                let Some(mut state) = items.next().cloned() else {
                    return Ok(Some(option(None, at)));
                };
                for item in items {
                    let (before, run) = (state.clone(), run.clone());
                    state = self.for_element(item, before, move |e, item| {
                        e.call(&run, vec![state, item], at)
                    })?;
                }
                option(Some(state), at)
            }
            _ => return Ok(None),
        }))
    }

    /// The elements of which `keep` does not say no.
    pub(super) fn kept(
        &mut self,
        list: &Rc<List>,
        keep: &Value,
        method: &Method<'_>,
    ) -> Result<Vec<Value>, Flow> {
        let mut items = Vec::new();
        for item in &list.items {
            let verdict = self.of_element(keep, item, method.at)?;
            if !matches!(verdict.bare(), Value::Bool(false)) {
                items.push(item.clone());
            }
        }
        Ok(items)
    }

    /// `any`, `all`, `find`, `position`, `find_map`: known as far as each answer before is.
    fn sought(&mut self, list: &Rc<List>, run: &Value, method: &Method<'_>) -> super::Eval {
        let mut unknown = list.open;
        for (item, at) in list.items.iter().zip(0..) {
            let verdict = self.call(run, vec![item.clone()], method.at)?;
            if method.name == "find_map" {
                match unwrap(&verdict) {
                    Unwrapped::Inside(_) if !unknown => return Ok(verdict),
                    Unwrapped::Nothing => {}
                    _ => unknown = true,
                }
                continue;
            }
            match verdict.bare() {
                Value::Bool(found) if found != (method.name == "all") => {
                    if !unknown {
                        return Ok(match method.name {
                            "any" => Value::Bool(true),
                            "all" => Value::Bool(false),
                            "position" => option(Some(Value::Int(at)), method.at),
                            _ => option(Some(item.clone()), method.at),
                        });
                    }
                }
                Value::Bool(_) => {}
                _ => unknown = true,
            }
        }
        Ok(match method.name {
            _ if unknown => Value::unknown(),
            "any" => Value::Bool(false),
            "all" => Value::Bool(true),
            _ => option(None, method.at),
        })
    }
}
