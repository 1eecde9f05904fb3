//! Successes that are not certain: what gave them may have failed before it came to them.

use std::rc::Rc;

use super::{Unwrapped, unwrap};
use crate::{
    evaluate::value::{Passed, Term, Value},
    link::types::Ty,
};

/// `Some(x)` or `Ok(x)` from code that may have ended before it: it may be something else as well.
pub(in crate::evaluate) fn perhaps(value: Value) -> Value {
    match (unwrap(&value), value) {
        (Unwrapped::Inside(_), Value::Term(term)) => {
            Value::Term(Rc::new(Term { generics: vec![Ty::Never], ..(*term).clone() }))
        }
        (Unwrapped::Inside(_), Value::Passed(passed)) => {
            let value = perhaps(passed.value.clone());
            Value::Passed(Rc::new(Passed { value, ..(*passed).clone() }))
        }
        // Where one of several is a failure already, that is looked at.
        (_, Value::Alt(all)) if all.iter().all(|(_, one)| is_success(one)) => {
            let each = all.iter().map(|(guards, one)| (guards.clone(), perhaps(one.clone())));
            Value::Alt(Rc::new(each.collect()))
        }
        (_, value) => value,
    }
}

/// Whether a value is `Some(x)` or `Ok(x)`, whatever the choice.
fn is_success(value: &Value) -> bool {
    match value {
        Value::Alt(all) => all.iter().all(|(_, one)| is_success(one)),
        value => matches!(unwrap(value), Unwrapped::Inside(_)),
    }
}

/// Whether a value is what [`perhaps`] makes.
pub(in crate::evaluate) fn is_perhaps(value: &Value) -> bool {
    matches!(value.bare(), Value::Term(term) if term.generics.first() == Some(&Ty::Never))
}

/// [`perhaps`] taken back.
pub(in crate::evaluate) fn certain(value: &Value) -> Value {
    match value.bare() {
        Value::Term(term) => Value::Term(Rc::new(Term { generics: Vec::new(), ..(*term).clone() })),
        Value::Alt(all) if all.iter().all(|(_, one)| is_success(one)) => {
            let each = all.iter().map(|(guards, one)| (guards.clone(), certain(one)));
            Value::Alt(Rc::new(each.collect()))
        }
        value => value,
    }
}
