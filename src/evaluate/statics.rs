//! Constants that are more than their text: statics that are written to, and constants of generic impls and of traits.

use rustc_hash::FxHashMap;

use super::{
    Evaluator,
    value::{Cell, Value, cell},
};
use crate::{
    link::{Def, DefId, types::Ty},
    syntax::tree::{ItemKind, Name},
};

/// How many constants of generic impls may rest on one another.
const DEPTH: usize = 32;

/// What is kept about statics and constants.
#[derive(Debug, Default)]
pub(super) struct Statics {
    /// What statics hold that can be written to.
    places: FxHashMap<DefId, Cell>,
    /// Constants by the type they are asked of.
    of_types: FxHashMap<(DefId, Ty), Option<Value>>,
    /// How many of them are being evaluated.
    open: usize,
}

impl Evaluator<'_> {
    /// A static behind a lock: the one place that all code shares.
    pub(super) fn static_place(&mut self, id: DefId, def: &Def) -> Option<Value> {
        let ItemKind::Const { ty, is_static: true, .. } = &def.item.kind else { return None };
        let known = self.statics.places.get(&id).cloned();
        let place = known.or_else(|| {
            let ty = self.program.resolve_type(def.module, ty, &self.declared_env(id));
            if !is_locked(&ty) {
                return None;
            }
            let value = self.held_at_first(id, def, &ty);
            if !matches!(value, Value::List(_)) {
                return None;
            }
            let place = cell(value);
            self.statics.places.insert(id, place.clone());
            Some(place)
        })?;
        // What a call does to it is not to be remembered as the call's value.
        self.operations += 1;
        Some(Value::Ref(place))
    }

    /// What a static holds before anything is written to it.
    fn held_at_first(&mut self, id: DefId, def: &Def, ty: &Ty) -> Value {
        let value = self.constant(id);
        let ItemKind::Const { value: Some(body), .. } = &def.item.kind else { return value };
        if matches!(value, Value::List(_))
            || !body.span.of(&self.program.text(def.file)).contains("efault")
        {
            return value;
        }
        let mut ty = ty;
        while let Ty::External(path, args) = ty
            && matches!(path.rsplit(':').next(), Some("LazyLock" | "LazyCell" | "Lazy"))
            && let Some(inner) = args.first()
        {
            ty = inner;
        }
        self.default_of(ty, def.place())
    }

    /// What statics hold at the end goes where it cannot be followed.
    pub(super) fn let_statics_escape(&mut self) {
        let mut places: Vec<(DefId, Cell)> =
            self.statics.places.iter().map(|(id, place)| (*id, place.clone())).collect();
        places.sort_by_key(|(id, _)| *id);
        self.root = None;
        for (_, place) in places {
            let held = place.borrow().clone();
            self.escape(&held);
        }
    }

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
        if generics.is_empty() && !of_trait || self.statics.open >= DEPTH {
            return self.constant(id);
        }
        let key = (id, ty.clone());
        match self.statics.of_types.get(&key) {
            Some(Some(value)) => return value.copied(),
            Some(None) => return Value::unknown(),
            None => {}
        }
        self.statics.of_types.insert(key.clone(), None);
        self.statics.open += 1;
        let value = self.constant_value(def, Some(ty.clone()), generics);
        self.statics.open -= 1;
        let value = value.unwrap_or_else(Value::unknown);
        self.statics.of_types.insert(key, Some(value.clone()));
        value.copied()
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
        let params = generics.params.iter().filter(|param| !param.is_const);
        params
            .zip(&last.args)
            .map(|(param, arg)| {
                (param.name.clone(), self.program.resolve_type(def.module, arg, &env))
            })
            .filter(|(_, ty)| !matches!(ty, Ty::Unknown | Ty::Param(_)))
            .collect()
    }
}

/// Whether what a type holds can be written to through a shared reference.
fn is_locked(ty: &Ty) -> bool {
    const LOCKS: [&str; 7] =
        ["Mutex", "RwLock", "RefCell", "ReentrantMutex", "FairMutex", "Lock", "OnceCell"];
    match ty {
        Ty::External(path, args) => {
            path.rsplit(':').next().is_some_and(|last| LOCKS.contains(&last))
                || args.iter().any(is_locked)
        }
        Ty::Tuple(parts) => parts.iter().any(is_locked),
        _ => false,
    }
}
