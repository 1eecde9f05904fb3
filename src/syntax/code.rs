//! What a file says, apart from how it is set: its tokens, without blanks, comments and the tests that stand in it.
//!
//! Two texts of one [`Code`] mean the same to every later stage, their places apart. Between two tokens it only counts
//! whether there is anything: `a :: b` is one path however far its parts are, `: :` is none. Doc comments count where a
//! macro may see them. A `#[cfg(test)] mod … { … }` of a file counts for nothing, unless it names other files. What is in
//! the body of a function is told apart from the rest.

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

/// A BLAKE3 hash of tokens.
pub type CodeSum = [u8; blake3::OUT_LEN];

/// What a file says, as hashes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Code {
    /// Of the tokens that stand in no body.
    pub outside: CodeSum,
    /// The bodies of the outermost functions, in order.
    pub bodies: Vec<BodyCode>,
    /// Whether modules of tests were left out.
    pub leaves_out_tests: bool,
}

/// What the body of a function says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodyCode {
    /// Its bytes, braces included.
    pub span: Span,
    /// How many tokens that count stand before the first one in it.
    pub first: u32,
    /// How many are in it, the closing brace included.
    pub count: u32,
    /// Of these, the first half of the hash.
    pub sum: [u8; blake3::OUT_LEN / 2],
}

impl Code {
    /// What the file says without what is in some of its bodies.
    ///
    /// - `left_out`: whether that body is one of them, by number.
    pub fn sum(&self, left_out: impl Fn(usize) -> bool) -> CodeSum {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.outside);
        for (number, body) in self.bodies.iter().enumerate() {
            if left_out(number) {
                hasher.update(&[0]);
            } else {
                hasher.update(&[1]).update(&body.sum);
            }
        }
        hasher.finalize().into()
    }
}

/// What a file says without some of its items, and the bytes of each token that counts, in order.
///
/// - `left_out`: the items, in order.
///
/// # Errors
/// As [`super::read_tree`].
pub fn tokens(text: &str, left_out: &[Span]) -> Result<(Code, Vec<Span>), SyntaxError> {
    let mut reader = CodeReader {
        tokens: Some(Vec::new()),
        left_out: left_out.to_vec(),
        ..CodeReader::default()
    };
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
    /// How many tokens counted.
    count: u32,
    tokens: Option<Vec<Span>>,
    /// Items that count for nothing, in order.
    left_out: Vec<Span>,
    /// The body being read.
    body: Option<OpenBody>,
    bodies: Vec<BodyCode>,
    /// How much of [`TEST_MODULE`] and the name and brace behind it was met.
    met: usize,
    began: Mark,
    tests: Option<Tests>,
    leaves_out_tests: bool,
}

/// How much had been read.
#[derive(Debug, Clone, Copy, Default)]
struct Mark {
    /// Bytes that were not hashed yet.
    open: usize,
    count: u32,
    bodies: usize,
}

/// A body being read.
#[derive(Debug)]
struct OpenBody {
    /// The byte at which it opens.
    start: u32,
    first: u32,
    inside: Vec<u8>,
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
        let counts = token.is_code() || opens || token.is_doc() && !among_items;
        if !counts || self.is_left_out(token.span) {
            self.gap = self.has_begun;
            return;
        }
        self.has_begun = true;
        let written = token.span.of(text);
        if self.tests.is_none() && self.body.is_none() {
            self.follow(token.kind, written, depth, among_items);
        }
        let into = self.body.as_mut().map_or(&mut self.open, |body| &mut body.inside);
        if std::mem::take(&mut self.gap) {
            into.push(b' ');
        }
        into.extend_from_slice(written.as_bytes());
        self.count += 1;
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

    /// The last token opened the body of a function.
    pub fn open_body(&mut self, token: Span) {
        if !self.is_left_out(token) {
            let inside = Vec::new();
            self.body = Some(OpenBody { start: token.start, first: self.count, inside });
        }
    }

    /// The last token closed it.
    pub fn close_body(&mut self, token: Span) {
        if let Some(OpenBody { start, first, inside }) = self.body.take() {
            let mut sum = [0; blake3::OUT_LEN / 2];
            for (half, byte) in sum.iter_mut().zip(blake3::hash(&inside).as_bytes()) {
                *half = *byte;
            }
            let span = Span::new(start, token.end);
            self.bodies.push(BodyCode { span, first, count: self.count - first, sum });
        }
    }

    fn is_left_out(&self, token: Span) -> bool {
        let before = self.left_out.partition_point(|item| item.start <= token.start);
        let item = before.checked_sub(1).and_then(|last| self.left_out.get(last));
        item.is_some_and(|item| token.start < item.end)
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
                let (open, bodies) = (self.open.len(), self.bodies.len());
                self.began = Mark { open, count: self.count, bodies };
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
        self.open.truncate(self.began.open);
        self.bodies.truncate(self.began.bodies);
        self.count = self.began.count;
        if let Some(tokens) = &mut self.tokens {
            tokens.truncate(self.count as usize);
        }
        self.gap = true;
        self.leaves_out_tests = true;
    }

    /// What was read.
    pub fn finish(mut self) -> (Code, Vec<Span>) {
        self.hasher.update(&self.open);
        let outside = self.hasher.finalize().into();
        self.bodies.shrink_to_fit();
        let (bodies, leaves_out_tests) = (self.bodies, self.leaves_out_tests);
        (Code { outside, bodies, leaves_out_tests }, self.tokens.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> CodeSum {
        tokens(text, &[]).unwrap().0.sum(|_| false)
    }

    fn words(text: &str) -> Vec<&str> {
        tokens(text, &[]).unwrap().1.into_iter().map(|span| span.of(text)).collect()
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
            assert!(tokens(after, &[]).unwrap().0.leaves_out_tests);
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
            assert!(!tokens(after, &[]).unwrap().0.leaves_out_tests);
        }
        let long = format!("fn a() {{ {} }}", "b(); ".repeat(PIECE));
        let tests = "#[cfg(test)] mod tests { fn c() {} }";
        assert_eq!(code(&format!("{long} {tests}")), code(&long));
        assert_eq!(code("fn a() { 1 } ##[cfg(test)] mod t {}"), { code("fn a() { 1 } #") });
    }

    #[test]
    fn bodies_are_told_apart() {
        let of = |text: &str| tokens(text, &[]).unwrap().0;
        let before = of("fn a() { 1 }\nimpl B { fn b(&self) { c() } }");
        let after = of("fn a() { 2 + 3 }\nimpl B { fn b(&self) { c() } }");
        assert_eq!(before.bodies.len(), 2);
        assert_eq!(before.sum(|number| number == 0), after.sum(|number| number == 0));
        assert_ne!(before.sum(|number| number == 1), after.sum(|number| number == 1));
        assert_ne!(before.sum(|_| false), after.sum(|_| false));
        let [first, second] = after.bodies[..] else { panic!() };
        assert_eq!((first.first, first.count), (5, 4));
        assert_eq!(second.sum, before.bodies[1].sum);
    }

    #[test]
    fn items_can_be_left_out() {
        let before = tokens("fn a() { 1 }\n\nfn b() { 2 }", &[]).unwrap();
        let text = "fn a() { 1 }\nfn new(c: u8) { d }\nfn b() { 2 }";
        let item = text.find("fn new").unwrap()..text.find("fn b").unwrap();
        let at = |byte: usize| u32::try_from(byte).unwrap();
        let item = Span::new(at(item.start), at(item.end));
        let after = tokens(text, &[item]).unwrap();
        assert_eq!(before.0.sum(|_| false), after.0.sum(|_| false));
        assert_eq!(before.1.len(), after.1.len());
        assert_eq!(after.0.bodies.len(), 2);
    }

    #[test]
    fn what_only_a_file_opens_with_counts() {
        assert_ne!(code("#!/usr/bin/env a\nfn a() {}"), code("#!/usr/bin/env b\nfn a() {}"));
        assert_ne!(code("---\na = 1\n---\nfn a() {}"), code("fn a() {}"));
    }
}
