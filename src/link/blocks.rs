//! The scopes of blocks with items: opened when a body is entered, in the module tree as any other.

use std::sync::Arc;

use super::{
    DefId, Items, ModuleId, Program,
    cfg::{Decided, both, decide},
    crates::Dir,
    modules::{Module, ModuleKind, Site},
    next,
};
use crate::{
    source::{FileId, Span},
    syntax::tree::Cfg,
};

impl Program {
    /// The scope of a block's items; the same block opens the same scope again.
    ///
    /// - `parent`: the scope the block stands in.
    /// - `owner`: the function it belongs to, which gives its items their paths.
    pub fn open_block(
        &self,
        parent: ModuleId,
        items: &Items,
        file: FileId,
        owner: Option<DefId>,
    ) -> ModuleId {
        let Some(first) = items.first() else { return parent };
        self.open_block_at(parent, first.span, items, file, owner)
    }

    /// As [`Program::open_block`]; the block may have no items of its own, and is told from others by where it stands.
    pub fn open_block_at(
        &self,
        parent: ModuleId,
        at: Span,
        items: &Items,
        file: FileId,
        owner: Option<DefId>,
    ) -> ModuleId {
        let key = (parent, file, at);
        if let Some(known) = self.graph.borrow().blocks.get(&key) {
            return *known;
        }
        let path = owner
            .map_or_else(|| self.module_path(parent).0, |owner| Arc::clone(&self.def(owner).path));
        let cfg =
            owner.map_or_else(|| self.module_path(parent).1, |owner| self.def(owner).cfg.clone());
        let id = {
            let mut graph = self.graph.borrow_mut();
            let id = ModuleId(next(graph.modules.len()));
            let krate = graph.module(parent).krate;
            let mut module = Module::new(path, krate, Some(parent), ModuleKind::Block, file);
            module.cfg.clone_from(&cfg);
            graph.modules.push(module);
            graph.blocks.insert(key, id);
            id
        };
        let dir = self.dir_of_block(parent, file);
        self.walk_new_items(items, &Site { module: id, file, dir, cfg });
        // As [`Program::settle_globs`].
        self.globs_of(id, id);
        id
    }

    /// Adds items that a macro makes to the module of the block in which it is called, once.
    pub fn add_to_block(&self, module: ModuleId, items: &Items, file: FileId, cfg: Option<&Cfg>) {
        let Some(first) = items.first() else { return };
        let key = (module, file, first.span);
        if self.graph.borrow_mut().blocks.insert(key, module).is_some() {
            return;
        }
        let around = self.graph.borrow().module(module).cfg.clone();
        let cfg = match cfg.map(|cfg| decide(cfg, self.include_tests)) {
            Some(Decided::False) => return,
            Some(Decided::Open(cfg)) => both(around.as_ref(), Some(&cfg)),
            Some(Decided::True) | None => around,
        };
        let dir = self.dir_of_block(module, file);
        self.walk_new_items(items, &Site { module, file, dir, cfg });
    }

    /// Where modules are looked for that a block in `scope` declares.
    fn dir_of_block(&self, scope: ModuleId, file: FileId) -> Dir {
        let sources = self.sources.borrow();
        let path = sources.path(file);
        let graph = self.graph.borrow();
        let mut module = graph.module(scope);
        while module.kind == ModuleKind::Block
            && let Some(parent) = module.parent
        {
            module = graph.module(parent);
        }
        // What is included is looked for beside the file that it is in.
        match &module.dir {
            Some(dir) if sources.path(module.file) == path => dir.in_block(),
            _ => Dir::beside(path),
        }
    }

    fn walk_new_items(&self, items: &Items, site: &Site) {
        self.walk_items(items, site);
        self.expand_deferred();
        self.index_new_defs();
    }
}
