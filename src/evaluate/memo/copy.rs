//! Copies of what a call left behind: its places are their own, those that the call was given are given places.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::places::Places;
use crate::evaluate::value::{Cell, Closure, List, Object, Spot, Term, Value, cell_like};

/// Other numbers for conditions.
pub(super) type Numbers = FxHashMap<u32, u32>;

/// A place that stands for one that a call is given, by the position of that.
pub(super) type Marker = (u32, Cell);

/// Copies values; what stands in several places is copied once.
pub(super) struct Copying<'a> {
    numbers: &'a Numbers,
    places: FxHashMap<*const Spot, Cell>,
    /// The copies of parts by the address of the part, which is kept alive by what is copied.
    parts: FxHashMap<*const (), Value>,
    /// What is to be marked, and the marks.
    given: Option<&'a Places>,
    pub(super) markers: Vec<Marker>,
}

impl<'a> Copying<'a> {
    /// Puts a mark where one of the places stands that a call was given.
    pub(super) fn marking(given: Option<&'a Places>, numbers: &'a Numbers) -> Self {
        Self {
            numbers,
            places: FxHashMap::default(),
            parts: FxHashMap::default(),
            given,
            markers: Vec::new(),
        }
    }

    /// Puts the places that a call is given where the marks are. `None` when there is none for a mark.
    pub(super) fn placing(
        markers: &[Marker],
        given: Option<&Places>,
        numbers: &'a Numbers,
    ) -> Option<Self> {
        let mut copying = Self::marking(None, numbers);
        for (at, marker) in markers {
            copying.places.insert(Rc::as_ptr(marker), given?.at(*at)?.clone());
        }
        Some(copying)
    }

    fn place(&mut self, place: &Cell) -> Cell {
        let address = Rc::as_ptr(place);
        if let Some(known) = self.places.get(&address) {
            return known.clone();
        }
        let copy = cell_like(place, Value::Unit);
        self.places.insert(address, copy.clone());
        if let Some(at) = self.given.and_then(|given| given.position(place)) {
            self.markers.push((at, copy.clone()));
        } else {
            let held = self.value(&place.borrow());
            copy.replace(held);
        }
        copy
    }

    /// What a call outside the tree was given. A closure that was handed there ran already, and is the same for all.
    fn arg(&mut self, arg: &Value) -> Value {
        match arg {
            Value::Closure(_) if self.numbers.is_empty() => arg.clone(),
            arg => self.value(arg),
        }
    }

    pub(super) fn value(&mut self, value: &Value) -> Value {
        match value {
            Value::Ref(place) => return Value::Ref(self.place(place)),
            Value::Term(term)
                if term.is_inert() && (self.numbers.is_empty() || !term.left_open().choices) =>
            {
                return value.clone();
            }
            _ => {}
        }
        let Some(address) = value.address() else { return value.clone() };
        if let Some(known) = self.parts.get(&address) {
            return known.clone();
        }
        let copy = self.part(value);
        self.parts.insert(address, copy.clone());
        copy
    }

    /// A value that has parts, with copies of these.
    fn part(&mut self, value: &Value) -> Value {
        match value {
            Value::Tuple(parts) => {
                Value::Tuple(Rc::new(parts.iter().map(|part| self.place(part)).collect()))
            }
            Value::Object(object) => {
                let fields = object.fields.iter();
                let fields = fields.map(|(name, held)| (name.clone(), self.place(held)));
                let (generics, fields) = (object.generics.clone(), fields.collect());
                Value::Object(Rc::new(Object { generics, fields, ..**object }))
            }
            Value::List(list) => {
                let items = list.items.iter().map(|item| self.value(item)).collect();
                Value::List(Rc::new(List { items, awaits: 0, ..**list }))
            }
            Value::Term(term) => {
                let args = term.args.as_ref();
                let args = args.map(|args| args.iter().map(|arg| self.arg(arg)).collect());
                let Term { path, generics, at, digest, .. } = &**term;
                let (path, generics, digest) = (path.clone(), generics.clone(), digest.clone());
                Value::Term(Rc::new(Term { path, args, generics, at: *at, digest }))
            }
            Value::Closure(closure) => {
                let captured = closure.captured.iter();
                let captured = captured.map(|(name, held)| (name.clone(), self.place(held)));
                let captured = Rc::new(captured.collect());
                Value::Closure(Rc::new(Closure { captured, ..(**closure).clone() }))
            }
            Value::Alt(all) => {
                let number = |one: u32| self.numbers.get(&one).copied().unwrap_or(one);
                let guards = all.iter().map(|(guards, _)| {
                    let other = (!self.numbers.is_empty()).then(|| guards.renumbered(number));
                    other.flatten().unwrap_or_else(|| guards.clone())
                });
                let guards: Vec<_> = guards.collect();
                let values = all.iter().map(|(_, one)| self.value(one));
                Value::Alt(Rc::new(guards.into_iter().zip(values).collect()))
            }
            value => value.clone(),
        }
    }
}
