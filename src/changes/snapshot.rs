//! A tree as a commit or the index has it, in a directory of its own.

use std::path::{Path, PathBuf};

use super::{ChangesError, Repository};

/// Which tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tree {
    /// The index.
    Index,
    /// A commit.
    Commit(String),
}

/// A copy of the files that matter to a check, removed when it is dropped.
#[derive(Debug)]
pub struct Snapshot {
    dir: PathBuf,
}

impl Snapshot {
    /// Its top directory, which stands for that of the repository.
    pub fn top(&self) -> PathBuf {
        self.dir.join("tree")
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        // A copy that cannot be removed is the system's to clear: it is in its directory for such files.
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

impl Repository {
    /// Copies Rust files, manifests, ignore files and TOML files of `tree`.
    ///
    /// # Errors
    /// When git fails (an index with conflicts has no one tree), or the copy cannot be written.
    pub fn snapshot(&self, tree: &Tree) -> Result<Snapshot, ChangesError> {
        let copy = |source| ChangesError::Copy { source };
        let snapshot = Snapshot { dir: fresh_directory().map_err(copy)? };
        let dir = snapshot.dir.canonicalize().map_err(copy)?;
        std::fs::create_dir(dir.join("tree")).map_err(copy)?;
        let index = dir.join("index");
        let own: Vec<(&str, &std::ffi::OsStr)> = match tree {
            Tree::Index => Vec::new(),
            Tree::Commit(commit) => {
                let own = vec![("GIT_INDEX_FILE", index.as_os_str())];
                self.git_with(["read-tree", commit.as_str()], &own, &[])?;
                own
            }
        };
        let listed = self.git_with(["ls-files", "-z"], &own, &[])?;
        let mut wanted = Vec::new();
        for path in listed.split(|byte| *byte == 0).filter(|path| matters(path)) {
            wanted.extend_from_slice(path);
            wanted.push(0);
        }
        let mut prefix = std::ffi::OsString::from("--prefix=");
        prefix.push(dir.join("tree"));
        prefix.push("/");
        let arguments: [&std::ffi::OsStr; 5] = [
            "checkout-index".as_ref(),
            "--force".as_ref(),
            prefix.as_os_str(),
            "-z".as_ref(),
            "--stdin".as_ref(),
        ];
        self.git_with(arguments, &own, &wanted)?;
        Ok(snapshot)
    }
}

fn matters(path: &[u8]) -> bool {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
    name.ends_with(b".rs") || name.ends_with(b".toml") || name == b".gitignore"
}

/// A new directory that nobody else can read, in the system's place for such.
fn fresh_directory() -> std::io::Result<PathBuf> {
    let base = std::env::temp_dir();
    let mut number = 0u32;
    loop {
        let dir = base.join(format!("contract-check-{}-{number}", std::process::id()));
        match create_private(&dir) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && number < 10_000 => {
                number += 1;
            }
            done => return done.map(|()| dir),
        }
    }
}

#[cfg(unix)]
fn create_private(dir: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().mode(0o700).create(dir)
}

#[cfg(not(unix))]
fn create_private(dir: &Path) -> std::io::Result<()> {
    std::fs::create_dir(dir)
}
