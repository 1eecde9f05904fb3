//! The names that stand in a text, by what they can be there.

use ra_ap_rustc_lexer::{LiteralKind, TokenKind};
use rustc_hash::FxHashSet;

use crate::{
    source::Span,
    syntax::{
        mentions::names_in_format,
        token::{TextStart, Token, Tokens},
        tree::Body,
    },
};

/// Whether a body calls macros.
pub(super) fn calls_macros(body: &Body) -> bool {
    !called_macros(body).is_empty()
}

/// The names, by their hashes, of which a macro that is called in a body may have one: any, where they are given to it.
pub(super) fn called_macros(body: &Body) -> &[u32] {
    if body.flags.given_macros { &body.idents } else { &body.macros }
}

/// The single names in a range that are no fields or methods, each once.
pub(super) fn free_names(text: &str, range: Span) -> impl Iterator<Item = &str> {
    let mut seen = FxHashSet::default();
    let (mut last, mut last_but_one) = (None, None);
    Tokens::new(text, range, TextStart::Piece)
        .filter(Token::is_code)
        .filter(move |token| {
            // What ends a range is one.
            let is_member = last == Some(TokenKind::Dot) && last_but_one != Some(TokenKind::Dot);
            (last_but_one, last) = (last, Some(token.kind));
            !is_member && matches!(token.kind, TokenKind::Ident | TokenKind::RawIdent)
        })
        .map(|token| token.span.of(text))
        .filter(move |name| seen.insert(*name))
        .map(|name| name.strip_prefix("r#").unwrap_or(name))
}

/// The names that the format strings of a range hold.
pub(super) fn formatted_names(text: &str, range: Span) -> impl Iterator<Item = &str> {
    let is_string = |token: &Token| {
        matches!(
            token.kind,
            TokenKind::Literal { kind: LiteralKind::Str { .. } | LiteralKind::RawStr { .. }, .. }
        )
    };
    Tokens::new(text, range, TextStart::Piece)
        .filter(is_string)
        .flat_map(|token| names_in_format(token.span.of(text)))
}
