//! Calls that can come to nothing but a value: a function that can have no effect, given nothing that runs or is served.
//!
//! Algorithms over lists and texts take more steps than all that writes and registers around them. Past a number of steps
//! such a call comes to any value of its type, as one of code that is not seen: nothing that it may do is left out, and
//! whatever is decided by its value goes both ways.

use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::{Evaluator, branch::Eval, relevance::Relevance, value::Value};
use crate::{link::DefId, source::Place, syntax::tree::Block};

/// Steps of one such call, with all that it calls.
const MOST_STEPS: u64 = 50_000;

/// Calls that can come to nothing but a value.
#[derive(Debug, Default)]
pub(super) struct ValueOnly {
    /// Which functions can have an effect, once that is known.
    pub(super) relevance: Option<Rc<Relevance>>,
    /// The steps that there are around the outermost such call that is being followed.
    around: Option<u64>,
    /// The functions that took too long.
    cut: FxHashSet<DefId>,
}

impl Evaluator<'_> {
    /// What the body of a function comes to; any value where it takes too long to compute one and can do nothing else.
    ///
    /// - `given`: its arguments.
    /// - `at`: where it is called.
    pub(super) fn body_value(
        &mut self,
        function: DefId,
        body: &Block,
        given: &[Value],
        at: Place,
    ) -> Eval {
        let can_act =
            self.value_only.relevance.as_ref().is_none_or(|relevance| relevance.of(function));
        if can_act || self.is_value_only() || given.iter().any(Value::holds_code) {
            return self.eval_block(body);
        }
        if self.value_only.cut.contains(&function) {
            return Ok(self.unseen_call(None, given, at));
        }
        let limit = self.steps.saturating_add(MOST_STEPS);
        if limit >= self.budget {
            return self.eval_block(body);
        }
        let around = std::mem::replace(&mut self.budget, limit);
        self.value_only.around = Some(around);
        let reads = self.reads();
        let value = self.eval_block(body);
        self.value_only.around = None;
        self.budget = around;
        if self.steps <= limit {
            return value;
        }
        self.value_only.cut.insert(function);
        self.may_change_statics(reads);
        Ok(self.unseen_call(None, given, at))
    }

    /// Evaluates what is kept for all that asks for it, whatever steps are left to the one that does so first.
    pub(super) fn for_all<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let Some(around) = self.value_only.around.take() else { return run(self) };
        let limit = std::mem::replace(&mut self.budget, around);
        let value = run(self);
        self.value_only.around = Some(around);
        self.budget = limit;
        value
    }

    /// Whether a call is being followed that can come to nothing but a value: nothing is left out where its steps are used
    /// up.
    pub(super) fn is_value_only(&self) -> bool {
        self.value_only.around.is_some()
    }

    /// Whether the steps of such a call are used up.
    pub(super) fn is_cut(&self) -> bool {
        self.is_value_only() && self.steps > self.budget
    }
}
