//! Places that code outside the tree, or code that runs on its own, sees too: routers that are written there later are let go.
//!
//! A task runs where it is started, with what is behind its locks then: what is written there later it may serve all the
//! same.

use std::rc::{Rc, Weak};

use rustc_hash::FxHashMap;

use super::{
    Evaluator, target_of,
    value::{Cell, Search, Spot, Value},
};

/// Those places by their addresses, each kept from being used again.
#[derive(Debug, Default)]
pub(super) struct Shared {
    places: FxHashMap<*const Spot, Weak<Spot>>,
}

impl Shared {
    /// Whether others see what is written to a place.
    fn holds(&self, place: &Cell) -> bool {
        !self.places.is_empty() && self.places.contains_key(&Rc::as_ptr(place))
    }
}

impl Evaluator<'_> {
    /// Routers that are written to a place from here on can be seen by code that is not followed.
    pub fn share(&mut self, place: &Cell) {
        let place = target_of(place);
        self.statics.shared.places.insert(Rc::as_ptr(&place), Rc::downgrade(&place));
    }

    /// A part of what stands at a place: who sees the whole sees that.
    pub(super) fn share_part(&mut self, whole: &Cell, part: &Cell) {
        if self.statics.shared.holds(&target_of(whole)) {
            self.share(part);
        }
    }

    /// Lets go what is written to a place that others see, if it is a router or directly holds one. Lists are served when
    /// they are made into one.
    pub(super) fn let_others_see(&mut self, place: &Cell, written: &Value) {
        let serves = |value: &Value| {
            value.any(&mut |part| match part {
                Value::Router(_) => Search::Found,
                Value::List(_) | Value::Closure(_) => Search::Past,
                Value::Term(term) if !term.path.starts_with("std::") => Search::Past,
                _ => Search::Within,
            })
        };
        if self.statics.shared.holds(place) && serves(written) {
            self.escape(written);
        }
    }
}
