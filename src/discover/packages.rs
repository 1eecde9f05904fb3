//! Packages of the walked files: who owns which file, and which dependency is which package.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use ignore::gitignore::Gitignore;
use rustc_hash::FxHashMap;

use super::files::{Found, is_excluded, relative};
use super::manifest::{ManifestFile, Manifests, Needed, plain};
use super::parts::{Draft, Home, Need, Sorted, position};
use super::targets::{Layout, Planned, crate_name, planned, planned_by_default};
use super::{Dependency, Package, Target, TargetKind};

/// What the walk knows, and what is added to it.
pub(super) struct Tree<'a> {
    pub(super) root: &'a Path,
    pub(super) starts: &'a [PathBuf],
    pub(super) exclude: &'a Gitignore,
    pub(super) manifests: Manifests,
    pub(super) found: Found,
}

/// Whose files are which.
#[derive(Default)]
struct Owners {
    /// Files by the directory of their package.
    packages: BTreeMap<PathBuf, Vec<String>>,
    /// Files that no package has.
    loose: Vec<String>,
}

/// Sorts the files of a walk into packages. `root` and `starts` are canonical.
pub(super) fn gather(root: &Path, starts: &[PathBuf], exclude: &Gitignore, found: Found) -> Sorted {
    let mut tree = Tree { root, starts, exclude, manifests: Manifests::default(), found };
    tree.add_left_out();
    let owners = tree.owners();
    let mut homes = Vec::new();
    for (home, files) in owners.packages {
        let Some(file) = tree.manifests.at(&home) else { continue };
        let draft = tree.draft(&home, &file, &files);
        let name = name_of(&file, &home);
        homes.push(Home { dir: tree.dir_name(&home), name, draft, files });
    }
    let loose = (!owners.loose.is_empty()).then(|| {
        let name = root.file_name().map_or("loose".into(), |name| name.to_string_lossy());
        let mut package = bare_package(&name, String::new());
        package.targets = owners.loose.iter().map(|file| loose(file, None)).collect();
        Draft { package, ..Draft::default() }
    });
    Sorted { homes, loose, found: tree.found }
}

/// What a directory with a manifest is called.
fn name_of(file: &ManifestFile, home: &Path) -> String {
    let named = match file {
        ManifestFile::Package(manifest) => manifest.package.as_ref().map(|one| one.name.clone()),
        ManifestFile::Broken(broken) => broken.name.clone(),
        ManifestFile::Virtual(_) => None,
    };
    named.unwrap_or_else(|| home.file_name().unwrap_or_default().to_string_lossy().into_owned())
}

impl Tree<'_> {
    /// Gives every file to the package of the nearest manifest above it, on disk, below the root or not.
    fn owners(&mut self) -> Owners {
        let mut owners = Owners::default();
        for dir in &self.found.manifests {
            let dir = self.root.join(dir);
            if !self.is_linked(&dir)
                && !matches!(self.manifests.at(&dir).as_deref(), Some(ManifestFile::Virtual(_)))
            {
                owners.packages.entry(dir).or_default();
            }
        }
        let mut known: FxHashMap<PathBuf, Option<PathBuf>> = FxHashMap::default();
        for file in &self.found.files {
            let full = self.root.join(file);
            let dir = full.parent().unwrap_or(self.root).to_owned();
            let home = if let Some(home) = known.get(&dir) {
                home.clone()
            } else {
                let home = home_of(&dir, self.root, &self.found.links, &mut self.manifests);
                known.insert(dir.clone(), home.clone());
                home
            };
            let state = home.as_ref().and_then(|home| self.manifests.at(home));
            match (home, state.as_deref()) {
                (Some(home), Some(ManifestFile::Virtual(_))) if home.starts_with(self.root) => {}
                (None, _) | (_, Some(ManifestFile::Virtual(_))) => {
                    if !self.is_linked(&dir) {
                        owners.loose.push(file.clone());
                    }
                }
                (Some(home), _) => owners.packages.entry(home).or_default().push(file.clone()),
            }
        }
        owners
    }

    fn is_linked(&self, dir: &Path) -> bool {
        is_linked(dir, self.root, &self.found.links)
    }

    /// One package with its targets. A broken manifest without Rust files is told of, and is no package.
    fn draft(&mut self, home: &Path, file: &Rc<ManifestFile>, files: &[String]) -> Option<Draft> {
        let mut layout = Layout::new();
        for file in files {
            if let Some(inside) = relative(home, &self.root.join(file)) {
                layout.insert(inside, file.clone());
            }
        }
        let dir = self.dir_name(home);
        let manifest_name =
            if dir.is_empty() { "Cargo.toml".to_owned() } else { format!("{dir}/Cargo.toml") };
        let mut draft = Draft {
            package: bare_package(&home.file_name().unwrap_or_default().to_string_lossy(), dir),
            home: position(self.root, home),
            workspace: position(self.root, home),
            needs: Vec::new(),
        };
        let plan = match &**file {
            ManifestFile::Virtual(_) => return None,
            ManifestFile::Broken(broken) => {
                self.found.unread.insert((manifest_name.clone(), broken.why.clone()));
                if files.is_empty() {
                    return None;
                }
                if let Some(name) = &broken.name {
                    draft.package.name.clone_from(name);
                }
                planned_by_default(&draft.package.name, broken.lib.as_deref(), &layout)
            }
            ManifestFile::Package(manifest) => {
                let settled = self.manifests.settle(home, manifest);
                for missing in settled.missing {
                    self.found.unread.insert((manifest_name.clone(), missing));
                }
                if let Some(package) = &manifest.package {
                    draft.package.name.clone_from(&package.name);
                }
                draft.package.version = settled.version;
                draft.package.edition = settled.edition;
                draft.workspace = position(self.root, &settled.workspace);
                let need = |needed: Needed| Need {
                    is_dev: needed.is_dev,
                    unseen: self.unseen(home, &needed),
                    dir: needed.dir.map(|dir| position(self.root, &dir)),
                    key: needed.key,
                    package: needed.package,
                    version: needed.version,
                };
                draft.needs = settled.needs.into_iter().map(need).collect();
                planned(manifest, &layout)
            }
        };
        // Cargo builds neither.
        let is_bare = matches!(&**file, ManifestFile::Broken(_)) || plan.is_empty();
        draft.package.targets = self.targets(home, &manifest_name, plan, &layout);
        let alone = self.unreached(home, &draft.package.targets, files, is_bare);
        let name = crate_name(&draft.package.name);
        draft.package.targets.extend(alone.iter().map(|file| loose(file, Some(&name))));
        Some(draft)
    }

    /// The files that were asked for by a path with none of the package's targets in it, and all files of a package
    /// whose manifest says nothing or that has no target at all: better read alone than passed over.
    fn unreached<'f>(
        &self,
        home: &Path,
        targets: &[Target],
        files: &'f [String],
        is_bare: bool,
    ) -> Vec<&'f String> {
        let is_below = |file: &str, start: &Path| self.root.join(file).starts_with(start);
        let whole = self.starts.iter().any(|start| home.starts_with(start));
        if whole {
            return if is_bare && targets.is_empty() { files.iter().collect() } else { Vec::new() };
        }
        let empty = |start: &&PathBuf| !targets.iter().any(|target| is_below(&target.root, start));
        let starts: Vec<_> = self.starts.iter().filter(empty).collect();
        files.iter().filter(|file| starts.iter().any(|start| is_below(file, start))).collect()
    }

    /// Finds the root files of planned targets among the scanned files.
    fn targets(
        &mut self,
        home: &Path,
        manifest: &str,
        plan: Vec<Planned>,
        layout: &Layout,
    ) -> Vec<Target> {
        let mut targets = Vec::new();
        for Planned { kind, name, path } in plan {
            if let Some(root) = layout.get(&path) {
                targets.push(Target { kind, name, root: root.clone() });
                continue;
            }
            let full = plain(&home.join(&path));
            if is_excluded(self.exclude, &full, false) {
                continue;
            }
            let inside = relative(self.root, &full)
                .filter(|_| self.starts.iter().any(|start| full.starts_with(start)));
            let ours = self.starts.iter().any(|start| home.starts_with(start));
            match inside {
                Some(root) if full.is_file() => {
                    // Cargo compiles a declared file whether or not git ignores it.
                    self.found.files.insert(root.clone());
                    targets.push(Target { kind, name, root });
                }
                _ if !ours || kind == TargetKind::BuildScript => {}
                Some(_) => {
                    self.found.unread.insert((
                        manifest.to_owned(),
                        format!("its target `{path}` does not exist"),
                    ));
                }
                None => {
                    let why = format!("its target `{path}` is outside the scanned paths");
                    self.found.unread.insert((manifest.to_owned(), why));
                }
            }
        }
        targets.sort_by(|a, b| (a.kind, &a.name, &a.root).cmp(&(b.kind, &b.name, &b.root)));
        targets.dedup();
        targets
    }

    /// A package's directory relative to the root, with `..` for those above it.
    fn dir_name(&self, home: &Path) -> String {
        relative(self.root, home).unwrap_or_else(|| {
            let levels = self.root.strip_prefix(home).map_or(1, |below| below.components().count());
            vec![".."; levels].join("/")
        })
    }
}

/// The directory of the nearest manifest at or above `dir`, one behind a link left out.
fn home_of(
    dir: &Path,
    root: &Path,
    links: &BTreeSet<String>,
    manifests: &mut Manifests,
) -> Option<PathBuf> {
    let real = dir.ancestors().filter(|above| !is_linked(above, root, links));
    real.into_iter().find(|above| manifests.at(above).is_some()).map(Path::to_owned)
}

/// Whether a directory is, or is behind, a link.
fn is_linked(dir: &Path, root: &Path, links: &BTreeSet<String>) -> bool {
    !links.is_empty()
        && dir
            .ancestors()
            .take_while(|above| *above != root)
            .any(|above| relative(root, above).is_some_and(|name| links.contains(&name)))
}

fn bare_package(name: &str, dir: String) -> Package {
    Package {
        name: name.to_owned(),
        version: "0.0.0".to_owned(),
        dir,
        edition: 2021,
        targets: Vec::new(),
        dependencies: Vec::new(),
        copy_of: None,
    }
}

/// A file scanned alone: a crate called `name`, or like the file.
fn loose(file: &str, name: Option<&str>) -> Target {
    let last = file.rsplit_once('/').map_or(file, |(_, last)| last);
    let name =
        name.map_or_else(|| crate_name(last.strip_suffix(".rs").unwrap_or(last)), str::to_owned);
    Target { kind: TargetKind::Loose, name, root: file.to_owned() }
}

/// What a dependency is taken for: its name in code, and the package of the tree.
#[derive(Clone)]
struct Linked {
    name: String,
    local: Option<usize>,
    /// Whether its directory says so.
    is_placed: bool,
}

impl Linked {
    /// Whether a dependency that has but the name of a package of the tree is another version of it: that one's library
    /// would have the name of another dependency, which Cargo does not allow.
    fn is_another(&self, need: &Need, own: usize, all: &[Self]) -> bool {
        let key = crate_name(&need.key);
        !self.is_placed
            && self.local.is_some()
            && all.iter().enumerate().any(|(at, other)| {
                let is_rival = at != own && other.name == self.name && other.local != self.local;
                is_rival && (other.is_placed || key != self.name)
            })
    }
}

/// Links dependencies to packages: by directory, else by name, within the same workspace first.
pub(super) fn linked(drafts: Vec<Draft>) -> Vec<Package> {
    let mut by_home: BTreeMap<&str, usize> = BTreeMap::new();
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, draft) in drafts.iter().enumerate().filter(|(_, draft)| !draft.is_loose()) {
        by_home.insert(&draft.home, at);
        by_name.entry(&draft.package.name).or_default().push(at);
    }
    let mut all = Vec::new();
    for (own, draft) in drafts.iter().enumerate() {
        let mut dependencies: Vec<Dependency> = Vec::new();
        let found: Vec<Linked> = draft
            .needs
            .iter()
            .map(|need| {
                let package = need.package.as_deref().unwrap_or(&need.key);
                let same = |at: &&usize| {
                    drafts.get(**at).is_some_and(|other| other.workspace == draft.workspace)
                };
                // By a name alone no package depends on itself: that is another of the same name.
                let named = by_name.get(package).and_then(|known| {
                    let mut others = known.iter().filter(|at| **at != own);
                    others.clone().find(same).or(others.next())
                });
                let placed = need.dir.as_deref().and_then(|dir| by_home.get(dir));
                let local = placed.or(named).copied();
                let library = local.and_then(|at| drafts.get(at)?.library());
                let name = match library {
                    Some(library) if need.package.is_none() => library.to_owned(),
                    _ => crate_name(&need.key),
                };
                Linked { name, local, is_placed: placed.is_some() }
            })
            .collect();
        for (at, need) in draft.needs.iter().enumerate() {
            let Some(Linked { mut name, mut local, .. }) = found.get(at).cloned() else { continue };
            let package = need.package.as_deref().unwrap_or(&need.key);
            if found.get(at).is_some_and(|own| own.is_another(need, at, &found)) {
                (name, local) = (crate_name(&need.key), None);
            }
            let unseen = need.unseen.clone().filter(|_| local.is_none());
            let (package, version) = (crate_name(package), need.version.clone());
            let is_dev = need.is_dev;
            let dependency = Dependency { name, package, version, is_dev, local, unseen };
            let is_it = |one: &Dependency| {
                let Dependency { name, package, local, unseen, .. } = &dependency;
                (&one.name, &one.package, &one.local, &one.unseen) == (name, package, local, unseen)
            };
            if !dependencies.iter().any(is_it) {
                dependencies.push(dependency);
            }
        }
        dependencies.sort_by(|a, b| (&a.name, &a.package).cmp(&(&b.name, &b.package)));
        all.push(dependencies);
    }
    let packages = drafts.into_iter().map(|draft| draft.package);
    packages.zip(all).map(|(package, dependencies)| Package { dependencies, ..package }).collect()
}
