//! What the content of an entry depends on, as one hash.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Everything of the program that decides what it finds: a hash of its sources.
const PROGRAM: &str = env!("CONTRACT_CHECK_SOURCES");

/// The hash after which an entry is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key([u8; blake3::OUT_LEN]);

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        blake3::Hash::from_bytes(self.0).to_hex().fmt(f)
    }
}

/// A key in the making, of parts that are told apart by their lengths.
#[derive(Debug, Clone)]
pub struct KeyParts(blake3::Hasher);

impl KeyParts {
    /// The key of an entry of that kind, as this build of the program would write it.
    pub fn new(kind: &str) -> Self {
        Self(blake3::Hasher::new()).with(PROGRAM.as_bytes()).with(kind.as_bytes())
    }

    /// This and one more part.
    #[must_use]
    pub fn with(mut self, part: &[u8]) -> Self {
        self.0.update(&(part.len() as u64).to_le_bytes());
        self.0.update(part);
        self
    }

    /// This and a value; `None` for one that cannot be written out.
    pub fn with_value(self, value: &impl Serialize) -> Option<Self> {
        Some(self.with(&postcard::to_stdvec(value).ok()?))
    }

    /// The key of these parts.
    pub fn finish(&self) -> Key {
        Key(self.0.finalize().into())
    }
}
