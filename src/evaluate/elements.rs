//! Methods of lists that run what they are given for each element, and elements that are there under a condition only.

use std::{cell::RefCell, rc::Rc};

use super::{
    Evaluator,
    branch::{Arm, Eval, Flow},
    effect::{Guard, Guards},
    iterator::{extend, with},
    method::Method,
    option::{Unwrapped, is_perhaps, option, perhaps, unwrap},
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
        let outside = self.guards.clone();
        let mut choices = guards.iter().copied().filter(|guard| !outside.holds(*guard));
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

    /// An element that is in its list or not, by a condition that is not known.
    pub(super) fn perhaps_element(&mut self, item: &Value) -> Value {
        let condition = self.fresh_condition();
        let guard = Guard { condition, arm: 0 };
        let (guards, value) = there(item).unwrap_or((&self.guards, item));
        match guards.with(guard) {
            Some(guards) => there_under(&guards, value.clone()),
            None => item.clone(),
        }
    }

    /// An element that is in its list under further choices.
    pub(super) fn element_under(&self, guards: &Guards, item: &Value) -> Value {
        let (own, value) = there(item).map_or((None, item), |(own, value)| (Some(own), value));
        match own.map_or_else(|| Some(guards.clone()), |own| own.and(guards)) {
            Some(both) => there_under(&both, value.clone()),
            None => item.clone(),
        }
    }

    /// The element that an `Option` or `Result` comes to which is not known to be a failure.
    pub(super) fn perhaps_there(&mut self, value: Value) -> Value {
        match unwrap(&value) {
            Unwrapped::Inside(inner) if !is_perhaps(&value) => inner,
            Unwrapped::Inside(inner) => self.perhaps_element(&inner),
            _ => match value.bare() {
                Value::Unknown(ty) => {
                    let inner = self.symbolic(&super::types::success_type(&ty));
                    self.perhaps_element(&inner)
                }
                Value::Alt(all) => {
                    let fails = |(_, one): &(Guards, Value)| {
                        matches!(unwrap(one), Unwrapped::Nothing) || is_perhaps(one)
                    };
                    // One alone is there under a choice.
                    let perhaps = all.len() == 1 || all.iter().any(fails);
                    let inner = self.perhaps_inside(value);
                    if perhaps { self.perhaps_element(&inner) } else { inner }
                }
                value => self.perhaps_element(&value),
            },
        }
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
                                open |= !extend(&mut items, &inner.items);
                            }
                            None => items.push(made),
                        },
                        "filter_map" | "map_while" => match unwrap(&made) {
                            Unwrapped::Nothing if method.name == "map_while" => break,
                            Unwrapped::Nothing => {}
                            _ => items.push(self.perhaps_there(made)),
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
            "filter" => {
                let items = self.kept(list, &run, method)?;
                let unsure = items.iter().any(|item| there(item).is_some());
                Value::List(Rc::new(List { items, open: list.open, unsure }))
            }
            "take_while" | "skip_while" => {
                let (mut items, mut unsure) = (Vec::new(), false);
                // Whether an element before failed the test; `None` where that is not known.
                let mut over = Some(false);
                for item in &list.items {
                    if over != Some(true) {
                        over = match self.call(&run, vec![item.clone()], at)?.bare() {
                            Value::Bool(true) => over,
                            Value::Bool(false) => over.map(|_| true),
                            _ => None,
                        };
                    }
                    match over {
                        None => {
                            unsure = true;
                            items.push(self.perhaps_element(item));
                        }
                        Some(over) if over == (method.name == "skip_while") => {
                            items.push(item.clone());
                        }
                        Some(_) => {}
                    }
                }
                Value::List(Rc::new(List { items, open: list.open, unsure }))
            }
            "any" | "all" | "find" | "position" | "find_map" => self.sought(list, &run, method)?,
            "partition" => self.parted(list, &run, at)?,
            "fold" | "try_fold" | "scan" if method.args.len() == 2 => {
                let mut state = run;
                let step = method.args.get(1).cloned().unwrap_or_else(Value::unknown);
                let (mut may_fail, mut is_option) = (list.open, false);
                for item in &list.items {
                    let (may_fail, is_option) = (&mut may_fail, &mut is_option);
                    let before = state.clone();
                    let step = step.clone();
                    let is_try = method.name == "try_fold";
                    state = self.for_element(item, before, move |e, item| {
                        let made = e.call(&step, vec![state, item], at)?;
                        *is_option = matches!(made.bare(), Value::Term(term) if term.path.starts_with("std::option::"));
                        *may_fail |= matches!(unwrap(&made), Unwrapped::Other) || is_perhaps(&made);
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
                    let made = if is_option {
                        option(Some(state), at)
                    } else {
                        Value::term("std::result::Result::Ok", Some(vec![state]), at)
                    };
                    return Ok(Some(if may_fail { perhaps(made) } else { made }));
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

    /// The elements of which `chooses` says yes and the others; one of which that is not known is in one or the other.
    fn parted(&mut self, list: &Rc<List>, chooses: &Value, at: Place) -> Eval {
        let (mut yes, mut no) = (Vec::new(), Vec::new());
        let mut unsure = list.unsure;
        for item in &list.items {
            match self.of_element(chooses, item, at)?.bare() {
                Value::Bool(true) => yes.push(item.clone()),
                Value::Bool(false) => no.push(item.clone()),
                _ => {
                    unsure = true;
                    let condition = self.fresh_condition();
                    for (arm, side) in [(0, &mut yes), (1, &mut no)] {
                        let guards = self.guards.with(Guard { condition, arm });
                        side.extend(guards.map(|guards| there_under(&guards, item.clone())));
                    }
                }
            }
        }
        let side = |items| Value::List(Rc::new(List { items, open: list.open, unsure }));
        Ok(Value::tuple(vec![side(yes), side(no)]))
    }

    /// The elements of which `keep` does not say no; those of which it does not say yes either are there perhaps.
    pub(super) fn kept(
        &mut self,
        list: &Rc<List>,
        keep: &Value,
        method: &Method<'_>,
    ) -> Result<Vec<Value>, Flow> {
        let mut items = Vec::new();
        for item in &list.items {
            let verdict = self.of_element(keep, item, method.at)?;
            match verdict.bare() {
                Value::Bool(true) => items.push(item.clone()),
                Value::Bool(false) => {}
                _ => items.push(self.perhaps_element(item)),
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
