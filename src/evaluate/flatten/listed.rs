//! The routes that were listed so far.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::evaluate::{effect::Registration, router::Node};

/// Registrations of one run; more are a gap.
const MOST: usize = 200_000;
/// Places of one router in which its routes are listed. Twenty routers, each put twice into the next, are a million.
const MOST_PLACES: u32 = 500;
/// What is looked at to list them: calls on routers, ways into them and what wraps them, in each place.
const MOST_LOOKED_AT: usize = 1_000_000;

#[derive(Default)]
pub(super) struct Listed {
    pub(super) registrations: Vec<Registration>,
    /// How often each router was listed.
    places: FxHashMap<*const Node, u32>,
    looked_at: usize,
    /// Whether it was said that there are more than are listed.
    says_more: bool,
}

/// Whether a router is listed in one place more.
pub(super) enum Room {
    Left,
    /// No more from here on.
    UsedUp,
    None,
}

impl Listed {
    pub(super) fn is_full(&self) -> bool {
        self.registrations.len() >= MOST || self.looked_at >= MOST_LOOKED_AT
    }

    /// So many things more are looked at.
    pub(super) fn look_at(&mut self, things: usize) {
        self.looked_at = self.looked_at.saturating_add(things);
    }

    /// Whether it is still to be said that there are more than are listed; it is from now on.
    pub(super) fn is_to_say_more(&mut self) -> bool {
        self.is_full() && !std::mem::replace(&mut self.says_more, true)
    }

    pub(super) fn room_for(&mut self, end: &Rc<Node>) -> Room {
        let places = self.places.entry(Rc::as_ptr(end)).or_default();
        *places = places.saturating_add(1);
        match *places {
            n if n <= MOST_PLACES => Room::Left,
            n if n == MOST_PLACES + 1 => Room::UsedUp,
            _ => Room::None,
        }
    }
}
