//! Maps and sets: what is in them once, by its key, and in which order they give it.
//!
//! A map is the list of its pairs, in the order in which they were put in. Where it is not known whether two keys are one, both are there, the first perhaps.

use std::{collections::BTreeMap, rc::Rc};

use super::{
    Evaluator,
    branch::Flow,
    crowded::is_telling,
    elements::{found, there},
    entry::entry_at,
    iterator::with,
    keys::{differ, equal, known_key, plain},
    method::Method,
    option::{option, perhaps},
    value::{Cell, Kind, List, Order, Value},
};

/// Elements that one more is compared with.
const MOST_COMPARED: usize = 1024;

/// Elements under keys that are not known, beside which more of them are only known to be there where nothing of them runs,
/// is served or writes.
const MOST_UNSURE: usize = 64;

/// Elements that are compared in the time of one step.
const COMPARED_PER_STEP: u64 = 16;

/// What is known of a key in a map or set.
enum Slot {
    At(usize),
    Vacant,
    Unknown,
}

/// The kind of collection that a type outside the tree is.
pub(super) fn kind_of(path: &str) -> Kind {
    match path.rsplit(':').next().unwrap_or(path) {
        "HashMap" | "FxHashMap" | "AHashMap" | "DashMap" => Kind::Map(Order::Any),
        "BTreeMap" => Kind::Map(Order::Sorted),
        "IndexMap" | "LinkedHashMap" => Kind::Map(Order::Inserted),
        "HashSet" | "FxHashSet" | "AHashSet" | "DashSet" => Kind::Set(Order::Any),
        "BTreeSet" => Kind::Set(Order::Sorted),
        "IndexSet" | "LinkedHashSet" => Kind::Set(Order::Inserted),
        _ => Kind::Sequence,
    }
}

impl List {
    fn key(&self, item: &Value) -> Option<Value> {
        match self.kind {
            Kind::Map(_) => {
                let pair = there(item).map_or(item, |(_, pair)| pair);
                known_key(pair)
            }
            _ => Some(there(item).map_or(item, |(_, item)| item).bare()),
        }
    }

    /// The elements, as an iterator gives them. A map keeps them as they were put in, so that what branches leave of one
    /// can be told.
    pub(super) fn elements(&self) -> Self {
        let is_sorted = matches!(self.kind, Kind::Map(Order::Sorted) | Kind::Set(Order::Sorted));
        let any = matches!(self.kind, Kind::Map(Order::Any) | Kind::Set(Order::Any));
        let mut items = self.items.clone();
        let mut shuffled = !is_sorted && (self.shuffled || any);
        if is_sorted {
            let keys = items.iter().map(|item| self.key(item).and_then(|key| plain(&key)));
            match keys.collect::<Option<Vec<_>>>() {
                Some(keys) => {
                    let mut pairs: Vec<_> = keys.into_iter().zip(items).collect();
                    pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
                    items = pairs.into_iter().map(|(_, item)| item).collect();
                    shuffled = self.open;
                }
                None => shuffled = true,
            }
        }
        shuffled &= self.open || items.len() > 1;
        Self { items, open: self.open, unsure: self.unsure, shuffled, ..Self::default() }
    }

    /// Where a key is, from the end: the last that was put in is there.
    fn slot(&self, key: &Value) -> Slot {
        let mut told = !self.open;
        let wanted = plain(key);
        for (at, item) in self.items.iter().enumerate().rev() {
            let Some(known) = self.key(item) else {
                told = false;
                continue;
            };
            let is_it = match (&wanted, plain(&known)) {
                (Some(wanted), Some(known)) => Some(*wanted == known),
                _ if equal(&known, key) => Some(true),
                _ => differ(&known, key).then_some(false),
            };
            match is_it {
                Some(true) if told && there(item).is_none() => return Slot::At(at),
                Some(true) => return Slot::Unknown,
                Some(false) => {}
                None => told = false,
            }
        }
        if told { Slot::Vacant } else { Slot::Unknown }
    }
}

impl Evaluator<'_> {
    /// A list as the collection that a type outside the tree is.
    pub(super) fn of_collection(&mut self, value: Value, path: &str) -> Value {
        let kind = kind_of(path);
        let Value::List(list) = &value else { return value };
        if list.kind == kind || kind == Kind::Sequence {
            return value;
        }
        let known: Option<Vec<_>> = {
            let of = List { kind, ..List::default() };
            let key = |item: &Value| {
                there(item).is_none().then(|| of.key(item).and_then(|key| plain(&key))).flatten()
            };
            list.items.iter().map(key).collect()
        };
        let mut made = List { kind, open: list.open, unsure: list.unsure, ..List::default() };
        made.shuffled = match kind {
            Kind::Map(Order::Inserted) | Kind::Set(Order::Inserted) => list.shuffled,
            _ => false,
        };
        if let Some(keys) = known {
            // Of one key the last is there, a set keeps the first.
            let mut places: BTreeMap<_, usize> = BTreeMap::new();
            for (at, key) in keys.into_iter().enumerate() {
                match places.get_mut(&key) {
                    Some(place) if matches!(kind, Kind::Map(_)) => *place = at,
                    Some(_) => {}
                    None => {
                        places.insert(key, at);
                    }
                }
            }
            let mut places: Vec<usize> = places.into_values().collect();
            places.sort_unstable();
            let items = places.into_iter().filter_map(|at| list.items.get(at).cloned());
            made.items = items.collect();
            return Value::List(Rc::new(made));
        }
        made.items.clone_from(&list.items);
        Value::List(Rc::new(made))
    }

    /// Puts an element or pair into a map or set; what was there before, and whether that is known.
    #[expect(clippy::option_option, reason = "nothing was there, or it is not known what was")]
    fn put_in(&mut self, list: &mut List, item: Value) -> Option<Option<Value>> {
        self.steps += list.items.len() as u64 / COMPARED_PER_STEP;
        let slot = match list.key(&item) {
            Some(key) if list.items.len() <= MOST_COMPARED => list.slot(&key),
            _ => Slot::Unknown,
        };
        match slot {
            Slot::At(at) => {
                let held = list.items.get_mut(at)?;
                if matches!(list.kind, Kind::Set(_)) {
                    return Some(Some(held.clone()));
                }
                return Some(Some(std::mem::replace(held, item)));
            }
            Slot::Vacant => list.items.push(item),
            Slot::Unknown => {
                // It may be one of those that are there.
                list.unsure = true;
                list.shuffled = true;
                // What all code fills would hold one more for each call of it.
                if list.items.len() >= MOST_UNSURE && !is_telling(&item) {
                    list.open = true;
                } else {
                    list.items.push(item);
                }
                return None;
            }
        }
        Some(None)
    }

    /// Methods of maps and sets that are other ones than those of lists.
    #[expect(clippy::too_many_lines, reason = "one arm for each method")]
    pub(super) fn keyed_method(
        &mut self,
        target: &Cell,
        list: &Rc<List>,
        method: &Method<'_>,
    ) -> Result<Option<Value>, Flow> {
        let is_map = match list.kind {
            Kind::Sequence => return Ok(None),
            Kind::Map(_) => true,
            Kind::Set(_) => false,
        };
        let at = method.at;
        let some = |value: Option<Value>| option(value, at);
        let one = |e: &Self, pair: Value| {
            let _ = e;
            let pair = there(&pair).map_or(pair.clone(), |(_, pair)| pair.clone());
            if is_map {
                super::pattern::element(&pair.bare(), 1).unwrap_or_else(Value::unknown)
            } else {
                pair
            }
        };
        let mut now = (**list).clone();
        if let ("insert", [_], true) = (method.name, method.args.as_slice(), now.items.is_empty()) {
            // Of a default that was not told apart from a map.
            now.kind = match now.kind {
                Kind::Map(order) => Kind::Set(order),
                kind => kind,
            };
        }
        let made = match (method.name, method.args.as_slice()) {
            ("insert" | "replace" | "push", [item]) => {
                let before = self.put_in(&mut now, item.clone());
                match (before, method.name) {
                    (_, "push") => Value::Unit,
                    (Some(before), "replace") => some(before),
                    (None, "replace") => Value::unknown(),
                    (Some(before), _) => Value::Bool(before.is_none()),
                    (None, _) => Value::unknown(),
                }
            }
            ("insert" | "insert_full", [key, value]) => {
                let pair = Value::tuple(vec![key.bare(), value.clone()]);
                match self.put_in(&mut now, pair) {
                    Some(before) => some(before.map(|pair| one(self, pair))),
                    None => Value::unknown(),
                }
            }
            (
                "remove" | "take" | "remove_entry" | "swap_remove" | "shift_remove" | "swap_take"
                | "shift_take",
                [key],
            ) => {
                let key = key.bare();
                let gives = is_map || method.name.ends_with("take");
                match list.slot(&key) {
                    Slot::At(place) if !list.unsure => {
                        let gone = now.items.remove(place);
                        self.taken += 1;
                        let gone =
                            if method.name == "remove_entry" { gone } else { one(self, gone) };
                        if gives { some(Some(gone)) } else { Value::Bool(true) }
                    }
                    Slot::Vacant if gives => some(None),
                    Slot::Vacant => Value::Bool(false),
                    _ => {
                        let mut given = None;
                        for place in 0..now.items.len() {
                            let Some(item) = list.items.get(place) else { break };
                            let own = list.key(item);
                            if own.as_ref().is_some_and(|own| differ(own, &key)) {
                                continue;
                            }
                            if own.is_some_and(|own| equal(&own, &key)) {
                                given = Some(one(self, item.clone()));
                            }
                            let left = self.perhaps_element(item);
                            if let Some(slot) = now.items.get_mut(place) {
                                *slot = left;
                            }
                            now.unsure = true;
                        }
                        match given {
                            Some(given) if gives => perhaps(some(Some(given))),
                            None if is_map => {
                                let may_be = self.values_at(list, &key);
                                self.perhaps_among(list, may_be, at)
                            }
                            _ => Value::unknown(),
                        }
                    }
                }
            }
            ("get" | "get_key_value", [key]) => match list.slot(&key.bare()) {
                Slot::At(place) => {
                    let held = list.items.get(place).cloned().unwrap_or_else(Value::unknown);
                    some(Some(if method.name == "get" { one(self, held) } else { held }))
                }
                Slot::Vacant => return Ok(Some(Value::unknown())),
                Slot::Unknown => {
                    let key = key.bare();
                    let pairs = list.items.iter();
                    let may_be =
                        pairs.filter(|pair| list.key(pair).is_none_or(|own| !differ(&own, &key)));
                    let may_be: Vec<Value> = may_be.map(|pair| one(self, pair.clone())).collect();
                    let is_known = list
                        .items
                        .iter()
                        .any(|pair| list.key(pair).is_some_and(|own| equal(&own, &key)));
                    if !is_known {
                        return Ok(Some(self.perhaps_among(list, may_be, at)));
                    }
                    perhaps(some(Some(self.one_of(&may_be))))
                }
            },
            ("entry", [key]) => {
                let Kind::Map(order) = list.kind else { return Ok(None) };
                let key = key.bare();
                let is_there = match list.slot(&key) {
                    Slot::At(_) if !list.unsure => true,
                    Slot::Vacant => false,
                    _ => return Ok(None),
                };
                return Ok(entry_at(target, order, &key, is_there, at));
            }
            ("len" | "count", []) => return Ok(Some(self.size_of(list))),
            ("pop_first" | "pop_last" | "pop", []) => {
                let order = list.elements();
                let method = Method {
                    name: if method.name == "pop_first" { "next" } else { "next_back" },
                    ..method.clone()
                };
                let place = super::value::cell(Value::List(Rc::new(order)));
                let given = self.method(&place, method)?;
                if let Value::List(left) = place.borrow().bare() {
                    now.items.clone_from(&left.items);
                    now.unsure |= left.unsure;
                }
                given
            }
            ("first" | "last" | "first_key_value" | "last_key_value", []) => {
                let name = if method.name.starts_with("first") { "first" } else { "last" };
                let place = super::value::cell(Value::List(Rc::new(list.elements())));
                return self.method(&place, Method { name, ..method.clone() }).map(Some);
            }
            ("extend" | "append", [more]) => {
                if let Some(items) = self.iterated(more) {
                    for item in items.items.iter().map(Value::bare) {
                        self.put_in(&mut now, item);
                    }
                    now.open |= items.open;
                    now.unsure |= items.unsure;
                } else {
                    self.escape(more);
                    now.open = true;
                }
                if let ("append", Value::Ref(emptied)) = (method.name, more) {
                    let empty = List { kind: list.kind, ..List::default() };
                    self.write(&super::target_of(emptied), Value::List(Rc::new(empty)));
                }
                Value::Unit
            }
            ("drain", _) => {
                now.items.clear();
                now.open = false;
                Value::List(Rc::new(list.elements()))
            }
            ("retain" | "extract_if", [keep]) if is_map => {
                now.items = self.kept_pairs(list, keep, method)?;
                now.unsure |= now.items.iter().any(|item| there(item).is_some());
                Value::Unit
            }
            ("keys" | "into_keys" | "values" | "into_values", []) if is_map => {
                let of = list.elements();
                let side = usize::from(method.name.ends_with("values"));
                let parts = of.items.iter().map(|item| {
                    let (guards, pair) = there(item).map_or((None, item), |(g, p)| (Some(g), p));
                    let part = super::pattern::element(&pair.bare(), side)?;
                    Some(guards.map_or(part.clone(), |g| super::elements::there_under(g, part)))
                });
                let Some(parts) = parts.collect::<Option<Vec<_>>>() else { return Ok(None) };
                return Ok(Some(of.holding(parts)));
            }
            (
                "is_empty" | "clear" | "contains" | "contains_key" | "clone" | "get_mut"
                | "values_mut",
                _,
            ) => {
                return Ok(None);
            }
            ("range", _) => {
                let all = list.elements();
                return Ok(Some(self.some_of(&all)));
            }
            (
                "union"
                | "intersection"
                | "difference"
                | "symmetric_difference"
                | "is_subset"
                | "is_superset"
                | "is_disjoint",
                [other],
            ) => return Ok(Some(self.of_sets(list, other, method))),
            _ => return Ok(None),
        };
        self.write(target, Value::List(Rc::new(now)));
        Ok(Some(made))
    }

    /// How many elements there are, where all keys are known to differ.
    fn size_of(&self, list: &List) -> Value {
        let settled = !list.open && !list.unsure && {
            let keys = list.items.iter().map(|item| list.key(item));
            let keys: Vec<Option<Value>> = keys.collect();
            keys.iter().all(|key| key.as_ref().is_some_and(|key| plain(key).is_some()))
                || keys.len() <= 1
                || keys.len() <= 64
                    && keys.iter().enumerate().all(|(at, key)| {
                        let others = keys.get(at + 1..).unwrap_or_default();
                        others.iter().all(|other| {
                            key.as_ref().zip(other.as_ref()).is_some_and(|(a, b)| differ(a, b))
                        })
                    })
        };
        match i128::try_from(list.items.len()) {
            Ok(len) if settled => Value::Int(len),
            _ => Value::unknown(),
        }
    }

    /// The pairs of which `keep` does not say no.
    fn kept_pairs(
        &mut self,
        list: &List,
        keep: &Value,
        method: &Method<'_>,
    ) -> Result<Vec<Value>, Flow> {
        let mut items = Vec::new();
        for item in &list.items {
            let verdict = self.for_element(item, Value::unknown(), |e, pair| {
                let key = super::pattern::element(&pair.bare(), 0).unwrap_or_else(Value::unknown);
                let value = super::lend::value_place(&pair).unwrap_or_else(Value::unknown);
                e.call(keep, vec![key, value], method.at)
            })?;
            match verdict.bare() {
                Value::Bool(true) => items.push(item.clone()),
                Value::Bool(false) => {}
                _ => items.push(self.perhaps_element(item)),
            }
        }
        Ok(items)
    }

    /// What two sets have or have not in common.
    fn of_sets(&mut self, list: &List, other: &Value, method: &Method<'_>) -> Value {
        let Some(other) = self.iterated(other) else { return Value::unknown() };
        let in_other = |item: &Value| {
            let key = item.bare();
            if other.open || other.unsure {
                return None;
            }
            if other.items.iter().any(|held| equal(&held.bare(), &key)) {
                return Some(true);
            }
            other.items.iter().all(|held| differ(&held.bare(), &key)).then_some(false)
        };
        let wanted = method.name == "intersection";
        let mut items = Vec::new();
        match method.name {
            "intersection" | "difference" => {
                for item in &list.items {
                    match in_other(item) {
                        Some(is_in) if is_in == wanted => items.push(item.clone()),
                        Some(_) => {}
                        None => items.push(self.perhaps_element(item)),
                    }
                }
                let Value::List(made) = found(items, list.open) else { return Value::unknown() };
                let shuffled = list.elements().shuffled;
                Value::List(Rc::new(List { shuffled, ..(*made).clone() }))
            }
            "union" => {
                items.clone_from(&list.items);
                for item in &other.items {
                    match list.items.iter().any(|held| equal(&held.bare(), &item.bare())) {
                        true => {}
                        false
                            if list.items.iter().all(|held| differ(&held.bare(), &item.bare())) =>
                        {
                            items.push(item.clone());
                        }
                        false => items.push(self.perhaps_element(item)),
                    }
                }
                let open = list.open || other.open;
                let Value::List(made) = with(items, open) else { return Value::unknown() };
                Value::List(Rc::new(List {
                    shuffled: true,
                    unsure: list.unsure
                        || other.unsure
                        || made.items.iter().any(|item| there(item).is_some()),
                    ..(*made).clone()
                }))
            }
            _ => Value::unknown(),
        }
    }
}
