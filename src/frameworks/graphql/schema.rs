//! Which schemas are in a type and which a body names, each looked up once: routes share their types.
//!
//! A schema without mutations counts as found: no other one is then meant.

use std::{cell::RefCell, rc::Rc};

use rustc_hash::FxHashMap;

use super::{DEPTH, GraphQl};
use crate::{
    evaluate::Evaluator,
    link::{DefId, ModuleId, types::Ty},
    syntax::tree::{ItemKind, ident_hash},
};

/// The object of a schema's mutations; `None` where it says that it has none.
pub(super) type Object = Option<DefId>;

/// Those of several schemas.
type Objects = Rc<[Object]>;

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
    known: FxHashMap<u32, Vec<(ModuleId, Vec<Object>)>>,
}

impl Schemas {
    /// Adds the objects of mutations of the schemas in a type.
    pub(super) fn in_type(
        &self,
        of: &GraphQl,
        evaluator: &Evaluator<'_>,
        ty: &Ty,
        depth: u32,
        into: &mut Vec<Object>,
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
                let object = args.get(1).and_then(|ty| of.object_of(ty));
                add(into, object.as_slice());
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
                    for field in fields_of_variants(evaluator, *def) {
                        self.in_type(of, evaluator, &field, depth + 1, &mut found);
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
        into: &mut Vec<Object>,
    ) {
        let def = evaluator.look_into(function);
        let ItemKind::Fn(item) = &def.item.kind else { return };
        let Some(body) = &item.body else { return };
        let mut named = self.named.borrow_mut();
        named.read_new(evaluator);
        let mut elsewhere = Vec::new();
        for name in &body.idents {
            self.look_into(of, evaluator, &mut named, *name);
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

    /// The objects of mutations of all schemas that a constant of the tree is or a function gives.
    pub(super) fn declared(&self, of: &GraphQl, evaluator: &Evaluator<'_>) -> Vec<DefId> {
        let mut named = self.named.borrow_mut();
        named.read_new(evaluator);
        let names: Vec<u32> = named.fresh.keys().copied().collect();
        for name in names {
            self.look_into(of, evaluator, &mut named, name);
        }
        let all = named.known.values().flatten().flat_map(|(_, found)| found);
        all.copied().flatten().collect()
    }

    /// Looks for schemas in what is called by a name and was not looked into.
    fn look_into(&self, of: &GraphQl, evaluator: &Evaluator<'_>, named: &mut Named, name: u32) {
        for id in named.fresh.remove(&name).unwrap_or_default() {
            let (module, found) = self.in_declared_type(of, evaluator, id);
            if !found.is_empty() {
                named.known.entry(name).or_default().push((module, found));
            }
        }
    }

    /// The schemas in what a constant is or a function gives, and the module it stands in.
    fn in_declared_type(
        &self,
        of: &GraphQl,
        evaluator: &Evaluator<'_>,
        id: DefId,
    ) -> (ModuleId, Vec<Object>) {
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

/// The types in the variants of an enum.
fn fields_of_variants(evaluator: &Evaluator<'_>, def: DefId) -> Vec<Ty> {
    let found = evaluator.program.def(def);
    let ItemKind::Enum { variants, .. } = &found.item.kind else { return Vec::new() };
    let env = evaluator.program.type_env(def);
    let fields = variants.iter().flat_map(|variant| &variant.fields);
    fields.map(|field| evaluator.program.resolve_type(found.module, &field.ty, &env)).collect()
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

fn add(into: &mut Vec<Object>, found: &[Object]) {
    for def in found {
        if !into.contains(def) {
            into.push(*def);
        }
    }
}
