//! Conditions, visibility and other small readings of attribute text.
//!
//! `test` is decided here; every other option stays unknown.

use ra_ap_rustc_lexer::{FrontmatterAllowed, TokenKind, tokenize};
use thin_vec::ThinVec;

use crate::{
    source::Span,
    syntax::tree::{Cfg, Item},
};

/// What is left of a condition once `test` is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decided {
    /// It always holds.
    True,
    /// It never holds.
    False,
    /// It depends on this.
    Open(Cfg),
}

/// Decides `cfg` with `test` false, or unknown when tests are scanned.
pub fn decide(cfg: &Cfg, include_tests: bool) -> Decided {
    match cfg {
        Cfg::Test if include_tests => Decided::Open(Cfg::Test),
        Cfg::Test => Decided::False,
        Cfg::Option(_) => Decided::Open(cfg.clone()),
        Cfg::Not(inner) => match decide(inner, include_tests) {
            Decided::True => Decided::False,
            Decided::False => Decided::True,
            Decided::Open(open) => Decided::Open(Cfg::Not(Box::new(open))),
        },
        Cfg::All(parts) => many(parts, include_tests, true),
        Cfg::Any(parts) => many(parts, include_tests, false),
    }
}

/// `all` (every part holds) or `any` (one does).
fn many(parts: &[Cfg], include_tests: bool, all: bool) -> Decided {
    let mut open = ThinVec::new();
    for part in parts {
        match decide(part, include_tests) {
            Decided::True if all => {}
            Decided::False if !all => {}
            Decided::True => return Decided::True,
            Decided::False => return Decided::False,
            Decided::Open(part) => open.push(part),
        }
    }
    match (open.len(), open.pop()) {
        (1, Some(one)) => Decided::Open(one),
        (_, Some(last)) => {
            open.push(last);
            Decided::Open(if all { Cfg::All(open) } else { Cfg::Any(open) })
        }
        _ if all => Decided::True,
        _ => Decided::False,
    }
}

/// Both conditions hold.
pub fn both(outer: Option<&Cfg>, inner: Option<&Cfg>) -> Option<Cfg> {
    match (outer, inner) {
        (None, None) => None,
        (Some(one), None) | (None, Some(one)) => Some(one.clone()),
        (Some(outer), Some(inner)) => {
            let mut parts = ThinVec::new();
            for side in [outer, inner] {
                let list = if let Cfg::All(list) = side {
                    list.as_slice()
                } else {
                    std::slice::from_ref(side)
                };
                for part in list {
                    if !parts.contains(part) {
                        parts.push(part.clone());
                    }
                }
            }
            if parts.len() == 1 { parts.pop() } else { Some(Cfg::All(parts)) }
        }
    }
}

/// Reads `all(test, feature = "x")`; an unreadable condition is an option of its own.
pub fn parse(text: &str) -> Cfg {
    let text = text.trim();
    let list =
        |inner: &str| split_commas(inner).iter().map(|part| parse(part)).collect::<ThinVec<_>>();
    match text {
        "test" => return Cfg::Test,
        "true" => return Cfg::All(ThinVec::new()),
        "false" => return Cfg::Any(ThinVec::new()),
        _ => {}
    }
    if let Some((head, rest)) = text.split_once('(') {
        let inner = rest.trim_end().trim_end_matches(')');
        let inner = rest.get(..rest.rfind(')').unwrap_or(inner.len())).unwrap_or(inner);
        match head.trim() {
            "all" => return Cfg::All(list(inner)),
            "any" => return Cfg::Any(list(inner)),
            "not" => return Cfg::Not(Box::new(parse(inner))),
            _ => {}
        }
    }
    Cfg::option(text.chars().filter(|c| !c.is_whitespace()).collect::<String>())
}

/// Splits at the commas outside parentheses and strings.
fn split_commas(text: &str) -> Vec<&str> {
    let (mut depth, mut quoted, mut start, mut parts) = (0_u32, false, 0, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            ',' if !quoted && depth == 0 => {
                parts.push(text.get(start..at).unwrap_or(""));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or(""));
    parts.retain(|part| !part.trim().is_empty());
    parts
}

/// The value of a plain string literal, with what surrounds it trimmed.
pub fn string_literal(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches('=').trim().trim_end_matches(',').trim_end();
    if let Some(raw) = text.strip_prefix('r') {
        let inner = raw.trim_matches('#');
        return Some(inner.strip_prefix('"')?.strip_suffix('"')?.to_owned());
    }
    unescaped(text.strip_prefix('"')?.strip_suffix('"')?)
}

/// What stands between the quotes of a literal, its escapes read; nothing if the literal ends earlier.
fn unescaped(inner: &str) -> Option<String> {
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c == '"' {
            return None;
        }
        if c != '\\' {
            out.push(c);
            continue;
        }
        out.push(match chars.next()? {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '0' => '\0',
            'x' => hex(&chars.by_ref().take(2).collect::<String>())?,
            'u' => {
                let digits: String = chars.by_ref().take_while(|c| *c != '}').collect();
                hex(&digits.strip_prefix('{')?.replace('_', ""))?
            }
            other => other,
        });
    }
    Some(out)
}

fn hex(digits: &str) -> Option<char> {
    u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)
}

/// Who may name an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// The module so many above its own, and what is inside: none above is private.
    Above(u8),
    /// The module around its own that is so deep in its crate, and what is inside: none deep is the crate.
    Depth(u8),
    /// Everyone.
    Public,
}

/// One token that is neither blank nor comment.
#[derive(Debug, Clone, Copy)]
pub struct Token {
    /// Its kind.
    pub kind: TokenKind,
    /// Its bytes in the text given.
    pub span: Span,
}

/// The tokens of `text`, blanks and comments left out.
pub fn tokens(text: &str) -> impl Iterator<Item = Token> + '_ {
    let mut at = 0_u32;
    tokenize(text, FrontmatterAllowed::No)
        .map(move |token| {
            let start = at;
            at += token.len;
            Token { kind: token.kind, span: Span::new(start, at) }
        })
        .filter(|token| {
            !matches!(
                token.kind,
                TokenKind::Whitespace
                    | TokenKind::LineComment { .. }
                    | TokenKind::BlockComment { .. }
            )
        })
}

/// Reads an item's visibility from its first tokens after the attributes.
pub fn visibility(text: &str, item: &Item) -> Visibility {
    let text = item.span.of(text);
    let mut depth = 0_u32;
    let mut tokens = tokens(text);
    let mut attribute = false;
    while let Some(token) = tokens.next() {
        match token.kind {
            TokenKind::Pound => attribute = true,
            TokenKind::OpenBracket => depth += 1,
            TokenKind::CloseBracket => {
                depth = depth.saturating_sub(1);
                attribute &= depth > 0;
            }
            _ if attribute => {}
            TokenKind::Ident if token.span.of(text) == "pub" => {
                let open = tokens.next().is_some_and(|next| next.kind == TokenKind::OpenParen);
                let word =
                    if open { tokens.next().map_or("", |word| word.span.of(text)) } else { "" };
                return match word {
                    "crate" => Visibility::Depth(0),
                    "in" => within(tokens.map(|token| token.span.of(text))),
                    "super" => Visibility::Above(1),
                    "self" => Visibility::Above(0),
                    _ => Visibility::Public,
                };
            }
            _ => return Visibility::Above(0),
        }
    }
    Visibility::Above(0)
}

/// The visibility that `pub(in path)` means, from the tokens of the path on: the path names a module around the item.
fn within<'t>(tokens: impl Iterator<Item = &'t str>) -> Visibility {
    let path = tokens.take_while(|token| *token != ")").filter(|token| *token != ":");
    let (mut above, mut deep) = (None::<u8>, 0_u8);
    for name in path {
        match name {
            "self" => above = Some(0),
            "super" => above = Some(above.unwrap_or(0).saturating_add(1)),
            "crate" => {}
            // A macro's crate need not be the one of its call.
            "$" => return Visibility::Depth(0),
            _ => deep = deep.saturating_add(1),
        }
    }
    above.map_or(Visibility::Depth(deep), Visibility::Above)
}
