//! Targets to crates, and `mod name;` to the file it names.
//!
//! Follows Cargo's targets and rustc's rules for `#[path]`; which items are in a file is left to `modules`.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Crate, CrateId, Items, ModuleId, Program,
    cfg::{both, string_literal},
    modules::{Module, ModuleKind},
    names::CrateRef,
    next,
};
use crate::{
    discover::{Package, Target, TargetKind, Workspace},
    source::FileId,
    syntax::tree::{Cfg, Item, ItemKind},
};

/// Where the modules declared at some point of a file are looked for.
#[derive(Debug, Clone)]
pub(crate) struct Dir {
    /// The directory of the file.
    around: String,
    /// The directory of its child modules.
    children: String,
    /// Whether the point is inside an inline module.
    nested: bool,
}

impl Dir {
    /// For a file whose child modules stand beside it: a crate root, `mod.rs`, a file named by `#[path]`.
    pub(crate) fn beside(path: &str) -> Self {
        let dir = parent(path).to_owned();
        Self { children: dir.clone(), around: dir, nested: false }
    }

    /// For a file found by its module's name.
    pub(crate) fn of_module_file(path: &str) -> Self {
        if path == "mod.rs" || path.ends_with("/mod.rs") {
            return Self::beside(path);
        }
        let stem = path.strip_suffix(".rs").unwrap_or(path);
        Self { around: parent(path).to_owned(), children: stem.to_owned(), nested: false }
    }

    /// Inside `mod name { … }`: each place that it may be, with its condition.
    pub(crate) fn inline(&self, item: &Item, text: &str) -> Vec<(Option<Cfg>, Self)> {
        let inside = |children| Self { around: self.around.clone(), children, nested: true };
        let mut found = Vec::new();
        let mut otherwise: Option<Cfg> = None;
        for (cfg, path) in path_attributes(item, text) {
            let children = join(if self.nested { &self.children } else { &self.around }, &path);
            found.push((both(otherwise.as_ref(), cfg.as_ref()), inside(children)));
            let Some(cfg) = cfg else { return found };
            otherwise = both(otherwise.as_ref(), Some(&Cfg::Not(Box::new(cfg))));
        }
        found.push((otherwise, inside(join(&self.children, &item.name))));
        found
    }

    /// In a function: only `#[path]` says where its modules are, from where the function stands.
    pub(crate) fn in_block(&self) -> Self {
        let children = if self.nested { &self.children } else { &self.around };
        Self { around: self.around.clone(), children: children.clone(), nested: true }
    }

    /// The files `mod name;` may stand for: each with its condition, its candidates in order, and whether the name came
    /// from `#[path]`.
    pub(crate) fn child_files(
        &self,
        item: &Item,
        text: &str,
    ) -> Vec<(Option<Cfg>, Vec<String>, bool)> {
        let mut found = Vec::new();
        let mut otherwise: Option<Cfg> = None;
        for (cfg, path) in path_attributes(item, text) {
            let file = join(if self.nested { &self.children } else { &self.around }, &path);
            let when = both(otherwise.as_ref(), cfg.as_ref());
            found.push((when, vec![file], true));
            let Some(cfg) = cfg else { return found };
            otherwise = both(otherwise.as_ref(), Some(&Cfg::Not(Box::new(cfg))));
        }
        found.push((otherwise, self.child(&item.name), false));
        found
    }

    /// The files that a module is looked for in by its name.
    pub(super) fn child(&self, name: &str) -> Vec<String> {
        let base = join(&self.children, name);
        vec![format!("{base}.rs"), format!("{base}/mod.rs")]
    }
}

/// The `#[path]` attributes of an item, with their `cfg_attr` conditions.
fn path_attributes(item: &Item, text: &str) -> Vec<(Option<Cfg>, String)> {
    let named = |attr: &&crate::syntax::tree::Attr| {
        attr.path.segments.len() == 1
            && attr.path.segments.iter().all(|segment| segment.name == "path")
    };
    let attrs = item.attrs.iter().filter(named);
    attrs
        .filter_map(|attr| {
            Some((attr.cfg.as_deref().cloned(), string_literal(attr.args.of(text))?))
        })
        .collect()
}

/// The directory of a path; empty at the root.
fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(dir, _)| dir)
}

/// Joins with `/`, resolving `.` and `..`.
pub(super) fn join(dir: &str, path: &str) -> String {
    let path = path.replace('\\', "/");
    let mut parts: Vec<&str> = dir.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

impl Program {
    /// Makes a crate with an empty root module of each target that is scanned.
    pub(super) fn open_crates(&self, workspace: &Workspace) {
        let covered = self.loose_children(workspace);
        let mut libs: BTreeMap<usize, CrateId> = BTreeMap::new();
        for (at, package) in workspace.packages.iter().enumerate() {
            for target in &package.targets {
                let wanted = match target.kind {
                    TargetKind::Lib | TargetKind::ProcMacro | TargetKind::Bin => true,
                    TargetKind::Loose => !covered.contains(&target.root),
                    TargetKind::Example | TargetKind::Test | TargetKind::Bench => {
                        self.include_tests
                    }
                    TargetKind::BuildScript => false,
                };
                if wanted {
                    let id = self.open_crate(at, package, target);
                    if matches!(target.kind, TargetKind::Lib | TargetKind::ProcMacro) {
                        libs.insert(at, id);
                    }
                }
            }
        }
        let mut graph = self.graph.borrow_mut();
        let names: Vec<_> = graph.crates.iter().map(|krate| krate.name.clone()).collect();
        let loose: Vec<bool> =
            graph.crates.iter().map(|krate| krate.kind == TargetKind::Loose).collect();
        for krate in &mut graph.crates {
            let Some(package) = workspace.packages.get(krate.package) else { continue };
            for dependency in &package.dependencies {
                let local = dependency.local.and_then(|at| Some((at, *libs.get(&at)?)));
                let Some((at, lib)) = local else {
                    let real = CrateRef::External(dependency.package.as_str().into());
                    // One of the tree by that name is what the code means.
                    krate.externs.entry(dependency.name.as_str().into()).or_insert(real);
                    continue;
                };
                krate.externs.insert(dependency.name.as_str().into(), CrateRef::Local(lib));
                let package_name =
                    workspace.packages.get(at).map(|package| package.name.replace('-', "_"));
                if let Some(name) = names.get(lib.0 as usize)
                    && package_name.as_deref() == Some(dependency.name.as_str())
                {
                    krate.externs.insert(name.clone(), CrateRef::Local(lib));
                }
            }
            let own = libs.get(&krate.package).filter(|_| !is_lib(krate.kind));
            if let Some((lib, name)) = own.and_then(|lib| Some((*lib, names.get(lib.0 as usize)?)))
            {
                let copy = package.copy_of.as_deref();
                let own =
                    copy.map_or(CrateRef::Local(lib), |known| CrateRef::External(known.into()));
                krate.externs.insert(name.clone(), own);
            }
            if krate.kind == TargetKind::Loose {
                for (at, name) in names.iter().enumerate() {
                    if loose.get(at) == Some(&true) && *name != krate.name {
                        krate
                            .externs
                            .entry(name.clone())
                            .or_insert(CrateRef::Local(CrateId(next(at))));
                    }
                }
            }
        }
    }

    /// One crate with its root module.
    fn open_crate(&self, at: usize, package: &Package, target: &Target) -> CrateId {
        let mut graph = self.graph.borrow_mut();
        let (id, root) = (CrateId(next(graph.crates.len())), ModuleId(next(graph.modules.len())));
        let name: crate::syntax::tree::Name = target.name.replace('-', "_").into();
        let file = self.files.get(&target.root).map_or(FileId(u32::MAX), |file| file.file);
        graph.modules.push(Module::new(name.as_str().into(), id, None, ModuleKind::Root, file));
        graph.crates.push(Crate {
            name,
            package: at,
            kind: target.kind,
            edition: package.edition,
            root_file: target.root.clone(),
            dir: package.dir.clone(),
            root,
            externs: rustc_hash::FxHashMap::default(),
            macro_use: Vec::new(),
        });
        id
    }

    /// Loose files that another loose file declares as a module. A ring of files keeps its first.
    fn loose_children(&self, workspace: &Workspace) -> BTreeSet<String> {
        let targets = workspace.packages.iter().flat_map(|package| &package.targets);
        let loose: Vec<&str> = targets
            .filter(|target| target.kind == TargetKind::Loose)
            .map(|target| target.root.as_str())
            .collect();
        let mut declared: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        let mut children = BTreeSet::new();
        for root in &loose {
            let mut reached = BTreeSet::new();
            self.module_files(root, Dir::beside(root), &mut reached);
            reached.remove(*root);
            children.extend(reached.iter().cloned());
            declared.insert(root, reached);
        }
        let mut covered: BTreeSet<String> = BTreeSet::new();
        for root in loose.iter().filter(|root| !children.contains(**root)) {
            covered.extend(declared.get(root).into_iter().flatten().cloned());
            covered.insert((*root).to_owned());
        }
        for root in &loose {
            if !covered.contains(*root) {
                covered.extend(declared.get(root).into_iter().flatten().cloned());
                covered.insert((*root).to_owned());
                children.remove(*root);
            }
        }
        children
    }

    /// The files that `mod` reaches from `path`, itself included; macros are not expanded.
    pub(super) fn module_files(&self, path: &str, dir: Dir, reached: &mut BTreeSet<String>) {
        let mut work = vec![(path.to_owned(), dir)];
        while let Some((path, dir)) = work.pop() {
            let Some(file) = self.files.get(&path) else { continue };
            if !reached.insert(path) {
                continue;
            }
            if let Ok(tree) = &file.tree {
                let text = self.text(file.file);
                self.declared_files(&tree.items, &dir, &text, &mut work);
            }
        }
    }

    /// The files that the `mod` items of a list name.
    fn declared_files(&self, items: &Items, dir: &Dir, text: &str, found: &mut Vec<(String, Dir)>) {
        for item in items {
            match &item.kind {
                ItemKind::Mod(Some(inner)) => {
                    for (_, dir) in dir.inline(item, text) {
                        self.declared_files(inner, &dir, text, found);
                    }
                }
                ItemKind::Mod(None) => {
                    for (_, candidates, explicit) in dir.child_files(item, text) {
                        if let Some(file) =
                            candidates.iter().find(|file| self.files.contains_key(*file))
                        {
                            let inner = if explicit {
                                Dir::beside(file)
                            } else {
                                Dir::of_module_file(file)
                            };
                            found.push((file.clone(), inner));
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// Notes the files that no target reaches, those that are not scanned included.
    pub(super) fn note_orphans(&self, workspace: &Workspace) {
        let mut reached = self.reached.borrow().clone();
        for target in workspace.packages.iter().flat_map(|package| &package.targets) {
            if !reached.contains(&target.root) {
                self.module_files(&target.root, Dir::beside(&target.root), &mut reached);
            }
        }
        self.notes.borrow_mut().orphans =
            workspace.files.iter().filter(|file| !reached.contains(*file)).cloned().collect();
    }
}

/// Whether other crates can name this target.
fn is_lib(kind: TargetKind) -> bool {
    matches!(kind, TargetKind::Lib | TargetKind::ProcMacro)
}
