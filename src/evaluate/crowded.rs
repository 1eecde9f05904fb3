//! Values in which more is open than is told apart: what takes the most room in them is known by its type from then on.
//!
//! An error that says what caused it, where each cause is one of several, would double with each function that hands it
//! on. What runs, is served or writes is never left out, so nothing is lost but text and numbers, which are then unknown.

use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::{
    Evaluator,
    effect::Guards,
    elements::there,
    join::same,
    value::{List, Search, Term, Value},
};
use crate::{evaluate::text::Piece, link::types::Ty, sql};

/// Alternatives in one value, at all depths.
const MOST: u32 = 128;
/// Elements of several lists that are made into one.
const MOST_ITEMS: usize = 100;
/// Parts that are looked at for each of these.
const PARTS: u32 = 8;

impl Evaluator<'_> {
    /// Leaves out of values that meet what takes more than its share, where there is more than is told apart. Whether
    /// anything was left out.
    pub(super) fn thin_out(&self, all: &mut [(Guards, Value)]) -> bool {
        let mut left = Room::of(MOST);
        if all.iter().all(|(_, value)| left.holds(value)) {
            return false;
        }
        let share = MOST / u32::try_from(all.len()).unwrap_or(MOST).max(1);
        let mut changed = false;
        for (_, value) in all {
            if !Room::of(share).holds(value) && !is_telling(value) {
                *value = self.outline(value);
                changed = true;
            }
        }
        changed
    }

    /// One list for several of which nothing is known but of what they are, and one number for several.
    pub(super) fn outlined(&mut self, all: &[(Guards, Value)]) -> Option<Value> {
        let (_, first) = all.first()?;
        if all.iter().all(|(_, value)| matches!(value, Value::Int(_))) {
            return Some(Value::Unknown(self.type_of(first)));
        }
        let Value::List(first) = first else { return None };
        let mut items: Vec<Value> = Vec::new();
        for (_, value) in all {
            let Value::List(list) = value else { return None };
            if list.is_view || list.kind != first.kind {
                return None;
            }
            for item in &list.items {
                let item = there(item).map_or(item, |(_, item)| item);
                if !matches!(item, Value::Unknown(_)) {
                    return None;
                }
                if !items.iter().any(|known| same(known, item)) {
                    items.push(item.clone());
                }
            }
        }
        let items = items.iter().map(|item| self.perhaps_element(item)).collect();
        let (open, unsure, shuffled) = (true, true, true);
        Some(Value::List(Rc::new(List { items, open, unsure, shuffled, awaits: 0, ..**first })))
    }

    /// One list of all that is in several lists of which some hold what runs, is served or writes: any of it may be there,
    /// in any order.
    pub(super) fn one_list(&mut self, all: &[(Guards, Value)]) -> Option<Value> {
        let Value::List(first) = &all.first()?.1 else { return None };
        if !all.iter().any(|(_, value)| is_telling(value)) {
            return None;
        }
        let mut known = FxHashSet::default();
        let (mut items, mut open): (Vec<Value>, bool) = (Vec::new(), false);
        for (_, value) in all {
            let Value::List(list) = value else { return None };
            if list.is_view || list.kind != first.kind {
                return None;
            }
            open |= list.open;
            for item in &list.items {
                let item = there(item).map_or(item, |(_, item)| item);
                let number = self.fingerprint(std::slice::from_ref(item));
                if number.map_or_else(
                    || !items.iter().any(|known| same(known, item)),
                    |number| known.insert(number),
                ) {
                    items.push(item.clone());
                }
            }
            if items.len() > MOST_ITEMS {
                return None;
            }
        }
        let items = items.iter().map(|item| self.perhaps_element(item)).collect();
        let (unsure, shuffled) = (true, true);
        Some(Value::List(Rc::new(List { items, open, unsure, shuffled, awaits: 0, ..**first })))
    }

    /// What a value is, without what it holds.
    fn outline(&self, value: &Value) -> Value {
        match value {
            Value::Tuple(parts) => {
                Value::tuple(parts.iter().map(|part| self.outline(&part.borrow())).collect())
            }
            Value::Term(term) => {
                let args = term.args.as_ref();
                let args = args.map(|args| args.iter().map(|arg| self.outline(arg)).collect());
                Value::Term(Rc::new(Term { args, ..(**term).clone() }))
            }
            Value::Alt(all) => {
                let mut types = all.iter().map(|(_, one)| self.type_of(one));
                let first = types.next().unwrap_or(Ty::Unknown);
                Value::Unknown(if types.all(|other| other == first) { first } else { Ty::Unknown })
            }
            Value::List(_) | Value::Object(_) => Value::Unknown(self.type_of(value)),
            value => value.clone(),
        }
    }
}

/// How much more of values is looked at.
struct Room {
    alternatives: u32,
    parts: u32,
}

impl Room {
    fn of(alternatives: u32) -> Self {
        Self { alternatives, parts: alternatives.max(1) * PARTS }
    }

    /// Whether there is room for a value. What it refers to stands elsewhere, and of long lists the beginning counts.
    fn holds(&mut self, value: &Value) -> bool {
        let Some(parts) = self.parts.checked_sub(1) else { return true };
        self.parts = parts;
        match value {
            Value::Tuple(parts) => parts.iter().all(|part| self.holds(&part.borrow())),
            Value::List(list) => list.items.iter().all(|item| self.holds(item)),
            Value::Object(object) => {
                object.fields.iter().all(|(_, held)| self.holds(&held.borrow()))
            }
            Value::Term(term) => term.args.iter().flatten().all(|arg| self.holds(arg)),
            Value::Alt(all) => all.iter().all(|(_, one)| {
                let left = self.alternatives.checked_sub(1);
                self.alternatives = left.unwrap_or(0);
                left.is_some() && self.holds(one)
            }),
            _ => true,
        }
    }
}

/// Whether something in a value runs, is served or writes.
pub(super) fn is_telling(value: &Value) -> bool {
    value.any(&mut |part| match part {
        Value::Router(_) | Value::Fn(_) | Value::Closure(_) | Value::Query(_) => Search::Found,
        Value::Str(text) => {
            let writes = |piece: &Piece| match piece {
                Piece::Known(text, _) => sql::looks_like_write(text),
                Piece::Hole => false,
            };
            text.pieces().iter().any(writes).into()
        }
        _ => Search::Within,
    })
}
