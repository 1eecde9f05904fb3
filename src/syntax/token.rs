//! The tokens of a text with their bytes, by the compiler's own lexer.
//!
//! Comments and blanks are tokens too. Prefixes that only edition 2024 reserves come as the tokens they were before,
//! since `syn` and older editions read them so.

use ra_ap_rustc_lexer::{Cursor, FrontmatterAllowed, TokenKind, strip_shebang};

use crate::source::Span;

/// Whether a text may open with what only a file can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextStart {
    /// A file on disk: byte-order mark, shebang and front matter may come first.
    File,
    /// A piece of a file or of an expansion.
    Piece,
}

/// One token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// Its kind.
    pub kind: TokenKind,
    /// Its bytes in the whole text.
    pub span: Span,
}

impl Token {
    /// Whether it is neither blank nor a comment.
    pub fn is_code(&self) -> bool {
        !matches!(
            self.kind,
            TokenKind::Whitespace
                | TokenKind::LineComment { .. }
                | TokenKind::BlockComment { .. }
                | TokenKind::Frontmatter { .. }
        )
    }

    /// Whether it is a doc comment.
    pub fn is_doc(&self) -> bool {
        matches!(
            self.kind,
            TokenKind::LineComment { doc_style: Some(_) }
                | TokenKind::BlockComment { doc_style: Some(_), .. }
        )
    }
}

/// Iterates over the tokens of a range of a text.
pub struct Tokens<'a> {
    rest: &'a str,
    cursor: Cursor<'a>,
    at: u32,
}

impl<'a> Tokens<'a> {
    /// The tokens of `range`; what only a file can open with is dropped, except front matter, which is a token.
    pub fn new(text: &'a str, range: Span, start: TextStart) -> Self {
        let mut at = range.start;
        let mut rest = range.of(text);
        let mut frontmatter = FrontmatterAllowed::No;
        if start == TextStart::File {
            frontmatter = FrontmatterAllowed::Yes;
            let skipped = file_opening(rest);
            at += offset(skipped);
            rest = rest.get(skipped..).unwrap_or("");
        }
        Self { rest, cursor: Cursor::new(rest, frontmatter), at }
    }

    /// Where the next token starts.
    pub fn position(&self) -> u32 {
        self.at
    }
}

/// How many bytes a byte-order mark and a shebang take.
fn file_opening(text: &str) -> usize {
    let mark = if text.starts_with('\u{feff}') { 3 } else { 0 };
    mark + text.get(mark..).and_then(strip_shebang).unwrap_or(0)
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let token = self.cursor.advance_token();
        let (kind, len) = match token.kind {
            TokenKind::Eof => return None,
            TokenKind::GuardedStrPrefix => {
                let after = self.rest.get(1..).unwrap_or("");
                self.cursor = Cursor::new(after, FrontmatterAllowed::No);
                (TokenKind::Pound, 1)
            }
            kind => (kind, token.len),
        };
        let span = Span::new(self.at, self.at + len);
        self.at += len;
        self.rest = self.rest.get(len as usize..).unwrap_or("");
        Some(Token { kind, span })
    }
}

/// A byte offset as spans keep it; texts of 4 GB and more are refused before.
pub fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The whole of `text`.
pub fn whole(text: &str) -> Span {
    Span::new(0, offset(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Vec<&str> {
        Tokens::new(text, whole(text), TextStart::File)
            .filter(Token::is_code)
            .map(|token| token.span.of(text))
            .collect()
    }

    #[test]
    fn file_openings_are_dropped() {
        assert_eq!(code("\u{feff}#!/usr/bin/env cargo\nfn a"), ["fn", "a"]);
        assert_eq!(code("#![allow(x)]"), ["#", "!", "[", "allow", "(", "x", ")", "]"]);
        assert_eq!(code("#!/bin/x\n---\n[dependencies]\n---\nfn a"), ["fn", "a"]);
    }

    #[test]
    fn quotes_are_told_apart() {
        assert_eq!(
            code("'a' 'a 'b: r#\"{\"# b'{' '{'"),
            ["'a'", "'a", "'b", ":", "r#\"{\"#", "b'{'", "'{'"]
        );
    }

    #[test]
    fn reserved_prefixes_are_their_parts() {
        assert_eq!(
            code("m!(#\"}\"#, ## x)"),
            ["m", "!", "(", "#", "\"}\"", "#", ",", "#", "#", "x", ")"]
        );
    }
}
