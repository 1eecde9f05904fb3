//! The writes in texts that a statement is given to run.

use super::{
    super::{
        Dialect,
        executed::{Executed, given_to_functions},
        read::WRITE_VERBS,
        tokens::{Lexeme, best_lexed},
        tree::Names,
    },
    Found, MAX_STRINGS, collect,
};

/// Every write in the texts that functions are given to run: `SELECT dblink_exec('…', 'DELETE FROM t')`.
pub(in crate::sql) fn writes_of_functions(lexemes: &[Lexeme], names: &Names<'_>) -> Found {
    let mut found = Found::default();
    found.run(given_to_functions(lexemes), names, MAX_STRINGS);
    found
}

impl Found {
    /// Adds what is run; a text that begins like a write and cannot be read may write anything.
    pub(super) fn run(&mut self, all: Vec<Executed>, names: &Names<'_>, strings: usize) {
        for executed in all {
            let Executed::Text(text) = executed else {
                self.runs_unknown = true;
                continue;
            };
            let Some(inner) = best_lexed(&text, &Dialect::order(None)) else { continue };
            let before = self.writes.len();
            collect(&inner.lexemes, &inner.lexemes, names, strings, self);
            let begins = inner.lexemes.first().is_some_and(|first| {
                first.is_any(WRITE_VERBS)
                    || first.word().is_some_and(|word| word.value.contains(names.marker))
            });
            self.runs_unknown |= begins && self.writes.len() == before;
        }
    }
}
