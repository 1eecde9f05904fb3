//! Workspace, packages, targets: what Cargo would compile.

use std::path::PathBuf;

/// One compilation target of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// What it is.
    pub kind: TargetKind,
    /// Crate name as Rust code spells it (underscores).
    pub name: String,
    /// Root file, relative to the scanned root, `/` separators.
    pub root: String,
}

/// Kinds of targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// The name in `use` paths (underscores, after a rename).
    pub name: String,
    /// The package's real name as a crate name (underscores).
    pub package: String,
    /// The package of the tree it is, by index in [`Workspace::packages`].
    pub local: Option<usize>,
}

/// One package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// `package.name` as written.
    pub name: String,
    /// `package.version`, inherited or not.
    pub version: String,
    /// Directory relative to the scanned root, `/` separators; empty for the root itself.
    pub dir: String,
    /// Edition: 2015, 2018, 2021, 2024.
    pub edition: u16,
    /// Library, binaries, and the rest.
    pub targets: Vec<Target>,
    /// Normal and build-independent dependencies, dev-dependencies included.
    pub dependencies: Vec<Dependency>,
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
    /// What could not be read: path (relative) and why.
    pub unread: Vec<(String, String)>,
}
