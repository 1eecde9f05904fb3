//! Options, results and lists of which only the type is known: what is inside them has a type too.

use super::{Evaluator, branch::Flow, method::Method, types::pointee, value::Value};
use crate::link::types::Ty;

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
    match path.strip_prefix("std::")? {
        "option::Option" => inside.map(Holds::Option),
        "result::Result" => inside.map(Holds::Result),
        "vec::Vec"
        | "collections::VecDeque"
        | "collections::HashSet"
        | "collections::BTreeSet"
        | "collections::LinkedList" => inside.map(Holds::Many),
        "collections::HashMap" | "collections::BTreeMap" => {
            Some(Holds::Many(Ty::Tuple(args.clone())))
        }
        _ => None,
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
            Holds::Option(inner) => self.of_one(ty, inner, option, method)?,
            Holds::Result(inner) => self.of_one(ty, inner, result, method)?,
            Holds::Many(inner) => self.of_many(ty, inner, method)?,
        };
        Ok(found.map(|value| match value {
            Value::Unknown(ty) => self.symbolic(&ty),
            value => value,
        }))
    }

    /// Runs what a method was given on a value of type `inner`; the type of what comes back.
    fn run_on(&mut self, inner: Ty, at: usize, method: &Method<'_>) -> Result<Ty, Flow> {
        let run = method.args.get(at).cloned().unwrap_or_else(Value::unknown);
        let given = self.symbolic(&inner);
        let made = self.perhaps_run(|e| e.call(&run, vec![given], method.at))?;
        let ty = match super::option::unwrap(&made) {
            super::option::Unwrapped::Inside(held) => {
                let wrap = if matches!(&made.bare(), Value::Term(term) if term.path.ends_with("Ok"))
                {
                    result
                } else {
                    option
                };
                wrap(self.type_of(&held))
            }
            _ => self.type_of(&made),
        };
        if ty == Ty::Unknown {
            self.escape(&made);
        }
        Ok(ty)
    }

    /// Of an `Option` or `Result`.
    fn of_one(
        &mut self,
        ty: &Ty,
        inner: Ty,
        wrap: fn(Ty) -> Ty,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        let same = Value::Unknown(ty.clone());
        let made = match method.name {
            "map" => Value::Unknown(wrap(self.run_on(inner, 0, method)?)),
            "and_then" => Value::Unknown(self.run_on(inner, 0, method)?),
            "map_or" | "map_or_else" => {
                method.args.first().iter().for_each(|other| self.escape(other));
                Value::Unknown(self.run_on(inner, 1, method)?)
            }
            "filter" | "inspect" | "is_some_and" | "is_ok_and" => {
                self.run_on(inner, 0, method)?;
                if method.name.starts_with("is_") { Value::unknown() } else { same }
            }
            _ => {
                let made = match method.name {
                    "as_ref" | "as_mut" | "as_deref" | "as_deref_mut" | "cloned" | "copied"
                    | "clone" | "map_err" | "or" | "or_else" | "inspect_err" | "context"
                    | "with_context" | "take" => {
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
                    "unwrap" | "expect" | "unwrap_or_default" | "unwrap_or" | "unwrap_or_else"
                    | "unwrap_unchecked" => Value::Unknown(inner),
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
            "map" => Value::Unknown(many(self.run_on(inner, 0, method)?)),
            "filter_map" | "flat_map" => {
                let made = self.run_on(inner, 0, method)?;
                Value::Unknown(many(match holds(&made) {
                    Some(Holds::Option(held) | Holds::Result(held) | Holds::Many(held)) => held,
                    None => Ty::Unknown,
                }))
            }
            "for_each" | "try_for_each" | "any" | "all" | "position" => {
                self.run_on(inner, 0, method)?;
                Value::unknown()
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
