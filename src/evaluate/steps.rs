//! Steps of evaluation, which are bounded: what is not followed for want of them is said.

use super::{Evaluator, branch::Flow};
use crate::source::{Place, Span};

impl Evaluator<'_> {
    /// Whether the steps of evaluation are used up, which is a gap: nothing more is entered then.
    pub(super) fn is_exhausted(&mut self, at: Place) -> bool {
        let is_exhausted = self.steps > self.budget;
        if is_exhausted && !self.is_value_only() {
            self.gap_at(at, "evaluation took more steps than its budget");
        }
        is_exhausted
    }

    /// Counts a step.
    ///
    /// # Errors
    /// Where what runs at `span` is not followed any longer.
    pub(super) fn step(&mut self, span: Span) -> Result<(), Flow> {
        self.steps += 1;
        if self.is_cut() {
            return Err(Flow::Return);
        }
        // What is running already goes on without entering more, and ends here if that takes long too.
        if self.steps > self.budget.saturating_add(self.budget / 4) {
            self.is_exhausted(self.here(span));
            return Err(Flow::Return);
        }
        Ok(())
    }
}
