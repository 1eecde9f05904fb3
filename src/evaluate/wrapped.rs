//! Options, results and lists of which only the type is known: what is inside them has a type too.
//!
//! What is made of that is known by its type, unless there is more in it that counts: a router, code, a statement. That is
//! there perhaps.

use super::{
    Evaluator,
    branch::Flow,
    crowded::is_telling,
    keyed::kind_of,
    method::Method,
    option::{OK, SOME, Unwrapped, failure_like, perhaps, unwrap},
    types::pointee,
    value::{Kind, Value},
};
use crate::{link::types::Ty, source::Place};

/// What a type of the standard library holds.
pub(super) enum Holds {
    Option(Ty),
    Result(Ty),
    Many(Ty),
}

pub(super) fn holds(ty: &Ty) -> Option<Holds> {
    let (path, args) = match pointee(ty) {
        Ty::External(path, args) => (path, args),
        Ty::Slice(inner) => return Some(Holds::Many((**inner).clone())),
        _ => return None,
    };
    let is_known = |inner: &&Ty| !matches!(inner, Ty::Unknown | Ty::Never);
    let inside = args.first().filter(is_known).cloned();
    // That there may be something in it is known, whatever that is.
    let perhaps = || inside.clone().unwrap_or(Ty::Unknown);
    match &**path {
        "std::option::Option" => return Some(Holds::Option(perhaps())),
        "std::result::Result" => return Some(Holds::Result(perhaps())),
        _ => {}
    }
    match collection(path)? {
        Kind::Map(_) => Some(Holds::Many(Ty::Tuple(args.iter().take(2).cloned().collect()))),
        _ => inside.map(Holds::Many),
    }
}

/// Crates of which the collections are those of the standard library, or work like them.
const OF_COLLECTIONS: [&str; 8] = [
    "ahash",
    "fxhash",
    "hashbrown",
    "hashlink",
    "indexmap",
    "linked_hash_map",
    "rustc_hash",
    "std",
];

/// What a type outside the tree is that is a collection.
pub(super) fn collection(path: &str) -> Option<Kind> {
    let (krate, rest) = path.split_once("::")?;
    if !OF_COLLECTIONS.contains(&krate) {
        return None;
    }
    let kind = kind_of(path);
    let is_list = || {
        let lists = [
            "vec::Vec",
            "collections::VecDeque",
            "collections::LinkedList",
            "collections::BinaryHeap",
        ];
        lists.contains(&rest)
    };
    (kind != Kind::Sequence || is_list()).then_some(kind)
}

/// `Option` or `Result`.
#[derive(Clone, Copy)]
pub(super) struct Wrapper {
    /// The type of one around another.
    around: fn(Ty) -> Ty,
    /// The path of its success.
    success: &'static str,
}

pub(super) const OPTION: Wrapper = Wrapper { around: option, success: SOME };
pub(super) const RESULT: Wrapper = Wrapper { around: result, success: OK };

impl Wrapper {
    /// A success that there is perhaps.
    pub(super) fn perhaps(self, inner: Value, at: Place) -> Value {
        perhaps(Value::term(self.success, Some(vec![inner]), at))
    }
}

pub(super) fn option(inner: Ty) -> Ty {
    Ty::External("std::option::Option".into(), vec![inner])
}

pub(super) fn result(inner: Ty) -> Ty {
    Ty::External("std::result::Result".into(), vec![inner])
}

pub(super) fn many(inner: Ty) -> Ty {
    Ty::External("std::vec::Vec".into(), vec![inner])
}

/// The type of the elements of a list of which only the type is known.
pub(super) fn element_of(ty: &Ty) -> Ty {
    match holds(ty) {
        Some(Holds::Many(inner) | Holds::Option(inner)) => inner,
        _ => Ty::Unknown,
    }
}

/// The type of what is of one type or another: of a failure nothing is known but that it is one.
fn common(one: Ty, other: Ty) -> Ty {
    match (one, other) {
        (Ty::Never, ty) | (ty, Ty::Never) => ty,
        (Ty::External(path, args), Ty::External(of, others))
            if path == of && args.len() == others.len() =>
        {
            Ty::External(path, args.into_iter().zip(others).map(|(a, b)| common(a, b)).collect())
        }
        (one, other) if one == other => one,
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
    pub(super) fn run_on(
        &mut self,
        inner: Ty,
        at: usize,
        method: &Method<'_>,
    ) -> Result<Value, Flow> {
        let run = method.args.get(at).cloned().unwrap_or_else(Value::unknown);
        let given = self.symbolic(&inner);
        self.perhaps_run(|e| e.call(&run, vec![given], method.at))
    }

    /// What remains of a value of which nothing but its type counts.
    pub(super) fn type_left(&mut self, made: &Value) -> Ty {
        let ty = self.type_remaining(made);
        if ty == Ty::Unknown {
            self.escape(made);
        }
        ty
    }

    /// The type of a value that is one of several, and of what is in an `Option` or `Result`, of which some are failures.
    fn type_remaining(&self, made: &Value) -> Ty {
        let wrapper = || {
            let is_result = matches!(made.bare(), Value::Term(term)
                if term.path.starts_with("std::result::"));
            if is_result { RESULT } else { OPTION }
        };
        match (unwrap(made), made.bare()) {
            (Unwrapped::Inside(held), _) => (wrapper().around)(self.type_remaining(&held)),
            (Unwrapped::Nothing, _) => (wrapper().around)(Ty::Never),
            (_, Value::Alt(all)) => {
                let types = all.iter().map(|(_, one)| self.type_remaining(one));
                types.reduce(common).unwrap_or(Ty::Unknown)
            }
            (_, bare) => self.type_of(&bare),
        }
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
}
