//! Conditions that are not known: every arm is evaluated, and what the arms did is joined.
//!
//! Cells are shared, so an arm's writes are undone from a log before the next arm runs; afterwards each cell that
//! any arm wrote holds the join of what it holds in each of them.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{
    Evaluator,
    effect::{Guard, Guards},
    value::{Cell, Value},
};
use crate::syntax::tree::Name;

/// Why evaluation does not go on to the next expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flow {
    /// `return`, `?` on a known error, a call that never returns.
    Return,
    /// `break`.
    Break(Option<Name>),
    /// `continue`.
    Continue(Option<Name>),
    /// A failure that is given back, as a way out.
    Fail,
}

/// A value, or where control went instead.
pub type Eval = Result<Value, Flow>;

/// Conditions that are looked at to find the one which tells values apart.
const MOST_LOOKED_AT: usize = 8;

/// What one arm came to: its choices, its value or flow, what it wrote, and the way it left by if that leads somewhere.
type End = (Guards, Eval, Vec<(Cell, Value)>, Option<Flow>);

/// An arm: when it is taken, and what runs then.
pub(super) type Arm<'a, 'p> = (Guard, Box<dyn FnOnce(&mut Evaluator<'p>) -> Eval + 'a>);

impl<'p> Evaluator<'p> {
    /// Puts `value` into `target`, so that an enclosing branch can undo it.
    pub fn write(&mut self, target: &Cell, value: Value) {
        if leads_to(&value, target) {
            return;
        }
        self.note_write(target, &value);
        self.let_others_see(target, &value);
        let old = target.replace(value);
        if self.is_logged() {
            self.log.push((target.clone(), old));
        }
    }

    /// A condition that no other one is tied to.
    pub fn fresh_condition(&mut self) -> u32 {
        self.conditions += 1;
        self.conditions
    }

    /// Puts `value` where `receiver` leads: what a method that takes `&mut self` does.
    pub fn update(&mut self, receiver: &Cell, value: Value) {
        let target = super::target_of(receiver);
        self.write(&target, value);
    }

    /// The choices by which one of several values is taken: those that were made where they came from, if one condition
    /// tells them apart.
    pub(super) fn choices_between(&mut self, all: &[(Guards, Value)]) -> Vec<Guard> {
        let of_all = |first: &Guard| -> Option<Vec<Guard>> {
            let own = |(guards, _): &(Guards, Value)| {
                guards.iter().find(|guard| guard.condition == first.condition).copied()
            };
            let choices: Vec<Guard> = all.iter().map(own).collect::<Option<_>>()?;
            let mut arms: Vec<u16> = choices.iter().map(|guard| guard.arm).collect();
            arms.sort_unstable();
            arms.dedup();
            // What a function did by whether it failed is settled by which of these is taken, however many they are.
            let settles = arms.len() > 1 && self.unsettled.contains_key(&first.condition);
            (arms.len() == all.len() || settles).then_some(choices)
        };
        let newest = all.first().into_iter().flat_map(|(guards, _)| guards.iter());
        if let Some(known) = newest.take(MOST_LOOKED_AT).find_map(of_all) {
            return known;
        }
        let condition = self.fresh_condition();
        (0u16..).take(all.len()).map(|arm| Guard { condition, arm }).collect()
    }

    /// One of several ways of the same choice: what is called by one name is one choice everywhere.
    pub fn choice(&mut self, choice: &str, way: &str) -> Guard {
        let condition = self.option_condition(choice);
        let ways = self.ways.entry(condition).or_default();
        let arm = ways.iter().position(|known| known == way).unwrap_or_else(|| {
            ways.push(way.to_owned());
            ways.len() - 1
        });
        let arm = u16::try_from(arm).unwrap_or(u16::MAX);
        let known = self.arms.entry(condition).or_default();
        // Whoever asks for none of the ways known is another arm.
        *known = (*known).max(arm.saturating_add(2));
        Guard { condition, arm }
    }

    /// `then` where `guard` is the choice made, `otherwise` elsewhere.
    pub fn where_chosen(&mut self, guard: Guard, then: Value, otherwise: Value) -> Value {
        match self.guards.with(guard) {
            Some(guards) => self.join(vec![(guards, then), (self.guards.clone(), otherwise)]),
            None => otherwise,
        }
    }

    /// The condition of a `cfg` option: the same for every mention of it.
    pub(super) fn option_condition(&mut self, text: &str) -> u32 {
        if let Some(known) = self.options.get(text) {
            return *known;
        }
        let fresh = self.fresh_condition();
        self.options.insert(text.to_owned(), fresh);
        fresh
    }

    /// One value or the other, by a condition that is not known.
    pub fn either(&mut self, one: Value, other: Value) -> Value {
        let condition = self.fresh_condition();
        let under = |arm, value| Some((self.guards.with(Guard { condition, arm })?, value));
        let both = [under(0, one), under(1, other)];
        self.join(both.into_iter().flatten().collect())
    }

    /// Runs `run` on each value that a value may be, under its choices, and joins what comes of them.
    pub fn each_way(
        &mut self,
        value: &Value,
        run: &mut dyn FnMut(&mut Self, &Value) -> Value,
    ) -> Value {
        let Value::Alt(all) = value.deref() else { return run(self, value) };
        let outside = self.guards.clone();
        let mut made: Vec<(Guards, Value)> = Vec::new();
        for (guards, value) in all.iter() {
            let Some(both) = outside.and(guards) else { continue };
            self.guards.clone_from(&both);
            let value = self.each_way(value, run);
            made.push((both, value));
        }
        self.guards = outside;
        self.join(made)
    }

    /// Takes back every write since `mark`; returns each cell with what it held, in the order of first writes.
    fn undo(&mut self, mark: usize) -> Vec<(Cell, Value)> {
        if self.log.len() <= mark {
            return Vec::new();
        }
        let entries = self.log.split_off(mark);
        let mut seen = FxHashSet::default();
        let mut held = Vec::new();
        for (target, _) in &entries {
            if seen.insert(Rc::as_ptr(target)) {
                held.push((target.clone(), target.borrow().clone()));
            }
        }
        for (target, old) in entries.into_iter().rev() {
            target.replace(old);
            self.writes += 1;
        }
        // What stands nowhere else was a local, which nothing sees any more.
        held.retain(|(target, _)| Rc::strong_count(target) > 1);
        held
    }

    /// Runs every arm that the current choices leave possible, each from the same state, and joins what they did.
    ///
    /// An arm that returns takes no part in the state afterwards.
    pub fn branch<'a>(&mut self, arms: Vec<Arm<'a, 'p>>) -> Eval
    where
        'p: 'a,
    {
        for (guard, _) in &arms {
            let known = self.arms.entry(guard.condition).or_default();
            *known = (*known).max(guard.arm.saturating_add(1));
        }
        let outside = self.guards.clone();
        let mut feasible: Vec<_> =
            arms.into_iter().filter_map(|(guard, run)| Some((outside.with(guard)?, run))).collect();
        if feasible.len() == 1
            && let Some((guards, run)) = feasible.pop()
        {
            // Known to be this one: the choice was made further out.
            self.guards = guards;
            let result = run(self);
            self.guards = outside;
            return result;
        }
        let mut ends: Vec<End> = Vec::new();
        let locals = self.scope.locals.len();
        for (guards, run) in feasible {
            let (mark, returned) = (self.log.len(), self.scope.returns.len());
            self.branches += 1;
            self.guards = guards.clone();
            let result = run(self);
            self.branches -= 1;
            self.guards = outside.clone();
            self.scope.locals.truncate(locals);
            let leaves = result.as_ref().err().and_then(|flow| self.leaves(flow, returned));
            self.keep_exits(mark);
            let writes = self.undo(mark);
            ends.push((guards, result, writes, leaves));
        }
        self.meet(ends)
    }

    /// Runs what may run or not: where it leaves what is around it, that is one of two ways to go on, and the other comes to
    /// `without`.
    pub(super) fn perhaps_leaves(
        &mut self,
        without: Value,
        run: impl FnOnce(&mut Self) -> Eval,
    ) -> Eval {
        let (mark, exits) = (self.log.len(), self.left.exits.len());
        let (returned, broken) = (self.scope.returns.len(), self.scope.breaks.len());
        let (outside, locals) = (self.guards.clone(), self.scope.locals.len());
        self.branches += 1;
        let result = run(self);
        self.branches -= 1;
        if result.is_ok() {
            if !self.is_logged() {
                self.log.clear();
            }
            return result;
        }
        self.scope.locals.truncate(locals);
        self.guards.clone_from(&outside);
        let condition = self.fresh_condition();
        self.arms.insert(condition, 2);
        let way = |arm| outside.with(Guard { condition, arm }).unwrap_or_else(|| outside.clone());
        let (taken, goes_on) = (way(0), way(1));
        let leaving = self.left.exits.iter_mut().skip(exits).map(|exit| &mut exit.guards);
        let returns = self.scope.returns.iter_mut().skip(returned).map(|(guards, _)| guards);
        let breaks = self.scope.breaks.iter_mut().skip(broken).map(|(guards, _)| guards);
        for guards in leaving.chain(returns).chain(breaks) {
            if let Some(both) = guards.and(&taken) {
                *guards = both;
            }
        }
        let leaves = result.as_ref().err().and_then(|flow| self.leaves(flow, returned));
        self.keep_exits(mark);
        let writes = self.undo(mark);
        self.meet(vec![(taken, result, writes, leaves), (goes_on, Ok(without), Vec::new(), None)])
    }

    /// The state and value after the arms of a branch.
    fn meet(&mut self, ends: Vec<End>) -> Eval {
        let mut cells: Vec<Cell> = Vec::new();
        let mut seen = FxHashSet::default();
        let mut values = Vec::new();
        let mut flow = Flow::Return;
        let mut living = Vec::new();
        for (guards, result, writes, leaves) in ends {
            let leads = leaves.is_some();
            if let Some(flow) = leaves {
                self.note_exit(flow, guards.clone(), writes.clone());
            }
            match result {
                Ok(value) => values.push((guards.clone(), value)),
                Err(Flow::Return) => continue,
                Err(other) => {
                    flow = other;
                    if leads {
                        continue;
                    }
                }
            }
            for (target, _) in &writes {
                if seen.insert(Rc::as_ptr(target)) {
                    cells.push(target.clone());
                }
            }
            let by_cell: FxHashMap<_, _> =
                writes.into_iter().map(|(target, value)| (Rc::as_ptr(&target), value)).collect();
            living.push((guards, by_cell));
        }
        for target in cells {
            let each = living.iter().map(|(guards, writes)| {
                let value = writes
                    .get(&Rc::as_ptr(&target))
                    .cloned()
                    .unwrap_or_else(|| target.borrow().clone());
                (guards.clone(), value)
            });
            let joined = self.join(each.collect());
            self.write(&target, joined);
        }
        if let ([(guards, _)], true) = (living.as_slice(), !values.is_empty()) {
            // What follows runs only when this arm was taken; the function's end takes the choice back.
            self.guards = guards.clone();
            self.settle(guards);
        }
        if values.is_empty() {
            self.left.leaving = false;
            return Err(flow);
        }
        Ok(self.join(values))
    }
}

/// Whether a value is a reference to that place, or to what refers to it: what is put there is what is there already.
fn leads_to(value: &Value, place: &Cell) -> bool {
    let Value::Ref(next) = value else { return false };
    Rc::ptr_eq(next, place) || leads_to(&next.borrow(), place)
}
