//! Functions that are called in more ways than are told apart: from then on their arguments count as not known.
//!
//! That leaves out nothing that they may do; what depends on an argument is then not known either. A function is
//! spared while it registers, says what no statement said before, or is given a router or SQL, since there the arguments
//! are the point; what is bounded is the work of functions that only compute, or say the same again.

use std::rc::Rc;

use super::{
    Evaluator,
    effect::Callable,
    escape::Gone,
    suppose::holds_watched,
    text::{Piece, Text},
    value::{List, Search, Value, cell},
};
use crate::{
    link::{DefId, types::Ty},
    sql,
};

/// Steps spent in the calls of one function that came to nothing but a value, counted as below.
const MOST_STEPS: u64 = 10_000;
/// The same of one that is given a watched value: which branches are told apart rests on that.
const MOST_WATCHED_STEPS: u64 = 3_000_000;
/// How much more a step counts of a call that met statements again.
const REPEATED: u64 = 5;
/// A call of no more steps than this puts something together, such as the path of a route, and is made once for each.
const SMALL_CALL: u64 = 200;
/// How much more a step of a larger call counts.
const LARGE: u64 = 3;

/// What a call did, seen from before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Done {
    operations: u64,
    /// Different ones.
    statements: usize,
    escaped: usize,
}

/// The state before a call: what was done, how often statements were begun or met, and the steps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spending {
    done: Done,
    queries: u32,
    met: u64,
    steps: u64,
}

impl Evaluator<'_> {
    /// What was done so far.
    fn done(&self) -> Done {
        Done {
            operations: self.operations,
            statements: self.met.different(),
            escaped: self.escaped.len(),
        }
    }

    /// What [`Evaluator::spend`] is told after a call.
    pub(super) fn spending(&self) -> Spending {
        let (queries, met, steps) = (self.queries, self.met.times(), self.steps);
        Spending { done: self.done(), queries, met, steps }
    }

    /// Counts the steps of a call that did nothing new.
    pub(super) fn spend(&mut self, function: DefId, before: Spending) {
        let now = self.spending();
        if now.done == before.done {
            let used = now.steps.saturating_sub(before.steps);
            let same = (now.queries, now.met) == (before.queries, before.met);
            let of_its_size = if used > SMALL_CALL { LARGE } else { 1 };
            let of_its_kind = if same { 1 } else { REPEATED };
            *self.spent.entry(function).or_default() += used * of_its_size * of_its_kind;
        }
    }

    /// Whether a function is called in more ways than are told apart.
    ///
    /// What is given to one that runs a writer has to run inside that.
    pub(super) fn is_spent(&self, function: DefId, args: &[Value]) -> bool {
        let runs = |arg: &Value| arg.holds_code();
        let Some(spent) = self.spent.get(&function).filter(|spent| **spent > MOST_STEPS) else {
            return false;
        };
        let is_told_apart =
            *spent <= MOST_WATCHED_STEPS && self.is_watching() && args.iter().any(holds_watched);
        if is_told_apart || args.iter().any(is_sought) {
            return false;
        }
        !(self.around_writers.contains(&function) && args.iter().any(runs))
    }

    /// A writer runs: what runs around it does so by running a writer.
    pub(super) fn note_writer(&mut self) {
        for running in self.running.iter().rev() {
            if let Callable::Fn(function, _) = running.callable {
                self.around_writers.insert(function);
            }
        }
    }

    /// Arguments of which only the types are known. What can be called in them runs.
    pub(super) fn widened(&mut self, args: &[Value]) -> Vec<Value> {
        let mut seen = Gone::default();
        args.iter().map(|arg| self.wide(arg, &mut seen)).collect()
    }

    /// - `seen`: what was met: a place may hold a value made of itself, and parts may be shared many times over.
    fn wide(&mut self, value: &Value, seen: &mut Gone) -> Value {
        match value {
            Value::Closure(_) | Value::Fn(_) => {
                self.escape(value);
                Value::unknown()
            }
            Value::Router(_) | Value::Query(_) => {
                self.escape(value);
                Value::Unknown(self.type_of(value))
            }
            Value::Ref(held) => {
                let inside = held.borrow().clone();
                let wide = if seen.first(held, &self.guards, value) {
                    self.wide(&inside, seen)
                } else {
                    Value::Unknown(self.type_of(&inside))
                };
                self.write(held, wide.clone());
                Value::Ref(cell(wide))
            }
            Value::Str(_) => Value::Str(Text::hole()),
            Value::Tuple(parts) => {
                if !seen.first(parts, &self.guards, value) {
                    return Value::Unknown(self.type_of(value));
                }
                let wide = parts.iter().map(|part| {
                    cell(match seen.held(part, &self.guards) {
                        Some(held) => self.wide(&held, seen),
                        None => Value::Unknown(self.type_of(&part.borrow())),
                    })
                });
                Value::Tuple(Rc::new(wide.collect()))
            }
            Value::List(list) => {
                if seen.first(list, &self.guards, value) {
                    list.items.iter().for_each(|item| _ = self.wide(item, seen));
                }
                match list.items.first() {
                    Some(first) => Value::Unknown(Ty::Slice(Box::new(self.type_of(first)))),
                    None => Value::List(Rc::new(List { open: true, ..List::default() })),
                }
            }
            Value::Object(object) => {
                if seen.first(object, &self.guards, value) {
                    for (_, place) in &object.fields {
                        if let Some(held) = seen.held(place, &self.guards) {
                            self.wide(&held, seen);
                        }
                    }
                }
                Value::Unknown(Ty::Def(object.def, object.generics.clone()))
            }
            Value::Passed(passed) => self.wide(&passed.value, seen),
            Value::Alt(all) => {
                if seen.first(all, &self.guards, value) {
                    all.iter().for_each(|(_, one)| _ = self.wide(one, seen));
                }
                Value::Unknown(all.first().map_or(Ty::Unknown, |(_, one)| self.type_of(one)))
            }
            Value::Term(term) => {
                if !term.is_inert() && seen.first(term, &self.guards, value) {
                    term.args.iter().flatten().for_each(|arg| _ = self.wide(arg, seen));
                }
                Value::Unknown(self.type_of(value))
            }
            value => Value::Unknown(self.type_of(value)),
        }
    }
}

/// Whether an argument is itself what the program looks for.
pub(super) fn is_sought(value: &Value) -> bool {
    match value.bare() {
        Value::Query(_) => true,
        Value::Str(text) => text.pieces().iter().any(|piece| match piece {
            Piece::Known(text, _) => sql::looks_like_write(text),
            Piece::Hole => false,
        }),
        // A server that is given one is a value of a type outside the tree.
        value => value.any(&mut |part| match part {
            Value::Router(_) => Search::Found,
            Value::Object(_) => Search::Past,
            _ => Search::Within,
        }),
    }
}
