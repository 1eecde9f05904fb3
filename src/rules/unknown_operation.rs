//! `unknown-operation`: a gate call names an operation that the contract does not declare.

use super::{
    Facts, Rule,
    judgement::{Judgements, Named, named_operations},
    route_finding,
};
use crate::{
    contract::{Class, nearest},
    evaluate::effect::Registration,
    finding::{Finding, Severity, Where},
    routes::Route,
};

/// The rule.
pub const RULE: Rule = Rule {
    id: "unknown-operation",
    level: Severity::Deny,
    summary: "a gate call names an operation that the contract does not declare",
    page: include_str!("../../rules/unknown-operation.md"),
    find: findings,
};

fn findings(facts: &Facts<'_>, _: &Judgements) -> Vec<Finding> {
    let mut all = Vec::new();
    for_each_named(facts, |route, registration, named, classes| {
        let operations = classes.iter().flat_map(|class| &class.operations);
        let known: Vec<&str> = operations.map(|operation| operation.name.value.as_str()).collect();
        let Some(class) = classes.first().filter(|_| !known.contains(&named.name.as_str())) else {
            return;
        };
        let message = format!(
            "the gate call names operation `{}`, which class {} does not declare",
            named.name, class.name
        );
        let mut finding = route_finding(&RULE, route, registration, message);
        finding.at = Where::Source(named.at);
        finding.label = format!("`{}` is named here", named.name);
        finding.class = Some(class.name.clone());
        finding.operation = Some(named.name.clone());
        finding.help = match nearest(&named.name, &known) {
            Some(near) => format!(
                "name `{near}`, or declare `{}` under [[class.{}.operation]]",
                named.name, class.name
            ),
            None => format!("declare `{}` under [[class.{}.operation]]", named.name, class.name),
        };
        all.push(finding);
    });
    all
}

/// Calls `see` for every operation that a gate call names, with the classes that have this gate and declare operations.
pub(super) fn for_each_named<'f>(
    facts: &Facts<'f>,
    mut see: impl FnMut(&'f Route, &'f Registration, &Named, &[&'f Class]),
) {
    for route in &facts.table.routes {
        for registration in &route.registrations {
            let mut all: Vec<(Named, Vec<&Class>)> = Vec::new();
            for class in facts.contract.classes.iter().filter(|class| declares(class)) {
                for named in named_operations(facts, class, registration) {
                    match all.iter_mut().find(|(known, _)| *known == named) {
                        Some((_, classes)) => classes.push(class),
                        None => all.push((named, vec![class])),
                    }
                }
            }
            for (named, classes) in &all {
                see(route, registration, named, classes);
            }
        }
    }
}

/// Whether the names of operations mean anything in `class`.
const fn declares(class: &Class) -> bool {
    class.registry.is_some() || !class.operations.is_empty()
}
