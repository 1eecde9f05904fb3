//! The places in what a call is given, and what it changed of them.

use std::{
    cell::OnceCell,
    hash::{Hash as _, Hasher as _},
    rc::Rc,
};

use rustc_hash::{FxHashMap, FxHasher};

use crate::evaluate::{
    join::same,
    value::{Cell, Spot, Value},
};

/// Values that are looked at for the places in them.
const MOST: u32 = 500;

/// A place, by its position among those that a call is given, and what it holds afterwards.
pub(super) type Change = (u32, Value);

/// A place, and what it held before the call; nothing where that was not known.
type Held = (Cell, Option<Value>);

/// The places in what a call is given, in order, each once.
pub(super) struct Places {
    held: Vec<Held>,
    /// A number for how they hang together: which hold which, and which of them are one.
    pub(super) shape: u64,
    positions: OnceCell<FxHashMap<*const Spot, u32>>,
}

impl Places {
    /// `None` where there are too many.
    pub(super) fn of(args: &[Value]) -> Option<Self> {
        let mut walk = Walk {
            held: Vec::new(),
            shared: FxHashMap::default(),
            shape: FxHasher::default(),
            left: MOST,
        };
        if !args.iter().all(|arg| walk.value(arg)) {
            return None;
        }
        let positions = OnceCell::new();
        Some(Self { held: walk.held, shape: walk.shape.finish(), positions })
    }

    /// Where a place stands among them.
    pub(super) fn position(&self, place: &Cell) -> Option<u32> {
        let positions = self.positions.get_or_init(|| {
            self.held.iter().zip(0..).map(|((place, _), at)| (Rc::as_ptr(place), at)).collect()
        });
        positions.get(&Rc::as_ptr(place)).copied()
    }

    /// The place at a position.
    pub(super) fn at(&self, position: u32) -> Option<&Cell> {
        self.held.get(usize::try_from(position).ok()?).map(|(place, _)| place)
    }

    /// Those that hold something else now.
    pub(super) fn changes(&self) -> Vec<Change> {
        let changed = self.held.iter().zip(0u32..).filter_map(|((place, before), at)| {
            let now = place.borrow();
            let is_same = match before {
                Some(before) => same(before, &now),
                None => matches!(&*now, Value::Unknown(_)),
            };
            (!is_same).then(|| (at, now.clone()))
        });
        changed.collect()
    }
}

struct Walk {
    held: Vec<Held>,
    /// What stands in several places, numbered as it was met.
    shared: FxHashMap<*const (), usize>,
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
            Value::Tuple(parts) => self.knows(parts) || parts.iter().all(|one| self.place(one)),
            Value::Object(object) => {
                self.knows(object) || object.fields.iter().all(|(_, held)| self.place(held))
            }
            Value::List(list) => list.items.iter().all(|item| self.value(item)),
            Value::Term(term) if !term.is_inert() => {
                term.args.iter().flatten().all(|arg| self.value(arg))
            }
            Value::Alt(all) => all.iter().all(|(_, one)| self.value(one)),
            Value::Closure(closure) => {
                self.knows(closure) || closure.captured.iter().all(|(_, held)| self.place(held))
            }
            _ => true,
        }
    }

    /// Whether it was met before.
    fn knows<T>(&mut self, shared: &Rc<T>) -> bool {
        if Rc::strong_count(shared) == 1 {
            return false;
        }
        let next = self.shared.len();
        let known = *self.shared.entry(Rc::as_ptr(shared).cast()).or_insert(next);
        if known != next {
            known.hash(&mut self.shape);
        }
        known != next
    }

    fn place(&mut self, place: &Cell) -> bool {
        if self.knows(place) {
            return true;
        }
        let held = place.borrow();
        let is_known = !matches!(&*held, Value::Unknown(_));
        self.held.push((place.clone(), is_known.then(|| held.clone())));
        self.value(&held)
    }
}
