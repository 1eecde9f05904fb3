//! The last run over a tree, for one whose files were set otherwise since: comments, blanks and tests were written, or code
//! of which nothing came before and nothing comes now.
//!
//! Such a run comes to the same, with its places moved. Of each file it is kept what the run read of it, and by which
//! tokens the places that it shows are found again.

use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::rewritten::KeptQuiet;
use crate::{
    discover::{self, Sum, Workspace},
    source::{FileId, Moves, Span},
    syntax::{
        self,
        code::{self, Code, CodeSum},
        tree::FileTree,
    },
};

/// What a run read of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileRead {
    /// Nothing: no scanned target reaches it.
    Nothing,
    /// What it says, and none of its comments.
    Code(Code),
    /// All of it: a comment in it addresses the program, or not all of it could be parsed.
    Text,
}

/// The files of a run, those of [`Workspace::files`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KeptFiles(Vec<Known>);

/// One file as that run had it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Known {
    sum: Sum,
    read: Read,
}

/// As [`FileRead`], with the places in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Read {
    Nothing,
    Code(CodeSum, Vec<Anchor>),
    Text,
}

/// A byte that is shown, and how it is found again.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Anchor {
    at: u32,
    /// The token that it is in or ends, by number.
    pub(super) token: u32,
    /// Bytes from the start of that.
    within: u32,
}

/// A file that was set otherwise: by number among the readable ones, with its places.
pub(super) type SetAnew = Vec<(FileId, Moves)>;

impl KeptFiles {
    /// What is to be known of a run.
    ///
    /// - `files`: for each of [`Workspace::files`] its sum, and for those that could be read the text, what of it was
    ///   read, and the bytes that are shown of it.
    pub(super) fn new<'t>(
        files: impl IndexedParallelIterator<Item = (Sum, Option<(&'t str, &'t FileRead, &'t [u32])>)>,
    ) -> Self {
        let known = files.map(|(sum, read)| {
            let read = match read {
                Some((_, FileRead::Nothing, [])) => Read::Nothing,
                Some((text, FileRead::Code(code), shown)) => {
                    let sum = code.sum(|_| false);
                    anchors(text, shown).map_or(Read::Text, |anchors| Read::Code(sum, anchors))
                }
                _ => Read::Text,
            };
            Known { sum, read }
        });
        Self(known.collect())
    }

    /// The files that were set otherwise since, if nothing else happened.
    ///
    /// - `sums`: those of [`Workspace::files`].
    /// - `readable`: the number of each that could be read then.
    /// - `quiet`: what is known of code of which nothing came, where that is needed.
    /// - `include_tests`: whether tests are read.
    pub(super) fn alike(
        &self,
        workspace: &Workspace,
        sums: &[Sum],
        readable: impl Fn(&str) -> Option<FileId> + Sync,
        quiet: impl FnOnce() -> Option<KeptQuiet>,
        include_tests: bool,
    ) -> Option<SetAnew> {
        if self.0.len() != sums.len() || workspace.files.len() != sums.len() {
            return None;
        }
        let files = workspace.files.iter().zip(sums).zip(&self.0);
        let changed: Vec<_> = files.filter(|((_, sum), known)| **sum != known.sum).collect();
        let changed = changed.par_iter().map(|((path, sum), known)| {
            let file = readable(path)?;
            let text = discover::read_again(workspace, path).ok()?;
            // It may have been written to since.
            (discover::sum(Ok(&text)) == **sum).then_some(())?;
            Some((file, Changed::new(text, &known.read, include_tests)?))
        });
        let changed: Vec<(FileId, Changed<'_>)> = changed.collect::<Option<_>>()?;
        let is_rewritten = |(_, one): &(FileId, Changed<'_>)| matches!(one, Changed::Code { .. });
        let quiet = if changed.iter().any(is_rewritten) { Some(quiet()?) } else { None };
        let set_anew = changed.into_par_iter().map(|(file, changed)| match changed {
            Changed::Places(moves) => Some((file, moves)),
            Changed::Code { text, tree, anchors } => {
                Some((file, quiet.as_ref()?.moves(file, &text, &tree, anchors)?))
            }
        });
        set_anew.collect()
    }
}

/// What is other about a file of which the text is.
enum Changed<'k> {
    /// Where things stand: it says the same.
    Places(Moves),
    /// What it says; with the places in what it said.
    Code { text: Arc<str>, tree: FileTree, anchors: &'k [Anchor] },
}

impl<'k> Changed<'k> {
    /// `None` where a file says anything that cannot be left unread.
    fn new(text: Arc<str>, known: &'k Read, include_tests: bool) -> Option<Self> {
        let (sum, anchors) = match known {
            Read::Nothing => return Some(Self::Places(Moves::default())),
            Read::Code(sum, anchors) => (sum, anchors),
            Read::Text => return None,
        };
        let tree = syntax::read_tree(&text).ok()?;
        let FileRead::Code(now) = FileRead::of(&tree, include_tests) else { return None };
        if now.sum(|_| false) != *sum {
            return Some(Self::Code { text, tree, anchors });
        }
        let (_, tokens) = code::tokens(&text, &[]).ok()?;
        let points: Option<Vec<(u32, u32)>> =
            anchors.iter().map(|anchor| anchor.point(&tokens, anchor.token)).collect();
        Some(Self::Places(Moves::new(points?)))
    }
}

impl Anchor {
    /// Where a place was, and where it is.
    ///
    /// - `token`: the number of its token among those of now.
    pub(super) fn point(&self, tokens: &[Span], token: u32) -> Option<(u32, u32)> {
        Some((self.at, tokens.get(token as usize)?.start + self.within))
    }
}

impl FileRead {
    /// What is read of a file that is reached.
    pub fn of(tree: &FileTree, include_tests: bool) -> Self {
        let is_whole = tree.skipped.is_empty() && tree.suppressions.is_empty();
        if is_whole && !(include_tests && tree.code.leaves_out_tests) {
            Self::Code(Code { leaves_out_tests: false, ..tree.code.clone() })
        } else {
            Self::Text
        }
    }
}

/// How these bytes are found again; `None` where one of them stands at no token.
fn anchors(text: &str, shown: &[u32]) -> Option<Vec<Anchor>> {
    if shown.is_empty() {
        return Some(Vec::new());
    }
    let (_, tokens) = code::tokens(text, &[]).ok()?;
    let anchor = |at: &u32| {
        let before = tokens.partition_point(|token| token.start <= *at);
        let number = before.checked_sub(1)?;
        let token: &Span = tokens.get(number)?;
        let within = at - token.start;
        (*at <= token.end).then_some(Anchor { at: *at, token: u32::try_from(number).ok()?, within })
    };
    shown.iter().map(anchor).collect()
}
