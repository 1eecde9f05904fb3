//! `unclassified-mutation`: a mutation that no class claims and no exemption covers.

use super::{
    Facts, Rule,
    judgement::{Judgements, Status},
    route_finding,
};
use crate::finding::{Finding, Severity};

/// The rule.
pub const RULE: Rule = Rule {
    id: "unclassified-mutation",
    level: Severity::Deny,
    summary: "a mutation that no class claims and no exemption covers (`scan.unclassified`)",
    page: include_str!("../../rules/unclassified-mutation.md"),
    find: findings,
};

fn findings(facts: &Facts<'_>, judgements: &Judgements) -> Vec<Finding> {
    let mut all = Vec::new();
    for (route, judgement) in facts.table.routes.iter().zip(&judgements.routes) {
        // A route that overlaps a class, or cannot be read, is already reported for that.
        let other_cause = !judgement.overlaps.is_empty() || !route.is_resolved();
        if judgement.status != Status::Unclassified || other_cause {
            continue;
        }
        let Some(registration) = route.registrations.first() else { continue };
        let message = format!("{} is in no class", route.title());
        let mut finding = route_finding(&RULE, route, registration, message);
        finding.operation.clone_from(&judgement.operation);
        finding.help = "add its path to a class, or record an [[exempt]] with a reason".into();
        all.push(finding);
    }
    all
}
