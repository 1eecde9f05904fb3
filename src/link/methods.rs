//! Impls and traits: which methods, constants and types a type has.

use std::{rc::Rc, sync::Arc};

use rustc_hash::FxHashMap;

use super::{Def, DefId, DefKind, Namespace, Program, Resolution, Target, types::Ty};
use crate::syntax::tree::{ItemKind, Name, TypeRef};

/// How many answers about members are remembered: the next ones take the place of all.
const MOST_KEPT: usize = 1 << 15;

/// What a type is when its arguments are left out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Head {
    /// A type of the tree; a trait stands for its objects.
    Item(DefId),
    /// A type outside the tree; a trait stands for its objects.
    External(Arc<str>),
    /// `str`, `u32`, …
    Primitive(Name),
    /// `[T]`.
    Slice,
    /// A tuple of that many.
    Tuple(usize),
    /// A function pointer.
    Fn,
}

/// A method among those of its name.
#[derive(Debug, Clone, Copy)]
struct Named {
    id: DefId,
    /// The impl or trait around it.
    parent: Option<DefId>,
    /// How many arguments it takes after its receiver; `None` of one without receiver or body.
    takes: Option<usize>,
}

impl Named {
    fn new(id: DefId, def: &Def) -> Self {
        let takes = match &def.item.kind {
            ItemKind::Fn(item) if item.receiver.is_some() && item.body.is_some() => {
                Some(item.params.len())
            }
            _ => None,
        };
        Self { id, parent: def.parent, takes }
    }
}

/// Members and impls by what they belong to.
#[derive(Default)]
pub(crate) struct Index {
    indexed: usize,
    /// Whether all definitions so far are filed.
    is_complete: bool,
    methods: FxHashMap<Name, Vec<Named>>,
    members: FxHashMap<DefId, Vec<DefId>>,
    /// Inherent ones first.
    impls: FxHashMap<Head, Vec<DefId>>,
    /// What has new impls among the old ones.
    unsorted: Vec<Head>,
    blanket: Vec<DefId>,
    of_trait: FxHashMap<DefId, Target>,
    trait_impls: FxHashMap<Target, Vec<DefId>>,
    self_types: FxHashMap<DefId, Ty>,
    /// All that the type of an impl may be, where that is more than one.
    other_types: FxHashMap<DefId, Vec<Ty>>,
    /// Members of blanket impls by name, as far as they were asked for.
    of_blanket: FxHashMap<Name, Vec<DefId>>,
    /// Members by type and name, as far as they were asked for.
    of_head: FxHashMap<Head, FxHashMap<Name, Vec<DefId>>>,
    /// How many of these there are.
    kept: usize,
}

impl Index {
    /// Puts inherent impls before those of traits.
    fn sort_impls(&mut self) {
        for head in std::mem::take(&mut self.unsorted) {
            if let Some(impls) = self.impls.get_mut(&head) {
                impls.sort_by_key(|id| self.of_trait.contains_key(id));
            }
        }
    }
}

impl Program {
    /// Files the definitions that are new since the last call.
    pub(super) fn index_new_defs(&self) {
        let from = self.index.borrow().indexed;
        let new: Vec<(DefId, Rc<Def>)> = {
            let graph = self.graph.borrow();
            let ids = (from..graph.defs.len()).filter_map(|at| u32::try_from(at).ok()).map(DefId);
            ids.map(|id| (id, graph.def_shared(id))).collect()
        };
        if new.is_empty() {
            return;
        }
        {
            let mut index = self.index.borrow_mut();
            index.indexed += new.len();
            index.is_complete = false;
            if new.iter().any(|(_, def)| def.parent.is_some() || def.kind == DefKind::Impl) {
                index.of_blanket = FxHashMap::default();
                index.of_head = FxHashMap::default();
                index.kept = 0;
                self.forget_paths();
            }
            for (id, def) in &new {
                if let Some(parent) = def.parent {
                    index.members.entry(parent).or_default().push(*id);
                }
                if def.kind == DefKind::Method {
                    index.methods.entry(def.name.clone()).or_default().push(Named::new(*id, def));
                }
            }
        }
        for (id, def) in &new {
            if let ItemKind::Impl(block) = &def.item.kind {
                self.index_impl(*id, def, block);
            }
        }
        for (id, def) in &new {
            let Some(parent) = def.parent else { continue };
            let mut graph = self.graph.borrow_mut();
            let path: Arc<str> = format!("{}::{}", graph.def(parent).path, def.name).into();
            if let Some(def) = graph.defs.get_mut(id.0 as usize) {
                Rc::make_mut(def).path = path;
            }
        }
        self.index.borrow_mut().is_complete = true;
    }

    /// Files one impl under its type and trait, and gives it its type's path.
    fn index_impl(&self, id: DefId, def: &Def, block: &crate::syntax::tree::ImplItem) {
        let env = super::TypeEnv::default().with_params(&block.generics);
        let ty = || self.resolve_type(def.module, &block.self_ty, &env);
        let of_trait =
            || block.of_trait.as_ref().and_then(|path| self.type_target(def.module, path));
        // A type of that name is declared for each of several conditions: which of them is meant when a value is asked for
        // its methods may not be known, and there the conditions of the impls tell them apart.
        let types = self.each_meaning(&ty);
        let traits: Vec<Target> =
            block.of_trait.iter().flat_map(|path| self.each_trait(def, path)).collect();
        let (ty, of_trait) = self.under_cfg(def.cfg.as_ref(), || (ty(), of_trait()));
        self.take_undecided();
        let head = ty.head();
        let path = match &head {
            Some(Head::Item(item)) => Some(Arc::clone(&self.def(*item).path)),
            Some(Head::External(path)) => Some(Arc::clone(path)),
            Some(Head::Primitive(name)) => Some(name.as_str().into()),
            _ => None,
        };
        let written = match &block.self_ty {
            TypeRef::Path(path) => path.segments.last().map_or("impl", |last| last.name.as_str()),
            _ => "impl",
        };
        let path = path.unwrap_or_else(|| format!("{}::{written}", def.path).into());
        let mut index = self.index.borrow_mut();
        for head in dedup(head.into_iter().chain(types.iter().filter_map(Ty::head))) {
            index.impls.entry(head.clone()).or_default().push(id);
            index.unsorted.push(head);
        }
        if types.iter().chain([&ty]).all(|ty| ty.head().is_none()) {
            index.blanket.push(id);
        }
        for of_trait in dedup(of_trait.iter().chain(&traits).cloned()) {
            index.trait_impls.entry(of_trait).or_default().push(id);
        }
        index.of_trait.extend(of_trait.map(|of_trait| (id, of_trait)));
        if types.len() > 1 {
            index.other_types.insert(id, types);
        }
        index.self_types.insert(id, ty);
        if let Some(def) = self.graph.borrow_mut().defs.get_mut(id.0 as usize) {
            Rc::make_mut(def).path = path;
        }
    }

    /// What a path to a type or trait names, aliases followed; the first of several.
    pub fn type_target(
        &self,
        scope: super::ModuleId,
        path: &crate::syntax::tree::Path,
    ) -> Option<Target> {
        let found = self.compatible(self.resolve_path(scope, path, Namespace::Type));
        let known = found.into_iter().find_map(|(_, is)| self.named(is));
        known.or_else(|| {
            let segments: Vec<&str> =
                path.segments.iter().map(|segment| segment.name.as_str()).collect();
            self.glob_candidates(scope, &segments).into_iter().next().map(Target::External)
        })
    }

    /// All that the path to a trait may name.
    fn each_trait(&self, def: &Def, path: &crate::syntax::tree::Path) -> Vec<Target> {
        let found = self.resolve_path(def.module, path, Namespace::Type);
        found.into_iter().filter_map(|(_, is)| self.named(is)).collect()
    }

    /// What a name stands for, aliases followed.
    fn named(&self, is: Resolution) -> Option<Target> {
        match is {
            Resolution::Def(def) => match self.alias_head(def) {
                Some(Resolution::Def(def)) => Some(Target::Item(def)),
                Some(Resolution::External(path)) => Some(Target::External(path)),
                _ => None,
            },
            Resolution::External(path) => Some(Target::External(path)),
            _ => None,
        }
    }

    /// Every method of that name, of impls and traits, in the order they were met.
    pub fn methods_named(&self, name: &str) -> Vec<DefId> {
        let index = self.index.borrow();
        index.methods.get(name).into_iter().flatten().map(|named| named.id).collect()
    }

    /// Those of [`Program::methods_named`] that can be called on a value with so many arguments, and have a body.
    ///
    /// - `of_traits`: only those of impls of traits.
    pub fn methods_taking(&self, name: &str, arguments: usize, of_traits: bool) -> Vec<DefId> {
        let index = self.index.borrow();
        let is_of_trait = |named: &&Named| {
            named.parent.is_some_and(|parent| index.of_trait.contains_key(&parent))
        };
        let all = index.methods.get(name).into_iter().flatten();
        all.filter(|named| named.takes == Some(arguments))
            .filter(|named| !of_traits || is_of_trait(named))
            .map(|named| named.id)
            .collect()
    }

    /// The methods, constants and types in an impl or trait.
    pub fn members(&self, parent: DefId) -> Vec<DefId> {
        self.index.borrow().members.get(&parent).cloned().unwrap_or_default()
    }

    /// The trait that an impl is of.
    pub fn trait_of(&self, block: DefId) -> Option<Target> {
        self.index.borrow().of_trait.get(&block).cloned()
    }

    /// The type that an impl is for.
    pub fn self_type(&self, block: DefId) -> Option<Ty> {
        self.index.borrow().self_types.get(&block).cloned()
    }

    /// All that the type of an impl may be, where that is more than one.
    pub fn other_types(&self, block: DefId) -> Vec<Ty> {
        self.index.borrow().other_types.get(&block).cloned().unwrap_or_default()
    }

    /// The impls for a type, inherent ones first; blanket impls are not among them.
    pub fn impls_for(&self, head: &Head) -> Vec<DefId> {
        let mut index = self.index.borrow_mut();
        index.sort_impls();
        index.impls.get(head).cloned().unwrap_or_default()
    }

    /// The impls for every type outside the tree whose path `means` accepts: one type may be exported by several.
    pub fn impls_for_outside(&self, means: impl Fn(&str) -> bool) -> Vec<DefId> {
        let index = self.index.borrow();
        let found = index.impls.iter().filter(|(head, _)| match head {
            Head::External(path) => means(path),
            _ => false,
        });
        let mut impls: Vec<DefId> = found.flat_map(|(_, blocks)| blocks.iter().copied()).collect();
        impls.sort_unstable();
        impls
    }

    /// Members of that name of some impls, or else the defaults of their traits.
    pub fn assoc_of_impls(&self, impls: &[DefId], name: &str) -> Vec<DefId> {
        self.members_of_impls(impls, name)
    }

    /// Impls for a type parameter, or for a type that is not known.
    pub fn blanket_impls(&self) -> Vec<DefId> {
        self.index.borrow().blanket.clone()
    }

    /// The impls of a trait of the tree, blanket impls included.
    pub fn impls_of_trait(&self, of_trait: DefId) -> Vec<DefId> {
        self.impls_of(&Target::Item(of_trait))
    }

    /// The impls of a trait of the tree or of a path outside it.
    pub fn impls_of(&self, of_trait: &Target) -> Vec<DefId> {
        self.index.borrow().trait_impls.get(of_trait).cloned().unwrap_or_default()
    }

    /// The methods, constants and types named `name` of a type of the tree: inherent, of its trait impls, and defaults of the
    /// traits it implements. For a trait: its own and those of its supertraits.
    pub fn assoc(&self, ty: DefId, name: &str) -> Vec<DefId> {
        if self.graph.borrow().def(ty).kind == DefKind::Trait {
            return self.trait_assoc(ty, name);
        }
        self.assoc_of(&Head::Item(ty), name)
    }

    /// As [`Program::assoc`], for any type.
    pub fn assoc_of(&self, head: &Head, name: &str) -> Vec<DefId> {
        {
            let index = self.index.borrow();
            // While impls are being filed there may be more of them soon.
            if index.is_complete
                && let Some(known) = index.of_head.get(head).and_then(|names| names.get(name))
            {
                return known.clone();
            }
        }
        let found = self.assoc_of_anew(head, name);
        let mut index = self.index.borrow_mut();
        if index.is_complete {
            if index.kept >= MOST_KEPT {
                index.of_head = FxHashMap::default();
                index.kept = 0;
            }
            index.kept += 1;
            let names = index.of_head.entry(head.clone()).or_default();
            names.insert(name.into(), found.clone());
        }
        found
    }

    fn assoc_of_anew(&self, head: &Head, name: &str) -> Vec<DefId> {
        if let Head::Item(item) = head
            && self.graph.borrow().def(*item).kind == DefKind::Trait
        {
            let mut found = self.members_of_impls(&self.impls_for(head), name);
            found.extend(self.trait_assoc(*item, name));
            return found;
        }
        self.members_of_impls(&self.impls_for(head), name)
    }

    /// The methods, constants and types named `name` of blanket impls, with the defaults of their traits.
    pub fn blanket_assoc(&self, name: &str) -> Vec<DefId> {
        if let Some(known) = self.index.borrow().of_blanket.get(name) {
            return known.clone();
        }
        let found = self.members_of_impls(&self.blanket_impls(), name);
        self.index.borrow_mut().of_blanket.insert(name.into(), found.clone());
        found
    }

    /// Members of that name of impls, or else the defaults of their traits: where an impl has its own under options only,
    /// both.
    fn members_of_impls(&self, impls: &[DefId], name: &str) -> Vec<DefId> {
        let mut found = Vec::new();
        for block in impls {
            let own = self.members_named(*block, name);
            let replaced = self.is_there_always(*block, &own);
            found.extend(own);
            if !replaced && let Some(Target::Item(of_trait)) = self.trait_of(*block) {
                let defaults = self.members_named(of_trait, name);
                found.extend(defaults.into_iter().filter(|id| has_content(&self.def(*id))));
            }
        }
        dedup(found)
    }

    /// Whether an impl that is there has one of its members whatever the options.
    fn is_there_always(&self, block: DefId, members: &[DefId]) -> bool {
        let conditions: Vec<_> = members.iter().map(|id| self.def(*id).cfg.clone()).collect();
        self.is_any_there(self.def(block).cfg.as_ref(), &conditions)
    }

    /// Members of that name of one impl or trait.
    fn members_named(&self, parent: DefId, name: &str) -> Vec<DefId> {
        let (index, graph) = (self.index.borrow(), self.graph.borrow());
        let members = index.members.get(&parent).into_iter().flatten();
        members.copied().filter(|id| graph.def(*id).name == name).collect()
    }

    /// Members of that name of a trait and its supertraits.
    fn trait_assoc(&self, of_trait: DefId, name: &str) -> Vec<DefId> {
        let (mut queue, mut seen, mut found) = (vec![of_trait], vec![of_trait], Vec::new());
        while let Some(at) = queue.pop() {
            found.extend(self.members_named(at, name));
            for upper in self.supertraits(at) {
                if let Target::Item(upper) = upper
                    && !seen.contains(&upper)
                {
                    seen.push(upper);
                    queue.push(upper);
                }
            }
        }
        dedup(found)
    }

    /// The traits that a trait demands.
    pub fn supertraits(&self, of_trait: DefId) -> Vec<Target> {
        let def = self.def(of_trait);
        let ItemKind::Trait { supertraits, .. } = &def.item.kind else { return Vec::new() };
        let paths = supertraits.iter().filter_map(|bound| match bound {
            TypeRef::Path(path) => Some(path),
            _ => None,
        });
        paths.filter_map(|path| self.type_target(def.module, path)).collect()
    }
}

/// Whether a member of a trait has a body, value or type.
fn has_content(def: &Def) -> bool {
    match &def.item.kind {
        ItemKind::Fn(item) => item.body.is_some(),
        ItemKind::Const { value, .. } => value.is_some(),
        ItemKind::TypeAlias { ty, .. } => ty.is_some(),
        _ => false,
    }
}

/// Each once, in order.
fn dedup<T: Clone + Eq + std::hash::Hash>(list: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut seen = rustc_hash::FxHashSet::default();
    list.into_iter().filter(|one| seen.insert(one.clone())).collect()
}
