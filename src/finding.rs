//! What the program has to say: findings, their places, and gaps. Plain data.

use serde::{Deserialize, Serialize};

use crate::{source::Place, word::Word};

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Severity {
    /// Reported; does not fail the run.
    Warn,
    /// Reported; the run exits 1.
    Deny,
}

/// Where something stands: in the scanned tree or in the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Where {
    /// In a text of the tree.
    Source(Place),
    /// In contract.toml, in bytes.
    Contract(crate::source::Span),
    /// In no text: a file that could not be read, or a manifest, by its number in [`crate::pipeline::Report::unread`].
    Unread(u32),
}

/// A place that takes part in a finding, and what it contributes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Label {
    /// The place.
    pub at: Where,
    /// What that place contributes: `nested under /api here`.
    pub message: String,
}

/// One departure from the contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule's id, kebab-case.
    #[serde(with = "crate::word")]
    pub rule: Word,
    /// The class it concerns.
    pub class: Option<String>,
    /// How grave it is.
    pub severity: Severity,
    /// One sentence, lower case, no full stop; may hold text of the scanned tree (formats escape it).
    pub message: String,
    /// HTTP method, upper case, or `ANY`.
    pub method: Option<String>,
    /// Full path of the route.
    pub path: Option<String>,
    /// SQL table.
    pub table: Option<String>,
    /// Declared operation.
    pub operation: Option<String>,
    /// Function that writes, as a Rust path.
    pub function: Option<String>,
    /// The marked place.
    pub at: Where,
    /// What the marked place is: `registered here`.
    pub label: String,
    /// The other places, in the order of the trail.
    pub related: Vec<Label>,
    /// One imperative.
    pub help: String,
    /// What it shares with others of its rule that come of the same: the server whose base is not known. Who reads a
    /// report sees the first of them in full.
    pub cause: Option<u32>,
}

/// Something the program could not tell. Shown at `-v` and counted in the summary.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gap {
    /// Where.
    pub at: Where,
    /// What was not understood and why.
    pub reason: String,
}
