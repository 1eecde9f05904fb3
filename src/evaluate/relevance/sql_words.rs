//! Whether the text in a body may be part of SQL that writes, wherever the rest of it comes from.

use ra_ap_rustc_lexer::TokenKind;

use crate::{
    source::Span,
    sql,
    syntax::{
        literal,
        token::{TextStart, Tokens},
    },
};

/// The first words of statements that write.
const VERBS: &[&str] =
    &["insert", "update", "delete", "merge", "truncate", "replace", "copy", "load"];

/// Whether a literal of a body may be SQL that writes or begin it, or all of them put together may.
pub(super) fn may_write(text: &str, range: Span) -> bool {
    let (mut joined, mut spaced) = (String::new(), String::new());
    for token in Tokens::new(text, range, TextStart::Piece) {
        let TokenKind::Literal { kind, .. } = token.kind else { continue };
        let Some(inside) = literal::text(kind, token.span.of(text)) else { continue };
        if begins(&inside) || goes_on(&inside) {
            return true;
        }
        joined.push_str(&inside);
        spaced.push_str(&inside);
        spaced.push(' ');
    }
    holds_both_words(&joined) || holds_both_words(&spaced)
}

/// Whether text begins a statement that writes, or is a verb of one alone.
///
/// A word like `Update` begins a label more often; it counts where the other words of a statement follow.
fn begins(text: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    let verb = words.find(|word| !word.is_empty()).unwrap_or_default();
    let is_verb = VERBS.iter().any(|known| known.eq_ignore_ascii_case(verb));
    let is_title =
        verb.starts_with(char::is_uppercase) && verb.chars().skip(1).any(char::is_lowercase);
    let shouts = || text.split(|c: char| !c.is_alphanumeric() && c != '_').any(is_upper_verb);
    is_verb && (!is_title || holds_clause(text))
        || shouts()
        || !is_verb && sql::looks_like_write(text)
}

/// Whether text goes on where a verb that is not known ends: `{} FROM users`.
fn goes_on(text: &str) -> bool {
    let rest = match text.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
        Some((_, rest)) => rest,
        None if text.starts_with(char::is_whitespace) => text,
        None => return false,
    };
    let mut words = rest.split_whitespace();
    let first = words.next().unwrap_or_default();
    let continues = ["from", "into"].iter().any(|word| word.eq_ignore_ascii_case(first));
    let mut others = rest.split_whitespace().skip(1).take(4);
    (continues && words.next().is_some()) || others.any(|word| word.eq_ignore_ascii_case("set"))
}

/// Whether text has a word that stands in a statement that writes, after its verb.
fn holds_clause(text: &str) -> bool {
    const CLAUSES: &[&str] =
        &["values", "where", "set", "select", "using", "from", "into", "table", "when"];
    let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.any(|word| CLAUSES.iter().any(|known| known.eq_ignore_ascii_case(word)))
}

fn is_upper_verb(word: &str) -> bool {
    VERBS.iter().any(|known| known.eq_ignore_ascii_case(word))
        && word.chars().all(char::is_uppercase)
}

/// Whether text holds the words with which a statement that writes begins, as near to one another as they stand there.
fn holds_both_words(text: &str) -> bool {
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
    let lower = text.to_ascii_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .collect();
    words.iter().enumerate().any(|(at, word)| {
        BEGINNINGS.iter().any(|(first, second, between)| {
            let rest = words.get(at + 1..).unwrap_or_default();
            word == first && rest.get(..=*between).unwrap_or(rest).contains(second)
        })
    })
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
            r#"{ format!("{} from users", verb()) }"#,
            "{ \"DEL\\\n   ETE FROM users\" }",
        ] {
            assert!(leads(body), "{body}");
        }
    }

    #[test]
    fn labels_do_not() {
        for body in [r#"{ "Update" }"#, r#"{ "failed to delete a user" }"#, r#"{ "Delete it" }"#] {
            assert!(!leads(body), "{body}");
        }
    }
}
