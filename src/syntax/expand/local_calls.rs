//! `#[macro_export(local_inner_macros)]`: what a macro calls by a name alone is of its own crate.

use ra_ap_rustc_lexer::TokenKind;

use super::transcribe::Template;
use crate::source::Span;
use crate::syntax::token::{TextStart, Token, Tokens, whole};

/// A template whose calls of macros by a single name mean those of the macro's own crate.
pub(super) fn with_local_calls(template: Vec<Template>) -> Vec<Template> {
    let mut all = Vec::new();
    for part in template {
        match part {
            Template::Text(text) => local_calls(&text, &mut all),
            Template::Repeat { body, separator } => {
                all.push(Template::Repeat { body: with_local_calls(body), separator });
            }
            part => all.push(part),
        }
    }
    all
}

/// Adds a text with `$crate::` before each single name that a `!` and a delimiter follow.
fn local_calls(text: &str, all: &mut Vec<Template>) {
    let tokens: Vec<Token> =
        Tokens::new(text, whole(text), TextStart::Piece).filter(Token::is_code).collect();
    let mut copied = 0;
    for (at, token) in tokens.iter().enumerate() {
        let kind = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map(|token| token.kind);
        let is_called = token.kind == TokenKind::Ident
            && kind(Some(at + 1)) == Some(TokenKind::Bang)
            && matches!(
                kind(Some(at + 2)),
                Some(TokenKind::OpenParen | TokenKind::OpenBrace | TokenKind::OpenBracket)
            );
        let of_path = matches!(kind(at.checked_sub(1)), Some(TokenKind::Colon | TokenKind::Dot));
        if is_called && !of_path {
            let before = Span::new(copied, token.span.start).of(text).trim();
            if !before.is_empty() {
                all.push(Template::Text(before.to_owned()));
            }
            all.push(Template::Crate);
            all.push(Template::Text("::".to_owned()));
            copied = token.span.start;
        }
    }
    let rest = text.get(copied as usize..).unwrap_or_default();
    all.push(Template::Text(rest.to_owned()));
}
