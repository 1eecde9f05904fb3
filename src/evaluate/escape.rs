//! Values that go where they cannot be followed.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{
    Evaluator,
    early::Ran,
    effect::Guards,
    router::Handle,
    value::{Cell, Value},
};
use crate::{frameworks, link::DefId};

/// Where a value goes that cannot be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Destination {
    /// Anywhere: code that is not read, or nobody knows.
    #[default]
    Unknown,
    /// A server, or whoever calls the function that was evaluated.
    Server,
}

/// A router that went where it cannot be followed.
#[derive(Debug, Clone)]
pub(super) struct Escaped {
    pub(super) handle: Handle,
    /// The choices under which it did.
    pub(super) guards: Guards,
    /// The root that was being evaluated.
    pub(super) root: Option<DefId>,
    /// Whether it is served as it was then. What else escapes may come back, and go on as part of a router that is served.
    pub(super) is_served: bool,
}

/// The parts of a value that were let go, each with the choices under which it was.
///
/// A place may hold a value made of itself (`x = f(&mut x)`), and parts may be shared many times over.
#[derive(Default)]
pub(super) struct Gone {
    met: FxHashSet<(*const (), Guards)>,
    /// How often each choice between values was met.
    choices: FxHashMap<*const (), u32>,
    /// The choices that were made before anything went.
    before: Guards,
    /// What was met, so that nothing else comes to stand at its address.
    kept: Vec<Value>,
}

/// Choices within choices, each once under every one around it, would be met as often as there are ways to them: from
/// this time on they are met whatever was chosen around them.
const MOST_MET: u32 = 16;

impl Gone {
    /// Counts that a choice between values is met; how often it was met before.
    fn met_before(&mut self, choice: *const ()) -> u32 {
        let times = self.choices.entry(choice).or_default();
        *times += 1;
        *times - 1
    }

    /// Whether `value`, which stands at `at`, is met for the first time under these choices.
    pub(super) fn first<T: ?Sized>(&mut self, at: &Rc<T>, guards: &Guards, value: &Value) -> bool {
        let new = self.met.insert((Rc::as_ptr(at).cast(), guards.clone()));
        if new {
            self.kept.push(value.clone());
        }
        new
    }

    /// What a place holds, unless it was met there before: several values may hold one place together.
    pub(super) fn held(&mut self, place: &Cell, guards: &Guards) -> Option<Value> {
        let is_new = Rc::strong_count(place) == 1
            || self.first(place, guards, &Value::Ref(Rc::clone(place)));
        is_new.then(|| place.borrow().clone())
    }
}

/// Parts in which nothing is served or has yet to run: most of what goes out of sight is data, and what went before goes
/// again with each call that it is given to.
struct Idle {
    known: FxHashMap<*const (), bool>,
    /// How often anything had been written when they were looked at, and how many functions had been called.
    seen: (u64, usize),
    /// The functions that closures in them rest on.
    rests: Vec<DefId>,
}

impl Idle {
    /// Whether a value is such a part. One that is being looked at is: what is in it shows where that began.
    fn holds(&mut self, value: &Value, e: &Evaluator<'_>) -> bool {
        match value {
            Value::Router(_) | Value::Fn(_) => return false,
            Value::Closure(closure) => {
                return match e.early.ran(e.known_as(closure), e.root) {
                    Ran::NotYet => false,
                    Ran::RestingOn(function) => {
                        self.rests.extend(function);
                        true
                    }
                };
            }
            _ => {}
        }
        let Some(at) = value.address() else { return true };
        if let Some(known) = self.known.get(&at) {
            return *known;
        }
        self.known.insert(at, true);
        let mut is_idle = true;
        match value {
            Value::Tuple(parts) => {
                parts.iter().for_each(|part| is_idle &= self.holds_place(part, e));
            }
            Value::Object(object) => {
                object.fields.iter().for_each(|(_, held)| is_idle &= self.holds_place(held, e));
            }
            Value::Ref(target) => is_idle = self.holds(&target.borrow(), e),
            Value::List(list) => list.items.iter().for_each(|item| is_idle &= self.holds(item, e)),
            Value::Term(term) if !term.is_inert() => {
                term.args.iter().flatten().for_each(|arg| is_idle &= self.holds(arg, e));
            }
            Value::Passed(passed) => is_idle = self.holds(&passed.value, e),
            Value::Alt(all) => all.iter().for_each(|(_, one)| is_idle &= self.holds(one, e)),
            _ => {}
        }
        self.known.insert(at, is_idle);
        is_idle
    }

    /// Whether a place holds one. The address of a place stands for what it holds.
    fn holds_place(&mut self, place: &Cell, e: &Evaluator<'_>) -> bool {
        if Rc::strong_count(place) == 1 {
            return self.holds(&place.borrow(), e);
        }
        let at = Rc::as_ptr(place).cast();
        if let Some(known) = self.known.get(&at) {
            return *known;
        }
        self.known.insert(at, true);
        let is_idle = self.holds(&place.borrow(), e);
        self.known.insert(at, is_idle);
        is_idle
    }

    /// Whether it was such a part, and nothing was written or called since.
    fn is_known(&self, value: &Value, e: &Evaluator<'_>) -> bool {
        self.seen == (e.writes, e.early.called())
            && value.address().is_some_and(|at| self.known.get(&at).copied().unwrap_or(false))
    }
}

impl Evaluator<'_> {
    /// A value goes where it cannot be followed: routers in it are served, closures in it run.
    pub fn escape(&mut self, value: &Value) {
        if value.holds_code() {
            let seen = (self.writes, self.early.called());
            let mut idle = Idle { known: FxHashMap::default(), seen, rests: Vec::new() };
            idle.holds(value, self);
            self.early.rest_again(&idle.rests);
            let mut gone = Gone { before: self.guards.clone(), ..Gone::default() };
            self.escape_parts(value, &mut gone, &idle);
        }
    }

    /// A value goes to a server, or to whoever calls the function that was evaluated: routers in it are served as they
    /// are, whatever else is made of them.
    pub fn let_serve(&mut self, value: &Value) {
        let outside = std::mem::replace(&mut self.destination, Destination::Server);
        self.escape(value);
        self.destination = outside;
    }

    /// A router as it escapes here and now.
    pub(super) fn escaping(&self, handle: &Handle) -> Escaped {
        let (guards, is_served) = (self.guards.clone(), self.destination == Destination::Server);
        Escaped { handle: handle.clone(), guards, root: self.root, is_served }
    }

    fn escape_held(&mut self, place: &Cell, gone: &mut Gone, idle: &Idle) {
        if let Some(held) = gone.held(place, &self.guards) {
            self.escape_parts(&held, gone, idle);
        }
    }

    fn escape_parts(&mut self, value: &Value, gone: &mut Gone, idle: &Idle) {
        if idle.is_known(value, self) {
            return;
        }
        let new = match value {
            Value::Tuple(parts) => gone.first(parts, &self.guards, value),
            Value::List(list) => gone.first(list, &self.guards, value),
            Value::Object(object) => gone.first(object, &self.guards, value),
            Value::Term(term) => !term.is_inert() && gone.first(term, &self.guards, value),
            Value::Ref(target) => gone.first(target, &self.guards, value),
            Value::Passed(passed) => gone.first(passed, &self.guards, value),
            Value::Alt(all) => gone.first(all, &self.guards, value),
            _ => true,
        };
        if !new {
            return;
        }
        match value {
            Value::Router(handle) if frameworks::is_part(handle.kind) => {}
            Value::Router(handle) => {
                self.escaped.push(self.escaping(handle));
            }
            Value::Tuple(parts) => {
                for part in parts.iter() {
                    self.escape_held(part, gone, idle);
                }
            }
            Value::List(list) => {
                list.items.iter().for_each(|item| self.escape_parts(item, gone, idle));
            }
            Value::Object(object) => {
                for (_, field) in &object.fields {
                    self.escape_held(field, gone, idle);
                }
            }
            Value::Term(term) => {
                term.args.iter().flatten().for_each(|arg| self.escape_parts(arg, gone, idle));
            }
            Value::Ref(target) => {
                let held = target.borrow().clone();
                self.escape_parts(&held, gone, idle);
            }
            Value::Passed(passed) => self.escape_parts(&passed.value, gone, idle),
            Value::Alt(all) => {
                let outside = self.guards.clone();
                let times = gone.met_before(Rc::as_ptr(all).cast());
                for (guards, value) in all.iter().take_while(|_| times <= MOST_MET) {
                    let both = if times == MOST_MET {
                        Some(gone.before.clone())
                    } else {
                        outside.and(guards)
                    };
                    let Some(both) = both else { continue };
                    self.guards = both;
                    self.escape_parts(value, gone, idle);
                }
                self.guards = outside;
            }
            Value::Closure(closure) => {
                let known = self.known_as(closure);
                if self.has_yet_to_run(known) {
                    // Whether and how often it is run is not known.
                    self.run_gone(known, |e| {
                        let destination = std::mem::take(&mut e.destination);
                        let result = e.perhaps_run(|e| e.call_closure_unseen(closure));
                        e.destination = destination;
                        e.escape(&result);
                    });
                }
            }
            Value::Fn(function) => {
                self.note_handed_on(function);
            }
            // Where a statement is run that went out of sight is not known; that it was put together here is.
            _ => {}
        }
    }
}
