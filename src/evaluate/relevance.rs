//! Which functions can have an effect at all: register a route, write a table, or call what does.
//!
//! A function is *relevant* if its body names a framework's or database library's path, text that writes, or what the
//! contract names; if it can hold a value of a type of such a library; or if it can call a relevant function. What it can
//! hold and call follows from the paths that it spells and the names that it uses: a method or field counts where the
//! body names it and its type is that of a parameter, of what a mentioned function gives, or of a field or method
//! reached in this way. Each step errs towards relevance: a path that leads nowhere stands for everything of its last
//! name, a value of a trait for every impl of it, and what `std` calls on its own (`Drop`, `Deref`, `Display`, …) is
//! always called. Others need not be evaluated to know that nothing comes of them.

use std::rc::Rc;

use super::{Declared, roots::body};
use crate::{
    databases, frameworks,
    link::{Def, DefId, DefKind, Namespace, Program, Resolution},
    source::{FileId, Span},
    sql,
    syntax::{
        token::{TextStart, Tokens},
        tree::{Attr, Body, ident_hash},
    },
};

mod mentions;
mod owners;
mod paths;
mod reach;

use self::{
    mentions::{Mentioned, Scopes},
    owners::Owners,
};

/// Something of the graph: a definition, or behind all of these a path outside the tree.
type Node = u32;

/// What of the tree can have an effect.
pub(super) struct Relevance {
    relevant: Vec<bool>,
}

impl Relevance {
    /// Whether a definition can have an effect.
    pub(super) fn of(&self, id: DefId) -> bool {
        self.relevant.get(id.0 as usize).copied().unwrap_or(true)
    }

    /// Reads the whole tree.
    ///
    /// - `can`: whether a package can have an effect; what is not asked is left out.
    pub(super) fn new(
        program: &Program,
        declared: &Declared<'_>,
        defs: &[(DefId, Rc<Def>)],
        can: &dyn Fn(&Def) -> bool,
    ) -> Self {
        let mut survey = Survey::new(program, declared, defs);
        let mut callers: Vec<(Node, Node)> = Vec::new();
        let mut leads: Vec<Node> = Vec::new();
        for (id, def) in defs {
            if body(def).is_none() || !can(def) {
                continue;
            }
            match survey.function(id.0, def) {
                None => leads.push(id.0),
                Some(called) => callers.extend(called.into_iter().map(|callee| (callee, id.0))),
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
        Self { relevant }
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
}

impl<'a> Survey<'a> {
    fn new(program: &'a Program, declared: &'a Declared<'a>, defs: &'a [(DefId, Rc<Def>)]) -> Self {
        let gates = declared.gates.iter().map(|gate| gate.name.as_str());
        let macros = declared.route_macros.iter().map(|means| means.name.path.as_str());
        let names = gates.chain(macros).chain(declared.writers.iter().map(String::as_str));
        let last = |name: &str| ident_hash(name.rsplit("::").next().unwrap_or(name).trim());
        let declared_names: Vec<u32> = names.map(last).collect();
        let mut scopes = Scopes::new(program, defs, declared_names.clone());
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
        }
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
        let writes = |file: FileId, span: Span| {
            let text = self.program.text(file);
            holds_write(&text, span)
        };
        if body.flags.verbs && writes(file, body.span) {
            return None;
        }
        let others = &mentioned.macros;
        if others.iter().any(|(file, body)| body.flags.verbs && writes(*file, body.span)) {
            return None;
        }
        let names = reach::Names::new(body, others);
        if self.declared_names.iter().any(|name| names.has(*name)) {
            return None;
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
        let of_library = |path: &str| {
            let krate = path.split("::").next().unwrap_or(path);
            frameworks::is_framework(krate) || databases::is_database(krate)
        };
        let mut macros = self.declared.route_macros.iter();
        let last = attr.path.segments.last().map_or("", |last| last.name.as_str());
        if macros.any(|means| means.name.path.rsplit("::").next() == Some(last)) {
            return true;
        }
        let found = self.program.resolve_path(def.module, &attr.path, Namespace::Macro);
        if found.is_empty() {
            let names: Vec<&str> =
                attr.path.segments.iter().map(|segment| segment.name.as_str()).collect();
            let candidates = self.program.macro_candidates(def.module, &names);
            return candidates.iter().any(|path| frameworks::knows(path) || databases::knows(path));
        }
        found.iter().any(|(_, is)| matches!(is, Resolution::External(path) if of_library(path)))
    }
}

/// Whether a path outside the tree may have to do with routes or tables.
fn is_interesting(path: &str) -> bool {
    let krate = path.split("::").next().unwrap_or(path);
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

/// Whether text in a body may be SQL that writes: a literal by itself, or all of them put together.
fn holds_write(text: &str, range: Span) -> bool {
    let (mut joined, mut spaced) = (String::new(), String::new());
    for token in Tokens::new(text, range, TextStart::Piece) {
        if !matches!(token.kind, ra_ap_rustc_lexer::TokenKind::Literal { .. }) {
            continue;
        }
        let Some((_, inside)) = token.span.of(text).split_once('"') else { continue };
        let inside = inside.trim_end_matches('#').trim_end_matches('"');
        if sql::looks_like_write(inside) && begins_write(inside, false) {
            return true;
        }
        joined.push_str(inside);
        spaced.push_str(inside);
        spaced.push(' ');
    }
    begins_write(&joined, true) || begins_write(&spaced, true)
}

/// Whether text has the words with which a statement that writes begins.
///
/// - `near`: not only somewhere, but as near to one another as they stand in a statement.
fn begins_write(text: &str, near: bool) -> bool {
    /// Two words, and how many may stand between them: `UPDATE ONLY t AS a SET`, `INSERT OR IGNORE INTO`.
    const BEGINNINGS: &[(&str, &str, usize)] = &[
        ("insert", "into", 2),
        ("replace", "into", 1),
        ("merge", "into", 0),
        ("delete", "from", 1),
        ("copy", "from", 4),
        ("load", "data", 0),
        ("update", "set", 5),
    ];
    let lower = text.to_ascii_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .collect();
    let truncates = words.iter().position(|word| *word == "truncate");
    if truncates.is_some_and(|at| at + 1 < words.len()) {
        return true;
    }
    BEGINNINGS.iter().any(|(first, second, between)| {
        words.iter().enumerate().any(|(at, word)| {
            let rest = words.get(at + 1..).unwrap_or_default();
            let rest = if near { rest.get(..=*between).unwrap_or(rest) } else { rest };
            word == first && rest.contains(second)
        })
    })
}

/// The kind of what values are of.
fn is_type(kind: DefKind) -> bool {
    matches!(
        kind,
        DefKind::Struct | DefKind::Enum | DefKind::TypeAlias | DefKind::AssocType | DefKind::Trait
    )
}
