//! What a body mentions beyond single names: paths, names within format strings, text with which SQL writes.

use ra_ap_rustc_lexer::TokenKind;

use super::{token::Token, tree::ident_hash};
use crate::source::Span;

/// The paths that tokens spell, those of one segment where `(` or `!` follows; after `>::` those of several.
#[derive(Debug, Default)]
pub struct Mentions {
    /// The path being read, and how many segments it has; `::name` has two.
    open: Option<(Span, u32)>,
    /// How many `:` came last, where the last but one stands, and whether a `>` stands before them.
    colons: (u32, u32, bool),
    /// What the last token was, and where it starts.
    last: Option<TokenKind>,
    last_start: u32,
    /// Whether the last tokens are `..`.
    range: bool,
    found: Vec<Span>,
}

impl Mentions {
    /// Reads the next token of code.
    pub fn step(&mut self, token: Token) {
        match token.kind {
            TokenKind::Ident | TokenKind::RawIdent => {
                let (colons, at, angle) = self.colons;
                if colons == 2 && self.open.is_some() {
                    if let Some((span, segments)) = &mut self.open {
                        span.end = token.span.end;
                        *segments = (*segments + 1).max(2);
                    }
                } else {
                    self.close();
                    let member = self.last == Some(TokenKind::Dot) && !self.range;
                    self.open = match colons {
                        // A member of `<…>`, or what follows `=>` or a comparison: one name alone is of no crate.
                        2 if angle => Some((Span::new(at, token.span.end), 0)),
                        // `a: ::b` has three.
                        2 | 3 => Some((Span::new(at, token.span.end), 2)),
                        _ if member => None,
                        _ => Some((token.span, 1)),
                    };
                }
                self.colons = (0, 0, false);
            }
            TokenKind::Colon => {
                let (count, _, angle) = self.colons;
                let angle = if count == 0 { self.last == Some(TokenKind::Gt) } else { angle };
                let at = if count == 0 { token.span.start } else { self.last_start };
                self.colons = (count + 1, at, angle);
            }
            _ => {
                if let (TokenKind::OpenParen | TokenKind::Bang, Some((span, 1))) =
                    (token.kind, self.open)
                {
                    self.found.push(span);
                }
                self.close();
                self.colons = (0, 0, false);
            }
        }
        self.range = token.kind == TokenKind::Dot && self.last == Some(TokenKind::Dot);
        self.last = Some(token.kind);
        self.last_start = token.span.start;
    }

    fn close(&mut self) {
        if let Some((span, 2..)) = self.open.take() {
            self.found.push(span);
        }
    }

    /// The paths, each text once, by the hash of that text.
    pub fn finish(mut self, text: &str) -> Box<[Span]> {
        self.close();
        let mut found: Vec<(u32, Span)> =
            self.found.into_iter().map(|span| (ident_hash(span.of(text)), span)).collect();
        found.sort_unstable_by(|(a, at), (b, bt)| {
            a.cmp(b).then_with(|| at.of(text).cmp(bt.of(text))).then(at.start.cmp(&bt.start))
        });
        found.dedup_by(|(_, a), (_, b)| a.of(text) == b.of(text));
        found.into_iter().map(|(_, span)| span).collect()
    }
}

/// The names that stand as `{name}` or `{name:…}` in a string literal.
pub fn names_in_format(literal: &str) -> impl Iterator<Item = &str> {
    literal.split('{').skip(1).filter_map(|rest| {
        let rest = rest.trim_start();
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_')?;
        let (name, after) = rest.split_at(end);
        let after = after.trim_start();
        let starts = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
        (starts && after.starts_with(['}', ':'])).then_some(name)
    })
}

/// Whether a literal holds a verb with which SQL writes, or the second word of one.
///
/// Escapes by number may spell anything.
pub fn may_write(literal: &[u8]) -> bool {
    const VERBS: [&[u8]; 9] = [
        b"insert",
        b"update",
        b"delete",
        b"merge",
        b"truncate",
        b"replace",
        b"copy",
        b"load",
        b"into",
    ];
    literal.windows(2).any(|pair| matches!(pair, b"\\x" | b"\\u" | b"\\\n" | b"\\\r"))
        || literal.iter().enumerate().any(|(at, byte)| {
            matches!(byte | 0x20, b'i' | b'u' | b'd' | b'm' | b't' | b'r' | b'c' | b'l')
                && VERBS.iter().any(|verb| {
                    literal
                        .get(at..at + verb.len())
                        .is_some_and(|word| word.eq_ignore_ascii_case(verb))
                })
        })
}

/// Whether a literal may be part of a statement that writes: it holds a verb, or goes on after one.
pub fn may_be_part(literal: &[u8]) -> bool {
    let goes_on = |word: &[u8]| literal.windows(word.len()).any(|at| at.eq_ignore_ascii_case(word));
    may_write(literal) || goes_on(b"from ") || goes_on(b"set ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::token::{TextStart, Tokens, whole};

    fn paths(text: &str) -> Vec<&str> {
        let mut mentions = Mentions::default();
        Tokens::new(text, whole(text), TextStart::Piece)
            .filter(Token::is_code)
            .for_each(|token| mentions.step(token));
        let mut paths: Vec<&str> = mentions.finish(text).iter().map(|span| span.of(text)).collect();
        paths.sort_unstable();
        paths
    }

    #[test]
    fn paths_of_several_segments_are_read_once() {
        assert_eq!(
            paths("a::b(c, d::e::f); a::b; x.y::<g::h>(); ..i::j"),
            ["a::b", "d::e::f", "g::h", "i::j"]
        );
        assert_eq!(
            paths("let a: ::b::c = Vec::<T>::new(); <X as Y>::z; k :: l"),
            ["::b::c", "k :: l"]
        );
        assert_eq!(paths("$crate::a; S { a: b, c: ::d }; r#a::b"), ["::d", "crate::a", "r#a::b"]);
    }

    #[test]
    fn names_that_are_called_are_read() {
        assert_eq!(paths("a(b.c(d)); e!{}; if f != g {}"), ["a", "e", "f"]);
    }

    #[test]
    fn names_in_strings_are_read() {
        let names: Vec<&str> = names_in_format("\"{a} {b:?} {} {0} {{c}} {d.e} {f\"").collect();
        assert_eq!(names, ["a", "b", "c"]);
    }

    #[test]
    fn verbs_are_found_in_any_case() {
        assert!(may_write(b"InSeRt"));
        assert!(may_write(b"ERT INTO x"));
        assert!(!may_write(b"select inser"));
    }
}
