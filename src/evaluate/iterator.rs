//! What methods of lists, slices, maps and iterators do: all are lists of what is known of their elements.
//!
//! A map is the list of its pairs. An element on which a test is not known is kept, under a choice.

mod peeked;

use std::rc::Rc;

use super::{
    Evaluator,
    arranged::changes,
    branch::Flow,
    elements::{found, there},
    gathered::joined,
    keys::{equal, known_key, settled_key},
    loops::MOST_ELEMENTS,
    method::Method,
    option::{Unwrapped, ok, option, perhaps, unwrap},
    value::{Cell, Kind, List, Value},
};
use crate::link::types::Ty;

/// Elements of a set that one more is compared with.
const MOST_COMPARED: usize = 256;

impl Evaluator<'_> {
    /// A method of a list that is gone through at once; `None` when it is none that is known here.
    pub(super) fn list_method_now(
        &mut self,
        target: &Cell,
        list: &Rc<List>,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        let made = match self.lent_by(target, list, method) {
            Some(made) => Some(made),
            None => self.method_of_list(target, list, method)?,
        };
        if made.is_none() && changes(method.name) {
            self.changed_unseen(target);
        }
        let flags = |value: &Value| match value.bare() {
            Value::List(list) => (list.unsure, list.shuffled),
            _ => (false, false),
        };
        let joins =
            matches!(method.name, "append" | "chain" | "extend" | "extend_from_slice" | "zip");
        let given = method.args.iter().filter(|_| joins).map(flags);
        let (unsure, shuffled) =
            given.fold((list.unsure, list.shuffled), |all, one| (all.0 || one.0, all.1 || one.1));
        let is_settled = list.kind == Kind::Sequence && settles(method.name);
        if !(unsure || shuffled) || is_settled || method.name == "clear" {
            return Ok(made);
        }
        // How many there are is as unsure as before, and so is whether there is one, and which is the first.
        let as_before = |value: Value| match value {
            Value::List(list) => Value::List(Rc::new(List {
                unsure: unsure || list.unsure,
                shuffled: shuffled || list.shuffled,
                ..(*list).clone()
            })),
            Value::Int(_) | Value::Bool(_) if unsure => Value::unknown(),
            value if unsure => super::option::perhaps(value),
            value => value,
        };
        let held = target.borrow().clone();
        if let Value::List(now) = &held
            && now.kind == Kind::Sequence
        {
            self.write(target, as_before(held));
        }
        Ok(made.map(as_before))
    }

    fn method_of_list(
        &mut self,
        target: &Cell,
        list: &Rc<List>,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        if let Some(value) = self.keyed_method(target, list, method)? {
            return Ok(Some(value));
        }
        if let Some(value) = self.loose_method(target, list, method) {
            return Ok(Some(value));
        }
        if let Some(value) = self.list_change(target, list, method)? {
            return Ok(Some(value));
        }
        if let Some(value) = self.list_sized(target, list, method)? {
            return Ok(Some(value));
        }
        if let Some(value) = self.list_rearranged(target, list, method)? {
            return Ok(Some(value));
        }
        if let Some(made) = self.gathered_in_tree(list, method) {
            return made.map(Some);
        }
        if let Some(value) = self.list_peeked(target, list, method)? {
            return Ok(Some(value));
        }
        if let Some(value) = self.list_part(target, list, method) {
            return Ok(Some(value));
        }
        if let Some(value) = self.list_divided(target, list, method)? {
            return Ok(Some(value));
        }
        if let Some(value) = self.list_run(target, list, method)? {
            return Ok(Some(value));
        }
        if let Some(value) = self.extreme(list, method)? {
            return Ok(Some(value));
        }
        let arg = method.args.first();
        Ok(Some(match method.name {
            "collect" => self.collected(list, method),
            "iter" | "into_iter" | "iter_mut" | "each_ref" | "entries" | "peekable" | "fuse"
            | "by_ref" => {
                if list.kind == Kind::Sequence && !list.is_view && !list.is_array {
                    Value::List(list.clone())
                } else {
                    Value::List(Rc::new(list.elements()))
                }
            }
            "as_slice" | "into" | "as_ref" | "into_boxed_slice" | "into_vec" | "unwrap"
            | "as_mut" | "borrow" | "deref" | "lock" | "read" | "write" | "expect" | "load"
            | "get_or_init" | "into_inner" => Value::List(list.clone()),
            // For an array there must be as many as that has.
            "try_into" => perhaps(ok(Value::List(list.clone()), method.at)),
            // Each element is another one from here on.
            "to_vec" | "clone" | "copied" | "cloned" | "to_owned" => {
                let is_shared = list.is_view || list.items.iter().any(|item| !is_single(item));
                let whole = Value::List(list.clone());
                if is_shared { whole.copied() } else { whole }
            }
            "cycle" => return Ok(super::endless::cycle(list, method.at)),
            "join" | "concat" => joined(list, arg),
            // What is left of the characters of a text.
            "as_str" if list.items.iter().all(|item| matches!(item.bare(), Value::Char(_))) => {
                joined(list, None)
            }
            "zip" => {
                let given = arg.cloned().unwrap_or_else(Value::unknown);
                match self.first_of_endless(&given, list.items.len())? {
                    Some(other) => self.zipped(list, &List { open: true, ..other }),
                    None => match self.iterated(&given) {
                        Some(other) => self.zipped(list, &other.elements()),
                        None => self.zipped_with_unknown(list, &given),
                    },
                }
            }
            "chain" => {
                let more = arg.and_then(|arg| self.iterated(arg));
                let open = list.open || more.as_ref().is_none_or(|more| more.open);
                if more.is_none()
                    && let Some(more) = arg
                {
                    self.escape(more);
                }
                let mut items = list.items.clone();
                let cut = more.is_some_and(|more| !extend(&mut items, &more.items));
                with(items, open || cut)
            }
            "len" | "count" if !list.open => {
                Value::Int(i128::try_from(list.items.len()).unwrap_or(0))
            }
            "is_empty" if list.items.iter().any(|item| there(item).is_none()) => {
                if list.unsure && !list.items.iter().any(|item| there(item).is_some()) {
                    Value::unknown()
                } else {
                    Value::Bool(false)
                }
            }
            "is_empty" if !list.open && list.items.is_empty() => Value::Bool(true),
            "is_empty" => Value::unknown(),
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
        if list.kind != Kind::Sequence {
            return None;
        }
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
            // Of a set that is none that is known as one.
            ("insert", [item]) => {
                let is_there = if items.len() < MOST_COMPARED {
                    self.contains(list, method)
                } else {
                    Value::unknown()
                };
                match is_there {
                    Value::Bool(true) => {}
                    Value::Bool(false) => items.push(item.clone()),
                    _ => items.push(self.perhaps_element(item)),
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
                let given = more;
                let more = self.iterated(given);
                if more.is_none() {
                    self.escape(given);
                }
                open |= more.as_ref().is_none_or(|more| more.open);
                open |= more.is_some_and(|more| !extend(&mut items, &more.items));
                if let ("append", Value::Ref(emptied)) = (method.name, given) {
                    self.write(&super::target_of(emptied), with(Vec::new(), false));
                }
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
                match (method.name, at < items.len(), open) {
                    ("remove", true, _) => items.remove(at),
                    ("swap_remove", true, false) => items.swap_remove(at),
                    _ => return Ok(None),
                }
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
            ("truncate", [Value::Int(len)]) => {
                items.truncate(usize::try_from(*len).unwrap_or(usize::MAX));
                Value::Unit
            }
            ("retain" | "retain_mut", [keep]) => {
                let list = self.lent_list(target, list, method.name == "retain_mut");
                items = self.kept(&list, keep, method)?;
                Value::Unit
            }
            ("shrink_to_fit" | "reserve", _) => return Ok(Some(Value::Unit)),
            _ => return Ok(None),
        };
        self.taken += u64::from(items.len() < list.items.len() && !list.unsure);
        let unsure = items.iter().any(|item| there(item).is_some());
        self.write(target, Value::List(Rc::new(List { items, open, unsure, ..**list })));
        Ok(Some(value))
    }

    /// The elements of the elements.
    pub(super) fn flattened(&mut self, list: &Rc<List>) -> Value {
        let mut items = Vec::new();
        let mut open = list.open;
        for item in &list.items {
            open |= self.flatten_into(&mut items, item);
        }
        found(items, open)
    }

    /// Adds the elements of an element, each under the choices that put it there; whether there may be others.
    pub(super) fn flatten_into(&mut self, items: &mut Vec<Value>, item: &Value) -> bool {
        if let Some(inner) = self.iterated(item) {
            let fits = extend(items, &inner.items);
            return inner.open || !fits;
        }
        let goes_on = |one: &Value| {
            let held = there(one).map_or(one, |(_, held)| held).bare();
            matches!(held, Value::List(_)) || !matches!(unwrap(&held), Unwrapped::Other)
        };
        if let Value::Alt(all) = item.bare()
            && all.iter().any(|(_, one)| goes_on(one) || matches!(one.bare(), Value::Alt(_)))
        {
            let mut open = false;
            for (guards, one) in all.iter() {
                let first = items.len();
                open |= self.flatten_into(items, one);
                let new = items.split_off(first);
                items.extend(new.iter().map(|value| self.element_under(guards, value)));
            }
            return open;
        }
        let open = !self.is_at_most_one(item);
        items.push(self.perhaps_there(item.clone()));
        open
    }

    /// Whether what is gone through has one element at most.
    pub(super) fn is_at_most_one(&self, value: &Value) -> bool {
        match value.bare() {
            Value::Alt(all) => all.iter().all(|(_, one)| {
                !matches!(unwrap(one), Unwrapped::Other) || self.is_at_most_one(one)
            }),
            value => matches!(self.type_of(&value), Ty::External(path, _)
                if matches!(&*path, "std::option::Option" | "std::result::Result")),
        }
    }

    /// What is inside an `Option` that is one of several, one of which may be one of several again: an element that is in
    /// its list perhaps.
    pub(super) fn perhaps_inside(&mut self, value: Value) -> Value {
        let Value::Alt(all) = value.bare() else { return value };
        let mut inside = Vec::new();
        for (guards, one) in all.iter() {
            let inner = match unwrap(one) {
                Unwrapped::Inside(inner) => inner,
                Unwrapped::Nothing => continue,
                Unwrapped::Other => self.perhaps_inside(one.clone()),
            };
            inside.push((guards.clone(), inner));
        }
        self.join(inside)
    }

    /// The elements of what a `for` loop or iterator goes over.
    pub(super) fn iterated(&mut self, value: &Value) -> Option<Rc<List>> {
        let value = value.bare();
        if let Some(range) = super::endless::open_range(&value) {
            return Some(Rc::new(range));
        }
        match value {
            Value::List(list) if list.kind != Kind::Sequence => Some(Rc::new(list.elements())),
            Value::List(list) => Some(list),
            value => match unwrap(&value) {
                Unwrapped::Inside(_) => {
                    let items = vec![self.perhaps_there(value)];
                    let unsure = items.iter().any(|item| there(item).is_some());
                    Some(Rc::new(List { items, unsure, ..List::default() }))
                }
                Unwrapped::Nothing => Some(Rc::default()),
                Unwrapped::Other => None,
            },
        }
    }
}

/// Methods of which the answer, and what they leave, takes into account what is not known of the list.
fn settles(method: &str) -> bool {
    matches!(
        method,
        "back"
            | "enumerate"
            | "first"
            | "front"
            | "is_empty"
            | "last"
            | "next"
            | "next_back"
            | "peek"
            | "pop"
            | "pop_back"
            | "pop_front"
            | "sort"
            | "sort_by"
            | "sort_by_cached_key"
            | "sort_by_key"
            | "sort_unstable"
            | "sort_unstable_by"
            | "sort_unstable_by_key"
    )
}

/// Whether a value holds no places.
fn is_single(value: &Value) -> bool {
    matches!(
        value,
        Value::Str(_)
            | Value::Int(_)
            | Value::Bool(_)
            | Value::Char(_)
            | Value::Unit
            | Value::Unknown(_)
            | Value::Fn(_)
            | Value::Closure(_)
            | Value::Router(_)
            | Value::Query(_)
    )
}

pub(super) fn with(items: Vec<Value>, open: bool) -> Value {
    Value::List(Rc::new(List { items, open, ..List::default() }))
}

/// Adds elements to those of a list; `false` where there are more than are followed: a list that is put after itself
/// twenty times is a million times as long.
pub(super) fn extend(items: &mut Vec<Value>, more: &[Value]) -> bool {
    let left = MOST_ELEMENTS.saturating_sub(items.len());
    items.extend(more.iter().take(left).cloned());
    more.len() <= left
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
