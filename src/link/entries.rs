//! Definitions and imports, filed under their names in their module.

use std::{rc::Rc, sync::Arc};

use super::{
    Def, DefId, DefKind, ModuleId, Namespace, Program, Resolution,
    cfg::Visibility,
    modules::{Entry, Import, ModuleKind, Site, is_named, std_crate},
    names::CrateRef,
    next,
};
use crate::syntax::tree::{Cfg, Item, ItemKind, Name, UseKind, UseLeaf};

impl Program {
    /// A definition, with the path that its module gives it.
    pub(super) fn add_def(
        &self,
        kind: DefKind,
        item: &Arc<Item>,
        site: &Site,
        cfg: Option<Cfg>,
        parent: Option<DefId>,
    ) -> DefId {
        let mut graph = self.graph.borrow_mut();
        let id = DefId(next(graph.defs.len()));
        let module = graph.module(site.module);
        let path: Arc<str> = if item.name.is_empty() {
            Arc::clone(&module.path)
        } else {
            format!("{}::{}", module.path, item.name).into()
        };
        let (krate, name) = (module.krate, item.name.clone());
        let (module, file, item) = (site.module, site.file, Arc::clone(item));
        if let ItemKind::Enum { variants, .. } = &item.kind {
            graph.names.extend(variants.iter().map(|variant| variant.name.clone()));
        }
        graph.defs.push(Rc::new(Def { kind, name, path, krate, module, parent, file, item, cfg }));
        id
    }

    /// Files a name.
    pub(super) fn add_entry(&self, module: ModuleId, name: &Name, entry: Entry) {
        let mut graph = self.graph.borrow_mut();
        graph.names.insert(name.clone());
        graph.note_changed(module);
        let entries = &mut graph.module_mut(module).entries;
        // Most names have one meaning, and a list makes room for four.
        entries.entry(name.clone()).or_insert_with(|| Vec::with_capacity(1)).push(entry);
    }

    /// Files the leaves of a `use`.
    pub(super) fn add_imports(
        &self,
        leaves: &[UseLeaf],
        site: &Site,
        cfg: Option<&Cfg>,
        conditional: bool,
        seen_by: Visibility,
    ) {
        let mut graph = self.graph.borrow_mut();
        graph.names.extend(leaves.iter().filter_map(|leaf| match &leaf.kind {
            UseKind::Name(name) => Some(name.clone()),
            UseKind::Glob => None,
        }));
        graph.note_changed(site.module);
        let module = graph.module_mut(site.module);
        for leaf in leaves {
            let (global, path) = (leaf.global, leaf.path.to_vec());
            let import = Arc::new(Import {
                global,
                path,
                cfg: cfg.cloned(),
                conditional,
                visibility: seen_by,
            });
            match &leaf.kind {
                UseKind::Glob => module.globs.push(import),
                UseKind::Name(name) => {
                    let named = module.named.entry(name.clone());
                    named.or_insert_with(|| Vec::with_capacity(1)).push(import);
                }
            }
        }
    }

    /// `extern crate name as rename;`.
    pub(super) fn add_extern_crate(
        &self,
        item: &Item,
        name: &Name,
        site: &Site,
        entry: &dyn Fn(Namespace, Resolution) -> Entry,
    ) {
        let id = self.crate_of(site.module);
        let is_root = self.graph.borrow().module(site.module).kind == ModuleKind::Root;
        let found = if name == "self" {
            CrateRef::Local(id)
        } else {
            let known = self.krate(id).externs.get(name).cloned();
            known.unwrap_or_else(|| CrateRef::External(std_crate(name).into()))
        };
        let is = match &found {
            CrateRef::Local(other) => Resolution::Module(self.krate(*other).root),
            CrateRef::External(path) => Resolution::External(Arc::clone(path)),
        };
        if item.name != "_" {
            self.add_entry(site.module, &item.name, entry(Namespace::Type, is));
        }
        let brings_macros = item.attrs.iter().any(|attr| is_named(attr, "macro_use"));
        let mut graph = self.graph.borrow_mut();
        if brings_macros {
            // They have their names in the whole crate.
            graph.note_changed(ModuleId(0));
        }
        if let Some(krate) = graph.crates.get_mut(id.0 as usize) {
            if brings_macros {
                krate.macro_use.push(found.clone());
            }
            if is_root && item.name != "_" {
                krate.externs.insert(item.name.clone(), found);
            }
        }
    }
}
