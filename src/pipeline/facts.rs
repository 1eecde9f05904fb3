//! The pipeline cut in two: its first half, to a file, and its second half, from files.

use std::{collections::BTreeMap, path::PathBuf};

use rayon::prelude::*;

use super::{Request, Run, Tree, analysed, contract_of, on_worker, parse, pool};
use crate::{
    discover,
    error::RunError,
    facts::{self, Exclude, Facts, FactsError, Wanted},
    stage::Clock,
};

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The content of the facts file.
    pub bytes: Vec<u8>,
    /// How many packages it holds.
    pub packages: usize,
    /// How many Rust files.
    pub files: usize,
}

/// Reads and parses some packages of a tree, as a facts file. Of the contract only `scan.exclude` counts.
///
/// # Errors
/// When the tree or the contract cannot be read, or the facts are none.
pub fn facts(request: Request, wanted: Wanted) -> Result<Written, RunError> {
    on_worker(move || {
        let contract = contract_of(request.contract.clone())?;
        let exclude = exclude_of(&request, &contract);
        let mut scan = request.scan;
        scan.exclude.extend(exclude.globs.iter().cloned());
        pool(request.jobs)?.install(|| {
            let parts = discover::parts(&scan)?;
            let chosen = facts::chosen(&parts, &wanted.packages)?;
            let mut facts = facts::gather(parts, chosen, exclude, &wanted.attach)?;
            let texts: Vec<_> =
                facts.files.iter().map(|(path, file)| (path.clone(), file.text.clone())).collect();
            for (file, tree) in facts.files.values_mut().zip(parse(&texts)) {
                file.tree = tree;
            }
            let bytes = facts::write(&facts)?;
            Ok(Written { bytes, packages: facts.parts.len(), files: facts.files.len() })
        })
    })
}

/// Judges the tree that facts files hold, each given with its name for people. [`Request::scan`] is where the contract's
/// paths are relative to; no source is read.
///
/// # Errors
/// When the facts are not those of one whole tree, or the contract cannot be used.
pub fn judge(
    request: Request,
    files: Vec<(String, PathBuf)>,
    mut clock: Clock,
) -> Result<Run, RunError> {
    on_worker(move || {
        let contract = contract_of(request.contract.clone())?;
        let exclude = exclude_of(&request, &contract);
        clock.begin("read");
        // What is named twice is read once.
        let files: BTreeMap<PathBuf, String> =
            files.into_iter().map(|(name, path)| (path, name)).collect();
        let read = |(path, name): (&PathBuf, &String)| {
            let bytes = std::fs::read(path)
                .map_err(|source| FactsError::Read { file: name.clone(), source })?;
            Ok((bytes.len(), name.clone(), facts::read(name, &bytes)?))
        };
        let all: Result<Vec<_>, FactsError> =
            pool(request.jobs)?.install(|| files.par_iter().map(read).collect());
        let all = all?;
        let bytes = all.iter().map(|(bytes, ..)| bytes).sum();
        let all: Vec<(String, Facts)> =
            all.into_iter().map(|(_, name, facts)| (name, facts)).collect();
        let union = facts::union(all, &exclude)?;
        clock.end(union.texts.len(), "files", Some(bytes));
        let attachments = union.attachments.clone();
        let run = analysed(
            Tree {
                contract,
                workspace: union.workspace,
                attachments: union.attachments,
                documents: Some(union.documents),
                texts: union.texts,
                trees: union.trees,
                kept: None,
                today: request.today,
                deny_warnings: request.deny_warnings,
                jobs: request.jobs,
            },
            clock,
        );
        match attachments.lacking().pop_first() {
            Some(path) => Err(FactsError::Attachment { path }.into()),
            None => Ok(run),
        }
    })
}

/// What the contract leaves out, and from where.
fn exclude_of(request: &Request, contract: &crate::contract::Contract) -> Exclude {
    let root = request.scan.root.canonicalize().ok();
    let base = root.zip(request.scan.exclude_base.as_ref()).and_then(|(root, base)| {
        let inside = root.strip_prefix(base).ok()?;
        Some(inside.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/"))
    });
    Exclude {
        globs: contract.scan.exclude.iter().map(|entry| entry.value.clone()).collect(),
        base: base.unwrap_or_default(),
    }
}
