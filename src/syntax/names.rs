//! The names that stand in a text, wherever they stand.

use std::hash::BuildHasher as _;

use ra_ap_rustc_lexer::TokenKind;
use rustc_hash::FxBuildHasher;

use super::token::{TextStart, Token, Tokens, whole};
use crate::source::Span;

/// One name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    /// Its bytes.
    pub span: Span,
    /// The name that `as` gives it there.
    pub renamed: Option<Span>,
}

/// All names of a text in order, keywords among them; those in comments and literals are none.
pub fn named(text: &str) -> Vec<Named> {
    let code: Vec<Token> =
        Tokens::new(text, whole(text), TextStart::File).filter(Token::is_code).collect();
    let is_name = |token: &Token| matches!(token.kind, TokenKind::Ident | TokenKind::RawIdent);
    let renamed = |at: usize| match (code.get(at + 1), code.get(at + 2)) {
        (Some(word), Some(name)) if word.span.of(text) == "as" && is_name(name) => Some(name.span),
        _ => None,
    };
    let names = code.iter().enumerate().filter(|(_, token)| is_name(token));
    names.map(|(at, token)| Named { span: token.span, renamed: renamed(at) }).collect()
}

/// The words of a text by two bits each: what is not there by them does not stand in it.
#[derive(Debug)]
pub struct Words {
    bits: Box<[u64]>,
}

impl Words {
    /// All words of a text, those of its comments and literals among them.
    pub fn of(text: &str) -> Self {
        // A word is some seven bytes long and stands more than once: less than a quarter of the bits are set.
        let mut bits = vec![0; (text.len() / 256).next_power_of_two()].into_boxed_slice();
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80;
        for word in text.as_bytes().split(|byte| !is_word(byte)).filter(|word| !word.is_empty()) {
            for (at, bit) in places(word, bits.len()) {
                if let Some(some) = bits.get_mut(at) {
                    *some |= bit;
                }
            }
        }
        Self { bits }
    }

    /// Whether a name, without the `r#` of a raw one, may be a word of the text.
    pub fn may_hold(&self, name: &str) -> bool {
        let mut places = places(name.as_bytes(), self.bits.len()).into_iter();
        places.all(|(at, bit)| self.bits.get(at).is_some_and(|some| some & bit != 0))
    }
}

/// The two bits of a word, each with the number of what holds it out of `len`, a power of two.
fn places(word: &[u8], len: usize) -> [(usize, u64); 2] {
    let hash = FxBuildHasher.hash_one(word);
    [hash, hash.rotate_left(32)].map(|hash| ((hash >> 6) as usize & (len - 1), 1 << (hash & 63)))
}

#[cfg(test)]
mod tests {
    use super::{Words, named};

    #[test]
    fn words_that_stand_there_are_found() {
        let text = "use a::Boat as C; // r#type\nfn größe(x: &[u8]) { \"E\"; }";
        let words = Words::of(text);
        for name in ["use", "a", "Boat", "C", "type", "größe", "u8", "E"] {
            assert!(words.may_hold(name), "{name}");
        }
        let not = ["oat", "Boats", "gr", "other", "payment", "create", "router", "state"];
        assert!(not.iter().filter(|name| words.may_hold(name)).count() < not.len() / 2);
    }

    #[test]
    fn renames_are_read() {
        let text = "use a::B as C; // D\nfn f() { \"E\"; }";
        let found: Vec<(&str, Option<&str>)> = named(text)
            .iter()
            .map(|one| (one.span.of(text), one.renamed.map(|renamed| renamed.of(text))))
            .collect();
        let plain = |name| (name, None);
        let all = [
            plain("use"),
            plain("a"),
            ("B", Some("C")),
            plain("as"),
            plain("C"),
            plain("fn"),
            plain("f"),
        ];
        assert_eq!(found, all);
    }
}
