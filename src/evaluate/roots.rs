//! Where evaluation starts.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Evaluator, STEPS_PER_ROOT, value::Value};
use crate::{
    link::{Def, DefId, DefKind},
    syntax::tree::{Body, FnItem, ItemKind, ident_hash},
};

/// The function behind a definition.
pub(super) fn function(def: &Def) -> Option<&FnItem> {
    match &def.item.kind {
        ItemKind::Fn(item) => Some(item),
        _ => None,
    }
}

fn body(def: &Def) -> Option<&Body> {
    match &def.item.kind {
        ItemKind::Fn(item) => item.body.as_ref(),
        ItemKind::Const { value, .. } => value.as_ref(),
        _ => None,
    }
}

impl Evaluator<'_> {
    /// Evaluates every function: first those whose name no other body mentions, then what those did not reach.
    pub(super) fn run_roots(&mut self) {
        let defs: Vec<(DefId, Def)> =
            self.program.defs().into_iter().map(|id| (id, self.program.def(id))).collect();
        let functions: Vec<(DefId, Def)> = defs
            .iter()
            .filter(|(_, def)| function(def).is_some_and(|f| f.body.is_some()))
            .cloned()
            .collect();
        let mut mentions: FxHashMap<u32, u32> = FxHashMap::default();
        for (_, def) in &defs {
            for ident in body(def).iter().flat_map(|body| body.idents.iter()) {
                *mentions.entry(*ident).or_default() += 1;
            }
        }
        let own = |def: &Def| {
            let hash = ident_hash(&def.name);
            u32::from(body(def).is_some_and(|body| body.idents.binary_search(&hash).is_ok()))
        };
        let unmentioned =
            |def: &Def| mentions.get(&ident_hash(&def.name)).copied().unwrap_or(0) <= own(def);
        for (id, def) in &functions {
            if def.name == "main" && def.kind == DefKind::Fn || unmentioned(def) {
                self.run_root(*id);
            }
        }
        // What is mentioned but was not reached: in rounds, callers before those whom only they mention.
        let mut left: Vec<&(DefId, Def)> =
            functions.iter().filter(|(id, _)| !self.entered.contains(id)).collect();
        while !left.is_empty() {
            let names: FxHashSet<u32> = left
                .iter()
                .flat_map(|(_, def)| {
                    body(def).iter().flat_map(|b| b.idents.iter()).copied().collect::<Vec<_>>()
                })
                .collect();
            let mut ran = false;
            for (id, def) in &left {
                if !self.entered.contains(id) && !names.contains(&ident_hash(&def.name)) {
                    self.run_root(*id);
                    ran = true;
                }
            }
            if !ran && let Some((id, _)) = left.iter().find(|(id, _)| !self.entered.contains(id)) {
                self.run_root(*id);
            }
            left.retain(|(id, _)| !self.entered.contains(id));
        }
    }

    fn run_root(&mut self, id: DefId) {
        self.root = Some(id);
        self.steps = 0;
        self.budget = STEPS_PER_ROOT;
        let result = self.call_symbolic(id);
        self.log.clear();
        if let Some((result, args)) = result {
            self.scope.owner = Some(id);
            self.escape(&result);
            for arg in args {
                if !matches!(arg, Value::Unknown(_)) {
                    self.escape(&arg);
                }
            }
        }
    }
}
