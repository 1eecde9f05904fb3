//! What a lexer can see of one body.

use ra_ap_rustc_lexer::{LiteralKind, TokenKind};

use super::super::{
    mentions::{Mentions, may_be_part, names_in_format},
    token::{TextStart, Token, Tokens},
    tree::{Body, BodyFlags, ident_hash},
};
use crate::source::Span;

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
pub(super) struct Before {
    pub(super) last: Option<TokenKind>,
    pub(super) last_but_one: Option<TokenKind>,
    /// The last token's span.
    pub(super) span: Span,
    /// `name !`, or `name ! other`: an opening delimiter next makes a macro call of it.
    pub(super) macro_head: bool,
}

impl Before {
    pub(super) fn push(&mut self, text: &str, token: Token) {
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
fn takes_operand(keyword: &str) -> bool {
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
pub(super) struct BodyReader {
    idents: Vec<u32>,
    macros: Vec<u32>,
    /// The last name with `!` behind it.
    head: u32,
    mentions: Mentions,
    flags: BodyFlags,
}

impl BodyReader {
    pub(super) fn step(&mut self, text: &str, token: Token, before: Before) {
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
                self.macros.push(self.head);
            }
            TokenKind::Bang => self.bang(text, before),
            _ => {}
        }
    }

    /// `!` behind a name, which may be that of a macro, or behind what stands for one.
    fn bang(&mut self, text: &str, before: Before) {
        match (before.last, before.last_but_one) {
            (Some(TokenKind::Ident | TokenKind::RawIdent), ahead) => {
                let name = before.span.of(text);
                self.head = ident_hash(name.strip_prefix("r#").unwrap_or(name));
                self.flags.given_macros |= ahead == Some(TokenKind::Dollar);
            }
            // `$($path)::* !`
            (Some(TokenKind::Star | TokenKind::Plus | TokenKind::CloseParen), _) => {
                self.flags.given_macros = true;
            }
            _ => {}
        }
    }

    pub(super) fn finish(mut self, text: &str, span: Span) -> Body {
        self.idents.sort_unstable();
        self.idents.dedup();
        self.macros.sort_unstable();
        self.macros.dedup();
        let paths = self.mentions.finish(text);
        let (idents, macros) = (self.idents.into_boxed_slice(), self.macros.into_boxed_slice());
        Body { span, idents, paths, macros, flags: self.flags }
    }
}
