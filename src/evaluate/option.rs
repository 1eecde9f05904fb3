//! `Option` and `Result`: what is inside, and what their methods do where it is known which of the two one is.

mod nested;
mod paired;
mod perhaps;

use std::rc::Rc;

use super::{
    Evaluator,
    branch::{Arm, Eval, Flow},
    effect::Guard,
    method::Method,
    value::{Cell, Kind, Term, Value, cell},
};
use crate::{link::types::Ty, source::Place};

pub(super) use self::perhaps::{certain, is_perhaps, perhaps};

pub(super) const SOME: &str = "std::option::Option::Some";
pub(super) const NONE: &str = "std::option::Option::None";
pub(super) const OK: &str = "std::result::Result::Ok";
const ERR: &str = "std::result::Result::Err";

/// What is inside an `Option` or `Result`.
pub(super) enum Unwrapped {
    /// `Some(x)`, `Ok(x)`.
    Inside(Value),
    /// `None`, `Err(_)`.
    Nothing,
    /// Neither is known.
    Other,
}

/// Looks into an `Option` or `Result`.
pub(super) fn unwrap(value: &Value) -> Unwrapped {
    let Value::Term(term) = value.bare() else { return Unwrapped::Other };
    match term.path.rsplit(':').next() {
        Some("Some" | "Ok") if term.path.starts_with("std::") => Unwrapped::Inside(
            term.args
                .as_ref()
                .and_then(|args| args.first())
                .cloned()
                .unwrap_or_else(Value::unknown),
        ),
        Some("None" | "Err") if term.path.starts_with("std::") => Unwrapped::Nothing,
        _ => Unwrapped::Other,
    }
}

/// The failure that goes with a success of which at least the type is known.
pub(super) fn failure_like(success: &Value, at: Place) -> Value {
    match success.bare() {
        Value::Unknown(Ty::External(path, _)) if &*path == "std::option::Option" => {
            option(None, at)
        }
        Value::Term(term) if term.path.starts_with("std::option::") => option(None, at),
        _ => Value::term(ERR, Some(vec![Value::unknown()]), at),
    }
}

/// What there is where a success that is not certain did not come about.
fn failure_of(value: &Value, at: Place) -> Value {
    failure_like(value, at)
}

/// `Ok(value)`.
pub(super) fn ok(value: Value, at: Place) -> Value {
    Value::term(OK, Some(vec![value]), at)
}

/// `Some(value)` or `None`.
pub(super) fn option(value: Option<Value>, at: Place) -> Value {
    match value {
        Some(value) => Value::term(SOME, Some(vec![value]), at),
        None => Value::term(NONE, None, at),
    }
}

/// `None` of a declared type, which tells what stands in its place by default; `None` where that is known or nothing is.
pub(super) fn none_of(term: &Term, held: &[Ty]) -> Option<Value> {
    let is_told = !term.generics.is_empty() || held.iter().all(|ty| *ty == Ty::Unknown);
    (&*term.path == NONE && !is_told)
        .then(|| Value::Term(Rc::new(Term { generics: held.to_vec(), ..term.clone() })))
}

/// `None` in the place of a value of the same type.
fn none_like(whole: &Value, at: Place) -> Value {
    let Value::Term(term) = whole else { return option(None, at) };
    let none = Term::new(NONE.into(), None, at);
    Value::Term(Rc::new(Term { generics: term.generics.clone(), ..none }))
}

/// Methods of which the answer is another one for a failure than for a success.
fn tells_apart(method: &str) -> bool {
    matches!(
        method,
        "and"
            | "is_none_or"
            | "is_ok_and"
            | "is_some_and"
            | "map_or"
            | "map_or_else"
            | "or"
            | "or_else"
            | "unwrap_or"
            | "unwrap_or_default"
            | "unwrap_or_else"
            | "xor"
    )
}

impl<'p> Evaluator<'p> {
    /// Runs a method of what is a success perhaps: what stands for a failure by default is like what that holds.
    pub(super) fn like_success<T>(
        &mut self,
        whole: &Value,
        method: &str,
        run: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let ty = if method == "unwrap_or_default" { self.held_type(whole) } else { Ty::Unknown };
        if ty == Ty::Unknown {
            return run(self);
        }
        let outer = self.expected.replace(ty);
        let done = run(self);
        self.expected = outer;
        done
    }

    /// The type of what is in an `Option` or `Result`, of the first of several that is a success.
    fn held_type(&self, whole: &Value) -> Ty {
        let all = match whole.bare() {
            Value::Alt(all) => all.iter().map(|(_, one)| one.clone()).collect(),
            value => vec![value],
        };
        let held = |one: &Value| match unwrap(one) {
            // Of a list that is told by its elements the default is one without any.
            Unwrapped::Inside(Value::List(list)) if list.kind == Kind::Sequence => {
                Ty::External("std::vec::Vec".into(), vec![Ty::Unknown])
            }
            Unwrapped::Inside(Value::Alt(all)) => {
                all.first().map_or(Ty::Unknown, |(_, held)| self.type_of(held))
            }
            Unwrapped::Inside(held) => self.type_of(&held),
            _ => Ty::Unknown,
        };
        all.iter().map(held).find(|ty| *ty != Ty::Unknown).unwrap_or(Ty::Unknown)
    }

    /// A method of an `Option` or `Result` of which it is known what it is.
    ///
    /// - `target`: where it stands.
    pub(super) fn wrapped_method(
        &mut self,
        target: &Cell,
        whole: &Value,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        if is_perhaps(whole) && tells_apart(method.name) {
            let condition = self.fresh_condition();
            let ways = [certain(whole), failure_of(whole, method.at)];
            let arms: Vec<Arm<'_, 'p>> = ways
                .into_iter()
                .zip(0u16..)
                .map(|(way, arm)| {
                    let run: Box<dyn FnOnce(&mut Self) -> Eval + '_> = Box::new(move |e| {
                        Ok(e.known_method(target, &way, method)?.unwrap_or_else(Value::unknown))
                    });
                    (Guard { condition, arm }, run)
                })
                .collect();
            return self.like_success(whole, method.name, |e| e.branch(arms)).map(Some);
        }
        self.known_method(target, whole, method)
    }

    fn known_method(
        &mut self,
        target: &Cell,
        whole: &Value,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        let inside = match unwrap(whole) {
            Unwrapped::Inside(inner) => Some(inner),
            _ => None,
        };
        if let Some(done) = self.option_place(target, whole, inside.as_ref(), method)? {
            return Ok(Some(done));
        }
        if let Some(done) = self.paired(whole, inside.as_ref(), method) {
            return Ok(Some(done));
        }
        match inside {
            Some(inner) => self.success_method(whole, &inner, method),
            None => self.failure_method(whole, method),
        }
    }

    /// Methods that change an `Option`, or give a place within it.
    fn option_place(
        &mut self,
        target: &Cell,
        whole: &Value,
        inside: Option<&Value>,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        let at = method.at;
        let some = |inner: Value| option(Some(inner), at);
        Ok(Some(match (method.name, method.args.as_slice(), inside) {
            ("take", [], _) => {
                self.write(target, none_like(whole, at));
                whole.clone()
            }
            ("replace", [new], _) => {
                self.write(target, some(new.clone()));
                whole.clone()
            }
            ("insert", [new], _) => {
                let held = cell(new.clone());
                self.write(target, some(Value::Ref(held.clone())));
                Value::Ref(held)
            }
            ("get_or_insert" | "get_or_insert_with", [_], Some(_)) if !is_perhaps(whole) => {
                self.lend_inside(target);
                match unwrap(&target.borrow()) {
                    Unwrapped::Inside(inner) => inner,
                    _ => Value::unknown(),
                }
            }
            ("get_or_insert", [new], None) => {
                let held = cell(new.clone());
                self.write(target, some(Value::Ref(held.clone())));
                Value::Ref(held)
            }
            ("take_if", [test], Some(inner)) => {
                let held = cell(inner.clone());
                let verdict =
                    self.perhaps_run(|e| e.call(test, vec![Value::Ref(held.clone())], at))?;
                let now = held.borrow().clone();
                match verdict.bare() {
                    Value::Bool(true) if !is_perhaps(whole) => {
                        self.write(target, option(None, at));
                        some(now)
                    }
                    Value::Bool(false) => option(None, at),
                    _ => {
                        self.write(target, perhaps(some(now.clone())));
                        perhaps(some(now))
                    }
                }
            }
            ("take_if", [_], None) => option(None, at),
            ("get_or_insert_default", [], None) => {
                let held = cell(Value::term(super::entry::DEFAULT, Some(Vec::new()), at));
                self.write(target, some(Value::Ref(held.clone())));
                Value::Ref(held)
            }
            ("get_or_insert_default", [], Some(_)) => {
                self.lend_inside(target);
                let held = target.borrow().bare();
                let inner = match unwrap(&held) {
                    Unwrapped::Inside(inner) => inner,
                    _ => Value::unknown(),
                };
                // Where there was none, there is one now.
                self.write(target, certain(&held));
                if is_perhaps(whole)
                    && let Value::Ref(place) = &inner
                {
                    let now = place.borrow().clone();
                    let now = self.either(now, Value::unknown());
                    self.write(place, now);
                }
                inner
            }
            ("get_or_insert_with", [make], None) => {
                let held = cell(self.call(make, Vec::new(), at)?);
                self.write(target, some(Value::Ref(held.clone())));
                Value::Ref(held)
            }
            ("as_mut" | "as_deref_mut" | "iter_mut", [], Some(_)) => {
                self.lend_inside(target);
                let lent = target.borrow().bare();
                if method.name == "iter_mut" { self.as_list(&lent) } else { lent }
            }
            _ => return Ok(None),
        }))
    }

    /// The one or no element of an `Option`.
    fn as_list(&mut self, whole: &Value) -> Value {
        if let Unwrapped::Nothing = unwrap(whole) {
            return Value::list(Vec::new());
        }
        let one = self.perhaps_there(whole.clone());
        super::elements::found(vec![one], false)
    }

    /// Of `Some(inner)` or `Ok(inner)`.
    fn success_method(
        &mut self,
        whole: &Value,
        inner: &Value,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        let at = method.at;
        let arg = |at: usize| method.args.get(at).cloned().unwrap_or_else(Value::unknown);
        let rewrap = |value: Value| match whole {
            Value::Term(term) => {
                Value::Term(Rc::new(Term { args: Some(vec![value]), ..(**term).clone() }))
            }
            _ => value,
        };
        let under = |path: &str, value: Value| {
            let made = Value::term(path, Some(vec![value]), at);
            if is_perhaps(whole) { perhaps(made) } else { made }
        };
        Ok(Some(match method.name {
            "unwrap" | "expect" | "unwrap_or_default" | "unwrap_or" | "unwrap_or_else"
            | "unwrap_unchecked" => inner.clone(),
            "map_or" | "map_or_else" => self.call(&arg(1), vec![inner.clone()], at)?,
            "is_some_and" | "is_ok_and" | "is_none_or" => {
                self.call(&arg(0), vec![inner.clone()], at)?
            }
            "map" | "and_then" | "inspect" | "filter" => {
                let run = |e: &mut Self| e.call(&arg(0), vec![inner.clone()], at);
                let made = if is_perhaps(whole) { self.perhaps_run(run)? } else { run(self)? };
                match method.name {
                    "map" => rewrap(made),
                    "and_then" if is_perhaps(whole) => perhaps(made),
                    "and_then" => made,
                    "inspect" => whole.clone(),
                    _ => match made.bare() {
                        Value::Bool(true) => whole.clone(),
                        Value::Bool(false) => option(None, at),
                        _ => perhaps(whole.clone()),
                    },
                }
            }
            "is_some" | "is_ok" | "is_none" | "is_err" if is_perhaps(whole) => Value::unknown(),
            "is_some" | "is_ok" => Value::Bool(true),
            "is_none" | "is_err" => Value::Bool(false),
            "ok" => under(SOME, inner.clone()),
            "ok_or" | "ok_or_else" => under(OK, inner.clone()),
            "err" if !is_perhaps(whole) => option(None, at),
            "as_ref" | "as_mut" | "as_deref" | "as_deref_mut" | "cloned" | "copied" | "map_err"
            | "or" | "or_else" | "context" | "with_context" | "into" | "inspect_err" => {
                whole.clone()
            }
            "clone" => rewrap(inner.copied()),
            "iter" | "into_iter" => self.as_list(whole),
            "transpose" => self.transposed(whole, Some(inner), at),
            "flatten" => self.nested_once_less(whole, inner, at),
            // What is not known to be an `Option` may have been an iterator.
            name if is_perhaps(whole)
                && super::drawn::is_of_iterators(name)
                && !matches!(name, "zip" | "unzip") =>
            {
                let elements = self.any_number_of(std::slice::from_ref(inner));
                return self.method(&cell(elements), method.clone()).map(Some);
            }
            _ => return Ok(None),
        }))
    }

    /// Of `None` or `Err(_)`.
    fn failure_method(
        &mut self,
        whole: &Value,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        let at = method.at;
        let arg = |at: usize| method.args.get(at).cloned().unwrap_or_else(Value::unknown);
        let error = match whole {
            Value::Term(term) => term.args.as_deref().and_then(<[Value]>::first).cloned(),
            _ => None,
        };
        let given: Vec<Value> = error.clone().into_iter().collect();
        Ok(Some(match method.name {
            "map_or" | "unwrap_or" | "or" => arg(0),
            "unwrap_or_else" | "map_or_else" | "or_else" => self.call(&arg(0), given, at)?,
            "unwrap_or_default" => {
                let own = match whole {
                    Value::Term(term) if &*term.path == NONE => term.generics.first().cloned(),
                    _ => None,
                };
                let ty = own.or_else(|| self.expected.clone()).unwrap_or(Ty::Unknown);
                self.default_of(&ty, at)
            }
            "map" | "and_then" | "filter" | "inspect" => whole.clone(),
            "map_err" | "inspect_err" if error.is_some() => {
                let made = self.call(&arg(0), given, at)?;
                if method.name == "map_err" {
                    Value::term(ERR, Some(vec![made]), at)
                } else {
                    whole.clone()
                }
            }
            "is_some" | "is_ok" | "is_some_and" | "is_ok_and" => Value::Bool(false),
            "is_none" | "is_err" | "is_none_or" => Value::Bool(true),
            "unwrap" | "expect" => return Err(Flow::Return),
            "unwrap_err" | "expect_err" => error.unwrap_or_else(Value::unknown),
            "err" => option(error, at),
            "ok" => option(None, at),
            "ok_or" => Value::term(ERR, Some(vec![arg(0)]), at),
            "ok_or_else" => {
                let made = self.call(&arg(0), Vec::new(), at)?;
                Value::term(ERR, Some(vec![made]), at)
            }
            "as_ref" | "as_mut" | "as_deref" | "as_deref_mut" | "cloned" | "copied" | "clone"
            | "map_err" | "context" | "with_context" | "into" | "inspect_err" => whole.clone(),
            "iter" | "into_iter" | "iter_mut" => Value::list(Vec::new()),
            "transpose" => self.transposed(whole, None, at),
            "flatten" => whole.clone(),
            _ => return Ok(None),
        }))
    }

    /// `condition.then(|| value)` and `condition.then_some(value)`; `None` for any other method.
    pub(super) fn bool_method(&mut self, value: &Value, method: &Method<'_>) -> Option<Value> {
        let [given] = method.args.as_slice() else { return None };
        let is_called = match (method.name, given.bare()) {
            ("then_some", _) => false,
            // That of a future takes what it comes to.
            ("then", Value::Closure(closure)) => {
                closure.expr.params.is_empty() && !closure.expr.is_async
            }
            _ => false,
        };
        if !is_called && method.name != "then_some" {
            return None;
        }
        let holds = match value {
            Value::Bool(holds) => Some(*holds),
            Value::Router(_) => return None,
            _ => None,
        };
        let run = |e: &mut Self| {
            if is_called { e.call(given, Vec::new(), method.at) } else { Ok(given.clone()) }
        };
        let made = match holds {
            Some(false) => return Some(option(None, method.at)),
            Some(true) => run(self),
            None => self.perhaps_run(run),
        };
        let made = option(made.ok(), method.at);
        Some(if holds.is_none() { perhaps(made) } else { made })
    }

    /// Runs what may run or not: what it writes is written in one of two cases. It is under no choice itself.
    pub(super) fn perhaps_run<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let mark = self.log.len();
        self.branches += 1;
        let made = run(self);
        self.branches -= 1;
        let mut before: Vec<(Cell, Value)> = Vec::new();
        let mut seen = rustc_hash::FxHashSet::default();
        for (place, old) in self.log.get(mark..).unwrap_or_default() {
            if seen.insert(Rc::as_ptr(place)) {
                before.push((place.clone(), old.clone()));
            }
        }
        if !self.is_logged() {
            self.log.clear();
        }
        let mut condition = None;
        for (place, old) in before {
            let now = place.borrow().clone();
            if super::join::same(&now, &old) {
                continue;
            }
            let condition = *condition.get_or_insert_with(|| self.fresh_condition());
            let way = |arm, value| Some((self.guards.with(Guard { condition, arm })?, value));
            let ways = [way(0, now), way(1, old)].into_iter().flatten().collect();
            let joined = self.join(ways);
            self.write(&place, joined);
        }
        made
    }
}
