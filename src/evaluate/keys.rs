//! Keys of maps and elements of sets: which are known to be equal, and which to differ.

mod ordering;
mod own_order;

use std::rc::Rc;

use super::{
    Evaluator,
    elements::there,
    method::Method,
    number::ordered,
    option::{Unwrapped, is_perhaps, option, perhaps, unwrap},
    value::{Kind, List, Value},
};
use crate::source::Place;

impl Evaluator<'_> {
    /// `contains` and `contains_key`.
    pub(super) fn contains(&mut self, list: &Rc<List>, method: &Method<'_>) -> Value {
        let Some(wanted) = method.args.first().map(Value::bare) else { return Value::unknown() };
        let mut keys = list.items.iter().map(|item| {
            if method.name == "contains_key" { known_key(item) } else { Some(item.bare()) }
        });
        if keys.clone().any(|key| key.is_some_and(|key| equal(&key, &wanted))) {
            return Value::Bool(true);
        }
        let settled = !list.open
            && is_comparable(&wanted)
            && keys.all(|key| key.is_some_and(|key| is_comparable(&key)));
        if settled { Value::Bool(false) } else { Value::unknown() }
    }

    /// `map.get(key)` where all keys are known.
    pub(super) fn looked_up(&mut self, list: &Rc<List>, method: &Method<'_>) -> Option<Value> {
        let wanted = method.args.first()?.bare();
        Some(if let Some(value) = self.looked_up_by(list, &wanted) {
            option(Some(value), method.at)
        } else {
            let may_be = self.values_at(list, &wanted);
            self.perhaps_among(list, may_be, method.at)
        })
    }

    /// What may stand under a key of a map, or at a position of a list, of which it is not known which it is.
    pub(super) fn values_at(&self, list: &List, wanted: &Value) -> Vec<Value> {
        let Kind::Map(_) = list.kind else { return list.items.clone() };
        let pairs = list.items.iter().map(|pair| there(pair).map_or(pair, |(_, pair)| pair));
        pairs
            .filter(|pair| known_key(pair).is_none_or(|own| !differ(&own, wanted)))
            .map(|pair| super::pattern::element(&pair.bare(), 1).unwrap_or_else(Value::unknown))
            .collect()
    }

    /// `Some` of one of the elements of a list that may be meant, or `None`.
    pub(super) fn perhaps_among(&mut self, list: &List, may_be: Vec<Value>, at: Place) -> Value {
        if may_be.is_empty() {
            return Value::unknown();
        }
        let one = self.any_element(&List { items: may_be, ..*list });
        perhaps(option(Some(one), at))
    }

    /// The value of a key in a map.
    pub(super) fn looked_up_by(&mut self, list: &List, wanted: &Value) -> Option<Value> {
        let mut pairs =
            list.items.iter().rev().map(|pair| there(pair).map_or(pair, |(_, pair)| pair));
        let found = pairs.find(|pair| known_key(pair).is_some_and(|key| equal(&key, wanted)));
        found.and_then(|pair| super::pattern::element(&pair.bare(), 1))
    }
}

/// The key of a pair of a map.
pub(super) fn known_key(pair: &Value) -> Option<Value> {
    super::pattern::element(&pair.bare(), 0).map(|key| key.bare())
}

/// Whether both are known and equal.
pub(super) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Str(a), Value::Str(b)) => a.exact().is_some() && a.exact() == b.exact(),
        (Value::Tuple(_), Value::Tuple(_)) => plain(a).is_some_and(|a| plain(b) == Some(a)),
        (a, b) => !matches!(a, Value::Unknown(_)) && super::join::same(a, b),
    }
}

/// A value of which it is known how it compares to others of its type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Plain {
    Unit,
    Bool(bool),
    Int(i128),
    Char(char),
    Str(String),
    Several(Vec<Self>),
    Nothing,
    Inside(Box<Self>),
    Ok(Box<Self>),
    Err(Box<Self>),
    Reverse(std::cmp::Reverse<Box<Self>>),
}

/// Parts of a value that are looked at to compare it.
const MOST_PARTS: u32 = 64;

/// What a value is to a comparison, if that is known.
pub(super) fn plain(value: &Value) -> Option<Plain> {
    plain_within(value, &mut { MOST_PARTS })
}

fn plain_within(value: &Value, left: &mut u32) -> Option<Plain> {
    *left = left.checked_sub(1)?;
    Some(match value.bare() {
        Value::Unit => Plain::Unit,
        Value::Bool(known) => Plain::Bool(known),
        Value::Int(known) => Plain::Int(known),
        Value::Char(known) => Plain::Char(known),
        Value::Str(text) => Plain::Str(text.exact()?),
        Value::Tuple(parts) => {
            let parts = parts.iter().map(|part| plain_within(&part.borrow(), left));
            Plain::Several(parts.collect::<Option<_>>()?)
        }
        Value::List(list)
            if !list.open && !list.is_loose() && list.kind == super::value::Kind::Sequence =>
        {
            let parts = list.items.iter().map(|part| plain_within(part, left));
            Plain::Several(parts.collect::<Option<_>>()?)
        }
        Value::Term(term) => match (&*term.path, term.args.as_deref()) {
            ("std::option::Option::None", _) => Plain::Nothing,
            ("std::option::Option::Some", Some([inner])) if !is_perhaps(value) => {
                Plain::Inside(Box::new(plain_within(inner, left)?))
            }
            ("std::result::Result::Ok", Some([inner])) if !is_perhaps(value) => {
                Plain::Ok(Box::new(plain_within(inner, left)?))
            }
            ("std::result::Result::Err", Some([inner])) => {
                Plain::Err(Box::new(plain_within(inner, left)?))
            }
            ("std::cmp::Reverse", Some([inner])) => {
                Plain::Reverse(std::cmp::Reverse(Box::new(plain_within(inner, left)?)))
            }
            _ => return None,
        },
        _ => return None,
    })
}

/// Whether two values may be of one type.
fn is_one_type(a: &Plain, b: &Plain) -> bool {
    match (a, b) {
        (Plain::Nothing, Plain::Inside(_)) | (Plain::Inside(_), Plain::Nothing) => true,
        (Plain::Ok(_), Plain::Err(_)) | (Plain::Err(_), Plain::Ok(_)) => true,
        (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
    }
}

/// `a op b` of what `std` compares part by part, as far as both are known.
pub(super) fn compared(op: &str, a: &Value, b: &Value) -> Option<Value> {
    if !matches!(op, "==" | "!=" | "<" | ">" | "<=" | ">=") {
        return None;
    }
    if let (Some(a), Some(b)) = (plain(a), plain(b)) {
        return if is_one_type(&a, &b) { ordered(op, &a, &b) } else { None };
    }
    // `Some(_)` is not `None`, whatever is in it.
    let is_known = |value: &Value| !is_perhaps(value);
    match (unwrap(a), unwrap(b)) {
        (Unwrapped::Inside(_), Unwrapped::Nothing) if is_known(a) => {}
        (Unwrapped::Nothing, Unwrapped::Inside(_)) if is_known(b) => {}
        _ => return None,
    }
    matches!(op, "==" | "!=").then(|| Value::Bool(op == "!="))
}

/// Whether both are known, and one is not the other.
pub(super) fn differ(a: &Value, b: &Value) -> bool {
    match (plain(a), plain(b)) {
        (Some(a), Some(b)) => a != b,
        _ => match (a.bare(), b.bare()) {
            (Value::Object(a), Value::Object(b)) => a.def == b.def && a.variant != b.variant,
            // Constants of other code, each of which has a name of its own: `Method::GET`.
            (Value::Term(a), Value::Term(b)) => {
                a.args.is_none() && b.args.is_none() && a.path != b.path
            }
            _ => false,
        },
    }
}

/// Whether a value differs from any other known one that it is not equal to.
fn is_comparable(value: &Value) -> bool {
    plain(value).is_some()
}

/// Whether it is known that a map has no such key, if none of its keys is equal to it.
pub(super) fn settled_key(list: &List, key: &Value) -> bool {
    !list.open
        && is_comparable(key)
        && list.items.iter().all(|pair| known_key(pair).is_some_and(|key| is_comparable(&key)))
}
