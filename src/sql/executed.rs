//! Strings that are run as statements by the statement they stand in.

use sqlparser::tokenizer::Token;

use super::tokens::Lexeme;

/// Tokens between the verb and its string at most.
const FAR: usize = 16;
/// What may stand there besides signs and variables.
const WORDS: &[&str] =
    &["format", "sys", "sp_executesql", "stmt", "statement", "LANGUAGE", "plpgsql", "IMMEDIATE"];

/// The text of a string that is run as a statement: `EXECUTE '…'`, `EXECUTE format('…')`, `PREPARE s FROM '…'`,
/// `EXEC sys.sp_executesql @stmt = N'…'`.
pub(super) fn string_after(lexemes: &[Lexeme], start: usize) -> Option<&str> {
    let is_prepared = lexemes.get(start + 1).is_some_and(|lexeme| lexeme.is("FROM"));
    let first = if is_prepared { start + 2 } else { start };
    let rest = lexemes.get(first..)?.iter().take(FAR);
    let mut rest = rest.skip_while(|lexeme| match &lexeme.token.token {
        Token::Word(word) => {
            word.value.starts_with('@') || super::text::is_one_of(&word.value, WORDS)
        }
        Token::Placeholder(name) => name.starts_with('@'),
        Token::LBracket | Token::RBracket | Token::Period | Token::AtSign | Token::Eq => true,
        _ => false,
    });
    let next = rest.next()?;
    let string = if next.is_sign(&Token::LParen) { rest.next()? } else { next };
    match &string.token.token {
        Token::SingleQuotedString(text)
        | Token::NationalStringLiteral(text)
        | Token::EscapedStringLiteral(text) => Some(text),
        Token::DollarQuotedString(quoted) => Some(&quoted.value),
        _ => None,
    }
}
