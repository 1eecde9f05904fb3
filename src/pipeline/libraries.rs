//! Libraries that are modelled, under whatever name and from wherever a package takes them.
//!
//! What `axum::Router` means is what its model says, be it axum's own package, a fork that a manifest takes by that name
//! (`axum = { package = "our-axum" }`), or a copy whose source is in the tree (a patched one, one of `cargo vendor`, the
//! repository of axum itself). A copy counts as the library, and is not evaluated, if it has the library's name and
//! declares what the model knows. A package of the tree that is only called like one is code like any other.

use rustc_hash::FxHashSet;

use crate::{
    databases,
    discover::{Package, TargetKind},
    frameworks,
    link::{Library, ParsedFile},
    source::Sources,
    syntax::tree::{Item, ItemKind, UseKind},
};

/// Names that a package of anyone's may have. One of them is the library only if it uses none itself: what registers routes
/// and writes tables through others is not to be taken for what is known.
const WORDS: [&str; 12] = [
    "duckdb", "gotham", "hyper", "juniper", "libsql", "limbo", "mysql", "postgres", "sqlite",
    "tide", "turso", "warp",
];

/// The libraries that models speak of.
pub(super) fn all() -> Vec<Library> {
    let names = frameworks::crates().chain(databases::crates());
    names.map(|name| Library { name, is_word: WORDS.contains(&name) }).collect()
}

/// Names the dependencies that are modelled libraries by the names that the models know, and marks copies of these.
pub(super) fn settle(packages: &mut [Package], files: &[ParsedFile], sources: &Sources) {
    let is_copy =
        |name: &str, package: &Package| is_library(name) && is_copy(name, package, files, sources);
    let name_of = |package: &Package| package.name.replace('-', "_");
    // Copies of libraries, by the name under which they are known.
    let mut copies: Vec<Option<String>> = packages
        .iter()
        .map(|package| Some(name_of(package)).filter(|name| is_copy(name, package)))
        .collect();
    for package in &*packages {
        for needed in &package.dependencies {
            let Some(at) = needed.local else { continue };
            let Some((copy @ None, target)) = copies.get_mut(at).zip(packages.get(at)) else {
                continue;
            };
            if needed.name != needed.package && is_copy(&needed.name, target) {
                *copy = Some(needed.name.clone());
            }
        }
    }
    for package in &mut *packages {
        for needed in &mut package.dependencies {
            match needed.local.map(|at| copies.get(at).cloned().flatten()) {
                Some(Some(known)) => {
                    needed.package = known;
                    needed.local = None;
                }
                None if !is_library(&needed.package) && is_library(&needed.name) => {
                    needed.package.clone_from(&needed.name);
                }
                _ => {}
            }
        }
    }
    for (package, copy) in packages.iter_mut().zip(copies) {
        package.copy_of = copy;
    }
}

/// Whether a crate is one that a model speaks of.
pub(super) fn is_library(krate: &str) -> bool {
    frameworks::is_framework(krate) || databases::is_database(krate)
}

/// Whether a package of the tree is the library `name`.
fn is_copy(name: &str, package: &Package, files: &[ParsedFile], sources: &Sources) -> bool {
    let of_others = |krate: &str| is_library(krate) && krate != "hyper";
    if WORDS.contains(&name) && package.dependencies.iter().any(|one| of_others(&one.package)) {
        return false;
    }
    let library = package
        .targets
        .iter()
        .find(|target| matches!(target.kind, TargetKind::Lib | TargetKind::ProcMacro));
    let Some((source, _)) = library.and_then(|library| library.root.rsplit_once('/')) else {
        return false;
    };
    let below = files.iter().filter_map(|file| {
        let inside = file.path.strip_prefix(source)?.strip_prefix('/')?;
        Some((inside, file, file.tree.as_ref().ok()?))
    });
    let others: FxHashSet<&str> = package
        .dependencies
        .iter()
        .filter(|needed| is_library(&needed.package))
        .map(|needed| needed.name.as_str())
        .collect();
    below.into_iter().any(|(inside, file, tree)| {
        let text = sources.text(file.file);
        let inside = inside.strip_suffix(".rs").unwrap_or(inside);
        let inside = inside.strip_suffix("/mod").unwrap_or(inside);
        let module = format!("{name}::{}", inside.replace('/', "::"));
        tree.items.iter().any(|item| declares(name, &module, (item, text), &others))
    })
}

/// Whether an item is one that the model of a library knows, or gives on all that another library has.
///
/// - `module`: the path of the module that it stands in.
/// - `text`: the text that it stands in.
/// - `others`: the names of other libraries.
fn declares(
    library: &str,
    module: &str,
    (item, text): (&Item, &str),
    others: &FxHashSet<&str>,
) -> bool {
    let is_known = |name: &str| {
        [library, module].iter().any(|parent| {
            let path = format!("{parent}::{name}");
            frameworks::router_kind(&path).is_some()
                || frameworks::knows(&path)
                || databases::knows(&path)
        })
    };
    match &item.kind {
        ItemKind::Use(leaves) if is_public(item, text) => {
            leaves.iter().any(|leaf| match &leaf.kind {
                UseKind::Name(name) => is_known(name),
                UseKind::Glob => {
                    leaf.path.first().is_some_and(|first| others.contains(first.as_str()))
                }
            })
        }
        ItemKind::Mod(Some(items)) => {
            let module = format!("{module}::{}", item.name);
            items.iter().any(|item| declares(library, &module, (item, text), others))
        }
        _ => !item.name.is_empty() && is_known(&item.name),
    }
}

/// Whether a `use` gives on what it names.
fn is_public(item: &Item, text: &str) -> bool {
    let before = item.span.of(text).split("use ").next().unwrap_or_default();
    before.split(|c: char| !c.is_alphanumeric()).any(|word| word == "pub")
}
