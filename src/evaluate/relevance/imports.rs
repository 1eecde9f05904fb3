//! Imports within bodies, and modules of the tree through which the names of a library come.

use ra_ap_rustc_lexer::TokenKind;

use super::mentions::{Mentioned, Scopes, is_data, is_of_library};
use crate::{
    link::{ModuleId, Namespace, Resolution},
    source::Span,
    syntax::{
        body,
        token::{TextStart, Token, Tokens},
        tree::{Body, ItemKind, Name, UseLeaf},
    },
};

impl Scopes<'_> {
    /// What the imports within a body bring.
    pub(super) fn imports(
        &mut self,
        module: ModuleId,
        text: &str,
        body: Span,
        all: &mut Mentioned,
    ) -> Option<()> {
        let mut start = None;
        for token in Tokens::new(text, body, TextStart::Piece).filter(Token::is_code) {
            match (token.kind, start) {
                (TokenKind::Ident, None) if token.span.of(text) == "extern" => return None,
                (TokenKind::Ident, None) if token.span.of(text) == "use" => {
                    start = Some(token.span);
                }
                (TokenKind::Semi, Some(from)) => {
                    start = None;
                    let span = from.to(token.span);
                    // In the text of a macro, of which a part is given: it may bring anything.
                    let items = body::parse_items(text, span)?;
                    for item in items {
                        let ItemKind::Use(leaves) = &item.kind else { continue };
                        for leaf in leaves {
                            for module in self.import(module, leaf, all)? {
                                self.take_names(module, text, body, all)?;
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        Some(())
    }

    /// A body may name whatever a module names, and what is in that by its own name.
    fn take_names(
        &mut self,
        module: ModuleId,
        text: &str,
        body: Span,
        all: &mut Mentioned,
    ) -> Option<()> {
        let scope = self.scope(module);
        for name in Body::read(text, body).idents {
            self.anything(name, all);
            if Self::is_in_scope(&scope, name) {
                let known = self.means(module, &scope, name);
                self.add(&known, all)?;
            }
        }
        Some(())
    }

    /// What one import brings; the modules whose names it brings with it.
    fn import(
        &mut self,
        module: ModuleId,
        leaf: &UseLeaf,
        all: &mut Mentioned,
    ) -> Option<Vec<ModuleId>> {
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
                [] => return Some(modules),
            };
            all.nodes.extend(self.not_found(before, last));
        }
        self.add(&nodes, all)?;
        Some(modules)
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
