//! Functions evaluated once for each way in which they are called.
//!
//! A call is remembered when all that it was given and gave back is plain data, or closures over such: no router or
//! half-built statement, whose meaning depends on where the call stands. What it changed of what it was given (`places`)
//! is changed again, and what it left open is left open anew (`choices`).

mod choices;
mod copy;
mod fingerprint;
mod places;

use std::rc::Rc;

use rustc_hash::FxHashMap;

use self::{
    choices::Look,
    copy::{Copying, Marker, Numbers},
    places::{Change, Places},
};
use super::{
    Evaluator,
    effect::Instance,
    statement::Open,
    statics::Read,
    suppose::holds_watched,
    value::{Cell, FnValue, Value},
};
use crate::{
    link::{DefId, types::Ty},
    source::Place,
};

/// Calls by function, type arguments and what was given.
#[derive(Debug, Default)]
pub(super) struct Memo {
    known: FxHashMap<Key, Known>,
    told: choices::Told,
}

/// A call as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    def: DefId,
    self_ty: Option<Ty>,
    generics: Vec<Ty>,
    instance: Instance,
    args: u64,
    /// How deep the function already is on the way: past a limit it is not entered again.
    depth: usize,
    /// Whether branches are answers there: what is watched is then told apart.
    answers: bool,
}

/// What a call came to.
#[derive(Debug, Clone)]
struct Known {
    left: Left,
    /// How what it was given hangs together, if it matters.
    shape: Option<u64>,
    /// The conditions that it met, which are others the next time.
    conditions: Rc<[u32]>,
    number: u32,
    /// Where the closures in it stand.
    closures: Rc<[Place]>,
    /// Statements in it that are not known in full.
    open: Rc<Open>,
    /// What it read of statics behind locks.
    reads: Rc<[Read]>,
    /// The functions that closures rest on which did not run in it.
    rests: Rc<[DefId]>,
}

/// What a call leaves behind, with marks where places stand that it was given.
#[derive(Debug, Clone)]
struct Left {
    value: Value,
    changes: Rc<[Change]>,
    /// What statics behind locks hold then, of those that hold something else.
    statics: Rc<[(DefId, Value)]>,
    markers: Rc<[Marker]>,
}

impl Left {
    /// Puts it where a call that is given `places` leaves it; returns those that change, with what each holds then, and
    /// what the call gives back.
    ///
    /// - `place_of`: the place of a static.
    fn put(
        &self,
        places: Option<&Places>,
        numbers: &Numbers,
        place_of: impl Fn(DefId) -> Option<Cell>,
    ) -> Option<(Vec<(Cell, Value)>, Value)> {
        let mut copying = Copying::placing(&self.markers, places, numbers)?;
        let mut changes = Vec::new();
        for (at, value) in self.changes.iter() {
            changes.push((places?.at(*at)?.clone(), copying.value(value)));
        }
        for (id, value) in self.statics.iter() {
            changes.push((place_of(*id)?, copying.value(value)));
        }
        Some((changes, copying.value(&self.value)))
    }
}

/// What is remembered of a call.
pub(super) enum Recall {
    /// What it came to before.
    Known(Value),
    /// It was not made before.
    New(Before),
    /// It cannot be told from others.
    Never,
}

/// The state before a call, to see what it did.
pub(super) struct Before {
    key: Key,
    operations: u64,
    escaped: usize,
    writes: u64,
    reads: usize,
    rested: usize,
    /// The conditions there were.
    conditions: u32,
    /// As it was for the call around.
    settled: u32,
    places: Option<Places>,
    /// The calls that were recalled.
    recalled: usize,
    /// Suppositions and answers there were.
    told: (u32, u32),
}

impl Evaluator<'_> {
    /// What a call came to before; or the state now, if it can be remembered.
    pub(super) fn remembered(
        &mut self,
        called: &FnValue,
        instance: Instance,
        args: &[Value],
        depth: usize,
    ) -> Recall {
        let Some(number) = self.fingerprint(args) else { return Recall::Never };
        if self.is_given_droppable(args) {
            return Recall::Never;
        }
        // What a branch comes to rests on the branches around it too, if it asks for what is watched.
        let answers = !self.collected.is_empty();
        if answers && args.iter().any(holds_watched) {
            return Recall::Never;
        }
        let key = Key {
            def: called.def,
            self_ty: called.self_ty.clone(),
            generics: called.generics.clone(),
            instance,
            args: number,
            depth,
            answers,
        };
        let places = Places::of(args);
        let known = self.memo.known.get(&key).filter(|known| {
            self.holds_still(&known.reads)
                && self.early.rests_still(&known.rests)
                && !self.rounds.iter().any(|round| known.closures.contains(&round.at))
                && known
                    .shape
                    .is_none_or(|shape| places.as_ref().is_some_and(|places| places.shape == shape))
        });
        if let Some(known) = known.cloned()
            && let Some(value) = self.again(&known, places.as_ref())
        {
            return Recall::Known(value);
        }
        self.met.begin();
        Recall::New(Before {
            key,
            operations: self.operations,
            escaped: self.escaped.len(),
            writes: self.writes,
            reads: self.reads(),
            rested: self.early.rested(),
            conditions: self.conditions,
            settled: std::mem::replace(&mut self.settled, u32::MAX),
            places,
            recalled: self.memo.told.begin(),
            told: (self.suppositions, self.answers),
        })
    }

    /// Does what a call did before; `None` where that cannot be done.
    fn again(&mut self, known: &Known, places: Option<&Places>) -> Option<Value> {
        let is_of_static = |at: u32| {
            places.and_then(|places| places.at(at)).is_none_or(|place| self.is_of_static(place))
        };
        if known.left.changes.iter().any(|(at, _)| is_of_static(*at)) {
            return None;
        }
        let numbers = self.numbers_of(known);
        let (changes, value) = known.left.put(places, &numbers, |id| self.place_of_static(id))?;
        for (place, value) in changes {
            self.write(&place, value);
        }
        self.say_again(&known.open);
        self.read_again(&known.reads);
        self.early.rest_again(&known.rests);
        Some(value)
    }

    /// Remembers what a call came to, unless it did more than to compute plain values. Returns what it gives back.
    pub(super) fn remember(&mut self, before: Before, args: &[Value], value: Value) -> Value {
        let Before { places, recalled, .. } = before;
        let Some(said) = self.met.end() else { return value };
        // What was cut short for want of steps is not cut short wherever it is called.
        let did_more = self.steps > self.budget
            || self.operations != before.operations
            || self.escaped.len() != before.escaped
            || (self.suppositions, self.answers) != before.told
            || self.settled <= before.conditions;
        self.settled = self.settled.min(before.settled);
        // What another caller does is that caller's: it has to be seen again for each.
        if did_more || said.outermost < self.running.len() {
            return value;
        }
        let Some((reads, changed)) = self.read_since(before.reads) else { return value };
        // A place that all code shares is no value that could be given twice.
        if self.fingerprint(std::slice::from_ref(&value)).is_none()
            || !reads.is_empty() && value.lends()
        {
            return value;
        }
        let is_unchanged =
            self.writes == before.writes || self.fingerprint(args) == Some(before.key.args);
        let changes = match &places {
            _ if is_unchanged => Vec::new(),
            Some(places) => places.changes(),
            None => return value,
        };
        let is_plain = |value: &Value| self.fingerprint(std::slice::from_ref(value)).is_some();
        if !changes.iter().all(|(_, now)| is_plain(now)) {
            return value;
        }
        let now = |id: DefId| Some((id, self.place_of_static(id)?.borrow().clone()));
        let statics: Vec<(DefId, Value)> = changed.into_iter().filter_map(now).collect();
        let mut look = Look::default();
        let left = changes.iter().map(|(_, now)| now).chain(statics.iter().map(|(_, now)| now));
        left.chain([&value]).for_each(|value| look.at(value));
        // How often it was made within itself is another number each time.
        if look.closures.iter().any(|closure| closure.nested > 0) {
            return value;
        }
        let held = |place: &Cell| places.as_ref().is_none_or(|all| all.position(place).is_some());
        let Some(own) = self.own_conditions(&look, args, recalled, held) else {
            return value;
        };
        let mut copying = Copying::marking(places.as_ref(), &own.numbers);
        let changes = changes.iter().map(|(at, now)| (*at, copying.value(now))).collect();
        let statics = statics.iter().map(|(id, now)| (*id, copying.value(now))).collect();
        let copy = copying.value(&value);
        let left = Left { value: copy, changes, statics, markers: copying.markers.into() };
        let mut value = value;
        let place_of = |id| self.place_of_static(id);
        if !own.numbers.is_empty()
            && let Some((changes, other)) = left.put(places.as_ref(), &Numbers::default(), place_of)
        {
            for (place, now) in changes {
                place.replace(now);
            }
            value = other;
        }
        let is_placed = !left.changes.is_empty() || !left.markers.is_empty();
        let known = Known {
            left,
            shape: places.filter(|_| is_placed).map(|places| places.shape),
            conditions: own.conditions.into(),
            number: self.memo.told.next(),
            closures: look.closures.iter().map(|closure| closure.at).collect(),
            open: Rc::new(said.open),
            reads: reads.into(),
            rests: self.early.rested_since(before.rested).into(),
        };
        self.memo.known.insert(before.key, known);
        value
    }
}
