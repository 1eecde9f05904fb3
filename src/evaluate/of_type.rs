//! Constants that are asked of a type: an impl's may rest on the type's arguments, a trait's on what implements it.

use rustc_hash::FxHashMap;

use super::{Evaluator, value::Value};
use crate::{
    link::{Def, DefId, types::Ty},
    syntax::tree::{ItemKind, Name},
};

/// How many constants of generic impls may rest on one another.
const DEPTH: usize = 32;

/// What constants are by the type they are asked of.
#[derive(Debug, Default)]
pub(super) struct OfTypes {
    /// `None` while one is being evaluated.
    known: FxHashMap<(DefId, Ty), Option<Value>>,
    /// How many are being evaluated.
    deep: usize,
}

impl Evaluator<'_> {
    /// A constant's value for the type that it is asked of: an impl's may rest on the type's arguments, and a trait's on
    /// `Self`.
    pub(super) fn constant_asked_of(
        &mut self,
        id: DefId,
        def: &Def,
        self_ty: Option<&Ty>,
    ) -> Value {
        let (Some(parent), Some(ty @ Ty::Def(..))) = (def.parent, self_ty) else {
            return self.constant(id);
        };
        let generics = self.generics_of_self(def, self_ty);
        let of_trait = matches!(self.program.def(parent).item.kind, ItemKind::Trait { .. });
        if generics.is_empty() && !of_trait || self.of_types.deep >= DEPTH {
            return self.constant(id);
        }
        let key = (id, ty.clone());
        match self.of_types.known.get(&key) {
            Some(Some(value)) => return value.anew(),
            Some(None) => return Value::unknown(),
            None => {}
        }
        self.of_types.known.insert(key.clone(), None);
        self.of_types.deep += 1;
        let value = self.constant_value(def, Some(ty.clone()), generics);
        self.of_types.deep -= 1;
        let value = value.unwrap_or_else(Value::unknown);
        self.of_types.known.insert(key, Some(value.clone()));
        value.anew()
    }

    /// What a trait's type parameters stand for in its own code, as the one impl for `self_ty` says.
    pub(super) fn generics_of_trait(&self, of_trait: DefId, self_ty: &Ty) -> Vec<(Name, Ty)> {
        let item = self.program.def(of_trait);
        let ItemKind::Trait { generics, .. } = &item.item.kind else { return Vec::new() };
        if generics.params.is_empty() {
            return Vec::new();
        }
        let head = self_ty.head();
        let mut blocks = self.program.impls_of_trait(of_trait);
        blocks.retain(|block| {
            self.declared_env(*block).self_ty.as_ref().is_some_and(|ty| ty.head() == head)
        });
        let [block] = blocks.as_slice() else { return Vec::new() };
        let def = self.program.def(*block);
        let ItemKind::Impl(written) = &def.item.kind else { return Vec::new() };
        let path = written.of_trait.as_ref();
        let Some(last) = path.and_then(|path| path.segments.last()) else { return Vec::new() };
        let env = self.declared_env(*block);
        let params = generics.params.iter();
        params
            .zip(&last.args)
            .map(|(param, arg)| {
                (param.name.clone(), self.program.resolve_type(def.module, arg, &env))
            })
            .filter(|(_, ty)| !matches!(ty, Ty::Unknown | Ty::Param(_)))
            .collect()
    }
}
