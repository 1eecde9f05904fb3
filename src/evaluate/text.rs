//! Strings as far as they are known.

use std::rc::Rc;

use crate::source::Place;

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
        Self { pieces: Rc::new(vec![Piece::Known(Rc::from(text), None)]) }
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

    /// This followed by `other`.
    #[must_use]
    pub fn then(&self, other: &Self) -> Self {
        let mut pieces = Vec::with_capacity(self.pieces.len() + other.pieces.len());
        for piece in self.pieces.iter().chain(other.pieces.iter()) {
            match piece {
                Piece::Known(text, _) if text.is_empty() => {}
                Piece::Hole if pieces.last() == Some(&Piece::Hole) => {}
                piece => pieces.push(piece.clone()),
            }
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
