//! Which names a module may give a meaning to, without asking what they mean.

use std::{collections::BTreeSet, sync::Arc};

use super::{CrateId, DefId, ModuleId, Program, Resolution, names::CrateRef};
use crate::syntax::tree::Name;

/// What glob imports bring into a module, directly or through one another.
#[derive(Debug, Clone, Default)]
pub struct Globbed {
    /// Modules of the tree.
    pub modules: Vec<ModuleId>,
    /// Enums of the tree.
    pub enums: Vec<DefId>,
    /// Modules outside the tree.
    pub outside: Vec<Arc<str>>,
}

impl Program {
    /// The names that a module defines or imports by name, in no order.
    pub fn names_of(&self, module: ModuleId) -> Vec<Name> {
        let graph = self.graph.borrow();
        let module = graph.module(module);
        module.entries.keys().chain(module.named.keys()).cloned().collect()
    }

    /// What glob imports bring into a module.
    pub fn globbed(&self, start: ModuleId) -> Globbed {
        let mut all = Globbed::default();
        let (mut queue, mut seen) = (vec![start], BTreeSet::from([start]));
        while let Some(module) = queue.pop() {
            for (_, is) in self.globs_of(module, start) {
                match is {
                    Resolution::Module(next) if seen.insert(next) => {
                        all.modules.push(next);
                        queue.push(next);
                    }
                    Resolution::Def(def) => all.enums.push(def),
                    Resolution::External(path) => all.outside.push(path),
                    _ => {}
                }
            }
        }
        all
    }

    /// The crates outside the tree that a crate's code may name: the name, and what it is called itself.
    pub fn outside_crates(&self, krate: CrateId) -> Vec<(Name, Arc<str>)> {
        let externs = self.krate(krate).externs.clone();
        let outside = externs.into_iter().filter_map(|(name, of)| match of {
            CrateRef::External(path) => Some((name, path)),
            CrateRef::Local(_) => None,
        });
        outside.collect()
    }

    /// How many modules there are.
    pub fn module_count(&self) -> usize {
        self.graph.borrow().modules.len()
    }
}
