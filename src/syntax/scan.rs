//! One pass over the tokens of a text: where function bodies are, and what is in them.
//!
//! Only the outermost functions are found: a body is not looked into. Nothing is looked for between the delimiters of a macro.

use ra_ap_rustc_lexer::{LiteralKind, TokenKind};

use super::SyntaxError;
use super::code::{Code, CodeReader};
use super::comment::Comments;
use super::depth::Depth;
use super::masked::Masked;
use super::mentions::{Mentions, may_be_part, names_in_format};
use super::token::{TextStart, Token, Tokens};
use super::tree::{Body, BodyFlags, Suppression, ident_hash};
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

impl Body {
    /// Reads what a lexer can see of the bytes of `span`.
    pub fn read(text: &str, span: Span) -> Self {
        let mut reader = BodyReader::default();
        let mut before = Before::default();
        for token in Tokens::new(text, span, TextStart::Piece).filter(Token::is_code) {
            reader.step(text, token, before);
            before.push(text, token);
        }
        reader.finish(text, span)
    }
}

/// The last two tokens of code.
#[derive(Debug, Clone, Copy, Default)]
pub struct Before {
    last: Option<TokenKind>,
    last_but_one: Option<TokenKind>,
    /// The last token's span.
    span: Span,
    /// `name !`, or `name ! other`: an opening delimiter next makes a macro call of it.
    macro_head: bool,
}

impl Before {
    fn push(&mut self, text: &str, token: Token) {
        self.macro_head = match token.kind {
            TokenKind::Bang => {
                matches!(self.last, Some(TokenKind::Ident | TokenKind::RawIdent))
                    && !takes_operand(self.span.of(text))
            }
            TokenKind::Ident | TokenKind::RawIdent => {
                self.macro_head && self.last == Some(TokenKind::Bang)
            }
            _ => false,
        };
        self.last_but_one = self.last;
        self.last = Some(token.kind);
        self.span = token.span;
    }
}

/// Keywords after which `!` negates.
pub fn takes_operand(keyword: &str) -> bool {
    matches!(
        keyword,
        "if" | "while"
            | "match"
            | "return"
            | "in"
            | "else"
            | "break"
            | "move"
            | "as"
            | "yield"
            | "let"
    )
}

/// Gathers what is in one body.
#[derive(Debug, Default)]
struct BodyReader {
    idents: Vec<u32>,
    mentions: Mentions,
    flags: BodyFlags,
}

impl BodyReader {
    fn step(&mut self, text: &str, token: Token, before: Before) {
        self.mentions.step(token);
        match token.kind {
            TokenKind::Ident | TokenKind::UnknownPrefix | TokenKind::InvalidIdent => {
                let name = token.span.of(text);
                if name != "_" {
                    self.idents.push(ident_hash(name));
                }
                self.flags.items |= match name {
                    "fn" | "use" | "impl" | "struct" | "mod" | "macro_rules" | "enum" | "trait"
                    | "static" | "type" | "extern" | "union" => true,
                    "const" => before.last != Some(TokenKind::Star),
                    _ => false,
                };
            }
            TokenKind::RawIdent => {
                let name = token.span.of(text);
                self.idents.push(ident_hash(name.strip_prefix("r#").unwrap_or(name)));
            }
            TokenKind::Literal {
                kind: LiteralKind::Str { .. } | LiteralKind::RawStr { .. },
                ..
            } => {
                self.flags.strings = true;
                let literal = token.span.of(text);
                self.flags.verbs |= may_be_part(literal.as_bytes());
                self.idents.extend(names_in_format(literal).map(ident_hash));
            }
            TokenKind::Literal {
                kind:
                    LiteralKind::ByteStr { .. }
                    | LiteralKind::RawByteStr { .. }
                    | LiteralKind::CStr { .. }
                    | LiteralKind::RawCStr { .. },
                ..
            } => self.flags.verbs |= may_be_part(token.span.of(text).as_bytes()),
            TokenKind::OpenParen | TokenKind::OpenBrace | TokenKind::OpenBracket
                if before.macro_head =>
            {
                self.flags.macros = true;
            }
            _ => {}
        }
    }

    fn finish(mut self, text: &str, span: Span) -> Body {
        self.idents.sort_unstable();
        self.idents.dedup();
        let paths = self.mentions.finish(text);
        Body { span, idents: self.idents.into_boxed_slice(), paths, flags: self.flags }
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
    use crate::syntax::token::whole;

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
        assert_eq!(
            body.flags,
            BodyFlags { strings: true, verbs: false, items: false, macros: true }
        );
        assert_eq!(
            scan("fn a() { if !(d) { use b::c; } }").bodies[0].flags,
            BodyFlags { items: true, ..BodyFlags::default() }
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
