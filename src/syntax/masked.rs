//! What `syn` is given of a text: the insides of bodies and doc comments are left out.
//!
//! `proc_macro2` takes blanks one by one, so that a text with its bodies blanked would cost nearly as much as the bodies.

use std::borrow::Cow;

use super::token::offset;
use crate::source::Span;

/// A range of a text without some pieces of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Masked<'a> {
    text: Cow<'a, str>,
    /// Where the range starts.
    base: u32,
    cuts: Vec<Cut>,
}

/// Where something was left out.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Cut {
    /// The byte of what is left.
    at: u32,
    /// How many bytes are left out up to here.
    before: u32,
}

impl<'a> Masked<'a> {
    /// All of `range`.
    pub fn whole(text: &'a str, range: Span) -> Self {
        Self { text: Cow::Borrowed(range.of(text)), base: range.start, cuts: Vec::new() }
    }

    /// `range` of `text` without what is in `bodies`, and with one blank for each of `comments`.
    pub fn without(
        text: &'a str,
        range: Span,
        bodies: impl Iterator<Item = Span>,
        comments: impl Iterator<Item = Span>,
    ) -> Self {
        let insides = bodies.map(|body| Span::new(body.start + 1, body.end - 1));
        let mut out: Vec<(Span, bool)> = insides
            .map(|inside| (inside, false))
            .chain(comments.map(|comment| (comment, true)))
            .filter(|(piece, _)| piece.start < piece.end)
            .collect();
        if out.is_empty() {
            return Self::whole(text, range);
        }
        out.sort_unstable_by_key(|(piece, _)| piece.start);
        let mut left = String::with_capacity(range.len());
        let mut cuts = Vec::with_capacity(out.len());
        let mut from = range.start;
        for (piece, blank) in out {
            if piece.start < from || piece.end > range.end {
                continue;
            }
            left.push_str(Span::new(from, piece.start).of(text));
            // What stands before a comment and behind it are two tokens.
            if blank {
                left.push(' ');
            }
            let at = offset(left.len());
            cuts.push(Cut { at, before: piece.end - range.start - at });
            from = piece.end;
        }
        left.push_str(Span::new(from, range.end).of(text));
        Self { text: Cow::Owned(left), base: range.start, cuts }
    }

    /// What is left.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The bytes of the whole text that a token stands at.
    ///
    /// - `start`, `end`: its bytes in what is left.
    pub fn span(&self, start: usize, end: usize) -> Span {
        let (start, end) = (offset(start), offset(end));
        // A token that follows what was left out starts behind it, one that precedes it ends before.
        let from = start + self.left_out(self.cuts.partition_point(|cut| cut.at <= start));
        let to = end + self.left_out(self.cuts.partition_point(|cut| cut.at < end));
        Span::new(self.base + from, self.base + to.max(from))
    }

    /// How many bytes are left out by the first `count` cuts.
    fn left_out(&self, count: usize) -> u32 {
        count.checked_sub(1).and_then(|last| self.cuts.get(last)).map_or(0, |cut| cut.before)
    }
}
