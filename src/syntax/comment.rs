//! Comments that address this program, and the line of code each covers.

use ra_ap_rustc_lexer::TokenKind;

use super::token::{TextStart, Token, Tokens, offset};
use super::tree::Suppression;
use crate::source::Span;

/// What such a comment starts with.
const ADDRESS: &str = "contract-check:";

/// The comments of one text that address this program.
#[derive(Debug, Default)]
pub struct Comments {
    found: Vec<(Span, String)>,
}

impl Comments {
    /// Keeps the comment at `span` if it addresses this program. Doc comments are not to be shown to it.
    pub fn meet(&mut self, text: &str, span: Span) {
        let comment = span.of(text);
        let inner = match comment.strip_prefix("//") {
            Some(line) => line,
            None => comment.trim_start_matches("/*").trim_end_matches("*/"),
        };
        if let Some(said) = inner.trim().strip_prefix(ADDRESS) {
            self.found.push((span, said.trim().to_owned()));
        }
    }

    /// Says what each covers.
    pub fn suppressions(self, text: &str, range: Span) -> Vec<Suppression> {
        let covered = |span| covered(text, range, span);
        self.found
            .into_iter()
            .map(|(span, said)| Suppression { span, text: said, covers: covered(span) })
            .collect()
    }
}

/// The line that holds byte `at`, without its line ending.
fn line_of(text: &str, at: u32) -> Span {
    let (before, after) = text.split_at_checked(at as usize).unwrap_or((text, ""));
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let len = after.find('\n').unwrap_or(after.len());
    let end = before.len() + len;
    let line = text.get(start..end).unwrap_or("");
    Span::new(offset(start), offset(start + line.trim_end_matches('\r').len()))
}

/// The line the comment at `span` covers: its own if code stands on it, else the next line of code directly below.
fn covered(text: &str, range: Span, span: Span) -> Option<Span> {
    let own = line_of(text, span.start);
    let before = Span::new(own.start.max(range.start), span.start);
    if Tokens::new(text, before, TextStart::Piece).any(|token| token.is_code()) {
        return Some(own);
    }
    let mut brackets = 0_u32;
    let mut attribute = false;
    for token in Tokens::new(text, Span::new(span.end, range.end), TextStart::Piece) {
        if brackets > 0 {
            brackets = match token.kind {
                TokenKind::OpenBracket => brackets + 1,
                TokenKind::CloseBracket => brackets - 1,
                _ => brackets,
            };
            continue;
        }
        match token.kind {
            TokenKind::Whitespace if token.span.of(text).matches('\n').count() > 1 => return None,
            TokenKind::Pound => attribute = true,
            TokenKind::Bang if attribute => {}
            TokenKind::OpenBracket if attribute => {
                attribute = false;
                brackets = 1;
            }
            _ if Token::is_code(&token) => return Some(line_of(text, token.span.start)),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::scan::Scan;
    use crate::syntax::token::whole;

    fn covers(text: &str) -> Vec<(String, Option<&str>)> {
        let scan = Scan::new(text, whole(text), TextStart::File).unwrap();
        scan.suppressions
            .into_iter()
            .map(|found| (found.text, found.covers.map(|line| line.of(text))))
            .collect()
    }

    #[test]
    fn a_trailing_comment_covers_its_line() {
        let said = covers(
            "fn a() {\r\n    b(); // contract-check: allow(bare-route)\r\n    c();\r\n}\r\n",
        );
        assert_eq!(
            said,
            [("allow(bare-route)".into(), Some("    b(); // contract-check: allow(bare-route)"))]
        );
    }

    #[test]
    fn a_lone_comment_covers_the_next_line_of_code() {
        let text = "// contract-check: x\n// other\n#[a(\n\n)]\n/// doc\nfn a() {}\nfn b() {}";
        assert_eq!(covers(text), [("x".into(), Some("fn a() {}"))]);
        assert_eq!(covers("/* contract-check: x */\n\nfn a() {}"), [("x".into(), None)]);
        assert_eq!(covers("// contract-check: x"), [("x".into(), None)]);
    }

    #[test]
    fn doc_comments_and_strings_say_nothing() {
        assert_eq!(covers("/// contract-check: x\nfn a() { \"// contract-check: y\" }"), []);
    }
}
