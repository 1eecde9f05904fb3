//! Writes that something runs.

use std::collections::BTreeSet;

use super::WriteTable;
use crate::{calls::CallGraph, source::Place};

impl WriteTable {
    /// Leaves out what generic code would write with any types, where all that run it say with which: those write there.
    #[must_use]
    pub fn of_instances(mut self, graph: &CallGraph) -> Self {
        let written: BTreeSet<Place> = self
            .writes
            .iter()
            .filter(|write| write.runs.iter().any(|run| graph.is_run(run.by)))
            .map(|write| write.at)
            .collect();
        for write in self.writes.iter_mut().filter(|write| written.contains(&write.at)) {
            write.runs.retain(|run| graph.is_run(run.by));
        }
        self.writes.retain(|write| !write.runs.is_empty());
        self
    }
}
