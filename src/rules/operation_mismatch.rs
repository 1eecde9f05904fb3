//! `operation-mismatch`: a gate call's method or path differs from its operation's declared route.

use super::{Facts, Rule, judgement::Judgements, route_finding, unknown_operation::for_each_named};
use crate::finding::{Finding, Label, Severity, Where};

/// The rule.
pub const RULE: Rule = Rule {
    id: "operation-mismatch",
    level: Severity::Deny,
    summary: "a gate call's method or path differs from its operation's declared route",
    page: include_str!("../../rules/operation-mismatch.md"),
    find: findings,
};

fn findings(facts: &Facts<'_>, _: &Judgements) -> Vec<Finding> {
    let mut all = Vec::new();
    for_each_named(facts, |route, registration, named, classes| {
        let (Some(method), Some(path)) = (route.method, &route.path) else { return };
        let declared =
            classes.iter().filter_map(|class| Some((class, class.operation_named(&named.name)?)));
        let declared: Vec<_> = declared.collect();
        // An unreadable route is `unresolved-route`'s affair: it cannot be compared.
        if !route.is_resolved()
            || declared.iter().any(|(_, operation)| operation.route.is_route(method, path))
        {
            return;
        }
        let Some((class, wanted)) = declared.first() else { return };
        let message = format!(
            "operation `{}` is declared as {} but registered as {}",
            named.name,
            wanted.route.text(),
            route.title()
        );
        let mut finding = route_finding(&RULE, route, registration, message);
        finding.class = Some(class.name.clone());
        finding.operation = Some(named.name.clone());
        finding.related.push(Label {
            at: Where::Contract(wanted.route.span),
            message: "declared here".to_owned(),
        });
        finding.related.extend(
            (named.at != registration.at)
                .then(|| Label { at: Where::Source(named.at), message: "named here".to_owned() }),
        );
        finding.help =
            format!("register it as {}, or correct the operation's route", wanted.route.text());
        all.push(finding);
    });
    all
}
