//! `undeclared-reach`: a route in no class whose handler reaches a write to a protected table.

use super::{
    Facts, Rule,
    judgement::Judgements,
    route_finding, with_article,
    write_judgement::{Reaches, function_of},
};
use crate::finding::{Finding, Label, Severity, Where};

/// The rule.
pub const RULE: Rule = Rule {
    id: "undeclared-reach",
    level: Severity::Deny,
    summary: "a route in no class whose handler reaches a write to a protected table",
    page: include_str!("../../rules/undeclared-reach.md"),
    find: findings,
};

fn findings(facts: &Facts<'_>, judgements: &Judgements) -> Vec<Finding> {
    let reaches = judgements.writes.reaches.iter().filter(|one| one.exempt.is_none());
    reaches.filter_map(|one| found(facts, one)).collect()
}

fn found(facts: &Facts<'_>, reaches: &Reaches) -> Option<Finding> {
    let route = facts.table.routes.get(reaches.route)?;
    let registration = route.registrations.get(reaches.registration)?;
    let class = facts.contract.class(reaches.class)?;
    let write = facts.writes.writes.get(reaches.write)?;
    let table = write.table.as_ref().map(ToString::to_string).unwrap_or_default();
    let sure = reaches.way.iter().all(|step| step.sure);
    let message = format!(
        "{} is in no class but {} `{table}`, which is {} table",
        route.title(),
        if sure { "reaches a write of" } else { "may reach, by the name of a method, a write of" },
        with_article(&class.name),
    );
    let mut finding = route_finding(&RULE, route, registration, message);
    finding.class = Some(class.name.clone());
    finding.function = function_of(facts, reaches.by);
    finding.related.extend(reaches.beside.iter().map(|beside| {
        let runs = function_of(facts, beside.runs).unwrap_or_else(|| "a closure".to_owned());
        Label { at: Where::Source(beside.at), message: format!("runs {runs} with it") }
    }));
    finding.related.extend(reaches.way.iter().map(|step| {
        let to = function_of(facts, step.to).unwrap_or_else(|| "a closure".to_owned());
        let message = if step.sure {
            format!("calls {to} here")
        } else {
            format!("may call {to} here: only its name says so")
        };
        Label { at: Where::Source(step.at), message }
    }));
    let written = format!(
        "{} {} `{table}` here{}",
        write.operation.word(),
        write.operation.preposition(),
        write.said_through(),
    );
    finding.related.push(Label { at: Where::Source(write.at), message: written });
    finding.help =
        format!("add the route to class {}, or let its handler not write `{table}`", class.name);
    Some(finding)
}
