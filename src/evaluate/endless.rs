//! Iterators without an end: `repeat`, `repeat_with`, `cycle`, `1..`, and what is put on them. They are followed as far as
//! something that has an end asks for their elements.

use std::rc::Rc;

use super::{
    Evaluator,
    branch::{Eval, Flow},
    method::Method,
    option::option,
    value::{List, Term, Value},
};
use crate::source::Place;

/// `1..`.
const FROM: &str = "std::ops::RangeFrom";
/// `repeat(value)`.
const REPEAT: &str = "std::iter::Repeat";
/// `repeat_with(make)`.
const REPEAT_WITH: &str = "std::iter::RepeatWith";
/// `list.cycle()`.
const CYCLE: &str = "std::iter::Cycle";
/// `endless.map(f)`.
const MAP: &str = "std::iter::Map";
/// `endless.enumerate()`.
const ENUMERATE: &str = "std::iter::Enumerate";
/// `endless.skip(n)`.
const SKIP: &str = "std::iter::Skip";
/// How many elements are asked for at most.
const MOST: usize = 1024;

/// `first..`.
pub(super) fn range_from(first: Value, at: Place) -> Value {
    Value::term(FROM, Some(vec![first]), at)
}

/// The first number of `first..`, where that is all that a value is.
pub(super) fn open_range(value: &Value) -> Option<List> {
    let Value::Term(term) = value else { return None };
    let first = term.args.as_ref().filter(|_| &*term.path == FROM)?.first()?;
    Some(List { items: vec![first.clone()], open: true, ..List::default() })
}

/// What a function of `std::iter` makes, if that has no end.
pub(super) fn made_by(name: &str, args: &[Value], at: Place) -> Option<Value> {
    let path = match name {
        "repeat" => REPEAT,
        "repeat_with" => REPEAT_WITH,
        _ => return None,
    };
    Some(Value::term(path, Some(args.to_vec()), at))
}

/// `list.cycle()`; of an empty list there is nothing to repeat.
pub(super) fn cycle(list: &Rc<List>, at: Place) -> Option<Value> {
    let whole = !list.open && !list.is_loose() && !list.items.is_empty();
    whole.then(|| Value::term(CYCLE, Some(vec![Value::List(list.clone())]), at))
}

fn is_endless(term: &Term) -> bool {
    term.args.is_some()
        && matches!(&*term.path, FROM | REPEAT | REPEAT_WITH | CYCLE | MAP | ENUMERATE | SKIP)
}

impl Evaluator<'_> {
    /// The first `count` elements of an iterator without an end.
    pub(super) fn first_of_endless(
        &mut self,
        value: &Value,
        count: usize,
    ) -> Result<Option<List>, Flow> {
        let Value::Term(term) = value.bare() else { return Ok(None) };
        let ([of, ..], true) = (term.args.as_deref().unwrap_or_default(), is_endless(&term)) else {
            return Ok(None);
        };
        if count > MOST {
            return Ok(None);
        }
        let given = term.args.as_ref().and_then(|args| args.get(1));
        let items = match (&*term.path, of.bare()) {
            (FROM, Value::Int(first)) => {
                (first..).take(count).map(Value::Int).collect::<Vec<Value>>()
            }
            (REPEAT, _) => (0..count).map(|_| of.copied()).collect(),
            (REPEAT_WITH, _) => {
                let made = (0..count).map(|_| self.call_for_next(of, Vec::new(), term.at));
                made.collect::<Result<_, _>>()?
            }
            (CYCLE, Value::List(list)) => list.items.iter().cycle().take(count).cloned().collect(),
            (SKIP, inner) => {
                let Some(Value::Int(skipped)) = given.map(Value::bare) else { return Ok(None) };
                let skipped = usize::try_from(skipped).unwrap_or(MOST);
                let all = self.first_of_endless(&inner, count.saturating_add(skipped))?;
                let Some(all) = all else { return Ok(None) };
                all.items.into_iter().skip(skipped).collect()
            }
            (MAP, inner) => {
                let (Some(all), Some(run)) = (self.first_of_endless(&inner, count)?, given) else {
                    return Ok(None);
                };
                let items = all.items.into_iter();
                let made = items.map(|item| self.call_for_next(run, vec![item], term.at));
                made.collect::<Result<_, _>>()?
            }
            (ENUMERATE, inner) => {
                let Some(all) = self.first_of_endless(&inner, count)? else { return Ok(None) };
                let pairs = all.items.into_iter().zip(0..);
                pairs.map(|(item, n)| Value::tuple(vec![Value::Int(n), item])).collect()
            }
            _ => return Ok(None),
        };
        Ok(Some(List { items, ..List::default() }))
    }

    /// Calls what makes the next element.
    fn call_for_next(&mut self, run: &Value, args: Vec<Value>, at: Place) -> Eval {
        let made = self.call(run, args, at);
        self.element_ran();
        made
    }

    /// A method of an iterator without an end; `None` when it is none that is known here.
    pub(super) fn endless_method(
        &mut self,
        term: &Rc<Term>,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        if !is_endless(term) {
            return Ok(None);
        }
        let whole = Value::Term(term.clone());
        let number = match method.args.first().map(Value::bare) {
            Some(Value::Int(n)) => usize::try_from(n).ok(),
            _ => None,
        };
        let on = |path: &str| {
            let args = std::iter::once(whole.clone()).chain(method.args.iter().cloned());
            Value::term(path, Some(args.collect()), method.at)
        };
        Ok(match (method.name, number) {
            ("map", _) => Some(on(MAP)),
            ("enumerate", _) => Some(on(ENUMERATE)),
            ("skip", Some(_)) => Some(on(SKIP)),
            ("into_iter" | "iter" | "cloned" | "copied" | "fuse" | "by_ref" | "clone", _) => {
                Some(whole)
            }
            ("take", Some(count)) => {
                return self.drawn_later(|e| {
                    let first = e.first_of_endless(&whole, count)?;
                    Ok(first.map(|first| Value::List(Rc::new(first))))
                });
            }
            // What these take from anything else is not there the next time.
            ("next", _) if &*term.path == REPEAT => {
                let first = self.first_of_endless(&whole, 1)?;
                first.map(|first| option(first.items.into_iter().next(), method.at))
            }
            ("nth", Some(_)) if &*term.path == REPEAT => {
                let first = self.first_of_endless(&whole, 1)?;
                first.map(|first| option(first.items.into_iter().next(), method.at))
            }
            ("zip", _) => {
                let other = method.args.first().and_then(|arg| self.iterated(arg));
                let Some(other) = other.filter(|other| !other.open) else { return Ok(None) };
                return self.drawn_later(|e| {
                    let first = e.first_of_endless(&whole, other.items.len())?;
                    Ok(first.map(|first| e.zipped(&first, &other)))
                });
            }
            _ => None,
        })
    }
}
