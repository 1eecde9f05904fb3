//! Text -> tokens of one dialect, cut into statements, measured before anything recursive sees them.

use std::borrow::Cow;
use std::ops::Range;

use sqlparser::dialect::{
    Dialect as Grammar, DuckDbDialect, GenericDialect, MsSqlDialect, MySqlDialect,
    PostgreSqlDialect, SQLiteDialect,
};
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer, Word};

use super::Dialect;

/// Parentheses deeper than this are read token by token: the parser tries several readings of each.
const MAX_PARENTHESES: usize = 24;
/// Operators on one path through the tree: each adds a level to it, and dropping the tree recurses.
const MAX_DEPTH: usize = 600;
/// What files of some editors begin with.
const BYTE_ORDER_MARK: char = '\u{feff}';

static POSTGRES: PostgreSqlDialect = PostgreSqlDialect {};
static SQLITE: SQLiteDialect = SQLiteDialect {};
static MYSQL: MySqlDialect = MySqlDialect {};
static MSSQL: MsSqlDialect = MsSqlDialect {};
static DUCKDB: DuckDbDialect = DuckDbDialect {};
static GENERIC: GenericDialect = GenericDialect {};

impl Dialect {
    /// The parser's rules for this dialect.
    pub(super) fn grammar(self) -> &'static dyn Grammar {
        match self {
            Self::Postgres => &POSTGRES,
            Self::Sqlite => &SQLITE,
            Self::MySql => &MYSQL,
            Self::MsSql => &MSSQL,
            Self::DuckDb => &DUCKDB,
            Self::Generic => &GENERIC,
        }
    }

    /// Every dialect, the hinted one first.
    pub(super) fn order(hint: Option<Self>) -> Vec<Self> {
        let all =
            [Self::Postgres, Self::Sqlite, Self::MySql, Self::MsSql, Self::DuckDb, Self::Generic];
        hint.into_iter().chain(all.into_iter().filter(|dialect| Some(*dialect) != hint)).collect()
    }

    /// Whether double quotes keep case in this database.
    pub(super) fn keeps_quoted_case(self) -> bool {
        !matches!(self, Self::Sqlite | Self::MySql | Self::MsSql)
    }
}

/// One token that is neither white space nor comment.
#[derive(Debug, Clone)]
pub(super) struct Lexeme {
    /// The token with the parser's idea of where it is.
    pub(super) token: TokenWithSpan,
    /// First byte in the text that was tokenized.
    pub(super) start: usize,
}

impl Lexeme {
    /// The word, unless the token is something else.
    pub(super) fn word(&self) -> Option<&Word> {
        match &self.token.token {
            Token::Word(word) => Some(word),
            _ => None,
        }
    }

    /// Whether the token is this word outside quotes, whatever its case.
    pub(super) fn is(&self, keyword: &str) -> bool {
        self.word().is_some_and(|word| {
            word.quote_style.is_none() && word.value.eq_ignore_ascii_case(keyword)
        })
    }

    /// Whether the token is one of these words outside quotes, whatever their case.
    pub(super) fn is_any(&self, keywords: &[&str]) -> bool {
        self.word().is_some_and(|word| {
            word.quote_style.is_none() && super::text::is_one_of(&word.value, keywords)
        })
    }

    /// Whether the token is this sign.
    pub(super) fn is_sign(&self, sign: &Token) -> bool {
        self.token.token == *sign
    }
}

/// The tokens of one text in one dialect.
#[derive(Debug, Clone)]
pub(super) struct Lexed {
    /// Whose rules cut the text into tokens.
    pub(super) dialect: Dialect,
    /// The tokens, as far as they could be read.
    pub(super) lexemes: Vec<Lexeme>,
    /// Why the text ends before its end.
    pub(super) failure: Option<String>,
}

impl Lexed {
    /// Tokenizes `text`; on failure, what comes before the failure.
    pub(super) fn new(text: &str, dialect: Dialect) -> Self {
        let mut tokens = Vec::new();
        // The mark with which a file begins that an editor on Windows wrote is no token; blanks keep bytes in place.
        let spaced: Cow<'_, str> = if text.contains(BYTE_ORDER_MARK) {
            Cow::Owned(text.replace(BYTE_ORDER_MARK, "   "))
        } else {
            Cow::Borrowed(text)
        };
        let text = &*spaced;
        let outcome =
            Tokenizer::new(dialect.grammar(), text).tokenize_with_location_into_buf(&mut tokens);
        let mut cursor = ByteCursor::new(text);
        let lexemes = tokens
            .into_iter()
            .map(|token| Lexeme { start: cursor.byte(token.span.start), token })
            .filter(|lexeme| !matches!(lexeme.token.token, Token::Whitespace(_) | Token::EOF))
            .collect();
        let lexemes = super::escaped::joined(lexemes);
        Self { dialect, lexemes, failure: outcome.err().map(|error| error.to_string()) }
    }
}

/// The reading of `text` that goes furthest, in the order of `dialects`.
pub(super) fn best_lexed(text: &str, dialects: &[Dialect]) -> Option<Lexed> {
    let mut best: Option<Lexed> = None;
    for dialect in dialects {
        let lexed = Lexed::new(text, *dialect);
        if lexed.failure.is_none() {
            return Some(lexed);
        }
        if best.as_ref().is_none_or(|best| best.lexemes.len() < lexed.lexemes.len()) {
            best = Some(lexed);
        }
    }
    best
}

/// Turns lines and columns into bytes, moving forward only.
struct ByteCursor<'a> {
    rest: std::str::CharIndices<'a>,
    line: u64,
    column: u64,
    byte: usize,
    len: usize,
}

impl<'a> ByteCursor<'a> {
    fn new(text: &'a str) -> Self {
        Self { rest: text.char_indices(), line: 1, column: 1, byte: 0, len: text.len() }
    }

    fn byte(&mut self, target: Location) -> usize {
        while (self.line, self.column) < (target.line, target.column) {
            match self.rest.next() {
                Some((_, '\n')) => {
                    self.line += 1;
                    self.column = 1;
                }
                Some(_) => self.column += 1,
                None => return self.len,
            }
            self.byte = self.rest.offset();
        }
        self.byte
    }
}

/// The ranges of tokens that are one statement each, without the semicolons between them.
///
/// A semicolon inside parentheses, or inside the `BEGIN … END` of a trigger or routine, ends nothing. Words in
/// parentheses are columns and arguments, whatever they are called.
pub(super) fn statements(lexemes: &[Lexeme]) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    let mut parentheses = 0_usize;
    let mut blocks = 0_usize;
    let mut routine = false;
    for (index, lexeme) in lexemes.iter().enumerate() {
        match &lexeme.token.token {
            Token::LParen => parentheses += 1,
            Token::RParen => parentheses = parentheses.saturating_sub(1),
            Token::SemiColon if parentheses == 0 && blocks == 0 => {
                ranges.push(start..index);
                start = index + 1;
                routine = false;
            }
            Token::Word(_) if parentheses > 0 => {}
            Token::Word(_) if routine => {
                if lexeme.is_any(&["BEGIN", "CASE"])
                    && !lexemes.get(index.wrapping_sub(1)).is_some_and(|l| l.is("END"))
                {
                    blocks += 1;
                } else if lexeme.is("END")
                    && !lexemes
                        .get(index + 1)
                        .is_some_and(|next| next.is_any(&["IF", "LOOP", "WHILE", "REPEAT", "FOR"]))
                {
                    blocks = blocks.saturating_sub(1);
                }
            }
            Token::Word(_) if lexeme.is_any(&["TRIGGER", "FUNCTION", "PROCEDURE", "EVENT"]) => {
                // A column or trigger of a table is none of its own.
                let head = lexemes.get(start..index).unwrap_or_default();
                routine = head.first().is_some_and(|first| first.is_any(&["CREATE", "ALTER"]))
                    && !head.iter().take(8).any(|word| word.is("TABLE"));
            }
            _ => {}
        }
    }
    ranges.push(start..lexemes.len());
    ranges.retain(|range| !range.is_empty());
    ranges
}

/// Whether the parser can be trusted with these tokens: not so deep that it takes long, or that its tree cannot be dropped.
pub(super) fn is_shallow(lexemes: &[Lexeme]) -> bool {
    let mut open: Vec<usize> = vec![0];
    let mut depth = 0_usize;
    for lexeme in lexemes {
        match &lexeme.token.token {
            Token::LParen | Token::LBracket | Token::LBrace => open.push(0),
            Token::RParen | Token::RBracket | Token::RBrace => {
                depth = depth.saturating_sub(open.pop().unwrap_or_default());
                if open.is_empty() {
                    open.push(0);
                }
                // What was in brackets may be the left side of what follows, so it leaves a level behind.
                add_level(&mut open, &mut depth);
            }
            Token::Comma => {
                depth = depth.saturating_sub(open.last().copied().unwrap_or_default());
                if let Some(levels) = open.last_mut() {
                    *levels = 0;
                }
            }
            Token::Word(_) => {
                if lexeme.is_any(&[
                    "AND",
                    "OR",
                    "NOT",
                    "XOR",
                    "IS",
                    "LIKE",
                    "ILIKE",
                    "IN",
                    "BETWEEN",
                    "UNION",
                    "EXCEPT",
                    "INTERSECT",
                    "COLLATE",
                    "AT",
                    "CASE",
                    "DIV",
                    "MOD",
                    "JOIN",
                    "SIMILAR",
                    "REGEXP",
                    "RLIKE",
                    "NOTNULL",
                    "ISNULL",
                    "EXPLAIN",
                    "PREPARE",
                    "WITH",
                    "IF",
                    "BEGIN",
                    "WHILE",
                    "INTERVAL",
                    "PRIOR",
                    "OPERATOR",
                ]) {
                    add_level(&mut open, &mut depth);
                }
            }
            Token::Number(..) | Token::SingleQuotedString(_) | Token::Placeholder(_) => {}
            _ => add_level(&mut open, &mut depth),
        }
        if depth > MAX_DEPTH || open.len() > MAX_PARENTHESES {
            return false;
        }
    }
    true
}

fn add_level(open: &mut [usize], depth: &mut usize) {
    if let Some(levels) = open.last_mut() {
        *levels += 1;
        *depth += 1;
    }
}
