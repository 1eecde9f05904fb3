//! Tokens with holes -> tokens that parse, by guessing what a hole stands for from what is around it.
//!
//! A guess only has to let the parser through; what is read from the tree is the table, and a hole in its place is seen
//! because the marker is still there.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Span, Token, TokenWithSpan, Word};

use super::modifiers;
use super::text::is_one_of;
use super::tokens::Lexeme;

/// How far the end of a phrase is looked for; it keeps repeated beginnings from taking quadratic time.
pub(super) const LOOKAHEAD: usize = 4_096;

/// What a hole is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guess {
    /// What the words around the hole ask for.
    Fitting,
    /// A name.
    Name,
    /// A number.
    Number,
    /// A list in parentheses.
    List,
    /// Nothing at all.
    Nothing,
    /// `column = 1`.
    Assignment,
    /// `VALUES (1)`.
    Values,
    /// `=`.
    Operator,
    /// `DO UPDATE`, the more a conflict may lead to.
    DoUpdate,
}

/// How every hole of a statement is filled.
#[derive(Debug, Clone, Copy)]
pub(super) struct Filling {
    /// For every hole but the last.
    pub(super) holes: Guess,
    /// For the last hole.
    pub(super) last: Guess,
    /// Whether the text is taken to go on after its end.
    pub(super) open_ended: bool,
}

/// The fillings worth trying, likeliest first.
pub(super) fn fillings(with_holes: bool, open_ended: bool) -> Vec<Filling> {
    let others = [
        Guess::Name,
        Guess::Number,
        Guess::List,
        Guess::Nothing,
        Guess::Assignment,
        Guess::Values,
        Guess::Operator,
        Guess::DoUpdate,
    ];
    let mut fillings = vec![Filling { holes: Guess::Fitting, last: Guess::Fitting, open_ended }];
    if with_holes || open_ended {
        fillings.extend(others.map(|last| Filling { holes: Guess::Fitting, last, open_ended }));
        fillings.extend(others.map(|holes| Filling { holes, last: holes, open_ended }));
    }
    fillings
}

/// Whether a token has a hole in it.
pub(super) fn has_hole(lexeme: &Lexeme, marker: &str) -> bool {
    lexeme.word().is_some_and(|word| word.value.contains(marker))
}

/// Parts holes from keywords they touch (`WHERE{condition}`), and drops what the parser does not know and no table is in.
pub(super) fn tidied(lexemes: &[Lexeme], marker: &str) -> Vec<Lexeme> {
    let mut tidy: Vec<Lexeme> = Vec::with_capacity(lexemes.len());
    let mut dropped_to = 0;
    for (index, lexeme) in lexemes.iter().enumerate() {
        if index < dropped_to {
            continue;
        }
        let width = modifiers::width(lexemes, index);
        if width > 0 {
            dropped_to = index + width;
            continue;
        }
        let previous = tidy.last();
        if lexeme.is("UPDATE")
            && previous.is_some_and(|previous| previous.is("OR"))
            && tidy.len() == 2
            && tidy.first().is_some_and(|first| first.is("INSERT"))
        {
            // Spanner's word for what SQLite calls `INSERT OR REPLACE`.
            tidy.push(replaced(lexeme, Token::make_word("REPLACE", None)));
            continue;
        }
        if lexeme.is("UPSERT") && lexemes.get(index + 1).is_some_and(|next| next.is("INTO")) {
            tidy.push(replaced(lexeme, Token::make_word("REPLACE", None)));
            continue;
        }
        if lexeme.is("s") && previous.is_some_and(|previous| previous.is_sign(&Token::Mod)) {
            // `%s` of the drivers that write placeholders so; a remainder by a column called `s` parses either way.
            tidy.pop();
            tidy.push(replaced(lexeme, Token::Placeholder("?".to_owned())));
            continue;
        }
        match lexeme.word().filter(|word| word.quote_style.is_none()) {
            Some(word) if word.value != marker => match split(&word.value, marker) {
                Some(words) => {
                    tidy.extend(words.map(|word| replaced(lexeme, Token::make_word(word, None))));
                }
                None => tidy.push(lexeme.clone()),
            },
            _ => tidy.push(lexeme.clone()),
        }
    }
    joined_by_words(tidy)
}

/// `UPDATE a, b SET …` of `MySQL` with the joins spelled out, as the parser knows only those.
fn joined_by_words(tidy: Vec<Lexeme>) -> Vec<Lexeme> {
    let Some(first) = tidy.first().filter(|first| first.is_any(&["UPDATE", "WITH"])) else {
        return tidy;
    };
    let mut depth = 0_usize;
    let mut commas = Vec::new();
    let mut updates = first.is("UPDATE");
    let mut is_update = false;
    for (at, lexeme) in tidy.iter().enumerate().skip(1) {
        match lexeme.token.token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            Token::Comma if depth == 0 && updates => commas.push(at),
            Token::Word(_) if depth == 0 && lexeme.is("UPDATE") => updates = true,
            Token::Word(_) if depth == 0 && updates && lexeme.is("SET") => {
                is_update = true;
                break;
            }
            _ => {}
        }
    }
    if !is_update || commas.is_empty() {
        return tidy;
    }
    let mut commas = commas.into_iter().peekable();
    let mut all = Vec::with_capacity(tidy.len() + 8);
    for (at, lexeme) in tidy.into_iter().enumerate() {
        if commas.next_if_eq(&at).is_some() {
            all.push(replaced(&lexeme, Token::make_word("CROSS", None)));
            all.push(replaced(&lexeme, Token::make_word("JOIN", None)));
        } else {
            all.push(lexeme);
        }
    }
    all
}

/// The token after the parenthesis that opens here, unless it is far away or missing.
pub(super) fn parenthesis_end(lexemes: &[Lexeme], open: usize, lookahead: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (index, lexeme) in lexemes.iter().enumerate().skip(open).take(lookahead) {
        match lexeme.token.token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return (index > open).then_some(index + 1);
        }
    }
    None
}

fn replaced(lexeme: &Lexeme, token: Token) -> Lexeme {
    Lexeme { token: TokenWithSpan { token, span: lexeme.token.span }, start: lexeme.start }
}

fn split<'a>(word: &'a str, marker: &'a str) -> Option<[&'a str; 2]> {
    const CLAUSES: [&str; 15] = [
        "WHERE",
        "SET",
        "VALUES",
        "AND",
        "OR",
        "BY",
        "LIMIT",
        "OFFSET",
        "RETURNING",
        "SELECT",
        "FROM",
        "USING",
        "ON",
        "IN",
        "INTO",
    ];
    if let Some(before) = word.strip_suffix(marker)
        && is_one_of(before, &CLAUSES)
    {
        return Some([before, marker]);
    }
    let after = word.strip_prefix(marker)?;
    is_one_of(after, &CLAUSES).then_some([marker, after])
}

/// The tokens with every hole filled.
pub(super) fn filled(lexemes: &[Lexeme], marker: &str, filling: Filling) -> Vec<TokenWithSpan> {
    let mut writer = Writer {
        shape: Shape::new(lexemes, marker),
        out: Vec::with_capacity(lexemes.len() + 8),
        marker,
        depth: 0,
        clause: Clause::Other,
    };
    let is_hole = |lexeme: &Lexeme| {
        lexeme.word().is_some_and(|word| word.quote_style.is_none() && word.value == marker)
    };
    let last = if filling.open_ended { None } else { lexemes.iter().rposition(is_hole) };
    for (index, lexeme) in lexemes.iter().enumerate() {
        if is_hole(lexeme) {
            let guess = if Some(index) == last { filling.last } else { filling.holes };
            writer.fill(guess, lexemes, index, lexeme.token.span);
        } else {
            writer.push(lexeme.token.token.clone(), lexeme.token.span);
        }
    }
    if filling.open_ended {
        let span = lexemes.last().map_or_else(Span::empty, |lexeme| lexeme.token.span);
        writer.fill(filling.last, lexemes, lexemes.len(), span);
        writer.close(span);
    }
    if lexemes.first().is_some_and(|first| first.is("COPY")) {
        // The parser wants the end of a COPY spelled out before the data it expects.
        writer.push(Token::SemiColon, Span::empty());
    }
    writer.out
}

/// The clause of the statement the writer is in, outside parentheses.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Clause {
    Set,
    Values,
    Other,
}

/// What a whole statement has and has not.
struct Shape {
    /// It inserts, and nothing known says what.
    lacks_values: bool,
    /// It updates, and nothing known says what.
    lacks_assignments: bool,
}

impl Shape {
    fn new(lexemes: &[Lexeme], marker: &str) -> Self {
        let has = |words: &[&str]| lexemes.iter().any(|lexeme| lexeme.is_any(words));
        let begins = |words: &[&str]| lexemes.first().is_some_and(|first| first.is_any(words));
        let inserts =
            begins(&["INSERT", "REPLACE"]) || (begins(&["WITH", marker]) && has(&["INSERT"]));
        Self {
            lacks_values: inserts && !has(&["VALUES", "VALUE", "SELECT", "SET", "DEFAULT"]),
            lacks_assignments: begins(&["UPDATE"])
                && !has(&["SET"])
                && lexemes.iter().any(|lexeme| has_hole(lexeme, marker)),
        }
    }
}

struct Writer<'a> {
    shape: Shape,
    out: Vec<TokenWithSpan>,
    marker: &'a str,
    depth: usize,
    clause: Clause,
}

impl Writer<'_> {
    fn push(&mut self, token: Token, span: Span) {
        match &token {
            Token::LParen => self.depth += 1,
            Token::RParen => self.depth = self.depth.saturating_sub(1),
            Token::Word(word) if self.depth == 0 => match word.keyword {
                Keyword::SET => self.clause = Clause::Set,
                Keyword::VALUES => self.clause = Clause::Values,
                Keyword::WHERE
                | Keyword::FROM
                | Keyword::RETURNING
                | Keyword::ON
                | Keyword::ORDER => {
                    self.clause = Clause::Other;
                }
                _ => {}
            },
            _ => {}
        }
        self.out.push(TokenWithSpan { token, span });
    }

    fn push_words(&mut self, words: &[&str], span: Span) {
        for word in words {
            self.push(Token::make_word(word, None), span);
        }
    }

    fn push_list(&mut self, span: Span) {
        self.push(Token::LParen, span);
        self.push(Token::make_word(self.marker, None), span);
        self.push(Token::RParen, span);
    }

    fn fill(&mut self, guess: Guess, lexemes: &[Lexeme], index: usize, span: Span) {
        // Where a table is due, nothing but a name will do: any other guess would be taken for the table.
        match if self.expects_table() { Guess::Name } else { guess } {
            Guess::Fitting => self.fill_fitting(lexemes, index, span),
            Guess::Name => self.push(Token::make_word(self.marker, None), span),
            Guess::Number => self.push(Token::Number("1".to_owned(), false), span),
            Guess::List => self.push_list(span),
            Guess::Nothing => {}
            Guess::Assignment => {
                self.push(Token::make_word(self.marker, None), span);
                self.push(Token::Eq, span);
                self.push(Token::Number("1".to_owned(), false), span);
            }
            Guess::Values => {
                self.push_words(&["VALUES"], span);
                self.push_list(span);
            }
            Guess::Operator => self.push(Token::Eq, span),
            Guess::DoUpdate if !self.follows(&["CONFLICT"]) => {}
            Guess::DoUpdate => {
                self.push_words(&["DO", "UPDATE", "SET"], span);
                self.fill(Guess::Assignment, &[], 0, span);
            }
        }
    }

    /// Whether the last token is one of these words.
    fn follows(&self, words: &[&str]) -> bool {
        matches!(self.out.last().map(|last| &last.token), Some(Token::Word(word))
            if word.quote_style.is_none() && is_one_of(&word.value, words))
    }

    fn expects_table(&self) -> bool {
        self.follows(&["INTO", "FROM", "TRUNCATE", "TABLE", "MERGE", "COPY"])
            || (self.out.len() == 1 && self.follows(&["UPDATE"]))
    }

    fn fill_fitting(&mut self, lexemes: &[Lexeme], index: usize, span: Span) {
        let next = lexemes.get(index + 1);
        let Some(previous) = self.out.last().map(|previous| previous.token.clone()) else {
            if next.is_some_and(|next| next.is("INTO")) {
                self.push_words(&["INSERT"], span);
            }
            return;
        };
        if next.is_some_and(|next| matches!(next.token.token, Token::Eq | Token::Period))
            && !matches!(&previous, Token::Word(word) if word.keyword == Keyword::NoKeyword)
        {
            return self.fill(Guess::Name, lexemes, index, span);
        }
        let guess = match &previous {
            Token::Word(word) if word.quote_style.is_none() => after_word(word),
            Token::Comma if self.depth == 0 && self.clause == Clause::Set => {
                Some(Guess::Assignment)
            }
            Token::Comma if self.depth == 0 && self.clause == Clause::Values => Some(Guess::List),
            Token::RParen
            | Token::Word(_)
            | Token::Number(..)
            | Token::SingleQuotedString(_)
            | Token::Placeholder(_)
            | Token::Mul => None,
            _ => Some(Guess::Name),
        };
        match guess {
            Some(guess) => self.fill(guess, lexemes, index, span),
            None => self.fill_after_operand(next, span),
        }
    }

    /// After something complete, a hole is an operator, a clause that may be left out, or the one clause still missing.
    fn fill_after_operand(&mut self, next: Option<&Lexeme>, span: Span) {
        let starts_operand = next.is_some_and(|next| {
            matches!(
                next.token.token,
                Token::Number(..) | Token::Placeholder(_) | Token::SingleQuotedString(_)
            )
        });
        if starts_operand && self.depth == 0 {
            self.push(Token::Eq, span);
        } else if self.shape.lacks_values
            && self.depth == 0
            && next.is_none_or(|next| next.is_any(&["ON", "RETURNING"]))
        {
            self.fill(Guess::Values, &[], 0, span);
        } else if self.shape.lacks_assignments && next.is_none_or(|next| next.is("WHERE")) {
            self.push_words(&["SET"], span);
            self.fill(Guess::Assignment, &[], 0, span);
        }
    }

    /// Closes what a text that was cut off left open.
    fn close(&mut self, span: Span) {
        let was_open = self.depth > 0;
        while self.depth > 0 {
            self.push(Token::RParen, span);
        }
        if was_open {
            self.fill_after_operand(None, span);
        }
    }
}

/// What follows a word: `None` after a word that ends something.
fn after_word(word: &Word) -> Option<Guess> {
    const BEFORE_NAMES: [&str; 15] = [
        "INTO",
        "UPDATE",
        "FROM",
        "JOIN",
        "TABLE",
        "USING",
        "ONLY",
        "TRUNCATE",
        "AS",
        "MERGE",
        "COPY",
        "EXISTS",
        "ON",
        "CONSTRAINT",
        "COLLATE",
    ];
    const BEFORE_VALUES: [&str; 22] = [
        "WHERE",
        "AND",
        "OR",
        "NOT",
        "BY",
        "LIMIT",
        "OFFSET",
        "SELECT",
        "RETURNING",
        "HAVING",
        "WHEN",
        "THEN",
        "ELSE",
        "BETWEEN",
        "LIKE",
        "ILIKE",
        "DISTINCT",
        "CASE",
        "FIRST",
        "INTERVAL",
        "REGEXP",
        "ALL",
    ];
    if is_one_of(&word.value, &["VALUES", "IN", "ANY", "CONFLICT", "TOP"]) {
        Some(Guess::List)
    } else if is_one_of(&word.value, &["SET"]) {
        Some(Guess::Assignment)
    } else if is_one_of(&word.value, &BEFORE_NAMES) {
        Some(Guess::Name)
    } else if is_one_of(&word.value, &BEFORE_VALUES) {
        Some(Guess::Number)
    } else {
        None
    }
}
