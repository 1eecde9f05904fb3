//! What a path means as a value.

mod constructor;

use std::{rc::Rc, sync::Arc};

use super::{
    Evaluator,
    effect::Guards,
    entry::DEFAULT,
    types::pointee,
    value::{FnValue, Object, Term, Value},
};
use crate::{
    databases, frameworks,
    link::{
        Def, DefId, DefKind, Namespace, Resolution, Target,
        types::{Bound, Constant, Ty},
    },
    source::Place,
    syntax::tree::{ItemKind, Name, Path},
};

impl Evaluator<'_> {
    /// The cell of a local variable.
    pub fn local(&self, name: &str) -> Option<super::value::Cell> {
        self.scope
            .locals
            .iter()
            .rev()
            .find(|(local, _)| local == name)
            .map(|(_, held)| held.clone())
    }

    /// The value that `path` names.
    pub(super) fn path_value(&mut self, path: &Path) -> Value {
        self.program.take_undecided();
        let generics = self.generics_of_path(path);
        if path.qself.is_none() && !path.global {
            if let ([only], true) = (path.segments.as_slice(), generics.is_empty())
                && let Some(held) = self.local(&only.name)
            {
                self.note_read(&held);
                return held.borrow().clone();
            }
            if let ([only], true) = (path.segments.as_slice(), generics.is_empty())
                && let Some(value) = self.const_parameter(&only.name)
            {
                return value;
            }
            if let [only] = path.segments.as_slice()
                && only.name == "Self"
                && let Some(Ty::Def(def, generics)) = self.scope.self_ty.clone()
            {
                return self.item_value(def, generics, None, path);
            }
        }
        let member = self.type_and_member(path);
        if self.program.take_undecided().is_some() {
            let mut of_path = |e: &mut Self| (e.generics_of_path(path), e.type_and_member(path));
            let mut all = Vec::new();
            for (guards, (generics, member)) in self.each_meaning(&mut of_path) {
                let outside = std::mem::replace(&mut self.guards, guards.clone());
                all.push((guards, self.value_of_path(path, generics, member)));
                self.guards = outside;
            }
            return self.join(all);
        }
        self.value_of_path(path, generics, member)
    }

    /// The type arguments of the last segment.
    fn generics_of_path(&mut self, path: &Path) -> Vec<Ty> {
        let last = path.segments.last().into_iter();
        last.flat_map(|segment| &segment.args).map(|ty| self.type_of_ref(ty)).collect()
    }

    /// The value that `path` names, whose types are known.
    fn value_of_path(
        &mut self,
        path: &Path,
        generics: Vec<Ty>,
        member: Option<(Ty, String)>,
    ) -> Value {
        if let Some((ty, name)) = member {
            // A module that a macro makes is none of a library whose glob import could have brought it.
            if matches!(ty, Ty::External(..))
                && self.is_through_glob(path)
                && let Some(value) = self.generated(path, &generics)
            {
                return value;
            }
            return self.member(&ty, &name, generics, path);
        }
        let found = self.program.resolve_path(self.scope.module, path, Namespace::Value);
        if found.is_empty() {
            return self.default_of_enum(path).unwrap_or_else(|| self.unfound(path, generics));
        }
        let mut all: Vec<(Guards, Value)> = Vec::new();
        for (cfg, is) in &found {
            let Some(guards) = self.under(cfg.as_ref()) else { continue };
            let value = match is {
                Resolution::Def(def) => self.item_value(*def, generics.clone(), None, path),
                Resolution::Variant(def, at) => self.variant_value(*def, *at),
                Resolution::External(outside) => {
                    self.outside(outside.clone(), generics.clone(), path)
                }
                Resolution::Module(_) | Resolution::Primitive(_) => Value::unknown(),
            };
            all.push((guards, value));
        }
        if all.is_empty() { Value::unknown() } else { self.join(all) }
    }

    /// What a const parameter in scope stands for.
    fn const_parameter(&self, name: &str) -> Option<Value> {
        let mut params = self.scope.generics.iter().rev();
        match params.find(|(param, _)| param == name)?.1 {
            Ty::Const(Constant::Bool(b)) => Some(Value::Bool(b)),
            Ty::Const(Constant::Int(n)) => Some(Value::Int(n)),
            Ty::Const(Constant::Char(c)) => Some(Value::Char(c)),
            _ => None,
        }
    }

    /// `T::member`, `Self::member`, `<T>::member`, `Alias::member`: the type and the member's name.
    fn type_and_member(&mut self, path: &Path) -> Option<(Ty, String)> {
        let (last, before) = path.segments.split_last()?;
        if let Some(qself) = &path.qself {
            // `<T as Trait>::Type::member`.
            let ty = if before.len() > qself.1 {
                let (qself, segments) = (path.qself.clone(), before.into());
                let path = Path { qself, segments, ..path.clone() };
                self.type_of_ref(&crate::syntax::tree::TypeRef::Path(path))
            } else {
                self.type_of_ref(&qself.0)
            };
            return Some((ty, last.name.to_string()));
        }
        let first = before.first()?;
        if path.global {
            return None;
        }
        if before.len() == 1 {
            if first.name == "Self" {
                let own = self.scope.self_ty.clone().or_else(|| self.any_implementor());
                return Some((own?, last.name.to_string()));
            }
            if let Some((_, ty)) =
                self.scope.generics.iter().rev().find(|(name, _)| *name == first.name)
            {
                return Some((ty.clone(), last.name.to_string()));
            }
        }
        let written = crate::syntax::tree::TypeRef::Path(Path {
            qself: None,
            global: false,
            segments: before.into(),
            span: path.span,
        });
        match self.type_of_ref(&written) {
            ty @ (Ty::External(..) | Ty::Primitive(_)) => Some((ty, last.name.to_string())),
            Ty::Def(def, args)
                if self.program.def(def).kind == DefKind::Struct || self.program.is_deciding() =>
            {
                Some((Ty::Def(def, args), last.name.to_string()))
            }
            ty @ Ty::Param(_) => Some((ty, last.name.to_string())),
            _ => None,
        }
    }

    /// `Self` in a trait's own code: whatever implements it.
    fn any_implementor(&self) -> Option<Ty> {
        let parent = self.program.def(self.scope.owner?).parent?;
        let is_trait = matches!(self.program.def(parent).item.kind, ItemKind::Trait { .. });
        let bound = Bound { of: Target::Item(parent), args: Vec::new(), bindings: Vec::new() };
        is_trait.then(|| Ty::Dyn(vec![bound]))
    }

    fn member(&mut self, ty: &Ty, name: &str, generics: Vec<Ty>, path: &Path) -> Value {
        let bounds = self.bounds_of(ty);
        if !bounds.is_empty()
            && let Some(value) = self.member_of_bounds(&bounds, name)
        {
            return self.named_here(value, path);
        }
        if let Ty::External(outside, args) = ty {
            if let Some(found) = self.given_by_trait(ty, outside, name) {
                return self.item_value(found, generics, Some(ty.clone()), path);
            }
            let mut all = args.clone();
            all.extend(generics);
            return self.outside(format!("{outside}::{name}").into(), all, path);
        }
        if let Ty::Def(def, _) = ty {
            if let Some(at) = self.variant_at(*def, name) {
                return self.variant_value(*def, at);
            }
            let found = self.of_fitting_impls(self.program.assoc(*def, name), ty);
            if let Some(value) = self.compiled_of(&found, &generics, ty, path) {
                return value;
            }
            if let Some(value) = frameworks::member(self, *def, name) {
                return value;
            }
            if name == "default" {
                return derived_default(ty, self.here(path.span));
            }
            if name == "new" && self.derives_new(*def) {
                let (def, generics) = (*def, ty.args().to_vec());
                let made = Object { def, variant: None, generics, fields: Vec::new() };
                return Value::Object(Rc::new(made));
            }
        }
        if let Some(head) = pointee(ty).head()
            && let found = self.of_fitting_impls(self.program.assoc_of(&head, name), pointee(ty))
            && let Some(value) = self.compiled_of(&found, &generics, ty, path)
        {
            return value;
        }
        if let Some(value) =
            self.compiled_of(&self.program.blanket_assoc(name), &generics, ty, path)
        {
            return value;
        }
        if let Ty::Primitive(of) = ty
            && name.starts_with(|first: char| first.is_ascii_lowercase())
        {
            return self.outside(format!("std::{of}::{name}").into(), generics, path);
        }
        let outside = databases::member(self, ty, name);
        outside.map_or_else(Value::unknown, |outside| {
            let mut all = vec![ty.clone()];
            all.extend(generics);
            self.outside(outside.into(), all, path)
        })
    }

    /// The members of a name of which one is meant.
    pub(super) fn compiled_of(
        &mut self,
        found: &[DefId],
        generics: &[Ty],
        ty: &Ty,
        path: &Path,
    ) -> Option<Value> {
        let first = *found.first()?;
        let mut meant = self.each_meant(found);
        if meant.is_empty() {
            meant.push((self.guards.clone(), first));
        }
        let mut all = Vec::new();
        for (guards, id) in meant {
            all.push((guards, self.item_value(id, generics.to_vec(), Some(ty.clone()), path)));
        }
        Some(self.join(all))
    }

    /// What a trait of the tree gives a type outside of it: `<Router as Gated>::register`, `Router::register`.
    fn given_by_trait(&self, ty: &Ty, outside: &str, name: &str) -> Option<DefId> {
        let members = match frameworks::router_kind(outside) {
            Some(kind) => {
                let same = |path: &str| frameworks::router_kind(path) == Some(kind);
                let impls = self.program.impls_for_outside(same);
                self.program.assoc_of_impls(&impls, name)
            }
            None => self.program.assoc_of(&ty.head()?, name),
        };
        members.into_iter().find(|id| {
            let parent = self.program.def(*id).parent;
            parent.is_some_and(|parent| {
                matches!(self.program.def(parent).item.kind, ItemKind::Trait { .. })
                    || matches!(self.program.trait_of(parent), Some(Target::Item(_)))
            })
        })
    }

    /// Whether nothing but a glob import of a module outside the tree tells what stands before the last name of a path.
    fn is_through_glob(&self, path: &Path) -> bool {
        let Some((_, before)) = path.segments.split_last() else { return false };
        let names: Vec<&str> = before.iter().map(|segment| segment.name.as_str()).collect();
        let is_lost = || {
            self.program.resolve(self.scope.module, &names, path.global, Namespace::Type).is_empty()
        };
        path.qself.is_none()
            && !matches!(*names, [] | ["Self", ..])
            && !self.scope.generics.iter().any(|(name, _)| names.first() == Some(&name.as_str()))
            && is_lost()
    }

    /// What one of a framework's macros may have written under a path that the tree does not have.
    fn generated(&mut self, path: &Path, generics: &[Ty]) -> Option<Value> {
        let names: Vec<&str> = path.segments.iter().map(|segment| segment.name.as_str()).collect();
        frameworks::generated(self, &names, generics, self.here(path.span))
    }

    /// `Enum::default`, which no item of the tree is where it is derived.
    fn default_of_enum(&mut self, path: &Path) -> Option<Value> {
        let (last, before) = path.segments.split_last()?;
        if last.name != "default" || before.is_empty() {
            return None;
        }
        let written = Path { segments: before.into(), ..path.clone() };
        let ty = self.type_of_ref(&crate::syntax::tree::TypeRef::Path(written));
        let Ty::Def(def, _) = &ty else { return None };
        (self.program.def(*def).kind == DefKind::Enum)
            .then(|| derived_default(&ty, self.here(path.span)))
    }

    fn unfound(&mut self, path: &Path, generics: Vec<Ty>) -> Value {
        let names: Vec<&str> = path.segments.iter().map(|segment| segment.name.as_str()).collect();
        if let Some(value) = self.generated(path, &generics) {
            return value;
        }
        let candidates = self.program.glob_candidates(self.scope.module, &names);
        let known =
            candidates.iter().find(|path| frameworks::knows(path) || databases::knows(path));
        match known.or(candidates.first()) {
            Some(outside) => self.outside(outside.clone(), generics, path),
            None => Value::unknown(),
        }
    }

    fn outside(&mut self, outside: Arc<str>, generics: Vec<Ty>, path: &Path) -> Value {
        if let Some(linked) = self.submitted(&outside, &generics) {
            return linked;
        }
        let at = self.here(path.span);
        Value::Term(Rc::new(Term { generics, ..Term::new(outside, None, at) }))
    }

    /// The position of a variant.
    fn variant_at(&self, def: DefId, name: &str) -> Option<u32> {
        let found = self.program.def(def);
        let ItemKind::Enum { variants, .. } = &found.item.kind else { return None };
        variants
            .iter()
            .position(|variant| variant.name == name)
            .and_then(|at| u32::try_from(at).ok())
    }

    /// `Self::Variant`.
    pub(super) fn self_variant(&self, path: &Path) -> Option<(DefId, u32)> {
        let Some(Ty::Def(def, _)) = &self.scope.self_ty else { return None };
        let name = &path.segments.get(1)?.name;
        Some((*def, self.variant_at(*def, name)?))
    }

    fn variant_value(&mut self, def: DefId, at: u32) -> Value {
        Value::Object(Rc::new(Object {
            def,
            variant: Some(at),
            generics: Vec::new(),
            fields: Vec::new(),
        }))
    }

    /// A definition as a value.
    fn item_value(
        &mut self,
        id: DefId,
        generics: Vec<Ty>,
        self_ty: Option<Ty>,
        path: &Path,
    ) -> Value {
        let def = self.program.def(id);
        match def.kind {
            DefKind::Fn | DefKind::Method => {
                let self_ty = self_ty.or_else(|| {
                    let (_, before) = path.segments.split_last()?;
                    if before.is_empty() || def.kind == DefKind::Fn {
                        None
                    } else {
                        self.program.self_type(def.parent?)
                    }
                });
                let function = Rc::new(FnValue { def: id, self_ty, generics });
                self.note_named(&function, path);
                Value::Fn(function)
            }
            DefKind::Const | DefKind::AssocConst => {
                let value = match self.static_place(id, &def) {
                    Some(place) => return place,
                    None => self.constant_asked_of(id, &def, self_ty.as_ref()),
                };
                let value = self.perhaps_written(id, &def, value);
                self.named_here(value, path)
            }
            DefKind::Struct => {
                let fields = Vec::new();
                let made =
                    Value::Object(Rc::new(Object { def: id, variant: None, generics, fields }));
                if self.fields(id).is_none_or(|fields| fields.is_empty()) {
                    self.note_made(&made);
                }
                made
            }
            _ => Value::unknown(),
        }
    }

    /// A constant's value as it is used: what is registered is written where the constant is named.
    fn named_here(&self, value: Value, path: &Path) -> Value {
        let at = self.here(path.span);
        match value {
            Value::Str(text) => Value::Str(text.named_at(at)),
            Value::Alt(all) => {
                let each = all
                    .iter()
                    .map(|(guards, value)| (guards.clone(), self.named_here(value.clone(), path)));
                Value::Alt(Rc::new(each.collect()))
            }
            value => value,
        }
    }

    /// The value of a constant or static.
    pub fn constant(&mut self, id: DefId) -> Value {
        match self.constants.get(&id) {
            Some(Some(value)) => return value.anew(),
            Some(None) => return Value::unknown(),
            None => {}
        }
        self.constants.insert(id, None);
        let def = self.program.def(id);
        let self_ty = def.parent.and_then(|parent| self.program.self_type(parent));
        let value = self.for_all(|e| e.constant_value(&def, self_ty, Vec::new()));
        let value = value.unwrap_or_else(Value::unknown);
        self.constants.insert(id, Some(value.clone()));
        value.anew()
    }

    pub(super) fn constant_value(
        &mut self,
        def: &Def,
        self_ty: Option<Ty>,
        generics: Vec<(Name, Ty)>,
    ) -> Option<Value> {
        let ItemKind::Const { value: Some(body), ty, .. } = &def.item.kind else { return None };
        let text = self.program.text(def.file);
        let expr = match crate::syntax::body::parse_expr(&text, body.span) {
            Ok(expr) => expr,
            Err(error) => {
                self.gap_at(def.place(), &error.message);
                return None;
            }
        };
        let value = self.in_scope(def.module, def.file, None, self_ty, generics, |e| {
            let ty = e.type_of_ref(ty);
            let value = e.eval(&expr)?;
            Ok(e.with_type(value, &ty))
        });
        Some(value)
    }
}

/// The `default` that a derive gives a type.
fn derived_default(ty: &Ty, at: Place) -> Value {
    let path = DEFAULT.into();
    Value::Term(Rc::new(Term { generics: vec![ty.clone()], ..Term::new(path, None, at) }))
}
