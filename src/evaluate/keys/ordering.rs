//! Which of two values comes first: `a.cmp(&b)`, what is made of that, and the least or greatest of several.

use std::{cmp::Ordering, rc::Rc};

use super::{compared, is_one_type, plain};
use crate::{
    evaluate::{
        Evaluator,
        branch::Flow,
        elements::there,
        method::Method,
        option::option,
        value::{List, Value},
    },
    source::Place,
};

/// The variants, under the path by which code names them.
const ORDERINGS: [(&str, Ordering); 3] = [
    ("std::cmp::Ordering::Less", Ordering::Less),
    ("std::cmp::Ordering::Equal", Ordering::Equal),
    ("std::cmp::Ordering::Greater", Ordering::Greater),
];

/// Elements of a list that are sorted by what a closure says of two of them.
const MOST_SORTED: usize = 64;

/// Methods that compare, and the operators that do the same.
const OPERATORS: [(&str, &str); 6] =
    [("eq", "=="), ("ge", ">="), ("gt", ">"), ("le", "<="), ("lt", "<"), ("ne", "!=")];

/// The ordering that a value is, if that is known.
pub(super) fn ordering_of(value: &Value) -> Option<Ordering> {
    let Value::Term(term) = value.bare() else { return None };
    let known = ORDERINGS.iter().find(|(path, _)| *path == &*term.path);
    known.filter(|_| term.args.is_none()).map(|(_, order)| *order)
}

fn value_of(order: Ordering, at: Place) -> Option<Value> {
    let known = ORDERINGS.iter().find(|(_, known)| *known == order);
    known.map(|(path, _)| Value::term(path, None, at))
}

/// How two values of one type compare, if both are plainly known.
fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    let (a, b) = (plain(a)?, plain(b)?);
    is_one_type(&a, &b).then(|| a.cmp(&b))
}

/// What the elements are compared by.
enum By<'a> {
    Themselves,
    Key(&'a Value),
    Run(&'a Value),
}

impl Evaluator<'_> {
    /// A comparison, or a method of an ordering; `None` for any other, and where it is not known what it comes to.
    pub(in crate::evaluate) fn ordering_method(
        &mut self,
        value: &Value,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        let at = method.at;
        if let Some(order) = ordering_of(value) {
            return Ok(match (method.name, method.args.as_slice()) {
                ("reverse", []) => value_of(order.reverse(), at),
                ("then" | "then_with", [_]) if order != Ordering::Equal => Some(value.clone()),
                ("then", [other]) => Some(other.clone()),
                ("then_with", [run]) => Some(self.call(run, Vec::new(), at)?),
                ("is_eq", []) => Some(Value::Bool(order.is_eq())),
                ("is_ge", []) => Some(Value::Bool(order.is_ge())),
                ("is_gt", []) => Some(Value::Bool(order.is_gt())),
                ("is_le", []) => Some(Value::Bool(order.is_le())),
                ("is_lt", []) => Some(Value::Bool(order.is_lt())),
                ("is_ne", []) => Some(Value::Bool(order.is_ne())),
                _ => None,
            });
        }
        let [other] = method.args.as_slice() else { return Ok(None) };
        if let Some((_, operator)) = OPERATORS.iter().find(|(name, _)| *name == method.name) {
            return Ok(compared(operator, value, other));
        }
        if matches!(method.name, "max" | "min") {
            let is_other = compared("<=", value, other).map(|is_more| match is_more {
                Value::Bool(is_more) => is_more == (method.name == "max"),
                _ => false,
            });
            return Ok(is_other.map(|is_other| if is_other { other.bare() } else { value.clone() }));
        }
        if !matches!(method.name, "cmp" | "partial_cmp") {
            return Ok(None);
        }
        let order = compare(value, other).and_then(|order| value_of(order, at));
        let is_partial = method.name == "partial_cmp";
        Ok(order.map(|order| if is_partial { option(Some(order), at) } else { order }))
    }

    /// What a closure that is given two elements says of their order, if that is known.
    fn order_by(
        &mut self,
        run: &Value,
        (a, b): (&Value, &Value),
        at: Place,
    ) -> Result<Option<Ordering>, Flow> {
        let inner = |item: &Value| there(item).map_or(item, |(_, item)| item).clone();
        let verdict = self.call(run, vec![inner(a), inner(b)], at)?;
        Ok(ordering_of(&verdict))
    }

    /// The elements in the order that a closure says; `None` where that is not known.
    ///
    /// - `keeps_ties`: whether equal ones stay as they stand, else their order is not known.
    pub(in crate::evaluate) fn sorted_by(
        &mut self,
        items: &[Value],
        run: &Value,
        keeps_ties: bool,
        at: Place,
    ) -> Result<Option<Vec<Value>>, Flow> {
        if items.len() > MOST_SORTED {
            return Ok(None);
        }
        let mut sorted: Vec<Value> = Vec::with_capacity(items.len());
        for item in items {
            let mut place = sorted.len();
            while let Some(before) = place.checked_sub(1).and_then(|before| sorted.get(before)) {
                match self.order_by(run, (before, item), at)? {
                    Some(Ordering::Greater) => place -= 1,
                    Some(Ordering::Equal) if !keeps_ties => return Ok(None),
                    Some(_) => break,
                    None => return Ok(None),
                }
            }
            sorted.insert(place, item.clone());
        }
        Ok(Some(sorted))
    }

    /// The least or greatest element; `None` for any other method.
    pub(in crate::evaluate) fn extreme(
        &mut self,
        list: &Rc<List>,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        let by = match (method.name, method.args.as_slice()) {
            ("max" | "min", []) => By::Themselves,
            ("max_by_key" | "min_by_key", [key]) => By::Key(key),
            ("max_by" | "min_by", [run]) => By::Run(run),
            _ => return Ok(None),
        };
        let is_max = method.name.starts_with("max");
        if list.open {
            method.args.iter().for_each(|run| self.escape(run));
        }
        let mut keys = list.items.clone();
        if let By::Key(key) = by {
            for item in &mut keys {
                let held = there(item).map_or(&*item, |(_, held)| held).clone();
                *item = self.call(key, vec![held], method.at)?;
            }
        }
        let mut is_told = !list.open && !list.unsure;
        let (mut best, mut is_tie) = (0, false);
        for at in 1..keys.len() {
            let (Some(one), Some(next)) = (keys.get(best), keys.get(at)) else { break };
            let order = match by {
                By::Run(run) => self.order_by(run, (one, next), method.at)?,
                _ => compare(one, next),
            };
            match order {
                // Of those that are equal `max` gives the last, `min` the first.
                Some(Ordering::Equal) => {
                    is_tie = true;
                    best = if is_max { at } else { best };
                }
                Some(order) if (order == Ordering::Less) == is_max => (best, is_tie) = (at, false),
                Some(_) => {}
                None => is_told = false,
            }
        }
        if is_told && !(is_tie && list.shuffled) {
            return Ok(Some(option(list.items.get(best).cloned(), method.at)));
        }
        Ok(Some(self.perhaps_among(list, list.items.clone(), method.at)))
    }
}
