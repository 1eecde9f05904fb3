//! `unresolved-route`: a registration that may be a mutation and whose method or path cannot be read statically.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{
    Facts, Rule,
    judgement::{Judgements, Status},
    route_finding,
};
use crate::{
    evaluate::effect::{Registration, Unresolved},
    finding::{Finding, Severity},
    routes::Route,
    source::Place,
    word::Word,
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
    let mut said: FxHashMap<Cause<'_>, bool> = causes(facts);
    for (route, judgement) in facts.table.routes.iter().zip(&judgements.routes) {
        let based = route.registrations.iter().any(|one| one.unresolved.is_some());
        if route.is_resolved() && (!based || claimed.contains(&route.server))
            || !route.is_mutation()
            || judgement.status == Status::Exempt
        {
            continue;
        }
        for registration in &route.registrations {
            // Which of several methods it is adds nothing where the path is not known either.
            let several = said.get_mut(&cause(registration));
            let several = several.filter(|_| route.path.is_none());
            let of_any = match several {
                Some(said) if *said => continue,
                Some(said) => {
                    *said = true;
                    true
                }
                None => false,
            };
            let (unread, named) = if of_any {
                ("method and path", "a route".to_owned())
            } else {
                (unread(route), named(route))
            };
            let mut message = format!("the {unread} of {named} cannot be read");
            if let Some(unresolved) = registration.unresolved {
                message = format!("{message}: {unresolved}");
            }
            let mut finding = route_finding(&RULE, route, registration, message);
            finding.operation.clone_from(&judgement.operation);
            finding.help = format!("write the {unread} as a literal or a constant");
            if registration.unresolved == Some(Unresolved::Base) {
                finding.cause = Some(route.server);
                "write the base as a literal or a constant".clone_into(&mut finding.help);
            }
            all.push(finding);
        }
    }
    all
}

/// What a route is registered by: a place, and what answers.
type Cause<'a> = (Place, Option<&'a str>);

fn cause(registration: &Registration) -> Cause<'_> {
    (registration.at, registration.handler_name.as_deref())
}

/// What registers routes of several methods at a path of which nothing is known: none of them was said so far.
fn causes<'a>(facts: &Facts<'a>) -> FxHashMap<Cause<'a>, bool> {
    let mut methods: FxHashMap<Cause<'a>, FxHashSet<Option<Word>>> = FxHashMap::default();
    let routes = facts.table.routes.iter().filter(|route| route.path.is_none());
    for route in routes.filter(|route| route.is_mutation()) {
        for registration in &route.registrations {
            methods.entry(cause(registration)).or_default().insert(route.method);
        }
    }
    let several = methods.into_iter().filter(|(_, methods)| methods.len() > 1);
    several.map(|(cause, _)| (cause, false)).collect()
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
