//! Workspace, packages, targets: what Cargo would compile.
//!
//! Turns a directory (or a few paths below one) into a [`Workspace`]: the Rust files that `.gitignore` and the contract
//! leave, the packages they belong to, and what could not be read. It runs no Cargo, so it needs neither a lock file
//! nor the network, and it knows nothing of what stands in the files.
//!
//! Links to files are followed. Links to directories are followed once and only into the tree; a manifest behind such
//! a link is not read again.

pub mod attachments;
mod files;
mod left_out;
pub mod listing;
mod manifest;
mod packages;
mod parts;
mod targets;
mod texts;

use std::path::{Path, PathBuf};

use ignore::gitignore::Gitignore;
use serde::{Deserialize, Serialize};

pub use parts::{Part, Parts, joined};
pub use texts::{Sum, read_again, read_document, read_documents, read_texts, sum};

/// Why a tree cannot be scanned at all.
#[derive(Debug, thiserror::Error)]
pub enum DiscoverError {
    /// A path to scan cannot be opened.
    #[error("cannot scan `{}`: {why}", path.display())]
    Unreadable {
        /// The path, as given.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
    /// A path to scan is a file of another language.
    #[error("cannot scan `{}`: it is neither a directory nor a `.rs` file", path.display())]
    NotRust {
        /// The path, as given.
        path: PathBuf,
    },
    /// An exclude pattern is not a glob.
    #[error("`{glob}` in `scan.exclude` is not a pattern: {message}")]
    Exclude {
        /// The pattern, as written.
        glob: String,
        /// What is wrong with it.
        message: String,
    },
    /// There is nothing to check, which must not pass as clean.
    #[error("no Rust files below `{}`", root.display())]
    Empty {
        /// The scanned root.
        root: PathBuf,
    },
}

/// What to scan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scan {
    /// The directory (or the one `.rs` file) that paths are relative to; for a file, the directory it is in.
    pub root: PathBuf,
    /// The paths to scan, at or below the root; all of the root when empty.
    pub only: Vec<PathBuf>,
    /// Patterns of files to leave out, as in a .gitignore file.
    pub exclude: Vec<String>,
    /// The directory that the patterns are relative to; the root when `None`.
    pub exclude_base: Option<PathBuf>,
}

/// Finds what Cargo would compile below `root`, a directory or a single `.rs` file.
///
/// - `exclude`: patterns as in a .gitignore file in `root`, on top of the .gitignore files of the tree.
///
/// # Errors
/// [`DiscoverError`] when the root cannot be opened, a pattern is invalid, or there are no Rust files.
pub fn discover(root: &Path, exclude: &[String]) -> Result<Workspace, DiscoverError> {
    scan(&Scan { root: root.to_owned(), exclude: exclude.to_vec(), ..Scan::default() })
}

/// Finds what Cargo would compile among the paths of `scan`.
///
/// The packages around a scanned path are known even when their manifest is above it. If none of a package's targets
/// is among the scanned files (`src/payments` of a library), its files are [`TargetKind::Loose`].
///
/// # Errors
/// [`DiscoverError`] when a path cannot be opened, a pattern is invalid, or there are no Rust files.
pub fn scan(scan: &Scan) -> Result<Workspace, DiscoverError> {
    let (scanned, ()) = scan_while(scan, |_, _| ())?;
    Ok(scanned.sorted.workspace(scanned.shown))
}

/// As [`scan`], by packages.
///
/// # Errors
/// As [`scan`].
pub fn parts(scan: &Scan) -> Result<Parts, DiscoverError> {
    let (scanned, ()) = scan_while(scan, |_, _| ())?;
    Ok(scanned.sorted.parts(&scanned.root, scanned.shown, &scanned.exclude))
}

/// A tree that was walked.
struct Scanned {
    /// The canonical root.
    root: PathBuf,
    /// The root as it was given.
    shown: PathBuf,
    exclude: Gitignore,
    sorted: parts::Sorted,
}

/// As [`scan`], with the hash of each of [`Workspace::files`]: they are read while manifests are.
///
/// # Errors
/// As [`scan`].
pub fn scan_with_sums(scan: &Scan) -> Result<(Workspace, Vec<Sum>), DiscoverError> {
    let read = |root: &Path, files: &[String]| (files.to_vec(), texts::read_sums(root, files));
    let (scanned, (files, sums)) = scan_while(scan, read)?;
    let workspace = scanned.sorted.workspace(scanned.shown);
    // What the manifests add or leave out is read again.
    let sums = if files == workspace.files { sums } else { read_sums(&workspace) };
    Ok((workspace, sums))
}

/// Scans, and does something with the files, by their paths below the root, while manifests are read.
fn scan_while<T: Send>(
    scan: &Scan,
    also: impl FnOnce(&Path, &[String]) -> T + Send,
) -> Result<(Scanned, T), DiscoverError> {
    let named = opened(&scan.root)?;
    let (root, shown) = if named.is_file() {
        (named.parent().unwrap_or(&named).to_owned(), parent_or_here(&scan.root))
    } else {
        (named.clone(), scan.root.clone())
    };
    let mut starts = scan.only.iter().map(|path| opened(path)).collect::<Result<Vec<_>, _>>()?;
    if starts.is_empty() {
        starts.push(named);
    }
    starts.sort();
    starts.dedup();
    let base = scan.exclude_base.as_deref().and_then(|base| base.canonicalize().ok());
    let exclude = files::exclude_globs(base.as_deref().unwrap_or(&root), &scan.exclude)?;
    let found = files::walk(&root, &starts, &exclude);
    let files: Vec<String> = found.files.iter().cloned().collect();
    let (sorted, other) =
        rayon::join(|| packages::gather(&root, &starts, &exclude, found), || also(&root, &files));
    if sorted.found.files.is_empty() && sorted.found.unread.is_empty() {
        return Err(DiscoverError::Empty { root: shown });
    }
    Ok((Scanned { root, shown, exclude, sorted }, other))
}

/// The hash of each text that [`read_texts`] would read, in the same order, without keeping any.
fn read_sums(workspace: &Workspace) -> Vec<Sum> {
    texts::read_sums(&workspace.root, &workspace.files)
}

/// The canonical form of a path that can be opened.
fn opened(path: &Path) -> Result<PathBuf, DiscoverError> {
    let failed = |error: std::io::Error| DiscoverError::Unreadable {
        path: path.to_owned(),
        why: files::io_reason(&error),
    };
    let full = path.canonicalize().map_err(failed)?;
    if full.is_dir() {
        std::fs::read_dir(&full).map_err(failed)?;
    } else if full.extension().is_none_or(|extension| extension != "rs") {
        return Err(DiscoverError::NotRust { path: path.to_owned() });
    }
    Ok(full)
}

fn parent_or_here(file: &Path) -> PathBuf {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// One compilation target of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// What it is.
    pub kind: TargetKind,
    /// Crate name as Rust code spells it (underscores).
    pub name: String,
    /// Root file, relative to the scanned root, `/` separators.
    pub root: String,
}

/// Kinds of targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TargetKind {
    /// A library.
    Lib,
    /// A library of procedural macros.
    ProcMacro,
    /// A binary.
    Bin,
    /// An example; left out unless tests are included.
    Example,
    /// An integration test; left out unless tests are included.
    Test,
    /// A benchmark; left out unless tests are included.
    Bench,
    /// A build script; never scanned for routes.
    BuildScript,
    /// A file scanned alone, in a tree without manifests.
    Loose,
}

/// A dependency as the code names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependency {
    /// The name in `use` paths (underscores, after a rename).
    pub name: String,
    /// The package's real name as a crate name (underscores).
    pub package: String,
    /// The versions it may have, as declared.
    pub version: Option<String>,
    /// Whether only tests, benches and examples may use it.
    pub is_dev: bool,
    /// The package of the tree it is, by index in [`Workspace::packages`].
    pub local: Option<usize>,
    /// Why its source was not read, where a manifest says where that is.
    pub unseen: Option<Unseen>,
}

/// Why the source of a dependency that has a path was not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unseen {
    /// Its directory, relative to the scanned root, has no manifest.
    Missing(String),
    /// Its directory, relative to the scanned root, is not among the scanned paths.
    Outside(String),
}

impl Dependency {
    /// The first two numbers of the version, of the lowest one where several may be taken.
    pub fn release(&self) -> Option<(u32, u32)> {
        let mut numbers = self.version.as_deref()?.split(|c: char| !c.is_ascii_digit());
        let mut number = || numbers.by_ref().find_map(|digits| digits.parse().ok());
        Some((number()?, number().unwrap_or(0)))
    }
}

/// One package.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// `package.name` as written.
    pub name: String,
    /// `package.version`, inherited or not.
    pub version: String,
    /// Directory relative to the scanned root, `/` separators; empty for the root itself, `..` above it.
    pub dir: String,
    /// Edition: 2015, 2018, 2021, 2024.
    pub edition: u16,
    /// Library, binaries, and the rest.
    pub targets: Vec<Target>,
    /// Normal dependencies and dev-dependencies, those of `[target.…]` included; no build-dependencies.
    pub dependencies: Vec<Dependency>,
    /// The library of which it is a copy, where a model says what that means; its own code is not looked at then.
    #[serde(skip)]
    pub copy_of: Option<String>,
}

/// Everything below the scanned root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Workspace {
    /// The scanned root on disk.
    pub root: PathBuf,
    /// Packages in order of their directories.
    pub packages: Vec<Package>,
    /// Every `.rs` file that is not excluded, relative to the root, sorted.
    pub files: Vec<String>,
    /// Files of other kinds that say what code does (`.proto`, `.sql`), relative to the root, sorted.
    pub documents: Vec<String>,
    /// What could not be read: path (relative) and why.
    pub unread: Vec<(String, String)>,
}

#[cfg(test)]
pub(crate) mod tests;
