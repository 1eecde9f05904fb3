//! What places hold where control leaves a function, a round of a loop or a labelled block before its end.
//!
//! What follows an early `return` runs only where that was not taken, but what it writes to a place that outlives the
//! function is seen after it in both cases: `if !on { return; } *router = secured;` leaves the router as it was where
//! `on` does not hold. So the places of each way out are kept, and joined where the ways meet.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{
    Evaluator,
    branch::{Eval, Flow},
    effect::Guards,
    option::{Unwrapped, unwrap},
    value::{Cell, Spot, Value},
};
use crate::syntax::tree::{Block, Name};

/// Ways out that meet in one place, and those that are kept at a time; where there are more that is said.
const MOST_MET: usize = 64;
const MOST_KEPT: usize = 1_000;

/// The ways out of what is being evaluated.
#[derive(Debug, Default)]
pub(super) struct WaysOut {
    /// Those that were taken in an arm, of the outermost function first.
    pub(super) exits: Vec<Exit>,
    /// Whether what was last left was left by `return`, `break` or `continue` itself.
    pub(super) leaving: bool,
}

/// One way out.
#[derive(Debug)]
pub(super) struct Exit {
    pub(super) flow: Flow,
    pub(super) guards: Guards,
    /// What was written on it, since the log had `mark` entries.
    pub(super) writes: Vec<(Cell, Value)>,
    pub(super) mark: usize,
}

/// Said where there are more ways out than are followed.
const MORE: &str = "there are more ways out of this than are followed";

/// The address of a place.
type Address = *const Spot;

impl Evaluator<'_> {
    /// Evaluates a block; a label on it makes `break` end it.
    pub(super) fn eval_labelled(&mut self, label: Option<&Name>, block: &Block) -> Eval {
        let breaks = std::mem::take(&mut self.scope.breaks);
        let (exits, guards) = (self.left.exits.len(), self.guards.clone());
        let result = self.eval_block(block);
        let after = self.guards.clone();
        let led_here = label.is_some_and(|label| {
            let ends = |flow: &Flow| matches!(flow, Flow::Break(Some(to)) if to == label);
            self.meet_here(exits, &guards, ends, result.as_ref().err())
        });
        if led_here {
            self.guards = guards;
        }
        let broken = std::mem::replace(&mut self.scope.breaks, breaks);
        match (result, label) {
            (Err(Flow::Break(Some(to))), Some(label)) if to == *label => Ok(self.join(broken)),
            (Err(_), Some(_)) if led_here => Ok(self.join(broken)),
            (Ok(value), Some(_)) if !broken.is_empty() => {
                let mut all = broken;
                all.push((after, value));
                Ok(self.join(all))
            }
            (result, _) => {
                self.scope.breaks.extend(broken);
                result
            }
        }
    }

    /// One arm of a branch leaves what is around it.
    pub(super) fn note_exit(&mut self, flow: Flow, guards: Guards, writes: Vec<(Cell, Value)>) {
        let mark = self.log.len();
        if self.left.exits.len() >= MOST_KEPT {
            return self.gap_here(MORE);
        }
        self.left.exits.push(Exit { flow, guards, writes, mark });
    }

    /// Before the writes since `mark` are taken back: what the ways out hold that were taken since then.
    pub(super) fn keep_exits(&mut self, mark: usize) {
        // Later ones have later marks.
        let new = self.left.exits.iter().rev().take_while(|exit| exit.mark > mark).count();
        if new == 0 {
            return;
        }
        let mut exits = self.left.exits.split_off(self.left.exits.len() - new);
        let gone = self.gone(mark, exits.iter());
        let is_seen = |place: &Cell| !gone.contains(&Rc::as_ptr(place));
        for exit in &mut exits {
            let held = self.held_at(exit);
            exit.writes.retain(|(place, _)| is_seen(place));
            let mut all: Vec<(Cell, Value)> = Vec::new();
            let mut seen = FxHashSet::default();
            let places = exit.writes.iter().map(|(place, _)| place);
            let logged = self.log.get(mark..).unwrap_or_default();
            let logged = logged.iter().map(|(place, _)| place).filter(|place| is_seen(place));
            for place in places.chain(logged) {
                let address = Rc::as_ptr(place);
                if seen.insert(address) {
                    let value = held.get(&address).cloned();
                    let value = value.unwrap_or_else(|| place.borrow().clone());
                    all.push((place.clone(), value));
                }
            }
            exit.writes = all;
            exit.mark = mark;
        }
        self.left.exits.append(&mut exits);
    }

    /// Places that stand nowhere but in the log since it had `mark` entries and among what was written on `exits`: locals
    /// of what ended since then, which nothing sees any more.
    fn gone<'a>(&self, mark: usize, exits: impl Iterator<Item = &'a Exit>) -> FxHashSet<Address> {
        let logged = self.log.get(mark..).unwrap_or_default().iter();
        let written = exits.flat_map(|exit| exit.writes.iter());
        let mut stand: FxHashMap<Address, (&Cell, usize)> = FxHashMap::default();
        for (place, _) in logged.chain(written) {
            stand.entry(Rc::as_ptr(place)).or_insert((place, 0)).1 += 1;
        }
        let gone =
            stand.into_iter().filter(|(_, (place, times))| Rc::strong_count(place) == *times);
        gone.map(|(address, _)| address).collect()
    }

    /// What places held at a way out, of those that were written: what was written on it, or what the first write since
    /// then replaced.
    pub(super) fn held_at(&self, exit: &Exit) -> FxHashMap<Address, Value> {
        let mut held: FxHashMap<Address, Value> = FxHashMap::default();
        for (place, old) in self.log.get(exit.mark..).unwrap_or_default() {
            held.entry(Rc::as_ptr(place)).or_insert_with(|| old.clone());
        }
        for (place, value) in &exit.writes {
            held.insert(Rc::as_ptr(place), value.clone());
        }
        held
    }

    /// Whether something that is written now may have to be known as it was before.
    pub(super) fn is_logged(&self) -> bool {
        self.branches > 0 || !self.left.exits.is_empty()
    }

    /// The way an arm left by, if it leads somewhere from where the places it wrote are seen.
    ///
    /// - `returned`: how many values the function had returned before.
    pub(super) fn leaves(&self, flow: &Flow, returned: usize) -> Option<Flow> {
        let fails = |value: &Value| matches!(unwrap(value), Unwrapped::Nothing);
        if !self.left.leaving {
            return None;
        }
        match flow {
            Flow::Return => {
                let returns = self.scope.returns.get(returned..).unwrap_or_default();
                match returns.last() {
                    Some((_, value)) if fails(value) => self.scope.lends.then_some(Flow::Fail),
                    Some(_) => Some(Flow::Return),
                    None => None,
                }
            }
            Flow::Break(_) | Flow::Continue(_) => Some(flow.clone()),
            Flow::Fail => None,
        }
    }

    /// Whether there is a way out since there were `before` of which `which` holds.
    pub(super) fn exits_since(&self, before: usize, which: impl Fn(&Flow) -> bool) -> bool {
        self.left.exits.get(before..).unwrap_or_default().iter().any(|exit| which(&exit.flow))
    }

    /// The end of a round or block: the ways out that lead here meet. Whether there is one.
    ///
    /// - `outside`: the choices that had been made when it began.
    /// - `left`: where control went instead, if it did not come to the end.
    pub(super) fn meet_here(
        &mut self,
        before: usize,
        outside: &Guards,
        ends: impl Fn(&Flow) -> bool,
        left: Option<&Flow>,
    ) -> bool {
        let led_here = self.exits_since(before, &ends);
        let own = left.is_some_and(&ends);
        if let Some(flow) = left.filter(|_| led_here && !own && self.left.leaving) {
            self.note_exit(flow.clone(), self.guards.clone(), Vec::new());
        }
        self.meet_exits(before, outside, ends, left.is_none() || own && self.left.leaving);
        led_here
    }

    /// The ways out since there were `before` meet the one that control comes on now, if it does.
    ///
    /// - `outside`: the choices that had been made before any of them.
    /// - `ends`: whether a way out leads here.
    pub(super) fn meet_exits(
        &mut self,
        before: usize,
        outside: &Guards,
        ends: impl Fn(&Flow) -> bool,
        lives: bool,
    ) {
        if self.left.exits.len() <= before {
            return;
        }
        let since = self.left.exits.split_off(before);
        let (mut here, others): (Vec<Exit>, Vec<Exit>) =
            since.into_iter().partition(|exit| ends(&exit.flow));
        self.left.exits.extend(others);
        if here.len() > MOST_MET {
            self.gap_here(MORE);
            here.truncate(MOST_MET);
        }
        let mut order: Vec<Cell> = Vec::new();
        let first = here.iter().map(|exit| exit.mark).min().unwrap_or(self.log.len());
        let kept = self.left.exits.get(before..).unwrap_or_default();
        let mut seen = self.gone(first, here.iter().chain(kept));
        let written = here.iter().flat_map(|exit| exit.writes.iter().map(|(place, _)| place));
        let logged = self.log.get(first..).unwrap_or_default().iter().map(|(place, _)| place);
        for place in written.chain(logged) {
            if seen.insert(Rc::as_ptr(place)) {
                order.push(place.clone());
            }
        }
        let held: Vec<_> = here.iter().map(|exit| self.held_at(exit)).collect();
        let inside = std::mem::replace(&mut self.guards, outside.clone());
        for place in order {
            let address = Rc::as_ptr(&place);
            let now = place.borrow().clone();
            let mut ways = Vec::new();
            for (exit, held) in here.iter().zip(&held) {
                let value = held.get(&address).cloned().unwrap_or_else(|| now.clone());
                ways.push((exit.guards.clone(), value));
            }
            // The end comes last: what left before did not come to it.
            if lives {
                ways.push((inside.clone(), now.clone()));
            }
            if ways.iter().all(|(_, value)| super::join::same(value, &now)) {
                continue;
            }
            let joined = self.join(ways);
            self.write(&place, joined);
        }
        self.guards = inside;
        if self.branches == 0 && self.left.exits.is_empty() {
            self.log.clear();
        }
    }
}
