//! Texts that functions are given, and that they may run: `SELECT cron.schedule('0 3 * * *', 'DELETE FROM t')`.

use sqlparser::tokenizer::Token;

use super::{
    super::{
        holes::{LOOKAHEAD, parenthesis_end},
        text::is_one_of,
        tokens::Lexeme,
        tree::Names,
        words::is_reserved,
    },
    string,
};

/// Functions that run the texts they are given.
const RUN_TEXT: &[&str] =
    &["dblink", "dblink_exec", "dblink_send_query", "openquery", "query_to_xml"];
/// Words in the names of others that do.
const RUN: &[&str] = &[
    "exec",
    "execute",
    "run",
    "sql",
    "query",
    "schedule",
    "cron",
    "command",
    "cmd",
    "statement",
    "job",
    "eval",
    "dblink",
];
/// Words in the names of functions that only make something of a text, or tell it.
const TELL: &[&str] = &[
    "log", "audit", "note", "notify", "notice", "message", "comment", "print", "debug", "trace",
    "json", "jsonb", "array", "string", "regexp", "regex", "quote", "tsquery", "tsvector",
    "config", "setting", "hash", "hashtext", "advisory", "text", "xml",
];
/// Functions of servers that only make something of a text.
#[rustfmt::skip]
const COMPUTE: &[&str] = &[
    "lower", "upper", "initcap", "length", "len", "char_length", "character_length", "octet_length", "replace",
    "translate", "substring", "substr", "position", "strpos", "instr", "locate", "charindex", "patindex", "concat",
    "concat_ws", "format", "coalesce", "nullif", "isnull", "ifnull", "nvl", "iif", "if", "md5", "sha1", "sha2",
    "sha224", "sha256", "sha384", "sha512", "digest", "hmac", "encode", "decode", "trim", "btrim", "ltrim", "rtrim",
    "left", "right", "lpad", "rpad", "repeat", "reverse", "split_part", "cast", "convert", "try_convert", "try_cast",
    "ascii", "like", "ilike", "starts_with", "similarity", "word_similarity", "levenshtein", "soundex", "difference",
    "unaccent", "row", "greatest", "least", "min", "max", "count", "any_value", "group_concat", "listagg", "unnest",
    "hashtextextended", "crc32", "quotename", "datalength", "checksum", "raise", "raiserror", "match", "against",
    "field", "find_in_set", "elt", "strftime", "glob", "printf", "hex", "unhex", "typeof", "to_char", "to_number",
    "decode_url", "insert", "stuff",
];
/// Words before a parenthesis that call nothing.
const NO_FUNCTIONS: &[&str] = &[
    "EXEC",
    "EXECUTE",
    "IN",
    "ANY",
    "SOME",
    "ALL",
    "EXISTS",
    "VALUES",
    "VALUE",
    "CHECK",
    "KEY",
    "MATERIALIZED",
    "USING",
    "OVER",
    "FILTER",
    "ROW",
    "RETURN",
    "PRINT",
    "THROW",
    "CASE",
    "ELSE",
    "ARRAY",
    "BETWEEN",
    "BY",
    "LIMIT",
    "CONFLICT",
    "COLUMNS",
    "DEFAULT",
    "RETURNING",
    "IF",
    "WHILE",
    "ELSIF",
];
/// Words before the name of a table, whose columns follow in parentheses.
const TABLES: &[&str] = &["INTO", "TABLE", "UPDATE", "REFERENCES", "COPY", "INDEX", "AS", "ON"];

/// A text that a function is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sql) enum Given {
    /// What the function does is to run it.
    Run(String),
    /// Nothing says what the function does with it.
    Open(String),
}

/// The texts that functions are given which may run them; of a declared one its body tells.
pub(in crate::sql) fn given_to_functions(lexemes: &[Lexeme], names: &Names<'_>) -> Vec<Given> {
    let mut all = Vec::new();
    for (at, lexeme) in lexemes.iter().enumerate() {
        let opens = lexemes.get(at + 1).is_some_and(|next| next.is_sign(&Token::LParen));
        let Some(word) = lexeme.word().filter(|_| opens) else { continue };
        let parts = || word.value.split('_');
        let has = |words| parts().any(|part| is_one_of(part, words));
        let is_named = word.quote_style.is_none()
            && (is_reserved(word.keyword) || lexeme.is_any(NO_FUNCTIONS));
        if is_named || is_of_table(lexemes, at) || names.has_routine(&word.value) {
            continue;
        }
        let runs = is_one_of(&word.value, RUN_TEXT);
        if !runs && (is_one_of(&word.value, COMPUTE) || has(TELL)) {
            continue;
        }
        let is_run = runs || has(RUN) || is_in_schema(lexemes, at, RUN);
        let end = parenthesis_end(lexemes, at + 1, LOOKAHEAD / 64).unwrap_or(at);
        for inner in at + 2..end {
            let Some(text) = lexemes.get(inner).and_then(string) else { continue };
            let made = if is_run { Given::Run } else { Given::Open };
            if runs || is_argument(lexemes, inner) && is_direct(lexemes, at + 1, inner) {
                all.push(made(text.to_owned()));
            }
        }
    }
    all
}

/// Whether a name is that of a table: `INSERT INTO t (a)`.
fn is_of_table(lexemes: &[Lexeme], mut at: usize) -> bool {
    while at >= 2 && lexemes.get(at - 1).is_some_and(|before| before.is_sign(&Token::Period)) {
        at -= 2;
    }
    at.checked_sub(1)
        .and_then(|before| lexemes.get(before))
        .is_some_and(|before| before.is_any(TABLES))
}

/// Whether the schema of a function is called so: `cron.alter`.
fn is_in_schema(lexemes: &[Lexeme], at: usize, words: &[&str]) -> bool {
    at >= 2
        && lexemes.get(at - 1).is_some_and(|before| before.is_sign(&Token::Period))
        && lexemes.get(at - 2).is_some_and(|schema| schema.is_any(words))
}

/// Whether a string is all of an argument.
fn is_argument(lexemes: &[Lexeme], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| lexemes.get(before));
    let begins = before.is_some_and(|before| {
        matches!(
            before.token.token,
            Token::LParen | Token::Comma | Token::RArrow | Token::Assignment | Token::Eq
        )
    });
    let ends = lexemes.get(at + 1).is_none_or(|after| {
        matches!(after.token.token, Token::RParen | Token::Comma | Token::DoubleColon)
    });
    begins && ends
}

/// Whether no other parenthesis is open between the one at `open` and `at`.
fn is_direct(lexemes: &[Lexeme], open: usize, at: usize) -> bool {
    let between = lexemes.get(open + 1..at).unwrap_or_default().iter();
    let depth = between.fold(0_isize, |depth, lexeme| match lexeme.token.token {
        Token::LParen => depth + 1,
        Token::RParen => depth - 1,
        _ => depth,
    });
    depth == 0
}
