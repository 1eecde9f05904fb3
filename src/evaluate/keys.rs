//! Keys of maps and elements of sets: which are known to be equal, and which to differ.

use std::rc::Rc;

use super::{
    Evaluator,
    method::Method,
    option::option,
    value::{List, Value},
};

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
        let found =
            list.items.iter().find(|item| known_key(item).is_some_and(|key| equal(&key, &wanted)));
        let value = found.and_then(|pair| super::pattern::element(&pair.bare(), 1));
        match value {
            Some(value) => Some(option(Some(value), method.at)),
            None => Some(Value::unknown()),
        }
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
        (a, b) => !matches!(a, Value::Unknown(_)) && super::join::same(a, b),
    }
}

/// Whether a value differs from any other known one that it is not equal to.
fn is_comparable(value: &Value) -> bool {
    match value {
        Value::Str(text) => text.exact().is_some(),
        Value::Int(_) | Value::Char(_) | Value::Bool(_) => true,
        _ => false,
    }
}

/// Whether it is known that a map has no such key, if none of its keys is equal to it.
pub(super) fn settled_key(list: &List, key: &Value) -> bool {
    !list.open
        && is_comparable(key)
        && list.items.iter().all(|pair| known_key(pair).is_some_and(|key| is_comparable(&key)))
}
