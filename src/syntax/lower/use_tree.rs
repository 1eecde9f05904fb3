//! `use` trees to their leaves.

use super::{Lower, ident};
use crate::source::Span;
use crate::syntax::tree::{Name, UseKind, UseLeaf};
use thin_vec::ThinVec;

impl Lower<'_> {
    /// Flattens a `use` tree; `start` is where the leaf's path starts, once known.
    pub(super) fn use_leaves(
        &self,
        tree: &syn::UseTree,
        global: bool,
        start: Option<u32>,
        path: &mut ThinVec<Name>,
        leaves: &mut ThinVec<UseLeaf>,
    ) {
        let (name, kind, last) = match tree {
            syn::UseTree::Path(tree) => {
                let start = start.unwrap_or_else(|| self.span(tree.ident.span()).start);
                path.push(ident(&tree.ident));
                self.use_leaves(&tree.tree, global, Some(start), path, leaves);
                path.pop();
                return;
            }
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.use_leaves(tree, global, None, path, leaves);
                }
                return;
            }
            syn::UseTree::Name(tree) => (Some(&tree.ident), None, tree.ident.span()),
            syn::UseTree::Rename(tree) => {
                (Some(&tree.ident), Some(&tree.rename), tree.rename.span())
            }
            syn::UseTree::Glob(tree) => (None, None, tree.star_token.span),
        };
        let last = self.span(last);
        let from =
            start.unwrap_or_else(|| name.map_or(last.start, |name| self.span(name.span()).start));
        // `a::{self}` is `a` itself.
        let own = name.filter(|name| *name != "self" || path.is_empty()).map(ident);
        let mut whole = ThinVec::with_capacity(path.len() + usize::from(own.is_some()));
        whole.extend(path.iter().cloned().chain(own));
        let path = whole;
        let kind = match (name, kind) {
            (None, _) => UseKind::Glob,
            (Some(_), Some(rename)) => UseKind::Name(ident(rename)),
            (Some(_), None) => UseKind::Name(path.last().cloned().unwrap_or_default()),
        };
        leaves.push(UseLeaf { global, path, kind, span: Span::new(from, last.end) });
    }
}
