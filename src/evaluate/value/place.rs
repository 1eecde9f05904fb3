//! Places that hold values, and those that are locks or cells.

use std::{cell::RefCell, ops::Deref, rc::Rc};

use super::Value;

/// A place that holds a value: a local, a field, the target of `&mut`.
pub type Cell = Rc<Spot>;

/// What a [`Cell`] points to.
#[derive(Debug)]
pub struct Spot {
    value: RefCell<Value>,
    lock: Option<Lock>,
}

/// A lock or cell, through which all who share it write: by what it gives them to do so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// A `Result` of a guard from each of its methods: those of `std::sync`.
    Poisoned,
    /// A guard, or a `Result` of one where it may be taken: `RefCell`, those of tokio.
    Fallible,
    /// A guard, or an `Option` of one where it may be taken: those of `parking_lot`.
    Optional,
    /// What was put there once, if it was: it holds an `Option`, of which nothing is known until then.
    Once,
    /// A copy of what it holds: `Cell`.
    Copied,
    /// What is loaded from it and stored in it as a whole: `ArcSwap`.
    Swapped,
}

impl Spot {
    /// The lock or cell that stands here.
    pub fn lock(&self) -> Option<Lock> {
        self.lock
    }
}

impl Deref for Spot {
    type Target = RefCell<Value>;

    fn deref(&self) -> &RefCell<Value> {
        &self.value
    }
}

/// A new place.
pub fn cell(value: Value) -> Cell {
    Rc::new(Spot { value: RefCell::new(value), lock: None })
}

/// A new place that stands for what another one does.
pub fn cell_like(other: &Cell, value: Value) -> Cell {
    Rc::new(Spot { value: RefCell::new(value), lock: other.lock })
}

impl Value {
    /// A lock or cell around a value.
    ///
    /// It is a reference to a place of its own that refers to the one of the value, so that whoever is given the lock has
    /// the same lock, and who has the guard has the value: to clone the one is to share it, to clone the other to copy.
    #[must_use]
    pub fn locked(self, lock: Lock) -> Self {
        Self::Ref(cell(self)).behind(lock)
    }

    /// As [`Self::locked`], for a value that is a reference to where it stands.
    #[must_use]
    pub fn behind(self, lock: Lock) -> Self {
        Self::Ref(Rc::new(Spot { value: RefCell::new(self), lock: Some(lock) }))
    }

    /// The place of the outermost lock that it is; `None` where it is none.
    pub fn outermost_lock(&self) -> Option<Cell> {
        let Self::Ref(place) = self else { return None };
        let found = up_to_lock(place);
        found.lock.is_some().then_some(found)
    }
}

/// What a chain of references leads to.
pub fn target_of(place: &Cell) -> Cell {
    end_of(place, |_| false)
}

/// What a chain of references leads to, but for what is within a lock.
pub fn up_to_lock(place: &Cell) -> Cell {
    end_of(place, |place| place.lock.is_some())
}

fn end_of(place: &Cell, ends: impl Fn(&Cell) -> bool) -> Cell {
    let mut place = place.clone();
    while !ends(&place) {
        let next = match &*place.borrow() {
            Value::Ref(inner) => inner.clone(),
            _ => break,
        };
        place = next;
    }
    place
}
