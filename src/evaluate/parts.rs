//! Methods of lists that give some of the elements, or put them elsewhere.

use std::rc::Rc;

use super::{
    Evaluator,
    iterator::{pairs, with},
    method::Method,
    option::option,
    value::{Cell, List, Value},
};

impl Evaluator<'_> {
    /// Methods that give some of the elements.
    pub(super) fn list_part(
        &mut self,
        _target: &Cell,
        list: &Rc<List>,
        method: &Method<'_>,
    ) -> Option<Value> {
        let items = &list.items;
        let number = match method.args.first().map(Value::bare) {
            Some(Value::Int(n)) => usize::try_from(n).ok(),
            _ => None,
        };
        let parts = |parts: Vec<&[Value]>| {
            Value::list(parts.into_iter().map(|part| with(part.to_vec(), false)).collect())
        };
        let at = method.at;
        Some(match (method.name, number) {
            ("rev", _) => with(items.iter().rev().cloned().collect(), list.open),
            ("enumerate", _) => {
                let items = items.iter().zip(0..);
                with(
                    items
                        .map(|(item, n)| Value::tuple(vec![Value::Int(n), item.clone()]))
                        .collect(),
                    list.open,
                )
            }
            ("skip", Some(n)) => with(items.iter().skip(n).cloned().collect(), list.open),
            ("take", Some(n)) => {
                with(items.iter().take(n).cloned().collect(), list.open && items.len() < n)
            }
            ("step_by", Some(n)) if n > 0 && !list.open => {
                with(items.iter().step_by(n).cloned().collect(), false)
            }
            ("windows", Some(n)) if n > 0 && !list.open => parts(items.windows(n).collect()),
            ("chunks" | "array_chunks", Some(n)) if n > 0 && !list.open => {
                parts(items.chunks(n).collect())
            }
            ("chunks_exact", Some(n)) if n > 0 && !list.open => {
                parts(items.chunks_exact(n).collect())
            }
            ("flatten", _) => self.flattened(list),
            ("first", _) if !list.open || !items.is_empty() => option(items.first().cloned(), at),
            ("last" | "max" | "peek", _) if !list.open => {
                let found = match method.name {
                    "last" => items.last(),
                    "peek" => items.first(),
                    _ => return None,
                };
                option(found.cloned(), at)
            }
            ("nth" | "get", Some(n)) if !list.open || n < items.len() => {
                option(items.get(n).cloned(), at)
            }
            ("get" | "get_mut", None) => self.looked_up(list, method)?,
            ("split_first", _) if !list.open => {
                let parts = items.split_first();
                let pair = parts.map(|(first, rest)| {
                    Value::tuple(vec![first.clone(), with(rest.to_vec(), false)])
                });
                option(pair, at)
            }
            ("split_last", _) if !list.open => {
                let parts = items.split_last();
                let pair = parts.map(|(last, rest)| {
                    Value::tuple(vec![last.clone(), with(rest.to_vec(), false)])
                });
                option(pair, at)
            }
            ("split_at", Some(n)) if !list.open && n <= items.len() => {
                let (one, two) = items.split_at(n);
                Value::tuple(vec![with(one.to_vec(), false), with(two.to_vec(), false)])
            }
            ("keys" | "into_keys", _) => with(pairs(list, 0)?, list.open),
            ("values" | "into_values" | "values_mut", _) => {
                with(pairs(list, 1).unwrap_or_else(|| items.clone()), list.open)
            }
            ("unzip", _) => Value::tuple(vec![
                with(pairs(list, 0)?, list.open),
                with(pairs(list, 1)?, list.open),
            ]),
            _ => return None,
        })
    }

    /// Methods that put other elements into the places of a list, or the same into others.
    pub(super) fn list_rearranged(
        &mut self,
        target: &Cell,
        list: &Rc<List>,
        method: &Method<'_>,
    ) -> Option<Value> {
        let changes = matches!(
            method.name,
            "clone_from_slice" | "copy_from_slice" | "fill" | "split_off" | "swap"
        );
        let mut items = if changes { list.items.clone() } else { Vec::new() };
        let given = match (method.name, method.args.as_slice()) {
            ("swap", [a, b]) => match (place_in(&items, a), place_in(&items, b)) {
                (Some(a), Some(b)) => {
                    items.swap(a, b);
                    Value::Unit
                }
                _ => return Some(self.reordered(target, list)),
            },
            ("fill", [value]) => {
                for item in &mut items {
                    *item = value.copied();
                }
                Value::Unit
            }
            ("copy_from_slice" | "clone_from_slice", [other]) => {
                match self.iterated(other).filter(|other| !other.open) {
                    Some(other) => items.clone_from(&other.items),
                    None => items = items.iter().map(|item| self.not_known(item)).collect(),
                }
                Value::Unit
            }
            ("split_off", [Value::Int(at)]) => {
                let at = usize::try_from(*at).unwrap_or(usize::MAX).min(items.len());
                with(items.split_off(at), list.open)
            }
            (
                "sort"
                | "sort_by"
                | "sort_by_key"
                | "sort_by_cached_key"
                | "sort_unstable"
                | "sort_unstable_by"
                | "sort_unstable_by_key"
                | "rotate_left"
                | "rotate_right"
                | "shuffle",
                _,
            ) => return Some(self.reordered(target, list)),
            ("dedup" | "dedup_by" | "dedup_by_key", _) => {
                self.write(target, Value::List(Rc::new(List { unsure: true, ..(**list).clone() })));
                return Some(Value::Unit);
            }
            _ => return None,
        };
        self.write(target, with(items, list.open));
        Some(given)
    }

    /// The elements in another order: which number, character or boolean stands where is not known.
    fn reordered(&mut self, target: &Cell, list: &Rc<List>) -> Value {
        let items = list.items.iter().map(|item| self.not_known(item)).collect();
        self.write(target, Value::List(Rc::new(List { items, ..(**list).clone() })));
        Value::Unit
    }
}

/// The place that a number says, if there is one.
fn place_in(items: &[Value], at: &Value) -> Option<usize> {
    let Value::Int(at) = at.bare() else { return None };
    usize::try_from(at).ok().filter(|at| *at < items.len())
}
