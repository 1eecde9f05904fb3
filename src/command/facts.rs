//! `facts`: the first half of a run, to a file.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Subject, deliver, shown};
use crate::{
    error::RunError,
    facts::{FactsError, Wanted},
    pipeline,
    report::counted,
    settings::{Output, Settings},
};

/// Writes the facts of `packages` to `file`; the exit status.
pub(super) fn run(
    settings: &Settings,
    packages: &[String],
    attach: &[PathBuf],
    file: &Path,
) -> Result<u8, RunError> {
    let subject = Subject::of(settings)?;
    subject.is_whole(settings)?;
    let root = &subject.scan.root;
    let attach = attach.iter().map(|path| inside(root, path)).collect::<Result<_, _>>()?;
    let wanted = Wanted { packages: packages.to_vec(), attach };
    let written = pipeline::facts(subject.request(settings, false), wanted)?;
    let path = shown(root, file);
    fs::write(file, &written.bytes)
        .map_err(|source| RunError::Output { to: format!("`{path}`"), source })?;
    let stdout = Output { format: "human", file: None };
    let told = Settings { outputs: vec![stdout], ..settings.clone() };
    let (packages, files) = (counted(written.packages, "package"), counted(written.files, "file"));
    deliver(&told, |_, _, out| writeln!(out, "wrote {path}: {packages}, {files}"))?;
    Ok(0)
}

/// A file to attach, relative to the root.
fn inside(root: &Path, path: &Path) -> Result<String, FactsError> {
    let refused = |why| FactsError::Attach { path: shown(root, path), why };
    let dir = path.parent().and_then(|dir| dir.canonicalize().ok());
    let full = dir.zip(path.file_name()).map(|(dir, name)| dir.join(name));
    let full = full.ok_or_else(|| refused("it does not exist"))?;
    let root = root.canonicalize().map_err(|_| refused("the tree cannot be opened"))?;
    let below = full.strip_prefix(&root).map_err(|_| refused("it is outside of the tree"))?;
    let below = below.to_str().ok_or_else(|| refused("its path is not valid UTF-8"))?;
    Ok(below.replace(std::path::MAIN_SEPARATOR, "/"))
}
