//! Which names a module may give a meaning to, without asking what they mean.

use std::{collections::BTreeSet, sync::Arc};

use super::{CrateId, DefId, ModuleId, Program, Resolution, names::CrateRef};
use crate::{
    source::FileId,
    syntax::tree::{Item, ItemKind, Name},
};

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
    /// The item of which a module is the content, when both stand in one file, and the module around it.
    pub fn inline_module(&self, module: ModuleId) -> Option<(Arc<Item>, ModuleId, FileId)> {
        let graph = self.graph.borrow();
        let module = graph.module(module);
        let item =
            module.item.as_ref().filter(|item| matches!(item.kind, ItemKind::Mod(Some(_))))?;
        Some((Arc::clone(item), module.parent?, module.file))
    }

    /// The names that a module defines or imports by name, in no order.
    pub fn names_of(&self, module: ModuleId) -> Vec<Name> {
        let graph = self.graph.borrow();
        let module = graph.module(module);
        module.entries.keys().chain(module.named.keys()).cloned().collect()
    }

    /// What glob imports bring into a module.
    pub fn globbed(&self, start: ModuleId) -> Globbed {
        self.globbed_for(start, start)
    }

    /// What those glob imports bring into a module that `from` sees.
    pub(super) fn globbed_for(&self, start: ModuleId, from: ModuleId) -> Globbed {
        let mut all = Globbed::default();
        let (mut queue, mut seen) = (vec![start], BTreeSet::from([start]));
        while let Some(module) = queue.pop() {
            for (_, is) in self.globs_of(module, from) {
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
        let known = self.libraries.keys().map(|name| ((*name).into(), (*name).into()));
        outside.chain(known).collect()
    }

    /// The names by which crates are known to one another, those of the tree included.
    pub fn crate_names(&self) -> BTreeSet<Name> {
        let graph = self.graph.borrow();
        let named = graph.crates.iter().flat_map(|krate| krate.externs.keys().cloned());
        named.chain(self.libraries.keys().map(|name| Name::from(*name))).collect()
    }

    /// The modules outside the tree of which all names are in scope in a module or in one around it, and the crates of
    /// which all macros are.
    pub fn outside_globs(&self, module: ModuleId) -> Vec<Arc<str>> {
        let mut all = Vec::new();
        let mut at = Some(module);
        while let Some(module) = at {
            all.extend(self.globbed(module).outside);
            at = self.graph.borrow().module(module).parent;
        }
        let krate = self.krate(self.crate_of(module));
        all.extend(krate.macro_use.iter().filter_map(|used| match used {
            CrateRef::External(name) => Some(name.clone()),
            CrateRef::Local(_) => None,
        }));
        all
    }

    /// How many modules there are.
    pub fn module_count(&self) -> usize {
        self.graph.borrow().modules.len()
    }
}
