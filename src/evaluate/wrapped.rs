//! Options, results and lists of which only the type is known: what is inside them has a type too.
//!
//! What is made of that is known by its type, unless there is more in it that counts: a router, code, a statement. That is
//! there perhaps.

use std::rc::Rc;

use super::{
    Evaluator,
    branch::Flow,
    crowded::is_telling,
    method::Method,
    option::{OK, SOME, Unwrapped, failure_like, perhaps, unwrap},
    types::pointee,
    value::{List, Value},
};
use crate::{link::types::Ty, source::Place};

/// What a type of the standard library holds.
enum Holds {
    Option(Ty),
    Result(Ty),
    Many(Ty),
}

fn holds(ty: &Ty) -> Option<Holds> {
    let (path, args) = match pointee(ty) {
        Ty::External(path, args) => (path, args),
        Ty::Slice(inner) => return Some(Holds::Many((**inner).clone())),
        _ => return None,
    };
    let inside = args.first().filter(|inner| **inner != Ty::Unknown).cloned();
    let path = path.strip_prefix("std::").or_else(|| path.strip_prefix("indexmap::"))?;
    match path {
        "option::Option" => inside.map(Holds::Option),
        "result::Result" => inside.map(Holds::Result),
        "vec::Vec"
        | "collections::VecDeque"
        | "collections::HashSet"
        | "collections::BTreeSet"
        | "collections::LinkedList"
        | "IndexSet"
        | "set::IndexSet" => inside.map(Holds::Many),
        "collections::HashMap" | "collections::BTreeMap" | "IndexMap" | "map::IndexMap" => {
            Some(Holds::Many(Ty::Tuple(args.clone())))
        }
        _ => None,
    }
}

/// `Option` or `Result`.
#[derive(Clone, Copy)]
struct Wrapper {
    /// The type of one around another.
    around: fn(Ty) -> Ty,
    /// The path of its success.
    success: &'static str,
}

const OPTION: Wrapper = Wrapper { around: option, success: SOME };
const RESULT: Wrapper = Wrapper { around: result, success: OK };

impl Wrapper {
    /// A success that there is perhaps.
    fn perhaps(self, inner: Value, at: Place) -> Value {
        perhaps(Value::term(self.success, Some(vec![inner]), at))
    }
}

fn option(inner: Ty) -> Ty {
    Ty::External("std::option::Option".into(), vec![inner])
}

fn result(inner: Ty) -> Ty {
    Ty::External("std::result::Result".into(), vec![inner])
}

fn many(inner: Ty) -> Ty {
    Ty::External("std::vec::Vec".into(), vec![inner])
}

/// The type of the elements of a list of which only the type is known.
pub(super) fn element_of(ty: &Ty) -> Ty {
    match holds(ty) {
        Some(Holds::Many(inner) | Holds::Option(inner)) => inner,
        _ => Ty::Unknown,
    }
}

impl Evaluator<'_> {
    /// A method of an option, result or list of which only the type is known; `None` when its type tells nothing.
    pub(super) fn inside_method(
        &mut self,
        ty: &Ty,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        let Some(held) = holds(ty) else { return Ok(None) };
        let found = match held {
            Holds::Option(inner) => self.of_one(ty, inner, OPTION, method)?,
            Holds::Result(inner) => self.of_one(ty, inner, RESULT, method)?,
            Holds::Many(inner) => self.of_many(ty, inner, method)?,
        };
        Ok(found.map(|value| match value {
            Value::Unknown(ty) => self.symbolic(&ty),
            value => value,
        }))
    }

    /// Runs what a method was given on a value of type `inner`.
    fn run_on(&mut self, inner: Ty, at: usize, method: &Method<'_>) -> Result<Value, Flow> {
        let run = method.args.get(at).cloned().unwrap_or_else(Value::unknown);
        let given = self.symbolic(&inner);
        self.perhaps_run(|e| e.call(&run, vec![given], method.at))
    }

    /// What remains of a value of which nothing but its type counts.
    fn type_left(&mut self, made: &Value) -> Ty {
        let ty = match unwrap(made) {
            Unwrapped::Inside(held) => {
                let is_ok = matches!(made.bare(), Value::Term(term) if term.path.ends_with("Ok"));
                let wrapper = if is_ok { RESULT } else { OPTION };
                (wrapper.around)(self.type_of(&held))
            }
            _ => self.type_of(made),
        };
        if ty == Ty::Unknown {
            self.escape(made);
        }
        ty
    }

    /// What stands for the value inside where there is none: what was given for that, or what it makes of the error.
    fn instead(&mut self, ty: &Ty, method: &Method<'_>) -> Option<Value> {
        let given = method.args.first()?;
        if !method.name.ends_with("_else") {
            return Some(given.clone());
        }
        let error = match pointee(ty) {
            Ty::External(_, args) => args.get(1).map(|error| self.symbolic(error)),
            _ => None,
        };
        // One that does not come back stands for nothing.
        self.perhaps_run(|e| e.call(given, error.into_iter().collect(), method.at)).ok()
    }

    /// One of two values, where either counts for more than its type.
    fn either_that_counts(&mut self, one: &Value, other: Option<Value>) -> Option<Value> {
        let other = other.filter(|other| is_telling(other) || is_telling(one))?;
        Some(self.either(one.clone(), other))
    }

    /// Any number of such values: each stands for all like it, and is there perhaps.
    pub(super) fn any_number_of(&mut self, each: &[Value]) -> Value {
        let items = each.iter().map(|made| self.perhaps_element(made)).collect();
        Value::List(Rc::new(List { items, unsure: true, shuffled: true, ..List::default() }))
    }

    /// Of an `Option` or `Result`.
    fn of_one(
        &mut self,
        ty: &Ty,
        inner: Ty,
        wrapper: Wrapper,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        let same = Value::Unknown(ty.clone());
        let made = match method.name {
            "map" => {
                let made = self.run_on(inner, 0, method)?;
                if is_telling(&made) {
                    wrapper.perhaps(made, method.at)
                } else {
                    Value::Unknown((wrapper.around)(self.type_left(&made)))
                }
            }
            "and_then" => {
                let made = self.run_on(inner, 0, method)?;
                match unwrap(&made) {
                    Unwrapped::Inside(held) if is_telling(&held) => perhaps(made),
                    Unwrapped::Other if is_telling(&made) => {
                        let failure = failure_like(&same, method.at);
                        self.either(made, failure)
                    }
                    _ => Value::Unknown(self.type_left(&made)),
                }
            }
            "map_or" | "map_or_else" => {
                let other = self.instead(ty, method);
                let made = self.run_on(inner, 1, method)?;
                match self.either_that_counts(&made, other) {
                    Some(either) => either,
                    None if is_telling(&made) => made,
                    None => Value::Unknown(self.type_left(&made)),
                }
            }
            "unwrap_or" | "unwrap_or_else" => {
                let held = self.symbolic(&inner);
                let other = self.instead(ty, method).filter(is_telling);
                self.either_that_counts(&held, other).unwrap_or(held)
            }
            "or" | "or_else" => {
                let other = self.instead(ty, method).filter(is_telling);
                self.either_that_counts(&same, other).unwrap_or(same)
            }
            "filter" | "inspect" | "is_some_and" | "is_ok_and" => {
                self.run_on(inner, 0, method)?;
                if method.name.starts_with("is_") { Value::unknown() } else { same }
            }
            _ => {
                let made = match method.name {
                    "as_ref" | "as_mut" | "as_deref" | "as_deref_mut" | "cloned" | "copied"
                    | "clone" | "map_err" | "inspect_err" | "context" | "with_context" | "take" => {
                        let result_of = matches!(method.name, "context" | "with_context");
                        if result_of { Value::Unknown(result(inner)) } else { same }
                    }
                    "flatten" | "transpose" => match holds(&inner) {
                        Some(Holds::Option(held)) if method.name == "flatten" => {
                            Value::Unknown(option(held))
                        }
                        Some(Holds::Option(held)) => Value::Unknown(option(result(held))),
                        Some(Holds::Result(held)) if method.name == "flatten" => {
                            Value::Unknown(result(held))
                        }
                        Some(Holds::Result(held)) => Value::Unknown(result(option(held))),
                        _ => Value::unknown(),
                    },
                    "ok_or" | "ok_or_else" => Value::Unknown(result(inner)),
                    "ok" => Value::Unknown(option(inner)),
                    "unwrap" | "expect" | "unwrap_or_default" | "unwrap_unchecked" => {
                        Value::Unknown(inner)
                    }
                    "iter" | "into_iter" | "iter_mut" => Value::Unknown(many(inner)),
                    _ => return Ok(None),
                };
                method.args.iter().for_each(|arg| self.escape(arg));
                made
            }
        };
        Ok(Some(made))
    }

    /// Of a list or iterator.
    fn of_many(&mut self, ty: &Ty, inner: Ty, method: &Method<'_>) -> Result<Option<Value>, Flow> {
        let same = Value::Unknown(many(inner.clone()));
        let pair = |other: Ty| Value::Unknown(many(Ty::Tuple(vec![other, inner.clone()])));
        let part = |at: usize| match &inner {
            Ty::Tuple(parts) => parts.get(at).cloned().unwrap_or(Ty::Unknown),
            _ => Ty::Unknown,
        };
        Ok(Some(match method.name {
            "iter" | "into_iter" | "iter_mut" | "drain" | "rev" | "skip" | "take" | "peekable"
            | "fuse" | "by_ref" | "cloned" | "copied" | "clone" | "to_vec" | "as_slice"
            | "sorted" | "step_by" | "chain" | "par_iter" | "into_par_iter" | "as_ref"
            | "as_mut" | "unique" => {
                method.args.iter().for_each(|arg| self.escape(arg));
                same
            }
            "filter" | "skip_while" | "take_while" | "inspect" | "retain" => {
                self.run_on(inner, 0, method)?;
                same
            }
            "map" => {
                let made = self.run_on(inner, 0, method)?;
                if is_telling(&made) {
                    self.any_number_of(&[made])
                } else {
                    Value::Unknown(many(self.type_left(&made)))
                }
            }
            "filter_map" | "flat_map" => {
                let made = self.run_on(inner, 0, method)?;
                if is_telling(&made) {
                    let each = match self.iterated(&made) {
                        Some(list) => list.items.clone(),
                        None => vec![self.perhaps_there(made)],
                    };
                    return Ok(Some(self.any_number_of(&each)));
                }
                let ty = self.type_left(&made);
                Value::Unknown(many(match holds(&ty) {
                    Some(Holds::Option(held) | Holds::Result(held) | Holds::Many(held)) => held,
                    None => Ty::Unknown,
                }))
            }
            "for_each" | "try_for_each" | "any" | "all" | "position" => {
                self.run_on(inner, 0, method)?;
                Value::unknown()
            }
            "fold" | "try_fold" | "scan" if method.args.len() == 2 => {
                let others = Rc::new(List { open: true, ..List::default() });
                super::folded::folded(self, &others, &inner, method)?
            }
            "reduce" if method.args.len() == 1 => self.reduced_unknown(&inner, method)?,
            "find_map" => {
                let made = self.run_on(inner, 0, method)?;
                if is_telling(&made) {
                    let made = self.perhaps_there(made);
                    OPTION.perhaps(made, method.at)
                } else {
                    Value::Unknown(self.type_left(&made))
                }
            }
            "find" => {
                self.run_on(inner.clone(), 0, method)?;
                Value::Unknown(option(inner))
            }
            "first" | "last" | "next" | "pop" | "nth" | "get" | "get_mut" | "first_mut"
            | "last_mut" | "pop_front" | "pop_back" | "min" | "max" | "last_key_value"
            | "remove"
                if !is_map(ty) =>
            {
                if method.name == "remove" {
                    Value::Unknown(inner)
                } else {
                    Value::Unknown(option(inner))
                }
            }
            "get" | "get_mut" | "remove" => Value::Unknown(option(part(1))),
            "values" | "into_values" | "values_mut" => Value::Unknown(many(part(1))),
            "try_next" => Value::Unknown(result(option(inner))),
            "try_collect" => Value::Unknown(result(many(inner))),
            "keys" | "into_keys" => Value::Unknown(many(part(0))),
            "chunks" | "windows" => Value::Unknown(many(many(inner))),
            "enumerate" => pair(Ty::Primitive(crate::syntax::tree::Name::new_static("usize"))),
            "collect" => {
                let into = method.generics.first().or(self.expected.as_ref()).map(pointee);
                match (into, holds(&inner)) {
                    (Some(Ty::External(path, _)), Some(Holds::Result(held)))
                        if path.ends_with("Result") =>
                    {
                        Value::Unknown(result(many(held)))
                    }
                    _ => same,
                }
            }
            _ => return Ok(None),
        }))
    }
}

fn is_map(ty: &Ty) -> bool {
    matches!(pointee(ty), Ty::External(path, _) if path.ends_with("Map"))
}
