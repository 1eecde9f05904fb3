//! What answers in place of errors, as far as it is a route.

use crate::{calls::CallGraph, evaluate::effect::Registration, writes::WriteTable};

/// Leaves out what answers in place of an error and reaches no write.
///
/// Every service has some, for every method; to a contract they are nothing as long as they only say what is wrong.
pub(super) fn leave_out(
    registrations: &mut Vec<Registration>,
    graph: &CallGraph,
    writes: &WriteTable,
) {
    if !registrations.iter().any(|one| one.catches) {
        return;
    }
    let runs = writes.writes.iter().flat_map(|write| &write.runs);
    let writing = graph.leading(runs.map(|run| run.by));
    registrations.retain(|one| {
        !one.catches || one.runs.is_some_and(|callable| graph.leads(callable, &writing))
    });
}
