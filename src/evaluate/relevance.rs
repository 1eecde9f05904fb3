//! Which functions can have an effect at all: register a route, write a table, or call what does.
//!
//! A function is *relevant* if its body names a framework's or database library's path, text that writes, or what the
//! contract names; if it can hold a value of a type of such a library; or if it can call a relevant function. What it can
//! hold and call follows from the paths that it spells and the names that it uses: a method or field counts where the
//! body names it and its type is that of a parameter, of what a mentioned function gives, or of a field or method
//! reached in this way. Each step errs towards relevance: a path that leads nowhere stands for everything of its last
//! two names, a value of a trait for every impl of it. Of what `std` calls on its own only what evaluation follows without
//! a name counts as called by whoever holds a value: `Display` and operators. Others need not be evaluated to know that nothing comes
//! of them.

use std::{collections::BTreeSet, rc::Rc};

use rustc_hash::FxHashSet;

use super::{Declared, roots::body};
use crate::{
    databases::{self, Database},
    frameworks,
    link::{Def, DefId, DefKind, Namespace, Program, Resolution, types::Ty},
    source::FileId,
    syntax::tree::{Attr, Body, Name, ident_hash},
};

mod hidden;
mod imports;
mod mentions;
mod names;
mod owners;
mod paths;
pub(super) mod quiet;
mod reach;
pub(crate) mod sql_words;
mod texts;

use self::{
    mentions::{Mentioned, Scopes, is_data, is_known, is_of_library},
    owners::Owners,
    texts::{STRINGIFY, TEXTS},
};

/// Something of the graph: a definition, or behind all of these a path outside the tree.
type Node = u32;

/// What of the tree can have an effect.
#[derive(Debug)]
pub(super) struct Relevance {
    relevant: Vec<bool>,
    /// Functions that might be relevant if they named less: the bound on what they hold grows with that.
    crowded: FxHashSet<DefId>,
    /// Hashes of the names that mean something to a body anywhere, sorted; nothing unless they were asked for.
    names: Vec<u32>,
}

impl Relevance {
    /// Whether a definition can have an effect.
    pub(super) fn of(&self, id: DefId) -> bool {
        self.relevant.get(id.0 as usize).copied().unwrap_or(true)
    }

    /// Reads the whole tree.
    ///
    /// - `stored`: fields into which text that writes was put.
    /// - `with_names`: whether [`Quiet`] is asked for.
    pub(super) fn new(
        program: &Program,
        declared: &Declared<'_>,
        defs: &[(DefId, Rc<Def>)],
        stored: &BTreeSet<(DefId, Name)>,
        with_names: bool,
    ) -> Self {
        let mut crowded = FxHashSet::default();
        let mut survey = Survey::new(program, declared, defs, stored);
        let mut callers: Vec<(Node, Node)> = Vec::new();
        let mut leads: Vec<Node> = Vec::new();
        for (id, def) in defs {
            if body(def).is_none() {
                continue;
            }
            match survey.function(id.0, def) {
                None => leads.push(id.0),
                Some(called) => {
                    if survey.is_crowded {
                        crowded.insert(*id);
                    }
                    callers.extend(called.into_iter().map(|callee| (callee, id.0)));
                }
            }
        }
        callers.sort_unstable();
        callers.dedup();
        let mut relevant = vec![false; defs.len()];
        let mut open = leads;
        while let Some(node) = open.pop() {
            let Some(known @ false) = relevant.get_mut(node as usize) else { continue };
            *known = true;
            let first = callers.partition_point(|(callee, _)| *callee < node);
            let own = callers.get(first..).unwrap_or_default();
            open.extend(own.iter().take_while(|(callee, _)| *callee == node).map(|(_, by)| *by));
        }
        let names = if with_names { survey.all_names() } else { Vec::new() };
        Self { relevant, crowded, names }
    }
}

/// What is known while the tree is read.
struct Survey<'a> {
    program: &'a Program,
    declared: &'a Declared<'a>,
    /// The last names of the contract's gates, writers and macros, as hashes.
    declared_names: Vec<u32>,
    defs: &'a [(DefId, Rc<Def>)],
    scopes: Scopes<'a>,
    owners: Owners,
    /// Where each definition's types lead, once it was asked for.
    links: Vec<Option<Rc<reach::Links>>>,
    /// The last function that met each node.
    met: Vec<u32>,
    round: u32,
    /// Whether the last body held nearly as much as one may.
    is_crowded: bool,
}

/// Whether an attribute makes the methods of an impl routes.
fn makes_routes(program: &Program, def: &Def) -> bool {
    let makes = |path: &str| frameworks::FRAMEWORKS.iter().any(|known| known.makes_routes(path));
    def.kind == DefKind::Impl
        && def.item.attrs.iter().any(|attr| {
            let found = program.resolve_path(def.module, &attr.path, Namespace::Macro);
            let names: Vec<&str> =
                attr.path.segments.iter().map(|segment| segment.name.as_str()).collect();
            found.iter().any(|(_, is)| matches!(is, Resolution::External(path) if makes(path)))
                || program.macro_candidates(def.module, &names).iter().any(|path| makes(path))
        })
}

impl<'a> Survey<'a> {
    fn new(
        program: &'a Program,
        declared: &'a Declared<'a>,
        defs: &'a [(DefId, Rc<Def>)],
        stored: &BTreeSet<(DefId, Name)>,
    ) -> Self {
        let gates = declared.gates.iter().map(|gate| gate.name.as_str());
        let macros = declared.route_macros.iter().map(|means| means.name.path.as_str());
        let names = gates.chain(macros).chain(declared.writers.iter().map(String::as_str));
        let last = |name: &str| ident_hash(name.rsplit(':').next().unwrap_or(name).trim());
        let declared_names: Vec<u32> = names.map(last).collect();
        let mut scopes = Scopes::new(program, defs, declared_names.clone());
        for (id, def) in defs {
            let library = writing_library(program, def);
            match library.map(Database::writing_methods) {
                // Of enums a library makes the names of columns alone.
                _ if program.is_made(def.file) && def.kind != DefKind::Enum => scopes.lead(*id),
                Some(None) => scopes.lead(*id),
                Some(Some(methods)) => scopes.begins(*id, methods),
                None => {}
            }
        }
        for (id, _) in defs.iter().filter(|(_, def)| makes_routes(program, def)) {
            if let Some(Ty::Def(ty, _)) = program.self_type(*id) {
                // Whoever has such a value may give it to code that serves it.
                scopes.lead(ty);
            }
        }
        for (id, field) in stored {
            // One of a tuple is taken out without a name.
            if field.starts_with(char::is_numeric) {
                scopes.lead(*id);
            } else {
                scopes.begins(*id, &[field]);
            }
        }
        let owners = Owners::new(program, defs, &mut scopes);
        Self {
            program,
            declared,
            declared_names,
            defs,
            scopes,
            owners,
            links: vec![None; defs.len()],
            met: Vec::new(),
            round: 0,
            is_crowded: false,
        }
    }

    /// Hashes of the names that mean something to a body, sorted.
    fn all_names(&self) -> Vec<u32> {
        let crates = self.program.crate_names();
        let crates = crates.iter().map(|name| ident_hash(name));
        let declared = self.declared_names.iter().chain(self.owners.of_all.keys()).copied();
        let all = self.scopes.all_names().chain(crates).chain(declared);
        let texts = TEXTS.iter().chain([&STRINGIFY]).map(|name| ident_hash(name));
        let mut all: Vec<u32> = all.chain(texts).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// What a function, constant or macro can call; `None` where it has an effect of its own.
    fn function(&mut self, node: Node, def: &Def) -> Option<Vec<Node>> {
        let body = body(def)?;
        if self.declared_names.contains(&ident_hash(&def.name)) || self.has_lead_attribute(def) {
            return None;
        }
        let text = self.program.text(def.file);
        let mentioned = self.scopes.mentioned(def.module, &text, body)?;
        self.reach(mentioned, (def.file, body), Some(node))
    }

    /// What can be called with what is mentioned.
    fn reach(
        &mut self,
        mentioned: Mentioned,
        (file, body): (FileId, &Body),
        node: Option<Node>,
    ) -> Option<Vec<Node>> {
        let others = &mentioned.macros;
        let all =
            std::iter::once((file, body)).chain(others.iter().map(|(file, body)| (*file, &**body)));
        for (file, body) in all {
            if body.flags.verbs && sql_words::may_write(&self.program.text(file), body.span) {
                return None;
            }
        }
        let names = reach::Names::new(body, others);
        if self.declared_names.iter().any(|name| names.has(*name)) {
            return None;
        }
        // A macro's path starts from where it is called.
        if others.iter().any(|(_, body)| texts::includes(body))
            || texts::included_may_write(self.program, file, body)
        {
            return None;
        }
        if names.has(ident_hash(STRINGIFY))
            && sql_words::VERBS.iter().any(|verb| names.has_word(verb))
        {
            let own = std::iter::once((file, body, false));
            let given = others.iter().map(|(file, body)| (*file, &**body, true));
            let mut all = own.chain(given);
            if all.any(|(file, body, is_macro)| {
                texts::gives_verb(&self.program.text(file), body.span, is_macro)
            }) {
                return None;
            }
        }
        self.closure(&mentioned.nodes, &names, node)
    }

    /// Whether an attribute of a function or of what is around it is a framework's, a library's or the contract's.
    fn has_lead_attribute(&self, def: &Def) -> bool {
        let around = def.parent.map(|parent| self.program.def(parent));
        let own = def.item.attrs.iter();
        own.chain(around.iter().flat_map(|def| &def.item.attrs))
            .any(|attr| self.is_lead_attribute(def, attr))
    }

    fn is_lead_attribute(&self, def: &Def, attr: &Attr) -> bool {
        let mut macros = self.declared.route_macros.iter();
        let last = attr.path.segments.last().map_or("", |last| last.name.as_str());
        if macros.any(|means| means.name.path.rsplit(':').next() == Some(last)) {
            return true;
        }
        let found = self.program.resolve_path(def.module, &attr.path, Namespace::Macro);
        if found.is_empty() {
            let names: Vec<&str> =
                attr.path.segments.iter().map(|segment| segment.name.as_str()).collect();
            let candidates = self.program.macro_candidates(def.module, &names);
            return candidates.iter().any(|path| is_known(path));
        }
        found.iter().any(|(_, is)| {
            matches!(is, Resolution::External(path) if is_of_library(path) && !is_data(path))
        })
    }
}

/// Whether a path outside the tree may have to do with routes or tables.
fn is_interesting(path: &str) -> bool {
    let krate = path.split(':').next().unwrap_or(path);
    if databases::is_database(krate) {
        return !databases::is_data(path);
    }
    if frameworks::is_framework(krate) {
        return !frameworks::is_data(path)
            && (frameworks::knows(path)
                || frameworks::router_kind(path).is_some()
                || frameworks::watches(path)
                || frameworks::applies(path)
                || frameworks::macro_rules(path).is_some());
    }
    frameworks::applies(path)
}

/// The library with whose statements values of a type begin, as a derive of it says.
fn writing_library(program: &Program, def: &Def) -> Option<&'static dyn Database> {
    if !matches!(def.kind, DefKind::Struct | DefKind::Enum) {
        return None;
    }
    def.item.attrs.iter().find_map(|attr| {
        let last = attr.path.segments.last().map_or("", |last| last.name.as_str());
        if last != "derive" {
            return databases::of_writing_derive(last);
        }
        let text = program.text(def.file);
        let mut names = attr.args.of(&text).split(',').map(|one| {
            let name = one.rsplit(':').next().unwrap_or(one);
            name.trim()
        });
        names.find_map(databases::of_writing_derive)
    })
}

/// The kind of what values are of.
fn is_type(kind: DefKind) -> bool {
    matches!(
        kind,
        DefKind::Struct | DefKind::Enum | DefKind::TypeAlias | DefKind::AssocType | DefKind::Trait
    )
}
