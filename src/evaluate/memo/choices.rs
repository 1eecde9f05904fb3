//! What a remembered call leaves open: each time that it is recalled, something else may be the case.
//!
//! `if is_on(a) { gate }` and `if is_on(b) { route }` give `is_on` the same, as far as anybody knows, where both flags are
//! unknown. The conditions that decide what it gives are told apart all the same: otherwise the route would be taken to be
//! there only where the gate is. Where all that a call is given is known, it does the same each time.
//!
//! To number them anew each time would make every call that is given the result another one. So the first call has the same
//! numbers everywhere, the second has others, and so on; and where a call around them is remembered, what it gives back has
//! numbers of its own, and they count no more.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Known, copy::Numbers};
use crate::evaluate::{
    Evaluator,
    digest::LeftOpen,
    text::Piece,
    value::{Cell, Closure, Term, Value},
};

/// Which conditions of remembered calls were given other numbers.
#[derive(Debug, Default)]
pub(super) struct Told {
    calls: u32,
    /// How often each call was recalled within those around it.
    times: FxHashMap<u32, u32>,
    /// The calls that were recalled, in order.
    recalled: Vec<u32>,
    /// By the number of a call and how often it had been recalled before.
    again: FxHashMap<(u32, u32), Rc<Numbers>>,
    /// Conditions that come up again wherever a call is recalled for the first, second, … time.
    shared: FxHashSet<u32>,
    /// Conditions that are the same each time.
    fixed: FxHashSet<u32>,
}

impl Told {
    /// A number for one more call, which was made just now.
    pub(super) fn next(&mut self) -> u32 {
        self.calls += 1;
        self.note(self.calls);
        self.calls
    }

    /// How often a call was recalled before.
    fn note(&mut self, call: u32) -> u32 {
        self.recalled.push(call);
        let times = self.times.entry(call).or_default();
        *times += 1;
        *times - 1
    }

    /// A call begins that is to be remembered.
    pub(super) fn begin(&self) -> usize {
        self.recalled.len()
    }

    /// That call is remembered: what it recalled counts no more.
    fn end(&mut self, before: usize) {
        for call in self.recalled.drain(before.min(self.recalled.len())..) {
            if let Some(times) = self.times.get_mut(&call) {
                *times = times.saturating_sub(1);
            }
        }
    }
}

/// What is left open in values. Parts may be shared many times over: each is looked at once.
#[derive(Default)]
pub(super) struct Look {
    unknown: bool,
    conditions: FxHashSet<u32>,
    /// The closures.
    pub(super) closures: Vec<Rc<Closure>>,
    seen: FxHashSet<*const ()>,
}

impl Look {
    pub(super) fn at(&mut self, value: &Value) {
        match value {
            Value::Unknown(_) => self.unknown = true,
            Value::Str(text) => {
                let is_hole = |piece: &Piece| matches!(piece, Piece::Hole);
                self.unknown |= text.pieces().iter().any(is_hole);
            }
            Value::Tuple(parts) => parts.iter().for_each(|part| self.place(part)),
            Value::List(list) if self.seen.insert(Rc::as_ptr(list).cast()) => {
                self.unknown |= list.open || list.is_loose();
                list.items.iter().for_each(|item| self.at(item));
            }
            Value::Object(object) => object.fields.iter().for_each(|(_, held)| self.place(held)),
            Value::Term(term) if self.seen.insert(Rc::as_ptr(term).cast()) => {
                if term.is_inert() {
                    let open = term.left_open();
                    self.unknown |= open.unknown;
                    if !open.choices {
                        return;
                    }
                }
                term.args.iter().flatten().for_each(|arg| self.at(arg));
            }
            Value::Ref(place) => self.place(place),
            Value::Closure(closure) if self.seen.insert(Rc::as_ptr(closure).cast()) => {
                self.closures.push(Rc::clone(closure));
                closure.captured.iter().for_each(|(_, held)| self.place(held));
            }
            Value::Alt(all) if self.seen.insert(Rc::as_ptr(all).cast()) => {
                for (guards, one) in all.iter() {
                    self.conditions.extend(guards.iter().map(|guard| guard.condition));
                    self.at(one);
                }
            }
            _ => {}
        }
    }

    fn place(&mut self, place: &Cell) {
        if self.seen.insert(Rc::as_ptr(place).cast()) {
            self.at(&place.borrow());
        }
    }
}

impl Term {
    /// What a call leaves open of which nothing runs.
    pub(super) fn left_open(&self) -> LeftOpen {
        *self.digest.open.get_or_init(|| {
            let mut look = Look::default();
            self.args.iter().flatten().for_each(|arg| look.at(arg));
            LeftOpen { unknown: look.unknown, choices: !look.conditions.is_empty() }
        })
    }
}

/// The conditions of what a call left behind.
#[derive(Default)]
pub(super) struct Own {
    /// Those that are others each time.
    pub(super) conditions: Vec<u32>,
    /// What those are now that came of calls which were recalled.
    pub(super) numbers: Numbers,
}

impl Evaluator<'_> {
    /// New numbers for conditions.
    fn numbered_anew(&mut self, conditions: &[u32]) -> Numbers {
        let anew = conditions.iter().map(|condition| {
            let fresh = self.fresh_condition();
            if let Some(arms) = self.arms.get(condition).copied() {
                self.arms.insert(fresh, arms);
            }
            (*condition, fresh)
        });
        anew.collect()
    }

    /// Conditions of its own for what a call left behind. `None` when it cannot be remembered.
    ///
    /// - `before`: how many calls had been recalled before it.
    /// - `held`: whether a place is one of those that the call was given.
    pub(super) fn own_conditions(
        &mut self,
        left: &Look,
        args: &[Value],
        before: usize,
        held: impl Fn(&Cell) -> bool,
    ) -> Option<Own> {
        if left.conditions.is_empty() {
            self.memo.told.end(before);
            return Some(Own::default());
        }
        let mut given = Look::default();
        for arg in args {
            given.at(arg);
        }
        let options: FxHashSet<u32> = self.options.values().copied().collect();
        let is_own = |one: &u32| {
            !given.conditions.contains(one)
                && !options.contains(one)
                && !self.memo.told.fixed.contains(one)
        };
        let mut conditions: Vec<u32> = left.conditions.iter().copied().filter(is_own).collect();
        conditions.sort_unstable();
        let unsettled = conditions.iter().filter_map(|one| self.unsettled.get(one)).flatten();
        if unsettled.into_iter().any(|one| held(&one.place) || self.is_of_static(&one.place)) {
            return None;
        }
        self.memo.told.end(before);
        // What came of calls that were recalled stands for those; what comes of this one is its own.
        let shared = |one: &&u32| self.memo.told.shared.contains(*one);
        let others: Vec<u32> = conditions.iter().filter(shared).copied().collect();
        let numbers = self.numbered_anew(&others);
        for one in &mut conditions {
            *one = numbers.get(one).copied().unwrap_or(*one);
        }
        if !given.unknown {
            self.memo.told.fixed.extend(&conditions);
            conditions.clear();
        }
        self.memo.told.shared.extend(&conditions);
        Some(Own { conditions, numbers })
    }

    /// A root begins: no call was recalled for it.
    pub(in crate::evaluate) fn forget_times(&mut self) {
        self.memo.told.times.clear();
        self.memo.told.recalled.clear();
    }

    /// The numbers that the conditions of a call have this time.
    pub(super) fn numbers_of(&mut self, known: &Known) -> Rc<Numbers> {
        if known.conditions.is_empty() {
            return Rc::default();
        }
        let before = self.memo.told.note(known.number);
        if before == 0 {
            return Rc::default();
        }
        let key = (known.number, before);
        if let Some(numbers) = self.memo.told.again.get(&key) {
            return Rc::clone(numbers);
        }
        let numbers = Rc::new(self.numbered_anew(&known.conditions));
        self.memo.told.shared.extend(numbers.values());
        self.memo.told.again.insert(key, Rc::clone(&numbers));
        numbers
    }
}
