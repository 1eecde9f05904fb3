//! Which macros a call may name: those in textual scope first, then what its path leads to.

use super::{DefId, DefKind, ModuleId, Namespace, Program, Resolution, modules::ModuleKind};
use crate::{
    source::{FileId, Place},
    syntax::tree::{Cfg, MacroCall, Name},
};
use thin_vec::ThinVec;

/// A `macro_rules!` in textual scope.
#[derive(Debug, Clone)]
pub(crate) struct Textual {
    def: DefId,
    at: Place,
    real: Place,
    name: Name,
}

impl Program {
    /// Files a macro in textual scope.
    pub(super) fn add_textual(&self, module: ModuleId, name: &Name, def: DefId, at: Place) {
        let real = self.sources.borrow().real(at);
        let mut graph = self.graph.borrow_mut();
        let module = graph.module_mut(module);
        module.textual_by_name.entry(name.clone()).or_default().push(module.textual.len());
        module.textual.push(Textual { def, at, real, name: name.clone() });
    }

    /// `#[macro_use] mod`: its macros are in scope after it.
    pub(super) fn lift_textual(&self, from: ModuleId, to: ModuleId, at: Place) {
        let lifted: Vec<_> = self.graph.borrow().module(from).textual.clone();
        for textual in lifted {
            self.add_textual(to, &textual.name, textual.def, at);
        }
    }

    /// The macros in textual scope at `at`: the last one, and those before it where it is there under a condition only.
    pub(super) fn textual(&self, scope: ModuleId, name: &str, at: Place) -> Vec<DefId> {
        let mut found = Vec::new();
        let (graph, real) = (self.graph.borrow(), self.sources.borrow().real(at));
        let (mut scope, mut limit) = (scope, usize::MAX);
        loop {
            let module = graph.module(scope);
            let before = |textual: &Textual| {
                if limit != usize::MAX {
                    true
                } else if textual.at.file == at.file {
                    textual.at.span.start < at.span.start
                } else {
                    textual.real.file != real.file || textual.real.span.start <= real.span.start
                }
            };
            let known = module.textual_by_name.get(name).into_iter().flatten().rev();
            let visible = known
                .filter(|index| **index < limit)
                .filter_map(|index| module.textual.get(*index));
            for textual in visible.filter(|textual| before(textual)) {
                found.push(textual.def);
                if graph.def(textual.def).item.cfg.is_none() {
                    return found;
                }
            }
            let Some(parent) = module.parent else { return found };
            scope = parent;
            limit = if module.kind == ModuleKind::Block { usize::MAX } else { module.inherited };
        }
    }

    /// The macros of the tree that a call may name: of several, each is there under a condition.
    pub fn macros_of_tree(&self, scope: ModuleId, file: FileId, call: &MacroCall) -> Vec<DefId> {
        let path: Vec<&str> =
            call.path.segments.iter().map(|segment| segment.name.as_str()).collect();
        if let [name] = path.as_slice()
            && !call.path.global
        {
            let found = self.textual(scope, name, Place { file, span: call.span });
            if !found.is_empty() {
                return found;
            }
        }
        let found = self.resolve(scope, &path, call.path.global, Namespace::Macro);
        let mut defs = Vec::new();
        for (_, is) in found {
            if let Resolution::Def(def) = is
                && self.graph.borrow().def(def).kind == DefKind::Macro
                && !defs.contains(&def)
            {
                defs.push(def);
            }
        }
        defs
    }

    /// Macros of which each is there under a condition, with it: where none of them holds, the last is.
    pub(super) fn conditions(&self, defs: &[DefId]) -> Vec<(DefId, Cfg)> {
        let own = |def: &DefId| self.def(*def).item.cfg.as_deref().cloned();
        let others: ThinVec<Cfg> = defs.iter().filter_map(own).collect();
        let rest = Cfg::Not(Box::new(Cfg::Any(others)));
        defs.iter().map(|def| (*def, own(def).unwrap_or_else(|| rest.clone()))).collect()
    }
}
