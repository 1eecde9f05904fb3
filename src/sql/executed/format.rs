//! `format('DELETE FROM %I WHERE a = %L', 'payments', x)` of Postgres, with what is known put in.

use sqlparser::tokenizer::Token;

use super::{
    super::{
        holes::{LOOKAHEAD, parenthesis_end},
        tokens::Lexeme,
    },
    Executed, string,
};

/// The text that the call of `format` at a token makes. What is not known stays as `%I`, which reads as a name that is
/// not known.
pub(super) fn formatted(lexemes: &[Lexeme], at: usize) -> Executed {
    let Some(text) = lexemes.get(at + 2).and_then(string) else { return Executed::Unknown };
    let given = arguments(lexemes, at + 1);
    let mut made = String::with_capacity(text.len());
    let mut rest = text;
    let mut next = 1;
    while let Some((before, after)) = rest.split_once('%') {
        made.push_str(before);
        let Some((number, sign, width)) = specifier(after) else {
            made.push('%');
            rest = after;
            continue;
        };
        rest = after.get(width..).unwrap_or_default();
        if sign == '%' {
            made.push('%');
            continue;
        }
        let number = number.unwrap_or(next);
        next = number + 1;
        match given.get(number).copied().flatten() {
            Some(known) => push(&mut made, sign, known),
            None => made.extend(['%', sign]),
        }
    }
    made.push_str(rest);
    Executed::Text(made)
}

/// The texts of the arguments of a call; one that is anything but a string is not known.
fn arguments(lexemes: &[Lexeme], open: usize) -> Vec<Option<&str>> {
    let end = parenthesis_end(lexemes, open, LOOKAHEAD).unwrap_or(lexemes.len());
    let within = lexemes.get(open + 1..end.saturating_sub(1)).unwrap_or_default();
    let mut depth = 0_usize;
    let parts = within.split(|lexeme| {
        match lexeme.token.token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && lexeme.is_sign(&Token::Comma)
    });
    parts.map(|part| part.first().filter(|_| part.len() == 1).and_then(string)).collect()
}

/// `1$-10s`: the number of the argument, the sign, and how many bytes that takes.
fn specifier(text: &str) -> Option<(Option<usize>, char, usize)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && !matches!(c, '$' | '-' | '*'))?;
    let sign =
        text.get(end..)?.chars().next().filter(|sign| matches!(sign, 'I' | 's' | 'L' | '%'))?;
    let number = text.get(..end)?.split_once('$').and_then(|(number, _)| number.parse().ok());
    Some((number, sign, end + 1))
}

fn push(made: &mut String, sign: char, known: &str) {
    let is_plain = known.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    let quote = match sign {
        'L' => '\'',
        'I' if !is_plain => '"',
        _ => return made.push_str(known),
    };
    made.push(quote);
    for c in known.chars() {
        if c == quote {
            made.push(quote);
        }
        made.push(c);
    }
    made.push(quote);
}
