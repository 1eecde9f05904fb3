//! The names that stand in a text, wherever they stand.

use ra_ap_rustc_lexer::TokenKind;

use super::token::{TextStart, Token, Tokens, whole};
use crate::source::Span;

/// One name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    /// Its bytes.
    pub span: Span,
    /// The name that `as` gives it there.
    pub renamed: Option<Span>,
}

/// All names of a text in order, keywords among them; those in comments and literals are none.
pub fn named(text: &str) -> Vec<Named> {
    let code: Vec<Token> =
        Tokens::new(text, whole(text), TextStart::File).filter(Token::is_code).collect();
    let is_name = |token: &Token| matches!(token.kind, TokenKind::Ident | TokenKind::RawIdent);
    let renamed = |at: usize| match (code.get(at + 1), code.get(at + 2)) {
        (Some(word), Some(name)) if word.span.of(text) == "as" && is_name(name) => Some(name.span),
        _ => None,
    };
    let names = code.iter().enumerate().filter(|(_, token)| is_name(token));
    names.map(|(at, token)| Named { span: token.span, renamed: renamed(at) }).collect()
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn renames_are_read() {
        let text = "use a::B as C; // D\nfn f() { \"E\"; }";
        let found: Vec<(&str, Option<&str>)> = named(text)
            .iter()
            .map(|one| (one.span.of(text), one.renamed.map(|renamed| renamed.of(text))))
            .collect();
        let plain = |name| (name, None);
        let all = [
            plain("use"),
            plain("a"),
            ("B", Some("C")),
            plain("as"),
            plain("C"),
            plain("fn"),
            plain("f"),
        ];
        assert_eq!(found, all);
    }
}
