//! The writes in texts that a statement is given to run.

use super::{
    super::{
        Dialect, Piece, Receiver, batch,
        executed::{Executed, Given, given_to_functions},
        read::{WRITE_VERBS, reading},
        text::{Assembled, is_one_of},
        tokens::{Lexeme, best_lexed},
        tree::{Names, Write},
    },
    Found, MAX_STRINGS, collect,
};

/// Texts in a statement that are tried, at most.
const MAX_TEXTS: usize = 64;

/// Every write in the texts that functions are given to run: `SELECT dblink_exec('…', 'DELETE FROM t')`.
pub(in crate::sql) fn writes_of_functions(lexemes: &[Lexeme], names: &Names<'_>) -> Found {
    let mut found = Found::default();
    found.run_given(lexemes, names, MAX_STRINGS);
    found
}

impl Found {
    /// Adds what is written by texts that functions are given.
    pub(super) fn run_given(&mut self, lexemes: &[Lexeme], names: &Names<'_>, strings: usize) {
        let before = self.runs_unknown;
        for given in given_to_functions(lexemes, names).into_iter().take(MAX_TEXTS) {
            match given {
                Given::Run(text) => self.run(vec![Executed::Text(text)], names, strings),
                Given::Open(text) => self.writes.extend(whole_statement(&text, names)),
            }
        }
        // What is not known may be no statement at all.
        self.runs_unknown = before;
    }

    /// Adds what is run; a text that begins like a write and cannot be read may write anything.
    pub(super) fn run(&mut self, all: Vec<Executed>, names: &Names<'_>, strings: usize) {
        for executed in all {
            let Executed::Text(text) = executed else {
                self.runs_unknown = true;
                continue;
            };
            let Some(inner) = best_lexed(&text, &Dialect::order(None)) else { continue };
            let before = self.writes.len();
            for range in batch::parts(&inner.lexemes, names, None) {
                let part = inner.lexemes.get(range).unwrap_or_default();
                collect(part, &inner.lexemes, names, strings, self);
            }
            let begins = inner.lexemes.first().is_some_and(|first| {
                first.is_any(WRITE_VERBS)
                    || first.word().is_some_and(|word| word.value.contains(names.marker))
            });
            self.runs_unknown |= begins && self.writes.len() == before;
        }
    }
}

/// What a text writes that is a statement from its beginning to its end, and no saying: `delete from cart`.
fn whole_statement(text: &str, names: &Names<'_>) -> Vec<Write> {
    const CLAUSES: &[&str] = &["WHERE", "SET", "VALUES", "SELECT", "USING", "TABLE"];
    let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    let verb = words.find(|word| !word.is_empty()).unwrap_or_default();
    let shouts = verb.chars().all(char::is_uppercase);
    if !is_one_of(verb, WRITE_VERBS) || !(shouts || words.any(|word| is_one_of(word, CLAUSES))) {
        return Vec::new();
    }
    let mut pieces = Vec::new();
    for (number, known) in text.split(names.marker).enumerate() {
        if number > 0 {
            pieces.push(Piece::Hole);
        }
        pieces.push(Piece::Known(known));
    }
    let read = reading(&Assembled::new(&pieces), Receiver::Unknown, None, names.within);
    let writes = read.statements.into_iter();
    writes
        .map(|one| Write { operation: one.operation, clauses: one.clauses, table: one.table })
        .collect()
}
