//! `std::mem`: values that are taken out of places, and others put there.

use std::rc::Rc;

use super::{
    Evaluator, target_of,
    value::{Cell, List, Value},
};
use crate::source::Place;

impl Evaluator<'_> {
    /// What a function of `std::mem` gives; `None` for one that is not known.
    pub(super) fn memory_call(&mut self, name: &str, args: &[Value], at: Place) -> Option<Value> {
        match (name, args) {
            ("drop", [given]) => {
                self.drop_now(given);
                Some(Value::Unit)
            }
            ("forget", [given]) => {
                self.never_dropped(given);
                Some(Value::Unit)
            }
            ("drop" | "forget", _) => Some(Value::Unit),
            ("take", [Value::Ref(target)]) => {
                let held = target.borrow().bare();
                let empty = match held {
                    Value::List(list) => {
                        Value::List(Rc::new(List { kind: list.kind, ..List::default() }))
                    }
                    held => {
                        let ty = self.type_of(&held);
                        self.default_of(&ty, at)
                    }
                };
                Some(self.put(target, empty))
            }
            ("take", [value]) => Some(value.clone()),
            ("take", []) => Some(Value::unknown()),
            ("replace", [Value::Ref(target), rest @ ..]) => {
                let value = rest.first().cloned().unwrap_or_else(Value::unknown);
                Some(self.put(target, value))
            }
            ("swap", [Value::Ref(one), Value::Ref(two)]) => {
                let (one, two) = (target_of(one), target_of(two));
                let held = two.borrow().clone();
                let held = self.put(&one, held);
                self.write(&two, held);
                Some(Value::Unit)
            }
            _ => None,
        }
    }

    /// Puts a value where another one is, which it gives back.
    fn put(&mut self, target: &Cell, value: Value) -> Value {
        let held = target.borrow().clone();
        self.write(target, value);
        held
    }
}
