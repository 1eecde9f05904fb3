//! A tree cut into packages, and put together again: what one machine can tell of a package without the others.
//!
//! A [`Part`] says nothing that depends on the content of another package, so that parts made apart, of one state of a
//! tree, are the parts of one run over it: [`joined`] gives the same [`Workspace`].

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use ignore::gitignore::Gitignore;
use serde::{Deserialize, Serialize};

use super::files::{Found, is_excluded, relative};
use super::packages::linked;
use super::{Package, Target, TargetKind, Unseen, Workspace};

/// A package on its way: its dependencies are linked when all packages are known. Directories are relative to the
/// scanned root, with `..` for those outside.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Draft {
    pub(super) package: Package,
    pub(super) home: String,
    pub(super) workspace: String,
    pub(super) needs: Vec<Need>,
}

/// A dependency as declared, after inheritance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Need {
    /// Its key in the manifest.
    pub(super) key: String,
    /// `package = "…"`, when it is renamed.
    pub(super) package: Option<String>,
    /// The versions it may have.
    pub(super) version: Option<String>,
    /// Whether only tests, benches and examples may use it.
    pub(super) is_dev: bool,
    /// The directory of `path = "…"`.
    pub(super) dir: Option<String>,
    /// Why nothing of that directory was read.
    pub(super) unseen: Option<Unseen>,
}

impl Draft {
    /// Whether this stands for files without a package.
    pub(super) fn is_loose(&self) -> bool {
        let mut kinds = self.package.targets.iter().map(|target| target.kind);
        self.package.version == "0.0.0"
            && self.needs.is_empty()
            && kinds.all(|kind| kind == TargetKind::Loose)
    }

    /// The crate name of the library, which is what code says unless the dependency is renamed.
    pub(super) fn library(&self) -> Option<&str> {
        let is_library =
            |target: &&Target| matches!(target.kind, TargetKind::Lib | TargetKind::ProcMacro);
        self.package.targets.iter().find(is_library).map(|target| target.name.as_str())
    }
}

/// A directory with a manifest.
pub(super) struct Home {
    pub(super) dir: String,
    pub(super) name: String,
    /// Its package; a broken manifest without Rust files makes none.
    pub(super) draft: Option<Draft>,
    /// The files below it that are of no package further down.
    pub(super) files: Vec<String>,
}

/// A walk whose files are sorted into packages.
pub(super) struct Sorted {
    pub(super) homes: Vec<Home>,
    /// What stands for files without a package.
    pub(super) loose: Option<Draft>,
    pub(super) found: Found,
}

/// What is known of one package by itself, or of all that is in no package.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The directory of its manifest, as [`Package::dir`].
    pub dir: String,
    /// `package.name`, or what can be told of it.
    pub name: String,
    draft: Option<Draft>,
    /// Its Rust files, sorted.
    pub files: Vec<String>,
    /// Its files of other kinds that are [`Workspace::documents`], sorted.
    pub documents: Vec<String>,
    /// What of it could not be read, and why.
    pub unread: Vec<(String, String)>,
    /// Directories of the tree that it depends on and that have no manifest; what the contract excludes is left out.
    pub lacking: Vec<String>,
}

/// A tree, cut.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The scanned root on disk.
    pub root: PathBuf,
    /// A part for each manifest of a package, in order of their directories.
    pub packages: Vec<Part>,
    /// What is in no package.
    pub rest: Part,
}

impl Sorted {
    /// The tree as one run sees it.
    pub(super) fn workspace(self, root: PathBuf) -> Workspace {
        let drafts = self.homes.into_iter().filter_map(|home| home.draft);
        Workspace {
            root,
            packages: in_order(drafts.chain(self.loose).collect()),
            files: self.found.files.into_iter().collect(),
            documents: self.found.documents.into_iter().collect(),
            unread: self.found.unread.into_iter().collect(),
        }
    }

    /// The tree by packages. `top` is the root as [`Draft`] has it; `root` is for people.
    pub(super) fn parts(self, top: &Path, root: PathBuf, exclude: &Gitignore) -> Parts {
        let mut packages: Vec<Part> = Vec::new();
        for home in self.homes {
            let mut files: BTreeSet<String> = home.files.into_iter().collect();
            let targets = home.draft.iter().flat_map(|draft| &draft.package.targets);
            files.extend(targets.map(|target| target.root.clone()));
            let needs = home.draft.iter().flat_map(|draft| &draft.needs);
            let lacking = needs.filter_map(|need| need.dir.clone());
            let lacking = lacking.filter(|dir| is_lacking(top, dir, exclude));
            packages.push(Part {
                lacking: lacking.collect(),
                files: files.into_iter().collect(),
                dir: home.dir,
                name: home.name,
                draft: home.draft,
                ..Part::default()
            });
        }
        packages.sort_by(|one, other| one.dir.cmp(&other.dir));
        let by_dir: BTreeMap<String, usize> =
            packages.iter().enumerate().map(|(at, part)| (part.dir.clone(), at)).collect();
        let mut rest = Part { draft: self.loose, ..Part::default() };
        let owned: BTreeSet<&String> = packages.iter().flat_map(|part| &part.files).collect();
        rest.files =
            self.found.files.iter().filter(|file| !owned.contains(file)).cloned().collect();
        let owner = |path: &str| {
            let above = path.rmatch_indices('/').filter_map(|(at, _)| path.get(..at));
            let mut above = std::iter::once(path).chain(above).chain([""]);
            above.find_map(|dir| by_dir.get(dir).copied())
        };
        for document in self.found.documents {
            let part = owner(&document).and_then(|at| packages.get_mut(at));
            part.unwrap_or(&mut rest).documents.push(document);
        }
        for (path, why) in self.found.unread {
            let part = owner(&path).and_then(|at| packages.get_mut(at));
            part.unwrap_or(&mut rest).unread.push((path, why));
        }
        Parts { root, packages, rest }
    }
}

impl Part {
    /// The directories of the packages that it depends on by path.
    pub fn needs(&self) -> impl Iterator<Item = &str> {
        let needs = self.draft.iter().flat_map(|draft| &draft.needs);
        needs.filter_map(|need| need.dir.as_deref())
    }
}

/// The workspace that these parts are: the same whichever order they come in.
pub fn joined<'p>(parts: impl IntoIterator<Item = &'p Part>) -> Workspace {
    let mut drafts: Vec<Draft> = Vec::new();
    let (mut files, mut documents) = (BTreeSet::new(), BTreeSet::new());
    let mut unread = BTreeSet::new();
    for part in parts {
        drafts.extend(part.draft.clone());
        files.extend(part.files.iter().cloned());
        documents.extend(part.documents.iter().cloned());
        unread.extend(part.unread.iter().cloned());
    }
    Workspace {
        root: PathBuf::new(),
        packages: in_order(drafts),
        files: files.into_iter().collect(),
        documents: documents.into_iter().collect(),
        unread: unread.into_iter().collect(),
    }
}

fn in_order(mut drafts: Vec<Draft>) -> Vec<Package> {
    drafts.sort_by(|one, other| {
        (&one.package.dir, one.is_loose()).cmp(&(&other.package.dir, other.is_loose()))
    });
    linked(drafts)
}

/// Whether a directory of the tree that something depends on is not there, as when only some files were made visible.
fn is_lacking(root: &Path, dir: &str, exclude: &Gitignore) -> bool {
    let full = root.join(dir);
    let inside = !Path::new(dir).is_absolute() && dir != ".." && !dir.starts_with("../");
    inside && !full.join("Cargo.toml").is_file() && !is_excluded(exclude, &full, true)
}

/// A directory relative to the root, with `..` for those outside; paths are read as text.
pub(super) fn position(root: &Path, path: &Path) -> String {
    if let Some(inside) = relative(root, path) {
        return inside;
    }
    let both = root.components().zip(path.components());
    let same = both.take_while(|(one, other)| one == other).count();
    if same == 0 {
        return path.to_string_lossy().into_owned();
    }
    let up = root.components().skip(same).map(|_| "..".into());
    let down =
        path.components().skip(same).map(Component::as_os_str).map(|part| part.to_string_lossy());
    up.chain(down).collect::<Vec<_>>().join("/")
}
