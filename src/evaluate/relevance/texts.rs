//! Texts that a body has through a macro and does not spell: of a file, or of the names that it is given.

use ra_ap_rustc_lexer::{LiteralKind, TokenKind};

use super::{
    names::called_macros,
    sql_words::{self, VERBS},
};
use crate::{
    link::Program,
    source::{FileId, Span},
    syntax::{
        literal,
        token::{TextStart, Token, Tokens},
        tree::{Body, ident_hash},
    },
};

/// Macros that give code or text which the body does not spell.
pub(super) const TEXTS: [&str; 3] = ["include", "include_str", "include_bytes"];
/// The macro whose text is the names that it is given.
pub(super) const STRINGIFY: &str = "stringify";

/// Whether a body may call one of [`TEXTS`].
pub(super) fn includes(body: &Body) -> bool {
    TEXTS.iter().any(|name| calls(body, name))
}

fn calls(body: &Body, name: &str) -> bool {
    called_macros(body).binary_search(&ident_hash(name)).is_ok()
}

/// Whether what a body includes may write, or cannot be told.
pub(super) fn included_may_write(program: &Program, file: FileId, body: &Body) -> bool {
    let [code, texts @ ..] = TEXTS;
    if calls(body, code) {
        return true;
    }
    if !texts.iter().any(|name| calls(body, name)) {
        return false;
    }
    let text = program.text(file);
    let tokens = code_of(&text, body.span);
    let path = program.sources().path(file).to_owned();
    let base = path.rsplit_once('/').map_or("", |(base, _)| base);
    let mut named = tokens.iter().enumerate().filter(|(_, token)| {
        token.kind == TokenKind::Ident && texts.contains(&token.span.of(&text))
    });
    let mut count = 0;
    let may = named.any(|(at, _)| {
        count += 1;
        let included = path_of(&text, tokens.get(at + 1..).unwrap_or_default());
        let included = included.and_then(|path| program.attachment(base, &path));
        included.is_none_or(|text| sql_words::may_be_part(&text))
    });
    // It may stand where no token of this text says so.
    may || count == 0
}

/// The path that a macro is given as a literal: `!("…")`.
fn path_of(text: &str, tokens: &[Token]) -> Option<String> {
    let [bang, _, path, close, ..] = tokens else { return None };
    let TokenKind::Literal { kind, .. } = path.kind else { return None };
    let is_text = matches!(kind, LiteralKind::Str { .. } | LiteralKind::RawStr { .. });
    let is_alone = matches!(
        close.kind,
        TokenKind::CloseParen | TokenKind::CloseBracket | TokenKind::CloseBrace | TokenKind::Comma
    );
    (bang.kind == TokenKind::Bang && is_text && is_alone)
        .then(|| literal::text(kind, path.span.of(text)))?
}

/// Whether what a macro is given in a range has the verb of a statement as a word of its own.
///
/// - `is_macro`: whether the range is that of a macro, of which everything may be given on.
pub(super) fn gives_verb(text: &str, range: Span, is_macro: bool) -> bool {
    let tokens = code_of(text, range);
    let mut around = vec![is_macro];
    let kind = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map(|token| token.kind);
    for (at, token) in tokens.iter().enumerate() {
        let before = kind(at.checked_sub(1));
        match token.kind {
            TokenKind::OpenParen | TokenKind::OpenBracket | TokenKind::OpenBrace => {
                let is_call =
                    before == Some(TokenKind::Bang) && kind(at.checked_sub(2)).is_some_and(is_name);
                let inside = around.last().copied().unwrap_or(is_macro);
                around.push(inside || is_call);
            }
            TokenKind::CloseParen | TokenKind::CloseBracket | TokenKind::CloseBrace => {
                around.pop();
            }
            found if is_name(found) && around.last().copied().unwrap_or(true) => {
                let word = token.span.of(text).trim_start_matches("r#");
                let is_part = matches!(before, Some(TokenKind::Dot | TokenKind::Colon))
                    || kind(Some(at + 1)).is_some_and(goes_on_as_code);
                if !is_part && VERBS.iter().any(|verb| verb.eq_ignore_ascii_case(word)) {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

/// Whether a token behind a name makes that the name of a call, a path, a place or a type.
fn goes_on_as_code(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::OpenParen
            | TokenKind::OpenBrace
            | TokenKind::Dot
            | TokenKind::Colon
            | TokenKind::Bang
            | TokenKind::Eq
            | TokenKind::Lt
            | TokenKind::Question
    )
}

fn is_name(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::Ident | TokenKind::RawIdent)
}

fn code_of(text: &str, range: Span) -> Vec<Token> {
    Tokens::new(text, range, TextStart::Piece).filter(Token::is_code).collect()
}

#[cfg(test)]
mod tests {
    use super::gives_verb;
    use crate::syntax::token::whole;

    #[test]
    fn verbs_that_a_macro_is_given_are_told_from_calls() {
        let given = |text: &str| gives_verb(text, whole(text), false);
        for text in ["sql!(delete from users)", "m!(users, DELETE)", "m!({ update $t })"] {
            assert!(given(text), "{text}");
        }
        for text in [
            "let update = 1; stringify!(users)",
            "debug!(a.update, Kind::Copy, load(x), copy.len())",
            "m!(delete_all)",
        ] {
            assert!(!given(text), "{text}");
        }
        assert!(gives_verb("stringify!($t) => delete", whole("stringify!($t) => delete"), true));
    }
}
