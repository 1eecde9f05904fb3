//! Facts of packages as files: what one machine reads and parses, for another one to judge.
//!
//! [`Facts`] holds some packages of a tree with their texts and parsed trees, and what is in no package. It says nothing
//! that depends on the content of other packages, so that a build system can make each by itself. [`union`] puts facts
//! together to the tree that one run would have read, or says why they are not one tree; nothing is passed over.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    discover::{Part, listing::Listing},
    syntax::tree::FileTree,
};

mod content;
mod error;
mod gather;
mod union;

pub use content::{read, write};
pub use error::FactsError;
pub use gather::{Wanted, chosen, gather};
pub use union::{Union, union};

/// The content of a facts file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Facts {
    /// What was left out when the tree was walked.
    pub exclude: Exclude,
    /// Every package of the tree, held here or not: its directory and name, in order of directories.
    pub known: Vec<(String, String)>,
    /// The packages held here.
    pub parts: Vec<Part>,
    /// What is in no package.
    pub rest: Part,
    /// The Rust files of the parts and the rest, by path.
    pub files: BTreeMap<String, FileFacts>,
    /// The other files of the parts and the rest that are of the workspace; nothing for one that cannot be read.
    pub documents: BTreeMap<String, Option<Arc<str>>>,
    /// Files that the code may name, such as SQL; nothing for one that is no text.
    pub attachments: BTreeMap<String, Option<Arc<str>>>,
    /// The names of all files there are in the parts and the rest.
    pub listing: Listing,
}

/// What the walk left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclude {
    /// `scan.exclude` of the contract.
    pub globs: Vec<String>,
    /// Where the root is in the directory that the patterns start from; empty where that is the root.
    pub base: String,
}

/// One Rust file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FileFacts {
    /// Its text, or why there is none.
    pub text: Result<Arc<str>, String>,
    /// Its tree, or why there is none; nothing where there is no text.
    pub tree: Option<Result<FileTree, String>>,
}
