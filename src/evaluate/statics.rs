//! Constants that are more than their text: statics that are written to, constants of generic impls, and lists that the
//! linker puts together (`linkme`, `inventory`).

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::{
    Evaluator,
    value::{Cell, FnValue, Value, cell},
};
use crate::{
    link::{Def, DefId, DefKind, Namespace, Resolution, types::Ty},
    syntax::tree::{Attr, ItemKind, Name},
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
    /// Slices and registries that the linker puts together, by their static or element type.
    linked: FxHashMap<DefId, Value>,
}

impl Evaluator<'_> {
    /// A static behind a lock: the one place that all code shares.
    pub(super) fn static_place(&mut self, id: DefId, def: &Def) -> Option<Value> {
        let ItemKind::Const { ty, is_static: true, value } = &def.item.kind else { return None };
        if value.is_none() {
            return self.linked_slice(id, def);
        }
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

    /// `#[distributed_slice] static NAME: [T];`: the statics and functions whose attribute names it.
    fn linked_slice(&mut self, id: DefId, def: &Def) -> Option<Value> {
        if !def.item.attrs.iter().any(|attr| self.is_slice(def, attr)) {
            return None;
        }
        if let Some(known) = self.statics.linked.get(&id) {
            return Some(known.copied());
        }
        self.statics.linked.insert(id, Value::unknown());
        let mut items = Vec::new();
        for other in self.program.defs() {
            let element = self.program.def(other);
            let is_element = matches!(element.kind, DefKind::Fn | DefKind::Const)
                && other != id
                && element.item.attrs.iter().any(|attr| self.names_slice(&element, attr, id));
            if is_element {
                items.push(match element.kind {
                    DefKind::Fn => Value::Fn(Rc::new(FnValue {
                        def: other,
                        self_ty: None,
                        generics: Vec::new(),
                    })),
                    _ => self.constant(other),
                });
            }
        }
        let slice = Value::list(items);
        self.statics.linked.insert(id, slice.clone());
        Some(slice.copied())
    }

    fn is_slice(&self, def: &Def, attr: &Attr) -> bool {
        attr.path.segments.last().is_some_and(|last| last.name == "distributed_slice")
            && self.program.resolve_path(def.module, &attr.path, Namespace::Macro).iter().any(
                |(_, is)| matches!(is, Resolution::External(path) if path.starts_with("linkme::")),
            )
    }

    /// `#[distributed_slice(PATH)]` and `#[distributed_slice(PATH, 1)]`.
    fn names_slice(&self, def: &Def, attr: &Attr, slice: DefId) -> bool {
        if !self.is_slice(def, attr) {
            return false;
        }
        let text = self.program.text(def.file);
        let named = attr.args.of(&text).split(',').next().unwrap_or_default();
        let global = named.trim_start().starts_with("::");
        let path: Vec<&str> =
            named.trim().trim_start_matches("::").split("::").map(str::trim).collect();
        let found = self.program.resolve(def.module, &path, global, Namespace::Value);
        found.into_iter().any(|(_, is)| matches!(is, Resolution::Def(def) if def == slice))
    }

    /// `inventory::iter::<T>`: what every `inventory::submit!` of the tree gives of that type.
    pub(super) fn submitted(&mut self, path: &str, generics: &[Ty]) -> Option<Value> {
        let ("inventory::iter", [Ty::Def(of, _)]) = (path, generics) else { return None };
        if let Some(known) = self.statics.linked.get(of) {
            return Some(known.copied());
        }
        self.statics.linked.insert(*of, Value::unknown());
        let calls = self.program.notes().item_macros.clone();
        let mut items = Vec::new();
        for one in calls {
            let found = self.program.resolve_path(one.module, &one.call.path, Namespace::Macro);
            let submits = |(_, is): &_| matches!(is, Resolution::External(path) if &**path == "inventory::submit");
            if !found.iter().any(submits) {
                continue;
            }
            let Some(guards) = self.under(one.cfg.as_ref()) else { continue };
            let outside = std::mem::replace(&mut self.guards, guards);
            let value = self.in_scope(one.module, one.file, None, None, Vec::new(), |e| {
                let text = e.program.text(e.scope.file);
                let code = e.macro_text(&one.call);
                match code.args(&text, one.call.args) {
                    Some([only]) => e.eval(only),
                    _ => Ok(Value::unknown()),
                }
            });
            self.guards = outside;
            match self.type_of(&value) {
                Ty::Def(def, _) if def != *of => {}
                _ => items.push(value),
            }
        }
        let all = Value::list(items);
        self.statics.linked.insert(*of, all.clone());
        Some(all.copied())
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
