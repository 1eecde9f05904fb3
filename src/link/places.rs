//! Which function a place in a file stands in.

use rustc_hash::FxHashMap;

use super::{DefId, DefKind, Program};
use crate::source::{FileId, Place, Span};

/// The functions of a program by where their text is on disk.
#[derive(Debug, Default)]
pub struct FunctionPlaces {
    files: FxHashMap<FileId, Vec<Function>>,
}

#[derive(Debug)]
struct Function {
    span: Span,
    def: DefId,
    /// The function around it, by its index.
    around: Option<usize>,
}

impl FunctionPlaces {
    /// Those of `program`.
    pub fn new(program: &Program) -> Self {
        let mut files: FxHashMap<FileId, Vec<Function>> = FxHashMap::default();
        for id in program.defs() {
            let def = program.def(id);
            if matches!(def.kind, DefKind::Fn | DefKind::Method) {
                let at = Place { file: def.file, span: def.item.span };
                let Place { file, span } = program.sources().real(at);
                files.entry(file).or_default().push(Function { span, def: id, around: None });
            }
        }
        // In no order that is seen: each file stands alone.
        #[expect(clippy::iter_over_hash_type, reason = "each file is put in order by itself")]
        for functions in files.values_mut() {
            // Of two with one text, as an expansion makes them, the first defined is the inner one.
            functions.sort_by_key(|one| {
                use std::cmp::Reverse;
                (one.span.start, Reverse(one.span.end), Reverse(one.def))
            });
            let mut open: Vec<(usize, u32)> = Vec::new();
            for (at, function) in functions.iter_mut().enumerate() {
                while open.last().is_some_and(|(_, end)| *end < function.span.end) {
                    open.pop();
                }
                function.around = open.last().map(|(around, _)| *around);
                open.push((at, function.span.end));
            }
        }
        Self { files }
    }

    /// The innermost function that `place`, which is in a file, stands in.
    pub fn at(&self, place: Place) -> Option<DefId> {
        let functions = self.files.get(&place.file)?;
        let after = functions.partition_point(|one| one.span.start <= place.span.start);
        let mut at = after.checked_sub(1);
        while let Some(function) = at.and_then(|at| functions.get(at)) {
            if function.span.contains(place.span) {
                return Some(function.def);
            }
            at = function.around;
        }
        None
    }
}
