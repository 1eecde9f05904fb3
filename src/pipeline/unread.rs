//! What could not be read or parsed, as the rules see it.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    databases,
    discover::{Dependency, Package, Unseen, Workspace},
    finding::{Gap, Where},
    frameworks,
    link::{LinkNotes, Program},
    rules::Unparsed,
    source::{Place, Sources, Span},
};

use super::{libraries::is_library, mentioned::Mentioned};

/// A file of which nothing, or not all that it asks for, was read.
pub(super) struct Unread {
    /// Relative to the scanned root.
    pub(super) path: String,
    reason: String,
    /// Whether what it asks for is outside the scanned paths.
    is_outside: bool,
}

/// The files of a workspace that could not be read, those in `missing` included, and manifests whose dependencies are
/// not there. What models speak of is known without its source.
pub(super) fn of(workspace: &Workspace, missing: Vec<(String, String)>) -> Vec<Unread> {
    let files = workspace.unread.iter().cloned().chain(missing);
    let mut all: Vec<Unread> =
        files.map(|(path, reason)| Unread { path, reason, is_outside: false }).collect();
    for package in &workspace.packages {
        for dependency in &package.dependencies {
            if is_library(&dependency.package) || is_library(&dependency.name) {
                continue;
            }
            let name = &dependency.package;
            let (reason, is_outside) = match &dependency.unseen {
                Some(Unseen::Missing(dir)) => {
                    (format!("its dependency `{name}` has no manifest in `{dir}`"), false)
                }
                Some(Unseen::Outside(dir)) => {
                    (format!("its dependency `{name}` is in `{dir}`"), true)
                }
                None => continue,
            };
            all.push(Unread { path: manifest(package), reason, is_outside });
        }
    }
    all
}

/// Gaps at the manifests of packages that depend on a database library or a web framework which no model speaks of; the
/// manifests follow on `paths`, by whose numbers they are told. One whose source is in the tree is code like any other.
///
pub(super) fn unmodelled(
    packages: &[Package],
    program: &Program,
    paths: &mut Vec<String>,
) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let texts: Vec<(String, Arc<str>)> = program
        .reached_files()
        .into_iter()
        .map(|(path, file)| (path, program.text(file)))
        .collect();
    for package in packages.iter().filter(|package| package.copy_of.is_none()) {
        let mentioned = Mentioned::of(package, &texts);
        let is_modelled = |one: &Dependency| is_library(&one.package) || is_library(&one.name);
        let outside = package
            .dependencies
            .iter()
            .filter(|needed| needed.local.is_none() && !needed.is_dev && !is_modelled(needed));
        let outside: Vec<&Dependency> = outside.collect();
        let over_c = package.dependencies.iter().any(|one| databases::is_database(&one.package));
        let mut add = |reason: String| {
            let number = u32::try_from(paths.len()).unwrap_or(u32::MAX);
            paths.push(manifest(package));
            gaps.push(Gap { at: Where::Unread(number), reason });
        };
        for needed in &outside {
            let (kind, unseen) = if databases::is_unmodelled(&needed.package) {
                ("database library", "what it writes is not seen")
            } else if frameworks::unmodelled::is_unmodelled(&needed.package) {
                ("web framework", "what it serves is not seen")
            } else {
                continue;
            };
            // Beside the library that uses it, one in C is there to be linked or configured.
            if over_c && needed.package.ends_with("_sys") && !mentioned.names(&needed.name) {
                continue;
            }
            add(format!(
                "`{}` depends on the {kind} `{}`, of which only the name is known: {unseen}",
                package.name, needed.package
            ));
        }
        let named: BTreeSet<&str> = outside.iter().map(|needed| needed.name.as_str()).collect();
        for (krate, library) in mentioned.given_on(&named, databases::is_unmodelled) {
            add(format!(
                "`{}` takes the database library `{library}`, of which only the name is known, from `{krate}`: what it \
                 writes is not seen",
                package.name
            ));
        }
    }
    gaps
}

/// The path of a package's manifest.
fn manifest(package: &Package) -> String {
    if package.dir.is_empty() {
        "Cargo.toml".to_owned()
    } else {
        format!("{}/Cargo.toml", package.dir)
    }
}

/// All of it; the numbers of `unread` are their positions.
pub(super) fn unparsed(unread: &[Unread], notes: &LinkNotes, sources: &Sources) -> Vec<Unparsed> {
    let mut all: Vec<Unparsed> = unread
        .iter()
        .zip(0u32..)
        .map(|(unread, number)| Unparsed {
            at: Where::Unread(number),
            path: unread.path.clone(),
            reason: unread.reason.clone(),
            partial: false,
            outside: unread.is_outside,
        })
        .collect();
    all.extend(notes.unparsed.iter().map(|(path, (file, reason))| Unparsed {
        at: Where::Source(Place { file: *file, span: Span::default() }),
        path: path.clone(),
        reason: reason.clone(),
        partial: false,
        outside: false,
    }));
    all.extend(notes.skipped.iter().map(|((file, span), reason)| Unparsed {
        at: Where::Source(sources.real(Place { file: *file, span: *span })),
        path: sources.path(*file).to_owned(),
        reason: reason.clone(),
        partial: true,
        outside: false,
    }));
    all
}
