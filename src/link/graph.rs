//! The definitions, modules and crates, by their numbers.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Crate, CrateId, Def, DefId, ModuleId, modules};
use crate::{
    source::{FileId, Span},
    syntax::tree::Name,
};

/// Everything that grows while linking and while blocks are opened.
#[derive(Default)]
pub(super) struct Graph {
    pub(super) defs: Vec<Rc<Def>>,
    pub(super) modules: Vec<modules::Module>,
    pub(super) crates: Vec<Crate>,
    pub(super) blocks: FxHashMap<(ModuleId, FileId, Span), ModuleId>,
    /// What any module or enum of the tree gives a meaning to: no glob of the tree brings in anything else.
    pub(super) names: FxHashSet<Name>,
    /// The first module that has new names since what names mean was last forgotten.
    pub(super) changed: Option<ModuleId>,
    /// How many modules there were when all crates were linked: the others are of blocks. Nothing before that.
    pub(super) linked: Option<u32>,
}

impl Graph {
    /// The module `id`.
    pub(super) fn module(&self, id: ModuleId) -> &modules::Module {
        #[expect(clippy::indexing_slicing, reason = "ids are only made by pushing to this list")]
        &self.modules[id.0 as usize]
    }

    /// The module `id`, to change it.
    pub(super) fn module_mut(&mut self, id: ModuleId) -> &mut modules::Module {
        #[expect(clippy::indexing_slicing, reason = "ids are only made by pushing to this list")]
        &mut self.modules[id.0 as usize]
    }

    /// The crate `id`.
    pub(super) fn krate(&self, id: CrateId) -> &Crate {
        #[expect(clippy::indexing_slicing, reason = "ids are only made by pushing to this list")]
        &self.crates[id.0 as usize]
    }

    /// The definition `id`, shared.
    pub(super) fn def_shared(&self, id: DefId) -> Rc<Def> {
        #[expect(clippy::indexing_slicing, reason = "ids are only made by pushing to this list")]
        Rc::clone(&self.defs[id.0 as usize])
    }

    /// The definition `id`.
    pub(super) fn def(&self, id: DefId) -> &Def {
        #[expect(clippy::indexing_slicing, reason = "ids are only made by pushing to this list")]
        &self.defs[id.0 as usize]
    }

    /// The first module that is, or will be, of a block.
    pub(super) fn first_block(&self) -> ModuleId {
        ModuleId(self.linked.unwrap_or(u32::MAX))
    }

    /// Notes that a module has a new name.
    pub(super) fn note_changed(&mut self, module: ModuleId) {
        self.changed = Some(self.changed.map_or(module, |first| first.min(module)));
    }
}
