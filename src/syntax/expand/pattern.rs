//! The text of a macro's rules to patterns and templates.

use ra_ap_rustc_lexer::TokenKind;

use super::transcribe::Template;
use crate::source::Span;
use crate::syntax::SyntaxError;
use crate::syntax::token::Token;

/// What a rule asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pattern {
    /// One token as written: a name, lifetime, literal, or operator.
    Token(String),
    /// Something between delimiters; the character that opens them.
    Group(char, Vec<Pattern>),
    /// `$name:fragment`.
    Fragment {
        /// Without `$`.
        name: String,
        /// `expr`, `tt`, ….
        kind: String,
    },
    /// `$(…) separator op`.
    Repeat {
        /// What repeats.
        body: Vec<Pattern>,
        /// The tokens between two.
        separator: Vec<String>,
        /// How often.
        times: Times,
    },
}

/// How often a repetition may match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Times {
    /// `*`.
    Any,
    /// `+`.
    Some,
    /// `?`.
    Maybe,
}

/// Operators of several characters, the longer ones first.
const LONG: [&str; 25] = [
    "<<=", ">>=", "...", "..=", "::", "->", "=>", "==", "!=", "<=", ">=", "&&", "||", "+=", "-=",
    "*=", "/=", "%=", "^=", "&=", "|=", "<<", ">>", "..", "<-",
];

/// The operator of several characters that a text starts with.
pub(super) fn operator_at(text: &str) -> Option<&'static str> {
    LONG.iter().find(|long| text.starts_with(**long)).copied()
}

/// Reads rules from their tokens.
pub(super) struct Reader<'a> {
    text: &'a str,
    tokens: &'a [Token],
    /// Where the last token that was taken ended.
    last: u32,
}

/// The separator and operator behind `$(…)`.
struct Tail {
    separator: Vec<String>,
    /// The separator with its blanks, as transcribed.
    raw: String,
    times: Times,
}

impl<'a> Reader<'a> {
    /// Reads `tokens`, code alone, whose delimiters match.
    pub(super) fn new(text: &'a str, tokens: &'a [Token]) -> Self {
        Self { text, tokens, last: 0 }
    }

    /// Whether nothing is left.
    pub(super) fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// Reads `(pattern) => {template};`.
    pub(super) fn rule(&mut self) -> Result<(Vec<Pattern>, Vec<Template>), SyntaxError> {
        let (_, inside) = self.group()?;
        let patterns = Reader::new(self.text, inside).patterns()?;
        self.expect(TokenKind::Eq)?;
        self.expect(TokenKind::Gt)?;
        let (_, inside) = self.group()?;
        let template = Reader::new(self.text, inside).templates()?;
        if self.peek().is_some() {
            self.expect(TokenKind::Semi)?;
        }
        Ok((patterns, template))
    }

    fn peek(&self) -> Option<TokenKind> {
        self.tokens.first().map(|token| token.kind)
    }

    fn next(&mut self) -> Option<Token> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        self.last = first.span.end;
        Some(*first)
    }

    fn error(&self) -> SyntaxError {
        let span = self.tokens.first().map_or_else(Span::default, |token| token.span);
        SyntaxError::new(span, "this is no rule of a macro")
    }

    fn expect(&mut self, kind: TokenKind) -> Result<Token, SyntaxError> {
        match self.next() {
            Some(token) if token.kind == kind => Ok(token),
            _ => Err(self.error()),
        }
    }

    /// The next group: its opening delimiter and the tokens between.
    fn group(&mut self) -> Result<(Token, &'a [Token]), SyntaxError> {
        let mut depth = 0_usize;
        for (at, token) in self.tokens.iter().enumerate() {
            match token.kind {
                TokenKind::OpenParen | TokenKind::OpenBrace | TokenKind::OpenBracket => depth += 1,
                TokenKind::CloseParen | TokenKind::CloseBrace | TokenKind::CloseBracket => {
                    depth = depth.saturating_sub(1);
                }
                _ => {}
            }
            if depth == 0 {
                let found = self.tokens.first().zip(self.tokens.get(1..at));
                let Some((open, inside)) = found else { break };
                self.tokens = self.tokens.get(at + 1..).unwrap_or(&[]);
                return Ok((*open, inside));
            }
        }
        Err(self.error())
    }

    fn opens(&self) -> bool {
        matches!(
            self.peek(),
            Some(TokenKind::OpenParen | TokenKind::OpenBrace | TokenKind::OpenBracket)
        )
    }

    fn patterns(&mut self) -> Result<Vec<Pattern>, SyntaxError> {
        let mut patterns = Vec::new();
        while let Some(kind) = self.peek() {
            if self.opens() {
                let (open, inside) = self.group()?;
                let opening = open.span.of(self.text).chars().next().unwrap_or('(');
                patterns.push(Pattern::Group(opening, Reader::new(self.text, inside).patterns()?));
                continue;
            }
            let Some(token) = self.next() else { break };
            if kind != TokenKind::Dollar {
                patterns.push(Pattern::Token(self.operator(token).to_owned()));
                continue;
            }
            if self.peek() == Some(TokenKind::OpenParen) {
                let (_, inside) = self.group()?;
                let body = Reader::new(self.text, inside).patterns()?;
                let tail = self.tail()?;
                patterns.push(Pattern::Repeat {
                    body,
                    separator: tail.separator,
                    times: tail.times,
                });
                continue;
            }
            let Some(name) = self.name() else {
                // A macro that writes macros has a lone `$`.
                patterns.push(Pattern::Token("$".to_owned()));
                continue;
            };
            if self.peek() == Some(TokenKind::Colon) {
                self.next();
                let kind = self.name().ok_or_else(|| self.error())?;
                patterns.push(Pattern::Fragment { name, kind });
            } else if name == "crate" {
                patterns.push(Pattern::Token("crate".to_owned()));
            } else {
                return Err(self.error());
            }
        }
        Ok(patterns)
    }

    /// What is written at `token`; the tokens behind it that make up one operator with it are taken too.
    fn operator(&mut self, token: Token) -> &'a str {
        let from = Span::new(token.span.start, u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        let Some(long) = operator_at(from.of(self.text)) else { return token.span.of(self.text) };
        let mut end = token.span.end;
        while end.saturating_sub(token.span.start) < u32::try_from(long.len()).unwrap_or(0) {
            let Some(next) = self.next() else { break };
            end = next.span.end;
        }
        long
    }

    fn name(&mut self) -> Option<String> {
        if !matches!(self.peek(), Some(TokenKind::Ident | TokenKind::RawIdent)) {
            return None;
        }
        let name = self.next()?.span.of(self.text);
        Some(name.strip_prefix("r#").unwrap_or(name).to_owned())
    }

    fn tail(&mut self) -> Result<Tail, SyntaxError> {
        let mut separator = Vec::new();
        let mut raw = String::new();
        loop {
            let Some(token) = self.next() else { return Err(self.error()) };
            let times = match token.kind {
                TokenKind::Star => Some(Times::Any),
                TokenKind::Plus => Some(Times::Some),
                TokenKind::Question => Some(Times::Maybe),
                _ => None,
            };
            if let Some(times) = times {
                return Ok(Tail { separator, raw, times });
            }
            let text = self.operator(token);
            separator.push(text.to_owned());
            raw.push_str(text);
        }
    }

    fn templates(&mut self) -> Result<Vec<Template>, SyntaxError> {
        let mut templates = Templates { text: self.text, ..Templates::default() };
        while let Some(token) = self.next() {
            if token.kind != TokenKind::Dollar {
                templates.raw(token.span);
                continue;
            }
            templates.gap(token.span.start);
            if self.peek() == Some(TokenKind::OpenParen) {
                let (_, inside) = self.group()?;
                let body = Reader::new(self.text, inside).templates()?;
                let tail = self.tail()?;
                templates.push(Template::Repeat { body, separator: tail.raw });
                templates.end = self.last;
            } else if let Some(name) = self.name() {
                templates.push(if name == "crate" {
                    Template::Crate
                } else {
                    Template::Variable(name)
                });
                templates.end = self.last;
            } else {
                templates.raw(token.span);
            }
        }
        Ok(templates.out)
    }
}

/// Gathers a template. Only operators and braces say whether they touched what is beside them: so the compiler prints it.
#[derive(Default)]
struct Templates<'a> {
    text: &'a str,
    out: Vec<Template>,
    /// Where the last token ended, and the operator that it is part of.
    end: u32,
    operator_end: u32,
}

impl Templates<'_> {
    fn raw(&mut self, span: Span) {
        let text = span.of(self.text);
        let is_operator = span.start < self.operator_end;
        if !is_operator {
            let from = Span::new(span.start, u32::try_from(self.text.len()).unwrap_or(u32::MAX));
            let len = operator_at(from.of(self.text)).map_or(0, str::len);
            self.operator_end = span.start + u32::try_from(len).unwrap_or(0);
        }
        let has_gap = self.end != span.start;
        self.end = span.end;
        if let Some(Template::Text(raw)) = self.out.last_mut() {
            let touches = !has_gap && (raw.ends_with('{') || text == "}");
            if !is_operator && !touches {
                raw.push(' ');
            }
            raw.push_str(text);
        } else if has_gap && text == "}" {
            self.out.push(Template::Text(" }".to_owned()));
        } else {
            self.out.push(Template::Text(text.to_owned()));
        }
    }

    /// What comes next, which is no token of the template, starts there.
    fn gap(&mut self, start: u32) {
        if let Some(Template::Text(raw)) = self.out.last_mut()
            && raw.ends_with('{')
            && self.end != start
        {
            raw.push(' ');
        }
    }

    fn push(&mut self, template: Template) {
        self.out.push(template);
    }
}
