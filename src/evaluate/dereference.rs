//! Types of the tree that stand for another value: `Deref` and `DerefMut` of the tree's own say which.
//!
//! A reference to a value is the value itself here, so that `*x` may take away a reference as well as run `deref`: it does
//! the first where `x` is known to be one, and where what is asked of `*x` is there without it.

use super::{
    Evaluator,
    branch::Flow,
    lock::is_lock,
    method::Method,
    target_of,
    types::pointee,
    value::{Cell, Value, cell},
};
use crate::{
    link::{DefId, Namespace, Resolution, types::Ty},
    syntax::tree::{Expr, ExprKind, ItemKind, MethodCall, Name, Pat, TypeRef, UnaryOp},
};

/// Values that stand for one another: what `rustc` follows has an end, what is written need not.
const MOST: usize = 8;

impl Evaluator<'_> {
    /// Whether a value's type is of the tree and stands for another value.
    pub(super) fn stands_for_another(&self, value: &Value) -> bool {
        matches!(value, Value::Object(_) | Value::Unknown(Ty::Def(..)))
            && self.has_own_method(value, "deref")
    }

    /// The place that the value at `place` stands for.
    pub(super) fn dereferenced(&mut self, place: &Cell, mutable: bool) -> Option<Cell> {
        let value = place.borrow().bare();
        if !self.stands_for_another(&value) {
            return None;
        }
        let at = self.current;
        let mut found = None;
        for name in ["deref_mut", "deref"] {
            if found.is_some()
                || name == "deref_mut" && !(mutable && self.has_own_method(&value, name))
            {
                continue;
            }
            let method = Method { name, generics: Vec::new(), args: Vec::new(), at };
            found = match self.method_in_tree(place, &value, method) {
                Ok(Value::Ref(target)) => Some(target_of(&target)),
                Ok(Value::Unknown(Ty::Unknown)) | Err(_) => None,
                Ok(value) => Some(cell(value)),
            };
        }
        self.current = at;
        found
    }

    /// The first place for which `wanted` holds of those that the value at `place` stands for; `None` where that is itself.
    fn standing_for(
        &mut self,
        place: &Cell,
        wanted: &dyn Fn(&mut Self, &Value) -> bool,
    ) -> Option<Cell> {
        let mut found = place.clone();
        for step in 0..MOST {
            let value = found.borrow().bare();
            if !self.stands_for_another(&value) || wanted(self, &value) {
                return (step > 0).then_some(found);
            }
            found = self.dereferenced(&found, true)?;
        }
        None
    }

    /// What a method is called on where the type of the receiver has none of that name.
    pub(super) fn receiver_behind(&mut self, receiver: &Cell, method: &Method<'_>) -> Option<Cell> {
        if !self.stands_for_another(&receiver.borrow().bare()) || is_of_wrappers(method.name) {
            return None;
        }
        self.standing_for(receiver, &|e, value| e.has_method(value, method))
    }

    /// The place that a method is called on.
    pub(super) fn receiver(&mut self, call: &MethodCall) -> Result<Cell, Flow> {
        let ExprKind::Unary(UnaryOp::Deref, inner) = &call.receiver.kind else {
            return self.changed_place(&call.receiver, Some(&call.name));
        };
        // `(*shared).start()`, where `shared` is a pointer to what has the method.
        let (place, _) = self.place_known(inner)?;
        let place = target_of(&place);
        let held = place.borrow().bare();
        if !self.stands_for_another(&held) || self.is_reference(inner) {
            return Ok(place);
        }
        let behind = self.dereferenced(&place, true);
        let method = Method {
            name: &call.name,
            generics: Vec::new(),
            args: vec![Value::unknown(); call.args.len()],
            at: self.current,
        };
        let keeps = call.name != "clone" && self.has_method(&held, &method);
        Ok(match behind {
            Some(behind) if !keeps || self.is_no_reference(inner) => behind,
            // Where both have it, and whether it is a reference is not known, it may be either.
            Some(behind) => cell(self.either(Value::Ref(place), Value::Ref(behind))),
            None => place,
        })
    }

    /// Whether an expression is known to be none: it makes a value, or names what the function takes by value.
    fn is_no_reference(&self, expr: &Expr) -> bool {
        if self.is_made(expr) {
            return true;
        }
        let ExprKind::Path(path) = &expr.kind else { return false };
        let ([only], Some(owner)) = (path.segments.as_slice(), self.scope.owner) else {
            return false;
        };
        if self.scope.locals.iter().filter(|(name, _)| *name == only.name).count() > 1 {
            return false;
        }
        let ItemKind::Fn(item) = &self.program.def(owner).item.kind else { return false };
        item.params.iter().any(|param| {
            let is_type = |path: &crate::syntax::tree::Path| {
                let found = self.program.resolve_path(self.scope.module, path, Namespace::Type);
                found.iter().any(|(_, is)| matches!(is, Resolution::Def(_)))
            };
            matches!(&param.pat, Pat::Bind { name, .. } if *name == only.name)
                && matches!(&param.ty, Some(TypeRef::Path(path)) if is_type(path))
        })
    }

    /// What a field is taken of where the type of the value has none of that name.
    pub(super) fn owner_behind(&mut self, owner: &Cell, name: &Name) -> Option<Cell> {
        self.standing_for(owner, &|e, value| e.has_field(value, name))
    }

    /// What an element is taken of where the type of the value has none.
    pub(super) fn indexed_behind(&mut self, whole: &Cell) -> Option<Cell> {
        let indexes = |e: &mut Self, value: &Value| e.has_own_method(value, "index");
        self.standing_for(whole, &indexes)
    }

    /// A reference as one to the type that is asked for: `&mut app` where `&mut Router` is.
    pub(super) fn coerced(&mut self, value: Value, written: &TypeRef) -> Value {
        let TypeRef::Ref(_, mutable) = written else { return value };
        let bare = value.bare();
        if !self.stands_for_another(&bare) {
            return value;
        }
        let ty = self.type_of_ref(written);
        let own = pointee(&self.type_of(&bare)).clone();
        let (Some(asked), Ty::Def(def, _)) = (pointee(&ty).head(), &own) else { return value };
        if is_around(&ty, *def) {
            return value;
        }
        let place = match &value {
            Value::Ref(place) => target_of(place),
            _ => cell(value.clone()),
        };
        let is_asked = |e: &mut Self, value: &Value| {
            pointee(&e.type_of(value)).head().is_some_and(|head| head == asked)
        };
        match self.standing_for(&place, &is_asked) {
            Some(found) if *mutable => Value::Ref(found),
            Some(found) => found.borrow().clone(),
            None => value,
        }
    }

    /// What code outside the tree is given, which asks for a text where a reference to a type that stands for one is:
    /// `query(&statement)`, where that is a type of the tree around a `String`.
    pub(super) fn texts_behind(&mut self, args: Vec<Value>) -> Vec<Value> {
        let behind = |value: Value| {
            if !self.stands_for_another(&value.bare()) {
                return value;
            }
            let place = match &value {
                Value::Ref(place) => target_of(place),
                value => cell(value.clone()),
            };
            let is_text = |_: &mut Self, value: &Value| matches!(value, Value::Str(_));
            let found = self.standing_for(&place, &is_text);
            let text = found.map(|found| found.borrow().bare());
            text.filter(|found| matches!(found, Value::Str(_))).unwrap_or(value)
        };
        args.into_iter().map(behind).collect()
    }

    /// The place of `*inner`.
    ///
    /// - `keeps`: whether what is asked of it is there in the value that `inner` is or refers to.
    pub(super) fn place_behind(
        &mut self,
        inner: &Expr,
        keeps: &dyn Fn(&mut Self, &Value) -> bool,
    ) -> Result<(Cell, bool), Flow> {
        let (place, known) = self.place_known(inner)?;
        let place = target_of(&place);
        let held = place.borrow().bare();
        if !self.stands_for_another(&held) || self.is_reference(inner) || keeps(self, &held) {
            return Ok((place, known));
        }
        Ok(match self.dereferenced(&place, true) {
            Some(found) => (found, true),
            None => (place, known),
        })
    }

    /// Whether an expression is known to be a reference.
    pub(super) fn is_reference(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Ref(..) => true,
            ExprKind::Path(path) if path.segments.len() == 1 => {
                let Some(name) = path.segments.first().map(|segment| &segment.name) else {
                    return false;
                };
                let Some(held) = self.local(name) else { return false };
                matches!(&*held.borrow(), Value::Ref(_)) || self.is_taken_by_reference(name)
            }
            _ => false,
        }
    }

    /// Whether the function that is running takes that parameter by reference.
    fn is_taken_by_reference(&self, name: &Name) -> bool {
        let Some(owner) = self.scope.owner else { return false };
        let ItemKind::Fn(item) = &self.program.def(owner).item.kind else { return false };
        if name == "self" {
            return item.receiver.as_ref().is_some_and(|receiver| receiver.reference);
        }
        item.params.iter().any(|param| {
            matches!(&param.pat, Pat::Bind { name: own, .. } if own == name)
                && matches!(&param.ty, Some(TypeRef::Ref(..)))
        })
    }

    /// Whether a value's type has a method of that name, as far as the tree says.
    pub(super) fn has_method(&mut self, value: &Value, method: &Method<'_>) -> bool {
        if matches!(method.name, "clone" | "to_owned") {
            return self.has_own_method(value, "clone") || self.derives(value, "Clone");
        }
        !self.methods_of_tree(value, method).0.is_empty()
    }

    pub(super) fn has_field(&self, value: &Value, name: &Name) -> bool {
        let def = match value {
            Value::Object(object) => object.def,
            Value::Unknown(Ty::Def(def, _)) => *def,
            _ => return true,
        };
        self.fields(def).iter().flat_map(|fields| fields.iter()).any(|(field, _)| field == name)
    }

    /// Whether a value's type derives a trait.
    pub(super) fn derives(&self, value: &Value, name: &str) -> bool {
        let Ty::Def(def, _) = pointee(&self.type_of(value)).clone() else { return false };
        let found = self.program.def(def);
        found.item.attrs.iter().any(|attr| {
            attr.path
                .segments
                .last()
                .is_some_and(|last| last.name == "derive" || last.name == "cfg_attr")
                && attr
                    .args
                    .of(&self.program.text(found.file))
                    .split(|c: char| !c.is_alphanumeric() && c != '_')
                    .any(|word| word == name)
        })
    }
}

/// Whether a method may be of a lock, pointer or future around the value, which is not told from the value itself, or is
/// one that every type has.
fn is_of_wrappers(name: &str) -> bool {
    super::library::lends(name)
        || super::types::keeps_success(name)
        || matches!(
            name,
            "as_ref"
                | "borrow"
                | "deref"
                | "deref_mut"
                | "downgrade"
                | "expect"
                | "fmt"
                | "into"
                | "into_inner"
                | "read"
                | "to_string"
                | "try_into"
                | "try_read"
                | "unwrap"
                | "upgrade"
        )
}

/// Whether a type is one that holds a type of the tree without being told from it: `Mutex<App>`.
fn is_around(ty: &Ty, def: DefId) -> bool {
    match ty {
        Ty::Def(own, _) => *own == def,
        Ty::External(path, args) => {
            is_lock(path) && args.is_empty() || args.iter().any(|arg| is_around(arg, def))
        }
        Ty::AnyOf(_, args) | Ty::Tuple(args) => args.iter().any(|arg| is_around(arg, def)),
        Ty::Slice(inner) => is_around(inner, def),
        Ty::Primitive(_) => false,
        _ => true,
    }
}
