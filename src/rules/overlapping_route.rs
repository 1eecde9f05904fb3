//! `overlapping-route`: a mutation in no class whose parameters or wildcard can match a class's path.

use super::{Facts, Rule, bare_route::gate_help, judgement::Judgements, route_finding};
use crate::{
    contract::Class,
    finding::{Finding, Label, Severity, Where},
    routes::Route,
};

/// The rule.
pub const RULE: Rule = Rule {
    id: "overlapping-route",
    level: Severity::Deny,
    summary: "a mutation in no class whose parameters or wildcard can match a class's path",
    page: include_str!("../../rules/overlapping-route.md"),
    find: findings,
};

fn findings(facts: &Facts<'_>, judgements: &Judgements) -> Vec<Finding> {
    let mut all = Vec::new();
    for (route, judgement) in facts.table.routes.iter().zip(&judgements.routes) {
        // What cannot be read is reported once, as such.
        if judgement.exempt.is_some() || !route.is_resolved() {
            continue;
        }
        let open = judgement.overlaps.iter().filter(|overlap| overlap.exempt.is_none());
        let classes = open.filter_map(|overlap| facts.contract.class(overlap.class));
        for class in classes {
            let Some(registration) = route.registrations.first() else { continue };
            let (example, span) = met(class, route);
            let message =
                format!("{} can answer {example}, which is {}", route.title(), class.name);
            let mut finding = route_finding(&RULE, route, registration, message);
            finding.class = Some(class.name.clone());
            finding
                .related
                .extend(span.map(|at| Label { at, message: format!("{example} is claimed here") }));
            finding.help = format!("narrow its path, or {}", gate_help(class));
            if route.catch_all && !starts_inside(class, route) {
                finding.severity = Severity::Warn;
            }
            all.push(finding);
        }
    }
    all
}

/// The first path of `class` that `route` can answer, and where the contract claims it.
fn met(class: &Class, route: &Route) -> (String, Option<Where>) {
    let Some(path) = &route.path else { return (String::new(), None) };
    if let Some(pattern) = class.routes.iter().find(|pattern| pattern.overlaps(path)) {
        return (pattern.text.clone(), Some(Where::Contract(pattern.span)));
    }
    let operation = class.operations.iter().find(|operation| path.answers(&operation.route.path));
    operation
        .map(|one| (one.route.text(), Some(Where::Contract(one.route.span))))
        .unwrap_or_default()
}

/// Whether a catch-all hangs below the fixed part of one of the class's patterns.
fn starts_inside(class: &Class, route: &Route) -> bool {
    let path = route.path.as_ref().map_or("", |path| path.as_str());
    let prefix: Vec<&str> = segments(path.split("{*").next().unwrap_or(path)).collect();
    class.routes.iter().any(|pattern| {
        let fixed: Vec<&str> =
            segments(&pattern.text).take_while(|segment| !segment.contains(['*', '{'])).collect();
        !fixed.is_empty() && prefix.starts_with(&fixed)
    })
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}
