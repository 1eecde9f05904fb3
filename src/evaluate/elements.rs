//! Methods of lists that run what they are given for each element, and elements that are there under a condition only.

use std::{cell::RefCell, rc::Rc};

use super::{
    Evaluator,
    branch::{Arm, Eval, Flow},
    effect::{Guard, Guards},
    method::Method,
    option::{Unwrapped, is_perhaps, option, unwrap},
    text_search::position,
    value::{Cell, List, Value},
};
use crate::{link::types::Ty, source::Place};

/// An element that is in its list under `guards` only.
pub(super) fn there_under(guards: &Guards, value: Value) -> Value {
    if guards.is_empty() { value } else { Value::Alt(Rc::new(vec![(guards.clone(), value)])) }
}

/// Elements of which some may be there perhaps.
pub(super) fn found(items: Vec<Value>, open: bool) -> Value {
    let unsure = items.iter().any(|item| there(item).is_some());
    Value::List(Rc::new(List { items, open, unsure, ..List::default() }))
}

/// When an element is in its list, if that is not always, and what it is.
pub(super) fn there(item: &Value) -> Option<(&Guards, &Value)> {
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
        target: &Cell,
        list: &Rc<List>,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        let at = method.at;
        let run = method.args.first().cloned().unwrap_or_else(Value::unknown);
        if list.open && goes_over(method.name) {
            self.run_on_others(list, &run, method)?;
        }
        Ok(Some(match method.name {
            "map" | "for_each" | "filter_map" | "flat_map" | "inspect" | "map_while" => {
                let mut items = Vec::new();
                let mut open = list.open;
                // Whether an element before may have ended it.
                let mut perhaps_over = false;
                for item in &list.items {
                    let made = self.of_element(&run, item, at)?;
                    self.element_ran();
                    let first = items.len();
                    match method.name {
                        "inspect" => {
                            items.push(there(item).map_or_else(|| item.clone(), |of| of.1.clone()));
                        }
                        "flat_map" => open |= self.flatten_into(&mut items, &made),
                        "filter_map" | "map_while" => match unwrap(&made) {
                            Unwrapped::Nothing if method.name == "filter_map" => {}
                            Unwrapped::Nothing if there(item).is_none() => break,
                            Unwrapped::Nothing => {
                                perhaps_over = true;
                                self.may_stop_here();
                            }
                            _ => {
                                let made = self.perhaps_there(made);
                                if method.name == "map_while" && there(&made).is_some() {
                                    perhaps_over = true;
                                    self.may_stop_here();
                                }
                                let is_there = !perhaps_over || there(&made).is_some();
                                items.push(if is_there {
                                    made
                                } else {
                                    self.perhaps_element(&made)
                                });
                            }
                        },
                        _ => items.push(made),
                    }
                    // What comes of an element is there when it is.
                    if let Some((guards, _)) = there(item) {
                        let new = items.split_off(first);
                        items.extend(new.iter().map(|value| self.element_under(guards, value)));
                    }
                }
                found(items, open)
            }
            "try_for_each" => self.tried_for_each(list, &run, at)?,
            "filter" => found(self.kept(list, &run, method)?, list.open),
            "take_while" | "skip_while" => {
                let (mut items, mut unsure) = (Vec::new(), false);
                // Whether an element before failed the test; `None` where that is not known.
                let mut over = Some(false);
                for item in &list.items {
                    if over != Some(true) {
                        over = match self.call(&run, vec![item.clone()], at)?.bare() {
                            Value::Bool(true) => over,
                            Value::Bool(false) if there(item).is_none() => over.map(|_| true),
                            _ => None,
                        };
                        self.element_ran();
                    }
                    match over {
                        None => {
                            self.may_stop_here();
                            unsure = true;
                            items.push(self.perhaps_element(item));
                        }
                        Some(over) if over == (method.name == "skip_while") => {
                            items.push(item.clone());
                        }
                        Some(_) => {}
                    }
                }
                Value::List(Rc::new(List { items, open: list.open, unsure, ..List::default() }))
            }
            "any" | "all" | "find" | "position" | "find_map" => {
                let (found, taken) = self.sought(list, &run, method)?;
                self.left_of_search(target, list, (taken, false));
                found
            }
            "rfind" | "rposition" => {
                let name = if method.name == "rfind" { "find" } else { "position" };
                let backwards = Rc::new(list.backwards());
                let forwards = Method { name, ..method.clone() };
                let (found, taken) = self.sought(&backwards, &run, &forwards)?;
                self.left_of_search(target, list, (taken, true));
                if method.name == "rfind" {
                    return Ok(Some(found));
                }
                let from_end = match unwrap(&found) {
                    Unwrapped::Inside(Value::Int(n)) => usize::try_from(n).ok(),
                    _ => return Ok(Some(found)),
                };
                let at = from_end.and_then(|n| list.items.len().checked_sub(n + 1));
                option(at.map(position), method.at)
            }
            "partition" => self.parted(list, &run, at)?,
            "fold" | "try_fold" | "rfold" | "try_rfold" | "scan" if method.args.len() == 2 => {
                super::folded::folded(self, list, &Ty::Unknown, method)?
            }
            "reduce" => self.reduced(list, method)?,
            _ => return Ok(None),
        }))
    }

    /// `try_for_each`: the first failure ends it.
    fn tried_for_each(&mut self, list: &Rc<List>, run: &Value, at: Place) -> Eval {
        let mut items = Vec::new();
        let mut unsure = list.open;
        for item in &list.items {
            let made = self.of_element(run, item, at)?;
            self.element_ran();
            match unwrap(&made) {
                Unwrapped::Nothing if !unsure && there(item).is_none() => return Ok(made),
                Unwrapped::Inside(_) if !is_perhaps(&made) => {}
                _ => {
                    unsure = true;
                    self.may_stop_here();
                }
            }
            items.push(made);
        }
        Ok(match items.last() {
            Some(last) if !unsure => last.clone(),
            _ => found(items, list.open),
        })
    }

    /// Runs what a method was given for the elements that are not known, of which there may be none.
    fn run_on_others(&mut self, list: &List, run: &Value, method: &Method<'_>) -> Result<(), Flow> {
        if !run.is_callable() {
            return Ok(());
        }
        let ty = list.items.first().map_or(Ty::Unknown, |first| self.type_of(first));
        let given = self.symbolic(&ty);
        let made = self.perhaps_run(|e| e.call(run, vec![given], method.at))?;
        self.escape(&made);
        Ok(())
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
                        side.extend(guards.map(|guards| self.element_under(&guards, item)));
                    }
                }
            }
        }
        let side = |items| {
            Value::List(Rc::new(List { items, open: list.open, unsure, ..List::default() }))
        };
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
            self.element_ran();
            match verdict.bare() {
                Value::Bool(true) => items.push(item.clone()),
                Value::Bool(false) => {}
                _ => items.push(self.perhaps_element(item)),
            }
        }
        Ok(items)
    }

    /// `any`, `all`, `find`, `position`, `find_map`: known as far as each answer before is. And how many elements were
    /// asked about, if that is known.
    fn sought(
        &mut self,
        list: &Rc<List>,
        run: &Value,
        method: &Method<'_>,
    ) -> Result<(Value, Option<usize>), Flow> {
        let mut unknown = list.open;
        if unknown {
            self.may_stop_here();
        }
        // What may be found, where that is not known.
        let mut may_be = Vec::new();
        for (item, at) in list.items.iter().zip(0..) {
            let verdict = self.call(run, vec![item.clone()], method.at)?;
            self.element_ran();
            if method.name == "find_map" {
                match unwrap(&verdict) {
                    Unwrapped::Inside(_) if !unknown && !is_perhaps(&verdict) => {
                        return Ok((verdict, Some(at + 1)));
                    }
                    Unwrapped::Nothing => {}
                    _ => {
                        unknown = true;
                        self.may_stop_here();
                        may_be.push(match (unwrap(&verdict), verdict.bare()) {
                            (Unwrapped::Inside(inner), _) => inner,
                            (_, Value::Unknown(ty)) => {
                                self.symbolic(&super::types::success_type(&ty))
                            }
                            _ => self.perhaps_inside(verdict),
                        });
                    }
                }
                continue;
            }
            match verdict.bare() {
                Value::Bool(found) if found != (method.name == "all") => {
                    if !unknown {
                        let found = match method.name {
                            "any" => Value::Bool(true),
                            "all" => Value::Bool(false),
                            "position" => option(Some(position(at)), method.at),
                            _ => option(Some(item.clone()), method.at),
                        };
                        return Ok((found, Some(at + 1)));
                    }
                    may_be.push(item.clone());
                }
                Value::Bool(_) => {}
                _ => {
                    unknown = true;
                    self.may_stop_here();
                    may_be.push(item.clone());
                }
            }
        }
        let found = match method.name {
            "find" | "find_map" if unknown => self.perhaps_among(list, may_be, method.at),
            _ if unknown => Value::unknown(),
            "any" => Value::Bool(false),
            "all" => Value::Bool(true),
            _ => option(None, method.at),
        };
        Ok((found, (!unknown).then_some(list.items.len())))
    }
}

/// Whether a method runs what it is given for each element, and not for what came of the others.
fn goes_over(method: &str) -> bool {
    matches!(
        method,
        "all"
            | "any"
            | "filter"
            | "filter_map"
            | "find"
            | "find_map"
            | "flat_map"
            | "for_each"
            | "inspect"
            | "map"
            | "map_while"
            | "partition"
            | "position"
            | "rfind"
            | "rposition"
            | "skip_while"
            | "take_while"
            | "try_for_each"
    )
}
