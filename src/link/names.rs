//! Paths to definitions, as Rust resolves them.
//!
//! Each name of a module is looked up once and remembered. Globs are searched breadth first, each module once per
//! name, so rings of globs cost their length. An answer found while its own question was open may be incomplete: it
//! is remembered for the running question only.

use std::{rc::Rc, sync::Arc};

use smallvec::{SmallVec, smallvec};

use super::{
    CrateId, DefId, DefKind, Graph, ModuleId, Namespace, Program, Resolution,
    cfg::{Visibility, both},
    macros::DOLLAR_CRATE,
    memo::{Answer, Meant, Memo},
    modules::{Import, ModuleKind, std_crate},
    next, std_names,
};
use crate::{
    discover::TargetKind,
    syntax::tree::{Cfg, ItemKind, Name, Path},
};

/// What a name means, each meaning with the condition under which it holds.
pub type Found = SmallVec<[(Option<Cfg>, Resolution); 1]>;

/// Another crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CrateRef {
    /// Of the tree.
    Local(CrateId),
    /// By its real name.
    External(Arc<str>),
}

/// How many names may wait for each other: each takes stack.
const WAITING: usize = 128;

impl Program {
    /// Forgets what was looked up.
    pub(super) fn forget_names(&self) {
        let mut graph = self.graph.borrow_mut();
        graph.changed = None;
        *self.memo.borrow_mut() = Memo::new(graph.first_block());
    }

    /// All crates are linked: modules that come now are of blocks.
    pub(super) fn set_linked(&self) {
        {
            let mut graph = self.graph.borrow_mut();
            graph.linked = Some(next(graph.modules.len()));
        }
        self.forget_names();
    }

    /// Forgets what may have been looked up before the names were there that are new.
    pub(super) fn forget_changed(&self) {
        let (changed, first_block, is_linked) = {
            let graph = self.graph.borrow();
            (graph.changed, graph.first_block(), graph.linked.is_some())
        };
        if changed.is_some_and(|changed| changed < first_block) {
            self.forget_names();
            if is_linked {
                self.settle_globs();
            }
        } else {
            self.memo.borrow_mut().forget_blocks();
            self.graph.borrow_mut().changed = None;
        }
    }

    /// Forgets what paths mean, because there are new members of types, or to have their memory back.
    pub(crate) fn forget_paths(&self) {
        self.memo.borrow_mut().forget_paths();
    }

    /// What a path means in a scope.
    ///
    /// `Self` is left to the caller. Empty when nothing is found; [`Program::glob_candidates`] then lists what globs of
    /// crates outside the tree may bring. A last segment after a type is looked up among its variants and associated
    /// items.
    pub fn resolve<S: AsRef<str>>(
        &self,
        scope: ModuleId,
        path: &[S],
        global: bool,
        ns: Namespace,
    ) -> Found {
        let path: Vec<&str> = path.iter().map(AsRef::as_ref).collect();
        self.path(scope, &path, global, ns, false)
    }

    /// What a path of an expression, type or pattern means; `<T as …>::x` is left to the caller.
    pub fn resolve_path(&self, scope: ModuleId, path: &Path, ns: Namespace) -> Found {
        if path.qself.is_some() {
            return Found::new();
        }
        let segments: Vec<&str> =
            path.segments.iter().map(|segment| segment.name.as_str()).collect();
        self.path(scope, &segments, path.global, ns, false)
    }

    /// A path, in an expression or (`in_use`) in a `use`.
    pub(super) fn path(
        &self,
        scope: ModuleId,
        path: &[&str],
        global: bool,
        ns: Namespace,
        in_use: bool,
    ) -> Found {
        let meant = (scope, ns, global, in_use);
        let known = self.memo.borrow().known_path(meant, path);
        match known {
            // An answer that is given while its own question is open may be incomplete.
            Answer::Open => self.path_anew(meant, path),
            Answer::Known(found) => found,
            Answer::New(key) => {
                let found = self.path_anew(meant, path);
                self.memo.borrow_mut().keep_path(key, found.clone());
                found
            }
        }
    }

    fn path_anew(&self, (scope, ns, global, in_use): Meant, path: &[&str]) -> Found {
        let Some((first, rest)) = path.split_first() else { return Found::new() };
        let first_ns = if rest.is_empty() { ns } else { Namespace::Type };
        let (module, krate, edition, kind) = {
            let graph = self.graph.borrow();
            let mut module = scope;
            while graph.module(module).kind == ModuleKind::Block {
                let Some(parent) = graph.module(module).parent else { break };
                module = parent;
            }
            let id = graph.module(module).krate;
            (module, id, graph.krate(id).edition, graph.krate(id).kind)
        };
        let root = |krate: CrateId| {
            let graph = self.graph.borrow();
            graph.crates.get(krate.0 as usize).map(|krate| Resolution::Module(krate.root))
        };
        let one = |is: Option<Resolution>| is.into_iter().map(|is| (None, is)).collect::<Found>();
        let mut rest = rest;
        let outer = std::mem::take(&mut self.memo.borrow_mut().incomplete);
        let mut at = match *first {
            "crate" | "$crate" => one(root(krate)),
            "Self" => return Found::new(),
            // `self::super::super` too.
            "self" | "super" => {
                let mut module =
                    if *first == "self" { Some(module) } else { self.parent_module(module) };
                while let Some((&"super", after)) = rest.split_first() {
                    module = module.and_then(|module| self.parent_module(module));
                    rest = after;
                }
                one(module.map(Resolution::Module))
            }
            name if name.starts_with(DOLLAR_CRATE) => {
                let number = name.strip_prefix(DOLLAR_CRATE).and_then(|number| number.parse().ok());
                one(number.and_then(|number| root(CrateId(number))))
            }
            name if global && edition >= 2018 => one(self.any_crate(krate, name)),
            name if edition < 2018 && (in_use || global) => {
                let root = self.krate(krate).root;
                let local = self.in_module(root, &name.into(), first_ns).as_ref().clone();
                if local.is_empty() { one(self.any_crate(krate, name)) } else { local }
            }
            name => self.in_scope(scope, name, first_ns),
        };
        // What waits for an answer of its own is not known to be no name of the tree.
        let is_open = {
            let mut memo = self.memo.borrow_mut();
            let is_open = memo.incomplete;
            memo.incomplete |= outer;
            is_open
        };
        if at.is_empty()
            && !is_open
            && (in_use || global || (kind == TargetKind::Loose && !rest.is_empty()))
        {
            let lower = first.chars().all(|c| c.is_lowercase() || c.is_ascii_digit() || c == '_');
            if lower && !matches!(*first, "crate" | "self" | "super" | "$crate") {
                at = one(Some(Resolution::External(std_crate(first).into())));
            }
        }
        for (position, name) in rest.iter().enumerate() {
            let ns = if position + 1 == rest.len() { ns } else { Namespace::Type };
            let mut after = Found::new();
            for (cfg, is) in at {
                for (inner, is) in self.step(&is, name, ns) {
                    push(&mut after, (both(cfg.as_ref(), inner.as_ref()), is));
                }
            }
            at = after;
        }
        at
    }

    /// The module around a module.
    fn parent_module(&self, module: ModuleId) -> Option<ModuleId> {
        let graph = self.graph.borrow();
        let mut parent = graph.module(module).parent?;
        while graph.module(parent).kind == ModuleKind::Block {
            parent = graph.module(parent).parent?;
        }
        Some(parent)
    }

    /// A name inside what the path before it means.
    pub(super) fn step(&self, is: &Resolution, name: &str, ns: Namespace) -> Found {
        match is {
            Resolution::Module(module) => {
                self.in_module(*module, &name.into(), ns).as_ref().clone()
            }
            Resolution::External(path) => {
                let path = if self.gives_on(path, name) {
                    name.into()
                } else {
                    format!("{path}::{name}").into()
                };
                smallvec![(None, Resolution::External(path))]
            }
            Resolution::Primitive(path) => {
                smallvec![(None, Resolution::External(format!("{path}::{name}").into()))]
            }
            Resolution::Variant(..) => Found::new(),
            Resolution::Def(def) => {
                let alias = (self.graph.borrow().def(*def).kind == DefKind::TypeAlias)
                    .then(|| self.alias_head(*def));
                match alias {
                    Some(Some(Resolution::Def(same))) if same == *def => return Found::new(),
                    Some(Some(head)) => return self.step(&head, name, ns),
                    Some(None) => return Found::new(),
                    None => {}
                }
                let variant = variant_of(&self.graph.borrow(), *def, name);
                if let Some(variant) = variant {
                    return smallvec![(None, variant)];
                }
                let graph_kind = |id: &DefId| self.graph.borrow().def(*id).kind;
                let assoc = self.assoc(*def, name).into_iter().filter(|id| match ns {
                    Namespace::Type => graph_kind(id) == DefKind::AssocType,
                    Namespace::Value => graph_kind(id) != DefKind::AssocType,
                    Namespace::Macro => false,
                });
                assoc
                    .map(|id| (self.graph.borrow().def(id).cfg.clone(), Resolution::Def(id)))
                    .collect()
            }
        }
    }

    /// Whether a name in a crate outside the tree is a library that it gives on: `company_web::axum`.
    fn gives_on(&self, path: &str, name: &str) -> bool {
        let krate = path.split(':').next().unwrap_or(path);
        self.libraries.get(name).is_some_and(|library| !library.is_word)
            && !self.libraries.contains_key(krate)
            && krate != "std"
    }

    /// A first segment: the scope, the modules of the blocks around it, other crates, the prelude.
    fn in_scope(&self, scope: ModuleId, name: &str, ns: Namespace) -> Found {
        let key: Name = name.into();
        let mut module = scope;
        // What is there under conditions alone may not be: further out is what is meant then.
        let mut perhaps = Found::new();
        let krate = loop {
            let found = self.in_module(module, &key, ns);
            for one in found.iter() {
                push(&mut perhaps, one.clone());
            }
            let graph = self.graph.borrow();
            let here = graph.module(module);
            let around = here.cfg.as_ref();
            if found.iter().any(|(cfg, _)| cfg.is_none() || cfg.as_ref() == around) {
                return perhaps;
            }
            match here.parent {
                Some(parent) if here.kind == ModuleKind::Block => module = parent,
                _ => break here.krate,
            }
        };
        for one in self.beyond(krate, &key, ns) {
            push(&mut perhaps, one);
        }
        perhaps
    }

    /// A name that no scope of a crate has: other crates, the prelude.
    fn beyond(&self, krate: CrateId, key: &Name, ns: Namespace) -> Found {
        let name = key.as_str();
        match ns {
            Namespace::Type => {
                if let Some(found) = self.any_crate(krate, name) {
                    return smallvec![(None, found)];
                }
                if std_names::is_primitive(name) {
                    return smallvec![(None, Resolution::Primitive(key.clone()))];
                }
            }
            Namespace::Macro => {
                let crates = self.krate(krate).macro_use.clone();
                let roots = crates.into_iter().filter_map(|used| match used {
                    CrateRef::Local(used) => Some(self.krate(used).root),
                    CrateRef::External(_) => None,
                });
                for root in roots.collect::<Vec<_>>() {
                    let found = self.in_module(root, key, ns);
                    if !found.is_empty() {
                        return found.as_ref().clone();
                    }
                }
            }
            Namespace::Value => {}
        }
        std_names::prelude(name, ns)
            .map(|path| (None, Resolution::External(path.into())))
            .into_iter()
            .collect()
    }

    /// Another crate by name.
    pub(super) fn extern_crate(&self, krate: CrateId, name: &str) -> Option<Resolution> {
        let known = self.krate(krate).externs.get(name).cloned();
        match known {
            Some(CrateRef::Local(other)) => Some(Resolution::Module(self.krate(other).root)),
            Some(CrateRef::External(path)) => Some(Resolution::External(path)),
            None if matches!(name, "std" | "core" | "alloc" | "proc_macro") => {
                Some(Resolution::External(std_crate(name).into()))
            }
            None => None,
        }
    }

    /// As [`Program::extern_crate`]; a library that is known counts where no manifest names it.
    fn any_crate(&self, krate: CrateId, name: &str) -> Option<Resolution> {
        let known = || self.libraries.contains_key(name);
        self.extern_crate(krate, name)
            .or_else(|| known().then(|| Resolution::External(name.into())))
    }

    /// A name of a module: defined there, imported by name, or by glob.
    pub(super) fn in_module(&self, module: ModuleId, name: &Name, ns: Namespace) -> Rc<Found> {
        // Most names are sought in vain in most scopes.
        let lacks = {
            let graph = self.graph.borrow();
            !graph.names.contains(name) || graph.module(module).lacks(name)
        };
        if lacks {
            return Rc::clone(&self.memo.borrow().nothing);
        }
        let key = (module, name.clone(), ns);
        {
            let mut memo = self.memo.borrow_mut();
            if let Some(known) = memo.names.get(&key).or_else(|| memo.provisional.get(&key)) {
                return Rc::clone(known);
            }
            if memo.busy.len() >= WAITING || !memo.busy.insert(key.clone()) {
                memo.incomplete = true;
                return Rc::default();
            }
        }
        let outer = std::mem::take(&mut self.memo.borrow_mut().incomplete);
        let mut found = self.named_in(module, module, name, ns);
        if found.is_empty() || found.iter().all(|(_, _, conditional)| *conditional) {
            self.through_globs(module, name, ns, &mut found);
        }
        let mut result = Found::new();
        for (cfg, is, _) in found {
            push(&mut result, (cfg, is));
        }
        let found = Rc::new(result);
        let mut memo = self.memo.borrow_mut();
        memo.busy.remove(&key);
        if memo.idle() {
            memo.provisional.clear();
            memo.provisional_globs.clear();
            memo.incomplete = false;
        }
        if memo.incomplete {
            memo.provisional.insert(key, Rc::clone(&found));
        } else {
            memo.names.insert(key, Rc::clone(&found));
        }
        memo.incomplete |= outer;
        found
    }

    /// A name that `module` defines or imports by name, where `from` sees it; with whether it is conditional.
    pub(super) fn named_in(
        &self,
        module: ModuleId,
        from: ModuleId,
        name: &Name,
        ns: Namespace,
    ) -> Vec<(Option<Cfg>, Resolution, bool)> {
        let (mut found, imports) = {
            let graph = self.graph.borrow();
            let here = graph.module(module);
            let entries = here.entries.get(name).into_iter().flatten();
            let seen = entries
                .filter(|entry| entry.ns == ns && graph.sees(from, entry.visibility, module));
            let found: Vec<_> = seen
                .map(|entry| (entry.cfg.clone(), entry.is.clone(), entry.conditional))
                .collect();
            let imports: Vec<Arc<Import>> = here
                .named
                .get(name)
                .into_iter()
                .flatten()
                .filter(|import| graph.sees(from, import.visibility, module))
                .cloned()
                .collect();
            (found, imports)
        };
        if found.iter().all(|(_, _, conditional)| *conditional) {
            for import in imports {
                for (cfg, is) in self.import(module, &import, ns) {
                    found.push((both(import.cfg.as_ref(), cfg.as_ref()), is, import.conditional));
                }
            }
        }
        found
    }
}

impl Graph {
    /// Whether `from` sees something of that visibility in `module`.
    pub(super) fn sees(&self, from: ModuleId, visibility: Visibility, module: ModuleId) -> bool {
        let within = match visibility {
            Visibility::Public => return true,
            Visibility::Above(0) => module,
            Visibility::Depth(0) => {
                return self.module(from).krate == self.module(module).krate;
            }
            Visibility::Above(many) => {
                let around = self.modules_around(module);
                around.get(usize::from(many)).copied().unwrap_or(module)
            }
            Visibility::Depth(deep) => {
                let around = self.modules_around(module);
                around.iter().rev().nth(usize::from(deep)).copied().unwrap_or(module)
            }
        };
        let mut at = Some(from);
        while let Some(here) = at {
            if here == within {
                return true;
            }
            at = self.module(here).parent;
        }
        false
    }

    /// A module and those around it up to its crate, without those of blocks.
    fn modules_around(&self, module: ModuleId) -> Vec<ModuleId> {
        let all = std::iter::successors(Some(module), |at| self.module(*at).parent);
        all.filter(|at| self.module(*at).kind != ModuleKind::Block).collect()
    }
}

/// The variant of an enum by name.
pub(super) fn variant_of(graph: &Graph, def: DefId, name: &str) -> Option<Resolution> {
    let ItemKind::Enum { variants, .. } = &graph.def(def).item.kind else { return None };
    let at = variants.iter().position(|variant| variant.name == name)?;
    Some(Resolution::Variant(def, next(at)))
}

/// Adds a meaning that is not yet listed; one without condition takes the place of the same with conditions.
fn push(found: &mut Found, new: (Option<Cfg>, Resolution)) {
    if let Some(known) = found.iter_mut().find(|(_, is)| *is == new.1) {
        if new.0.is_none() {
            known.0 = None;
        }
        if known.0.is_none() || known.0 == new.0 {
            return;
        }
    }
    found.push(new);
}
