//! Types as written to types whose names are resolved. References and pointers are dropped.

use std::sync::Arc;

use super::{Def, DefId, DefKind, Head, ModuleId, Namespace, Program, Resolution, Target};
use crate::syntax::tree::{Generics, ItemKind, Lit, Name, Path, PathSegment, TypeRef};
use thin_vec::ThinVec;

/// How deep aliases and associated types are followed.
const DEPTH: u32 = 48;
/// Types that one may be made of, aliases put in: each of these can double what the one before it stands for.
const MOST_TYPES: u32 = 10_000;

/// A type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ty {
    /// Of the tree, with its arguments.
    Def(DefId, Vec<Ty>),
    /// Outside the tree, with its arguments.
    External(Arc<str>, Vec<Ty>),
    /// One of these paths outside the tree: which glob import brings the name is not known.
    AnyOf(Vec<Arc<str>>, Vec<Ty>),
    /// `str`, `u32`, ….
    Primitive(Name),
    /// `[T]`, `[T; N]`.
    Slice(Box<Ty>),
    /// `(A, B)`.
    Tuple(Vec<Ty>),
    /// `fn(A) -> B`.
    Fn(Vec<Ty>, Box<Ty>),
    /// `dyn A + B`.
    Dyn(Vec<Bound>),
    /// `impl A + B`.
    Impl(Vec<Bound>),
    /// A type parameter, or a const parameter.
    Param(Name),
    /// The value of a const parameter.
    Const(Constant),
    /// `Self` where it is not known.
    SelfTy,
    /// `!`.
    Never,
    /// Not known.
    Unknown,
}

/// The value of a const parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Constant {
    /// Of `const B: bool`.
    Bool(bool),
    /// Of `const N: usize` and its like.
    Int(i128),
    /// Of `const C: char`.
    Char(char),
}

/// A bound: `Service<Request, Response = R>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bound {
    /// The trait.
    pub of: Target,
    /// Its arguments.
    pub args: Vec<Ty>,
    /// Its associated types.
    pub bindings: Vec<(Name, Ty)>,
}

/// What the parameters in scope stand for.
#[derive(Debug, Clone, Default)]
pub struct TypeEnv {
    /// Type parameters, innermost last.
    pub params: Vec<(Name, Ty)>,
    /// `Self`.
    pub self_ty: Option<Ty>,
    /// The impl or trait around, whose associated types `Self::X` means first.
    pub within: Option<DefId>,
}

impl TypeEnv {
    /// With these parameters standing for themselves.
    #[must_use]
    pub fn with_params(mut self, generics: &Generics) -> Self {
        let params = generics.params.iter();
        self.params.extend(params.map(|param| (param.name.clone(), Ty::Param(param.name.clone()))));
        self
    }

    /// With a parameter standing for a type.
    #[must_use]
    pub fn with(mut self, param: Name, ty: Ty) -> Self {
        self.params.push((param, ty));
        self
    }

    fn param(&self, name: &str) -> Option<&Ty> {
        self.params.iter().rev().find(|(known, _)| known == name).map(|(_, ty)| ty)
    }
}

impl Ty {
    /// What impls for it are found by; the first bound of a trait object.
    pub fn head(&self) -> Option<Head> {
        match self {
            Self::Def(def, _) => Some(Head::Item(*def)),
            Self::External(path, _) => Some(Head::External(Arc::clone(path))),
            Self::Primitive(name) => Some(Head::Primitive(name.clone())),
            Self::Slice(_) => Some(Head::Slice),
            Self::Tuple(parts) => Some(Head::Tuple(parts.len())),
            Self::Fn(..) => Some(Head::Fn),
            Self::Dyn(bounds) | Self::Impl(bounds) => bounds.first().map(|bound| match &bound.of {
                Target::Item(def) => Head::Item(*def),
                Target::External(path) => Head::External(Arc::clone(path)),
            }),
            Self::Const(_)
            | Self::AnyOf(..)
            | Self::Param(_)
            | Self::SelfTy
            | Self::Never
            | Self::Unknown => None,
        }
    }

    /// Whether it is made of at most `left` types; they are taken off.
    pub fn is_within(&self, left: &mut u32) -> bool {
        if *left == 0 {
            return false;
        }
        *left -= 1;
        match self {
            Self::Def(_, parts)
            | Self::External(_, parts)
            | Self::AnyOf(_, parts)
            | Self::Tuple(parts) => parts.iter().all(|part| part.is_within(left)),
            Self::Slice(of) => of.is_within(left),
            Self::Fn(parts, gives) => {
                parts.iter().all(|part| part.is_within(left)) && gives.is_within(left)
            }
            _ => true,
        }
    }

    /// The type with others in place of its parameters.
    ///
    /// - `left`: how many more types it may be made of; past them it is not known.
    #[must_use]
    pub fn with_params_as(&self, params: &[(&Name, &Self)], left: &mut u32) -> Self {
        if *left == 0 {
            return Self::Unknown;
        }
        *left -= 1;
        let mut all = |parts: &[Self]| -> Vec<Self> {
            parts.iter().map(|part| part.with_params_as(params, left)).collect()
        };
        match self {
            Self::Param(name) => match params.iter().find(|(param, _)| *param == name) {
                Some((_, ty)) if ty.is_within(left) => (*ty).clone(),
                Some(_) => Self::Unknown,
                None => self.clone(),
            },
            Self::Def(def, parts) => Self::Def(*def, all(parts)),
            Self::External(path, parts) => Self::External(Arc::clone(path), all(parts)),
            Self::AnyOf(paths, parts) => Self::AnyOf(paths.clone(), all(parts)),
            Self::Tuple(parts) => Self::Tuple(all(parts)),
            Self::Slice(of) => Self::Slice(Box::new(of.with_params_as(params, left))),
            Self::Fn(parts, gives) => {
                let parts = all(parts);
                Self::Fn(parts, Box::new(gives.with_params_as(params, left)))
            }
            ty => ty.clone(),
        }
    }

    /// Its type arguments.
    pub fn args(&self) -> &[Ty] {
        match self {
            Self::Def(_, args) | Self::External(_, args) | Self::AnyOf(_, args) => args,
            _ => &[],
        }
    }
}

impl Program {
    /// The type that `written` means in `scope`.
    pub fn resolve_type(&self, scope: ModuleId, written: &TypeRef, env: &TypeEnv) -> Ty {
        self.with_type_room(|| self.ty(scope, written, env, 0))
    }

    /// Resolves types that may be as large as one may be.
    fn with_type_room<T>(&self, resolve: impl FnOnce() -> T) -> T {
        let outer = self.type_room.replace(MOST_TYPES);
        let resolved = resolve();
        self.type_room.set(outer);
        resolved
    }

    /// Whether there is room for one more type in the one that is being resolved.
    fn has_room_for(&self, ty: &Ty) -> bool {
        let mut left = self.type_room.get();
        let fits = ty.is_within(&mut left);
        self.type_room.set(left);
        fits
    }

    /// The parameters and `Self` in scope in a definition, those of its impl or trait included.
    pub fn type_env(&self, id: DefId) -> TypeEnv {
        let def = self.def(id);
        let mut env = def.parent.map(|parent| self.type_env(parent)).unwrap_or_default();
        match &def.item.kind {
            ItemKind::Impl(block) => {
                env = env.with_params(&block.generics);
                env.self_ty = self.self_type(id);
                env.within = Some(id);
            }
            ItemKind::Trait { generics, .. } => {
                env = env.with_params(generics);
                env.within = Some(id);
            }
            ItemKind::Struct { generics, .. } | ItemKind::Enum { generics, .. } => {
                env = env.with_params(generics);
                env.self_ty =
                    Some(Ty::Def(id, env.params.iter().map(|(_, ty)| ty.clone()).collect()));
            }
            _ => env = env.with_params(generics_of(&def)),
        }
        env
    }

    /// The bounds of a type parameter of a definition or of what is around it.
    pub fn bounds(&self, id: DefId, param: &str) -> Vec<Bound> {
        let (def, env) = (self.def(id), self.type_env(id));
        let generics = generics_of(&def);
        let own = generics.params.iter().find(|known| known.name == param);
        let mut all = match (own, def.parent) {
            (Some(own), _) => {
                self.with_type_room(|| self.bound_list(def.module, &own.bounds, &env, 0))
            }
            (None, Some(parent)) => self.bounds(parent, param),
            (None, None) => Vec::new(),
        };
        for (subject, bounds) in &generics.wheres {
            if matches!(subject, TypeRef::Path(path)
                if matches!(path.segments.as_slice(), [only] if only.name == param))
            {
                let bounds = self.with_type_room(|| self.bound_list(def.module, bounds, &env, 0));
                all.extend(bounds);
            }
        }
        all
    }

    /// What an alias stands for without its arguments; anything else is itself. `None` for an endless alias or one of a
    /// type without a name.
    pub(super) fn alias_head(&self, def: DefId) -> Option<Resolution> {
        let mut at = def;
        for _ in 0..DEPTH {
            let alias = self.def(at);
            let ItemKind::TypeAlias { ty, .. } = &alias.item.kind else {
                return Some(Resolution::Def(at));
            };
            let mut ty = ty.as_ref()?;
            while let TypeRef::Ref(inner, _) | TypeRef::Ptr(inner) = ty {
                ty = inner;
            }
            let TypeRef::Path(path) = ty else { return None };
            match self.first_of(self.resolve_path(alias.module, path, Namespace::Type))? {
                Resolution::Def(next) => at = next,
                other => return Some(other),
            }
        }
        None
    }

    fn ty(&self, scope: ModuleId, written: &TypeRef, env: &TypeEnv, depth: u32) -> Ty {
        if depth > DEPTH || !self.has_room_for(&Ty::Unknown) {
            return Ty::Unknown;
        }
        let depth = depth + 1;
        let all = |list: &[TypeRef]| {
            list.iter().map(|ty| self.ty(scope, ty, env, depth)).collect::<Vec<_>>()
        };
        match written {
            TypeRef::Path(path) => self.path_ty(scope, path, env, depth),
            TypeRef::Ref(inner, _) | TypeRef::Ptr(inner) => self.ty(scope, inner, env, depth),
            TypeRef::Slice(inner) => Ty::Slice(Box::new(self.ty(scope, inner, env, depth))),
            TypeRef::Tuple(parts) => Ty::Tuple(all(parts)),
            TypeRef::Fn(params, ret) => {
                let ret = ret
                    .as_ref()
                    .map_or(Ty::Tuple(Vec::new()), |ret| self.ty(scope, ret, env, depth));
                Ty::Fn(all(params), Box::new(ret))
            }
            TypeRef::Dyn(bounds) => Ty::Dyn(self.bound_list(scope, bounds, env, depth)),
            TypeRef::Impl(bounds) => Ty::Impl(self.bound_list(scope, bounds, env, depth)),
            TypeRef::Never => Ty::Never,
            TypeRef::Const(Some(Lit::Bool(b))) => Ty::Const(Constant::Bool(*b)),
            TypeRef::Const(Some(Lit::Int(n))) => Ty::Const(Constant::Int(n.get())),
            TypeRef::Const(Some(Lit::Char(c))) => Ty::Const(Constant::Char(*c)),
            TypeRef::Const(_) | TypeRef::Infer | TypeRef::Unknown => Ty::Unknown,
        }
    }

    /// The bounds whose trait is found.
    fn bound_list(
        &self,
        scope: ModuleId,
        bounds: &[TypeRef],
        env: &TypeEnv,
        depth: u32,
    ) -> Vec<Bound> {
        let mut found = Vec::new();
        for bound in bounds {
            let TypeRef::Path(path) = bound else { continue };
            let (Some(of), Some(last)) = (self.type_target(scope, path), path.segments.last())
            else {
                continue;
            };
            let args = last.args.iter().map(|arg| self.ty(scope, arg, env, depth + 1)).collect();
            let bindings = last
                .bindings
                .iter()
                .map(|(name, ty)| (name.clone(), self.ty(scope, ty, env, depth + 1)));
            found.push(Bound { of, args, bindings: bindings.collect() });
        }
        found
    }

    fn path_ty(&self, scope: ModuleId, path: &Path, env: &TypeEnv, depth: u32) -> Ty {
        if let Some((base, count)) = path.qself.as_deref() {
            let base = self.ty(scope, base, env, depth);
            let of = (*count > 0).then(|| {
                let segments = path.segments.iter().take(*count).cloned().collect();
                self.type_target(
                    scope,
                    &Path { qself: None, global: path.global, segments, span: path.span },
                )
            });
            let Some(name) = path.segments.get(*count) else { return Ty::Unknown };
            return self.assoc_ty(&base, of.flatten().as_ref(), &name.name, env, depth);
        }
        if !path.global
            && let Some((first, rest)) = path.segments.split_first()
        {
            let known = if first.name == "Self" {
                Some(env.self_ty.clone().unwrap_or(Ty::SelfTy))
            } else {
                env.param(&first.name).cloned()
            };
            match (known, rest) {
                (Some(known), []) if self.has_room_for(&known) => return known,
                (Some(known), [name]) => {
                    return self.assoc_ty(&known, None, &name.name, env, depth);
                }
                (Some(_), _) => return Ty::Unknown,
                (None, _) => {}
            }
        }
        let args = || {
            let last: Option<&PathSegment> = path.segments.last();
            let args = last.into_iter().flat_map(|last| &last.args);
            args.map(|arg| self.ty(scope, arg, env, depth)).collect::<Vec<_>>()
        };
        let mut found = self.resolve_path(scope, path, Namespace::Type);
        found.sort_by_key(|(cfg, _)| cfg.is_some());
        let Some(is) = self.first_of(found) else {
            let segments: Vec<&str> =
                path.segments.iter().map(|segment| segment.name.as_str()).collect();
            let mut candidates = self.glob_candidates(scope, &segments);
            return match (candidates.len(), candidates.pop()) {
                (1, Some(only)) => Ty::External(only, args()),
                (_, Some(last)) => {
                    candidates.push(last);
                    Ty::AnyOf(candidates, args())
                }
                _ => Ty::Unknown,
            };
        };
        match is {
            Resolution::Def(def) => self.def_ty(def, args(), depth),
            Resolution::External(path) => Ty::External(path, args()),
            Resolution::Primitive(name) => Ty::Primitive(name),
            Resolution::Variant(..) | Resolution::Module(_) => Ty::Unknown,
        }
    }

    /// A definition with arguments; an alias becomes what it stands for.
    fn def_ty(&self, id: DefId, args: Vec<Ty>, depth: u32) -> Ty {
        let def = self.def(id);
        match (&def.item.kind, def.kind) {
            (ItemKind::TypeAlias { generics, ty: Some(ty) }, DefKind::TypeAlias) => {
                let mut env = TypeEnv::default();
                for (at, param) in generics.params.iter().enumerate() {
                    let default =
                        || param.default.as_ref().map(|ty| self.ty(def.module, ty, &env, depth));
                    let arg = args.get(at).cloned().or_else(default).unwrap_or(Ty::Unknown);
                    env = env.with(param.name.clone(), arg);
                }
                self.ty(def.module, ty, &env, depth)
            }
            (ItemKind::TypeAlias { ty: Some(ty), .. }, _) => {
                self.ty(def.module, ty, &self.type_env(id), depth)
            }
            (ItemKind::TypeAlias { .. }, _) => Ty::Unknown,
            (_, DefKind::Trait) => {
                Ty::Dyn(vec![Bound { of: Target::Item(id), args, bindings: Vec::new() }])
            }
            _ => Ty::Def(id, args),
        }
    }

    /// `base::name`, or `<base as of>::name`.
    fn assoc_ty(
        &self,
        base: &Ty,
        of: Option<&Target>,
        name: &str,
        env: &TypeEnv,
        depth: u32,
    ) -> Ty {
        if depth > DEPTH {
            return Ty::Unknown;
        }
        if let Ty::Impl(bounds) | Ty::Dyn(bounds) = base
            && let Some((_, ty)) =
                bounds.iter().flat_map(|bound| &bound.bindings).find(|(bound, _)| bound == name)
        {
            return ty.clone();
        }
        let own = env.within.filter(|_| Some(base) == env.self_ty.as_ref());
        let impls = own
            .into_iter()
            .chain(base.head().map(|head| self.impls_for(&head)).unwrap_or_default());
        let of_trait = |block: &DefId| {
            of.is_none_or(|of| self.trait_of(*block).is_some_and(|this| same_trait(&this, of)))
        };
        let members = impls.filter(of_trait).flat_map(|block| self.members(block));
        let found = members.filter(|member| {
            let def = self.def(*member);
            def.name == name && matches!(&def.item.kind, ItemKind::TypeAlias { ty: Some(_), .. })
        });
        let Some(def) = self.first_def_of(found.collect()).map(|found| self.def(found)) else {
            return Ty::Unknown;
        };
        let (ItemKind::TypeAlias { ty: Some(ty), .. }, Some(block)) = (&def.item.kind, def.parent)
        else {
            return Ty::Unknown;
        };
        let mut inner = self.type_env(block);
        if let Some(general) = inner.self_ty.clone() {
            for (param, arg) in general.args().iter().zip(base.args()) {
                if let Ty::Param(param) = param {
                    inner = inner.with(param.clone(), arg.clone());
                }
            }
        }
        self.ty(def.module, ty, &inner, depth + 1)
    }
}

/// Whether two names mean one trait: outside the tree a crate may re-export it under several paths.
fn same_trait(a: &Target, b: &Target) -> bool {
    match (a, b) {
        (Target::External(a), Target::External(b)) => {
            let ends = |path: &str| path.rsplit(':').next().map(ToOwned::to_owned);
            a.split(':').next() == b.split(':').next() && ends(a) == ends(b)
        }
        (a, b) => a == b,
    }
}

/// The parameters of a definition's own.
fn generics_of(def: &Def) -> &Generics {
    static NONE: Generics = Generics { params: ThinVec::new(), wheres: ThinVec::new() };
    match &def.item.kind {
        ItemKind::Fn(item) => &item.generics,
        ItemKind::Impl(item) => &item.generics,
        ItemKind::TypeAlias { generics, .. }
        | ItemKind::Struct { generics, .. }
        | ItemKind::Enum { generics, .. }
        | ItemKind::Trait { generics, .. } => generics,
        _ => &NONE,
    }
}
