//! The texts of a workspace's files.

use std::cell::RefCell;
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
    let known =
        workspace.documents.binary_search_by(|document| document.as_str().cmp(path)).is_ok();
    known.then(|| read_text(&workspace.root.join(path), LARGEST).ok()).flatten()
}

/// Reads [`Workspace::documents`] on the current rayon pool, in their order.
pub fn read_documents(workspace: &Workspace) -> Vec<Option<Arc<str>>> {
    let read = |path: &String| read_text(&workspace.root.join(path), LARGEST).ok();
    workspace.documents.par_iter().map(read).collect()
}

/// A text, or why there is none, as a hash.
pub type Sum = [u8; 32];

/// The hash of the text of each of these files below `root`.
pub(super) fn read_sums(root: &Path, files: &[String]) -> Vec<Sum> {
    files
        .par_iter()
        .map_init(Vec::new, |buffer, file| {
            let text = read_into(buffer, &root.join(file), LARGEST);
            sum(text.as_ref().copied().map_err(String::as_str))
        })
        .collect()
}

/// The hash of a text, or of why there is none.
pub fn sum(text: Result<&str, &str>) -> Sum {
    match text {
        // Hashed in one piece, which takes half the time of two.
        Ok(text) => blake3::hash(text.as_bytes()).into(),
        Err(reason) => {
            blake3::derive_key("contract-check: why a file has no text", reason.as_bytes())
        }
    }
}

/// Reads one of [`Workspace::files`] again.
pub fn read_again(workspace: &Workspace, path: &str) -> Result<Arc<str>, String> {
    read_text(&workspace.root.join(path), LARGEST)
}

fn read_text(path: &Path, largest: u64) -> Result<Arc<str>, String> {
    BUFFER.with_borrow_mut(|buffer| read_into(buffer, path, largest).map(Arc::from))
}

thread_local! {
    /// What files are read into: a fresh page of memory costs more than to read it full.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

fn read_into<'b>(buffer: &'b mut Vec<u8>, path: &Path, largest: u64) -> Result<&'b str, String> {
    buffer.clear();
    let file = File::open(path).map_err(|error| io_reason(&error))?;
    file.take(largest + 1).read_to_end(buffer).map_err(|error| io_reason(&error))?;
    if buffer.len() as u64 > largest {
        return Err(format!("larger than {largest} bytes"));
    }
    std::str::from_utf8(buffer)
        .map_err(|error| format!("invalid UTF-8 at byte {}", error.valid_up_to()))
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
