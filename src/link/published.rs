//! Functions that everyone may name although they are private: an attribute makes an item of each, and makes it public.

use std::sync::Arc;

use super::{
    DefId, ModuleId, Program, Resolution,
    cfg::Visibility,
    modules::{ModuleKind, Site},
};
use crate::syntax::tree::Item;

/// A private function with attributes.
#[derive(Debug, Clone)]
pub(crate) struct Private {
    module: ModuleId,
    item: Arc<Item>,
    def: DefId,
}

impl Program {
    /// Notes a function that other modules do not see, unless one of its attributes is found to make it public.
    pub(super) fn note_private(&self, item: &Arc<Item>, site: &Site, def: DefId) {
        let module = site.module;
        // What a block has it has for itself.
        let in_block = self.graph.borrow().module(module).kind == ModuleKind::Block;
        if !in_block && !item.attrs.is_empty() {
            let private = Private { module, item: Arc::clone(item), def };
            self.macros.borrow_mut().private.push(private);
        }
    }

    /// Shows those of the functions noted so far that an attribute makes public.
    pub(super) fn publish_noted(&self) {
        let noted = std::mem::take(&mut self.macros.borrow_mut().private);
        let mut any = false;
        for Private { module, item, def } in noted {
            let is_published = item.attrs.iter().filter(|attr| self.applies(attr)).any(|attr| {
                let path = attr.path.segments.iter().map(|segment| segment.name.to_string());
                let paths = self.outside_paths(module, &path.collect::<Vec<_>>(), attr.path.global);
                paths.iter().any(|path| self.reader.publishes(path))
            });
            if !is_published {
                continue;
            }
            let mut graph = self.graph.borrow_mut();
            let entries = graph.module_mut(module).entries.get_mut(&item.name);
            for entry in entries.into_iter().flatten() {
                if entry.is == Resolution::Def(def) {
                    entry.visibility = Visibility::Public;
                }
            }
            graph.note_changed(module);
            any = true;
        }
        if any {
            self.forget_changed();
        }
    }
}
