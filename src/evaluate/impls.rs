//! Which of several impls is meant that have a member of one name: `impl Gate<true>` and `impl Gate<false>`,
//! `impl From<A> for B` and `impl From<C> for B`.

use super::{
    Evaluator,
    branch::Eval,
    effect::{Guard, Guards},
    method::Method,
    types::pointee,
    value::{Cell, FnValue, Value},
};
use crate::{
    link::{
        DefId, Head, Target,
        types::{Bound, Ty},
    },
    syntax::tree::{ItemKind, TypeRef},
};

/// What lists of which the elements are known may be.
const COLLECTIONS: [&str; 4] = [
    "std::vec::Vec",
    "std::collections::VecDeque",
    "std::collections::HashSet",
    "std::collections::BTreeSet",
];

impl Evaluator<'_> {
    /// The methods of that name of everything that implements one of the traits, and their defaults.
    pub(super) fn methods_of_bounds(&self, bounds: &[Bound], name: &str) -> Vec<DefId> {
        let mut found: Vec<DefId> = Vec::new();
        for bound in bounds {
            let Target::Item(of_trait) = bound.of else { continue };
            for of_trait in self.with_supertraits(of_trait) {
                let blocks = self.program.impls_of_trait(of_trait);
                for parent in blocks.into_iter().chain([of_trait]) {
                    let members = self.program.members(parent).into_iter();
                    found.extend(members.filter(|id| self.program.def(*id).name == name));
                }
            }
        }
        found.dedup();
        found
    }

    fn with_supertraits(&self, of_trait: DefId) -> Vec<DefId> {
        let mut all = vec![of_trait];
        let mut at = 0;
        while let Some(next) = all.get(at).copied() {
            for upper in self.program.supertraits(next) {
                if let Target::Item(upper) = upper
                    && !all.contains(&upper)
                {
                    all.push(upper);
                }
            }
            at += 1;
        }
        all
    }

    /// Of several members of one name those whose impl is for what `ty` may be; all of them where none is.
    pub(super) fn of_fitting_impls(&self, found: Vec<DefId>, ty: &Ty) -> Vec<DefId> {
        if found.len() < 2 {
            return found;
        }
        let fits = |id: &DefId| {
            let parent = self.program.def(*id).parent;
            let others = parent.map(|parent| self.program.other_types(parent)).unwrap_or_default();
            self.implementor(*id).is_none_or(|own| !differ(&own, ty))
                || others.iter().any(|own| !differ(own, ty))
        };
        let kept: Vec<DefId> = found.iter().copied().filter(fits).collect();
        if kept.is_empty() { found } else { kept }
    }

    /// Calls the method of the one impl of a trait, where the receiver's type has methods of that name of several traits.
    pub(super) fn method_of_trait(
        &mut self,
        of_trait: DefId,
        receiver: &Cell,
        value: &Value,
        method: &Method<'_>,
    ) -> Option<Eval> {
        let (found, sure) = self.methods_of_tree(&value.bare(), method);
        let is_of = |one: &&FnValue| {
            let block = self.program.def(one.def).parent;
            block.is_some_and(|block| {
                block == of_trait || self.program.trait_of(block) == Some(Target::Item(of_trait))
            })
        };
        let mut of_it = found.iter().filter(is_of);
        let only = of_it.next().filter(|_| sure && found.len() > 1)?;
        if of_it.next().is_some() {
            return None;
        }
        Some(self.call_method(only.clone(), receiver, value, method.clone()))
    }

    /// The type of a list, where that is told by which collection the tree implements the method for: elements that are known
    /// may be those of any.
    pub(super) fn collection_with(&self, ty: &Ty, method: &str) -> Ty {
        let Ty::Slice(element) = ty else { return ty.clone() };
        let has_own = |head: Head| !self.program.assoc_of(&head, method).is_empty();
        if has_own(Head::Slice) {
            return ty.clone();
        }
        let paths = COLLECTIONS.into_iter();
        let path = paths.into_iter().find(|path| has_own(Head::External((*path).into())));
        path.map_or_else(|| ty.clone(), |path| Ty::External(path.into(), vec![(**element).clone()]))
    }

    /// Members of that name of impls for smart pointers to what `ty` may be: a value stands for what points to it, so
    /// nothing else says that a method is asked of the pointer.
    pub(super) fn methods_of_pointers(&self, name: &str, ty: &Ty) -> Vec<DefId> {
        let impls_for = |path: &str| self.program.impls_for(&Head::External(path.into()));
        let pointers = ["std::boxed::Box", "std::sync::Arc", "std::rc::Rc"];
        let mut blocks: Vec<DefId> = pointers.into_iter().flat_map(impls_for).collect();
        blocks.sort_unstable();
        blocks.retain(|block| match self.program.self_type(*block) {
            Some(Ty::External(_, args)) => args.first().is_some_and(|held| !differ(held, ty)),
            _ => false,
        });
        self.program.assoc_of_impls(&blocks, name)
    }

    /// Of members of impls for all functions of so many parameters, as macros make one for each number, those for what
    /// `value` is; all of them where none is.
    pub(super) fn of_fitting_arity(&self, found: Vec<DefId>, value: &Value) -> Vec<DefId> {
        let count = match value.bare() {
            Value::Closure(closure) => closure.expr.params.len(),
            Value::Fn(called) => match &self.program.def(called.def).item.kind {
                ItemKind::Fn(item) => item.params.len() + usize::from(item.receiver.is_some()),
                _ => return found,
            },
            _ => return found,
        };
        let fits = |id: &DefId| self.arity_asked_for(*id).is_none_or(|asked| asked == count);
        let kept: Vec<DefId> = found.iter().copied().filter(fits).collect();
        if kept.is_empty() { found } else { kept }
    }

    /// How many parameters the functions have that the impl around a member is for: `impl<F: Fn(A, B) -> C, …> … for F`.
    fn arity_asked_for(&self, member: DefId) -> Option<usize> {
        let block = self.program.def(self.program.def(member).parent?);
        let ItemKind::Impl(block) = &block.item.kind else { return None };
        let named = |ty: &TypeRef| match ty {
            TypeRef::Path(path) => path.segments.last().cloned(),
            _ => None,
        };
        let of = named(&block.self_ty)?;
        let param = block.generics.params.iter().find(|param| param.name == of.name)?;
        let mut bounds = param.bounds.iter().filter_map(named);
        let function = bounds.find(|bound| {
            let name = bound.name.strip_prefix("Async").unwrap_or(&bound.name);
            matches!(name, "Fn" | "FnMut" | "FnOnce")
        })?;
        Some(function.args.len())
    }

    /// Whether the trait of the impl around a member is given that type first: `impl Index<Key> for [Route; 2]` is for no
    /// index of which nothing is known, since all code indexes lists.
    pub(super) fn takes_first(&self, member: DefId, ty: &Ty) -> bool {
        let all = self.arguments_of_trait(member);
        let first = all.as_deref().and_then(<[Ty]>::first);
        !matches!(ty, Ty::Unknown) && first.is_some_and(|first| !differ(first, ty))
    }

    /// The type that the impl around a member is for.
    pub(super) fn implementor(&self, member: DefId) -> Option<Ty> {
        let parent = self.program.def(member).parent?;
        self.program.self_type(parent)
    }

    /// Of members of one name that are asked of a type, those of which one may be meant, each under what makes it that
    /// one: the first, where that is not compiled what is there instead of it, and those of impls for other types.
    pub(super) fn each_meant(&mut self, found: &[DefId]) -> Vec<(Guards, DefId)> {
        let mut all: Vec<(Guards, DefId)> = Vec::new();
        let mut by_type = false;
        for id in found {
            let cfg = self.program.def(*id).cfg.clone();
            let Some(guards) = self.under(cfg.as_ref()) else { continue };
            let Some(guards) = self.where_not_replaced(*id, found, guards) else { continue };
            let apart = |(earlier, other): &(Guards, DefId)| {
                guards.excludes(earlier)
                    || self.of_other_impl(*id, *other)
                    || self.is_replaced_by(*id, *other)
            };
            if all.iter().all(apart) {
                by_type |= all.iter().any(|(earlier, _)| !guards.excludes(earlier));
                all.push((guards, *id));
            }
        }
        if by_type {
            let condition = self.fresh_condition();
            let chosen = |(guards, arm): (&Guards, u16)| guards.with(Guard { condition, arm });
            let guards: Vec<_> =
                all.iter().map(|(guards, _)| guards).zip(0..).map(chosen).collect();
            for (one, guards) in all.iter_mut().zip(guards) {
                one.0 = guards.unwrap_or_default();
            }
        }
        all
    }

    /// Where a member is meant: the default of a trait only where that is not replaced by what an impl has under an option.
    ///
    /// - `guards`: where it is there.
    pub(super) fn where_not_replaced(
        &mut self,
        member: DefId,
        found: &[DefId],
        mut guards: Guards,
    ) -> Option<Guards> {
        for other in found {
            if let Some(cfg) = self.program.def(*other).cfg.clone()
                && self.is_replaced_by(member, *other)
                && self.is_of_one_impl(*other)
            {
                guards = guards.and(&self.cfg_guards(&cfg, false)?)?;
            }
        }
        Some(guards)
    }

    /// Whether its trait is implemented for no other type of the same name, of which a default may be: `Row<A>` and `Row<B>`.
    fn is_of_one_impl(&self, member: DefId) -> bool {
        let block = self.program.def(member).parent;
        let of_trait = block.and_then(|block| self.program.trait_of(block));
        let own = block.and_then(|block| self.program.self_type(block));
        let (Some(of_trait), Some(own)) = (of_trait, own) else { return false };
        self.program.impls_of(&of_trait).into_iter().all(|other| {
            let other = self.program.self_type(other);
            other.is_none_or(|other| other.head() != own.head() || !differ(&other, &own))
        })
    }

    /// Without the defaults that are replaced wherever evaluation is.
    pub(super) fn not_replaced(&mut self, mut found: Vec<DefId>) -> Vec<DefId> {
        let all = found.clone();
        found.retain(|id| self.where_not_replaced(*id, &all, self.guards.clone()).is_some());
        found
    }

    /// Whether `other` is in an impl of the trait that has `member` as a default.
    fn is_replaced_by(&self, member: DefId, other: DefId) -> bool {
        let [of_trait, block] = [member, other].map(|id| self.program.def(id).parent);
        of_trait.zip(block).is_some_and(|(of_trait, block)| {
            self.program.trait_of(block) == Some(Target::Item(of_trait))
        })
    }

    /// Whether two members are of impls for different types, or of one trait with different arguments.
    fn of_other_impl(&self, one: DefId, other: DefId) -> bool {
        let own = self.implementor(one).zip(self.implementor(other));
        own.is_some_and(|(one, other)| differ(&one, &other)) || self.takes_other(one, other)
    }

    /// Whether two members are of impls of one trait that differ in its arguments.
    fn takes_other(&self, one: DefId, other: DefId) -> bool {
        let [one, other] = [one, other].map(|id| self.arguments_of_trait(id).unwrap_or_default());
        one.len() == other.len() && one.iter().zip(&other).any(|(a, b)| a != b)
    }

    /// The arguments of the trait that the impl around a member is of.
    fn arguments_of_trait(&self, member: DefId) -> Option<Vec<Ty>> {
        let parent = self.program.def(member).parent?;
        let def = self.program.def(parent);
        let ItemKind::Impl(block) = &def.item.kind else { return None };
        let last = block.of_trait.as_ref()?.segments.last()?;
        let env = self.declared_env(parent);
        let args = last.args.iter().map(|arg| self.program.resolve_type(def.module, arg, &env));
        Some(args.collect())
    }

    /// Of several functions of which one is called, those that may take what they are given; all where none does.
    pub(super) fn of_fitting_parameters(
        &self,
        all: &[(Guards, Value)],
        args: &[Value],
    ) -> Vec<(Guards, Value)> {
        let fits = |value: &Value| match value {
            Value::Fn(function) => self.may_take(function, args),
            _ => true,
        };
        let kept: Vec<_> = all.iter().filter(|(_, value)| fits(value)).cloned().collect();
        if kept.is_empty() { all.to_vec() } else { kept }
    }

    fn may_take(&self, function: &FnValue, args: &[Value]) -> bool {
        let types = self.parameter_types(function);
        let skip = args.len().saturating_sub(types.len());
        types.iter().zip(args.iter().skip(skip)).all(|(ty, arg)| !differ(ty, &self.type_of(arg)))
    }
}

/// `Self` in an impl: the type that a call knows, with the type arguments that the impl is for where they are types.
pub(super) fn as_impl_says(called: Option<Ty>, of_impl: Option<Ty>) -> Option<Ty> {
    match (called, of_impl) {
        (Some(Ty::Def(def, given)), Some(Ty::Def(own, args)))
            if def == own && args.iter().any(|arg| !matches!(arg, Ty::Param(_))) =>
        {
            let given = given.into_iter().map(Some).chain(std::iter::repeat(None));
            let both = args.into_iter().zip(given).map(|(arg, given)| match arg {
                Ty::Param(_) => given.unwrap_or(Ty::Unknown),
                arg => arg,
            });
            Some(Ty::Def(def, both.collect()))
        }
        (called, of_impl) => called.or(of_impl),
    }
}

/// Whether two types are known to be different ones. Values stand for what points to them, and text for all that holds
/// text.
pub(super) fn differ(one: &Ty, other: &Ty) -> bool {
    let each = |a: &[Ty], b: &[Ty]| a.iter().zip(b).any(|(a, b)| differ(a, b));
    match (pointee(one), pointee(other)) {
        (Ty::Def(a, x), Ty::Def(b, y)) => a != b || each(x, y),
        (Ty::External(a, x), Ty::External(b, y)) => {
            // A crate may name a thing in several ways.
            a.rsplit(':').next() != b.rsplit(':').next() || each(x, y)
        }
        (Ty::Const(a), Ty::Const(b)) => a != b,
        (Ty::Primitive(a), Ty::Primitive(b)) => a != b,
        (Ty::Tuple(a), Ty::Tuple(b)) => a.len() != b.len() || each(a, b),
        (Ty::Def(..), Ty::Primitive(_) | Ty::Const(_) | Ty::Tuple(_) | Ty::Slice(_))
        | (Ty::Primitive(_) | Ty::Const(_) | Ty::Tuple(_) | Ty::Slice(_), Ty::Def(..))
        | (Ty::Tuple(_), Ty::Primitive(_))
        | (Ty::Primitive(_), Ty::Tuple(_)) => true,
        (Ty::Def(..), Ty::External(path, _)) | (Ty::External(path, _), Ty::Def(..)) => {
            &**path == "std::string::String"
        }
        _ => false,
    }
}
