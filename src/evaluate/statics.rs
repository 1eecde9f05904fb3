//! Statics behind locks: all code shares one place, and what is put there is found where it is taken out.

use rustc_hash::FxHashMap;

use super::{
    Evaluator,
    value::{Cell, Value, cell},
};
use crate::{
    link::{Def, DefId, types::Ty},
    syntax::tree::ItemKind,
};

/// What statics hold that can be written to.
#[derive(Debug, Default)]
pub(super) struct Statics {
    places: FxHashMap<DefId, Cell>,
}

impl Evaluator<'_> {
    /// A static behind a lock: the one place that all code shares.
    pub(super) fn static_place(&mut self, id: DefId, def: &Def) -> Option<Value> {
        let ItemKind::Const { ty, is_static: true, value } = &def.item.kind else { return None };
        // With `= [..]` or without a value.
        if let Some(linked) = self.linked_slice(id, def) {
            return Some(linked);
        }
        if value.is_none() {
            return None;
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
