//! Lists of which it is not known which element stands where: some are there under a condition only, or their order is
//! not known.
//!
//! What a position gives is one element or another, and what is taken by its position leaves all others there perhaps.

use std::rc::Rc;

use super::{
    Evaluator,
    effect::Guard,
    elements::there,
    iterator::with,
    method::Method,
    option::{option, perhaps},
    value::{Cell, Kind, List, Value},
};

/// Elements, any of which may be meant.
const MOST_ANY: usize = 24;

impl List {
    /// Whether it is not known which element stands where.
    pub(super) fn is_loose(&self) -> bool {
        self.unsure || self.shuffled && (self.open || self.items.len() > 1)
    }

    /// How many elements at the front stand where they are for certain.
    fn settled(&self) -> usize {
        if self.shuffled {
            return 0;
        }
        let first = self.items.iter().position(|item| there(item).is_some());
        match first {
            Some(first) => first,
            // Which of them are not there for certain is not said.
            None if self.unsure => 0,
            None => self.items.len(),
        }
    }

    /// The same from the end. Where there may be more, it is not known which is the first.
    pub(super) fn backwards(&self) -> Self {
        let items = self.items.iter().rev().cloned().collect();
        Self { items, shuffled: self.shuffled || self.open, is_view: false, ..*self }
    }

    /// Other elements in the same collection.
    pub(super) fn holding(&self, items: Vec<Value>) -> Value {
        Value::List(Rc::new(Self { items, ..*self }))
    }
}

/// An element where it is there.
fn inner(item: &Value) -> Value {
    there(item).map_or_else(|| item.clone(), |(_, value)| value.clone())
}

impl Evaluator<'_> {
    /// One of several values, which one is not known.
    pub(super) fn one_of(&mut self, values: &[Value]) -> Value {
        match values {
            [] => Value::unknown(),
            [only] => inner(only),
            [first, ..] if values.len() > MOST_ANY => {
                for value in values {
                    self.escape(value);
                }
                Value::Unknown(self.type_of(&inner(first)))
            }
            values => {
                let condition = self.fresh_condition();
                let each = values.iter().zip(0u16..).filter_map(|(value, arm)| {
                    Some((self.guards.with(Guard { condition, arm })?, inner(value)))
                });
                let each: Vec<_> = each.collect();
                self.join(each)
            }
        }
    }

    /// An element of a list, which one is not known.
    pub(super) fn any_element(&mut self, list: &List) -> Value {
        if list.open { self.with_others(&list.items) } else { self.one_of(&list.items) }
    }

    /// One of several values, or one that is not known.
    fn with_others(&mut self, values: &[Value]) -> Value {
        let mut all = values.to_vec();
        all.push(Value::unknown());
        self.one_of(&all)
    }

    /// What stands at a position of a loose list.
    pub(super) fn element_at(&mut self, list: &List, at: usize) -> Value {
        if at < list.settled() {
            return list.items.get(at).cloned().unwrap_or_else(Value::unknown);
        }
        let from = if list.shuffled || list.settled() == 0 { 0 } else { at };
        let items = list.items.get(from..).unwrap_or_default().to_vec();
        self.any_element(&List { items, ..*list })
    }

    /// `Some` of an element at one end, or nothing.
    fn element_at_end(&mut self, list: &List, is_last: bool, method: &Method<'_>) -> Value {
        let marked = list.items.iter().any(|item| there(item).is_some());
        let mut ends: Vec<Value> = Vec::new();
        let mut is_there = false;
        let items: Box<dyn Iterator<Item = &Value>> =
            if is_last { Box::new(list.items.iter().rev()) } else { Box::new(list.items.iter()) };
        for item in items {
            ends.push(item.clone());
            let certain = there(item).is_none() && (marked || !list.unsure);
            is_there |= certain;
            if certain && !list.shuffled && !(list.open && is_last) {
                break;
            }
        }
        if ends.is_empty() {
            return if list.open { Value::unknown() } else { option(None, method.at) };
        }
        let found = if list.open && (is_last || list.shuffled) {
            self.with_others(&ends)
        } else {
            self.one_of(&ends)
        };
        let found = option(Some(found), method.at);
        if is_there { found } else { perhaps(found) }
    }

    /// The elements, each of which is there perhaps.
    pub(super) fn perhaps_all(&mut self, items: &[Value]) -> Vec<Value> {
        items.iter().map(|item| self.perhaps_element(item)).collect()
    }

    /// Some of the elements, which ones is not known.
    pub(super) fn some_of(&mut self, list: &List) -> Value {
        let items = self.perhaps_all(&list.items);
        Value::List(Rc::new(List { items, unsure: true, is_view: false, ..*list }))
    }

    /// Methods that ask for a position, of a list that is loose.
    pub(super) fn loose_method(
        &mut self,
        target: &Cell,
        list: &Rc<List>,
        method: &Method<'_>,
    ) -> Option<Value> {
        if !list.is_loose() || list.kind != Kind::Sequence {
            return None;
        }
        let at = match method.args.first().map(Value::bare) {
            Some(Value::Int(at)) => usize::try_from(at).ok(),
            _ => None,
        };
        Some(match (method.name, at) {
            ("first" | "front" | "peek", _) => self.element_at_end(list, false, method),
            ("last" | "back", _) => self.element_at_end(list, true, method),
            ("next" | "pop_front", _) => {
                let found = self.element_at_end(list, false, method);
                self.taken_from(target, list, false);
                found
            }
            ("pop" | "pop_back" | "next_back", _) => {
                let found = self.element_at_end(list, true, method);
                self.taken_from(target, list, true);
                found
            }
            ("nth" | "get", Some(at)) => {
                if at < list.settled() {
                    return None;
                }
                if method.name == "nth" {
                    self.left_perhaps(target, list);
                }
                let is_there = !list.open && !list.unsure;
                if is_there && at >= list.items.len() {
                    return Some(option(None, method.at));
                }
                let found = option(Some(self.element_at(list, at)), method.at);
                if is_there { found } else { perhaps(found) }
            }
            ("remove" | "swap_remove", Some(at)) => {
                let found = self.element_at(list, at);
                let left = self.some_of(list);
                self.write(target, left);
                found
            }
            ("take" | "skip" | "step_by", _) => self.some_of(list),
            ("truncate" | "split_off" | "insert", _) => {
                let left = self.some_of(list);
                let mut kept = match left {
                    Value::List(list) => (*list).clone(),
                    _ => return None,
                };
                if let ("insert", [_, item]) = (method.name, method.args.as_slice()) {
                    kept.items.clone_from(&list.items);
                    kept.items.push(item.clone());
                    kept.shuffled = true;
                    kept.unsure = list.unsure;
                }
                self.write(target, Value::List(Rc::new(kept.clone())));
                if method.name == "split_off" { Value::List(Rc::new(kept)) } else { Value::Unit }
            }
            ("enumerate", _) => {
                let settled = list.settled();
                let items = list.items.iter().zip(0..).map(|(item, n)| {
                    let known = usize::try_from(n).is_ok_and(|n: usize| n < settled);
                    let n = Value::Int(n);
                    let n = if known { n } else { self.not_known(&n) };
                    match there(item) {
                        Some((guards, value)) => super::elements::there_under(
                            guards,
                            Value::tuple(vec![n, value.clone()]),
                        ),
                        None => Value::tuple(vec![n, item.clone()]),
                    }
                });
                with(items.collect(), list.open)
            }
            (
                "windows" | "chunks" | "array_chunks" | "chunks_exact" | "rchunks" | "chunk_by",
                _,
            ) => {
                let part = self.some_of(list);
                let part = self.perhaps_element(&part);
                with(vec![part], true)
            }
            ("split_first" | "split_last", _) => {
                let end = self.element_at_end(list, method.name == "split_last", method);
                let super::option::Unwrapped::Inside(found) = super::option::unwrap(&end) else {
                    return Some(end);
                };
                let pair = Value::tuple(vec![found, self.some_of(list)]);
                perhaps(option(Some(pair), method.at))
            }
            ("split_at", _) => Value::tuple(vec![self.some_of(list), self.some_of(list)]),
            _ => return None,
        })
    }

    /// An element was taken from one end.
    fn taken_from(&mut self, target: &Cell, list: &Rc<List>, is_last: bool) {
        let marked = list.items.iter().any(|item| there(item).is_some());
        let mut items = list.items.clone();
        if list.shuffled || list.open && is_last || list.unsure && !marked {
            items = self.perhaps_all(&items);
        } else if is_last {
            // Where the last one is not there, that before it was taken.
            let mut gone = items.pop();
            for item in items.iter_mut().rev() {
                if gone.as_ref().is_some_and(|gone| there(gone).is_none()) {
                    break;
                }
                gone = Some(std::mem::replace(item, Value::Unit));
                if let Some(gone) = &gone {
                    *item = self.perhaps_element(gone);
                }
            }
        } else if !items.is_empty() {
            let mut gone = items.remove(0);
            for item in &mut items {
                if there(&gone).is_none() {
                    break;
                }
                gone = item.clone();
                *item = self.perhaps_element(&gone);
            }
        }
        self.taken += u64::from(items.len() < list.items.len());
        let unsure = list.unsure || items.iter().any(|item| there(item).is_some());
        self.write(target, Value::List(Rc::new(List { items, unsure, ..**list })));
    }
}
