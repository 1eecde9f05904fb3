//! What a statement runs that stands in it as text, in a variable, or under a name.

use sqlparser::tokenizer::Token;

use super::holes::LOOKAHEAD;
use super::text::is_one_of;
use super::tokens::Lexeme;
use super::tree::Names;

mod format;
mod functions;

use format::formatted;
pub(super) use functions::{Given, given_to_functions};

/// Tokens between the verb and what it runs at most, and of the type of a variable.
const FAR: usize = 16;
/// Values of a variable that are read.
const MOST_VALUES: usize = 8;
/// What may stand between the verb and what it runs, besides signs and variables.
const BETWEEN: &[&str] =
    &["sys", "sp_executesql", "stmt", "statement", "LANGUAGE", "plpgsql", "IMMEDIATE"];
/// Words that follow the verb where it is a right or the option of a routine.
const NO_NAMES: &[&str] =
    &["ON", "FUNCTION", "PROCEDURE", "AS", "TO", "FROM", "BLOCK", "TRANSACTION"];
/// Procedures of servers that write no table of anybody's.
const HARMLESS: &[&str] = &[
    "refresh_continuous_aggregate",
    "sp_getapplock",
    "sp_releaseapplock",
    "sp_set_session_context",
    "sp_help",
    "sp_helptext",
    "sp_who",
    "sp_who2",
    "sp_spaceused",
    "sp_columns",
    "sp_tables",
];
/// Functions that put their arguments one after the other.
const JOIN: &[&str] = &["CONCAT", "CONCAT_WS"];

/// What is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Executed {
    /// This text, with the marker where it is not known.
    Text(String),
    /// What the statement does not say.
    Unknown,
}

/// What the verb at `at` runs: `EXECUTE '…'`, `EXECUTE format('…')`, `PREPARE s FROM @text`, `EXEC('…' + @table)`,
/// `EXEC sys.sp_executesql @stmt = N'…'`, `CALL pay()`.
///
/// - `is_whole`: the verb begins a statement that is in no other.
/// - `whole`: the tokens of the whole text, in which variables are given what is run.
pub(super) fn executed(
    lexemes: &[Lexeme],
    at: usize,
    is_whole: bool,
    whole: &[Lexeme],
    names: &Names<'_>,
) -> Vec<Executed> {
    let marker = names.marker;
    let Some(verb) = lexemes.get(at) else { return Vec::new() };
    let is = |at: usize, words: &[&str]| lexemes.get(at).is_some_and(|next| next.is_any(words));
    let of = |from: usize| text_at(lexemes, from, whole, marker);
    if verb.is("PREPARE") {
        return if is(at + 2, &["FROM"]) { of(at + 3) } else { Vec::new() };
    }
    let next = skip_between(lexemes, at + 1);
    if verb.is("DO") {
        let text = lexemes.get(next).and_then(string);
        return text.map(|text| Executed::Text(text.to_owned())).into_iter().collect();
    }
    if verb.is("CALL") {
        let begins =
            at.checked_sub(1).and_then(|before| lexemes.get(before)).is_none_or(|before| {
                before.is_sign(&Token::SemiColon)
                    || before.is_any(&["BEGIN", "THEN", "ELSE", "LOOP"])
            });
        return if begins { procedure(lexemes, next, names) } else { Vec::new() };
    }
    let Some(first) = lexemes.get(next) else { return Vec::new() };
    if first.is_any(NO_NAMES) || first.is_sign(&Token::Comma) {
        return Vec::new();
    }
    let in_parentheses = first.is_sign(&Token::LParen);
    let is_value = in_parentheses
        || string(first).is_some()
        || is_called(lexemes, next, JOIN)
        || is_called(lexemes, next, &["format"])
        || is_variable(lexemes, next)
        || next > at + 1;
    if is_value && !is_procedure_after(lexemes, at, next) {
        return of(if in_parentheses { next + 1 } else { next });
    }
    let (_, end) = name_end(lexemes, next);
    let ends = lexemes.get(end).is_none_or(|after| {
        matches!(after.token.token, Token::SemiColon | Token::LParen)
            || after.is_any(&["INTO", "USING"])
    });
    if verb.is("EXEC") || !ends {
        procedure(lexemes, next, names)
    } else if is_whole {
        // A prepared statement was read where it was prepared.
        Vec::new()
    } else {
        of(next)
    }
}

/// `EXEC @result = pay @amount`: what follows the sign is a procedure, and no text.
fn is_procedure_after(lexemes: &[Lexeme], at: usize, next: usize) -> bool {
    let before = lexemes.get(at + 1..next).unwrap_or_default();
    let names = before.iter().any(|lexeme| lexeme.is_any(BETWEEN));
    let word = lexemes.get(next).and_then(Lexeme::word);
    !before.is_empty()
        && !names
        && word.is_some_and(|word| word.quote_style.is_none() && !word.value.starts_with('@'))
}

/// Past words that only say how what follows is run, and `@parameter =`.
fn skip_between(lexemes: &[Lexeme], from: usize) -> usize {
    let mut at = from;
    while at < from + FAR {
        let Some(lexeme) = lexemes.get(at) else { break };
        if let Some(end) = variable_end(lexemes, at)
            && is_variable(lexemes, at)
            && lexemes.get(end).is_some_and(|next| next.is_sign(&Token::Eq))
        {
            at = end + 1;
        } else if lexeme.is_any(BETWEEN) {
            at += 1;
        } else if let Some([open, name, close]) = lexemes.get(at..at + 3)
            && open.is_sign(&Token::LBracket)
            && close.is_sign(&Token::RBracket)
            && name.is_any(BETWEEN)
        {
            at += 3;
        } else if lexeme.word().is_some_and(|word| is_one_of(&word.value, BETWEEN))
            || (at > from && lexeme.is_sign(&Token::Period))
        {
            at += 1;
        } else {
            break;
        }
    }
    at
}

/// The procedure whose name stands here.
fn procedure(lexemes: &[Lexeme], at: usize, names: &Names<'_>) -> Vec<Executed> {
    let (last, _) = name_end(lexemes, at);
    let named = lexemes.get(last).and_then(Lexeme::word);
    match named {
        Some(name) if is_one_of(&name.value, HARMLESS) || names.has_routine(&name.value) => {
            Vec::new()
        }
        Some(_) => vec![Executed::Unknown],
        None => Vec::new(),
    }
}

/// The last part of the name that stands here, and what follows it.
fn name_end(lexemes: &[Lexeme], at: usize) -> (usize, usize) {
    let (mut last, mut end) = (at, at);
    while let Some(lexeme) = lexemes.get(end) {
        match lexeme.token.token {
            Token::Word(_) if end == at || is_bracketed(lexemes, end) => last = end,
            Token::LBracket | Token::RBracket | Token::Period => {}
            _ => break,
        }
        end += 1;
    }
    (last, end)
}

/// Whether a word stands in brackets or after a dot.
fn is_bracketed(lexemes: &[Lexeme], at: usize) -> bool {
    at.checked_sub(1)
        .and_then(|before| lexemes.get(before))
        .is_some_and(|before| matches!(before.token.token, Token::LBracket | Token::Period))
}

/// What is run of an expression: its text, or that of the variable it is.
fn text_at(lexemes: &[Lexeme], from: usize, whole: &[Lexeme], marker: &str) -> Vec<Executed> {
    if is_called(lexemes, from, &["format"]) {
        return vec![formatted(lexemes, from)];
    }
    let Some(first) = lexemes.get(from) else { return Vec::new() };
    let named = string(first).is_none().then(|| variable_end(lexemes, from)).flatten();
    let alone = named.filter(|end| !goes_on(lexemes, *end));
    let assigned = alone.map(|end| assigned(whole, lexemes.get(from..end).unwrap_or_default()));
    let texts: Vec<Executed> = match assigned {
        Some(all) if all.len() > MOST_VALUES => Vec::new(),
        Some(all) => all.into_iter().map(|start| assembled(whole, start, marker)).collect(),
        None => vec![assembled(lexemes, from, marker)],
    };
    if texts.is_empty() { vec![Executed::Unknown] } else { texts }
}

/// Whether an expression goes on after one of its parts.
fn goes_on(lexemes: &[Lexeme], at: usize) -> bool {
    lexemes.get(at).is_some_and(|next| {
        matches!(
            next.token.token,
            Token::StringConcat | Token::Plus | Token::Period | Token::LParen | Token::DoubleColon
        )
    })
}

/// Where the values begin that a variable is given.
fn assigned(lexemes: &[Lexeme], variable: &[Lexeme]) -> Vec<usize> {
    let spelled = |one: &Lexeme, other: &Lexeme| match (&one.token.token, &other.token.token) {
        (Token::Word(one), Token::Word(other)) => one.value.eq_ignore_ascii_case(&other.value),
        (one, other) => one == other,
    };
    let compares = !is_variable(variable, 0);
    let mut all = Vec::new();
    for (at, here) in lexemes.windows(variable.len()).take(LOOKAHEAD).enumerate() {
        if !here.iter().zip(variable).all(|(one, other)| spelled(one, other)) {
            continue;
        }
        let end = at + variable.len();
        // `DECLARE text varchar(max) = '…'`: a type may stand between.
        let mut rest = lexemes.iter().enumerate().skip(end).take(FAR);
        let sign = rest.find(|(_, lexeme)| {
            !matches!(
                lexeme.token.token,
                Token::Word(_) | Token::LParen | Token::RParen | Token::Number(..)
            ) || lexeme.is("DEFAULT")
        });
        let Some((sign, lexeme)) = sign else { continue };
        let gives = match lexeme.token.token {
            Token::Assignment | Token::Word(_) => true,
            Token::Eq => !compares,
            _ => false,
        };
        if gives {
            all.push(sign + 1);
        }
        if all.len() > MOST_VALUES {
            break;
        }
    }
    all
}

/// The text of an expression: its strings, and the marker for all else that it is put together of.
fn assembled(lexemes: &[Lexeme], from: usize, marker: &str) -> Executed {
    if is_called(lexemes, from, &["format"]) {
        return formatted(lexemes, from);
    }
    let mut text = String::new();
    // Of each open parenthesis, whether what is in it belongs to the text.
    let mut levels: Vec<bool> = Vec::new();
    let mut is_complete = false;
    for (at, lexeme) in lexemes.iter().enumerate().skip(from).take(LOOKAHEAD) {
        let is_opaque = levels.last() == Some(&false);
        match &lexeme.token.token {
            Token::LParen => {
                levels.push(!is_opaque && !is_complete);
                is_complete = false;
            }
            Token::RParen if levels.pop().is_none() => break,
            Token::RParen => is_complete = true,
            _ if is_opaque => {}
            Token::SemiColon => break,
            Token::Comma if levels.is_empty() => break,
            Token::Comma | Token::StringConcat | Token::Plus | Token::Period => is_complete = false,
            Token::DoubleColon | Token::LBracket | Token::RBracket => {}
            Token::Word(_) if is_called(lexemes, at, JOIN) => {}
            _ if is_complete => break,
            _ => {
                match string(lexeme) {
                    Some(known) => text.push_str(known),
                    None if !text.ends_with(marker) => text.push_str(marker),
                    None => {}
                }
                is_complete = true;
            }
        }
    }
    let touches = |known: &str| known.ends_with(|last: char| last.is_alphanumeric());
    if let Some(known) = text.strip_suffix(marker).map(str::len)
        && text.get(..known).is_some_and(touches)
    {
        // What is put after a whole name is a clause far more often than the end of the name.
        text.insert(known, ' ');
    }
    Executed::Text(text)
}

/// The text of a string; one in double quotes is one where it holds what no name does.
pub(super) fn string(lexeme: &Lexeme) -> Option<&str> {
    match &lexeme.token.token {
        Token::SingleQuotedString(text)
        | Token::DoubleQuotedString(text)
        | Token::NationalStringLiteral(text)
        | Token::EscapedStringLiteral(text) => Some(text),
        Token::DollarQuotedString(quoted) => Some(&quoted.value),
        Token::Word(word) if word.quote_style == Some('"') => {
            word.value.contains(' ').then_some(word.value.as_str())
        }
        _ => None,
    }
}

/// Whether one of these functions is called here.
fn is_called(lexemes: &[Lexeme], at: usize, names: &[&str]) -> bool {
    lexemes.get(at).is_some_and(|lexeme| lexeme.is_any(names))
        && lexemes.get(at + 1).is_some_and(|next| next.is_sign(&Token::LParen))
}

/// Whether a variable stands here that its sign tells from a column.
fn is_variable(lexemes: &[Lexeme], at: usize) -> bool {
    lexemes.get(at).is_some_and(|lexeme| match &lexeme.token.token {
        Token::Word(word) => word.value.starts_with('@'),
        Token::Placeholder(name) => name.starts_with('@'),
        Token::AtSign => true,
        _ => false,
    })
}

/// What follows a variable, or a name that may be one.
fn variable_end(lexemes: &[Lexeme], at: usize) -> Option<usize> {
    let lexeme = lexemes.get(at)?;
    match &lexeme.token.token {
        Token::AtSign => lexemes.get(at + 1)?.word().map(|_| at + 2),
        Token::Placeholder(name) => name.starts_with('@').then_some(at + 1),
        Token::Word(word) => word.quote_style.is_none().then_some(at + 1),
        _ => None,
    }
}
