//! Copies of values, whose places are their own.

use std::rc::Rc;

use super::{Cell, Closure, List, Object, Term, Value, cell, cell_like};
use crate::syntax::tree::Name;

/// Parts that a copy has of its own; what comes after them is shared with what was copied. Twenty pairs of pairs are a
/// million parts.
const MOST: u32 = 10_000;

impl Value {
    /// A deep copy, as `.clone()` makes: its cells are its own, but for what is behind a lock.
    #[must_use]
    pub fn copied(&self) -> Self {
        Copier { follows: true, shares: true, left: MOST }.value(self)
    }

    /// A deep copy with locks of its own, as evaluating the same code once more makes.
    #[must_use]
    pub(in crate::evaluate) fn anew(&self) -> Self {
        Copier { follows: true, shares: false, left: MOST }.value(self)
    }

    /// The value with places of its own for what it consists of; what it refers to stays where it is.
    #[must_use]
    pub(in crate::evaluate) fn own(&self) -> Self {
        Copier { follows: false, shares: true, left: MOST }.value(self)
    }

    /// A closure that is copied has its own numbers and the like from then on; what it moved is its own in any case.
    pub(in crate::evaluate) fn own_closure(self) -> Self {
        let Self::Closure(closure) = &self else { return self };
        let is_counted = |(name, held): &(Name, Cell)| {
            closure.mutable.contains(name)
                && matches!(
                    &*held.borrow(),
                    Self::Int(_) | Self::Bool(_) | Self::Char(_) | Self::Str(_)
                )
        };
        if !closure.expr.is_move || !closure.captured.iter().any(is_counted) {
            return self;
        }
        let captured = closure.captured.iter().map(|one| {
            let (name, held) = one;
            let held = if is_counted(one) { cell(held.borrow().clone()) } else { Rc::clone(held) };
            (name.clone(), held)
        });
        let captured = Rc::new(captured.collect());
        Self::Closure(Rc::new(Closure { captured, ..(**closure).clone() }))
    }
}

struct Copier {
    /// Whether what a reference leads to is copied too.
    follows: bool,
    /// Whether a lock stays the one that it is.
    shares: bool,
    left: u32,
}

impl Copier {
    fn value(&mut self, value: &Value) -> Value {
        if self.left == 0 {
            return value.clone();
        }
        match value {
            Value::Tuple(parts) => {
                Value::Tuple(Rc::new(parts.iter().map(|part| self.place(part)).collect()))
            }
            Value::List(list) => {
                self.left -= 1;
                let items = list.items.iter().map(|item| self.value(item)).collect();
                Value::List(Rc::new(List {
                    items,
                    is_view: list.is_view && !self.follows,
                    awaits: 0,
                    ..**list
                }))
            }
            Value::Object(object) => {
                let fields = object.fields.iter();
                let fields = fields.map(|(name, held)| (name.clone(), self.place(held)));
                Value::Object(Rc::new(Object { fields: fields.collect(), ..(**object).clone() }))
            }
            Value::Ref(place) if place.lock().is_some() => {
                if self.shares {
                    return value.clone();
                }
                self.left -= 1;
                let inside = Value::Ref(cell(self.value(&place.borrow())));
                Value::Ref(cell_like(place, inside))
            }
            Value::Ref(place) if self.follows => {
                self.left -= 1;
                self.value(&place.borrow())
            }
            Value::Term(term) if self.is_copied(term) => {
                self.left -= 1;
                let args = term.args.iter().flatten().map(|arg| match arg {
                    arg if self.follows && !matches!(arg, Value::Ref(_)) => arg.clone(),
                    arg => self.value(arg),
                });
                Value::Term(Rc::new(Term { args: Some(args.collect()), ..(**term).clone() }))
            }
            // An element that is there under a choice only.
            Value::Alt(all) if all.len() == 1 => {
                self.left -= 1;
                let all = all.iter().map(|(guards, one)| (guards.clone(), self.value(one)));
                Value::Alt(Rc::new(all.collect()))
            }
            value => value.clone(),
        }
    }

    fn place(&mut self, held: &Cell) -> Cell {
        self.left = self.left.saturating_sub(1);
        cell(self.value(&held.borrow()))
    }

    /// Whether what was made outside the tree has places of its own: `Ok(value)`, `Some(value)`. What else was made there
    /// shares its parts many times over.
    fn is_copied(&self, term: &Term) -> bool {
        if self.follows {
            term.args.iter().flatten().any(|arg| matches!(arg, Value::Ref(_)))
        } else {
            term.args.is_some() && term.path.starts_with("std::") && !term.is_inert()
        }
    }
}
