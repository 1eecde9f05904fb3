//! Copies of what a call left behind: its places are their own, those that the call was given are given places.

use std::{cell::RefCell, rc::Rc};

use rustc_hash::FxHashMap;

use super::places::Places;
use crate::evaluate::{
    effect::Guards,
    value::{Cell, Closure, List, Object, Term, Value, cell},
};

/// Other numbers for conditions.
pub(super) type Numbers = FxHashMap<u32, u32>;

/// A place that stands for one that a call is given, by the position of that.
pub(super) type Marker = (u32, Cell);

/// Values, each under its choice.
type Choices = Vec<(Guards, Value)>;

/// Copies values; what stands in several places is copied once.
pub(super) struct Copying<'a> {
    numbers: &'a Numbers,
    places: FxHashMap<*const RefCell<Value>, Cell>,
    closures: FxHashMap<*const Closure, Rc<Closure>>,
    terms: FxHashMap<*const Term, Rc<Term>>,
    lists: FxHashMap<*const List, Rc<List>>,
    choices: FxHashMap<*const Choices, Rc<Choices>>,
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
            closures: FxHashMap::default(),
            terms: FxHashMap::default(),
            lists: FxHashMap::default(),
            choices: FxHashMap::default(),
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
        let copy = cell(Value::Unit);
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
            Value::Ref(place) => Value::Ref(self.place(place)),
            Value::Tuple(parts) => {
                Value::Tuple(Rc::new(parts.iter().map(|part| self.place(part)).collect()))
            }
            Value::Object(object) => {
                let fields = object.fields.iter();
                let fields = fields.map(|(name, held)| (name.clone(), self.place(held)));
                Value::Object(Rc::new(Object { fields: fields.collect(), ..(**object).clone() }))
            }
            Value::List(list) => {
                let address = Rc::as_ptr(list);
                if let Some(known) = self.lists.get(&address) {
                    return Value::List(known.clone());
                }
                let items = list.items.iter().map(|item| self.value(item)).collect();
                let copy = Rc::new(List { items, open: list.open, unsure: list.unsure });
                self.lists.insert(address, copy.clone());
                Value::List(copy)
            }
            Value::Term(term) if term.is_inert() && self.numbers.is_empty() => value.clone(),
            Value::Term(term) if term.is_inert() && !term.left_open().choices => value.clone(),
            Value::Term(term) => {
                let address = Rc::as_ptr(term);
                if let Some(known) = self.terms.get(&address) {
                    return Value::Term(known.clone());
                }
                let args = term.args.as_ref();
                let args = args.map(|args| args.iter().map(|arg| self.arg(arg)).collect());
                let copy = Rc::new(Term { args, ..(**term).clone() });
                self.terms.insert(address, copy.clone());
                Value::Term(copy)
            }
            Value::Closure(closure) => {
                let address = Rc::as_ptr(closure);
                if let Some(known) = self.closures.get(&address) {
                    return Value::Closure(known.clone());
                }
                let captured = closure.captured.iter();
                let captured = captured.map(|(name, held)| (name.clone(), self.place(held)));
                let captured = Rc::new(captured.collect());
                let copy = Rc::new(Closure { captured, ..(**closure).clone() });
                self.closures.insert(address, copy.clone());
                Value::Closure(copy)
            }
            Value::Alt(all) => {
                if let Some(known) = self.choices.get(&Rc::as_ptr(all)) {
                    return Value::Alt(known.clone());
                }
                let number = |one: u32| self.numbers.get(&one).copied().unwrap_or(one);
                let guards = all.iter().map(|(guards, _)| {
                    let other = (!self.numbers.is_empty()).then(|| guards.renumbered(number));
                    other.flatten().unwrap_or_else(|| guards.clone())
                });
                let guards: Vec<_> = guards.collect();
                let values = all.iter().map(|(_, one)| self.value(one));
                let copy = Rc::new(guards.into_iter().zip(values).collect());
                self.choices.insert(Rc::as_ptr(all), Rc::clone(&copy));
                Value::Alt(copy)
            }
            value => value.clone(),
        }
    }
}
