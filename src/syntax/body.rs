//! Bodies and macro arguments, read when something enters them.
//!
//! Each function takes the whole text and a range of it; the places of what it returns are bytes of the whole text.
//! Functions nested in a body stay unread in turn.

use std::sync::Arc;

use proc_macro2::TokenStream;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Token, ext::IdentExt as _, parse::discouraged::AnyDelimiter as _};
use thin_vec::ThinVec;

use super::lower::{Lower, ident};
use super::masked::Masked;
use super::scan::Scan;
use super::token::TextStart;
use super::tree::{
    Arm, Block, Body, Cfg, Expr, ExprKind, Item, Lit, Name, Pat, Path, Skipped, TypeRef,
};
use super::{SyntaxError, attr, forget_spans};
use crate::source::Span;

/// Parses the block of a function, braces included.
///
/// - `text`: the one in which the body was found.
///
/// # Errors
/// What cannot be lexed or parsed; a gap of this body alone.
pub fn parse_block(text: &str, body: &Body) -> Result<Block, SyntaxError> {
    let span = body.span;
    let lowered = |lower: &Lower<'_>, stmts: Vec<syn::Stmt>| lower.stmts(&stmts, span);
    if body.flags.items || may_hold_docs(span.of(text)) {
        return read(text, span, block_contents, lowered);
    }
    // There is nothing to leave out, and the pass that found the body has seen how deep it goes.
    parsed(text, &Masked::whole(text, span), &Scan::default(), block_contents, lowered)
}

/// Whether there may be doc comments in a text, on which `syn` insists that they stand before something.
fn may_hold_docs(text: &str) -> bool {
    text.match_indices('/').any(|(at, _)| {
        let rest = text.as_bytes().get(at + 1..).unwrap_or_default();
        matches!(rest, [b'/', b'/' | b'!', ..] | [b'*', b'*' | b'!', ..])
    })
}

/// Parses the expression at `span`.
///
/// # Errors
/// What cannot be lexed or parsed.
pub fn parse_expr(text: &str, span: Span) -> Result<Expr, SyntaxError> {
    read(text, span, <syn::Expr as syn::parse::Parse>::parse, |lower, expr| lower.expr(&expr))
}

/// Parses macro arguments as a value and how often it is there: `value; len`.
pub fn parse_repeated(text: &str, span: Span) -> Option<(Expr, Expr)> {
    if !span.of(text).contains(';') {
        return None;
    }
    let parser = |input: ParseStream<'_>| {
        let value: syn::Expr = input.parse()?;
        input.parse::<Token![;]>()?;
        Ok((value, input.parse::<syn::Expr>()?))
    };
    read(text, span, parser, |lower, (value, len)| (lower.expr(&value), lower.expr(&len))).ok()
}

/// Parses macro arguments as expressions between commas; `name = value` is an assignment to a path.
pub fn parse_args(text: &str, span: Span) -> Option<ThinVec<Expr>> {
    let parser = Punctuated::<syn::Expr, Token![,]>::parse_terminated;
    read(text, span, parser, |lower, exprs| lower.exprs(&exprs)).ok()
}

/// Parses macro arguments as expressions of which `=>` stands between some: `"/path" => handler`.
pub fn parse_arrow_args(text: &str, span: Span) -> Option<Vec<Expr>> {
    let parser = |input: ParseStream<'_>| {
        let mut exprs = Vec::new();
        while !input.is_empty() {
            exprs.push(input.parse::<syn::Expr>()?);
            if input.parse::<Option<Token![=>]>>()?.is_none() && !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(exprs)
    };
    read(text, span, parser, |lower, exprs| exprs.iter().map(|expr| lower.expr(expr)).collect())
        .ok()
}

/// Parses as many comma-separated expressions as come first, and says where the rest of `span` starts.
pub fn parse_leading_args(text: &str, span: Span) -> Option<(Vec<Expr>, Span)> {
    let parser = |input: ParseStream<'_>| {
        let mut exprs = Vec::new();
        let mut rest = None;
        while !input.is_empty() {
            let ahead = input.fork();
            let at = input.span();
            let Ok(expr) = ahead.parse::<syn::Expr>() else {
                rest = Some(at);
                break;
            };
            if !ahead.is_empty() && !ahead.peek(Token![,]) {
                rest = Some(at);
                break;
            }
            syn::parse::discouraged::Speculative::advance_to(input, &ahead);
            exprs.push(expr);
            input.parse::<Option<Token![,]>>()?;
        }
        input.parse::<TokenStream>()?;
        Ok((exprs, rest))
    };
    let lowered = read(text, span, parser, |lower, (exprs, rest)| {
        let start = rest.map_or(span.end, |rest| lower.span(rest).start);
        (exprs.iter().map(|expr| lower.expr(expr)).collect(), Span::new(start, span.end))
    });
    lowered.ok()
}

/// Parses the arguments of `matches!(…)`: the value, and an arm that holds the pattern and its guard.
pub fn parse_matches(text: &str, span: Span) -> Option<(Expr, Arm)> {
    let parser = |input: ParseStream<'_>| {
        let subject: syn::Expr = input.parse()?;
        input.parse::<Token![,]>()?;
        let pat = syn::Pat::parse_multi_with_leading_vert(input)?;
        let guard = match input.parse::<Option<Token![if]>>()? {
            Some(_) => Some(input.parse::<syn::Expr>()?),
            None => None,
        };
        input.parse::<Option<Token![,]>>()?;
        Ok((subject, pat, guard))
    };
    let lowered = read(text, span, parser, |lower, (subject, pat, guard)| {
        let body = Expr { kind: ExprKind::Lit(Lit::Bool(true)), span };
        let guard = guard.as_ref().map(|guard| Box::new(lower.expr(guard)));
        let arm = Arm { pat: lower.pat(&pat), guard, body, cfg: None };
        (lower.expr(&subject), arm)
    });
    lowered.ok()
}

/// Parses statements without braces around them.
pub fn parse_stmts(text: &str, span: Span) -> Option<Block> {
    read(text, span, syn::Block::parse_within, |lower, stmts| lower.stmts(&stmts, span)).ok()
}

/// Parses items; `None` when one of them is none.
pub fn parse_items(text: &str, span: Span) -> Option<ThinVec<Arc<Item>>> {
    let parser = |input: ParseStream<'_>| {
        let mut items = Vec::new();
        while !input.is_empty() {
            items.push(input.parse::<syn::Item>()?);
        }
        Ok(items)
    };
    let mut skipped: Vec<Skipped> = Vec::new();
    let items = read(text, span, parser, |lower, items| lower.items(&items, &mut skipped)).ok()?;
    skipped.is_empty().then_some(items)
}

/// Parses a type.
pub fn parse_type(text: &str, span: Span) -> Option<TypeRef> {
    read(text, span, <syn::Type as syn::parse::Parse>::parse, |lower, ty| lower.ty(&ty)).ok()
}

/// Parses a pattern, alternatives included.
pub fn parse_pat(text: &str, span: Span) -> Option<Pat> {
    read(text, span, syn::Pat::parse_multi_with_leading_vert, |lower, pat| lower.pat(&pat)).ok()
}

/// Parses a path as expressions spell it: `a::b::<C>`.
pub fn parse_path(text: &str, span: Span) -> Option<Path> {
    match parse_expr(text, span).ok()?.kind {
        ExprKind::Path(path) => Some(path),
        _ => None,
    }
}

/// Parses the arguments of `cfg!(…)`.
pub fn parse_cfg(text: &str, span: Span) -> Option<Cfg> {
    read(text, span, <TokenStream as syn::parse::Parse>::parse, |_, tokens| attr::cfg_of(tokens))
        .ok()
        .flatten()
}

/// Parses the arguments of an attribute: expressions, and `name = expression` (`path = "/x", method = "GET"`).
///
/// A value without a name has `None`; an argument of neither form is left out.
pub fn parse_attr_args(text: &str, span: Span) -> Option<Vec<(Option<Name>, Expr)>> {
    let parser = |input: ParseStream<'_>| {
        let mut args = Vec::new();
        while !input.is_empty() {
            let named = input.peek2(Token![=])
                && !input.peek2(Token![==])
                && input.peek(syn::Ident::peek_any);
            let name = if named { Some(input.call(syn::Ident::parse_any)?) } else { None };
            if named {
                input.parse::<Token![=]>()?;
            }
            let ahead = input.fork();
            match ahead.parse::<syn::Expr>() {
                Ok(expr) if ahead.is_empty() || ahead.peek(Token![,]) => {
                    syn::parse::discouraged::Speculative::advance_to(input, &ahead);
                    args.push((name, expr));
                }
                _ => {}
            }
            while !input.is_empty() && !input.peek(Token![,]) {
                input.parse::<proc_macro2::TokenTree>()?;
            }
            input.parse::<Option<Token![,]>>()?;
        }
        Ok(args)
    };
    let lowered = read(text, span, parser, |lower, args| {
        args.iter().map(|(name, expr)| (name.as_ref().map(ident), lower.expr(expr))).collect()
    });
    lowered.ok()
}

/// One piece of the arguments of a macro that has a grammar of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    /// What stands before `=`: `result` in `result = serve() => …`.
    pub pat: Option<Pat>,
    /// The expression.
    pub expr: Expr,
    /// Whether an arm starts with it: it has a pattern, or comes after `else =>` or its like.
    pub starts: bool,
}

/// Parses what expressions there are in macro arguments that are none: arms as in `select!`, fields as in `tracing`'s macros.
///
/// Returns the pieces in order, and whether every token is of one of them or a mere separator.
pub fn parse_pieces(text: &str, span: Span) -> Option<(Vec<Piece>, bool)> {
    let parser = |input: ParseStream<'_>| {
        let mut pieces = Vec::new();
        let whole = gather(input, true, &mut pieces)?;
        Ok((pieces, whole))
    };
    let lowered = read(text, span, parser, |lower, (pieces, whole)| {
        let pieces = pieces.iter().map(|(pat, expr, starts)| Piece {
            pat: pat.as_ref().map(|pat| lower.pat(pat)),
            expr: lower.expr(expr),
            starts: *starts,
        });
        (pieces.collect(), whole)
    });
    lowered.ok()
}

/// A piece as parsed, and whether an arm starts with it.
type Parsed = (Option<syn::Pat>, syn::Expr, bool);

/// Gathers the pieces of `input`, also those between delimiters that hold no expression as a whole: `{ "id": make() }`.
/// Whether that is all of it.
///
/// - `outermost`: arms start here.
fn gather(input: ParseStream<'_>, outermost: bool, pieces: &mut Vec<Parsed>) -> syn::Result<bool> {
    let (mut whole, mut lone) = (true, false);
    while !input.is_empty() {
        if lone_arm(input)? {
            lone = true;
            continue;
        }
        if separator(input)? {
            continue;
        }
        let ahead = input.fork();
        if let Ok((pat, expr)) = piece(&ahead) {
            syn::parse::discouraged::Speculative::advance_to(input, &ahead);
            let starts = outermost && (pat.is_some() || lone);
            pieces.push((pat, expr, starts));
            lone = false;
        } else if let Ok((_, _, inside)) = input.parse_any_delimiter() {
            whole &= gather(&inside, false, pieces)?;
        } else {
            input.parse::<proc_macro2::TokenTree>()?;
            whole = false;
        }
    }
    Ok(whole)
}

/// Takes the head of an arm that waits for nothing: `else =>`, and `complete =>` and `default =>` of `futures`.
fn lone_arm(input: ParseStream<'_>) -> syn::Result<bool> {
    let ahead = input.fork();
    let word = ahead
        .call(syn::Ident::parse_any)
        .is_ok_and(|word| ["else", "complete", "default"].iter().any(|known| word == known));
    let found = word && ahead.peek(Token![=>]);
    if found {
        ahead.parse::<Token![=>]>()?;
        syn::parse::discouraged::Speculative::advance_to(input, &ahead);
    }
    Ok(found)
}

/// Takes what names a field of a log line where that is no pattern: `error.message = %e`, `{ NAME } = value`,
/// `"text" = value`.
fn field_name(input: ParseStream<'_>) -> syn::Result<bool> {
    let ahead = input.fork();
    let is_path = ahead.peek(syn::Ident) && ahead.peek2(Token![.]);
    if is_path {
        ahead.parse::<syn::Ident>()?;
        while ahead.peek(Token![.]) {
            ahead.parse::<Token![.]>()?;
            if ahead.call(syn::Ident::parse_any).is_err() {
                return Ok(false);
            }
        }
    } else if ahead.peek(syn::LitStr) {
        ahead.parse::<syn::LitStr>()?;
    } else if !ahead.peek(syn::token::Brace) || ahead.parse_any_delimiter().is_err() {
        return Ok(false);
    }
    if !ahead.peek(Token![=]) || ahead.peek(Token![==]) || ahead.peek(Token![=>]) {
        return Ok(false);
    }
    ahead.parse::<Token![=]>()?;
    // Without a sign it is read as an assignment.
    let found = !is_path || ahead.peek(Token![%]) || ahead.peek(Token![?]);
    if found {
        syn::parse::discouraged::Speculative::advance_to(input, &ahead);
    }
    Ok(found)
}

/// Takes what stands between pieces, and the signs before the value of a field of a log line.
fn separator(input: ParseStream<'_>) -> syn::Result<bool> {
    if field_name(input)? {
        return Ok(true);
    }
    if input.peek(Token![=>]) {
        input.parse::<Token![=>]>()?;
        return Ok(true);
    }
    let colon = input.peek(Token![:]) && !input.peek(Token![::]);
    let signs = input.peek(Token![,]) || input.peek(Token![;]) || input.peek(Token![%]) || colon;
    let label = input.peek(syn::Ident) && input.peek2(Token![:]) && !input.peek2(Token![::]);
    // `, if ready => …`, where no block follows.
    let guard = input.peek(Token![if]) && input.fork().parse::<syn::Expr>().is_err();
    let taken = signs || guard || input.peek(Token![?]) || input.peek(Token![else]);
    if label {
        input.parse::<syn::Ident>()?;
        input.parse::<Token![:]>()?;
    } else if taken {
        input.parse::<proc_macro2::TokenTree>()?;
    }
    Ok(taken || label)
}

fn piece(input: ParseStream<'_>) -> syn::Result<(Option<syn::Pat>, syn::Expr)> {
    let ahead = input.fork();
    let pat = syn::Pat::parse_multi(&ahead)
        .ok()
        .filter(|_| ahead.peek(Token![=]) && !ahead.peek(Token![==]) && !ahead.peek(Token![=>]));
    if pat.is_some() {
        syn::parse::discouraged::Speculative::advance_to(input, &ahead);
        input.parse::<Token![=]>()?;
        input.parse::<Option<Token![%]>>()?;
        input.parse::<Option<Token![?]>>()?;
    }
    // A block ends its arm, whatever follows.
    let expr = if input.peek(syn::token::Brace) {
        syn::Expr::Block(input.parse()?)
    } else {
        input.parse()?
    };
    Ok((pat, expr))
}

/// The statements between the braces that are all of `input`.
fn block_contents(input: ParseStream<'_>) -> syn::Result<Vec<syn::Stmt>> {
    let inner;
    syn::braced!(inner in input);
    syn::Attribute::parse_inner(&inner)?;
    syn::Block::parse_within(&inner)
}

/// Lexes, parses and lowers `span` without what is in nested functions.
pub(super) fn read<P: Parser, T>(
    text: &str,
    span: Span,
    parser: P,
    lowered: impl FnOnce(&Lower<'_>, P::Output) -> T,
) -> Result<T, SyntaxError> {
    let found = Scan::new(text, span, TextStart::Piece)?;
    parsed(text, &found.masked(text, span), &found, parser, lowered)
}

fn parsed<P: Parser, T>(
    text: &str,
    masked: &Masked<'_>,
    found: &Scan,
    parser: P,
    lowered: impl FnOnce(&Lower<'_>, P::Output) -> T,
) -> Result<T, SyntaxError> {
    let lower = Lower::new(text, masked, found);
    let result = lower.stream().and_then(|tokens| {
        let parsed = parser.parse2(tokens).map_err(|error| lower.error(&error))?;
        Ok(lowered(&lower, parsed))
    });
    forget_spans();
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::token::whole;
    use crate::syntax::tree::{ItemKind, Lit, StmtKind};

    #[test]
    fn places_in_a_body_are_those_of_the_file() {
        let text = "/* é */ fn a() { let é: u8 = b.c::<D>(\"é\", 1)?; }";
        let span = Span::new(offset_of(text, "{"), whole(text).end);
        let block = parse_block(text, &Body::read(text, span)).unwrap();
        assert_eq!(block.stmts[0].span.of(text), "let é: u8 = b.c::<D>(\"é\", 1)?;");
        let StmtKind::Let(local) = &block.stmts[0].kind else { panic!() };
        let Some(init) = &local.init else { panic!() };
        assert_eq!(init.span.of(text), "b.c::<D>(\"é\", 1)?");
        let ExprKind::Try(call) = &init.kind else { panic!() };
        let ExprKind::MethodCall(call) = &call.kind else { panic!() };
        assert_eq!(
            (call.name_span.of(text), call.generics.len(), call.args[0].span.of(text)),
            ("c", 1, "\"é\"")
        );
    }

    fn offset_of(text: &str, piece: &str) -> u32 {
        crate::syntax::token::offset(text.find(piece).unwrap())
    }

    #[test]
    fn nested_functions_stay_unread() {
        let text = "{ fn a() { let = ; } b(|| { fn c() { 1 } c() }); #[cfg(test)] d(); }";
        let block = parse_block(text, &Body::read(text, whole(text))).unwrap();
        let ItemKind::Fn(function) = &block.items[0].kind else { panic!() };
        assert_eq!(function.body.as_ref().unwrap().span.of(text), "{ let = ; }");
        assert_eq!(block.stmts[1].cfg.as_deref(), Some(&Cfg::Test));
    }

    #[test]
    fn arms_and_fields_are_read_piece_by_piece() {
        let shown = |text: &str| {
            let (pieces, whole_text) = parse_pieces(text, whole(text)).unwrap();
            let shown = pieces.iter().map(|piece| {
                let sign = if piece.pat.is_some() { "=" } else { "" };
                format!("{sign}{}", piece.expr.span.of(text))
            });
            (shown.collect::<Vec<_>>().join(" | "), whole_text)
        };
        assert_eq!(
            shown(
                "biased; r = serve(a), if b => { c() } Some(x) = y.next() => d(x), else => break,"
            ),
            ("biased | =serve(a) | b | { c() } | =y.next() | d(x) | break".to_owned(), true)
        );
        assert_eq!(shown("target: \"x\", a = %b, ?c, \"{}\", d").0, "\"x\" | =b | c | \"{}\" | d");
        assert!(!shown("struct X { a }").1);
    }

    #[test]
    fn macro_arguments_are_read_as_far_as_they_go() {
        let text = "\"{} {x}\", a.b(), x = 1 + 2,";
        let args = parse_args(text, whole(text)).unwrap();
        assert_eq!(args[0].kind, ExprKind::Lit(Lit::Str("{} {x}".into())));
        assert!(matches!(args[2].kind, ExprKind::Assign(..)));
        let text = "a, b => c";
        assert_eq!(parse_args(text, whole(text)), None);
        let (args, rest) = parse_leading_args(text, whole(text)).unwrap();
        assert_eq!((args.len(), rest.of(text)), (1, "b => c"));
        let text = "\"/x\", method = \"GET\", type = 1";
        let args = parse_attr_args(text, whole(text)).unwrap();
        assert_eq!(
            args.iter().map(|(name, _)| name.as_deref()).collect::<Vec<_>>(),
            [None, Some("method"), Some("type")]
        );
        let text = "let a = 1; fn b() {} a";
        let block = parse_stmts(text, whole(text)).unwrap();
        assert_eq!((block.stmts.len(), block.items.len()), (2, 1));
        let text = "fn b() {} const C: u8 = 1;";
        assert_eq!(parse_items(text, whole(text)).unwrap().len(), 2);
    }
}
