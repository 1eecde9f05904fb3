//! Methods that put the elements of a list into other places, or others into theirs.
//!
//! Done as they do where what they compare is plainly known. Where it is not, the elements are in an order that is not
//! known. What is done to a part of a list is done to the places of the whole.

mod sized;

use std::rc::Rc;

use super::{
    Evaluator,
    branch::Flow,
    elements::there,
    iterator::with,
    keys::{Plain, plain},
    method::Method,
    option::option,
    value::{Cell, Kind, List, Value},
    views::range_of,
};

impl Evaluator<'_> {
    /// Methods that change which element stands where.
    #[expect(clippy::too_many_lines, reason = "one arm for each method")]
    pub(super) fn list_rearranged(
        &mut self,
        target: &Cell,
        list: &Rc<List>,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        if !changes(method.name) {
            return Ok(None);
        }
        let mut items: Vec<Value> = if list.is_view {
            list.items.iter().map(Value::deref).collect()
        } else {
            list.items.clone()
        };
        let len = items.len();
        let is_placed = !list.open && !list.is_loose();
        let known = |value: &Value| match value.bare() {
            Value::Int(at) => usize::try_from(at).ok().filter(|at| *at < len || len == 0),
            _ => None,
        };
        let given = match (method.name, method.args.as_slice()) {
            ("swap", [a, b]) => match (known(a), known(b)) {
                (Some(a), Some(b)) if !list.is_loose() && len > 0 => {
                    items.swap(a, b);
                    Value::Unit
                }
                _ => return Ok(Some(self.shuffled(target, list, items))),
            },
            ("reverse", []) => {
                items.reverse();
                if list.open {
                    return Ok(Some(self.shuffled(target, list, items)));
                }
                Value::Unit
            }
            ("rotate_left" | "rotate_right", [by]) => {
                let by = match by.bare() {
                    Value::Int(by) => usize::try_from(by).ok().filter(|by| *by <= len),
                    _ => None,
                };
                match by.filter(|_| is_placed) {
                    Some(by) if method.name == "rotate_left" => items.rotate_left(by),
                    Some(by) => items.rotate_right(by),
                    None => return Ok(Some(self.shuffled(target, list, items))),
                }
                Value::Unit
            }
            ("sort" | "sort_unstable", []) => {
                let keys = items.iter().map(key_of).collect();
                return Ok(Some(self.sorted(target, list, items, keys, false)));
            }
            ("sort_by_key" | "sort_by_cached_key" | "sort_unstable_by_key", [key]) => {
                let mut keys = Some(Vec::new());
                for item in &items {
                    let item = there(item).map_or(item, |(_, item)| item).clone();
                    let made = plain(&self.call(key, vec![item], method.at)?);
                    keys = keys.zip(made).map(|(mut keys, made)| {
                        keys.push(made);
                        keys
                    });
                }
                let is_stable = method.name != "sort_unstable_by_key";
                return Ok(Some(self.sorted(target, list, items, keys, !is_stable)));
            }
            ("sort_by" | "sort_unstable_by", [run]) if !list.open && !list.unsure => {
                let keeps_ties = method.name == "sort_by" && !list.shuffled;
                let Some(sorted) = self.sorted_by(&items, run, keeps_ties, method.at)? else {
                    self.escape(run);
                    return Ok(Some(self.shuffled(target, list, items)));
                };
                let held = List { items: list.items.clone(), shuffled: false, ..**list };
                self.put_back(target, &held, sorted);
                return Ok(Some(Value::Unit));
            }
            ("fill", [value]) => {
                for item in &mut items {
                    *item = value.copied();
                }
                Value::Unit
            }
            ("fill_with", [make]) => {
                for item in &mut items {
                    *item = self.call(make, Vec::new(), method.at)?;
                }
                Value::Unit
            }
            ("copy_from_slice" | "clone_from_slice", [other]) => {
                let other = self.iterated(other);
                match other.filter(|other| !other.open && !other.is_loose()) {
                    Some(other) if other.items.len() == len && is_placed => {
                        items = other.items.iter().map(Value::copied).collect();
                    }
                    _ => items = self.of_their_types(&items),
                }
                Value::Unit
            }
            ("copy_within", [from, to]) => {
                match (range_of(from, len), to.bare()) {
                    (Some((from, end)), Value::Int(to)) if is_placed => {
                        let part = items.get(from..end).unwrap_or_default().to_vec();
                        let to = usize::try_from(to).unwrap_or(usize::MAX);
                        let places = items.iter_mut().skip(to);
                        places.zip(part).for_each(|(place, item)| *place = item);
                    }
                    _ => items = self.of_their_types(&items),
                }
                Value::Unit
            }
            ("swap_with_slice", [Value::Ref(other)]) => {
                let other = super::target_of(other);
                let held = other.borrow().bare();
                match held {
                    Value::List(theirs)
                        if is_placed
                            && theirs.items.len() == len
                            && !theirs.open
                            && !theirs.is_loose() =>
                    {
                        let given = items;
                        items = theirs.items.iter().map(Value::deref).collect();
                        self.put_back(&other, &theirs, given);
                    }
                    _ => {
                        items = self.of_their_types(&items);
                        self.changed_unseen(&other);
                    }
                }
                Value::Unit
            }
            ("splice", [range, more]) => {
                let more = self.iterated(more);
                match (range_of(range, len).filter(|_| is_placed), more) {
                    (Some((from, end)), Some(more))
                        if from <= end && !more.open && !more.is_loose() =>
                    {
                        let gone = items.splice(from..end, more.items.iter().cloned());
                        let gone = gone.collect();
                        with(gone, false)
                    }
                    (_, more) => {
                        let gone = self.some_of(list);
                        items = self.perhaps_all(&items);
                        items.extend(more.iter().flat_map(|more| more.items.iter().cloned()));
                        let kept =
                            List { items, open: true, unsure: true, shuffled: true, ..**list };
                        self.write(target, Value::List(Rc::new(kept)));
                        return Ok(Some(gone));
                    }
                }
            }
            ("drain", [range]) => match range_of(range, len) {
                Some((0, end)) if end >= len => {
                    items.clear();
                    self.taken += u64::from(len > 0);
                    self.write(
                        target,
                        Value::List(Rc::new(List { items, open: false, unsure: false, ..**list })),
                    );
                    return Ok(Some(Value::List(Rc::new(List {
                        is_view: false,
                        ..(**list).clone()
                    }))));
                }
                Some((from, end)) if from <= end && is_placed => {
                    let gone = items.drain(from..end).collect();
                    self.taken += 1;
                    with(gone, false)
                }
                _ => {
                    let gone = self.some_of(list);
                    self.write(target, gone.clone());
                    return Ok(Some(gone));
                }
            },
            ("split_off", [Value::Int(at)]) if list.kind == Kind::Sequence => {
                let at = usize::try_from(*at).unwrap_or(usize::MAX).min(items.len());
                with(items.split_off(at), list.open)
            }
            ("pop_if", [test]) if is_placed => {
                let Some(last) = items.last().cloned() else {
                    return Ok(Some(option(None, method.at)));
                };
                match self.call(test, vec![last.clone()], method.at)?.bare() {
                    Value::Bool(true) => option(items.pop(), method.at),
                    Value::Bool(false) => option(None, method.at),
                    _ => {
                        let perhaps = self.perhaps_element(&last);
                        if let Some(slot) = items.last_mut() {
                            *slot = perhaps;
                        }
                        self.write(
                            target,
                            Value::List(Rc::new(List { items, unsure: true, ..**list })),
                        );
                        return Ok(Some(super::option::perhaps(option(Some(last), method.at))));
                    }
                }
            }
            (
                "sort_by"
                | "sort_unstable_by"
                | "sort_floats"
                | "select_nth_unstable"
                | "select_nth_unstable_by"
                | "select_nth_unstable_by_key"
                | "shuffle"
                | "partial_shuffle",
                args,
            ) => {
                for arg in args {
                    self.escape(arg);
                }
                self.shuffled(target, list, items);
                let gives = method.name.starts_with("select") || method.name.starts_with("partial");
                return Ok(Some(if gives { Value::unknown() } else { Value::Unit }));
            }
            _ => return Ok(None),
        };
        self.put_back(target, list, items);
        Ok(Some(given))
    }

    /// The elements as they stand now.
    fn put_back(&mut self, target: &Cell, list: &List, items: Vec<Value>) {
        if !list.is_view {
            self.write(target, list.holding(items));
            return;
        }
        for (place, item) in list.items.iter().zip(items) {
            if let Value::Ref(place) = place {
                self.write(&super::target_of(place), item);
            }
        }
    }

    /// The elements by their keys, if those are known.
    ///
    /// - `is_unstable`: whether those of one key may stand in any order.
    fn sorted(
        &mut self,
        target: &Cell,
        list: &List,
        items: Vec<Value>,
        keys: Option<Vec<Plain>>,
        is_unstable: bool,
    ) -> Value {
        let Some(keys) = keys.filter(|_| !list.open) else {
            return self.shuffled(target, list, items);
        };
        let mut pairs: Vec<(Plain, Value)> = keys.into_iter().zip(items).collect();
        pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
        let is_tie = |two: &[(Plain, Value)]| matches!(two, [(a, _), (b, _)] if a == b);
        let is_told = !(is_unstable || list.shuffled) || !pairs.windows(2).any(is_tie);
        let items: Vec<Value> = pairs.into_iter().map(|(_, item)| item).collect();
        if !is_told {
            return self.shuffled(target, list, items);
        }
        self.put_back(target, &List { shuffled: false, items: list.items.clone(), ..*list }, items);
        Value::Unit
    }

    /// The elements in an order that is not known.
    fn shuffled(&mut self, target: &Cell, list: &List, items: Vec<Value>) -> Value {
        if list.is_view {
            let all = List { items: items.clone(), is_view: false, ..*list };
            let items = items.iter().map(|_| self.any_element(&all)).collect();
            self.put_back(target, list, items);
        } else {
            self.write(target, Value::List(Rc::new(List { items, shuffled: true, ..*list })));
        }
        Value::Unit
    }

    /// Other elements of the same types.
    fn of_their_types(&mut self, items: &[Value]) -> Vec<Value> {
        items
            .iter()
            .map(|item| {
                self.escape(item);
                Value::Unknown(self.type_of(item))
            })
            .collect()
    }

    /// The list at a place was changed in a way that is not followed: what was in it is there perhaps, with others.
    pub(super) fn changed_unseen(&mut self, target: &Cell) {
        let Value::List(list) = target.borrow().bare() else { return };
        let mut items = Vec::with_capacity(list.items.len());
        for item in &list.items {
            if let Value::Ref(place) = item {
                self.may_change(&Value::Ref(place.clone()));
            }
            let item = self.not_known(item);
            items.push(self.perhaps_element(&item));
        }
        let kept = List { items, open: true, unsure: true, shuffled: true, ..*list };
        self.write(&super::target_of(target), Value::List(Rc::new(kept)));
    }
}

fn key_of(item: &Value) -> Option<Plain> {
    plain(there(item).map_or(item, |(_, item)| item))
}

/// Whether a method of a collection changes it.
pub(super) fn changes(method: &str) -> bool {
    const STARTS: [&str; 8] = [
        "dedup",
        "extend_from_",
        "get_or_insert",
        "insert",
        "pop",
        "select_nth",
        "sort",
        "try_insert",
    ];
    method.ends_with("_mut") && !matches!(method, "as_mut" | "iter_mut" | "get_mut" | "borrow_mut")
        || STARTS.iter().any(|start| method.starts_with(start)) && !method.starts_with("sorted")
        || matches!(
            method,
            "append"
                | "clone_from_slice"
                | "copy_from_slice"
                | "copy_within"
                | "drain"
                | "entry"
                | "entry_ref"
                | "extend"
                | "extract_if"
                | "fill"
                | "fill_with"
                | "first_entry"
                | "last_entry"
                | "next"
                | "next_back"
                | "next_if"
                | "next_if_eq"
                | "nth_back"
                | "partial_shuffle"
                | "put_slice"
                | "remove"
                | "remove_entry"
                | "resize"
                | "resize_with"
                | "retain"
                | "retain_mut"
                | "reverse"
                | "rotate_left"
                | "rotate_right"
                | "shift_remove"
                | "shuffle"
                | "splice"
                | "split_off"
                | "swap"
                | "swap_remove"
                | "swap_with_slice"
                | "truncate"
                | "write_all"
        )
}
