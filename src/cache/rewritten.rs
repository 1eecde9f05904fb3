//! Files in which bodies were written anew of which nothing came, or functions were added that nothing names.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::alike::Anchor;
use crate::{
    evaluate::Quiet,
    source::{FileId, Moves, Span},
    syntax::{
        code::{self, BodyCode, Code, CodeSum},
        tree::{Body, FileTree},
    },
};

/// What a run did not read of its files.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KeptQuiet {
    quiet: Quiet,
    files: BTreeMap<FileId, Rest>,
}

/// A file without its quiet bodies.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Rest {
    sum: CodeSum,
    /// How many bodies it has.
    bodies: usize,
    /// Those of [`Quiet::bodies`], by number.
    quiet: Vec<(usize, BodyCode)>,
}

impl KeptQuiet {
    /// What is to be known of a run.
    ///
    /// - `files`: those of which the code was read, with the bytes that are shown of each.
    pub(super) fn new<'t>(
        mut quiet: Quiet,
        files: impl Iterator<Item = (FileId, &'t Code, &'t [u32])>,
    ) -> Self {
        let rests = files.map(|(file, code, shown)| {
            let number = |start: u32| code.bodies.binary_search_by_key(&start, |at| at.span.start);
            let body = |start: u32| code.bodies.get(number(start).ok()?);
            // A place in a body is found again by its tokens.
            let is_shown = |body: Span| {
                let first = shown.partition_point(|at| *at <= body.start);
                shown.get(first).is_some_and(|at| *at < body.end)
            };
            quiet.retain(file, |known| body(known.start).is_some_and(|body| !is_shown(body.span)));
            let of =
                |start: u32| Some((number(start).ok()?, *code.bodies.get(number(start).ok()?)?));
            let known: Vec<(usize, BodyCode)> =
                quiet.bodies(file).iter().filter_map(|body| of(body.start)).collect();
            let is_quiet = |number| known.binary_search_by_key(&number, |(at, _)| *at).is_ok();
            let sum = code.sum(is_quiet);
            (file, Rest { sum, bodies: code.bodies.len(), quiet: known })
        });
        let files = rests.collect();
        Self { quiet, files }
    }

    /// Where the places of a file are in its text of now; `None` where something may come of what was written.
    ///
    /// - `tree`: that of the text.
    pub(super) fn moves(
        &self,
        file: FileId,
        text: &str,
        tree: &FileTree,
        anchors: &[Anchor],
    ) -> Option<Moves> {
        let rest = self.files.get(&file)?;
        let items = tree.items.iter().filter(|item| self.quiet.is_mute(file, text, item));
        let added: Vec<Span> = items.map(|item| item.span).collect();
        let (code, tokens) = code::tokens(text, &added).ok()?;
        let is_quiet = |number| rest.quiet.binary_search_by_key(&number, |(at, _)| *at).is_ok();
        if code.bodies.len() != rest.bodies || code.sum(is_quiet) != rest.sum {
            return None;
        }
        rest.quiet.iter().copied().zip(self.quiet.bodies(file)).try_for_each(|one| {
            let ((number, before), known) = one;
            let now = code.bodies.get(number)?;
            let is_still = now.sum == before.sum
                || self.quiet.is_still(file, known, text, &Body::read(text, now.span));
            is_still.then_some(())
        })?;
        // Bodies before a place may have more tokens now, or fewer.
        let mut moved = (0, 0);
        let counts = rest.quiet.iter().map(|(number, before)| {
            let now = code.bodies.get(*number).map_or(0, |now| now.count);
            moved = (moved.0 + before.count, moved.1 + now);
            (before.first, moved)
        });
        let counts: Vec<(u32, (u32, u32))> = counts.collect();
        let point = |anchor: &Anchor| {
            let before = counts.partition_point(|(first, _)| *first <= anchor.token);
            let last = before.checked_sub(1).and_then(|last| counts.get(last));
            let (was, is) = last.map_or((0, 0), |(_, moved)| *moved);
            anchor.point(&tokens, anchor.token.checked_sub(was)? + is)
        };
        let points: Option<Vec<(u32, u32)>> = anchors.iter().map(point).collect();
        points.map(Moves::new)
    }
}
