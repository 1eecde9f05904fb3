//! Values whose type says itself what is done when they are dropped: `impl Drop for Guard`.
//!
//! What nothing holds any more was dropped, and so is what a variable holds where its block ends. Values are not moved
//! here: a name that was given on still holds what it did. So that is dropped for certain only of what nothing but the
//! variable can have held, and perhaps of all else: both what its `drop` leaves and what was there before counts.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

mod owners;

use super::{
    Evaluator,
    value::{Cell, FnValue, Object, Search, Spot, Value, cell},
};
use crate::{
    link::{DefId, DefKind, Target, types::Ty},
    syntax::tree::{Name, ident_hash},
};

/// By which a value is known again, whatever is done to it.
type Mark = *const ();

/// Parts of what a variable holds that are looked at.
const MOST_PARTS: u32 = 200;

/// The values that were made whose type has a `drop` of its own.
#[derive(Debug, Default)]
pub(super) struct Drops {
    /// The types that have one, each with its method.
    types: Option<FxHashMap<DefId, DefId>>,
    /// Those of which it names a static.
    of_statics: FxHashSet<DefId>,
    /// In the function that evaluation started at, oldest first.
    made: Vec<Made>,
    numbers: FxHashMap<Mark, usize>,
    /// Those to which several pointers may lead.
    shared: FxHashSet<Mark>,
    /// Variables that hold what nothing else does, and those that are known to be references.
    owning: FxHashMap<*const Spot, bool>,
    /// Variables that were named where they may have been moved.
    named: FxHashSet<*const Spot>,
    /// All of these variables, so that nothing else comes to stand at their addresses.
    kept: Vec<Cell>,
}

/// A value that was made, and a place that says whether it was dropped: branches undo and join what is written there.
#[derive(Debug)]
struct Made {
    object: Rc<Object>,
    is_gone: Cell,
}

/// Whether a value was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gone {
    Yes,
    No,
    /// Perhaps, or it is none that is known to have been made here.
    Perhaps,
}

fn mark(object: &Rc<Object>) -> Mark {
    object.fields.first().map_or(Rc::as_ptr(object).cast(), |(_, held)| Rc::as_ptr(held).cast())
}

impl Evaluator<'_> {
    /// The types of the tree that say what is done when a value of them is dropped.
    pub(super) fn find_drops(&mut self) {
        let mut types = FxHashMap::default();
        let statics = self.names_of_statics();
        for block in self.program.impls_of(&Target::External("std::ops::Drop".into())) {
            let method = self.program.assoc_of_impls(&[block], "drop").into_iter().next();
            if let (Some(Ty::Def(def, _)), Some(method)) = (self.program.self_type(block), method) {
                types.insert(def, method);
                let found = self.program.def(method);
                let body = super::roots::body(&found);
                if body.is_none_or(|body| {
                    statics.iter().any(|name| body.idents.binary_search(name).is_ok())
                }) {
                    self.drops.of_statics.insert(def);
                }
            }
        }
        self.drops.types = (!types.is_empty()).then_some(types);
    }

    /// Evaluation starts at another function.
    pub(super) fn forget_drops(&mut self) {
        let of_statics = std::mem::take(&mut self.drops.of_statics);
        self.drops = Drops { types: self.drops.types.take(), of_statics, ..Drops::default() };
    }

    fn names_of_statics(&self) -> Vec<u32> {
        let all = self.program.defs().into_iter().map(|id| self.program.def(id));
        let all = all.filter(|def| def.kind == DefKind::Const);
        all.map(|def| ident_hash(&def.name)).collect()
    }

    /// Whether what is done when a value is dropped may be seen: it holds a place that is known, or something that runs or is
    /// served, or its `drop` names a static.
    fn is_seen_after(&self, object: &Rc<Object>) -> bool {
        self.drops.of_statics.contains(&object.def)
            || object.fields.iter().any(|(_, held)| {
                held.borrow().any(&mut |part| match part {
                    Value::Router(_) | Value::Closure(_) | Value::Fn(_) => Search::Found,
                    Value::Ref(place) if matches!(place.borrow().bare(), Value::Unknown(_)) => {
                        Search::Past
                    }
                    Value::Ref(_) => Search::Found,
                    _ => Search::Within,
                })
            })
    }

    /// How many values were made that are dropped by code of the tree.
    pub(super) fn droppable(&self) -> usize {
        self.drops.made.len()
    }

    /// A value of a type of the tree is made.
    pub(super) fn note_made(&mut self, value: &Value) {
        let (Some(types), Value::Object(object)) = (&self.drops.types, value) else { return };
        if types.contains_key(&object.def) && self.is_seen_after(object) {
            let object = Rc::clone(object);
            self.drops.numbers.insert(mark(&object), self.drops.made.len());
            self.drops.made.push(Made { object, is_gone: cell(Value::Bool(false)) });
        }
    }

    /// A call gives again what it gave before: values of its own.
    pub(super) fn note_made_again(&mut self, value: &Value) {
        let Some(types) = &self.drops.types else { return };
        let found = value.all(|part| match part {
            Value::Object(object) if types.contains_key(&object.def) => Search::Found,
            _ => Search::Within,
        });
        for made in found {
            if !matches!(&made, Value::Object(object) if self.made(object).is_some()) {
                self.note_made(&made);
            }
        }
    }

    /// Whether something is given that is dropped by code of the tree: what a call does to it is not remembered.
    pub(super) fn is_given_droppable(&self, args: &[Value]) -> bool {
        !self.drops.made.is_empty()
            && args.iter().any(|arg| {
                arg.any(&mut |part| match part {
                    Value::Object(object) if self.made(object).is_some() => Search::Found,
                    _ => Search::Within,
                })
            })
    }

    /// Several pointers may lead to a value.
    pub(super) fn note_shared(&mut self, value: &Value) {
        if !self.drops.made.is_empty() {
            let marks: Vec<Mark> = self.droppable_in(value).iter().map(mark).collect();
            self.drops.shared.extend(marks);
        }
    }

    /// `drop(value)`.
    pub(super) fn drop_now(&mut self, value: &Value) {
        if self.drops.made.is_empty() {
            return;
        }
        let is_sure = matches!(value, Value::Object(_));
        for object in self.droppable_in(value) {
            let is_sure = is_sure
                && self.is_gone(&object) == Gone::No
                && !self.drops.shared.contains(&mark(&object));
            self.run_drop(&object, is_sure);
        }
    }

    /// `forget(value)`.
    pub(super) fn never_dropped(&mut self, value: &Value) {
        if !self.drops.made.is_empty() {
            for object in self.droppable_in(value) {
                self.is_dropped(&object);
            }
        }
    }

    /// Variables end, the last first.
    ///
    /// - `left`: what goes on to hold what it does.
    pub(super) fn end_locals(&mut self, ended: &[(Name, Cell)], left: Option<&Value>) {
        if self.drops.made.is_empty() {
            return;
        }
        let mut held = FxHashSet::default();
        if let Some(left) = left {
            self.marks_in(left, &mut held);
        }
        for (_, place) in ended.iter().rev() {
            let value = place.borrow().clone();
            let address = Rc::as_ptr(place);
            let owns = self.drops.owning.get(&address).copied();
            if owns == Some(false) || matches!(value, Value::Ref(_)) {
                continue;
            }
            let is_known = owns == Some(true)
                && !self.drops.named.contains(&address)
                && matches!(value, Value::Object(_));
            for object in self.droppable_in(&value) {
                let own = mark(&object);
                if held.contains(&own) || self.is_of_another(&object, place, ended) {
                    continue;
                }
                let is_there = self.is_gone(&object) == Gone::No;
                let is_sure = is_known && is_there && !self.drops.shared.contains(&own);
                self.run_drop(&object, is_sure);
            }
        }
    }

    /// Whether another variable holds a value itself, and was not moved: what is within `place` is a reference to it.
    fn is_of_another(&self, object: &Rc<Object>, place: &Cell, ended: &[(Name, Cell)]) -> bool {
        let own = mark(object);
        ended.iter().chain(&self.scope.locals).any(|(_, other)| {
            !Rc::ptr_eq(other, place)
                && !self.drops.named.contains(&Rc::as_ptr(other))
                && self.drops.owning.contains_key(&Rc::as_ptr(other))
                && matches!(&*other.borrow(), Value::Object(held) if mark(held) == own)
        })
    }

    /// A statement ends: what was made since there were `before` values, and nothing that can be seen holds, is dropped.
    pub(super) fn end_statement(&mut self, before: usize, value: &Value) {
        let made = self.drops.made.get(before..).unwrap_or_default();
        let made = made.iter().map(|made| Rc::clone(&made.object));
        let made: Vec<Rc<Object>> = made.filter(|one| self.is_gone(one) != Gone::Yes).collect();
        if made.is_empty() {
            return;
        }
        let mut held = FxHashSet::default();
        self.marks_in(value, &mut held);
        for (_, place) in &self.scope.locals {
            self.marks_in(&place.borrow(), &mut held);
        }
        for object in made.iter().filter(|one| !held.contains(&mark(one))) {
            self.run_drop(object, false);
            self.is_dropped(object);
        }
    }

    /// The values within a value, whatever leads to them.
    fn marks_in(&self, value: &Value, into: &mut FxHashSet<Mark>) {
        let Some(types) = &self.drops.types else { return };
        let mut closures = Vec::new();
        value.any(&mut |part| {
            match part {
                Value::Object(object) if types.contains_key(&object.def) => {
                    into.insert(mark(object));
                }
                Value::Closure(closure) => closures.push(Rc::clone(closure)),
                _ => {}
            }
            Search::Within
        });
        let mut seen = FxHashSet::default();
        while let Some(closure) = closures.pop() {
            if !seen.insert(Rc::as_ptr(&closure)) {
                continue;
            }
            for (_, held) in closure.captured.iter() {
                held.borrow().any(&mut |part| {
                    match part {
                        Value::Object(object) if types.contains_key(&object.def) => {
                            into.insert(mark(object));
                        }
                        Value::Closure(closure) => closures.push(Rc::clone(closure)),
                        _ => {}
                    }
                    Search::Within
                });
            }
        }
    }

    /// The values within one that are dropped with it, outermost first.
    fn droppable_in(&self, value: &Value) -> Vec<Rc<Object>> {
        let mut found = Vec::new();
        self.find_droppable(value, &mut found, &mut { MOST_PARTS });
        found.retain(|one| self.is_gone(one) != Gone::Yes);
        found
    }

    fn find_droppable(&self, value: &Value, found: &mut Vec<Rc<Object>>, left: &mut u32) {
        if *left == 0 {
            return;
        }
        *left -= 1;
        match value {
            Value::Object(object) => {
                if self.drops.types.as_ref().is_some_and(|all| all.contains_key(&object.def))
                    && self.is_seen_after(object)
                {
                    found.push(Rc::clone(object));
                }
                for (_, held) in &object.fields {
                    self.find_droppable(&held.borrow(), found, left);
                }
            }
            Value::Tuple(parts) => {
                parts.iter().for_each(|part| self.find_droppable(&part.borrow(), found, left));
            }
            Value::List(list) => {
                list.items.iter().for_each(|item| self.find_droppable(item, found, left));
            }
            Value::Term(term) if !term.is_inert() => {
                term.args.iter().flatten().for_each(|arg| self.find_droppable(arg, found, left));
            }
            Value::Closure(closure) if closure.expr.is_move => {
                for (_, held) in closure.captured.iter() {
                    self.find_droppable(&held.borrow(), found, left);
                }
            }
            Value::Ref(place) if place.lock().is_some() => {
                self.find_droppable(&place.borrow(), found, left);
            }
            Value::Passed(passed) => self.find_droppable(&passed.value, found, left),
            Value::Alt(all) => {
                all.iter().for_each(|(_, one)| self.find_droppable(one, found, left));
            }
            _ => {}
        }
    }

    fn is_gone(&self, object: &Rc<Object>) -> Gone {
        match self.made(object) {
            Some(made) => match &*made.is_gone.borrow() {
                Value::Bool(true) => Gone::Yes,
                Value::Bool(false) => Gone::No,
                _ => Gone::Perhaps,
            },
            None => Gone::Perhaps,
        }
    }

    fn made(&self, object: &Rc<Object>) -> Option<&Made> {
        self.drops.made.get(*self.drops.numbers.get(&mark(object))?)
    }

    /// A value is not dropped again.
    fn is_dropped(&mut self, object: &Rc<Object>) {
        if let Some(place) = self.made(object).map(|made| Rc::clone(&made.is_gone)) {
            self.write(&place, Value::Bool(true));
        }
    }

    /// Runs what the type of a value says is done when it is dropped.
    fn run_drop(&mut self, object: &Rc<Object>, is_sure: bool) {
        let method = self.drops.types.as_ref().and_then(|all| all.get(&object.def)).copied();
        let Some(def) = method.filter(|def| !self.active.contains(def)) else { return };
        let self_ty = Some(Ty::Def(object.def, object.generics.clone()));
        let function = Value::Fn(Rc::new(FnValue { def, self_ty, generics: Vec::new() }));
        let given = vec![Value::Ref(cell(Value::Object(Rc::clone(object))))];
        let at = self.current;
        if is_sure {
            self.is_dropped(object);
        }
        let run = |e: &mut Self| e.call(&function, given, at).is_ok();
        let _ = if is_sure { run(self) } else { self.perhaps_run(run) };
        self.current = at;
    }
}
