//! Words between a verb and its table, and other phrases that the parser does not know and no table is in.

use sqlparser::tokenizer::Token;

use super::holes::{LOOKAHEAD, parenthesis_end};
use super::tokens::Lexeme;

/// Tokens that `ONLY (schema.table)` takes at most.
const LONGEST_NAME: usize = 8;

/// How many tokens from here are a phrase the parser does not know: `TOP (5)` of a write, `IGNORE` before its table,
/// `OVERRIDING SYSTEM VALUE`, `WHERE CURRENT OF cursor`, the target of `ON CONFLICT (…) WHERE …`.
pub(super) fn width(lexemes: &[Lexeme], index: usize) -> usize {
    let is = |at: usize, words: &[&str]| lexemes.get(at).is_some_and(|lexeme| lexeme.is_any(words));
    let previous = index.checked_sub(1).and_then(|previous| lexemes.get(previous));
    if is(index, &["TOP"])
        && previous
            .is_some_and(|previous| previous.is_any(&["UPDATE", "DELETE", "INSERT", "MERGE"]))
    {
        let Some(end) = parenthesis_end(lexemes, index + 1, LOOKAHEAD / 64) else { return 0 };
        let percent = is(end, &["PERCENT"])
            && lexemes.get(end + 1).is_some_and(|next| next.word().is_some())
            && !is(end + 1, &["SET", "WHERE", "OUTPUT"]);
        return end - index + usize::from(percent);
    }
    if let Some(verb) = previous {
        let run = run_of_modifiers(verb, lexemes, index);
        if run > 0 {
            return run;
        }
    }
    if is(index, &["ONLY"])
        && previous.is_some_and(|previous| previous.is_any(&["UPDATE", "FROM", "INTO"]))
    {
        let next = lexemes.get(index + 1);
        if next.is_some_and(|next| next.word().is_some()) {
            return 1;
        }
        if only_name_end(lexemes, index).is_some() {
            return 2;
        }
    }
    let closes_only = || {
        let from = index.saturating_sub(LONGEST_NAME);
        (from..index).any(|at| is(at, &["ONLY"]) && only_name_end(lexemes, at) == Some(index))
    };
    if lexemes.get(index).is_some_and(|lexeme| lexeme.is_sign(&Token::RParen)) && closes_only() {
        return 1;
    }
    if is(index, &["BINARY"])
        && previous.is_some_and(|previous| previous.is("COPY"))
        && !is(index + 1, &["FROM", "TO"])
    {
        return 1;
    }
    if is(index, &["OVERRIDING"]) && is(index + 1, &["SYSTEM", "USER"]) && is(index + 2, &["VALUE"])
    {
        return 3;
    }
    if is(index, &["WHERE"]) && is(index + 1, &["CURRENT"]) && is(index + 2, &["OF"]) {
        return 4;
    }
    let is_target = lexemes.get(index).is_some_and(|lexeme| lexeme.is_sign(&Token::LParen))
        && previous.is_some_and(|previous| previous.is("CONFLICT"));
    let Some(end) = parenthesis_end(lexemes, index, LOOKAHEAD / 8).filter(|_| is_target) else {
        return 0;
    };
    if !is(end, &["WHERE"]) {
        return end - index;
    }
    let rest = lexemes.get(end..).unwrap_or_default();
    let action = rest.iter().take(LOOKAHEAD / 8).position(|lexeme| lexeme.is("DO"));
    end - index + action.unwrap_or(0)
}

/// How many words after a verb say how it writes rather than what: `DELETE QUICK FROM t`, `INSERT IGNORE t (a)`.
///
/// A table may have the name of such a word, and does where a list or a clause follows, or where it is named again.
fn run_of_modifiers(verb: &Lexeme, lexemes: &[Lexeme], index: usize) -> usize {
    let known: &[&str] = if verb.is("DELETE") {
        &["LOW_PRIORITY", "QUICK", "IGNORE", "HISTORY"]
    } else if verb.is_any(&["INSERT", "REPLACE"]) {
        &["LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "IGNORE", "BULK"]
    } else if verb.is("UPDATE") {
        &["LOW_PRIORITY", "IGNORE"]
    } else {
        return 0;
    };
    let rest = lexemes.get(index..).unwrap_or_default();
    let run = rest.iter().take_while(|lexeme| lexeme.is_any(known)).count();
    let Some(next) = rest.get(run).filter(|_| run > 0) else { return 0 };
    let names = next.word().is_some()
        && !next.is_any(&[
            "SET", "AS", "WHERE", "USING", "OUTPUT", "VALUES", "VALUE", "SELECT", "DEFAULT", "WITH",
        ]);
    let again = verb.is("DELETE")
        && rest.iter().skip(run).take(LOOKAHEAD / 64).any(|lexeme| lexeme.is_any(known));
    if names && !again { run } else { 0 }
}

/// Where the parenthesis of `ONLY (schema.table)` closes.
fn only_name_end(lexemes: &[Lexeme], only: usize) -> Option<usize> {
    if !lexemes.get(only + 1)?.is_sign(&Token::LParen) {
        return None;
    }
    let name = lexemes.get(only + 2..)?.iter().take(LONGEST_NAME);
    let is_part = |lexeme: &&Lexeme| {
        !matches!(
            lexeme.token.token,
            Token::LParen | Token::RParen | Token::Comma | Token::SemiColon
        )
    };
    let width = name.take_while(is_part).count();
    let end = only + 2 + width;
    (width > 0 && lexemes.get(end)?.is_sign(&Token::RParen)).then_some(end)
}
