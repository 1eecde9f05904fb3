//! Files of the tree that Rust code names and that are no Rust: SQL that is included or read by a macro.

use std::{cell::RefCell, collections::BTreeMap, path::PathBuf, rc::Rc, sync::Arc};

/// Stands for the scanned root in paths that code puts together: what `env!("CARGO_MANIFEST_DIR")` begins with.
pub const ROOT: &str = "/\u{fdd0}root";

/// The longest file that is read, in bytes.
const LONGEST: u64 = 16 << 20;

/// Texts by their path relative to the scanned root, read when they are asked for.
#[derive(Debug, Clone, Default)]
pub struct Attachments {
    root: PathBuf,
    known: Rc<RefCell<BTreeMap<String, Option<Arc<str>>>>>,
}

impl Attachments {
    /// The files at or below `root`.
    pub fn new(root: PathBuf) -> Self {
        Self { root, known: Rc::default() }
    }

    /// The text of a file of the tree; `None` when there is none, it is no text, or it lies outside the root.
    ///
    /// - `base`: the directory that a relative path starts from, relative to the root.
    /// - `path`: as written, or below [`ROOT`].
    pub fn text(&self, base: &str, path: &str) -> Option<Arc<str>> {
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
        let relative = parts.join("/");
        let mut known = self.known.borrow_mut();
        known.entry(relative).or_insert_with_key(|relative| self.read(relative)).clone()
    }

    /// Everything that was asked for so far, by path, with its text.
    pub fn known(&self) -> BTreeMap<String, Option<Arc<str>>> {
        self.known.borrow().clone()
    }

    fn read(&self, relative: &str) -> Option<Arc<str>> {
        let path = self.root.join(relative).canonicalize().ok()?;
        let inside = path.starts_with(self.root.canonicalize().ok()?);
        let size = std::fs::metadata(&path).ok().filter(std::fs::Metadata::is_file)?.len();
        if !inside || size > LONGEST {
            return None;
        }
        std::fs::read_to_string(&path).ok().map(Arc::from)
    }
}
