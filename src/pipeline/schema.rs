//! What the tree's SQL declares, as the writes are read with it.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    discover::{self, Workspace},
    evaluate::effect::Effects,
    finding::{Gap, Where},
    source::Sources,
    sql::{Schema, Source},
    writes,
};

/// Directories of code that is out of everything unless tests are included.
const TESTS: &[&str] = &["tests", "benches", "examples"];

/// What the `.sql` files of a tree declare, and what its statements do. Any such file counts: who runs it, and when, the
/// code seldom says.
///
/// - `documents`: the texts, where they are not on disk.
pub(super) fn of(
    workspace: &Workspace,
    documents: Option<&BTreeMap<String, Option<Arc<str>>>>,
    include_tests: bool,
    effects: &Effects,
    sources: &Sources,
) -> Schema {
    let is_wanted = |path: &str| {
        let is_sql = path.rsplit_once('.').is_some_and(|(_, end)| end == "sql");
        is_sql && (include_tests || !path.split('/').any(|part| TESTS.contains(&part)))
    };
    let texts: Vec<(&String, Option<Arc<str>>)> = match documents {
        Some(documents) => documents.iter().map(|(path, text)| (path, text.clone())).collect(),
        None if workspace.documents.iter().any(|path| is_wanted(path)) => {
            workspace.documents.iter().zip(discover::read_documents(workspace)).collect()
        }
        None => Vec::new(),
    };
    let texts = texts.into_iter().filter(|(path, _)| is_wanted(path));
    let mut unread = Vec::new();
    let mut all: Vec<Source> = Vec::new();
    for (path, text) in texts {
        match text {
            Some(text) => all.push(Source { path: path.clone(), text, is_file: true }),
            None => unread.push((path.clone(), "what it declares is not known".to_owned())),
        }
    }
    let in_code = writes::sources(&effects.statements, sources, &all);
    all.extend(in_code);
    let mut schema = Schema::new(all);
    schema.gaps.extend(unread);
    schema
}

/// What of it could not be read, at files whose paths follow on `paths`, by whose numbers they are told.
pub(super) fn gaps(schema: &Schema, paths: &mut Vec<String>) -> Vec<Gap> {
    let gaps = schema.gaps.iter().map(|(path, reason)| {
        let number = u32::try_from(paths.len()).unwrap_or(u32::MAX);
        paths.push(path.clone());
        Gap { at: Where::Unread(number), reason: reason.clone() }
    });
    gaps.collect()
}
