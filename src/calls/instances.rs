//! Generic code in the graph: one node for each instance of it, and one for it with whatever types it runs.

use rustc_hash::FxHashSet;

use super::{CallGraph, Reach};
use crate::evaluate::effect::Callable;

impl CallGraph {
    /// Generic code with whatever types it runs is each of its instances. Nobody calls it so if one is called: what it does
    /// is what those do.
    pub(super) fn join_instances(&mut self) {
        let starts: FxHashSet<usize> = self.starts.iter().copied().collect();
        for node in 0..self.nodes.len() {
            let Some(callable) = self.nodes.get(node).copied() else { continue };
            if callable == callable.of_any() {
                continue;
            }
            let any = self.number(callable.of_any());
            self.called.resize(self.nodes.len(), false);
            let is_run = starts.contains(&node) || self.called.get(node) == Some(&true);
            for (at, is_run) in [(node, true), (any, is_run)] {
                if let Some(called) = self.called.get_mut(at) {
                    *called |= is_run;
                }
            }
            self.instances.entry(any).or_default().push(node);
        }
    }

    /// Whether a node is generic code of which an instance is reached, or one of several that any of them stands for.
    pub(super) fn is_instance_of_reached(&self, node: usize, reach: &Reach) -> bool {
        match self.instances.get(&node) {
            Some(instances) => instances.iter().any(|one| reach.by.contains_key(one)),
            None => self.nodes.get(node).is_some_and(|callable| *callable != callable.of_any()),
        }
    }

    /// Whether `reach` holds `callable`. What nothing runs with any types may yet be done by each instance: it is held
    /// where one of them is.
    pub fn holds_any(&self, reach: &Reach, callable: Callable) -> bool {
        self.holds(reach, callable)
            || !self.is_run(callable)
                && self
                    .numbers
                    .get(&callable)
                    .and_then(|any| self.instances.get(any))
                    .is_some_and(|instances| instances.iter().any(|one| reach.by.contains_key(one)))
    }
}
