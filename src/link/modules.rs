//! The module tree of each crate: walks items from the root, in source order, and files them under their names.
//!
//! Nothing is resolved here but macros that stand for items; `names` looks names up when asked.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{
    CrateId, DefId, DefKind, Items, ModuleId, Namespace, Program, Resolution,
    cfg::{Decided, Visibility, both, decide, parse, visibility},
    crates::Dir,
    next,
};
use crate::{
    discover::TargetKind,
    source::{FileId, Place},
    syntax::tree::{Attr, Cfg, Item, ItemKind, Name},
};

/// What kind of scope a module is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ModuleKind {
    /// The root of a crate.
    Root,
    /// A `mod`.
    Named,
    /// A block with items.
    Block,
}

/// A name defined in a module.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// The namespace it is in.
    pub(crate) ns: Namespace,
    /// Its own condition and that of all that encloses it.
    pub(crate) cfg: Option<Cfg>,
    /// Whether it has a condition of its own.
    pub(crate) conditional: bool,
    /// Who sees it.
    pub(crate) visibility: Visibility,
    /// What it is.
    pub(crate) is: Resolution,
}

/// One leaf of a `use`.
#[derive(Debug, Clone)]
pub(crate) struct Import {
    /// `::a`.
    pub(crate) global: bool,
    /// Without the `*`.
    pub(crate) path: Vec<Name>,
    /// Its own condition and that of all that encloses it.
    pub(crate) cfg: Option<Cfg>,
    /// Whether it has a condition of its own.
    pub(crate) conditional: bool,
    /// Who sees it.
    pub(crate) visibility: Visibility,
}

/// One scope.
#[derive(Debug)]
pub(crate) struct Module {
    pub(crate) path: Arc<str>,
    pub(crate) krate: CrateId,
    pub(crate) parent: Option<ModuleId>,
    pub(crate) kind: ModuleKind,
    pub(crate) file: FileId,
    pub(crate) cfg: Option<Cfg>,
    /// Where the modules declared in it are looked for; of a block that is where it stands.
    pub(crate) dir: Option<Dir>,
    /// The item that it is the content of.
    pub(crate) item: Option<Arc<Item>>,
    pub(crate) entries: FxHashMap<Name, Vec<Entry>>,
    pub(crate) named: FxHashMap<Name, Vec<Arc<Import>>>,
    pub(crate) globs: Vec<Arc<Import>>,
    pub(crate) textual: Vec<super::textual::Textual>,
    pub(crate) textual_by_name: FxHashMap<Name, Vec<usize>>,
    /// How many of the parent's textual macros stand before this module.
    pub(crate) inherited: usize,
}

impl Module {
    /// An empty scope.
    pub(crate) fn new(
        path: Arc<str>,
        krate: CrateId,
        parent: Option<ModuleId>,
        kind: ModuleKind,
        file: FileId,
    ) -> Self {
        Self {
            path,
            krate,
            parent,
            kind,
            file,
            cfg: None,
            dir: None,
            item: None,
            entries: FxHashMap::default(),
            named: FxHashMap::default(),
            globs: Vec::new(),
            textual: Vec::new(),
            textual_by_name: FxHashMap::default(),
            inherited: 0,
        }
    }

    /// Whether it gives a name no meaning, and brings in no others that may.
    pub(super) fn lacks(&self, name: &str) -> bool {
        !self.entries.contains_key(name) && self.globs.is_empty() && !self.named.contains_key(name)
    }
}

/// Where a list of items stands.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) module: ModuleId,
    pub(crate) file: FileId,
    pub(crate) dir: Dir,
    pub(crate) cfg: Option<Cfg>,
}

impl Program {
    /// Walks every crate from its root file.
    pub(super) fn walk_crates(&self) {
        for id in self.crates() {
            let (root, path) = {
                let krate = self.krate(id);
                (krate.root, krate.root_file.clone())
            };
            self.walk_file(&path, root, Dir::beside(&path), None);
        }
    }

    /// Walks a whole file as the content of `module`.
    pub(super) fn walk_file(&self, path: &str, module: ModuleId, dir: Dir, cfg: Option<Cfg>) {
        let Some(parsed) = self.files.get(path) else { return };
        self.reached.borrow_mut().insert(path.to_owned());
        let tree = match &parsed.tree {
            Ok(tree) => tree,
            Err(message) => {
                let mut notes = self.notes.borrow_mut();
                notes
                    .unparsed
                    .entry(path.to_owned())
                    .or_insert_with(|| (parsed.file, message.clone()));
                return;
            }
        };
        let text = self.text(parsed.file);
        let mut cfg = cfg;
        for attr in tree.attrs.iter().filter(|attr| is_named(attr, "cfg")) {
            match decide(&parse(attr.args.of(&text)), self.include_tests) {
                Decided::True => {}
                Decided::False => {
                    self.notes.borrow_mut().test_items += tree.items.len();
                    return;
                }
                Decided::Open(open) => cfg = both(cfg.as_ref(), Some(&open)),
            }
        }
        for skipped in &tree.skipped {
            let mut notes = self.notes.borrow_mut();
            notes
                .skipped
                .entry((parsed.file, skipped.span))
                .or_insert_with(|| skipped.message.clone());
        }
        {
            let mut graph = self.graph.borrow_mut();
            let here = graph.module_mut(module);
            here.cfg.clone_from(&cfg);
            here.dir = Some(dir.clone());
        }
        self.walk_items(&tree.items, &Site { module, file: parsed.file, dir, cfg });
    }

    /// Whether the item is compiled, and its full condition with whether it has one of its own.
    pub(super) fn compiled(&self, item: &Item, outer: Option<&Cfg>) -> Option<(Option<Cfg>, bool)> {
        let decided =
            item.cfg.as_ref().map_or(Decided::True, |cfg| decide(cfg, self.include_tests));
        let test_fn = !self.include_tests
            && matches!(item.kind, ItemKind::Fn(_))
            && item.attrs.iter().any(|attr| {
                attr.cfg.is_none()
                    && attr
                        .path
                        .segments
                        .last()
                        .is_some_and(|last| last.name == "test" || last.name == "bench")
            });
        match decided {
            _ if test_fn => {}
            Decided::True => return Some((outer.cloned(), false)),
            Decided::Open(open) => return Some((both(outer, Some(&open)), true)),
            Decided::False => {}
        }
        self.notes.borrow_mut().test_items += 1;
        None
    }

    /// Files the items of one list.
    pub(super) fn walk_items(&self, items: &Items, site: &Site) {
        let text = self.text(site.file);
        // A macro around them may stand under a condition that the module does not.
        let is_narrower =
            site.cfg.is_some() && self.graph.borrow().module(site.module).cfg != site.cfg;
        for item in items {
            let Some((cfg, own)) = self.compiled(item, site.cfg.as_ref()) else { continue };
            let conditional = own || is_narrower;
            let seen_by = || visibility(&text, item);
            let entry =
                |ns, is| Entry { ns, cfg: cfg.clone(), conditional, visibility: seen_by(), is };
            let add = |ns, is| self.add_entry(site.module, &item.name, entry(ns, is));
            match &item.kind {
                ItemKind::Mod(inner) => {
                    self.walk_mod(item, inner.as_deref(), site, &text, &entry, cfg.as_ref());
                }
                ItemKind::Use(leaves) => {
                    self.add_imports(leaves, site, cfg.as_ref(), conditional, seen_by());
                }
                ItemKind::ExternCrate(name) => self.add_extern_crate(item, name, site, &entry),
                ItemKind::MacroCall(call) => self.item_macro(call, &Site { cfg, ..site.clone() }),
                ItemKind::MacroRules(_) => {
                    let def = self.add_def(DefKind::Macro, item, site, cfg.clone(), None);
                    self.add_textual(
                        site.module,
                        &item.name,
                        def,
                        Place { file: site.file, span: item.span },
                    );
                    add(Namespace::Macro, Resolution::Def(def));
                    if item.attrs.iter().any(|attr| is_named(attr, "macro_export")) {
                        let root = self.krate(self.crate_of(site.module)).root;
                        let exported = Entry {
                            visibility: Visibility::Public,
                            ..entry(Namespace::Macro, Resolution::Def(def))
                        };
                        self.add_entry(root, &item.name, exported);
                    }
                }
                ItemKind::Fn(_) => {
                    let def = self.add_def(DefKind::Fn, item, site, cfg.clone(), None);
                    add(Namespace::Value, Resolution::Def(def));
                    if seen_by() != Visibility::Public {
                        self.note_private(item, site, def);
                    }
                    let kind = self.krate(self.crate_of(site.module)).kind;
                    let exports = |attr: &Attr| {
                        is_named(attr, "proc_macro") || is_named(attr, "proc_macro_attribute")
                    };
                    if kind == TargetKind::ProcMacro && item.attrs.iter().any(exports) {
                        add(Namespace::Macro, Resolution::Def(def));
                    }
                }
                ItemKind::Const { .. } => {
                    let def = self.add_def(DefKind::Const, item, site, cfg.clone(), None);
                    add(Namespace::Value, Resolution::Def(def));
                }
                ItemKind::TypeAlias { .. } => {
                    let def = self.add_def(DefKind::TypeAlias, item, site, cfg.clone(), None);
                    add(Namespace::Type, Resolution::Def(def));
                }
                ItemKind::Struct { fields, is_tuple, .. } => {
                    self.note_derived(item, site);
                    let def = self.add_def(DefKind::Struct, item, site, cfg.clone(), None);
                    add(Namespace::Type, Resolution::Def(def));
                    // `struct X {}` is no value.
                    let is_unit = fields.is_empty() && item.span.of(&text).ends_with(';');
                    if *is_tuple || is_unit {
                        add(Namespace::Value, Resolution::Def(def));
                    }
                }
                ItemKind::Enum { .. } => {
                    self.note_derived(item, site);
                    let def = self.add_def(DefKind::Enum, item, site, cfg.clone(), None);
                    add(Namespace::Type, Resolution::Def(def));
                }
                ItemKind::Trait { items, .. } => {
                    let def = self.add_def(DefKind::Trait, item, site, cfg.clone(), None);
                    add(Namespace::Type, Resolution::Def(def));
                    self.add_members(items, def, &Site { cfg, ..site.clone() }, 0);
                }
                ItemKind::Impl(block) if !block.negative => {
                    let def = self.add_def(DefKind::Impl, item, site, cfg.clone(), None);
                    self.add_members(&block.items, def, &Site { cfg, ..site.clone() }, 0);
                }
                ItemKind::Impl(_) | ItemKind::Other => {}
            }
        }
    }

    /// The items of an impl or trait, those that macros stand for included.
    pub(super) fn add_members(&self, items: &Items, parent: DefId, site: &Site, depth: u32) {
        for item in items {
            let Some((cfg, _)) = self.compiled(item, site.cfg.as_ref()) else { continue };
            let kind = match &item.kind {
                ItemKind::Fn(_) => DefKind::Method,
                ItemKind::Const { .. } => DefKind::AssocConst,
                ItemKind::TypeAlias { .. } => DefKind::AssocType,
                ItemKind::MacroCall(call) => {
                    if let Some((file, items)) = self.member_macro(call, site, depth) {
                        self.add_members(
                            &items,
                            parent,
                            &Site { file, cfg, ..site.clone() },
                            depth + 1,
                        );
                    }
                    continue;
                }
                _ => continue,
            };
            self.add_def(kind, item, site, cfg, Some(parent));
        }
    }

    /// `mod name;` or `mod name { … }`.
    fn walk_mod(
        &self,
        item: &Arc<Item>,
        inner: Option<&Items>,
        site: &Site,
        text: &str,
        entry: &dyn Fn(Namespace, Resolution) -> Entry,
        cfg: Option<&Cfg>,
    ) {
        let at = Place { file: site.file, span: item.span };
        let macro_use = item.attrs.iter().any(|attr| is_named(attr, "macro_use"));
        let open = |file: FileId, cfg: Option<Cfg>| {
            let mut graph = self.graph.borrow_mut();
            let id = ModuleId(next(graph.modules.len()));
            let parent = graph.module(site.module);
            let path = format!("{}::{}", parent.path, item.name);
            let mut module =
                Module::new(path.into(), parent.krate, Some(site.module), ModuleKind::Named, file);
            module.inherited = parent.textual.len();
            module.cfg = cfg;
            module.item = Some(Arc::clone(item));
            graph.modules.push(module);
            id
        };
        if let Some(inner) = inner {
            for (when, dir) in site.dir.inline(item, text) {
                let full = both(cfg, when.as_ref());
                let module = open(site.file, full.clone());
                let mut filed = entry(Namespace::Type, Resolution::Module(module));
                filed.conditional |= when.is_some();
                filed.cfg.clone_from(&full);
                self.add_entry(site.module, &item.name, filed);
                self.graph.borrow_mut().module_mut(module).dir = Some(dir.clone());
                self.walk_items(inner, &Site { module, file: site.file, dir, cfg: full });
                if macro_use {
                    self.lift_textual(module, site.module, at);
                }
            }
            return;
        }
        for (when, candidates, explicit) in site.dir.child_files(item, text) {
            let Some((path, file)) = candidates
                .iter()
                .find_map(|path| self.files.get(path).map(|file| (path, file.file)))
            else {
                if when.is_none() {
                    self.gap(
                        at,
                        format!(
                            "no file for module `{}` was read: {} is not there, or .gitignore or \
                             scan.exclude leaves it out",
                            item.name,
                            candidates.join(" or ")
                        ),
                    );
                }
                continue;
            };
            if self.encloses(site.module, file) {
                self.gap(at, format!("module `{}` is its own ancestor", item.name));
                continue;
            }
            let full = both(cfg, when.as_ref());
            let module = open(file, full.clone());
            let mut filed = entry(Namespace::Type, Resolution::Module(module));
            filed.conditional |= when.is_some();
            filed.cfg.clone_from(&full);
            self.add_entry(site.module, &item.name, filed);
            let dir = if explicit { Dir::beside(path) } else { Dir::of_module_file(path) };
            self.walk_file(path, module, dir, full);
            let tree = self.files.get(path).and_then(|file| file.tree.as_ref().ok());
            let inner = tree.iter().flat_map(|tree| &tree.attrs);
            if macro_use || inner.into_iter().any(|attr| is_named(attr, "macro_use")) {
                self.lift_textual(module, site.module, at);
            }
        }
    }

    /// Whether `module` or one around it is in `file`, other than by standing inline in it.
    fn encloses(&self, module: ModuleId, file: FileId) -> bool {
        let graph = self.graph.borrow();
        let mut at = Some(module);
        while let Some(id) = at {
            let module = graph.module(id);
            if module.file == file {
                return true;
            }
            at = module.parent;
        }
        false
    }
}

/// `core` and `alloc` are parts of `std`.
pub(super) fn std_crate(name: &str) -> &str {
    if matches!(name, "core" | "alloc") { "std" } else { name }
}

/// Whether the attribute is this single name.
pub(super) fn is_named(attr: &Attr, name: &str) -> bool {
    attr.path.segments.len() == 1 && attr.path.segments.iter().all(|segment| segment.name == name)
}
