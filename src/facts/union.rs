//! Facts put together to the tree they were made of.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
};

use super::{Exclude, Facts, FactsError, FileFacts};
use crate::{
    discover::{
        Part, Workspace,
        attachments::{self, Attachments},
        joined,
        listing::Listing,
    },
    syntax::tree::FileTree,
};

/// A tree as one run would have read it.
#[derive(Debug)]
pub struct Union {
    /// The tree; its root is nowhere.
    pub workspace: Workspace,
    /// The texts of [`Workspace::files`], in that order.
    pub texts: Vec<(String, Result<Arc<str>, String>)>,
    /// The trees of those files.
    pub trees: Vec<Option<Result<FileTree, String>>>,
    /// The texts of [`Workspace::documents`].
    pub documents: BTreeMap<String, Option<Arc<str>>>,
    /// The files that code may name.
    pub attachments: Attachments,
}

/// Facts with the name of their file.
type Named = (String, Facts);

/// Puts facts together; the order they come in has no effect.
///
/// - `exclude`: what the contract leaves out.
///
/// # Errors
/// When they are not all of one tree, or not all of it.
pub fn union(mut all: Vec<Named>, exclude: &Exclude) -> Result<Union, FactsError> {
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    for (file, facts) in &all {
        excluded_alike(file, &facts.exclude, exclude)?;
    }
    one_tree(&all)?;
    let parts = parts(&all)?;
    covered(&all, &parts)?;
    let rest = all.first().map(|(_, facts)| &facts.rest);
    let mut workspace = joined(parts.values().map(|(_, part)| *part).chain(rest));
    workspace.root = PathBuf::new();
    let mut files: BTreeMap<String, (String, FileFacts)> = BTreeMap::new();
    let mut documents = Texts::default();
    let mut texts = Texts::default();
    let mut listing = Listing::default();
    for (name, facts) in all {
        for (path, file) in facts.files {
            match files.get(&path) {
                Some((other, known)) if known.text != file.text => {
                    let what = format!("`{path}` is not the same");
                    return Err(FactsError::Apart { one: other.clone(), other: name, what });
                }
                Some(_) => {}
                None => _ = files.insert(path, (name.clone(), file)),
            }
        }
        documents.add(facts.documents, &name)?;
        texts.add(facts.attachments, &name)?;
        listing.extend(facts.listing);
    }
    let documents = documents.plain();
    let mut texts = texts.plain();
    // Code may include the text of a Rust file or a document as well.
    for (path, (_, file)) in &files {
        texts.insert(path.clone(), file.text.as_ref().ok().and_then(attachments::as_read));
    }
    for (path, text) in &documents {
        texts.insert(path.clone(), text.as_ref().and_then(attachments::as_read));
    }
    let mut read = Vec::new();
    let mut trees = Vec::new();
    for path in &workspace.files {
        let (text, tree) = match files.remove(path) {
            Some((_, file)) => (file.text, file.tree),
            None => (Err("it is not in the facts".to_owned()), None),
        };
        // A text without its tree would be passed over.
        let tree = match (&text, tree) {
            (Ok(_), None) => Some(Err("its tree is not in the facts".to_owned())),
            (_, tree) => tree,
        };
        read.push((path.clone(), text));
        trees.push(tree);
    }
    let attachments = Attachments::kept(texts, listing);
    Ok(Union { workspace, texts: read, trees, documents, attachments })
}

/// Whether what was left out is what the contract leaves out.
fn excluded_alike(file: &str, had: &Exclude, has: &Exclude) -> Result<(), FactsError> {
    if had.globs == has.globs && (had.base == has.base || has.globs.is_empty()) {
        return Ok(());
    }
    let shown = |exclude: &Exclude| {
        let base = if exclude.base.is_empty() { "" } else { ", from a directory above" };
        format!("{:?}{base}", exclude.globs)
    };
    Err(FactsError::Exclude { file: file.to_owned(), had: shown(had), has: shown(has) })
}

/// Whether all are of the same packages, with the same things around them.
fn one_tree(all: &[Named]) -> Result<(), FactsError> {
    let Some(((one, first), others)) = all.split_first() else { return Ok(()) };
    for (other, facts) in others {
        let apart = |what| FactsError::Apart { one: one.clone(), other: other.clone(), what };
        let dirs =
            |facts: &Facts| -> BTreeSet<(String, String)> { facts.known.iter().cloned().collect() };
        let (mine, theirs) = (dirs(first), dirs(facts));
        if let Some((dir, name)) = mine.difference(&theirs).next() {
            return Err(apart(format!("only `{one}` knows of the package {}", called(name, dir))));
        }
        if let Some((dir, name)) = theirs.difference(&mine).next() {
            return Err(apart(format!(
                "only `{other}` knows of the package {}",
                called(name, dir)
            )));
        }
        if facts.rest != first.rest {
            let paths = |part: &Part| -> BTreeSet<String> {
                let unread = part.unread.iter().map(|(path, _)| path);
                part.files.iter().chain(&part.documents).chain(unread).cloned().collect()
            };
            let (mine, theirs) = (paths(&first.rest), paths(&facts.rest));
            let path = mine.symmetric_difference(&theirs).next().cloned();
            let path = path.map_or_else(String::new, |path| format!(", such as `{path}`"));
            return Err(apart(format!("they know of different files outside of packages{path}")));
        }
    }
    Ok(())
}

/// The parts by directory, each with the file it is from.
fn parts(all: &[Named]) -> Result<BTreeMap<&str, (&str, &Part)>, FactsError> {
    let mut parts: BTreeMap<&str, (&str, &Part)> = BTreeMap::new();
    for (file, facts) in all {
        for part in &facts.parts {
            match parts.get(part.dir.as_str()) {
                Some((other, known)) if *known != part => {
                    let what =
                        format!("the package {} is not the same", called(&part.name, &part.dir));
                    let (one, other) = ((*other).to_owned(), file.clone());
                    return Err(FactsError::Apart { one, other, what });
                }
                Some(_) => {}
                None => _ = parts.insert(&part.dir, (file, part)),
            }
        }
    }
    Ok(parts)
}

/// Whether every package that any file knows of, or that a package depends on, is there.
fn covered(all: &[Named], parts: &BTreeMap<&str, (&str, &Part)>) -> Result<(), FactsError> {
    let known = all.iter().flat_map(|(_, facts)| &facts.known);
    for (dir, name) in known {
        if parts.contains_key(dir.as_str()) {
            continue;
        }
        let mut users = parts.values().filter(|(_, part)| part.needs().any(|need| need == dir));
        let mut what = called(name, dir);
        if let Some((_, user)) = users.next() {
            what = format!("{what}, on which `{}` depends", user.name);
        }
        let namesakes = all.iter().flat_map(|(_, facts)| &facts.known);
        let is_one = namesakes.filter(|(_, other)| other == name).all(|(other, _)| other == dir);
        let package = if is_one { name.clone() } else { dir.clone() };
        return Err(FactsError::Missing { what, package });
    }
    for (file, part) in parts.values() {
        if let Some(dir) = part.lacking.first() {
            let (package, file) = (part.name.clone(), (*file).to_owned());
            return Err(FactsError::Lacking { package, dir: dir.clone(), file });
        }
    }
    Ok(())
}

/// A package for people.
fn called(name: &str, dir: &str) -> String {
    if dir.is_empty() { format!("`{name}`") } else { format!("`{name}` (`{dir}`)") }
}

/// Texts by path, each with the file it is from.
#[derive(Default)]
struct Texts(BTreeMap<String, (String, Option<Arc<str>>)>);

impl Texts {
    /// Adds texts, of which none may be known with another content.
    fn add(
        &mut self,
        more: BTreeMap<String, Option<Arc<str>>>,
        file: &str,
    ) -> Result<(), FactsError> {
        for (path, text) in more {
            match self.0.get(&path) {
                Some((other, known)) if *known != text => {
                    let what = format!("`{path}` is not the same");
                    let (one, other) = (other.clone(), file.to_owned());
                    return Err(FactsError::Apart { one, other, what });
                }
                Some(_) => {}
                None => _ = self.0.insert(path, (file.to_owned(), text)),
            }
        }
        Ok(())
    }

    fn plain(self) -> BTreeMap<String, Option<Arc<str>>> {
        self.0.into_iter().map(|(path, (_, text))| (path, text)).collect()
    }
}
