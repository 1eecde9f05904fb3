//! Lists, maps and iterators of which only the type of their elements is known.

use std::rc::Rc;

use super::{
    Evaluator,
    branch::Flow,
    crowded::is_telling,
    elements::there,
    method::Method,
    types::pointee,
    value::{Kind, List, Value},
    wrapped::{Holds, OPTION, collection, element_of, holds, many, option, result},
};
use crate::{link::types::Ty, syntax::tree::Name};

/// What a method gives, whatever it is given.
enum Gives {
    /// Elements, all or some of them.
    Elements,
    /// One element.
    One,
    /// One element, if there is one.
    Option,
    /// What a map has for a key, if it has the key.
    OptionOfValue,
    /// Lists of elements.
    Parts,
    /// Elements on two sides.
    Sides,
    /// An element and the others, if there is one.
    Split,
    /// Something that has nothing to do with the elements.
    Other,
}

/// The elements that what a method is given is run on at once.
fn run_on_at_once(method: &str) -> usize {
    match method {
        "max_by" | "min_by" | "sorted_by" | "sorted_unstable_by" | "chunk_by" | "dedup_by" => 2,
        _ => 1,
    }
}

fn gives(method: &str, kind: Option<Kind>, is_deque: bool, args: usize) -> Option<Gives> {
    let is_map = matches!(kind, Some(Kind::Map(_)));
    let is_set = matches!(kind, Some(Kind::Set(_)));
    Some(match method {
        "take" | "replace" if is_set && args == 1 => Gives::Option,
        "remove" if is_set => Gives::Other,
        "get" | "get_mut" | "remove" | "swap_remove" | "shift_remove" if is_map => {
            Gives::OptionOfValue
        }
        "get_key_value" | "get_full" | "remove_entry" | "swap_remove_entry"
        | "shift_remove_entry" => Gives::Option,
        "remove" if is_deque => Gives::Option,
        "remove" | "swap_remove" => Gives::One,
        "iter"
        | "into_iter"
        | "iter_mut"
        | "drain"
        | "rev"
        | "skip"
        | "take"
        | "peekable"
        | "fuse"
        | "by_ref"
        | "cloned"
        | "copied"
        | "clone"
        | "to_vec"
        | "into_vec"
        | "as_slice"
        | "as_mut_slice"
        | "into_boxed_slice"
        | "make_contiguous"
        | "sorted"
        | "sorted_by"
        | "sorted_by_key"
        | "sorted_unstable"
        | "sorted_unstable_by"
        | "sorted_unstable_by_key"
        | "step_by"
        | "chain"
        | "par_iter"
        | "into_par_iter"
        | "as_ref"
        | "as_mut"
        | "unique"
        | "unique_by"
        | "dedup_by"
        | "filter"
        | "skip_while"
        | "take_while"
        | "inspect"
        | "retain"
        | "split_off"
        | "range"
        | "range_mut"
        | "extract_if"
        | "cycle"
        | "into_sorted_vec" => Gives::Elements,
        "first" | "last" | "next" | "next_back" | "next_if" | "peek" | "peek_mut" | "pop"
        | "nth" | "nth_back" | "get" | "get_mut" | "first_mut" | "last_mut" | "front"
        | "front_mut" | "back" | "back_mut" | "pop_front" | "pop_back" | "pop_first"
        | "pop_last" | "pop_if" | "min" | "max" | "min_by" | "max_by" | "min_by_key"
        | "max_by_key" | "first_key_value" | "last_key_value" | "find" | "rfind" | "choose"
        | "at_most_one" | "swap_remove_back" | "swap_remove_front" | "get_index" => Gives::Option,
        "chunks" | "windows" | "chunks_exact" | "rchunks" | "chunks_mut" | "chunk_by"
        | "array_chunks" | "tuple_windows" | "split" => Gives::Parts,
        "partition" | "split_at" | "split_at_mut" => Gives::Sides,
        "split_first" | "split_last" | "split_first_mut" | "split_last_mut" => Gives::Split,
        "for_each" | "try_for_each" | "any" | "all" | "position" | "rposition" => Gives::Other,
        _ => return None,
    })
}

impl Evaluator<'_> {
    /// Any number of such values: each stands for all like it, and is there perhaps.
    pub(super) fn any_number_of(&mut self, each: &[Value]) -> Value {
        let items = each.iter().map(|made| self.perhaps_element(made)).collect();
        Value::List(Rc::new(List { items, unsure: true, shuffled: true, ..List::default() }))
    }

    /// Runs what a method is given on elements; what else it is given is left to it.
    fn run_each(&mut self, inner: &Ty, method: &Method<'_>) -> Result<(), Flow> {
        for run in &method.args {
            if !run.is_callable() {
                self.escape(run);
                continue;
            }
            let given = match (inner, method.name) {
                // Of a map it is given both parts of a pair.
                (Ty::Tuple(parts), "retain" | "extract_if") if parts.len() == 2 => {
                    parts.iter().map(|part| self.symbolic(part)).collect()
                }
                _ => (0..run_on_at_once(method.name)).map(|_| self.symbolic(inner)).collect(),
            };
            self.perhaps_run(|e| e.call(run, given, method.at))?;
        }
        Ok(())
    }

    /// A method of a list or iterator.
    ///
    /// - `inner`: the type of its elements.
    pub(super) fn of_many(
        &mut self,
        ty: &Ty,
        inner: Ty,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        if let Some(gives) = gives_of(ty, method) {
            self.run_each(&inner, method)?;
            return Ok(Some(given(gives, inner)));
        }
        let part = |at: usize| match &inner {
            Ty::Tuple(parts) => parts.get(at).cloned().unwrap_or(Ty::Unknown),
            _ => Ty::Unknown,
        };
        Ok(Some(match method.name {
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
                Value::Unknown(many(held_in(&ty)))
            }
            "flatten" if holds(&inner).is_some() => Value::Unknown(many(held_in(&inner))),
            "fold" | "try_fold" | "rfold" | "try_rfold" | "scan" if method.args.len() == 2 => {
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
            "zip" => self.zipped_unknown(inner, method),
            "unzip" => {
                Value::tuple(vec![Value::Unknown(many(part(0))), Value::Unknown(many(part(1)))])
            }
            "values" | "into_values" | "values_mut" => Value::Unknown(many(part(1))),
            "try_next" => Value::Unknown(result(option(inner))),
            "try_collect" => Value::Unknown(result(many(inner))),
            "keys" | "into_keys" => Value::Unknown(many(part(0))),
            "enumerate" => {
                let number = Ty::Primitive(Name::new_static("usize"));
                Value::Unknown(many(Ty::Tuple(vec![number, inner])))
            }
            "collect" => {
                let into = method.generics.first().or(self.expected.as_ref());
                Value::Unknown(
                    into.map_or_else(|| many(inner.clone()), |into| gathered(&inner, into)),
                )
            }
            "into" => {
                let into = self.expected.clone().filter(|into| kind_of_type(into).is_some());
                let Some(into) = into else { return Ok(None) };
                Value::Unknown(gathered(&inner, &into))
            }
            _ => return Ok(None),
        }))
    }

    /// The pairs of elements of which only the type is known and those of another list.
    fn zipped_unknown(&mut self, inner: Ty, method: &Method<'_>) -> Value {
        let other = method.args.first().cloned().unwrap_or_else(Value::unknown);
        let Some(list) = self.iterated(&other) else {
            self.escape(&other);
            let of = element_of(&self.type_of(&other));
            return Value::Unknown(many(Ty::Tuple(vec![inner, of])));
        };
        let mut pairs = Vec::with_capacity(list.items.len());
        for item in &list.items {
            let held = there(item).map_or_else(|| item.clone(), |(_, held)| held.clone());
            pairs.push(Value::tuple(vec![self.symbolic(&inner), held]));
        }
        self.any_number_of(&pairs)
    }

    /// What is at a position or key of a collection of which only the type is known.
    pub(super) fn indexed_unknown(&mut self, ty: &Ty, index: &Value) -> Value {
        let Some(Holds::Many(inner)) = holds(ty) else { return Value::unknown() };
        let found = match (kind_of_type(ty), inner, index) {
            (Some(Kind::Map(_)), Ty::Tuple(parts), _) => {
                parts.get(1).cloned().unwrap_or(Ty::Unknown)
            }
            (_, inner, Value::List(_)) => many(inner),
            (_, inner, _) => inner,
        };
        self.symbolic(&found)
    }
}

fn gives_of(ty: &Ty, method: &Method<'_>) -> Option<Gives> {
    let is_deque = matches!(pointee(ty), Ty::External(path, _) if path.ends_with("VecDeque"));
    gives(method.name, kind_of_type(ty), is_deque, method.args.len())
}

fn kind_of_type(ty: &Ty) -> Option<Kind> {
    match pointee(ty) {
        Ty::External(path, _) => collection(path),
        _ => None,
    }
}

/// What a method gives of elements of a type.
fn given(gives: Gives, inner: Ty) -> Value {
    let value = || match &inner {
        Ty::Tuple(parts) => parts.get(1).cloned().unwrap_or(Ty::Unknown),
        _ => Ty::Unknown,
    };
    let elements = || Value::Unknown(many(inner.clone()));
    match gives {
        Gives::Elements => elements(),
        Gives::One => Value::Unknown(inner),
        Gives::Option => Value::Unknown(option(inner)),
        Gives::OptionOfValue => Value::Unknown(option(value())),
        Gives::Parts => Value::Unknown(many(many(inner))),
        Gives::Sides => Value::tuple(vec![elements(), elements()]),
        Gives::Split => Value::Unknown(option(Ty::Tuple(vec![inner.clone(), many(inner)]))),
        Gives::Other => Value::unknown(),
    }
}

/// What there is in the elements of a list.
fn held_in(ty: &Ty) -> Ty {
    match holds(ty) {
        Some(Holds::Option(held) | Holds::Result(held) | Holds::Many(held)) => held,
        None => Ty::Unknown,
    }
}

/// What elements of a type are collected into.
///
/// - `into`: what is asked for, in which the types of the elements may be left out.
fn gathered(inner: &Ty, into: &Ty) -> Ty {
    let Ty::External(path, args) = pointee(into) else { return many(inner.clone()) };
    let within = |held: &Ty| match args.first() {
        Some(into) => gathered(held, into),
        None => many(held.clone()),
    };
    match (&**path, holds(inner)) {
        ("std::option::Option", Some(Holds::Option(held))) => option(within(&held)),
        (path, Some(Holds::Result(held))) if path.ends_with("Result") => result(within(&held)),
        ("std::string::String", _) => into.clone(),
        _ => match (collection(path), inner) {
            (Some(Kind::Map(_)), Ty::Tuple(parts)) => Ty::External(path.clone(), parts.clone()),
            (Some(_), inner) => Ty::External(path.clone(), vec![inner.clone()]),
            (None, inner) => many(inner.clone()),
        },
    }
}
