//! Statements of a body; where `syn` rejects one, the others are kept.
//!
//! A rejected statement ends at the next `;` or brace group, as a rejected item does. What it binds is bound to nothing
//! that is known, and its tokens stand where a macro of which nothing is known would: what can be read of them runs
//! perhaps.

use proc_macro2::{Delimiter, Span as Mark, TokenTree};
use syn::Token;
use syn::parse::{ParseStream, discouraged::Speculative as _};
use thin_vec::{ThinVec, thin_vec};

use super::body::read;
use super::lower::Lower;
use super::tree::{
    Block, Body, Expr, ExprKind, Local, MacroCall, Name, Path, PathSegment, Stmt, StmtKind,
};

/// What stands for the name of a macro where a statement was rejected; no macro is called so.
pub const REJECTED: &str = "?";

/// A statement, or what stands in its place.
enum Part {
    Read(syn::Stmt),
    Rejected {
        /// What a `let` binds, and its type.
        bound: Option<(syn::Pat, Option<syn::Type>)>,
        /// The first and last token behind that.
        tokens: Option<(Mark, Mark)>,
        /// The first and last token of all.
        whole: (Mark, Mark),
    },
}

/// Parses what can be parsed of the block of a function, braces included; `None` where its tokens are none of Rust.
pub fn parse_block_in_part(text: &str, body: &Body) -> Option<Block> {
    let span = body.span;
    let lowered = |lower: &Lower<'_>, parts: ThinVec<Part>| {
        let mut block = Block { span, ..Block::default() };
        for part in parts {
            match part {
                Part::Read(stmt) => {
                    let one = lower.stmts(&[stmt], span);
                    block.stmts.extend(one.stmts);
                    block.items.extend(one.items);
                }
                part @ Part::Rejected { .. } => block.stmts.extend(stand_in(lower, &part)),
            }
        }
        block
    };
    read(text, span, parts, lowered).ok()
}

/// The statements between the braces that are all of `input`.
fn parts(input: ParseStream<'_>) -> syn::Result<ThinVec<Part>> {
    let inner;
    syn::braced!(inner in input);
    let mut parts = ThinVec::new();
    // What cannot be read of these is rejected with the first statement.
    let _ = syn::Attribute::parse_inner(&inner);
    while !inner.is_empty() {
        if inner.peek(Token![;]) {
            inner.parse::<Token![;]>()?;
            continue;
        }
        let ahead = inner.fork();
        if let Ok(stmt) = ahead.parse::<syn::Stmt>() {
            inner.advance_to(&ahead);
            parts.push(Part::Read(stmt));
            continue;
        }
        let ahead = inner.fork();
        if let Ok(last) = ahead.parse::<syn::Expr>()
            && ahead.is_empty()
        {
            inner.advance_to(&ahead);
            parts.push(Part::Read(syn::Stmt::Expr(last, None)));
            continue;
        }
        parts.extend(rejected(&inner)?);
    }
    Ok(parts)
}

/// A statement that is none.
fn rejected(input: ParseStream<'_>) -> syn::Result<Option<Part>> {
    let first = input.span();
    let ahead = input.fork();
    let bound = bound(&ahead);
    if bound.is_some() {
        input.advance_to(&ahead);
    }
    let mut tokens: Option<(Mark, Mark)> = None;
    let mut last = first;
    while !input.is_empty() {
        if input.peek(Token![;]) {
            last = input.parse::<Token![;]>()?.span;
            break;
        }
        let token = input.parse::<TokenTree>()?;
        let (from, to) = match &token {
            TokenTree::Group(group) => (group.span_open(), group.span_close()),
            token => (token.span(), token.span()),
        };
        tokens = Some((tokens.map_or(from, |(from, _)| from), to));
        last = to;
        let is_block =
            matches!(&token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
        let goes_on = input.peek(Token![else]) || input.peek(Token![.]) || input.peek(Token![?]);
        if is_block && bound.is_none() && !goes_on {
            break;
        }
    }
    Ok(Some(Part::Rejected { bound, tokens, whole: (first, last) }))
}

/// What a `let` binds, up to and with the `=`.
fn bound(input: ParseStream<'_>) -> Option<(syn::Pat, Option<syn::Type>)> {
    if input.peek(Token![super]) {
        input.parse::<Token![super]>().ok()?;
    }
    input.parse::<Token![let]>().ok()?;
    let pat = syn::Pat::parse_multi_with_leading_vert(input).ok()?;
    let ty = match input.parse::<Option<Token![:]>>().ok()? {
        Some(_) => Some(input.parse::<syn::Type>().ok()?),
        None => None,
    };
    input.parse::<Token![=]>().ok()?;
    Some((pat, ty))
}

/// The statement that stands for a rejected one.
fn stand_in(lower: &Lower<'_>, part: &Part) -> Option<Stmt> {
    let Part::Rejected { bound, tokens, whole: (first, last) } = part else { return None };
    let span = lower.range(*first, *last);
    let args = tokens.map_or(span, |(from, to)| lower.range(from, to));
    let name = PathSegment {
        name: Name::new_static(REJECTED),
        args: ThinVec::new(),
        bindings: ThinVec::new(),
    };
    let path = Path { qself: None, global: false, segments: thin_vec![name], span };
    let expr = Expr { kind: ExprKind::Macro(Box::new(MacroCall { path, args, span: args })), span };
    let kind = match bound {
        Some((pat, ty)) => StmtKind::Let(Box::new(Local {
            pat: lower.pat(pat),
            ty: ty.as_ref().map(|ty| lower.ty(ty)),
            init: Some(expr),
            otherwise: None,
        })),
        None => StmtKind::Expr { expr, semi: true },
    };
    Some(Stmt { cfg: None, kind, span })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::token::whole;

    #[test]
    fn statements_around_a_rejected_one_are_kept() {
        let shown = |text: &str| -> ThinVec<String> {
            let block = parse_block_in_part(text, &Body::read(text, whole(text))).unwrap();
            let shown = block.stmts.iter().map(|stmt| {
                let expr = match &stmt.kind {
                    StmtKind::Let(local) => local.init.as_ref().unwrap(),
                    StmtKind::Expr { expr, .. } => expr,
                };
                match &expr.kind {
                    ExprKind::Macro(call) => format!("?{}", call.args.of(text)),
                    _ => stmt.span.of(text).to_owned(),
                }
            });
            shown.collect()
        };
        assert_eq!(shown("{ a(); do yeet 1; b() }"), ["a();", "?do yeet 1", "b()"]);
        assert_eq!(shown("{ let x: u8 = do yeet 1; x }"), ["?do yeet 1", "x"]);
        assert_eq!(shown("{ super let x = 1; x }"), ["?1", "x"]);
        assert_eq!(
            shown("{ if a is B { c() } else { d() } e(); }"),
            ["?if a is B { c() } else { d() }", "e();"]
        );
        assert_eq!(shown("{ let x = gen { yield }.a(); b() }"), ["?gen { yield }.a()", "b()"]);
    }
}
