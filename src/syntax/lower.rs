//! Items of `syn` to items of our tree.
//!
//! Bodies are looked up in the [`Scan`] by where they open: `syn` has only seen empty ones.

use std::sync::Arc;
use thin_vec::ThinVec;

use proc_macro2::{LexError, TokenStream};
use syn::spanned::Spanned as _;

use super::SyntaxError;
use super::chars::Chars;
use super::masked::Masked;
use super::scan::Scan;
use super::token::offset;
use super::tree::{
    Body, Field, FnItem, ImplItem, Item, ItemKind, MacroCall, Name, Param, Receiver, Skipped,
    Variant,
};
use crate::source::Span;

mod member;
mod supplied;
mod use_tree;

/// Makes our tree of `syn`'s, for one range of one text.
pub struct Lower<'a> {
    /// The whole text.
    pub text: &'a str,
    /// What `syn` is given of it.
    masked: &'a Masked<'a>,
    chars: Chars<'a>,
    scan: &'a Scan,
}

/// The parts all items have.
struct Head<'a> {
    attrs: &'a [syn::Attribute],
    /// The first token behind the attributes.
    first: Span,
    name: Option<&'a syn::Ident>,
}

impl<'a> Lower<'a> {
    /// For what `syn` makes of `masked`.
    pub fn new(text: &'a str, masked: &'a Masked<'a>, scan: &'a Scan) -> Self {
        Self { text, masked, chars: Chars::new(masked.text()), scan }
    }

    /// The tokens that `syn` is given.
    ///
    /// # Errors
    /// What `proc_macro2` cannot lex.
    pub fn stream(&self) -> Result<TokenStream, SyntaxError> {
        self.masked.text().parse().map_err(|error: LexError| {
            SyntaxError::new(self.span(error.span()), "no Rust token starts here")
        })
    }

    /// The bytes of a token.
    pub fn span(&self, span: proc_macro2::Span) -> Span {
        let bytes = self.chars.bytes(span);
        self.masked.span(bytes.start, bytes.end)
    }

    /// From one token to another.
    pub fn range(&self, from: proc_macro2::Span, to: proc_macro2::Span) -> Span {
        self.span(from).to(self.span(to))
    }

    /// The error of `syn` with its place in the text.
    pub fn error(&self, error: &syn::Error) -> SyntaxError {
        SyntaxError::new(self.span(error.span()), error.to_string())
    }

    /// The bytes of `span` without blanks around them.
    pub fn trimmed(&self, span: Span) -> Span {
        let text = span.of(self.text);
        let start = span.start + offset(text.len() - text.trim_start().len());
        Span::new(start, start + offset(text.trim().len()))
    }

    /// Lowers items; those that mean nothing to `syn` are added to `skipped`.
    pub fn items(&self, items: &[syn::Item], skipped: &mut Vec<Skipped>) -> ThinVec<Arc<Item>> {
        items.iter().filter_map(|item| self.item(item, skipped)).collect()
    }

    /// Lowers one item.
    pub fn item(&self, item: &syn::Item, skipped: &mut Vec<Skipped>) -> Option<Arc<Item>> {
        let (head, end, kind) = match item {
            syn::Item::Const(item) => {
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
            syn::Item::Static(item) => {
                let value = Box::new(self.value(item.eq_token.span, item.semi_token.span));
                let kind =
                    ItemKind::Const { ty: self.ty(&item.ty), value: Some(value), is_static: true };
                let first = self.first(&item.vis, [], item.static_token.span);
                (
                    Head { attrs: &item.attrs, first, name: Some(&item.ident) },
                    item.semi_token.span,
                    kind,
                )
            }
            syn::Item::Enum(item) => {
                let kind = ItemKind::Enum {
                    generics: self.generics(&item.generics),
                    variants: item.variants.iter().map(|variant| self.variant(variant)).collect(),
                };
                let first = self.first(&item.vis, [], item.enum_token.span);
                (
                    Head { attrs: &item.attrs, first, name: Some(&item.ident) },
                    item.brace_token.span.close(),
                    kind,
                )
            }
            syn::Item::ExternCrate(item) => {
                let name = item.rename.as_ref().map_or(&item.ident, |(_, rename)| rename);
                let first = self.first(&item.vis, [], item.extern_token.span);
                let kind = ItemKind::ExternCrate(ident(&item.ident));
                (Head { attrs: &item.attrs, first, name: Some(name) }, item.semi_token.span, kind)
            }
            syn::Item::Fn(item) => {
                let head = self.fn_head(&item.attrs, &item.vis, &item.modifiers, &item.sig);
                (
                    head,
                    item.block.brace_token.span.close(),
                    self.function(&item.sig, Some(&item.block)),
                )
            }
            syn::Item::Impl(item) => {
                let first =
                    [item.modifiers.defaultness.map(|t| t.span), item.unsafety.map(|t| t.span)];
                let first = self.first(&syn::Visibility::Inherited, first, item.impl_token.span);
                let kind = self.impl_block(item, skipped);
                (
                    Head { attrs: &item.attrs, first, name: None },
                    item.brace_token.span.close(),
                    kind,
                )
            }
            syn::Item::Macro(item) => return Some(self.macro_item(item)),
            syn::Item::Mod(item) => {
                let first =
                    self.first(&item.vis, [item.unsafety.map(|t| t.span)], item.mod_token.span);
                let end = match (&item.content, item.semi) {
                    (Some((brace, _)), _) => brace.span.close(),
                    (None, semi) => semi.map_or_else(|| item.ident.span(), |semi| semi.span),
                };
                let kind = ItemKind::Mod(
                    item.content.as_ref().map(|(_, items)| self.items(items, skipped)),
                );
                (Head { attrs: &item.attrs, first, name: Some(&item.ident) }, end, kind)
            }
            syn::Item::Struct(item) => {
                let first = self.first(&item.vis, [], item.struct_token.span);
                let kind = ItemKind::Struct {
                    generics: self.generics(&item.generics),
                    fields: self.fields(&item.fields),
                    is_tuple: matches!(item.fields, syn::Fields::Unnamed(_)),
                };
                let end = match (&item.fields, item.semi_token) {
                    (syn::Fields::Named(fields), None) => fields.brace_token.span.close(),
                    (_, semi) => semi.map_or_else(|| item.ident.span(), |semi| semi.span),
                };
                (Head { attrs: &item.attrs, first, name: Some(&item.ident) }, end, kind)
            }
            other => return self.rarer_item(other, skipped),
        };
        Some(self.finish(&head, end, kind))
    }

    /// The kinds of items [`Lower::item`] leaves over.
    fn rarer_item(&self, item: &syn::Item, skipped: &mut Vec<Skipped>) -> Option<Arc<Item>> {
        let (head, end, kind) = match item {
            syn::Item::Trait(item) => {
                let auto = item.modifiers.auto_token.map(|t| t.span);
                let first = self.first(
                    &item.vis,
                    [item.unsafety.map(|t| t.span), auto],
                    item.trait_token.span,
                );
                let kind = ItemKind::Trait {
                    generics: self.generics(&item.generics),
                    supertraits: self.bounds(&item.supertraits),
                    items: item
                        .items
                        .iter()
                        .filter_map(|item| self.trait_item(item, skipped))
                        .collect(),
                };
                (
                    Head { attrs: &item.attrs, first, name: Some(&item.ident) },
                    item.brace_token.span.close(),
                    kind,
                )
            }
            syn::Item::TraitAlias(item) => {
                let first = self.first(&item.vis, [], item.trait_token.span);
                let head = Head { attrs: &item.attrs, first, name: Some(&item.ident) };
                (head, item.semi_token.span, ItemKind::Other)
            }
            syn::Item::Type(item) => {
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
            syn::Item::Union(item) => {
                let first = self.first(&item.vis, [], item.union_token.span);
                let fields = item
                    .fields
                    .named
                    .iter()
                    .enumerate()
                    .map(|(at, field)| self.field(at, field))
                    .collect();
                let kind = ItemKind::Struct {
                    generics: self.generics(&item.generics),
                    fields,
                    is_tuple: false,
                };
                let end = item.fields.brace_token.span.close();
                (Head { attrs: &item.attrs, first, name: Some(&item.ident) }, end, kind)
            }
            syn::Item::Use(item) => {
                let first = self.first(&item.vis, [], item.use_token.span);
                let mut leaves = ThinVec::new();
                let start = item.leading_colon.map(|colon| self.span(colon.span()).start);
                self.use_leaves(
                    &item.tree,
                    item.leading_colon.is_some(),
                    start,
                    &mut ThinVec::new(),
                    &mut leaves,
                );
                leaves.shrink_to_fit();
                (
                    Head { attrs: &item.attrs, first, name: None },
                    item.semi_token.span,
                    ItemKind::Use(leaves),
                )
            }
            syn::Item::ForeignMod(item) => {
                let first = item.unsafety.map_or(item.abi.extern_token.span, |token| token.span);
                let head = Head { attrs: &item.attrs, first: self.span(first), name: None };
                (head, item.brace_token.span.close(), ItemKind::Other)
            }
            syn::Item::Verbatim(tokens) => {
                let supplied = self.supplied(tokens);
                if supplied.is_none() {
                    skipped.extend(self.unread(tokens));
                }
                return supplied;
            }
            _ => return None,
        };
        Some(self.finish(&head, end, kind))
    }

    fn finish(&self, head: &Head<'_>, end: proc_macro2::Span, kind: ItemKind) -> Arc<Item> {
        let (attrs, cfg) = self.attrs(head.attrs);
        let outer = head.attrs.iter().find(|attr| matches!(attr.style, syn::AttrStyle::Outer));
        let start = outer.map_or(head.first, |attr| self.span(attr.pound_token.span));
        let name_span = head.name.map_or(head.first, |name| self.span(name.span()));
        let name = head.name.map(ident).unwrap_or_default();
        Arc::new(Item { name, name_span, span: start.to(self.span(end)), attrs, cfg, kind })
    }

    /// The first token of an item behind its attributes.
    fn first<const N: usize>(
        &self,
        vis: &syn::Visibility,
        modifiers: [Option<proc_macro2::Span>; N],
        keyword: proc_macro2::Span,
    ) -> Span {
        let vis = match vis {
            syn::Visibility::Public(token) => Some(token.span),
            syn::Visibility::Restricted(vis) => Some(vis.pub_token.span),
            syn::Visibility::Inherited => None,
        };
        self.span(vis.or_else(|| modifiers.into_iter().flatten().next()).unwrap_or(keyword))
    }

    fn fn_head<'i>(
        &self,
        attrs: &'i [syn::Attribute],
        vis: &syn::Visibility,
        modifiers: &syn::FnModifiers,
        sig: &'i syn::Signature,
    ) -> Head<'i> {
        let safety = match sig.safety {
            syn::Safety::Safe(token) => Some(token.span),
            syn::Safety::Unsafe(token) => Some(token.span),
            syn::Safety::Default => None,
        };
        let modifiers = [
            modifiers.defaultness.map(|t| t.span),
            sig.constness.map(|t| t.span),
            sig.asyncness.map(|t| t.span),
            safety,
            sig.abi.as_ref().map(|abi| abi.extern_token.span),
        ];
        Head { attrs, first: self.first(vis, modifiers, sig.fn_token.span), name: Some(&sig.ident) }
    }

    fn function(&self, sig: &syn::Signature, block: Option<&syn::Block>) -> ItemKind {
        let mut receiver = None;
        let mut params = ThinVec::with_capacity(sig.inputs.len());
        for input in &sig.inputs {
            match input {
                syn::FnArg::Receiver(input) => receiver = Some(self.receiver(input)),
                syn::FnArg::Typed(input) => params.push(self.param(input)),
            }
        }
        let body = block.map(|block| {
            let span = self.range(block.brace_token.span.open(), block.brace_token.span.close());
            self.scan.body(self.text, span)
        });
        ItemKind::Fn(Box::new(FnItem {
            generics: self.generics(&sig.generics),
            receiver,
            params,
            ret: self.return_type(&sig.output),
            is_async: sig.asyncness.is_some(),
            body,
        }))
    }

    /// Lowers a parameter with its type.
    pub fn param(&self, input: &syn::PatType) -> Param {
        let (attrs, cfg) = self.attrs(&input.attrs);
        Param { pat: self.pat(&input.pat), ty: Some(self.ty(&input.ty)), attrs, cfg }
    }

    fn receiver(&self, receiver: &syn::Receiver) -> Receiver {
        match &receiver.kind {
            syn::ReceiverKind::Reference(_, _, mutable) => {
                Receiver { reference: true, mutable: mutable.is_some(), ty: None }
            }
            syn::ReceiverKind::Typed(_, ty) => Receiver {
                reference: false,
                mutable: receiver.mutability.is_some(),
                ty: Some(self.ty(ty)),
            },
            _ => Receiver { reference: false, mutable: receiver.mutability.is_some(), ty: None },
        }
    }

    fn impl_block(&self, item: &syn::ItemImpl, skipped: &mut Vec<Skipped>) -> ItemKind {
        ItemKind::Impl(Box::new(ImplItem {
            generics: self.generics(&item.generics),
            of_trait: item.trait_.as_ref().map(|(path, _)| self.path(path)),
            negative: item.modifiers.polarity.is_some(),
            self_ty: self.ty(&item.self_ty),
            items: item.items.iter().filter_map(|item| self.impl_item(item, skipped)).collect(),
        }))
    }

    /// `macro_rules!`, or a macro called as an item.
    fn macro_item(&self, item: &syn::ItemMacro) -> Arc<Item> {
        let Some(name) = &item.ident else {
            return self.macro_call_item(
                &item.attrs,
                &item.mac,
                item.semi_token.map(|semi| semi.span),
            );
        };
        let call = self.macro_call(&item.mac);
        let end = item.semi_token.map_or(item.mac.delimiter.span().close(), |semi| semi.span);
        let is_rules =
            call.path.segments.last().is_some_and(|segment| segment.name == "macro_rules");
        let kind = if is_rules {
            ItemKind::MacroRules(call.args)
        } else {
            ItemKind::MacroCall(call.clone())
        };
        self.finish(&Head { attrs: &item.attrs, first: call.span, name: Some(name) }, end, kind)
    }

    fn macro_call_item(
        &self,
        attrs: &[syn::Attribute],
        mac: &syn::Macro,
        semi: Option<proc_macro2::Span>,
    ) -> Arc<Item> {
        let call = self.macro_call(mac);
        let head = Head { attrs, first: call.path.span, name: None };
        self.finish(&head, semi.unwrap_or(mac.delimiter.span().close()), ItemKind::MacroCall(call))
    }

    /// Lowers a macro call.
    pub fn macro_call(&self, mac: &syn::Macro) -> MacroCall {
        let path = self.path(&mac.path);
        let delimiters = mac.delimiter.span();
        let (open, close) = (self.span(delimiters.open()), self.span(delimiters.close()));
        let span = path.span.to(close);
        MacroCall { path, args: Span::new(open.end, close.start), span }
    }

    fn variant(&self, variant: &syn::Variant) -> Variant {
        Variant {
            name: ident(&variant.ident),
            fields: self.fields(&variant.fields),
            is_tuple: matches!(variant.fields, syn::Fields::Unnamed(_)),
            attrs: self.attrs(&variant.attrs).0,
        }
    }

    fn fields(&self, fields: &syn::Fields) -> ThinVec<Field> {
        fields.iter().enumerate().map(|(at, field)| self.field(at, field)).collect()
    }

    fn field(&self, at: usize, field: &syn::Field) -> Field {
        let name = field.ident.as_ref().map_or_else(|| Name::from(at.to_string()), ident);
        let (attrs, cfg) = self.attrs(&field.attrs);
        Field { name, ty: self.ty(&field.ty), attrs, cfg }
    }

    /// The value between `=` and `;`.
    fn value(&self, eq: proc_macro2::Span, semi: proc_macro2::Span) -> Body {
        let span = self.trimmed(Span::new(self.span(eq).end, self.span(semi).start));
        Body::read(self.text, span)
    }

    /// An item whose syntax `syn` lets through without reading it.
    fn unread(&self, tokens: &TokenStream) -> Option<Skipped> {
        let first = tokens.clone().into_iter().next()?;
        let last = tokens.clone().into_iter().last()?;
        let message = String::from("this syntax is not read");
        Some(Skipped { span: self.range(first.span(), last.span()), message })
    }
}

/// An identifier without `r#`.
pub fn ident(ident: &syn::Ident) -> Name {
    let text = ident.to_string();
    Name::from(text.strip_prefix("r#").unwrap_or(&text))
}
