//! Items of impl blocks and traits.

use std::sync::Arc;

use super::{Head, Lower};
use crate::syntax::tree::{Item, ItemKind, Skipped};

impl Lower<'_> {
    /// Lowers an item of an impl block.
    pub(super) fn impl_item(
        &self,
        item: &syn::ImplItem,
        skipped: &mut Vec<Skipped>,
    ) -> Option<Arc<Item>> {
        let (head, end, kind) = match item {
            syn::ImplItem::Const(item) => {
                let value = Box::new(self.value(item.eq_token.span, item.semi_token.span));
                let kind =
                    ItemKind::Const { ty: self.ty(&item.ty), value: Some(value), is_static: false };
                let first = self.first(
                    &item.vis,
                    [item.modifiers.defaultness.map(|t| t.span)],
                    item.const_token.span,
                );
                (
                    Head { attrs: &item.attrs, first, name: Some(&item.ident) },
                    item.semi_token.span,
                    kind,
                )
            }
            syn::ImplItem::Fn(item) => {
                let head = self.fn_head(&item.attrs, &item.vis, &item.modifiers, &item.sig);
                (
                    head,
                    item.block.brace_token.span.close(),
                    self.function(&item.sig, Some(&item.block)),
                )
            }
            syn::ImplItem::Type(item) => {
                let first = self.first(
                    &item.vis,
                    [item.modifiers.defaultness.map(|t| t.span)],
                    item.type_token.span,
                );
                let kind = ItemKind::TypeAlias {
                    generics: self.generics(&item.generics),
                    ty: Some(self.ty(&item.ty)),
                };
                (
                    Head { attrs: &item.attrs, first, name: Some(&item.ident) },
                    item.semi_token.span,
                    kind,
                )
            }
            syn::ImplItem::Macro(item) => {
                return Some(self.macro_call_item(
                    &item.attrs,
                    &item.mac,
                    item.semi_token.map(|semi| semi.span),
                ));
            }
            syn::ImplItem::Verbatim(tokens) => {
                skipped.extend(self.unread(tokens));
                return None;
            }
            _ => return None,
        };
        Some(self.finish(&head, end, kind))
    }

    /// Lowers an item of a trait.
    pub(super) fn trait_item(
        &self,
        item: &syn::TraitItem,
        skipped: &mut Vec<Skipped>,
    ) -> Option<Arc<Item>> {
        let none = &syn::Visibility::Inherited;
        let (head, end, kind) = match item {
            syn::TraitItem::Const(item) => {
                let value = item
                    .default
                    .as_ref()
                    .map(|(eq, _)| Box::new(self.value(eq.span, item.semi_token.span)));
                let kind = ItemKind::Const { ty: self.ty(&item.ty), value, is_static: false };
                let first = self.first(none, [], item.const_token.span);
                (
                    Head { attrs: &item.attrs, first, name: Some(&item.ident) },
                    item.semi_token.span,
                    kind,
                )
            }
            syn::TraitItem::Fn(item) => {
                let head = self.fn_head(&item.attrs, none, &item.modifiers, &item.sig);
                let end = match (&item.default, item.semi_token) {
                    (Some(block), _) => block.brace_token.span.close(),
                    (None, semi) => {
                        semi.map_or(item.sig.paren_token.span.close(), |semi| semi.span)
                    }
                };
                (head, end, self.function(&item.sig, item.default.as_ref()))
            }
            syn::TraitItem::Type(item) => {
                let ty = item.default.as_ref().map(|(_, ty)| self.ty(ty));
                let kind = ItemKind::TypeAlias { generics: self.generics(&item.generics), ty };
                let first = self.first(none, [], item.type_token.span);
                (
                    Head { attrs: &item.attrs, first, name: Some(&item.ident) },
                    item.semi_token.span,
                    kind,
                )
            }
            syn::TraitItem::Macro(item) => {
                return Some(self.macro_call_item(
                    &item.attrs,
                    &item.mac,
                    item.semi_token.map(|semi| semi.span),
                ));
            }
            syn::TraitItem::Verbatim(tokens) => {
                skipped.extend(self.unread(tokens));
                return None;
            }
            _ => return None,
        };
        Some(self.finish(&head, end, kind))
    }
}
