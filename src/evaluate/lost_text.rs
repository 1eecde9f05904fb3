//! SQL that is given to a function of the tree and never comes to a statement.
//!
//! A client that is written in the tree may take text apart to put it together again, or keep it in a map for later. The
//! database is then seen to get text that is not known, and nothing says which. What was written where it was given is
//! known all the same: unless that very text comes to a statement somewhere, it is one of a library that is not known.
//! Where every database is given text that is known in part, what a function does with its text is its own affair.

use rustc_hash::FxHashSet;

use super::{
    Evaluator,
    effect::{RunsOn, Saying, Statement},
    relevance::sql_words::begins,
    statement::Emitted,
    text::{Piece, Text},
    value::{Search, Value},
};
use crate::{
    source::Place,
    sql::{self, Receiver},
};

/// Texts by where they are written.
#[derive(Debug, Default)]
pub(super) struct LostText {
    /// What was looked at: texts, and the calls that they are given to.
    seen: FxHashSet<(Text, Place)>,
    /// Literals that are no writes.
    other: FxHashSet<Place>,
    /// Writes that functions of the tree were given, each with where its text is written.
    given: Vec<(Place, Emitted)>,
    /// What came to a statement.
    arrived: FxHashSet<Place>,
}

impl LostText {
    /// What was given and never came to a statement, if there is one among `all` that it may have come to unseen.
    pub(super) fn take(&mut self, all: &[Emitted]) -> Vec<Emitted> {
        let arrived = std::mem::take(&mut self.arrived);
        let given = std::mem::take(&mut self.given).into_iter();
        let lost = given.filter(|(written, _)| !arrived.contains(written)).map(|(_, one)| one);
        if all.iter().any(|one| is_unread(&one.statement)) { lost.collect() } else { Vec::new() }
    }
}

impl Evaluator<'_> {
    /// A function of the tree is called with `args`.
    pub(super) fn text_given(&mut self, args: &[Value], at: Place) {
        for arg in args {
            match arg {
                Value::Str(text) => self.one_text_given(text, at),
                Value::Ref(_) | Value::Alt(_) => {
                    let texts = |part: &Value| match part {
                        Value::Str(_) => Search::Found,
                        Value::Alt(_) | Value::Ref(_) => Search::Within,
                        _ => Search::Past,
                    };
                    for held in arg.all(texts) {
                        if let Value::Str(text) = held {
                            self.one_text_given(&text, at);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn one_text_given(&mut self, text: &Text, at: Place) {
        let Some(written) = text.pieces().iter().find_map(written) else { return };
        let is_literal = text.pieces().len() == 1;
        if is_literal && self.met.lost.other.contains(&written) {
            return;
        }
        if !is_write(&text.shown("{}")) {
            if is_literal {
                self.met.lost.other.insert(written);
            }
            return;
        }
        if !self.met.lost.seen.insert((text.clone(), at)) {
            return;
        }
        let origin = self.origin(Some(written), at);
        let saying = self.saying(text, None, Receiver::Unknown, at);
        let statement = Statement { library: "unknown", saying, origin, on: RunsOn::Other };
        let emitted = Emitted { statement, root: self.root, depth: None };
        self.met.lost.given.push((written, emitted));
    }

    /// Text comes to a statement.
    pub(super) fn text_arrives(&mut self, text: &Text) {
        self.met.lost.arrived.extend(text.pieces().iter().filter_map(written));
    }
}

/// Whether a database is given text of which nothing is known.
fn is_unread(statement: &Statement) -> bool {
    let Saying::Sql { pieces, receiver: Receiver::Database, .. } = &statement.saying else {
        return false;
    };
    let says = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
    pieces.iter().any(|(text, _)| text.is_none()) && !pieces.iter().any(|(text, _)| says(text))
}

/// Whether text is a statement that writes, and no message about one: `delete payments` says what failed.
fn is_write(text: &str) -> bool {
    let words = text.split_whitespace().take(3).count();
    let shouts = |text: &str| text.starts_with(char::is_uppercase);
    (words == 3 || words == 2 && shouts(text.trim_start()))
        && sql::looks_like_write(text)
        && begins(text)
        && !sql::reads_as_prose(text)
}

/// Where a piece is written that says something.
fn written(piece: &Piece) -> Option<Place> {
    match piece {
        Piece::Known(text, written) if !text.trim().is_empty() => *written,
        _ => None,
    }
}
