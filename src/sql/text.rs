//! Pieces of text -> one text to tokenize, with a marker where a piece is unknown.

use std::borrow::Cow;

use super::{Dialect, Piece};
use crate::syntax::mentions::may_write;

/// What stands for unknown text. It is one word, so that text that touches it becomes part of the same word.
const MARKER: &str = "contract_check_hole";

/// The pieces as one text.
pub(super) struct Assembled {
    /// The known text, with [`Assembled::marker`] in every hole.
    pub(super) text: String,
    /// The word in every hole; nothing else in the text contains it.
    pub(super) marker: String,
    /// Where runs of known text begin: in `text`, then piece and byte within the piece.
    runs: Vec<(usize, usize, usize)>,
}

impl Assembled {
    /// Joins pieces. Left-over `{…}` of a format string are holes; adjacent holes are one.
    pub(super) fn new(pieces: &[Piece<'_>]) -> Self {
        let mut marker = MARKER.to_owned();
        while pieces
            .iter()
            .any(|piece| matches!(piece, Piece::Known(text) if text.contains(&marker)))
        {
            marker.push_str("_x");
        }
        let mut assembled = Self { text: String::new(), marker, runs: Vec::new() };
        for (index, piece) in pieces.iter().enumerate() {
            match piece {
                Piece::Known(text) => assembled.push_known(index, text),
                Piece::Hole => assembled.push_hole(),
            }
        }
        assembled.part_last_hole();
        assembled
    }

    /// The piece, and the byte within it, that a byte of the text comes from.
    pub(super) fn place(&self, byte: usize) -> Option<(usize, usize)> {
        let run = self.runs.partition_point(|(start, _, _)| *start <= byte).checked_sub(1)?;
        let (start, piece, offset) = self.runs.get(run)?;
        Some((*piece, offset + (byte - start)))
    }

    fn push_known(&mut self, piece: usize, text: &str) {
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            let (before, braced) = rest.split_at(open);
            let width = template_width(braced);
            let kept = if width == 0 { before.len() + 1 } else { before.len() };
            let (run, after) = rest.split_at(kept);
            self.push_run(piece, text.len() - rest.len(), run);
            rest = after;
            if width > 0 {
                self.push_hole();
                rest = rest.get(width..).unwrap_or_default();
            }
        }
        self.push_run(piece, text.len() - rest.len(), rest);
    }

    fn push_run(&mut self, piece: usize, offset: usize, text: &str) {
        if !text.is_empty() {
            self.runs.push((self.text.len(), piece, offset));
            self.text.push_str(text);
        }
    }

    fn push_hole(&mut self) {
        if !self.text.ends_with(&self.marker) {
            self.text.push_str(&self.marker);
        }
    }

    /// Sets a last hole apart from a name it touches: `DELETE FROM payments` and an unknown rest.
    ///
    /// What is pushed after a whole name is a clause far more often than the end of the name. A name that ends in `_`
    /// or a dot is clearly not whole.
    fn part_last_hole(&mut self) {
        let Some(known) = self.text.strip_suffix(&self.marker).map(str::len) else { return };
        if self
            .text
            .get(..known)
            .and_then(|known| known.chars().next_back())
            .is_some_and(char::is_alphanumeric)
        {
            self.text.insert(known, ' ');
        }
    }
}

/// Length of a format placeholder at the start of `braced` (`{}`, `{0}`, `{name}`, `{name:?}`), 0 if it is none.
fn template_width(braced: &str) -> usize {
    let Some(close) = braced.find('}').filter(|close| *close <= 64) else { return 0 };
    let inside = braced.get(1..close).unwrap_or_default();
    let (name, format) = inside.split_once(':').unwrap_or((inside, ""));
    let named = name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_');
    let formatted =
        format.chars().all(|character| !matches!(character, '\'' | '"' | '{' | ' ' | ','));
    if named && formatted { close + 1 } else { 0 }
}

/// The words with which statements begin that write.
const VERBS: &[&str] =
    &["INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "REPLACE", "COPY", "LOAD", "UPSERT"];

/// Whether text could hold a write: false only where [`super::writes`] finds nothing to say about it.
///
/// It reads the first word; only text that may hold a write further in is searched.
pub fn looks_like_write(text: &str) -> bool {
    let trimmed = skip_noise(text);
    let end =
        trimmed.find(|character: char| !character.is_ascii_alphanumeric() && character != '_');
    let word = trimmed.get(..end.unwrap_or(trimmed.len())).unwrap_or_default();
    if is_one_of(word, VERBS) {
        return true;
    }
    if is_one_of(word, &["SELECT", "CREATE", "ALTER", "DROP", "USE", "PRINT", "WAITFOR", "GO"])
        && goes_on_to_write(trimmed)
    {
        return true;
    }
    if is_one_of(word, &["CREATE"]) && stores_rows(trimmed)
        || is_one_of(word, &["ALTER"]) && alters_rows(trimmed)
    {
        return true;
    }
    let after = trimmed.get(word.len()..).unwrap_or_default();
    if after.starts_with(':') && !word.is_empty() && goes_on_to_write(after) {
        return true;
    }
    let may_hold = is_one_of(
        word,
        &[
            "WITH", "EXPLAIN", "DESCRIBE", "DESC", "PREPARE", "DO", "BEGIN", "IF", "EXEC",
            "EXECUTE", "DECLARE", "WHILE", "SET", "ANALYZE", "BULK",
        ],
    ) || word.is_empty()
        || word.starts_with(MARKER)
        || text.trim_start().starts_with("/*")
        || trimmed.contains(';');
    may_hold && contains_verb(trimmed)
}

/// Whether text that a database is given may run what does not stand in it: a procedure, or text from a variable.
pub(super) fn may_run(text: &str) -> bool {
    const RUN: &[&str] = &["EXEC", "EXECUTE", "PREPARE", "CALL", "EXCHANGE", "SWITCH"];
    const BLOCKS: &[&str] = &["DO", "BEGIN", "IF", "DECLARE", "WHILE", "SET"];
    // What writes may stand behind them, in a batch without semicolons or as text that a function is given.
    const MAY_GO_ON: &[&str] = &[
        "SELECT", "USE", "PRINT", "WAITFOR", "GO", "COMMIT", "ROLLBACK", "SAVE", "FETCH", "OPEN",
        "CLOSE", "ELSE", "END", "DROP", "THROW", "RETURN",
    ];
    let trimmed = skip_noise(text);
    let mut words = trimmed.split(|c: char| !c.is_alphanumeric() && c != '_');
    let first = words.next().unwrap_or_default();
    is_one_of(first, RUN)
        || is_one_of(first, MAY_GO_ON) && contains_verb(trimmed)
        || (is_one_of(first, BLOCKS) || trimmed.contains(';'))
            && words.any(|word| is_one_of(word, RUN))
}

/// Whether text of which nothing says that it is SQL reads as a sentence: `Delete the user`, `delete a user`.
///
/// Some databases delete without `FROM`: `DELETE payments` is a statement, as nobody shouts in a help text.
pub fn reads_as_prose(text: &str) -> bool {
    const CLAUSES: &[&str] = &["FROM", "WHERE", "USING", "OUTPUT", "TOP", "LIMIT"];
    const ARTICLES: &[&str] = &["a", "an", "the", "this", "all", "every"];
    let mut words = text
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty());
    let verb = words.next().unwrap_or_default();
    let mut rest = words.peekable();
    let begins = verb == "Delete"
        || verb == "delete" && rest.peek().is_some_and(|next| ARTICLES.contains(next));
    begins && !rest.any(|word| is_one_of(word, CLAUSES))
}

/// Whether `word` is one of `words`, whatever its case.
pub(super) fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// Whether text has a verb of a statement that writes, or the word after one that is not known.
fn contains_verb(text: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    may_write(text.as_bytes())
        && words.any(|word| is_one_of(word, VERBS) || word.eq_ignore_ascii_case("INTO"))
}

/// Whether a table is made of the rows of a query: `CREATE TABLE a AS SELECT …`.
fn stores_rows(text: &str) -> bool {
    let mut words = text
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .take(64)
        .peekable();
    if !words.by_ref().take(4).any(|word| is_one_of(word, &["TABLE"])) {
        return false;
    }
    while let Some(word) = words.next() {
        let next = words.peek().copied().unwrap_or_default();
        if is_one_of(word, &["AS"]) && is_one_of(next, &["SELECT", "WITH", "VALUES", "TABLE"]) {
            return true;
        }
    }
    false
}

/// Whether rows of a table are written as it is altered.
fn alters_rows(text: &str) -> bool {
    const ACTIONS: &[&str] = &["UPDATE", "DELETE", "TRUNCATE", "EXCHANGE", "SWITCH"];
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.filter(|word| !word.is_empty()).take(32).skip(2).any(|word| is_one_of(word, ACTIONS))
}

/// Whether a verb further in has the words around it that a statement needs.
fn goes_on_to_write(text: &str) -> bool {
    if !may_write(text.as_bytes()) {
        return false;
    }
    let words: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '@' | '#'))
        .filter(|word| !word.is_empty())
        .collect();
    words.iter().enumerate().any(|(at, verb)| {
        let next = |offset: usize| words.get(at + offset).copied().unwrap_or_default();
        let stores = |next: &str| !next.is_empty() && !next.starts_with('@');
        match verb.as_bytes().first().map(u8::to_ascii_uppercase) {
            Some(b'I') if is_one_of(verb, &["INSERT"]) => {
                is_one_of(next(1), &["INTO", "TOP"])
                    || (2..32).any(|at| is_one_of(next(at), &["VALUES", "SELECT", "SET", "EXEC"]))
            }
            Some(b'I') if is_one_of(verb, &["INTO"]) => stores(next(1)),

            Some(b'M') if is_one_of(verb, &["MERGE"]) => is_one_of(next(1), &["INTO"]),
            Some(b'T') if is_one_of(verb, &["TRUNCATE"]) => is_one_of(next(1), &["TABLE"]),
            Some(b'D') if is_one_of(verb, &["DELETE"]) => {
                is_one_of(next(1), &["FROM", "TOP"])
                    || (2..4).any(|at| is_one_of(next(at), &["WHERE"]))
            }
            Some(b'U') if is_one_of(verb, &["UPDATE"]) => {
                is_one_of(next(1), &["TOP"]) || (2..6).any(|at| is_one_of(next(at), &["SET"]))
            }
            _ => false,
        }
    })
}

/// Text with what `MySQL` runs although it stands in a comment, `/*!40000 DELETE FROM t */`, laid bare in its place.
pub(super) fn executable(text: &str, hint: Option<Dialect>) -> Cow<'_, str> {
    let runs = matches!(hint, None | Some(Dialect::MySql | Dialect::Generic));
    if !runs || !text.contains(RUN_COMMENT) {
        return Cow::Borrowed(text);
    }
    let mut bare = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once(RUN_COMMENT) {
        bare.push_str(before);
        let version = comment.len() - without_version(comment).len();
        bare.extend(std::iter::repeat_n(' ', RUN_COMMENT.len() + version));
        let comment = without_version(comment);
        rest = match comment.split_once("*/") {
            Some((inside, after)) => {
                bare.push_str(inside);
                bare.push_str("  ");
                after
            }
            None => comment,
        };
    }
    bare.push_str(rest);
    Cow::Owned(bare)
}

/// How a comment of `MySQL` begins that is run.
const RUN_COMMENT: &str = "/*!";

fn without_version(comment: &str) -> &str {
    comment.trim_start_matches(|character: char| character.is_ascii_digit())
}

/// What is left after leading white space, comments, parentheses and semicolons.
fn skip_noise(text: &str) -> &str {
    let mut rest = text;
    loop {
        let trimmed = rest.trim_start_matches(|character: char| {
            character.is_whitespace()
                || matches!(character, '(' | ';' | '\u{feff}')
                || character.is_control()
        });
        let after = if let Some(comment) = trimmed.strip_prefix(RUN_COMMENT) {
            without_version(comment)
        } else if let Some(comment) =
            trimmed.strip_prefix("--").or_else(|| trimmed.strip_prefix('#'))
        {
            // A lone carriage return ends it in Postgres: what follows may be a statement.
            comment.split_once(['\n', '\r']).map_or("", |(_, after)| after)
        } else if let Some(comment) = trimmed.strip_prefix("/*") {
            // Comments may nest in some databases and not in others; what follows decides, so look no deeper here.
            comment.split_once("*/").map_or("", |(_, after)| after)
        } else {
            return trimmed;
        };
        rest = after.trim_start_matches("*/");
    }
}
