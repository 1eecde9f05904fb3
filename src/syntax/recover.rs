//! Items of a token stream; where `syn` rejects one, the others are kept.
//!
//! A rejected item ends at the next `;` or brace group. Modules, impl blocks and traits are rejected only when their
//! heads are: their items are tried one by one.

use std::cell::RefCell;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, Token};

use super::SyntaxError;
use super::lower::Lower;
use super::tree::{FileTree, Skipped};
use crate::source::Span;

/// The tree of a whole file.
///
/// # Errors
/// What cannot be lexed.
pub fn file(lower: &Lower<'_>) -> Result<FileTree, SyntaxError> {
    let mut skipped = Vec::new();
    let (attrs, items) = match syn::parse2::<syn::File>(lower.stream()?) {
        Ok(file) => (file.attrs, file.items),
        // Lexed again, since a copy of the tokens made beforehand would cost every file more than this one.
        Err(_) => one_by_one(lower, lower.stream()?, &mut skipped),
    };
    let mut items = lower.items(&items, &mut skipped);
    let (attrs, cfg) = lower.attrs(&attrs);
    if let Some(cfg) = cfg {
        // `#![cfg(…)]` holds for every item of the file.
        for item in &mut items {
            let item = std::sync::Arc::make_mut(item);
            item.cfg = Some(match item.cfg.take() {
                Some(own) => {
                    Box::new(super::tree::Cfg::All(thin_vec::thin_vec![(*cfg).clone(), *own]))
                }
                None => cfg.clone(),
            });
        }
    }
    skipped.sort_by_key(|skipped| skipped.span);
    Ok(FileTree { items, attrs, skipped, ..FileTree::default() })
}

/// Inner attributes and items, each item tried on its own.
fn one_by_one(
    lower: &Lower<'_>,
    tokens: TokenStream,
    skipped: &mut Vec<Skipped>,
) -> (Vec<Attribute>, Vec<syn::Item>) {
    let attrs = RefCell::new(Vec::new());
    let items = each(lower, tokens, skipped, |input| {
        if let Ok(inner) = Attribute::parse_inner(input) {
            attrs.borrow_mut().extend(inner);
        }
    });
    (attrs.into_inner(), items)
}

/// Parses items of one kind until the tokens end; `opening` reads what comes before the first.
fn each<T: Recover>(
    lower: &Lower<'_>,
    tokens: TokenStream,
    skipped: &mut Vec<Skipped>,
    opening: impl Fn(ParseStream<'_>),
) -> Vec<T> {
    let mut items = Vec::new();
    let parse = |input: ParseStream<'_>| {
        opening(input);
        while !input.is_empty() {
            if input.peek(Token![;]) {
                input.parse::<Token![;]>()?;
                continue;
            }
            let ahead = input.fork();
            match ahead.parse::<T>() {
                Ok(item) => {
                    syn::parse::discouraged::Speculative::advance_to(input, &ahead);
                    items.push(item);
                }
                Err(error) => {
                    let rejected = rejected(input)?;
                    items.extend(T::recover(lower, rejected, &error, skipped));
                }
            }
        }
        Ok(())
    };
    // Every token was taken above, so that nothing is left to complain of.
    let _: syn::Result<()> = parse.parse2(tokens);
    items
}

/// The tokens up to and with the next `;` or brace group; at least one.
fn rejected(input: ParseStream<'_>) -> syn::Result<Vec<TokenTree>> {
    let mut tokens = Vec::new();
    while !input.is_empty() {
        let token = input.parse::<TokenTree>()?;
        let last = match &token {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            _ => false,
        };
        tokens.push(token);
        if last {
            break;
        }
    }
    Ok(tokens)
}

/// What items can be saved from one that was rejected.
trait Recover: syn::parse::Parse {
    /// Parses it again with an empty brace group; when that works, the contents are tried one by one.
    fn recover(
        lower: &Lower<'_>,
        tokens: Vec<TokenTree>,
        error: &syn::Error,
        skipped: &mut Vec<Skipped>,
    ) -> Option<Self> {
        let (head, contents) = emptied(&tokens);
        if let Some(contents) = contents
            && let Ok(mut item) = syn::parse2::<Self>(head)
            && item.fill(lower, contents, skipped)
        {
            return Some(item);
        }
        skipped.extend(skip(lower, &tokens, error));
        None
    }

    /// Puts what can be read of the contents into this item of none; false when it is not a list of items.
    fn fill(
        &mut self,
        lower: &Lower<'_>,
        contents: TokenStream,
        skipped: &mut Vec<Skipped>,
    ) -> bool;
}

impl Recover for syn::Item {
    fn fill(
        &mut self,
        lower: &Lower<'_>,
        contents: TokenStream,
        skipped: &mut Vec<Skipped>,
    ) -> bool {
        match self {
            Self::Mod(item) => {
                let (attrs, items) = one_by_one(lower, contents, skipped);
                item.attrs.extend(attrs);
                if let Some((_, content)) = &mut item.content {
                    *content = items;
                }
                true
            }
            Self::Impl(item) => {
                item.items = each(lower, contents, skipped, inner_attributes);
                true
            }
            Self::Trait(item) => {
                item.items = each(lower, contents, skipped, inner_attributes);
                true
            }
            _ => false,
        }
    }
}

impl Recover for syn::ImplItem {
    fn fill(&mut self, _: &Lower<'_>, _: TokenStream, _: &mut Vec<Skipped>) -> bool {
        false
    }
}

impl Recover for syn::TraitItem {
    fn fill(&mut self, _: &Lower<'_>, _: TokenStream, _: &mut Vec<Skipped>) -> bool {
        false
    }
}

/// Passes over `#![…]`.
fn inner_attributes(input: ParseStream<'_>) {
    // What cannot be read of them is rejected with the first item.
    let _ = Attribute::parse_inner(input);
}

/// The tokens with the last brace group emptied, and what was in it if anything.
fn emptied(tokens: &[TokenTree]) -> (TokenStream, Option<TokenStream>) {
    match tokens.split_last() {
        Some((TokenTree::Group(group), head))
            if group.delimiter() == Delimiter::Brace && !group.stream().is_empty() =>
        {
            let mut empty = Group::new(Delimiter::Brace, TokenStream::new());
            empty.set_span(group.span());
            let head = head.iter().cloned().chain([TokenTree::Group(empty)]);
            (head.collect(), Some(group.stream()))
        }
        _ => (tokens.iter().cloned().collect(), None),
    }
}

fn skip(lower: &Lower<'_>, tokens: &[TokenTree], error: &syn::Error) -> Option<Skipped> {
    let (first, last) = (tokens.first()?, tokens.last()?);
    let span: Span = lower.range(first.span(), last.span());
    Some(Skipped { span, message: error.to_string() })
}
