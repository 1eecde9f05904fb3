//! One Cargo.toml: its package, with what it inherits from its workspace.

use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use cargo_toml::{Dependency as Declared, DepsSet, Inheritable, Manifest, PackageTemplate};
use rustc_hash::FxHashMap;

use super::files::io_reason;

/// What a Cargo.toml turned out to be.
#[derive(Debug)]
pub(super) enum ManifestFile {
    /// It declares a package, and maybe a workspace too.
    Package(Box<Manifest>),
    /// It declares a workspace only.
    Virtual(Box<Manifest>),
    /// It cannot be used; its directory is read by the default layout.
    Broken(Broken),
}

/// What can be told about a package whose manifest cannot be used.
#[derive(Debug)]
pub(super) struct Broken {
    /// Why it cannot be used.
    pub(super) why: String,
    /// `package.name`, if so much can be read.
    pub(super) name: Option<String>,
    /// `lib.name`, if so much can be read.
    pub(super) lib: Option<String>,
}

/// Reads manifests, each once.
#[derive(Debug, Default)]
pub(super) struct Manifests {
    read: FxHashMap<PathBuf, Option<Rc<ManifestFile>>>,
}

/// A dependency as declared, after inheritance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Needed {
    /// Its key in the manifest.
    pub(super) key: String,
    /// `package = "…"`, when it is renamed.
    pub(super) package: Option<String>,
    /// The versions it may have.
    pub(super) version: Option<String>,
    /// The directory of `path = "…"`, absolute.
    pub(super) dir: Option<PathBuf>,
    /// Whether tests alone need it.
    pub(super) is_dev: bool,
}

/// What a package inherits or declares itself.
#[derive(Debug)]
pub(super) struct Settled {
    /// `package.version`.
    pub(super) version: String,
    /// Edition.
    pub(super) edition: u16,
    /// Directory of the workspace root, or of the package itself.
    pub(super) workspace: PathBuf,
    /// Normal dependencies, then dev-dependencies, each in order of their keys.
    pub(super) needs: Vec<Needed>,
    /// What should have been inherited and was not there.
    pub(super) missing: Vec<String>,
}

impl Manifests {
    /// The manifest in `dir`, if there is one.
    pub(super) fn at(&mut self, dir: &Path) -> Option<Rc<ManifestFile>> {
        if let Some(known) = self.read.get(dir) {
            return known.clone();
        }
        let path = dir.join("Cargo.toml");
        let file = path.is_file().then(|| Rc::new(read_manifest(&path)));
        self.read.insert(dir.to_owned(), file.clone());
        file
    }

    /// The workspace that the package in `dir` belongs to: its manifest and directory.
    fn workspace_of(
        &mut self,
        dir: &Path,
        manifest: &Manifest,
    ) -> Option<(Rc<ManifestFile>, PathBuf)> {
        let pointed = manifest.package.as_ref().and_then(|package| package.workspace.as_deref());
        if let Some(pointed) = pointed {
            let at = plain(&dir.join(pointed));
            return self.at(&at).map(|file| (file, at));
        }
        dir.ancestors().find_map(|above| {
            let file = self.at(above)?;
            file.manifest()?.workspace.as_ref()?;
            Some((file, above.to_owned()))
        })
    }

    /// Version, edition and dependencies of the package in `dir`.
    pub(super) fn settle(&mut self, dir: &Path, manifest: &Manifest) -> Settled {
        let found = self.workspace_of(dir, manifest);
        let base = found.as_ref().map_or(dir, |(_, at)| at.as_path());
        let workspace = found.as_ref().and_then(|(file, _)| file.manifest()?.workspace.as_ref());
        let template = workspace.and_then(|workspace| workspace.package.as_ref());
        let mut missing = Vec::new();
        let (version, edition) = inherited(manifest, template, &mut missing);
        let mut needs: Vec<Needed> = Vec::new();
        let targets: Vec<_> = manifest.target.values().collect();
        let normal = std::iter::once(&manifest.dependencies)
            .chain(targets.iter().map(|target| &target.dependencies));
        let dev = std::iter::once(&manifest.dev_dependencies)
            .chain(targets.iter().map(|target| &target.dev_dependencies));
        let shared = workspace.map(|workspace| &workspace.dependencies);
        let all = normal.map(|set| (set, false)).chain(dev.map(|set| (set, true)));
        for (set, is_dev) in all {
            for (key, declared) in set {
                let need = needed(key, declared, dir, base, shared, &mut missing);
                if !needs.iter().any(|known| Needed { is_dev: false, ..known.clone() } == need) {
                    needs.push(Needed { is_dev, ..need });
                }
            }
        }
        Settled { version, edition, workspace: base.to_owned(), needs, missing }
    }
}

impl ManifestFile {
    pub(super) fn manifest(&self) -> Option<&Manifest> {
        match self {
            Self::Package(manifest) | Self::Virtual(manifest) => Some(manifest),
            Self::Broken(_) => None,
        }
    }
}

fn inherited(
    manifest: &Manifest,
    template: Option<&PackageTemplate>,
    missing: &mut Vec<String>,
) -> (String, u16) {
    let Some(package) = &manifest.package else { return ("0.0.0".to_owned(), 2021) };
    let version = match &package.version {
        Inheritable::Set(version) => Some(version.to_string()),
        Inheritable::Inherited => {
            template.and_then(|shared| Some(shared.version.as_ref()?.to_string()))
        }
    };
    let edition = match &package.edition {
        Inheritable::Set(edition) => Some(*edition as u16),
        Inheritable::Inherited => template.and_then(|shared| Some(shared.edition? as u16)),
    };
    if version.is_none() {
        missing.push("`version` is inherited, but no workspace declares it".to_owned());
    }
    if edition.is_none() {
        missing.push("`edition` is inherited, but no workspace declares it".to_owned());
    }
    (version.unwrap_or_else(|| "0.0.0".to_owned()), edition.unwrap_or(2021))
}

fn needed(
    key: &str,
    declared: &Declared,
    dir: &Path,
    base: &Path,
    shared: Option<&DepsSet>,
    missing: &mut Vec<String>,
) -> Needed {
    let is_inherited = matches!(declared, Declared::Inherited(_));
    let (declared, from) = match shared.and_then(|shared| shared.get(key)) {
        Some(shared) if is_inherited => (shared, base),
        _ => (declared, dir),
    };
    if matches!(declared, Declared::Inherited(_)) {
        missing.push(format!("the dependency `{key}` is inherited, but no workspace declares it"));
    }
    let detail = declared.detail();
    Needed {
        key: key.to_owned(),
        package: detail.and_then(|detail| detail.package.clone()),
        version: declared.try_req().ok().map(ToString::to_string),
        dir: detail.and_then(|detail| Some(plain(&from.join(detail.path.as_deref()?)))),
        is_dev: false,
    }
}

fn read_manifest(path: &Path) -> ManifestFile {
    let broken = |why: String| ManifestFile::Broken(Broken { why, name: None, lib: None });
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => return broken(io_reason(&error)),
    };
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text),
        Err(error) => return broken(format!("invalid UTF-8 at byte {}", error.valid_up_to())),
    };
    match Manifest::from_str(text) {
        Ok(manifest) if manifest.package.is_some() => ManifestFile::Package(Box::new(manifest)),
        Ok(manifest) if manifest.workspace.is_some() => ManifestFile::Virtual(Box::new(manifest)),
        Ok(_) => {
            broken("invalid manifest: neither `[package]` nor `[workspace]` is declared".to_owned())
        }
        Err(error) => salvaged(text, &error),
    }
}

/// Keeps the names of a manifest that is TOML but no manifest that we know, such as one of a later edition.
fn salvaged(text: &str, error: &cargo_toml::Error) -> ManifestFile {
    let why = match error {
        cargo_toml::Error::Parse(parse) => {
            let line = parse.span().map(|span| {
                text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1
            });
            let place = line.map_or(String::new(), |line| format!(" (line {line})"));
            format!("invalid manifest: {}{place}", parse.message().replace('\n', ", "))
        }
        other => format!("invalid manifest: {other}"),
    };
    let table = text.parse::<toml::Table>().ok();
    let name =
        |section: &str| Some(table.as_ref()?.get(section)?.get("name")?.as_str()?.to_owned());
    ManifestFile::Broken(Broken { why, name: name("package"), lib: name("lib") })
}

/// A path without `.` and `..`, read as text: links are not resolved.
pub(super) fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}
