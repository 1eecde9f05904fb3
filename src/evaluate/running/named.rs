//! Functions that are named as values: where what runs one is not seen, whoever names it may.
//!
//! A closure is followed from where it is made; a function is in any number of places. `connection.transaction(pay)`,
//! `Step { work: pay }` and `jobs.push(pay)` lead to `pay` as `|on| pay(on)` does.

use std::rc::Rc;

use crate::{
    evaluate::{
        Evaluator,
        effect::{Call, Callable},
        roots::function,
        value::FnValue,
    },
    link::DefId,
    source::Place,
    syntax::tree::Path,
};

/// A function that is named as a value.
#[derive(Debug)]
pub(super) struct Named {
    function: Rc<FnValue>,
    /// What names it, and where.
    by: Callable,
    at: Place,
}

impl Evaluator<'_> {
    /// A function is named as a value: until it is seen to run, whoever names it may run it.
    pub(in crate::evaluate) fn note_named(&self, function: &Rc<FnValue>, path: &Path) {
        if self.can_act(function.def) {
            let (by, at) = (self.running_now(), self.here(path.span));
            let named = Named { function: Rc::clone(function), by, at };
            self.instances.borrow_mut().named.insert(Rc::as_ptr(function), named);
        }
    }

    /// A function that was named as a value runs.
    pub(in crate::evaluate) fn is_run(&self, function: &FnValue) {
        self.instances.borrow_mut().named.remove(&std::ptr::from_ref(function));
    }

    /// What was named as a value and was not seen to run went where it could not be followed: what names it runs it.
    pub(in crate::evaluate) fn run_what_is_named(&mut self) {
        let named = std::mem::take(&mut self.instances.borrow_mut().named);
        let mut named: Vec<Named> = named.into_values().collect();
        named.sort_by_key(|one| (one.by, one.at, one.function.def));
        for Named { function, by, at } in named {
            let to = self.runs_unseen(&function);
            let at = self.real(at);
            self.calls.insert(Call { from: by, to, at, through: Vec::new(), sure: true });
        }
    }

    /// A function that runs where it is not seen: what it gives is used there, and may be a future or closure that runs.
    pub(in crate::evaluate) fn runs_unseen(&self, value: &FnValue) -> Callable {
        let callable = self.instance_to_run(value);
        let def = self.program.def(value.def);
        if function(&def).is_some_and(|item| !item.is_async && item.ret.is_some())
            && self.can_act(value.def)
        {
            self.run_later(value, callable);
        }
        callable
    }

    fn can_act(&self, function: DefId) -> bool {
        self.value_only.relevance.as_ref().is_none_or(|relevance| relevance.of(function))
    }
}
