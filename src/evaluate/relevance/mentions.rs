//! What the names and paths of a body mean in its module.

use std::{rc::Rc, sync::Arc};

use rustc_hash::{FxHashMap, FxHashSet};

use super::{
    Node, is_interesting,
    names::{called_macros, calls_macros, formatted_names, free_names},
};
use crate::{
    databases, frameworks,
    link::{Def, DefId, DefKind, ModuleId, Namespace, Program, Resolution},
    source::FileId,
    syntax::{
        paste,
        tree::{Body, ItemKind, Name, ident_hash},
    },
};

/// Of modules that bring in more others than this, names are sought in all of the tree.
const MOST_GLOBS: usize = 64;

/// What a body mentions.
#[derive(Debug, Default)]
pub(super) struct Mentioned {
    /// Definitions and paths outside the tree.
    pub(super) nodes: Vec<Node>,
    /// The macros of the tree among them: what they stand for is evaluated where they are called.
    pub(super) macros: Vec<(FileId, Rc<Body>)>,
}

/// The names of one module.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// By hash.
    names: FxHashMap<u32, Vec<Name>>,
    /// Hashes of the names that globs bring in.
    globbed: FxHashSet<u32>,
    globs: Vec<ModuleId>,
    enums: Vec<DefId>,
    /// Whether a glob brings in names of a library that are not known.
    pub(super) brings_unknown: bool,
    /// Whether names are to be sought in all of the tree.
    anything: bool,
}

/// A macro of the tree: what it mentions itself.
#[derive(Debug, Clone)]
struct MacroBody {
    def: DefId,
    file: FileId,
    module: ModuleId,
    body: Rc<Body>,
    /// Whether a path in it is put together from what it is given: `$module::f`.
    joins_paths: bool,
}

/// Whether a crate outside the tree is a library's, and its name.
pub(super) type OutsideCrate = (bool, Arc<str>);

/// Names to what they mean.
pub(super) struct Scopes<'a> {
    pub(super) program: &'a Program,
    declared: Vec<u32>,
    modules: Vec<Option<Rc<Scope>>>,
    known: FxHashMap<(ModuleId, u32), Rc<[Node]>>,
    /// Definitions by the hash of their last name.
    pub(super) by_name: FxHashMap<u32, Vec<Node>>,
    /// Macros by the hash of their name.
    macros: FxHashMap<u32, Vec<MacroBody>>,
    macro_bodies: FxHashMap<Node, MacroBody>,
    /// The crates outside the tree by which names paths begin, and whether each is a library's.
    pub(super) crates: FxHashMap<(ModuleId, bool, Name), Option<OutsideCrate>>,
    /// Paths outside the tree, and whether they are of interest.
    outside: FxHashMap<Arc<str>, Node>,
    /// Single names that a glob may bring from a library, as far as they were asked for.
    of_globs: FxHashMap<ModuleId, FxHashMap<Name, bool>>,
    interesting: Vec<bool>,
    /// Definitions of the tree that are of interest by themselves.
    leads: Vec<bool>,
    /// Types that impls give, where a value of the type that has the impl does not bring them along.
    assoc_types: FxHashMap<u32, Vec<Node>>,
    /// Functions without a receiver of types outside the tree or unknown, by the hashes of their own and the type's name.
    detached: FxHashMap<u32, Vec<(u32, Node)>>,
    /// Types on whose values methods of a library begin statements, or that hold SQL, with the hashes of the names.
    begin: FxHashMap<Node, Vec<u32>>,
    pub(super) first_outside: Node,
}

impl<'a> Scopes<'a> {
    /// - `declared`: names that are of interest as the last of a path, as hashes.
    pub(super) fn new(program: &'a Program, defs: &[(DefId, Rc<Def>)], declared: Vec<u32>) -> Self {
        let mut by_name: FxHashMap<u32, Vec<Node>> = FxHashMap::default();
        let mut macros: FxHashMap<u32, Vec<MacroBody>> = FxHashMap::default();
        let mut macro_bodies: FxHashMap<Node, MacroBody> = FxHashMap::default();
        for (id, def) in defs {
            if def.name.is_empty() {
                continue;
            }
            let hash = ident_hash(&def.name);
            if let ItemKind::MacroRules(rules) = &def.item.kind {
                let body = Rc::new(Body::read(&program.text(def.file), *rules));
                let text = program.text(def.file);
                let (file, module) = (def.file, def.module);
                let joins_paths = joins_paths(program, module, rules.of(&text));
                let of = MacroBody { def: *id, file, module, body, joins_paths };
                macro_bodies.insert(id.0, of.clone());
                macros.entry(hash).or_default().push(of);
            } else {
                by_name.entry(hash).or_default().push(id.0);
            }
        }
        Self {
            program,
            declared,
            modules: (0..program.module_count()).map(|_| None).collect(),
            known: FxHashMap::default(),
            by_name,
            macros,
            macro_bodies,
            crates: FxHashMap::default(),
            outside: FxHashMap::default(),
            of_globs: FxHashMap::default(),
            interesting: Vec::new(),
            leads: vec![false; defs.len()],
            assoc_types: FxHashMap::default(),
            detached: FxHashMap::default(),
            begin: FxHashMap::default(),
            first_outside: Node::try_from(defs.len()).unwrap_or(Node::MAX),
        }
    }

    /// How many nodes there are so far.
    pub(super) fn count(&self) -> usize {
        self.first_outside as usize + self.interesting.len()
    }

    /// A definition is of interest by itself.
    pub(super) fn lead(&mut self, id: DefId) {
        if let Some(lead) = self.leads.get_mut(id.0 as usize) {
            *lead = true;
        }
    }

    /// A type is of interest where one of these methods or fields is named.
    pub(super) fn begins(&mut self, id: DefId, names: &[&str]) {
        self.begin.entry(id.0).or_default().extend(names.iter().map(|name| ident_hash(name)));
    }

    /// The methods and fields that make a type be of interest.
    pub(super) fn beginning(&self, node: Node) -> &[u32] {
        self.begin.get(&node).map_or(&[], Vec::as_slice)
    }

    /// A type that an impl gives under that name comes into play where the name stands.
    pub(super) fn comes_by_name(&mut self, name: u32, node: Node) {
        self.assoc_types.entry(name).or_default().push(node);
    }

    /// The types that impls give under that name.
    pub(super) fn given_as(&self, name: u32) -> &[Node] {
        self.assoc_types.get(&name).map_or(&[], Vec::as_slice)
    }

    /// A function without a receiver is called by a path that names its type, or one of which that is not known.
    pub(super) fn detach(&mut self, ty: &str, name: u32, node: Node) {
        self.detached.entry(name).or_default().push((ident_hash(ty), node));
    }

    /// The functions without a receiver that a path may call; of any type where that is not known.
    pub(super) fn detached(&self, ty: Option<&str>, name: &str) -> impl Iterator<Item = Node> {
        let ty = ty.map(ident_hash);
        let all = self.detached.get(&ident_hash(name)).into_iter().flatten();
        all.filter(move |(of, _)| ty.is_none_or(|ty| ty == *of)).map(|(_, node)| *node)
    }

    /// Hashes of the names by which a definition, a macro or an import of any module is known.
    pub(super) fn all_names(&self) -> impl Iterator<Item = u32> {
        let modules = (0..).map(ModuleId).take(self.program.module_count());
        let in_modules = modules.flat_map(|module| self.program.names_of(module));
        let named = self.by_name.keys().chain(self.macros.keys()).chain(self.detached.keys());
        named.copied().chain(in_modules.map(|name| ident_hash(&name)))
    }

    /// Whether a node is of interest by itself.
    pub(super) fn is_interesting(&self, node: Node) -> bool {
        match node.checked_sub(self.first_outside) {
            Some(at) => self.interesting.get(at as usize).copied().unwrap_or(false),
            None => self.leads.get(node as usize).copied().unwrap_or(false),
        }
    }

    /// The node of a path outside the tree.
    pub(super) fn outside(&mut self, path: &Arc<str>) -> Node {
        if let Some(known) = self.outside.get(path) {
            return *known;
        }
        let node = self.first_outside + Node::try_from(self.interesting.len()).unwrap_or(0);
        let last = path.rsplit(':').next().unwrap_or(path);
        let declared = self.declared.contains(&ident_hash(last));
        self.interesting.push(declared || is_interesting(path));
        self.outside.insert(path.clone(), node);
        node
    }

    /// What a body mentions; `None` where that is of interest by itself, or cannot be told.
    pub(super) fn mentioned(
        &mut self,
        module: ModuleId,
        text: &str,
        body: &Body,
    ) -> Option<Mentioned> {
        let mut all = Mentioned::default();
        self.read(module, text, body, &mut all)?;
        let mut seen: Vec<DefId> = Vec::new();
        let mut open: Vec<u32> = called_macros(body).to_vec();
        let mut renamed = 0;
        loop {
            let mut found: Vec<MacroBody> = Vec::new();
            if let Some(name) = open.pop() {
                found.extend(self.macros.get(&name).into_iter().flatten().cloned());
            } else if let Some(node) = all.nodes.get(renamed) {
                // A macro by another name.
                renamed += 1;
                found.extend(self.macro_bodies.get(node).cloned());
            } else {
                break;
            }
            for of in found {
                if seen.contains(&of.def) {
                    continue;
                }
                seen.push(of.def);
                let text = self.program.text(of.file);
                self.read(of.module, &text, &of.body, &mut all)?;
                // Names of functions and types mean what they mean where the macro is called.
                if of.module != module {
                    self.read(module, &text, &of.body, &mut all)?;
                }
                if of.joins_paths {
                    self.joined(module, body, &mut all)?;
                    for name in &of.body.idents {
                        self.anything(*name, &mut all);
                    }
                }
                open.extend(called_macros(&of.body));
                if of.body.flags.given_macros {
                    open.extend(&body.idents);
                    open.extend(all.macros.iter().flat_map(|(_, body)| &body.idents));
                }
                all.macros.push((of.file, of.body));
            }
        }
        Some(all)
    }

    /// A macro puts a path together: any name of the body may be part of it.
    fn joined(&mut self, module: ModuleId, body: &Body, all: &mut Mentioned) -> Option<()> {
        let krate = self.program.crate_of(module);
        let outside = self.program.outside_crates(krate);
        if outside.iter().any(|(name, krate)| {
            body.idents.binary_search(&ident_hash(name)).is_ok() && is_of_library(krate)
        }) {
            return None;
        }
        for name in &body.idents {
            self.anything(*name, all);
        }
        Some(())
    }

    /// Adds what one text mentions.
    fn read(
        &mut self,
        module: ModuleId,
        text: &str,
        body: &Body,
        all: &mut Mentioned,
    ) -> Option<()> {
        let scope = self.scope(module);
        // Names that `paste!` puts together are not among those of the body.
        if calls_macros(body) && paste::names_are_joined_in(body.span.of(text)) {
            return None;
        }
        if body.flags.items {
            self.imports(module, text, body, all)?;
        }
        for name in &body.idents {
            if scope.anything {
                self.anything(*name, all);
            }
            // `<Type>::function`.
            let detached = self.detached.get(name).into_iter().flatten();
            let spelled = detached.filter(|(ty, _)| body.idents.binary_search(ty).is_ok());
            all.nodes.extend(spelled.map(|(_, node)| *node));
            if Self::is_in_scope(&scope, *name) {
                let known = self.means(module, &scope, *name);
                if known.iter().any(|node| self.is_interesting(*node)) {
                    if self.is_free(text, body, *name) {
                        return None;
                    }
                    continue;
                }
                // A module or local may have the name of a macro.
                let is_called = called_macros(body).binary_search(name).is_ok();
                let is_meant = |node: &&Node| is_called || !self.macro_bodies.contains_key(node);
                all.nodes.extend(known.iter().filter(is_meant));
            }
        }
        if scope.brings_unknown && self.names_library(module, text, body) {
            return None;
        }
        all.nodes.extend(scope.enums.iter().map(|id| id.0));
        for span in &body.paths {
            self.path(module, &scope, span.of(text), all)?;
        }
        Some(())
    }

    /// Whether a name stands in a body by itself, and not only as that of a field or method; a macro may take it apart.
    fn is_free(&self, text: &str, body: &Body, name: u32) -> bool {
        called_macros(body).iter().any(|called| self.macros.contains_key(called))
            || free_names(text, body.span).any(|free| ident_hash(free) == name)
            || formatted_names(text, body.span).any(|free| ident_hash(free) == name)
    }

    /// Whether a single name of a body may be one that a glob brings from a library.
    fn names_library(&mut self, module: ModuleId, text: &str, body: &Body) -> bool {
        let program = self.program;
        let of_globs = self.of_globs.entry(module).or_default();
        free_names(text, body.span).any(|name| {
            if let Some(known) = of_globs.get(name) {
                return *known;
            }
            let candidates = program.macro_candidates(module, &[name]);
            let is_one = candidates.iter().any(|path| is_known(path));
            of_globs.insert(name.into(), is_one);
            is_one
        })
    }

    pub(super) fn anything(&self, name: u32, all: &mut Mentioned) {
        all.nodes.extend(self.by_name.get(&name).into_iter().flatten());
    }

    pub(super) fn add(&self, nodes: &[Node], all: &mut Mentioned) -> Option<()> {
        if nodes.iter().any(|node| self.is_interesting(*node)) {
            return None;
        }
        all.nodes.extend(nodes);
        Some(())
    }

    pub(super) fn is_in_scope(scope: &Scope, name: u32) -> bool {
        scope.anything || scope.names.contains_key(&name) || scope.globbed.contains(&name)
    }

    /// What a name of a scope means.
    pub(super) fn means(&mut self, module: ModuleId, scope: &Scope, name: u32) -> Rc<[Node]> {
        if let Some(known) = self.known.get(&(module, name)) {
            return Rc::clone(known);
        }
        let mut names: Vec<Name> = scope.names.get(&name).into_iter().flatten().cloned().collect();
        for glob in &scope.globs {
            let other = self.scope(*glob);
            names.extend(other.names.get(&name).into_iter().flatten().cloned());
        }
        names.sort_unstable();
        names.dedup();
        let mut nodes = Vec::new();
        for name in names {
            let found = self.resolved(module, &[name.as_str()], false);
            if found.is_empty() && !self.is_module(module, &name) {
                if self.is_lost_in_library(module, &[name.as_str()]) {
                    nodes.push(self.of_library());
                }
                // An import of what is not there: something generated.
                nodes.extend(self.by_name.get(&ident_hash(&name)).into_iter().flatten());
            }
            nodes.extend(found);
        }
        let nodes: Rc<[Node]> = nodes.into();
        self.known.insert((module, name), Rc::clone(&nodes));
        nodes
    }

    /// A node that stands for something of a library.
    pub(super) fn of_library(&mut self) -> Node {
        let node = self.outside(&"?".into());
        if let Some(interesting) = self.interesting.get_mut((node - self.first_outside) as usize) {
            *interesting = true;
        }
        node
    }

    fn is_module(&self, module: ModuleId, name: &Name) -> bool {
        let found = self.program.resolve(module, &[name.as_str()], false, Namespace::Type);
        found.iter().any(|(_, is)| matches!(is, Resolution::Module(_)))
    }

    pub(super) fn scope(&mut self, module: ModuleId) -> Rc<Scope> {
        let Some(slot) = self.modules.get_mut(module.0 as usize) else { return Rc::default() };
        if let Some(known) = slot {
            return Rc::clone(known);
        }
        let mut names: FxHashMap<u32, Vec<Name>> = FxHashMap::default();
        for name in self.program.names_of(module) {
            names.entry(ident_hash(&name)).or_default().push(name);
        }
        let globbed = self.program.globbed(module);
        let brings_unknown = globbed.outside.iter().any(|path| is_of_library(path));
        let anything = globbed.modules.len() > MOST_GLOBS;
        let mut all = FxHashSet::default();
        for other in globbed.modules.iter().filter(|_| !anything) {
            all.extend(self.program.names_of(*other).iter().map(|name| ident_hash(name)));
        }
        let scope = Rc::new(Scope {
            names,
            globbed: all,
            globs: if anything { Vec::new() } else { globbed.modules },
            enums: globbed.enums,
            brings_unknown,
            anything,
        });
        if let Some(slot) = self.modules.get_mut(module.0 as usize) {
            *slot = Some(Rc::clone(&scope));
        }
        scope
    }
}

/// Whether a macro's text has a path of which a part is given, other than a name of a type of the tree: `Kind::$kind`.
fn joins_paths(program: &Program, module: ModuleId, rules: &str) -> bool {
    let begins = rules.split('$').skip(1).any(|rest| {
        let name = rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
        let is_crate = rest.starts_with("crate") && rest.len() - name.len() == "crate".len();
        !is_crate && name.trim_start().starts_with("::")
    });
    let mut at = 0;
    begins
        || rules.split("::").any(|piece| {
            let before = rules.get(..at).unwrap_or_default();
            let given = at > 0 && piece.trim_start().starts_with('$');
            at += piece.len() + "::".len();
            given && !ends_in_type(program, module, before)
        })
}

/// Whether the path at the end of a text, `::` behind it, is that of a type of the tree.
fn ends_in_type(program: &Program, module: ModuleId, before: &str) -> bool {
    let before = before.trim_end_matches("::");
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '$');
    let start = before.rfind(|c: char| !is_part(c)).map_or(0, |at| at + 1);
    let path = before.get(start..).unwrap_or_default();
    let names: Vec<&str> = path.split("::").map(|name| name.trim_start_matches('$')).collect();
    let found = program.resolve(module, &names, false, Namespace::Type);
    let is_type = |is: &Resolution| match is {
        Resolution::Def(def) => matches!(program.def(*def).kind, DefKind::Struct | DefKind::Enum),
        _ => false,
    };
    !found.is_empty() && found.iter().all(|(_, is)| is_type(is))
}

/// Whether a path is of a framework's or database library's crate.
pub(super) fn is_of_library(path: &str) -> bool {
    let krate = path.split(':').next().unwrap_or(path);
    frameworks::is_framework(krate) || databases::is_database(krate)
}

/// Whether a path of a library names data alone.
pub(super) fn is_data(path: &str) -> bool {
    frameworks::is_data(path) || databases::is_data(path)
}

/// Whether a library gives meaning to a path that a glob import may bring.
pub(super) fn is_known(path: &str) -> bool {
    frameworks::knows(path) || frameworks::router_kind(path).is_some() || databases::knows(path)
}

/// Whether what a definition stands for is called or read, not made of values.
pub(super) fn is_called(kind: DefKind) -> bool {
    matches!(kind, DefKind::Fn | DefKind::Method | DefKind::Const | DefKind::AssocConst)
}
