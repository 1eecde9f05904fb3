//! `unresolved-route`: a registration that may be a mutation and whose method or path cannot be read statically.

use std::collections::BTreeSet;

use super::{
    Facts, Rule,
    judgement::{Judgements, Status},
    route_finding,
};
use crate::{
    evaluate::effect::Unresolved,
    finding::{Finding, Severity},
    routes::Route,
};

/// The rule.
pub const RULE: Rule = Rule {
    id: "unresolved-route",
    level: Severity::Deny,
    summary: "a registration whose method or path cannot be read statically (`scan.unresolved`)",
    page: include_str!("../../rules/unresolved-route.md"),
    find: findings,
};

fn findings(facts: &Facts<'_>, judgements: &Judgements) -> Vec<Finding> {
    let mut all = Vec::new();
    // Of a server whose base is not known the contract can only know the rest; that it does shows in what it claims.
    let claimed: BTreeSet<u32> = facts
        .table
        .routes
        .iter()
        .zip(&judgements.routes)
        .filter(|(_, judgement)| !judgement.standings.is_empty())
        .map(|(route, _)| route.server)
        .collect();
    for (route, judgement) in facts.table.routes.iter().zip(&judgements.routes) {
        let based = route.registrations.iter().any(|one| one.unresolved.is_some());
        if route.is_resolved() && (!based || claimed.contains(&route.server))
            || !route.is_mutation()
            || judgement.status == Status::Exempt
        {
            continue;
        }
        for registration in &route.registrations {
            let mut message = format!("the {} of {} cannot be read", unread(route), named(route));
            if let Some(unresolved) = registration.unresolved {
                message = format!("{message}: {unresolved}");
            }
            let mut finding = route_finding(&RULE, route, registration, message);
            finding.operation.clone_from(&judgement.operation);
            finding.help = format!("write the {} as a literal or a constant", unread(route));
            if registration.unresolved == Some(Unresolved::Base) {
                finding.cause = Some(route.server);
                "write the base as a literal or a constant".clone_into(&mut finding.help);
            }
            all.push(finding);
        }
    }
    all
}

const fn unread(route: &Route) -> &'static str {
    match (route.method, &route.path) {
        (None, None) => "method and path",
        (None, Some(_)) => "method",
        (Some(_), _) => "path",
    }
}

fn named(route: &Route) -> String {
    match (route.method, &route.path) {
        (None, Some(path)) => path.to_string(),
        (Some(method), None) => format!("a {method} route"),
        (None, None) => "a route".to_owned(),
        (Some(_), Some(_)) => route.title(),
    }
}
