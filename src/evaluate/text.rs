//! Strings as far as they are known.

use std::rc::Rc;

use crate::source::Place;

/// Bytes of a string that is put together: of what is longer, the rest is not known. A string that is put after itself
/// twenty times is a million times as long.
pub(super) const MOST_BYTES: usize = 1 << 20;
/// Pieces whose places are told apart, and pieces behind unknown ones.
const MOST_PIECES: usize = 256;

/// One piece of a string.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Piece {
    /// Known text, and where it is written.
    Known(Rc<str>, Option<Place>),
    /// Text that is not known.
    Hole,
}

/// A string of known and unknown pieces.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Text {
    pieces: Rc<Vec<Piece>>,
}

impl Text {
    /// A literal written at `at`.
    pub fn literal(text: &str, at: Place) -> Self {
        Self { pieces: Rc::new(vec![Piece::Known(Rc::from(text), Some(at))]) }
    }

    /// Known text that is written nowhere.
    pub fn known(text: &str) -> Self {
        // A character ends within four bytes.
        let fits = |end: &usize| text.is_char_boundary(*end);
        let end = if text.len() > MOST_BYTES {
            (MOST_BYTES - 3..=MOST_BYTES).rfind(fits).unwrap_or(0)
        } else {
            text.len()
        };
        let kept = text.get(..end).unwrap_or("");
        let mut pieces = vec![Piece::Known(Rc::from(kept), None)];
        if kept.len() < text.len() {
            pieces.push(Piece::Hole);
        }
        Self { pieces: Rc::new(pieces) }
    }

    /// Nothing known.
    pub fn hole() -> Self {
        Self { pieces: Rc::new(vec![Piece::Hole]) }
    }

    /// These pieces.
    pub fn of(pieces: Vec<Piece>) -> Self {
        Self { pieces: Rc::new(pieces) }
    }

    /// Its pieces in order; known neighbours are kept apart, since each has its own place.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The whole text when all of it is known.
    pub fn exact(&self) -> Option<String> {
        let mut all = String::new();
        for piece in self.pieces.iter() {
            match piece {
                Piece::Known(text, _) => all.push_str(text),
                Piece::Hole => return None,
            }
        }
        Some(all)
    }

    /// What is known of it before its first hole and after its last one; `None` where all is known.
    pub fn ends(&self) -> Option<(String, String)> {
        let is_hole = |piece: &Piece| *piece == Piece::Hole;
        let first = self.pieces.iter().position(is_hole)?;
        let last = self.pieces.iter().rposition(is_hole)?;
        let known =
            |pieces: Option<&[Piece]>| Self::of(pieces.unwrap_or_default().to_vec()).shown("");
        Some((known(self.pieces.get(..first)), known(self.pieces.get(last + 1..))))
    }

    /// The same with other text before its first hole.
    #[must_use]
    pub fn with_front(&self, front: &str) -> Self {
        let rest = self.pieces.iter().skip_while(|piece| **piece != Piece::Hole);
        Self::known(front).then(&Self::of(rest.cloned().collect()))
    }

    /// The same with other text after its last hole.
    #[must_use]
    pub fn with_back(&self, back: &str) -> Self {
        let last = self.pieces.iter().rposition(|piece| *piece == Piece::Hole);
        let kept = self.pieces.iter().take(last.map_or(0, |last| last + 1));
        Self::of(kept.cloned().collect()).then(&Self::known(back))
    }

    /// This followed by `other`.
    #[must_use]
    pub fn then(&self, other: &Self) -> Self {
        Self::joined(&[self, other])
    }

    /// One after the other.
    #[must_use]
    pub fn joined(parts: &[&Self]) -> Self {
        let count: usize = parts.iter().map(|part| part.pieces.len()).sum();
        let mut pieces = Vec::with_capacity(count.min(MOST_PIECES));
        let mut bytes = 0;
        for piece in parts.iter().flat_map(|part| part.pieces.iter()) {
            match piece {
                Piece::Known(text, _) if text.is_empty() => continue,
                Piece::Hole if pieces.last() == Some(&Piece::Hole) => continue,
                Piece::Known(text, _) => bytes += text.len(),
                Piece::Hole => {}
            }
            if pieces.len() >= MOST_PIECES {
                pieces = merged(&pieces);
            }
            if pieces.len() >= MOST_PIECES || bytes > MOST_BYTES && !pieces.is_empty() {
                if pieces.last() != Some(&Piece::Hole) {
                    pieces.push(Piece::Hole);
                }
                break;
            }
            pieces.push(piece.clone());
        }
        Self { pieces: Rc::new(pieces) }
    }

    /// The same text, written at `at`: where a constant that holds it is named.
    #[must_use]
    pub fn named_at(&self, at: Place) -> Self {
        let pieces = self.pieces.iter().map(|piece| match piece {
            Piece::Known(text, _) => Piece::Known(text.clone(), Some(at)),
            Piece::Hole => Piece::Hole,
        });
        Self { pieces: Rc::new(pieces.collect()) }
    }

    /// Each known piece changed, places kept.
    #[must_use]
    pub fn map(&self, change: impl Fn(&str) -> String) -> Self {
        let pieces = self.pieces.iter().map(|piece| match piece {
            Piece::Known(text, at) => Piece::Known(Rc::from(change(text)), *at),
            Piece::Hole => Piece::Hole,
        });
        Self { pieces: Rc::new(pieces.collect()) }
    }

    /// The text with `hole` for every unknown piece.
    pub fn shown(&self, hole: &str) -> String {
        self.pieces
            .iter()
            .map(|piece| if let Piece::Known(text, _) = piece { text } else { hole })
            .collect()
    }

    /// Where the last known piece that is not only slashes is written.
    pub fn last_place(&self) -> Option<Place> {
        self.pieces.iter().rev().find_map(|piece| match piece {
            Piece::Known(text, at) if !text.trim_matches('/').is_empty() => Some(*at),
            _ => None,
        })?
    }

    /// Whether nothing of it is known.
    pub fn is_unknown(&self) -> bool {
        !self.pieces.is_empty() && self.pieces.iter().all(|piece| *piece == Piece::Hole)
    }
}

/// Known neighbours as one piece, at the place of the first.
fn merged(pieces: &[Piece]) -> Vec<Piece> {
    let runs =
        pieces.chunk_by(|one, next| !matches!((one, next), (Piece::Hole, _) | (_, Piece::Hole)));
    let merged = runs.map(|run| match run {
        [Piece::Known(_, at), _, ..] => {
            let known = run.iter().filter_map(|piece| match piece {
                Piece::Known(text, _) => Some(&**text),
                Piece::Hole => None,
            });
            Piece::Known(known.collect::<String>().into(), *at)
        }
        [first, ..] => first.clone(),
        [] => Piece::Hole,
    });
    merged.collect()
}
