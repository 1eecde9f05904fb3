//! Conversions that the tree defines: `From<A> for B`, and where a value is of type `B` that was given as `A`.

use std::rc::Rc;

use super::{
    Evaluator,
    effect::{Guard, Guards},
    impls::differ,
    types::pointee,
    value::{FnValue, List, Value},
};
use crate::{
    link::{
        Head, Target,
        types::{Bound, Ty},
    },
    syntax::tree::{ItemKind, TypeRef},
};

/// Whether a type holds text: where text comes from is not kept, so it is any of these.
fn is_text(head: &Head) -> bool {
    match head {
        Head::Primitive(name) => name == "str",
        Head::External(path) => &**path == "std::string::String",
        _ => false,
    }
}

/// Whether what is known of a value leaves no doubt that it is none of a type of the tree.
fn is_plain(value: &Value) -> bool {
    matches!(
        value,
        Value::Str(_) | Value::Int(_) | Value::Bool(_) | Value::Char(_) | Value::Tuple(_)
    )
}

impl Evaluator<'_> {
    /// What `From<type of value> for ty` of the tree makes of a value.
    pub fn converted(&mut self, value: &Value, ty: &Ty) -> Option<Value> {
        let mut functions = self.conversions(&self.type_of(value), ty);
        // One that is converting already leads to another.
        let idle = |function: &FnValue| !self.active.contains(&function.def);
        if functions.iter().any(idle) {
            functions.retain(idle);
        }
        let at = self.current;
        if let [only] = functions.as_slice() {
            return self.call(&Value::Fn(Rc::new(only.clone())), vec![value.clone()], at).ok();
        }
        let condition = self.fresh_condition();
        let each = functions.into_iter().zip(0..).filter_map(|(function, arm)| {
            let guards = self.guards.with(Guard { condition, arm })?;
            Some((guards, Value::Fn(Rc::new(function))))
        });
        let each: Vec<(Guards, Value)> = each.collect();
        if each.is_empty() {
            return None;
        }
        self.call(&Value::Alt(Rc::new(each)), vec![value.clone()], at).ok()
    }

    /// `From<given> for ty`, or `TryFrom`, of the tree.
    pub(super) fn conversion(&self, given: &Ty, ty: &Ty) -> Option<FnValue> {
        self.conversions(given, ty).into_iter().next()
    }

    /// The functions that convert what may be of type `given`: more than one only for text.
    fn conversions(&self, given: &Ty, ty: &Ty) -> Vec<FnValue> {
        let whole = given;
        let (Some(given), Some(to)) = (pointee(given).head(), ty.head()) else {
            return Vec::new();
        };
        let impls = self.program.impls_for(&to).into_iter().filter(|block| {
            matches!(self.program.trait_of(*block), Some(Target::External(path))
                if matches!(&*path, "std::convert::From" | "std::convert::TryFrom"))
        });
        let functions = impls.flat_map(|block| self.program.members(block)).filter(|id| {
            let def = self.program.def(*id);
            let ItemKind::Fn(item) = &def.item.kind else { return false };
            let param = item.params.first().and_then(|param| param.ty.as_ref());
            let env = self.declared_env(*id);
            let taken = param.map(|param| self.program.resolve_type(def.module, param, &env));
            let other = taken.as_ref().is_some_and(|taken| differ(taken, whole))
                || self.implementor(*id).is_some_and(|own| differ(&own, ty));
            let head = taken.and_then(|taken| pointee(&taken).head());
            !(other && given == to)
                && head.is_some_and(|head| head == given || is_text(&head) && is_text(&given))
        });
        let one = |def| FnValue { def, self_ty: Some(ty.clone()), generics: Vec::new() };
        let mut all: Vec<FnValue> = functions.map(one).collect();
        if !is_text(&given) {
            all.truncate(1);
        }
        all
    }

    /// A plain value, or a list of such, as of the type of the tree that it is known to have been converted into.
    pub(super) fn with_type_of_tree(&mut self, value: &Value, ty: &Ty) -> Option<Value> {
        match (value, ty) {
            (value, Ty::Def(..)) if is_plain(value) => self.converted(value, ty),
            (Value::List(list), Ty::External(_, args)) => {
                let [of @ Ty::Def(..)] = args.as_slice() else { return None };
                if !list.items.iter().any(is_plain) {
                    return None;
                }
                let items = list
                    .items
                    .iter()
                    .map(|item| self.with_type_of_tree(item, of).unwrap_or_else(|| item.clone()));
                let items = items.collect();
                Some(Value::List(Rc::new(List { items, ..(**list).clone() })))
            }
            _ => None,
        }
    }

    /// A value as a parameter takes it: of what `impl Into<T>` is given nothing but the `T` is used.
    pub(super) fn as_parameter(&mut self, value: Value, written: &TypeRef) -> Value {
        let bounds = match written {
            TypeRef::Path(path) => match (path.segments.as_slice(), self.scope.owner) {
                ([only], _) if only.name == "String" && is_plain(&value) => return value,
                ([only], Some(owner))
                    if self.scope.generics.iter().any(|(param, _)| *param == only.name) =>
                {
                    self.program.bounds(owner, &only.name)
                }
                _ => Vec::new(),
            },
            TypeRef::Impl(_) => {
                let ty = self.type_of_ref(written);
                self.bounds_of(&ty)
            }
            TypeRef::Ref(..) if is_plain(&value) => return value,
            _ => Vec::new(),
        };
        let ty = bounds.iter().find_map(into_what).unwrap_or_else(|| self.type_of_ref(written));
        self.with_type(value, &ty)
    }
}

/// The `T` of `Into<T>`.
fn into_what(bound: &Bound) -> Option<Ty> {
    let Target::External(path) = &bound.of else { return None };
    let ty = bound.args.first().filter(|_| &**path == "std::convert::Into")?;
    (!matches!(ty, Ty::Unknown | Ty::Param(_))).then(|| ty.clone())
}
