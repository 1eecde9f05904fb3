//! Attributes and `cfg` predicates of `syn` to those of our tree.

use proc_macro2::TokenStream;
use syn::parse::{ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Meta, Token};
use thin_vec::{ThinVec, thin_vec};

use super::lower::Lower;
use super::tree::{Attr, Cfg};
use crate::source::Span;

/// `a` and `b`.
fn both(a: Option<Cfg>, b: Cfg) -> Cfg {
    match a {
        None => b,
        Some(Cfg::All(mut all)) => {
            all.push(b);
            Cfg::All(all)
        }
        Some(a) => Cfg::All(thin_vec![a, b]),
    }
}

/// The attributes of one thing as they are gathered.
#[derive(Default)]
struct Gathered {
    attrs: ThinVec<Attr>,
    cfg: Option<Cfg>,
}

impl Lower<'_> {
    /// Lowers attributes: all but `cfg` and doc comments, and the conjunction of the `cfg`s.
    pub fn attrs(&self, attrs: &[syn::Attribute]) -> (ThinVec<Attr>, Option<Box<Cfg>>) {
        let mut gathered = Gathered::default();
        for attr in attrs {
            let close = self.span(attr.bracket_token.span.close());
            let span = self.span(attr.pound_token.span).to(close);
            self.meta(&attr.meta, span, close.start, None, &mut gathered);
        }
        gathered.attrs.shrink_to_fit();
        (gathered.attrs, gathered.cfg.map(Box::new))
    }

    /// The conjunction of the `cfg`s alone.
    pub fn cfg(&self, attrs: &[syn::Attribute]) -> Option<Box<Cfg>> {
        if attrs.is_empty() { None } else { self.attrs(attrs).1 }
    }

    fn meta(&self, meta: &Meta, span: Span, end: u32, when: Option<&Cfg>, gathered: &mut Gathered) {
        let path = meta.path();
        if path.is_ident("doc") {
            return;
        }
        let args = match meta {
            Meta::Path(_) => Span::new(end, end),
            Meta::List(list) => {
                if path.is_ident("cfg")
                    && let Ok(cfg) = predicate.parse2(list.tokens.clone())
                {
                    // `cfg_attr(a, cfg(b))` asks for `b` only where `a` holds.
                    let cfg = match when {
                        Some(when) => Cfg::Any(thin_vec![Cfg::Not(Box::new(when.clone())), cfg]),
                        None => cfg,
                    };
                    gathered.cfg = Some(both(gathered.cfg.take(), cfg));
                    return;
                }
                if path.is_ident("cfg_attr")
                    && let Ok((cfg, metas)) = conditional.parse2(list.tokens.clone())
                {
                    let end = self.span(list.delimiter.span().close()).start;
                    let when = both(when.cloned(), cfg);
                    for meta in &metas {
                        self.meta(meta, span, end, Some(&when), gathered);
                    }
                    return;
                }
                let delimiters = list.delimiter.span();
                Span::new(self.span(delimiters.open()).end, self.span(delimiters.close()).start)
            }
            Meta::NameValue(meta) => {
                let value = self.span(meta.value.span());
                if when.is_some() { value } else { self.trimmed(Span::new(value.start, end)) }
            }
        };
        gathered.attrs.push(Attr {
            path: self.path(path),
            args,
            span,
            cfg: when.cloned().map(Box::new),
        });
    }
}

/// Parses the tokens between the parentheses of `cfg(…)`.
pub fn cfg_of(tokens: TokenStream) -> Option<Cfg> {
    predicate.parse2(tokens).ok()
}

/// One predicate; a comma may follow.
fn predicate(input: ParseStream<'_>) -> syn::Result<Cfg> {
    let cfg = option(input)?;
    input.parse::<Option<Token![,]>>()?;
    Ok(cfg)
}

fn option(input: ParseStream<'_>) -> syn::Result<Cfg> {
    if input.peek(syn::LitBool) {
        let always = input.parse::<syn::LitBool>()?.value;
        return Ok(if always { Cfg::All(ThinVec::new()) } else { Cfg::Any(ThinVec::new()) });
    }
    let path = input.call(syn::Path::parse_mod_style)?;
    let name = path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect::<Vec<_>>()
        .join("::");
    if input.peek(syn::token::Paren) {
        let inner;
        syn::parenthesized!(inner in input);
        if !matches!(name.as_str(), "all" | "any" | "not") {
            // Unstable predicates, `version("1.2")`.
            let tokens = inner.parse::<TokenStream>()?.to_string();
            let tokens: String = tokens.split_whitespace().collect();
            return Ok(Cfg::option(format!("{name}({tokens})")));
        }
        let mut options: ThinVec<Cfg> =
            Punctuated::<Cfg, Token![,]>::parse_terminated_with(&inner, option)?
                .into_iter()
                .collect();
        return Ok(match name.as_str() {
            "all" => Cfg::All(options),
            "any" => Cfg::Any(options),
            // `not()` is an error to the compiler; as the negation of nothing it never holds.
            _ if options.len() == 1 => Cfg::Not(Box::new(options.swap_remove(0))),
            _ => Cfg::Not(Box::new(Cfg::All(options))),
        });
    }
    if input.parse::<Option<Token![=]>>()?.is_some() {
        let value = input.parse::<syn::LitStr>()?.value();
        return Ok(Cfg::option(format!("{name}=\"{value}\"")));
    }
    Ok(if name == "test" { Cfg::Test } else { Cfg::option(name) })
}

/// The predicate and attributes of `cfg_attr(…)`.
fn conditional(input: ParseStream<'_>) -> syn::Result<(Cfg, Punctuated<Meta, Token![,]>)> {
    let cfg = option(input)?;
    input.parse::<Option<Token![,]>>()?;
    Ok((cfg, Punctuated::parse_terminated(input)?))
}
