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
    /// Copies what a check may read of `tree`, that of its submodules included where they are checked out.
    ///
    /// # Errors
    /// When git fails (an index with conflicts has no one tree), or the copy cannot be written.
    pub fn snapshot(&self, tree: &Tree) -> Result<Snapshot, ChangesError> {
        let copy = |source| ChangesError::Copy { source };
        let snapshot = Snapshot { dir: fresh_directory().map_err(copy)? };
        let dir = snapshot.dir.canonicalize().map_err(copy)?;
        std::fs::create_dir(dir.join("tree")).map_err(copy)?;
        self.copy(tree, &dir.join("tree"), &dir.join("index"), 0)?;
        Ok(snapshot)
    }

    /// - `index`: a file for git to use, which is not there.
    fn copy(&self, tree: &Tree, into: &Path, index: &Path, depth: u8) -> Result<(), ChangesError> {
        let own: Vec<(&str, &std::ffi::OsStr)> = match tree {
            Tree::Index => Vec::new(),
            Tree::Commit(commit) => {
                let own = vec![("GIT_INDEX_FILE", index.as_os_str())];
                self.git_with(["read-tree", commit.as_str()], &own, &[])?;
                own
            }
        };
        let listed = self.git_with(["ls-files", "--stage", "-z"], &own, &[])?;
        let mut wanted = Vec::new();
        let mut inner = Vec::new();
        for line in listed.split(|byte| *byte == 0) {
            let mut parts = line.splitn(2, |byte| *byte == b'\t');
            let (Some(about), Some(path)) = (parts.next(), parts.next()) else { continue };
            // A file of several versions, which a merge left to people, has numbers for them.
            if !about.ends_with(b" 0") {
                let path = String::from_utf8_lossy(path).into_owned();
                return Err(ChangesError::Unmerged { path });
            }
            if about.starts_with(b"160000 ") {
                let commit = about.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
                inner.push((String::from_utf8_lossy(commit), String::from_utf8_lossy(path)));
            } else if matters(path) {
                wanted.extend_from_slice(path);
                wanted.push(0);
            }
        }
        let mut prefix = std::ffi::OsString::from("--prefix=");
        prefix.push(into);
        prefix.push("/");
        let arguments: [&std::ffi::OsStr; 5] = [
            "checkout-index".as_ref(),
            "--force".as_ref(),
            prefix.as_os_str(),
            "-z".as_ref(),
            "--stdin".as_ref(),
        ];
        self.git_with(arguments, &own, &wanted)?;
        for (number, (commit, path)) in inner.into_iter().enumerate() {
            // One that is not checked out, or lacks the commit, is not in the work tree of a check either.
            let Some(inner) = self.submodule(&path, &commit).filter(|_| depth < NESTING) else {
                continue;
            };
            let into = into.join(&*path);
            std::fs::create_dir_all(&into).map_err(|source| ChangesError::Copy { source })?;
            let mut index = index.as_os_str().to_owned();
            index.push(format!("-{number}"));
            inner.copy(&Tree::Commit(commit.into_owned()), &into, Path::new(&index), depth + 1)?;
        }
        Ok(())
    }
}

/// How deep submodules are followed.
const NESTING: u8 = 8;

/// What code and contract are read from: Rust, manifests, ignore files, and what code includes as text.
const ENDINGS: [&str; 11] = [
    ".rs", ".toml", ".sql", ".proto", ".graphql", ".gql", ".json", ".txt", ".surql", ".in", ".inc",
];

fn matters(path: &[u8]) -> bool {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
    ENDINGS.iter().any(|ending| name.ends_with(ending.as_bytes()))
        || matches!(name, b".gitignore" | b".ignore")
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
