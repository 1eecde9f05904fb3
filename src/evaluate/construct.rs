//! Struct literals.

use std::{rc::Rc, sync::Arc};

use super::{
    Evaluator,
    option::NONE,
    value::{Cell, Object, Value, cell},
};
use crate::{
    databases,
    link::{DefId, Namespace, Resolution, types::Ty},
    syntax::tree::{Expr, ItemKind, Name, Path, TypeRef},
};

/// The struct or variant that a literal makes, if it is known, or the path of one outside the tree.
type Named = Result<Option<(DefId, Option<u32>)>, Arc<str>>;

/// Types in the type of a field that tell what a type parameter stands for: pairs of pairs of pairs … have a type that is as
/// large.
const MOST_TOLD: u32 = 8;

impl Evaluator<'_> {
    /// `Path { field: value, .. }`.
    pub(super) fn eval_struct(
        &mut self,
        path: &Path,
        fields: &[(Name, Expr)],
        rest: Option<&Expr>,
    ) -> super::Eval {
        let given = self.eval_fields(fields)?;
        let rest = match rest {
            // `..Default::default()` is asked for by nothing else.
            Some(rest) => {
                let ty = self.type_of_ref(&TypeRef::Path(path.clone()));
                let around = self.expected.replace(ty);
                let value = self.eval(rest);
                self.expected = around;
                Some(value?.bare().own())
            }
            None => None,
        };
        let each = self.each_meaning(&mut |e| e.struct_named(path));
        let mut all = Vec::new();
        for (guards, named) in each {
            let value = self.struct_of(named, &given, rest.as_ref(), path);
            all.push((guards, value));
        }
        Ok(self.join(all))
    }

    /// Gives fields that were just made the types that are declared for them.
    pub(super) fn type_fields(&mut self, def: DefId, variant: Option<u32>, given: &[(Name, Cell)]) {
        let Some(declared) = self.fields(def).filter(|_| variant.is_none()) else { return };
        for (name, held) in given {
            let value = held.borrow().clone();
            let known = declared.iter().find(|(field, _)| field == name);
            let is_none = || matches!(&value, Value::Term(term) if &*term.path == NONE);
            if let Some((_, ty)) = known
                && (matches!(
                    value,
                    Value::Str(_) | Value::Tuple(_) | Value::Int(_) | Value::List(_)
                ) || is_none())
            {
                let typed = self.with_type(value, ty);
                held.replace(typed);
            }
        }
    }

    /// The struct or variant that a literal makes, or the path of one outside the tree.
    fn struct_named(&mut self, path: &Path) -> Named {
        let mut made = None;
        if let Some((def, at)) = self
            .self_variant(path)
            .filter(|_| path.segments.first().is_some_and(|s| s.name == "Self"))
        {
            made = Some((def, Some(at)));
        } else if path.segments.len() == 1
            && path.segments.first().is_some_and(|s| s.name == "Self")
        {
            if let Some(Ty::Def(def, _)) = self.scope.self_ty {
                made = Some((def, None));
            }
        } else {
            for (_, is) in &self.program.resolve_path(self.scope.module, path, Namespace::Type) {
                match is {
                    Resolution::Def(_) => {
                        let written = TypeRef::Path(path.clone());
                        if let Ty::Def(def, _) = self.type_of_ref(&written) {
                            made = Some((def, None));
                        }
                    }
                    Resolution::Variant(def, at) => made = Some((*def, Some(*at))),
                    Resolution::External(outside) => {
                        return Err(outside.clone());
                    }
                    _ => {}
                }
            }
            // A glob import leaves open whose it is; a library knows its own.
            if made.is_none() {
                let names: Vec<&str> = path.segments.iter().map(|s| s.name.as_str()).collect();
                let candidates = self.program.glob_candidates(self.scope.module, &names);
                if let Some(known) = candidates.iter().find(|path| databases::knows(path)) {
                    return Err(known.clone());
                }
            }
        }
        Ok(made)
    }

    /// What the type parameters of a struct stand for in a literal of it: as written, as `Self` says, or as the values of
    /// the fields do that were not there before; nothing where only the type tells that is asked for.
    fn literal_generics(
        &mut self,
        def: DefId,
        path: &Path,
        given: &[(Name, Cell)],
        rest: Option<&Value>,
    ) -> Vec<Ty> {
        let written = match path.segments.as_slice() {
            [only] if only.name == "Self" => self.scope.self_ty.clone(),
            [.., last] if last.args.is_empty() => None,
            _ => Some(self.type_of_ref(&TypeRef::Path(path.clone()))),
        };
        if let Some(Ty::Def(own, generics)) = written
            && own == def
        {
            return generics;
        }
        let struct_def = self.program.def(def);
        let ItemKind::Struct { generics, .. } = &struct_def.item.kind else { return Vec::new() };
        let declared = self.fields(def);
        let told = |name: &Name| {
            let fields = declared.iter().flat_map(|fields| fields.iter());
            let mut told = fields.filter_map(|(field, ty)| {
                let (_, held) = given.iter().find(|(given, _)| given == field)?;
                let known = self.type_of(&held.borrow());
                if known.is_within(&mut { MOST_TOLD }) {
                    parameter_in(ty, name, &known)
                } else {
                    None
                }
            });
            told.next()
        };
        let told: Vec<Option<Ty>> = generics.params.iter().map(|param| told(&param.name)).collect();
        if told.iter().any(Option::is_some) {
            return told.into_iter().map(|ty| ty.unwrap_or(Ty::Unknown)).collect();
        }
        match rest {
            Some(Value::Object(object)) if object.def == def => object.generics.clone(),
            _ => Vec::new(),
        }
    }

    /// The value of a struct literal.
    fn struct_of(
        &mut self,
        named: Named,
        given: &[(Name, Cell)],
        rest: Option<&Value>,
        path: &Path,
    ) -> Value {
        let made = match named {
            Ok(made) => made,
            Err(outside) => {
                let args = given.iter().map(|(_, held)| held.borrow().clone()).collect();
                return Value::term(&outside, Some(args), self.here(path.span));
            }
        };
        let Some((def, variant)) = made else {
            for (_, held) in given {
                let value = held.borrow().clone();
                self.escape(&value);
            }
            return Value::unknown();
        };
        let own = |(name, held): &(Name, Cell)| (name.clone(), cell(held.borrow().clone()));
        let mut all: Vec<(Name, Cell)> = given.iter().map(own).collect();
        self.type_fields(def, variant, &all);
        match rest {
            Some(Value::Object(object)) => {
                for (name, held) in &object.fields {
                    if all.iter().all(|(known, _)| known != name) {
                        all.push((name.clone(), held.clone()));
                    }
                }
            }
            _ => {
                for (name, ty) in self.fields(def).iter().flat_map(|fields| fields.iter()) {
                    if variant.is_none() && all.iter().all(|(known, _)| known != name) {
                        let value = self.symbolic(ty);
                        all.push((name.clone(), cell(value)));
                    }
                }
            }
        }
        for (name, held) in &all {
            let value = held.borrow().clone();
            self.store(def, name, &value);
        }
        let generics = if variant.is_some() {
            Vec::new()
        } else {
            self.literal_generics(def, path, given, rest)
        };
        let made = Value::Object(Rc::new(Object { def, variant, generics, fields: all }));
        self.note_made(&made);
        made
    }
}

/// What a type parameter stands for in `declared`, of which a value's type is `known`.
fn parameter_in(declared: &Ty, name: &Name, known: &Ty) -> Option<Ty> {
    match (declared, known) {
        (Ty::Param(param), known) if param == name => {
            (!matches!(known, Ty::Unknown | Ty::Param(_))).then(|| known.clone())
        }
        (Ty::External(of, declared), Ty::External(is, known)) if of == is => {
            declared.iter().zip(known).find_map(|(ty, known)| parameter_in(ty, name, known))
        }
        (Ty::Def(of, declared), Ty::Def(is, known)) if of == is => {
            declared.iter().zip(known).find_map(|(ty, known)| parameter_in(ty, name, known))
        }
        _ => None,
    }
}
