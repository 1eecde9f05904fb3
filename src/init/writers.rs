//! What may be the writer of a class: functions that run what they are given and are called like a transaction.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{
    comment,
    gates::is_name,
    quoted,
    words::{Vocabulary, is, words},
};
use crate::{contract::TableName, link::Program, report::Report, selftest};

/// Words in the name of a function that lets what it runs happen once.
const ONCE: &[&str] = &["dedup", "idempotency", "idempotent", "once", "replay"];

/// Words in the name of a function that lets what it runs happen as a whole.
const WHOLE: &[&str] = &["atomic", "atomically", "transact", "transaction", "transactional", "tx"];

/// Words in the name of a function that only records what it runs.
const WATCHES: &[&str] = &["instrument", "log", "sentry", "span", "trace", "traced"];

/// Entries that are proposed.
const MOST: usize = 3;

/// The functions of the tree that may be writers, by their paths.
pub fn writers(program: &Program) -> Vec<String> {
    let named = |name: &str| word(name).is_some();
    let mut all: Vec<String> = selftest::runners(program, &named);
    all.retain(|path| is_name(path));
    all.sort();
    all.dedup();
    all
}

/// The word by which a function sounds like a writer, and whether it is one of what happens once.
fn word(path: &str) -> Option<(bool, &'static str)> {
    let all = words(path.rsplit(':').next()?);
    let has = |known: &[&'static str]| {
        known.iter().copied().find(|known| all.iter().any(|word| is(word, known)))
    };
    if has(WATCHES).is_some() {
        return None;
    }
    has(ONCE).map(|word| (true, word)).or_else(|| has(WHOLE).map(|word| (false, word)))
}

/// The tables that are written and called like the class.
pub(super) fn tables<'r>(report: &'r Report, vocabulary: &Vocabulary) -> BTreeSet<&'r str> {
    let tables = report.writes.iter().filter_map(|write| write.table.as_deref());
    tables
        .filter(|table| vocabulary.word_in(table).is_some() && TableName::parse(table).is_some())
        .collect()
}

/// Writes the tables of a class and its writer.
///
/// - `writers`: what [`writers`] found in the tree.
pub(super) fn written(
    report: &Report,
    vocabulary: &Vocabulary,
    writers: &[String],
    text: &mut String,
) {
    let tables = tables(report, vocabulary);
    if tables.is_empty() {
        return;
    }
    text.push_str("tables = [\n");
    for table in &tables {
        let word = vocabulary.word_in(table).unwrap_or_default();
        let functions: BTreeSet<&str> = report
            .writes
            .iter()
            .filter(|write| write.table.as_deref() == Some(*table))
            .filter_map(|write| write.function.as_deref())
            .collect();
        let first = functions.first().map_or("no function", |first| first);
        let more = functions.len().saturating_sub(1);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        _ = writeln!(
            text,
            "    # \"{word}\" is a word of {}, and it is written in {}{more}\n    {},",
            vocabulary.of,
            comment(first),
            quoted(table)
        );
    }
    text.push_str("]\n");
    let mut found: Vec<(bool, &str, &String)> = writers
        .iter()
        .filter_map(|path| word(path).map(|(once, word)| (!once, word, path)))
        .collect();
    found.sort();
    found.truncate(MOST);
    if found.is_empty() {
        let krate =
            report.writes.iter().find_map(|write| write.function.as_deref()?.split_once("::"));
        let krate = krate.map_or("my_crate", |(krate, _)| krate);
        let name = format!("{krate}::storage::with_transaction");
        let name =
            if is_name(&name) { name } else { "my_crate::storage::with_transaction".to_owned() };
        _ = write!(
            text,
            "# No function that runs what it is given is called like a transaction. Name the one inside which these tables\n\
             # may be written, or strike `tables`; until then every write to them is outside of it.\nwriter = [{}]\n",
            quoted(&name)
        );
        return;
    }
    text.push_str("writer = [\n");
    for (_, word, path) in found {
        _ = writeln!(
            text,
            "    # it runs what it is given, and \"{word}\" says that this happens once or as a whole\n    {},",
            quoted(path)
        );
    }
    text.push_str("]\n");
}
