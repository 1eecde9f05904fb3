//! The targets of one package: what its manifest declares, and what Cargo infers from where files are.

use std::collections::{BTreeMap, BTreeSet};

use cargo_toml::{Manifest, OptionalFile, Product};

use super::TargetKind;

/// A target, its file relative to the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Planned {
    /// What it is.
    pub(super) kind: TargetKind,
    /// Crate name.
    pub(super) name: String,
    /// Its root file, relative to the package's directory, as declared or inferred.
    pub(super) path: String,
}

/// The files of a package, by their path relative to its directory.
pub(super) type Layout = BTreeMap<String, String>;

/// A package or target name as Rust code spells it.
pub(super) fn crate_name(name: &str) -> String {
    name.replace('-', "_")
}

/// The targets of a package with a usable manifest: library, binaries, examples, tests, benches, build script.
pub(super) fn planned(manifest: &Manifest, layout: &Layout) -> Vec<Planned> {
    let Some(package) = &manifest.package else { return Vec::new() };
    let mut plan = Vec::new();
    plan.extend(library(manifest, &package.name, package.autolib, layout));
    let sections = [
        (TargetKind::Bin, &manifest.bin, package.autobins),
        (TargetKind::Example, &manifest.example, package.autoexamples),
        (TargetKind::Test, &manifest.test, package.autotests),
        (TargetKind::Bench, &manifest.bench, package.autobenches),
    ];
    for (kind, declared, auto) in sections {
        plan.extend(section(kind, declared, auto, &package.name, layout));
    }
    let script = match &package.build {
        Some(OptionalFile::Flag(false)) => None,
        Some(OptionalFile::Path(path)) => path.to_str().map(str::to_owned),
        _ => layout.contains_key("build.rs").then(|| "build.rs".to_owned()),
    };
    plan.extend(script.map(|path| Planned {
        kind: TargetKind::BuildScript,
        name: "build_script_build".to_owned(),
        path,
    }));
    plan
}

/// The targets of the default layout, for a package whose manifest cannot be used.
pub(super) fn planned_by_default(name: &str, lib: Option<&str>, layout: &Layout) -> Vec<Planned> {
    let mut plan = Vec::new();
    if layout.contains_key("src/lib.rs") {
        let name = crate_name(lib.unwrap_or(name));
        plan.push(Planned { kind: TargetKind::Lib, name, path: "src/lib.rs".to_owned() });
    }
    for kind in [TargetKind::Bin, TargetKind::Example, TargetKind::Test, TargetKind::Bench] {
        plan.extend(section(kind, &[], true, name, layout));
    }
    if layout.contains_key("build.rs") {
        let name = "build_script_build".to_owned();
        plan.push(Planned { kind: TargetKind::BuildScript, name, path: "build.rs".to_owned() });
    }
    plan
}

fn library(manifest: &Manifest, package: &str, auto: bool, layout: &Layout) -> Option<Planned> {
    let declared = manifest.lib.as_ref();
    let path = match declared.and_then(|lib| lib.path.clone()) {
        Some(path) => path,
        None if (auto || declared.is_some()) && layout.contains_key("src/lib.rs") => {
            "src/lib.rs".to_owned()
        }
        None => return None,
    };
    let name = declared.and_then(|lib| lib.name.as_deref()).unwrap_or(package);
    let is_macro = declared.is_some_and(|lib| {
        lib.proc_macro || lib.crate_type.iter().any(|kind| kind == "proc-macro")
    });
    let kind = if is_macro { TargetKind::ProcMacro } else { TargetKind::Lib };
    Some(Planned { kind, name: crate_name(name), path })
}

/// The targets of one kind: declared ones first, then inferred ones that no declaration claims.
fn section(
    kind: TargetKind,
    declared: &[Product],
    auto: bool,
    package: &str,
    layout: &Layout,
) -> Vec<Planned> {
    let inferred = inferred(kind, package, layout);
    let mut plan = Vec::new();
    let mut paths = BTreeSet::new();
    let mut names = BTreeSet::new();
    for product in declared {
        let name = product.name.clone().unwrap_or_else(|| package.to_owned());
        let found =
            || inferred.iter().find(|(known, _)| *known == name).map(|(_, path)| path.clone());
        let fallback = || (kind == TargetKind::Bin).then(|| "src/main.rs".to_owned());
        let missing = || format!("{}/{name}.rs", folder(kind));
        let path = product.path.clone().or_else(found).or_else(fallback).unwrap_or_else(missing);
        paths.insert(path.trim_start_matches("./").to_owned());
        plan.push(Planned { kind, name: crate_name(&name), path });
        names.insert(name);
    }
    for (name, path) in inferred {
        if auto && !paths.contains(&path) && !names.contains(&name) {
            plan.push(Planned { kind, name: crate_name(&name), path });
        }
    }
    plan
}

fn folder(kind: TargetKind) -> &'static str {
    match kind {
        TargetKind::Example => "examples",
        TargetKind::Test => "tests",
        TargetKind::Bench => "benches",
        _ => "src/bin",
    }
}

/// Names and files that Cargo finds by itself, in order of their paths.
fn inferred(kind: TargetKind, package: &str, layout: &Layout) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if kind == TargetKind::Bin && layout.contains_key("src/main.rs") {
        found.push((package.to_owned(), "src/main.rs".to_owned()));
    }
    let prefix = format!("{}/", folder(kind));
    for path in layout
        .range(prefix.clone()..)
        .map(|(path, _)| path)
        .take_while(|path| path.starts_with(&prefix))
    {
        let rest = path.get(prefix.len()..).unwrap_or("");
        let name = match rest.split_once('/') {
            None => rest.strip_suffix(".rs"),
            Some((dir, "main.rs")) => Some(dir),
            Some(_) => None,
        };
        found.extend(name.map(|name| (name.to_owned(), path.clone())));
    }
    found
}
