//! What generic code runs with: what its parameters and `Self` stand for in a call, and which instance of it that makes.

use rustc_hash::{FxHashMap, FxHashSet};

use super::named::Named;
use crate::{
    evaluate::{
        Evaluator,
        effect::{Callable, Instance},
        impls::as_impl_says,
        roots::function,
        statement::Given,
        value::{Closure, FnValue, Value},
    },
    link::{Def, DefId, types::Ty},
    syntax::tree::{FnItem, ItemKind, Name, TypeRef},
};

/// Instances of one function that are evaluated because a value names them: each may name another that is larger.
const MOST_INSTANCES: u32 = 256;

/// The instances of generic code that were met, by the types that they run with.
#[derive(Debug, Default)]
pub(in crate::evaluate) struct Instances {
    known: FxHashMap<Vec<Ty>, Instance>,
    /// The functions that are evaluated with the types that values give them, and those of them that have yet to be.
    run: FxHashSet<Callable>,
    yet_to_run: Vec<(FnValue, Callable)>,
    /// How many of these there are of each function.
    times: FxHashMap<DefId, u32>,
    /// The functions that are named as values and that nothing was seen to run, by where each value is.
    pub(super) named: FxHashMap<*const FnValue, Named>,
}

impl Instances {
    /// The one that runs with `types`; any if none of them is known.
    fn with(&mut self, types: Vec<Ty>) -> Instance {
        if types.iter().all(|ty| *ty == Ty::Unknown) {
            return Instance::ANY;
        }
        let next = u32::try_from(self.known.len()).unwrap_or(u32::MAX);
        *self.known.entry(types).or_insert(Instance::new(next))
    }
}

/// What a call binds in the function that is called.
pub(in crate::evaluate) struct Bound {
    /// `Self`.
    pub(in crate::evaluate) self_ty: Option<Ty>,
    /// The type parameters of the function and of what is around it, as far as they are known.
    pub(in crate::evaluate) generics: Vec<(Name, Ty)>,
    /// What of it the caller chose.
    pub(in crate::evaluate) given: Given,
}

impl Closure {
    /// It, with the types that what made it runs with.
    pub(in crate::evaluate) fn callable(&self) -> Callable {
        Callable::Closure(self.at, self.made_by.instance())
    }
}

impl Evaluator<'_> {
    /// What a call of `called` with `args` binds in it.
    pub(in crate::evaluate) fn bound_in(
        &self,
        called: &FnValue,
        def: &Def,
        item: &FnItem,
        args: &[Value],
    ) -> Bound {
        let of_receiver = || {
            let receiver = args.first().filter(|_| item.receiver.is_some());
            receiver.map(|receiver| self.type_of(receiver))
        };
        let self_ty = called.self_ty.clone().or_else(of_receiver).filter(|ty| *ty != Ty::Unknown);
        let of_impl = def.parent.and_then(|parent| self.program.self_type(parent));
        let self_ty = as_impl_says(self_ty, of_impl);
        let mut generics = self.generics_of_self(def, self_ty.as_ref());
        generics.extend(self.bind_generics(called, item, args));
        let given = self.given_to(def, item, self_ty.as_ref(), &generics, args);
        Bound { self_ty, generics, given }
    }

    /// The instance of a function that a call of it with `args` runs.
    pub(in crate::evaluate) fn instance(
        &self,
        called: &FnValue,
        def: &Def,
        item: &FnItem,
        args: &[Value],
    ) -> Instance {
        if !self.is_generic(def, item) {
            return Instance::ANY;
        }
        let Bound { self_ty, given, .. } = self.bound_in(called, def, item, args);
        let of_self = self_ty.filter(|_| given.by_self);
        // `impl Trait` is a type parameter without a name.
        let skip = usize::from(item.receiver.is_some());
        let params = item.params.iter().zip(args.iter().skip(skip));
        let unnamed = params.filter(|(param, _)| param.ty.as_ref().is_some_and(is_open));
        let of_values = unnamed.map(|(_, arg)| self.type_of(arg));
        let all = given.types.into_iter().chain(of_self).chain(of_values);
        let known = all.map(|ty| if is_known(&ty) { ty } else { Ty::Unknown }).collect();
        self.instances.borrow_mut().with(known)
    }

    /// The function that a value is, with the types that the value gives it. Something runs it that is not seen, so it has
    /// to be evaluated with those; without any it is where evaluation starts.
    pub(in crate::evaluate) fn instance_to_run(&self, value: &FnValue) -> Callable {
        let def = self.program.def(value.def);
        let instance = function(&def).map(|item| self.instance(value, &def, item, &[]));
        let callable = Callable::Fn(value.def, instance.unwrap_or(Instance::ANY));
        if callable == callable.of_any() || self.run_later(value, callable) {
            callable
        } else {
            callable.of_any()
        }
    }

    /// Evaluates a function after all else, once; whether it is among as many instances of it as are told apart.
    pub(super) fn run_later(&self, value: &FnValue, callable: Callable) -> bool {
        let instances = &mut *self.instances.borrow_mut();
        if instances.run.contains(&callable) {
            return true;
        }
        let times = instances.times.entry(value.def).or_default();
        if *times >= MOST_INSTANCES {
            return false;
        }
        *times += 1;
        instances.run.insert(callable);
        instances.yet_to_run.push((value.clone(), callable));
        true
    }

    /// Evaluates the functions that run somewhere with the types that values give them.
    pub(in crate::evaluate) fn run_instances(&mut self) {
        loop {
            let Some((value, callable)) = self.instances.borrow_mut().yet_to_run.pop() else {
                break;
            };
            self.root = None;
            self.steps = 0;
            let made = self.call_symbolic(&value, callable);
            self.log.clear();
            for value in made.into_iter().flat_map(|(gives, args)| args.into_iter().chain([gives]))
            {
                if !matches!(value, Value::Unknown(_)) {
                    self.escape(&value);
                }
            }
        }
    }

    /// Whether callers of a function choose types for it.
    fn is_generic(&self, def: &Def, item: &FnItem) -> bool {
        let own = |item: &FnItem| {
            !item.generics.params.is_empty()
                || item.params.iter().filter_map(|param| param.ty.as_ref()).any(is_open)
        };
        own(item)
            || def.parent.is_some_and(|parent| match &self.program.def(parent).item.kind {
                ItemKind::Impl(block) => !block.generics.params.is_empty(),
                ItemKind::Trait { .. } => true,
                _ => false,
            })
    }

    /// What the type parameters of the impl around a function stand for, as its `Self` says.
    pub(in crate::evaluate) fn generics_of_self(
        &self,
        def: &Def,
        self_ty: Option<&Ty>,
    ) -> Vec<(Name, Ty)> {
        let of_trait = def
            .parent
            .filter(|parent| matches!(self.program.def(*parent).item.kind, ItemKind::Trait { .. }));
        if let (Some(of_trait), Some(self_ty)) = (of_trait, self_ty) {
            return self.generics_of_trait(of_trait, self_ty);
        }
        let general = def.parent.and_then(|parent| self.declared_env(parent).self_ty.clone());
        let (Some(Ty::Def(_, params)), Some(Ty::Def(_, given))) = (general, self_ty) else {
            return Vec::new();
        };
        let pairs =
            params.into_iter().zip(given).filter_map(|(param, given)| match (param, given) {
                (Ty::Param(name), given) if !matches!(given, Ty::Unknown | Ty::Param(_)) => {
                    Some((name, given.clone()))
                }
                _ => None,
            });
        pairs.collect()
    }

    fn bind_generics(&self, called: &FnValue, item: &FnItem, args: &[Value]) -> Vec<(Name, Ty)> {
        let mut bound = Vec::new();
        let skip = usize::from(item.receiver.is_some());
        let mut turbofish = called.generics.iter();
        for param in &item.generics.params {
            let explicit = turbofish.next().cloned();
            let inferred = || {
                let at = item.params.iter().position(|p| names_type(p.ty.as_ref(), &param.name))?;
                let ty = self.type_of(args.get(at + skip)?);
                (ty != Ty::Unknown).then_some(ty)
            };
            if let Some(ty) = explicit.or_else(inferred) {
                bound.push((param.name.clone(), ty));
            }
        }
        bound
    }
}

/// Types within types that are told apart: a function may call itself with a larger type each time.
const MOST_DEEP: u32 = 5;

/// Whether a type says all that there is to know of it, in few words.
pub(in crate::evaluate) fn is_known(ty: &Ty) -> bool {
    is_known_within(ty, MOST_DEEP)
}

fn is_known_within(ty: &Ty, left: u32) -> bool {
    let Some(left) = left.checked_sub(1) else { return false };
    let all = |types: &[Ty]| types.iter().all(|ty| is_known_within(ty, left));
    match ty {
        Ty::Def(_, args) | Ty::External(_, args) | Ty::Tuple(args) => all(args),
        Ty::Slice(inside) => is_known_within(inside, left),
        Ty::Fn(args, gives) => all(args) && is_known_within(gives, left),
        Ty::Primitive(_) | Ty::Const(_) | Ty::Never => true,
        Ty::AnyOf(..) | Ty::Dyn(_) | Ty::Impl(_) | Ty::Param(_) | Ty::SelfTy | Ty::Unknown => false,
    }
}

/// Whether a parameter takes values of types that its function does not name.
fn is_open(ty: &TypeRef) -> bool {
    match ty {
        TypeRef::Impl(_) => true,
        TypeRef::Path(path) => path.segments.iter().any(|one| one.args.iter().any(is_open)),
        TypeRef::Ref(inner, _) | TypeRef::Ptr(inner) | TypeRef::Slice(inner) => is_open(inner),
        TypeRef::Tuple(parts) => parts.iter().any(is_open),
        _ => false,
    }
}

/// Whether a parameter's type is just the type parameter `name`.
fn names_type(ty: Option<&TypeRef>, name: &Name) -> bool {
    match ty {
        Some(TypeRef::Path(path)) => {
            matches!(path.segments.as_slice(), [only] if only.name == *name)
        }
        Some(TypeRef::Ref(inner, _)) => names_type(Some(inner), name),
        _ => false,
    }
}
