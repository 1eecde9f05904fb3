//! The walk: which files are below the scanned paths.
//!
//! `.gitignore` files count with or without a repository, because an archive of a tree must be judged like the tree.
//! Files that only one machine knows (`.ignore`, `.git/info/exclude`, the user's global ignore file) do not count:
//! the result must be the same for everyone. Nothing here knows what a package is.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use ignore::{DirEntry, WalkBuilder};

use super::DiscoverError;

/// Extensions of files that are no Rust code and may be asked for.
const DOCUMENTS: &[&str] = &["proto", "sql"];

/// What the walk met. All paths are relative to the root, with `/`.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Rust files.
    pub(super) files: BTreeSet<String>,
    /// Files of the kinds in [`DOCUMENTS`].
    pub(super) documents: BTreeSet<String>,
    /// Directories with a Cargo.toml; empty for the root.
    pub(super) manifests: BTreeSet<String>,
    /// Directories that are symbolic links.
    pub(super) links: BTreeSet<String>,
    /// What could not be read, and why.
    pub(super) unread: BTreeSet<(String, String)>,
}

impl Found {
    /// Adds what another walk met.
    pub(super) fn extend(&mut self, other: Self) {
        self.files.extend(other.files);
        self.documents.extend(other.documents);
        self.manifests.extend(other.manifests);
        self.links.extend(other.links);
        self.unread.extend(other.unread);
    }
}

/// Reads exclude globs, which are written as in a .gitignore file in `base`.
pub(super) fn exclude_globs(base: &Path, globs: &[String]) -> Result<Gitignore, DiscoverError> {
    let invalid = |glob: &str, error: &ignore::Error| DiscoverError::Exclude {
        glob: glob.to_owned(),
        message: match error {
            ignore::Error::Glob { err, .. } => err.clone(),
            other => other.to_string(),
        },
    };
    let mut builder = GitignoreBuilder::new(base);
    for glob in globs {
        builder.add_line(None, glob).map_err(|error| invalid(glob, &error))?;
    }
    builder.build().map_err(|error| invalid(&globs.join(", "), &error))
}

/// Whether a path below the base of `globs` is excluded, by itself or by a directory above it.
pub(super) fn is_excluded(globs: &Gitignore, path: &Path, is_dir: bool) -> bool {
    path.starts_with(globs.path()) && globs.matched_path_or_any_parents(path, is_dir).is_ignore()
}

/// Walks `starts`, which are `root` or below it; both must be canonical.
pub(super) fn walk(root: &Path, starts: &[PathBuf], exclude: &Gitignore) -> Found {
    walk_below(root, starts, exclude, true)
}

/// Walks a directory that is hidden or ignored: what the .gitignore files above it say does not count.
pub(super) fn walk_left_out(root: &Path, dir: &Path, exclude: &Gitignore) -> Found {
    walk_below(root, &[dir.to_owned()], exclude, false)
}

fn walk_below(root: &Path, starts: &[PathBuf], exclude: &Gitignore, parents: bool) -> Found {
    let mut found = Found::default();
    let Some((first, rest)) = starts.split_first() else { return found };
    let mut builder = WalkBuilder::new(first);
    for start in rest {
        builder.add(start);
    }
    builder.hidden(true).git_ignore(true).require_git(false).parents(parents);
    builder.ignore(false).git_exclude(false).git_global(false);
    builder.follow_links(true);
    let (globs, top) = (exclude.clone(), root.to_owned());
    builder.filter_entry(move |entry| is_wanted(entry, &top, &globs));
    for entry in builder.build() {
        match entry {
            Ok(entry) => note_entry(root, &entry, &mut found),
            Err(error) => note_error(root, &error, &mut found),
        }
    }
    found
}

/// Whether to keep a file or go into a directory.
fn is_wanted(entry: &DirEntry, root: &Path, exclude: &Gitignore) -> bool {
    let path = entry.path();
    let is_dir = entry.file_type().is_some_and(|kind| kind.is_dir());
    if is_excluded(exclude, path, is_dir) {
        return false;
    }
    if !is_dir || entry.depth() == 0 {
        return true;
    }
    if entry.file_name() == "target" && path.join("CACHEDIR.TAG").is_file() {
        return false;
    }
    !entry.path_is_symlink() || is_followed(path, root)
}

/// Whether to go through a link to a directory: into the tree only, and not from behind another link, because links
/// among the directories of a tree can multiply its paths beyond any bound.
fn is_followed(link: &Path, root: &Path) -> bool {
    let inside = link.canonicalize().is_ok_and(|to| to.starts_with(root));
    let behind = link.ancestors().skip(1).take_while(|above| *above != root).any(Path::is_symlink);
    inside && !behind
}

fn note_entry(root: &Path, entry: &DirEntry, found: &mut Found) {
    let path = entry.path();
    let Some(kind) = entry.file_type() else { return };
    let is_rust = path.extension().is_some_and(|extension| extension == "rs");
    let is_manifest = entry.file_name() == "Cargo.toml";
    if kind.is_dir() {
        if entry.path_is_symlink()
            && let Some(name) = relative(root, path)
        {
            found.links.insert(name);
        }
        return;
    }
    let extension = path.extension().and_then(|extension| extension.to_str());
    let is_document = extension.is_some_and(|extension| DOCUMENTS.contains(&extension));
    if is_document
        && kind.is_file()
        && let Some(name) = relative(root, path)
    {
        found.documents.insert(name);
    }
    if !is_rust && !is_manifest {
        return;
    }
    let Some(name) = relative(root, path) else {
        found.unread.insert((shown(root, path), "its path is not valid UTF-8".to_owned()));
        return;
    };
    if !kind.is_file() {
        found.unread.insert((name, "it is not a regular file".to_owned()));
    } else if is_rust {
        found.files.insert(name);
    } else {
        found
            .manifests
            .insert(name.rsplit_once('/').map_or(String::new(), |(dir, _)| dir.to_owned()));
    }
}

/// Records what could not be entered. A loop of links is no loss: what it leads back to is walked anyway.
fn note_error(root: &Path, error: &ignore::Error, found: &mut Found) {
    let mut cause = error;
    let mut at = None;
    loop {
        match cause {
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
                cause = err;
            }
            ignore::Error::WithPath { path, err } => {
                at = Some(path.as_path());
                cause = err;
            }
            ignore::Error::Loop { .. } => return,
            _ => break,
        }
    }
    let path = at.unwrap_or(root);
    let is_dangling = path.is_symlink() && !path.exists();
    let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    let is_rust = path.extension().is_some_and(|extension| extension == "rs");
    if is_dangling && (is_hidden || !is_rust) {
        return;
    }
    let why = match cause {
        _ if is_dangling => "it is a symbolic link to nothing".to_owned(),
        ignore::Error::Io(error) => io_reason(error),
        other => other.to_string(),
    };
    found.unread.insert((shown(root, path), why));
}

/// An I/O error without the path, which is told apart already.
pub(super) fn io_reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::NotFound => "it does not exist".to_owned(),
        _ => error.to_string(),
    }
}

/// `path` relative to `root` with `/`; empty for the root; `None` outside the root or where it is not UTF-8.
pub(super) fn relative(root: &Path, path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> =
        path.strip_prefix(root).ok()?.components().map(|part| part.as_os_str().to_str()).collect();
    Some(parts?.join("/"))
}

/// Like [`relative`], for people: whatever is not UTF-8 is replaced.
fn shown(root: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(root).unwrap_or(path);
    if inside.as_os_str().is_empty() {
        ".".to_owned()
    } else {
        inside.to_string_lossy().replace('\\', "/")
    }
}
