//! The routes that were listed so far.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::evaluate::{effect::Registration, router::Node};

/// Registrations of one run; more are a gap.
const MOST: usize = 200_000;
/// Places of one router in which its routes are listed. Twenty routers, each put twice into the next, are a million.
const MOST_PLACES: u32 = 500;

#[derive(Default)]
pub(super) struct Listed {
    pub(super) registrations: Vec<Registration>,
    /// How often each router was listed.
    places: FxHashMap<*const Node, u32>,
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
        self.registrations.len() >= MOST
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
