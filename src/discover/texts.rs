//! The texts of a workspace's files.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use super::Workspace;
use super::files::io_reason;

/// The largest file that is read, in bytes. Offsets are `u32` and trees are many times their text, so a file of this
/// size is data that happens to end in `.rs`.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Reads the files of `workspace` on the current rayon pool.
///
/// Returns each path of [`Workspace::files`], in that order, with its text as on disk (a byte-order mark included) or
/// why it cannot be had.
pub fn read_texts(workspace: &Workspace) -> Vec<(String, Result<Arc<str>, String>)> {
    workspace
        .files
        .par_iter()
        .map(|file| (file.clone(), read_text(&workspace.root.join(file), LARGEST)))
        .collect()
}

/// Reads one of [`Workspace::documents`]; a file that is not among them is none of the tree.
pub fn read_document(workspace: &Workspace, path: &str) -> Option<Arc<str>> {
    let known = workspace.documents.iter().any(|document| document == path);
    known.then(|| read_text(&workspace.root.join(path), LARGEST).ok()).flatten()
}

fn read_text(path: &Path, largest: u64) -> Result<Arc<str>, String> {
    let file = File::open(path).map_err(|error| io_reason(&error))?;
    let size = file.metadata().map_err(|error| io_reason(&error))?.len();
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(largest)).unwrap_or(0));
    file.take(largest + 1).read_to_end(&mut bytes).map_err(|error| io_reason(&error))?;
    if bytes.len() as u64 > largest {
        return Err(format!("larger than {largest} bytes"));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Arc::from(text)),
        Err(error) => Err(format!("invalid UTF-8 at byte {}", error.utf8_error().valid_up_to())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::Tree;
    use super::*;

    #[test]
    fn invalid_utf8_names_the_byte() {
        let tree = Tree::new();
        tree.write("a.rs", b"ab\xffcd");
        assert_eq!(
            read_text(&tree.path("a.rs"), LARGEST),
            Err("invalid UTF-8 at byte 2".to_owned())
        );
    }

    #[test]
    fn the_cap_is_inclusive() {
        let tree = Tree::new();
        tree.write("a.rs", b"12345");
        assert_eq!(read_text(&tree.path("a.rs"), 5).as_deref(), Ok("12345"));
        assert_eq!(read_text(&tree.path("a.rs"), 4), Err("larger than 4 bytes".to_owned()));
    }

    #[test]
    fn order_is_that_of_the_files() {
        let tree = Tree::new();
        let names: Vec<String> = (0..50).map(|n| format!("f{n:02}.rs")).collect();
        for name in &names {
            tree.write(name, name.as_bytes());
        }
        let workspace = super::super::discover(&tree.root, &[]).unwrap();
        let texts = read_texts(&workspace);
        assert_eq!(texts.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>(), names);
        assert!(texts.iter().all(|(name, text)| text.as_deref() == Ok(name.as_str())));
    }
}
