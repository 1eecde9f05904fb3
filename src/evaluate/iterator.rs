//! What methods of lists, slices, maps and iterators do: all are lists of what is known of their elements.
//!
//! A map is the list of its pairs. An element on which a test is not known is kept, under a choice.

use std::rc::Rc;

use super::{
    Evaluator,
    branch::Flow,
    keys::{equal, known_key, settled_key},
    loops::MOST_ELEMENTS,
    method::Method,
    option::{Unwrapped, option, unwrap},
    text::Text,
    value::{Cell, List, Value},
};
use crate::link::types::Ty;

/// Elements of a set that one more is compared with.
const MOST_COMPARED: usize = 256;

impl Evaluator<'_> {
    /// A method of a list; `None` when it is none that is known here.
    pub(super) fn list_method(
        &mut self,
        target: &Cell,
        list: &Rc<List>,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        let made = match self.lent_by(target, list, method) {
            Some(made) => Some(made),
            None => self.method_of_list(target, list, method)?,
        };
        if made.is_none() && adds_unseen(method.name) {
            self.write(target, Value::List(Rc::new(List { open: true, ..(**list).clone() })));
        }
        let unsure = |value: &Value| matches!(value.bare(), Value::List(list) if list.unsure);
        let joins =
            matches!(method.name, "append" | "chain" | "extend" | "extend_from_slice" | "zip");
        if !(list.unsure || joins && method.args.iter().any(unsure)) {
            return Ok(made);
        }
        // How many there are is as unsure as before, and so is whether there is one.
        let unsure = |value: Value| match value {
            Value::List(list) => Value::List(Rc::new(List { unsure: true, ..(*list).clone() })),
            Value::Int(_) | Value::Bool(_) => Value::unknown(),
            value => super::option::perhaps(value),
        };
        let held = target.borrow().clone();
        if let Value::List(_) = held {
            self.write(target, unsure(held));
        }
        Ok(made.map(unsure))
    }

    fn method_of_list(
        &mut self,
        target: &Cell,
        list: &Rc<List>,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        if let Some(value) = self.list_change(target, list, method)? {
            return Ok(Some(value));
        }
        if let Some(value) = self.list_rearranged(target, list, method) {
            return Ok(Some(value));
        }
        if let Some(value) = self.list_part(target, list, method) {
            return Ok(Some(value));
        }
        if let Some(value) = self.list_run(list, method)? {
            return Ok(Some(value));
        }
        let arg = method.args.first();
        Ok(Some(match method.name {
            "collect" => self.collected(list, method),
            "iter" | "into_iter" | "iter_mut" | "to_vec" | "clone" | "copied" | "cloned"
            | "as_slice" | "into" | "as_ref" | "peekable" | "fuse" | "into_boxed_slice"
            | "to_owned" | "unwrap" | "by_ref" | "as_mut" | "as_mut_slice" | "borrow" | "deref"
            | "lock" | "read" | "write" | "expect" | "load" | "get_or_init" | "into_inner" => {
                Value::List(list.clone())
            }
            "cycle" => return Ok(super::endless::cycle(list, method.at)),
            "join" | "concat" => joined(list, arg),
            "zip" => {
                let given = arg.cloned().unwrap_or_else(Value::unknown);
                match self.first_of_endless(&given, list.items.len())? {
                    Some(other) => zipped(list, &List { open: true, ..other }),
                    None => zipped(list, &self.iterated(&given).unwrap_or_default()),
                }
            }
            "chain" => {
                let more = arg.and_then(|arg| self.iterated(arg));
                let open = list.open || more.as_ref().is_none_or(|more| more.open);
                let mut items = list.items.clone();
                let cut = more.is_some_and(|more| !extend(&mut items, &more.items));
                with(items, open || cut)
            }
            "len" | "count" if !list.open => {
                Value::Int(i128::try_from(list.items.len()).unwrap_or(0))
            }
            "is_empty" if !list.open || !list.items.is_empty() => {
                Value::Bool(list.items.is_empty())
            }
            "contains" | "contains_key" => self.contains(list, method),
            _ => return Ok(None),
        }))
    }

    /// `push` where nothing has to be taken back: the list is not copied for it, so that lists grow in linear time.
    pub(super) fn pushed(&mut self, receiver: &Cell, method: &Method<'_>) -> Option<Value> {
        let ("push" | "push_back", [item]) = (method.name, method.args.as_slice()) else {
            return None;
        };
        // What is one of several values is told apart first.
        // What a failure leaves behind may have more elements than are there then.
        let is_kept = self.left.exits.iter().any(|exit| exit.flow != Flow::Fail);
        if self.branches > 0 || is_kept || matches!(item.bare(), Value::Alt(_)) {
            return None;
        }
        let target = super::target_of(receiver);
        let mut held = target.borrow_mut();
        let Value::List(list) = &mut *held else { return None };
        if self.is_in_static(&target, list, item) {
            return Some(Value::Unit);
        }
        if list.items.len() >= MOST_ELEMENTS {
            return None;
        }
        Rc::make_mut(list).items.push(item.clone());
        drop(held);
        self.note_write(&target, item);
        Some(Value::Unit)
    }

    /// Methods that change the list.
    fn list_change(
        &mut self,
        target: &Cell,
        list: &Rc<List>,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        let args = method.args.as_slice();
        if let (
            "push" | "push_back" | "push_front" | "insert" | "extend" | "append"
            | "extend_from_slice",
            [.., item],
        ) = (method.name, args)
            && list.items.len() >= MOST_ELEMENTS
        {
            self.escape(item);
            if !list.open {
                self.gap_at(method.at, "the list is longer than is followed");
                self.write(target, Value::List(Rc::new(List { open: true, ..(**list).clone() })));
            }
            return Ok(Some(Value::Unit));
        }
        if let ("push" | "push_back" | "push_front" | "insert", [item]) = (method.name, args)
            && self.is_in_static(target, list, item)
        {
            return Ok(Some(Value::Unit));
        }
        let mut items = list.items.clone();
        let mut open = list.open;
        let value = match (method.name, args) {
            ("push" | "push_back", [item]) => {
                items.push(item.clone());
                Value::Unit
            }
            // Of a set: whether it is new.
            ("insert", [item]) => {
                let is_there = if items.len() < MOST_COMPARED {
                    self.contains(list, method)
                } else {
                    Value::unknown()
                };
                if !matches!(is_there, Value::Bool(true)) {
                    items.push(item.clone());
                }
                match is_there {
                    Value::Bool(is_there) => Value::Bool(!is_there),
                    is_there => is_there,
                }
            }
            ("push_front", [item]) => {
                items.insert(0, item.clone());
                Value::Unit
            }
            ("insert", [at, item]) => {
                match at.bare() {
                    Value::Int(at) => {
                        let at = usize::try_from(at).unwrap_or(0).min(items.len());
                        items.insert(at, item.clone());
                    }
                    key => {
                        items.retain(|pair| known_key(pair).is_none_or(|k| !equal(&k, &key)));
                        items.push(Value::tuple(vec![key, item.clone()]));
                    }
                }
                Value::Unit
            }
            ("extend" | "append" | "extend_from_slice", [more]) => {
                let more = self.iterated(more);
                open |= more.as_ref().is_none_or(|more| more.open);
                open |= more.is_some_and(|more| !extend(&mut items, &more.items));
                Value::Unit
            }
            ("pop" | "pop_back", []) if !open => option(items.pop(), method.at),
            ("pop_front" | "next", []) if !open || !items.is_empty() => {
                let first = (!items.is_empty()).then(|| items.remove(0));
                option(first, method.at)
            }
            ("next_back", []) if !open => option(items.pop(), method.at),
            ("clear", []) => {
                items.clear();
                open = false;
                Value::Unit
            }
            ("remove" | "swap_remove", [Value::Int(at)]) => {
                let at = usize::try_from(*at).unwrap_or(usize::MAX);
                if at < items.len() { items.remove(at) } else { return Ok(None) }
            }
            ("remove", [key]) => {
                let key = key.bare();
                let at =
                    items.iter().position(|pair| known_key(pair).is_some_and(|k| equal(&k, &key)));
                match at.map(|at| items.remove(at)) {
                    Some(pair) => option(super::pattern::element(&pair.bare(), 1), method.at),
                    None if settled_key(list, &key) => option(None, method.at),
                    None => return Ok(None),
                }
            }
            ("reverse", []) => {
                items.reverse();
                Value::Unit
            }
            ("truncate", [Value::Int(len)]) => {
                items.truncate(usize::try_from(*len).unwrap_or(usize::MAX));
                Value::Unit
            }
            ("drain", _) => {
                let all = Value::List(list.clone());
                items.clear();
                all
            }
            ("retain", [keep]) => {
                items = self.kept(list, keep, method)?;
                Value::Unit
            }
            ("shrink_to_fit" | "reserve", _) => return Ok(Some(Value::Unit)),
            _ => return Ok(None),
        };
        self.taken += u64::from(items.len() < list.items.len() && !list.unsure);
        self.write(target, with(items, open));
        Ok(Some(value))
    }

    /// `collect()`, by the type that is asked for.
    fn collected(&mut self, list: &Rc<List>, method: &Method<'_>) -> Value {
        let ty = method.generics.first().cloned().or_else(|| self.expected.clone());
        match ty {
            Some(Ty::External(path, _)) if &*path == "std::string::String" => joined(list, None),
            Some(Ty::External(path, _))
                if matches!(&*path, "std::result::Result" | "std::option::Option") =>
            {
                let inside = list.items.iter().map(unwrap);
                let mut items = Vec::new();
                for (one, whole) in inside.zip(&list.items) {
                    match one {
                        Unwrapped::Inside(inner) => items.push(inner),
                        Unwrapped::Nothing => return whole.clone(),
                        Unwrapped::Other => items.push(whole.clone()),
                    }
                }
                let last = if path.ends_with("Result") { "Ok" } else { "Some" };
                Value::term(
                    &format!("{path}::{last}"),
                    Some(vec![with(items, list.open)]),
                    method.at,
                )
            }
            _ => Value::List(list.clone()),
        }
    }

    /// The elements of the elements.
    pub(super) fn flattened(&mut self, list: &Rc<List>) -> Value {
        let mut items = Vec::new();
        let mut open = list.open;
        for item in &list.items {
            match self.iterated(item) {
                Some(inner) => {
                    open |= inner.open;
                    open |= !extend(&mut items, &inner.items);
                }
                None => items.push(self.perhaps_there(item.clone())),
            }
        }
        with(items, open)
    }

    /// What is inside an `Option` that is one of several.
    pub(super) fn perhaps_inside(&mut self, value: Value) -> Value {
        let Value::Alt(all) = value.bare() else { return value };
        let inside = all.iter().filter_map(|(guards, one)| match unwrap(one) {
            Unwrapped::Inside(inner) => Some((guards.clone(), inner)),
            Unwrapped::Nothing => None,
            Unwrapped::Other => Some((guards.clone(), one.clone())),
        });
        let inside: Vec<_> = inside.collect();
        self.join(inside)
    }

    /// The elements of what a `for` loop or iterator goes over.
    pub(super) fn iterated(&mut self, value: &Value) -> Option<Rc<List>> {
        let value = value.bare();
        if let Some(range) = super::endless::open_range(&value) {
            return Some(Rc::new(range));
        }
        match value {
            Value::List(list) => Some(list),
            value => match unwrap(&value) {
                Unwrapped::Inside(_) => {
                    let items = vec![self.perhaps_there(value)];
                    Some(Rc::new(List { items, ..List::default() }))
                }
                Unwrapped::Nothing => Some(Rc::default()),
                Unwrapped::Other => None,
            },
        }
    }
}

/// Methods that add elements which are not followed.
fn adds_unseen(method: &str) -> bool {
    matches!(
        method,
        "entry"
            | "entry_ref"
            | "extend_from_within"
            | "get_or_insert_with"
            | "put_slice"
            | "raw_entry_mut"
            | "resize"
            | "resize_with"
            | "splice"
            | "try_insert"
            | "write_all"
    )
}

pub(super) fn with(items: Vec<Value>, open: bool) -> Value {
    Value::List(Rc::new(List { items, open, unsure: false }))
}

/// Adds elements to those of a list; `false` where there are more than are followed: a list that is put after itself
/// twenty times is a million times as long.
pub(super) fn extend(items: &mut Vec<Value>, more: &[Value]) -> bool {
    let left = MOST_ELEMENTS.saturating_sub(items.len());
    items.extend(more.iter().take(left).cloned());
    more.len() <= left
}

/// The pairs of two lists.
pub(super) fn zipped(one: &List, two: &List) -> Value {
    let pairs = one.items.iter().zip(&two.items);
    let pairs = pairs.map(|(a, b)| Value::tuple(vec![a.clone(), b.clone()])).collect();
    with(pairs, one.open && two.open)
}

/// Texts or lists in one.
fn joined(list: &List, between: Option<&Value>) -> Value {
    if list.items.iter().any(|item| matches!(item.bare(), Value::List(_))) {
        let mut items = Vec::new();
        let mut open = list.open;
        for item in &list.items {
            if let Value::List(inner) = item.bare() {
                open |= inner.open;
                open |= !extend(&mut items, &inner.items);
            } else {
                open = true;
            }
        }
        return with(items, open);
    }
    let between = between.and_then(Value::text).unwrap_or_default();
    let more = list.open.then(Text::hole);
    let texts = list.items.iter().map(|item| item.text().unwrap_or_else(Text::hole));
    let texts: Vec<Text> = texts.collect();
    let mut parts: Vec<&Text> = Vec::with_capacity(2 * texts.len());
    for text in &texts {
        if !parts.is_empty() {
            parts.push(&between);
        }
        parts.push(text);
    }
    parts.extend(&more);
    Value::Str(Text::joined(&parts))
}

/// One side of all pairs of a list of pairs.
pub(super) fn pairs(list: &List, side: usize) -> Option<Vec<Value>> {
    list.items
        .iter()
        .map(|item| match item.bare() {
            pair @ Value::Tuple(_) => super::pattern::element(&pair, side),
            _ => None,
        })
        .collect()
}
