//! `duplicate-route`: the same method and path registered more than once in one server.

use super::{Facts, Rule, judgement::Judgements, route_finding};
use crate::{
    evaluate::effect::Registration,
    finding::{Finding, Label, Severity, Where},
    frameworks,
    routes::Route,
};

/// The rule.
pub const RULE: Rule = Rule {
    id: "duplicate-route",
    level: Severity::Warn,
    summary: "the same method and path registered more than once in one server",
    page: include_str!("../../rules/duplicate-route.md"),
    find: findings,
};

fn findings(facts: &Facts<'_>, judgements: &Judgements) -> Vec<Finding> {
    let mut all = Vec::new();
    // Catch-alls replace each other by design: the last fallback of a prefix wins.
    let resolved = facts.table.routes.iter().zip(&judgements.routes);
    let plain = |route: &Route| {
        route.is_resolved() && !route.catch_all && !frameworks::tells_apart(route.framework)
    };
    for (route, judgement) in resolved.filter(|(route, _)| plain(route)) {
        for (at, later) in route.registrations.iter().enumerate() {
            let earlier = route.registrations.iter().take(at);
            let Some(first) = earlier.clone().find(|first| are_both(first, later)) else {
                continue;
            };
            let message = format!("{} is registered more than once", route.title());
            let mut finding = route_finding(&RULE, route, later, message);
            finding.label = "registered again here".into();
            finding.operation.clone_from(&judgement.operation);
            let label =
                Label { at: Where::Source(first.at), message: "first registered here".to_owned() };
            finding.related.insert(0, label);
            finding.help = "remove one of the two".into();
            all.push(finding);
        }
    }
    all
}

/// Whether both are there at once. What one call registers under some condition may be one of several ways in which it
/// comes about: another round of a loop, another handler under `cfg`.
fn are_both(first: &Registration, later: &Registration) -> bool {
    let under_none =
        || first.guards.iter().next().is_none() && later.guards.iter().next().is_none();
    !first.guards.excludes(&later.guards) && (first.at != later.at || under_none())
}
