//! What a remembered call leaves open: each time that it is recalled, something else may be the case.
//!
//! `if is_on(a) { gate }` and `if is_on(b) { route }` give `is_on` the same, as far as anybody knows, where both flags are
//! unknown. The conditions that decide what it gives are told apart all the same: otherwise the route would be taken to be
//! there only where the gate is. Where all that a call is given is known, it does the same each time.
//!
//! To number them anew each time would make every call that is given the result another one. So the first call within
//! each call around has the same numbers everywhere, the second has others, and so on; and what the call around gives back
//! has numbers of its own.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Known, copy::Numbers};
use crate::evaluate::{
    Evaluator,
    digest::LeftOpen,
    text::Piece,
    value::{Cell, Closure, Term, Value},
};

/// How often each call was recalled within the one around.
pub(super) type Times = FxHashMap<u32, u32>;

/// Which conditions of remembered calls were given other numbers.
#[derive(Debug, Default)]
pub(super) struct Told {
    calls: u32,
    times: Times,
    /// By the number of a call and how often it had been recalled before.
    again: FxHashMap<(u32, u32), Rc<Numbers>>,
    /// Conditions that are the same each time.
    fixed: FxHashSet<u32>,
}

impl Told {
    /// A number for one more call, which was made just now.
    pub(super) fn next(&mut self) -> u32 {
        self.calls += 1;
        self.times.insert(self.calls, 1);
        self.calls
    }

    /// A call begins that is to be remembered.
    pub(super) fn begin(&mut self) -> Times {
        std::mem::take(&mut self.times)
    }

    /// That call has ended.
    pub(super) fn end(&mut self, around: Times) {
        self.times = around;
    }
}

/// What is left open in values.
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
            Value::List(list) => {
                self.unknown |= list.open || list.unsure;
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
            Value::Alt(all) => {
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
    /// - `before`: how many conditions there were before the call.
    /// - `held`: whether a place is one of those that the call was given.
    pub(super) fn own_conditions(
        &mut self,
        left: &Look,
        args: &[Value],
        before: u32,
        held: impl Fn(&Cell) -> bool,
    ) -> Option<Own> {
        if left.conditions.is_empty() {
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
        if unsettled.into_iter().any(|one| held(&one.place)) {
            return None;
        }
        // What came of calls that were recalled stands for those; what comes of this one is its own.
        let older: Vec<u32> = conditions.iter().filter(|one| **one <= before).copied().collect();
        let numbers = self.numbered_anew(&older);
        for one in &mut conditions {
            *one = numbers.get(one).copied().unwrap_or(*one);
        }
        if !given.unknown {
            self.memo.told.fixed.extend(&conditions);
            conditions.clear();
        }
        Some(Own { conditions, numbers })
    }

    /// A root begins: no call was recalled for it.
    pub(in crate::evaluate) fn forget_times(&mut self) {
        self.memo.told.times.clear();
    }

    /// The numbers that the conditions of a call have this time.
    pub(super) fn numbers_of(&mut self, known: &Known) -> Rc<Numbers> {
        if known.conditions.is_empty() {
            return Rc::default();
        }
        let times = self.memo.told.times.entry(known.number).or_default();
        let before = *times;
        *times += 1;
        if before == 0 {
            return Rc::default();
        }
        let key = (known.number, before);
        if let Some(numbers) = self.memo.told.again.get(&key) {
            return Rc::clone(numbers);
        }
        let numbers = Rc::new(self.numbered_anew(&known.conditions));
        self.memo.told.again.insert(key, Rc::clone(&numbers));
        numbers
    }
}
