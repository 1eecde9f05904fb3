//! What places hold where a function fails, and what is taken back where it is known not to have.
//!
//! After `fn secure(router: &mut Router) -> Option<()> { let key = key()?; *router = secured(router, key); Some(()) }`
//! the router is as it was where there is no key. A caller that goes on in any case (`let _ = secure(&mut router);`) has
//! it either way; one that fails too (`secure(&mut router)?;`) has it secured. So a function that fails with less done
//! gives a choice: each place that outlives it holds one value or the other by it, and so does what it gives back. Where
//! that is found to be a success, the places hold what they hold then.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{
    Evaluator,
    branch::Flow,
    effect::{Guard, Guards},
    join::same,
    leave::Exit,
    option::{Unwrapped, certain, failure_like, unwrap},
    pattern::Fit,
    value::{Cell, Closure, Value},
};
use crate::syntax::tree::Pat;

/// Ways of a function to fail that are told apart; what holds at later ones is not looked at.
const MOST_FAILURES: usize = 16;

/// Entries of the log before a function that are looked at to tell which places it shares.
const MOST_EARLIER: usize = 256;

/// What a place holds by whether a function failed.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) place: Cell,
    /// Either.
    joined: Value,
    /// Where it did not.
    done: Value,
}

/// What functions did by whether they failed, by the condition that says so: its first arm is success.
pub(super) type Unsettled = FxHashMap<u32, Vec<Held>>;

impl Evaluator<'_> {
    /// A `?` may end what is being evaluated here.
    pub(super) fn note_failure(&mut self) {
        self.scope.fails = true;
        if !self.scope.lends {
            return;
        }
        let own = self.left.exits.get(self.scope.exits..).unwrap_or_default();
        let failures = own.iter().filter(|exit| exit.flow == Flow::Fail).count();
        let is_known = own.last().is_some_and(|last| {
            last.flow == Flow::Fail && last.mark == self.log.len() && last.writes.is_empty()
        });
        if is_known {
            return;
        }
        if failures >= MOST_FAILURES {
            return self.gap_here("there are more ways to fail than are told apart");
        }
        self.note_exit(Flow::Fail, self.guards.clone(), Vec::new());
    }

    /// A function has ended that could fail: what it leaves behind, by whether it did, and what it gives.
    ///
    /// - `failures`: its ways to fail.
    /// - `given`: what it gives back, by the choices that lead to each.
    pub(super) fn meet_failures(
        &mut self,
        failures: Vec<Exit>,
        mut given: Vec<(Guards, Value)>,
    ) -> Vec<(Guards, Value)> {
        let done: Vec<usize> = given
            .iter()
            .enumerate()
            .filter(|(_, (_, value))| !matches!(unwrap(value), Unwrapped::Nothing))
            .map(|(at, _)| at)
            .collect();
        if failures.is_empty() || done.is_empty() {
            return given;
        }
        let places = self.outliving(&failures);
        let held: Vec<_> = failures.iter().map(|exit| self.held_at(exit)).collect();
        let mut condition = None;
        let mut unsettled = Vec::new();
        for place in places {
            let now = place.borrow().clone();
            let mut ways: Vec<(Guards, Value)> = Vec::new();
            for (exit, held) in failures.iter().zip(&held) {
                if let Some(value) = held.get(&Rc::as_ptr(&place)) {
                    ways.push((exit.guards.clone(), value.clone()));
                }
            }
            if ways.iter().all(|(_, value)| same(value, &now)) {
                continue;
            }
            let condition = *condition.get_or_insert_with(|| self.fresh_condition());
            let failed = self.join(ways);
            let way = |arm, value| Some((self.guards.with(Guard { condition, arm })?, value));
            let ways = [way(0, now.clone()), way(1, failed)].into_iter().flatten().collect();
            let joined = self.join(ways);
            self.write(&place, joined.clone());
            unsettled.push(Held { place, joined, done: now });
        }
        let Some(condition) = condition else { return given };
        self.unsettled.insert(condition, unsettled);
        self.arms.insert(condition, 2);
        let mut failure = None;
        for (at, (guards, value)) in given.iter_mut().enumerate() {
            let arm = u16::from(!done.contains(&at));
            if arm == 0 {
                failure = failure.or_else(|| Some(failure_like(value, self.current)));
                *value = certain(value);
            }
            if let Some(under) = guards.with(Guard { condition, arm }) {
                *guards = under;
            }
        }
        if let (Some(failure), Some(guards)) =
            (failure, self.guards.with(Guard { condition, arm: 1 }))
        {
            given.push((guards, failure));
        }
        given
    }

    /// The places written since the first of `failures` that something else than the function knows.
    fn outliving(&self, failures: &[Exit]) -> Vec<Cell> {
        let first = failures.iter().map(|exit| exit.mark).min().unwrap_or(self.log.len());
        let written = failures.iter().flat_map(|exit| exit.writes.iter().map(|(place, _)| place));
        let logged = self.log.get(first..).unwrap_or_default().iter().map(|(place, _)| place);
        let mut times: FxHashMap<_, usize> = FxHashMap::default();
        for place in written.clone().chain(logged.clone()) {
            *times.entry(Rc::as_ptr(place)).or_default() += 1;
        }
        let earlier = self.log.get(..first).unwrap_or_default().iter();
        for (place, _) in earlier.rev().take(MOST_EARLIER) {
            if let Some(times) = times.get_mut(&Rc::as_ptr(place)) {
                *times += 1;
            }
        }
        let mut seen = FxHashSet::default();
        written
            .chain(logged)
            .filter(|place| {
                let address = Rc::as_ptr(place);
                let known = times.get(&address).copied().unwrap_or(0);
                Rc::strong_count(place) > known && seen.insert(address)
            })
            .cloned()
            .collect()
    }

    /// Where these choices are made for certain: what functions did which they say did not fail.
    pub(super) fn settle(&mut self, guards: &Guards) {
        if self.unsettled.is_empty() {
            return;
        }
        let done: Vec<u32> = guards
            .iter()
            .filter(|guard| guard.arm == 0 && self.unsettled.contains_key(&guard.condition))
            .map(|guard| guard.condition)
            .collect();
        for condition in done {
            let Some(all) = self.unsettled.get(&condition).cloned() else { continue };
            for held in all {
                let is_as_left = same(&held.place.borrow(), &held.joined);
                if is_as_left {
                    self.settled = self.settled.min(condition);
                    self.write(&held.place, held.done);
                }
            }
        }
    }

    /// After `let pat = value else { .. };`: what of several values fits, and what that settles.
    pub(super) fn fitting(&mut self, pat: &Pat, value: Value) -> Value {
        let Value::Alt(all) = &value else { return value };
        let fits: Vec<(Guards, Value)> =
            all.iter().filter(|(_, one)| self.fits(pat, one) != Fit::Never).cloned().collect();
        if fits.len() == all.len() {
            return value;
        }
        let guards = fits.iter().map(|(guards, _)| guards.clone());
        if let Some(common) = guards.reduce(|common, guards| common.shared(&guards)) {
            self.settle(&common);
        }
        self.join(fits)
    }

    /// `value?` of one of several values: the successes, and what they settle.
    pub(super) fn succeeded(&mut self, all: &[(Guards, Value)]) -> Vec<(Guards, Value)> {
        let mut inside = Vec::new();
        let mut common: Option<Guards> = None;
        for (guards, value) in all {
            let inner = match unwrap(value) {
                Unwrapped::Inside(inner) => inner,
                Unwrapped::Nothing => continue,
                Unwrapped::Other => match value {
                    Value::Unknown(ty) => self.symbolic(&super::types::success_type(ty)),
                    value => value.clone(),
                },
            };
            common = Some(common.map_or_else(|| guards.clone(), |common| common.shared(guards)));
            inside.push((guards.clone(), inner));
        }
        if let Some(common) = common {
            self.settle(&common);
        }
        inside
    }
}

/// Values within values in which a router is looked for.
const DEEPEST: u32 = 3;

/// Whether what a place holds is worth telling apart by whether a function failed: a router, or what one is made by.
fn is_worth(held: &Value, plain: bool, depth: u32) -> bool {
    match held {
        Value::Router(_) => true,
        Value::Str(_) | Value::Bool(_) | Value::Int(_) | Value::Char(_) => plain,
        Value::Ref(place) => is_worth(&place.borrow(), plain, depth),
        Value::Passed(passed) => is_worth(&passed.value, plain, depth),
        _ if depth == 0 => false,
        Value::List(list) => plain || list.items.iter().any(|one| is_worth(one, false, depth - 1)),
        Value::Tuple(parts) => parts.iter().any(|one| is_worth(&one.borrow(), plain, depth - 1)),
        Value::Object(object) => {
            object.fields.iter().any(|(_, one)| is_worth(&one.borrow(), false, depth - 1))
        }
        Value::Term(term) if term.path.starts_with("std::") && !term.is_inert() => {
            term.args.iter().flatten().any(|one| is_worth(one, plain, depth - 1))
        }
        Value::Alt(all) => all.iter().any(|(_, one)| is_worth(one, plain, depth - 1)),
        _ => false,
    }
}

/// Whether a function is given a place that it may write to and that is worth looking at when it fails.
pub(super) fn lends<'a>(mut given: impl Iterator<Item = &'a Value>) -> bool {
    given.any(|value| matches!(value, Value::Ref(_)) && is_worth(value, true, DEEPEST))
}

/// The same of what a closure can see; most of what an `async` block does it only reads.
pub(super) fn captures(closure: &Closure) -> bool {
    let plain = !closure.expr.is_async;
    closure.captured.iter().any(|(_, held)| is_worth(&held.borrow(), plain, DEEPEST))
}
