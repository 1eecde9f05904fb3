//! Which schemas are in a type and which a body names, each looked up once: routes share their types.

use std::{cell::RefCell, rc::Rc};

use rustc_hash::FxHashMap;

use super::{DEPTH, GraphQl};
use crate::{
    evaluate::Evaluator,
    link::{DefId, ModuleId, types::Ty},
    syntax::tree::{ItemKind, ident_hash},
};

/// Objects of mutations.
type Objects = Rc<[DefId]>;

/// What was found so far, as the objects of the schemas' mutations.
#[derive(Default)]
pub(super) struct Schemas {
    /// Within the types of the tree, by how deep they are looked into.
    types: RefCell<FxHashMap<(DefId, u32), Objects>>,
    named: RefCell<Named>,
}

/// Constants and functions.
#[derive(Default)]
struct Named {
    /// How many definitions of the tree were read: bodies that are entered may bring more.
    read: usize,
    /// Those of each name that were not looked into.
    fresh: FxHashMap<u32, Vec<DefId>>,
    /// Those of each name that have or give a schema, with their modules.
    known: FxHashMap<u32, Vec<(ModuleId, Vec<DefId>)>>,
}

impl Schemas {
    /// Adds the objects of mutations of the schemas in a type.
    pub(super) fn in_type(
        &self,
        of: &GraphQl,
        evaluator: &Evaluator<'_>,
        ty: &Ty,
        depth: u32,
        into: &mut Vec<DefId>,
    ) {
        if depth > DEPTH {
            return;
        }
        let is_schema = match ty {
            Ty::External(path, _) => of.is_schema(path),
            Ty::AnyOf(paths, _) => paths.iter().any(|path| of.is_schema(path)),
            _ => false,
        };
        match ty {
            Ty::External(_, args) | Ty::AnyOf(_, args) if is_schema => {
                if let Some(Ty::Def(def, _)) = args.get(1) {
                    add(into, &[*def]);
                }
            }
            Ty::External(_, args) | Ty::AnyOf(_, args) | Ty::Tuple(args) => {
                for arg in args {
                    self.in_type(of, evaluator, arg, depth + 1, into);
                }
            }
            Ty::Slice(inner) => self.in_type(of, evaluator, inner, depth + 1, into),
            Ty::Def(def, _) => {
                let known = self.types.borrow().get(&(*def, depth)).cloned();
                let found = known.unwrap_or_else(|| {
                    let mut found = Vec::new();
                    for (_, field) in evaluator.fields(*def).iter().flat_map(|fields| fields.iter())
                    {
                        self.in_type(of, evaluator, field, depth + 1, &mut found);
                    }
                    let found: Objects = found.into();
                    self.types.borrow_mut().insert((*def, depth), Rc::clone(&found));
                    found
                });
                add(into, &found);
            }
            _ => {}
        }
    }

    /// Adds those of the schemas that a function's body names: a static, or what a function gives.
    pub(super) fn in_body(
        &self,
        of: &GraphQl,
        evaluator: &Evaluator<'_>,
        function: DefId,
        into: &mut Vec<DefId>,
    ) {
        let def = evaluator.look_into(function);
        let ItemKind::Fn(item) = &def.item.kind else { return };
        let Some(body) = &item.body else { return };
        let mut named = self.named.borrow_mut();
        named.read_new(evaluator);
        let mut elsewhere = Vec::new();
        for name in &body.idents {
            let fresh = named.fresh.remove(name).unwrap_or_default();
            for id in fresh {
                let (module, found) = self.in_declared_type(of, evaluator, id);
                if !found.is_empty() {
                    named.known.entry(*name).or_default().push((module, found));
                }
            }
            for (module, found) in named.known.get(name).into_iter().flatten() {
                let near = *module == def.module;
                add(if near { &mut *into } else { &mut elsewhere }, found);
            }
        }
        // What is called alike in another module is meant when nothing is near.
        if into.is_empty() {
            into.append(&mut elsewhere);
        }
    }

    /// The schemas in what a constant is or a function gives, and the module it stands in.
    fn in_declared_type(
        &self,
        of: &GraphQl,
        evaluator: &Evaluator<'_>,
        id: DefId,
    ) -> (ModuleId, Vec<DefId>) {
        let def = evaluator.program.def(id);
        let ty = match &def.item.kind {
            ItemKind::Const { ty, .. } => Some(ty),
            ItemKind::Fn(item) => item.ret.as_ref(),
            _ => None,
        };
        let mut found = Vec::new();
        if let Some(ty) = ty {
            let env = evaluator.program.type_env(id);
            let ty = evaluator.program.resolve_type(def.module, ty, &env);
            self.in_type(of, evaluator, &ty, 0, &mut found);
        }
        (def.module, found)
    }
}

impl Named {
    fn read_new(&mut self, evaluator: &Evaluator<'_>) {
        for id in evaluator.program.defs_after(self.read) {
            self.read += 1;
            let def = evaluator.program.def(id);
            if matches!(def.item.kind, ItemKind::Const { .. } | ItemKind::Fn(_)) {
                self.fresh.entry(ident_hash(&def.name)).or_default().push(id);
            }
        }
    }
}

fn add(into: &mut Vec<DefId>, found: &[DefId]) {
    for def in found {
        if !into.contains(def) {
            into.push(*def);
        }
    }
}
