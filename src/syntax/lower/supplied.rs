//! Items without the value or the body that others of their kind have: an attribute macro supplies it.
//!
//! `#[distributed_slice] static ALL: [Entry];` and `#[extern_call] fn fetch(id: u64) -> Row;` are Rust as far as a macro
//! is concerned, and `syn` reads them where they stand in an `extern` block only.

use std::sync::Arc;

use proc_macro2::TokenStream;

use super::{Head, Lower};
use crate::syntax::tree::{Item, ItemKind};

impl Lower<'_> {
    /// The item that `tokens` are, if it is one that lacks no more than its value or its body.
    pub(super) fn supplied(&self, tokens: &TokenStream) -> Option<Arc<Item>> {
        match syn::parse2(tokens.clone()).ok()? {
            syn::ForeignItem::Static(item) => {
                let first = self.first(&item.vis, [], item.static_token.span);
                let head = Head { attrs: &item.attrs, first, name: Some(&item.ident) };
                let kind = ItemKind::Const { ty: self.ty(&item.ty), value: None, is_static: true };
                Some(self.finish(&head, item.semi_token.span, kind))
            }
            syn::ForeignItem::Fn(item) => {
                let modifiers = syn::FnModifiers::default();
                let head = self.fn_head(&item.attrs, &item.vis, &modifiers, &item.sig);
                Some(self.finish(&head, item.semi_token.span, self.function(&item.sig, None)))
            }
            _ => None,
        }
    }
}
