//! Values that were given to a function and came back from it: it may be their gate.

use std::rc::Rc;

use super::{
    Evaluator,
    roots::function,
    router::{Frame, Op},
    suppose::holds_watched,
    value::{List, Passed, Term, Value, cell},
};
use crate::{frameworks, link::Target};

impl Evaluator<'_> {
    /// Marks what came back from a function that it was given to.
    pub(super) fn passed(&mut self, value: Value, given: &[Value], frame: &Rc<Frame>) -> Value {
        if value.holds_routers() {
            let was_given = given.iter().any(|arg| arg.holds_routers() || arg.is_callable());
            let is_filter = value.holds(&|router| frameworks::is_filter(router.kind));
            if is_filter || was_given && !frame.registers.get() {
                return self.through(&value, frame);
            }
            return value;
        }
        let callable = given.iter().find(|arg| arg.is_callable());
        match (callable, &value) {
            // A gate that is given a request and what answers it: whether that runs is for the gate to say, and what it
            // answers in its place is its own.
            (Some(answering), _)
                if given.iter().any(holds_watched) && self.is_gate(&frame.callee) =>
            {
                Value::Passed(Rc::new(Passed {
                    value: Value::unknown(),
                    given: answering.clone(),
                    through: frame.callee.clone(),
                    at: frame.at,
                }))
            }
            (
                Some(given),
                Value::Closure(_)
                | Value::Fn(_)
                | Value::Term(_)
                | Value::Unknown(_)
                | Value::Passed(_),
            ) => Value::Passed(Rc::new(Passed {
                value,
                given: given.clone(),
                through: frame.callee.clone(),
                at: frame.at,
            })),
            // What a constructor makes of a handler stands for it.
            (Some(given), Value::Object(object))
                if object.fields.iter().any(|(_, field)| field.borrow().is_callable())
                    && !self.is_builder(&frame.callee) =>
            {
                Value::Passed(Rc::new(Passed {
                    value: value.clone(),
                    given: given.clone(),
                    through: frame.callee.clone(),
                    at: frame.at,
                }))
            }
            _ => value,
        }
    }

    /// Whether a function is called on what it gives back, call after call.
    fn is_builder(&self, callee: &Target) -> bool {
        let Target::Item(def) = callee else { return false };
        function(&self.program.def(*def)).is_some_and(|item| item.receiver.is_some())
    }

    /// Routers, alone, in a list or in a tuple, that came back from a function which they were given to.
    fn through(&mut self, value: &Value, frame: &Rc<Frame>) -> Value {
        match value {
            value if !value.holds_routers() => value.clone(),
            Value::Router(handle) => {
                let op = Op::Through(frame.callee.clone());
                self.operate(handle.kind, Some(handle), op, frame.at)
            }
            Value::List(list) => {
                let items = list.items.iter().map(|item| self.through(item, frame)).collect();
                Value::List(Rc::new(List { items, ..(**list).clone() }))
            }
            Value::Tuple(parts) => {
                let parts: Vec<Value> = parts.iter().map(|part| part.borrow().clone()).collect();
                let parts = parts.iter().map(|part| cell(self.through(part, frame)));
                Value::Tuple(Rc::new(parts.collect()))
            }
            Value::Term(term) => {
                let args = term.args.iter().flatten().map(|arg| self.through(arg, frame)).collect();
                Value::Term(Rc::new(Term { args: Some(args), ..(**term).clone() }))
            }
            Value::Alt(all) => {
                let all =
                    all.iter().map(|(guards, value)| (guards.clone(), self.through(value, frame)));
                Value::Alt(Rc::new(all.collect()))
            }
            value => value.clone(),
        }
    }
}
