//! Files of the tree that Rust code names and that are no Rust: SQL that is included or read by a macro.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    rc::Rc,
    sync::Arc,
};

use super::listing::Listing;

/// Stands for the scanned root in paths that code puts together: what `env!("CARGO_MANIFEST_DIR")` begins with.
pub const ROOT: &str = "/\u{fdd0}root";

/// The longest file that is read, in bytes.
const LONGEST: u64 = 16 << 20;

/// Texts by their path relative to the scanned root, read when they are asked for.
#[derive(Debug, Clone, Default)]
pub struct Attachments {
    from: Texts,
    known: Rc<RefCell<BTreeMap<String, Option<Arc<str>>>>>,
    lacking: Rc<RefCell<BTreeSet<String>>>,
}

/// Where texts come from.
#[derive(Debug, Clone)]
enum Texts {
    /// The files at or below a directory.
    Disk(PathBuf),
    /// Texts that were taken along, and the names of all files there were.
    Kept(Rc<BTreeMap<String, Option<Arc<str>>>>, Rc<Listing>),
}

impl Default for Texts {
    fn default() -> Self {
        Self::Disk(PathBuf::new())
    }
}

impl Attachments {
    /// The files at or below `root`.
    pub fn new(root: PathBuf) -> Self {
        Self { from: Texts::Disk(root), ..Self::default() }
    }

    /// Texts that were taken along, and the names of all files of the tree they were taken from.
    pub fn kept(texts: BTreeMap<String, Option<Arc<str>>>, listing: Listing) -> Self {
        Self { from: Texts::Kept(Rc::new(texts), Rc::new(listing)), ..Self::default() }
    }

    /// The files that were asked for, that were or may have been in the tree, and that were not taken along.
    pub fn lacking(&self) -> BTreeSet<String> {
        self.lacking.borrow().clone()
    }

    /// The text of a file of the tree; `None` when there is none, it is no text, or it lies outside the root.
    ///
    /// - `base`: the directory that a relative path starts from, relative to the root.
    /// - `path`: as written, or below [`ROOT`].
    pub fn text(&self, base: &str, path: &str) -> Option<Arc<str>> {
        let relative = place(base, path)?;
        let mut known = self.known.borrow_mut();
        known.entry(relative).or_insert_with_key(|relative| self.read(relative)).clone()
    }

    /// Everything that was asked for so far, by path, with its text.
    pub fn known(&self) -> BTreeMap<String, Option<Arc<str>>> {
        self.known.borrow().clone()
    }

    fn read(&self, relative: &str) -> Option<Arc<str>> {
        match &self.from {
            Texts::Disk(root) => read(root, relative),
            Texts::Kept(texts, listing) => {
                if let Some(text) = texts.get(relative) {
                    return text.clone();
                }
                if listing.may_have(relative) {
                    self.lacking.borrow_mut().insert(relative.to_owned());
                }
                None
            }
        }
    }
}

/// The path of a file relative to the root; `None` outside of it.
///
/// - `base`, `path`: as in [`Attachments::text`].
pub fn place(base: &str, path: &str) -> Option<String> {
    let within = path.strip_prefix(ROOT);
    if within.is_none() && (path.starts_with('/') || path.contains(':')) {
        return None;
    }
    let whole = match within {
        Some(rest) => rest.trim_start_matches('/').to_owned(),
        None => format!("{base}/{path}"),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Reads a file of the tree at `root`.
pub fn read(root: &Path, relative: &str) -> Option<Arc<str>> {
    let path = root.join(relative).canonicalize().ok()?;
    let inside = path.starts_with(root.canonicalize().ok()?);
    let size = std::fs::metadata(&path).ok().filter(std::fs::Metadata::is_file)?.len();
    if !inside || size > LONGEST {
        return None;
    }
    std::fs::read_to_string(&path).ok().map(Arc::from)
}

/// The text of a Rust file or document as [`read`] would have it.
pub fn as_read(text: &Arc<str>) -> Option<Arc<str>> {
    (text.len() as u64 <= LONGEST).then(|| Arc::clone(text))
}
