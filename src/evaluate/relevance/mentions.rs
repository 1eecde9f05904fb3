//! What the names and paths of a body mean in its module.

use std::{rc::Rc, sync::Arc};

use ra_ap_rustc_lexer::TokenKind;
use rustc_hash::FxHashMap;

use super::{Node, is_interesting};
use crate::{
    databases, frameworks,
    link::{Def, DefId, DefKind, ModuleId, Namespace, Program, Resolution},
    source::{FileId, Span},
    syntax::{
        body,
        token::{TextStart, Token, Tokens},
        tree::{Body, ItemKind, Name, UseKind, UseLeaf, ident_hash},
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
    file: FileId,
    module: ModuleId,
    body: Rc<Body>,
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
    /// The crates outside the tree by which names paths begin, and whether each is a library's.
    pub(super) crates: FxHashMap<(ModuleId, bool, Name), Option<OutsideCrate>>,
    /// Paths outside the tree, and whether they are of interest.
    outside: FxHashMap<Arc<str>, Node>,
    interesting: Vec<bool>,
    first_outside: Node,
}

impl<'a> Scopes<'a> {
    /// - `declared`: names that are of interest as the last of a path, as hashes.
    pub(super) fn new(program: &'a Program, defs: &[(DefId, Rc<Def>)], declared: Vec<u32>) -> Self {
        let mut by_name: FxHashMap<u32, Vec<Node>> = FxHashMap::default();
        let mut macros: FxHashMap<u32, Vec<MacroBody>> = FxHashMap::default();
        for (id, def) in defs {
            if def.name.is_empty() {
                continue;
            }
            let hash = ident_hash(&def.name);
            if let ItemKind::MacroRules(rules) = &def.item.kind {
                let body = Rc::new(Body::read(&program.text(def.file), *rules));
                let of = MacroBody { file: def.file, module: def.module, body };
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
            crates: FxHashMap::default(),
            outside: FxHashMap::default(),
            interesting: Vec::new(),
            first_outside: Node::try_from(defs.len()).unwrap_or(Node::MAX),
        }
    }

    /// How many nodes there are so far.
    pub(super) fn count(&self) -> usize {
        self.first_outside as usize + self.interesting.len()
    }

    /// Whether a node is a path outside the tree that is of interest.
    pub(super) fn is_interesting(&self, node: Node) -> bool {
        let outside = node.checked_sub(self.first_outside);
        outside.and_then(|at| self.interesting.get(at as usize)).copied().unwrap_or(false)
    }

    /// The node of a path outside the tree.
    pub(super) fn outside(&mut self, path: &Arc<str>) -> Node {
        if let Some(known) = self.outside.get(path) {
            return *known;
        }
        let node = self.first_outside + Node::try_from(self.interesting.len()).unwrap_or(0);
        let last = path.rsplit("::").next().unwrap_or(path);
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
        let mut seen: Vec<u32> = Vec::new();
        let mut open: Vec<u32> = if body.flags.macros { body.idents.to_vec() } else { Vec::new() };
        while let Some(name) = open.pop() {
            let Some(of) = self.macros.get(&name).cloned() else { continue };
            if seen.contains(&name) {
                continue;
            }
            seen.push(name);
            for of in of {
                let text = self.program.text(of.file);
                self.read(of.module, &text, &of.body, &mut all)?;
                open.extend(of.body.idents.iter().copied());
                all.macros.push((of.file, of.body));
            }
        }
        Some(all)
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
        if body.flags.items {
            self.imports(module, text, body.span, all)?;
        }
        for name in &body.idents {
            if scope.anything {
                self.anything(*name, all);
            }
            if self.is_in_scope(&scope, *name) {
                let known = self.means(module, &scope, *name);
                self.add(&known, all)?;
            }
        }
        all.nodes.extend(scope.enums.iter().map(|id| id.0));
        for span in &body.paths {
            self.path(module, &scope, span.of(text), all)?;
        }
        Some(())
    }

    /// What the imports within a body bring.
    fn imports(
        &mut self,
        module: ModuleId,
        text: &str,
        body: Span,
        all: &mut Mentioned,
    ) -> Option<()> {
        let mut start = None;
        for token in Tokens::new(text, body, TextStart::Piece).filter(Token::is_code) {
            match (token.kind, start) {
                (TokenKind::Ident, None) if token.span.of(text) == "use" => {
                    start = Some(token.span);
                }
                (TokenKind::Semi, Some(from)) => {
                    start = None;
                    let span = from.to(token.span);
                    let Some(items) = body::parse_items(text, span) else {
                        // In the text of a macro: anything that is named in it.
                        for name in Body::read(text, span).idents {
                            self.anything(name, all);
                        }
                        continue;
                    };
                    for item in items {
                        let ItemKind::Use(leaves) = &item.kind else { continue };
                        leaves.iter().try_for_each(|leaf| self.import(module, leaf, all))?;
                    }
                }
                _ => {}
            }
        }
        Some(())
    }

    fn import(&mut self, module: ModuleId, leaf: &UseLeaf, all: &mut Mentioned) -> Option<()> {
        let path: Vec<&str> = leaf.path.iter().map(Name::as_str).collect();
        let is_glob = leaf.kind == UseKind::Glob;
        let found = self.program.resolve(module, &path, leaf.global, Namespace::Type);
        for (_, is) in &found {
            match is {
                Resolution::External(path) if is_glob && is_of_library(path) => return None,
                // What it brings into the body's scope, the names of the body may mean.
                Resolution::Module(module) if is_glob => {
                    for name in self.program.names_of(*module) {
                        let known = self.resolved(*module, &["self", name.as_str()], false);
                        self.add(&known, all)?;
                    }
                }
                _ => {}
            }
        }
        let nodes = self.resolved(module, &path, leaf.global);
        if found.is_empty() && nodes.is_empty() {
            let (before, last) = match path.as_slice() {
                [.., before, last] => (*before, *last),
                [last] => ("self", *last),
                [] => return Some(()),
            };
            all.nodes.extend(self.not_found(before, last));
        }
        self.add(&nodes, all)
    }

    fn anything(&self, name: u32, all: &mut Mentioned) {
        all.nodes.extend(self.by_name.get(&name).into_iter().flatten());
    }

    pub(super) fn add(&self, nodes: &[Node], all: &mut Mentioned) -> Option<()> {
        if nodes.iter().any(|node| self.is_interesting(*node)) {
            return None;
        }
        all.nodes.extend(nodes);
        Some(())
    }

    pub(super) fn is_in_scope(&mut self, scope: &Scope, name: u32) -> bool {
        scope.anything
            || scope.names.contains_key(&name)
            || scope.globs.iter().any(|module| self.scope(*module).names.contains_key(&name))
    }

    /// What a name of a scope means.
    fn means(&mut self, module: ModuleId, scope: &Scope, name: u32) -> Rc<[Node]> {
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
                // An import of what is not there: something generated.
                nodes.extend(self.by_name.get(&ident_hash(&name)).into_iter().flatten());
            }
            nodes.extend(found);
        }
        let nodes: Rc<[Node]> = nodes.into();
        self.known.insert((module, name), Rc::clone(&nodes));
        nodes
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
        let scope = Rc::new(Scope {
            names,
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

/// Whether a path is of a framework's or database library's crate.
pub(super) fn is_of_library(path: &str) -> bool {
    let krate = path.split("::").next().unwrap_or(path);
    frameworks::is_framework(krate) || databases::is_database(krate)
}

/// Whether a library gives meaning to a path that a glob import may bring.
pub(super) fn is_known(path: &str) -> bool {
    frameworks::knows(path) || frameworks::router_kind(path).is_some() || databases::knows(path)
}

/// Whether what a definition stands for is called or read, not made of values.
pub(super) fn is_called(kind: DefKind) -> bool {
    matches!(kind, DefKind::Fn | DefKind::Method | DefKind::Const | DefKind::AssocConst)
}
