//! Fields of structs: their names, their types, and what stands in them where only the struct's type is known.

use std::rc::Rc;

use super::{
    Evaluator,
    types::{MOST_TYPES, pointee, settle},
    value::{Object, Value, cell},
};
use crate::{
    link::{DefId, Target, types::Ty},
    syntax::tree::{ItemKind, Name, Path},
};

/// Types that a field is looked for in, each behind the other.
const MOST_DEREFS: usize = 4;

/// Names and types of fields.
pub(super) type Fields = Rc<[(Name, Ty)]>;

impl Evaluator<'_> {
    /// Names and types of a struct's fields.
    pub fn fields(&self, def: DefId) -> Option<Fields> {
        if let Some(known) = self.fields.borrow().get(&def) {
            return Some(Rc::clone(known));
        }
        let found = self.program.def(def);
        let ItemKind::Struct { fields, .. } = &found.item.kind else { return None };
        let env = self.program.type_env(def);
        let types = fields.iter().map(|field| {
            (field.name.clone(), settle(self.type_if_one(found.module, &field.ty, &env)))
        });
        let types: Fields = super::compiled::declared_once(types).into();
        self.fields.borrow_mut().insert(def, Rc::clone(&types));
        Some(types)
    }

    /// The same with the type arguments of the struct in place of its parameters.
    pub fn fields_given(&self, def: DefId, generics: &[Ty]) -> Option<Fields> {
        let fields = self.fields(def)?;
        if generics.is_empty() {
            return Some(fields);
        }
        let given = fields.iter().map(|(name, ty)| {
            let ty = self.given_type(def, generics, ty);
            (name.clone(), ty)
        });
        Some(given.collect())
    }

    /// The type `ty` of a field with the type arguments of the struct in place of its parameters.
    fn given_type(&self, def: DefId, generics: &[Ty], ty: &Ty) -> Ty {
        if generics.is_empty() {
            return ty.clone();
        }
        let found = self.program.def(def);
        let (ItemKind::Struct { generics: declared, .. }
        | ItemKind::Enum { generics: declared, .. }) = &found.item.kind
        else {
            return ty.clone();
        };
        let params: Vec<(&Name, &Ty)> =
            declared.params.iter().map(|param| &param.name).zip(generics).collect();
        ty.with_params_as(&params, &mut { MOST_TYPES })
    }

    /// The type of a part of an enum's variant.
    ///
    /// - `given`: the type arguments of the enum, as far as they are known.
    pub(super) fn type_in_variant(
        &self,
        def: DefId,
        variant: u32,
        name: &Name,
        given: &[Ty],
    ) -> Option<Ty> {
        let found = self.program.def(def);
        let ItemKind::Enum { generics, variants } = &found.item.kind else { return None };
        let variant = variants.get(usize::try_from(variant).ok()?)?;
        let field = variant.fields.iter().find(|field| field.name == *name)?;
        let ty = self.type_if_one(found.module, &field.ty, &self.program.type_env(def));
        // A parameter means nothing where the enum is matched.
        let given = given.iter().chain(std::iter::repeat(&Ty::Unknown));
        let params: Vec<(&Name, &Ty)> =
            generics.params.iter().map(|param| &param.name).zip(given).collect();
        Some(settle(ty.with_params_as(&params, &mut { MOST_TYPES })))
    }

    /// The declared type of a field.
    pub(super) fn field_type(&self, value: &Value, name: &Name) -> Ty {
        let (def, generics) = match value {
            Value::Object(object) => (object.def, object.generics.as_slice()),
            Value::Unknown(ty) => match pointee(ty) {
                Ty::Def(def, generics) => (*def, generics.as_slice()),
                Ty::Tuple(parts) => {
                    return name
                        .parse::<usize>()
                        .ok()
                        .and_then(|at| parts.get(at))
                        .cloned()
                        .unwrap_or(Ty::Unknown);
                }
                // `.0` of an extractor or newtype outside the tree.
                Ty::External(_, args) if name == "0" => {
                    return args.first().cloned().unwrap_or(Ty::Unknown);
                }
                _ => return Ty::Unknown,
            },
            _ => return Ty::Unknown,
        };
        let fields = self.fields(def);
        let found = fields.iter().flat_map(|fields| fields.iter()).find(|(field, _)| field == name);
        match found {
            Some((_, ty)) => self.given_type(def, generics, ty),
            None => self.behind(def, generics, name),
        }
    }

    /// The type of a field that a struct has only through what it derefs to.
    fn behind(&self, def: DefId, generics: &[Ty], name: &Name) -> Ty {
        let mut ty = Ty::Def(def, generics.to_vec());
        for _ in 0..MOST_DEREFS {
            let Some(target) = self.deref_target(&ty) else { break };
            ty = pointee(&target).clone();
            let Ty::Def(def, generics) = &ty else { break };
            let fields = self.fields(*def);
            let mut fields = fields.iter().flat_map(|fields| fields.iter());
            if let Some((_, ty)) = fields.find(|(field, _)| field == name) {
                return self.given_type(*def, generics, ty);
            }
        }
        Ty::Unknown
    }

    /// What a type of the tree derefs to, as its impl says.
    pub fn deref_target(&self, ty: &Ty) -> Option<Ty> {
        let Ty::Def(def, generics) = ty else { return None };
        let of_deref = |block: DefId| {
            matches!(self.program.trait_of(block), Some(Target::External(path))
                if &*path == "std::ops::Deref")
        };
        let mut members = self.program.assoc(*def, "Target").into_iter();
        let (member, block) = members.find_map(|member| {
            let member = self.program.def(member);
            let block = member.parent.filter(|block| of_deref(*block))?;
            Some((member, block))
        })?;
        let ItemKind::TypeAlias { ty: Some(written), .. } = &member.item.kind else { return None };
        let target = self.program.resolve_type(member.module, written, &self.declared_env(block));
        let own = self.program.self_type(block)?;
        let params = own.args().iter().zip(generics).filter_map(|(param, ty)| match param {
            Ty::Param(name) => Some((name, ty)),
            _ => None,
        });
        let params: Vec<(&Name, &Ty)> = params.collect();
        Some(settle(target.with_params_as(&params, &mut { MOST_TYPES })))
    }

    /// What stands at `at` in a tuple struct or variant whose value is not known.
    pub(super) fn inside_type(&mut self, path: &Path, value: &Value, at: usize) -> Value {
        let Value::Unknown(ty) = value else { return Value::unknown() };
        let failed = path.segments.last().is_some_and(|last| last.name == "Err");
        let ty = match ty {
            Ty::External(_, args) if failed => args.get(1).cloned().unwrap_or(Ty::Unknown),
            Ty::External(_, args) => args.get(at).cloned().unwrap_or(Ty::Unknown),
            ty => self.field_type(&Value::Unknown(ty.clone()), &Name::from(at.to_string())),
        };
        self.symbolic(&ty)
    }

    /// A struct of the tree with unknown fields.
    pub(super) fn symbolic_object(&mut self, ty: &Ty) -> Option<Object> {
        let Ty::Def(def, generics) = pointee(ty) else { return None };
        let fields = self.fields_given(*def, generics)?;
        let fields = fields.iter().map(|(name, ty)| {
            let value = self.stored_in(*def, name).unwrap_or_else(|| self.symbolic(ty));
            (name.clone(), cell(value))
        });
        Some(Object {
            def: *def,
            variant: None,
            generics: generics.clone(),
            fields: fields.collect(),
        })
    }
}
