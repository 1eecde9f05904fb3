//! What runs when it is asked for: a future that nothing awaits where it is made, a value that is made when it is first
//! used, a list that is drawn from something else.

use std::rc::Rc;

use crate::{
    evaluate::{
        Evaluator,
        branch::Flow,
        value::{List, Value},
    },
    syntax::tree::{Expr, ExprKind},
};

impl Evaluator<'_> {
    /// What is called next is a statement, or bound to a name: nothing awaits it there.
    pub(in crate::evaluate) fn leaves_unawaited(&mut self, expr: &Expr) {
        self.lazy.made = 0;
        self.lazy.unawaited = matches!(expr.kind, ExprKind::Call(..) | ExprKind::MethodCall(_));
    }

    /// Whether nothing awaits what is called now.
    pub(in crate::evaluate) fn is_unawaited(&mut self) -> bool {
        std::mem::take(&mut self.lazy.unawaited)
    }

    /// As it was before what is called was looked for.
    pub(in crate::evaluate) fn set_unawaited(&mut self, is_unawaited: bool) {
        self.lazy.unawaited = is_unawaited;
    }

    /// Runs what may run later or never.
    pub(in crate::evaluate) fn perhaps_later<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let (made, rounds) = self.in_rounds(run);
        let all = self.perhaps_after(&rounds, 0, &List::default());
        self.lazy.made = 0;
        if !all.is_empty() {
            self.lazy.awaited.push(all);
            self.lazy.made = u32::try_from(self.lazy.awaited.len()).unwrap_or(0);
        }
        made
    }

    /// A list that is drawn from something else as it is gone through.
    pub(in crate::evaluate) fn drawn_later(
        &mut self,
        run: impl FnOnce(&mut Self) -> Result<Option<Value>, Flow>,
    ) -> Result<Option<Value>, Flow> {
        let (made, rounds) = self.in_rounds(run);
        let mut all = self.perhaps_after(&rounds, 0, &List::default());
        let made = made?;
        if !matches!(&made, Some(Value::List(list)) if !list.open) {
            all.clear();
        }
        Ok(made.map(|made| self.awaiting(made, all)))
    }

    /// A variable holds what was called last.
    pub(in crate::evaluate) fn note_later(&mut self, locals: usize) {
        let made = std::mem::take(&mut self.lazy.made);
        if made > 0
            && let [(_, place)] = self.scope.locals.get(locals..).unwrap_or_default()
        {
            self.lazy.held.push((Rc::clone(place), made));
        }
    }

    /// What a variable holds is asked for: what it does has run.
    pub(in crate::evaluate) fn asked_for(&mut self, expr: &Expr) {
        if self.lazy.held.is_empty() {
            return;
        }
        let ExprKind::Path(path) = &expr.kind else { return };
        let [only] = path.segments.as_slice() else { return };
        let Some(place) = self.local(&only.name) else { return };
        let held = self.lazy.held.iter().find(|(held, _)| Rc::ptr_eq(held, &place));
        if let Some(number) = held.map(|(_, number)| *number) {
            let all = self.all_awaited(&[number]);
            self.went_through(&all);
        }
    }
}
