//! What runs what: the call graph as evaluation meets it.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    Evaluator,
    effect::{Call, Callable},
    statement::{Given, Running},
    value::{Closure, FnValue, Value},
};
use crate::{
    link::{Def, DefId, Target, types::Ty},
    source::Place,
    syntax::tree::{FnItem, Generics, ItemKind, Name, TypeRef},
};

/// Closures within closures that are looked through.
const MOST_MAKERS: u32 = 32;

mod instance;
mod named;

pub(super) use self::instance::{Bound, Instances, is_known};

impl Evaluator<'_> {
    /// What is running now calls `to`.
    pub(super) fn note_call(&mut self, to: Callable, at: Place) {
        let Some(running) = self.running.last() else { return };
        let (from, at) = (running.callable, self.real(at));
        self.calls.insert(Call { from, to, at, through: Vec::new(), sure: true });
    }

    /// What is running now hands on a function, which may run there.
    pub(super) fn note_handed_on(&mut self, function: &FnValue) {
        let to = self.runs_unseen(function);
        let Some(running) = self.running.last() else { return };
        self.is_run(function);
        // A writer from outside the tree runs what it is given.
        let (from, through) = (running.callable, running.writer.iter().cloned().collect());
        self.calls.insert(Call { from, to, at: self.real(self.current), through, sure: true });
    }

    /// Generic code was not followed to its end: what is missing may stand in what another instance did.
    pub(super) fn note_cut(&mut self, from: Callable, at: Place) {
        let to = from.of_any();
        if from != to {
            let at = self.real(at);
            self.calls.insert(Call { from, to, at, through: Vec::new(), sure: true });
        }
    }

    /// What is running now calls any of `all`; `sure` is false when only the name says so.
    pub(super) fn note_call_of_any(&mut self, all: &[FnValue], at: Place, sure: bool) {
        let Some(running) = self.running.last() else { return };
        let (from, at) = (running.callable, self.real(at));
        self.choices.add(
            from,
            all.iter().map(|one| Callable::function(one.def)).collect(),
            at,
            sure,
        );
    }

    /// A closure runs: it counts as called by what made it, through the writers that run since.
    ///
    /// What made it may have ended: a closure that gives a boxed future is over when the future runs. Then the nearest of
    /// those that made its makers and still runs is the caller, or else the maker itself, which was called before.
    pub(super) fn note_closure(&mut self, closure: &Closure, at: Place) {
        let to = closure.callable();
        self.makers.insert(to, closure.made_by);
        let mut maker = closure.made_by;
        let mut seen = 0;
        let found = loop {
            let found = self.running.iter().rposition(|running| running.callable == maker);
            let next = match maker {
                Callable::Closure(..) => self.makers.get(&maker).copied(),
                Callable::Fn(..) => None,
            };
            seen += 1;
            match next {
                Some(next) if found.is_none() && seen < MOST_MAKERS => maker = next,
                _ => break found,
            }
        };
        let from = if found.is_some() { maker } else { closure.made_by };
        let above = self.running.get(found.map_or(0, |found| found + 1)..).unwrap_or_default();
        let through = above.iter().filter_map(|running| running.writer.clone()).collect();
        if let Some(writer) = above.iter().position(|running| running.writer.is_some()) {
            self.met.rests_on(found.map_or(0, |found| found + 1) + writer);
        }
        self.calls.insert(Call { from, to, at: self.real(at), through, sure: true });
    }

    /// What the caller of a function chooses for it.
    pub(super) fn given_to(
        &self,
        def: &Def,
        item: &FnItem,
        self_ty: Option<&Ty>,
        generics: &[(Name, Ty)],
        args: &[Value],
    ) -> Given {
        let mut given = Given::default();
        given.types.extend(generics.iter().map(|(_, ty)| ty.clone()));
        let parent = def.parent.map(|parent| self.program.def(parent));
        let outer: Vec<&Name> = match parent.as_ref().map(|parent| &parent.item.kind) {
            Some(ItemKind::Impl(block)) => params(&block.generics),
            Some(ItemKind::Trait { .. }) => {
                given.by_self = matches!(self_ty, Some(Ty::Def(..)));
                Vec::new()
            }
            _ => Vec::new(),
        };
        if !outer.is_empty() {
            given.types.extend(self_ty.cloned());
            given.values.extend(args.first().filter(|_| item.receiver.is_some()).cloned());
        }
        let own = params(&item.generics);
        let skip = usize::from(item.receiver.is_some());
        for (param, arg) in item.params.iter().zip(args.iter().skip(skip)) {
            let open = param.ty.as_ref().is_some_and(|ty| is_open(ty, &own) || is_open(ty, &outer));
            given.values.extend(open.then(|| arg.clone()));
        }
        given
    }

    /// What a closure sees of what was chosen for the code that made it.
    pub(super) fn given_to_closure(&self, closure: &Closure) -> Given {
        let maker = self.running.iter().rfind(|running| running.callable == closure.made_by);
        if let Some(maker) = maker {
            let made_by = Some(closure.made_by);
            return Given { made_by, ..maker.given.clone() };
        }
        let mut types: Vec<Ty> = closure.generics.iter().map(|(_, ty)| ty.clone()).collect();
        let parent = closure.owner.and_then(|owner| self.program.def(owner).parent);
        let parent = parent.map(|parent| Arc::clone(&self.program.def(parent).item));
        let generic_impl = matches!(parent.as_ref().map(|item| &item.kind),
            Some(ItemKind::Impl(block)) if !params(&block.generics).is_empty());
        if generic_impl {
            types.extend(closure.self_ty.clone());
        }
        let of_trait = matches!(parent.map(|item| item.kind.clone()), Some(ItemKind::Trait { .. }));
        let by_self = of_trait && matches!(closure.self_ty, Some(Ty::Def(..)));
        Given { types, by_self, ..Given::default() }
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
        let found = if (self.declared.is_writer)(&own) {
            Some(own)
        } else {
            self.program.of_its_trait(&own).filter(|target| (self.declared.is_writer)(target))
        };
        self.writers.insert(id, found.clone());
        found
    }

    /// Runs the closures that nothing ran, and functions with the types that values give them, as the last thing that is
    /// done: they went where they could not be followed.
    pub(super) fn run_what_is_idle(&mut self) {
        loop {
            self.run_instances();
            let Some((_, closure)) = self.idle.pop_first() else { break };
            self.root = None;
            self.steps = 0;
            self.note_idle(&closure);
            let result = self.call_closure_unseen(&closure);
            self.log.clear();
            self.escape(&result);
        }
    }

    /// What is left once it is known what answers requests: functions that are named as values too.
    pub(super) fn run_what_is_left(&mut self) {
        self.run_what_is_named();
        self.run_what_is_idle();
    }

    /// Every function and closure that was entered.
    pub(super) fn entered_code(&self) -> Vec<Callable> {
        let closures = self.made.keys().map(|closure| closure.of_any());
        let functions = self.entered.iter().map(|def| Callable::function(*def));
        let all: BTreeSet<Callable> = functions.chain(closures).collect();
        all.into_iter().collect()
    }

    fn note_idle(&mut self, closure: &Closure) {
        self.calls.insert(Call {
            from: closure.made_by,
            to: closure.callable(),
            at: self.real(closure.at),
            through: Vec::new(),
            sure: true,
        });
    }
}

fn params(generics: &Generics) -> Vec<&Name> {
    generics.params.iter().filter(|param| !param.is_const).map(|param| &param.name).collect()
}

/// Whether a parameter's type leaves it to the caller what it is: `impl Trait`, or made of one of `params`.
fn is_open(ty: &TypeRef, params: &[&Name]) -> bool {
    let each = |all: &[TypeRef]| all.iter().any(|ty| is_open(ty, params));
    match ty {
        TypeRef::Impl(_) => true,
        TypeRef::Path(path) => path.segments.iter().enumerate().any(|(at, segment)| {
            each(&segment.args) || at == 0 && params.iter().any(|param| **param == segment.name)
        }),
        TypeRef::Ref(inner, _) | TypeRef::Ptr(inner) | TypeRef::Slice(inner) => {
            is_open(inner, params)
        }
        TypeRef::Tuple(parts) => each(parts),
        _ => false,
    }
}
