//! Characters to bytes: `proc_macro2` counts characters, and its own way to bytes costs more than parsing a signature.

use proc_macro2::{LineColumn, Span};
use std::ops::Range;

use super::token::offset;

/// How many characters lie between two marks.
const STEP: usize = 64;

/// Where the characters of one text are that was lexed from its start.
#[derive(Debug)]
pub struct Chars<'a> {
    text: &'a str,
    /// The number of the character that each line starts with.
    lines: Vec<u32>,
    /// The byte of every [`STEP`]th character; none where each character is a byte.
    marks: Vec<u32>,
}

impl<'a> Chars<'a> {
    /// Reads the lines of `text`.
    pub fn new(text: &'a str) -> Self {
        let mut lines = vec![0];
        let mut marks = Vec::new();
        if text.is_ascii() {
            let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            lines.extend(ends.map(|(at, _)| offset(at + 1)));
        } else {
            for (number, (byte, char)) in text.char_indices().enumerate() {
                if number % STEP == 0 {
                    marks.push(offset(byte));
                }
                if char == '\n' {
                    lines.push(offset(number + 1));
                }
            }
        }
        Self { text, lines, marks }
    }

    /// The bytes of a token, as [`Span::byte_range`] has them.
    pub fn bytes(&self, span: Span) -> Range<usize> {
        self.start(span)..self.end(span)
    }

    /// The first byte of a token.
    pub fn start(&self, span: Span) -> usize {
        self.byte(span.start())
    }

    /// One past the last byte of a token.
    pub fn end(&self, span: Span) -> usize {
        self.byte(span.end())
    }

    fn byte(&self, at: LineColumn) -> usize {
        let line = self.lines.get(at.line.saturating_sub(1)).copied().unwrap_or(0);
        let number = line as usize + at.column;
        if self.marks.is_empty() {
            return number;
        }
        let Some(mark) = self.marks.get(number / STEP) else { return self.text.len() };
        let rest = self.text.get(*mark as usize..).unwrap_or("");
        let within = rest.char_indices().nth(number % STEP);
        within.map_or(self.text.len(), |(byte, _)| *mark as usize + byte)
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::{TokenStream, TokenTree};
    use proptest::prelude::*;

    use super::*;
    use crate::syntax::forget_spans;

    fn all_are_those_of_proc_macro2(chars: &Chars<'_>, tokens: TokenStream) {
        for token in tokens {
            let mut spans = vec![token.span()];
            if let TokenTree::Group(group) = token {
                spans.extend([group.span_open(), group.span_close()]);
                all_are_those_of_proc_macro2(chars, group.stream());
            }
            for span in spans {
                assert_eq!(chars.bytes(span), span.byte_range(), "{:?}", chars.text);
            }
        }
    }

    fn piece() -> impl Strategy<Value = String> {
        let fixed = vec![
            "a",
            " ",
            "\n",
            "\r\n",
            "\t",
            "é",
            "\"é\n\\\n 𝄞\"",
            "r#\"\n\u{feff}\"#",
            "// 日本\n",
            "/* é\r\n */",
            "/// ü\n",
            "(é)",
            "{ b\n}",
            "::<'a>",
            "1.0",
            "'é'",
            "b\"x\"",
            "=>",
        ];
        let fixed = proptest::sample::select(fixed).prop_map(str::to_owned);
        prop_oneof![4 => fixed, 1 => "[a-z ]{0,80}", 1 => "[é日 ]{0,150}"]
    }

    proptest! {
        #[test]
        fn bytes_are_those_of_proc_macro2(
            mark in prop::bool::ANY, before in 0usize..3, pieces in prop::collection::vec(piece(), 0..30),
        ) {
            forget_spans();
            let texts: Vec<TokenStream> = (0..before).filter_map(|_| "é x\n".parse().ok()).collect();
            let mark = if mark { "\u{feff}" } else { "" };
            let text = format!("{mark}{}", pieces.concat());
            let chars = Chars::new(&text);
            match text.parse::<TokenStream>() {
                Ok(tokens) => all_are_those_of_proc_macro2(&chars, tokens),
                Err(error) => prop_assert_eq!(chars.bytes(error.span()), error.span().byte_range()),
            }
            let nowhere = Span::call_site();
            prop_assert_eq!(chars.bytes(nowhere), nowhere.byte_range());
            drop(texts);
            forget_spans();
        }
    }
}
