//! The paths that the arguments of an attribute spell, as code and within texts.
//!
//! `value_parser = parse`, `custom(check)` and `default(note())` hold code; `default = "note"` and `convert = "{ note() }"`
//! hold a text that a macro reads as code.

use ra_ap_rustc_lexer::{LiteralKind, TokenKind};

use super::{
    body::parse_expr,
    token::{TextStart, Token, Tokens, whole},
    tree::Name,
};
use crate::source::Span;

/// Keys whose text is a name or a text for others, never a path: what an attribute is to call something outside.
const TEXT_KEYS: [&str; 30] = [
    "about",
    "alias",
    "aliases",
    "code",
    "content",
    "context_path",
    "description",
    "doc",
    "env",
    "fmt",
    "help",
    "id",
    "key",
    "long",
    "message",
    "name",
    "note",
    "operation_id",
    "path",
    "reason",
    "rename",
    "serialize",
    "summary",
    "table_name",
    "tag",
    "tags",
    "target",
    "title",
    "to_string",
    "value_name",
];

/// A path in the arguments of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MentionedPath {
    /// `::a::b`.
    pub global: bool,
    /// Its names, type arguments left out; `self.a` has `Self` and `a`.
    pub segments: Vec<Name>,
    /// Its bytes, or those of the text that it stands in.
    pub span: Span,
    /// Whether it stands in a text.
    pub in_text: bool,
}

/// The paths at `span` of a text, keys (`key = …`) left out.
pub fn mentioned_paths(text: &str, span: Span) -> Vec<MentionedPath> {
    let mut found = Vec::new();
    collect(text, span, None, &mut found);
    found
}

/// - `within`: the text that holds this one.
fn collect(text: &str, span: Span, within: Option<Span>, found: &mut Vec<MentionedPath>) {
    let code: Vec<Token> =
        Tokens::new(text, span, TextStart::Piece).filter(Token::is_code).collect();
    let kind = |at: usize| code.get(at).map(|token| token.kind);
    // The name before each group that is open, and the key of what stands next.
    let mut groups: Vec<Option<&str>> = Vec::new();
    let mut key: Option<&str> = None;
    let mut last: Option<&str> = None;
    let mut at = 0;
    while let Some(token) = code.get(at) {
        let word = std::mem::take(&mut last);
        match token.kind {
            TokenKind::Ident | TokenKind::RawIdent | TokenKind::Colon => {
                let is_member = at.checked_sub(1).and_then(kind) == Some(TokenKind::Dot);
                let of_self = at.checked_sub(2).and_then(|of| code.get(of));
                let of_self = of_self.is_some_and(|of| of.span.of(text) == "self");
                let path = path_at(text, &code, at).filter(|_| !is_member || of_self);
                let Some((mut path, next)) = path else {
                    at += 1;
                    continue;
                };
                if is_member {
                    path.segments.insert(0, Name::new_static("Self"));
                }
                let is_equals = kind(next) == Some(TokenKind::Eq)
                    && !matches!(kind(next + 1), Some(TokenKind::Eq | TokenKind::Gt));
                if path.segments.len() == 1 && is_equals {
                    key = Some(token.span.of(text));
                    at = next + 1;
                    continue;
                }
                last = Some(token.span.of(text));
                let span = within.unwrap_or(path.span);
                found.push(MentionedPath { span, in_text: within.is_some(), ..path });
                at = next;
                continue;
            }
            TokenKind::OpenParen | TokenKind::OpenBrace | TokenKind::OpenBracket => {
                groups.push(word.or(key));
                key = None;
            }
            TokenKind::CloseParen | TokenKind::CloseBrace | TokenKind::CloseBracket => {
                groups.pop();
                key = None;
            }
            TokenKind::Comma => key = None,
            TokenKind::Literal {
                kind: LiteralKind::Str { .. } | LiteralKind::RawStr { .. },
                ..
            } if within.is_none() => {
                let key = key.or_else(|| groups.last().copied().flatten());
                in_literal(token.span.of(text), key, token.span, found);
            }
            _ => {}
        }
        at += 1;
    }
}

/// What a text names: it is a path under a key that is not for texts, or an expression that calls something.
fn in_literal(literal: &str, key: Option<&str>, span: Span, found: &mut Vec<MentionedPath>) {
    let inner = literal.trim_start_matches('r').trim_matches('#');
    let Some(inner) = inner.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')) else {
        return;
    };
    let is_path = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '<' | '>' | ' ' | ',');
    let names_something = inner.chars().all(is_path)
        && key.is_some_and(|key| !TEXT_KEYS.contains(&key) && !key.starts_with("rename"));
    let calls = || inner.contains('(') && parse_expr(inner, whole(inner)).is_ok();
    if names_something || calls() {
        collect(inner, whole(inner), Some(span), found);
    }
}

/// The path that starts at a token, and the token after it.
fn path_at(text: &str, code: &[Token], start: usize) -> Option<(MentionedPath, usize)> {
    let kind = |at: usize| code.get(at).map(|token| token.kind);
    let colons =
        |at: usize| kind(at) == Some(TokenKind::Colon) && kind(at + 1) == Some(TokenKind::Colon);
    let name = |at: usize| {
        let token =
            code.get(at).filter(|t| matches!(t.kind, TokenKind::Ident | TokenKind::RawIdent));
        token.map(|token| token.span.of(text).trim_start_matches("r#"))
    };
    let global = colons(start);
    let mut at = if global { start + 2 } else { start };
    let mut segments = vec![Name::from(name(at)?)];
    at += 1;
    while colons(at) {
        if let Some(name) = name(at + 2) {
            segments.push(name.into());
            at += 3;
        } else if kind(at + 2) == Some(TokenKind::Lt) {
            at = after_angles(code, at + 2);
        } else {
            break;
        }
    }
    let end = code.get(at.checked_sub(1)?)?.span.end;
    let span = Span::new(code.get(start)?.span.start, end);
    Some((MentionedPath { global, segments, span, in_text: false }, at))
}

/// The token after the `>` of the `<` at `start`.
fn after_angles(code: &[Token], start: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in code.iter().enumerate().skip(start) {
        match token.kind {
            TokenKind::Lt => depth += 1,
            TokenKind::Gt => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    code.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Vec<String> {
        let found = mentioned_paths(text, whole(text));
        found.iter().map(|one| one.segments.join("::")).collect()
    }

    #[test]
    fn code_is_read() {
        assert_eq!(paths("long, value_parser = p::<A>::q"), ["long", "p::q"]);
        assert_eq!(paths("custom(check)"), ["custom", "check"]);
        assert_eq!(paths("id = self.id(), of = x.of()"), ["self", "Self::id", "x"]);
        assert_eq!(paths("fields(n = note(), ok = a == b)"), ["fields", "note", "a", "b"]);
    }

    #[test]
    fn texts_that_are_code_are_read() {
        assert_eq!(paths("default = \"a::note\""), ["a::note"]);
        assert_eq!(paths("custom(\"check\")"), ["custom", "check"]);
        assert_eq!(paths("convert = r#\"{ note(x) }\"#"), ["note", "x"]);
    }

    #[test]
    fn texts_for_people_are_not() {
        assert_eq!(paths("\"pay\""), Vec::<String>::new());
        assert_eq!(paths("rename = \"pay\", name = \"pay\""), Vec::<String>::new());
        assert_eq!(paths("\"charge() failed: {}\""), Vec::<String>::new());
    }
}
