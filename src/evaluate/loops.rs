//! `for`, `while` and `loop`.

use std::hash::{BuildHasher as _, Hash as _, Hasher as _};

use rustc_hash::FxHashSet;

use super::{
    Evaluator,
    branch::{Arm, Eval, Flow},
    effect::Guard,
    method::Method,
    target_of,
    text::Text,
    value::{Cell, Search, Value, cell},
};
use crate::syntax::tree::{Block, Expr, ExprKind, Name, Pat};

/// A loop over a known list is unrolled up to this many elements, and a list grows no longer.
pub(super) const MOST_ELEMENTS: usize = 20_000;
/// A loop that takes elements out of known lists, or counts, is followed this often: it may put back what it takes.
pub(super) const MOST_ROUNDS: usize = 256;
/// Rounds that differ by what was decided in them take this many steps of evaluation together; a loop of larger ones
/// is one that a program spends its time in, rather than one that puts something together.
const MOST_STEPS: u64 = 5_000;
/// Rounds that take elements out of known lists take this many.
const MOST_TAKING: u64 = 100_000;
/// Rounds over a known list after one that perhaps ended the loop: each is made under the choices of all before it.
const MOST_PERHAPS: usize = 500;
/// Rounds of a loop of which it is not known whether there are any.
pub(super) const MOST_UNSURE: usize = 4;
/// Rounds that took no more steps than this are followed by another where the last left something else than it found.
pub(super) const MOST_AGAIN: u64 = 200;
/// The same for the first round, where that left more than another text: an option that is there now, or a list.
const MOST_FIRST: u64 = 1_000;
/// Values within the variables of a loop that are looked at to tell its rounds apart.
const MOST_KNOWN: u32 = 1_000;

/// What a round of a loop came to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Round {
    /// Whether there may be another.
    pub(super) goes_on: bool,
    /// Whether it may have been the last.
    ends: bool,
    /// Whether it may leave the loop with a value, of which another round may have made more.
    gives: bool,
}

impl<'p> Evaluator<'p> {
    pub(super) fn eval_for(
        &mut self,
        label: Option<&Name>,
        pat: &Pat,
        iter: &Expr,
        body: &Block,
    ) -> Eval {
        let mut over = self.eval(iter)?;
        let own = over.bare();
        if matches!(own, Value::Object(_)) && self.has_own_method(&own, "into_iter") {
            let at = self.here(iter.span);
            let method = Method { name: "into_iter", generics: Vec::new(), args: Vec::new(), at };
            let whole = match &over {
                Value::Ref(place) => target_of(place),
                _ => cell(over),
            };
            over = self.method(&whole, method)?;
        }
        self.for_over(label, pat, iter, body, &over)
    }

    fn for_over(
        &mut self,
        label: Option<&Name>,
        pat: &Pat,
        iter: &Expr,
        body: &Block,
        over: &Value,
    ) -> Eval {
        if let Value::Alt(all) = over.bare() {
            let choices = self.choices_between(&all);
            let arms: Vec<Arm<'_, 'p>> = all
                .iter()
                .zip(choices)
                .map(|((guards, over), choice)| {
                    let (guards, over) = (guards.clone(), over.clone());
                    let run: Box<dyn FnOnce(&mut Self) -> Eval + '_> =
                        Box::new(move |e: &mut Self| {
                            e.narrowed(&guards, |e| e.for_over(label, pat, iter, body, &over))
                        });
                    (choice, run)
                })
                .collect();
            return self.branch(arms);
        }
        let element = super::wrapped::element_of(&self.type_of(over));
        let texts = if takes_apart(iter) { self.texts() } else { Vec::new() };
        if let Value::Ref(place) = over {
            self.lend_inside(place);
        }
        let at = self.here(iter.span);
        let drawn = match over {
            Value::Ref(place) => self.drawn(place, None, at),
            over => self.drawn(&cell(over.clone()), None, at),
        };
        let over = self.iterated(drawn.as_ref().unwrap_or(over));
        let (mut stopped, counted) = (false, self.counters());
        if let Some(list) = over {
            self.goes_through(&list);
            let mut is_cut = list.open || list.items.len() > MOST_ELEMENTS;
            let (mut ended, mut is_counted) = (false, true);
            let (mut perhaps, mut is_long) = (0, list.items.len() > MOST_ELEMENTS);
            for item in list.items.iter().take(MOST_ELEMENTS) {
                if self.is_exhausted(at) {
                    is_cut = true;
                    break;
                }
                perhaps += usize::from(ended);
                if perhaps > MOST_PERHAPS {
                    (is_cut, is_long) = (true, true);
                    break;
                }
                // One that is perhaps there ends the loop perhaps: what comes after it is looked at too.
                is_counted = !ended;
                let goes_on =
                    self.where_not_ended(&mut ended, Value::Bool(false), |e, ended| {
                        e.for_element(item, Value::Bool(true), |e, item| {
                            let round = e.round(label, body, |e| e.bind(pat, item))?;
                            *ended |= round.ends;
                            Ok(Value::Bool(round.goes_on))
                        })
                    })?;
                if matches!(goes_on, Value::Bool(false)) {
                    stopped = true;
                    break;
                }
            }
            if !is_counted || ended && !stopped {
                self.no_longer_counted(&counted);
            }
            if !stopped && !is_cut && !ended {
                self.went_through_all(&list);
            }
            if stopped || !is_cut {
                return Ok(Value::Unit);
            }
            if is_long {
                self.gap_at(at, "the list is longer than a loop is unrolled");
                self.other_rounds(&mut |e| {
                    let bind = |e: &mut Self| {
                        let value = e.symbolic(&element);
                        e.bind(pat, value);
                    };
                    e.round(label, body, bind).map(|_| Value::Unit)
                })?;
                return Ok(Value::Unit);
            }
        }
        self.perhaps_rounds(&mut |e| {
            e.round(label, body, |e| {
                let value = e.symbolic(&element);
                e.bind(pat, value);
            })
        })?;
        self.no_longer_counted(&counted);
        self.grown_by_any(texts);
        Ok(Value::Unit)
    }

    /// The texts among the variables that can be seen.
    fn texts(&self) -> Vec<(Cell, Value)> {
        let held =
            self.scope.locals.iter().map(|(_, held)| (target_of(held), held.borrow().bare()));
        held.filter(|(_, value)| matches!(value, Value::Str(_))).collect()
    }

    /// After a loop over the characters of a text that is not known: what was added to a text in it may be any text.
    fn grown_by_any(&mut self, before: Vec<(Cell, Value)>) {
        for (place, was) in before {
            if !super::join::same(&place.borrow().bare(), &was) {
                let grown = self.joined_texts(&[was, Value::Str(Text::hole())]);
                self.write(&place, grown);
            }
        }
    }

    /// Runs a round, or what is asked before it, of a loop that an earlier round has perhaps `ended`: where it leaves what
    /// is around the loop, what follows the loop runs all the same, and the loop comes to `without`.
    fn where_not_ended<T>(
        &mut self,
        ended: &mut bool,
        without: T,
        run: impl FnOnce(&mut Self, &mut bool) -> Result<T, Flow>,
    ) -> Result<T, Flow> {
        if !*ended {
            return run(self, ended);
        }
        let mut done = without;
        self.perhaps_leaves(Value::Unit, |e| {
            done = run(e, ended)?;
            Ok(Value::Unit)
        })?;
        Ok(done)
    }

    /// One round of a loop.
    fn round(
        &mut self,
        label: Option<&Name>,
        body: &Block,
        bind: impl FnOnce(&mut Self),
    ) -> Result<Round, Flow> {
        let locals = self.scope.locals.len();
        let (exits, guards) = (self.left.exits.len(), self.guards.clone());
        let given = (self.scope.breaks.len(), self.scope.returns.len());
        bind(self);
        let result = self.eval_block(body);
        let gives = (self.scope.breaks.len(), self.scope.returns.len()) != given;
        self.scope.locals.truncate(locals);
        let mine = |to: &Option<Name>| to.is_none() || to.as_ref() == label;
        let goes_on = self.exits_since(exits, |f| matches!(f, Flow::Continue(to) if mine(to)));
        let is_break = |f: &Flow| matches!(f, Flow::Break(to) if mine(to));
        let perhaps_ends = self.exits_since(exits, is_break);
        let ends = |f: &Flow| matches!(f, Flow::Continue(to) | Flow::Break(to) if mine(to));
        let led_here = self.meet_here(exits, &guards, ends, result.as_ref().err());
        if led_here {
            self.guards = guards;
        }
        let goes_on = match result {
            Ok(_) => true,
            Err(Flow::Continue(to)) if mine(&to) => true,
            Err(Flow::Break(to)) if mine(&to) => goes_on,
            Err(_) if led_here => goes_on,
            Err(flow) => return Err(flow),
        };
        Ok(Round { goes_on, ends: perhaps_ends || !goes_on, gives })
    }

    pub(super) fn eval_loop(
        &mut self,
        label: Option<&Name>,
        condition: Option<&Expr>,
        body: &Block,
    ) -> Eval {
        let breaks = std::mem::take(&mut self.scope.breaks);
        let locals = self.scope.locals.len();
        let counted = self.counters();
        let result = self.rounds(label, condition, body);
        self.scope.locals.truncate(locals);
        if matches!(result, Ok(false)) {
            self.no_longer_counted(&counted);
        }
        let broken = std::mem::replace(&mut self.scope.breaks, breaks);
        result?;
        if broken.is_empty() { Ok(Value::Unit) } else { Ok(self.join(broken)) }
    }

    /// The rounds of a loop: as many as are known to differ, then one that stands for all others.
    ///
    /// One differs where it took an element out of a known list (`while let Some(x) = list.pop()`), or where something
    /// that is known became something else and a choice in it was made by what is known (`n += 1; if n == 3 { break; }`).
    /// Where it only left something else, one more shows what the next finds (`if last.is_some() { .. } last = Some(x)`).
    ///
    /// Returns whether what they count is known after them: those that were followed are all, and none before the last
    /// may have been the last.
    fn rounds(
        &mut self,
        label: Option<&Name>,
        condition: Option<&Expr>,
        body: &Block,
    ) -> Result<bool, Flow> {
        let (locals, steps) = (self.scope.locals.len(), self.steps);
        let mut states = FxHashSet::from_iter([self.state()]);
        let (mut served, made) = (self.routers(), self.but_texts());
        let (mut is_last, mut ended) = (false, false);
        for _ in 0..MOST_ROUNDS {
            self.scope.locals.truncate(locals);
            let (taken, decided) = (self.taken, self.decided);
            let said = self.where_not_ended(&mut ended, Some(Value::Bool(false)), |e, _| {
                condition.map(|condition| e.eval(condition)).transpose()
            })?;
            match said.map(|said| said.bare()) {
                None => {}
                Some(Value::Bool(true)) => self.decided += 1,
                Some(Value::Bool(false)) => return Ok(!ended),
                Some(_) => {
                    let mut is_first = true;
                    self.perhaps_rounds(&mut |e| {
                        let again = condition.filter(|_| !std::mem::take(&mut is_first));
                        if let Some(condition) = again {
                            e.scope.locals.truncate(locals);
                            if matches!(e.eval(condition)?.bare(), Value::Bool(false)) {
                                return Ok(Round { goes_on: false, ends: true, gives: false });
                            }
                        }
                        e.round(label, body, |_| ())
                    })?;
                    return Ok(false);
                }
            }
            let had_ended = ended;
            let mut gives = false;
            let goes_on = self.where_not_ended(&mut ended, false, |e, ended| {
                let round = e.round(label, body, |_| ())?;
                *ended |= round.ends;
                gives = round.gives;
                Ok(round.goes_on)
            })?;
            self.scope.locals.truncate(locals);
            if !goes_on || is_last {
                return Ok(!goes_on && !had_ended);
            }
            // Where all is as it was before, so is what would follow.
            let is_new = states.insert(self.state());
            let used = self.steps - steps;
            if self.taken != taken && used <= if is_new { MOST_TAKING } else { MOST_STEPS } {
                continue;
            }
            let served_before = std::mem::replace(&mut served, self.routers());
            let has_more = gives && served != served_before;
            if !is_new && !has_more {
                return Ok(!ended);
            }
            is_last = self.decided == decided || !is_new;
            let most = match is_last && !has_more {
                true if made == self.but_texts() => MOST_AGAIN,
                true => MOST_FIRST,
                false => MOST_STEPS,
            };
            if used > most {
                if is_last {
                    return Ok(false);
                }
                break;
            }
        }
        self.gap_here("the loop goes on longer than it is unrolled");
        self.scope.locals.truncate(locals);
        self.other_rounds(&mut |e| {
            e.scope.locals.truncate(locals);
            let said = condition.map(|condition| e.eval(condition)).transpose()?;
            if !matches!(said.map(|said| said.bare()), Some(Value::Bool(false))) {
                e.round(label, body, |_| ())?;
            }
            Ok(Value::Unit)
        })?;
        Ok(true)
    }

    /// A number for what is known in the variables that can be seen.
    fn state(&self) -> u64 {
        self.known_of(|_| true)
    }

    /// The same without the variables that are texts.
    fn but_texts(&self) -> u64 {
        self.known_of(|value| match value {
            Value::Str(_) => false,
            Value::Alt(all) => !all.iter().all(|(_, one)| matches!(one, Value::Str(_))),
            _ => true,
        })
    }

    fn known_of(&self, counts: impl Fn(&Value) -> bool) -> u64 {
        let mut hasher = self.seed.build_hasher();
        let mut left = MOST_KNOWN;
        for (_, held) in &self.scope.locals {
            let value = held.borrow();
            if counts(&value) {
                value.hash_known(&mut hasher, &mut left);
            }
        }
        hasher.finish()
    }

    /// A number for the routers in the variables that can be seen.
    fn routers(&self) -> u64 {
        let mut hasher = self.seed.build_hasher();
        let mut left = MOST_KNOWN;
        for (_, held) in &self.scope.locals {
            held.borrow().any(&mut |part| {
                left = left.saturating_sub(1);
                match part {
                    _ if left == 0 => Search::Found,
                    Value::Router(handle) => {
                        let node = &handle.node;
                        (node.depth, node.site.at).hash(&mut hasher);
                        Search::Past
                    }
                    _ => Search::Within,
                }
            });
        }
        hasher.finish()
    }

    /// Rounds of a loop of which it is not known whether there are any: one, and others from what those before left.
    fn perhaps_rounds(
        &mut self,
        run: &mut dyn FnMut(&mut Self) -> Result<Round, Flow>,
    ) -> Result<(), Flow> {
        let (mut state, mut served, steps) = (self.state(), self.routers(), self.steps);
        let made = self.but_texts();
        for at in 0..MOST_UNSURE {
            let condition = self.fresh_condition();
            let mut gives = false;
            let round: Box<dyn FnOnce(&mut Self) -> Eval + '_> = Box::new(|e: &mut Self| {
                gives = run(e)?.gives;
                Ok(Value::Unit)
            });
            self.branch(vec![
                (Guard { condition, arm: 0 }, round),
                (Guard { condition, arm: 1 }, Box::new(|_| Ok(Value::Unit))),
            ])?;
            let before = std::mem::replace(&mut state, self.state());
            let served_before = std::mem::replace(&mut served, self.routers());
            let has_more = gives && served != served_before;
            let most = match at {
                _ if has_more => MOST_STEPS,
                0 if made != self.but_texts() => MOST_FIRST,
                _ => MOST_AGAIN,
            };
            if self.steps - steps > most || state == before && !has_more {
                break;
            }
        }
        Ok(())
    }
}

/// Whether an expression gives the characters or bytes of a text.
fn takes_apart(iter: &Expr) -> bool {
    match &iter.kind {
        ExprKind::MethodCall(call) => {
            matches!(&*call.name, "bytes" | "char_indices" | "chars") || takes_apart(&call.receiver)
        }
        _ => false,
    }
}
