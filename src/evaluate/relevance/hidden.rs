//! Impls within bodies.

use ra_ap_rustc_lexer::TokenKind;
use rustc_hash::FxHashSet;

use crate::{
    source::Span,
    syntax::{
        token::{TextStart, Token, Tokens},
        tree::Name,
    },
};

/// The methods of impls within a body that code outside of it may call.
///
/// What is declared in the body has no name outside: an impl of such a trait is of no use there, and one for such a type
/// is where it is known by a trait of the tree alone.
///
/// - `is_outside`: whether a trait's path leads out of the tree, and to no library whose traits have a meaning.
pub(super) fn methods(text: &str, body: Span, is_outside: impl Fn(&[&str]) -> bool) -> Vec<Name> {
    let tokens: Vec<Token> =
        Tokens::new(text, body, TextStart::Piece).filter(Token::is_code).collect();
    let declared: FxHashSet<&str> = tokens
        .windows(2)
        .filter_map(|pair| match pair {
            [word, name] if declares(word.span.of(text)) => Some(name.span.of(text)),
            _ => None,
        })
        .collect();
    let mut names = Vec::new();
    let mut depth = 0_usize;
    // Where the impls that are open begin.
    let mut open: Vec<usize> = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token.kind {
            TokenKind::OpenBrace => depth += 1,
            TokenKind::CloseBrace => {
                depth = depth.saturating_sub(1);
                if open.last() == Some(&depth) {
                    open.pop();
                }
            }
            TokenKind::Ident if token.span.of(text) == "impl" => {
                let rest = tokens.get(at..).unwrap_or_default();
                let length = rest.iter().take_while(|token| !ends_head(token.kind)).count();
                let head = rest.get(..length).unwrap_or_default();
                let is_block = rest.get(length).is_some_and(|t| t.kind == TokenKind::OpenBrace);
                if is_block && is_of_use(text, head, &declared, &is_outside) {
                    open.push(depth);
                }
            }
            TokenKind::Ident if token.span.of(text) == "fn" => {
                let is_method = open.last().is_some_and(|impl_at| impl_at + 1 == depth);
                if let Some(name) = tokens.get(at).filter(|_| is_method) {
                    let name = name.span.of(text);
                    names.push(Name::from(name.strip_prefix("r#").unwrap_or(name)));
                }
            }
            _ => {}
        }
    }
    names
}

fn declares(word: &str) -> bool {
    matches!(word, "struct" | "enum" | "union" | "trait")
}

fn ends_head(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::OpenBrace | TokenKind::CloseBrace | TokenKind::Semi)
}

/// Whether code outside of the body can come to an impl with that head.
///
/// - `declared`: the types and traits of the body.
fn is_of_use(
    text: &str,
    head: &[Token],
    declared: &FxHashSet<&str>,
    is_outside: impl Fn(&[&str]) -> bool,
) -> bool {
    let (mut of_trait, mut ty): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    let mut angles = 0_u32;
    let mut before = None;
    for token in head {
        match (token.kind, token.span.of(text)) {
            (TokenKind::Lt, _) => angles += 1,
            (TokenKind::Gt, _) if before != Some(TokenKind::Minus) => {
                angles = angles.saturating_sub(1);
            }
            (TokenKind::Ident, "for") if angles == 0 => of_trait = std::mem::take(&mut ty),
            (TokenKind::Ident, "where") if angles == 0 => break,
            (TokenKind::Ident, "mut" | "dyn" | "const" | "unsafe") => {}
            (TokenKind::Ident | TokenKind::RawIdent, name) if angles == 0 => ty.push(name),
            _ => {}
        }
        before = Some(token.kind);
    }
    let is_declared = |name: Option<&&str>| name.is_some_and(|name| declared.contains(name));
    // A path that begins with a name of the body's own is of that.
    let own_type = is_declared(ty.first()) && (of_trait.is_empty() || is_outside(&of_trait));
    !own_type && !is_declared(of_trait.first())
}

#[cfg(test)]
mod tests {
    use super::methods;
    use crate::syntax::token::whole;

    fn found(body: &str) -> Vec<String> {
        let is_outside = |path: &[&str]| path.first() == Some(&"std");
        methods(body, whole(body), is_outside).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn impls_for_types_from_outside_are_found() {
        assert_eq!(found("{ impl Foo { fn a(&self) { fn b() {} } fn r#c() {} } }"), ["a", "c"]);
        assert_eq!(
            found("{ impl<T: X<U>> Tr<T> for &mut Foo<T> where T: Y { fn a() {} } }"),
            ["a"]
        );
        assert_eq!(
            found("{ struct S; impl S { fn b() {} } impl From<S> for Foo { fn a() {} } }"),
            ["a"]
        );
        assert_eq!(found("{ struct S; impl m::S { fn a() {} } }"), ["a"]);
    }

    #[test]
    fn impls_for_what_is_declared_within_are_not() {
        assert_eq!(
            found("{ struct S; impl Tr for S { fn a() {} } Box::new(S) as Box<dyn Tr> }"),
            ["a"]
        );
        for body in [
            "{ struct S; impl std::fmt::Display for S { fn fmt() {} } S }",
            "{ trait T { fn a() {} } impl T for u8 { fn a() {} } }",
            "{ fn a(x: impl Fn()) -> impl Fn() { x } }",
            "{ enum E<T> { A(T) } impl<T> E<T> { fn a() {} } }",
        ] {
            assert_eq!(found(body), [""; 0], "{body}");
        }
    }
}
