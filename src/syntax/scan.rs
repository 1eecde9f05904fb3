//! One pass over the tokens of a text: where function bodies are, and what is in them.
//!
//! Only the outermost functions are found: a body is not looked into. Nothing is looked for between the delimiters of a macro.

mod body;

use ra_ap_rustc_lexer::{LiteralKind, TokenKind};

use self::body::{Before, BodyReader};

use super::SyntaxError;
use super::code::{Code, CodeReader};
use super::comment::Comments;
use super::depth::Depth;
use super::masked::Masked;
use super::token::{TextStart, Token, Tokens};
use super::tree::{Body, Suppression};
use crate::source::Span;

/// What one pass over a range of a text finds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scan {
    /// Bodies of the outermost functions, in order.
    pub bodies: Vec<Body>,
    /// Comments that address this program.
    pub suppressions: Vec<Suppression>,
    /// Byte-order mark, shebang and front matter.
    pub opening: Span,
    /// What a file says; nothing for a piece of one.
    pub code: Code,
    /// Doc comments outside of those bodies.
    docs: Vec<Span>,
}

impl Scan {
    /// Reads the tokens of `range`.
    ///
    /// # Errors
    /// Delimiters that do not match, an unterminated literal or comment, and nesting too deep to be parsed.
    pub fn new(text: &str, range: Span, start: TextStart) -> Result<Self, SyntaxError> {
        let mut code = (start == TextStart::File).then(CodeReader::default);
        let mut scan = Self::with_code(text, range, start, code.as_mut())?;
        scan.code = code.map(|code| code.finish().0).unwrap_or_default();
        Ok(scan)
    }

    /// As [`Scan::new`], showing the tokens to `code`.
    pub fn with_code(
        text: &str,
        range: Span,
        start: TextStart,
        mut code: Option<&mut CodeReader>,
    ) -> Result<Self, SyntaxError> {
        let tokens = Tokens::new(text, range, start);
        let mut pass = Pass::new(text, range, Span::new(range.start, tokens.position()));
        if let Some(code) = &mut code {
            code.opening(pass.scan.opening.of(text));
        }
        for token in tokens {
            if let Some(code) = &mut code {
                code.step(text, token, pass.open.len(), pass.is_among_items());
            }
            let was_in_body = pass.body.is_some();
            pass.step(token)?;
            match (&mut code, was_in_body, pass.body.is_some()) {
                (Some(code), false, true) => code.open_body(token.span),
                (Some(code), true, false) => code.close_body(token.span),
                _ => {}
            }
        }
        pass.finish()
    }

    /// The body that opens at byte `start`, read again when the pass did not meet it as one.
    pub fn body(&self, text: &str, span: Span) -> Body {
        match self.bodies.binary_search_by_key(&span.start, |body| body.span.start) {
            Ok(found) => self.bodies.get(found).cloned().unwrap_or_else(|| Body::read(text, span)),
            Err(_) => Body::read(text, span),
        }
    }

    /// `range` without the inside of each body, doc comments and what only a file can open with.
    pub fn masked<'a>(&self, text: &'a str, range: Span) -> Masked<'a> {
        let comments = self.docs.iter().copied().chain([self.opening]);
        Masked::without(text, range, self.bodies.iter().map(|body| body.span), comments)
    }
}

/// A function's signature being read.
#[derive(Debug, Clone, Copy)]
struct Signature {
    /// How many delimiters were open at `fn`.
    depth: usize,
    /// Open `<`.
    angles: u32,
    /// Whether its name was met: `fn(A)` is a type.
    named: bool,
    /// Whether its parameters were.
    params: bool,
}

/// An open delimiter.
struct Open {
    kind: TokenKind,
    span: Span,
    /// Whether items may stand in it.
    items: bool,
}

/// The pass under way.
struct Pass<'a> {
    text: &'a str,
    scan: Scan,
    range: Span,
    open: Vec<Open>,
    before: Before,
    signature: Option<Signature>,
    /// The body being read, and how many delimiters were open before it.
    body: Option<(usize, BodyReader)>,
    comments: Comments,
    depth: Depth,
}

impl<'a> Pass<'a> {
    fn new(text: &'a str, range: Span, opening: Span) -> Self {
        Self {
            text,
            scan: Scan { opening, ..Scan::default() },
            range,
            open: Vec::new(),
            before: Before::default(),
            signature: None,
            body: None,
            comments: Comments::default(),
            depth: Depth::default(),
        }
    }

    fn step(&mut self, token: Token) -> Result<(), SyntaxError> {
        match token.kind {
            TokenKind::LineComment { doc_style: None }
            | TokenKind::BlockComment { doc_style: None, terminated: true } => {
                self.comments.meet(self.text, token.span);
                return Ok(());
            }
            TokenKind::LineComment { .. } | TokenKind::BlockComment { terminated: true, .. } => {
                // To `syn` they are attributes, and often most of what it reads.
                if self.body.is_none() {
                    self.scan.docs.push(token.span);
                }
                return Ok(());
            }
            TokenKind::BlockComment { terminated: false, .. } => {
                return Err(SyntaxError::new(token.span, "unterminated block comment"));
            }
            TokenKind::Frontmatter { .. } => {
                self.scan.opening.end = token.span.end;
                return Ok(());
            }
            TokenKind::Literal { kind, .. } if !terminated(kind) => {
                return Err(SyntaxError::new(token.span, "unterminated literal"));
            }
            _ if !token.is_code() => return Ok(()),
            _ => {}
        }
        if let Some((_, reader)) = &mut self.body {
            reader.step(self.text, token, self.before);
        }
        self.depth.step(self.text, token)?;
        self.delimiters(token)?;
        if self.body.is_none() {
            self.signature_step(token);
        }
        self.before.push(self.text, token);
        Ok(())
    }

    /// Whether items may stand here, outside of the bodies of functions.
    fn is_among_items(&self) -> bool {
        self.body.is_none() && self.open.last().is_none_or(|open| open.items)
    }

    /// Keeps the open delimiters, and begins and ends bodies.
    fn delimiters(&mut self, token: Token) -> Result<(), SyntaxError> {
        match token.kind {
            TokenKind::OpenParen | TokenKind::OpenBracket | TokenKind::OpenBrace => {
                let outside = self.open.last().is_none_or(|open| open.items);
                let items =
                    outside && token.kind == TokenKind::OpenBrace && !self.before.macro_head;
                let depth = self.open.len();
                self.open.push(Open { kind: token.kind, span: token.span, items });
                if self.body.is_none()
                    && token.kind == TokenKind::OpenBrace
                    && self
                        .signature
                        .is_some_and(|sig| sig.depth == depth && sig.angles == 0 && sig.params)
                {
                    self.signature = None;
                    self.body = Some((depth, BodyReader::default()));
                }
            }
            TokenKind::CloseParen | TokenKind::CloseBracket | TokenKind::CloseBrace => {
                let Some(open) = self.open.pop() else {
                    return Err(SyntaxError::new(token.span, "unexpected closing delimiter"));
                };
                if closing(open.kind) != token.kind {
                    return Err(SyntaxError::new(
                        open.span.to(token.span),
                        "delimiters do not match",
                    ));
                }
                if let Some((depth, _)) = &self.body
                    && *depth == self.open.len()
                    && let Some((_, reader)) = self.body.take()
                {
                    let span = open.span.to(token.span);
                    self.scan.bodies.push(reader.finish(self.text, span));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Follows a signature from `fn` to its body.
    fn signature_step(&mut self, token: Token) {
        let depth = self.open.len();
        let Some(sig) = &mut self.signature else {
            let starts = token.kind == TokenKind::Ident
                && token.span.of(self.text) == "fn"
                && self.open.last().is_none_or(|open| open.items);
            if starts {
                self.signature = Some(Signature { depth, angles: 0, named: false, params: false });
            }
            return;
        };
        if !sig.named {
            sig.named = true;
            if !matches!(token.kind, TokenKind::Ident | TokenKind::RawIdent) {
                self.signature = None;
            }
            return;
        }
        if depth < sig.depth {
            self.signature = None;
            return;
        }
        if depth > sig.depth {
            return;
        }
        let glued = self.before.span.end == token.span.start;
        match token.kind {
            TokenKind::Lt => sig.angles += 1,
            TokenKind::Gt
                if glued && matches!(self.before.last, Some(TokenKind::Minus | TokenKind::Eq)) => {}
            TokenKind::Gt => sig.angles = sig.angles.saturating_sub(1),
            TokenKind::CloseParen if sig.angles == 0 => sig.params = true,
            TokenKind::Semi if sig.angles == 0 => self.signature = None,
            _ => {}
        }
    }

    fn finish(mut self) -> Result<Scan, SyntaxError> {
        if let Some(open) = self.open.pop() {
            return Err(SyntaxError::new(open.span, "this delimiter is never closed"));
        }
        self.scan.suppressions = self.comments.suppressions(self.text, self.range);
        Ok(self.scan)
    }
}

fn closing(open: TokenKind) -> TokenKind {
    match open {
        TokenKind::OpenParen => TokenKind::CloseParen,
        TokenKind::OpenBracket => TokenKind::CloseBracket,
        _ => TokenKind::CloseBrace,
    }
}

fn terminated(kind: LiteralKind) -> bool {
    match kind {
        LiteralKind::Char { terminated }
        | LiteralKind::Byte { terminated }
        | LiteralKind::Str { terminated }
        | LiteralKind::ByteStr { terminated }
        | LiteralKind::CStr { terminated } => terminated,
        LiteralKind::RawStr { n_hashes }
        | LiteralKind::RawByteStr { n_hashes }
        | LiteralKind::RawCStr { n_hashes } => n_hashes.is_some(),
        LiteralKind::Int { .. } | LiteralKind::Float { .. } => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::{
        token::whole,
        tree::{BodyFlags, ident_hash},
    };

    fn scan(text: &str) -> Scan {
        Scan::new(text, whole(text), TextStart::File).unwrap()
    }

    fn bodies(text: &str) -> Vec<&str> {
        scan(text).bodies.iter().map(|body| body.span.of(text)).collect()
    }

    #[test]
    fn signatures_with_braces_do_not_confuse() {
        let text =
            "fn a() -> Foo<{ N }> where [(); { N + 1 }]: Sized, B<{ 1 }>: Fn(u8) -> u8 { a }";
        assert_eq!(bodies(text), ["{ a }"]);
        assert_eq!(
            bodies("fn a<const N: usize>(b: [u8; { N }], c: fn(A) -> Vec<Vec<u8>>) {\r\n b }"),
            ["{\r\n b }"]
        );
        assert_eq!(
            bodies("struct A { f: fn(A) } extern \"C\" { fn c(); } fn r#b() { c }"),
            ["{ c }"]
        );
    }

    #[test]
    fn only_outermost_functions_are_bodies() {
        assert_eq!(
            bodies("impl A { fn a() { fn b() {} } } trait T { fn c(); fn d() { \"}\" } }"),
            ["{ fn b() {} }", "{ \"}\" }"]
        );
        assert_eq!(
            bodies("macro_rules! m { () => { fn a() {} } } m! { fn b() {} } fn c() { '}' }"),
            ["{ '}' }"]
        );
        assert_eq!(bodies("fn a<'a>() { let b = r#\"}\"#; let c = b'}'; 'd: loop {} }").len(), 1);
    }

    #[test]
    fn a_body_knows_its_names_and_flags() {
        let text = "fn a() { r#type::b(\"x\"); json!({ c: 1 }); if !(d) {} }";
        let found = scan(text);
        let body = &found.bodies[0];
        for name in ["type", "b", "json", "c", "d"] {
            assert!(body.idents.binary_search(&ident_hash(name)).is_ok(), "{name}");
        }
        assert!(body.idents.binary_search(&ident_hash("x")).is_err());
        assert_eq!(*body.macros, [ident_hash("json")]);
        assert_eq!(body.flags, BodyFlags { strings: true, ..BodyFlags::default() });
        let other = scan("fn a() { if !(d) { use b::c; } e != (f); g::h!{} $i!() }");
        let mut macros = [ident_hash("h"), ident_hash("i")];
        macros.sort_unstable();
        assert_eq!(*other.bodies[0].macros, macros);
        assert_eq!(
            other.bodies[0].flags,
            BodyFlags { items: true, given_macros: true, ..BodyFlags::default() }
        );
    }

    #[test]
    fn what_is_left_knows_where_it_stood() {
        let text = "\u{feff}/// é\nfn a() { \"é\u{1f600}\" }\nconst/** é */B: &str = \"é\";";
        let scan = scan(text);
        let masked = scan.masked(text, whole(text));
        let left = masked.text();
        assert!(left.contains("{}\nconst B") && !left.contains('\u{1f600}'), "{left}");
        for token in ["fn", "{", "}", "const", "B", "\"é\"", ";"] {
            let at = left.find(token).unwrap();
            let found = masked.span(at, at + token.len());
            assert_eq!(found.of(text), token);
        }
        let close = left.find('}').unwrap();
        let brace = masked.span(close, close + 1);
        assert_eq!(brace.start as usize, text.find('}').unwrap());
    }

    #[test]
    fn what_has_no_end_is_an_error() {
        for text in
            ["fn a() {", "fn a() }", "fn a( }", "\"a", "/* a", "r#\"a\"", "fn a() { ')' ( }"]
        {
            assert!(Scan::new(text, whole(text), TextStart::File).is_err(), "{text}");
        }
    }
}
