//! Methods of lists that give some of the elements.

mod divided;

use std::rc::Rc;

use super::{
    Evaluator,
    iterator::{pairs, with},
    keys::compared,
    loops::MOST_ELEMENTS,
    method::Method,
    number::of_integers,
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
            ("rev", _) => Value::List(Rc::new(list.backwards())),
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
            ("rchunks", Some(n)) if n > 0 && !list.open => parts(items.rchunks(n).collect()),
            ("chunks_exact", Some(n)) if n > 0 && !list.open => {
                parts(items.chunks_exact(n).collect())
            }
            // Of no numbers it is not known what they are.
            ("sum" | "product", _) if !list.open && !list.unsure => {
                let operator = if method.name == "sum" { "+" } else { "*" };
                let mut numbers = items.iter().map(|item| match item.bare() {
                    Value::Int(n) => Some(n),
                    _ => None,
                });
                let first = numbers.next()??;
                Value::Int(numbers.try_fold(first, |made, n| {
                    match of_integers(operator, made, n?)? {
                        Value::Int(made) => Some(made),
                        _ => None,
                    }
                })?)
            }
            ("starts_with" | "ends_with" | "strip_prefix" | "strip_suffix", _) => {
                at_end(list, method)?
            }
            ("repeat", Some(n)) if !list.open && !list.is_loose() => {
                let copies = (0..n).flat_map(|_| items.iter().map(Value::copied));
                let copies: Vec<Value> = copies.take(MOST_ELEMENTS + 1).collect();
                with(
                    copies.get(..MOST_ELEMENTS.min(copies.len()))?.to_vec(),
                    copies.len() > MOST_ELEMENTS,
                )
            }
            ("flatten", _) => self.flattened(list),
            ("first", _) if !list.open || !items.is_empty() => option(items.first().cloned(), at),
            ("last", _) if !list.open => option(items.last().cloned(), at),
            ("peek", _) if !list.open => option(items.first().cloned(), at),
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
            ("split_at" | "split_at_checked", Some(n)) if !list.open => {
                let pair = items.split_at_checked(n).map(|(one, two)| {
                    Value::tuple(vec![with(one.to_vec(), false), with(two.to_vec(), false)])
                });
                if method.name == "split_at" { pair? } else { option(pair, at) }
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

/// Whether a list starts or ends with another, and what is left of it without that.
fn at_end(list: &List, method: &Method<'_>) -> Option<Value> {
    let is_told = |list: &List| !list.open && !list.is_loose() && list.kind == Kind::Sequence;
    let Value::List(wanted) = method.args.first()?.bare() else { return None };
    if !is_told(list) || !is_told(&wanted) {
        return None;
    }
    let (items, count) = (&list.items, wanted.items.len());
    let is_front = matches!(method.name, "starts_with" | "strip_prefix");
    let cut = if is_front { Some(count) } else { items.len().checked_sub(count) };
    let left = match cut.and_then(|at| items.split_at_checked(at)) {
        Some((one, two)) => {
            let (part, left) = if is_front { (one, two) } else { (two, one) };
            match compared("==", &with(part.to_vec(), false), &Value::List(wanted))? {
                Value::Bool(true) => Some(with(left.to_vec(), false)),
                _ => None,
            }
        }
        None => None,
    };
    Some(if method.name.ends_with("_with") {
        Value::Bool(left.is_some())
    } else {
        option(left, method.at)
    })
}

/// Whether a method is given a range of positions.
fn is_range(method: &Method<'_>) -> bool {
    let given = method.args.first().map(Value::bare);
    given.is_some_and(|given| {
        matches!(given, Value::List(_)) || super::endless::open_range(&given).is_some()
    })
}
