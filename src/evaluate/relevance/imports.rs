//! Imports within bodies, and modules of the tree through which the names of a library come.

use std::sync::Arc;

use ra_ap_rustc_lexer::TokenKind;
use thin_vec::ThinVec;

use super::mentions::{Mentioned, Scopes, is_data, is_of_library};
use crate::{
    link::{ModuleId, Namespace, Resolution},
    source::Span,
    syntax::{
        body,
        token::{self, TextStart, Token, Tokens},
        tree::{Body, Item, ItemKind, Name, UseKind, UseLeaf, ident_hash},
    },
};

/// What an import brings.
struct Imported {
    /// The modules whose names come with it.
    modules: Vec<ModuleId>,
    /// Whether it leads anywhere.
    is_clear: bool,
}

impl Scopes<'_> {
    /// What the imports within a body bring.
    pub(super) fn imports(
        &mut self,
        module: ModuleId,
        text: &str,
        body: &Body,
        all: &mut Mentioned,
    ) -> Option<()> {
        let leaves = leaves_in(text, body.span)?;
        let (mut brought, mut is_unclear) = (Vec::new(), false);
        for leaf in &leaves {
            let found = self.import(module, leaf, all)?;
            is_unclear |= !found.is_clear;
            brought.extend(found.modules.into_iter().map(|module| (module, leaf)));
        }
        if is_unclear && !brought.is_empty() {
            // It may start at what another brings.
            for name in &body.idents {
                self.anything(*name, all);
            }
        }
        for (module, leaf) in brought {
            self.take_names(module, leaf, text, body, all)?;
        }
        Some(())
    }

    /// A body may name whatever a module names, and what is in that by its own name.
    fn take_names(
        &mut self,
        module: ModuleId,
        leaf: &UseLeaf,
        text: &str,
        body: &Body,
        all: &mut Mentioned,
    ) -> Option<()> {
        let scope = self.scope(module);
        for name in &body.idents {
            if Self::is_in_scope(&scope, *name) {
                let known = self.means(module, &scope, *name);
                self.add(&known, all)?;
            }
        }
        for span in &body.paths {
            let written = span.of(text);
            let Some((first, rest)) = written.split_once("::") else { continue };
            let first = first.trim();
            match &leaf.kind {
                UseKind::Name(name) if name == first => self.path(module, &scope, rest, all)?,
                UseKind::Glob if Self::is_in_scope(&scope, ident_hash(first)) => {
                    self.path(module, &scope, written, all)?;
                }
                _ => {}
            }
        }
        Some(())
    }

    /// What one import brings.
    fn import(
        &mut self,
        module: ModuleId,
        leaf: &UseLeaf,
        all: &mut Mentioned,
    ) -> Option<Imported> {
        let path: Vec<&str> = leaf.path.iter().map(Name::as_str).collect();
        let found = self.program.resolve(module, &path, leaf.global, Namespace::Type);
        let mut modules = Vec::new();
        for (_, is) in &found {
            match is {
                Resolution::External(path) if is_of_library(path) && !is_data(path) => return None,
                Resolution::Module(module) => {
                    modules.push(*module);
                    // What it names in its turn may be a library, or another module.
                    if self.leads_outside(*module) {
                        return None;
                    }
                }
                _ => {}
            }
        }
        let nodes = self.resolved(module, &path, leaf.global);
        if found.is_empty() && nodes.is_empty() {
            if self.is_lost_in_library(module, &path) {
                return None;
            }
            let (before, last) = match path.as_slice() {
                [.., before, last] => (*before, *last),
                [last] => ("self", *last),
                [] => return Some(Imported { modules, is_clear: true }),
            };
            all.nodes.extend(self.not_found(before, last));
            return Some(Imported { modules, is_clear: false });
        }
        self.add(&nodes, all)?;
        Some(Imported { modules, is_clear: true })
    }

    /// Whether a module of the tree has names of a library among its own.
    fn leads_outside(&mut self, module: ModuleId) -> bool {
        self.scope(module).brings_unknown
            || self.program.names_of(module).into_iter().any(|name| {
                self.resolved(module, &["self", &name], false)
                    .into_iter()
                    .any(|node| node >= self.first_outside && self.is_interesting(node))
            })
    }

    /// Whether a path that leads nowhere leads into a module with names of a library that are not known.
    pub(super) fn is_lost_in_library(&mut self, module: ModuleId, path: &[&str]) -> bool {
        let leads = self.program.leads(module, path);
        let others =
            leads.into_iter().filter(|(at, rest)| *at != module || rest.len() != path.len());
        others.collect::<Vec<_>>().into_iter().any(|(at, _)| self.scope(at).brings_unknown)
    }
}

/// The imports within a text; nothing where one cannot be told.
fn leaves_in(text: &str, range: Span) -> Option<Vec<UseLeaf>> {
    let mut all = Vec::new();
    let mut start = None;
    for token in Tokens::new(text, range, TextStart::Piece).filter(Token::is_code) {
        match (token.kind, start) {
            (TokenKind::Ident, None) if token.span.of(text) == "extern" => return None,
            (TokenKind::Ident, None) if token.span.of(text) == "use" => start = Some(token.span),
            (TokenKind::Semi, Some(from)) => {
                start = None;
                // In the text of a macro, of which a part is given: it may bring anything.
                for item in items(text, from.to(token.span))? {
                    if let ItemKind::Use(leaves) = &item.kind {
                        all.extend(leaves.iter().cloned());
                    }
                }
            }
            _ => {}
        }
    }
    Some(all)
}

/// The items in a text, `$crate` read as the crate of where the text stands.
fn items(text: &str, span: Span) -> Option<ThinVec<Arc<Item>>> {
    let own = span.of(text);
    if !own.contains("$crate") {
        return body::parse_items(text, span);
    }
    let own = own.replace("$crate", "crate");
    body::parse_items(&own, token::whole(&own))
}
