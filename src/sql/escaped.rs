//! `U&"pay\006dents"`: names whose characters are written by number, as the standard and Postgres have them.
//!
//! The tokenizer takes them for three tokens, a word, a sign and a quoted name, and the table would be called `u`.

use sqlparser::tokenizer::Token;

use super::tokens::Lexeme;

/// The tokens with each such name as one, and what it says.
pub(super) fn joined(lexemes: Vec<Lexeme>) -> Vec<Lexeme> {
    if !(0..lexemes.len()).any(|at| is_escaped(&lexemes, at)) {
        return lexemes;
    }
    let mut all = Vec::with_capacity(lexemes.len());
    let mut at = 0;
    while let Some(lexeme) = lexemes.get(at) {
        let quoted = lexemes.get(at + 2).filter(|_| is_escaped(&lexemes, at));
        let Some(mut quoted) = quoted.cloned() else {
            all.push(lexeme.clone());
            at += 1;
            continue;
        };
        let own = escape_of(&lexemes, at + 3);
        if let Token::Word(word) = &mut quoted.token.token {
            word.value = decoded(&word.value, own.unwrap_or('\\'));
        }
        quoted.start = lexeme.start;
        quoted.token.span.start = lexeme.token.span.start;
        all.push(quoted);
        at += if own.is_some() { 5 } else { 3 };
    }
    all
}

/// Whether such a name begins at `at`: nothing stands between its parts.
fn is_escaped(lexemes: &[Lexeme], at: usize) -> bool {
    let (Some(head), Some(sign), Some(name)) =
        (lexemes.get(at), lexemes.get(at + 1), lexemes.get(at + 2))
    else {
        return false;
    };
    head.is("U")
        && sign.is_sign(&Token::Ampersand)
        && name.word().is_some_and(|word| word.quote_style == Some('"'))
        && (sign.start, name.start) == (head.start + 1, head.start + 2)
}

/// `UESCAPE '!'`: the sign that stands in place of the backslash.
fn escape_of(lexemes: &[Lexeme], at: usize) -> Option<char> {
    lexemes.get(at).filter(|word| word.is("UESCAPE"))?;
    let Token::SingleQuotedString(text) = &lexemes.get(at + 1)?.token.token else { return None };
    let mut chars = text.chars();
    chars.next().filter(|_| chars.next().is_none())
}

/// A name with `\0061` and `\+000061` as the characters that they stand for.
fn decoded(text: &str, escape: char) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(escape) {
        out.push_str(before);
        let (digits, length) = match after.strip_prefix('+') {
            Some(long) => (long.get(..6), 7),
            None => (after.get(..4), 4),
        };
        let code = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let c = code.and_then(|code| char::from_u32(u32::from_str_radix(code, 16).ok()?));
        rest = if let Some(c) = c {
            out.push(c);
            after.get(length..).unwrap_or_default()
        } else {
            // Twice it stands for itself, and else it is a mistake of which the database complains.
            out.push(escape);
            after.strip_prefix(escape).unwrap_or(after)
        };
    }
    out.push_str(rest);
    out
}
