//! What goes into a facts file: the chosen packages, and every file that their code may name.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use rayon::prelude::*;

use super::{Exclude, Facts, FactsError, FileFacts};
use crate::{
    discover::{
        self, Part, Parts, Workspace,
        attachments::{self, place},
        listing::Listing,
    },
    syntax::literal::strings,
};

/// Extension of files that are taken along whether or not a literal names them.
const SQL: &str = ".sql";
/// Bytes of the longest literal that is taken for a path.
const LONGEST: usize = 512;

/// What to write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Names or directories of packages; all of the tree if empty.
    pub packages: Vec<String>,
    /// More files that the code names, relative to the root.
    pub attach: Vec<String>,
}

/// The parts of a tree that are wanted.
///
/// # Errors
/// When there is no package of some name.
pub fn chosen(parts: &Parts, wanted: &[String]) -> Result<Vec<Part>, FactsError> {
    let is = |part: &Part, name: &str| {
        let dir = name.trim_start_matches("./").trim_end_matches('/');
        part.name == name || part.dir == dir || (dir == "." && part.dir.is_empty())
    };
    for name in wanted {
        if !parts.packages.iter().any(|part| is(part, name)) {
            return Err(FactsError::Unknown { given: name.clone(), suggestion: near(parts, name) });
        }
    }
    let all = parts.packages.iter();
    let is_wanted = |part: &&Part| wanted.is_empty() || wanted.iter().any(|name| is(part, name));
    Ok(all.filter(is_wanted).cloned().collect())
}

/// The package that is most likely meant.
fn near(parts: &Parts, given: &str) -> Option<String> {
    let names = parts.packages.iter().flat_map(|part| [&part.name, &part.dir]);
    let near = names.map(|name| (strsim::damerau_levenshtein(given, name), name)).min()?;
    (near.0 <= 2 && near.0 < near.1.len()).then(|| near.1.clone())
}

/// The facts of `chosen` packages of a tree, without the trees of its files, on the current rayon pool.
///
/// # Errors
/// When a file to attach is not there.
pub fn gather(
    parts: Parts,
    chosen: Vec<Part>,
    exclude: Exclude,
    attach: &[String],
) -> Result<Facts, FactsError> {
    let root = parts.root.as_path();
    let held = || chosen.iter().chain([&parts.rest]);
    let paths: BTreeSet<&String> = held().flat_map(|part| &part.files).collect();
    let documents: BTreeSet<&String> = held().flat_map(|part| &part.documents).collect();
    let workspace = Workspace {
        root: root.to_owned(),
        files: paths.iter().map(|path| (*path).clone()).collect(),
        documents: documents.iter().map(|path| (*path).clone()).collect(),
        ..Workspace::default()
    };
    let texts: BTreeMap<String, Result<Arc<str>, String>> =
        discover::read_texts(&workspace).into_iter().collect();
    let known: Vec<(String, String)> =
        parts.packages.iter().map(|part| (part.dir.clone(), part.name.clone())).collect();
    let dirs: BTreeSet<&str> = known.iter().map(|(dir, _)| dir.as_str()).collect();
    let mut listing = Listing::default();
    let mut named: BTreeSet<String> = BTreeSet::new();
    let each = chosen.iter().map(|part| (part, false)).chain([(&parts.rest, true)]);
    for (part, is_rest) in each {
        // The root, or what is above it, has everything that no other package has.
        let base = if part.dir.starts_with("..") { "" } else { part.dir.as_str() };
        if !is_rest || !dirs.iter().any(|dir| dir.is_empty() || dir.starts_with("..")) {
            let own = Listing::of(root, base, &dirs);
            let sql = own.files.iter().filter(|path| !is_rest && path.ends_with(SQL));
            named.extend(sql.cloned());
            listing.extend(own);
        }
        let files: Vec<&String> = part.files.iter().collect();
        let literals: Vec<BTreeSet<String>> =
            files.par_iter().map(|path| named_in(&texts, path, base)).collect();
        named.extend(literals.into_iter().flatten());
    }
    for path in attach {
        if !root.join(path).is_file() {
            let why = "it is not a file of the tree";
            return Err(FactsError::Attach { path: path.clone(), why });
        }
        named.insert(path.clone());
    }
    let is_held = |path: &String| texts.contains_key(path) || documents.contains(path);
    let named: Vec<String> = named.into_iter().filter(|path| !is_held(path)).collect();
    let attachments: BTreeMap<String, Option<Arc<str>>> = named
        .into_par_iter()
        .filter(|path| root.join(path).is_file())
        .map(|path| {
            let text = attachments::read(root, &path);
            (path, text)
        })
        .collect();
    let read = discover::read_documents(&workspace);
    let documents = workspace.documents.iter().cloned().zip(read).collect();
    let files = texts.into_iter().map(|(path, text)| (path, FileFacts { text, tree: None }));
    Ok(Facts {
        exclude,
        known,
        files: files.collect(),
        documents,
        attachments,
        listing,
        parts: chosen,
        rest: parts.rest,
    })
}

/// The files that the literals of a text may name, relative to the root, whether they are there or not.
///
/// - `dir`: the directory of the package.
fn named_in(
    texts: &BTreeMap<String, Result<Arc<str>, String>>,
    path: &str,
    dir: &str,
) -> BTreeSet<String> {
    let Some(Ok(text)) = texts.get(path) else { return BTreeSet::new() };
    let around = path.rsplit_once('/').map_or("", |(around, _)| around);
    let mut named = BTreeSet::new();
    for literal in strings(text) {
        if literal.len() > LONGEST || literal.is_empty() || literal.contains(['\n', '\0']) {
            continue;
        }
        // `concat!(env!("CARGO_MANIFEST_DIR"), "/queries/a.sql")`.
        let inside = literal.trim_start_matches('/');
        named.extend(place(dir, inside));
        if inside.len() == literal.len() {
            named.extend(place(around, inside));
        }
    }
    named
}
