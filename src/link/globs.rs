//! Glob imports: searched breadth first, each module once per name.

use std::{collections::BTreeSet, rc::Rc, sync::Arc};

use smallvec::smallvec;

use super::{
    ModuleId, Namespace, Program, Resolution,
    cfg::both,
    memo::joined,
    modules::{Import, ModuleKind},
    names::{CrateRef, Found, variant_of},
    next,
};
use crate::syntax::tree::{Cfg, Name};

/// After so many questions a glob that waits for others is taken as found: each round knew more of the others.
const TRIES: u8 = 4;

/// How many globs may wait for each other: each takes stack.
const WAITING: usize = 16;

/// A module that a path leads into, the one that looks into it, and what is left of the path there.
type Led = (ModuleId, ModuleId, Vec<Name>);

impl Program {
    /// What may be meant by a name that [`Program::resolve`] does not find: one path for each glob import of a module
    /// outside the tree that is in scope, innermost first. The last segment is sought in the module of those before it.
    pub fn glob_candidates<S: AsRef<str>>(&self, scope: ModuleId, path: &[S]) -> Vec<Arc<str>> {
        let path: Vec<&str> = path.iter().map(AsRef::as_ref).collect();
        let key = (scope, joined(&path));
        let known = self.memo.borrow().known_candidates(&key);
        known.unwrap_or_else(|| {
            let found = self.glob_candidates_anew(scope, &path);
            self.memo.borrow_mut().keep_candidates(key, found.clone());
            found
        })
    }

    fn glob_candidates_anew(&self, scope: ModuleId, path: &[&str]) -> Vec<Arc<str>> {
        let Some((last, before)) = path.split_last() else { return Vec::new() };
        let mut found: Vec<Arc<str>> = Vec::new();
        let add = |found: &mut Vec<Arc<str>>, module: ModuleId, from: ModuleId, rest: &str| {
            for glob in self.globbed_for(module, from).outside {
                let path: Arc<str> = format!("{glob}::{rest}").into();
                if !found.contains(&path) {
                    found.push(path);
                }
            }
        };
        for (_, is) in self.path(scope, before, false, Namespace::Type, false) {
            if let Resolution::Module(module) = is {
                add(&mut found, module, scope, last);
            }
        }
        let starts_here = !matches!(path.first(), Some(&("crate" | "self" | "super" | "Self")));
        let mut at = starts_here.then_some(scope);
        while let Some(module) = at {
            // What is imported by name no glob brings, even where it leads to code that is not in the tree.
            let first = path.first().copied().unwrap_or_default();
            if self.graph.borrow().module(module).named.contains_key(first) {
                break;
            }
            add(&mut found, module, module, &path.join("::"));
            let graph = self.graph.borrow();
            let module = graph.module(module);
            at = module.parent.filter(|_| module.kind == ModuleKind::Block);
        }
        if found.is_empty() {
            for (module, from, rest) in self.led_on(scope, path) {
                add(&mut found, module, from, &rest.join("::"));
            }
        }
        found
    }

    /// Where a path goes on that leads through modules of the tree, the module that is nearest to its end first: an import
    /// or the path itself may name one that takes all its names from a crate outside the tree.
    fn led_on(&self, scope: ModuleId, path: &[&str]) -> Vec<Led> {
        let mut led = self.leads_seen(scope, path);
        led.retain(|(module, _, rest)| {
            let graph = self.graph.borrow();
            let own = graph.module(*module);
            rest.first().is_some_and(|first| {
                !own.named.contains_key(first) && !own.entries.contains_key(first)
            })
        });
        // The name of a crate is no name that a glob brings.
        led.retain(|(module, _, rest)| {
            let first = rest.first().map(Name::as_str);
            first.is_some_and(|first| {
                self.path(*module, &[first], false, Namespace::Type, false).is_empty()
            })
        });
        led.sort_by_key(|(_, _, rest)| rest.len());
        led
    }

    /// Whether an import in `scope`, one as `_` included, brings in a path outside the tree: a trait's methods can then be
    /// called.
    pub fn brings_in(&self, scope: ModuleId, outside: &str) -> bool {
        let mut at = Some(scope);
        while let Some(module) = at {
            let named: Vec<Arc<Import>> = {
                let graph = self.graph.borrow();
                graph.module(module).named.values().flatten().cloned().collect()
            };
            let by_name = named.iter().any(|import| {
                let found = self.import(module, import, Namespace::Type);
                found
                    .iter()
                    .any(|(_, is)| matches!(is, Resolution::External(path) if &**path == outside))
            });
            let parent = outside.rsplit_once("::").map_or("", |(parent, _)| parent);
            if by_name || self.external_globs(module).iter().any(|glob| parent.starts_with(&**glob))
            {
                return true;
            }
            let graph = self.graph.borrow();
            let module = graph.module(module);
            at = module.parent.filter(|_| module.kind == ModuleKind::Block);
        }
        false
    }

    /// As [`Program::glob_candidates`], for a macro or attribute: crates that bring all their macros
    /// (`#[macro_use] extern crate`) may mean it too.
    pub fn macro_candidates<S: AsRef<str>>(&self, scope: ModuleId, path: &[S]) -> Vec<Arc<str>> {
        let mut found = self.glob_candidates(scope, path);
        if let [only] = path {
            let krate = self.crate_of(scope);
            found.extend(self.krate(krate).macro_use.iter().filter_map(|used| match used {
                CrateRef::External(name) => Some(format!("{name}::{}", only.as_ref()).into()),
                CrateRef::Local(_) => None,
            }));
        }
        found
    }

    /// Where a path goes that [`Program::resolve`] does not find: each module of the tree that it may lead into, with what
    /// is left of it there. A name that a `use` brings is followed as that `use` spells it.
    pub fn leads(&self, scope: ModuleId, path: &[&str]) -> Vec<(ModuleId, Vec<Name>)> {
        let seen = self.leads_seen(scope, path).into_iter();
        let mut all: Vec<(ModuleId, Vec<Name>)> = seen.map(|(at, _, rest)| (at, rest)).collect();
        all.dedup();
        all
    }

    /// As [`Program::leads`], each with the module that looks into it: what is private there is not seen from elsewhere.
    fn leads_seen(&self, scope: ModuleId, path: &[&str]) -> Vec<Led> {
        let mut found = Vec::new();
        let mut open: Vec<Led> =
            vec![(scope, scope, path.iter().map(|name| Name::from(*name)).collect())];
        let mut seen = BTreeSet::new();
        while let Some((at, from, path)) = open.pop() {
            if seen.len() > 64 || !seen.insert((at, from, path.clone())) {
                continue;
            }
            let Some((first, rest)) = path.split_first() else { continue };
            if !rest.is_empty() {
                for (_, is) in self.path(at, &[first.as_str()], false, Namespace::Type, false) {
                    if let Resolution::Module(module) = is {
                        open.push((module, from, rest.to_vec()));
                    }
                }
            }
            let (imports, parent) = {
                let graph = self.graph.borrow();
                let module = graph.module(at);
                let imports = module.named.get(first).into_iter().flatten().cloned();
                let imports = imports.filter(|import| graph.sees(from, import.visibility, at));
                let imports: Vec<Arc<Import>> = imports.collect();
                (imports, module.parent.filter(|_| module.kind == ModuleKind::Block))
            };
            for import in imports {
                open.push((at, at, import.path.iter().chain(rest).cloned().collect()));
            }
            for (_, is) in self.globs_of(at, from) {
                if let Resolution::Module(module) = is {
                    open.push((module, from, path.clone()));
                }
            }
            if let Some(parent) = parent {
                open.push((parent, from, path.clone()));
            }
            found.push((at, from, path));
        }
        found.sort_by(|(at, from, path), (other, by, rest)| {
            (at, path, from).cmp(&(other, rest, by))
        });
        found
    }

    /// Settles every glob on its own, before names are asked for in an order that could leave one half known.
    pub(super) fn settle_globs(&self) {
        let count = self.graph.borrow().modules.len();
        for module in (0..count).map(|at| ModuleId(next(at))) {
            self.globs_of(module, module);
        }
    }

    /// Modules outside the tree that globs bring into `start`, directly or through globs of the tree.
    fn external_globs(&self, start: ModuleId) -> Vec<Arc<str>> {
        self.globbed(start).outside
    }

    /// What an import brings.
    pub(super) fn import(&self, module: ModuleId, import: &Import, ns: Namespace) -> Found {
        let path: Vec<&str> = import.path.iter().map(Name::as_str).collect();
        self.path(module, &path, import.global, ns, true)
    }

    /// A name that globs bring into `start`.
    pub(super) fn through_globs(
        &self,
        start: ModuleId,
        name: &Name,
        ns: Namespace,
        found: &mut Vec<(Option<Cfg>, Resolution, bool)>,
    ) {
        if self.graph.borrow().module(start).globs.is_empty() {
            return;
        }
        let mut queue = std::collections::VecDeque::from([(start, None::<Cfg>)]);
        let mut seen = BTreeSet::from([start]);
        while let Some((module, outer)) = queue.pop_front() {
            for (cfg, is) in self.globs_of(module, start) {
                let cfg = both(outer.as_ref(), cfg.as_ref());
                match is {
                    Resolution::Module(next) if seen.insert(next) => {
                        let named = self.named_in(next, start, name, ns);
                        if named.iter().all(|(_, _, conditional)| *conditional) {
                            queue.push_back((next, cfg.clone()));
                        }
                        for (inner, is, conditional) in named {
                            found.push((both(cfg.as_ref(), inner.as_ref()), is, conditional));
                        }
                    }
                    Resolution::Def(def) if ns != Namespace::Macro => {
                        let head = self.alias_head(def).unwrap_or(Resolution::Def(def));
                        if let Resolution::Def(def) = head {
                            let variant = variant_of(&self.graph.borrow(), def, name);
                            found.extend(variant.map(|variant| (cfg, variant, false)));
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// What the glob imports of `module` that `from` sees stand for.
    pub(super) fn globs_of(&self, module: ModuleId, from: ModuleId) -> Found {
        let globs: Vec<(usize, Arc<Import>)> = {
            let graph = self.graph.borrow();
            let globs = graph.module(module).globs.iter().enumerate();
            globs
                .filter(|(_, glob)| graph.sees(from, glob.visibility, module))
                .map(|(at, glob)| (at, Arc::clone(glob)))
                .collect()
        };
        let mut all = Found::new();
        for (at, glob) in globs {
            let key = (module, at);
            let known = {
                let mut memo = self.memo.borrow_mut();
                let known =
                    memo.globs.get(&key).or_else(|| memo.provisional_globs.get(&key)).cloned();
                if known.is_none()
                    && (memo.busy_globs.len() >= WAITING || !memo.busy_globs.insert(key))
                {
                    memo.incomplete = true;
                    continue;
                }
                known
            };
            let found = known.unwrap_or_else(|| {
                let outer = std::mem::take(&mut self.memo.borrow_mut().incomplete);
                let targets = self.glob_target(module, &glob);
                let joined = targets
                    .into_iter()
                    .map(|(cfg, is)| (both(glob.cfg.as_ref(), cfg.as_ref()), is));
                let found = Rc::new(joined.collect::<Found>());
                let mut memo = self.memo.borrow_mut();
                memo.busy_globs.remove(&key);
                let tries = memo.tries.entry(key).or_default();
                *tries += 1;
                let last = *tries >= TRIES;
                if memo.idle() {
                    memo.provisional.clear();
                    memo.provisional_globs.clear();
                }
                if memo.incomplete && !memo.idle() && !last {
                    memo.provisional_globs.insert(key, Rc::clone(&found));
                } else {
                    memo.globs.insert(key, Rc::clone(&found));
                }
                memo.incomplete |= outer;
                found
            });
            all.extend(found.iter().cloned());
        }
        all
    }

    /// Whether a module, or one around it if it is that of a block, has a type or module of that name.
    fn is_named_around(&self, module: ModuleId, name: &Name) -> bool {
        let mut at = Some(module);
        while let Some(here) = at {
            if !self.named_in(here, here, name, Namespace::Type).is_empty() {
                return true;
            }
            let graph = self.graph.borrow();
            let module = graph.module(here);
            at = module.parent.filter(|_| module.kind == ModuleKind::Block);
        }
        false
    }

    /// What a glob import stands for. Another crate's name is not sought through globs: rustc calls that ambiguous, and
    /// globs that wait for each other would ask over and over.
    fn glob_target(&self, module: ModuleId, glob: &Import) -> Found {
        let krate = self.crate_of(module);
        if let Some((first, rest)) = glob.path.split_first()
            && self.krate(krate).edition >= 2018
            && let Some(other) = self.extern_crate(krate, first)
            && (glob.global || !self.is_named_around(module, first))
        {
            let mut at: Found = smallvec![(None, other)];
            for name in rest {
                let mut after = Found::new();
                for (cfg, is) in at {
                    let inner = self.step(&is, name, Namespace::Type).into_iter();
                    after.extend(inner.map(|(inner, is)| (both(cfg.as_ref(), inner.as_ref()), is)));
                }
                at = after;
            }
            return at;
        }
        self.import(module, glob, Namespace::Type)
    }
}
