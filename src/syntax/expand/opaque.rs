//! Fragments that are handed on: to the next macro `$e:expr` is one token that no pattern sees into.
//!
//! Comments mark where such a fragment begins and ends in an expansion, so that whoever reads it as code need not know.

/// Before a fragment.
const OPEN: &str = "/*\u{1}f*/";
/// Before a fragment in parentheses that are not the program's.
const WRAPPED: &str = "/*\u{1}w*/";
/// After either.
const CLOSE: &str = "/*\u{1}z*/";
/// How long each of them is, in bytes.
pub(super) const MARK_LENGTH: usize = OPEN.len();
/// What all of them begin with.
const MARK: &str = "/*\u{1}";

/// What other macros see of a fragment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Its tokens, printed apart from what follows.
    Tokens,
    /// Its tokens, printed next to what follows where they touch.
    Touching,
    /// One token.
    Whole,
    /// One token; the parentheses around it were added to keep it together.
    Wrapped,
}

/// What a variable of a pattern stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fragment {
    /// Ready to be written.
    pub(super) text: String,
    pub(super) kind: Kind,
    /// Its bytes in the arguments.
    pub(super) start: usize,
    pub(super) end: usize,
    /// How many bytes of the text stand in front of these.
    pub(super) lead: usize,
}

impl Fragment {
    /// Whether other macros see its tokens.
    pub(super) fn is_seen_into(&self) -> bool {
        matches!(self.kind, Kind::Tokens | Kind::Touching)
    }

    /// Its text between marks.
    pub(super) fn marked(&self) -> String {
        let open = match self.kind {
            Kind::Tokens | Kind::Touching => return self.text.clone(),
            Kind::Whole => OPEN,
            Kind::Wrapped => WRAPPED,
        };
        format!("{open}{}{CLOSE}", self.text)
    }
}

/// A fragment in the arguments of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marked {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: Kind,
}

/// The fragments in a text, in order; those in others are left out.
pub(super) fn marked(text: &str) -> Vec<Marked> {
    let mut found = Vec::new();
    let mut open: Vec<(usize, Kind)> = Vec::new();
    for (at, _) in text.match_indices(MARK) {
        let rest = text.get(at..).unwrap_or_default();
        let kind = if rest.starts_with(OPEN) { Kind::Whole } else { Kind::Wrapped };
        if rest.starts_with(CLOSE) {
            let closed = open.pop().filter(|_| open.is_empty());
            found.extend(closed.map(|(start, kind)| Marked { start, end: at, kind }));
        } else {
            open.push((at + MARK_LENGTH, kind));
        }
    }
    found
}

/// A text with blanks for its marks, so that all else stays where it is.
pub(super) fn without_marks(text: &str) -> String {
    let blank = " ".repeat(MARK_LENGTH);
    [OPEN, WRAPPED, CLOSE].iter().fold(text.to_owned(), |text, mark| text.replace(mark, &blank))
}

/// Whether a comment is the mark before a fragment in parentheses that are not the program's.
pub(super) fn opens_wrapped(comment: &str) -> bool {
    comment == WRAPPED
}

/// Whether a comment is the mark before any other fragment.
pub(super) fn opens(comment: &str) -> bool {
    comment == OPEN
}

/// Whether a comment is the mark after a fragment.
pub(super) fn closes(comment: &str) -> bool {
    comment == CLOSE
}
