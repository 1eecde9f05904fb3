//! `write-outside-transaction`: inside the writer, but on something else than the transaction that it handed over.

use std::collections::BTreeMap;

use super::{Facts, Rule, finding, judgement::Judgements, write_judgement::is_writer};
use crate::{
    calls::Reach,
    contract::Class,
    evaluate::effect::{Callable, RunsOn},
    finding::{Finding, Label, Severity, Where},
    link::Target,
    source::Place,
    writes::Run,
};

/// The rule.
pub const RULE: Rule = Rule {
    id: "write-outside-transaction",
    level: Severity::Deny,
    summary: "inside a writer: a write that uses the pool instead of the writer's transaction",
    page: include_str!("../../rules/write-outside-transaction.md"),
    find: findings,
};

fn findings(facts: &Facts<'_>, judgements: &Judgements) -> Vec<Finding> {
    let mut all = Vec::new();
    let mut writers = BTreeMap::new();
    for (write, judgement) in facts.writes.writes.iter().zip(&judgements.writes.writes) {
        for standing in judgement.standings.iter().filter(|one| one.outside.is_none()) {
            let Some(class) = facts.contract.class(standing.class) else { continue };
            let reached = writers.entry(standing.class).or_insert_with(|| reached(facts, class));
            let elsewhere = elsewhere(facts, &write.runs, reached);
            let Some((on, opened)) = elsewhere else { continue };
            let table = write.table.as_ref().map(ToString::to_string);
            let message = format!(
                "{} {} `{}` runs on {on}, not in the transaction of its writer{}",
                write.operation.word(),
                write.operation.preposition(),
                table.clone().unwrap_or_default(),
                write.said_through(),
            );
            let mut finding = finding(&RULE, Where::Source(write.at), message);
            finding.class = Some(class.name.clone());
            finding.table = table;
            finding.function.clone_from(&judgement.function);
            finding.label = "written here".into();
            finding.related = opened
                .map(|at| Label { at: Where::Source(at), message: "opened here".to_owned() })
                .into_iter()
                .collect();
            finding.help = "run it on the transaction that the writer hands over".into();
            all.push(finding);
        }
    }
    all
}

/// What each writer of a class reaches.
fn reached(facts: &Facts<'_>, class: &Class) -> Vec<Reach> {
    let writers = facts.writers.iter().filter(|(_, named)| is_writer(facts, class, named));
    let writers = writers.filter_map(|(writer, _)| match writer {
        Target::Item(writer) => Some(facts.graph.from(Callable::function(*writer))),
        Target::External(_) => None,
    });
    writers.collect()
}

/// On what a write runs, if that is not what a writer of the class opened, itself or in what it calls.
///
/// - `reached`: what the writers of the class reach.
fn elsewhere(
    facts: &Facts<'_>,
    runs: &[Run],
    reached: &[Reach],
) -> Option<(&'static str, Option<Place>)> {
    runs.iter().filter(|run| facts.graph.is_run(run.by)).find_map(|run| match run.on {
        RunsOn::Pool => Some(("a pool", None)),
        RunsOn::Opened(at) => {
            let opener = facts.names.function_at(at).map(Callable::function);
            let by_writer = opener
                .is_some_and(|opener| reached.iter().any(|reach| facts.graph.holds(reach, opener)));
            (!by_writer).then_some(("a connection of its own", Some(at)))
        }
        RunsOn::Other => None,
    })
}
