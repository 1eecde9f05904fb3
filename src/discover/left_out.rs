//! Packages that manifests name by their directories and that the walk did not meet.
//!
//! Cargo compiles them whether they are hidden, ignored by git, or elsewhere: those in the tree are walked too, and of
//! the others it is said that they were not read.

use std::path::{Path, PathBuf};

use super::Unseen;
use super::files::{is_excluded, relative, walk_left_out};
use super::manifest::{Needed, plain};
use super::packages::Tree;
use super::parts::position;

impl Tree<'_> {
    /// Walks the directories in the tree that manifests name and the walk left out, and those that these name.
    pub(super) fn add_left_out(&mut self) {
        let mut open: Vec<String> = self.found.manifests.iter().cloned().collect();
        while let Some(home) = open.pop() {
            for dir in self.named_by(&self.root.join(home)) {
                let Some(dir) = self.left_out(&dir) else { continue };
                let more = walk_left_out(self.root, &dir, self.exclude);
                open.extend(more.manifests.difference(&self.found.manifests).cloned());
                self.found.extend(more);
            }
        }
    }

    /// The directories that the manifest in `home` names: dependencies, patches, and members that it spells out.
    fn named_by(&mut self, home: &Path) -> Vec<PathBuf> {
        let file = self.manifests.at(home);
        let Some(manifest) = file.as_ref().and_then(|file| file.manifest()) else {
            return Vec::new();
        };
        let mut named = Vec::new();
        if let Some(workspace) = &manifest.workspace {
            // A pattern may mean directories that are there on one machine only.
            let is_name = |member: &&String| !member.contains(['*', '?', '[']);
            named.extend(workspace.members.iter().filter(is_name).map(|member| home.join(member)));
        }
        let patched = manifest.patch.values().flat_map(|set| set.values());
        let paths = patched.filter_map(|patch| patch.detail()?.path.as_deref());
        named.extend(paths.map(|path| home.join(path)));
        let mut named: Vec<PathBuf> = named.iter().map(|dir| plain(dir)).collect();
        if manifest.package.is_some() {
            let needs = self.manifests.settle(home, manifest).needs;
            named.extend(needs.into_iter().filter(|need| !need.is_dev).filter_map(|need| need.dir));
        }
        named
    }

    /// The directory to walk, where a package in the tree was left out although nobody excludes it.
    fn left_out(&self, dir: &Path) -> Option<PathBuf> {
        let is_known = |dir: &Path| {
            relative(self.root, dir).is_none_or(|dir| self.found.manifests.contains(&dir))
        };
        let wanted = self.is_scanned(dir) && !is_known(dir) && !self.excludes(dir);
        let real = wanted.then(|| dir.canonicalize().ok()).flatten()?;
        let is_new = self.is_scanned(&real) && !is_known(&real) && !self.excludes(&real);
        (is_new && real.join("Cargo.toml").is_file()).then_some(real)
    }

    /// Why the source of a dependency of the package in `home` was not read. What tests alone need is never served.
    pub(super) fn unseen(&self, home: &Path, needed: &Needed) -> Option<Unseen> {
        let dir = needed.dir.as_deref().filter(|_| !needed.is_dev && self.is_scanned(home))?;
        let position = || position(self.root, dir);
        if self.excludes(dir) {
            return None;
        }
        if !self.is_scanned(dir) {
            return Some(Unseen::Outside(position()));
        }
        match dir.canonicalize() {
            Ok(real) if !real.join("Cargo.toml").is_file() => Some(Unseen::Missing(position())),
            Ok(real) if !self.is_scanned(&real) => Some(Unseen::Outside(position())),
            Ok(_) => None,
            Err(_) => Some(Unseen::Missing(position())),
        }
    }

    fn is_scanned(&self, dir: &Path) -> bool {
        self.starts.iter().any(|start| dir.starts_with(start))
    }

    fn excludes(&self, dir: &Path) -> bool {
        is_excluded(self.exclude, dir, true)
    }
}
