//! Words of the program's own (rules, methods, libraries) that were written out and are read back.
//!
//! In memory such a word is a `&'static str` of a table. Read back it is interned: there are few of them, so each is
//! kept for the rest of the run.

use std::{collections::BTreeSet, sync::Mutex};

use serde::{Deserialize as _, Deserializer, Serializer};

/// A word of one of the program's tables.
pub type Word = &'static str;

static READ: Mutex<BTreeSet<Word>> = Mutex::new(BTreeSet::new());

fn interned(text: String) -> Word {
    let mut known = READ.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(word) = known.get(text.as_str()) {
        return word;
    }
    let word: Word = Box::leak(text.into_boxed_str());
    known.insert(word);
    word
}

/// Writes a word; for `#[serde(with)]`.
///
/// # Errors
/// Those of `serializer`.
pub fn serialize<S: Serializer>(word: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(word)
}

/// Reads a word; for `#[serde(with)]`.
///
/// # Errors
/// Those of `deserializer`.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Word, D::Error> {
    String::deserialize(deserializer).map(interned)
}

/// The same for a word that may be missing.
pub mod optional {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use super::{Word, interned};

    /// Writes a word or its absence; for `#[serde(with)]`.
    ///
    /// # Errors
    /// Those of `serializer`.
    pub fn serialize<S: Serializer>(word: &Option<Word>, serializer: S) -> Result<S::Ok, S::Error> {
        word.serialize(serializer)
    }

    /// Reads a word or its absence; for `#[serde(with)]`.
    ///
    /// # Errors
    /// Those of `deserializer`.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Word>, D::Error> {
        Ok(Option::<String>::deserialize(deserializer)?.map(interned))
    }
}
