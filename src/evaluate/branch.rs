//! Conditions that are not known: every arm is evaluated, and what the arms did is joined.
//!
//! Cells are shared, so an arm's writes are undone from a log before the next arm runs; afterwards each cell that
//! any arm wrote holds the join of what it holds in each of them.

use std::rc::Rc;

use super::{
    Evaluator, alternatives,
    effect::{Guard, Guards},
    router::{self, Handle, Site},
    value::{Cell, List, Object, Term, Value, cell},
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

/// More values than this in one place are one unknown value.
const MOST_ALTERNATIVES: usize = 24;

/// Conditions that are looked at to find the one which tells values apart.
const MOST_LOOKED_AT: usize = 8;

/// Choices that are looked at in the time of one step.
const CHOICES_PER_STEP: u64 = 4;

/// What one arm came to: its choices, its value or flow, what it wrote, and the way it left by if that leads somewhere.
type End = (Guards, Eval, Vec<(Cell, Value)>, Option<Flow>);

/// An arm: when it is taken, and what runs then.
pub(super) type Arm<'a, 'p> = (Guard, Box<dyn FnOnce(&mut Evaluator<'p>) -> Eval + 'a>);

impl<'p> Evaluator<'p> {
    /// Puts `value` into `target`, so that an enclosing branch can undo it.
    pub fn write(&mut self, target: &Cell, value: Value) {
        let old = target.replace(value);
        self.note_write(target);
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
        let target = super::place::target_of(receiver);
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
        let mut seen = rustc_hash::FxHashSet::default();
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

    /// The state and value after the arms of a branch.
    fn meet(&mut self, ends: Vec<End>) -> Eval {
        let mut cells: Vec<Cell> = Vec::new();
        let mut seen = rustc_hash::FxHashSet::default();
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
            let by_cell: rustc_hash::FxHashMap<_, _> =
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

    /// One value that stands for all of `values`.
    pub fn join(&mut self, values: Vec<(Guards, Value)>) -> Value {
        let mut all: Vec<(Guards, Value)> = Vec::new();
        let mut work = 0;
        for (guards, value) in values {
            match value {
                Value::Alt(inner) => {
                    for (inside, value) in inner.iter() {
                        if let Some(both) = guards.and_counting(inside, &mut work) {
                            push_distinct(&mut all, both, value.clone());
                        }
                    }
                }
                value => push_distinct(&mut all, guards, value),
            }
        }
        // Where many choices were made, to join is what takes the time.
        self.steps += work / CHOICES_PER_STEP;
        if all.len() > MOST_ALTERNATIVES
            && let Some(one) = alternatives::merged(&all)
        {
            return one;
        }
        if all.len() > MOST_ALTERNATIVES
            && !all.iter().all(|(_, value)| matches!(value, Value::Router(_)))
        {
            for (_, value) in &all {
                self.escape(value);
            }
            self.gap_here("more alternatives than are followed");
            return Value::unknown();
        }
        if all.len() <= 1 {
            return all.pop().map_or(Value::Unit, |(_, value)| value);
        }
        self.join_alike(&all).unwrap_or_else(|| Value::Alt(Rc::new(all)))
    }

    /// Joins values of one shape into one of that shape.
    fn join_alike(&mut self, all: &[(Guards, Value)]) -> Option<Value> {
        let routers: Vec<(Guards, Handle)> = all
            .iter()
            .map_while(|(guards, value)| match value {
                Value::Router(handle) => Some((guards.clone(), handle.clone())),
                _ => None,
            })
            .collect();
        let (_, first) = all.first()?;
        if routers.len() == all.len() {
            let site = Site { at: routers.first()?.1.node.site.at, frame: self.frame.clone() };
            return router::fork(&routers, site).map(Value::Router);
        }
        match first {
            Value::Object(object) => {
                let objects: Vec<&Rc<Object>> = all
                    .iter()
                    .filter_map(|(_, value)| match value {
                        Value::Object(o)
                            if o.def == object.def
                                && o.variant == object.variant
                                && o.generics == object.generics =>
                        {
                            Some(o)
                        }
                        _ => None,
                    })
                    .collect();
                if objects.len() != all.len() {
                    return None;
                }
                let fields = object.fields.iter().map(|(name, _)| {
                    let each = all.iter().zip(&objects).map(|((guards, _), o)| {
                        let held = o.fields.iter().find(|(n, _)| n == name);
                        (
                            guards.clone(),
                            held.map_or_else(Value::unknown, |(_, c)| c.borrow().clone()),
                        )
                    });
                    let each: Vec<_> = each.collect();
                    (name.clone(), cell(self.join(each)))
                });
                let fields = fields.collect();
                Some(Value::Object(Rc::new(Object { fields, ..(**object).clone() })))
            }
            Value::Tuple(parts) => {
                let same = all
                    .iter()
                    .all(|(_, v)| matches!(v, Value::Tuple(other) if other.len() == parts.len()));
                same.then(|| {
                    let joined = (0..parts.len()).map(|at| {
                        let each = all.iter().map(|(guards, value)| match value {
                            Value::Tuple(other) => (
                                guards.clone(),
                                other.get(at).map_or_else(Value::unknown, |c| c.borrow().clone()),
                            ),
                            _ => (guards.clone(), Value::unknown()),
                        });
                        let each: Vec<_> = each.collect();
                        cell(self.join(each))
                    });
                    let joined = joined.collect();
                    Value::Tuple(Rc::new(joined))
                })
            }
            // `Ok` of one router or `Ok` of another.
            Value::Term(term) if first.holds_routers() => {
                let mut each = Vec::new();
                for (guards, value) in all {
                    let Value::Term(other) = value else { return None };
                    let Some([only]) = other.args.as_deref() else { return None };
                    if other.path != term.path {
                        return None;
                    }
                    each.push((guards.clone(), only.clone()));
                }
                let args = Some(vec![self.join(each)]);
                Some(Value::Term(Rc::new(Term { args, ..(**term).clone() })))
            }
            Value::List(_) => {
                // Lists that grew in some arms: what was added is there in those.
                let mut longest: Rc<List> = Rc::default();
                let mut lengths: Vec<usize> = Vec::new();
                let (mut open, mut unsure) = (false, false);
                for (_, value) in all {
                    if let Value::List(list) = value {
                        lengths.push(list.items.len());
                        open |= list.open;
                        unsure |= list.unsure;
                    }
                    match value {
                        Value::List(list) if list.items.len() >= longest.items.len() => {
                            longest = list.clone();
                        }
                        Value::List(_) => {}
                        _ => return None,
                    }
                }
                let holds_all = all.iter().all(|(_, value)| {
                    matches!(value, Value::List(list)
                        if list.items.iter().zip(&longest.items).all(|(a, b)| same(a, b)))
                });
                let differ = lengths.iter().any(|len| Some(len) != lengths.first());
                if !holds_all {
                    return None;
                }
                let mut items = longest.items.clone();
                let shortest = lengths.iter().copied().min().unwrap_or(0);
                for (at, item) in items.iter_mut().enumerate().skip(shortest) {
                    let mut there = all.iter().zip(&lengths).filter(|(_, len)| **len > at);
                    *item = match (there.next(), there.next()) {
                        (Some(((guards, _), _)), None) => self.element_under(guards, item),
                        _ => self.perhaps_element(item),
                    };
                }
                let unsure = unsure || differ;
                Some(Value::List(Rc::new(List { items, open, unsure })))
            }
            _ => None,
        }
    }
}

/// Adds a value unless it is there already; one that holds more often takes the place of the other.
fn push_distinct(all: &mut Vec<(Guards, Value)>, guards: Guards, value: Value) {
    for (known_guards, known) in all.iter_mut() {
        if same(known, &value) && !matches!(value, Value::Router(_)) {
            *known_guards = known_guards.shared(&guards);
            return;
        }
    }
    all.push((guards, value));
}

/// Whether two values are known to be the same.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Unknown(a), Value::Unknown(b)) => a == b,
        (Value::Unit, Value::Unit) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Char(a), Value::Char(b)) => a == b,
        (Value::Str(a), Value::Str(b)) => a == b && a.exact().is_some(),
        (Value::Tuple(a), Value::Tuple(b)) => {
            Rc::ptr_eq(a, b)
                || a.len() == b.len()
                    && a.iter().zip(b.iter()).all(|(a, b)| same(&a.borrow(), &b.borrow()))
        }
        (Value::List(a), Value::List(b)) => Rc::ptr_eq(a, b),
        (Value::Object(a), Value::Object(b)) => Rc::ptr_eq(a, b),
        (Value::Term(a), Value::Term(b)) => {
            Rc::ptr_eq(a, b)
                || a.path == b.path
                    && match (&a.args, &b.args) {
                        // `Default::default` of one type is not that of another.
                        (None, None) => a.generics == b.generics,
                        (Some(a), Some(b)) => {
                            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
                        }
                        _ => false,
                    }
        }
        (Value::Fn(a), Value::Fn(b)) => a == b,
        (Value::Closure(a), Value::Closure(b)) => Rc::ptr_eq(a, b),
        (Value::Ref(a), Value::Ref(b)) => Rc::ptr_eq(a, b),
        (Value::Router(a), Value::Router(b)) => Rc::ptr_eq(&a.node, &b.node),
        (Value::Passed(a), Value::Passed(b)) => Rc::ptr_eq(a, b),
        (Value::Query(a), Value::Query(b)) => Rc::ptr_eq(a, b),
        (Value::Alt(a), Value::Alt(b)) => Rc::ptr_eq(a, b),
        _ => false,
    }
}
