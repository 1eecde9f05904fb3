//! `for`, `while` and `loop`.

use super::{
    Evaluator,
    branch::{Arm, Eval, Flow},
    effect::Guard,
    value::Value,
};
use crate::syntax::tree::{Block, Expr, ExprKind, Name, Pat};

/// A loop over a known list is unrolled up to this many elements, and a list grows no longer.
pub(super) const MOST_ELEMENTS: usize = 20_000;
/// A loop that takes elements out of known lists, or counts, is followed this often: it may put back what it takes.
const MOST_ROUNDS: usize = 256;

impl<'p> Evaluator<'p> {
    pub(super) fn eval_for(
        &mut self,
        label: Option<&Name>,
        pat: &Pat,
        iter: &Expr,
        body: &Block,
    ) -> Eval {
        let over = self.eval(iter)?;
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
            let condition = self.fresh_condition();
            let arms: Vec<Arm<'_, 'p>> = all
                .iter()
                .zip(0u16..)
                .map(|((guards, over), arm)| {
                    let (guards, over) = (guards.clone(), over.clone());
                    let run: Box<dyn FnOnce(&mut Self) -> Eval + '_> =
                        Box::new(move |e: &mut Self| {
                            e.narrowed(&guards, |e| e.for_over(label, pat, iter, body, &over))
                        });
                    (Guard { condition, arm }, run)
                })
                .collect();
            return self.branch(arms);
        }
        let element = super::wrapped::element_of(&self.type_of(over));
        let over = self.iterated(over);
        let mut stopped = false;
        if let Some(list) = over {
            for item in list.items.iter().take(MOST_ELEMENTS) {
                // One that is perhaps there ends the loop perhaps: what comes after it is looked at too.
                let goes_on = self.for_element(item, Value::Bool(true), |e, item| {
                    e.round(label, body, |e| e.bind(pat, item)).map(Value::Bool)
                })?;
                if matches!(goes_on, Value::Bool(false)) {
                    stopped = true;
                    break;
                }
            }
            if list.items.len() > MOST_ELEMENTS {
                self.gap_at(self.here(iter.span), "the list is longer than a loop is unrolled");
            }
            if stopped || !list.open {
                return Ok(Value::Unit);
            }
        }
        let condition = self.fresh_condition();
        self.branch(vec![
            (
                Guard { condition, arm: 0 },
                Box::new(|e: &mut Self| {
                    e.round(label, body, |e| {
                        let value = e.symbolic(&element);
                        e.bind(pat, value);
                    })
                    .map(|_| Value::Unit)
                }),
            ),
            (Guard { condition, arm: 1 }, Box::new(|_| Ok(Value::Unit))),
        ])?;
        Ok(Value::Unit)
    }

    /// One round of a loop; `false` when it ended the loop.
    fn round(
        &mut self,
        label: Option<&Name>,
        body: &Block,
        bind: impl FnOnce(&mut Self),
    ) -> Result<bool, Flow> {
        let locals = self.scope.locals.len();
        let (exits, guards) = (self.left.exits.len(), self.guards.clone());
        bind(self);
        let result = self.eval_block(body);
        self.scope.locals.truncate(locals);
        let mine = |to: &Option<Name>| to.is_none() || to.as_ref() == label;
        let goes_on = self.exits_since(exits, |f| matches!(f, Flow::Continue(to) if mine(to)));
        let ends = |f: &Flow| matches!(f, Flow::Continue(to) | Flow::Break(to) if mine(to));
        let led_here = self.meet_here(exits, ends, result.as_ref().err());
        if led_here {
            self.guards = guards;
        }
        match result {
            Ok(_) => Ok(true),
            Err(Flow::Continue(to)) if mine(&to) => Ok(true),
            Err(Flow::Break(to)) if mine(&to) => Ok(goes_on),
            Err(_) if led_here => Ok(goes_on),
            Err(flow) => Err(flow),
        }
    }

    pub(super) fn eval_loop(
        &mut self,
        label: Option<&Name>,
        condition: Option<&Expr>,
        body: &Block,
    ) -> Eval {
        let breaks = std::mem::take(&mut self.scope.breaks);
        let locals = self.scope.locals.len();
        let result = self.rounds(label, condition, body);
        self.scope.locals.truncate(locals);
        let broken = std::mem::replace(&mut self.scope.breaks, breaks);
        result?;
        if broken.is_empty() { Ok(Value::Unit) } else { Ok(self.join(broken)) }
    }

    /// The rounds of a loop: as many as take elements out of known lists (`while let Some(x) = list.pop()`) or count
    /// something known, then one that stands for all others.
    fn rounds(
        &mut self,
        label: Option<&Name>,
        condition: Option<&Expr>,
        body: &Block,
    ) -> Result<(), Flow> {
        let locals = self.scope.locals.len();
        for _ in 0..MOST_ROUNDS {
            self.scope.locals.truncate(locals);
            let (taken, counted) = (self.taken, self.counted(condition));
            match condition
                .map(|condition| self.eval(condition))
                .transpose()?
                .map(|said| said.bare())
            {
                None | Some(Value::Bool(true)) => {}
                Some(Value::Bool(false)) => return Ok(()),
                Some(_) => return self.perhaps_round(label, body),
            }
            let goes_on = self.round(label, body, |_| ())?;
            let counts = counted
                .is_some_and(|before| self.counted(condition).is_some_and(|after| after != before));
            if !goes_on || self.taken == taken && !counts {
                return Ok(());
            }
        }
        self.gap_here("the loop goes on longer than it is unrolled");
        Ok(())
    }

    /// One round of a loop of which it is not known whether there is one.
    fn perhaps_round(&mut self, label: Option<&Name>, body: &Block) -> Result<(), Flow> {
        let condition = self.fresh_condition();
        let run: Box<dyn FnOnce(&mut Self) -> Eval + '_> =
            Box::new(|e: &mut Self| e.round(label, body, |_| ()).map(|_| Value::Unit));
        self.branch(vec![
            (Guard { condition, arm: 0 }, run),
            (Guard { condition, arm: 1 }, Box::new(|_| Ok(Value::Unit))),
        ])?;
        Ok(())
    }

    /// The numbers that a condition compares, as far as they are known: `at < paths.len()`.
    fn counted(&self, condition: Option<&Expr>) -> Option<Vec<i128>> {
        let ExprKind::Binary(_, left, right) = &condition?.kind else { return None };
        let held = [left, right].map(|side| {
            let ExprKind::Path(path) = &side.kind else { return None };
            let [segment] = path.segments.as_slice() else { return None };
            match self.local(&segment.name)?.borrow().bare() {
                Value::Int(number) => Some(number),
                _ => None,
            }
        });
        let numbers: Vec<i128> = held.into_iter().flatten().collect();
        (!numbers.is_empty()).then_some(numbers)
    }
}
