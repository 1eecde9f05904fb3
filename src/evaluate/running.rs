//! What runs what: the call graph as evaluation meets it.

use super::{
    Evaluator,
    effect::{Call, Callable},
    statement::Running,
    value::Closure,
};
use crate::{
    link::{DefId, Target},
    source::Place,
};

impl Evaluator<'_> {
    /// What is running now calls `to`.
    pub(super) fn note_call(&mut self, to: Callable, at: Place) {
        self.note_call_of(to, at, true);
    }

    /// As [`Evaluator::note_call`]; `sure` is false when only the name says so.
    pub(super) fn note_call_of(&mut self, to: Callable, at: Place, sure: bool) {
        let Some(running) = self.running.last() else { return };
        let call =
            Call { from: running.callable, to, at: self.real(at), through: Vec::new(), sure };
        self.calls.insert(call);
    }

    /// A closure runs: it counts as called by what made it, through the writers that run since.
    pub(super) fn note_closure(&mut self, closure: &Closure, at: Place) {
        let maker = self.running.iter().rposition(|running| running.callable == closure.made_by);
        let to = Callable::Closure(closure.at);
        let Some(maker) = maker else { return self.note_call(to, at) };
        let above = self.running.get(maker + 1..).unwrap_or_default();
        let through = above.iter().filter_map(|running| running.writer.clone()).collect();
        let call = Call { from: closure.made_by, to, at: self.real(at), through, sure: true };
        self.calls.insert(call);
    }

    /// Runs `run` as the body of `callable`.
    pub(super) fn running<T>(&mut self, running: Running, run: impl FnOnce(&mut Self) -> T) -> T {
        self.running.push(running);
        let result = run(self);
        self.running.pop();
        result
    }

    /// The name under which the contract calls a function a writer: its own, or that of the trait method it implements.
    pub(super) fn writer_of(&mut self, id: DefId) -> Option<Target> {
        if let Some(known) = self.writers.get(&id) {
            return known.clone();
        }
        let own = Target::Item(id);
        let found =
            if (self.declared.is_writer)(&own) { Some(own) } else { self.writer_by_trait(id) };
        self.writers.insert(id, found.clone());
        found
    }

    fn writer_by_trait(&self, id: DefId) -> Option<Target> {
        let def = self.program.def(id);
        let target = match self.program.trait_of(def.parent?)? {
            Target::Item(of_trait) => Target::Item(
                self.program
                    .members(of_trait)
                    .into_iter()
                    .find(|member| self.program.def(*member).name == def.name)?,
            ),
            Target::External(path) => Target::External(format!("{path}::{}", def.name).into()),
        };
        (self.declared.is_writer)(&target).then_some(target)
    }

    /// Runs the closures that nothing ran, as the last thing that is done: they went where they could not be followed.
    pub(super) fn run_idle_closures(&mut self) {
        while let Some((_, closure)) = self.idle.pop_first() {
            self.root = None;
            self.steps = 0;
            self.note_idle(&closure);
            let result = self.call_closure_unseen(&closure);
            self.log.clear();
            self.escape(&result);
        }
    }

    fn note_idle(&mut self, closure: &Closure) {
        self.calls.insert(Call {
            from: closure.made_by,
            to: Callable::Closure(closure.at),
            at: self.real(closure.at),
            through: Vec::new(),
            sure: true,
        });
    }
}
