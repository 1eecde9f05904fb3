//! Bytes to lines and columns, and which text a place is in.
//!
//! Every stage keeps byte offsets ([`Span`]); only this module makes lines and columns of them. The result of
//! a macro expansion is a text of its own with a [`FileId`] of its own; a place in it is shown at its call, or in it where
//! the call gives what stands there.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

/// One text the program has read: a file of the tree, or the result of a macro expansion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FileId(pub u32);

/// A half-open range of bytes in one text.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The range `start..end`.
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// Whether `inner` lies within this range.
    pub const fn contains(self, inner: Self) -> bool {
        self.start <= inner.start && inner.end <= self.end
    }

    /// How many bytes it has.
    pub const fn len(self) -> usize {
        self.end.saturating_sub(self.start) as usize
    }

    /// Whether it has none.
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// From the start of this range to the end of `other`.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The text of this range; empty where it leaves `text`.
    pub fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or("")
    }
}

/// A span in a certain text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The text.
    pub file: FileId,
    /// The bytes in it.
    pub span: Span,
}

/// A position for people: both numbers are 1-based, columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct LineCol {
    /// 1-based line.
    pub line: u32,
    /// 1-based column, in characters (not bytes).
    pub column: u32,
}

/// Where each line of a text starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Reads the line starts of `text`.
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        for (at, byte) in text.bytes().enumerate() {
            if byte == b'\n' {
                starts.push(u32::try_from(at + 1).unwrap_or(u32::MAX));
            }
        }
        Self { starts }
    }

    /// The position of byte `offset` of `text`. A byte-order mark takes no column.
    pub fn line_col(&self, text: &str, offset: u32) -> LineCol {
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let before = Span::new(start, offset).of(text);
        let column = before.chars().filter(|c| *c != '\u{feff}').count() + 1;
        LineCol {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
        }
    }
}

/// Where a text comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// A file, by its path relative to the scanned root with `/` separators.
    File(Arc<str>),
    /// The expansion of the macro called there.
    Expansion(Place),
}

/// One text with its origin.
#[derive(Debug, Clone)]
pub struct SourceText {
    /// Where it comes from.
    pub origin: Origin,
    /// The text, as on disk.
    pub text: Arc<str>,
}

/// A stretch of an expansion that stands in the call too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// Where it stands in the expansion.
    pub at: Span,
    /// Its first byte in what the call gives.
    pub from: u32,
}

/// What a macro call stands for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expansion {
    /// The text.
    pub text: String,
    /// What of it the call gives, in order.
    pub taken: Vec<Taken>,
    /// From what the call gives as it was read to how it is written.
    pub moves: Moves,
}

impl Expansion {
    /// With something in front and behind.
    #[must_use]
    pub fn between(mut self, open: &str, close: &str) -> Self {
        self.text = [open, &self.text, close].concat();
        let by = u32::try_from(open.len()).unwrap_or(u32::MAX);
        for taken in &mut self.taken {
            taken.at = Span::new(taken.at.start + by, taken.at.end + by);
        }
        self
    }

    /// With another one of the same call behind it.
    #[must_use]
    pub fn then(mut self, more: Self) -> Self {
        let more = more.between(&self.text, "");
        self.taken.extend(more.taken);
        Self { text: more.text, taken: self.taken, moves: more.moves }
    }

    /// Where the call gives what stands at `span`; `None` where the macro writes its beginning or end.
    fn given(&self, span: Span) -> Option<Span> {
        let find = |byte: u32| {
            let before = self.taken.partition_point(|taken| taken.at.start <= byte);
            let taken = self.taken.get(before.checked_sub(1)?)?;
            (byte < taken.at.end).then(|| self.moves.now(taken.from + (byte - taken.at.start)))
        };
        let start = find(span.start)?;
        let end = if span.is_empty() { start } else { find(span.end - 1)? + 1 };
        (start <= end).then(|| Span::new(start, end))
    }
}

/// Where the bytes of a text stand in one that says the same and is set otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moves {
    /// Bytes of the one and of the other, in order.
    points: Vec<(u32, u32)>,
}

impl Moves {
    /// From bytes of which it is known where they stand now.
    pub fn new(mut points: Vec<(u32, u32)>) -> Self {
        points.sort_unstable();
        points.dedup();
        Self { points }
    }

    /// Where byte `offset` stands now; as far behind the last one that is known as it was.
    pub fn now(&self, offset: u32) -> u32 {
        let before = self.points.partition_point(|(at, _)| *at <= offset);
        match before.checked_sub(1).and_then(|last| self.points.get(last)) {
            Some((at, now)) => now + (offset - at),
            None => offset,
        }
    }
}

/// All texts of a run, by [`FileId`].
#[derive(Debug, Clone, Default)]
pub struct Sources {
    texts: Vec<SourceText>,
    /// The texts whose places are those of an earlier one.
    moves: BTreeMap<FileId, Moves>,
    /// What expansions take from their calls, and where in its text a call gives it.
    taken: BTreeMap<FileId, (u32, Expansion)>,
}

impl Sources {
    /// Adds a text and names it.
    pub fn add(&mut self, origin: Origin, text: Arc<str>) -> FileId {
        let id = FileId(u32::try_from(self.texts.len()).unwrap_or(u32::MAX));
        self.texts.push(SourceText { origin, text });
        id
    }

    /// Adds what a macro call stands for.
    ///
    /// - `given`: the first byte of what the call gives, in its text.
    pub fn add_expansion(&mut self, call: Place, given: u32, mut expansion: Expansion) -> FileId {
        let text = std::mem::take(&mut expansion.text);
        let id = self.add(Origin::Expansion(call), text.into());
        if !expansion.taken.is_empty() {
            self.taken.insert(id, (given, expansion));
        }
        id
    }

    /// The text of `file`; empty for an id that is not of these sources.
    pub fn text(&self, file: FileId) -> &Arc<str> {
        static EMPTY: std::sync::LazyLock<Arc<str>> = std::sync::LazyLock::new(|| Arc::from(""));
        self.texts.get(file.0 as usize).map_or(&EMPTY, |source| &source.text)
    }

    /// The path of the file that `file` is or was expanded in, relative to the scanned root.
    pub fn path(&self, file: FileId) -> &str {
        let mut file = file;
        loop {
            match self.texts.get(file.0 as usize).map(|source| &source.origin) {
                Some(Origin::File(path)) => return path,
                Some(Origin::Expansion(call)) => file = call.file,
                None => return "",
            }
        }
    }

    /// The text that `file` was expanded in.
    pub fn around(&self, file: FileId) -> Option<FileId> {
        match &self.texts.get(file.0 as usize)?.origin {
            Origin::File(_) => None,
            Origin::Expansion(call) => Some(call.file),
        }
    }

    /// The place in a file on disk: what a macro call gives stands in the call, all else of an expansion is at the call.
    pub fn real(&self, place: Place) -> Place {
        let mut place = place;
        while let Some(Origin::Expansion(call)) =
            self.texts.get(place.file.0 as usize).map(|source| &source.origin)
        {
            let given = self.taken.get(&place.file).and_then(|(start, expansion)| {
                let span = expansion.given(place.span)?;
                Some(Span::new(start + span.start, start + span.end))
            });
            place = Place { file: call.file, span: given.unwrap_or(call.span) };
        }
        place
    }

    /// Says that places in `file` are those of an earlier text.
    pub fn set_anew(&mut self, file: FileId, moves: Moves) {
        self.moves.insert(file, moves);
    }

    /// As [`Sources::real`], in the bytes of the text that is there now: what people are shown.
    pub fn shown(&self, place: Place) -> Place {
        let Place { file, span } = self.real(place);
        let span = match self.moves.get(&file) {
            Some(moves) => Span::new(moves.now(span.start), moves.now(span.end)),
            None => span,
        };
        Place { file, span }
    }

    /// Where each text comes from.
    pub fn origins(&self) -> impl Iterator<Item = &Origin> {
        self.texts.iter().map(|source| &source.origin)
    }

    /// The texts themselves.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(|source| &*source.text)
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}
