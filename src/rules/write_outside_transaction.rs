//! `write-outside-transaction`: inside the writer, but on something else than the transaction that it handed over.

use super::{Facts, Rule, finding, judgement::Judgements, write_judgement::is_writer};
use crate::{
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
    for (write, judgement) in facts.writes.writes.iter().zip(&judgements.writes.writes) {
        for standing in judgement.standings.iter().filter(|one| one.outside.is_none()) {
            let Some(class) = facts.contract.class(standing.class) else { continue };
            let elsewhere = write.runs.iter().find_map(|run| elsewhere(facts, class, run));
            let Some((on, opened)) = elsewhere else { continue };
            let table = write.table.as_ref().map(ToString::to_string);
            let message = format!(
                "{} {} `{}` runs on {on}, not in the transaction of its writer",
                write.operation.word(),
                write.operation.preposition(),
                table.clone().unwrap_or_default(),
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

/// On what a write runs, if that is not what a writer of the class opened, itself or in what it calls.
fn elsewhere(facts: &Facts<'_>, class: &Class, run: &Run) -> Option<(&'static str, Option<Place>)> {
    match run.on {
        RunsOn::Pool => Some(("a pool", None)),
        RunsOn::Opened(at) => {
            let opener = facts.names.function_at(at).map(Callable::Fn);
            let writers = facts.writers.iter().filter(|(_, named)| is_writer(facts, class, named));
            let by_writer = writers.into_iter().any(|(writer, _)| match (writer, opener) {
                (Target::Item(writer), Some(opener)) => {
                    let reach = facts.graph.from(Callable::Fn(*writer));
                    facts.graph.holds(&reach, opener)
                }
                _ => false,
            });
            (!by_writer).then_some(("a connection of its own", Some(at)))
        }
        RunsOn::Other => None,
    }
}
