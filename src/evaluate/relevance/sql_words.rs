//! Whether the text in a body may be part of SQL that writes, wherever the rest of it comes from.

use ra_ap_rustc_lexer::TokenKind;

use crate::{
    source::Span,
    sql,
    syntax::{
        literal,
        token::{TextStart, Token, Tokens},
    },
};

/// The first words of statements that write.
pub(super) const VERBS: &[&str] =
    &["insert", "update", "delete", "merge", "truncate", "replace", "copy", "load", "upsert"];

/// Words that stand in a statement that writes, after its verb.
const CLAUSES: &[&str] =
    &["values", "where", "set", "select", "using", "from", "into", "table", "when", "data", "xml"];

/// Whether a literal of a body may be SQL that writes, begin it or go on with it, or all of them put together may.
///
/// A verb alone is none: what puts it before the rest holds that, or the place where it is run.
pub(crate) fn may_write(text: &str, range: Span) -> bool {
    let (mut joined, mut spaced) = (Joined::default(), Joined::default());
    let code = Tokens::new(text, range, TextStart::Piece).filter(Token::is_code);
    let mut before = [TokenKind::Semi; 3];
    let mut code = code.peekable();
    while let Some(token) = code.next() {
        let around = before;
        before = [before[1], before[2], token.kind];
        let TokenKind::Literal { kind, .. } = token.kind else { continue };
        let Some(inside) = literal::text(kind, token.span.of(text)) else { continue };
        if begins(&inside) || goes_on(&inside) {
            return true;
        }
        if is_arm(around, code.peek().map(|next| next.kind)) {
            continue;
        }
        joined.push(&inside);
        spaced.push(&inside);
        spaced.text.push(' ');
    }
    joined.holds_beginning() || spaced.holds_beginning()
}

/// Whether a literal is all that an arm of a `match` gives: it is put together with no other of the same `match`.
fn is_arm(before: [TokenKind; 3], next: Option<TokenKind>) -> bool {
    use TokenKind::{CloseBrace, Comma, Eq, Gt, OpenBrace};
    let gives = matches!(before, [_, Eq, Gt] | [Eq, Gt, OpenBrace]);
    gives && matches!(next, Some(Comma | CloseBrace))
}

/// Whether a whole text may be SQL that writes, begin it or go on with it.
pub(super) fn may_be_part(text: &str) -> bool {
    begins(text) || goes_on(text) || goes_on(&format!(" {text}"))
}

/// Whether text begins a statement that writes, at its own beginning or where one may begin within it.
pub(in crate::evaluate) fn begins(text: &str) -> bool {
    let verbs = Words::of(text).filter(|word| is_one_of(word.text, VERBS));
    verbs.into_iter().any(|verb| {
        let rest = text.get(verb.end..).unwrap_or_default();
        let next = Words::of(rest).next();
        let Some(next) = next.filter(|next| !ends_sentence(rest, next)) else { return false };
        // What stands before is the beginning, the end of another statement, or a word of one that holds it.
        let before = text.get(..verb.start).unwrap_or_default();
        if !may_begin_after(before) {
            return false;
        }
        // A word like `Update` begins a label more often, and `update it` a message.
        let shouts = verb.text.chars().all(char::is_uppercase);
        let is_delete = matches!(verb.text, "delete" | "truncate" | "merge");
        shouts
            || holds_clause(rest)
            || is_delete && Words::of(rest).nth(1).is_none() && next.start <= 1
    }) || sql::looks_like_write(text)
        && !is_one_of(first_word(text), VERBS)
        && (holds_verb_of_block(text) || is_mutation(text))
}

/// Whether rows are written by `alter table … update n = 1`, whatever the case of its words.
fn is_mutation(text: &str) -> bool {
    is_one_of(first_word(text), &["alter"]) && text.contains('=')
}

/// Whether nothing is written between two words that may be one statement: `delete, please`.
fn ends_sentence(between: &str, next: &Word<'_>) -> bool {
    between.get(..next.start).unwrap_or_default().contains([',', '.', '!', '?', ':'])
}

/// Whether a statement may begin behind `before`.
fn may_begin_after(before: &str) -> bool {
    const AROUND: &[&str] = &[
        "analyze",
        "as",
        "atomic",
        "begin",
        "do",
        "else",
        "explain",
        "immediate",
        "in",
        "loop",
        "on",
        "plan",
        "query",
        "then",
        "verbose",
    ];
    let trimmed = before.trim_end();
    let Some(last) = trimmed.chars().next_back() else { return true };
    if before.get(trimmed.len()..).is_some_and(|blank| blank.contains('\n')) {
        return true;
    }
    if last.is_alphanumeric() || last == '_' {
        let word = Words::of(trimmed).last().map_or("", |word| word.text);
        return is_one_of(word, AROUND) || word.chars().all(|c| !c.is_lowercase());
    }
    matches!(last, ';' | '(' | ')' | '}' | '$' | '\'' | '"') || trimmed.ends_with("*/")
}

/// Whether text of which the first word is no verb, and that may hold a statement all the same, has one that is written
/// in capitals.
fn holds_verb_of_block(text: &str) -> bool {
    Words::of(text).any(|word| {
        is_one_of(word.text, VERBS)
            && word.text.chars().all(char::is_uppercase)
            && Words::of(text.get(word.end..).unwrap_or_default()).next().is_some()
            && first_word(text).chars().all(|c| !c.is_lowercase())
    })
}

/// Whether text goes on where a verb that is not known ends: `{} FROM users`, `SET amount = 1`.
fn goes_on(text: &str) -> bool {
    let (rest, is_apart) = match text.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
        Some((_, rest)) => (rest, true),
        None => (text, text.starts_with(char::is_whitespace)),
    };
    let mut words = rest.split_whitespace();
    let first = words.next().unwrap_or_default();
    let shouts = first.chars().all(char::is_uppercase);
    let continues = is_apart || shouts;
    let has_more = words.next().is_some();
    if continues && is_one_of(first, &["from", "into"]) && has_more {
        return true;
    }
    let mut sets = rest.split_whitespace().take(5);
    let Some(at) = sets.position(|word| is_one_of(word, &["set"])) else { return false };
    let mut given = rest.split_whitespace().skip(at + 1);
    match at {
        0 if continues => has_more,
        // `set amount = 1`, not `Set the amount`.
        0 => given.take(2).any(|word| word.contains('=')),
        _ => is_apart && given.any(|word| word.contains(['=', '{'])),
    }
}

/// Whether text has a word that stands in a statement that writes, after its verb.
fn holds_clause(text: &str) -> bool {
    Words::of(text).any(|word| is_one_of(word.text, CLAUSES))
}

fn first_word(text: &str) -> &str {
    Words::of(text).next().map_or("", |word| word.text)
}

fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// A word of a text and where it stands.
struct Word<'t> {
    text: &'t str,
    start: usize,
    end: usize,
}

/// The words of a text.
struct Words<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Words<'t> {
    fn of(text: &'t str) -> Self {
        Self { text, at: 0 }
    }
}

impl<'t> Iterator for Words<'t> {
    type Item = Word<'t>;

    fn next(&mut self) -> Option<Word<'t>> {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let rest = self.text.get(self.at..)?;
        let start = self.at + rest.find(is_part)?;
        let word = self.text.get(start..)?;
        let end = start + word.find(|c| !is_part(c)).unwrap_or(word.len());
        self.at = end;
        Some(Word { text: self.text.get(start..end)?, start, end })
    }
}

/// The literals of a body, one behind the other.
#[derive(Default)]
struct Joined {
    text: String,
    /// Where each begins.
    starts: Vec<usize>,
}

impl Joined {
    fn push(&mut self, piece: &str) {
        self.starts.push(self.text.len());
        self.text.push_str(piece);
    }

    /// Whether it holds the words with which a statement that writes begins, where a piece begins and as near to one
    /// another as they stand there.
    fn holds_beginning(&self) -> bool {
        /// Two words, and how many may stand between them: `UPDATE ONLY t AS a SET`, `INSERT OR IGNORE INTO`.
        const BEGINNINGS: &[(&str, &str, usize)] = &[
            ("insert", "into", 2),
            ("replace", "into", 1),
            ("merge", "into", 0),
            ("delete", "from", 1),
            ("copy", "from", 4),
            ("load", "data", 0),
            ("truncate", "table", 0),
            ("update", "set", 5),
        ];
        let verbs = Words::of(&self.text).filter(|word| is_one_of(word.text, VERBS));
        verbs.into_iter().any(|verb| {
            let at_start = self.starts.binary_search(&verb.start).is_ok()
                || may_begin_after(self.text.get(..verb.start).unwrap_or_default());
            let after = self.text.get(verb.end..).unwrap_or_default();
            at_start
                && BEGINNINGS.iter().any(|(first, second, between)| {
                    first.eq_ignore_ascii_case(verb.text)
                        && Words::of(after)
                            .take(between + 1)
                            .any(|word| second.eq_ignore_ascii_case(word.text))
                })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::may_write;
    use crate::syntax::token::whole;

    fn leads(body: &str) -> bool {
        may_write(body, whole(body))
    }

    #[test]
    fn beginnings_of_statements_lead() {
        for body in [
            r#"{ "UPDATE users\nSET x = 1" }"#,
            r#"{ "\x44ELETE FROM users" }"#,
            r#"{ b"DELETE FROM users" }"#,
            r##"{ r#"merge users"# }"##,
            r#"{ format!("{} FROM users", "DELETE") }"#,
            r#"{ ["ins", "ert into users"].concat() }"#,
            r#"{ "-- note\nDELETE FROM users" }"#,
            r#"{ "with a as (insert into users values (1)) select 1" }"#,
            r#"{ "Update users set x = 1" }"#,
            r#"{ "Insert m (a) values (1)" }"#,
            r#"{ "ALTER TABLE users DELETE WHERE gone" }"#,
            r#"{ "alter table users delete where id = 1" }"#,
            r#"{ "insert into users format CSV" }"#,
            r#"{ format!("{} from users", verb()) }"#,
            "{ \"DEL\\\n   ETE FROM users\" }",
        ] {
            assert!(leads(body), "{body}");
        }
    }

    #[test]
    fn labels_do_not() {
        for body in [
            r#"{ match self { A => "update", B => { "group" } C => "set" } }"#,
            r#"{ "Update" }"#,
            r#"{ "failed to delete a user" }"#,
            r#"{ "Delete it" }"#,
        ] {
            assert!(!leads(body), "{body}");
        }
    }
}
