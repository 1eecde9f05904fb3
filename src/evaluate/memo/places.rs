//! The places in what a call is given, and what it changed of them.

use std::{
    cell::RefCell,
    hash::{Hash as _, Hasher as _},
    rc::Rc,
};

use rustc_hash::{FxHashMap, FxHasher};

use crate::evaluate::{
    branch::same,
    value::{Cell, Value},
};

/// Values that are looked at for the places in them.
const MOST: u32 = 500;

/// A place, by its position among those that a call is given, and what it holds afterwards.
pub(super) type Change = (u32, Value);

/// The places in what a call is given, in order, each once, with what they held before it.
pub(super) struct Places {
    pub(super) held: Vec<(Cell, Value)>,
    /// A number for how they hang together: which hold which, and which of them are one.
    pub(super) shape: u64,
    known: FxHashMap<*const RefCell<Value>, u32>,
}

impl Places {
    /// `None` where there are too many.
    pub(super) fn of(args: &[Value]) -> Option<Self> {
        let mut walk = Walk {
            places: Self { held: Vec::new(), shape: 0, known: FxHashMap::default() },
            shape: FxHasher::default(),
            left: MOST,
        };
        if !args.iter().all(|arg| walk.value(arg)) {
            return None;
        }
        walk.places.shape = walk.shape.finish();
        Some(walk.places)
    }

    /// Where a place stands among them.
    pub(super) fn position(&self, place: &Cell) -> Option<u32> {
        self.known.get(&Rc::as_ptr(place)).copied()
    }

    /// The place at a position.
    pub(super) fn at(&self, position: u32) -> Option<&Cell> {
        self.held.get(usize::try_from(position).ok()?).map(|(place, _)| place)
    }

    /// Those that hold something else now.
    pub(super) fn changes(&self) -> Vec<Change> {
        let changed = self.held.iter().zip(0u32..).filter_map(|((place, before), at)| {
            let now = place.borrow();
            (!same(before, &now)).then(|| (at, now.clone()))
        });
        changed.collect()
    }
}

struct Walk {
    places: Places,
    shape: FxHasher,
    left: u32,
}

impl Walk {
    /// Whether there is time for more.
    fn value(&mut self, value: &Value) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        std::mem::discriminant(value).hash(&mut self.shape);
        match value {
            Value::Ref(place) => self.place(place),
            Value::Tuple(parts) => parts.iter().all(|part| self.place(part)),
            Value::Object(object) => object.fields.iter().all(|(_, held)| self.place(held)),
            Value::List(list) => list.items.iter().all(|item| self.value(item)),
            Value::Term(term) if !term.is_inert() => {
                term.args.iter().flatten().all(|arg| self.value(arg))
            }
            Value::Alt(all) => all.iter().all(|(_, one)| self.value(one)),
            _ => true,
        }
    }

    fn place(&mut self, place: &Cell) -> bool {
        let next = u32::try_from(self.places.held.len()).unwrap_or(u32::MAX);
        let known = *self.places.known.entry(Rc::as_ptr(place)).or_insert(next);
        known.hash(&mut self.shape);
        if known != next {
            return true;
        }
        let held = place.borrow();
        self.places.held.push((place.clone(), held.clone()));
        self.value(&held)
    }
}
