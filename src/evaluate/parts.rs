//! Methods of lists that give some of the elements.

use std::rc::Rc;

use super::{
    Evaluator,
    iterator::{pairs, with},
    method::Method,
    option::option,
    value::{Cell, Kind, List, Value},
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
            ("get", None) if list.kind == Kind::Sequence && is_range(method) => {
                let part = super::views::range_of(method.args.first()?, items.len());
                let part = part.filter(|_| !list.is_loose() && !list.open);
                let (from, end) = part?;
                option(Some(with(items.get(from..end)?.to_vec(), false)), at)
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
}

/// Whether a method is given a range of positions.
fn is_range(method: &Method<'_>) -> bool {
    let given = method.args.first().map(Value::bare);
    given.is_some_and(|given| {
        matches!(given, Value::List(_)) || super::endless::open_range(&given).is_some()
    })
}
