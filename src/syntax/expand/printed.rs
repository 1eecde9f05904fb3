//! `stringify!`: tokens as the compiler prints them.

use super::opaque;
use crate::syntax::token::{TextStart, Tokens, whole};

/// Words behind which `(` is no call.
const KEYWORDS: [&str; 22] = [
    "as", "async", "await", "break", "const", "dyn", "else", "for", "if", "impl", "in", "let",
    "loop", "match", "move", "mut", "ref", "return", "static", "unsafe", "where", "while",
];

/// A text with comments left out, and one blank where there are some between two tokens, unless it is of those that the
/// compiler leaves out: inside parentheses, before a comma.
pub fn printed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut end = 0;
    // Whether each fragment that is open has parentheses of ours, and whether one of them comes next.
    let mut fragments: Vec<bool> = Vec::new();
    let mut is_ours = false;
    let mut gap = false;
    let mut last = String::new();
    for token in Tokens::new(text, whole(text), TextStart::Piece) {
        let written = token.span.of(text);
        if !token.is_code() {
            if opaque::opens_wrapped(written) || opaque::opens(written) {
                is_ours = opaque::opens_wrapped(written);
                fragments.push(is_ours);
                gap |= token.span.start != end;
            } else if opaque::closes(written) {
                if fragments.pop() == Some(true) && out.ends_with(')') {
                    out.pop();
                }
            } else {
                continue;
            }
            end = token.span.end;
            continue;
        }
        gap |= token.span.start != end;
        end = token.span.end;
        if std::mem::take(&mut is_ours) && written == "(" {
            continue;
        }
        if std::mem::take(&mut gap) && is_apart(&last, written) {
            out.push(' ');
        }
        out.push_str(written);
        last.clear();
        last.push_str(written);
    }
    out
}

/// Whether a blank stays between two tokens.
fn is_apart(one: &str, other: &str) -> bool {
    let is_word = |text: &str| text.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let is_punctuation =
        |text: &str| text.len() == 1 && text.starts_with(|c: char| c.is_ascii_punctuation());
    let is_operator = |text: &str| {
        is_punctuation(text) && !matches!(text, "(" | ")" | "[" | "]" | "{" | "}" | "_")
    };
    match (one, other) {
        ("" | "(" | "[", _) | (_, ")" | "]") | ("#", "[") => false,
        (".", other) if !is_operator(other) => false,
        (one, "," | ";" | ".") if !is_operator(one) => false,
        (one, "(") => !is_word(one) || KEYWORDS.contains(&one),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_compiler_prints_it() {
        let pairs = [
            (" a   b ", "a b"),
            ("a/b", "a/b"),
            ("a :: b", "a :: b"),
            ("{id}", "{id}"),
            ("/users/{ id }\n // c\n x", "/users/{ id } x"),
            ("f( x,y ) [ z ]", "f(x,y) [z]"),
            ("a   /* x */ +  b", "a + b"),
            ("a-b /* x */ . c , d (e) ;", "a-b.c, d(e);"),
            ("# [a] let (b) = - c", "#[a] let (b) = - c"),
            ("get \"/x\"", "get \"/x\""),
            ("x + /*\u{1}w*/(1+1)/*\u{1}z*/ * 2", "x + 1+1 * 2"),
            ("x + /*\u{1}f*/y(1)/*\u{1}z*/ * 2", "x + y(1) * 2"),
        ];
        for (written, wanted) in pairs {
            assert_eq!(printed(written), wanted);
        }
    }
}
