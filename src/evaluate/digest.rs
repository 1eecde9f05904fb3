//! What is remembered of a value made outside the tree.
//!
//! Such a value holds all it was made of: the last call of a chain holds the others, and a value that is used ten times
//! stands in ten others. What is asked of each call (does something in it run, was it called with the same before) would
//! go through all of it again, so that a chain would cost the square of its length and shared parts more than that.

use std::{cell::OnceCell, sync::Arc};

use super::value::{Search, Term, Value};
use crate::source::Place;

/// What was asked of a [`Term`] before. A copy knows nothing: it is made to become another.
#[derive(Debug, Default)]
pub struct Digest {
    inert: OnceCell<bool>,
    /// As the memory of calls tells values apart; `None` where it does not.
    pub(super) call: OnceCell<Option<u64>>,
    /// What it leaves open.
    pub(super) open: OnceCell<LeftOpen>,
    /// Of the text in it.
    pub(super) text: OnceCell<u64>,
}

/// What a value leaves open.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LeftOpen {
    /// Part of it is not known.
    pub(super) unknown: bool,
    /// Part of it is one thing or another.
    pub(super) choices: bool,
}

impl Clone for Digest {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Term {
    /// `path(args)`, or `path` as it stands.
    pub fn new(path: Arc<str>, args: Option<Vec<Value>>, at: Place) -> Self {
        Self { path, args, generics: Vec::new(), at, digest: Digest::default() }
    }

    /// Whether nothing in it runs, is served or can be written to: it stays as it is, wherever it goes.
    pub(super) fn is_inert(&self) -> bool {
        *self.digest.inert.get_or_init(|| self.args.iter().flatten().all(Value::is_inert))
    }
}

impl Value {
    /// As [`Term::is_inert`].
    pub(super) fn is_inert(&self) -> bool {
        !self.any(&mut |part| match part {
            Self::Unknown(_)
            | Self::Unit
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Char(_)
            | Self::Str(_) => Search::Past,
            Self::Term(term) => (!term.is_inert()).into(),
            Self::List(_) | Self::Alt(_) => Search::Within,
            Self::Tuple(_)
            | Self::Object(_)
            | Self::Ref(_)
            | Self::Fn(_)
            | Self::Closure(_)
            | Self::Router(_)
            | Self::Query(_)
            | Self::Passed(_) => Search::Found,
        })
    }
}
