//! `missing-route`: a declared operation that no route registers.

use super::{Facts, Rule, finding, judgement::Judgements};
use crate::{
    contract::{DeclaredRoute, RoutePath},
    finding::{Finding, Label, Severity, Where},
    routes::Route,
};

/// The rule.
pub const RULE: Rule = Rule {
    id: "missing-route",
    level: Severity::Warn,
    summary: "a declared operation that no route registers",
    page: include_str!("../../rules/missing-route.md"),
    find: findings,
};

fn findings(facts: &Facts<'_>, _: &Judgements) -> Vec<Finding> {
    let mut all = Vec::new();
    let declared = facts
        .contract
        .classes
        .iter()
        .flat_map(|class| class.operations.iter().map(move |one| (class, one)));
    for (class, operation) in declared {
        let route = &operation.route;
        if facts.table.routes.iter().any(|own| registers(own, route)) {
            continue;
        }
        let message =
            format!("no route registers operation `{}` ({})", operation.name.value, route.text());
        let mut finding = finding(&RULE, Where::Contract(route.span), message);
        finding.class = Some(class.name.clone());
        finding.method = Some(route.method.clone());
        finding.path = Some(route.path.to_string());
        finding.operation = Some(operation.name.value.clone());
        finding.label = "declared here".into();
        finding.help =
            "register the route, correct its method and path, or drop the operation".into();
        let close = facts.table.routes.iter().filter(|own| is_close(own, &route.path));
        finding.related.extend(close.take(3).filter_map(|route| {
            let at = Where::Source(route.registrations.first()?.at);
            Some(Label { at, message: format!("{} is registered here", route.title()) })
        }));
        all.push(finding);
    }
    all
}

fn registers(own: &Route, declared: &DeclaredRoute) -> bool {
    match (own.method, &own.path) {
        (Some(method), Some(path)) => declared.is_route(method, path),
        _ => false,
    }
}

/// Whether a route has the very path, with another method.
fn is_close(route: &Route, path: &RoutePath) -> bool {
    route.path.as_ref().is_some_and(|own| own.same_route(path))
}
