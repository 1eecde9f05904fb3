//! What a file says, apart from how it is set: its tokens, without blanks, comments and the tests that stand in it.
//!
//! Two texts of one [`Code`] mean the same to every later stage, their places apart. Between two tokens it only counts
//! whether there is anything: `a :: b` is one path however far its parts are, `: :` is none. Doc comments count where a
//! macro may see them. A `#[cfg(test)] mod … { … }` of a file counts for nothing, unless it names other files.

use ra_ap_rustc_lexer::TokenKind;
use serde::{Deserialize, Serialize};

use super::SyntaxError;
use super::scan::Scan;
use super::token::{TextStart, Token, whole};
use crate::source::Span;

/// Bytes that are hashed at once.
const PIECE: usize = 16 << 10;

/// How a module of tests begins.
const TEST_MODULE: [(TokenKind, &str); 8] = [
    (TokenKind::Pound, "#"),
    (TokenKind::OpenBracket, "["),
    (TokenKind::Ident, "cfg"),
    (TokenKind::OpenParen, "("),
    (TokenKind::Ident, "test"),
    (TokenKind::CloseParen, ")"),
    (TokenKind::CloseBracket, "]"),
    (TokenKind::Ident, "mod"),
];

/// What a file says, as a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Code {
    /// BLAKE3 of the tokens.
    pub sum: [u8; blake3::OUT_LEN],
    /// Whether modules of tests were left out.
    pub leaves_out_tests: bool,
}

/// What a file says, and the bytes of each token that counts, in order.
///
/// # Errors
/// As [`super::read_tree`].
pub fn tokens(text: &str) -> Result<(Code, Vec<Span>), SyntaxError> {
    let mut reader = CodeReader { tokens: Some(Vec::new()), ..CodeReader::default() };
    Scan::with_code(text, whole(text), TextStart::File, Some(&mut reader))?;
    Ok(reader.finish())
}

/// The tokens of a file as they come.
#[derive(Debug, Default)]
pub struct CodeReader {
    hasher: blake3::Hasher,
    /// What is not hashed yet.
    open: Vec<u8>,
    /// Whether there was a token.
    has_begun: bool,
    /// Whether anything stands between the last token and the next.
    gap: bool,
    tokens: Option<Vec<Span>>,
    /// How much of [`TEST_MODULE`] and the name and brace behind it was met.
    met: usize,
    /// Where that began, and how many tokens there were.
    began: (usize, usize),
    tests: Option<Tests>,
    leaves_out_tests: bool,
}

/// A module of tests being read.
#[derive(Debug)]
struct Tests {
    /// How many delimiters are open around it.
    depth: usize,
    /// Whether it has modules of its own, which may be files.
    has_modules: bool,
}

impl CodeReader {
    /// What only a file can open with: a byte-order mark, a shebang.
    pub fn opening(&mut self, written: &str) {
        self.open.extend_from_slice(written.as_bytes());
        self.has_begun = !written.is_empty();
        self.gap = self.has_begun;
    }

    /// The next token, blanks and comments included.
    ///
    /// - `depth`: how many delimiters are open before it.
    /// - `among_items`: whether an item may begin with it.
    pub fn step(&mut self, text: &str, token: Token, depth: usize, among_items: bool) {
        let opens = matches!(token.kind, TokenKind::Frontmatter { .. });
        if !(token.is_code() || opens || token.is_doc() && !among_items) {
            self.gap = self.has_begun;
            return;
        }
        self.has_begun = true;
        let written = token.span.of(text);
        if self.tests.is_none() {
            self.follow(token.kind, written, depth, among_items);
        }
        if std::mem::take(&mut self.gap) {
            self.open.push(b' ');
        }
        self.open.extend_from_slice(written.as_bytes());
        if let Some(tokens) = &mut self.tokens {
            tokens.push(token.span);
        }
        if let Some(tests) = &mut self.tests {
            tests.has_modules |= token.kind == TokenKind::Ident && written == "mod";
            if token.kind == TokenKind::CloseBrace && depth == tests.depth + 1 {
                self.end_tests();
            }
        } else if self.met == 0 && self.open.len() >= PIECE {
            self.hasher.update(&self.open);
            self.open.clear();
        }
    }

    /// Follows the beginning of a module of tests.
    fn follow(&mut self, kind: TokenKind, written: &str, depth: usize, among_items: bool) {
        let goes_on = match TEST_MODULE.get(self.met) {
            Some((expected, text)) => kind == *expected && written == *text,
            None if self.met == TEST_MODULE.len() => kind == TokenKind::Ident,
            None => kind == TokenKind::OpenBrace,
        };
        if goes_on && (self.met > 0 || among_items) {
            if self.met == 0 {
                self.began = (self.open.len(), self.tokens.as_ref().map_or(0, Vec::len));
            }
            self.met += 1;
            if self.met == TEST_MODULE.len() + 2 {
                self.met = 0;
                self.tests = Some(Tests { depth, has_modules: false });
            }
        } else if self.met > 0 {
            self.met = 0;
            self.follow(kind, written, depth, among_items);
        }
    }

    /// A module of tests is over.
    fn end_tests(&mut self) {
        let Some(tests) = self.tests.take() else { return };
        if tests.has_modules {
            return;
        }
        self.open.truncate(self.began.0);
        if let Some(tokens) = &mut self.tokens {
            tokens.truncate(self.began.1);
        }
        self.gap = true;
        self.leaves_out_tests = true;
    }

    /// What was read.
    pub fn finish(mut self) -> (Code, Vec<Span>) {
        self.hasher.update(&self.open);
        let sum = self.hasher.finalize().into();
        let code = Code { sum, leaves_out_tests: self.leaves_out_tests };
        (code, self.tokens.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> [u8; 32] {
        tokens(text).unwrap().0.sum
    }

    fn words(text: &str) -> Vec<&str> {
        tokens(text).unwrap().1.into_iter().map(|span| span.of(text)).collect()
    }

    #[test]
    fn blanks_comments_and_docs_say_nothing() {
        let before = "mod m { fn a(b: u8) -> u8 { b + 1 } }";
        for after in [
            "// x\nmod m {\n\n  fn a(b: u8) -> u8 { b /* y */ + 1 } // z\n }\n",
            "/// doc\nmod m {\n//! doc\n /** doc */ fn a(b: u8) -> u8 { b + 1 } }",
        ] {
            assert_eq!(code(before), code(after), "{after}");
            assert_eq!(words(before), words(after), "{after}");
        }
    }

    #[test]
    fn tokens_and_what_joins_them_count() {
        let all = [
            "fn a() { b::c }",
            "fn a() { b: :c }",
            "fn a() { b::d }",
            "fn a() { b::c; }",
            "fn a() { \"b::c\" }",
            "fn a() { \"b ::c\" }",
            "fn a() { m!(/// x\n b::c) }",
            "fn a() { m!(/// y\n b::c) }",
            "m! { /// x\n fn a() {} }",
            "m! { /// y\n fn a() {} }",
            "/** x */ fn a() { b::c } fn d() {}",
        ];
        for (at, one) in all.iter().enumerate() {
            for other in all.iter().skip(at + 1) {
                assert_ne!(code(one), code(other), "{one} and {other}");
            }
        }
    }

    #[test]
    fn modules_of_tests_are_left_out() {
        let before = "fn a() { 1 }\nfn b() {}";
        for after in [
            "fn a() { 1 }\n#[cfg(test)]\nmod tests { fn c() { { } } }\nfn b() {}",
            "fn a() { 1 } fn b() {} #[cfg(test)] mod tests { use super::*; }",
        ] {
            assert_eq!(code(before), code(after), "{after}");
            assert_eq!(words(before), words(after), "{after}");
            assert!(tokens(after).unwrap().0.leaves_out_tests);
        }
        for after in [
            "fn a() { 1 }\n#[cfg(test)]\nmod tests { mod files; }\nfn b() {}",
            "fn a() { 1 }\n#[cfg(test)]\nmod tests;\nfn b() {}",
            "fn a() { 1 }\n#[cfg(test)] fn c() {}\nfn b() {}",
            "fn a() { 1 }\n#[cfg(not(test))] mod c {}\nfn b() {}",
            "fn a() { 1 }\nm! { #[cfg(test)] mod c {} }\nfn b() {}",
            "fn a() { #[cfg(test)] mod c {} 1 }\nfn b() {}",
        ] {
            assert_ne!(code(before), code(after), "{after}");
            assert!(!tokens(after).unwrap().0.leaves_out_tests);
        }
        let long = format!("fn a() {{ {} }}", "b(); ".repeat(PIECE));
        let tests = "#[cfg(test)] mod tests { fn c() {} }";
        assert_eq!(code(&format!("{long} {tests}")), code(&long));
        assert_eq!(code("fn a() { 1 } ##[cfg(test)] mod t {}"), { code("fn a() { 1 } #") });
    }

    #[test]
    fn what_only_a_file_opens_with_counts() {
        assert_ne!(code("#!/usr/bin/env a\nfn a() {}"), code("#!/usr/bin/env b\nfn a() {}"));
        assert_ne!(code("---\na = 1\n---\nfn a() {}"), code("fn a() {}"));
    }
}
