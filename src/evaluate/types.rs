//! Types of values, and values of which only the type is known.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::{
    Evaluator,
    impls::differ,
    keyed::kind_of,
    value::{FnValue, Kind, Object, Term, Value},
};
use crate::{
    databases, frameworks,
    link::{
        DefId, Target,
        types::{Bound, Ty, TypeEnv},
    },
    syntax::tree::{ItemKind, Name, TypeRef},
};

/// Types that the type of a value is made of; what is behind them is not known.
pub(super) const MOST_TYPES: u32 = 256;

/// What was read once of types of the tree.
#[derive(Debug, Default)]
pub(super) struct ReadTypes {
    /// Which are `Copy`.
    pub(super) are_copy: FxHashMap<DefId, bool>,
    /// The numbers of the variants of enums; `None` where one is not known, or while they are read.
    pub(super) numbers: FxHashMap<DefId, Option<Rc<[i128]>>>,
}

/// What is inside `Result<T, _>`, `Option<T>` and futures. Values that come from outside the tree are often known
/// without such a wrapper: they stay what they are.
pub(super) fn success_type(ty: &Ty) -> Ty {
    match ty {
        Ty::External(path, args) if is_wrapper(path) => {
            args.first().cloned().unwrap_or(Ty::Unknown)
        }
        // `diesel::QueryResult<T>`; `PgQueryResult` is none.
        Ty::External(path, args) if path.ends_with("Result") && !args.is_empty() => {
            args.first().cloned().unwrap_or(Ty::Unknown)
        }
        ty => output_type(ty).map_or_else(|| ty.clone(), |ty| success_type(&ty)),
    }
}

fn is_wrapper(path: &str) -> bool {
    path == "std::option::Option" || path.ends_with("::Result")
}

/// What a future gives: `impl Future<Output = T>`, `Pin<Box<dyn Future<Output = T>>>`, `BoxFuture<T>`.
pub(super) fn output_type(ty: &Ty) -> Option<Ty> {
    match pointee(ty) {
        Ty::External(path, args) if path.ends_with("BoxFuture") => args.last().cloned(),
        Ty::Dyn(bounds) | Ty::Impl(bounds) => bounds
            .iter()
            .flat_map(|bound| &bound.bindings)
            .find(|(name, _)| name == "Output")
            .map(|(_, ty)| ty.clone()),
        _ => None,
    }
}

/// What a method of a cell, lock or lazily made value gives access to; guards and `Result`s around it are left out.
pub(super) fn held_type(ty: &Ty, method: &str) -> Option<Ty> {
    let Ty::External(path, args) = pointee(ty) else { return None };
    let holds = matches!(
        path.rsplit(':').next(),
        Some(
            "Mutex"
                | "RwLock"
                | "RefCell"
                | "Cell"
                | "OnceLock"
                | "OnceCell"
                | "ReentrantMutex"
                | "FairMutex"
                | "ArcSwap"
                | "ArcSwapAny"
        )
    );
    let gives = matches!(
        method,
        "lock"
            | "try_lock"
            | "blocking_lock"
            | "lock_owned"
            | "read"
            | "write"
            | "blocking_read"
            | "blocking_write"
            | "try_read"
            | "try_write"
            | "borrow"
            | "borrow_mut"
            | "get"
            | "get_mut"
            | "into_inner"
            | "load"
            | "load_full"
            | "wait"
            | "get_or_init"
            | "get_or_try_init"
    );
    (holds && gives).then(|| args.first().cloned().unwrap_or(Ty::Unknown))
}

/// A method that gives back what it is called on, or a reference to it.
pub fn gives_itself(method: &str) -> bool {
    matches!(
        method,
        "as_ref"
            | "as_mut"
            | "as_deref"
            | "as_deref_mut"
            | "deref"
            | "deref_mut"
            | "by_ref"
            | "borrow"
            | "borrow_mut"
            | "get_ref"
            | "get_mut"
            | "clone"
            | "cloned"
            | "to_owned"
            | "take"
    ) || keeps_success(method)
}

/// A method of a `Result` or future that changes only its error, or how it runs.
pub(super) fn keeps_success(method: &str) -> bool {
    matches!(
        method,
        "map_err"
            | "context"
            | "with_context"
            | "wrap_err"
            | "wrap_err_with"
            | "inspect_err"
            | "ok_or"
            | "ok_or_else"
            | "change_context"
            | "instrument"
            | "in_current_span"
            | "into_future"
            | "boxed"
            | "boxed_local"
    )
}

/// Whether a type is one of the tree, or a result, option or list of such.
fn is_of_tree(ty: &Ty) -> bool {
    match ty {
        Ty::Def(..) => true,
        Ty::External(path, args) => {
            let holds = path.ends_with("Result") || is_wrapper(path) || &**path == "std::vec::Vec";
            holds && args.first().is_some_and(is_of_tree)
        }
        _ => false,
    }
}

/// A type whose value is used like the value it holds.
fn is_pointer(path: &str) -> bool {
    matches!(
        path.rsplit(':').next(),
        Some(
            "Box"
                | "Arc"
                | "Rc"
                | "Cow"
                | "Pin"
                | "State"
                | "Data"
                | "Extension"
                | "MutexGuard"
                | "OwnedMutexGuard"
                | "MappedMutexGuard"
                | "RwLockReadGuard"
                | "RwLockWriteGuard"
                | "OwnedRwLockReadGuard"
                | "OwnedRwLockWriteGuard"
                | "Ref"
                | "RefMut"
                | "LazyLock"
                | "LazyCell"
                | "Lazy"
        )
    )
}

/// What smart pointers and extractors around a type lead to.
pub(super) fn pointee(ty: &Ty) -> &Ty {
    match ty {
        Ty::External(path, args) if is_pointer(path) => args.last().map_or(ty, pointee),
        ty => ty,
    }
}

impl Evaluator<'_> {
    /// The traits that a type is only known to implement.
    pub fn bounds_of(&self, ty: &Ty) -> Vec<Bound> {
        match ty {
            Ty::Dyn(bounds) | Ty::Impl(bounds) => bounds.clone(),
            Ty::Param(name) => {
                let owner = self.scope.owner;
                owner.map(|owner| self.program.bounds(owner, name)).unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }

    /// A type as written in the scope being evaluated.
    pub fn type_of_ref(&self, written: &TypeRef) -> Ty {
        let ty = self.program.resolve_type(self.scope.module, written, self.env());
        settle(ty)
    }

    /// A value of which only the type is known.
    pub fn symbolic(&mut self, ty: &Ty) -> Value {
        let ty = settle(ty.clone());
        if let Ty::External(path, _) = &ty
            && let Some(kind) = frameworks::router_kind(path)
        {
            return self.operate(kind, None, super::router::Op::Opaque, self.current);
        }
        if let Ty::Impl(bounds) | Ty::Dyn(bounds) = &ty {
            let kind = bounds.iter().find_map(|bound| match &bound.of {
                Target::External(path) => frameworks::router_kind(path),
                Target::Item(_) => None,
            });
            if let Some(kind) = kind {
                return self.operate(kind, None, super::router::Op::Opaque, self.current);
            }
        }
        Value::Unknown(ty)
    }

    /// The types of a function's parameters, without the receiver's.
    pub fn parameter_types(&self, function: &FnValue) -> Vec<Ty> {
        let def = self.program.def(function.def);
        let ItemKind::Fn(item) = &def.item.kind else { return Vec::new() };
        let env = self.given_env(function, item);
        let types = item.params.iter().map(|param| {
            let ty = param.ty.as_ref();
            settle(ty.map_or(Ty::Unknown, |ty| self.program.resolve_type(def.module, ty, &env)))
        });
        types.collect()
    }

    /// `value`, known to be of type `ty`.
    pub fn with_type(&mut self, value: Value, ty: &Ty) -> Value {
        match (&value, ty) {
            (Value::Unknown(Ty::Unknown), Ty::Unknown) => value,
            (Value::Unknown(Ty::Unknown | Ty::Impl(_) | Ty::Param(_)), ty) => self.symbolic(ty),
            (Value::Object(object), Ty::Def(def, generics))
                if object.def == *def
                    && !generics.is_empty()
                    && (object.generics.is_empty() || object.generics.contains(&Ty::Unknown)) =>
            {
                let own = object.generics.iter().chain(std::iter::repeat(&Ty::Unknown));
                let filled = generics.iter().zip(own).map(|(ty, own)| match own {
                    Ty::Unknown => ty.clone(),
                    own => own.clone(),
                });
                let generics = filled.collect();
                Value::Object(Rc::new(Object { generics, ..(**object).clone() }))
            }
            // One that was made for other type arguments was converted on the way: `App<Open>` into `App<Closed>`.
            (Value::Object(object), Ty::Def(def, _))
                if object.def == *def && differ(&self.type_of(&value), ty) =>
            {
                self.converted(&value, ty).unwrap_or(value)
            }
            // A value of the tree where another type is expected was converted on the way.
            (Value::Object(object), ty) if !matches!(ty, Ty::Def(def, _) if *def == object.def) => {
                self.converted(&value, ty).unwrap_or(value)
            }
            (Value::List(_), Ty::External(path, _)) if kind_of(path) != Kind::Sequence => {
                self.of_collection(value, path)
            }
            (Value::Tuple(parts), Ty::External(path, _)) => {
                let kind = frameworks::router_kind(path);
                let whole = kind.and_then(|kind| frameworks::put_together(self, kind, parts));
                whole.or_else(|| self.with_type_of_tree(&value, ty)).unwrap_or(value)
            }
            (Value::Str(_) | Value::Tuple(_) | Value::Int(_) | Value::List(_), ty) => {
                self.with_type_of_tree(&value, ty).unwrap_or(value)
            }
            // What code outside the tree made is of that type all the same.
            (Value::Term(term), ty)
                if term.args.is_some() && !term.path.starts_with("std::") && is_of_tree(ty) =>
            {
                self.symbolic(ty)
            }
            (Value::Term(_), Ty::External(path, _))
                if frameworks::router_kind(path).is_some() || &**path == "std::vec::Vec" =>
            {
                self.typed_outside(&value, ty).unwrap_or(value)
            }
            (Value::Term(term), Ty::External(path, args)) if is_wrapper(path) => {
                let (Some([inside]), Some(ty)) = (term.args.as_deref(), args.first()) else {
                    return super::option::none_of(term, args).unwrap_or(value);
                };
                if !matches!(super::option::unwrap(&value), super::option::Unwrapped::Inside(_)) {
                    return value;
                }
                let inside = self.with_type(inside.clone(), ty);
                Value::Term(Rc::new(Term { args: Some(vec![inside]), ..(**term).clone() }))
            }
            _ => value,
        }
    }

    /// The declared type of a parameter of a function or closure.
    pub fn parameter_type(&self, callable: &Value, at: usize) -> Option<Ty> {
        match callable.bare() {
            Value::Fn(function) => {
                let def = self.program.def(function.def);
                let ItemKind::Fn(item) = &def.item.kind else { return None };
                let env = self.given_env(&function, item);
                let ty = item.params.get(at)?.ty.as_ref()?;
                Some(self.program.resolve_type(def.module, ty, &env))
            }
            Value::Closure(closure) => {
                let ty = closure.expr.params.get(at)?.ty.as_ref()?;
                Some(self.program.resolve_type(closure.module, ty, &TypeEnv::default()))
            }
            Value::Term(term) if term.path.ends_with("::layer") => {
                self.parameter_type(term.args.as_ref()?.first()?, at)
            }
            _ => None,
        }
    }

    /// The value of an associated constant of a type.
    pub fn constant_of(&mut self, ty: DefId, name: &str) -> Option<Value> {
        let id = self
            .program
            .assoc(ty, name)
            .into_iter()
            .find(|id| self.program.def(*id).kind == crate::link::DefKind::AssocConst)?;
        Some(self.constant(id))
    }

    /// The type of a value, as far as known.
    pub fn type_of(&self, value: &Value) -> Ty {
        self.type_within(value, &mut { MOST_TYPES })
    }

    /// - `left`: how many more types it may be made of. A pair of pairs of pairs … has a type without an end.
    fn type_within(&self, value: &Value, left: &mut u32) -> Ty {
        if *left == 0 {
            return Ty::Unknown;
        }
        *left -= 1;
        match value {
            Value::Unknown(ty) if !ty.is_within(left) => Ty::Unknown,
            Value::Unknown(ty) => ty.clone(),
            Value::Unit => Ty::Tuple(Vec::new()),
            Value::Str(_) => Ty::Primitive(Name::new_static("str")),
            Value::Bool(_) => Ty::Primitive(Name::new_static("bool")),
            Value::Char(_) => Ty::Primitive(Name::new_static("char")),
            Value::Tuple(parts) => {
                let types = parts.iter().map(|part| self.type_within(&part.borrow(), left));
                Ty::Tuple(types.collect())
            }
            Value::List(list) => Ty::Slice(Box::new(
                list.items.first().map_or(Ty::Unknown, |item| self.type_within(item, left)),
            )),
            Value::Object(object) => Ty::Def(object.def, object.generics.clone()),
            Value::Router(handle) => Ty::External(handle.kind.into(), Vec::new()),
            Value::Ref(target) => self.type_within(&target.borrow(), left),
            Value::Passed(passed) => self.type_within(&passed.value, left),
            Value::Term(term) if term.args.is_none() => Ty::External(term.path.clone(), Vec::new()),
            _ => Ty::Unknown,
        }
    }
}

/// Of several paths that a glob import may mean, the one that a framework knows.
pub(super) fn settle(ty: Ty) -> Ty {
    match ty {
        Ty::AnyOf(paths, args) => {
            let known = paths
                .iter()
                .find(|path| frameworks::router_kind(path).is_some())
                .or_else(|| {
                    let knows = |path: &str| frameworks::knows(path) || databases::knows(path);
                    paths.iter().find(|path| knows(path))
                })
                .or(paths.first())
                .cloned();
            known.map_or(Ty::Unknown, |path| Ty::External(path, args))
        }
        ty => ty,
    }
}
