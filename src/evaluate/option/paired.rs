//! What two options come to together: `zip`, `and`, `xor`; and one of pairs: `unzip`.

use super::{Unwrapped, is_perhaps, option, perhaps, unwrap};
use crate::{
    evaluate::{
        Evaluator,
        method::Method,
        value::Value,
        wrapped::{Holds, holds},
    },
    source::Place,
};

impl Evaluator<'_> {
    /// Such a method of an `Option` or `Result`; `None` for any other.
    pub(in crate::evaluate) fn paired(
        &mut self,
        whole: &Value,
        inside: Option<&Value>,
        method: &Method<'_>,
    ) -> Option<Value> {
        let at = method.at;
        match (method.name, method.args.as_slice(), inside) {
            ("as_slice", [], _) => Some(self.as_list(whole)),
            ("and", [other], Some(_)) => Some(other.bare()),
            ("and" | "zip", [_], None) => Some(whole.clone()),
            ("xor", [other], None) => Some(other.bare()),
            ("xor", [other], Some(_)) => Some(match unwrap(other) {
                Unwrapped::Nothing => whole.clone(),
                Unwrapped::Inside(_) if !is_perhaps(other) => option(None, at),
                _ => perhaps(whole.clone()),
            }),
            ("zip", [other], Some(inner)) => self.zipped_options(whole, inner, other, at),
            ("unzip", [], None) => Some(Value::tuple(vec![option(None, at), option(None, at)])),
            ("unzip", [], Some(inner)) => {
                let Value::Tuple(parts) = inner.bare() else { return None };
                let like = |made| if is_perhaps(whole) { perhaps(made) } else { made };
                let sides = parts.iter().map(|part| like(option(Some(part.borrow().clone()), at)));
                Some(Value::tuple(sides.collect()))
            }
            _ => None,
        }
    }

    /// `Some` of both, where both are.
    fn zipped_options(
        &mut self,
        whole: &Value,
        inner: &Value,
        other: &Value,
        at: Place,
    ) -> Option<Value> {
        let (held, is_there) = match (unwrap(other), other.bare()) {
            (Unwrapped::Inside(held), _) => (held, !is_perhaps(other)),
            (Unwrapped::Nothing, _) => return Some(option(None, at)),
            (_, Value::Unknown(ty)) => match holds(&ty) {
                Some(Holds::Option(held)) => (self.symbolic(&held), false),
                _ => return None,
            },
            // An iterator.
            (_, Value::List(_)) => return None,
            (_, other) => (self.perhaps_inside(other), false),
        };
        let pair = option(Some(Value::tuple(vec![inner.clone(), held])), at);
        Some(if is_there && !is_perhaps(whole) { pair } else { perhaps(pair) })
    }
}
