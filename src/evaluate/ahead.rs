//! Bodies parsed on a thread of their own while others are evaluated.
//!
//! Parsing is a good part of evaluation and needs nothing of it. The functions that can have an effect are parsed in the
//! order in which evaluation would start at them, and before these a few that follow what was entered elsewhere: what is
//! close in the tree is entered soon. What evaluation asks for before that it parses itself, so that nothing depends on
//! which of the two was faster.

use std::{
    collections::{BTreeMap, VecDeque},
    rc::Rc,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
};

use rustc_hash::FxHashMap;

use super::roots::body;
use crate::{
    link::{Def, DefId, Program},
    source::{FileId, Span},
    syntax::{
        SyntaxError,
        body::parse_block,
        tree::{Block, Body, Item, ItemKind},
    },
};

/// Bytes of bodies that may be parsed and not yet asked for.
const MOST: usize = 1 << 20;
/// The same for those that follow what was entered elsewhere, and how many may follow.
const MOST_NEAR: usize = MOST / 2;
const NEAR: usize = 16;
/// Stack of the thread: parsing recurses with the nesting of the code.
const STACK: usize = 1 << 30;

/// A thread that parses bodies, until this is dropped.
#[derive(Debug)]
pub(super) struct Ahead {
    shared: Arc<Shared>,
    /// The place of each body among those to be parsed.
    places: FxHashMap<(FileId, Span), usize>,
    worker: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    bodies: Vec<(Arc<str>, Arc<Item>)>,
    /// The bodies in the order in which they are to be parsed, and the turn of each.
    order: Vec<usize>,
    turns: Vec<usize>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// The turn of the next to be parsed.
    next: usize,
    /// The one that is being parsed.
    current: Option<usize>,
    /// Whether each was asked for.
    asked: Vec<bool>,
    ready: BTreeMap<usize, Result<Block, SyntaxError>>,
    /// Bytes of what is ready.
    weight: usize,
    /// Those that follow what was entered elsewhere.
    near: std::ops::Range<usize>,
    /// Which of them are ready, oldest first, with their bytes.
    kept_near: VecDeque<(usize, usize)>,
    weight_near: usize,
    stop: bool,
}

impl Ahead {
    /// Starts to parse the bodies of `functions`.
    ///
    /// - `functions`: in the order of their definition; whether each is among the first that evaluation starts at.
    pub(super) fn new(program: &Program, functions: &[(DefId, Rc<Def>, bool)]) -> Option<Self> {
        let mut places = FxHashMap::default();
        let mut bodies = Vec::new();
        let (mut order, mut others) = (Vec::new(), Vec::new());
        for (_, def, is_first) in functions {
            if let (ItemKind::Fn(_), Some(body)) = (&def.item.kind, body(def)) {
                let place = bodies.len();
                // A file of several targets is read once.
                if *places.entry((def.file, body.span)).or_insert(place) != place {
                    continue;
                }
                bodies.push((program.text(def.file), Arc::clone(&def.item)));
                if *is_first { &mut order } else { &mut others }.push(place);
            }
        }
        order.append(&mut others);
        let mut turns = vec![0; order.len()];
        for (turn, place) in order.iter().enumerate() {
            if let Some(known) = turns.get_mut(*place) {
                *known = turn;
            }
        }
        let state = Mutex::new(State { asked: vec![false; bodies.len()], ..State::default() });
        let shared = Arc::new(Shared { bodies, order, turns, state, changed: Condvar::new() });
        let own = Arc::clone(&shared);
        let worker = std::thread::Builder::new().stack_size(STACK).spawn(move || own.work());
        Some(Self { shared, places, worker: Some(worker.ok()?) })
    }

    /// Evaluation starts at a function: those that follow it come next.
    pub(super) fn start(&self, def: &Def) {
        let place = body(def).and_then(|body| self.places.get(&(def.file, body.span)));
        let Some(turn) = place.and_then(|place| self.shared.turns.get(*place)) else { return };
        let mut state = self.shared.lock();
        state.next = state.next.max(*turn);
        self.shared.changed.notify_all();
    }

    /// A body as it was parsed; `None` if it is not.
    pub(super) fn take(&self, file: FileId, body: &Body) -> Option<Result<Block, SyntaxError>> {
        let place = *self.places.get(&(file, body.span))?;
        let mut state = self.shared.lock();
        if let Some(asked) = state.asked.get_mut(place) {
            *asked = true;
        }
        while state.current == Some(place) {
            state = self.shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let parsed = state.ready.remove(&place);
        match parsed {
            Some(_) => state.forget(place, body.span.len()),
            None => state.near = place + 1..place + 1 + NEAR,
        }
        self.shared.changed.notify_all();
        parsed
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.shared.lock().stop = true;
        self.shared.changed.notify_all();
        // A thread that panicked has parsed less, which is all.
        let _ = self.worker.take().map(JoinHandle::join);
    }
}

impl State {
    /// The next to be parsed, and whether it is near what was entered elsewhere.
    fn choose(&mut self, order: &[usize]) -> Option<(usize, bool)> {
        for place in self.near.by_ref() {
            match self.asked.get(place) {
                Some(false) if !self.ready.contains_key(&place) => return Some((place, true)),
                Some(_) => {}
                None => break,
            }
        }
        while self.weight < MOST {
            let place = *order.get(self.next)?;
            self.next += 1;
            if self.asked.get(place) == Some(&false) && !self.ready.contains_key(&place) {
                return Some((place, false));
            }
        }
        None
    }

    fn keep(
        &mut self,
        place: usize,
        parsed: Result<Block, SyntaxError>,
        weight: usize,
        near: bool,
    ) {
        self.ready.insert(place, parsed);
        if !near {
            self.weight += weight;
            return;
        }
        self.kept_near.push_back((place, weight));
        self.weight_near += weight;
        while self.weight_near > MOST_NEAR
            && let Some((oldest, weight)) = self.kept_near.pop_front()
        {
            self.ready.remove(&oldest);
            self.weight_near -= weight;
        }
    }

    /// What was ready is so no more.
    fn forget(&mut self, place: usize, weight: usize) {
        match self.kept_near.iter().position(|(near, _)| *near == place) {
            Some(at) => {
                self.kept_near.remove(at);
                self.weight_near -= weight;
            }
            None => self.weight -= weight,
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        while let Some((place, near)) = self.next() {
            let current = Current(self);
            let Some((text, item)) = self.bodies.get(place) else { return };
            let ItemKind::Fn(function) = &item.kind else { continue };
            let Some(body) = &function.body else { continue };
            let parsed = parse_block(text, body);
            self.lock().keep(place, parsed, body.span.len(), near);
            drop(current);
        }
    }

    /// The next body to be parsed; waits while there is none, or too much is ready.
    fn next(&self) -> Option<(usize, bool)> {
        let mut state = self.lock();
        loop {
            if state.stop {
                return None;
            }
            if let Some((place, near)) = state.choose(&self.order) {
                state.current = Some(place);
                return Some((place, near));
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// A body is being parsed; when that ends, by a panic as well, nobody waits for it any more.
struct Current<'a>(&'a Shared);

impl Drop for Current<'_> {
    fn drop(&mut self) {
        self.0.lock().current = None;
        self.0.changed.notify_all();
    }
}
