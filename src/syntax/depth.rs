//! Refuses text that would overflow the stack of a recursive parser.
//!
//! `syn` recurses for every delimiter, prefix operator, `<` and keyword that takes an expression, and what it builds
//! is walked and dropped recursively for every `.` and binary operator. A stack overflow cannot be caught, so what
//! may nest is counted first, from tokens alone. The caps are far from what people and generators write, and hold on
//! a stack of 64 MB in a debug build.

use ra_ap_rustc_lexer::TokenKind;

use super::SyntaxError;
use super::token::Token;

/// How many delimiters may be open at once.
const OPEN: usize = 512;

/// Kilobytes of stack that parsing, lowering and dropping may take together; the rest is the caller's.
const BUDGET: u32 = 48_000;
/// Kilobytes that one open delimiter takes, measured in a debug build, as are the next three.
const PER_OPEN: u32 = 26;
/// One open `<`.
const PER_ANGLE: u32 = 64;
/// One prefix operator, or keyword before an expression.
const PER_PREFIX: u32 = 18;
/// One postfix or binary operator.
const PER_CHAIN: u32 = 3;

/// What is pending between one pair of delimiters.
#[derive(Debug, Clone, Copy, Default)]
struct Run {
    prefixes: u32,
    angles: u32,
    chain: u32,
    /// Between the bars of a closure: a comma there does not end the run.
    in_params: bool,
}

/// Follows how deep a parser would be.
#[derive(Debug, Default)]
pub struct Depth {
    runs: Vec<Run>,
    run: Run,
    /// Sums over `runs`.
    outer: Run,
    last: Option<TokenKind>,
    /// Whether an operand has just ended, so that an operator now is a binary one.
    operand: bool,
}

impl Depth {
    /// Takes the next token of code.
    ///
    /// # Errors
    /// When a parser would be too deep in here.
    pub fn step(&mut self, text: &str, token: Token) -> Result<(), SyntaxError> {
        match token.kind {
            TokenKind::OpenParen | TokenKind::OpenBracket | TokenKind::OpenBrace => self.open(),
            TokenKind::CloseParen | TokenKind::CloseBracket | TokenKind::CloseBrace => {
                self.close(token.kind);
            }
            _ => self.inside(text, token),
        }
        self.last = Some(token.kind);
        let opens = u32::try_from(self.runs.len()).unwrap_or(u32::MAX);
        let cost = [
            opens.saturating_mul(PER_OPEN),
            (self.outer.angles + self.run.angles).saturating_mul(PER_ANGLE),
            (self.outer.prefixes + self.run.prefixes).saturating_mul(PER_PREFIX),
            (self.outer.chain + self.run.chain).saturating_mul(PER_CHAIN),
        ];
        if self.runs.len() > OPEN || cost.into_iter().fold(0, u32::saturating_add) > BUDGET {
            return Err(SyntaxError::new(token.span, "nested too deeply"));
        }
        Ok(())
    }

    fn open(&mut self) {
        // Calls and indexing chain as `.` does: `f()()()`; the call of a method is counted with its `.`.
        let after_group =
            matches!(self.last, Some(TokenKind::CloseParen | TokenKind::CloseBracket));
        self.run.chain += u32::from(self.operand && after_group);
        self.runs.push(self.run);
        self.outer.prefixes += self.run.prefixes;
        self.outer.angles += self.run.angles;
        self.outer.chain += self.run.chain;
        self.run = Run::default();
        self.operand = false;
    }

    fn close(&mut self, kind: TokenKind) {
        if let Some(run) = self.runs.pop() {
            self.outer.prefixes -= run.prefixes;
            self.outer.angles -= run.angles;
            self.outer.chain -= run.chain;
            self.run = run;
        }
        self.operand = kind != TokenKind::CloseBrace;
    }

    fn inside(&mut self, text: &str, token: Token) {
        let word = match token.kind {
            TokenKind::Ident => token.span.of(text),
            _ => "",
        };
        if self.last == Some(TokenKind::CloseBrace) {
            // A block ends a statement or an item unless something goes on behind it.
            let goes_on = match token.kind {
                TokenKind::Ident => matches!(word, "else" | "as"),
                TokenKind::Pound | TokenKind::Literal { .. } | TokenKind::Lifetime { .. } => false,
                _ => true,
            };
            if !goes_on {
                self.run = Run::default();
            }
        }
        match token.kind {
            TokenKind::Semi => {
                self.run = Run::default();
                self.operand = false;
            }
            TokenKind::Comma => {
                let Run { angles, prefixes, in_params, .. } = self.run;
                let prefixes = if in_params { prefixes } else { 0 };
                self.run = Run { angles, prefixes, in_params, chain: 0 };
                self.operand = false;
            }
            TokenKind::Lt => {
                self.run.angles += 1;
                self.operand = false;
            }
            TokenKind::Gt => {
                if !matches!(self.last, Some(TokenKind::Minus | TokenKind::Eq)) {
                    self.run.angles = self.run.angles.saturating_sub(1);
                }
                self.operand = false;
            }
            TokenKind::Ident => self.word(word),
            TokenKind::Dot | TokenKind::Question => self.run.chain += 1,
            TokenKind::Eq | TokenKind::At => {
                self.run.prefixes += 1;
                self.operand = false;
            }
            TokenKind::Or => {
                self.run.in_params = !self.run.in_params && !self.operand;
                self.operator();
            }
            TokenKind::Bang
            | TokenKind::Minus
            | TokenKind::And
            | TokenKind::Star
            | TokenKind::Plus
            | TokenKind::Slash
            | TokenKind::Percent
            | TokenKind::Caret => self.operator(),
            TokenKind::Colon => {
                self.run.chain += 2 * u32::from(self.last == Some(TokenKind::Colon));
                self.operand = false;
            }
            _ => self.operand = true,
        }
    }

    fn operator(&mut self) {
        if self.operand {
            self.run.chain += 1;
        } else {
            self.run.prefixes += 1;
        }
        self.operand = false;
    }

    fn word(&mut self, word: &str) {
        match word {
            "if" | "else" | "match" | "while" | "for" | "in" | "return" | "break" | "yield"
            | "move" | "async" | "fn" | "impl" | "dyn" | "static" | "box" | "ref" | "mut"
            | "const" | "unsafe" | "let" => {
                self.run.prefixes += 1;
                self.operand = false;
            }
            "as" => {
                self.run.chain += 1;
                self.operand = false;
            }
            _ => self.operand = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::token::{TextStart, Tokens, whole};

    fn passes(text: &str) -> bool {
        let mut depth = Depth::default();
        let mut tokens = Tokens::new(text, whole(text), TextStart::Piece).filter(Token::is_code);
        tokens.all(|token| depth.step(text, token).is_ok())
    }

    #[test]
    fn deep_text_is_refused() {
        for piece in [
            "(",
            "[",
            "{",
            "!",
            "&",
            "*",
            "-",
            "<",
            "A<u8, ",
            "|a, b| ",
            "if ",
            "return ",
            "a = ",
            "a::",
            "x.y()",
            "else if a {} ",
        ] {
            assert!(!passes(&piece.repeat(100_000)), "{piece}");
        }
    }

    #[test]
    fn long_flat_text_passes() {
        for piece in [
            ".route(\"/x\", get(h).post(i))",
            "if a == b { return; } ",
            "a < b; ",
            "1 + 2, ",
            "fn a() {} ",
            "x[&a], ",
        ] {
            assert!(passes(&piece.repeat(5_000)), "{piece}");
        }
    }
}
