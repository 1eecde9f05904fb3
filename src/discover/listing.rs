//! The names of all files of a part of the tree, so that what was not taken along is told from what was never there.
//!
//! Unlike the walk, this passes over nothing that git ignores: code can name such a file as well.

use std::collections::BTreeSet;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// Directories whose content is not listed because it is not of the project.
const FOREIGN: &[&str] = &[".git", "node_modules"];

/// Names of files, relative to the scanned root.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// The files.
    pub files: BTreeSet<String>,
    /// Directories that were not looked into: anything may be in them.
    pub closed: BTreeSet<String>,
}

impl Listing {
    /// The files below the directory `dir` of `root`, those below one of `others` left out.
    pub fn of(root: &Path, dir: &str, others: &BTreeSet<&str>) -> Self {
        let mut listing = Self::default();
        let mut open = vec![dir.to_owned()];
        while let Some(dir) = open.pop() {
            let Ok(entries) = std::fs::read_dir(root.join(&dir)) else {
                listing.closed.insert(dir);
                continue;
            };
            for entry in entries {
                let kind = entry.and_then(|entry| Ok((entry.file_type()?, entry)));
                let Ok((kind, entry)) = kind else {
                    listing.closed.insert(dir.clone());
                    continue;
                };
                // Code is UTF-8 and names no other file.
                let Ok(name) = entry.file_name().into_string() else { continue };
                let path = if dir.is_empty() { name.clone() } else { format!("{dir}/{name}") };
                let full = entry.path();
                if !kind.is_dir() {
                    if !kind.is_symlink() || full.is_file() {
                        listing.files.insert(path);
                    } else if full.is_dir() {
                        listing.closed.insert(path);
                    }
                } else if FOREIGN.contains(&name.as_str()) || full.join("CACHEDIR.TAG").is_file() {
                    listing.closed.insert(path);
                } else if !others.contains(path.as_str()) {
                    open.push(path);
                }
            }
        }
        listing
    }

    /// Whether the file is there, or may be.
    pub fn may_have(&self, path: &str) -> bool {
        let mut above = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
        self.files.contains(path)
            || self.closed.contains("")
            || above.any(|dir| self.closed.contains(dir))
    }

    /// Adds what another listing has.
    pub fn extend(&mut self, other: Self) {
        self.files.extend(other.files);
        self.closed.extend(other.closed);
    }
}
